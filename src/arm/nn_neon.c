/* SPDX-License-Identifier: Apache-2.0 */
/* Net kernels for 64-bit ARM (template: nn/nn_dsp_tmpl.h). Tiles of 6 rows by 4 vectors: 24 sums, 4
 * weights and a broadcast fill 29 of 32 registers. */
#include <arm_neon.h>

#include "arm/nn_arm.h"

#define SUFFIX neon
#define VL 4
#define TILE_ROWS 6
#define TILE_PANELS 1
#define DEPTHWISE_PIXELS 4

typedef float32x4_t vf;

static inline vf load_part(const float *p, uint32_t n)
{
    float v[4] = { 0 };

    for (uint32_t i = 0; i < n; i++)
        v[i] = p[i];
    return vld1q_f32(v);
}

static inline void store_part(float *p, vf v, uint32_t n)
{
    float lane[4];

    vst1q_f32(lane, v);
    for (uint32_t i = 0; i < n; i++)
        p[i] = lane[i];
}

#define V_LOAD(p) vld1q_f32(p)
#define V_STORE(p, v) vst1q_f32(p, v)
#define V_LOAD_PART(p, n) load_part(p, n)
#define V_STORE_PART(p, v, n) store_part(p, v, n)
#define V_SET1(x) vdupq_n_f32(x)
#define V_ADD(a, b) vaddq_f32(a, b)
#define V_MUL(a, b) vmulq_f32(a, b)
#define V_FMA(a, b, c) vfmaq_f32(c, a, b)
#define V_MAX(a, b) vmaxq_f32(a, b)
#define V_MIN(a, b) vminq_f32(a, b)
#define V_DIV(a, b) vdivq_f32(a, b)
#define V_SLOPE(v, s) vbslq_f32(vcgtq_f32(v, vdupq_n_f32(0)), v, vmulq_f32(v, s))
#define V_ROUND(v) vrndnq_f32(v)
#define V_EXP2I(v) vreinterpretq_f32_s32(vshlq_n_s32( \
    vaddq_s32(vcvtnq_s32_f32(v), vdupq_n_s32(127)), 23))

#include "nn/nn_dsp_tmpl.h"

const limner_nn_dsp limner_nn_dsp_neon = {
    "neon", gemm_neon, depthwise_neon, logistic_neon, hard_swish_neon
};
