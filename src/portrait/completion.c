/* SPDX-License-Identifier: Apache-2.0 */
/* Patch-based completion, coarse to fine (completion.h). Left to itself it drifts to whatever the
 * picture has most of; where the known picture is plain it is therefore held to a soft filling
 * (push-pull), and at the end what the patches miss at the hole's contour is carried some way into
 * the hole and taken off, as in seamless cloning. */
#include "portrait/completion.h"

#include <math.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"
#include "portrait/patch_level.h"

enum {
    MAX_LEVELS = 6,
    COARSEST_PX = 32,
    MIN_SOURCES = 64
};

#define PLAIN_SIGMA 0.02f       /* deviation in colour from which a picture has detail */
#define SEAM_SIGMA_PX 1.5f
#define SEAM_MAX 0.25f          /* larger errors are another thing, not a seam */
#define SEAM_SHADE 0.16f        /* smaller ones are light and shade, and go on far */
#define SEAM_FAR_PX 150.0f
#define SEAM_REACH_PX 15.0f     /* a lamp cut by the contour must not glow through the hole */
#define HOLD_SIGMA 0.12f        /* the soft filling does not hold what differs from it by more */
#define COLUMN_TRUST 0.4f       /* of what is above the hole, beside 1 for what is at its sides */

/* The soft filling of a level, and how plain the known picture is thereabouts (0..1). */
typedef struct membrane {
    float *rgb[3], *plain;
    float *share, *scratch;     /* scratch */
} membrane;

/* Colours drift towards whatever the picture has most of, unless plain parts are held to the soft
 * filling by `hold`, 0..1; but an edge that the patches carry on is left to them. */
static void hold_to(const limner_patch_level *l, const membrane *m, float hold)
{
    for (int i = 0; i < l->w * l->h; i++) {
        float d = 0.0f, k;

        if (!l->hole[i])
            continue;
        for (int c = 0; c < 3; c++)
            d += (m->rgb[c][i] - l->rgb[c][i]) * (m->rgb[c][i] - l->rgb[c][i]);
        k = hold * m->plain[i] * expf(-d / (HOLD_SIGMA * HOLD_SIGMA));
        for (int c = 0; c < 3; c++)
            l->rgb[c][i] += k * (m->rgb[c][i] - l->rgb[c][i]);
    }
}

/* plain: detail of the known picture against its blur, spread over the hole. */
static limner_status find_plain(const limner_patch_level *l, const membrane *m)
{
    const int size = l->w * l->h;
    limner_status st;

    memset(m->plain, 0, (size_t)size * sizeof(float));
    for (int c = 0; c < 3; c++) {
        limner_filter_box(m->share, m->rgb[c], m->scratch, l->w, l->h, 2);
        for (int i = 0; i < size; i++) {
            const float d = m->share[i] - m->rgb[c][i];
            m->plain[i] += d * d;
        }
    }
    for (int i = 0; i < size; i++)
        m->share[i] = l->hole[i] ? 0.0f : 1.0f;
    st = limner_filter_fill(&m->plain, 1, m->share, l->w, l->h);
    limner_filter_box(m->plain, m->plain, m->scratch, l->w, l->h, 3);
    for (int i = 0; i < size; i++) {
        const float k = 1.0f / (1.0f + m->plain[i] / (PLAIN_SIGMA * PLAIN_SIGMA));
        m->plain[i] = k * k;
    }
    return st;
}

/* Pixels only partly known touch the person: they count little. */
static limner_status make_membrane(const limner_patch_level *l, const membrane *m)
{
    const int size = l->w * l->h;
    limner_status st;

    for (int i = 0; i < size; i++)
        m->share[i] = l->hole[i] ? 0.1f * l->known[i] : 1.0f;
    for (int c = 0; c < 3; c++)
        memcpy(m->rgb[c], l->rgb[c], (size_t)size * sizeof(float));
    st = limner_filter_fill(m->rgb, 3, m->share, l->w, l->h);
    return st < 0 ? st : find_plain(l, m);
}

/* How far into the hole an error of this colour goes on, pixels. */
static float seam_reach(float r, float g, float b)
{
    const float miss = fmaxf(fabsf(r), fmaxf(fabsf(g), fabsf(b))) / SEAM_SHADE;

    return SEAM_REACH_PX + SEAM_FAR_PX * expf(-miss * miss);
}

/* Seamless cloning with a membrane (Farbman et al. 2009): what the patches in the hole say of the
 * known pixels around it is off by a little; that error, smoothed along the contour and fading into
 * the hole, is taken off the filling. error: three planes; share, scratch: one each. */
static limner_status remove_seam(const limner_patch_level *l, float *const *error, float *share,
                                 float *scratch)
{
    const int size = l->w * l->h;
    limner_status st;

    for (int c = 0; c < 3; c++)
        memset(error[c], 0, (size_t)size * sizeof(float));
    for (int i = 0; i < size; i++) {
        const int x = i % l->w, y = i / l->w;
        float rgb[3];
        share[i] = 0.0f;
        if (l->hole[i] || !l->target[i] || limner_patch_level_gather(l, x, y, 1, rgb) <= 0.0f)
            continue;
        share[i] = 1.0f;
        for (int c = 0; c < 3; c++)
            error[c][i] = fminf(fmaxf(l->rgb[c][i] - rgb[c], -SEAM_MAX), SEAM_MAX);
    }
    for (int c = 0; c < 3; c++)
        limner_filter_gauss(error[c], error[c], scratch, l->w, l->h, SEAM_SIGMA_PX);
    memcpy(scratch, share, (size_t)size * sizeof(float));
    limner_filter_gauss(share, share, scratch + size, l->w, l->h, SEAM_SIGMA_PX);
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < size; i++)
            error[c][i] = scratch[i] > 0.0f ? error[c][i] / share[i] : 0.0f;
    st = limner_filter_fill(error, 3, scratch, l->w, l->h);
    for (int i = 0; i < size && st >= 0; i++) {
        const float keep = expf(-l->depth[i] / seam_reach(error[0][i], error[1][i], error[2][i]));

        for (int c = 0; c < 3 && l->hole[i]; c++)
            l->rgb[c][i] = fminf(fmaxf(l->rgb[c][i] + keep * error[c][i], 0.0f), 1.0f);
    }
    return st;
}

/* Picture of the hole and matches of the targets from the next coarser level. */
static void inherit(limner_patch_level *l, const limner_patch_level *coarse, float *scratch,
                    float *plane)
{
    for (int c = 0; c < 3; c++) {
        limner_filter_resize(plane, l->w, l->h, coarse->rgb[c], coarse->w, coarse->h, scratch);
        for (int i = 0; i < l->w * l->h; i++)
            if (l->hole[i])
                l->rgb[c][i] = plane[i];
    }
    for (int y = 0; y < l->h; y++)
        for (int x = 0; x < l->w; x++) {
            const int i = y * l->w + x, m = coarse->match[(y / 2) * coarse->w + x / 2];
            const int u = m < 0 ? -1 : 2 * (m % coarse->w) + (x & 1);
            const int v = m < 0 ? -1 : 2 * (m / coarse->w) + (y & 1);
            if (l->target[i] && u >= 0 && u < l->w && v < l->h && l->source[v * l->w + u])
                l->match[i] = v * l->w + u;
        }
}

typedef struct pyramid {
    limner_patch_level level[MAX_LEVELS];
    int n;
} pyramid;

static limner_status pyramid_open(pyramid *p, const limner_completion *c)
{
    int w = c->w, h = c->h;
    const size_t size = (size_t)w * (size_t)h;
    limner_status st;

    for (;;) {
        p->level[p->n].index = p->n;
        st = limner_patch_level_open(&p->level[p->n++], w, h);
        if (st < 0)
            return st;
        if (p->n == MAX_LEVELS || (w < h ? w : h) < 2 * COARSEST_PX)
            break;
        w = (w + 1) / 2;
        h = (h + 1) / 2;
    }
    for (int k = 0; k < 3; k++)
        memcpy(p->level[0].rgb[k], c->rgb[k], size * sizeof(float));
    memcpy(p->level[0].hole, c->hole, size);
    memcpy(p->level[0].source, c->source, size);
    for (size_t i = 0; i < size; i++)
        p->level[0].known[i] = c->hole[i] ? 0.0f : 1.0f;
    for (int i = 1; i < p->n; i++)
        limner_patch_level_reduce(&p->level[i], &p->level[i - 1]);
    for (int i = 0; i < p->n; i++) {
        /* The two finest levels are filled near the known only; coarse ones are cheap. */
        const float reach = i < 2 ? c->reach_px / (float)(1 << i) : (float)(w + h) * 64.0f;
        st = limner_patch_level_prepare(&p->level[i], reach);
        if (st < 0)
            return st;
    }
    return LIMNER_OK;
}

/* The nearest known pixel from (x, y) along (dx, dy) adds its colour, weighted by its nearness. */
static void look_along(const limner_patch_level *l, int x, int y, int dx, int dy, float trust,
                       float sum[4])
{
    for (int d = 1;; d++) {
        const int u = x + d * dx, v = y + d * dy, i = v * l->w + u;

        if (u < 0 || v < 0 || u >= l->w || v >= l->h)
            return;
        if (l->hole[i])
            continue;
        for (int c = 0; c < 3; c++)
            sum[c] += trust / (float)d * l->rgb[c][i];
        sum[3] += trust / (float)d;
        return;
    }
}

/* A first filling of the coarsest level. What is behind a person mostly goes on to the sides:
 * rows count more than columns. */
static void begin_filling(limner_patch_level *l, const membrane *m)
{
    for (int y = 0; y < l->h; y++)
        for (int x = 0; x < l->w; x++) {
            float sum[4] = { 0 };

            if (!l->hole[y * l->w + x])
                continue;
            look_along(l, x, y, -1, 0, 1.0f, sum);
            look_along(l, x, y, 1, 0, 1.0f, sum);
            look_along(l, x, y, 0, -1, COLUMN_TRUST, sum);
            for (int c = 0; c < 3; c++)
                l->rgb[c][y * l->w + x] = sum[3] > 0.0f ? sum[c] / sum[3] : m->rgb[c][y * l->w + x];
        }
}

static limner_status complete_level(pyramid *p, int i, const membrane *m, limner_pool *pool)
{
    static const uint8_t n_rounds[MAX_LEVELS] = { 1, 2, 3, 4, 6, 8 };
    static const float holds[MAX_LEVELS] = { 0.8f, 0.6f, 0.7f, 0.7f, 0.7f, 0.7f };
    limner_patch_level *l = &p->level[i];
    limner_status st;

    if (i < p->n - 1)
        inherit(l, &p->level[i + 1], m->scratch, m->share);
    st = make_membrane(l, m);
    if (st >= 0 && i == p->n - 1)
        begin_filling(l, m);
    if (st >= 0 && l->n_sources >= MIN_SOURCES)
        for (int k = 0; k < n_rounds[i]; k++) {
            limner_patch_level_round(l, i ? 3 : 2, pool);
            hold_to(l, m, holds[i]);
        }
    return st;
}

static limner_status complete(pyramid *p, limner_pool *pool)
{
    const size_t size = (size_t)p->level[0].w * (size_t)p->level[0].h;
    float *block = limner_alloc(size, 7 * sizeof(float));
    limner_status st = LIMNER_OK;
    membrane m;

    if (!block)
        return LIMNER_E_NOMEM;
    m = (membrane){ .rgb = { block, block + size, block + 2 * size }, .plain = block + 3 * size,
                    .share = block + 4 * size, .scratch = block + 5 * size };
    for (int i = p->n - 1; st >= 0 && i >= 0; i--)
        st = complete_level(p, i, &m, pool);
    if (st >= 0 && p->level[0].n_sources >= MIN_SOURCES)
        st = remove_seam(&p->level[0], m.rgb, m.share, m.scratch);
    limner_mem_free(block);
    return st;
}

limner_status limner_completion_run(const limner_completion *c, limner_pool *pool)
{
    pyramid *p;
    limner_status st;

    if (c->w < 16 || c->h < 16 || c->w > 1024 || c->h > 1024)
        return LIMNER_E_ARG;
    p = limner_calloc(1, sizeof(*p));
    if (!p)
        return LIMNER_E_NOMEM;
    st = pyramid_open(p, c);
    if (st >= 0)
        st = complete(p, pool);
    if (st >= 0) {
        const size_t size = (size_t)c->w * (size_t)c->h;
        for (int k = 0; k < 3; k++)
            memcpy(c->rgb[k], p->level[0].rgb[k], size * sizeof(float));
        memcpy(c->from, p->level[0].match, size * sizeof(int32_t));
    }
    for (int i = 0; i < p->n; i++)
        limner_mem_free(p->level[i].block);
    limner_mem_free(p);
    return st;
}
