/* SPDX-License-Identifier: Apache-2.0 */
/* Grid construction (sheet.h). Values known on covered nodes are continued to the others by
 * relaxation of Laplace's equation (depth) or of its screened form (head weight against a prior: 1
 * above the chin, falling to 0 at the shoulders and far from the head). Canvas pixels. */
#include "render/sheet.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/nearest.h"
#include "core/smoothstep.h"
#include "render/sheet_depth.h"
#include "render/sheet_edge.h"

#define CELL_SHARE (8.0f / 512)         /* cell size over the canvas */
/* Of the face's height: half the neck's width; what lies farther aside counts as lower by the given
 * part of that, for shoulders reach up beside the neck. */
#define NECK_SHARE 0.4f
#define HAIR_SHARE 0.35f                /* of it: farther from the skin hair swings freely, ... */
#define HAIR_ABOVE 0.15f                /* ... but above the forehead by this share only */
#define SHOULDER_FALL 0.8f

enum { RELAX_ROUNDS = 300 };

static bool is_covered(const limner_sheet *s, uint32_t i)
{
    return s->bary[3 * i] + s->bary[3 * i + 1] + s->bary[3 * i + 2] > 0.5f;
}

static bool alloc_arrays(limner_sheet *s)
{
    float **all[] = {&s->x, &s->y, &s->z, &s->u, &s->v, &s->weight, &s->freedom, &s->move[0],
                     &s->move[1], &s->move[2], &s->at[0], &s->at[1], &s->at[2], &s->light};
    bool is_ok = true;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        *all[i] = limner_calloc(s->n, sizeof(float));
        is_ok = is_ok && *all[i];
    }
    s->corner = limner_calloc(s->n, 3 * sizeof(*s->corner));
    s->bary = limner_calloc(s->n, 3 * sizeof(*s->bary));
    s->tap = limner_calloc(s->n, LIMNER_SHEET_TAPS * sizeof(*s->tap));
    s->tap_weight = limner_calloc(s->n, LIMNER_SHEET_TAPS * sizeof(*s->tap_weight));
    s->smooth = limner_calloc(s->n, sizeof(*s->smooth));
    s->is_drawn = limner_calloc(s->n, 1);
    s->first = limner_calloc((uint32_t)s->ny, sizeof(*s->first));
    s->end = limner_calloc((uint32_t)s->ny, sizeof(*s->end));
    s->hair_node = limner_calloc(s->n, sizeof(*s->hair_node));
    s->hair = limner_calloc(s->n, sizeof(*s->hair));
    s->free_node = limner_calloc(s->n, sizeof(*s->free_node));
    return is_ok && s->corner && s->bary && s->tap && s->tap_weight && s->smooth &&
           s->is_drawn && s->first && s->end && s->free_node && s->hair_node && s->hair;
}

/* Finds the mesh under the nodes. id [2h][2w]: the head drawn as it lies in the photo. */
static void cover(limner_sheet *s, const limner_rig *rig, const int32_t *id)
{
    const int32_t q = LIMNER_SUPERSAMPLE, w = rig->view.w * q, h = rig->view.h * q;

    for (uint32_t i = 0; i < s->n; i++) {
        const int32_t x = (int32_t)fminf((float)(w - 1), s->u[i] * (float)q);
        const int32_t y = (int32_t)fminf((float)(h - 1), s->v[i] * (float)q);
        const int32_t t = id[y * w + x];
        const uint16_t *v;

        if (t < 0 || s->u[i] != s->x[i] || s->v[i] != s->y[i])
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
    const float cell = s->cell[0];
    float *prior = limner_alloc(s->n, sizeof(*prior));

    if (!prior)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; i < s->n; i++) {
        const float far = hypotf(s->x[i] - middle[0], s->y[i] - middle[1]) / size;
        const float x = (s->x[i] - chin[0]) / size, y = (s->y[i] - chin[1]) / size;
        const float below = -(x * rig->up[0] + y * rig->up[1]);
        const float aside = fabsf(x * rig->up[1] - y * rig->up[0]);
        const float low = below + SHOULDER_FALL * fmaxf(0, aside - NECK_SHARE);

        prior[i] = (1 - limner_smoothstep(low, -0.15f, 0.75f)) *
                   (1 - limner_smoothstep(far, 1.1f, 1.9f));
        s->weight[i] -= prior[i];
    }
    relax(s, s->weight, 0.18f * size / cell);
    for (uint32_t i = 0; i < s->n; i++)
        s->weight[i] = fminf(1, fmaxf(0, s->weight[i] + prior[i]));
    limner_mem_free(prior);
    return LIMNER_OK;
}

/* Uncovered nodes follow the nearest covered ones, near_px away. */
static void choose_taps(limner_sheet *s, float reach, float *near_px)
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
            const float distance = dx * dx + dy * dy;

            if (distance < d[LIMNER_SHEET_TAPS - 1] && is_covered(s, j))
                limner_keep_nearest(d, tap, LIMNER_SHEET_TAPS, distance, (uint16_t)j);
        }
        near_px[i] = sqrtf(d[0]);
        fall = 1 - limner_smoothstep(near_px[i], 0, reach);
        for (int k = 0; k < LIMNER_SHEET_TAPS; k++)
            sum += weight[k] = 1 / (d[k] + 1);
        for (int k = 0; k < LIMNER_SHEET_TAPS; k++)
            weight[k] *= fall / sum;
    }
}

/* Whether the person shows in the photo between places (u0, v0) and (u1, v1), or beside them. */
static bool is_person_in(const limner_view *view, const uint8_t *matte, float u0, float v0,
                         float u1, float v1)
{
    const float margin = 3;
    const int32_t x0 = (int32_t)fmaxf(0, fminf(u0, u1) - margin);
    const int32_t y0 = (int32_t)fmaxf(0, fminf(v0, v1) - margin);
    const int32_t x1 = (int32_t)fminf((float)view->w, fmaxf(u0, u1) + margin);
    const int32_t y1 = (int32_t)fminf((float)view->h, fmaxf(v0, v1) + margin);

    for (int32_t y = y0; y < y1; y++) {
        for (int32_t x = x0; x < x1; x++) {
            if (matte[y * view->w + x])
                return true;
        }
    }
    return false;
}

/* A cell is drawn when the person shows in or beside it; under the core too, for in a turn places
 * come out that the core, hidden there in the photo, has no triangles for. */
static void choose_cells(limner_sheet *s, const limner_view *view, const uint8_t *matte)
{
    for (int32_t j = 0; j + 1 < s->ny; j++) {
        for (int32_t i = 0; i + 1 < s->nx; i++) {
            const int32_t n = j * s->nx + i, o = n + s->nx + 1;

            s->is_drawn[j * (s->nx - 1) + i] = is_person_in(view, matte, s->u[n], s->v[n], s->u[o],
                                                            s->v[o]);
        }
    }
}

/* Of each row the nodes of drawn cells; none: first = end = 0. */
static void choose_nodes(limner_sheet *s)
{
    for (int32_t j = 0; j < s->ny; j++) {
        int32_t first = s->nx, end = 0;

        for (int32_t i = 0; i + 1 < s->nx; i++) {
            const bool is_above = j > 0 && s->is_drawn[(j - 1) * (s->nx - 1) + i];
            const bool is_below = j + 1 < s->ny && s->is_drawn[j * (s->nx - 1) + i];

            if (is_above || is_below) {
                first = i < first ? i : first;
                end = i + 2;
            }
        }
        s->first[j] = first < end ? first : 0;
        s->end[j] = end;
    }
}

static void choose_free(limner_sheet *s, const limner_view *view, const uint8_t *feather)
{
    for (int32_t j = 1; j + 1 < s->ny; j++) {
        for (int32_t i = s->first[j] + 1; i + 1 < s->end[j]; i++) {
            const int32_t n = j * s->nx + i;
            const int32_t x = (int32_t)fminf(s->u[n], (float)(view->w - 1));
            const int32_t y = (int32_t)fminf(s->v[n], (float)(view->h - 1));

            if (!feather[y * view->w + x])
                s->free_node[s->n_free++] = (uint16_t)n;
        }
    }
}

/* Two triangles of each drawn cell, clockwise. */
static limner_status list_triangles(limner_sheet *s)
{
    uint16_t *t;

    s->index = limner_alloc(limner_sheet_triangles(s), 3 * sizeof(*s->index));
    s->is_pair = limner_alloc(limner_sheet_triangles(s), 1);
    if (!s->index || !s->is_pair)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; i < limner_sheet_triangles(s); i++)
        s->is_pair[i] = !(i % 2);
    t = s->index;
    for (int32_t j = 0; j + 1 < s->ny; j++) {
        for (int32_t i = 0; i + 1 < s->nx; i++) {
            const uint16_t a = (uint16_t)(j * s->nx + i), c = (uint16_t)(a + s->nx);
            const uint16_t both[6] = {a, (uint16_t)(a + 1), c, (uint16_t)(a + 1), (uint16_t)(c + 1),
                                      c};

            if (!s->is_drawn[j * (s->nx - 1) + i])
                continue;
            memcpy(t, both, sizeof(both));
            t += 6;
        }
    }
    s->n_triangles = (uint32_t)(t - s->index) / 3;
    return LIMNER_OK;
}

/* Hair swings the more, the farther it is from the head's skin and the lower it hangs. near_px [n]:
 * distance to the nearest covered node. */
static void choose_hair(limner_sheet *s, const float *near_px, const float chin[2], float size)
{
    for (int32_t j = 0; j < s->ny; j++) {
        for (int32_t i = s->first[j]; i < s->end[j]; i++) {
            const int32_t n = j * s->nx + i;
            const float low = (s->y[n] - chin[1]) / size;
            const float free = s->weight[n] * limner_smoothstep(near_px[n] / size, 0, HAIR_SHARE) *
                               (HAIR_ABOVE + (1 - HAIR_ABOVE) * limner_smoothstep(low, -0.9f, 0));

            if (free <= 0.01f)
                continue;
            s->hair_node[s->n_hair] = (uint16_t)n;
            s->hair[s->n_hair++] = free;
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
        limner_sheet_place(s, &rig->view);
        for (uint32_t i = 0; i < s->n; i++)
            s->light[i] = 1;
        cover(s, rig, id);
        relax(s, s->z, 0);
        st = limner_sheet_raise(s, rig, id);
    }
    limner_mem_free(id);
    return st;
}

/* Sizes and arrays. */
static limner_status size_up(limner_sheet *s, const limner_view *view)
{
    const float cell = fmaxf(4, CELL_SHARE * (float)view->w);
    const int32_t nx = (int32_t)ceilf((float)view->w / cell);
    const int32_t ny = (int32_t)ceilf((float)view->h / cell);

    s->cell[0] = (float)view->w / (float)nx;
    s->cell[1] = (float)view->h / (float)ny;
    s->nx = nx + 1 + s->edge[LIMNER_EDGE_LEFT].n + s->edge[LIMNER_EDGE_RIGHT].n;
    s->ny = ny + 1 + s->edge[LIMNER_EDGE_TOP].n + s->edge[LIMNER_EDGE_LOW].n;
    s->n = (uint32_t)(s->nx * s->ny);
    return alloc_arrays(s) ? LIMNER_OK : LIMNER_E_NOMEM;
}

limner_status limner_sheet_open(limner_sheet *s, limner_rig *rig, const uint8_t *matte,
                                const uint8_t *feather, const float chin[2], const float brow[2])
{
    const float size = fmaxf(hypotf(brow[0] - chin[0], brow[1] - chin[1]), 8);
    float *near_px = NULL;
    limner_status st;

    memset(s, 0, sizeof(*s));
    limner_sheet_find_edges(s, &rig->view, matte, chin, brow);
    st = size_up(s, &rig->view);
    if (st == LIMNER_OK)
        st = place(s, rig);
    if (st == LIMNER_OK)
        st = spread_weight(s, rig, chin, brow);
    if (st == LIMNER_OK) {
        near_px = limner_calloc(s->n, sizeof(*near_px));
        st = near_px ? LIMNER_OK : LIMNER_E_NOMEM;
    }
    if (st < 0) {
        limner_sheet_close(s);
        return st;
    }
    limner_sheet_hold(s, &rig->view, matte);
    choose_taps(s, 0.3f * size, near_px);
    choose_cells(s, &rig->view, matte);
    choose_nodes(s);
    choose_hair(s, near_px, chin, size);
    limner_mem_free(near_px);
    choose_free(s, &rig->view, feather);
    st = list_triangles(s);
    if (st < 0) {
        limner_sheet_close(s);
        return st;
    }
    for (uint32_t i = 0; i < rig->face->n_vertices; i++)
        rig->freedom[i] = limner_sheet_grid_at(s, s->freedom, rig->rest[0][i], rig->rest[1][i]);
    return LIMNER_OK;
}
