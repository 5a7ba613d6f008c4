/* SPDX-License-Identifier: Apache-2.0 */
/* Loops of the renderer for 64-bit ARM (see render/pix_dsp.h). Its other loops the compiler turns
 * into vectors from plain C, for NEON is always there. */
#ifndef LIMNER_ARM_PIX_ARM_H
#define LIMNER_ARM_PIX_ARM_H

#include "render/pix_dsp.h"

void limner_pix_sample_neon(const limner_texture *t, int32_t n, const float *u, const float *v,
                            const float *light, uint8_t *rgba);

#endif
