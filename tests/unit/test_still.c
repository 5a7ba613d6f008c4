/* SPDX-License-Identifier: Apache-2.0 */
/* The picture around the canvas, and detail from it: small pictures of noise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/rng.h"
#include "render/detail.h"
#include "render/still.h"

enum { W = 70, H = 38, LEFT = 20, TOP = 6, CW = 24, CH = 18, SIZE = 4 * W * H };

static const float same[6] = {1, 0, 0, 0, 1, 0};
static const limner_still_part canvas = {LEFT, TOP, CW, CH};

typedef struct frame {
    uint8_t bytes[SIZE];
    limner_render_target at;
} frame;

static void lay_out(frame *f, limner_pixel pixel, uint8_t value)
{
    const bool is_rgba = pixel == LIMNER_PIXEL_RGBA, is_nv12 = pixel == LIMNER_PIXEL_NV12;

    memset(f->bytes, value, sizeof(f->bytes));
    f->at = (limner_render_target){
        .plane = {f->bytes, f->bytes + W * H, f->bytes + 2 * W * H},
        .stride = {is_rgba ? 4 * W : W, is_nv12 ? W : W / 2, W / 2}, .pixel = pixel};
}

static limner_image noise(void)
{
    limner_image img;
    limner_rng rng;

    limner_rng_init(&rng, 3, 0);
    assert_int_equal(limner_image_open(&img, W, H, 3), LIMNER_OK);
    for (int i = 0; i < W * H * 3; i++)
        img.px[i] = (uint8_t)(limner_rng_u32(&rng) >> 24);
    return img;
}

static limner_still open_still(limner_texture *photo, limner_pixel pixel)
{
    limner_image img = noise();
    limner_still s;

    assert_int_equal(limner_texture_open(photo, CW, CH), LIMNER_OK);
    assert_int_equal(limner_still_open(&s, &img, same, pixel, W, H, photo, &canvas), LIMNER_OK);
    limner_image_close(&img);
    return s;
}

static void canvas_takes_its_part_of_the_picture(void **state)
{
    limner_image img = noise();
    limner_texture photo;
    limner_still s = open_still(&photo, LIMNER_PIXEL_RGBA);

    (void)state;
    for (int y = 0; y < CH; y++) {
        for (int x = 0; x < CW; x++) {
            const uint8_t *p = limner_texture_at(&photo, x, y);

            assert_memory_equal(p, limner_image_row(&img, (uint32_t)(TOP + y)) + 3 * (LEFT + x), 3);
            assert_int_equal(p[3], 255);
        }
    }
    limner_still_close(&s);
    limner_texture_close(&photo);
    limner_image_close(&img);
}

/* All bytes but the canvas's are written, each by one slice, however many there are. */
static void slices_cover_all_but_the_canvas(void **state)
{
    static const limner_pixel pixels[] = {LIMNER_PIXEL_I420, LIMNER_PIXEL_NV12, LIMNER_PIXEL_RGBA};
    static frame one, many;

    (void)state;
    for (int i = 0; i < 3; i++) {
        const limner_still_part nothing = {0, 0, 0, 0};
        limner_texture photo;
        limner_still s = open_still(&photo, pixels[i]);
        int n_left = 0;

        lay_out(&one, pixels[i], 7);
        lay_out(&many, pixels[i], 7);
        limner_still_copy(&s, NULL, &one.at, &canvas, 0, 1);
        for (uint32_t slice = 0; slice < 5; slice++)
            limner_still_copy(&s, NULL, &many.at, &canvas, slice, 5);
        assert_memory_equal(one.bytes, many.bytes, SIZE);
        limner_still_copy(&s, NULL, &many.at, &nothing, 0, 1);
        for (int k = 0; k < SIZE; k++)
            n_left += one.bytes[k] != many.bytes[k];
        /* By chance a byte of the picture may be 7 too. */
        assert_in_range(n_left, CW * CH, CW * CH * (pixels[i] == LIMNER_PIXEL_RGBA ? 4 : 3));
        limner_still_close(&s);
        limner_texture_close(&photo);
    }
}

static void paint(limner_texture *t, uint8_t value)
{
    assert_int_equal(limner_texture_open(t, 4, 1), LIMNER_OK);
    for (int x = 0; x < 4; x++)
        memset(limner_texture_at(t, x, 0), value, 4);
}

/* Detail comes where the layer is the photo, not where it was painted or is covered. */
static void detail_goes_where_the_layer_is_the_photo(void **state)
{
    limner_texture layer, fine, coarse;
    limner_image cover;

    (void)state;
    paint(&layer, 100);
    paint(&fine, 130);
    paint(&coarse, 100);
    memset(limner_texture_at(&layer, 1, 0), 160, 3);    /* painted */
    assert_int_equal(limner_image_open(&cover, 4, 1, 1), LIMNER_OK);
    cover.px[2] = 255;
    cover.px[3] = 127;
    limner_detail_add(&layer, &fine, &coarse, &cover);
    assert_int_equal(limner_texture_at(&layer, 0, 0)[0], 130);
    assert_int_equal(limner_texture_at(&layer, 0, 0)[3], 100);
    assert_int_equal(limner_texture_at(&layer, 1, 0)[0], 160);
    assert_int_equal(limner_texture_at(&layer, 2, 0)[0], 100);
    assert_in_range(limner_texture_at(&layer, 3, 0)[0], 114, 116);
    limner_image_close(&cover);
    limner_texture_close(&layer);
    limner_texture_close(&fine);
    limner_texture_close(&coarse);
    assert_int_equal(limner_mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canvas_takes_its_part_of_the_picture),
        cmocka_unit_test(slices_cover_all_but_the_canvas),
        cmocka_unit_test(detail_goes_where_the_layer_is_the_photo)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
