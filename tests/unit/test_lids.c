/* SPDX-License-Identifier: Apache-2.0 */
/* Shut lids on a flat face with drawn eyes: skin all over, dark lashes where the lids meet, no
 * white left below them, a crease where the open lid had its fold; nothing is painted while the
 * eye is as in the photo, and no lashes over the lower lid before the two come near. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flat_face.h"
#include "render/lids.h"

enum { S = 512, SKIN = 180, WHITE = 240, LASH = 30 };

#define SCALE 15.0f                     /* px per cm */
#define LINE_PX 3.0f                    /* of lashes, over the upper lid's edge */

typedef struct fixture {
    flat_face flat;
    limner_lids lids;
} fixture;

static void set_pixel(limner_texture *t, int x, int y, uint8_t red, uint8_t grey)
{
    uint8_t *px = limner_texture_at(t, x, y);

    px[0] = red;
    px[1] = px[2] = grey;
    px[3] = 255;
}

/* The white between the lines of both lids, `more` px further down, lashes over it. */
static void draw_eyes(fixture *x, float more)
{
    for (int y = 0; y < S; y++)
        for (int i = 0; i < S; i++)
            set_pixel(&x->flat.photo, i, y, SKIN + 30, SKIN);
    for (int side = 0; side < 2; side++) {
        const limner_face_contact *line = x->flat.rig.lids[side].line;

        for (uint32_t i = 0; i + 1 < line->n; i++) {
            const float *px = x->flat.rig.rest[0], *py = x->flat.rig.rest[1];
            const float x0 = fminf(px[line->upper[i]], px[line->upper[i + 1]]);
            const float x1 = fmaxf(px[line->upper[i]], px[line->upper[i + 1]]);
            const float top = py[line->upper[i]], low = py[line->lower[i]];

            for (int c = (int)x0; c <= (int)x1; c++) {
                for (int y = (int)(top - LINE_PX); y < (int)top; y++)
                    set_pixel(&x->flat.photo, c, y, LASH, LASH);
                for (int y = (int)top; y < (int)(low + more); y++)
                    set_pixel(&x->flat.photo, c, y, WHITE, WHITE);
            }
        }
    }
    limner_texture_seal(&x->flat.photo);
}

static int setup(void **state)
{
    fixture *x = calloc(1, sizeof(*x));

    assert_non_null(x);
    open_flat_face(&x->flat, S, SCALE);
    open_flat_rig(&x->flat);
    draw_eyes(x, 0.15f * SCALE);
    assert_int_equal(limner_lids_open(&x->lids, &x->flat.rig, &x->flat.photo), LIMNER_OK);
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    fixture *x = *state;

    limner_lids_close(&x->lids);
    close_flat_face(&x->flat);
    free(x);
    assert_int_equal(limner_mem_live(), 0);
    return 0;
}

/* After changes of the picture. */
static void reopen(fixture *x)
{
    limner_texture_seal(&x->flat.photo);
    limner_lids_close(&x->lids);
    assert_int_equal(limner_lids_open(&x->lids, &x->flat.rig, &x->flat.photo), LIMNER_OK);
}

static void blink(fixture *x, float amount)
{
    limner_motion m = x->flat.rig.photo;

    m.expression[LIMNER_EYE_BLINK_LEFT] = m.expression[LIMNER_EYE_BLINK_RIGHT] = amount;
    limner_rig_express(&x->flat.rig, &m, false);
    limner_lids_update(&x->lids, &x->flat.rig);
}

/* A channel at the middle of an eye, `over` cm over one of its lines. */
static float seen_channel(const fixture *x, int side, bool is_upper, float over, int channel)
{
    const limner_face_contact *line = x->flat.rig.lids[side].line;
    const uint32_t v = is_upper ? line->upper[line->n / 2] : line->lower[line->n / 2];
    const float u = x->flat.rig.rest[0][v], y = x->flat.rig.rest[1][v] - over * SCALE;
    float rgba[4];

    limner_texture_sample(&x->flat.photo, u, y, rgba);
    limner_lids_mix(&x->lids, u, y, 1, rgba);
    return rgba[channel];
}

static float seen(const fixture *x, int side, bool is_upper, float over)
{
    return seen_channel(x, side, is_upper, over, 1);
}

static void shut_lids_are_skin_with_a_dark_edge(void **state)
{
    fixture *x = *state;

    blink(x, 1);
    assert_true(x->lids.is_any);
    for (int side = 0; side < 2; side++) {
        assert_true(seen(x, side, true, 0.02f) < 0.6f * SKIN);          /* lashes */
        assert_true(seen(x, side, false, -0.03f) < 0.6f * SKIN);
        assert_true(fabsf(seen(x, side, true, 0.25f) - SKIN) < 12);     /* skin */
        assert_true(fabsf(seen(x, side, true, 0.6f) - SKIN) < 12);
        assert_true(seen(x, side, true, -0.2f) < SKIN + 12);            /* no white behind */
        assert_true(seen(x, side, false, -0.12f) < SKIN + 6);           /* or below */
        assert_true(fabsf(seen(x, side, false, -0.6f) - SKIN) < 1);
    }
}

/* Mean of what is seen between two heights over the upper lid's edge. */
static float mean_seen(const fixture *x, int side, float from, float to)
{
    float sum = 0;

    for (int i = 0; i <= 20; i++)
        sum += seen(x, side, true, from + (to - from) * (float)i / 20);
    return sum / 21;
}

/* A dark line across the lid stays as a crease; skin lies above and below. */
static void the_fold_stays_as_a_crease(void **state)
{
    fixture *x = *state;
    const float fold = 0.45f;

    draw_eyes(x, 0);
    for (int side = 0; side < 2; side++) {
        const limner_face_contact *line = x->flat.rig.lids[side].line;

        for (uint32_t i = 0; i + 1 < line->n; i++) {
            const float a = x->flat.rig.rest[0][line->upper[i]];
            const float b = x->flat.rig.rest[0][line->upper[i + 1]];
            const int row = (int)(x->flat.rig.rest[1][line->upper[i]] - fold * SCALE);

            for (int c = (int)fminf(a, b); c <= (int)fmaxf(a, b); c++)
                set_pixel(&x->flat.photo, c, row, SKIN / 2, SKIN / 2);
        }
    }
    reopen(x);
    blink(x, 1);
    for (int side = 0; side < 2; side++) {
        const float crease = mean_seen(x, side, fold - 0.03f, fold + 0.03f);

        assert_true(crease < 0.97f * mean_seen(x, side, fold - 0.25f, fold - 0.2f));
        assert_true(crease < 0.97f * mean_seen(x, side, fold + 0.2f, fold + 0.25f));
        assert_true(crease > 0.6f * SKIN);
    }
}

/* Skin from..to cm over the upper lids' corners in another colour. */
static void draw_band(fixture *x, float from, float to, uint8_t red, uint8_t grey)
{
    const float line = x->flat.rig.rest[1][x->flat.rig.lids[0].line->upper[0]];

    for (int y = 0; y < S; y++)
        for (int i = 0; i < S; i++) {
            const float up = (line - (float)y) / SCALE;

            if (up > from && up < to && limner_texture_at(&x->flat.photo, i, y)[1] == SKIN)
                set_pixel(&x->flat.photo, i, y, red, grey);
        }
}

/* An eye in its brow's shadow over a cheek in the light: the lid stays in the shadow. */
static void a_lid_in_shadow_is_not_lifted_to_the_light_below(void **state)
{
    const int dark = SKIN / 2;
    fixture *x = *state;

    draw_eyes(x, 0);
    draw_band(x, 0, S, (uint8_t)(dark + 15), (uint8_t)dark);
    reopen(x);
    blink(x, 1);
    for (int side = 0; side < 2; side++)
        assert_true(fabsf(mean_seen(x, side, 0.3f, 0.5f) / (float)dark - 1) < 0.15f);
}

/* The hollow under the brow is dark, the forehead in the light as the cheek is: the lid comes out
 * into it. */
static void a_lid_comes_out_of_its_hollow(void **state)
{
    const int dark = SKIN / 2;
    fixture *x = *state;

    draw_eyes(x, 0);
    draw_band(x, -0.2f, 1.6f, (uint8_t)(dark + 15), (uint8_t)dark);
    reopen(x);
    blink(x, 1);
    for (int side = 0; side < 2; side++) {
        const float light = mean_seen(x, side, 0.12f, 0.2f);

        assert_true(light > 1.3f * (float)dark && light < SKIN);
    }
}

/* The same under a brow close over the eye: dark and grey, it is no skin. */
static void a_low_brow_does_not_grey_the_lid(void **state)
{
    const int hollow = 7 * SKIN / 10;
    fixture *x = *state;

    draw_eyes(x, 0);
    draw_band(x, -0.2f, 0.9f, (uint8_t)(hollow + 21), (uint8_t)hollow);
    draw_band(x, 0.9f, 1.7f, 40, 40);
    reopen(x);
    blink(x, 1);
    for (int side = 0; side < 2; side++) {
        assert_true(mean_seen(x, side, 0.12f, 0.2f) > 0.8f * (float)hollow);
        assert_true(seen_channel(x, side, true, 0.2f, 0) > seen(x, side, true, 0.2f) + 10);
    }
}

static void open_eyes_stay_as_they_are(void **state)
{
    fixture *x = *state;

    blink(x, 0);
    assert_false(x->lids.is_any);
    for (int side = 0; side < 2; side++) {
        const limner_face_contact *line = x->flat.rig.lids[side].line;

        for (uint32_t i = 0; i < line->n; i++)
            assert_false(limner_lids_holds(&x->lids, x->flat.rig.rest[0][line->upper[i]],
                                           x->flat.rig.rest[1][line->upper[i]]));
    }
}

static void lashes_reach_the_lower_lid_last(void **state)
{
    fixture *x = *state;
    float below;

    blink(x, 0);
    below = seen(x, 0, false, -0.03f);
    blink(x, 0.4f);
    assert_true(x->lids.skin[0].amount > 0);
    assert_true(fabsf(seen(x, 0, false, -0.03f) - below) < 1);
}

static void running_out_of_memory_is_clean(void **state)
{
    fixture *x = *state;
    limner_status st = LIMNER_E_NOMEM;
    limner_lids lids;

    for (size_t n = 1; st != LIMNER_OK; n++) {
        const size_t before = limner_mem_live();

        assert_true(n < 1000);
        limner_mem_fail_after(n);
        st = limner_lids_open(&lids, &x->flat.rig, &x->flat.photo);
        limner_mem_fail_after(0);
        if (st == LIMNER_OK)
            limner_lids_close(&lids);
        assert_int_equal(limner_mem_live(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_eyes_stay_as_they_are),
        cmocka_unit_test(shut_lids_are_skin_with_a_dark_edge),
        cmocka_unit_test(running_out_of_memory_is_clean),
        cmocka_unit_test(lashes_reach_the_lower_lid_last),
        cmocka_unit_test(the_fold_stays_as_a_crease),
        cmocka_unit_test(a_lid_in_shadow_is_not_lifted_to_the_light_below),
        cmocka_unit_test(a_lid_comes_out_of_its_hollow),
        cmocka_unit_test(a_low_brow_does_not_grey_the_lid),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
