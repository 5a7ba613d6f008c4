/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel tables of the nets for x86 (see nn/nn_dsp.h). */
#ifndef LIMNER_X86_NN_X86_H
#define LIMNER_X86_NN_X86_H

#include "nn/nn_dsp.h"

extern const limner_nn_dsp limner_nn_dsp_avx2;
extern const limner_nn_dsp limner_nn_dsp_avx512;

#endif
