/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped face seen from the front without expression, for tests that draw on it: fitted to a
 * picture of side `size_px`, in its middle. The picture is black, and the rig not yet open. */
#ifndef LIMNER_TESTS_FLAT_FACE_H
#define LIMNER_TESTS_FLAT_FACE_H

#include "core/mem.h"
#include "render/rig.h"
#include "shipped_face.h"

typedef struct flat_face {
    limner_face *face;
    limner_appearance app;
    limner_texture photo;
    limner_view view;
    limner_rig rig;
} flat_face;

static void open_flat_face(flat_face *x, int32_t size_px, float px_per_cm)
{
    limner_fit *fit = &x->app.fit;

    x->face = open_shipped_face();
    x->app.size_px = (uint32_t)size_px;
    x->app.n_vertices = x->face->n_vertices;
    x->app.residual = limner_calloc(x->face->n_vertices, 2 * sizeof(float));
    assert_non_null(x->app.residual);
    fit->rotation[0] = fit->rotation[4] = fit->rotation[8] = 1;
    fit->scale = px_per_cm;
    fit->tx = fit->ty = (float)size_px / 2;
    x->view = (limner_view){.k = 1, .w = size_px, .h = size_px, .right = size_px, .low = size_px};
    assert_int_equal(limner_texture_open(&x->photo, size_px, size_px), LIMNER_OK);
}

static void open_flat_rig(flat_face *x)
{
    assert_int_equal(limner_rig_open(&x->rig, x->face, &x->app, &x->photo, &x->view), LIMNER_OK);
}

static void close_flat_face(flat_face *x)
{
    limner_rig_close(&x->rig);
    limner_texture_close(&x->photo);
    limner_appearance_close(&x->app);
    limner_face_close(&x->face);
}

#endif
