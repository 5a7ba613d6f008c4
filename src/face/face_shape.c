/* SPDX-License-Identifier: Apache-2.0 */
/* The parametric face's shapes: vertices of an identity and an expression, eye centres, landmarks
 * and normals. Nothing is checked: face_model.c did, when it read the file. */
#include "face/face_model.h"

#include <math.h>
#include <string.h>

size_t limner_face_xyz_floats(const limner_face *face)
{
    return 3 * (size_t)face->stride;
}

void limner_face_base(const limner_face *face, const float *identity, float *out_xyz)
{
    const size_t n = limner_face_xyz_floats(face);

    memcpy(out_xyz, face->mean, n * sizeof(float));
    for (int k = 0; identity && k < LIMNER_FACE_N_IDENTITY; k++) {
        const float a = identity[k];
        const float *shape = face->identity + k * n;
        if (a == 0.0f)
            continue;
        for (size_t i = 0; i < n; i++)
            out_xyz[i] += a * shape[i];
    }
}

/* out [8] += e * delta [8]: vectors. */
static void add_block(float *restrict out, const float *restrict delta, float e)
{
    float sum[LIMNER_FACE_BLOCK];

    for (int k = 0; k < LIMNER_FACE_BLOCK; k++)
        sum[k] = out[k] + e * delta[k];
    memcpy(out, sum, sizeof(sum));
}

void limner_face_express(const limner_face *face, const float *base_xyz, const float *expression,
                         float *out_xyz)
{
    if (out_xyz != base_xyz)
        memcpy(out_xyz, base_xyz, limner_face_xyz_floats(face) * sizeof(float));
    for (int k = 0; expression && k < LIMNER_FACE_N_EXPRESSION; k++) {
        const limner_face_delta *d = &face->expression[k];
        const float e = expression[k];
        if (e == 0.0f)
            continue;
        const float *delta = d->dense;
        for (uint32_t i = 0; i < d->n_blocks; i++)
            for (size_t c = 0; c < 3; c++, delta += LIMNER_FACE_BLOCK)
                add_block(out_xyz + c * face->stride + LIMNER_FACE_BLOCK * (size_t)d->block[i],
                          delta, e);
    }
}

void limner_face_shape(const limner_face *face, const float *identity, const float *expression,
                       float *out_xyz)
{
    limner_face_base(face, identity, out_xyz);
    limner_face_express(face, out_xyz, expression, out_xyz);
}

void limner_face_eye_at(const limner_face *face, const float *identity, limner_face_side side,
                        float *out)
{
    const float *basis = face->eye_centre_identity + (size_t)side * LIMNER_FACE_N_IDENTITY * 3;

    for (int c = 0; c < 3; c++) {
        out[c] = face->eye_centre[side][c];
        for (int k = 0; identity && k < LIMNER_FACE_N_IDENTITY; k++)
            out[c] += identity[k] * basis[3 * k + c];
    }
}

void limner_face_landmarks(const limner_face *face, const float *xyz, float *out)
{
    for (int k = 0; k < LIMNER_FACE_N_LANDMARKS; k++) {
        const uint16_t *v = face->landmark_vertex + 3 * k;
        const float *b = face->landmark_bary + 3 * k;
        for (int c = 0; c < 3; c++) {
            const float *p = xyz + (size_t)c * face->stride;
            out[3 * k + c] = b[0] * p[v[0]] + b[1] * p[v[1]] + b[2] * p[v[2]];
        }
    }
}

void limner_face_normals(const limner_face *face, const float *xyz, float *out_normal)
{
    const size_t s = face->stride;
    const float *x = xyz, *y = xyz + s, *z = xyz + 2 * s;
    float *nx = out_normal, *ny = out_normal + s, *nz = out_normal + 2 * s;

    memset(out_normal, 0, 3 * s * sizeof(float));
    for (uint32_t t = 0; t < face->n_triangles; t++) {
        const uint16_t *v = face->triangle + 3 * t;
        const float ax = x[v[1]] - x[v[0]], ay = y[v[1]] - y[v[0]], az = z[v[1]] - z[v[0]];
        const float bx = x[v[2]] - x[v[0]], by = y[v[2]] - y[v[0]], bz = z[v[2]] - z[v[0]];
        const float cx = ay * bz - az * by, cy = az * bx - ax * bz, cz = ax * by - ay * bx;
        for (int k = 0; k < 3; k++) {
            nx[v[k]] += cx;
            ny[v[k]] += cy;
            nz[v[k]] += cz;
        }
    }
    for (uint32_t i = 0; i < face->n_vertices; i++) {
        const float length = sqrtf(nx[i] * nx[i] + ny[i] * ny[i] + nz[i] * nz[i]);
        const float inverse = length > 1e-12f ? 1.0f / length : 0.0f;
        nx[i] *= inverse;
        ny[i] *= inverse;
        nz[i] *= inverse;
    }
}
