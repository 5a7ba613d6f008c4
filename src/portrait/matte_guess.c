/* SPDX-License-Identifier: Apache-2.0 */
/* Each unknown pixel gathers a few person and a few background colours: those of the nearest sure
 * pixels as seen from itself and from a ring of points around it. The pair that explains its
 * colour best as a mixture gives alpha; how well and how far apart the two are gives the trust.
 * Nearest sure pixels come from two sweeps of vector propagation (Danielsson 1980). */
#include "portrait/matte_guess.h"

#include <math.h>

#include "core/mem.h"

enum { N_RING = 8, N_RINGS = 2, N_SAMPLES = N_RINGS * N_RING + 1, N_SLICES = 32 };

/* Deviations in colour (0..1): what noise and soft sampling leave unexplained, and how far person
 * and background must differ to tell an alpha. */
#define FIT_SIGMA 0.035f
#define APART_SIGMA 0.12f
#define DISTANCE_COST 0.0004f   /* of a sample at reach_px, in squared colour */
#define MASK_COST 0.0015f       /* of an alpha quite against the mask, likewise */

typedef struct sampler {
    const limner_matte_guess *g;
    float *guess, *trust;
    int32_t *near_person, *near_back;   /* index of the nearest sure pixel, -1: none */
} sampler;

typedef struct sample {
    float rgb[3];
    float cost;
} sample;

/* ---- nearest sure pixel ---- */

static int64_t squared(int32_t site, int x, int y, int w)
{
    const int dx = site % w - x, dy = site / w - y;

    return site < 0 ? INT64_MAX : (int64_t)dx * dx + (int64_t)dy * dy;
}

static void relax(int32_t *map, int w, int h, int x, int y, int dx, int dy)
{
    const int u = x + dx, v = y + dy;
    int32_t *here = map + y * w + x;

    if (u < 0 || v < 0 || u >= w || v >= h || map[v * w + u] < 0)
        return;
    if (squared(map[v * w + u], x, y, w) < squared(*here, x, y, w))
        *here = map[v * w + u];
}

static void nearest(int32_t *map, const uint8_t *trimap, uint8_t wanted, int w, int h)
{
    for (int i = 0; i < w * h; i++)
        map[i] = trimap[i] == wanted ? i : -1;
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            if (map[y * w + x] == y * w + x)
                continue;
            relax(map, w, h, x, y, -1, 0);
            for (int u = -1; u <= 1; u++)
                relax(map, w, h, x, y, u, -1);
        }
        for (int x = w - 2; x >= 0; x--)
            relax(map, w, h, x, y, 1, 0);
    }
    for (int y = h - 1; y >= 0; y--) {
        for (int x = w - 1; x >= 0; x--) {
            if (map[y * w + x] == y * w + x)
                continue;
            relax(map, w, h, x, y, 1, 0);
            for (int u = -1; u <= 1; u++)
                relax(map, w, h, x, y, u, 1);
        }
        for (int x = 1; x < w; x++)
            relax(map, w, h, x, y, -1, 0);
    }
}

/* ---- samples ---- */

static int clamp_int(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* The colour a few pixels beyond the site as seen from (x, y), where it is sure of the same kind:
 * right at the border of the sure region colours are often mixed already. */
static void take_sample(sample *out, const sampler *s, int32_t site, int x, int y)
{
    const limner_matte_guess *g = s->g;
    const int sx = site % g->w, sy = site / g->w;
    const float dx = (float)(sx - x), dy = (float)(sy - y);
    const float k = 2.0f / fmaxf(1.0f, hypotf(dx, dy));
    const int bx = clamp_int(sx + (int)lrintf(dx * k), 0, g->w - 1);
    const int by = clamp_int(sy + (int)lrintf(dy * k), 0, g->h - 1);
    const int at = g->trimap[by * g->w + bx] == g->trimap[site] ? by * g->w + bx : site;

    for (int c = 0; c < 3; c++)
        out->rgb[c] = g->rgb[c][at];
    out->cost = DISTANCE_COST * hypotf(dx, dy) / g->reach_px;
}

/* Samples seen from the pixel itself and from rings of points at reach_px and, for backgrounds with
 * a pattern, three times as far. */
static int gather(sample *out, const sampler *s, const int32_t *map, int n_rings, int x, int y)
{
    static const int8_t ring[N_RING][2] = { { 8, 0 }, { -8, 0 }, { 0, 8 }, { 0, -8 },
                                            { 6, 6 }, { -6, 6 }, { 6, -6 }, { -6, -6 } };
    int n = 0;

    for (int i = 0; i <= n_rings * N_RING; i++) {
        const float k = s->g->reach_px / 8.0f * (i > N_RING ? 3.0f : 1.0f);
        const int dx = i ? (int)lrintf(k * ring[(i - 1) % N_RING][0]) : 0;
        const int dy = i ? (int)lrintf(k * ring[(i - 1) % N_RING][1]) : 0;
        const int u = clamp_int(x + dx, 0, s->g->w - 1), v = clamp_int(y + dy, 0, s->g->h - 1);
        const int32_t site = map[v * s->g->w + u];
        if (site >= 0)
            take_sample(&out[n++], s, site, x, y);
    }
    return n;
}

/* The best pair for a colour, of equals the one nearer to the mask; returns alpha, *miss the
 * squared colour left, *apart their squared distance. */
static float best_pair(const float rgb[3], float mask, const sample *person, int n_person,
                       const sample *back, int n_back, float *miss, float *apart)
{
    float best = 1e9f, alpha = 0.0f;

    for (int i = 0; i < n_person; i++)
        for (int j = 0; j < n_back; j++) {
            float dot = 0.0f, len = 1e-6f, left = 0.0f, cost, a;
            for (int c = 0; c < 3; c++) {
                const float d = person[i].rgb[c] - back[j].rgb[c];
                dot += d * (rgb[c] - back[j].rgb[c]);
                len += d * d;
            }
            a = fminf(fmaxf(dot / len, 0.0f), 1.0f);
            for (int c = 0; c < 3; c++) {
                const float d = rgb[c] - a * person[i].rgb[c] - (1.0f - a) * back[j].rgb[c];
                left += d * d;
            }
            cost = left + person[i].cost + back[j].cost + MASK_COST * (a - mask) * (a - mask);
            if (cost < best) {
                best = cost;
                alpha = a;
                *miss = left;
                *apart = len;
            }
        }
    return alpha;
}

static void guess_pixel(const sampler *s, int x, int y)
{
    const limner_matte_guess *g = s->g;
    const int at = y * g->w + x;
    const float rgb[3] = { g->rgb[0][at], g->rgb[1][at], g->rgb[2][at] };
    sample person[N_SAMPLES], back[N_SAMPLES];
    const int n_person = gather(person, s, s->near_person, 1, x, y);
    const int n_back = gather(back, s, s->near_back, N_RINGS, x, y);
    float miss = 0.0f, apart = 0.0f, alpha, tells;

    if (!n_person || !n_back) {
        s->guess[at] = g->mask[at];
        s->trust[at] = 0.0f;
        return;
    }
    alpha = best_pair(rgb, g->mask[at], person, n_person, back, n_back, &miss, &apart);
    tells = apart / (apart + APART_SIGMA * APART_SIGMA);
    s->trust[at] = tells * expf(-0.5f * miss / (FIT_SIGMA * FIT_SIGMA));
    s->guess[at] = g->mask[at] + s->trust[at] * (alpha - g->mask[at]);
}

static void guess_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const sampler *s = user;
    const int w = s->g->w, h = s->g->h;

    for (int y = h * (int)slice / (int)n_slices; y < h * ((int)slice + 1) / (int)n_slices; y++)
        for (int x = 0; x < w; x++)
            if (s->g->trimap[y * w + x] == LIMNER_TRIMAP_UNKNOWN)
                guess_pixel(s, x, y);
}

static void nearest_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const sampler *s = user;

    (void)n_slices;
    if (slice)
        nearest(s->near_person, s->g->trimap, LIMNER_TRIMAP_PERSON, s->g->w, s->g->h);
    else
        nearest(s->near_back, s->g->trimap, LIMNER_TRIMAP_BACKGROUND, s->g->w, s->g->h);
}

limner_status limner_matte_guess_run(float *guess, float *trust, const limner_matte_guess *g,
                                     limner_pool *pool)
{
    const size_t size = (size_t)g->w * (size_t)g->h;
    sampler s = { .g = g, .guess = guess, .trust = trust };

    s.near_person = limner_alloc(size, 2 * sizeof(*s.near_person));
    if (!s.near_person)
        return LIMNER_E_NOMEM;
    s.near_back = s.near_person + size;
    limner_pool_run(pool, nearest_slice, &s, 2);
    limner_pool_run(pool, guess_slice, &s, N_SLICES);
    limner_mem_free(s.near_person);
    return LIMNER_OK;
}
