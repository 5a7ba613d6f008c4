/* SPDX-License-Identifier: Apache-2.0 */
/* The face model as a public mesh: the mean face in a motion, without any portrait. Eyeballs turn
 * about their centres, the head about the neck's base, whose skin follows by its weight; lips and
 * lids are the model's own, without the renderer's corrections of contact. Centimetres. */
#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "model.h"

static const float LOOK_DEGREES = 40.0f;    /* gaze in the head at which eyeLook* is 1 */

static const uint8_t surface_of[LIMNER_REGION_COUNT] = {
    [LIMNER_REGION_LIP_UPPER] = LIMNER_SURFACE_LIPS,
    [LIMNER_REGION_LIP_LOWER] = LIMNER_SURFACE_LIPS,
    [LIMNER_REGION_LIP_INNER] = LIMNER_SURFACE_LIPS,
    [LIMNER_REGION_MOUTH_SOCKET] = LIMNER_SURFACE_MOUTH,
    [LIMNER_REGION_EYE_SOCKET] = LIMNER_SURFACE_MOUTH,
    [LIMNER_REGION_GUM_UPPER] = LIMNER_SURFACE_MOUTH,
    [LIMNER_REGION_GUM_LOWER] = LIMNER_SURFACE_MOUTH,
    [LIMNER_REGION_TONGUE] = LIMNER_SURFACE_TONGUE,
    [LIMNER_REGION_TEETH_UPPER] = LIMNER_SURFACE_TEETH,
    [LIMNER_REGION_TEETH_LOWER] = LIMNER_SURFACE_TEETH,
    [LIMNER_REGION_SCLERA_L] = LIMNER_SURFACE_SCLERA,
    [LIMNER_REGION_SCLERA_R] = LIMNER_SURFACE_SCLERA,
    [LIMNER_REGION_IRIS_L] = LIMNER_SURFACE_IRIS, [LIMNER_REGION_IRIS_R] = LIMNER_SURFACE_IRIS,
    [LIMNER_REGION_LACRIMAL] = LIMNER_SURFACE_LIPS, [LIMNER_REGION_LASHES] = LIMNER_SURFACE_LASHES,
};

limner_status limner_mesh_get(const limner_model *model, limner_mesh_info *out)
{
    if (!model || !out)
        return LIMNER_E_ARG;
    out->n_vertices = model->face->n_vertices;
    out->n_triangles = model->face->n_triangles;
    out->triangle = model->face->triangle;
    return LIMNER_OK;
}

limner_surface limner_mesh_surface(const limner_model *model, uint32_t triangle)
{
    if (!model || triangle >= model->face->n_triangles)
        return LIMNER_SURFACE_SKIN;
    return (limner_surface)surface_of[model->face->triangle_region[triangle]];
}

/* Lids follow the eyes. */
static void look(float *shape, const limner_motion *m)
{
    const float yaw = (m->gaze_yaw - m->yaw) / LOOK_DEGREES;
    const float pitch = (m->gaze_pitch - m->pitch) / LOOK_DEGREES;

    shape[LIMNER_EYE_LOOK_OUT_LEFT] = shape[LIMNER_EYE_LOOK_IN_RIGHT] = fminf(1, fmaxf(0, yaw));
    shape[LIMNER_EYE_LOOK_IN_LEFT] = shape[LIMNER_EYE_LOOK_OUT_RIGHT] = fminf(1, fmaxf(0, -yaw));
    shape[LIMNER_EYE_LOOK_DOWN_LEFT] = shape[LIMNER_EYE_LOOK_DOWN_RIGHT] =
        fminf(1, fmaxf(0, pitch));
    shape[LIMNER_EYE_LOOK_UP_LEFT] = shape[LIMNER_EYE_LOOK_UP_RIGHT] = fminf(1, fmaxf(0, -pitch));
}

/* p turns by r [9] about c, a share w of the way. */
static void turn(float p[3], const double r[9], const float c[3], float w)
{
    const float d[3] = {p[0] - c[0], p[1] - c[1], p[2] - c[2]};

    for (int k = 0; k < 3; k++) {
        const double moved = r[3 * k] * (double)d[0] + r[3 * k + 1] * (double)d[1] +
                             r[3 * k + 2] * (double)d[2];
        p[k] = c[k] + d[k] + w * ((float)moved - d[k]);
    }
}

/* Eyeballs in the head: where they look beside where it does. */
static void turn_eyes(const limner_face *face, const limner_motion *m, float *xyz)
{
    double head[9], gaze[9], r[9];

    limner_rotation_from_angles(head, (double)m->yaw, (double)m->pitch, (double)m->roll);
    limner_rotation_from_angles(gaze, (double)m->gaze_yaw, (double)m->gaze_pitch, (double)m->roll);
    for (int i = 0; i < 9; i++) {
        r[i] = 0;
        for (int k = 0; k < 3; k++)
            r[i] += head[3 * k + i / 3] * gaze[3 * k + i % 3];
    }
    for (int side = 0; side < 2; side++) {
        const limner_face_range *part = &face->part[LIMNER_PART_EYE_LEFT + side];

        for (uint32_t i = 0; i < part->n_vertices; i++)
            turn(xyz + 3 * (part->first_vertex + i), r, face->eye_centre[side], 1);
    }
}

limner_status limner_mesh_shape(const limner_model *model, const limner_motion *m, float *xyz)
{
    const limner_face *face;
    float shape[LIMNER_FACE_N_EXPRESSION], *planar;
    double head[9];

    if (!model || !m || !xyz)
        return LIMNER_E_ARG;
    face = model->face;
    planar = limner_alloc(limner_face_xyz_floats(face), sizeof(*planar));
    if (!planar)
        return LIMNER_E_NOMEM;
    memcpy(shape, m->expression, sizeof(m->expression));
    shape[LIMNER_FACE_TONGUE_UP] = m->tongue_up;
    look(shape, m);
    limner_face_shape(face, NULL, shape, planar);
    for (uint32_t i = 0; i < face->n_vertices; i++)
        for (int k = 0; k < 3; k++)
            xyz[3 * i + k] = planar[k * face->stride + i];
    limner_mem_free(planar);
    turn_eyes(face, m, xyz);
    limner_rotation_from_angles(head, (double)m->yaw, (double)m->pitch, (double)m->roll);
    for (uint32_t i = 0; i < face->n_vertices; i++) {
        const float w = face->neck_weight[i], move[3] = {m->x, m->y, m->z};

        turn(xyz + 3 * i, head, face->neck_pivot, w);
        for (int k = 0; k < 3; k++)
            xyz[3 * i + k] += w * move[k];
    }
    return LIMNER_OK;
}
