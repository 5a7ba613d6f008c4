/* SPDX-License-Identifier: Apache-2.0 */
/* What the loops over a pair of triangles (pix_dsp.h) start from, with AVX2: the samples both may
 * cover and eight edge values of each. */
#ifndef LIMNER_X86_PIX_PAIR_H
#define LIMNER_X86_PIX_PAIR_H

#include <immintrin.h>
#include <stdbool.h>

#include "render/raster_box.h"

/* Eight samples beside each other; >= 0 is inside. */
typedef struct limner_pair_edges {
    __m256i at[3], across[3], down[3];  /* across: to the next sample */
} limner_pair_edges;

static inline __m256i limner_pair_lane(__m128i v, int k)
{
    return _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(v), _mm256_set1_epi32(k));
}

/* The edges of t from sample (x, y) on; half: of four samples a pixel. */
static inline void limner_pair_start(limner_pair_edges *e, const limner_tri *t, int32_t x,
                                     int32_t y, int half)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m128i shift = _mm_cvtsi32_si128(half);
    /* What follows three values in the triangle is loaded with them and left alone. */
    const __m128i across = _mm_sra_epi32(_mm_loadu_si128((const __m128i *)t->across), shift);
    const __m128i down = _mm_sra_epi32(_mm_loadu_si128((const __m128i *)t->down), shift);
    const __m128i steps = _mm_add_epi32(_mm_mullo_epi32(across, _mm_set1_epi32(x)),
                                        _mm_mullo_epi32(down, _mm_set1_epi32(y)));
    const __m128i at = _mm_add_epi32(
        _mm_add_epi32(_mm_loadu_si128((const __m128i *)t->edge), steps),
        _mm_srai_epi32(_mm_add_epi32(across, down), 1));

    for (int k = 0; k < 3; k++) {
        e->across[k] = limner_pair_lane(across, k);
        e->down[k] = limner_pair_lane(down, k);
        e->at[k] = _mm256_add_epi32(limner_pair_lane(at, k),
                                    _mm256_mullo_epi32(e->across[k], lane));
    }
}

/* To the next eight columns. */
static inline void limner_pair_advance(limner_pair_edges *e)
{
    for (int k = 0; k < 3; k++)
        e->at[k] = _mm256_add_epi32(e->at[k], _mm256_slli_epi32(e->across[k], 3));
}

#endif
