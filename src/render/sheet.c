/* SPDX-License-Identifier: Apache-2.0 */
/* Grid construction. Values known on covered nodes are continued to the others by relaxation of
 * Laplace's equation (depth) or of its screened form (head weight against a prior: 1 above the
 * chin, falling to 0 at the shoulders and far from the head). */
#include "render/sheet.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "render/sheet_depth.h"

#define CELL_SHARE (8.0f / 512)         /* cell size over the canvas */
#define FADE_SHARE 0.16f                /* where the person leaves the canvas: width of the fade */

enum { RELAX_ROUNDS = 300, BORDER_STEP = 4, SMOOTH_ROUNDS = 4, MATTE_HELD = 24 };

static float smooth(float a, float b, float v)
{
    float t = (v - a) / (b - a);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

static bool is_covered(const limner_sheet *s, uint32_t i)
{
    return s->bary[3 * i] + s->bary[3 * i + 1] + s->bary[3 * i + 2] > 0.5f;
}

static bool alloc_arrays(limner_sheet *s)
{
    float **all[] = {&s->x, &s->y, &s->z, &s->weight, &s->freedom[0], &s->freedom[1],
                     &s->freedom[2], &s->freedom[3], &s->move[0], &s->move[1], &s->move[2],
                     &s->at[0], &s->at[1], &s->at[2], &s->light};
    bool is_ok = true;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        *all[i] = limner_calloc(s->n, sizeof(float));
        is_ok = is_ok && *all[i];
    }
    s->corner = limner_calloc(s->n, 3 * sizeof(*s->corner));
    s->bary = limner_calloc(s->n, 3 * sizeof(*s->bary));
    s->tap = limner_calloc(s->n, LIMNER_SHEET_TAPS * sizeof(*s->tap));
    s->tap_weight = limner_calloc(s->n, LIMNER_SHEET_TAPS * sizeof(*s->tap_weight));
    s->is_drawn = limner_calloc(s->n, 1);
    s->free_node = limner_calloc(s->n, sizeof(*s->free_node));
    return is_ok && s->corner && s->bary && s->tap && s->tap_weight && s->is_drawn &&
           s->free_node;
}

static void place_nodes(limner_sheet *s, const limner_view *view)
{
    for (int32_t j = 0; j < s->ny; j++) {
        for (int32_t i = 0; i < s->nx; i++) {
            s->x[j * s->nx + i] = (float)(view->w * i) / (float)(s->nx - 1);
            s->y[j * s->nx + i] = (float)(view->h * j) / (float)(s->ny - 1);
        }
    }
}

/* Finds the mesh under the nodes. id [2h][2w]: the head drawn as it lies in the photo. */
static void cover(limner_sheet *s, const limner_rig *rig, const int32_t *id)
{
    const int32_t q = LIMNER_SUPERSAMPLE, w = rig->view.w * q, h = rig->view.h * q;

    for (uint32_t i = 0; i < s->n; i++) {
        const int32_t x = (int32_t)fminf((float)(w - 1), s->x[i] * (float)q);
        const int32_t y = (int32_t)fminf((float)(h - 1), s->y[i] * (float)q);
        const int32_t t = id[y * w + x];
        const uint16_t *v;

        if (t < 0)
            continue;
        v = rig->face->triangle + 3 * (size_t)t;
        memcpy(s->corner + 3 * i, v, 3 * sizeof(*v));
        limner_rig_weigh(rig, v, s->x[i], s->y[i], s->bary + 3 * i);
        for (int k = 0; k < 3; k++) {
            s->z[i] += s->bary[3 * i + k] * rig->rest[2][v[k]];
            s->weight[i] += s->bary[3 * i + k] * rig->face->neck_weight[v[k]];
        }
    }
}

/* Continues v from covered nodes; reach: cells over which it decays to 0 (0: never). */
static void relax(const limner_sheet *s, float *v, float reach)
{
    const float over = 1.7f, screen = reach > 0 ? 1 / (reach * reach) : 0;
    float mean = 0, n = 0;

    for (uint32_t i = 0; i < s->n; i++) {
        mean += is_covered(s, i) ? v[i] : 0;
        n += is_covered(s, i);
    }
    mean = reach > 0 || n <= 0 ? 0 : mean / n;
    for (uint32_t i = 0; i < s->n; i++)
        v[i] = is_covered(s, i) ? v[i] : mean;
    for (int round = 0; round < RELAX_ROUNDS; round++) {
        for (int32_t i = 0; i < (int32_t)s->n; i++) {
            const int32_t x = i % s->nx, y = i / s->nx;
            float sum = 0, k = 0;

            if (is_covered(s, (uint32_t)i))
                continue;
            if (x > 0) { sum += v[i - 1]; k++; }
            if (x + 1 < s->nx) { sum += v[i + 1]; k++; }
            if (y > 0) { sum += v[i - s->nx]; k++; }
            if (y + 1 < s->ny) { sum += v[i + s->nx]; k++; }
            v[i] += over * (sum / (k + screen * 4) - v[i]);
        }
    }
}

/* Head weight: the mesh's where covered; else the prior plus the mesh's deviation, fading. */
static limner_status spread_weight(limner_sheet *s, const limner_rig *rig, const float chin[2],
                                   const float brow[2])
{
    const float size = fmaxf(hypotf(brow[0] - chin[0], brow[1] - chin[1]), 8);
    const float middle[2] = {(chin[0] + brow[0]) / 2, (chin[1] + brow[1]) / 2};
    const float cell = s->x[1] - s->x[0];
    float *prior = limner_alloc(s->n, sizeof(*prior));

    if (!prior)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; i < s->n; i++) {
        const float dx = s->x[i] - middle[0], dy = s->y[i] - middle[1];
        const float below = -((s->x[i] - chin[0]) * rig->up[0] + (s->y[i] - chin[1]) * rig->up[1]);
        const float far = hypotf(dx, dy) / size;

        prior[i] = (1 - smooth(-0.15f, 0.75f, below / size)) * (1 - smooth(1.1f, 1.9f, far));
        s->weight[i] -= prior[i];
    }
    relax(s, s->weight, 0.18f * size / cell);
    for (uint32_t i = 0; i < s->n; i++)
        s->weight[i] = fminf(1, fmaxf(0, s->weight[i] + prior[i]));
    limner_mem_free(prior);
    return LIMNER_OK;
}

/* Pixels of the crop's border on the canvas, going round: top, low, left, right. */
static int32_t border_pixels(const limner_view *view)
{
    return 2 * (view->right - view->left + view->low - view->top);
}

static void border_pixel(const limner_view *view, int32_t n, int32_t *x, int32_t *y, int *side)
{
    const int32_t w = view->right - view->left, h = view->low - view->top;

    *side = n < w ? 0 : n < 2 * w ? 1 : n < 2 * w + h ? 2 : 3;
    *x = *side < 2 ? view->left + n % w : *side == 2 ? view->left : view->right - 1;
    *y = *side >= 2 ? view->top + (n - 2 * w) % h : *side ? view->low - 1 : view->top;
}

/* How far from each side the person is held: the more of it the person covers, the farther; hair
 * that just touches the upper border may come loose. */
static void find_holds(const limner_view *view, const uint8_t *matte, float hold[4])
{
    int32_t count[4] = {0}, x, y;
    int side;

    for (int32_t n = 0; n < border_pixels(view); n++) {
        border_pixel(view, n, &x, &y, &side);
        count[side] += matte[y * view->w + x] > MATTE_HELD;
    }
    for (side = 0; side < 4; side++) {
        const int32_t length = side < 2 ? view->right - view->left : view->low - view->top;
        const float share = (float)count[side] / (float)length;

        hold[side] = FADE_SHARE * (float)view->w * (side == 1 ? 1 : smooth(0.1f, 0.35f, share));
    }
}

/* How far the border's sides let node i move: 0 next to where the person leaves the crop, 1 further
 * in. */
static void find_freedom(const limner_sheet *s, const limner_view *view, const uint8_t *matte,
                         const float hold[4], uint32_t i, float out[4])
{
    for (int side = 0; side < 4; side++)
        out[side] = 1;
    for (int32_t n = 0; n < border_pixels(view); n += BORDER_STEP) {
        int32_t x, y;
        int side;

        border_pixel(view, n, &x, &y, &side);
        if (hold[side] <= 0 || matte[y * view->w + x] <= MATTE_HELD)
            continue;
        out[side] = fminf(out[side],
                          hypotf(s->x[i] - (float)x, s->y[i] - (float)y) / hold[side]);
    }
    for (int side = 0; side < 4; side++)
        out[side] = smooth(0, 1, out[side]);
}

/* What the person's cut edge would show if it moved inwards is not in the photo: there the border
 * holds. It may move along the border and beyond it, unless the picture goes on there; but
 * shoulders cut below do not come in from the corners. */
static void hold_border(limner_sheet *s, const limner_view *view, const uint8_t *matte)
{
    enum { RIGHT, LEFT, DOWN, UP, LOW = 1 };
    static const int inwards[4] = {DOWN, UP, RIGHT, LEFT};      /* from top, low, left, right */
    const bool goes_on[4] = {view->top > 0, view->low < view->h, view->left > 0,
                             view->right < view->w};
    float hold[4];

    find_holds(view, matte, hold);
    for (uint32_t i = 0; i < s->n; i++) {
        const float aside = 2 * s->x[i] / (float)view->w - 1;
        float by_side[4], low;

        find_freedom(s, view, matte, hold, i, by_side);
        for (int way = 0; way < 4; way++) {
            s->freedom[way][i] = 1;
            for (int side = 0; side < 4; side++) {
                if (goes_on[side] || inwards[side] == way)
                    s->freedom[way][i] = fminf(s->freedom[way][i], by_side[side]);
            }
        }
        low = 1 - fabsf(aside) * (1 - by_side[LOW]);
        s->freedom[aside < 0 ? RIGHT : LEFT][i] =
            fminf(s->freedom[aside < 0 ? RIGHT : LEFT][i], low);
    }
}

/* Uncovered nodes follow the nearest covered ones. */
static void choose_taps(limner_sheet *s, float reach)
{
    for (uint32_t i = 0; i < s->n; i++) {
        float d[LIMNER_SHEET_TAPS], sum = 0, fall;
        uint16_t *tap = s->tap + (size_t)i * LIMNER_SHEET_TAPS;
        float *weight = s->tap_weight + (size_t)i * LIMNER_SHEET_TAPS;

        if (is_covered(s, i))
            continue;
        for (int k = 0; k < LIMNER_SHEET_TAPS; k++)
            d[k] = 1e9f;
        for (uint32_t j = 0; j < s->n; j++) {
            const float dx = s->x[i] - s->x[j], dy = s->y[i] - s->y[j];
            float dj = dx * dx + dy * dy;
            uint16_t nj = (uint16_t)j;

            if (dj >= d[LIMNER_SHEET_TAPS - 1] || !is_covered(s, j))
                continue;
            for (int k = 0; k < LIMNER_SHEET_TAPS; k++) {
                if (dj < d[k]) {
                    const float td = d[k];
                    const uint16_t tn = tap[k];

                    d[k] = dj;
                    tap[k] = nj;
                    dj = td;
                    nj = tn;
                }
            }
        }
        fall = 1 - smooth(0, reach, sqrtf(d[0]));
        for (int k = 0; k < LIMNER_SHEET_TAPS; k++)
            sum += weight[k] = 1 / (d[k] + 1);
        for (int k = 0; k < LIMNER_SHEET_TAPS; k++)
            weight[k] *= fall / sum;
    }
}

static void choose_free(limner_sheet *s, const limner_view *view, const uint8_t *feather)
{
    for (int32_t j = 1; j + 1 < s->ny; j++) {
        for (int32_t i = 1; i + 1 < s->nx; i++) {
            const uint32_t n = (uint32_t)(j * s->nx + i);

            if (!feather[(int32_t)s->y[n] * view->w + (int32_t)s->x[n]])
                s->free_node[s->n_free++] = (uint16_t)n;
        }
    }
}

/* A cell is drawn when the person shows in or beside it; under the core too, for in a turn places
 * come out that the core, hidden there in the photo, has no triangles for. */
static void choose_cells(limner_sheet *s, const limner_view *view, const uint8_t *matte)
{
    const int32_t margin = 3;

    for (int32_t j = 0; j + 1 < s->ny; j++) {
        for (int32_t i = 0; i + 1 < s->nx; i++) {
            const uint32_t n = (uint32_t)(j * s->nx + i);
            const int32_t x0 = (int32_t)s->x[n] - margin, x1 = (int32_t)s->x[n + 1] + margin;
            const int32_t y0 = (int32_t)s->y[n] - margin;
            const int32_t y1 = (int32_t)s->y[n + (uint32_t)s->nx] + margin;
            bool is_person = false;

            for (int32_t y = y0 < 0 ? 0 : y0; y < y1 && y < view->h; y++) {
                for (int32_t x = x0 < 0 ? 0 : x0; x < x1 && x < view->w; x++)
                    is_person = is_person || matte[y * view->w + x];
            }
            s->is_drawn[j * (s->nx - 1) + i] = is_person;
        }
    }
}

/* Where the nodes lie, what of the mesh is under them, how deep they are. */
static limner_status place(limner_sheet *s, const limner_rig *rig)
{
    const int32_t q = LIMNER_SUPERSAMPLE;
    int32_t *id = limner_alloc((size_t)(rig->view.w * q) * (size_t)(rig->view.h * q), sizeof(*id));
    limner_status st = id ? limner_rig_draw_photo(rig, id) : LIMNER_E_NOMEM;

    if (st == LIMNER_OK) {
        place_nodes(s, &rig->view);
        cover(s, rig, id);
        relax(s, s->z, 0);
        st = limner_sheet_raise(s, rig, id);
    }
    limner_mem_free(id);
    return st;
}

limner_status limner_sheet_open(limner_sheet *s, limner_rig *rig, const uint8_t *matte,
                                const uint8_t *feather, const float chin[2], const float brow[2])
{
    const float cell = fmaxf(4, CELL_SHARE * (float)rig->view.w);
    const float size = hypotf(brow[0] - chin[0], brow[1] - chin[1]);
    limner_status st = LIMNER_E_NOMEM;

    memset(s, 0, sizeof(*s));
    s->nx = (int32_t)ceilf((float)rig->view.w / cell) + 1;
    s->ny = (int32_t)ceilf((float)rig->view.h / cell) + 1;
    s->n = (uint32_t)(s->nx * s->ny);
    if (alloc_arrays(s))
        st = place(s, rig);
    if (st == LIMNER_OK)
        st = spread_weight(s, rig, chin, brow);
    if (st < 0) {
        limner_sheet_close(s);
        return st;
    }
    hold_border(s, &rig->view, matte);
    choose_taps(s, 0.3f * size);
    choose_free(s, &rig->view, feather);
    choose_cells(s, &rig->view, matte);
    for (uint32_t i = 0; i < rig->face->n_vertices; i++)
        for (int way = 0; way < 4; way++)
            rig->freedom[way][i] =
                limner_sheet_grid_at(s, s->freedom[way], rig->rest[0][i], rig->rest[1][i]);
    return LIMNER_OK;
}

/* Expression of covered nodes: as the mesh under them moves. */
static void follow_mesh(limner_sheet *s, const limner_rig *rig, const float *light)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const uint16_t *v = s->corner + 3 * i;
        const float *b = s->bary + 3 * i;

        for (int k = 0; k < 3; k++) {
            const float *now = rig->still[k], *then = rig->rest[k];

            s->move[k][i] = b[0] * (now[v[0]] - then[v[0]]) + b[1] * (now[v[1]] - then[v[1]]) +
                            b[2] * (now[v[2]] - then[v[2]]);
        }
        s->light[i] = 1 + b[0] * (light[v[0]] - 1) + b[1] * (light[v[1]] - 1) +
                      b[2] * (light[v[2]] - 1);
    }
}

/* Evens out what the sheet does outside the core, where silhouettes (cheek before neck, jaw before
 * collar) would tear it. */
static void smooth_outside(limner_sheet *s)
{
    for (int round = 0; round < SMOOTH_ROUNDS; round++) {
        for (int c = 0; c < 4; c++) {
            float *v = c < 3 ? s->move[c] : s->light;

            for (uint32_t k = 0; k < s->n_free; k++) {
                const uint32_t i = s->free_node[k], nx = (uint32_t)s->nx;

                v[i] = 0.4f * v[i] + 0.15f * (v[i - 1] + v[i + 1] + v[i - nx] + v[i + nx]);
            }
        }
    }
}

static void follow_nodes(limner_sheet *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const uint16_t *tap = s->tap + (size_t)i * LIMNER_SHEET_TAPS;
        const float *w = s->tap_weight + (size_t)i * LIMNER_SHEET_TAPS;

        if (w[0] <= 0)
            continue;
        for (int k = 0; k < LIMNER_SHEET_TAPS; k++) {
            const uint32_t j = tap[k];

            for (int c = 0; c < 3; c++)
                s->move[c][i] += w[k] * s->move[c][j];
            s->light[i] += w[k] * (s->light[j] - 1);
        }
    }
}

void limner_sheet_move(limner_sheet *s, const limner_rig *rig, const limner_pose *pose,
                       const float *light)
{
    const float *const home[3] = {s->x, s->y, s->z};
    const limner_points p = {.n = s->n, .x = s->move[0], .y = s->move[1], .z = s->move[2],
                             .weight = s->weight, .freedom = {s->freedom[0], s->freedom[1],
                                                              s->freedom[2], s->freedom[3]}};

    follow_mesh(s, rig, light);
    follow_nodes(s);
    smooth_outside(s);
    for (int k = 0; k < 3; k++) {
        for (uint32_t i = 0; i < s->n; i++)
            s->move[k][i] += home[k][i];
    }
    limner_pose_move(pose, &p, s->at[0], s->at[1], s->at[2]);
}

static void draw_triangle(const limner_sheet *s, limner_drawlist *list, uint32_t a, uint32_t b,
                          uint32_t c)
{
    const limner_corners k = {.x = {s->at[0][a], s->at[0][b], s->at[0][c]},
                              .y = {s->at[1][a], s->at[1][b], s->at[1][c]},
                              .z = {s->at[2][a], s->at[2][b], s->at[2][c]}};
    limner_plane *p = limner_drawlist_add(list, &k, 0);

    if (!p)
        return;
    limner_plane_set(p, &k, 0, s->x[a], s->x[b], s->x[c]);
    limner_plane_set(p, &k, 1, s->y[a], s->y[b], s->y[c]);
    limner_plane_set(p, &k, 2, s->light[a], s->light[b], s->light[c]);
}

void limner_sheet_draw(const limner_sheet *s, limner_drawlist *list)
{
    for (int32_t j = 0; j + 1 < s->ny; j++) {
        for (int32_t i = 0; i + 1 < s->nx; i++) {
            const uint32_t a = (uint32_t)(j * s->nx + i), c = a + (uint32_t)s->nx;

            if (!s->is_drawn[j * (s->nx - 1) + i])
                continue;
            draw_triangle(s, list, a, a + 1, c);
            draw_triangle(s, list, a + 1, c + 1, c);
        }
    }
}

uint32_t limner_sheet_triangles(const limner_sheet *s)
{
    return 2 * (uint32_t)((s->nx - 1) * (s->ny - 1));
}

void limner_sheet_close(limner_sheet *s)
{
    for (int k = 0; k < 3; k++) {
        limner_mem_free(s->move[k]);
        limner_mem_free(s->at[k]);
    }
    limner_mem_free(s->x);
    limner_mem_free(s->y);
    limner_mem_free(s->z);
    limner_mem_free(s->weight);
    for (int way = 0; way < 4; way++)
        limner_mem_free(s->freedom[way]);
    limner_mem_free(s->light);
    limner_mem_free(s->corner);
    limner_mem_free(s->bary);
    limner_mem_free(s->tap);
    limner_mem_free(s->tap_weight);
    limner_mem_free(s->is_drawn);
    limner_mem_free(s->free_node);
    memset(s, 0, sizeof(*s));
}
