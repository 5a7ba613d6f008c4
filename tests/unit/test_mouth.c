/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of one portrait's mouth: its front teeth are the brightest, the lower ones stay so as
 * the jaw swings back, open mouths light them and slits do not; the tongue shows in the shade
 * behind them unless it is put out, the lower lip's inner side is lit, and two faces with the same
 * colours show other teeth. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flat_face.h"
#include "render/mouth.h"

enum { S = 256 };

typedef struct fixture {
    flat_face flat;
    limner_core core;
    limner_mouth mouth;
    limner_plane *planes;
    limner_drawlist list;
} fixture;

static void set_colour(float out[3], float r, float g, float b)
{
    out[0] = r;
    out[1] = g;
    out[2] = b;
}

/* A skin-coloured photo of a face with closed lips; `identity` of each coefficient in turn signs;
 * teeth_seen: share of teeth between its lips. */
static fixture *open_photo(float identity, float teeth_seen)
{
    fixture *x = calloc(1, sizeof(*x));
    limner_appearance *app;

    assert_non_null(x);
    app = &x->flat.app;
    open_flat_face(&x->flat, S, 12);
    for (int i = 0; i < LIMNER_N_IDENTITY; i++)
        app->fit.identity[i] = i % 3 ? identity : -identity;
    set_colour(app->skin_rgb, 220, 175, 150);
    set_colour(app->lip_rgb, 200, 115, 100);
    set_colour(app->tooth_rgb, 215, 200, 180);
    set_colour(app->gum_rgb, 200, 110, 95);
    set_colour(app->tongue_rgb, 200, 110, 95);
    app->light[0] = 3;
    app->teeth_seen = teeth_seen;
    for (int32_t i = 0; i < S * S; i++)
        memset(limner_texture_at(&x->flat.photo, i % S, i / S), 180, 3);
    limner_texture_seal(&x->flat.photo);
    open_flat_rig(&x->flat);
    assert_int_equal(limner_core_open(&x->core, &x->flat.rig), LIMNER_OK);
    assert_int_equal(limner_mouth_open(&x->mouth, &x->flat.rig, &x->core, app, &x->flat.photo),
                     LIMNER_OK);
    x->planes = limner_alloc(x->mouth.n_triangles, sizeof(*x->planes));
    assert_non_null(x->planes);
    assert_int_equal(limner_drawlist_open(&x->list, x->mouth.n_triangles, 0, x->planes, 0, S),
                     LIMNER_OK);
    return x;
}

static fixture *open_mouth(float identity)
{
    return open_photo(identity, 0);
}

static void close_mouth(fixture *x)
{
    limner_drawlist_close(&x->list);
    limner_mem_free(x->planes);
    limner_mouth_close(&x->mouth);
    limner_core_close(&x->core);
    close_flat_face(&x->flat);
    free(x);
}

static int nothing_is_left(void **state)
{
    (void)state;
    return limner_mem_live() != 0;
}

static void draw_jaw(fixture *x, float jaw, float tongue_out)
{
    limner_motion m = x->flat.rig.photo;
    limner_pose pose;

    m.expression[LIMNER_JAW_OPEN] = jaw;
    m.expression[LIMNER_TONGUE_OUT] = tongue_out;
    limner_pose_make(&pose, &x->flat.rig.pose_frame, &m);
    limner_rig_express(&x->flat.rig, &m, true);
    limner_rig_move(&x->flat.rig, &pose, true);
    limner_drawlist_begin(&x->list);
    limner_mouth_draw(&x->mouth, &x->flat.rig, &pose, tongue_out, &x->list);
}

/* A frame with the jaw half open. */
static void draw(fixture *x, float tongue_out)
{
    draw_jaw(x, 0.5f, tongue_out);
}

/* Mean green of a row's vertices from..to cm beside the middle, not far behind. */
static float row_at(const fixture *x, limner_face_part row, float from, float to)
{
    const limner_face *face = x->flat.face;
    const limner_face_range *p = &face->part[row];
    float sum = 0, n = 0;

    for (uint32_t i = p->first_vertex; i < p->first_vertex + p->n_vertices; i++) {
        const float side = fabsf(face->mean[i]);

        if (side >= from && side < to && x->mouth.facing[3 * (size_t)i + 2] > 0.3f) {
            sum += x->mouth.rgb[1][i];
            n++;
        }
    }
    return sum / n;
}

static float teeth_at(const fixture *x, float from, float to)
{
    return row_at(x, LIMNER_PART_TEETH_UPPER, from, to);
}

static void front_teeth_are_the_brightest(void **state)
{
    fixture *x = open_mouth(0);

    (void)state;
    draw(x, 0);
    assert_true(teeth_at(x, 0, 0.8f) > 170);
    assert_true(teeth_at(x, 0.8f, 1.4f) < 0.97f * teeth_at(x, 0, 0.8f));
    assert_true(teeth_at(x, 1.4f, 2) < 0.85f * teeth_at(x, 0.8f, 1.4f));
    close_mouth(x);
}

/* The colour of teeth that the photo shows has the shade of its lips in it already. */
static void teeth_seen_in_the_photo_are_not_shaded_twice(void **state)
{
    fixture *guessed = open_mouth(0), *seen = open_photo(0, 0.3f);

    (void)state;
    draw(guessed, 0);
    draw(seen, 0);
    assert_true(row_at(seen, LIMNER_PART_TEETH_LOWER, 0, 0.8f) >
                1.03f * row_at(guessed, LIMNER_PART_TEETH_LOWER, 0, 0.8f));
    close_mouth(guessed);
    close_mouth(seen);
}

static void the_jaw_does_not_darken_the_lower_row(void **state)
{
    fixture *x = open_mouth(0);
    float before;

    (void)state;
    draw_jaw(x, 0.1f, 0);
    before = row_at(x, LIMNER_PART_TEETH_LOWER, 0, 0.8f);
    draw_jaw(x, 0.6f, 0);
    assert_true(row_at(x, LIMNER_PART_TEETH_LOWER, 0, 0.8f) > 0.92f * before);
    close_mouth(x);
}

/* Light on a tooth halfway between lips open_cm apart; rgb: the colour at a quarter of the opening
 * from the lower lip, without the lips' edges and with them. */
static float light_between(fixture *x, float open_cm, float rgb[2][3])
{
    const float px = 12 * open_cm, middle[3] = {0.5f, px, 0}, low[3] = {0.75f, px, 0};
    limner_plane *p = x->list.plane;
    float at[2], out[3];

    at[0] = x->flat.rig.at[0][x->flat.face->lips.upper[0]];
    at[1] = x->flat.rig.at[1][x->flat.face->lips.upper[0]];
    while (x->list.kind[p - x->list.plane] != LIMNER_MOUTH_TOOTH ||
           limner_plane_at(p, 0, at[0], at[1]) < 50)
        p++;
    for (int k = 0; k < 2; k++)
        limner_mouth_shade(&x->mouth, p, k ? p : NULL, at[0], at[1], low, rgb[k]);
    limner_mouth_shade(&x->mouth, p, NULL, at[0], at[1], middle, out);
    return out[0] / limner_plane_at(p, 0, at[0], at[1]);
}

static void open_mouths_light_teeth_and_slits_do_not(void **state)
{
    fixture *x = open_mouth(0);
    float rgb[2][3];

    (void)state;
    draw_jaw(x, 0.1f, 0);
    assert_true(light_between(x, 0.15f, rgb) < 0.42f);
    assert_true(light_between(x, 0.5f, rgb) > 0.8f);
    assert_true(light_between(x, 1, rgb) > 0.92f);
    close_mouth(x);
}

/* A narrow slit is a dark line between the lips' edges. */
static void edges_leave_a_slit_dark(void **state)
{
    fixture *x = open_mouth(0);
    float rgb[2][3];

    (void)state;
    draw_jaw(x, 0.1f, 0);
    light_between(x, 0.16f, rgb);
    assert_true(rgb[1][0] - rgb[0][0] < 0.05f * x->mouth.rim[1][0]);
    close_mouth(x);
}

/* The inner side of the lower lip lies in the light, the upper one's in its own shade. */
static void the_lower_lip_s_inner_side_is_lit(void **state)
{
    fixture *x = open_mouth(0);
    const float px = 12, upper[3] = {0.005f, px, 0}, lower[3] = {0.995f, px, 0};
    float at[2], rgb[2][3];

    (void)state;
    draw_jaw(x, 0.5f, 0);
    for (int k = 0; k < 2; k++)
        at[k] = x->flat.rig.at[k][x->flat.face->lips.upper[0]];
    limner_mouth_shade(&x->mouth, NULL, x->list.plane, at[0], at[1], upper, rgb[0]);
    limner_mouth_shade(&x->mouth, NULL, x->list.plane, at[0], at[1], lower, rgb[1]);
    assert_true(rgb[1][0] > 0.7f * x->flat.app.lip_rgb[0]);
    assert_true(rgb[0][0] < 0.7f * rgb[1][0]);
    close_mouth(x);
}

/* Between the rows an open mouth shows the tongue, not a hole. */
static void an_open_mouth_shows_the_tongue(void **state)
{
    fixture *x = open_mouth(0);
    const float px = 14, middle[3] = {0.5f, px, 0};
    float most = 0;

    (void)state;
    draw_jaw(x, 0.5f, 0);
    for (uint32_t i = 0; i < x->list.n; i++) {
        const limner_plane *p = &x->list.plane[i];
        float rgb[3];

        if (x->list.kind[i] != LIMNER_MOUTH_TONGUE)
            continue;
        limner_mouth_shade(&x->mouth, p, NULL, p->x, p->y, middle, rgb);
        most = fmaxf(most, rgb[0]);
    }
    assert_true(most > 0.92f * x->flat.app.lip_rgb[0]);
    close_mouth(x);
}

static void the_tongue_lies_behind_the_teeth(void **state)
{
    fixture *x = open_mouth(0);
    const float *teeth = x->mouth.deep_px[LIMNER_MOUTH_INSIDE];
    const float *tongue = x->mouth.deep_px[LIMNER_MOUTH_TONGUE];

    (void)state;
    draw(x, 0);
    for (int k = 0; k < 2; k++)
        assert_true(tongue[k] > teeth[k] + 2);
    draw(x, 1);
    for (int k = 0; k < 2; k++)
        assert_float_equal(tongue[k], teeth[k], 1e-4);
    close_mouth(x);
}

static void people_s_teeth_differ_in_shade(void **state)
{
    fixture *a = open_mouth(1), *b = open_mouth(-1), *c = open_mouth(1);

    (void)state;
    draw(a, 0);
    draw(b, 0);
    draw(c, 0);
    assert_true(fabsf(teeth_at(a, 0, 0.8f) / teeth_at(b, 0, 0.8f) - 1) > 0.005f);
    assert_memory_equal(a->mouth.rgb[1], c->mouth.rgb[1], a->mouth.n_vertices * sizeof(float));
    close_mouth(a);
    close_mouth(b);
    close_mouth(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(front_teeth_are_the_brightest, nothing_is_left),
        cmocka_unit_test_teardown(teeth_seen_in_the_photo_are_not_shaded_twice, nothing_is_left),
        cmocka_unit_test_teardown(the_jaw_does_not_darken_the_lower_row, nothing_is_left),
        cmocka_unit_test_teardown(open_mouths_light_teeth_and_slits_do_not, nothing_is_left),
        cmocka_unit_test_teardown(edges_leave_a_slit_dark, nothing_is_left),
        cmocka_unit_test_teardown(the_lower_lip_s_inner_side_is_lit, nothing_is_left),
        cmocka_unit_test_teardown(an_open_mouth_shows_the_tongue, nothing_is_left),
        cmocka_unit_test_teardown(the_tongue_lies_behind_the_teeth, nothing_is_left),
        cmocka_unit_test_teardown(people_s_teeth_differ_in_shade, nothing_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
