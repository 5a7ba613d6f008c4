/* SPDX-License-Identifier: Apache-2.0 */
/* Model -> canvas. A vertex of the frame is scale * R0 * model + shift + residual, R0 the photo's
 * head rotation; contacts are corrected there, in the photo's own view, and the head's motion
 * relative to the photo is applied afterwards (pose.h). */
#include "render/rig.h"

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "render/geo_dsp.h"
#include "render/lid_search.h"
#include "render/teeth.h"
#include "render/teeth_place.h"

#define LOOK_DEGREES 40.0f              /* gaze at which eyeLook* is 1, ... */
#define LOOK_UP 1.6f                    /* ... but up: lids rise with three quarters of the iris */
#define LOOK_UP_MOST 1.3f
#define LIP_REACH_CM 1.6f
#define LIP_MEET_CM 0.22f               /* lips less far apart are meant to meet */
#define LID_UPPER_REACH_CM 1.5f
#define LID_LOWER_REACH_CM 0.7f
#define APART_JAW 0.6f                  /* opening in which upper and lower lip are told apart */

/* Head first, then the parts inside the mouth; eyeballs, sockets and lashes are not drawn. */
static const limner_face_part mouth_parts[] = {
    LIMNER_PART_MOUTH, LIMNER_PART_GUMS, LIMNER_PART_TONGUE, LIMNER_PART_TEETH_UPPER,
    LIMNER_PART_TEETH_LOWER
};

enum { N_MOUTH_PARTS = sizeof(mouth_parts) / sizeof(mouth_parts[0]) };

static bool alloc_arrays(limner_rig *r)
{
    float **all[] = {&r->rest[0], &r->rest[1], &r->rest[2], &r->still[0], &r->still[1],
                     &r->still[2], &r->at[0], &r->at[1], &r->at[2], &r->residual[0],
                     &r->residual[1], &r->freedom};
    const size_t stride = r->face->stride;
    bool is_ok = true;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        *all[i] = limner_calloc(stride, sizeof(float));
        is_ok = is_ok && *all[i];
    }
    r->base = limner_calloc(3 * stride, sizeof(float));
    r->model = limner_calloc(3 * stride, sizeof(float));
    r->is_seen = limner_calloc(stride, 1);
    return is_ok && r->base && r->model && r->is_seen;
}

static void place_camera(limner_rig *r, const limner_fit *fit)
{
    const float s = fit->scale * r->view.k;
    float n;

    for (int i = 0; i < 9; i++)
        r->to_canvas[i] = (i / 3 == 1 ? -s : s) * fit->rotation[i];
    r->shift[0] = fit->tx * r->view.k + r->view.x;
    r->shift[1] = fit->ty * r->view.k + r->view.y;
    n = fmaxf(hypotf(r->to_canvas[1], r->to_canvas[4]), 1e-6f);
    r->up[0] = r->to_canvas[1] / n;
    r->up[1] = r->to_canvas[4] / n;
    r->eye_radius = r->face->eye_radius_cm * s;
}

static void to_canvas(const limner_rig *r, const float p[3], float out[3])
{
    for (int k = 0; k < 3; k++) {
        const float *m = r->to_canvas + 3 * k;

        out[k] = m[0] * p[0] + m[1] * p[1] + m[2] * p[2] + (k < 2 ? r->shift[k] : 0);
    }
}

static void project(const limner_rig *r, const limner_face_range *part, float *const out[3])
{
    const size_t stride = r->face->stride;
    const uint32_t from = part->first_vertex, to = from + part->n_vertices;
    const float *model = r->model + from;
    const limner_const_axes in = {model, model + stride, model + 2 * stride};
    const limner_geo_dsp *geo = limner_geo_dsp_get(limner_cpu_flags());

    for (int k = 0; k < 3; k++) {
        const float *m = r->to_canvas + 3 * k;
        const float row[4] = {m[0], m[1], m[2], k < 2 ? r->shift[k] : 0};

        geo->project(to - from, row, in, k < 2 ? r->residual[k] + from : NULL, out[k] + from);
    }
}

static void project_all(const limner_rig *r, float *const out[3], bool with_mouth)
{
    project(r, &r->face->part[LIMNER_PART_HEAD], out);
    for (int i = 0; with_mouth && i < N_MOUTH_PARTS; i++)
        project(r, &r->face->part[mouth_parts[i]], out);
}

/* Mean residual of a contact line. */
static void line_residual(const limner_rig *r, const limner_face_contact *line, float out[2])
{
    for (int k = 0; k < 2; k++) {
        out[k] = 0;
        for (uint32_t i = 0; i < line->n; i++)
            out[k] += r->residual[k][line->upper[i]] + r->residual[k][line->lower[i]];
        out[k] /= (float)(2 * line->n);
    }
}

/* The fit's residual; all that is inside the mouth shifts as one piece with the lips' mean. */
static void load_residual(limner_rig *r, const limner_appearance *app)
{
    float lips[2];

    for (uint32_t i = 0; i < r->face->n_vertices; i++) {
        r->residual[0][i] = app->residual[2 * i] * r->view.k;
        r->residual[1][i] = app->residual[2 * i + 1] * r->view.k;
    }
    line_residual(r, &r->face->lips, lips);
    for (int p = 0; p < N_MOUTH_PARTS; p++) {
        const limner_face_range *part = &r->face->part[mouth_parts[p]];

        for (uint32_t i = part->first_vertex; i < part->first_vertex + part->n_vertices; i++) {
            r->residual[0][i] = lips[0];
            r->residual[1][i] = lips[1];
        }
    }
}

static void place_eyes(limner_rig *r, const limner_fit *fit)
{
    for (int side = 0; side < 2; side++) {
        float centre[3], shift[2];

        limner_face_eye_at(r->face, fit->identity, (limner_face_side)side, centre);
        to_canvas(r, centre, r->eye_rest[side]);
        line_residual(r, &r->face->lids[side], shift);
        r->eye_rest[side][0] += shift[0];
        r->eye_rest[side][1] += shift[1];
    }
}

static void place_pose(limner_rig *r, const limner_fit *fit)
{
    limner_pose_frame *p = &r->pose_frame;

    p->scale = fit->scale * r->view.k;
    to_canvas(r, r->face->neck_pivot, p->pivot);
    p->centre[0] = p->pivot[0];
    p->centre[1] = p->pivot[1];
    p->photo_yaw = r->photo.yaw;
    p->photo_pitch = r->photo.pitch;
    p->photo_roll = r->photo.roll;
}

static limner_status open_contacts(limner_rig *r)
{
    const limner_face *face = r->face;
    float apart[LIMNER_FACE_N_EXPRESSION] = {0};
    limner_contact_photo photo = {.face = face, .apart = r->model,
                                  .rest = {r->rest[0], r->rest[1]},
                                  .residual = {r->residual[0], r->residual[1]},
                                  .up = {r->up[0], r->up[1]},
                                  .reach_upper_cm = LIP_REACH_CM, .reach_lower_cm = LIP_REACH_CM,
                                  .upper_share = 0.5f,
                                  .meet_px = LIP_MEET_CM * r->pose_frame.scale};
    limner_status st;

    apart[LIMNER_JAW_OPEN] = APART_JAW;
    apart[LIMNER_EYE_WIDE_LEFT] = apart[LIMNER_EYE_WIDE_RIGHT] = 1;
    limner_face_express(face, r->base, apart, r->model);
    st = limner_contact_open(&r->lips, &face->lips, &photo);
    photo.reach_upper_cm = LID_UPPER_REACH_CM;
    photo.reach_lower_cm = LID_LOWER_REACH_CM;
    photo.upper_share = 0.88f;
    photo.meet_px = 0;
    for (int side = 0; st == LIMNER_OK && side < 2; side++)
        st = limner_contact_open(&r->lids[side], &face->lids[side], &photo);
    return st;
}

/* Lids where the photo has them. */
static void refine_lids(limner_rig *r, const limner_texture *photo)
{
    float down[LIMNER_CONTACT_MAX];

    for (int side = 0; side < 2; side++) {
        limner_lid_search(&r->lids[side], photo, r->rest[0], r->rest[1], r->pose_frame.scale, down);
        limner_contact_lower(&r->lids[side], down, r->residual,
                             (float *[2]){r->rest[0], r->rest[1]});
    }
}

limner_status limner_rig_open(limner_rig *rig, const limner_face *face,
                              const limner_appearance *app, const limner_texture *photo,
                              const limner_view *view)
{
    limner_status st = LIMNER_E_NOMEM;

    memset(rig, 0, sizeof(*rig));
    rig->face = face;
    rig->view = *view;
    rig->texture = photo;
    rig->n_head = face->part[LIMNER_PART_HEAD].first_vertex +
                  face->part[LIMNER_PART_HEAD].n_vertices;
    if (alloc_arrays(rig)) {
        limner_face_base(face, app->fit.identity, rig->base);
        st = limner_teeth_prepare(face, rig->base);
    }
    if (st < 0) {
        limner_rig_close(rig);
        return st;
    }
    memcpy(rig->photo.expression, app->fit.shape, sizeof(rig->photo.expression));
    rig->photo.tongue_up = app->fit.shape[LIMNER_FACE_TONGUE_UP];
    rig->photo.yaw = app->fit.yaw;
    rig->photo.pitch = app->fit.pitch;
    rig->photo.roll = app->fit.roll;
    rig->photo.distance = 1;
    rig->photo.gaze_yaw = app->fit.gaze_yaw;
    rig->photo.gaze_pitch = app->fit.gaze_pitch;
    limner_motion_clean(&rig->photo, &rig->photo, &(limner_motion){.distance = 1});
    place_camera(rig, &app->fit);
    load_residual(rig, app);
    limner_face_express(face, rig->base, app->fit.shape, rig->model);
    project_all(rig, rig->rest, true);
    place_eyes(rig, &app->fit);
    place_pose(rig, &app->fit);
    st = open_contacts(rig);
    if (st == LIMNER_OK)
        st = limner_teeth_place(rig, app);
    if (st < 0) {
        limner_rig_close(rig);
        return st;
    }
    limner_face_express(face, rig->base, app->fit.shape, rig->model);
    limner_teeth_follow(rig, rig->photo.expression[LIMNER_JAW_OPEN]);
    for (int i = 0; i < N_MOUTH_PARTS; i++)
        project(rig, &face->part[mouth_parts[i]], rig->rest);
    refine_lids(rig, photo);
    st = limner_glasses_open(&rig->glasses, rig->lids, photo, rig->rest[0], rig->rest[1],
                             rig->n_head, rig->pose_frame.scale);
    if (st < 0) {
        limner_rig_close(rig);
        return st;
    }
    limner_glasses_flatten(&rig->glasses, rig->rest,
                           (const float[3]){app->fit.rotation[2], -app->fit.rotation[5],
                                            app->fit.rotation[8]});
    return LIMNER_OK;
}

/* eyeLook* of one eye from its turn in the head relative to the photo. */
static void look(float *shape, int side, float yaw, float pitch)
{
    const bool is_left = side == LIMNER_SIDE_LEFT;
    const float y = yaw / LOOK_DEGREES, p = pitch / LOOK_DEGREES;
    const float out = is_left ? y : -y;         /* left eye: out is to the picture's right */

    shape[is_left ? LIMNER_EYE_LOOK_DOWN_LEFT : LIMNER_EYE_LOOK_DOWN_RIGHT] = fmaxf(0, p);
    shape[is_left ? LIMNER_EYE_LOOK_UP_LEFT : LIMNER_EYE_LOOK_UP_RIGHT] =
        fminf(LOOK_UP_MOST, LOOK_UP * fmaxf(0, -p));
    shape[is_left ? LIMNER_EYE_LOOK_OUT_LEFT : LIMNER_EYE_LOOK_OUT_RIGHT] = fmaxf(0, out);
    shape[is_left ? LIMNER_EYE_LOOK_IN_LEFT : LIMNER_EYE_LOOK_IN_RIGHT] = fmaxf(0, -out);
}

/* How firmly an eye is asked to be shut, from its blink coefficient and the photo's. */
static float shut_of(const limner_rig *r, const limner_motion *m, int side)
{
    const int e = side == LIMNER_SIDE_LEFT ? LIMNER_EYE_BLINK_LEFT : LIMNER_EYE_BLINK_RIGHT;
    const float own = r->photo.expression[e];
    float t = (m->expression[e] - own) / fmaxf(1 - own, 0.05f);

    t = (t - 0.7f) / 0.27f;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

void limner_rig_express(limner_rig *rig, const limner_motion *m, bool with_mouth)
{
    const float *const residual[2] = {rig->residual[0], rig->residual[1]};
    const limner_motion *own = &rig->photo;
    float shape[LIMNER_FACE_N_EXPRESSION];

    memcpy(shape, m->expression, sizeof(m->expression));
    shape[LIMNER_FACE_TONGUE_UP] = m->tongue_up;
    for (int side = 0; side < 2; side++)
        look(shape, side, (m->gaze_yaw - m->yaw) - (own->gaze_yaw - own->yaw),
             (m->gaze_pitch - m->pitch) - (own->gaze_pitch - own->pitch));
    limner_face_express(rig->face, rig->base, shape, rig->model);
    if (with_mouth)
        limner_teeth_follow(rig, shape[LIMNER_JAW_OPEN]);
    project_all(rig, rig->still, with_mouth);
    limner_contact_apply(&rig->lips, residual, 0, rig->still[0], rig->still[1]);
    for (int side = 0; side < 2; side++)
        limner_contact_apply(&rig->lids[side], residual, shut_of(rig, m, side), rig->still[0],
                             rig->still[1]);
    limner_glasses_keep(&rig->glasses, rig->rest, rig->still);
}

static void move_range(limner_rig *r, const limner_pose *pose, uint32_t from, uint32_t n)
{
    const limner_points p = {.n = n, .x = r->still[0] + from, .y = r->still[1] + from,
                             .z = r->still[2] + from, .weight = r->face->neck_weight + from,
                             .freedom = r->freedom + from};

    limner_pose_move(pose, &p, r->at[0] + from, r->at[1] + from, r->at[2] + from);
}

void limner_rig_move(limner_rig *rig, const limner_pose *pose, bool with_mouth)
{
    const float one = 1;

    move_range(rig, pose, 0, rig->n_head);
    for (int i = 0; with_mouth && i < N_MOUTH_PARTS; i++)
        move_range(rig, pose, rig->face->part[mouth_parts[i]].first_vertex,
                   rig->face->part[mouth_parts[i]].n_vertices);
    for (int side = 0; side < 2; side++) {
        const limner_points p = {.n = 1, .x = &rig->eye_rest[side][0], .y = &rig->eye_rest[side][1],
                                 .z = &rig->eye_rest[side][2], .weight = &one,
                                 .freedom = &one};

        limner_pose_move(pose, &p, &rig->eye_at[side][0], &rig->eye_at[side][1],
                         &rig->eye_at[side][2]);
    }
}

limner_corners limner_rig_corners(float *const at[3], const uint16_t *t)
{
    const limner_corners c = {.x = {at[0][t[0]], at[0][t[2]], at[0][t[1]]},
                              .y = {at[1][t[0]], at[1][t[2]], at[1][t[1]]},
                              .z = {at[2][t[0]], at[2][t[2]], at[2][t[1]]}};

    return c;
}

void limner_rig_weigh(const limner_rig *rig, const uint16_t *t, float x, float y, float out[3])
{
    const float *px = rig->rest[0], *py = rig->rest[1];
    const float ax = px[t[1]] - px[t[0]], ay = py[t[1]] - py[t[0]];
    const float bx = px[t[2]] - px[t[0]], by = py[t[2]] - py[t[0]];
    const float area = ax * by - ay * bx, dx = x - px[t[0]], dy = y - py[t[0]];

    if (fabsf(area) < 1e-3f) {
        out[0] = out[1] = out[2] = 1.0f / 3;
        return;
    }
    out[1] = fminf(1, fmaxf(0, (dx * by - dy * bx) / area));
    out[2] = fminf(1 - out[1], fmaxf(0, (dy * ax - dx * ay) / area));
    out[0] = 1 - out[1] - out[2];
}

limner_status limner_rig_draw_photo(const limner_rig *rig, int32_t *id)
{
    const int32_t q = LIMNER_SUPERSAMPLE, w = rig->view.w * q, h = rig->view.h * q;
    const limner_face_range *head = &rig->face->part[LIMNER_PART_HEAD];
    limner_raster_band band = {.id = id, .n_columns = w, .y1 = h, .to = w, .per_px = q,
                               .dsp = limner_pix_dsp_get(limner_cpu_flags())};

    band.z = limner_alloc((size_t)w * h, sizeof(float));
    if (!band.z)
        return LIMNER_E_NOMEM;
    limner_raster_clear(&band);
    for (uint32_t i = 0; i < head->n_triangles; i++) {
        const uint32_t n = head->first_triangle + i;
        const limner_corners c = limner_rig_corners(rig->rest, rig->face->triangle + 3 * n);
        limner_tri t;

        if (limner_tri_setup(&t, c.x, c.y, c.z))
            limner_raster_draw(&band, &t, (int32_t)n);
    }
    limner_mem_free(band.z);
    return LIMNER_OK;
}

float limner_rig_mouth_gap(const limner_rig *rig)
{
    float most = 0;

    for (uint32_t i = 0; i < rig->lips.n; i++)
        most = fmaxf(most, rig->lips.gap[i]);
    return most;
}

void limner_rig_close(limner_rig *rig)
{
    for (int k = 0; k < 3; k++) {
        limner_mem_free(rig->rest[k]);
        limner_mem_free(rig->still[k]);
        limner_mem_free(rig->at[k]);
    }
    limner_mem_free(rig->residual[0]);
    limner_mem_free(rig->residual[1]);
    limner_mem_free(rig->freedom);
    limner_mem_free(rig->base);
    limner_mem_free(rig->model);
    limner_mem_free(rig->is_seen);
    limner_contact_close(&rig->lips);
    limner_contact_close(&rig->lids[0]);
    limner_contact_close(&rig->lids[1]);
    limner_glasses_close(&rig->glasses);
    memset(rig, 0, sizeof(*rig));
}
