/* SPDX-License-Identifier: Apache-2.0 */
/* Sphere look-up of the eyes (eyes.h). Towards the corners, where the opening is wider than the
 * eyeball and the caruncle lies, the look-up passes from the gaze's turn to the head's. */
#include "render/eyes.h"

#include <math.h>
#include <stdbool.h>

#define SHADOW_CM 0.13f                 /* reach of the upper lid's shadow on the eyeball */
#define SHADOW_DEPTH 0.35f
#define WIDE_SHADOW 0.6f
#define LIKE_DEGREES 3.0f               /* gaze within this: the photo's own eye shows */
#define LIKE_PX 1.5f                    /* and lids within this of the photo's */
#define LASH_CONTRAST 90.0f             /* sum over r, g, b from which it is all lash */
#define LASH_CM 0.24f                   /* what lies this near a lid's edge belongs to the lid */

static float smooth(float a, float b, float v)
{
    float t = (v - a) / (b - a);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

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

void limner_eyes_open(limner_eyes *e, const limner_rig *rig, const limner_appearance *app,
                      const limner_texture *layer, const limner_texture *photo)
{
    e->layer = layer;
    e->photo = photo;
    e->up[0] = rig->up[0];
    e->up[1] = rig->up[1];
    for (int side = 0; side < 2; side++) {
        const limner_face_contact *lid = &rig->face->lids[side];
        const uint32_t a = lid->upper[0], b = lid->upper[lid->n - 1];
        limner_eye_view *v = &e->eye[side];
        const float dx = rig->rest[0][b] - rig->rest[0][a];
        const float dy = rig->rest[1][b] - rig->rest[1][a];
        const float len = fmaxf(hypotf(dx, dy), 1);

        place(v, rig, app, side);
        v->corner[0] = (rig->rest[0][a] + rig->rest[0][b]) / 2;
        v->corner[1] = (rig->rest[1][a] + rig->rest[1][b]) / 2;
        v->axis[0] = dx / len;
        v->axis[1] = dy / len;
        v->half = len / 2;
        v->shadow_px = SHADOW_CM * rig->pose_frame.scale;
        v->lash_px = LASH_CM * rig->pose_frame.scale;
    }
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

/* What the photo has beyond the eye layer at (u, v): lashes, lids' edges, their shadow. */
static void find_rest(const limner_eyes *e, float u, float v, float photo[4], float rest[3])
{
    float layer[4];

    limner_texture_sample(e->photo, u, v, photo);
    limner_texture_sample(e->layer, u, v, layer);
    for (int k = 0; k < 3; k++)
        rest[k] = photo[k] - layer[k] - layer[3];
}

/* Lashes are looked up where the lid nearest to the point has them, so they move with the lid and
 * keep their width. While the eye looks as in the photo, everything else is the photo's too. */
static void add_rest(const limner_eyes *e, const limner_eye_view *v, const float lid[3],
                     const float fixed[2], const float home[2], float rgb[3])
{
    const bool is_upper = lid[0] < 0.5f;
    const float part = is_upper ? lid[0] : 1 - lid[0];
    const float near = part * lid[1], moved = part * (lid[1] - lid[2]) * (is_upper ? -1.0f : 1.0f);
    const float band = 1 - smooth(0.45f * v->lash_px, v->lash_px, near);
    const float same = v->likeness * fmaxf(0, 1 - fabsf(lid[1] - lid[2]) / LIKE_PX);
    float photo[4], rest[3], amount;

    if (same > 0) {
        find_rest(e, fixed[0], fixed[1], photo, rest);
        for (int k = 0; k < 3; k++)
            rgb[k] += same * rest[k];
    }
    if (band <= 0 || same >= 1)
        return;
    find_rest(e, home[0] + moved * e->up[0], home[1] + moved * e->up[1], photo, rest);
    amount = fabsf(rest[0]) + fabsf(rest[1]) + fabsf(rest[2]);
    amount = (1 - same) * band * fminf(1, amount / LASH_CONTRAST);
    for (int k = 0; k < 3; k++)
        rgb[k] += amount * (photo[k] - rgb[k]);
}

void limner_eyes_shade(const limner_eyes *e, int side, float x, float y, const float lid[3],
                       const limner_plane *home, float rgb[3])
{
    const limner_eye_view *v = &e->eye[side];
    float p[3] = {(x - v->at[0]) / v->radius_at, (v->at[1] - y) / v->radius_at, 0};
    float fixed[2], turned[2], colour[4], glint[4], along, with_gaze, shade;

    p[2] = sqrtf(fmaxf(0.06f, 1 - p[0] * p[0] - p[1] * p[1]));
    look_up(v, v->rigid, p, fixed);
    look_up(v, v->turned, p, turned);
    along = fabsf((fixed[0] - v->corner[0]) * v->axis[0] + (fixed[1] - v->corner[1]) * v->axis[1]);
    with_gaze = 1 - smooth(0.70f, 1.0f, along / v->half);
    for (int k = 0; k < 2; k++)
        turned[k] = fixed[k] + with_gaze * (turned[k] - fixed[k]);
    limner_texture_sample(e->layer, turned[0], turned[1], colour);
    limner_texture_sample(e->layer, fixed[0], fixed[1], glint);
    shade = shadow(lid[0] * lid[1], v->shadow_px) / shadow(lid[0] * lid[2], v->shadow_px);
    shade = fminf(1.1f, shade);
    /* Opened further than in the photo: what appears lies in the lid's shadow. */
    shade *= 1 - WIDE_SHADOW * smooth(0, v->shadow_px, lid[1] - lid[2]) *
                     expf(-fmaxf(0, lid[0] * lid[1]) / (2 * v->shadow_px));
    for (int k = 0; k < 3; k++)
        rgb[k] = colour[k] * shade + glint[3];
    add_rest(e, v, lid, fixed, (const float[2]){limner_plane_at(home, 0, x, y),
                                                limner_plane_at(home, 1, x, y)}, rgb);
}
