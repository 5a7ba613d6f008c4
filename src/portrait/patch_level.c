/* SPDX-License-Identifier: Apache-2.0 */
/* Patch matching and voting (patch_level.h). The picture is kept as 16-bit RGB0 (8 times the 8-bit
 * value) with a replicated margin, so that a patch distance is a few multiply-adds per row. A sweep
 * takes candidates from the neighbours' matches of the sweep before and from random places at
 * shrinking radii: no order between pixels, hence the same result on any number of threads. */
#include "portrait/patch_level.h"

#include <math.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"

enum {
    R = LIMNER_PATCH_RADIUS, SIDE = 2 * R + 1,
    ROW = SIDE * 4,             /* 16-bit values in a row of a patch */
    SCALE = 8,                  /* of the 16-bit values over 0..255 */
    N_SLICES = 32,
    N_PROBES = 4,               /* random candidates per sweep */
    FAR = INT32_MAX
};

/* ---- levels ---- */

limner_status limner_patch_level_open(limner_patch_level *l, int w, int h)
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

/* to[i] |= from[i], [n] */
static void merge(uint8_t *restrict to, const uint8_t *restrict from, int n)
{
    for (int i = 0; i < n; i++)
        to[i] |= from[i];
}

/* out [h][w]: what is set in a patch's window around each pixel, all that of `in` or-ed: along rows
 * into `rows`, then down. */
static void spread(uint8_t *out, uint8_t *rows, const uint8_t *in, int w, int h)
{
    memset(rows, 0, (size_t)w * (size_t)h);
    memset(out, 0, (size_t)w * (size_t)h);
    for (int y = 0; y < h; y++)
        for (int d = -R; d <= R; d++) {
            const ptrdiff_t at = (ptrdiff_t)y * w;
            merge(rows + at + (d < 0 ? -d : 0), in + at + (d > 0 ? d : 0), w - (d < 0 ? -d : d));
        }
    for (int y = 0; y < h; y++)
        for (int v = y < R ? 0 : y - R; v <= y + R && v < h; v++)
            merge(out + (ptrdiff_t)y * w, rows + (ptrdiff_t)v * w, w);
}

/* Depth, targets, list of sources. */
limner_status limner_patch_level_prepare(limner_patch_level *l, float reach_px)
{
    enum { HOLE = 1, BAD = 2 };
    const int w = l->w, h = l->h;
    const size_t size = (size_t)w * (size_t)h;
    uint8_t *near = (uint8_t *)l->match_next, *rows = near + size, *kind = near + 2 * size;
    limner_status st;

    for (size_t i = 0; i < size; i++) {
        l->depth[i] = l->hole[i] ? 0.0f : 1.0f;
        kind[i] = (uint8_t)((l->hole[i] ? HOLE : 0) | (l->source[i] ? 0 : BAD));
    }
    st = limner_filter_distance(l->depth, l->depth, w, h);
    spread(near, rows, kind, w, h);
    l->n_sources = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const int i = y * w + x;
            const int is_inside = x >= R && y >= R && x < w - R && y < h - R;
            l->target[i] = (near[i] & HOLE) && l->depth[i] <= reach_px;
            l->match[i] = -1;
            l->cost[i] = FAR;
            if (is_inside && !(near[i] & BAD))
                l->sources[l->n_sources++] = i;
        }
    memset(l->source, 0, (size_t)w * (size_t)h);
    for (int k = 0; k < l->n_sources; k++)
        l->source[l->sources[k]] = 1;
    return st;
}

/* 2 x 2 means of what is known. A pixel is a source only if all four are. */
void limner_patch_level_reduce(limner_patch_level *to, const limner_patch_level *from)
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
static void level_pack(const limner_patch_level *l)
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

static const int16_t *patch(const limner_patch_level *l, int i)
{
    const int x = i % l->w, y = i / l->w;

    return l->px + ((ptrdiff_t)y * (l->w + 2 * R) + x) * 4;
}

static int32_t patch_cost(const limner_patch_level *l, const int16_t *a, int j, int32_t limit)
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

static void try_source(const limner_patch_level *l, const int16_t *here, int x, int y,
                       candidate *best)
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

static void try_neighbour(const limner_patch_level *l, const int16_t *here, int x, int y, int dx,
                          int dy, candidate *best)
{
    const int u = x + dx, v = y + dy;
    int32_t m;

    if (u < 0 || v < 0 || u >= l->w || v >= l->h)
        return;
    m = l->match[v * l->w + u];
    if (m >= 0)
        try_source(l, here, m % l->w - dx, m / l->w - dy, best);
}

static void sweep_pixel(const limner_patch_level *l, int x, int y)
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
    const limner_patch_level *l = user;

    for (int y = l->h * (int)slice / (int)n_slices; y < l->h * ((int)slice + 1) / (int)n_slices;
         y++)
        for (int x = 0; x < l->w; x++)
            if (l->target[y * l->w + x])
                sweep_pixel(l, x, y);
}

/* Costs of the present matches, after the picture has changed. */
static void rate_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const limner_patch_level *l = user;
    const int size = l->w * l->h;
    const int from = (int)((int64_t)size * slice / n_slices);
    const int to = (int)((int64_t)size * (slice + 1) / n_slices);

    for (int i = from; i < to; i++)
        l->cost[i] = l->match[i] >= 0 ? patch_cost(l, patch(l, i), l->match[i], FAR) : FAR;
}

static void sweep(limner_patch_level *l, int jump, limner_pool *pool)
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
static void weigh(const limner_patch_level *l)
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

float limner_patch_level_gather(const limner_patch_level *l, int x, int y, int is_strict,
                                float rgb[3])
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
    const limner_patch_level *l = user;
    float rgb[3];

    for (int y = l->h * (int)slice / (int)n_slices; y < l->h * ((int)slice + 1) / (int)n_slices;
         y++)
        for (int x = 0; x < l->w; x++)
            if (l->hole[y * l->w + x] && limner_patch_level_gather(l, x, y, 0, rgb) > 0.0f)
                for (int c = 0; c < 3; c++)
                    l->rgb[c][y * l->w + x] = rgb[c];
}

void limner_patch_level_round(limner_patch_level *l, int n_sweeps, limner_pool *pool)
{
    static const uint8_t jumps[3] = { 1, 3, 8 };

    level_pack(l);
    limner_pool_run(pool, rate_slice, l, N_SLICES);
    for (int i = 0; i < n_sweeps; i++)
        sweep(l, jumps[i % 3], pool);
    weigh(l);
    limner_pool_run(pool, vote_slice, l, N_SLICES);
}
