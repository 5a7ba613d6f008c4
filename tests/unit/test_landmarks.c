/* SPDX-License-Identifier: Apache-2.0 */
/* Faces, landmarks and person mask of drawn people, with the real nets. The nets are found where
 * tools/fetch-models leaves them ($LIMNER_CACHE, $XDG_CACHE_HOME/limner or ~/.cache/limner);
 * without them every test here is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "core/rng.h"
#include "drawn_face.h"
#include "portrait/detect.h"
#include "portrait/segment.h"

enum { MOUTH_RIGHT = 61, MOUTH_LEFT = 291, CHIN = 152, IRIS_RIGHT = 468, IRIS_LEFT = 473,
       MAX_FACES = 8 };

static limner_blob files[3];
static limner_nets nets;
static limner_nets_run run;
static limner_found_face found[MAX_FACES];

static int read_file(limner_blob *out, const char *name)
{
    const char *cache = getenv("LIMNER_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME") ? getenv("HOME") : "";
    char path[1024];
    void *bytes;
    FILE *f;

    snprintf(path, sizeof(path), "%s%s/models/%s.tflite", cache ? cache : xdg ? xdg : home,
             cache ? "" : xdg ? "/limner" : "/.cache/limner", name);
    f = fopen(path, "rb");
    if (!f)
        return -1;
    bytes = malloc(8 << 20);
    out->len_bytes = bytes ? fread(bytes, 1, 8 << 20, f) : 0;
    out->bytes = bytes;
    fclose(f);
    return 0;
}

static int open_nets(void **state)
{
    (void)state;
    if (read_file(&files[0], "face_detection_short_range") < 0 ||
        read_file(&files[1], "face_landmark_with_attention") < 0 ||
        read_file(&files[2], "selfie_segmentation") < 0) {
        print_message("the nets are not there; run tools/fetch-models\n");
        return 0;
    }
    if (limner_nets_open(&nets, &files[0], &files[1], &files[2], NULL) < 0 ||
        limner_nets_run_open(&run, &nets, NULL) < 0)
        return -1;
    return 0;
}

static int close_nets(void **state)
{
    union {
        const void *read;
        void *p;
    } bytes;

    (void)state;
    limner_nets_run_close(&run);
    limner_nets_close(&nets);
    for (int i = 0; i < 3; i++) {
        bytes.read = files[i].bytes;
        free(bytes.p);
    }
    return limner_mem_live() ? -1 : 0;
}

static void need_nets(void)
{
    if (!nets.segmenter)
        skip();
}

/* Detects in a picture of one or more drawn people; returns how many faces. */
static size_t detect(uint32_t w, uint32_t h, const drawn_face *faces, int n_drawn)
{
    limner_image img;
    size_t n;

    assert_true(drawn_picture(&img, w, h, faces, n_drawn));
    assert_int_equal(limner_detect_faces(&run, &img, found, MAX_FACES, &n), LIMNER_OK);
    limner_image_close(&img);
    return n;
}

static void assert_near(const limner_found_face *face, int landmark, const drawn_face *drawn,
                        float x, float y, float tolerance)
{
    const float *p = face->landmarks[landmark];
    float at[2];

    drawn_place(drawn, x, y, at);
    if (hypotf(p[0] - at[0], p[1] - at[1]) > tolerance * drawn->r / 80 + 0.4f)
        fail_msg("landmark %d at %.2f %.2f, drawn at %.2f %.2f", landmark, (double)p[0],
                 (double)p[1], (double)at[0], (double)at[1]);
}

/* Tolerances in units of the drawing (60 between the irises), and 0.4 pixels. */
static void assert_landmarks(const limner_found_face *face, const drawn_face *drawn)
{
    assert_near(face, IRIS_RIGHT, drawn, -30, -15, 1.5f);
    assert_near(face, IRIS_LEFT, drawn, 30, -15, 1.5f);
    assert_near(face, MOUTH_RIGHT, drawn, -24, 52, 3);
    assert_near(face, MOUTH_LEFT, drawn, 24, 52, 3);
    assert_near(face, CHIN, drawn, 0, 95, 5);
}

static void landmarks_lie_where_the_face_was_drawn(void **state)
{
    const drawn_face drawn[] = {
        { 200, 200, 80, 0 }, { 150.4f, 180.7f, 50, 0 }, { 210, 220, 80, 20 },
        { 200, 210, 70, -35 }, { 120, 150, 30, 0 }
    };

    (void)state;
    need_nets();
    for (size_t i = 0; i < sizeof(drawn) / sizeof(drawn[0]); i++) {
        assert_int_equal(detect(400, 420, &drawn[i], 1), 1);
        assert_landmarks(&found[0], &drawn[i]);
        assert_int_equal(limner_face_check(&found[0].quality), LIMNER_FACE_GOOD);
        assert_float_equal(found[0].quality.roll, drawn[i].roll, 3);
        assert_true(fabsf(found[0].quality.yaw) < 6);
    }
}

static void box_and_keypoints_lie_on_the_face(void **state)
{
    const drawn_face drawn = { 200, 200, 80, 0 };
    const limner_detection *d = &found[0].detection;

    (void)state;
    need_nets();
    assert_int_equal(detect(400, 400, &drawn, 1), 1);
    assert_float_equal(d->x_px + d->width_px / 2, 200, 8);
    assert_float_equal(d->width_px, 145, 20);
    assert_float_equal(d->keypoint[LIMNER_KEYPOINT_RIGHT_EYE][0], 170, 5);
    assert_float_equal(d->keypoint[LIMNER_KEYPOINT_LEFT_EYE][0], 230, 5);
    assert_float_equal(d->keypoint[LIMNER_KEYPOINT_MOUTH][1], 252, 8);
}

static void several_faces_come_largest_first(void **state)
{
    const drawn_face drawn[3] = {
        { 120, 160, 45, 0 }, { 430, 190, 70, 0 }, { 700, 160, 55, 0 }
    };

    (void)state;
    need_nets();
    assert_int_equal(detect(840, 400, drawn, 3), 3);
    assert_landmarks(&found[0], &drawn[1]);
    assert_landmarks(&found[1], &drawn[2]);
    assert_landmarks(&found[2], &drawn[0]);
}

/* A face of 1/20 of the picture is beyond the detector on the whole picture. */
static void small_face_is_found_in_a_crop(void **state)
{
    const drawn_face drawn = { 905, 402, 36, 0 };

    (void)state;
    need_nets();
    assert_int_equal(detect(1280, 1000, &drawn, 1), 1);
    assert_landmarks(&found[0], &drawn);
    assert_int_equal(limner_face_check(&found[0].quality), LIMNER_FACE_GOOD);
}

static void tiny_face_is_called_tiny(void **state)
{
    const drawn_face drawn = { 100, 90, 20, 0 };

    (void)state;
    need_nets();
    assert_int_equal(detect(200, 200, &drawn, 1), 1);
    assert_int_equal(limner_face_check(&found[0].quality), LIMNER_FACE_TINY);
}

static void no_face_no_find(void **state)
{
    limner_image img;
    limner_rng rng;
    size_t n;

    (void)state;
    need_nets();
    assert_int_equal(detect(300, 200, NULL, 0), 0);
    assert_int_equal(limner_image_open(&img, 301, 203, 3), LIMNER_OK);
    limner_rng_init(&rng, 1, 1);
    for (uint32_t y = 0; y < img.h; y++)
        for (uint32_t x = 0; x < img.w * 3; x++)
            limner_image_row(&img, y)[x] = (uint8_t)(limner_rng_u32(&rng) >> 24);
    assert_int_equal(limner_detect_faces(&run, &img, found, MAX_FACES, &n), LIMNER_OK);
    assert_int_equal(n, 0);
    img.n_channels = 1;
    assert_int_equal(limner_detect_faces(&run, &img, found, MAX_FACES, &n), LIMNER_E_ARG);
    limner_image_close(&img);
}

/* The same picture moved by whole pixels: the same landmarks, moved; some waver by a pixel, since
 * the net sees the face sampled at other places. */
static void landmarks_move_with_the_picture(void **state)
{
    const drawn_face here = { 200, 200, 80, 0 }, there = { 237, 189, 80, 0 };
    limner_found_face first;
    float x = 0, y = 0;

    (void)state;
    need_nets();
    assert_int_equal(detect(440, 420, &here, 1), 1);
    first = found[0];
    assert_int_equal(detect(440, 420, &there, 1), 1);
    for (int i = 0; i < LIMNER_N_LANDMARK; i++) {
        const float dx = found[0].landmarks[i][0] - first.landmarks[i][0];
        const float dy = found[0].landmarks[i][1] - first.landmarks[i][1];

        assert_float_equal(dx, 37, 2);
        assert_float_equal(dy, -11, 2);
        x += dx / LIMNER_N_LANDMARK;
        y += dy / LIMNER_N_LANDMARK;
    }
    assert_float_equal(x, 37, 0.5);
    assert_float_equal(y, -11, 0.5);
}

static void every_kernel_gives_the_same_landmarks(void **state)
{
    static const uint32_t masks[] = { 0, LIMNER_CPU_AVX2, LIMNER_CPU_NEON };
    const drawn_face drawn = { 200, 200, 80, 10 };
    const limner_nets_run best = run;
    limner_found_face expected;

    (void)state;
    need_nets();
    assert_int_equal(detect(400, 400, &drawn, 1), 1);
    expected = found[0];
    for (size_t k = 0; k < sizeof(masks) / sizeof(masks[0]); k++) {
        assert_int_equal(limner_nets_run_open(&run, &nets,
                                              limner_nn_dsp_get(limner_cpu_flags() & masks[k])),
                         LIMNER_OK);
        assert_int_equal(detect(400, 400, &drawn, 1), 1);
        limner_nets_run_close(&run);
        run = best;
        for (int i = 0; i < LIMNER_N_LANDMARK; i++)
            for (int d = 0; d < 3; d++)
                assert_float_equal(found[0].landmarks[i][d], expected.landmarks[i][d], 0.01);
    }
}

static void mask_covers_the_person(void **state)
{
    static float mask[LIMNER_SEGMENT_SIZE][LIMNER_SEGMENT_SIZE];
    const drawn_face drawn = { 200, 200, 80, 0 };
    const limner_region region = { 200, 210, 400, 0 };
    limner_image img;

    (void)state;
    need_nets();
    assert_true(drawn_picture(&img, 400, 420, &drawn, 1));
    limner_segment_run(&run, &img, &region, mask);
    limner_image_close(&img);
    for (int i = 0; i < LIMNER_SEGMENT_SIZE; i++)
        for (int j = 0; j < LIMNER_SEGMENT_SIZE; j++)
            assert_true(mask[i][j] >= 0 && mask[i][j] <= 1);
    assert_true(mask[120][128] > 0.9f);         /* face */
    assert_true(mask[240][128] > 0.9f);         /* shoulders */
    assert_true(mask[20][20] < 0.1f && mask[20][235] < 0.1f);
    assert_true(mask[128][10] < 0.1f && mask[128][245] < 0.1f);
}

static void nets_in_the_wrong_place_are_refused(void **state)
{
    limner_blob cut = files[0];
    const char *why = NULL;
    limner_nets wrong;

    (void)state;
    need_nets();
    assert_int_equal(limner_nets_open(&wrong, &files[1], &files[0], &files[2], &why),
                     LIMNER_E_FORMAT);
    assert_non_null(why);
    assert_null(wrong.detector);
    cut.len_bytes /= 2;
    assert_int_equal(limner_nets_open(&wrong, &cut, &files[1], &files[2], &why), LIMNER_E_FORMAT);
    cut.len_bytes = 0;
    assert_int_equal(limner_nets_open(&wrong, &cut, &files[1], &files[2], &why), LIMNER_E_FORMAT);
}

/* Any byte of a real file may be wrong. */
static void damaged_nets_do_no_harm(void **state)
{
    const size_t live = limner_mem_live();
    limner_rng rng;

    (void)state;
    need_nets();
    limner_rng_init(&rng, 4, 4);
    for (int round = 0; round < 60; round++) {
        const limner_blob *file = &files[round % 3];
        uint8_t *bytes = malloc(file->len_bytes);
        limner_tflite *m;

        assert_non_null(bytes);
        memcpy(bytes, file->bytes, file->len_bytes);
        for (int i = 0; i < 40; i++)
            bytes[limner_rng_u32(&rng) % file->len_bytes] = (uint8_t)limner_rng_u32(&rng);
        limner_tflite_open(&m, bytes, file->len_bytes, NULL);
        limner_tflite_close(&m);
        free(bytes);
    }
    assert_int_equal(limner_mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(landmarks_lie_where_the_face_was_drawn),
        cmocka_unit_test(box_and_keypoints_lie_on_the_face),
        cmocka_unit_test(several_faces_come_largest_first),
        cmocka_unit_test(small_face_is_found_in_a_crop),
        cmocka_unit_test(tiny_face_is_called_tiny),
        cmocka_unit_test(no_face_no_find),
        cmocka_unit_test(landmarks_move_with_the_picture),
        cmocka_unit_test(every_kernel_gives_the_same_landmarks),
        cmocka_unit_test(mask_covers_the_person),
        cmocka_unit_test(nets_in_the_wrong_place_are_refused),
        cmocka_unit_test(damaged_nets_do_no_harm),
    };

    return cmocka_run_group_tests(tests, open_nets, close_nets);
}
