/* SPDX-License-Identifier: Apache-2.0 */
/* Glasses drawn on a flat face: they are found, dark and bright ones, and a bare face has none.
 * Rims stay where they are while brows rise, cheeks lift and lids close: bright ones because the
 * skin under them is held, dark ones as a layer over skin that moves. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "flat_face.h"
#include "render/rim_layer.h"

enum { S = 512, SKIN = 150, DARK = 30, BRIGHT = 250 };

#define SCALE 15.0f                     /* px per cm */
#define RIM_CM 2.2f
#define LINE_CM 0.12f                   /* half a rim's width */

typedef struct fixture {
    flat_face flat;
    float eye[2][2], bridge;            /* middles of the eyes; the bridge's row */
} fixture;

/* Skin, and glasses of the grey level `rim` (SKIN: none), their bridge low_cm below the eyes' line;
 * opens the rig. */
static void open_rig_of(fixture *x, uint8_t rim, float low_cm)
{
    const float low = low_cm * SCALE;

    for (int i = 0; i < S * S; i++) {
        uint8_t *px = limner_texture_at(&x->flat.photo, i % S, i / S);
        bool is_rim = false;

        for (int side = 0; side < 2; side++) {
            const float dx = (float)(i % S) + 0.5f - x->eye[side][0];
            const float dy = (float)(i / S) + 0.5f - x->eye[side][1] - low;

            is_rim = is_rim || fabsf(hypotf(dx, dy) / SCALE - RIM_CM) < LINE_CM;
        }
        is_rim = is_rim || (fabsf((float)(i / S) - x->bridge - low) < LINE_CM * SCALE &&
                            fabsf((float)(i % S) - S / 2.0f) < SCALE);
        memset(px, is_rim ? rim : SKIN, 3);
        px[3] = 255;
    }
    limner_texture_seal(&x->flat.photo);
    open_flat_rig(&x->flat);
}

static void open_rig(fixture *x, uint8_t rim)
{
    open_rig_of(x, rim, 0);
}

static int setup(void **state)
{
    fixture *x = calloc(1, sizeof(*x));

    assert_non_null(x);
    open_flat_face(&x->flat, S, SCALE);
    open_rig(x, SKIN);
    for (int side = 0; side < 2; side++) {
        const limner_face_contact *line = x->flat.rig.lids[side].line;

        for (int k = 0; k < 2; k++)
            x->eye[side][k] = (x->flat.rig.rest[k][line->upper[0]] +
                               x->flat.rig.rest[k][line->upper[line->n - 1]]) / 2;
    }
    x->bridge = x->eye[0][1];
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    fixture *x = *state;

    close_flat_face(&x->flat);
    free(x);
    assert_int_equal(limner_mem_live(), 0);
    return 0;
}

static void glasses_are_found(void **state)
{
    static const uint8_t levels[3] = {DARK, BRIGHT, SKIN};
    fixture *x = *state;

    for (int i = 0; i < 3; i++) {
        limner_rig_close(&x->flat.rig);
        open_rig(x, levels[i]);
        assert_int_equal(x->flat.rig.glasses.is_worn, levels[i] != SKIN);
        assert_int_equal(x->flat.rig.glasses.is_cut, levels[i] == DARK);
        for (int ray = 0; ray < LIMNER_GLASSES_RAYS && levels[i] != SKIN; ray++)
            assert_float_equal(x->flat.rig.glasses.rim[0][ray] / SCALE, RIM_CM, 0.15f);
    }
}

/* A hair over the nose of a large picture, too fine for a bridge in a small one. */
static void hairs_are_no_bridge(void **state)
{
    enum { SIZE = 2 * S };
    flat_face x = {0};
    const fixture *small = *state;
    const int row = 2 * (int)small->bridge;

    open_flat_face(&x, SIZE, 2 * SCALE);
    for (int i = 0; i < SIZE * SIZE; i++) {
        const bool is_hair = i / SIZE == row && abs(i % SIZE - S) < 2 * (int)SCALE;

        memset(limner_texture_at(&x.photo, i % SIZE, i / SIZE), is_hair ? SKIN - 25 : SKIN, 3);
        limner_texture_at(&x.photo, i % SIZE, i / SIZE)[3] = 255;
    }
    limner_texture_seal(&x.photo);
    open_flat_rig(&x);
    assert_true(x.rig.glasses.bridge_seen > 0.05f);
    assert_false(x.rig.glasses.is_worn);
    close_flat_face(&x);
}

static float moved(const fixture *x, uint32_t v)
{
    const limner_rig *r = &x->flat.rig;

    return hypotf(r->still[0][v] - r->rest[0][v], r->still[1][v] - r->rest[1][v]);
}

/* Largest motion of skin on the rims, px. */
static float rims_moved(const fixture *x)
{
    float most = 0;

    for (uint32_t v = 0; v < x->flat.rig.n_head; v++)
        for (int side = 0; side < 2; side++) {
            const float r = hypotf(x->flat.rig.rest[0][v] - x->eye[side][0],
                                   x->flat.rig.rest[1][v] - x->eye[side][1]);

            if (fabsf(r / SCALE - RIM_CM) < LINE_CM)
                most = fmaxf(most, moved(x, v));
        }
    return most;
}

static void express(fixture *x)
{
    limner_motion m = x->flat.rig.photo;

    m.expression[LIMNER_BROW_INNER_UP] = m.expression[LIMNER_BROW_OUTER_UP_LEFT] = 1;
    m.expression[LIMNER_CHEEK_SQUINT_LEFT] = m.expression[LIMNER_CHEEK_SQUINT_RIGHT] = 1;
    m.expression[LIMNER_EYE_BLINK_LEFT] = m.expression[LIMNER_EYE_BLINK_RIGHT] = 1;
    limner_rig_express(&x->flat.rig, &m, false);
}

static void lids_meet(const fixture *x)
{
    for (int side = 0; side < 2; side++) {
        const limner_contact *lid = &x->flat.rig.lids[side];
        const uint32_t a = lid->line->upper[lid->n / 2], b = lid->line->lower[lid->n / 2];

        assert_true(moved(x, a) > 0.5f * lid->photo_gap[lid->n / 2]);
        assert_true(fabsf(x->flat.rig.still[1][a] - x->flat.rig.still[1][b]) < 0.5f);
    }
}

static void held_rims_stay_while_the_face_moves(void **state)
{
    fixture *x = *state;

    limner_rig_close(&x->flat.rig);
    open_rig(x, SKIN);
    express(x);
    assert_true(rims_moved(x) > 5);
    limner_rig_close(&x->flat.rig);
    open_rig(x, BRIGHT);
    express(x);
    assert_true(rims_moved(x) < 0.1f);
    lids_meet(x);
}

/* Largest motion of the skin above_cm over the eyes' middles, px. */
static float moved_above(const fixture *x, float above_cm)
{
    float most = 0;

    for (uint32_t v = 0; v < x->flat.rig.n_head; v++)
        for (int side = 0; side < 2; side++) {
            const float dx = x->flat.rig.rest[0][v] - x->eye[side][0];
            const float dy = x->flat.rig.rest[1][v] - x->eye[side][1] + above_cm * SCALE;

            if (hypotf(dx, dy) < 0.5f * SCALE)
                most = fmaxf(most, moved(x, v));
        }
    return most;
}

static void brows_move_over_glasses_worn_low(void **state)
{
    fixture *x = *state;

    for (int i = 0; i < 2; i++) {
        limner_rig_close(&x->flat.rig);
        open_rig_of(x, BRIGHT, i ? 1.6f : 0);
        assert_true(x->flat.rig.glasses.is_worn);
        assert_int_equal(x->flat.rig.glasses.is_low, i);
        assert_false(x->flat.rig.glasses.is_cut);
        express(x);
        assert_true(i ? moved_above(x, 2.2f) > 5 : moved_above(x, 2.2f) < 0.5f);
    }
}

/* The photo as the person's texture, rims cut out. */
static void open_layer(fixture *x, limner_rim_layer *l, limner_texture *person)
{
    assert_int_equal(limner_texture_open(person, S, S), LIMNER_OK);
    for (int y = 0; y < S; y++)
        memcpy(limner_texture_at(person, 0, y), limner_texture_at(&x->flat.photo, 0, y), 4 * S);
    assert_int_equal(limner_rim_layer_open(l, &x->flat.rig, person), LIMNER_OK);
}

/* The layer in pose m over rgba [S][S][4], which is skin at `places`. */
static void draw_layer(const fixture *x, limner_rim_layer *l, const limner_motion *m, uint8_t *rgba)
{
    static float z[S * S + 16], u[S + 16];
    static int32_t id[S * S + 16];
    limner_raster_band band = {.z = z, .id = id, .n_columns = S, .to = S, .y1 = S, .per_px = 1,
                               .dsp = limner_pix_dsp_get(limner_cpu_flags())};
    static int32_t no_skin[S * S];
    const limner_raster_band core = {.z = z, .id = no_skin, .n_columns = S};
    const limner_places places = {u, u, u};
    limner_pose pose;

    memset(no_skin, 0xff, sizeof(no_skin));
    limner_pose_make(&pose, &x->flat.rig.pose_frame, m);
    limner_rim_layer_update(l, &pose);
    limner_raster_clear(&band);
    limner_drawlist_draw(&l->list, &band);
    for (int y = 0; y < S; y++)
        limner_rim_layer_row(l, &band, &core, &places, y, rgba + (size_t)4 * S * y);
}

/* Mean of red where the rims' middles are in the photo. */
static float on_rims(const fixture *x, const uint8_t *rgba)
{
    float sum = 0;

    for (int i = 0; i < 200; i++) {
        const float a = 0.0314159f * (float)i, *eye = x->eye[i % 2];
        const int px = (int)(eye[0] + RIM_CM * SCALE * cosf(a));
        const int py = (int)(eye[1] + RIM_CM * SCALE * sinf(a));

        sum += rgba[4 * (py * S + px)] / 200.0f;
    }
    return sum;
}

static void dark_rims_are_a_layer_over_skin_that_moves(void **state)
{
    fixture *x = *state;
    limner_rim_layer l;
    limner_texture person;
    limner_motion m;
    uint8_t *rgba = malloc((size_t)4 * S * S);

    assert_non_null(rgba);
    limner_rig_close(&x->flat.rig);
    open_rig(x, DARK);
    open_layer(x, &l, &person);
    assert_true(l.is_any);
    express(x);
    assert_true(rims_moved(x) > 5);
    lids_meet(x);
    for (int side = 0; side < 2; side++) {      /* where arms begin */
        const float out = x->eye[side][0] > S / 2.0f ? 0.82f : -0.82f;

        assert_true(limner_glasses_hold(&x->flat.rig.glasses,
                                        x->eye[side][0] + RIM_CM * SCALE * out,
                                        x->eye[side][1] - RIM_CM * SCALE * 0.57f) > 0.8f);
    }
    for (int y = 0; y < S; y++)
        memcpy(rgba + (size_t)4 * S * y, limner_texture_at(&person, 0, y), 4 * S);
    assert_float_equal(on_rims(x, rgba), SKIN, 3);
    draw_layer(x, &l, &x->flat.rig.photo, rgba);
    for (int i = 0; i < 4 * S * S; i++)
        assert_int_equal(rgba[i], limner_texture_at(&x->flat.photo, i / 4 % S, i / 4 / S)[i % 4]);
    m = x->flat.rig.photo;
    memset(rgba, 255, (size_t)4 * S * S);
    m.expression[LIMNER_BROW_INNER_UP] = m.expression[LIMNER_EYE_BLINK_LEFT] = 1;
    draw_layer(x, &l, &m, rgba);
    assert_true(on_rims(x, rgba) < 60);
    memset(rgba, 255, (size_t)4 * S * S);
    m.yaw = 20;
    draw_layer(x, &l, &m, rgba);
    assert_true(on_rims(x, rgba) > 120);
    limner_rim_layer_close(&l);
    limner_texture_close(&person);
    free(rgba);
}

static void cutting_without_memory_is_clean(void **state)
{
    fixture *x = *state;
    limner_status st = LIMNER_E_NOMEM;
    limner_texture person;
    limner_rim_layer l;

    limner_rig_close(&x->flat.rig);
    open_rig(x, DARK);
    assert_int_equal(limner_texture_open(&person, S, S), LIMNER_OK);
    for (size_t n = 1; st != LIMNER_OK; n++) {
        const size_t before = limner_mem_live();

        assert_true(n < 1000);
        limner_mem_fail_after(n);
        st = limner_rim_layer_open(&l, &x->flat.rig, &person);
        limner_mem_fail_after(0);
        if (st < 0)
            assert_int_equal(limner_mem_live(), before);
    }
    limner_rim_layer_close(&l);
    limner_texture_close(&person);
}

static void running_out_of_memory_is_clean(void **state)
{
    fixture *x = *state;
    flat_face *f = &x->flat;
    limner_status st = LIMNER_E_NOMEM;

    limner_rig_close(&x->flat.rig);
    open_rig(x, DARK);
    limner_rig_close(&x->flat.rig);
    for (size_t n = 1; st != LIMNER_OK; n++) {
        const size_t before = limner_mem_live();

        assert_true(n < 1000);
        limner_mem_fail_after(n);
        st = limner_rig_open(&f->rig, f->face, &f->app, &f->photo, &f->view);
        limner_mem_fail_after(0);
        if (st < 0)
            assert_int_equal(limner_mem_live(), before);
    }
    assert_true(x->flat.rig.glasses.n_held > 0);
}

/* How far skin on the rims lies behind that on the bridge, at most, px. */
static float deepest(const fixture *x)
{
    const limner_rig *r = &x->flat.rig;
    float at_bridge = 0, most = 0;

    for (uint32_t v = 0; v < r->n_head; v++) {
        if (hypotf(r->rest[0][v] - S / 2.0f, r->rest[1][v] - x->bridge) < 0.5f * SCALE)
            at_bridge = fmaxf(at_bridge, r->rest[2][v]);
    }
    for (uint32_t v = 0; v < r->n_head; v++) {
        for (int side = 0; side < 2 && r->rest[2][v] > at_bridge - 6 * SCALE; side++) {
            const float dx = r->rest[0][v] - x->eye[side][0], dy = r->rest[1][v] - x->eye[side][1];

            if (fabsf(hypotf(dx, dy) / SCALE - RIM_CM) < LINE_CM && fabsf(dy) < SCALE)
                most = fmaxf(most, at_bridge - r->rest[2][v]);
        }
    }
    return most;
}

/* A bare face falls away beside the eyes; glasses do not, and still the photo is the photo. */
static void rims_are_flat(void **state)
{
    fixture *x = *state;
    limner_rig *r = &x->flat.rig;
    float bare;

    limner_rig_close(r);
    open_rig(x, SKIN);
    bare = deepest(x);
    assert_true(bare > 1.5f * SCALE);
    limner_rig_close(r);
    open_rig(x, DARK);
    assert_true(deepest(x) < 0.6f * bare);
    limner_rig_express(r, &r->photo, false);
    for (uint32_t v = 0; v < r->n_head; v++)
        for (int k = 0; k < 3; k++)
            assert_float_equal(r->still[k][v], r->rest[k][v], 2e-3f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glasses_are_found),
        cmocka_unit_test(hairs_are_no_bridge),
        cmocka_unit_test(rims_are_flat),
        cmocka_unit_test(held_rims_stay_while_the_face_moves),
        cmocka_unit_test(brows_move_over_glasses_worn_low),
        cmocka_unit_test(dark_rims_are_a_layer_over_skin_that_moves),
        cmocka_unit_test(cutting_without_memory_is_clean),
        cmocka_unit_test(running_out_of_memory_is_clean),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
