/* SPDX-License-Identifier: Apache-2.0 */
/* Patch-based completion over a pyramid. Each level keeps its picture as 16-bit RGB0 (8 times the
 * 8-bit value) with a replicated margin, so that a patch distance is a few multiply-adds per row. A
 * sweep takes candidates from the neighbours' matches of the sweep before and from random places at
 * shrinking radii: no order between pixels, hence the same result on any number of threads. */
#include "portrait/completion.h"

#include <math.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"

enum {
    R = 3, SIDE = 2 * R + 1,    /* of a patch */
    ROW = SIDE * 4,             /* 16-bit values in a row of a patch */
    SCALE = 8,                  /* of the 16-bit values over 0..255 */
    MAX_LEVELS = 6,
    COARSEST_PX = 32,
    N_SLICES = 32,
    MIN_SOURCES = 64,
    N_PROBES = 4,               /* random candidates per sweep */
    FAR = INT32_MAX
};

#define PLAIN_SIGMA 0.02f       /* deviation in colour from which a picture has detail */
#define SEAM_SIGMA_PX 3.0f
#define SEAM_MAX 0.25f          /* larger errors are another thing, not a seam */

typedef struct level {
    int w, h;
    int16_t *px;                /* [h + 2R][w + 2R][4] */
    float *rgb[3], *known;      /* [h][w]; known: share of the pixel outside of the hole */
    float *depth;               /* distance to the nearest known pixel */
    uint8_t *hole, *source, *target;    /* target: its patch touches the hole, not too deep */
    int32_t *match, *match_next;        /* source index per target, -1: none */
    int32_t *cost, *cost_next;
    float *weight;              /* of a target's patch in the vote */
    int32_t *sources;           /* list of all sources */
    int n_sources;
    int index, jump;            /* for the random numbers; of the present sweep */
    uint32_t round;
    void *block;
} level;

/* ---- levels ---- */

static limner_status level_open(level *l, int w, int h)
{
    const size_t size = (size_t)w * (size_t)h;
    const size_t padded = (size_t)(w + 2 * R) * (size_t)(h + 2 * R) * 4;
    float *at;

    l->w = w;
    l->h = h;
    l->block = limner_calloc(size * 11 + padded / 2 + size, sizeof(float));
    if (!l->block)
        return LIMNER_E_NOMEM;
    at = l->block;
    for (int c = 0; c < 3; c++, at += size)
        l->rgb[c] = at;
    l->known = at;
    l->depth = at + size;
    l->weight = at + 2 * size;
    l->match = (int32_t *)(void *)(at + 3 * size);
    l->match_next = l->match + size;
    l->cost = l->match + 2 * size;
    l->cost_next = l->match + 3 * size;
    l->sources = l->match + 4 * size;
    l->px = (int16_t *)(void *)(l->sources + size);
    l->hole = (uint8_t *)(void *)(l->px + padded);
    l->source = l->hole + size;
    l->target = l->source + size;
    return LIMNER_OK;
}

/* Depth, targets, list of sources. */
static limner_status level_prepare(level *l, float reach_px)
{
    const int w = l->w, h = l->h;
    limner_status st;

    for (int i = 0; i < w * h; i++)
        l->depth[i] = l->hole[i] ? 0.0f : 1.0f;
    st = limner_filter_distance(l->depth, l->depth, w, h);
    l->n_sources = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const int i = y * w + x;
            int n_hole = 0, n_bad = 0;
            for (int v = y - R; v <= y + R; v++)
                for (int u = x - R; u <= x + R; u++) {
                    const int is_inside = u >= 0 && v >= 0 && u < w && v < h;
                    n_hole += is_inside && l->hole[v * w + u];
                    n_bad += !is_inside || !l->source[v * w + u];
                }
            l->target[i] = n_hole && l->depth[i] <= reach_px;
            l->match[i] = -1;
            l->cost[i] = FAR;
            if (!n_bad)
                l->sources[l->n_sources++] = i;
        }
    memset(l->source, 0, (size_t)w * (size_t)h);
    for (int k = 0; k < l->n_sources; k++)
        l->source[l->sources[k]] = 1;
    return st;
}

/* 2 x 2 means of what is known. A pixel is a source only if all four are. */
static void level_reduce(level *to, const level *from)
{
    for (int y = 0; y < to->h; y++)
        for (int x = 0; x < to->w; x++) {
            const int o = y * to->w + x;
            float sum = 0.0f, rgb[3] = { 0 };
            int n_hole = 0, n_source = 0;
            for (int k = 0; k < 4; k++) {
                const int u = 2 * x + (k & 1), v = 2 * y + (k >> 1);
                const int i = v * from->w + u;
                if (u >= from->w || v >= from->h)
                    continue;
                n_hole += from->hole[i];
                n_source += from->source[i];
                sum += from->known[i];
                for (int c = 0; c < 3; c++)
                    rgb[c] += from->known[i] * from->rgb[c][i];
            }
            to->known[o] = sum / 4.0f;
            for (int c = 0; c < 3; c++)
                to->rgb[c][o] = sum > 0.0f ? rgb[c] / sum : 0.0f;
            to->hole[o] = n_hole > 0;
            to->source[o] = n_source == 4;
        }
}

/* The picture of a level into its 16-bit form. */
static void level_pack(const level *l)
{
    const int stride = (l->w + 2 * R) * 4;

    for (int y = -R; y < l->h + R; y++) {
        const int v = y < 0 ? 0 : y >= l->h ? l->h - 1 : y;
        int16_t *dst = l->px + (ptrdiff_t)(y + R) * stride;
        for (int x = -R; x < l->w + R; x++, dst += 4) {
            const int u = x < 0 ? 0 : x >= l->w ? l->w - 1 : x;
            for (int c = 0; c < 3; c++)
                dst[c] = (int16_t)(l->rgb[c][v * l->w + u] * (255.0f * SCALE) + 0.5f);
            dst[3] = 0;
        }
    }
}

/* ---- matching ---- */

static uint32_t hash(uint32_t a)
{
    a = (a ^ 61u) ^ (a >> 16);
    a *= 9u;
    a ^= a >> 4;
    a *= 0x27d4eb2du;
    return a ^ (a >> 15);
}

static const int16_t *patch(const level *l, int i)
{
    const int x = i % l->w, y = i / l->w;

    return l->px + ((ptrdiff_t)y * (l->w + 2 * R) + x) * 4;
}

static int32_t patch_cost(const level *l, const int16_t *a, int j, int32_t limit)
{
    const ptrdiff_t stride = (l->w + 2 * R) * 4;
    const int16_t *b = patch(l, j);
    int32_t sum = 0;

    for (int y = 0; y < SIDE && sum < limit; y++, a += stride, b += stride)
        for (int k = 0; k < ROW; k++) {
            const int16_t d = (int16_t)(a[k] - b[k]);
            sum += d * d;
        }
    return sum;
}

typedef struct candidate {
    int32_t at, cost;
} candidate;

static void try_source(const level *l, const int16_t *here, int x, int y, candidate *best)
{
    int32_t cost;
    int j;

    if (x < 0 || y < 0 || x >= l->w || y >= l->h)
        return;
    j = y * l->w + x;
    if (!l->source[j] || j == best->at)
        return;
    cost = patch_cost(l, here, j, best->cost);
    if (cost < best->cost)
        *best = (candidate){ j, cost };
}

static void try_neighbour(const level *l, const int16_t *here, int x, int y, int dx, int dy,
                          candidate *best)
{
    const int u = x + dx, v = y + dy;
    int32_t m;

    if (u < 0 || v < 0 || u >= l->w || v >= l->h)
        return;
    m = l->match[v * l->w + u];
    if (m >= 0)
        try_source(l, here, m % l->w - dx, m / l->w - dy, best);
}

static void sweep_pixel(const level *l, int x, int y)
{
    const int i = y * l->w + x;
    const int16_t *here = patch(l, i);
    candidate best = { l->match[i], l->cost[i] };
    uint32_t random = hash((uint32_t)i * 2654435761u + l->round * 40503u + (uint32_t)l->index);
    int radius = (l->w > l->h ? l->w : l->h) / 2;

    try_neighbour(l, here, x, y, -l->jump, 0, &best);
    try_neighbour(l, here, x, y, l->jump, 0, &best);
    try_neighbour(l, here, x, y, 0, -l->jump, &best);
    try_neighbour(l, here, x, y, 0, l->jump, &best);
    for (int k = 0; k < N_PROBES; k++, radius /= 4) {
        random = hash(random + (uint32_t)k);
        if (best.at < 0 || k == 0) {
            const int j = l->sources[random % (uint32_t)l->n_sources];
            try_source(l, here, j % l->w, j / l->w, &best);
        } else if (radius > 0) {
            const int span = 2 * radius + 1;
            try_source(l, here, best.at % l->w - radius + (int)((random >> 16) % (uint32_t)span),
                       best.at / l->w - radius + (int)((random & 0xffffu) % (uint32_t)span),
                       &best);
        }
    }
    l->match_next[i] = best.at;
    l->cost_next[i] = best.cost;
}

static void sweep_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const level *l = user;

    for (int y = l->h * (int)slice / (int)n_slices; y < l->h * ((int)slice + 1) / (int)n_slices;
         y++)
        for (int x = 0; x < l->w; x++)
            if (l->target[y * l->w + x])
                sweep_pixel(l, x, y);
}

/* Costs of the present matches, after the picture has changed. */
static void rate_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const level *l = user;
    const int size = l->w * l->h;
    const int from = (int)((int64_t)size * slice / n_slices);
    const int to = (int)((int64_t)size * (slice + 1) / n_slices);

    for (int i = from; i < to; i++)
        l->cost[i] = l->match[i] >= 0 ? patch_cost(l, patch(l, i), l->match[i], FAR) : FAR;
}

static void sweep(level *l, int jump, limner_pool *pool)
{
    const size_t len = (size_t)l->w * (size_t)l->h * sizeof(int32_t);
    int32_t *t;

    l->jump = jump;
    l->round++;
    memcpy(l->match_next, l->match, len);
    memcpy(l->cost_next, l->cost, len);
    limner_pool_run(pool, sweep_slice, l, N_SLICES);
    t = l->match;
    l->match = l->match_next;
    l->match_next = t;
    t = l->cost;
    l->cost = l->cost_next;
    l->cost_next = t;
}

/* ---- voting ---- */

/* Weight of a patch: how well it fits, and how near to the known it lies (Wexler et al.). */
static void weigh(const level *l)
{
    const float noise = 2.0f * SCALE, n = SIDE * SIDE * 3;

    for (int i = 0; i < l->w * l->h; i++) {
        if (l->match[i] < 0) {
            l->weight[i] = 0.0f;
        } else {
            const float fit = 1.0f / ((float)l->cost[i] / n + noise * noise);
            l->weight[i] = 1e6f * fit * fit * powf(1.2f, -fminf(l->depth[i], 40.0f));
        }
    }
}

/* Weighted mean of what patches say of a pixel, of those centred in the hole if `is_strict`;
 * returns the sum of weights. */
static float gather(const level *l, int x, int y, int is_strict, float rgb[3])
{
    const int w = l->w;
    float sum = 0.0f;

    memset(rgb, 0, 3 * sizeof(*rgb));
    for (int v = y - R; v <= y + R; v++)
        for (int u = x - R; u <= x + R; u++) {
            const int i = v * w + u;
            int from;
            if (u < 0 || v < 0 || u >= w || v >= l->h || l->weight[i] <= 0.0f ||
                (is_strict && !l->hole[i]))
                continue;
            from = l->match[i] + (y - v) * w + (x - u);
            sum += l->weight[i];
            for (int c = 0; c < 3; c++)
                rgb[c] += l->weight[i] * l->rgb[c][from];
        }
    for (int c = 0; c < 3 && sum > 0.0f; c++)
        rgb[c] /= sum;
    return sum;
}

static void vote_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const level *l = user;
    float rgb[3];

    for (int y = l->h * (int)slice / (int)n_slices; y < l->h * ((int)slice + 1) / (int)n_slices;
         y++)
        for (int x = 0; x < l->w; x++)
            if (l->hole[y * l->w + x] && gather(l, x, y, 0, rgb) > 0.0f)
                for (int c = 0; c < 3; c++)
                    l->rgb[c][y * l->w + x] = rgb[c];
}

/* ---- coarse to fine ---- */

/* The soft filling of a level, and how plain the known picture is thereabouts (0..1). */
typedef struct membrane {
    float *rgb[3], *plain;
    float *share, *scratch;     /* scratch */
} membrane;

/* Colours drift towards whatever the picture has most of, unless plain parts are held to the soft
 * filling by `hold`, 0..1. */
static void hold_to(const level *l, const membrane *m, float hold)
{
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < l->w * l->h; i++)
            if (l->hole[i])
                l->rgb[c][i] += hold * m->plain[i] * (m->rgb[c][i] - l->rgb[c][i]);
}

static void improve(level *l, int n_rounds, int n_sweeps, const membrane *m, float hold,
                    limner_pool *pool)
{
    for (int k = 0; k < n_rounds; k++) {
        level_pack(l);
        limner_pool_run(pool, rate_slice, l, N_SLICES);
        for (int i = 0; i < n_sweeps; i++)
            sweep(l, i % 3 == 1 ? 3 : i % 3 == 2 ? 8 : 1, pool);
        weigh(l);
        limner_pool_run(pool, vote_slice, l, N_SLICES);
        hold_to(l, m, hold);
    }
}

/* plain: detail of the known picture against its blur, spread over the hole. */
static limner_status find_plain(const level *l, const membrane *m)
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
static limner_status make_membrane(const level *l, const membrane *m)
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

/* Seamless cloning with a membrane (Farbman et al. 2009): what the patches in the hole say of the
 * known pixels around it is off by a little; that error, smoothed along the contour and spread
 * over the hole, is taken off the filling. error: three planes; share, scratch: one each. */
static limner_status remove_seam(const level *l, float *const *error, float *share,
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
        if (l->hole[i] || !l->target[i] || gather(l, x, y, 1, rgb) <= 0.0f)
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
    for (int c = 0; c < 3 && st >= 0; c++)
        for (int i = 0; i < size; i++)
            if (l->hole[i])
                l->rgb[c][i] = fminf(fmaxf(l->rgb[c][i] + error[c][i], 0.0f), 1.0f);
    return st;
}

/* Picture of the hole and matches of the targets from the next coarser level. */
static void inherit(level *l, const level *coarse, float *scratch, float *plane)
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
    level level[MAX_LEVELS];
    int n;
} pyramid;

static limner_status pyramid_open(pyramid *p, const limner_completion *c)
{
    int w = c->w, h = c->h;
    const size_t size = (size_t)w * (size_t)h;
    limner_status st;

    for (;;) {
        p->level[p->n].index = p->n;
        st = level_open(&p->level[p->n++], w, h);
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
        level_reduce(&p->level[i], &p->level[i - 1]);
    for (int i = 0; i < p->n; i++) {
        /* The two finest levels are filled near the known only; coarse ones are cheap. */
        const float reach = i < 2 ? c->reach_px / (float)(1 << i) : (float)(w + h) * 64.0f;
        st = level_prepare(&p->level[i], reach);
        if (st < 0)
            return st;
    }
    return LIMNER_OK;
}

static limner_status complete_level(pyramid *p, int i, const membrane *m, limner_pool *pool)
{
    static const uint8_t n_rounds[MAX_LEVELS] = { 1, 2, 3, 4, 6, 8 };
    static const float holds[MAX_LEVELS] = { 0.8f, 0.6f, 0.7f, 0.7f, 0.7f, 0.7f };
    level *l = &p->level[i];
    limner_status st;

    if (i < p->n - 1)
        inherit(l, &p->level[i + 1], m->scratch, m->share);
    st = make_membrane(l, m);
    if (st >= 0 && i == p->n - 1)
        for (int c = 0; c < 3; c++)
            memcpy(l->rgb[c], m->rgb[c], (size_t)(l->w * l->h) * sizeof(float));
    if (st >= 0 && l->n_sources >= MIN_SOURCES)
        improve(l, n_rounds[i], i ? 3 : 2, m, holds[i], pool);
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
