/* SPDX-License-Identifier: Apache-2.0 */
/* Beyond a side each row (or column) of nodes lies at its own distance and shows the photo at the
 * mirrored place. Along the side its nodes are moved and drawn together or apart so that the
 * person's outline goes on as it reaches the border: as an ellipse, or straight outwards. */
#include "render/sheet_edge.h"

#include <math.h>
#include <string.h>

#include "core/smoothstep.h"


#define FADE_SHARE 0.16f                /* of the canvas: width of the hold's fade */
#define DOME_SHARE 0.35f                /* height of a dome over the width of what it closes, where
                                         * the outline reaches the border upright */
#define DOME_MAX_SHARE 0.3f             /* of the canvas */
#define BEYOND_SHARE 0.22f              /* of the canvas: reach of shoulders and bust */
#define LOOK_SHARE 0.07f                /* of the canvas: the outline's slope is taken over this */
#define STEEPEST 1.5f                   /* fall of the shoulders */
#define WIDEST 1.6f                     /* how far the photo is drawn apart */

enum { BORDER_STEP = 4, MATTE_HELD = 24 };

static bool is_level(int side)
{
    return side == LIMNER_EDGE_TOP || side == LIMNER_EDGE_LOW;
}

/* A place along a side, d px inside of it. */
static void inside(const limner_view *view, int side, int32_t at, int32_t d, int32_t *x, int32_t *y)
{
    *x = is_level(side) ? view->left + at
                        : side == LIMNER_EDGE_LEFT ? view->left + d : view->right - 1 - d;
    *y = !is_level(side) ? view->top + at
                         : side == LIMNER_EDGE_TOP ? view->top + d : view->low - 1 - d;
}

/* First and last place along a side, d px inside of it, where the person is; returns how many. */
static int32_t find_run(const limner_view *view, const uint8_t *matte, int side, int32_t d,
                        float run[2])
{
    const int32_t length = is_level(side) ? view->right - view->left : view->low - view->top;
    const float from = (float)(is_level(side) ? view->left : view->top);
    int32_t count = 0, x, y;

    run[0] = run[1] = 0;
    for (int32_t i = 0; i < length; i++) {
        inside(view, side, i, d, &x, &y);
        if (matte[y * view->w + x] <= MATTE_HELD)
            continue;
        if (!count++)
            run[0] = from + (float)i;
        run[1] = from + (float)i + 1;
    }
    return count;
}

static bool goes_on(const limner_view *view, int side)
{
    switch (side) {
    case LIMNER_EDGE_TOP: return view->top > 0;
    case LIMNER_EDGE_LOW: return view->low < view->h;
    case LIMNER_EDGE_LEFT: return view->left > 0;
    default: return view->right < view->w;
    }
}

/* Distance beyond the side of its k-th row or column, 0..n. */
static float beyond(const limner_sheet_edge *e, int32_t k)
{
    const float t = (float)k / LIMNER_SHEET_BEYOND;

    return e->depth * (e->is_dome ? sinf(t * 1.5707963f) : t);
}

/* Where the person's run is to lie d px beyond the side. */
static void lead_run(const limner_sheet_edge *e, float d, float run[2])
{
    const float centre = (e->run[0] + e->run[1]) / 2, t = d / e->depth;
    const float shrink = e->is_dome ? sqrtf(fmaxf(0, 1 - t * t)) : 1;

    for (int k = 0; k < 2; k++)
        run[k] = centre + shrink * (e->run[k] - centre) + d * e->slope[k];
}

/* e->at: each row's run as it is led on, from the photo's at the mirrored place. Beside shoulders
 * only the upper end counts: below it they go on for ever. */
static void lead_on(limner_sheet_edge *e, const limner_view *view, const uint8_t *matte, int side)
{
    for (int32_t k = 0; k <= LIMNER_SHEET_BEYOND; k++) {
        const float d = beyond(e, k);
        float run[2], to[2];

        lead_run(e, d, to);
        if (!find_run(view, matte, side, (int32_t)(d * e->scale), run))
            memcpy(run, e->run, sizeof(run));
        if (e->is_dome || is_level(side)) {
            e->at[k][1] = fminf(WIDEST, (to[1] - to[0]) / fmaxf(2, run[1] - run[0]));
            e->at[k][0] = (to[0] + to[1]) / 2 - e->at[k][1] * (run[0] + run[1]) / 2;
        } else {
            e->at[k][1] = 1;
            e->at[k][0] = to[0] - run[0];
        }
    }
}

static void find_edge(limner_sheet_edge *e, const limner_view *view, const uint8_t *matte, int side,
                      const float chin[2], const float brow[2])
{
    const float length = (float)(is_level(side) ? view->h : view->w);
    const int32_t look = (int32_t)(LOOK_SHARE * length);
    const float room[LIMNER_N_EDGES] = {brow[1] - (float)view->top, (float)view->low - chin[1],
                                        chin[0] - (float)view->left, (float)view->right - chin[0]};
    float in[2];

    *e = (limner_sheet_edge){.depth = BEYOND_SHARE * length};
    if (goes_on(view, side) || !find_run(view, matte, side, 0, e->run))
        return;
    e->n = LIMNER_SHEET_BEYOND;
    e->is_dome = side == LIMNER_EDGE_TOP || (side != LIMNER_EDGE_LOW && e->run[1] < chin[1]);
    if (!find_run(view, matte, side, look, in))
        memcpy(in, e->run, sizeof(in));
    if (e->is_dome) {
        const float width = e->run[1] - e->run[0], closing = in[1] - in[0] - width;
        const float depth = DOME_SHARE * width / (1 + fmaxf(0, closing) / (float)look);

        e->depth = fmaxf(2, fminf(depth, DOME_MAX_SHARE * length));
    } else {
        const float way[2] = {is_level(side) ? -1 : 1, 1};

        for (int k = 0; k < 2; k++) {
            const float grown = way[k] * (e->run[k] - in[k]) / (float)look;

            e->slope[k] = way[k] * fminf(STEEPEST, fmaxf(0, grown));
        }
    }
    e->scale = fminf(1, fmaxf(4, 0.7f * room[side]) / e->depth);
    lead_on(e, view, matte, side);
}

void limner_sheet_find_edges(limner_sheet *s, const limner_view *view, const uint8_t *matte,
                             const float chin[2], const float brow[2])
{
    for (int side = 0; side < LIMNER_N_EDGES; side++)
        find_edge(&s->edge[side], view, matte, side, chin, brow);
}

/* One axis of the grid: place i, those below 0 and above n_inside beyond the canvas (*row: how far;
 * *side: -1 before, 1 after it). *shown: the place of the photo there. */
static float along_axis(const limner_sheet_edge *before, const limner_sheet_edge *after, int32_t i,
                        int32_t n_inside, float length, float *shown, int32_t *row, int *side)
{
    float d;

    *side = i < 0 ? -1 : i > n_inside;
    *row = i < 0 ? -i : i - n_inside;
    if (!*side) {
        *shown = length * (float)i / (float)n_inside;
        return *shown;
    }
    d = beyond(i < 0 ? before : after, *row);
    *shown = i < 0 ? d * before->scale : length - d * after->scale;
    return i < 0 ? -d : length + d;
}

void limner_sheet_place(limner_sheet *s, const limner_view *view)
{
    const limner_sheet_edge *e = s->edge;
    const int32_t left = e[LIMNER_EDGE_LEFT].n, top = e[LIMNER_EDGE_TOP].n;
    const int32_t nx = s->nx - 1 - left - e[LIMNER_EDGE_RIGHT].n;
    const int32_t ny = s->ny - 1 - top - e[LIMNER_EDGE_LOW].n;

    for (int32_t n = 0; n < (int32_t)s->n; n++) {
        const int32_t i = n % s->nx - left, j = n / s->nx - top;
        int32_t column, row;
        int aside, level;
        float x = along_axis(&e[LIMNER_EDGE_LEFT], &e[LIMNER_EDGE_RIGHT], i, nx, (float)view->w,
                             &s->u[n], &column, &aside);
        float y = along_axis(&e[LIMNER_EDGE_TOP], &e[LIMNER_EDGE_LOW], j, ny, (float)view->h,
                             &s->v[n], &row, &level);

        if (aside) {
            const float *at = e[aside < 0 ? LIMNER_EDGE_LEFT : LIMNER_EDGE_RIGHT].at[column];

            y = at[0] + at[1] * y;
        }
        if (level) {
            const float *at = e[level < 0 ? LIMNER_EDGE_TOP : LIMNER_EDGE_LOW].at[row];

            x = at[0] + at[1] * x;
        }
        s->x[n] = x;
        s->y[n] = y;
    }
}

/* How far from each side the person is held: the more of it the person covers, the farther; hair
 * that just touches the upper border may come loose. */
static void find_holds(const limner_view *view, const uint8_t *matte, float hold[LIMNER_N_EDGES])
{
    for (int side = 0; side < LIMNER_N_EDGES; side++) {
        const int32_t length = is_level(side) ? view->right - view->left : view->low - view->top;
        float run[2];
        const int32_t count = find_run(view, matte, side, 0, run);
        const float share = (float)count / (float)length;

        hold[side] = goes_on(view, side) ? FADE_SHARE * (float)view->w : 0;
        hold[side] *= side == LIMNER_EDGE_LOW ? 1 : limner_smoothstep(share, 0.1f, 0.35f);
    }
}

/* How far a side lets node i move: 0 next to where the person leaves the crop, 1 further in. */
static float freedom_from(const limner_sheet *s, const limner_view *view, const uint8_t *matte,
                          int side, float hold, uint32_t i)
{
    const int32_t length = is_level(side) ? view->right - view->left : view->low - view->top;
    float free = 1;

    for (int32_t n = 0; hold > 0 && n < length; n += BORDER_STEP) {
        int32_t x, y;

        inside(view, side, n, 0, &x, &y);
        if (matte[y * view->w + x] > MATTE_HELD)
            free = fminf(free, hypotf(s->x[i] - (float)x, s->y[i] - (float)y) / hold);
    }
    return limner_smoothstep(free, 0, 1);
}

void limner_sheet_hold(limner_sheet *s, const limner_view *view, const uint8_t *matte)
{
    float hold[LIMNER_N_EDGES];

    find_holds(view, matte, hold);
    for (uint32_t i = 0; i < s->n; i++) {
        float free = 1;

        for (int side = 0; side < LIMNER_N_EDGES; side++)
            free = fminf(free, freedom_from(s, view, matte, side, hold[side], i));
        s->freedom[i] = free;
    }
}
