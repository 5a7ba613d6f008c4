/* SPDX-License-Identifier: Apache-2.0 */
/* The residual of a fit: what is left between the fitted model and the landmarks, spread over the
 * mesh. Skin follows its landmarks by a smooth surface warp; the lines where lips and lids meet
 * follow theirs vertex by vertex and never cross; teeth, gums and tongue move with the mouth as one
 * piece; each eyeball is set under its iris and made to fill its lids. Crop pixels, y down. */
#include "face/residual_internal.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "face/fit_points.h"

enum { N_MESH = LIMNER_RESIDUAL_N_MESH, MAX_OUTLINE = 64 };

/* Weights against a bend of one pixel between neighbouring vertices. */
#define BORDER_WEIGHT 60.0f /* outer border of the lips */
#define SKIN_WEIGHT 12.0f   /* at a spread of a millimetre */
#define OUTLINE_WEIGHT 10.0f

static void apply_similarity(float out[2], const limner_similarity *s, const float *p)
{
    for (int i = 0; i < 2; i++)
        out[i] = s->shift[i] + (s->scale - 1.0f) * (p[i] - s->centre[i]);
}

static void add_pin(limner_residual *r, const uint16_t *vertex, const float *bary, float x, float y,
                    float weight)
{
    limner_warp_pin *p = &r->pin[r->n_pins];

    if (r->n_pins == r->max_pins)
        return;
    r->n_pins++;
    memcpy(p->vertex, vertex, sizeof(p->vertex));
    memcpy(p->bary, bary, sizeof(p->bary));
    p->target[0] = x;
    p->target[1] = y;
    p->weight = weight;
}

void limner_residual_pin(limner_residual *r, uint16_t vertex, const float target[2], float weight)
{
    const uint16_t v[3] = {vertex, vertex, vertex};
    const float bary[3] = {1.0f, 0.0f, 0.0f};

    add_pin(r, v, bary, target[0], target[1], weight);
}

/* Way from the model's landmark k to the seen one. */
static void landmark_move(const limner_residual *r, size_t k, float out[2])
{
    for (size_t c = 0; c < 2; c++) {
        out[c] = r->landmark[k][c];
        for (size_t j = 0; j < 3; j++)
            out[c] -= r->face->landmark_bary[3 * k + j] *
                      r->px[3 * r->face->landmark_vertex[3 * k + j] + c];
    }
}

/* ---- skin ---------------------------------------------------------------------------------- */

/* Weight of a landmark by what is known of its place. */
static float landmark_weight(const limner_face *face, size_t k)
{
    const float spread = face->landmark_spread_cm[k];

    switch ((limner_landmark_kind)face->landmark_kind[k]) {
    case LIMNER_LANDMARK_LIP_INNER:
    case LIMNER_LANDMARK_LID:
    case LIMNER_LANDMARK_LIP_OUTER:
        return BORDER_WEIGHT;
    case LIMNER_LANDMARK_SILHOUETTE:
    case LIMNER_LANDMARK_SKIN:
    case LIMNER_LANDMARK_IRIS:
        break;
    }
    return SKIN_WEIGHT * 0.01f / (0.01f + spread * spread);
}

static void pin_landmark(limner_residual *r, size_t k)
{
    float move[2];

    landmark_move(r, k, move);
    add_pin(r, r->face->landmark_vertex + 3 * k, r->face->landmark_bary + 3 * k, move[0], move[1],
            landmark_weight(r->face, k));
}

static void pin_skin(limner_residual *r)
{
    for (size_t k = 0; k < N_MESH; k++)
        if (!r->on_line[k] && r->face->landmark_kind[k] != LIMNER_LANDMARK_SILHOUETTE)
            pin_landmark(r, k);
}

/* The rim of the face meets the outline's landmarks, across the rim only. */
static limner_status pin_outline(limner_residual *r)
{
    const limner_face *f = r->face;
    uint16_t landmark[MAX_OUTLINE];
    limner_fit_contour contour[MAX_OUTLINE];
    double(*target)[3] = limner_alloc(LIMNER_N_LANDMARK, sizeof(*target));
    float *xyz = limner_alloc(limner_face_xyz_floats(f), sizeof(float));
    float *normals = limner_alloc(limner_face_xyz_floats(f), sizeof(float));
    limner_fit_pose pose;
    size_t n = 0;
    limner_status st = LIMNER_E_NOMEM;

    if (!target || !xyz || !normals)
        goto fail;
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++) {
        for (size_t c = 0; c < 3; c++)
            target[k][c] = (double)r->landmark[k][c] * (c == 0 ? 1.0 : -1.0);
        if (f->landmark_kind[k] == LIMNER_LANDMARK_SILHOUETTE && k < N_MESH && n < MAX_OUTLINE)
            landmark[n++] = (uint16_t)k;
    }
    limner_fit_pose_of(&pose, r->fit);
    limner_face_shape(f, r->fit->identity, r->fit->shape, xyz);
    limner_face_normals(f, xyz, normals);
    limner_fit_contour_match(contour, landmark, n, f, &pose, xyz, normals,
                             (const double(*)[3])target);
    for (size_t i = 0; i < n; i++) {
        const uint16_t v = contour[i].vertex;
        const float nx = contour[i].normal[0], ny = -contour[i].normal[1];
        const float across = nx * (r->landmark[landmark[i]][0] - r->px[3 * v]) +
                             ny * (r->landmark[landmark[i]][1] - r->px[3 * v + 1]);
        const float move[2] = {nx * across, ny * across};

        if (contour[i].is_contour > 0.0f)
            limner_residual_pin(r, v, move, OUTLINE_WEIGHT);
        else
            pin_landmark(r, landmark[i]);
    }
    st = LIMNER_OK;
fail:
    limner_mem_free(target);
    limner_mem_free(xyz);
    limner_mem_free(normals);
    return st;
}

/* How strongly a vertex of the sheet keeps to its goal: the face hardly, so that only pins move
 * it; the scalp, neck and shoulders ever more. */
static float hold_of(limner_face_region region)
{
    switch (region) {
    case LIMNER_REGION_SHOULDERS:
        return 0.3f;
    case LIMNER_REGION_NECK:
        return 2e-2f;
    case LIMNER_REGION_EARS:
        return 1e-2f;
    case LIMNER_REGION_MOUTH_SOCKET:
    case LIMNER_REGION_EYE_SOCKET:
        return 0.02f;
    default:
        return 3e-4f;
    }
}

static bool in_part(const limner_face *f, limner_face_part part, uint32_t v)
{
    return v >= f->part[part].first_vertex &&
           v - f->part[part].first_vertex < f->part[part].n_vertices;
}

/* Goals: the inside of the mouth goes with the mouth, an eye's socket with its lids. */
static void set_goals(limner_residual *r, const limner_similarity *mouth,
                      const limner_similarity lids[2])
{
    const limner_face *f = r->face;

    for (uint32_t v = 0; v < f->n_vertices; v++) {
        const limner_similarity *s = NULL;

        r->hold[v] = hold_of((limner_face_region)f->vertex_region[v]);
        if (in_part(f, LIMNER_PART_MOUTH, v) || in_part(f, LIMNER_PART_GUMS, v) ||
            in_part(f, LIMNER_PART_TONGUE, v) || in_part(f, LIMNER_PART_TEETH_UPPER, v) ||
            in_part(f, LIMNER_PART_TEETH_LOWER, v))
            s = mouth;
        else if (in_part(f, LIMNER_PART_EYE_SOCKETS, v))
            s = &lids[f->mean[v] > 0.0f ? LIMNER_SIDE_LEFT : LIMNER_SIDE_RIGHT];
        r->move[2 * v] = 0.0f;
        r->move[2 * v + 1] = 0.0f;
        if (s)
            apply_similarity(r->move + 2 * v, s, r->px + 3 * v);
    }
}

/* ---- what hangs on the lids ---------------------------------------------------------------- */

/* Lashes and tear line: the mean of the lid margins' moves, nearest by far the most. */
static void follow_lids(limner_residual *r, limner_face_part part)
{
    const limner_face *f = r->face;
    const limner_face_range *range = &f->part[part];
    const float *x = f->mean, *y = x + f->stride, *z = y + f->stride;

    for (uint32_t v = range->first_vertex; v < range->first_vertex + range->n_vertices; v++) {
        float sum[2] = {0.0f, 0.0f}, total = 0.0f;

        for (size_t i = 0; i < 2 * (size_t)(f->lids[0].n + f->lids[1].n); i++) {
            const limner_face_contact *lid = &f->lids[i / 2 >= f->lids[0].n];
            const size_t at = i / 2 >= f->lids[0].n ? i / 2 - f->lids[0].n : i / 2;
            const uint16_t q = i % 2 ? lid->upper[at] : lid->lower[at];
            const float d2 = (x[v] - x[q]) * (x[v] - x[q]) + (y[v] - y[q]) * (y[v] - y[q]) +
                             (z[v] - z[q]) * (z[v] - z[q]) + 1e-4f;
            const float w = 1.0f / (d2 * d2);

            sum[0] += w * r->move[2 * q];
            sum[1] += w * r->move[2 * q + 1];
            total += w;
        }
        r->move[2 * v] = total > 0.0f ? sum[0] / total : 0.0f;
        r->move[2 * v + 1] = total > 0.0f ? sum[1] / total : 0.0f;
    }
}

/* ---- eyeballs ------------------------------------------------------------------------------ */

typedef struct eye_fit {
    float iris[2], radius; /* projected iris, before */
    float shift[2];        /* of the iris */
    float iris_scale, ball_scale;
    float centre[2], ball_radius;
} eye_fit;

static void measure_eye(const limner_residual *r, limner_face_side side, eye_fit *e)
{
    const size_t iris = side == LIMNER_SIDE_LEFT ? 473 : 468;
    const limner_face *f = r->face;
    float c[3], seen = 0.0f, move[2];
    double centre[3], at[3];
    limner_fit_pose pose;

    landmark_move(r, iris, e->shift);
    e->radius = 0.0f;
    for (size_t c2 = 0; c2 < 2; c2++)
        e->iris[c2] = r->landmark[iris][c2] - e->shift[c2];
    for (size_t k = iris + 1; k < iris + 5; k++) {
        landmark_move(r, k, move);
        const float ring[2] = {r->landmark[k][0] - move[0], r->landmark[k][1] - move[1]};

        e->radius += 0.25f * limner_residual_distance(ring, e->iris);
        seen += 0.25f * limner_residual_distance(r->landmark[k], r->landmark[iris]);
    }
    e->iris_scale = e->radius > 0.0f ? fminf(fmaxf(seen / e->radius, 0.5f), 3.0f) : 1.0f;
    limner_face_eye_at(f, r->fit->identity, side, c);
    for (int i = 0; i < 3; i++)
        centre[i] = (double)c[i];
    limner_fit_pose_of(&pose, r->fit);
    limner_fit_pose_apply(at, &pose, centre);
    e->centre[0] = (float)at[0];
    e->centre[1] = (float)at[1];
    e->ball_radius = f->eye_radius_cm * r->fit->scale;
}

/* Grows the ball until it covers the opening of the lids, as it does on people. */
static void cover_lids(const limner_residual *r, limner_face_side side, eye_fit *e)
{
    const limner_face_contact *lid = &r->face->lids[side];
    const float step = 1.02f, most = 4.0f, cover = 0.98f;

    e->ball_scale = fmaxf(0.8f * e->iris_scale, 0.8f);
    for (; e->ball_scale < most; e->ball_scale *= step) {
        float farthest = 0.0f, centre[2];

        for (size_t c = 0; c < 2; c++)
            centre[c] = e->iris[c] + e->shift[c] + e->ball_scale * (e->centre[c] - e->iris[c]);
        for (size_t i = 0; i < 2 * (size_t)lid->n; i++) {
            const uint16_t v = i % 2 ? lid->upper[i / 2] : lid->lower[i / 2];
            const float at[2] = {r->px[3 * v] + r->move[2 * v],
                                 r->px[3 * v + 1] + r->move[2 * v + 1]};

            farthest = fmaxf(farthest, limner_residual_distance(at, centre));
        }
        if (farthest <= cover * e->ball_scale * e->ball_radius)
            break;
    }
}

static void move_eye(limner_residual *r, limner_face_side side)
{
    const limner_face_part part =
        side == LIMNER_SIDE_LEFT ? LIMNER_PART_EYE_LEFT : LIMNER_PART_EYE_RIGHT;
    const limner_face_range *range = &r->face->part[part];
    eye_fit e;

    measure_eye(r, side, &e);
    cover_lids(r, side, &e);
    for (uint32_t v = range->first_vertex; v < range->first_vertex + range->n_vertices; v++) {
        const float *p = r->px + 3 * v;
        /* From the iris's own scale at its rim to the ball's at two radii. */
        float t = e.radius > 0.0f ? limner_residual_distance(p, e.iris) / e.radius - 1.0f : 1.0f;

        t = fminf(fmaxf(t, 0.0f), 1.0f);
        t = t * t * (3.0f - 2.0f * t);
        const float scale = e.iris_scale + t * (e.ball_scale - e.iris_scale);
        for (size_t c = 0; c < 2; c++)
            r->move[2 * v + c] = e.shift[c] + (scale - 1.0f) * (p[c] - e.iris[c]);
    }
}

/* ---- all ----------------------------------------------------------------------------------- */

static limner_status run_residual(limner_residual *r)
{
    limner_similarity mouth, lids[2];
    limner_status st = limner_fit_project_vertices(r->px, r->face, r->fit);

    if (st < 0)
        return st;
    mouth = limner_residual_pin_lips(r);
    for (int side = 0; side < 2; side++)
        lids[side] = limner_residual_pin_lids(r, (limner_face_side)side);
    pin_skin(r);
    st = pin_outline(r);
    if (st < 0)
        return st;
    set_goals(r, &mouth, lids);
    st = limner_surface_warp(r->move, r->face, r->hold, r->pin, r->n_pins);
    if (st < 0)
        return st;
    limner_residual_set_lines(r);
    follow_lids(r, LIMNER_PART_LACRIMAL);
    follow_lids(r, LIMNER_PART_LASHES);
    move_eye(r, LIMNER_SIDE_LEFT);
    move_eye(r, LIMNER_SIDE_RIGHT);
    return LIMNER_OK;
}

limner_status limner_fit_residual(float *out, const limner_face *face, const limner_fit *fit,
                                  const float landmarks[LIMNER_N_LANDMARK][3])
{
    limner_residual r = {.face = face, .fit = fit, .landmark = landmarks, .move = out};
    limner_status st = LIMNER_E_NOMEM;

    r.max_pins = N_MESH + MAX_OUTLINE + 6 * (size_t)LIMNER_RESIDUAL_MAX_LINE;
    r.px = limner_alloc(face->n_vertices, 3 * sizeof(float));
    r.hold = limner_alloc(face->n_vertices, sizeof(float));
    r.pin = limner_alloc(r.max_pins, sizeof(*r.pin));
    memset(out, 0, face->n_vertices * 2 * sizeof(float));
    if (r.px && r.hold && r.pin)
        st = run_residual(&r);
    limner_mem_free(r.px);
    limner_mem_free(r.hold);
    limner_mem_free(r.pin);
    return st;
}
