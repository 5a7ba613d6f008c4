/* SPDX-License-Identifier: Apache-2.0 */
/* portrait/wall_grain behind a square: a smooth filling takes on the strength and the fineness of
 * the grain around; clean walls, textures and fillings that have their grain stay as they are. */
#include "portrait/wall_grain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/filter.h"
#include "core/rng.h"

enum { SIDE = 256, MASK = 128, LO = 80, HI = 176, SIZE = SIDE * SIDE };

static uint8_t hole[MASK * MASK], source[MASK * MASK];

static int inside(int i, int border)
{
    const int x = i % SIDE, y = i / SIDE;

    return x >= LO + border && y >= LO + border && x < HI - border && y < HI - border;
}

/* A grey wall of noise of a deviation, softened by a Gaussian; smooth in the square. */
static void open_wall(limner_image *img, float deviation, float sigma, int filled)
{
    float *noise = malloc(2 * SIZE * sizeof(*noise)), sum = 0.0f;
    limner_rng rng;

    limner_rng_init(&rng, 7, 1);
    for (int i = 0; i < SIZE; i++)
        noise[i] = limner_rng_normal(&rng);
    if (sigma > 0.0f)
        limner_filter_gauss(noise, noise, noise + SIZE, SIDE, SIDE, sigma);
    for (int i = 0; i < SIZE; i++)
        sum += noise[i] * noise[i];
    assert_int_equal(limner_image_open(img, SIDE, SIDE, 3), LIMNER_OK);
    for (int i = 0; i < SIZE; i++) {
        const float v = deviation * noise[i] * sqrtf(SIZE / sum);
        memset(limner_image_row(img, (uint32_t)(i / SIDE)) + 3 * (i % SIDE),
               (int)lrintf(120.0f + (filled || !inside(i, 0) ? v : 0.0f)), 3);
    }
    for (int i = 0; i < MASK * MASK; i++) {
        hole[i] = inside(2 * (i / MASK) * SIDE + 2 * (i % MASK), 0) != 0;
        source[i] = !hole[i];
    }
    free(noise);
}

static float grey(const limner_image *img, int i)
{
    return limner_image_row(img, (uint32_t)(i / SIDE))[3 * (i % SIDE)] - 120.0f;
}

/* Deviation inside the square, and the correlation of pixels beside each other. */
static float inside_deviation(const limner_image *img, float *correlation)
{
    float one = 0.0f, both = 0.0f;
    int n = 0;

    for (int i = 0; i < SIZE; i++)
        if (inside(i, 8)) {
            one += grey(img, i) * grey(img, i);
            both += grey(img, i) * grey(img, i + 1);
            n++;
        }
    *correlation = both / fmaxf(one, 1e-6f);
    return sqrtf(one / (float)n);
}

static void fillings_take_on_the_grain_around(void **state)
{
    const float sigma[2] = { 0.0f, 0.7f }, wanted[2] = { 0.0f, 0.58f };
    limner_image img;
    float r;

    (void)state;
    for (int k = 0; k < 2; k++) {
        open_wall(&img, 8.0f, sigma[k], 0);
        assert_true(inside_deviation(&img, &r) == 0.0f);
        assert_int_equal(limner_wall_grain_run(&img, hole, source, MASK), LIMNER_OK);
        assert_float_equal(inside_deviation(&img, &r), 7.5, 1.0);
        assert_float_equal(r, wanted[k], 0.06);
        limner_image_close(&img);
    }
}

/* Deviation that is added to a wall's, and nothing outside of the hole. */
static float added(float deviation, float sigma, int filled, float contrast)
{
    limner_image img, before;
    float sum = 0.0f;

    open_wall(&img, deviation, sigma, filled);
    open_wall(&before, deviation, sigma, filled);
    for (int i = 0; i < SIZE; i++)      /* quiet on the left */
        if (contrast > 0.0f && i % SIDE < SIDE / 3)
            for (int c = 0; c < 3; c++) {
                const float v = 120.0f + contrast * grey(&before, i);
                limner_image_row(&img, (uint32_t)(i / SIDE))[3 * (i % SIDE) + c] = (uint8_t)v;
            }
    for (int i = 0; i < SIZE; i++)
        memcpy(limner_image_row(&before, (uint32_t)(i / SIDE)) + 3 * (i % SIDE),
               limner_image_row(&img, (uint32_t)(i / SIDE)) + 3 * (i % SIDE), 3);
    assert_int_equal(limner_wall_grain_run(&img, hole, source, MASK), LIMNER_OK);
    for (int i = 0; i < SIZE; i++) {
        const float d = grey(&img, i) - grey(&before, i);
        if (!inside(i, 0))
            assert_true(d == 0.0f);
        sum += d * d;
    }
    limner_image_close(&img);
    limner_image_close(&before);
    return sqrtf(sum / ((HI - LO) * (HI - LO)));
}

static void nothing_is_added_where_there_is_no_grain(void **state)
{
    (void)state;
    assert_true(added(8.0f, 0.7f, 0, 0.0f) > 6.0f);
    assert_true(added(0.6f, 0.7f, 0, 0.0f) == 0.0f);            /* clean */
    assert_true(added(8.0f, 2.0f, 0, 0.0f) == 0.0f);            /* a coarse texture */
    assert_true(added(8.0f, 0.7f, 0, 0.2f) == 0.0f);            /* not everywhere */
    assert_true(added(8.0f, 0.7f, 1, 0.0f) < 2.5f);             /* there already */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fillings_take_on_the_grain_around),
        cmocka_unit_test(nothing_is_added_where_there_is_no_grain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
