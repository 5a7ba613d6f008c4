/* SPDX-License-Identifier: Apache-2.0 */
/* Choice of the far side's triangles, their places in the texture, and a frame of them. The side
 * appears by and by as the head turns, for it differs from what the photo shows of it at a grazing
 * angle; while the head is turned as in the photo, or farther, it is not drawn at all. */
#include "render/far_side.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"
#include "render/far_paint.h"

#define LEAST_TURN 14.0f                /* degrees of the photo's yaw from which there is one */
#define BARE_FROM 1.5f                  /* degrees of turn from which it appears ... */
#define BARE_TO 7.0f                    /* ... and is all there */
#define CHART_CM 29.9f                  /* of skin in the whole breadth of the model's chart */
#define FINER 1.15f                     /* texture px per canvas px */
#define LID_SEEN 0.6f                   /* lids that the photo shows better move by themselves */
#define NEARER_PX 1e4f                  /* what lies under it is nearer than all of the sheet */

enum { GAP_ROWS = LIMNER_TEXTURE_PAD, MARGIN = 4 };

/* What only opening needs. */
typedef struct work {
    const limner_rig *rig;
    limner_far_skin skin;
    uint16_t *triangle;                 /* [n_triangles][3] of the model */
    uint16_t *place_of;                 /* [n_head] of a model's vertex in f->vertex; NONE */
} work;

enum { NONE = 0xffff };

/* Whether a triangle belongs to the far side: some of it shows there, and not well in the photo. */
static bool is_far(const limner_far_skin *s, const limner_core *core, const limner_rig *rig,
                   const uint16_t *t)
{
    float most = 0;
    bool is_poor = false, is_lid = false, is_shown = false;

    for (int k = 0; k < 3; k++) {
        const float *v = s->value[t[k]];
        const float x = v[LIMNER_FAR_OWN_X], y = v[LIMNER_FAR_OWN_Y];

        if (!s->is_in[t[k]] || core->is_inner[t[k]])
            return false;
        most = fmaxf(most, v[LIMNER_FAR_ALPHA]);
        is_lid = is_lid || limner_far_is_lid(rig->face, t[k]);
        is_shown = is_shown || v[LIMNER_FAR_SEEN] > LID_SEEN;
        is_poor = is_poor || v[LIMNER_FAR_SEEN] < 1 ||
                  limner_map_sample(core->feather, rig->view.w, rig->view.h, x, y) < 255;
    }
    return is_poor && most > 0 && !(is_lid && is_shown);
}

static void list_triangles(limner_far_side *f, const work *w, const limner_core *core)
{
    const limner_face *face = w->rig->face;
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];

    for (uint32_t i = head->first_triangle; i < head->first_triangle + head->n_triangles; i++) {
        const uint16_t *t = face->triangle + 3 * (size_t)i;
        uint16_t *out = f->index + 3 * (size_t)f->n_triangles;
        float least = 1;

        if (!is_far(&w->skin, core, w->rig, t))
            continue;
        memcpy(w->triangle + 3 * (size_t)f->n_triangles, t, 3 * sizeof(*t));
        for (int k = 0; k < 3; k++) {
            const uint16_t v = t[k ? 3 - k : 0];        /* clockwise */

            least = fminf(least, w->skin.value[v][LIMNER_FAR_ALPHA]);
            if (w->place_of[v] == NONE) {
                w->place_of[v] = (uint16_t)f->n;
                f->vertex[f->n++] = v;
            }
            out[k] = w->place_of[v];
        }
        f->kind[f->n_triangles++] = least < 1 ? LIMNER_CORE_EDGE : LIMNER_CORE_SKIN;
    }
}

/* The core's triangles that belong to the far side come last, in the same order. */
static limner_status part_core(limner_far_side *f, const work *w, limner_core *core)
{
    uint8_t *mark = limner_calloc(core->n_triangles, 1);
    uint16_t *index = limner_alloc(core->n_triangles, 3 * sizeof(*index));
    uint8_t *kind = limner_alloc(core->n_triangles, 2), *is_lid = kind + core->n_triangles;
    uint32_t n = 0;

    for (uint32_t i = 0; mark && i < core->n_triangles; i++)
        mark[i] = is_far(&w->skin, core, w->rig, core->index + 3 * (size_t)i);
    for (uint32_t i = 0; mark && index && kind && i < 2 * core->n_triangles; i++) {
        const uint32_t j = i % core->n_triangles;
        const uint16_t *t = core->index + 3 * (size_t)j;

        if (mark[j] != (i >= core->n_triangles))
            continue;
        for (int k = 0; k < 3 && mark[j]; k++)
            f->under_index[3 * (size_t)f->n_under + (size_t)k] = w->place_of[t[k]];
        f->n_under += mark[j];
        memcpy(index + 3 * (size_t)n, t, 3 * sizeof(*t));
        kind[n] = core->kind[j];
        is_lid[n++] = core->is_lid[j];
    }
    if (mark && index && kind) {
        memcpy(core->index, index, 3 * sizeof(*index) * core->n_triangles);
        memcpy(core->kind, kind, core->n_triangles);
        memcpy(core->is_lid, is_lid, core->n_triangles);
    }
    limner_mem_free(mark);
    limner_mem_free(index);
    limner_mem_free(kind);
    return mark && index && kind ? LIMNER_OK : LIMNER_E_NOMEM;
}

/* Places in the texture, below the canvas. Returns the rows that they take. */
static int32_t place_texture(limner_far_side *f, const work *w)
{
    const limner_face *face = w->rig->face;
    const limner_view *view = &w->rig->view;
    float lo[2] = {1, 1}, hi[2] = {0, 0}, k = FINER * CHART_CM * w->rig->pose_frame.scale;

    for (uint32_t i = 0; i < f->n; i++) {
        for (size_t c = 0; c < 2; c++) {
            lo[c] = fminf(lo[c], face->uv[2 * (size_t)f->vertex[i] + c]);
            hi[c] = fmaxf(hi[c], face->uv[2 * (size_t)f->vertex[i] + c]);
        }
    }
    k = fminf(k, ((float)view->w - 2 * MARGIN) / fmaxf(hi[0] - lo[0], 1e-3f));
    for (uint32_t i = 0; i < f->n; i++) {
        const float *uv = face->uv + 2 * (size_t)f->vertex[i];

        f->u[i] = MARGIN + k * (uv[0] - lo[0]);
        f->v[i] = (float)(view->h + GAP_ROWS + MARGIN) + k * (hi[1] - uv[1]);
        w->skin.value[f->vertex[i]][LIMNER_FAR_U] = f->u[i];
        w->skin.value[f->vertex[i]][LIMNER_FAR_V] = f->v[i];
    }
    return GAP_ROWS + 2 * MARGIN + (int32_t)ceilf(k * (hi[1] - lo[1]));
}

/* Rows below the canvas: of the texture, the first repeat its last one, as a border would. */
static limner_status grow(limner_texture *t, uint8_t **map, int32_t rows)
{
    limner_texture more;
    uint8_t *wide = limner_calloc((size_t)(t->h + rows) * (size_t)t->w + LIMNER_FEATHER_PAD, 1);
    const limner_status st = wide ? limner_texture_open(&more, t->w, t->h + rows) : LIMNER_E_NOMEM;

    if (st < 0) {
        limner_mem_free(wide);
        return st;
    }
    for (int32_t y = 0; y < t->h + GAP_ROWS; y++)
        memcpy(limner_texture_at(&more, 0, y), limner_texture_at(t, 0, y < t->h ? y : t->h - 1),
               4 * (size_t)t->w);
    for (int32_t y = 0; y < t->h + GAP_ROWS; y++)
        memcpy(wide + (size_t)y * (size_t)t->w, *map + (size_t)(y < t->h ? y : t->h - 1) *
               (size_t)t->w, (size_t)t->w);
    limner_texture_close(t);
    limner_mem_free(*map);
    *t = more;
    *map = wide;
    return LIMNER_OK;
}

static bool alloc_vertices(limner_far_side *f, uint32_t n, uint32_t n_triangles)
{
    float **all[] = {&f->u, &f->v, &f->at[0], &f->at[1], &f->at[2], &f->light, &f->under[0],
                     &f->under[1], &f->under[2]};
    bool is_ok = true;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        *all[i] = limner_calloc(n, sizeof(float));
        is_ok = is_ok && *all[i];
    }
    f->vertex = limner_calloc(n, sizeof(*f->vertex));
    f->index = limner_calloc(n_triangles, 3 * sizeof(*f->index));
    f->under_index = limner_calloc(n_triangles, 3 * sizeof(*f->under_index));
    f->kind = limner_calloc(n_triangles, 1);
    f->soft_kind = limner_alloc(n_triangles, 1);
    if (f->soft_kind)
        memset(f->soft_kind, LIMNER_CORE_EDGE, n_triangles);
    return is_ok && f->vertex && f->index && f->under_index && f->kind && f->soft_kind;
}

static limner_status build(limner_far_side *f, work *w, limner_core *core, limner_texture *person)
{
    const int32_t h = w->rig->view.h;
    limner_status st;

    list_triangles(f, w, core);
    if (!f->n_triangles)
        return LIMNER_OK;
    st = part_core(f, w, core);
    if (st == LIMNER_OK)
        st = grow(person, &core->feather, place_texture(f, w));
    if (st == LIMNER_OK)
        st = limner_far_skin_paint(&w->skin, w->triangle, f->n_triangles, h + GAP_ROWS, person,
                                   core->feather);
    f->is_used = st == LIMNER_OK;
    return st;
}

limner_status limner_far_side_open(limner_far_side *f, const limner_rig *rig, limner_core *core,
                                   limner_texture *person)
{
    const uint32_t n_max = rig->face->part[LIMNER_PART_HEAD].n_triangles;
    work w = {.rig = rig};
    limner_status st = LIMNER_E_NOMEM;

    memset(f, 0, sizeof(*f));
    core->n_drawn = core->n_triangles;
    if (fabsf(rig->photo.yaw) < LEAST_TURN)
        return LIMNER_OK;
    f->turn = rig->photo.yaw < 0 ? 1 : -1;
    w.triangle = limner_calloc(n_max, 3 * sizeof(*w.triangle));
    w.place_of = limner_alloc(rig->n_head, sizeof(*w.place_of));
    if (w.triangle && w.place_of && alloc_vertices(f, rig->n_head, n_max)) {
        memset(w.place_of, 0xff, rig->n_head * sizeof(*w.place_of));
        st = limner_far_skin_open(&w.skin, rig, person, f->turn);
    }
    if (st == LIMNER_OK)
        st = build(f, &w, core, person);
    limner_far_skin_close(&w.skin);
    limner_mem_free(w.triangle);
    limner_mem_free(w.place_of);
    if (st < 0)
        limner_far_side_close(f);
    return st;
}

void limner_far_side_move(limner_far_side *f, const limner_rig *rig, limner_core *core,
                          const limner_pose *pose, const float *light)
{
    const float degrees = 180 / 3.14159265f;
    const float *turn = pose->turn[LIMNER_POSE_TURNS];

    f->opacity = 0;
    if (f->is_used)
        f->opacity = limner_smoothstep(f->turn * degrees * atan2f(turn[2], turn[8]), BARE_FROM,
                                       BARE_TO);
    core->n_drawn = f->opacity > 0 ? core->n_triangles - f->n_under : core->n_triangles;
    for (uint32_t i = 0; f->opacity > 0 && i < f->n; i++) {
        const uint32_t v = f->vertex[i];

        for (int k = 0; k < 3; k++)
            f->at[k][i] = rig->at[k][v];
        f->light[i] = light[v];
        f->under[0][i] = core->frame_u[v];
        f->under[1][i] = core->frame_v[v];
        f->under[2][i] = rig->at[2][v] + NEARER_PX;
    }
}

void limner_far_side_draw(const limner_far_side *f, limner_drawlist *list)
{
    const limner_mesh mesh = {.n_vertices = f->n, .n_triangles = f->n_triangles, .x = f->at[0],
                              .y = f->at[1], .z = f->at[2], .value = {f->u, f->v, f->light},
                              .index = f->index,
                              .kind = f->opacity < 1 ? f->soft_kind : f->kind};

    if (f->opacity > 0)
        limner_drawlist_add_mesh(list, &mesh);
}

void limner_far_side_draw_under(const limner_far_side *f, limner_drawlist *list)
{
    const limner_mesh mesh = {.n_vertices = f->n, .n_triangles = f->n_under, .x = f->at[0],
                              .y = f->at[1], .z = f->under[2],
                              .value = {f->under[0], f->under[1], f->light},
                              .index = f->under_index};

    if (f->opacity > 0)
        limner_drawlist_add_mesh(list, &mesh);
}

void limner_far_side_close(limner_far_side *f)
{
    for (int k = 0; k < 3; k++) {
        limner_mem_free(f->at[k]);
        limner_mem_free(f->under[k]);
    }
    limner_mem_free(f->vertex);
    limner_mem_free(f->u);
    limner_mem_free(f->v);
    limner_mem_free(f->light);
    limner_mem_free(f->index);
    limner_mem_free(f->kind);
    limner_mem_free(f->soft_kind);
    limner_mem_free(f->under_index);
    memset(f, 0, sizeof(*f));
}
