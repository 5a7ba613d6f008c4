/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge is a line across the nose, a rim a closed line around each eye, darker or brighter than
 * the skin on both its sides. Both are looked for as the path along which such lines are clearest
 * (dynamic programming over columns, or over rays from the eye). Bare noses show no line across:
 * of 57 portraits, 384 to 2048 pixels wide, the clearest had 0.082 of the skin's light, the
 * faintest bridge 0.095. Where rims are faint the path follows brow or cheek. */
#include "render/glasses_find.h"

#include <math.h>

#define SIDE_CM 0.17f                   /* a line is compared with what lies so far beside it */
#define SIDE_PX 2.2f                    /* this way has so many pixels, or more that are averaged */
#define STEP_CM 0.06f                   /* of a path across its direction */
#define BRIDGE_TOP_CM 0.9f              /* looked for from so far above the eyes' line ... */
#define BRIDGE_FROM 0.28f               /* ... between these shares of the way from eye to eye */
#define BRIDGE_TO 0.72f
#define RIM_FROM_CM 1.35f               /* rims are this far from the eye's middle and beyond */
#define CHEEK_CM 2.2f                   /* so far below the eyes there is skin */
#define LEAST_LIGHT 30.0f               /* grey levels it counts for at least */
#define CLEAR 0.09f                     /* a bridge that is so clear is one */
#define MOST_LEVELS 30.0f               /* of a rim: more counts no more */
#define TURN_LEVELS 0.5f                /* a path that turns loses so much */
#define NEAREST_CM 0.30f                /* from here below the lids a rim may lie, ... */
#define NEAREST 0.6f                    /* ... so clear beside what was found farther out, ... */
#define LEAST_LINE 14.0f                /* ... and this at least, grey levels */

enum { N_COLUMNS = 17, N_ROWS = 44, N_STEPS = 38, MAX_LANES = N_ROWS };

static float luma_at(const limner_texture *photo, float x, float y)
{
    float c[4];

    limner_texture_sample(photo, x, y, c);
    return 0.299f * c[0] + 0.587f * c[1] + 0.114f * c[2];
}

/* Mean of n x n pixels around (x, y). */
static float mean_at(const limner_texture *photo, float x, float y, int n)
{
    const float first = -0.5f * (float)(n - 1);
    float sum = 0;

    for (int i = 0; i < n * n; i++)
        sum += luma_at(photo, x + first + (float)(i % n), y + first + (float)(i / n));
    return sum / (float)(n * n);
}

/* How much of a line, dark or bright, runs across direction d (unit) at (x, y), grey levels. Large
 * pictures are seen as coarsely as small ones, or grain and hairs would be lines. */
static float line_at(const limner_texture *photo, float x, float y, const float d[2], float side)
{
    const int n = side < SIDE_PX ? 1 : (int)(side / SIDE_PX + 0.5f);
    const float a = mean_at(photo, x - side * d[0], y - side * d[1], n);
    const float b = mean_at(photo, x + side * d[0], y + side * d[1], n);
    const float on = mean_at(photo, x, y, n);
    const float dark = fminf(a, b) - on, bright = on - fmaxf(a, b);

    return fmaxf(0, fmaxf(dark, bright));
}

/* The path of the largest sum through v [n][n_lanes], moving by at most one lane a step, closed if
 * asked. path [n]: lanes. Returns the mean. */
static float best_path(const float *v, int n, int n_lanes, bool is_closed, int *path)
{
    float sum[LIMNER_GLASSES_RAYS * 2][MAX_LANES];
    signed char from[LIMNER_GLASSES_RAYS * 2][MAX_LANES];
    const int turns = is_closed ? 2 : 1;
    float mean = 0;
    int at = 0;

    for (int i = 0; i < n * turns; i++) {
        for (int k = 0; k < n_lanes; k++) {
            int best = 0;

            for (int j = -1; j <= 1 && i > 0; j++) {
                const bool is_in = k + j >= 0 && k + j < n_lanes;

                if (is_in && sum[i - 1][k + j] - (j ? TURN_LEVELS : 0) >
                                 sum[i - 1][k + best] - (best ? TURN_LEVELS : 0))
                    best = j;
            }
            from[i][k] = (signed char)best;
            sum[i][k] = v[(i % n) * n_lanes + k] +
                        (i > 0 ? sum[i - 1][k + best] - (best ? TURN_LEVELS : 0) : 0);
        }
    }
    for (int k = 1; k < n_lanes; k++)
        at = sum[n * turns - 1][k] > sum[n * turns - 1][at] ? k : at;
    for (int i = n * turns - 1; i >= n * (turns - 1); i--) {
        path[i - n * (turns - 1)] = at;
        mean += v[(i % n) * n_lanes + at] / (float)n;
        at += from[i][at];
    }
    return mean;
}

/* The eye's middle between its corners. */
static void middle_of(const limner_contact *lid, const float *x, const float *y, float out[2])
{
    const uint32_t a = lid->line->upper[0], b = lid->line->upper[lid->n - 1];

    out[0] = (x[a] + x[b]) / 2;
    out[1] = (y[a] + y[b]) / 2;
}

/* Returns how clear it is, grey levels. */
static float find_bridge(limner_glasses *g, const limner_texture *photo, const float inner[2][2])
{
    float v[N_COLUMNS * N_ROWS], clear;
    int path[N_COLUMNS];

    for (int i = 0; i < N_COLUMNS; i++) {
        const float t = BRIDGE_FROM + (BRIDGE_TO - BRIDGE_FROM) * (float)i / (N_COLUMNS - 1);
        const float x = inner[0][0] + t * (inner[1][0] - inner[0][0]);
        const float y = inner[0][1] + t * (inner[1][1] - inner[0][1]);

        for (int k = 0; k < N_ROWS; k++) {
            const float h = (BRIDGE_TOP_CM - STEP_CM * (float)k) * g->cm;

            v[i * N_ROWS + k] = line_at(photo, x + h * g->up[0], y + h * g->up[1], g->up,
                                        SIDE_CM * g->cm);
        }
    }
    clear = best_path(v, N_COLUMNS, N_ROWS, false, path);
    for (int e = 0; e < 2; e++) {
        const int i = e ? N_COLUMNS - 1 : 0;
        const float h = (BRIDGE_TOP_CM - STEP_CM * (float)path[i]) * g->cm;

        g->bridge[e][0] = inner[e][0] + h * g->up[0];
        g->bridge[e][1] = inner[e][1] + h * g->up[1];
    }
    return clear;
}

static void ray_of(const limner_glasses *g, int i, float d[2])
{
    const float a = 6.2831853f * (float)i / LIMNER_GLASSES_RAYS, c = cosf(a), s = sinf(a);

    d[0] = c * -g->up[1] + s * g->up[0];
    d[1] = c * g->up[0] + s * g->up[1];
}

static void find_rim(limner_glasses *g, const limner_texture *photo, int side)
{
    float v[LIMNER_GLASSES_RAYS * N_STEPS];
    int path[LIMNER_GLASSES_RAYS];

    for (int i = 0; i < LIMNER_GLASSES_RAYS; i++) {
        float d[2];

        ray_of(g, i, d);
        for (int k = 0; k < N_STEPS; k++) {
            const float r = (RIM_FROM_CM + STEP_CM * (float)k) * g->cm;

            v[i * N_STEPS + k] = fminf(MOST_LEVELS, line_at(photo, g->centre[side][0] + r * d[0],
                                                            g->centre[side][1] + r * d[1], d,
                                                            SIDE_CM * g->cm));
        }
    }
    best_path(v, LIMNER_GLASSES_RAYS, N_STEPS, true, path);
    for (int i = 0; i < LIMNER_GLASSES_RAYS; i++)
        g->rim[side][i] = (RIM_FROM_CM + STEP_CM * (float)path[i]) * g->cm;
}

float limner_glasses_from_lids(const limner_glasses *g, int side, float x, float y)
{
    const limner_face_contact *line = g->lids[side].line;
    float best = 1e9f;

    for (uint32_t i = 0; i < g->lids[side].n; i++) {
        const uint32_t a = line->upper[i], b = line->lower[i];

        best = fminf(best, hypotf(g->x[a] - x, g->y[a] - y));
        best = fminf(best, hypotf(g->x[b] - x, g->y[b] - y));
    }
    return best;
}

/* The nearest line below the eye as clear as the rim's: lenses worn low have a rim between eye and
 * rim. Above it there are folds. */
static void find_nearest(limner_glasses *g, const limner_texture *photo, int side)
{
    const int n = LIMNER_GLASSES_RAYS;
    float first[LIMNER_GLASSES_RAYS];

    for (int i = 0; i < n; i++) {
        const float *c = g->centre[side];
        float d[2], r = STEP_CM * g->cm, least;

        ray_of(g, i, d);
        first[i] = g->rim[side][i];
        least = NEAREST * fminf(MOST_LEVELS, line_at(photo, c[0] + first[i] * d[0],
                                                     c[1] + first[i] * d[1], d, SIDE_CM * g->cm));
        for (; i > n / 2 && r < first[i]; r += STEP_CM * g->cm) {
            const float x = c[0] + r * d[0], y = c[1] + r * d[1];

            if (limner_glasses_from_lids(g, side, x, y) > NEAREST_CM * g->cm &&
                line_at(photo, x, y, d, SIDE_CM * g->cm) > fmaxf(least, LEAST_LINE))
                first[i] = r;
        }
    }
    for (int i = 0; i < n; i++)
        g->nearest[side][i] = fminf(first[i], fminf(first[(i + 1) % n], first[(i + n - 1) % n]));
}

/* Light of the skin below the eyes. */
static float skin_light(const limner_glasses *g, const limner_texture *photo)
{
    const float d = CHEEK_CM * g->cm;
    float sum = 0;

    for (int side = 0; side < 2; side++)
        sum += luma_at(photo, g->centre[side][0] - d * g->up[0], g->centre[side][1] - d * g->up[1]);
    return fmaxf(sum / 2, LEAST_LIGHT);
}

bool limner_glasses_find(limner_glasses *g, const limner_texture *photo)
{
    float inner[2][2];

    for (int side = 0; side < 2; side++) {
        const uint32_t v = g->lids[side].line->upper[0];

        middle_of(&g->lids[side], g->x, g->y, g->centre[side]);
        inner[side][0] = g->x[v];
        inner[side][1] = g->y[v];
    }
    g->bridge_seen = find_bridge(g, photo, inner) / skin_light(g, photo);
    if (!(g->bridge_seen > CLEAR))
        return false;
    for (int side = 0; side < 2; side++) {
        find_rim(g, photo, side);
        find_nearest(g, photo, side);
    }
    return true;
}
