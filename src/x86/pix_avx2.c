/* SPDX-License-Identifier: Apache-2.0 */
/* The renderer's loops with AVX2. A bicubic sample takes two rows of four pixels per 256-bit
 * register: pairs of neighbours are multiplied and added (pmaddwd) across, then pairs of rows down,
 * in the same integers as the C twin. A patch
 * tests eight samples at once. */
#include <immintrin.h>
#include <string.h>

#include "x86/pix_x86.h"

static int32_t load32(const void *p)
{
    int32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

/* Two rows' horizontal sums, 6 fractional bits: 4 channels of the first, 4 of the second. */
static __m256i two_rows(const uint8_t *p, ptrdiff_t stride, __m256i w01, __m256i w23)
{
    const __m256i first = _mm256_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1,
                                           0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1);
    const __m256i second = _mm256_setr_epi8(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1,
                                            15, -1, 8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1,
                                            11, -1, 15, -1);
    const __m128i a = _mm_loadu_si128((const __m128i *)p);
    const __m128i b = _mm_loadu_si128((const __m128i *)(p + stride));
    const __m256i ab = _mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1);
    const __m256i left = _mm256_madd_epi16(_mm256_shuffle_epi8(ab, first), w01);
    const __m256i right = _mm256_madd_epi16(_mm256_shuffle_epi8(ab, second), w23);
    const __m256i sum = _mm256_add_epi32(_mm256_add_epi32(left, right), _mm256_set1_epi32(128));

    return _mm256_srai_epi32(sum, 8);
}

static void sample_avx2(const limner_texture *t, int32_t n, const float *u, const float *v,
                        const float *light, uint8_t *rgba)
{
    for (int32_t i = 0; i < n; i++) {
        int32_t phase[2];
        const uint8_t *p = limner_footprint(t, u[i], v[i], phase);
        const int16_t *wx = limner_cubic[phase[0]], *wy = limner_cubic[phase[1]];
        const __m256i w01 = _mm256_set1_epi32(load32(wx)), w23 = _mm256_set1_epi32(load32(wx + 2));
        const int32_t gain = (int32_t)(light[i] * (1 << LIMNER_LIGHT_BITS) + 0.5f);
        const __m128i gains = _mm_setr_epi32(gain, gain, gain, 1 << LIMNER_LIGHT_BITS);
        /* Rows 0 and 2, rows 1 and 3: each lane then holds a pair of neighbours. */
        const __m256i even = two_rows(p, 2 * t->stride, w01, w23);
        const __m256i odd = two_rows(p + t->stride, 2 * t->stride, w01, w23);
        const __m256i pairs = _mm256_blend_epi16(even, _mm256_slli_epi32(odd, 16), 0xaa);
        const __m256i down = _mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_set1_epi32(load32(wy))), _mm_set1_epi32(load32(wy + 2)), 1);
        const __m256i both = _mm256_madd_epi16(pairs, down);
        __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(both),
                                    _mm256_extracti128_si256(both, 1));
        int32_t out;

        sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 13)), 14);
        sum = _mm_mullo_epi32(sum, gains);
        sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 17)), 18);
        sum = _mm_packus_epi16(_mm_packs_epi32(sum, sum), sum);
        out = _mm_cvtsi128_si32(sum);
        memcpy(rgba + 4 * i, &out, 4);
    }
}

static void patch_avx2(const limner_patch *p)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i number = _mm256_set1_epi32(p->number);
    const __m256 zx = _mm256_set1_ps(p->zx);
    __m256i start[3], right[3], down[3];

    for (int k = 0; k < 3; k++) {
        const __m256i one = _mm256_set1_epi32(p->right[k]);

        start[k] = _mm256_add_epi32(_mm256_set1_epi32(p->edge[k]), _mm256_mullo_epi32(one, lane));
        right[k] = _mm256_slli_epi32(one, 3);
        down[k] = _mm256_set1_epi32(p->down[k]);
    }
    for (int32_t j = 0; j < p->n_rows; j++) {
        const __m256 row = _mm256_set1_ps(p->depth + p->zy * (float)(p->y + j));
        float *z = p->z + j * p->stride;
        int32_t *id = p->id + j * p->stride;
        __m256i edge[3] = {start[0], start[1], start[2]};

        for (int32_t i = 0; i < p->n; i += 8) {
            const __m256i x = _mm256_add_epi32(_mm256_set1_epi32(p->x + i), lane);
            const __m256i out = _mm256_or_si256(_mm256_or_si256(edge[0], edge[1]), edge[2]);
            const __m256i valid = _mm256_cmpgt_epi32(_mm256_set1_epi32(p->n - i), lane);
            const __m256i in = _mm256_andnot_si256(_mm256_srai_epi32(out, 31), valid);

            if (!_mm256_testz_si256(in, in)) {
                const __m256 depth = _mm256_add_ps(row, _mm256_mul_ps(zx, _mm256_cvtepi32_ps(x)));
                const __m256 nearer = _mm256_cmp_ps(depth, _mm256_loadu_ps(z + i), _CMP_GT_OQ);
                const __m256i draw = _mm256_and_si256(in, _mm256_castps_si256(nearer));

                _mm256_maskstore_ps(z + i, draw, depth);
                _mm256_maskstore_epi32(id + i, draw, number);
            }
            for (int k = 0; k < 3; k++)
                edge[k] = _mm256_add_epi32(edge[k], right[k]);
        }
        for (int k = 0; k < 3; k++)
            start[k] = _mm256_add_epi32(start[k], down[k]);
    }
}

const limner_pix_dsp limner_pix_dsp_avx2 = {.name = "avx2", .sample = sample_avx2,
                                            .patch = patch_avx2};
