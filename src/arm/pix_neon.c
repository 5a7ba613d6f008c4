/* SPDX-License-Identifier: Apache-2.0 */
/* Bicubic sampling with NEON: a vector holds the four channels; pixels are multiplied and added
 * across, then rows down, in the same integers as the C twin (rounding shifts add its halves). */
#include <arm_neon.h>

#include "arm/pix_arm.h"

/* Four pixels of a row weighted by wx: 6 fractional bits. */
static int32x4_t weigh_row(const uint8_t *p, int16x4_t wx)
{
    const uint8x16_t px = vld1q_u8(p);
    const int16x8_t left = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(px)));
    const int16x8_t right = vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(px)));
    int32x4_t sum = vmull_lane_s16(vget_low_s16(left), wx, 0);

    sum = vmlal_lane_s16(sum, vget_high_s16(left), wx, 1);
    sum = vmlal_lane_s16(sum, vget_low_s16(right), wx, 2);
    sum = vmlal_lane_s16(sum, vget_high_s16(right), wx, 3);
    return vrshrq_n_s32(sum, 8);
}

void limner_pix_sample_neon(const limner_texture *t, int32_t n, const float *u, const float *v,
                            const float *light, uint8_t *rgba)
{
    const int32x4_t tint = vld1q_s32(t->tint);
    const int32x4_t one = vdupq_n_s32(1 << LIMNER_LIGHT_BITS);

    for (int32_t i = 0; i < n; i++) {
        int32_t phase[2];
        const uint8_t *p = limner_footprint(t, u[i], v[i], phase);
        const int16x4_t wx = vld1_s16(limner_cubic[phase[0]]);
        const int16_t *wy = limner_cubic[phase[1]];
        const int32_t gain = (int32_t)(light[i] * (1 << LIMNER_LIGHT_BITS) + 0.5f);
        int32x4_t sum = vdupq_n_s32(0);
        uint16x4_t words;

        for (int j = 0; j < 4; j++)
            sum = vmlaq_n_s32(sum, weigh_row(p + j * t->stride, wx), wy[j]);
        sum = vrshrq_n_s32(sum, 14);
        sum = vmulq_s32(sum, vaddq_s32(one, vshrq_n_s32(
            vmulq_s32(tint, vdupq_n_s32(gain - (1 << LIMNER_LIGHT_BITS))), 8)));
        words = vqmovun_s32(vrshrq_n_s32(sum, 18));
        vst1_lane_u32((uint32_t *)(void *)(rgba + 4 * (ptrdiff_t)i),
                      vreinterpret_u32_u8(vqmovn_u16(vcombine_u16(words, words))), 0);
    }
}
