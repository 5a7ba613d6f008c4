/* SPDX-License-Identifier: Apache-2.0 */
/* The background next to the person is foretold by the mean and deviation of what lies further out.
 * What is unlike that, is connected and reaches the outline is a candidate; thresholds divide nine
 * parts from some sixty stars, leaves, books, halos and shadows in 57 portraits. */
#include "portrait/missed_parts.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"

#define ZONE 0.075f             /* of the side: how far from the outline parts are looked for */
#define EDGE 0.022f             /* nearer ones are matted in any case */
#define EDGE_SLACK_PX 1.5f
#define CORE_DEVIATIONS 2.5f    /* unlike the background, of its deviation, ... */
#define CORE_LEAST 0.10f        /* ... and in colour (0..1, euclidean) at least */
#define GROWN_DEVIATIONS 1.6f   /* what belongs to a core */
#define GROWN_LEAST 0.08f
#define CONTRAST 0.2f           /* of a core against the background foretold */
#define CLEAR 8.5f              /* contrast in deviations of the background that is enough; ... */
#define FAIRLY_CLEAR 3.2f       /* ... or this and the colour of ... */
#define OWN_SHARE 0.25f         /* ... so much of the person beside it */
#define OUTER_SHARE 0.1f        /* more at the zone's outer border goes on in the background */
#define SURE_PERSON 0.9f
#define LEAST_WEIGHT 1e-5f       /* of what is far, in a mean over the surroundings */
#define LIKE_AROUND 0.018f      /* of the background around with a colour like it, ... */
#define LIKE_FURTHER 0.008f     /* ... further around with nearly the same */

enum { W = LIMNER_MISSED_PX, SIZE = W * W, MEAN_RADIUS = 17, CORE_LEAST_PX = 14 };

/* Where colours are compared with a part's: radius in pixels, and how near in its contrast. */
typedef struct surround {
    int radius;
    float near;
} surround;

static const surround AROUND = { 40, 0.4f }, FURTHER = { 90, 0.2f }, PERSON = { 25, 0.35f };

typedef struct finding {
    const float *const *rgb, *mask;
    float *distance;            /* from the person's outline, px */
    float *far;                 /* 1: beyond the zone */
    float *mean[3], *deviation; /* foretold background */
    float *weight, *square, *scratch;
    uint8_t *unlike;            /* 1: unlike the background, 2: a core; 0 once visited */
    int32_t *px;                /* of the present candidate */
    uint8_t *found;
} finding;

typedef struct candidate {
    int n, n_core, n_outer, n_border;
    int x0, y0, x1, y1;
    float nearest, foretold[3], deviation;      /* the last two: means over the core */
    float rgb[3], weight;       /* mean colour of the core where it is least like the background */
} candidate;

static float colour_distance(const finding *f, int at, const float rgb[3])
{
    const float r = f->rgb[0][at] - rgb[0], g = f->rgb[1][at] - rgb[1], b = f->rgb[2][at] - rgb[2];

    return sqrtf(r * r + g * g + b * b);
}

/* Two box means are nearly a Gaussian's. */
static void smooth(float *out, const float *in, float *scratch)
{
    limner_filter_box(out, in, scratch, W, W, MEAN_RADIUS);
    limner_filter_box(out, out, scratch, W, W, MEAN_RADIUS);
}

/* Means of what is far, and the deviation of all three channels from them. */
static void foretell(finding *f)
{
    float *weight = f->weight, *square = f->square;

    smooth(weight, f->far, f->scratch);
    memset(f->deviation, 0, SIZE * sizeof(float));
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < SIZE; i++) {
            f->mean[c][i] = f->far[i] * f->rgb[c][i];
            square[i] = f->mean[c][i] * f->rgb[c][i];
        }
        smooth(f->mean[c], f->mean[c], f->scratch);
        smooth(square, square, f->scratch);
        for (int i = 0; i < SIZE; i++) {
            f->mean[c][i] /= weight[i] + LEAST_WEIGHT;
            f->deviation[i] += square[i] / (weight[i] + LEAST_WEIGHT) -
                               f->mean[c][i] * f->mean[c][i];
        }
    }
    for (int i = 0; i < SIZE; i++)
        f->deviation[i] = sqrtf(fmaxf(f->deviation[i], 0));
}

/* Marks what is in the zone, beyond the matted edge, and unlike the background. */
static void find_unlike(finding *f)
{
    for (int i = 0; i < SIZE; i++) {
        const float foretold[3] = { f->mean[0][i], f->mean[1][i], f->mean[2][i] };
        const float d = colour_distance(f, i, foretold);

        f->unlike[i] = 0;
        if (f->distance[i] <= EDGE * W || f->far[i] > 0 || f->weight[i] < 10 * LEAST_WEIGHT)
            continue;
        if (d > fmaxf(CORE_DEVIATIONS * f->deviation[i], CORE_LEAST))
            f->unlike[i] = 2;
        else if (d > fmaxf(GROWN_DEVIATIONS * f->deviation[i], GROWN_LEAST))
            f->unlike[i] = 1;
    }
}

static void count(const finding *f, candidate *c, int at)
{
    const int x = at % W, y = at / W;
    const float foretold[3] = { f->mean[0][at], f->mean[1][at], f->mean[2][at] };
    const float d = colour_distance(f, at, foretold), weight = d * d * d * d;

    c->nearest = fminf(c->nearest, f->distance[at]);
    c->n_outer += f->distance[at] > ZONE * W - EDGE_SLACK_PX;
    if (f->unlike[at] < 2)
        return;
    c->n_core++;
    c->n_border += !x || !y || x == W - 1 || y == W - 1;
    c->x0 = x < c->x0 ? x : c->x0;
    c->x1 = x > c->x1 ? x : c->x1;
    c->y0 = y < c->y0 ? y : c->y0;
    c->y1 = y > c->y1 ? y : c->y1;
    c->deviation += f->deviation[at];
    c->weight += weight;
    for (int k = 0; k < 3; k++) {
        c->rgb[k] += weight * f->rgb[k][at];
        c->foretold[k] += foretold[k];
    }
}

/* The 8-connected candidate at `seed`, into f->px; unmarks it. */
static candidate collect(finding *f, int seed)
{
    candidate c = { .x0 = W, .y0 = W, .x1 = -1, .y1 = -1, .nearest = 2 * W };

    count(f, &c, seed);
    f->px[c.n++] = seed;
    f->unlike[seed] = 0;
    for (int k = 0; k < c.n; k++) {
        const int x = f->px[k] % W, y = f->px[k] / W;

        for (int v = y > 0 ? y - 1 : 0; v <= y + 1 && v < W; v++)
            for (int u = x > 0 ? x - 1 : 0; u <= x + 1 && u < W; u++) {
                if (!f->unlike[v * W + u])
                    continue;
                count(f, &c, v * W + u);
                f->px[c.n++] = v * W + u;
                f->unlike[v * W + u] = 0;
            }
    }
    c.deviation /= fmaxf((float)c.n_core, 1);
    for (int k = 0; k < 3; k++) {
        c.rgb[k] /= fmaxf(c.weight, 1e-9f);
        c.foretold[k] /= fmaxf((float)c.n_core, 1);
    }
    return c;
}

static float contrast(const candidate *c)
{
    return sqrtf((c->rgb[0] - c->foretold[0]) * (c->rgb[0] - c->foretold[0]) +
                 (c->rgb[1] - c->foretold[1]) * (c->rgb[1] - c->foretold[1]) +
                 (c->rgb[2] - c->foretold[2]) * (c->rgb[2] - c->foretold[2]));
}

/* Share of the far background, or of the sure person, around a candidate that has its colour; of
 * nothing: `none`. */
static float share_like(const finding *f, const candidate *c, surround s, bool is_person,
                        float none)
{
    const int x0 = c->x0 > s.radius ? c->x0 - s.radius : 0;
    const int y0 = c->y0 > s.radius ? c->y0 - s.radius : 0;
    const int x1 = c->x1 + s.radius < W ? c->x1 + s.radius : W - 1;
    const int y1 = c->y1 + s.radius < W ? c->y1 + s.radius : W - 1;
    const float near = s.near * contrast(c);
    int n = 0, n_like = 0;

    for (int y = y0; y <= y1; y++)
        for (int i = y * W + x0; i <= y * W + x1; i++) {
            if (is_person ? f->mask[i] < SURE_PERSON : f->far[i] <= 0)
                continue;
            n++;
            n_like += colour_distance(f, i, c->rgb) < near;
        }
    return n ? (float)n_like / (float)n : none;
}

static bool is_missed(const finding *f, const candidate *c)
{
    const float clear = contrast(c) / (c->deviation + 1e-3f);

    if (c->n_core < CORE_LEAST_PX || c->n_border || contrast(c) < CONTRAST ||
        clear < FAIRLY_CLEAR || c->nearest > EDGE * W + EDGE_SLACK_PX ||
        (float)c->n_outer > OUTER_SHARE * (float)c->n)
        return false;
    if (share_like(f, c, AROUND, false, 1) > LIKE_AROUND ||
        share_like(f, c, FURTHER, false, 1) > LIKE_FURTHER)
        return false;
    return clear > CLEAR || share_like(f, c, PERSON, true, 0) > OWN_SHARE;
}

/* Raises to 2 what has found pixels on all sides. */
static void mark_inside(uint8_t *found)
{
    for (int y = 1; y < W - 1; y++)
        for (int x = 1; x < W - 1; x++) {
            uint8_t *at = found + y * W + x;
            bool is_inside = true;

            for (int k = 0; k < 9 && is_inside; k++)
                is_inside = at[(k / 3 - 1) * W + k % 3 - 1] > 0;
            *at = (uint8_t)(*at + is_inside);
        }
}

static limner_status find(finding *f)
{
    limner_status st;

    for (int i = 0; i < SIZE; i++)
        f->scratch[i] = f->mask[i] > 0.5f ? 1.0f : 0.0f;
    st = limner_filter_distance(f->distance, f->scratch, W, W);
    if (st < 0)
        return st;
    for (int i = 0; i < SIZE; i++)
        f->far[i] = f->distance[i] > ZONE * W ? 1.0f : 0.0f;
    foretell(f);
    find_unlike(f);
    for (int i = 0; i < SIZE; i++) {
        candidate c;
        bool is;

        if (!f->unlike[i])
            continue;
        c = collect(f, i);
        is = is_missed(f, &c);
        for (int k = 0; k < c.n; k++)
            f->found[f->px[k]] = is;
    }
    mark_inside(f->found);
    return LIMNER_OK;
}

limner_status limner_missed_parts_find(uint8_t *found, const float *const rgb[3],
                                       const float *mask)
{
    finding f = { .rgb = rgb, .mask = mask, .found = found };
    float **plane[] = { &f.distance, &f.far, &f.mean[0], &f.mean[1], &f.mean[2], &f.deviation,
                        &f.weight, &f.square, &f.scratch };
    const size_t n_planes = sizeof(plane) / sizeof(plane[0]);
    float *block = limner_alloc(n_planes * SIZE, sizeof(float));
    limner_status st = LIMNER_E_NOMEM;

    memset(found, 0, SIZE);
    for (size_t i = 0; block && i < n_planes; i++)
        *plane[i] = block + i * SIZE;
    f.px = limner_alloc(SIZE, sizeof(*f.px));
    f.unlike = limner_alloc(SIZE, 1);
    if (block && f.px && f.unlike)
        st = find(&f);
    limner_mem_free(block);
    limner_mem_free(f.px);
    limner_mem_free(f.unlike);
    return st;
}
