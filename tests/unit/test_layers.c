/* SPDX-License-Identifier: Apache-2.0 */
/* The portrait's pixel layers on pictures made by formula, so that the true matte, foreground,
 * background are known: a disc with a soft rim over a gradient, stripes or a busy cloth. */
#include "portrait/layers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/rng.h"

enum { MASK = 256 };

#define RADIUS 0.3f             /* of the disc, in sides */

typedef void (*paint_fn)(float x, float y, float rgb[3]);

/* ---- the disc ---- */

static void gradient(float x, float y, float rgb[3])
{
    rgb[0] = 60.0f + 60.0f * x;
    rgb[1] = 140.0f + 50.0f * y;
    rgb[2] = 200.0f - 40.0f * x;
}

static void stripes(float x, float y, float rgb[3])
{
    const float k = sinf(2.0f * 3.14159265f * 16.0f * (x + 0.3f * y));

    for (int c = 0; c < 3; c++)
        rgb[c] = 130.0f + 50.0f * k;
}

static void skin(float x, float y, float rgb[3])
{
    const float k = 1.0f + 0.06f * sinf(90.0f * x) * sinf(70.0f * y);

    rgb[0] = 170.0f * k;
    rgb[1] = 90.0f * k;
    rgb[2] = 50.0f * k;
}

/* Two pixels of 512 wide. */
static float disc_alpha(float x, float y)
{
    const float d = (RADIUS - hypotf(x - 0.5f, y - 0.5f)) * 256.0f;

    return d < -0.5f ? 0.0f : d > 0.5f ? 1.0f : d + 0.5f;
}

static void open_disc(limner_appearance *app, uint32_t side, paint_fn back, float *mask)
{
    memset(app, 0, sizeof(*app));
    app->size_px = side;
    assert_int_equal(limner_image_open(&app->photo, side, side, 3), LIMNER_OK);
    for (uint32_t y = 0; y < side; y++)
        for (uint32_t x = 0; x < side; x++) {
            const float u = ((float)x + 0.5f) / (float)side, v = ((float)y + 0.5f) / (float)side;
            const float a = disc_alpha(u, v);
            float f[3], b[3];
            skin(u, v, f);
            back(u, v, b);
            for (uint32_t c = 0; c < 3; c++)
                limner_image_row(&app->photo, y)[3 * x + c] =
                    (uint8_t)lrintf(a * f[c] + (1.0f - a) * b[c]);
        }
    /* The coarse mask is a little off, as a net's is. */
    for (int i = 0; i < MASK * MASK; i++)
        mask[i] = hypotf(((float)(i % MASK) + 1.7f) / MASK - 0.5f,
                         ((float)(i / MASK) - 0.6f) / MASK - 0.5f) < RADIUS ? 1.0f : 0.0f;
}

static void run_disc(limner_appearance *app, uint32_t side, paint_fn back, limner_pool *pool)
{
    float *mask = malloc(MASK * MASK * sizeof(*mask));

    open_disc(app, side, back, mask);
    assert_int_equal(limner_layers_matte(app, mask, pool), LIMNER_OK);
    assert_int_equal(limner_layers_background(app, pool), LIMNER_OK);
    free(mask);
}

static void matte_finds_the_disc(void **state)
{
    limner_appearance app;
    double sum = 0.0;
    int n = 0;

    (void)state;
    for (uint32_t side = 512; side <= 768; side += 256) {
        run_disc(&app, side, gradient, NULL);
        for (uint32_t i = 0; i < side * side; i++) {
            const float u = ((float)(i % side) + 0.5f) / (float)side;
            const float v = ((float)(i / side) + 0.5f) / (float)side;
            const float r = hypotf(u - 0.5f, v - 0.5f);
            if (r < 0.9f * RADIUS)
                assert_int_equal(app.matte.px[i], 255);
            if (r > 1.12f * RADIUS)
                assert_int_equal(app.matte.px[i], 0);
            if (fabsf(r - RADIUS) < 0.02f) {
                sum += fabsf((float)app.matte.px[i] / 255.0f - disc_alpha(u, v));
                n++;
            }
        }
        assert_true(sum / n < 0.02);
        limner_appearance_close(&app);
    }
}

static void layers_add_up_to_the_photo(void **state)
{
    const paint_fn backs[2] = { gradient, stripes };
    limner_appearance app;

    (void)state;
    for (int k = 0; k < 2; k++) {
        double sum = 0.0;
        run_disc(&app, 512, backs[k], NULL);
        for (int i = 0; i < 512 * 512 * 3; i++) {
            const double a = app.matte.px[i / 3] / 255.0;
            const double d = a * app.foreground.px[i] + (1.0 - a) * app.background.px[i] -
                             app.photo.px[i];
            sum += d * d;
        }
        assert_true(sqrt(sum / (512 * 512 * 3)) < 0.5);
        limner_appearance_close(&app);
    }
}

/* The blue-green of the background must not be in the person's colour at the rim. */
static void foreground_has_no_fringe(void **state)
{
    limner_appearance app;
    double sum = 0.0;
    int n = 0;

    (void)state;
    run_disc(&app, 512, gradient, NULL);
    for (int i = 0; i < 512 * 512; i++) {
        const float u = ((float)(i % 512) + 0.5f) / 512.0f, v = ((float)(i / 512) + 0.5f) / 512.0f;
        float f[3];
        if (app.matte.px[i] < 60 || app.matte.px[i] > 240)
            continue;
        skin(u, v, f);
        for (int c = 0; c < 3; c++)
            sum += fabsf((float)app.foreground.px[3 * i + c] - f[c]) / 3.0f;
        n++;
    }
    assert_true(n > 100);
    assert_true(sum / n < 14.0);        /* fringe of half the background would be 45 */
    limner_appearance_close(&app);
}

static void light_wall(float u, float v, float rgb[3])
{
    (void)u;
    (void)v;
    rgb[0] = rgb[1] = rgb[2] = 235.0f;
}

/* Pixels of 512 outside of the disc's rim. */
static float outside_px(int i)
{
    const float u = ((float)(i % 512) + 0.5f) / 512.0f, v = ((float)(i / 512) + 0.5f) / 512.0f;

    return 512.0f * (hypotf(u - 0.5f, v - 0.5f) - RADIUS);
}

/* The bright line that sharpening leaves around a person before a light wall is the person's: it
 * must not stay in the background as an outline. */
static void halo_goes_with_the_person(void **state)
{
    float *mask = malloc(MASK * MASK * sizeof(*mask));
    limner_appearance app;
    double left = 0.0;
    int n = 0;

    (void)state;
    open_disc(&app, 512, light_wall, mask);
    for (int i = 0; i < 512 * 512; i++)
        if (outside_px(i) > 1.0f && outside_px(i) < 4.0f)
            memset(app.photo.px + 3 * i, 248, 3);
    assert_int_equal(limner_layers_matte(&app, mask, NULL), LIMNER_OK);
    assert_int_equal(limner_layers_background(&app, NULL), LIMNER_OK);
    for (int i = 0; i < 512 * 512; i++)
        if (outside_px(i) > 1.0f && outside_px(i) < 4.0f) {
            left += app.background.px[3 * i] - 235.0;
            n++;
        }
    assert_true(left / n < 3.0);        /* of 13 */
    limner_appearance_close(&app);
    free(mask);
}

static void gradient_is_continued_behind(void **state)
{
    limner_appearance app;
    double sum = 0.0;
    int n = 0, worst = 0;

    (void)state;
    run_disc(&app, 512, gradient, NULL);
    for (int i = 0; i < 512 * 512; i++) {
        const float u = ((float)(i % 512) + 0.5f) / 512.0f, v = ((float)(i / 512) + 0.5f) / 512.0f;
        float b[3];
        gradient(u, v, b);
        for (int c = 0; c < 3; c++) {
            const int d = abs((int)app.background.px[3 * i + c] - (int)lrintf(b[c]));
            if (app.matte.px[i] == 0 && hypotf(u - 0.5f, v - 0.5f) > 1.1f * RADIUS)
                assert_int_equal(app.background.px[3 * i + c], app.photo.px[3 * i + c]);
            if (app.matte.px[i] == 255) {
                sum += d;
                n++;
            }
            worst = d > worst ? d : worst;
        }
    }
    assert_true(sum / n < 8.0);
    assert_true(worst < 60);            /* the person differs by 60 to 150 */
    limner_appearance_close(&app);
}

/* Mean and standard deviation of the background's red behind the disc, `from` to `to` of its
 * radius away from its middle. */
static double spread_behind(double *mean, const limner_appearance *app, float from, float to)
{
    double sum = 0.0, sum2 = 0.0;
    int n = 0;

    for (int i = 0; i < 512 * 512; i++) {
        const float r = hypotf(((float)(i % 512) + 0.5f) / 512.0f - 0.5f,
                               ((float)(i / 512) + 0.5f) / 512.0f - 0.5f);
        if (r > to * RADIUS || r < from * RADIUS)
            continue;
        sum += app->background.px[3 * i];
        sum2 += (double)app->background.px[3 * i] * app->background.px[3 * i];
        n++;
    }
    *mean = sum / n;
    return sqrt(sum2 / n - *mean * *mean);
}

static void stripes_stay_stripes_behind(void **state)
{
    limner_appearance app;
    double mean;

    (void)state;
    run_disc(&app, 512, stripes, NULL);
    assert_true(spread_behind(&mean, &app, 0.6f, 0.95f) > 22.0);    /* known: 35; a blur: 0 */
    assert_true(fabs(mean - 130.0) < 15.0);
    limner_appearance_close(&app);
}

/* White spots a twelfth of a side apart, no two rows alike, on blue: patches miss them at the
 * outline. */
static void starry(float x, float y, float rgb[3])
{
    const float row = floorf(12.0f * y), u = 12.0f * x + 0.37f * row * row, v = 12.0f * y - row;
    const float r = hypotf(u - floorf(u) - 0.5f, v - 0.5f);
    const float k = fminf(fmaxf((0.33f - r) / 0.08f, 0.0f), 1.0f);

    rgb[0] = rgb[1] = 40.0f + 200.0f * k;
    rgb[2] = 90.0f + 150.0f * k;
}

static void busy_backgrounds_stay_busy_deep_behind(void **state)
{
    limner_appearance app;
    double mean;

    (void)state;
    run_disc(&app, 512, starry, NULL);
    assert_true(spread_behind(&mean, &app, 0.6f, 0.8f) > 45.0);     /* 80 in the known part */
    limner_appearance_close(&app);
}

/* A wall of fine noise, of deviation 14; pixels of 512. */
static void grainy(float x, float y, float rgb[3])
{
    const uint32_t i = (uint32_t)(512.0f * y) * 512u + (uint32_t)(512.0f * x);
    limner_rng rng;

    limner_rng_init(&rng, 3, i);
    rgb[0] = rgb[1] = rgb[2] = 128.0f + 14.0f * limner_rng_normal(&rng);
}

static void grainy_walls_stay_grainy_behind(void **state)
{
    limner_appearance app;
    double mean;

    (void)state;
    run_disc(&app, 512, grainy, NULL);
    assert_float_equal(spread_behind(&mean, &app, 0.3f, 0.8f), 14.0, 2.0);
    assert_float_equal(mean, 128.0, 3.0);
    limner_appearance_close(&app);
}

/* A dark thing beside the person, before a plain wall. */
static void barred(float x, float y, float rgb[3])
{
    (void)y;
    rgb[0] = rgb[1] = rgb[2] = x > 0.845f ? 40.0f : 190.0f;
}

static void outlines_beside_are_not_drawn_again_behind(void **state)
{
    limner_appearance app;
    int worst = 0;

    (void)state;
    run_disc(&app, 512, barred, NULL);
    for (int y = 0; y < 512; y++)
        for (int x = 3; x < 509; x++) {
            const uint8_t *px = limner_image_row(&app.background, (uint32_t)y) + 3 * x;
            const int line = 2 * px[0] - px[-6] - px[6];

            if (hypotf((float)x / 512.0f - 0.5f, (float)y / 512.0f - 0.5f) < 0.9f * RADIUS)
                worst = abs(line) > worst ? abs(line) : worst;
        }
    assert_true(worst < 10);
    limner_appearance_close(&app);
}

static void layers_do_not_depend_on_threads(void **state)
{
    limner_appearance one, three;
    limner_pool *pool;

    (void)state;
    assert_int_equal(limner_pool_open(&pool, 3), LIMNER_OK);
    run_disc(&one, 384, stripes, NULL);
    run_disc(&three, 384, stripes, pool);
    assert_memory_equal(one.matte.px, three.matte.px, 384 * 384);
    assert_memory_equal(one.foreground.px, three.foreground.px, 384 * 384 * 3);
    assert_memory_equal(one.background.px, three.background.px, 384 * 384 * 3);
    limner_appearance_close(&one);
    limner_appearance_close(&three);
    limner_pool_close(&pool);
}

static void nothing_or_everything_is_a_person(void **state)
{
    float *mask = malloc(MASK * MASK * sizeof(*mask));
    limner_appearance app;

    (void)state;
    for (int k = 0; k < 2; k++) {
        open_disc(&app, 256, gradient, mask);
        for (int i = 0; i < MASK * MASK; i++)
            mask[i] = (float)k;
        assert_int_equal(limner_layers_matte(&app, mask, NULL), LIMNER_OK);
        assert_int_equal(limner_layers_background(&app, NULL), LIMNER_OK);
        for (int i = 0; i < 256 * 256; i++)
            assert_int_equal(app.matte.px[i], 255 * k);
        assert_memory_equal(k ? app.foreground.px : app.background.px, app.photo.px,
                            256 * 256 * 3);
        limner_appearance_close(&app);
    }
    free(mask);
}

/* ---- memory ---- */

static limner_status run_all(limner_appearance *app, float *mask)
{
    limner_status st;

    if ((st = limner_layers_matte(app, mask, NULL)) < 0 ||
        (st = limner_layers_background(app, NULL)) < 0 ||
        (st = limner_layers_eyes(app, NULL)) < 0)
        return st;
    return limner_layers_colours(app, NULL);
}

static void every_failed_allocation_is_reported(void **state)
{
    const size_t live = limner_mem_live();
    float *mask = malloc(MASK * MASK * sizeof(*mask));
    limner_status st = LIMNER_E_NOMEM;
    int n = 0;

    (void)state;
    for (size_t k = 1; st < 0; k++, n++) {
        limner_appearance app;
        open_disc(&app, 256, gradient, mask);
        limner_mem_fail_after(k);
        st = run_all(&app, mask);
        limner_mem_fail_after(0);
        assert_true(st == LIMNER_OK || st == LIMNER_E_NOMEM);
        limner_appearance_close(&app);
        assert_int_equal(limner_mem_live(), live);
    }
    assert_true(n > 20);
    free(mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matte_finds_the_disc),
        cmocka_unit_test(layers_add_up_to_the_photo),
        cmocka_unit_test(foreground_has_no_fringe),
        cmocka_unit_test(halo_goes_with_the_person),
        cmocka_unit_test(gradient_is_continued_behind),
        cmocka_unit_test(stripes_stay_stripes_behind),
        cmocka_unit_test(busy_backgrounds_stay_busy_deep_behind),
        cmocka_unit_test(grainy_walls_stay_grainy_behind),
        cmocka_unit_test(outlines_beside_are_not_drawn_again_behind),
        cmocka_unit_test(layers_do_not_depend_on_threads),
        cmocka_unit_test(nothing_or_everything_is_a_person),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
