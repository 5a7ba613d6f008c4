/* SPDX-License-Identifier: Apache-2.0 */
/* Net kernels for AVX-512 (template: nn/nn_dsp_tmpl.h). Tiles of 8 rows by 2 panels of one vector:
 * 16 sums hide the latency of two multiply-add units. */
#include <immintrin.h>

#include "x86/nn_x86.h"

#define SUFFIX avx512
#define VL 16
#define TILE_ROWS 8
#define TILE_PANELS 2
#define DEPTHWISE_PIXELS 8

typedef __m512 vf;

static inline __mmask16 lanes_below(uint32_t n)
{
    return (__mmask16)((1u << n) - 1);
}

#define V_LOAD(p) _mm512_loadu_ps(p)
#define V_STORE(p, v) _mm512_storeu_ps(p, v)
#define V_LOAD_PART(p, n) _mm512_maskz_loadu_ps(lanes_below(n), p)
#define V_STORE_PART(p, v, n) _mm512_mask_storeu_ps(p, lanes_below(n), v)
#define V_SET1(x) _mm512_set1_ps(x)
#define V_ADD(a, b) _mm512_add_ps(a, b)
#define V_MUL(a, b) _mm512_mul_ps(a, b)
#define V_FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define V_MAX(a, b) _mm512_max_ps(a, b)
#define V_MIN(a, b) _mm512_min_ps(a, b)
#define V_DIV(a, b) _mm512_div_ps(a, b)
#define V_SLOPE(v, s) _mm512_mask_mul_ps( \
    v, _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NGT_UQ), v, s)
#define V_ROUND(v) _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define V_EXP2I(v) _mm512_castsi512_ps(_mm512_slli_epi32( \
    _mm512_add_epi32(_mm512_cvtps_epi32(v), _mm512_set1_epi32(127)), 23))

#include "nn/nn_dsp_tmpl.h"

const limner_nn_dsp limner_nn_dsp_avx512 = {
    "avx512", gemm_avx512, depthwise_avx512, logistic_avx512, hard_swish_avx512
};
