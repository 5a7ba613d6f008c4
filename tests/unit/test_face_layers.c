/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of the portrait's face on pictures made by formula, so that what lies under the lids
 * and between the lips is known: a drawn eye and mouth, and a head lit by dots. */
#include "portrait/layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "face/skin_light.h"
#include "shipped_face.h"

/* ---- the eye and the mouth ---- */

enum { FACE = 512 };

static const int lids[2][16] = {
    { 263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466 },
    { 33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246 }
};

static const float eye_x[2] = { 330.0f, 180.0f };

#define EYE_Y 220.0f
#define EYE_HALF 34.0f          /* of its width */
#define EYE_OPEN 11.0f          /* half height */
#define IRIS 12.5f

/* < 1 inside the almond of an eye. */
static float almond(float x, float y, int side)
{
    const float u = (x - eye_x[side]) / EYE_HALF;

    return u * u + fabsf(y - EYE_Y) / EYE_OPEN;
}

static void draw_eye_pixel(float x, float y, int side, uint8_t *px)
{
    const float r = hypotf(x - eye_x[side], y - EYE_Y);
    const float spot = hypotf(x - eye_x[side] - 4.0f, y - EYE_Y + 4.0f);
    const uint8_t white[3] = { 210, 205, 200 }, iris[3] = { 70, 90, 120 };
    const uint8_t pupil[3] = { 15, 12, 10 }, light[3] = { 250, 250, 250 };

    if (almond(x, y, side) > 1.0f)
        return;
    memcpy(px, spot < 2.2f ? light : r < 5.0f ? pupil : r < IRIS ? iris : white, 3);
}

static void open_face(limner_appearance *app)
{
    memset(app, 0, sizeof(*app));
    app->size_px = FACE;
    assert_int_equal(limner_image_open(&app->photo, FACE, FACE, 3), LIMNER_OK);
    for (int i = 0; i < FACE * FACE; i++) {
        const uint8_t tone[3] = { 200, 150, 120 };
        uint8_t *px = app->photo.px + 3 * i;
        memcpy(px, tone, 3);
        for (int side = 0; side < 2; side++)
            draw_eye_pixel((float)(i % FACE) + 0.5f, (float)(i / FACE) + 0.5f, side, px);
    }
    for (int side = 0; side < 2; side++) {
        float(*iris)[3] = app->landmarks + (side ? 468 : 473);
        for (int k = 0; k < 16; k++) {
            /* From the outer corner below, through the inner one, back above. */
            const float out = side ? -1.0f : 1.0f;
            const float u = k <= 8 ? 1.0f - 0.25f * (float)k : -1.0f + 0.25f * (float)(k - 8);
            const float open = EYE_OPEN * (1.0f - u * u);
            app->landmarks[lids[side][k]][0] = eye_x[side] + out * u * EYE_HALF;
            app->landmarks[lids[side][k]][1] = EYE_Y + (k <= 8 ? open : -open);
        }
        for (int k = 0; k < 5; k++) {
            iris[k][0] = eye_x[side] + (k == 1 ? IRIS : k == 3 ? -IRIS : 0.0f);
            iris[k][1] = EYE_Y + (k == 2 ? IRIS : k == 4 ? -IRIS : 0.0f);
        }
    }
}

/* A face as above whose eyes are layers. */
static void open_layers(limner_appearance *app)
{
    open_face(app);
    assert_int_equal(limner_layers_eyes(app, NULL), LIMNER_OK);
}

static const uint8_t *at(const limner_image *img, float x, float y)
{
    return limner_image_row(img, (uint32_t)y) + (int)x * (int)img->n_channels;
}

/* Eye and highlight are the photo; a highlight's own tint may be lost. */
static void check_seen_pixel(const limner_appearance *app, int i)
{
    int left = 255;

    for (int c = 0; c < 3; c++) {
        const int more = app->photo.px[3 * i + c] - app->eyes.px[3 * i + c] - app->highlight.px[i];
        assert_true(more >= -1);
        left = more < left ? more : left;
        if (!app->highlight.px[i])
            assert_true(more <= 1);
    }
    assert_true(left <= 1);
}

static void eye_layer_is_the_photo_where_seen(void **state)
{
    limner_appearance app;

    (void)state;
    open_layers(&app);
    for (int i = 0; i < FACE * FACE; i++)
        for (int side = 0; side < 2; side++)
            if (almond((float)(i % FACE) + 0.5f, (float)(i / FACE) + 0.5f, side) < 0.5f)
                check_seen_pixel(&app, i);
    limner_appearance_close(&app);
}

static void highlight_is_taken_out(void **state)
{
    limner_appearance app;

    (void)state;
    open_layers(&app);
    for (int side = 0; side < 2; side++) {
        assert_true(*at(&app.highlight, eye_x[side] + 4, EYE_Y - 4) > 120);
        assert_true(at(&app.eyes, eye_x[side] + 4, EYE_Y - 4)[1] < 120);
        assert_int_equal(*at(&app.highlight, eye_x[side] - 8, EYE_Y), 0);
        assert_int_equal(*at(&app.highlight, eye_x[side] + 20, EYE_Y), 0);
    }
    limner_appearance_close(&app);
}

static void eyeball_goes_on_under_the_lids(void **state)
{
    limner_appearance app;

    (void)state;
    open_layers(&app);
    for (int side = 0; side < 2; side++) {
        const limner_eye *eye = &app.eye[side];
        /* Skin in the photo: iris and sclera in the layer. */
        const uint8_t *iris = at(&app.eyes, eye_x[side] + 3, EYE_Y - IRIS + 1.5f);
        const uint8_t *white = at(&app.eyes, eye_x[side] + 22, EYE_Y - 14);
        assert_true(iris[2] > iris[0] && iris[0] < 110);
        assert_true(white[0] > 150 && white[0] - white[2] < 40);
        assert_float_equal(eye->iris_x, eye_x[side], 1.0f);
        assert_float_equal(eye->iris_y, EYE_Y, 1.0f);
        assert_float_equal(eye->iris_radius, IRIS, 1.0f);
        assert_float_equal(eye->aperture, EYE_OPEN / EYE_HALF, 0.1f);
    }
    limner_appearance_close(&app);
}

/* The white's shading across the eye, as a light from one side gives. */
static float shaded_white(float x, int side)
{
    return 195.0f + 0.5f * (x - eye_x[side]);
}

static void white_keeps_its_shading_under_the_lids(void **state)
{
    limner_appearance app;

    (void)state;
    open_face(&app);
    for (int i = 0; i < FACE * FACE; i++)
        for (int side = 0; side < 2; side++) {
            const float x = (float)(i % FACE) + 0.5f, y = (float)(i / FACE) + 0.5f;
            if (almond(x, y, side) <= 1.0f && hypotf(x - eye_x[side], y - EYE_Y) >= IRIS)
                memset(app.photo.px + 3 * i, (int)lrintf(shaded_white(x, side)), 3);
        }
    assert_int_equal(limner_layers_eyes(&app, NULL), LIMNER_OK);
    for (int side = 0; side < 2; side++)
        for (float x = eye_x[side] - 26.0f; x <= eye_x[side] + 26.0f; x += 4.0f)
            for (int c = 0; c < 3; c++) {
                /* Skin in the photo. */
                assert_float_equal(at(&app.eyes, x, EYE_Y - 17)[c], shaded_white(x, side), 7.0f);
                assert_float_equal(at(&app.eyes, x, EYE_Y + 17)[c], shaded_white(x, side), 7.0f);
            }
    limner_appearance_close(&app);
}

static void larger_iris_than_the_landmarks_say_is_found(void **state)
{
    const uint8_t iris[3] = { 90, 130, 170 };
    limner_appearance app;

    (void)state;
    open_face(&app);
    for (int i = 0; i < FACE * FACE; i++)
        for (int side = 0; side < 2; side++) {
            const float x = (float)(i % FACE) + 0.5f, y = (float)(i / FACE) + 0.5f;
            const float d = hypotf(x - eye_x[side] - 2.0f, y - EYE_Y);
            if (almond(x, y, side) <= 1.0f && d > 5.0f && d < 1.4f * IRIS)
                memcpy(app.photo.px + 3 * i, iris, 3);
        }
    assert_int_equal(limner_layers_eyes(&app, NULL), LIMNER_OK);
    for (int side = 0; side < 2; side++) {
        assert_float_equal(app.eye[side].iris_x, eye_x[side] + 2.0f, 1.5f);
        assert_float_equal(app.eye[side].iris_radius, 1.4f * IRIS, 1.5f);
        assert_true(at(&app.eyes, eye_x[side] + 2, EYE_Y - 1.2f * IRIS)[2] >
                    at(&app.eyes, eye_x[side] + 2, EYE_Y - 1.2f * IRIS)[0] + 40);
        /* The white does not take its colour. */
        assert_true(at(&app.eyes, eye_x[side] + 26, EYE_Y - 14)[0] > 150);
    }
    limner_appearance_close(&app);
}

static void shut_eyes_are_survived(void **state)
{
    limner_appearance app;

    (void)state;
    open_face(&app);
    for (int i = 0; i < LIMNER_N_LANDMARK; i++)
        app.landmarks[i][1] = EYE_Y;
    assert_int_equal(limner_layers_eyes(&app, NULL), LIMNER_OK);
    limner_appearance_close(&app);
    open_face(&app);
    memset(app.landmarks, 0, sizeof(app.landmarks));
    assert_int_equal(limner_layers_eyes(&app, NULL), LIMNER_OK);
    assert_int_equal(limner_layers_colours(&app, NULL), LIMNER_OK);
    limner_appearance_close(&app);
}

static const int inner_lips[20] = { 78, 191, 80, 81, 82, 13, 312, 311, 310, 415,
                                    308, 324, 318, 402, 317, 14, 87, 178, 88, 95 };
static const int outer_lips[20] = { 61, 185, 40, 39, 37, 0, 267, 269, 270, 409,
                                    291, 375, 321, 405, 314, 17, 84, 181, 91, 146 };

/* A mouth of half width 60 at (255, 380), open by 2 * `open`, teeth in it if is_smile. */
static void draw_mouth(limner_appearance *app, float open, int is_smile)
{
    static const uint8_t lip[3] = { 180, 90, 85 }, tooth[3] = { 225, 220, 205 };
    static const uint8_t dark[3] = { 60, 25, 25 };
    static const int cheeks[] = { 50, 280, 101, 330, 151, 9, 205, 425 };

    for (int k = 0; k < 20; k++) {
        const float turn = 3.14159265f * (float)k / 10.0f;
        float *in = app->landmarks[inner_lips[k]], *out = app->landmarks[outer_lips[k]];
        in[0] = 255.0f - 56.0f * cosf(turn);
        in[1] = 380.0f - open * sinf(turn);
        out[0] = 255.0f - 60.0f * cosf(turn);
        out[1] = 380.0f - (open + 14.0f) * sinf(turn);
    }
    for (size_t k = 0; k < sizeof(cheeks) / sizeof(cheeks[0]); k++) {
        app->landmarks[cheeks[k]][0] = 120.0f + 30.0f * (float)k;
        app->landmarks[cheeks[k]][1] = 300.0f;
    }
    app->landmarks[234][0] = 80.0f;
    app->landmarks[454][0] = 430.0f;
    for (int i = 0; i < FACE * FACE; i++) {
        const float x = ((float)(i % FACE) + 0.5f - 255.0f), y = (float)(i / FACE) + 0.5f - 380.0f;
        const float inner = hypotf(x / 56.0f, y / fmaxf(open, 0.1f));
        if (hypotf(x / 60.0f, y / (open + 14.0f)) > 1.0f)
            continue;
        memcpy(app->photo.px + 3 * i,
               inner > 1.0f ? lip : is_smile && fabsf(y) < 0.6f * open ? tooth : dark, 3);
    }
}

static void run_colours(limner_appearance *app, float open, int is_smile, int is_grey)
{
    open_face(app);
    draw_mouth(app, open, is_smile);
    for (int i = 0; i < FACE * FACE && is_grey; i++) {
        uint8_t *px = app->photo.px + 3 * i;
        px[0] = px[1] = px[2] = (uint8_t)((px[0] + 2 * px[1] + px[2]) / 4);
    }
    assert_int_equal(limner_layers_eyes(app, NULL), LIMNER_OK);
    assert_int_equal(limner_layers_colours(app, NULL), LIMNER_OK);
}

static void teeth_are_measured_where_seen(void **state)
{
    limner_appearance app;

    (void)state;
    run_colours(&app, 16.0f, 1, 0);
    assert_float_equal(app.skin_rgb[0], 200.0f, 2.0f);
    assert_float_equal(app.lip_rgb[1], 90.0f, 4.0f);
    assert_float_equal(app.tooth_rgb[0], 225.0f, 4.0f);
    assert_float_equal(app.tooth_rgb[2], 205.0f, 4.0f);
    assert_true(app.teeth_seen > 0.4f && app.teeth_seen < 0.95f);
    limner_appearance_close(&app);
    for (int k = 0; k < 2; k++) {
        run_colours(&app, k ? 16.0f : 0.5f, 0, 0);
        assert_float_equal(app.teeth_seen, 0.0f, 0.001f);
        assert_true(app.tooth_rgb[0] > 165.0f && app.tooth_rgb[2] > 130.0f);
        assert_true(app.tooth_rgb[0] - app.tooth_rgb[2] < 40.0f);
        assert_true(app.gum_rgb[0] > app.gum_rgb[1] + 30.0f);
        limner_appearance_close(&app);
    }
}

/* Cheeks and eyes behind dark glasses or under a hat: the lips tell how light it is. */
static void teeth_outshine_the_lips_of_a_shaded_face(void **state)
{
    limner_appearance app;

    (void)state;
    open_face(&app);
    draw_mouth(&app, 0.5f, 0);
    for (size_t i = 0; i < (size_t)3 * FACE * 340; i++)
        app.photo.px[i] = (uint8_t)(app.photo.px[i] * 35 / 100);
    assert_int_equal(limner_layers_eyes(&app, NULL), LIMNER_OK);
    assert_int_equal(limner_layers_colours(&app, NULL), LIMNER_OK);
    assert_true(app.skin_rgb[0] < 100 && app.lip_rgb[0] > 150);
    assert_true(app.tooth_rgb[1] > 1.25f * app.lip_rgb[1]);
    assert_true(app.tooth_rgb[0] > 0.8f * app.lip_rgb[0]);
    limner_appearance_close(&app);
}

static void grey_picture_has_a_grey_mouth(void **state)
{
    limner_appearance app;

    (void)state;
    run_colours(&app, 0.5f, 0, 1);
    for (int c = 1; c < 3; c++) {
        assert_float_equal(app.tooth_rgb[c], app.tooth_rgb[0], 3.0f);
        assert_float_equal(app.gum_rgb[c], app.gum_rgb[0], 3.0f);
        assert_float_equal(app.tongue_rgb[c], app.tongue_rgb[0], 3.0f);
    }
    limner_appearance_close(&app);
}

/* ---- light ---- */

/* Dots of brightness ambient + (direction . normal) on every vertex that faces the camera; a tenth
 * of them, at random, black: hair. */
static void draw_lit_face(limner_appearance *app, const limner_face *face, const float *xyz,
                          const float *normal, const float light[4])
{
    const size_t stride = face->stride;
    uint32_t seed = 7;

    for (size_t i = 0; i < face->part[LIMNER_PART_HEAD].n_vertices; i++) {
        const float value = 120.0f * (light[0] + light[1] * normal[i] +
                                      light[2] * normal[stride + i] +
                                      light[3] * normal[2 * stride + i]);
        const int x = (int)(app->fit.scale * xyz[i] + app->fit.tx);
        const int y = (int)(-app->fit.scale * xyz[stride + i] + app->fit.ty);
        seed = seed * 1664525u + 1013904223u;
        for (int v = y - 3; v <= y + 3 && normal[2 * stride + i] > 0.1f; v++)
            for (int u = x - 3; u <= x + 3; u++)
                if (u >= 0 && v >= 0 && u < FACE && v < FACE)
                    memset(limner_image_row(&app->photo, (uint32_t)v) + 3 * u,
                           seed >> 24 < 25 ? 10 : (int)fminf(fmaxf(value, 0.0f), 255.0f), 3);
    }
}

static float lit(const float l[9], float x, float y, float z)
{
    return 0.282095f * l[0] + 0.488603f * (l[1] * y + l[2] * z + l[3] * x) +
           1.092548f * (l[4] * x * y + l[5] * y * z + l[7] * x * z) +
           0.315392f * l[6] * (3.0f * z * z - 1.0f) + 0.546274f * l[8] * (x * x - y * y);
}

static void light_is_found_and_tame(void **state)
{
    /* From the front, from the image's right, from above, from behind (senseless). */
    static const float lights[4][4] = { { 0.6f, 0, 0, 0.5f }, { 0.6f, 0.4f, 0, 0.4f },
                                        { 0.6f, 0, 0.35f, 0.4f }, { 1.2f, 0, 0, -1.2f } };
    limner_face *face = open_shipped_face();
    float *xyz = malloc(2 * limner_face_xyz_floats(face) * sizeof(*xyz));
    float *normal = xyz + limner_face_xyz_floats(face);

    (void)state;
    for (int k = 0; k < 4; k++) {
        const float *l = lights[k];
        limner_appearance app;
        open_face(&app);
        app.fit.scale = 18.0f;
        app.fit.tx = app.fit.ty = FACE / 2;
        for (int i = 0; i < 9; i += 4)
            app.fit.rotation[i] = 1.0f;
        limner_face_shape(face, NULL, NULL, xyz);
        limner_face_normals(face, xyz, normal);
        draw_lit_face(&app, face, xyz, normal, l);
        assert_int_equal(limner_layers_light(&app, face), LIMNER_OK);
        for (int i = 0; i < 16 && k < 3; i++) {
            const float turn = 6.2831853f * (float)i / 16.0f;
            const float x = 0.5f * cosf(turn), y = 0.5f * sinf(turn), z = 0.866f;
            const float want = (l[0] + l[1] * x + l[2] * y + l[3] * z) / (l[0] + l[3]);
            const float got = lit(app.light, x, y, z) / lit(app.light, 0.0f, 0.0f, 1.0f);
            assert_float_equal(got, want, 0.12f);
        }
        for (int i = 0; i < 64; i++) {
            const float turn = 6.2831853f * (float)i / 64.0f;
            const float value = lit(app.light, 0.9f * cosf(turn), 0.9f * sinf(turn), 0.436f);
            assert_true(value > 0.1f && value < 2.5f);
        }
        limner_appearance_close(&app);
    }
    free(xyz);
    limner_face_close(&face);
}

static void slope_of_the_light_is_its_change(void **state)
{
    static const float light[9] = {1.1f, 0.3f, -0.4f, 0.25f, 0.2f, -0.15f, 0.1f, 0.35f, -0.3f};
    const float n[3] = {0.48f, -0.6f, 0.64f}, step = 0.01f;
    float slope[3];

    (void)state;
    limner_light_slope(slope, light, n);
    for (int k = 0; k < 3; k++) {
        float less[3], more[3];

        for (int i = 0; i < 3; i++) {
            less[i] = n[i] - step * (float)(i == k);
            more[i] = n[i] + step * (float)(i == k);
        }
        assert_float_equal(slope[k], (lit(light, more[0], more[1], more[2]) -
                                      lit(light, less[0], less[1], less[2])) / (2.0f * step),
                           1e-3f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eye_layer_is_the_photo_where_seen),
        cmocka_unit_test(highlight_is_taken_out),
        cmocka_unit_test(eyeball_goes_on_under_the_lids),
        cmocka_unit_test(white_keeps_its_shading_under_the_lids),
        cmocka_unit_test(larger_iris_than_the_landmarks_say_is_found),
        cmocka_unit_test(shut_eyes_are_survived),
        cmocka_unit_test(teeth_are_measured_where_seen),
        cmocka_unit_test(teeth_outshine_the_lips_of_a_shaded_face),
        cmocka_unit_test(grey_picture_has_a_grey_mouth),
        cmocka_unit_test(light_is_found_and_tame),
        cmocka_unit_test(slope_of_the_light_is_its_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
