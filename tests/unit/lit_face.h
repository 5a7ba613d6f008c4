/* SPDX-License-Identifier: Apache-2.0 */
/* The flat face with its rig open and room for what lights it: values of every vertex, all 0. */
#ifndef LIMNER_TESTS_LIT_FACE_H
#define LIMNER_TESTS_LIT_FACE_H

#include "flat_face.h"

typedef struct lit_face {
    flat_face flat;
    float *normal[3], *light;           /* [flat.face->stride] */
} lit_face;

/* A value for every vertex, 0; to be freed. */
static float *vertex_values(const flat_face *flat)
{
    float *values = calloc(flat->face->stride, sizeof(float));

    assert_non_null(values);
    return values;
}

static void open_lit_face(lit_face *x, int32_t size_px, float px_per_cm)
{
    open_flat_face(&x->flat, size_px, px_per_cm);
    open_flat_rig(&x->flat);
    for (int k = 0; k < 3; k++)
        x->normal[k] = vertex_values(&x->flat);
    x->light = vertex_values(&x->flat);
}

static void close_lit_face(lit_face *x)
{
    close_flat_face(&x->flat);
    for (int k = 0; k < 3; k++)
        free(x->normal[k]);
    free(x->light);
}

#endif
