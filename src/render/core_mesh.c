/* SPDX-License-Identifier: Apache-2.0 */
/* Choice of the core: what of the face is seen in the photo, or may come out around lips, lids and
 * nose; where it fades into the sheet; and its triangles of a frame. */
#include "render/core_mesh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "render/core_mask.h"
#include "render/core_pairs.h"

#define FEATHER_SHARE (12.0f / 512)     /* width of the core's soft border over the canvas */
#define CLOSE_SHARE (10.0f / 512)       /* gaps in the core up to twice this are bridged */
#define BEHIND_CM 0.2f                  /* a lid's back lies behind its front, before the eye */

enum { NOSE_TIP = 4 };

typedef struct box {
    float lo[2], hi[2];                 /* cm of the mean face, x and y */
} box;

static bool is_face(uint8_t region)
{
    return region == LIMNER_REGION_FACE ||
           (region >= LIMNER_REGION_LIP_UPPER && region <= LIMNER_REGION_LID_LOWER_R);
}

static void mark_seen(limner_rig *rig, const int32_t *id, uint8_t *is_tri_seen)
{
    const size_t n = (size_t)rig->view.w * rig->view.h * LIMNER_SUPERSAMPLE * LIMNER_SUPERSAMPLE;

    for (size_t i = 0; i < n; i++) {
        if (id[i] >= 0)
            is_tri_seen[id[i]] = 1;
    }
    for (uint32_t t = 0; t < rig->face->n_triangles; t++) {
        for (int k = 0; is_tri_seen[t] && k < 3; k++)
            rig->is_seen[rig->face->triangle[3 * t + k]] = 1;
    }
}

/* Bounds of a contact line in the mean face, widened. */
static box line_box(const limner_face *face, const limner_face_contact *line, float dx, float dy)
{
    box b = {{1e9f, 1e9f}, {-1e9f, -1e9f}};

    for (uint32_t i = 0; i < 2 * line->n; i++) {
        const uint32_t v = i < line->n ? line->upper[i] : line->lower[i - line->n];

        for (int k = 0; k < 2; k++) {
            b.lo[k] = fminf(b.lo[k], face->mean[k * face->stride + v]);
            b.hi[k] = fmaxf(b.hi[k], face->mean[k * face->stride + v]);
        }
    }
    b.lo[0] -= dx;
    b.hi[0] += dx;
    b.lo[1] -= dy;
    b.hi[1] += dy;
    return b;
}

/* Around lips, lids and nose every triangle is kept: what the photo hides there comes out. */
static bool is_near(const limner_face *face, const box *boxes, int n_boxes, const uint16_t *t)
{
    for (int b = 0; b < n_boxes; b++) {
        bool is_in = true;

        for (int k = 0; k < 3; k++) {
            const float x = face->mean[t[k]], y = face->mean[face->stride + t[k]];

            is_in = is_in && x > boxes[b].lo[0] && x < boxes[b].hi[0] && y > boxes[b].lo[1] &&
                    y < boxes[b].hi[1];
        }
        if (is_in)
            return true;
    }
    return false;
}

static box nose_box(const limner_face *face)
{
    const uint32_t tip = face->landmark_vertex[3 * NOSE_TIP];
    const float x = face->mean[tip], y = face->mean[face->stride + tip];
    const box b = {{x - 2.2f, y - 1.6f}, {x + 2.2f, y + 3.0f}};

    return b;
}

static void mark_line(uint8_t *mark, const limner_face_contact *line,
                      const limner_face_loop *loop)
{
    for (uint32_t i = 0; i < line->n; i++)
        mark[line->upper[i]] = mark[line->lower[i]] = 2;
    for (uint32_t i = 0; i < loop->n; i++)
        mark[loop->vertex[i]] = 2;
}

/* is_inner: vertices of the head that cannot be reached from facial skin without crossing the line
 * of lips or lids: the rims behind the lids, the inner lips. */
static void find_inner(limner_core *c, const limner_rig *rig)
{
    enum { UNKNOWN, OUTSIDE, LINE };
    const limner_face *face = rig->face;
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];
    uint8_t *mark = c->is_inner;
    bool has_changed = true;

    for (uint32_t i = 0; i < rig->n_head; i++)
        mark[i] = face->vertex_region[i] <= LIMNER_REGION_SHOULDERS ? OUTSIDE : UNKNOWN;
    mark_line(mark, &face->lips, &face->mouth_opening);
    mark_line(mark, &face->lids[0], &face->lid_opening[0]);
    mark_line(mark, &face->lids[1], &face->lid_opening[1]);
    while (has_changed) {
        has_changed = false;
        for (uint32_t i = 0; i < head->n_triangles; i++) {
            const uint16_t *t = face->triangle + 3 * (size_t)(head->first_triangle + i);
            const bool is_out = mark[t[0]] == OUTSIDE || mark[t[1]] == OUTSIDE ||
                                mark[t[2]] == OUTSIDE;

            for (int k = 0; is_out && k < 3; k++) {
                has_changed = has_changed || mark[t[k]] == UNKNOWN;
                mark[t[k]] = mark[t[k]] == UNKNOWN ? OUTSIDE : mark[t[k]];
            }
        }
    }
    for (uint32_t i = 0; i < rig->n_head; i++)
        mark[i] = mark[i] == UNKNOWN;
}

static void choose_triangles(limner_core *c, const limner_rig *rig, const uint8_t *is_tri_seen)
{
    const limner_face *face = rig->face;
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];
    const box boxes[4] = {line_box(face, &face->lips, 0.9f, 1.2f),
                          line_box(face, &face->lids[0], 0.7f, 1.1f),
                          line_box(face, &face->lids[1], 0.7f, 1.1f), nose_box(face)};

    for (uint32_t i = head->first_triangle; i < head->first_triangle + head->n_triangles; i++) {
        const uint16_t *t = face->triangle + 3 * i;
        const uint8_t region = face->triangle_region[i];

        if (!is_face(region))
            continue;
        if (c->is_inner[t[0]] || c->is_inner[t[1]] || c->is_inner[t[2]]) {
            if (region >= LIMNER_REGION_LIP_UPPER && region <= LIMNER_REGION_LIP_INNER)
                memcpy(c->lip_index + 3 * c->n_lip_triangles++, t, 3 * sizeof(*t));
            continue;
        }
        if (is_tri_seen[i] || is_near(face, boxes, 4, t)) {
            memcpy(c->index + 3 * c->n_triangles, t, 3 * sizeof(*t));
            c->is_lid[c->n_triangles] = region >= LIMNER_REGION_LID_UPPER_L &&
                                        region <= LIMNER_REGION_LID_LOWER_R;
            c->n_triangles++;
        }
    }
}

/* Depth's slope of a model triangle in the photo: px per px. */
static float slope_of(const limner_rig *rig, uint32_t t)
{
    const uint16_t *v = rig->face->triangle + 3 * (size_t)t;
    const float *x = rig->rest[0], *y = rig->rest[1], *z = rig->rest[2];
    const float ax = x[v[1]] - x[v[0]], ay = y[v[1]] - y[v[0]], az = z[v[1]] - z[v[0]];
    const float bx = x[v[2]] - x[v[0]], by = y[v[2]] - y[v[0]], bz = z[v[2]] - z[v[0]];
    const float area = ax * by - ay * bx;

    return hypotf(az * by - bz * ay, bz * ax - az * bx) / fmaxf(fabsf(area), 1e-3f);
}

/* Where the core is front-most in the photo; holes of eyes and mouth count as core. */
static limner_status make_feather(limner_core *c, const limner_rig *rig, const int32_t *id,
                                  const uint8_t *is_core)
{
    const int32_t w = rig->view.w, h = rig->view.h, q = LIMNER_SUPERSAMPLE;

    c->feather = limner_calloc((size_t)w * h + LIMNER_FEATHER_PAD, 1);
    if (!c->feather)
        return LIMNER_E_NOMEM;
    for (int32_t y = 0; y < h; y++) {
        for (int32_t x = 0; x < w; x++) {
            const int32_t t = id[(size_t)(y * q) * (w * q) + x * q];

            c->feather[y * w + x] = t >= 0 && is_core[t] ? 255 : 0;
        }
    }
    return LIMNER_OK;
}

/* Sets pixels of the polygon strip between a contact's two lines. */
static void fill_opening(uint8_t *mask, const limner_rig *rig, const limner_face_contact *line)
{
    const int32_t w = rig->view.w, h = rig->view.h;

    for (uint32_t i = 0; i + 1 < line->n; i++) {
        const uint32_t a = line->upper[i], b = line->upper[i + 1];
        const float x0 = fminf(rig->rest[0][a], rig->rest[0][b]) - 2;
        const float x1 = fmaxf(rig->rest[0][a], rig->rest[0][b]) + 2;
        const float y0 = fminf(rig->rest[1][a], rig->rest[1][b]) - 2;
        const float y1 = fmaxf(rig->rest[1][line->lower[i]], rig->rest[1][line->lower[i + 1]]) + 2;

        for (int32_t y = (int32_t)fmaxf(0, y0); y < (int32_t)fminf((float)h, y1); y++) {
            for (int32_t x = (int32_t)fmaxf(0, x0); x < (int32_t)fminf((float)w, x1); x++)
                mask[y * w + x] = 255;
        }
    }
}

static uint8_t feather_at(const limner_core *c, const limner_view *view, float x, float y)
{
    const int32_t ix = (int32_t)x, iy = (int32_t)y;
    const bool is_in = ix >= 0 && ix < view->w && iy >= 0 && iy < view->h;

    return is_in ? c->feather[iy * view->w + ix] : 0;
}

typedef struct sorted_triangle {
    float row;                          /* of its uppermost corner in the photo, or its mate's */
    uint32_t nth;                       /* of it and its mate; twice the first's, and one more */
    uint16_t t[3];
    uint8_t kind, is_lid;
} sorted_triangle;

static int compare_rows(const void *a, const void *b)
{
    const sorted_triangle *p = a, *q = b;

    if (p->row != q->row)
        return p->row < q->row ? -1 : 1;
    return p->nth < q->nth ? -1 : 1;
}

static float top_of(const limner_core *c, uint32_t i, const float *y)
{
    const uint16_t *t = c->index + 3 * (size_t)i;

    return fminf(y[t[0]], fminf(y[t[1]], y[t[2]]));
}

static void order_by_rows(limner_core *c, const uint32_t *mate, const float *y,
                          sorted_triangle *all)
{
    for (uint32_t i = 0; i < c->n_triangles; i++) {
        const uint16_t *t = c->index + 3 * (size_t)i;
        const uint32_t other = mate[i] == LIMNER_NO_MATE ? i : mate[i];

        all[i] = (sorted_triangle){fminf(top_of(c, i, y), top_of(c, other, y)),
                                   2 * (i < other ? i : other) + (other < i), {t[0], t[1], t[2]},
                                   c->kind[i], c->is_lid[i]};
    }
    qsort(all, c->n_triangles, sizeof(*all), compare_rows);
    for (uint32_t i = 0; i < c->n_triangles; i++) {
        memcpy(c->index + 3 * (size_t)i, all[i].t, sizeof(all[i].t));
        c->kind[i] = all[i].kind;
        c->is_lid[i] = all[i].is_lid;
    }
}

/* What is drawn one after the other lies side by side in memory. */
static limner_status order_triangles(limner_core *c, const limner_rig *rig)
{
    sorted_triangle *all = limner_alloc(c->n_triangles, sizeof(*all));
    uint32_t *mate = limner_alloc(c->n_triangles, sizeof(*mate));
    limner_status st = all && mate ? LIMNER_OK : LIMNER_E_NOMEM;

    if (st == LIMNER_OK)
        st = limner_pairs_find(mate, c->index, c->is_lid, c->n_triangles, rig->rest[0],
                               rig->rest[1]);
    if (st == LIMNER_OK)
        order_by_rows(c, mate, rig->rest[1], all);
    limner_mem_free(all);
    limner_mem_free(mate);
    return st;
}

/* Tells inner triangles from those at the soft border, drops those beyond it, and turns them into
 * the raster's order. */
static limner_status sort_triangles(limner_core *c, const limner_rig *rig)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < c->n_triangles; i++) {
        const uint16_t *t = c->index + 3 * (size_t)i;
        uint8_t least = 255, most = 0;

        for (int k = 0; k < 3; k++) {
            const uint8_t f = feather_at(c, &rig->view, c->u[t[k]], c->v[t[k]]);

            least = f < least ? f : least;
            most = f > most ? f : most;
        }
        if (!most)
            continue;
        memcpy(c->index + 3 * (size_t)n, (const uint16_t[3]){t[0], t[2], t[1]}, 3 * sizeof(*t));
        c->is_lid[n] = c->is_lid[i];
        c->kind[n++] = least < 255 ? LIMNER_CORE_EDGE : LIMNER_CORE_SKIN;
    }
    c->n_triangles = c->n_drawn = n;
    return order_triangles(c, rig);
}

/* Triangles that make the core's area: face, but not where its side turns away steeply. There the
 * sheet, whose depth is gentler, takes over: it stretches where the mesh would tear. */
static void mark_core(const limner_rig *rig, uint8_t *is_core)
{
    const limner_face *face = rig->face;
    const box boxes[4] = {line_box(face, &face->lips, 0.9f, 1.2f),
                          line_box(face, &face->lids[0], 0.7f, 1.1f),
                          line_box(face, &face->lids[1], 0.7f, 1.1f), nose_box(face)};

    memset(is_core, 0, face->n_triangles);
    for (uint32_t t = 0; t < face->n_triangles; t++) {
        if (is_face(face->triangle_region[t]))
            is_core[t] = slope_of(rig, t) < LIMNER_SHEET_SLOPE ||
                         is_near(face, boxes, 4, face->triangle + 3 * (size_t)t);
    }
}

static limner_status build(limner_core *c, limner_rig *rig, int32_t *id, uint8_t *is_tri_seen)
{
    const limner_face *face = rig->face;
    const uint32_t tip = face->landmark_vertex[3 * NOSE_TIP];
    limner_status st = limner_rig_draw_photo(rig, id);

    if (st < 0)
        return st;
    mark_seen(rig, id, is_tri_seen);
    find_inner(c, rig);
    choose_triangles(c, rig, is_tri_seen);
    st = limner_core_texture_open(c, rig);
    if (st < 0)
        return st;
    memset(is_tri_seen, 0, face->n_triangles);
    mark_core(rig, is_tri_seen);
    st = make_feather(c, rig, id, is_tri_seen);
    if (st < 0)
        return st;
    fill_opening(c->feather, rig, &face->lips);
    fill_opening(c->feather, rig, &face->lids[0]);
    fill_opening(c->feather, rig, &face->lids[1]);
    limner_mask_keep_piece(c->feather, rig->view.w, rig->view.h, (int32_t)c->u[tip],
                           (int32_t)c->v[tip]);
    st = limner_mask_soften(c->feather, rig->view.w, rig->view.h,
                            CLOSE_SHARE * (float)rig->view.w, FEATHER_SHARE * (float)rig->view.w);
    if (st < 0)
        return st;
    return sort_triangles(c, rig);
}

limner_status limner_core_open(limner_core *c, limner_rig *rig)
{
    const limner_face *face = rig->face;
    const size_t n = (size_t)rig->view.w * rig->view.h * LIMNER_SUPERSAMPLE * LIMNER_SUPERSAMPLE;
    const uint32_t n_max = face->part[LIMNER_PART_HEAD].n_triangles;
    int32_t *id = limner_alloc(n, sizeof(*id));
    uint8_t *is_tri_seen = limner_calloc(face->n_triangles, 1);
    limner_status st = LIMNER_E_NOMEM;

    memset(c, 0, sizeof(*c));
    c->index = limner_calloc((size_t)n_max * 3, sizeof(*c->index));
    c->kind = limner_calloc(n_max, 1);
    c->lip_index = limner_calloc((size_t)n_max * 3, sizeof(*c->lip_index));
    c->is_inner = limner_calloc(face->stride, 1);
    c->is_lid = limner_calloc(n_max, 1);
    c->is_pair = limner_calloc(n_max, 1);
    c->u = limner_calloc(face->stride, sizeof(float));
    c->v = limner_calloc(face->stride, sizeof(float));
    c->frame_u = limner_calloc(face->stride, sizeof(float));
    c->frame_v = limner_calloc(face->stride, sizeof(float));
    c->shift = limner_calloc(rig->lips.n_bound + 1, sizeof(*c->shift));
    c->stretch = limner_calloc(rig->lids[0].n_bound + rig->lids[1].n_bound + 1,
                               sizeof(*c->stretch));
    if (id && is_tri_seen && c->index && c->kind && c->is_lid && c->is_pair && c->lip_index &&
        c->is_inner && c->u && c->v && c->frame_u && c->frame_v && c->shift && c->stretch)
        st = build(c, rig, id, is_tri_seen);
    limner_mem_free(id);
    limner_mem_free(is_tri_seen);
    if (st < 0)
        limner_core_close(c);
    return st;
}

void limner_core_find_pairs(limner_core *c)
{
    limner_pairs_mark(c->is_pair, c->index, c->is_lid, c->n_triangles);
}

void limner_core_draw(const limner_core *c, const limner_rig *rig, const float *light,
                      limner_drawlist *list)
{
    /* A closing lid may fold over itself: its back fills what would be a hole. */
    const limner_mesh mesh = {.n_vertices = rig->n_head, .n_triangles = c->n_drawn,
                              .x = rig->at[0], .y = rig->at[1], .z = rig->at[2],
                              .value = {c->frame_u, c->frame_v, light}, .index = c->index,
                              .kind = c->kind, .is_two_sided = c->is_lid, .is_pair = c->is_pair,
                              .behind = BEHIND_CM * rig->pose_frame.scale};

    limner_drawlist_add_mesh(list, &mesh);
}

void limner_core_close(limner_core *c)
{
    limner_mem_free(c->index);
    limner_mem_free(c->kind);
    limner_mem_free(c->lip_index);
    limner_mem_free(c->is_inner);
    limner_mem_free(c->is_lid);
    limner_mem_free(c->is_pair);
    limner_mem_free(c->u);
    limner_mem_free(c->v);
    limner_mem_free(c->frame_u);
    limner_mem_free(c->frame_v);
    limner_mem_free(c->feather);
    limner_mem_free(c->shift);
    limner_mem_free(c->stretch);
    memset(c, 0, sizeof(*c));
}
