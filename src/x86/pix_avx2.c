/* SPDX-License-Identifier: Apache-2.0 */
/* The renderer's loops with AVX2. A bicubic sample takes two rows of four pixels per 256-bit
 * register: pairs of neighbours are multiplied and added (pmaddwd) across, then pairs of rows down,
 * in the same integers as the C twin; where samples begin is found for eight at once. A triangle
 * tests eight samples at once. */
#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "render/raster_box.h"
#include "render/raster_setup.h"
#include "x86/pix_pair.h"
#include "x86/pix_x86.h"

#define SUFFIX avx2
#include "render/pix_rows_tmpl.h"

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

/* Footprints of eight samples: byte offsets in the texture, phases, gains. */
typedef struct footprints {
    int32_t offset[8], px[8], py[8], gain[8];
} footprints;

/* Fixed point with 8 fractional bits, from a place clamped to 0..size. */
static __m256i place_in(__m256 at, int32_t size)
{
    const __m256 in = _mm256_min_ps(_mm256_max_ps(at, _mm256_setzero_ps()),
                                    _mm256_set1_ps((float)size));
    const __m256 padded = _mm256_add_ps(in, _mm256_set1_ps(LIMNER_TEXTURE_PAD - 0.5f));

    return _mm256_cvttps_epi32(_mm256_add_ps(
        _mm256_mul_ps(padded, _mm256_set1_ps(LIMNER_CUBIC_PHASES)), _mm256_set1_ps(0.5f)));
}

static void find_footprints(footprints *f, const limner_texture *t, __m256 u, __m256 v,
                            __m256 light)
{
    const __m256i x = place_in(u, t->w), y = place_in(v, t->h), one = _mm256_set1_epi32(1);
    const __m256i phase = _mm256_set1_epi32(LIMNER_CUBIC_PHASES - 1);
    const __m256i row = _mm256_mullo_epi32(_mm256_sub_epi32(_mm256_srai_epi32(y, 8), one),
                                           _mm256_set1_epi32((int32_t)t->stride));
    const __m256i column = _mm256_sub_epi32(_mm256_srai_epi32(x, 8), one);
    const __m256 scaled = _mm256_add_ps(
        _mm256_mul_ps(light, _mm256_set1_ps(1 << LIMNER_LIGHT_BITS)), _mm256_set1_ps(0.5f));

    _mm256_storeu_si256((__m256i *)f->offset,
                        _mm256_add_epi32(row, _mm256_slli_epi32(column, 2)));
    _mm256_storeu_si256((__m256i *)f->px, _mm256_and_si256(x, phase));
    _mm256_storeu_si256((__m256i *)f->py, _mm256_and_si256(y, phase));
    _mm256_storeu_si256((__m256i *)f->gain, _mm256_cvttps_epi32(scaled));
}

static int32_t sample_one(const uint8_t *p, ptrdiff_t stride, int32_t px, int32_t py, int32_t gain,
                          __m128i tint)
{
    const int16_t *wx = limner_cubic[px], *wy = limner_cubic[py];
    const __m256i w01 = _mm256_set1_epi32(load32(wx)), w23 = _mm256_set1_epi32(load32(wx + 2));
    const __m128i one = _mm_set1_epi32(1 << LIMNER_LIGHT_BITS);
    const __m128i change = _mm_mullo_epi32(_mm_sub_epi32(_mm_set1_epi32(gain), one), tint);
    const __m128i gains = _mm_add_epi32(one, _mm_srai_epi32(change, 8));
    /* Rows 0 and 2, rows 1 and 3: each lane then holds a pair of neighbours. */
    const __m256i even = two_rows(p, 2 * stride, w01, w23);
    const __m256i odd = two_rows(p + stride, 2 * stride, w01, w23);
    const __m256i pairs = _mm256_blend_epi16(even, _mm256_slli_epi32(odd, 16), 0xaa);
    const __m256i down = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_set1_epi32(load32(wy))), _mm_set1_epi32(load32(wy + 2)), 1);
    const __m256i both = _mm256_madd_epi16(pairs, down);
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));

    sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 13)), 14);
    sum = _mm_mullo_epi32(sum, gains);
    sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 17)), 18);
    return _mm_cvtsi128_si32(_mm_packus_epi16(_mm_packs_epi32(sum, sum), sum));
}

/* The first n of v, the rest 0. */
static __m256 load_part(const float *v, int32_t n)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

    return _mm256_maskload_ps(v, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane));
}

static void sample_avx2(const limner_texture *t, int32_t n, const float *u, const float *v,
                        const float *light, uint8_t *rgba)
{
    const __m128i tint = _mm_loadu_si128((const __m128i *)t->tint);

    for (int32_t i = 0; i < n; i += 8) {
        const int32_t part = n - i < 8 ? n - i : 8;
        footprints f;

        find_footprints(&f, t, load_part(u + i, part), load_part(v + i, part),
                        load_part(light + i, part));
        for (int32_t k = 0; k < part; k++) {
            const int32_t px = sample_one(t->bytes + f.offset[k], t->stride, f.px[k], f.py[k],
                                          f.gain[k], tint);

            memcpy(rgba + 4 * (i + k), &px, 4);
        }
    }
}

/* Sums of a row are exact in floats; rows are added in the C twin's order. */
void limner_pix_sample_exact_avx2(const limner_texture *t, float u, float v, float rgba[4])
{
    const __m128i first = _mm_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1);
    const __m128i second = _mm_setr_epi8(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15,
                                         -1);
    int32_t phase[2];
    const uint8_t *p = limner_footprint(t, u, v, phase);
    const int16_t *wx = limner_cubic[phase[0]], *wy = limner_cubic[phase[1]];
    const __m128i w01 = _mm_set1_epi32(load32(wx)), w23 = _mm_set1_epi32(load32(wx + 2));
    __m128 sum = _mm_setzero_ps();

    for (int j = 0; j < 4; j++, p += t->stride) {
        const __m128i px = _mm_loadu_si128((const __m128i *)p);
        const __m128i row = _mm_add_epi32(_mm_madd_epi16(_mm_shuffle_epi8(px, first), w01),
                                          _mm_madd_epi16(_mm_shuffle_epi8(px, second), w23));

        sum = _mm_add_ps(sum, _mm_mul_ps(_mm_set1_ps((float)wy[j]), _mm_cvtepi32_ps(row)));
    }
    _mm_storeu_ps(rgba, _mm_mul_ps(sum, _mm_set1_ps(1.0f / (1 << (2 * LIMNER_CUBIC_BITS)))));
}

/* The three edges, corner by corner in lanes. */
static void place_edges(limner_tri *t, __m128i a, __m128i b, __m128i c)
{
    const __m128i ab = _mm_unpacklo_epi32(a, b), ca = _mm_unpacklo_epi32(c, a);
    const __m128i x = _mm_unpacklo_epi64(ab, ca), y = _mm_unpackhi_epi64(ab, ca);
    const __m128i zero = _mm_setzero_si128();
    const __m128i dx = _mm_sub_epi32(_mm_shuffle_epi32(x, _MM_SHUFFLE(3, 3, 2, 1)), x);
    const __m128i dy = _mm_sub_epi32(_mm_shuffle_epi32(y, _MM_SHUFFLE(3, 3, 2, 1)), y);
    const __m128i is_top_left = _mm_or_si128(
        _mm_cmpgt_epi32(zero, dy),
        _mm_and_si128(_mm_cmpeq_epi32(dy, zero), _mm_cmpgt_epi32(dx, zero)));
    const __m128i at = _mm_sub_epi32(_mm_mullo_epi32(dy, x), _mm_mullo_epi32(dx, y));
    const __m128i edge = _mm_sub_epi32(_mm_sub_epi32(at, _mm_set1_epi32(1)), is_top_left);

    /* A fourth lane goes over the field behind, which is written next. */
    _mm_storeu_si128((__m128i *)t->edge, edge);
    _mm_storeu_si128((__m128i *)t->across, _mm_slli_epi32(_mm_sub_epi32(zero, dy), 6));
    _mm_storeu_si128((__m128i *)t->down, _mm_slli_epi32(dx, 6));
}

/* Box and edges from snapped corners; false: turned away, empty or too large. */
static bool place(limner_tri *t, __m128i a, __m128i b, __m128i c)
{
    enum { EXTENT = LIMNER_RASTER_EXTENT * LIMNER_RASTER_SUB, HALF = LIMNER_RASTER_SUB / 2 };
    const __m128i lo = _mm_min_epi32(a, _mm_min_epi32(b, c));
    const __m128i hi = _mm_max_epi32(a, _mm_max_epi32(b, c));
    const __m128i is_large = _mm_cmpgt_epi32(_mm_sub_epi32(hi, lo), _mm_set1_epi32(EXTENT - 1));
    const __m128i ac = _mm_shuffle_epi32(_mm_sub_epi32(c, a), _MM_SHUFFLE(2, 3, 0, 1));
    const __m128i cross = _mm_mullo_epi32(_mm_sub_epi32(b, a), ac);
    const int32_t area = _mm_cvtsi128_si32(
        _mm_sub_epi32(cross, _mm_shuffle_epi32(cross, _MM_SHUFFLE(1, 1, 1, 1))));
    const __m128i first = _mm_srai_epi32(_mm_sub_epi32(lo, _mm_set1_epi32(HALF + 1)), 6);
    const __m128i last = _mm_srai_epi32(_mm_sub_epi32(hi, _mm_set1_epi32(HALF)), 6);
    const __m128i box = _mm_unpacklo_epi32(_mm_add_epi32(first, _mm_set1_epi32(1)), last);

    if ((_mm_movemask_epi8(is_large) & 0xff) || area <= 0)
        return false;
    _mm_storel_epi64((__m128i *)&t->left, _mm_packs_epi32(box, box));
    place_edges(t, a, b, c);
    return true;
}

static float larger(float a, float b)
{
    return a > b ? a : b;
}

bool limner_pix_set_up_avx2(limner_tri *t, limner_plane *p, const limner_vertex *a,
                            const limner_vertex *b, const limner_vertex *c)
{
    const float ax = b->x - a->x, ay = b->y - a->y, bx = c->x - a->x, by = c->y - a->y;
    const float area = ax * by - ay * bx;
    const float longest = larger(larger(fabsf(ax), fabsf(ay)), larger(fabsf(bx), fabsf(by)));
    const bool is_sliver = !(fabsf(area) > LIMNER_SLIVER_PX * longest);
    const __m128 inv = _mm_set1_ps(is_sliver ? 0 : 1 / area);
    const __m128 own = _mm_loadu_ps(a->value);
    const __m128 v = _mm_sub_ps(_mm_loadu_ps(b->value), own);
    const __m128 w = _mm_sub_ps(_mm_loadu_ps(c->value), own);
    const __m128 right = _mm_mul_ps(
        _mm_sub_ps(_mm_mul_ps(v, _mm_set1_ps(by)), _mm_mul_ps(w, _mm_set1_ps(ay))), inv);
    const __m128 down = _mm_mul_ps(
        _mm_sub_ps(_mm_mul_ps(w, _mm_set1_ps(ax)), _mm_mul_ps(v, _mm_set1_ps(bx))), inv);
    __m128 at = own;

    if (!place(t, _mm_loadl_epi64((const __m128i *)a->at), _mm_loadl_epi64((const __m128i *)b->at),
               _mm_loadl_epi64((const __m128i *)c->at)))
        return false;
    if (is_sliver)
        at = _mm_add_ps(own, _mm_div_ps(_mm_add_ps(v, w), _mm_set1_ps(3)));
    p->x = a->x;
    p->y = a->y;
    _mm_storeu_ps(p->a, at);            /* and over ax, ... */
    _mm_storeu_ps(p->ax, right);        /* and ay, which are written next */
    _mm_storel_pi((__m64 *)p->ay, down);
    p->ay[2] = _mm_cvtss_f32(_mm_shuffle_ps(down, down, 2));
    t->zx = _mm_cvtss_f32(_mm_shuffle_ps(right, right, 3));
    t->zy = _mm_cvtss_f32(_mm_shuffle_ps(down, down, 3));
    t->z = _mm_cvtss_f32(_mm_shuffle_ps(at, at, 3)) - t->zx * a->x - t->zy * a->y;
    return true;
}

static void triangle_avx2(const limner_raster_band *b, const limner_tri *t, int32_t number)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i numbers = _mm256_set1_epi32(number);
    __m256i start[3], across[3], down[3];
    limner_raster_box p;

    if (!limner_raster_box_make(&p, b, t))
        return;
    for (int k = 0; k < 3; k++) {
        const __m256i one = _mm256_set1_epi32(p.across[k]);

        start[k] = _mm256_add_epi32(_mm256_set1_epi32(p.edge[k]), _mm256_mullo_epi32(one, lane));
        across[k] = _mm256_slli_epi32(one, 3);
        down[k] = _mm256_set1_epi32(p.down[k]);
    }
    for (int32_t i = 0; i < p.n; i += 8) {
        const __m256i valid = _mm256_cmpgt_epi32(_mm256_set1_epi32(p.n - i), lane);
        const __m256 x = _mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_set1_epi32(p.x + i), lane));
        const __m256 beside = _mm256_mul_ps(_mm256_set1_ps(p.zx), x);
        __m256i edge[3] = {start[0], start[1], start[2]};
        float *z = p.z + i;
        int32_t *id = p.id + i;

        for (int32_t j = 0; j < p.n_rows; j++, z += b->n_columns, id += b->n_columns) {
            const __m256i out = _mm256_or_si256(_mm256_or_si256(edge[0], edge[1]), edge[2]);
            const __m256i in = _mm256_andnot_si256(_mm256_srai_epi32(out, 31), valid);

            if (!_mm256_testz_si256(in, in)) {
                const __m256 row = _mm256_set1_ps(p.depth + p.zy * (float)(p.y + j));
                const __m256 depth = _mm256_add_ps(row, beside);
                const __m256 nearer = _mm256_cmp_ps(depth, _mm256_loadu_ps(z), _CMP_GT_OQ);
                const __m256i draw = _mm256_and_si256(in, _mm256_castps_si256(nearer));

                _mm256_maskstore_ps(z, draw, depth);
                _mm256_maskstore_epi32(id, draw, numbers);
            }
            for (int k = 0; k < 3; k++)
                edge[k] = _mm256_add_epi32(edge[k], down[k]);
        }
        for (int k = 0; k < 3; k++)
            start[k] = _mm256_add_epi32(start[k], across[k]);
    }
}

static void pair_avx2(const limner_raster_band *b, const limner_tri t[2], const int32_t number[2])
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    limner_pair_edges e[2];
    limner_raster_depth d[2];
    limner_raster_part p;

    if (!limner_raster_cut_pair(&p, b, t))
        return;
    for (int k = 0; k < 2; k++) {
        limner_pair_start(&e[k], &t[k], p.x, p.y, b->per_px - 1);
        d[k] = limner_raster_depth_of(b, &t[k]);
    }
    for (int32_t i = 0; i < p.n; i += 8) {
        const __m256i valid = _mm256_cmpgt_epi32(_mm256_set1_epi32(p.n - i), lane);
        const __m256 x = _mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_set1_epi32(p.x + i), lane));
        const __m256 beside[2] = {_mm256_mul_ps(_mm256_set1_ps(d[0].zx), x),
                                  _mm256_mul_ps(_mm256_set1_ps(d[1].zx), x)};
        limner_pair_edges f[2] = {e[0], e[1]};
        float *z = p.z + i;
        int32_t *id = p.id + i;

        for (int32_t j = 0; j < p.n_rows; j++, z += b->n_columns, id += b->n_columns) {
            const __m256i out[2] = {
                _mm256_or_si256(_mm256_or_si256(f[0].at[0], f[0].at[1]), f[0].at[2]),
                _mm256_or_si256(_mm256_or_si256(f[1].at[0], f[1].at[1]), f[1].at[2])};
            const __m256i second = _mm256_srai_epi32(out[1], 31);       /* not inside it */
            const __m256i in = _mm256_andnot_si256(
                _mm256_and_si256(_mm256_srai_epi32(out[0], 31), second), valid);
            const float y = (float)(p.y + j);
            const __m256 depth = _mm256_blendv_ps(
                _mm256_add_ps(_mm256_set1_ps(d[1].z + d[1].zy * y), beside[1]),
                _mm256_add_ps(_mm256_set1_ps(d[0].z + d[0].zy * y), beside[0]),
                _mm256_castsi256_ps(second));
            const __m256 nearer = _mm256_cmp_ps(depth, _mm256_loadu_ps(z), _CMP_GT_OQ);
            const __m256i draw = _mm256_and_si256(in, _mm256_castps_si256(nearer));

            _mm256_maskstore_ps(z, draw, depth);
            _mm256_maskstore_epi32(id, draw,
                                   _mm256_blendv_epi8(_mm256_set1_epi32(number[1]),
                                                      _mm256_set1_epi32(number[0]), second));
            for (int k = 0; k < 3; k++) {
                f[0].at[k] = _mm256_add_epi32(f[0].at[k], f[0].down[k]);
                f[1].at[k] = _mm256_add_epi32(f[1].at[k], f[1].down[k]);
            }
        }
        limner_pair_advance(&e[0]);
        limner_pair_advance(&e[1]);
    }
}

const limner_pix_dsp limner_pix_dsp_avx2 = {
    .name = "avx2", .sample = sample_avx2, .sample_exact = limner_pix_sample_exact_avx2,
    .set_up = limner_pix_set_up_avx2, .triangle = triangle_avx2, .pair = pair_avx2,
    .places = limner_pix_places_avx2, .merge = merge_avx2, .join = limner_pix_join_avx2,
    .jumps = jumps_avx2, .add_marks = add_marks_avx2, .add_seen = add_seen_avx2,
    .compose = limner_pix_compose_avx2, .luma = limner_pix_luma_avx2,
    .chroma = limner_pix_chroma_avx2
};
