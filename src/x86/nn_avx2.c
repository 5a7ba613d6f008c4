/* SPDX-License-Identifier: Apache-2.0 */
/* Net kernels for AVX2 with FMA3 (template: nn/nn_dsp_tmpl.h). Tiles of 6 rows by 2 vectors: 12
 * sums, 2 weights and a broadcast fill 15 of 16 registers. */
#include <immintrin.h>

#include "x86/nn_x86.h"

#define SUFFIX avx2
#define VL 8
#define TILE_ROWS 6
#define TILE_PANELS 1
#define DEPTHWISE_PIXELS 4

typedef __m256 vf;

static inline __m256i lanes_below(uint32_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

#define V_LOAD(p) _mm256_loadu_ps(p)
#define V_STORE(p, v) _mm256_storeu_ps(p, v)
#define V_LOAD_PART(p, n) _mm256_maskload_ps(p, lanes_below(n))
#define V_STORE_PART(p, v, n) _mm256_maskstore_ps(p, lanes_below(n), v)
#define V_SET1(x) _mm256_set1_ps(x)
#define V_ADD(a, b) _mm256_add_ps(a, b)
#define V_MUL(a, b) _mm256_mul_ps(a, b)
#define V_FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define V_MAX(a, b) _mm256_max_ps(a, b)
#define V_MIN(a, b) _mm256_min_ps(a, b)
#define V_DIV(a, b) _mm256_div_ps(a, b)
#define V_SLOPE(v, s) _mm256_blendv_ps(_mm256_mul_ps(v, s), v, \
                                       _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_GT_OQ))
#define V_ROUND(v) _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define V_EXP2I(v) _mm256_castsi256_ps(_mm256_slli_epi32( \
    _mm256_add_epi32(_mm256_cvtps_epi32(v), _mm256_set1_epi32(127)), 23))

#include "nn/nn_dsp_tmpl.h"

const limner_nn_dsp limner_nn_dsp_avx2 = {
    "avx2", gemm_avx2, depthwise_avx2, logistic_avx2, hard_swish_avx2
};
