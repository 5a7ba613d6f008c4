/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge is a line across the nose, a rim a closed line around each eye, darker or brighter than
 * the skin on both its sides. Both are looked for as the path along which such lines are clearest
 * (dynamic programming over columns, or over rays from the eye). Bare noses show no line across:
 * of 57 portraits, 384 to 2048 pixels wide, the clearest had 0.082 of the skin's light, the
 * faintest bridge 0.095. Where rims are faint the path follows brow or cheek, which are then held
 * in their stead. */
#include "render/glasses.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"

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
#define FREE_CM 0.70f                   /* skin this far off the lids may move, ... */
#define BEFORE_RIM_CM 0.12f             /* ... but not so near a rim; ... */
#define EDGE_CM 0.12f                   /* what is nearer to a lid's edge is its own */
#define SOFT_CM 0.30f                   /* ... it is held in full over this way */
#define RIM_CM 0.35f                    /* a rim's skin is held so far out, ... */
#define RIM_END_CM 1.6f                 /* ... and free from here */
#define LIFT 0.75f                      /* of the way to their plane, or heads with glasses as wide
                                         * as the face would be drawn in beside them */
#define SKIN_CM 3.5f                    /* skin beside the eyes is at most so far behind it, ... */
#define SKIN_END_CM 5.0f                /* ... this is the back of the head */
#define BRIDGE_NEAR_CM 0.5f
#define LIFT_CM 0.15f                   /* outside of the rim skin is brought along so far, ... */
#define LIFT_END_CM 1.0f                /* ... and not from here */
#define WRAP 0.012f                     /* a frame's bend: cm back per square of cm aside */
#define LEAST_FACING 0.5f               /* heads turned farther are taken for turned so far */
#define ARM_CM 0.25f                    /* and around arms, beyond the rim */
#define ARM_END_CM 0.80f
#define HINGE_UP 0.7f                   /* a lens's corner: up counts so much beside out */
#define CUT_STRONG 0.65f                /* a rim sure on so much of its way ... */
#define CUT_DARK 0.18f                  /* ... and rather dark can be cut out, ... */
#define CUT_BRIDGE 0.42f                /* ... if the bridge is dark */
#define LOW_CM 1.1f                     /* a bridge so far below the eyes' line: worn low, ... */
#define BROW_CM (-0.4f)                 /* ... skin is free from here over the eye's middle ... */
#define BROW_END_CM 0.2f                /* ... to here */
#define BRIDGE_CM 0.25f                 /* the same around the bridge */
#define BRIDGE_END_CM 0.70f

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

/* From the lids' edges to (x, y), px. */
static float from_lids(const limner_glasses *g, int side, float x, float y)
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

            if (from_lids(g, side, x, y) > NEAREST_CM * g->cm &&
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

void limner_glasses_close(limner_glasses *g)
{
    limner_mem_free(g->held);
    memset(g, 0, sizeof(*g));
}

/* Between the rays i and i + 1. */
static float on_ray(const float *v, int i, float t)
{
    const float a = v[i % LIMNER_GLASSES_RAYS], b = v[(i + 1) % LIMNER_GLASSES_RAYS];

    return a + t * (b - a);
}

/* From well off the lids to well outside of the rim. */
static float hold_of_rim(const limner_glasses *g, int side, float x, float y)
{
    const float dx = x - g->centre[side][0], dy = y - g->centre[side][1], r = hypotf(dx, dy);
    const float right = dx * -g->up[1] + dy * g->up[0], up = dx * g->up[0] + dy * g->up[1];
    const float turn = atan2f(up, right) / 6.2831853f;
    const float at = (turn < 0 ? turn + 1 : turn) * LIMNER_GLASSES_RAYS, t = at - floorf(at);
    const float rim = on_ray(g->rim[side], (int)at, t) / g->cm;
    const float nearest = on_ray(g->nearest[side], (int)at, t) / g->cm;
    const float off = from_lids(g, side, x, y) / g->cm;
    /* Here the nearest rim is as far off the lids as that. */
    const float free = fminf(FREE_CM, off + nearest - r / g->cm - BEFORE_RIM_CM);

    return limner_smoothstep(off, fmaxf(EDGE_CM, free - SOFT_CM), fmaxf(SOFT_CM, free)) *
           (1 - limner_smoothstep(r / g->cm, rim + RIM_CM, rim + RIM_END_CM));
}

static float hold_of_bridge(const limner_glasses *g, float x, float y)
{
    const float *a = g->bridge[0], *b = g->bridge[1];
    const float ex = b[0] - a[0], ey = b[1] - a[1];
    const float along = ((x - a[0]) * ex + (y - a[1]) * ey) / fmaxf(ex * ex + ey * ey, 1);
    const float t = fminf(1, fmaxf(0, along));
    const float d = hypotf(x - a[0] - t * ex, y - a[1] - t * ey);

    return 1 - limner_smoothstep(d / g->cm, BRIDGE_CM, BRIDGE_END_CM);
}

static float hold_of_all(const limner_glasses *g, float x, float y)
{
    float hold, off;
    int side;

    side = hypotf(x - g->centre[0][0], y - g->centre[0][1]) <
                   hypotf(x - g->centre[1][0], y - g->centre[1][1]) ? 0 : 1;
    hold = hold_of_rim(g, side, x, y);
    off = hypotf(x - g->centre[side][0], y - g->centre[side][1]) / g->cm;
    return fmaxf(hold, hold_of_bridge(g, x, y) * limner_smoothstep(off, 0, 1));
}

/* Arms are no part of the layer of the rims: from there on they lie on the skin. */
static float hold_of_arms(const limner_glasses *g, float x, float y)
{
    const float most = ARM_END_CM * g->cm;
    float d = most, off;

    for (int side = 0; side < 2; side++) {
        d = fminf(d, limner_rim_line_distance(&g->lines.arm[side], x, y, most));
        d = fminf(d, hypotf(x - g->hinge[side][0], y - g->hinge[side][1]));
    }
    if (d >= most)
        return 0;
    off = fminf(from_lids(g, 0, x, y), from_lids(g, 1, x, y));
    return (1 - limner_smoothstep(d / g->cm, ARM_CM, ARM_END_CM)) *
           limner_smoothstep(off / g->cm, SOFT_CM, FREE_CM);
}

/* 1 over the eyes' line. */
static float over_eyes(const limner_glasses *g, float x, float y)
{
    float up = -1e9f;

    for (int side = 0; side < 2; side++) {
        const float dx = x - g->centre[side][0], dy = y - g->centre[side][1];

        up = fmaxf(up, (dx * g->up[0] + dy * g->up[1]) / g->cm);
    }
    return limner_smoothstep(up, BROW_CM, BROW_END_CM);
}

float limner_glasses_hold(const limner_glasses *g, float x, float y)
{
    if (!g->is_worn)
        return 0;
    if (g->is_cut)
        return hold_of_arms(g, x, y);
    return hold_of_all(g, x, y) * (g->is_low ? 1 - over_eyes(g, x, y) : 1);
}

static limner_status list_held(limner_glasses *g, const float *x, const float *y, uint32_t n_head)
{
    g->held = limner_calloc(n_head, sizeof(*g->held));
    if (!g->held)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; i < n_head; i++) {
        const float flat = hold_of_all(g, x[i], y[i]);
        const float share = limner_glasses_hold(g, x[i], y[i]);

        if (share > 0 || flat > 0)
            g->held[g->n_held++] = (limner_glasses_point){(uint16_t)i, share, flat, 0};
    }
    return LIMNER_OK;
}

static limner_status find_lines(limner_glasses *g, const limner_texture *photo)
{
    limner_rim_eye eyes[2];

    for (int side = 0; side < 2; side++) {
        const limner_contact *lid = &g->lids[side];

        memcpy(eyes[side].middle, g->centre[side], sizeof(eyes[side].middle));
        eyes[side].n = (int)lid->n;
        for (uint32_t i = 0; i < 2 * lid->n; i++) {
            const uint32_t v = i % 2 ? lid->line->lower[i / 2] : lid->line->upper[i / 2];

            eyes[side].x[i % 2][i / 2] = g->x[v];
            eyes[side].y[i % 2][i / 2] = g->y[v];
        }
    }
    return limner_rim_lines_find(&g->lines, photo, eyes, g->up, g->cm);
}

/* Can the rims be cut out? */
static bool is_clear(const limner_rim_lines *l)
{
    return l->lens[0].strong > CUT_STRONG && l->lens[1].strong > CUT_STRONG &&
           l->lens[0].dark > CUT_DARK && l->lens[1].dark > CUT_DARK &&
           l->bridge.dark > CUT_BRIDGE;
}

/* Arms begin at a lens's corner, its point farthest out and up, whatever way they go from there. */
static void find_hinge(limner_glasses *g, int side)
{
    const limner_rim_line *lens = &g->lines.lens[side], *other = &g->lines.lens[!side];
    const float dx = lens->centre[0] - other->centre[0], dy = lens->centre[1] - other->centre[1];
    const float length = fmaxf(hypotf(dx, dy), 1), ox = dx / length, oy = dy / length;
    float best = -INFINITY;

    for (int i = 0; i < lens->n; i++) {
        const float x = lens->x[i] - lens->centre[0], y = lens->y[i] - lens->centre[1];
        const float far = x * ox + y * oy + HINGE_UP * (x * g->up[0] + y * g->up[1]);

        if (far > best) {
            best = far;
            g->hinge[side][0] = lens->x[i];
            g->hinge[side][1] = lens->y[i];
        }
    }
}

/* Eyes that look over the glasses. */
static bool is_low(const limner_glasses *g)
{
    float up = 0;

    for (int side = 0; side < 2; side++)
        for (int k = 0; k < 2; k++)
            up += (g->bridge[side][k] - g->centre[side][k]) * g->up[k] / 2;
    return up < -LOW_CM * g->cm;
}

limner_status limner_glasses_open(limner_glasses *g, const limner_contact lids[2],
                                  const limner_texture *photo, const float *x, const float *y,
                                  uint32_t n_head, float px_per_cm)
{
    float inner[2][2];
    limner_status st;

    memset(g, 0, sizeof(*g));
    g->cm = px_per_cm;
    g->lids = lids;
    g->x = x;
    g->y = y;
    g->up[0] = lids[0].up[0];
    g->up[1] = lids[0].up[1];
    for (int side = 0; side < 2; side++) {
        const uint32_t v = lids[side].line->upper[0];

        middle_of(&lids[side], x, y, g->centre[side]);
        inner[side][0] = x[v];
        inner[side][1] = y[v];
    }
    g->bridge_seen = find_bridge(g, photo, inner) / skin_light(g, photo);
    g->is_worn = g->bridge_seen > CLEAR;
    if (!g->is_worn)
        return LIMNER_OK;
    for (int side = 0; side < 2; side++) {
        find_rim(g, photo, side);
        find_nearest(g, photo, side);
    }
    st = find_lines(g, photo);
    if (st < 0)
        return st;
    g->is_cut = is_clear(&g->lines);
    g->is_low = is_low(g);
    for (int side = 0; side < 2; side++)
        find_hinge(g, side);
    return list_held(g, x, y, n_head);
}

/* Depth of the foremost skin where the bridge lies; false: there is none. */
static bool bridge_depth(const limner_glasses *g, float *const rest[3], const float at[2], float *z)
{
    *z = -1e9f;
    for (uint32_t i = 0; i < g->n_held; i++) {
        const uint32_t v = g->held[i].vertex;

        if (hypotf(rest[0][v] - at[0], rest[1][v] - at[1]) < BRIDGE_NEAR_CM * g->cm)
            *z = fmaxf(*z, rest[2][v]);
    }
    return *z > -1e9f;
}

/* How far outside of the nearer eye's rim a point lies, cm; inside negative. */
static float beyond_rim(const limner_glasses *g, float x, float y)
{
    const float *a = g->centre[0], *b = g->centre[1];
    const int side = hypotf(x - a[0], y - a[1]) < hypotf(x - b[0], y - b[1]) ? 0 : 1;
    const float dx = x - g->centre[side][0], dy = y - g->centre[side][1];
    const float right = dx * -g->up[1] + dy * g->up[0], up = dx * g->up[0] + dy * g->up[1];
    const float turn = atan2f(up, right) / 6.2831853f;
    const float at = (turn < 0 ? turn + 1 : turn) * LIMNER_GLASSES_RAYS, t = at - floorf(at);

    return (hypotf(dx, dy) - on_ray(g->rim[side], (int)at, t)) / g->cm;
}

void limner_glasses_flatten(limner_glasses *g, float *const rest[3], const float forward[3])
{
    const float at[2] = {(g->bridge[0][0] + g->bridge[1][0]) / 2,
                         (g->bridge[0][1] + g->bridge[1][1]) / 2};
    const float facing = fmaxf(forward[2], LEAST_FACING);
    float depth;

    if (!bridge_depth(g, rest, at, &depth))
        return;
    for (uint32_t i = 0; i < g->n_held; i++) {
        limner_glasses_point *p = &g->held[i];
        const float dx = rest[0][p->vertex] - at[0], dy = rest[1][p->vertex] - at[1];
        const float aside = (dx * -g->up[1] + dy * g->up[0]) / g->cm;
        const float plane = depth - (dx * forward[0] + dy * forward[1]) / facing -
                            WRAP * aside * aside * g->cm;
        const float behind = (plane - rest[2][p->vertex]) / g->cm;      /* cm */

        p->lift = LIFT * p->flat * fmaxf(0, behind) * g->cm *
                  (1 - limner_smoothstep(behind, SKIN_CM, SKIN_END_CM)) *
                  (1 - limner_smoothstep(beyond_rim(g, rest[0][p->vertex], rest[1][p->vertex]),
                                         LIFT_CM, LIFT_END_CM));
        rest[2][p->vertex] += p->lift;
    }
}

void limner_glasses_keep(const limner_glasses *g, float *const rest[3], float *const still[3])
{
    for (uint32_t i = 0; i < g->n_held; i++) {
        const uint32_t v = g->held[i].vertex;

        still[2][v] += g->held[i].lift;
        for (int k = 0; k < 3; k++)
            still[k][v] += g->held[i].share * (rest[k][v] - still[k][v]);
    }
}
