/* SPDX-License-Identifier: Apache-2.0 */
/* The renderer's loops with AVX-512. A bicubic sample has one row of four pixels in each 128-bit
 * lane: neighbours are multiplied and added (pmaddwd) across, each row by its weight, and four
 * samples' rows are added up together. Same integers as the C twin. */
#include <immintrin.h>
#include <string.h>

#include "render/raster_box.h"
#include "x86/pix_x86.h"

#define SUFFIX avx512
#include "render/pix_rows_tmpl.h"

static int32_t load32(const void *p)
{
    int32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static __mmask16 lanes_below(int32_t n)
{
    return (__mmask16)(n < 16 ? (1u << n) - 1 : 0xffffu);
}

/* ---- sampling -------------------------------------------------------------------------------- */

/* Footprints of sixteen samples: byte offsets in the texture and phases. */
typedef struct footprints {
    int32_t offset[16], px[16], py[16];
} footprints;

/* Fixed point with 8 fractional bits, from a place clamped to 0..size. */
static __m512i place_in(__m512 at, int32_t size)
{
    const __m512 in = _mm512_min_ps(_mm512_max_ps(at, _mm512_setzero_ps()),
                                    _mm512_set1_ps((float)size));
    const __m512 padded = _mm512_add_ps(in, _mm512_set1_ps(LIMNER_TEXTURE_PAD - 0.5f));

    return _mm512_cvttps_epi32(_mm512_add_ps(
        _mm512_mul_ps(padded, _mm512_set1_ps(LIMNER_CUBIC_PHASES)), _mm512_set1_ps(0.5f)));
}

static void find_footprints(footprints *f, const limner_texture *t, __m512 u, __m512 v)
{
    const __m512i x = place_in(u, t->w), y = place_in(v, t->h), one = _mm512_set1_epi32(1);
    const __m512i phase = _mm512_set1_epi32(LIMNER_CUBIC_PHASES - 1);
    const __m512i row = _mm512_mullo_epi32(_mm512_sub_epi32(_mm512_srai_epi32(y, 8), one),
                                           _mm512_set1_epi32((int32_t)t->stride));
    const __m512i column = _mm512_sub_epi32(_mm512_srai_epi32(x, 8), one);

    _mm512_storeu_si512(f->offset, _mm512_add_epi32(row, _mm512_slli_epi32(column, 2)));
    _mm512_storeu_si512(f->px, _mm512_and_si512(x, phase));
    _mm512_storeu_si512(f->py, _mm512_and_si512(y, phase));
}

/* One sample's four rows, each summed across and weighted: 4 channels a lane. */
static __m512i weigh_rows(const uint8_t *p, ptrdiff_t stride, int32_t px, int32_t py)
{
    const __m512i first = _mm512_broadcast_i32x4(
        _mm_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1));
    const __m512i second = _mm512_broadcast_i32x4(
        _mm_setr_epi8(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15, -1));
    const __m512i spread = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    const int16_t *wx = limner_cubic[px];
    const __m128i wy = _mm_cvtepu16_epi32(_mm_loadl_epi64((const __m128i *)limner_cubic[py]));
    __m512i rows = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)p));
    __m512i sum;

    rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(p + stride)), 1);
    rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(p + 2 * stride)), 2);
    rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(p + 3 * stride)), 3);
    sum = _mm512_add_epi32(
        _mm512_madd_epi16(_mm512_shuffle_epi8(rows, first), _mm512_set1_epi32(load32(wx))),
        _mm512_madd_epi16(_mm512_shuffle_epi8(rows, second), _mm512_set1_epi32(load32(wx + 2))));
    sum = _mm512_srai_epi32(_mm512_add_epi32(sum, _mm512_set1_epi32(128)), 8);
    /* The sums fit 16 bits; the weight's upper half is 0. */
    return _mm512_madd_epi16(sum,
                             _mm512_permutexvar_epi32(spread, _mm512_castsi128_si512(wy)));
}

/* Lanes 0 + 1 and 2 + 3 of a, then of b. */
static __m512i add_lanes(__m512i a, __m512i b)
{
    return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xdd));
}

/* Four samples from number k on of sixteen, as bytes. */
static __m128i sample_four(const limner_texture *t, const footprints *f, int k, __m512i gain)
{
    const __m512i spread = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    const __m512i tint = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)t->tint));
    const __m512i one_light = _mm512_set1_epi32(1 << LIMNER_LIGHT_BITS);
    const __m512i change = _mm512_mullo_epi32(
        _mm512_permutexvar_epi32(_mm512_add_epi32(spread, _mm512_set1_epi32(k)),
                                 _mm512_sub_epi32(gain, one_light)), tint);
    const __m512i gains = _mm512_add_epi32(one_light, _mm512_srai_epi32(change, 8));
    __m512i one[4], sum;

    for (int i = 0; i < 4; i++)
        one[i] = weigh_rows(t->bytes + f->offset[k + i], t->stride, f->px[k + i], f->py[k + i]);
    sum = add_lanes(add_lanes(one[0], one[1]), add_lanes(one[2], one[3]));
    sum = _mm512_srai_epi32(_mm512_add_epi32(sum, _mm512_set1_epi32(1 << 13)), 14);
    sum = _mm512_mullo_epi32(sum, gains);
    sum = _mm512_srai_epi32(_mm512_add_epi32(sum, _mm512_set1_epi32(1 << 17)), 18);
    return _mm512_cvtusepi32_epi8(_mm512_max_epi32(sum, _mm512_setzero_si512()));
}

static void sample_avx512(const limner_texture *t, int32_t n, const float *u, const float *v,
                          const float *light, uint8_t *rgba)
{
    for (int32_t i = 0; i < n; i += 16) {
        const __mmask16 in = lanes_below(n - i);
        const __m512i gain = _mm512_cvttps_epi32(_mm512_add_ps(
            _mm512_mul_ps(_mm512_maskz_loadu_ps(in, light + i),
                          _mm512_set1_ps(1 << LIMNER_LIGHT_BITS)), _mm512_set1_ps(0.5f)));
        footprints f;

        find_footprints(&f, t, _mm512_maskz_loadu_ps(in, u + i), _mm512_maskz_loadu_ps(in, v + i));
        for (int32_t k = 0; k < 16 && i + k < n; k += 4)
            _mm_mask_storeu_epi32(rgba + 4 * (i + k), (__mmask8)(lanes_below(n - i - k) & 15),
                                  sample_four(t, &f, k, gain));
    }
}

/* ---- triangles ------------------------------------------------------------------------------- */

static void triangle_avx512(const limner_raster_band *b, const limner_tri *t, int32_t number)
{
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i numbers = _mm512_set1_epi32(number);
    __m512i start[3], across[3], down[3];
    limner_raster_box p;
    __m512 origin, zy;

    if (!limner_raster_box_make(&p, b, t))
        return;
    origin = _mm512_set1_ps(p.depth);
    zy = _mm512_set1_ps(p.zy);
    for (int k = 0; k < 3; k++) {
        const __m512i one = _mm512_set1_epi32(p.across[k]);

        start[k] = _mm512_add_epi32(_mm512_set1_epi32(p.edge[k]), _mm512_mullo_epi32(one, lane));
        across[k] = _mm512_slli_epi32(one, 4);
        down[k] = _mm512_set1_epi32(p.down[k]);
    }
    for (int32_t i = 0; i < p.n; i += 16) {
        const __mmask16 valid = lanes_below(p.n - i);
        const __m512 x = _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_set1_epi32(p.x + i), lane));
        const __m512 beside = _mm512_mul_ps(_mm512_set1_ps(p.zx), x);
        __m512i edge[3] = {start[0], start[1], start[2]};
        float *z = p.z + i;
        int32_t *id = p.id + i;

        __m512 y = _mm512_set1_ps((float)p.y);

        for (int32_t j = 0; j < p.n_rows; j++, z += b->n_columns, id += b->n_columns) {
            const __m512i out = _mm512_or_si512(_mm512_or_si512(edge[0], edge[1]), edge[2]);
            const __m512 row = _mm512_add_ps(origin, _mm512_mul_ps(zy, y));
            const __m512 depth = _mm512_add_ps(row, beside);
            const __mmask16 nearer = _mm512_mask_cmp_ps_mask(valid, depth, _mm512_loadu_ps(z),
                                                             _CMP_GT_OQ);
            const __mmask16 draw = _mm512_mask_cmpge_epi32_mask(nearer, out,
                                                                _mm512_setzero_si512());

            _mm512_mask_storeu_ps(z, draw, depth);
            _mm512_mask_storeu_epi32(id, draw, numbers);
            y = _mm512_add_ps(y, _mm512_set1_ps(1));
            for (int k = 0; k < 3; k++)
                edge[k] = _mm512_add_epi32(edge[k], down[k]);
        }
        for (int k = 0; k < 3; k++)
            start[k] = _mm512_add_epi32(start[k], across[k]);
    }
}

/* A pair of triangles: its samples and what tells which of them are in which. */
typedef struct pair {
    limner_raster_part part;
    limner_raster_depth depth[2];
    __m128i at[2], across[2], down[2];  /* three edges each, at the first sample */
    int32_t n_columns;                  /* of the band */
} pair;

static void edges_of(pair *p, int k, const limner_tri *t, int half)
{
    const __m128i shift = _mm_cvtsi32_si128(half);
    /* What follows three values in the triangle is loaded with them and left alone. */
    const __m128i across = _mm_sra_epi32(_mm_loadu_si128((const __m128i *)t->across), shift);
    const __m128i down = _mm_sra_epi32(_mm_loadu_si128((const __m128i *)t->down), shift);
    const __m128i steps = _mm_add_epi32(_mm_mullo_epi32(across, _mm_set1_epi32(p->part.x)),
                                        _mm_mullo_epi32(down, _mm_set1_epi32(p->part.y)));

    p->at[k] = _mm_add_epi32(_mm_add_epi32(_mm_loadu_si128((const __m128i *)t->edge), steps),
                             _mm_srai_epi32(_mm_add_epi32(across, down), 1));
    p->across[k] = across;
    p->down[k] = down;
}

/* Up to eight columns. */
static void pair_narrow(const pair *p, const int32_t number[2])
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i numbers[2] = {_mm256_set1_epi32(number[0]), _mm256_set1_epi32(number[1])};
    const __mmask8 valid = (__mmask8)lanes_below(p->part.n);
    const __m256 x = _mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_set1_epi32(p->part.x), lane));
    const limner_raster_depth *d = p->depth;
    const __m256 beside[2] = {_mm256_mul_ps(_mm256_set1_ps(d[0].zx), x),
                              _mm256_mul_ps(_mm256_set1_ps(d[1].zx), x)};
    __m256i at[2][3], down[2][3];
    float *z = p->part.z, y = (float)p->part.y;
    int32_t *id = p->part.id;

    for (int t = 0; t < 2; t++) {
        for (int k = 0; k < 3; k++) {
            const __m256i one = _mm256_set1_epi32(k);
            const __m256i across =
                _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(p->across[t]), one);

            at[t][k] = _mm256_add_epi32(
                _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(p->at[t]), one),
                _mm256_mullo_epi32(across, lane));
            down[t][k] = _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(p->down[t]), one);
        }
    }
    for (int32_t j = 0; j < p->part.n_rows; j++, z += p->n_columns, id += p->n_columns, y++) {
        const __mmask8 out[2] = {
            _mm256_movepi32_mask(_mm256_ternarylogic_epi32(at[0][0], at[0][1], at[0][2], 0xfe)),
            _mm256_movepi32_mask(_mm256_ternarylogic_epi32(at[1][0], at[1][1], at[1][2], 0xfe))};
        const __m256 depth = _mm256_mask_add_ps(
            _mm256_add_ps(_mm256_set1_ps(d[1].z + d[1].zy * y), beside[1]), out[1],
            _mm256_set1_ps(d[0].z + d[0].zy * y), beside[0]);
        const __mmask8 draw = _mm256_mask_cmp_ps_mask(valid & (__mmask8)~(out[0] & out[1]), depth,
                                                      _mm256_loadu_ps(z), _CMP_GT_OQ);

        _mm256_mask_storeu_ps(z, draw, depth);
        _mm256_mask_storeu_epi32(id, draw,
                                 _mm256_mask_mov_epi32(numbers[1], out[1], numbers[0]));
        for (int k = 0; k < 3; k++) {
            at[0][k] = _mm256_add_epi32(at[0][k], down[0][k]);
            at[1][k] = _mm256_add_epi32(at[1][k], down[1][k]);
        }
    }
}

/* Columns from i on, up to sixteen. */
static void pair_wide(const pair *p, const int32_t number[2], int32_t i)
{
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i numbers[2] = {_mm512_set1_epi32(number[0]), _mm512_set1_epi32(number[1])};
    const __m512i column = _mm512_add_epi32(_mm512_set1_epi32(i), lane);
    const __mmask16 valid = lanes_below(p->part.n - i);
    const __m512 x = _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_set1_epi32(p->part.x), column));
    const limner_raster_depth *d = p->depth;
    const __m512 beside[2] = {_mm512_mul_ps(_mm512_set1_ps(d[0].zx), x),
                              _mm512_mul_ps(_mm512_set1_ps(d[1].zx), x)};
    __m512i at[2][3], down[2][3];
    float *z = p->part.z + i, y = (float)p->part.y;
    int32_t *id = p->part.id + i;

    for (int t = 0; t < 2; t++) {
        for (int k = 0; k < 3; k++) {
            const __m512i one = _mm512_set1_epi32(k);
            const __m512i across =
                _mm512_permutexvar_epi32(one, _mm512_castsi128_si512(p->across[t]));

            at[t][k] = _mm512_add_epi32(
                _mm512_permutexvar_epi32(one, _mm512_castsi128_si512(p->at[t])),
                _mm512_mullo_epi32(across, column));
            down[t][k] = _mm512_permutexvar_epi32(one, _mm512_castsi128_si512(p->down[t]));
        }
    }
    for (int32_t j = 0; j < p->part.n_rows; j++, z += p->n_columns, id += p->n_columns, y++) {
        const __mmask16 out[2] = {
            _mm512_movepi32_mask(_mm512_ternarylogic_epi32(at[0][0], at[0][1], at[0][2], 0xfe)),
            _mm512_movepi32_mask(_mm512_ternarylogic_epi32(at[1][0], at[1][1], at[1][2], 0xfe))};
        const __m512 depth = _mm512_mask_add_ps(
            _mm512_add_ps(_mm512_set1_ps(d[1].z + d[1].zy * y), beside[1]), out[1],
            _mm512_set1_ps(d[0].z + d[0].zy * y), beside[0]);
        const __mmask16 draw = _mm512_mask_cmp_ps_mask(valid & (__mmask16)~(out[0] & out[1]),
                                                       depth, _mm512_loadu_ps(z), _CMP_GT_OQ);

        _mm512_mask_storeu_ps(z, draw, depth);
        _mm512_mask_storeu_epi32(id, draw,
                                 _mm512_mask_mov_epi32(numbers[1], out[1], numbers[0]));
        for (int k = 0; k < 3; k++) {
            at[0][k] = _mm512_add_epi32(at[0][k], down[0][k]);
            at[1][k] = _mm512_add_epi32(at[1][k], down[1][k]);
        }
    }
}

static void pair_avx512(const limner_raster_band *b, const limner_tri t[2],
                        const int32_t number[2])
{
    pair p;

    if (!limner_raster_cut_pair(&p.part, b, t))
        return;
    for (int k = 0; k < 2; k++) {
        edges_of(&p, k, &t[k], b->per_px - 1);
        p.depth[k] = limner_raster_depth_of(b, &t[k]);
    }
    p.n_columns = b->n_columns;
    if (p.part.n <= 8) {
        pair_narrow(&p, number);
        return;
    }
    for (int32_t i = 0; i < p.part.n; i += 16)
        pair_wide(&p, number, i);
}

const limner_pix_dsp limner_pix_dsp_avx512 = {
    .name = "avx512", .sample = sample_avx512,
    .sample_exact = limner_pix_sample_exact_avx2, .set_up = limner_pix_set_up_avx2,
    .triangle = triangle_avx512, .pair = pair_avx512, .places = limner_pix_places_avx2,
    .merge = merge_avx512, .join = limner_pix_join_avx2, .jumps = jumps_avx512,
    .add_marks = add_marks_avx512, .add_seen = add_seen_avx512,
    .compose = limner_pix_compose_avx2, .luma = limner_pix_luma_avx2,
    .chroma = limner_pix_chroma_avx2
};
