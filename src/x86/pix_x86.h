/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel tables of the renderer for x86 (see render/pix_dsp.h). */
#ifndef LIMNER_X86_PIX_X86_H
#define LIMNER_X86_PIX_X86_H

#include "render/pix_dsp.h"

extern const limner_pix_dsp limner_pix_dsp_avx2;

#endif
