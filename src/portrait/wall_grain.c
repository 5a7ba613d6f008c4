/* SPDX-License-Identifier: Apache-2.0 */
/* Grain is told from textures by being fine and everywhere alike: of the variances in small windows
 * of the known part, the quietest tenth is not far below the quieter ones. It is drawn anew as
 * white noise behind a Gaussian that gives neighbours the same correlation, and as strong as what
 * the nearby known part has over the completed one, but never stronger than the quieter part of
 * the picture. */
#include "portrait/wall_grain.h"

#include <math.h>

#include "core/filter.h"
#include "core/mem.h"
#include "core/rng.h"
#include "core/smoothstep.h"

#define SOFT_PX 4.0f            /* what is coarser is no grain */
#define SEEN_FROM 1.0f          /* deviation, levels */
#define SEEN_TO 2.0f
#define ALIKE_FROM 0.40f        /* variance of the quietest tenth over that of the quieter 40 % */
#define ALIKE_TO 0.55f
#define FINE_FROM 0.66f         /* correlation of neighbours */
#define FINE_TO 0.76f
#define WHITE 0.08f             /* correlation that is none */
#define PIXELATED 0.06f         /* of a correlation, lost by sampling and with the soft twin */

enum { RADIUS_PX = 6, N_BINS = 512, BINS_A_LEVEL = 16, LEAST_KNOWN = 2000 };

typedef struct grain {
    limner_image *img;
    int side;
    float *high;                /* [side][side] over the soft twin, levels; then the new grain */
    float *known, *own;         /* variance of the known part, of the completed part */
    float *weight, *rows;
    float variance, correlation, strength;      /* of the known part's grain; share to add */
} grain;

/* Of the mask [w][w] at a pixel of the picture. */
static float at(const uint8_t *mask, const grain *g, int w, int x, int y)
{
    const int u = (2 * x + 1) * w / (2 * g->side), v = (2 * y + 1) * w / (2 * g->side);

    return mask[v * w + u] ? 1.0f : 0.0f;
}

static void find_high(const grain *g)
{
    const int n = g->side;

    for (int y = 0; y < n; y++) {
        const uint8_t *px = limner_image_row(g->img, (uint32_t)y);
        for (int x = 0; x < n; x++, px += 3)
            g->high[y * n + x] = 0.25f * (float)px[0] + 0.5f * (float)px[1] + 0.25f * (float)px[2];
    }
    limner_filter_gauss(g->own, g->high, g->rows, n, n, SOFT_PX);
    for (int i = 0; i < n * n; i++)
        g->high[i] -= g->own[i];
}

/* Variance of `high` in windows, of pixels under the mask only. weight: their share. */
static void find_variance(const grain *g, float *variance, const uint8_t *mask, int w)
{
    const int n = g->side;

    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            const int i = y * n + x;
            g->weight[i] = at(mask, g, w, x, y);
            variance[i] = g->weight[i] * g->high[i] * g->high[i];
        }
    limner_filter_box(variance, variance, g->rows, n, n, RADIUS_PX);
    limner_filter_box(g->weight, g->weight, g->rows, n, n, RADIUS_PX);
    for (int i = 0; i < n * n; i++)
        variance[i] /= fmaxf(g->weight[i], 1e-6f);
}

static int bin_at(float variance)
{
    const float k = BINS_A_LEVEL * sqrtf(fmaxf(variance, 0.0f));

    return k < N_BINS - 1 ? (int)k : N_BINS - 1;
}

/* Variance below which the share of all counted windows lies. */
static float quantile(const int *bins, int total, float share)
{
    int sum = 0, k = 0;

    while (k < N_BINS - 1 && (float)(sum += bins[k]) < share * (float)total)
        k++;
    return ((float)k + 0.5f) * ((float)k + 0.5f) / (BINS_A_LEVEL * BINS_A_LEVEL);
}

/* Correlation of neighbours in windows of variance lo..hi, of windows wholly known. */
static float find_correlation(const grain *g, float lo, float hi)
{
    const int n = g->side;
    double both = 0.0, one = 1e-6;

    for (int y = 0; y < n - 1; y++)
        for (int x = 0; x < n - 1; x++) {
            const int i = y * n + x;
            if (g->weight[i] < 0.999f || g->known[i] < lo || g->known[i] > hi)
                continue;
            both += 0.5f * g->high[i] * (g->high[i + 1] + g->high[i + n]);
            one += g->high[i] * g->high[i];
        }
    return (float)(both / one);
}

/* After find_variance() of the known part. */
static void judge(grain *g)
{
    const int size = g->side * g->side;
    int bins[N_BINS] = { 0 }, total = 0;
    float lo;

    for (int i = 0; i < size; i++)
        if (g->weight[i] >= 0.999f) {
            bins[bin_at(g->known[i])]++;
            total++;
        }
    g->strength = 0.0f;
    if (total < LEAST_KNOWN)
        return;
    lo = quantile(bins, total, 0.1f);
    g->variance = quantile(bins, total, 0.4f);
    g->correlation = find_correlation(g, lo, g->variance);
    g->strength = limner_smoothstep(sqrtf(g->variance), SEEN_FROM, SEEN_TO) *
                  limner_smoothstep(lo / g->variance, ALIKE_FROM, ALIKE_TO) *
                  (1.0f - limner_smoothstep(g->correlation, FINE_FROM, FINE_TO));
}

/* high: noise of deviation 1 and the correlation of the known part's grain, which a Gaussian of
 * deviation s gives white noise as exp(-1 / (4 s^2)), less PIXELATED. */
static void draw(const grain *g)
{
    const int n = g->side;
    double sum = 0.0;
    limner_rng rng;
    float k;

    limner_rng_init(&rng, 1, 0);
    for (int i = 0; i < n * n; i++)
        g->high[i] = limner_rng_normal(&rng);
    if (g->correlation > WHITE)
        limner_filter_gauss(g->high, g->high, g->rows, n, n,
                            sqrtf(-0.25f / logf(g->correlation + PIXELATED)));
    for (int i = 0; i < n * n; i++)
        sum += g->high[i] * g->high[i];
    k = (float)sqrt(n * n / fmax(sum, 1e-6));
    for (int i = 0; i < n * n; i++)
        g->high[i] *= k;
}

static void add(const grain *g, const uint8_t *hole, int w)
{
    for (int y = 0; y < g->side; y++) {
        uint8_t *px = limner_image_row(g->img, (uint32_t)y);
        for (int x = 0; x < g->side; x++, px += 3) {
            const int i = y * g->side + x;
            const float lack = fminf(g->known[i], g->variance) - g->own[i];
            const float v = g->strength * g->high[i] * sqrtf(fmaxf(lack, 0.0f));
            for (int c = 0; c < 3 && at(hole, g, w, x, y) > 0.0f; c++)
                px[c] = (uint8_t)(fminf(fmaxf((float)px[c] + v, 0.0f), 255.0f) + 0.5f);
        }
    }
}

limner_status limner_wall_grain_run(limner_image *background, const uint8_t *hole,
                                    const uint8_t *source, int w)
{
    const size_t size = (size_t)background->w * background->w;
    float *block = limner_calloc(size, 5 * sizeof(float));
    grain g = { .img = background, .side = (int)background->w, .high = block,
                .known = block + size, .own = block + 2 * size, .weight = block + 3 * size,
                .rows = block + 4 * size };
    limner_status st = LIMNER_OK;

    if (!block)
        return LIMNER_E_NOMEM;
    find_high(&g);
    find_variance(&g, g.known, source, w);
    judge(&g);
    if (g.strength > 0.0f) {
        for (size_t i = 0; i < size; i++)
            g.weight[i] = g.weight[i] > 0.5f ? 1.0f : 0.0f;
        st = limner_filter_fill(&g.known, 1, g.weight, g.side, g.side);
        find_variance(&g, g.own, hole, w);
        draw(&g);
        if (st >= 0)
            add(&g, hole, w);
    }
    limner_mem_free(block);
    return st;
}
