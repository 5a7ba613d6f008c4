/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding, saving and loading of the demo portrait, and what must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>

#include <cmocka.h>

#include "core/mem.h"
#include "fixture.h"
#include "model.h"

/* One frame of the portrait at motion m, RGBA, 512 x 512; to be freed. */
static uint8_t *draw(fixture *fix, limner_portrait *p, const limner_motion *m)
{
    uint8_t *rgba = malloc(512 * 512 * 4);
    limner_settings set;
    limner_session *s;
    limner_frame f;

    limner_settings_init(&set, sizeof(set));
    set.pixel = LIMNER_PIXEL_RGBA;
    assert_int_equal(limner_session_open(&s, fix->model, p, &set, NULL), LIMNER_OK);
    assert_int_equal(limner_session_send_motion(s, m), LIMNER_OK);
    assert_int_equal(limner_session_receive(s, &f), LIMNER_OK);
    for (int y = 0; y < 512; y++)
        memcpy(rgba + y * 2048, f.plane[0] + y * f.stride[0], 2048);
    limner_frame_unref(&f);
    limner_session_close(&s);
    return rgba;
}

static void the_photos_own_motion_returns_the_photo(void **state)
{
    fixture *fix = *state;
    const limner_appearance *app = &fix->portrait->app;
    const float k = (float)app->size_px / 512;
    limner_image want;
    limner_motion m;
    uint8_t *got;
    double sum = 0;

    limner_portrait_motion(fix->portrait, &m);
    got = draw(fix, fix->portrait, &m);
    assert_int_equal(limner_image_open(&want, 512, 512, 3), LIMNER_OK);
    limner_image_warp(&want, &app->photo, (const float[6]){k, 0, 0, 0, k, 0});
    for (uint32_t y = 0; y < 512; y++)
        for (uint32_t x = 0; x < 512; x++)
            for (uint32_t c = 0; c < 3; c++) {
                const double d = limner_image_row(&want, y)[x * 3 + c] -
                                 got[(y * 512 + x) * 4 + c];

                sum += d * d;
            }
    print_message("PSNR %.1f dB\n", 10 * log10(255.0 * 255 * 512 * 512 * 3 / sum));
    assert_true(10 * log10(255.0 * 255 * 512 * 512 * 3 / sum) >= 38);
    limner_image_close(&want);
    free(got);
}

static void fitted_landmarks_meet_lips_and_lids(void **state)
{
    static const int points[] = {61, 291, 0, 17, 13, 14, 78, 308, 33, 133, 159, 145, 362, 263, 386,
                                 374};
    fixture *fix = *state;
    float lm[478][2], fit[478][2];
    double worst = 0;

    limner_portrait_landmarks(fix->portrait, lm);
    limner_portrait_fitted_landmarks(fix->portrait, fit);
    for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
        const int p = points[i];

        worst = fmax(worst, hypot(lm[p][0] - fit[p][0], lm[p][1] - fit[p][1]));
    }
    assert_true(worst < 3);
}

static void a_saved_portrait_is_the_same_portrait(void **state)
{
    fixture *fix = *state;
    limner_portrait *again;
    limner_motion m, n;
    uint8_t *a, *b;
    void *bytes;
    size_t len;

    assert_int_equal(limner_portrait_save(fix->portrait, &bytes, &len), LIMNER_OK);
    assert_int_equal(limner_portrait_load(&again, fix->model, bytes, len), LIMNER_OK);
    limner_free(bytes);
    limner_portrait_motion(fix->portrait, &m);
    limner_portrait_motion(again, &n);
    assert_memory_equal(&m, &n, sizeof(m));
    m.expression[LIMNER_JAW_OPEN] = 0.4f;
    m.yaw += 8;
    a = draw(fix, fix->portrait, &m);
    b = draw(fix, again, &m);
    assert_memory_equal(a, b, 512 * 512 * 4);
    free(a);
    free(b);
    limner_portrait_close(&again);
}

static void a_damaged_portrait_file_is_refused(void **state)
{
    fixture *fix = *state;
    const size_t live = limner_mem_live();
    limner_portrait *p;
    uint8_t *bytes;
    void *saved;
    size_t len;

    assert_int_equal(limner_portrait_save(fix->portrait, &saved, &len), LIMNER_OK);
    bytes = saved;
    for (size_t cut = 0; cut < len; cut += len / 23 + 1) {
        assert_true(limner_portrait_load(&p, fix->model, bytes, cut) < 0);
        assert_null(p);
    }
    for (size_t at = 0; at < len; at += at < 4096 ? 61 : len / 41 + 1) {
        bytes[at] ^= 0x41;
        assert_true(limner_portrait_load(&p, fix->model, bytes, len) < 0);
        bytes[at] ^= 0x41;
    }
    limner_free(saved);
    assert_int_equal(limner_mem_live(), live);
}

static void pictures_without_a_face_are_refused(void **state)
{
    fixture *fix = *state;
    uint8_t *grey = malloc(200 * 100 * 3);
    limner_photo photo = {grey, 600, 200, 100};
    limner_portrait *p;
    char why[LIMNER_DETAIL_SIZE];

    memset(grey, 128, 200 * 100 * 3);
    assert_int_equal(limner_portrait_encode(&p, fix->model, &photo, NULL, why),
                     LIMNER_E_NO_FACE);
    assert_non_null(strstr(why, "no face"));
    photo.width_px = 10;
    assert_int_equal(limner_portrait_encode(&p, fix->model, &photo, NULL, why), LIMNER_E_ARG);
    photo.width_px = photo.height_px = 20000;
    photo.stride = 60000;
    assert_int_equal(limner_portrait_encode(&p, fix->model, &photo, NULL, why), LIMNER_E_LIMIT);
    free(grey);
}

static limner_status encode_pixels(fixture *fix, const uint8_t *rgb, uint32_t w, uint32_t h,
                                   char why[LIMNER_DETAIL_SIZE])
{
    const limner_photo photo = {rgb, (ptrdiff_t)w * 3, w, h};
    limner_portrait *p;
    const limner_status st = limner_portrait_encode(&p, fix->model, &photo, NULL, why);

    limner_portrait_close(&p);
    return st;
}

/* The landmark net would draw an upright face over it, with the mouth on the forehead. */
static void a_face_on_its_head_is_refused(void **state)
{
    fixture *fix = *state;
    const uint32_t w = fix->photo.width_px, h = fix->photo.height_px;
    uint8_t *turned = malloc((size_t)w * h * 3);
    char why[LIMNER_DETAIL_SIZE];

    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            memcpy(turned + ((size_t)(h - 1 - y) * w + w - 1 - x) * 3,
                   fix->photo.rgb + (ptrdiff_t)y * fix->photo.stride + x * 3, 3);
    assert_int_equal(encode_pixels(fix, turned, w, h, why), LIMNER_E_POOR_FACE);
    assert_non_null(strstr(why, "on its head"));
    free(turned);
}

/* The nets imagine a mouth below the photo; it could not be shown. */
static void a_face_without_its_mouth_is_refused(void **state)
{
    fixture *fix = *state;
    const uint32_t w = fix->photo.width_px, h = fix->photo.height_px;
    char why[LIMNER_DETAIL_SIZE];

    assert_int_equal(encode_pixels(fix, fix->photo.rgb, w, h * 51 / 100, why),
                     LIMNER_E_POOR_FACE);
    assert_non_null(strstr(why, "cut off"));
}

static void a_face_in_a_panorama_is_found(void **state)
{
    enum { W = 4000, H = 400, AT = 3100 };
    fixture *fix = *state;
    uint8_t *wide = malloc(W * H * 3);
    limner_image small;

    assert_int_equal(limner_image_open(&small, H, H, 3), LIMNER_OK);
    limner_image_warp(&small, &fix->portrait->app.full,
                      (const float[6]){(float)fix->portrait->app.full.w / H, 0, 0, 0,
                                       (float)fix->portrait->app.full.h / H, 0});
    memset(wide, 128, W * H * 3);
    for (uint32_t y = 0; y < H; y++)
        memcpy(wide + (y * W + AT) * 3, limner_image_row(&small, y), H * 3);
    assert_int_equal(encode_pixels(fix, wide, W, H, NULL), LIMNER_OK);
    limner_image_close(&small);
    free(wide);
}

/* What lies outside the photo could only be smeared. */
static void a_tightly_cut_face_is_not_padded(void **state)
{
    enum { X = 309, Y = 279, WIDTH = 400, HEIGHT = 430 };
    fixture *fix = *state;
    limner_photo photo = fix->photo;
    limner_face_box crop;
    limner_portrait *p;
    uint32_t crop_px, w, h;

    photo.rgb += Y * photo.stride + X * 3;
    photo.width_px = WIDTH;
    photo.height_px = HEIGHT;
    assert_int_equal(limner_portrait_encode(&p, fix->model, &photo, NULL, NULL), LIMNER_OK);
    limner_portrait_geometry(p, &crop_px, &crop, &w, &h);
    assert_true(crop.x_px >= -0.04f * WIDTH && crop.x_px + crop.width_px <= 1.04f * WIDTH);
    assert_true(crop.y_px >= 0 && crop.y_px + crop.height_px <= HEIGHT);
    limner_portrait_close(&p);
}

/* What runs side by side writes what it would one after the other. */
static void threads_do_not_change_a_portrait(void **state)
{
    const fixture *fix = *state;
    limner_portrait_options opt;
    void *bytes[2];
    size_t len[2];

    limner_portrait_options_init(&opt, sizeof(opt));
    for (uint32_t i = 0; i < 2; i++) {
        limner_portrait *p;

        opt.n_threads = 1 + 2 * i;
        assert_int_equal(limner_portrait_encode(&p, fix->model, &fix->photo, &opt, NULL),
                         LIMNER_OK);
        assert_int_equal(limner_portrait_save(p, &bytes[i], &len[i]), LIMNER_OK);
        limner_portrait_close(&p);
    }
    assert_true(len[0] == len[1]);
    assert_memory_equal(bytes[0], bytes[1], len[0]);
    limner_free(bytes[0]);
    limner_free(bytes[1]);
}

static void a_face_number_that_is_not_there_is_refused(void **state)
{
    fixture *fix = *state;
    limner_portrait_options opt;
    limner_portrait *p;
    char why[LIMNER_DETAIL_SIZE];

    limner_portrait_options_init(&opt, sizeof(opt));
    opt.face = 3;
    assert_int_equal(limner_portrait_encode(&p, fix->model, &fix->photo, &opt, why),
                     LIMNER_E_ARG);
    assert_non_null(strstr(why, "only 1"));
}

static void no_allocation_failure_leaks_or_crashes(void **state)
{
    fixture *fix = *state;
    const size_t live = limner_mem_live();
    limner_motion m;
    limner_settings set;

    limner_settings_init(&set, sizeof(set));
    set.width_px = set.height_px = 64;
    set.n_threads = 1;
    limner_portrait_motion(fix->portrait, &m);
    for (size_t nth = 1;; nth += nth < 40 ? 1 : nth / 4) {
        limner_session *s;
        limner_status st;

        limner_mem_fail_after(nth);
        st = limner_session_open(&s, fix->model, fix->portrait, &set, NULL);
        limner_mem_fail_after(0);
        limner_session_close(&s);
        assert_int_equal(limner_mem_live(), live);
        if (st == LIMNER_OK)
            break;
        assert_int_equal(st, LIMNER_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_photos_own_motion_returns_the_photo),
        cmocka_unit_test(fitted_landmarks_meet_lips_and_lids),
        cmocka_unit_test(a_saved_portrait_is_the_same_portrait),
        cmocka_unit_test(a_damaged_portrait_file_is_refused),
        cmocka_unit_test(pictures_without_a_face_are_refused),
        cmocka_unit_test(a_face_on_its_head_is_refused),
        cmocka_unit_test(a_face_without_its_mouth_is_refused),
        cmocka_unit_test(a_face_in_a_panorama_is_found),
        cmocka_unit_test(a_tightly_cut_face_is_not_padded),
        cmocka_unit_test(threads_do_not_change_a_portrait),
        cmocka_unit_test(a_face_number_that_is_not_there_is_refused),
        cmocka_unit_test(no_allocation_failure_leaks_or_crashes)
    };

    return cmocka_run_group_tests_name("portrait", tests, fixture_open, fixture_close);
}
