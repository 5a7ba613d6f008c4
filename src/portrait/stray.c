/* SPDX-License-Identifier: Apache-2.0 */
/* A hair is a thin light or dark line in the background layer that begins at the person's outline.
 * Thin is what a morphological closing or opening takes away; the threshold follows how much of
 * that there is around, so that canvas and brick stay, and before a busy background only short
 * lines are hairs. Behind a hair the background is the mean of what is beside it, and the matte
 * rises to what the difference needs. Planes [s][s], bytes. */
#include "portrait/stray.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"
#include "core/smoothstep.h"

enum { LEVEL_PX = 128, LEVEL_RADIUS = 5, LEVEL_MOST = 16, STEP = 2, BESIDE = 6 };

#define WIDTH_SHARE 0.004f      /* of the side: half of the widest hair */
/* Of the side: how far from the outline a line may reach. Before a busy background those that reach
 * far are the edges of its things. */
#define REACH_PLAIN 0.08f
#define REACH_BUSY 0.02f
#define PLAIN 12.0f             /* deviation of the background's brightness, grey levels */
#define BUSY 32.0f
#define LEAST 10.0f             /* grey levels by which a hair stands out at least, ... */
#define OVER_LEVEL 4.0f         /* ... and in the mean of what is thin around */
#define GROW 0.6f               /* of the threshold: where a hair goes on */
#define LENGTH_SHARE 0.008f     /* of the side: shorter ones are the outline's own raggedness */
#define COVERED 250             /* matte from which nothing of the background is seen */
#define PERSON 64               /* matte from which it is the person's */
#define NOISE 2.0f              /* grey levels that are no hair */

enum { OUTSIDE, INSIDE, HAIR };   /* kind of a pixel; HAIR: one found */

typedef struct stray {
    limner_appearance *app;
    int s, radius, n_level;
    uint8_t *grey, *thin, *rows, *kind;         /* grey: later what a flood has seen */
    float *level, *weight, *scratch;            /* [n_level][n_level] mean of thin, over seen px */
    float *outside, *reach;                     /* likewise: distance, and the most for a line */
    int32_t *stack;
} stray;

/* ---- what is thin ---- */

/* Running extreme of 2 r + 1 pixels along rows: `sign` 1 maximum, -1 minimum. */
static void extreme_rows(uint8_t *out, const uint8_t *in, int s, int r, int sign)
{
    for (int y = 0; y < s; y++) {
        const uint8_t *from = in + (ptrdiff_t)y * s;
        uint8_t *to = out + (ptrdiff_t)y * s;

        memcpy(to, from, (size_t)s);
        for (int d = 1; d <= r; d++)
            for (int x = d; x < s - d; x++) {
                const uint8_t a = from[x - d], b = from[x + d];
                const uint8_t hi = a > b ? a : b, lo = a > b ? b : a;

                to[x] = sign > 0 ? (hi > to[x] ? hi : to[x]) : (lo < to[x] ? lo : to[x]);
            }
    }
}

static void extreme_columns(uint8_t *out, const uint8_t *in, int s, int r, int sign)
{
    for (int y = 0; y < s; y++) {
        uint8_t *to = out + (ptrdiff_t)y * s;

        memcpy(to, in + (ptrdiff_t)y * s, (size_t)s);
        for (int v = y < r ? 0 : y - r; v <= y + r && v < s; v++) {
            const uint8_t *from = in + (ptrdiff_t)v * s;

            for (int x = 0; x < s; x++)
                to[x] = sign > 0 ? (from[x] > to[x] ? from[x] : to[x])
                                 : (from[x] < to[x] ? from[x] : to[x]);
        }
    }
}

/* thin = max(thin, what a closing (sign 1) or opening (-1) of `grey` changes). */
static void find_thin(const stray *t, uint8_t *work, int sign)
{
    extreme_rows(t->rows, t->grey, t->s, t->radius, sign);
    extreme_columns(work, t->rows, t->s, t->radius, sign);
    extreme_rows(t->rows, work, t->s, t->radius, -sign);
    extreme_columns(work, t->rows, t->s, t->radius, -sign);
    for (int i = 0; i < t->s * t->s; i++) {
        const int d = sign * ((int)work[i] - (int)t->grey[i]);

        t->thin[i] = d > t->thin[i] ? (uint8_t)d : t->thin[i];
    }
}

static int level_at(const stray *t, int i)
{
    return i / t->s * t->n_level / t->s * t->n_level + i % t->s * t->n_level / t->s;
}

/* reach: by the deviation of the background. level: scratch. */
static void find_reach(const stray *t)
{
    const int n = t->n_level;
    float *mean = t->level, *square = t->reach;

    memset(mean, 0, (size_t)n * (size_t)n * sizeof(float));
    memset(t->weight, 0, (size_t)n * (size_t)n * sizeof(float));
    for (int i = 0; i < t->s * t->s; i++) {
        mean[level_at(t, i)] += (float)t->grey[i];
        t->weight[level_at(t, i)] += 1.0f;
    }
    for (int i = 0; i < n * n; i++) {
        mean[i] /= fmaxf(t->weight[i], 1.0f);
        square[i] = mean[i] * mean[i];
    }
    limner_filter_box(mean, mean, t->scratch, n, n, LEVEL_RADIUS);
    limner_filter_box(square, square, t->scratch, n, n, LEVEL_RADIUS);
    for (int i = 0; i < n * n; i++) {
        const float deviation = sqrtf(fmaxf(square[i] - mean[i] * mean[i], 0.0f));

        t->reach[i] = (float)n * (REACH_PLAIN + (REACH_BUSY - REACH_PLAIN) *
                                  limner_smoothstep(deviation, PLAIN, BUSY));
    }
}

/* Distances from the person, kinds, and the mean of what is thin around. */
static limner_status find_level(const stray *t)
{
    const int n = t->n_level;
    limner_status st;

    memset(t->outside, 0, (size_t)n * (size_t)n * sizeof(float));
    for (int i = 0; i < t->s * t->s; i++)
        if (limner_image_row(&t->app->matte, (uint32_t)(i / t->s))[i % t->s] >= 128)
            t->outside[level_at(t, i)] = 1.0f;
    st = limner_filter_distance(t->outside, t->outside, n, n);
    memset(t->level, 0, (size_t)n * (size_t)n * sizeof(float));
    memset(t->weight, 0, (size_t)n * (size_t)n * sizeof(float));
    for (int i = 0; i < t->s * t->s; i++) {
        const int at = level_at(t, i);
        const bool is_in = t->outside[at] <= REACH_PLAIN * (float)n &&
                           limner_image_row(&t->app->matte, (uint32_t)(i / t->s))[i % t->s] <
                           COVERED;

        t->kind[i] = is_in ? INSIDE : OUTSIDE;
        if (is_in) {
            t->level[at] += (float)(t->thin[i] < LEVEL_MOST ? t->thin[i] : LEVEL_MOST);
            t->weight[at] += 1.0f;
        }
    }
    limner_filter_box(t->level, t->level, t->scratch, n, n, LEVEL_RADIUS);
    limner_filter_box(t->weight, t->weight, t->scratch, n, n, LEVEL_RADIUS);
    for (int i = 0; i < n * n; i++)
        t->level[i] = fmaxf(LEAST, OVER_LEVEL * t->level[i] / fmaxf(t->weight[i], 1e-3f));
    return st;
}

/* ---- hairs ---- */

static bool touches_person(const stray *t, int x, int y)
{
    const int s = t->s;

    for (int v = y < STEP ? 0 : y - STEP; v <= y + STEP && v < s; v++)
        for (int u = x < STEP ? 0 : x - STEP; u <= x + STEP && u < s; u++)
            if (limner_image_row(&t->app->matte, (uint32_t)v)[u] >= PERSON)
                return true;
    return false;
}

/* Follows a hair from a pixel; it becomes HAIR if it is long enough. `seen` marks its pixels. */
static void follow(const stray *t, uint8_t *seen, int seed)
{
    const int s = t->s;
    int n = 0, x0 = s, x1 = 0, y0 = s, y1 = 0;
    bool is_far = false;

    t->stack[n++] = seed;
    seen[seed] = 1;
    for (int k = 0; k < n; k++) {
        const int x = t->stack[k] % s, y = t->stack[k] / s, at = level_at(t, t->stack[k]);

        is_far |= t->outside[at] > t->reach[at];
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
        y0 = y < y0 ? y : y0;
        y1 = y > y1 ? y : y1;
        for (int v = y < STEP ? 0 : y - STEP; v <= y + STEP && v < s; v++)
            for (int u = x < STEP ? 0 : x - STEP; u <= x + STEP && u < s; u++) {
                const int o = v * s + u;

                if (seen[o] || t->kind[o] != INSIDE ||
                    (float)t->thin[o] < GROW * t->level[level_at(t, o)])
                    continue;
                seen[o] = 1;
                t->stack[n++] = o;
            }
    }
    if (is_far || (float)(x1 - x0 > y1 - y0 ? x1 - x0 : y1 - y0) < LENGTH_SHARE * (float)s)
        return;
    for (int k = 0; k < n; k++)
        t->kind[t->stack[k]] = HAIR;
}

static void find_hairs(const stray *t)
{
    uint8_t *seen = t->grey;

    memset(seen, 0, (size_t)t->s * (size_t)t->s);
    for (int i = 0; i < t->s * t->s; i++)
        if (!seen[i] && t->kind[i] == INSIDE && (float)t->thin[i] >= t->level[level_at(t, i)] &&
            touches_person(t, i % t->s, i / t->s))
            follow(t, seen, i);
}

/* ---- giving them to the person ---- */

static bool is_near_hair(const stray *t, int x, int y)
{
    for (int v = y ? y - 1 : 0; v <= y + 1 && v < t->s; v++)
        for (int u = x ? x - 1 : 0; u <= x + 1 && u < t->s; u++)
            if (t->kind[v * t->s + u] == HAIR)
                return true;
    return false;
}

/* Mean of the background beside a hair, the nearer the more. False: there is none. */
static bool mean_beside(const stray *t, const limner_image *back, int x, int y, float rgb[3])
{
    float weight = 0.0f;

    rgb[0] = rgb[1] = rgb[2] = 0.0f;
    for (int v = y < BESIDE ? 0 : y - BESIDE; v <= y + BESIDE && v < t->s; v++)
        for (int u = x < BESIDE ? 0 : x - BESIDE; u <= x + BESIDE && u < t->s; u++) {
            const float d = (float)((u - x) * (u - x) + (v - y) * (v - y));
            const uint8_t *px = limner_image_row(back, (uint32_t)v) + 3 * u;

            if (t->rows[v * t->s + u])
                continue;
            for (int c = 0; c < 3; c++)
                rgb[c] += (float)px[c] / (d * d);
            weight += 1.0f / (d * d);
        }
    for (int c = 0; c < 3; c++)
        rgb[c] /= fmaxf(weight, 1e-9f);
    return weight > 0.0f;
}

/* The background becomes rgb, alpha the least that makes `mixed` over it, and not less than it was.
 * Where hardly any is needed all stays. */
static void give(const uint8_t *mixed, const float rgb[3], uint8_t *matte, uint8_t *fore,
                 uint8_t *back)
{
    float alpha = (float)*matte / 255.0f;

    for (int c = 0; c < 3; c++) {
        const float b = rintf(rgb[c]), d = (float)mixed[c] - b;
        const float room = d > 0.0f ? 255.0f - b : b;

        if (fabsf(d) > NOISE)
            alpha = fmaxf(alpha, fabsf(d) / fmaxf(room, 1.0f));
    }
    if (alpha <= 0.0f)
        return;
    *matte = (uint8_t)ceilf(255.0f * fminf(alpha, 1.0f));
    alpha = (float)*matte / 255.0f;
    for (int c = 0; c < 3; c++) {
        const float b = rintf(rgb[c]), own = ((float)mixed[c] - (1.0f - alpha) * b) / alpha;

        back[c] = (uint8_t)b;
        fore[c] = (uint8_t)(fminf(fmaxf(own, 0.0f), 255.0f) + 0.5f);
    }
}

static void give_hairs(const stray *t)
{
    const limner_appearance *app = t->app;

    /* rows: what is hair or next to one. The means are of pixels that stay. */
    for (int i = 0; i < t->s * t->s; i++)
        t->rows[i] = t->kind[i] != OUTSIDE && is_near_hair(t, i % t->s, i / t->s);
    for (int y = 0; y < t->s; y++)
        for (int x = 0; x < t->s; x++) {
            const uint32_t v = (uint32_t)y;
            float rgb[3];

            if (t->rows[y * t->s + x] && mean_beside(t, &app->background, x, y, rgb))
                give(limner_image_row(&app->photo, v) + 3 * x, rgb,
                     limner_image_row(&app->matte, v) + x,
                     limner_image_row(&app->foreground, v) + 3 * x,
                     limner_image_row(&app->background, v) + 3 * x);
        }
}

limner_status limner_stray_run(limner_appearance *app)
{
    const size_t size = (size_t)app->size_px * (size_t)app->size_px;
    stray t = { .app = app, .s = (int)app->size_px, .n_level = LEVEL_PX };
    const size_t n = (size_t)t.n_level * (size_t)t.n_level;
    uint8_t *bytes = limner_calloc(size, 5);
    float *planes = limner_alloc(n, 5 * sizeof(float));
    limner_status st = LIMNER_E_NOMEM;

    t.stack = limner_alloc(size, sizeof(*t.stack));
    t.radius = (int)lrintf(WIDTH_SHARE * (float)t.s);
    if (bytes && planes && t.stack) {
        t.grey = bytes;
        t.thin = bytes + size;
        t.rows = bytes + 2 * size;
        t.kind = bytes + 3 * size;
        t.level = planes;
        t.weight = planes + n;
        t.scratch = planes + 2 * n;
        t.outside = planes + 3 * n;
        t.reach = planes + 4 * n;
        for (size_t i = 0; i < size; i++) {
            const uint8_t *px = limner_image_row(&app->background, (uint32_t)(i / app->size_px)) +
                                3 * (i % app->size_px);
            t.grey[i] = (uint8_t)((px[0] + 2 * px[1] + px[2]) / 4);
        }
        find_thin(&t, bytes + 4 * size, 1);
        find_thin(&t, bytes + 4 * size, -1);
        find_reach(&t);
        st = find_level(&t);
    }
    if (st >= 0) {
        find_hairs(&t);
        give_hairs(&t);
    }
    limner_mem_free(bytes);
    limner_mem_free(planes);
    limner_mem_free(t.stack);
    return st;
}
