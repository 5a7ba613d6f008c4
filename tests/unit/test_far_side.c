/* SPDX-License-Identifier: Apache-2.0 */
/* The far side of a face turned by 30 degrees in the photo: it comes out when the head turns back
 * and only then, in the tone of what the photo shows of it, whatever light is on the near side;
 * a face that looks straight ahead has none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "flat_face.h"
#include "render/far_side.h"

enum { S = 384 };

typedef struct fixture {
    flat_face flat;
    limner_core core;
    limner_far_side far;
    float *light;
} fixture;

/* The photo: a head of skin, `near_grey` on the near half of the face, before nothing. */
static void paint_head(flat_face *f, uint8_t near_grey, uint8_t far_grey)
{
    int32_t *id = limner_alloc((size_t)4 * S * S, sizeof(*id));

    assert_non_null(id);
    assert_int_equal(limner_rig_draw_photo(&f->rig, id), LIMNER_OK);
    for (int32_t i = 0; i < S * S; i++) {
        const int32_t t = id[(size_t)(i / S) * 4 * S + (size_t)(i % S) * 2];
        const float x = f->face->mean[f->face->triangle[3 * (size_t)(t < 0 ? 0 : t)]];
        const uint8_t grey = (x > 0) == (f->app.fit.yaw < 0) ? near_grey : far_grey;
        const uint8_t rgba[4] = {grey, grey, grey, t < 0 ? 0 : 255};

        memcpy(limner_texture_at(&f->photo, i % S, i / S), rgba, 4);
    }
    limner_mem_free(id);
}

static void open_turned(fixture *x, float yaw, uint8_t near_grey, uint8_t far_grey)
{
    flat_face *f = &x->flat;
    const float s = sinf(yaw * 3.14159265f / 180), c = cosf(yaw * 3.14159265f / 180);
    const float turned[9] = {c, 0, s, 0, 1, 0, -s, 0, c};

    memset(x, 0, sizeof(*x));
    open_flat_face(f, S, 13);
    memcpy(f->app.fit.rotation, turned, sizeof(turned));
    f->app.fit.yaw = yaw;
    open_flat_rig(f);
    for (uint32_t i = 0; i < f->face->n_vertices; i++)
        f->rig.freedom[i] = 1;
    paint_head(f, near_grey, far_grey);
    assert_int_equal(limner_core_open(&x->core, &f->rig), LIMNER_OK);
    assert_int_equal(limner_far_side_open(&x->far, &f->rig, &x->core, &f->photo), LIMNER_OK);
    x->light = limner_calloc(f->face->stride, sizeof(float));
    assert_non_null(x->light);
}

static void close_turned(fixture *x)
{
    limner_mem_free(x->light);
    limner_far_side_close(&x->far);
    limner_core_close(&x->core);
    close_flat_face(&x->flat);
    assert_int_equal(limner_mem_live(), 0);
}

static float opacity_at(fixture *x, float turn)
{
    limner_rig *rig = &x->flat.rig;
    limner_motion m = rig->photo;
    limner_pose pose;

    m.yaw += turn;
    limner_pose_make(&pose, &rig->pose_frame, &m);
    limner_rig_express(rig, &m, false);
    limner_rig_move(rig, &pose, false);
    limner_core_texture(&x->core, rig);
    limner_far_side_move(&x->far, rig, &x->core, &pose, x->light);
    return x->far.opacity;
}

static void it_comes_out_as_the_head_turns_back(void **state)
{
    fixture x;

    (void)state;
    for (int side = -1; side <= 1; side += 2) {
        open_turned(&x, 30.0f * (float)side, 150, 150);
        assert_true(x.far.is_used && x.far.n_triangles > 300);
        assert_true(opacity_at(&x, 0) <= 0);
        assert_int_equal(x.core.n_drawn, x.core.n_triangles);
        assert_true(opacity_at(&x, 15.0f * (float)side) <= 0);
        assert_true(opacity_at(&x, -4.0f * (float)side) > 0.1f);
        assert_true(x.far.opacity < 0.9f);
        assert_true(opacity_at(&x, -15.0f * (float)side) >= 1);
        assert_int_equal(x.core.n_drawn, x.core.n_triangles - x.far.n_under);
        close_turned(&x);
    }
}

static void a_face_straight_ahead_has_none(void **state)
{
    fixture x;

    (void)state;
    open_turned(&x, 4, 150, 150);
    assert_false(x.far.is_used);
    assert_true(opacity_at(&x, -20) <= 0);
    assert_int_equal(x.flat.photo.h, S);
    close_turned(&x);
}

/* Mean grey of what is painted opaque, and how much that is; rows below the canvas. */
static float painted_grey(const fixture *x, int *n)
{
    const limner_texture *t = &x->flat.photo;
    double sum = 0;

    *n = 0;
    for (int32_t i = (S + 4) * S; i < t->h * S; i++) {
        if (x->core.feather[i] < 250)
            continue;
        sum += limner_texture_at(t, i % S, i / S)[1];
        ++*n;
    }
    return (float)(sum / (*n > 0 ? *n : 1));
}

static void it_takes_the_tone_of_its_own_side(void **state)
{
    fixture x;
    int n;

    (void)state;
    open_turned(&x, -30, 160, 160);
    assert_true(x.flat.photo.h > S);
    assert_true(fabsf(painted_grey(&x, &n) - 160) < 1);
    assert_true(n > 3000);
    close_turned(&x);
    open_turned(&x, -30, 190, 130);
    assert_true(fabsf(painted_grey(&x, &n) - 130) < 12);
    assert_true(n > 3000);
    close_turned(&x);
}

/* Skin of one grey stays that grey at each vertex. */
static void every_place_is_painted(void **state)
{
    fixture x;
    float rgba[4];

    (void)state;
    open_turned(&x, -30, 150, 150);
    for (uint32_t i = 0; i < x.far.n; i++) {
        assert_true(x.far.v[i] > S && x.far.v[i] < (float)x.flat.photo.h);
        assert_true(x.far.u[i] > 0 && x.far.u[i] < S);
        limner_texture_sample(&x.flat.photo, x.far.u[i], x.far.v[i], rgba);
        assert_true(fabsf(rgba[0] - 150) < 2);
    }
    close_turned(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_out_as_the_head_turns_back),
        cmocka_unit_test(a_face_straight_ahead_has_none),
        cmocka_unit_test(it_takes_the_tone_of_its_own_side),
        cmocka_unit_test(every_place_is_painted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
