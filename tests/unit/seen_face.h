/* SPDX-License-Identifier: Apache-2.0 */
/* Faces made from the shipped face model, and what the landmark net would see of them, for tests of
 * the fit. Crop pixels. */
#ifndef LIMNER_TESTS_SEEN_FACE_H
#define LIMNER_TESTS_SEEN_FACE_H

#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/rng.h"
#include "face/fit.h"
#include "shipped_face.h"

typedef float landmarks[LIMNER_N_LANDMARK][3];

enum { N_FACES = 10 };

static limner_face *face;

static int open_face(void **state)
{
    (void)state;
    face = open_shipped_face();
    return 0;
}

static int close_face(void **state)
{
    (void)state;
    limner_face_close(&face);
    return 0;
}

/* A face with pose that looks into the camera, placed as the encoder places it: half of a crop of
 * 512 pixels. */
static limner_fit truth(limner_rng *rng, float identity_sd)
{
    limner_fit t;
    double r[9];

    memset(&t, 0, sizeof(t));
    for (int k = 0; k < LIMNER_N_IDENTITY; k++)
        t.identity[k] = identity_sd * limner_rng_normal(rng);
    t.yaw = -30.0f + 60.0f * limner_rng_uniform(rng);
    t.pitch = -15.0f + 30.0f * limner_rng_uniform(rng);
    t.roll = -20.0f + 40.0f * limner_rng_uniform(rng);
    limner_rotation_from_angles(r, (double)t.yaw, (double)t.pitch, (double)t.roll);
    for (int i = 0; i < 9; i++)
        t.rotation[i] = (float)r[i];
    t.scale = 15.0f;
    t.tx = 256.0f;
    t.ty = 262.0f;
    return t;
}

/* What the landmark net would see of it, the depth included; noise in pixels. */
static void see(const limner_fit *t, landmarks out, float noise_px, limner_rng *rng)
{
    float *px = malloc(face->n_vertices * 3 * sizeof(float));

    assert_non_null(px);
    assert_int_equal(limner_fit_project_vertices(px, face, t), LIMNER_OK);
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
        for (size_t c = 0; c < 3; c++) {
            out[k][c] = 0.0f;
            for (size_t j = 0; j < 3; j++)
                out[k][c] +=
                    face->landmark_bary[3 * k + j] * px[3 * face->landmark_vertex[3 * k + j] + c];
            if (c == 2)
                out[k][c] = -out[k][c];
            if (noise_px > 0.0f)
                out[k][c] += noise_px * limner_rng_normal(rng);
        }
    free(px);
}

#endif
