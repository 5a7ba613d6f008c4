/* SPDX-License-Identifier: Apache-2.0 */
/* Sphere look-up of the eyes (eyes.h), and what the lids bring with them: lashes, rims, shadow. */
#include "render/eyes.h"

#include <math.h>
#include <stdbool.h>

#include "core/smoothstep.h"

#define SHADOW_CM 0.13f                 /* reach of the upper lid's shadow on the eyeball */
#define SHADOW_DEPTH 0.35f
#define WIDE_SHADOW 0.45f               /* of an eye opened further than in the photo; ... */
#define WIDE_FROM 0.5f                  /* ... its soft edge, of the shadow's reach */
#define LIKE_DEGREES 4.0f               /* gaze within this: the photo's own eye shows */
#define LIKE_PX 1.5f                    /* and lids within this of the photo's */
#define IRIS_IN 1.05f                   /* iris radii: up to here it is looked up turned, ... */
#define IRIS_OUT 1.20f                  /* ... from here on the white */
#define CORNEA_IN 1.0f                  /* iris radii: to here highlights are the cornea's, ... */
#define CORNEA_OUT 1.25f                /* ... from here on the white's */
#define OFF_CORNEA 0.6f                 /* loss of the cornea's highlight that lands beside it */
#define IRIS_LASH 0.55f                 /* of the lashes' reach: on the iris */
#define DARKEST 8.0f                    /* grey levels added before a ratio of colours */
#define RIM_FROM 16.0f                  /* brighter than the eye by this (mean of r, g, b): ... */
#define RIM_TO 50.0f                    /* ... the lower lid's wet rim */
#define RIM_LOWER 0.6f                  /* share of the lower lid's rim that goes as lids close */
#define LINE_CM 0.07f                   /* reach of the lashes' line under a closing lid ... */
#define LINE 0.85f                      /* ... and how dark it is */
#define CLOSE_SHADE 0.45f               /* light a closing lid takes */
#define LASH_CM 0.24f                   /* what lies this near a lid's edge belongs to the lid */

/* Radius and centre such that the iris lies where the photo has it, at the photo's gaze. */
static void place(limner_eye_view *v, const limner_rig *rig, const limner_appearance *app, int side)
{
    const limner_eye *eye = &app->eye[side];
    const float rad = 3.14159265f / 180;
    const float yaw = rig->photo.gaze_yaw * rad, pitch = rig->photo.gaze_pitch * rad;
    const float iris = rig->face->iris_radius_cm * rig->pose_frame.scale;
    float larger = 1, depth;

    if (eye->iris_radius > 0)
        larger = fminf(1.8f, fmaxf(1, eye->iris_radius * rig->view.k / fmaxf(iris, 1e-3f)));
    v->radius = fmaxf(2, rig->eye_radius * larger);
    v->home[0] = rig->eye_rest[side][0];
    v->home[1] = rig->eye_rest[side][1];
    if (eye->iris_radius <= 0)
        return;
    depth = v->radius * rig->face->iris_depth_cm / rig->face->eye_radius_cm;
    v->home[0] = eye->iris_x * rig->view.k + rig->view.x - depth * sinf(yaw) * cosf(pitch);
    v->home[1] = eye->iris_y * rig->view.k + rig->view.y - depth * sinf(pitch);
}

static limner_status open_white(limner_eye_view *v, const limner_rig *rig,
                                const limner_appearance *app, const limner_texture *layer,
                                int side)
{
    const limner_face_contact *lid = &rig->face->lids[side];
    const uint32_t a = lid->upper[0], b = lid->upper[lid->n - 1];
    const float centre[2] = {(rig->rest[0][a] + rig->rest[0][b]) / 2,
                             (rig->rest[1][a] + rig->rest[1][b]) / 2};
    const float half = hypotf(rig->rest[0][b] - rig->rest[0][a],
                              rig->rest[1][b] - rig->rest[1][a]) / 2;

    v->iris[0] = app->eye[side].iris_x * rig->view.k + rig->view.x;
    v->iris[1] = app->eye[side].iris_y * rig->view.k + rig->view.y;
    v->iris[2] = fmaxf(1, app->eye[side].iris_radius * rig->view.k);
    return limner_eye_white_open(&v->white, layer, v->iris, centre, half);
}

limner_status limner_eyes_open(limner_eyes *e, const limner_rig *rig, const limner_appearance *app,
                               const limner_texture *layer, const limner_texture *photo)
{
    limner_status st = LIMNER_OK;

    e->layer = layer;
    e->photo = photo;
    e->up[0] = rig->up[0];
    e->up[1] = rig->up[1];
    for (int side = 0; side < 2 && st == LIMNER_OK; side++) {
        limner_eye_view *v = &e->eye[side];

        place(v, rig, app, side);
        v->shadow_px = SHADOW_CM * rig->pose_frame.scale;
        v->lash_px = LASH_CM * rig->pose_frame.scale;
        v->px_per_cm = rig->pose_frame.scale;
        st = open_white(v, rig, app, layer, side);
    }
    return st;
}

void limner_eyes_close(limner_eyes *e)
{
    limner_eye_white_close(&e->eye[0].white);
    limner_eye_white_close(&e->eye[1].white);
}

/* First two rows of a b^T. */
static void rows_of(float out[6], const float a[9], const float b[9])
{
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 3; j++)
            out[3 * i + j] = a[3 * i] * b[3 * j] + a[3 * i + 1] * b[3 * j + 1] +
                             a[3 * i + 2] * b[3 * j + 2];
    }
}

void limner_eyes_update(limner_eyes *e, const limner_rig *rig, const limner_pose *pose,
                        const limner_motion *m)
{
    const limner_motion *own = &rig->photo;
    float head0[9], head1[9], eye0[9], eye1[9];

    limner_pose_rotation(head0, own->yaw, own->pitch, own->roll);
    limner_pose_rotation(head1, m->yaw, m->pitch, m->roll);
    limner_pose_rotation(eye0, own->gaze_yaw, own->gaze_pitch, own->roll);
    limner_pose_rotation(eye1, m->gaze_yaw, m->gaze_pitch, m->roll);
    for (int side = 0; side < 2; side++) {
        limner_eye_view *v = &e->eye[side];
        const float grown = 1 + pose->zoom;

        rows_of(v->rigid, head0, head1);
        rows_of(v->turned, eye0, eye1);
        v->radius_at = v->radius * grown;
        /* The sphere's centre keeps its offset from the model's eye. */
        v->at[0] = rig->eye_at[side][0] + grown * (v->home[0] - rig->eye_rest[side][0]);
        v->at[1] = rig->eye_at[side][1] + grown * (v->home[1] - rig->eye_rest[side][1]);
        v->likeness = fmaxf(0, 1 - hypotf(m->gaze_yaw - m->yaw - (own->gaze_yaw - own->yaw),
                                          m->gaze_pitch - m->pitch -
                                          (own->gaze_pitch - own->pitch)) / LIKE_DEGREES);
    }
}

static void look_up(const limner_eye_view *v, const float m[6], const float p[3], float uv[2])
{
    uv[0] = v->home[0] + v->radius * (m[0] * p[0] + m[1] * p[1] + m[2] * p[2]);
    uv[1] = v->home[1] - v->radius * (m[3] * p[0] + m[4] * p[1] + m[5] * p[2]);
}

/* The upper lid's shadow, d px below its edge. */
static float shadow(float d, float reach)
{
    return 1 - SHADOW_DEPTH * expf(-fmaxf(0, d) / reach);
}

/* Colours of the photo and of the eye without its lids, at (u, v) of the photo. */
static void find_both(const limner_eyes *e, float u, float v, float photo[4], float eye[4])
{
    limner_texture_sample(e->photo, u, v, photo);
    limner_texture_sample(e->layer, u, v, eye);
    for (int k = 0; k < 3; k++)
        eye[k] += eye[3];
}

static float luma(const float rgb[3])
{
    return fmaxf(0, 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2]);
}

/* From the iris's centre in the photo, in its radii. */
static float from_iris(const limner_eye_view *v, const float at[2])
{
    return hypotf(at[0] - v->iris[0], at[1] - v->iris[1]) / v->iris[2];
}

/* Share of the photo's opening that is gone at a column. */
static float closing(const float lid[3])
{
    return 1 - fminf(1, lid[1] / fmaxf(lid[2], 0.5f));
}

/* A lid that comes down brings its lashes and more shade. */
static float dim(const limner_eye_view *v, const float lid[3])
{
    const float shut = closing(lid), out = fmaxf(0, lid[0] * lid[1]) / (LINE_CM * v->px_per_cm);

    return (1 - CLOSE_SHADE * shut) *
           (1 - LINE * limner_smoothstep(shut, 0, 0.5f) * expf(-out * out));
}

/* What a lid uncovers that is opened further than in the photo lies in its shadow, in which the
 * light comes from skin. */
static void revealed(float lit[3], const limner_eye_view *v, const float lid[3])
{
    const float open = lid[1] - lid[2], reach = WIDE_FROM * v->shadow_px;

    const float dark = 1 - WIDE_SHADOW * limner_smoothstep(open, 0, reach) *
                               (1 - limner_smoothstep(lid[0] * lid[1], open - reach, open + reach));
    const float warm = sqrtf(sqrtf(dark));

    lit[0] = dark / warm;
    lit[1] = dark;
    lit[2] = dark * warm;
}

/* Lashes, rims and shadow are looked up where the lid nearest to the point has them, so they move
 * with the lid and keep their width: what is dark there darkens likewise, what is bright covers. On
 * the iris, whose grain differs from any model of it, only close to the lid, and darker only. */
static void add_lids(const limner_eyes *e, const limner_eye_view *v, const float lid[3],
                     const float home[2], const float lit[3], float rgb[3])
{
    const bool is_upper = lid[0] < 0.5f;
    const float part = is_upper ? lid[0] : 1 - lid[0];
    const float near = part * lid[1], moved = part * (lid[1] - lid[2]) * (is_upper ? -1.0f : 1.0f);
    const float x = home[0] + moved * e->up[0], y = home[1] + moved * e->up[1];
    const float white = limner_smoothstep(from_iris(v, (const float[2]){x, y}), 1.1f, 1.4f);
    const float reach = v->lash_px * (IRIS_LASH + (1 - IRIS_LASH) * white);
    const float band = 1 - limner_smoothstep(near, 0.45f * reach, reach);
    const float shut = closing(lid);
    float photo[4], eye[4], rim;

    if (band <= 0)
        return;
    find_both(e, x, y, photo, eye);
    rim = is_upper ? 0 : white * (1 - RIM_LOWER * limner_smoothstep(shut, 0, 0.4f)) *
                         limner_smoothstep(luma(photo) - luma(eye), RIM_FROM, RIM_TO);
    for (int k = 0; k < 3; k++) {
        /* What lies in the shadow already gets no darker than lashes make the rest. */
        const float ratio = fminf(1, (photo[k] + DARKEST) / (eye[k] + DARKEST) / lit[k]);

        rgb[k] += band * (ratio * rgb[k] + rim * (photo[k] - ratio * rgb[k]) - rgb[k]);
    }
}

/* The highlight. The cornea bulges out of the eyeball: its centre, and the light it mirrors, goes
 * about half as far as the iris. Highlights beside the iris stay with the head. */
static float shine(const limner_eyes *e, const limner_eye_view *v, const float fixed[2],
                   const float turned[2])
{
    const float half[2] = {(fixed[0] + turned[0]) / 2, (fixed[1] + turned[1]) / 2};
    const float still = limner_smoothstep(from_iris(v, fixed), CORNEA_IN, CORNEA_OUT);
    const float cornea = (1 - limner_smoothstep(from_iris(v, half), CORNEA_IN, CORNEA_OUT)) *
                         (1 - OFF_CORNEA * limner_smoothstep(from_iris(v, turned), CORNEA_OUT,
                                                             1.25f * CORNEA_OUT));
    float at[4], sum = 0;

    if (still > 0) {
        limner_texture_sample(e->layer, fixed[0], fixed[1], at);
        sum += still * at[3];
    }
    if (cornea > 0) {
        limner_texture_sample(e->layer, half[0], half[1], at);
        sum += cornea * at[3];
    }
    return fmaxf(0, sum);
}

/* Iris over white at canvas point (x, y). fixed, turned: where the head and the eye have it in the
 * photo. */
static void look_at(const limner_eyes *e, const limner_eye_view *v, float x, float y,
                    float fixed[2], float turned[2], float rgb[4])
{
    float p[3] = {(x - v->at[0]) / v->radius_at, (v->at[1] - y) / v->radius_at, 0};
    float iris[4], share;

    p[2] = sqrtf(fmaxf(0.06f, 1 - p[0] * p[0] - p[1] * p[1]));
    look_up(v, v->rigid, p, fixed);
    look_up(v, v->turned, p, turned);
    limner_texture_sample(&v->white.texture, fixed[0] - v->white.x, fixed[1] - v->white.y, rgb);
    share = 1 - limner_smoothstep(from_iris(v, turned), IRIS_IN, IRIS_OUT);
    if (share <= 0)
        return;
    limner_texture_sample(e->layer, turned[0], turned[1], iris);
    for (int k = 0; k < 3; k++)
        rgb[k] += share * (iris[k] - rgb[k]);
}

void limner_eyes_shade(const limner_eyes *e, int side, float x, float y, const float lid[3],
                       const limner_plane *home, float rgb[3])
{
    const limner_eye_view *v = &e->eye[side];
    const float same = v->likeness * fmaxf(0, 1 - fabsf(lid[1] - lid[2]) / LIKE_PX);
    float fixed[2], turned[2], colour[4], other[4], lit[3], shade, glint;

    look_at(e, v, x, y, fixed, turned, colour);
    revealed(lit, v, lid);
    shade = shadow(lid[0] * lid[1], v->shadow_px) / shadow(lid[0] * lid[2], v->shadow_px);
    shade = fminf(1, shade);
    shade *= dim(v, lid);
    glint = shine(e, v, fixed, turned) * (1 - closing(lid));
    for (int k = 0; k < 3; k++)
        rgb[k] = colour[k] * shade * lit[k] + glint;
    add_lids(e, v, lid, (const float[2]){limner_plane_at(home, 0, x, y),
                                         limner_plane_at(home, 1, x, y)}, lit, rgb);
    if (same <= 0)
        return;
    /* As in the photo: the photo itself. */
    limner_texture_sample(e->photo, fixed[0], fixed[1], other);
    for (int k = 0; k < 3; k++)
        rgb[k] += same * (other[k] - rgb[k]);
}
