/* SPDX-License-Identifier: Apache-2.0 */
/* The plain C loops of pix_dsp.h, and the choice of a table. */
#include "render/pix_dsp.h"

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "render/raster_box.h"
#include "render/raster_setup.h"
#if defined(LIMNER_HAVE_SIMD) && defined(__x86_64__)
#include "x86/pix_x86.h"
#elif defined(LIMNER_HAVE_SIMD) && defined(__aarch64__)
#include "arm/pix_arm.h"
#endif

static uint8_t clamp_u8(int32_t v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static void sample_one(const uint8_t *p, ptrdiff_t stride, const int32_t phase[2], float light,
                       const int32_t *restrict tint, uint8_t *restrict rgba)
{
    const int16_t *wx = limner_cubic[phase[0]], *wy = limner_cubic[phase[1]];
    /* NaN where nothing is drawn, within a run: not shown. */
    const int32_t one = 1 << LIMNER_LIGHT_BITS;
    const int32_t change = (light > 0 ? (int32_t)(light * (float)one + 0.5f) : 0) - one;

    for (int c = 0; c < 4; c++) {
        int32_t sum = 0;

        for (int j = 0; j < 4; j++) {
            const uint8_t *q = p + j * stride + c;
            const int32_t row = wx[0] * q[0] + wx[1] * q[4] + wx[2] * q[8] + wx[3] * q[12];

            sum += wy[j] * ((row + 128) >> 8);          /* 6 fractional bits */
        }
        sum = ((sum + (1 << 13)) >> 14) * (one + ((change * tint[c]) >> 8));
        rgba[c] = clamp_u8((sum + (1 << 17)) >> 18);
    }
}

static void sample_c(const limner_texture *t, int32_t n, const float *u, const float *v,
                     const float *light, uint8_t *rgba)
{
    for (int32_t i = 0; i < n; i++) {
        int32_t phase[2];
        const uint8_t *p = limner_footprint(t, u[i], v[i], phase);

        sample_one(p, t->stride, phase, light[i], t->tint, rgba + 4 * i);
    }
}

static void sample_exact_c(const limner_texture *t, float u, float v, float rgba[4])
{
    int32_t phase[2];
    const uint8_t *p = limner_footprint(t, u, v, phase);
    const int16_t *wx = limner_cubic[phase[0]], *wy = limner_cubic[phase[1]];
    float sum[4] = {0};

    for (int j = 0; j < 4; j++, p += t->stride) {
        for (int c = 0; c < 4; c++) {
            const int32_t row = wx[0] * p[c] + wx[1] * p[4 + c] + wx[2] * p[8 + c] +
                                wx[3] * p[12 + c];

            sum[c] += (float)wy[j] * (float)row;
        }
    }
    for (int c = 0; c < 4; c++)
        rgba[c] = sum[c] * (1.0f / (1 << (2 * LIMNER_CUBIC_BITS)));
}

static float larger(float a, float b)
{
    return a > b ? a : b;
}

static bool set_up_c(limner_tri *t, limner_plane *p, const limner_vertex *a,
                     const limner_vertex *b, const limner_vertex *c)
{
    const float ax = b->x - a->x, ay = b->y - a->y, bx = c->x - a->x, by = c->y - a->y;
    const float area = ax * by - ay * bx;
    const float longest = larger(larger(fabsf(ax), fabsf(ay)), larger(fabsf(bx), fabsf(by)));
    const bool is_sliver = !(fabsf(area) > LIMNER_SLIVER_PX * longest);
    const float inv = is_sliver ? 0 : 1 / area;
    float at[4], right[4], down[4];

    if (!limner_tri_place(t, a->at, b->at, c->at))
        return false;
    for (int k = 0; k < 4; k++) {
        const float v = b->value[k] - a->value[k], w = c->value[k] - a->value[k];

        right[k] = (v * by - w * ay) * inv;
        down[k] = (w * ax - v * bx) * inv;
        at[k] = is_sliver ? a->value[k] + (v + w) / 3 : a->value[k];
    }
    p->x = a->x;
    p->y = a->y;
    for (int k = 0; k < 3; k++) {
        p->a[k] = at[k];
        p->ax[k] = right[k];
        p->ay[k] = down[k];
    }
    t->zx = right[3];
    t->zy = down[3];
    t->z = at[3] - right[3] * a->x - down[3] * a->y;
    return true;
}

static void triangle_c(const limner_raster_band *b, const limner_tri *t, int32_t number)
{
    limner_raster_box p;

    if (!limner_raster_box_make(&p, b, t))
        return;
    for (int32_t j = 0; j < p.n_rows; j++) {
        const float row = p.depth + p.zy * (float)(p.y + j);

        for (int32_t i = 0; i < p.n; i++) {
            const int32_t in = (p.edge[0] + i * p.across[0]) | (p.edge[1] + i * p.across[1]) |
                               (p.edge[2] + i * p.across[2]);
            const float depth = row + p.zx * (float)(p.x + i);

            if (in >= 0 && depth > p.z[i]) {
                p.z[i] = depth;
                p.id[i] = number;
            }
        }
        p.z += b->n_columns;
        p.id += b->n_columns;
        for (int k = 0; k < 3; k++)
            p.edge[k] += p.down[k];
    }
}

static void pair_c(const limner_raster_band *b, const limner_tri t[2], const int32_t number[2])
{
    triangle_c(b, &t[0], number[0]);
    triangle_c(b, &t[1], number[1]);
}

static void places_c(const limner_plane *plane, const int32_t *id, int32_t n, float x, float y,
                     const limner_places *out)
{
    float *const to[3] = {out->u, out->v, out->light};

    for (int32_t i = 0; i < n; i++) {
        const limner_plane *p = plane + (id[i] & LIMNER_INDEX_MASK);
        const float px = x + (float)i;

        for (int k = 0; k < 3; k++)
            to[k][i] = id[i] < 0 ? NAN
                                 : p->a[k] + (y - p->y) * p->ay[k] + (px - p->x) * p->ax[k];
    }
}

static void join_c(const limner_border *b, const int32_t *core, const limner_places *under,
                   int32_t n, const limner_places *row, uint8_t *mark)
{
    for (int32_t i = 0; i < n; i++) {
        const float u = row->u[i], v = row->v[i];
        const bool is_far = v > (float)b->far_from;
        float f, du, dv;

        if (core[i] >> LIMNER_KIND_SHIFT != b->kind)
            continue;
        f = (is_far ? b->far_opacity : 1) * limner_map_sample(b->feather, b->w, b->h, u, v) *
            (1.0f / 255);
        du = u - under->u[i];
        dv = v - under->v[i];
        mark[i] = 0;
        if (f >= 1)
            continue;
        if (fabsf(du) < b->apart_px && fabsf(dv) < b->apart_px) {
            row->u[i] = under->u[i] + f * du;
            row->v[i] = under->v[i] + f * dv;
            row->light[i] = under->light[i] + f * (row->light[i] - under->light[i]);
        } else {
            mark[i] = is_far ? LIMNER_MARK_OTHER : LIMNER_MARK_EDGE;
        }
    }
}

static void compose_c(uint8_t *rgba, const uint8_t *back, int32_t n)
{
    for (int32_t i = 0; i < 4 * n; i += 4) {
        const int32_t a = rgba[i + 3];

        for (int k = 0; k < 3; k++) {
            const int32_t v = back[i + k] * (255 - a) + rgba[i + k] * a + 127;

            rgba[i + k] = (uint8_t)((v + 1 + (v >> 8)) >> 8);       /* v / 255, exactly */
        }
        rgba[i + 3] = 255;
    }
}

static void luma_c(uint8_t *out, const uint8_t *rgba, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const int32_t r = rgba[4 * i], g = rgba[4 * i + 1], b = rgba[4 * i + 2];

        out[i] = (uint8_t)((LIMNER_Y_R * r + LIMNER_Y_G * g + LIMNER_Y_B * b + LIMNER_Y_BIAS) >>
                           LIMNER_Y_SHIFT);
    }
}

static void chroma_c(uint8_t *u, uint8_t *v, const uint8_t *top, const uint8_t *low, int32_t n)
{
    for (int32_t i = 0; i < n / 2; i++) {
        const uint8_t *a = top + 8 * (ptrdiff_t)i, *b = low + 8 * (ptrdiff_t)i;
        const int32_t r = a[0] + a[4] + b[0] + b[4];
        const int32_t g = a[1] + a[5] + b[1] + b[5];
        const int32_t l = a[2] + a[6] + b[2] + b[6];

        u[i] = (uint8_t)((LIMNER_U_R * r + LIMNER_U_G * g + LIMNER_U_B * l + LIMNER_UV_BIAS) >>
                         LIMNER_UV_SHIFT);
        v[i] = (uint8_t)((LIMNER_V_R * r + LIMNER_V_G * g + LIMNER_V_B * l + LIMNER_UV_BIAS) >>
                         LIMNER_UV_SHIFT);
    }
}

#define SUFFIX c
#include "render/pix_rows_tmpl.h"

static const limner_pix_dsp plain = {
    .name = "c", .sample = sample_c, .sample_exact = sample_exact_c,
    .set_up = set_up_c, .triangle = triangle_c, .pair = pair_c, .places = places_c,
    .merge = merge_c, .join = join_c, .jumps = jumps_c, .add_marks = add_marks_c,
    .add_seen = add_seen_c, .compose = compose_c, .luma = luma_c, .chroma = chroma_c
};

#if defined(LIMNER_HAVE_SIMD) && defined(__aarch64__)
static const limner_pix_dsp neon = {
    .name = "neon", .sample = limner_pix_sample_neon, .sample_exact = sample_exact_c,
    .set_up = set_up_c, .triangle = triangle_c, .pair = pair_c, .places = places_c,
    .merge = merge_c, .join = join_c, .jumps = jumps_c, .add_marks = add_marks_c,
    .add_seen = add_seen_c, .compose = compose_c, .luma = luma_c, .chroma = chroma_c
};
#endif

const limner_pix_dsp *limner_pix_dsp_get(uint32_t cpu_flags)
{
#if defined(LIMNER_HAVE_SIMD) && defined(__x86_64__)
    if (cpu_flags & LIMNER_CPU_AVX512)
        return &limner_pix_dsp_avx512;
    if (cpu_flags & LIMNER_CPU_AVX2)
        return &limner_pix_dsp_avx2;
#elif defined(LIMNER_HAVE_SIMD) && defined(__aarch64__)
    if (cpu_flags & LIMNER_CPU_NEON)
        return &neon;
#endif
    (void)cpu_flags;
    return &plain;
}
