/* SPDX-License-Identifier: Apache-2.0 */
/* Places in the textures with AVX2, for AVX-512 too. They are looked up run by run of a triangle,
 * each written whole vectors wide: the next run writes over what is too much. Where sheets join at
 * a soft border eight places are mixed at once, in the order of the C twin. */
#include <immintrin.h>
#include <math.h>
#include <stdbool.h>

#include "x86/pix_x86.h"

/* Bit i of the result: a run of one triangle begins at id[i], i < n <= 64; one does at id[0]. */
static uint64_t find_runs(const int32_t *id, int32_t n)
{
    const __m256i shift = _mm256_setr_epi32(0, 0, 1, 2, 3, 4, 5, 6);
    uint64_t begins = 0;

    for (int32_t i = 0; i < n; i += 8) {
        const __m256i now = _mm256_loadu_si256((const __m256i *)(id + i));
        const __m256i before = i ? _mm256_loadu_si256((const __m256i *)(id + i - 1))
                                 : _mm256_permutevar8x32_epi32(now, shift);
        const int same = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(now, before)));

        begins |= (uint64_t)(~same & 0xff) << i;
    }
    return (begins | 1) & (n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX);
}

/* Places of columns from .. up to, all of them in p; up to 7 more are written. */
static void place_run(const limner_plane *p, int32_t from, int32_t to, float x, float y,
                      const limner_places *out)
{
    const __m256 lane = _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7);
    /* y, a, and ax[2], ay lie side by side: the row's beginnings are lanes 1 to 3. */
    const __m128 row = _mm_add_ps(_mm_loadu_ps(&p->y),
                                  _mm_mul_ps(_mm_set1_ps(y - p->y), _mm_loadu_ps(&p->ax[2])));
    const __m256 rows = _mm256_castps128_ps256(row);

    for (int32_t i = from; i < to; i += 8) {
        const __m256 dx = _mm256_sub_ps(_mm256_add_ps(_mm256_set1_ps(x + (float)i), lane),
                                        _mm256_set1_ps(p->x));
        const __m256 u = _mm256_mul_ps(dx, _mm256_set1_ps(p->ax[0]));
        const __m256 v = _mm256_mul_ps(dx, _mm256_set1_ps(p->ax[1]));
        const __m256 light = _mm256_mul_ps(dx, _mm256_set1_ps(p->ax[2]));

        _mm256_storeu_ps(out->u + i, _mm256_add_ps(
            _mm256_permutevar8x32_ps(rows, _mm256_set1_epi32(1)), u));
        _mm256_storeu_ps(out->v + i, _mm256_add_ps(
            _mm256_permutevar8x32_ps(rows, _mm256_set1_epi32(2)), v));
        _mm256_storeu_ps(out->light + i, _mm256_add_ps(
            _mm256_permutevar8x32_ps(rows, _mm256_set1_epi32(3)), light));
    }
}

static void place_nothing(int32_t from, int32_t to, const limner_places *out)
{
    const __m256 nan = _mm256_set1_ps(NAN);

    for (int32_t i = from; i < to; i += 8) {
        _mm256_storeu_ps(out->u + i, nan);
        _mm256_storeu_ps(out->v + i, nan);
        _mm256_storeu_ps(out->light + i, nan);
    }
}

void limner_pix_places_avx2(const limner_plane *plane, const int32_t *id, int32_t n, float x,
                            float y, const limner_places *out)
{
    for (int32_t i = 0; i < n; i += 64) {
        const int32_t part = n - i < 64 ? n - i : 64;
        uint64_t begins = find_runs(id + i, part);

        while (begins) {
            const int32_t from = i + __builtin_ctzll(begins);
            int32_t to = i + part;

            begins &= begins - 1;
            to = begins ? i + __builtin_ctzll(begins) : to;
            if (id[from] < 0)
                place_nothing(from, to, out);
            else
                place_run(plane + (id[from] & LIMNER_INDEX_MASK), from, to, x, y, out);
        }
    }
}

/* Mean of neighbours in a byte map, by their closeness: limner_map_sample's sums. */
static __m256 map_at(const limner_border *b, __m256 u, __m256 v)
{
    const __m256 zero = _mm256_setzero_ps(), half = _mm256_set1_ps(0.5f);
    const __m256i byte = _mm256_set1_epi32(0xff);
    const __m256 x = _mm256_min_ps(_mm256_max_ps(_mm256_sub_ps(u, half), zero),
                                   _mm256_set1_ps((float)(b->w - 1)));
    const __m256 y = _mm256_min_ps(_mm256_max_ps(_mm256_sub_ps(v, half), zero),
                                   _mm256_set1_ps((float)(b->h - 1)));
    const __m256i ix = _mm256_cvttps_epi32(x), iy = _mm256_cvttps_epi32(y);
    const __m256i jy = _mm256_min_epi32(_mm256_add_epi32(iy, _mm256_set1_epi32(1)),
                                        _mm256_set1_epi32(b->h - 1));
    const __m256i w = _mm256_set1_epi32(b->w);
    /* Where x or y is the last, its neighbour counts for nothing. */
    const __m256i top = _mm256_i32gather_epi32(
        (const int *)(const void *)b->feather, _mm256_add_epi32(_mm256_mullo_epi32(iy, w), ix), 1);
    const __m256i low = _mm256_i32gather_epi32(
        (const int *)(const void *)b->feather, _mm256_add_epi32(_mm256_mullo_epi32(jy, w), ix), 1);
    const __m256 fx = _mm256_sub_ps(x, _mm256_cvtepi32_ps(ix));
    const __m256 fy = _mm256_sub_ps(y, _mm256_cvtepi32_ps(iy));
    const __m256 p = _mm256_cvtepi32_ps(_mm256_and_si256(top, byte));
    const __m256 q = _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srli_epi32(top, 8), byte));
    const __m256 r = _mm256_cvtepi32_ps(_mm256_and_si256(low, byte));
    const __m256 s = _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srli_epi32(low, 8), byte));
    const __m256 above = _mm256_add_ps(p, _mm256_mul_ps(fx, _mm256_sub_ps(q, p)));
    const __m256 below = _mm256_add_ps(r, _mm256_mul_ps(fx, _mm256_sub_ps(s, r)));

    return _mm256_add_ps(_mm256_mul_ps(above, _mm256_sub_ps(_mm256_set1_ps(1), fy)),
                         _mm256_mul_ps(below, fy));
}

/* at[i] = under[i] + f (at[i] - under[i]) where `is`. */
static void mix_places(float *at, const float *under, __m256 f, __m256i is)
{
    const __m256 own = _mm256_loadu_ps(at), other = _mm256_loadu_ps(under);

    _mm256_maskstore_ps(at, is, _mm256_add_ps(other, _mm256_mul_ps(f, _mm256_sub_ps(own, other))));
}

static __m256 size_of(__m256 v)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v);
}

/* mark[k] = the lowest byte of lane k, where `is`. */
static void write_marks(uint8_t *mark, int is, __m256i value)
{
    int32_t lane[8];

    _mm256_storeu_si256((__m256i *)lane, value);
    for (; is; is &= is - 1)
        mark[__builtin_ctz((unsigned)is)] = (uint8_t)lane[__builtin_ctz((unsigned)is)];
}

void limner_pix_join_avx2(const limner_border *b, const int32_t *core, const limner_places *under,
                          int32_t n, const limner_places *row, uint8_t *mark)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256 apart = _mm256_set1_ps(b->apart_px), one = _mm256_set1_ps(1);

    for (int32_t i = 0; i < n; i += 8) {
        const __m256i kind = _mm256_srai_epi32(_mm256_loadu_si256((const __m256i *)(core + i)),
                                               LIMNER_KIND_SHIFT);
        const __m256i is = _mm256_and_si256(
            _mm256_cmpeq_epi32(kind, _mm256_set1_epi32(b->kind)),
            _mm256_cmpgt_epi32(_mm256_set1_epi32(n - i), lane));
        const __m256 u = _mm256_loadu_ps(row->u + i), v = _mm256_loadu_ps(row->v + i);
        const __m256 is_far = _mm256_cmp_ps(v, _mm256_set1_ps((float)b->far_from), _CMP_GT_OQ);
        const __m256 share = _mm256_blendv_ps(one, _mm256_set1_ps(b->far_opacity), is_far);
        const __m256 f = _mm256_mul_ps(_mm256_mul_ps(share, map_at(b, u, v)),
                                       _mm256_set1_ps(1.0f / 255));
        const __m256 du = _mm256_sub_ps(u, _mm256_loadu_ps(under->u + i));
        const __m256 dv = _mm256_sub_ps(v, _mm256_loadu_ps(under->v + i));
        const __m256 is_near = _mm256_and_ps(_mm256_cmp_ps(size_of(du), apart, _CMP_LT_OQ),
                                             _mm256_cmp_ps(size_of(dv), apart, _CMP_LT_OQ));
        const __m256i is_part = _mm256_andnot_si256(
            _mm256_castps_si256(_mm256_cmp_ps(f, one, _CMP_GE_OQ)), is);
        const __m256i is_mixed = _mm256_and_si256(is_part, _mm256_castps_si256(is_near));
        const __m256i more = _mm256_blendv_epi8(_mm256_set1_epi32(LIMNER_MARK_EDGE),
                                                _mm256_set1_epi32(LIMNER_MARK_OTHER),
                                                _mm256_castps_si256(is_far));

        write_marks(mark + i, _mm256_movemask_ps(_mm256_castsi256_ps(is)),
                    _mm256_and_si256(more, _mm256_andnot_si256(is_mixed, is_part)));
        mix_places(row->u + i, under->u + i, f, is_mixed);
        mix_places(row->v + i, under->v + i, f, is_mixed);
        mix_places(row->light + i, under->light + i, f, is_mixed);
    }
}
