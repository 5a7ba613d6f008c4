/* SPDX-License-Identifier: Apache-2.0 */
/* What glasses hold of the face, softly: the skin under rims (around the lids, which stay free),
 * bridge and arms, known from what glasses_find.c found. Where rims are faint what was found is
 * brow or cheek, which are then held in their stead. Their plane goes through the bridge. */
#include "render/glasses.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"
#include "render/glasses_find.h"

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
    const float off = limner_glasses_from_lids(g, side, x, y) / g->cm;
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
    off = fminf(limner_glasses_from_lids(g, 0, x, y), limner_glasses_from_lids(g, 1, x, y));
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
    limner_status st;

    memset(g, 0, sizeof(*g));
    g->cm = px_per_cm;
    g->lids = lids;
    g->x = x;
    g->y = y;
    g->up[0] = lids[0].up[0];
    g->up[1] = lids[0].up[1];
    g->is_worn = limner_glasses_find(g, photo);
    if (!g->is_worn)
        return LIMNER_OK;
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
