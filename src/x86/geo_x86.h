/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel tables of the frame's geometry for x86 (see render/geo_dsp.h). */
#ifndef LIMNER_X86_GEO_X86_H
#define LIMNER_X86_GEO_X86_H

#include "render/geo_dsp.h"

extern const limner_geo_dsp limner_geo_dsp_avx2, limner_geo_dsp_avx512;

#endif
