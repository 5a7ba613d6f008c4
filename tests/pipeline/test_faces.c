/* SPDX-License-Identifier: Apache-2.0 */
/* The whole photo as a frame, and two faces in it: the demo portrait beside itself, mirrored. The
 * size is odd, so that a column and a row are left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

enum { MARGIN = 33, MAX_CANVAS_SHARE = 5 };     /* the canvas: a fifth of the crop around it */

typedef struct group {
    limner_model *model;
    limner_photo photo;
    uint8_t *rgb;
    limner_portrait *portrait[2];
} group;

static group pair;

/* Left: the picture halved; right: its mirror image; a grey wall around. */
static void paint_pair(const limner_photo *one)
{
    const uint32_t w = one->width_px / 2, h = one->height_px / 2;
    const uint32_t full_w = (2 * w + 3 * MARGIN) | 1, full_h = (h + 2 * MARGIN) | 1;

    pair.rgb = malloc((size_t)full_w * full_h * 3);
    assert_non_null(pair.rgb);
    for (size_t i = 0; i < (size_t)full_w * full_h * 3; i++)
        pair.rgb[i] = (uint8_t)(120 + i / 3 % full_w % 7);
    for (uint32_t y = 0; y < h; y++) {
        for (uint32_t x = 0; x < w; x++) {
            const uint8_t *from = one->rgb + (ptrdiff_t)(2 * y) * one->stride + 6 * x;
            uint8_t *row = pair.rgb + (size_t)(y + MARGIN) * full_w * 3;

            memcpy(row + 3 * (size_t)(MARGIN + x), from, 3);
            memcpy(row + 3 * (size_t)(2 * MARGIN + 2 * w - 1 - x), from, 3);
        }
    }
    pair.photo = (limner_photo){pair.rgb, (ptrdiff_t)full_w * 3, full_w, full_h};
}

static int open_pair(void **state)
{
    const fixture *fix;
    limner_portrait_options opt;
    int failed = fixture_open(state);

    if (failed)
        return failed;
    fix = *state;
    pair.model = fix->model;
    paint_pair(&fix->photo);
    limner_portrait_options_init(&opt, sizeof(opt));
    for (int i = 0; i < 2; i++) {
        opt.face = i;
        failed = failed || limner_portrait_encode(&pair.portrait[i], pair.model, &pair.photo,
                                                  &opt, NULL) < 0;
    }
    return failed;
}

static int close_pair(void **state)
{
    for (int i = 0; i < 2; i++)
        limner_portrait_close(&pair.portrait[i]);
    free(pair.rgb);
    return fixture_close(state);
}

static limner_settings own_size(limner_pixel pixel)
{
    limner_settings set;

    limner_settings_init(&set, sizeof(set));
    set.width_px = pair.photo.width_px & ~1u;
    set.height_px = pair.photo.height_px & ~1u;
    set.framing = LIMNER_FRAMING_FULL;
    set.pixel = pixel;
    set.n_threads = 2;
    return set;
}

static limner_motion moved(int face)
{
    limner_motion m;

    limner_portrait_motion(pair.portrait[face], &m);
    m.yaw += face ? -14 : 12;
    m.pitch += 9;
    m.roll += face ? 6 : -8;
    m.expression[LIMNER_JAW_OPEN] = 0.5f;
    m.breath = 1;
    m.sway = face ? 1 : -1;
    return m;
}

/* One frame of a session of its own, drawn over `under`. */
static limner_frame draw(const limner_settings *set, int face, const limner_motion *m,
                         const limner_frame *under)
{
    limner_session *s;
    limner_frame f;

    assert_int_equal(limner_session_open(&s, pair.model, pair.portrait[face], set, NULL),
                     LIMNER_OK);
    assert_int_equal(limner_session_send_motion(s, m), LIMNER_OK);
    assert_int_equal(limner_session_receive_over(s, under, &f), LIMNER_OK);
    limner_session_close(&s);
    return f;
}

static int difference(const limner_frame *f, uint32_t x, uint32_t y)
{
    const uint8_t *a = f->plane[0] + (ptrdiff_t)y * f->stride[0] + 4 * (ptrdiff_t)x;
    const uint8_t *b = pair.rgb + (ptrdiff_t)y * pair.photo.stride + 3 * (ptrdiff_t)x;
    int most = 0;

    for (int k = 0; k < 3; k++)
        most = abs(a[k] - b[k]) > most ? abs(a[k] - b[k]) : most;
    return most;
}

/* Distance of a pixel from the canvas of a face, < 0 inside. */
static float distance(int face, uint32_t x, uint32_t y)
{
    limner_face_box c;
    float dx, dy, room;

    limner_portrait_geometry(pair.portrait[face], NULL, &c, NULL, NULL);
    room = c.width_px / MAX_CANVAS_SHARE;
    dx = fmaxf(c.x_px - room - (float)x, (float)x - (c.x_px + c.width_px + room));
    dy = fmaxf(c.y_px - room - (float)y, (float)y - (c.y_px + c.height_px + room));
    return fmaxf(dx, dy);
}

static void at_rest_the_whole_photo_is_shown_unresampled(void **state)
{
    const limner_settings set = own_size(LIMNER_PIXEL_RGBA);
    double sum = 0;
    limner_motion m;
    limner_frame f;

    (void)state;
    limner_portrait_motion(pair.portrait[0], &m);
    f = draw(&set, 0, &m, NULL);
    for (uint32_t y = 0; y < f.height_px; y++) {
        for (uint32_t x = 0; x < f.width_px; x++) {
            const int d = difference(&f, x, y);

            if (distance(0, x, y) > 0)
                assert_int_equal(d, 0);
            sum += d * d;
        }
    }
    assert_true(10 * log10(255.0 * 255 * f.width_px * f.height_px / (sum + 1)) >= 50);
    limner_frame_unref(&f);
}

/* Beside the canvas nothing moves, and at its border nothing shows. */
static void a_moving_face_leaves_the_rest_of_the_photo_alone(void **state)
{
    const limner_settings set = own_size(LIMNER_PIXEL_RGBA);

    (void)state;
    for (int face = 0; face < 2; face++) {
        const limner_motion m = moved(face);
        limner_frame f = draw(&set, face, &m, NULL);
        int most = 0;

        for (uint32_t y = 0; y < f.height_px; y++) {
            for (uint32_t x = 0; x < f.width_px; x++) {
                const float d = distance(face, x, y);

                if (d > 0)
                    assert_int_equal(difference(&f, x, y), 0);
                else if (d > -4)
                    assert_true(difference(&f, x, y) <= 4);
                else
                    most = difference(&f, x, y) > most ? difference(&f, x, y) : most;
            }
        }
        assert_true(most > 40);         /* it did move */
        limner_frame_unref(&f);
    }
}

static size_t row_bytes(const limner_frame *f, int plane)
{
    return f->pixel == LIMNER_PIXEL_RGBA             ? 4 * f->width_px
           : plane && f->pixel == LIMNER_PIXEL_I420 ? f->width_px / 2
                                                    : f->width_px;
}

/* Whether a frame differs from the photo at a place or next to it, in its first plane. */
static bool is_changed(const limner_frame *f, const limner_frame *rest, uint32_t i, uint32_t y)
{
    const uint32_t n = f->pixel == LIMNER_PIXEL_RGBA ? 4 : 1;
    const uint32_t first = i >= 2 * n ? i - 2 * n : 0;
    const uint32_t end = i + 2 * n < row_bytes(f, 0) ? i + 2 * n : (uint32_t)row_bytes(f, 0);

    for (uint32_t j = y ? y - 1 : 0; j <= y + 1 && j < f->height_px; j++) {
        if (memcmp(f->plane[0] + (ptrdiff_t)j * f->stride[0] + first,
                   rest->plane[0] + (ptrdiff_t)j * rest->stride[0] + first, end - first))
            return true;
    }
    return false;
}

/* Where `under` is the photo, `both` is what the face drawn over it shows by itself. Returns how
 * many pixels the other has changed that show in `both`. */
static int assert_over(const limner_frame *both, const limner_frame *over,
                       const limner_frame *under, const limner_frame *rest)
{
    int n = 0;

    for (uint32_t y = 0; y < both->height_px; y++) {
        const uint8_t *b = both->plane[0] + (ptrdiff_t)y * both->stride[0];
        const uint8_t *o = over->plane[0] + (ptrdiff_t)y * over->stride[0];
        const uint8_t *u = under->plane[0] + (ptrdiff_t)y * under->stride[0];

        for (uint32_t i = 0; i < row_bytes(both, 0); i++) {
            if (!is_changed(under, rest, i, y))
                assert_true(abs(b[i] - o[i]) <= 2);     /* at rest a face is the photo, rounded */
            else
                n += b[i] == u[i] && b[i] != o[i];
        }
    }
    return n;
}

static limner_frame draw_at_rest(const limner_settings *set)
{
    limner_motion m;

    limner_portrait_motion(pair.portrait[0], &m);
    return draw(set, 0, &m, NULL);
}

/* Both show, whoever is drawn first, in any pixel format. */
static void two_faces_share_a_picture(void **state)
{
    static const limner_pixel pixels[] = {LIMNER_PIXEL_I420, LIMNER_PIXEL_NV12, LIMNER_PIXEL_RGBA};
    const limner_motion a = moved(0), b = moved(1);

    (void)state;
    for (int i = 0; i < 3; i++) {
        const limner_settings set = own_size(pixels[i]);
        limner_frame rest = draw_at_rest(&set);
        limner_frame one = draw(&set, 0, &a, NULL), two = draw(&set, 1, &b, NULL);
        limner_frame two_on_one = draw(&set, 1, &b, &one), one_on_two = draw(&set, 0, &a, &two);

        assert_true(assert_over(&two_on_one, &two, &one, &rest) > 1000);
        assert_true(assert_over(&one_on_two, &one, &two, &rest) > 1000);
        limner_frame_unref(&rest);
        limner_frame_unref(&one);
        limner_frame_unref(&two);
        limner_frame_unref(&two_on_one);
        limner_frame_unref(&one_on_two);
    }
}

static void frames_that_do_not_fit_are_refused(void **state)
{
    const limner_settings set = own_size(LIMNER_PIXEL_I420);
    const limner_motion m = moved(0);
    limner_settings crop, other = set;
    limner_frame f = draw(&set, 0, &m, NULL), out;
    limner_session *s;

    (void)state;
    limner_settings_init(&crop, sizeof(crop));
    other.width_px -= 2;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(limner_session_open(&s, pair.model, pair.portrait[1], i ? &crop : &other,
                                             NULL), LIMNER_OK);
        assert_int_equal(limner_session_send_motion(s, &m), LIMNER_OK);
        assert_int_equal(limner_session_receive_over(s, &f, &out), LIMNER_E_ARG);
        assert_int_equal(limner_session_receive_over(s, NULL, &out), LIMNER_OK);
        limner_frame_unref(&out);
        limner_session_close(&s);
    }
    limner_frame_unref(&f);
}

static void sizes_beyond_the_limit_are_named(void **state)
{
    limner_settings set = own_size(LIMNER_PIXEL_I420);
    char why[LIMNER_DETAIL_SIZE];
    limner_session *s;

    (void)state;
    set.width_px = LIMNER_MAX_FULL_PX + 2;
    assert_int_equal(limner_session_open(&s, pair.model, pair.portrait[0], &set, why),
                     LIMNER_E_ARG);
    assert_non_null(strstr(why, "3840"));
    limner_settings_init(&set, sizeof(set));
    set.width_px = set.height_px = LIMNER_MAX_CROP_PX + 2;
    assert_int_equal(limner_session_open(&s, pair.model, pair.portrait[0], &set, why),
                     LIMNER_E_ARG);
    assert_non_null(strstr(why, "2048"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_rest_the_whole_photo_is_shown_unresampled),
        cmocka_unit_test(a_moving_face_leaves_the_rest_of_the_photo_alone),
        cmocka_unit_test(two_faces_share_a_picture),
        cmocka_unit_test(frames_that_do_not_fit_are_refused),
        cmocka_unit_test(sizes_beyond_the_limit_are_named)
    };

    return cmocka_run_group_tests_name("faces", tests, open_pair, close_pair);
}
