/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel table of the nets for 64-bit ARM (see nn/nn_dsp.h). */
#ifndef LIMNER_ARM_NN_ARM_H
#define LIMNER_ARM_NN_ARM_H

#include "nn/nn_dsp.h"

extern const limner_nn_dsp limner_nn_dsp_neon;

#endif
