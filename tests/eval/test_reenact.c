/* SPDX-License-Identifier: Apache-2.0 */
/* eval reenact on a short clip of the demo portrait in known motion: what is shown faithfully is
 * rated high, and shuffled frames, a frozen mouth and another person each make the right figures
 * clearly worse, and leave alone those which they do not touch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../io/files.h"
#include "eval/eval.h"
#include "eval/parallel.h"
#include "eval/reenact.h"
#include "fixture.h"

#define PI 3.14159265358979323846

enum { FPS = 25, N_FRAMES = 36, CLIP_PX = 320, SHOWN_PX = 256, CRF = 12 };

typedef enum conduct { FAITHFUL, SHUFFLES, FREEZES, SWAPS, N_CONDUCTS } conduct;

static const char *const conducts[N_CONDUCTS] = {"faithful", "shuffles", "freezes", "swaps"};

typedef struct trial {
    const fixture *fix;
    const char *clip;
    eval_reenacted seen[N_CONDUCTS];
} trial;

static trial tried;

/* ---- the clip ------------------------------------------------------------------------------ */

/* The head wanders, the mouth speaks four syllables, the eyes blink once. */
static limner_motion motion_at(const limner_motion *own, int frame)
{
    const double t = (double)frame / FPS;
    limner_motion m = *own;

    m.yaw += (float)(10 * sin(2 * PI * 0.7 * t));
    m.pitch += (float)(4 * sin(2 * PI * 1.1 * t));
    m.roll += (float)(5 * sin(2 * PI * 0.5 * t));
    m.x += (float)(0.8 * sin(2 * PI * 0.6 * t));
    m.expression[LIMNER_JAW_OPEN] = (float)(0.25 - 0.25 * cos(2 * PI * 2.8 * t));
    m.expression[LIMNER_EYE_BLINK_LEFT] = m.expression[LIMNER_EYE_BLINK_RIGHT] =
        (float)fmax(1 - abs(frame - 20) / 3.0, (double)own->expression[LIMNER_EYE_BLINK_LEFT]);
    return m;
}

static void write_frames(limner_session *session, limner_io_video *video,
                         const limner_portrait *portrait)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_motion own;

    limner_portrait_motion(portrait, &own);
    for (int i = 0; i < N_FRAMES; i++) {
        const limner_motion m = motion_at(&own, i);
        limner_frame frame;

        assert_int_equal(limner_session_send_motion(session, &m), LIMNER_OK);
        assert_int_equal(limner_session_receive(session, &frame), LIMNER_OK);
        assert_int_equal(limner_io_video_write(video, &frame, err), 0);
        limner_frame_unref(&frame);
    }
}

static void write_clip(const fixture *fix, const char *path)
{
    const limner_io_video_settings to = {.format = LIMNER_IO_MP4,
                                         .width_px = CLIP_PX,
                                         .height_px = CLIP_PX,
                                         .fps_num = FPS,
                                         .fps_den = 1,
                                         .crf = CRF,
                                         .n_threads = 1};
    char err[LIMNER_IO_ERROR_SIZE], detail[LIMNER_DETAIL_SIZE];
    limner_io_video *video;
    limner_session *session;
    limner_settings set;

    limner_settings_init(&set, sizeof(set));
    set.width_px = set.height_px = CLIP_PX;
    assert_int_equal(limner_session_open(&session, fix->model, fix->portrait, &set, detail), 0);
    assert_int_equal(limner_io_video_open(&video, path, &to, err), 0);
    write_frames(session, video, fix->portrait);
    assert_int_equal(limner_io_video_finish(&video, err), 0);
    limner_session_close(&session);
}

/* ---- how it is shown ----------------------------------------------------------------------- */

/* Each frame's place taken by one far from it. */
static limner_status show_shuffled(void *user, eval_stage *stage, const limner_motion *motions,
                                   size_t n, size_t i)
{
    (void)user;
    return eval_stage_show(stage, &motions[i ? (i * 7 + n / 3) % n : 0]);
}

static limner_status show_frozen(void *user, eval_stage *stage, const limner_motion *motions,
                                 size_t n, size_t i)
{
    limner_motion m = motions[i];

    (void)user;
    (void)n;
    for (int k = LIMNER_JAW_FORWARD; k < LIMNER_BROW_DOWN_LEFT; k++)
        m.expression[k] = motions[0].expression[k];
    return eval_stage_show(stage, &m);
}

/* Another person does the same. */
static limner_status show_other(void *user, eval_stage *stage, const limner_motion *motions,
                                size_t n, size_t i)
{
    eval_stage *other = user;
    const limner_status st = eval_stage_show(other, &motions[i]);

    (void)n;
    memcpy(stage->rgb, other->rgb, (size_t)stage->size_px * stage->size_px * 3);
    return st;
}

/* The demo photo with the middle of the face squeezed sideways: a narrow face in the same frame. */
static void open_other(eval_stage *other, const fixture *fix)
{
    const limner_photo *photo = &fix->photo;
    const double w = photo->width_px;
    char detail[LIMNER_DETAIL_SIZE];
    uint8_t *rgb = malloc((size_t)photo->width_px * photo->height_px * 3);

    assert_non_null(rgb);
    for (uint32_t y = 0; y < photo->height_px; y++)
        for (uint32_t x = 0; x < photo->width_px; x++) {
            const double u = 2 * x / w - 1;
            const double from = (u * (1.35 - 0.35 * fabs(u)) + 1) / 2 * w;
            const uint32_t k = (uint32_t)fmin(fmax(from, 0), w - 1);
            memcpy(rgb + 3 * ((size_t)y * photo->width_px + x),
                   photo->rgb + (ptrdiff_t)y * photo->stride + 3 * (size_t)k, 3);
        }
    const limner_photo narrow = {rgb, 3 * (ptrdiff_t)photo->width_px, photo->width_px,
                                 photo->height_px};
    assert_int_equal(eval_stage_open(other, fix->model, &narrow, SHOWN_PX, detail), 0);
    free(rgb);
}

static void try_conduct(void *user, size_t i)
{
    static const eval_reenact_shower show[N_CONDUCTS] = {eval_reenact_show, show_shuffled,
                                                         show_frozen, show_other};
    trial *t = user;
    eval_stage other = {0};

    if (i == SWAPS)
        open_other(&other, t->fix);
    eval_reenact_clip(&t->seen[i], t->fix->model, t->clip, SHOWN_PX, 0, show[i], &other);
    eval_stage_close(&other);
}

static int try_all(void **state)
{
    if (fixture_open(state) != 0)
        return -1;
    tried.fix = *state;
    tried.clip = test_path("clip.mp4");
    write_clip(tried.fix, tried.clip);
    eval_parallel(N_CONDUCTS, 2, try_conduct, NULL, &tried);
    for (int i = 0; i < N_CONDUCTS; i++) {
        const eval_reenacted *r = &tried.seen[i];

        print_message("%s: %.1f dB (still %.1f, moved %.1f), SSIM %.3f (%.3f), landmarks %.2f %% "
                      "(%.2f), lips %.2f %% (%.2f), lids %.2f %% (%.2f), opening r %.3f %s\n",
                      conducts[i], r->psnr[EVAL_OURS], r->psnr[EVAL_STILL], r->psnr[EVAL_SIMILAR],
                      r->ssim[EVAL_OURS], r->ssim[EVAL_SIMILAR],
                      100 * r->error[EVAL_OURS][EVAL_PART_ALL],
                      100 * r->error[EVAL_SIMILAR][EVAL_PART_ALL],
                      100 * r->error[EVAL_OURS][EVAL_PART_LIPS],
                      100 * r->error[EVAL_SIMILAR][EVAL_PART_LIPS],
                      100 * r->error[EVAL_OURS][EVAL_PART_LIDS],
                      100 * r->error[EVAL_SIMILAR][EVAL_PART_LIDS], r->opening_r, r->reason);
    }
    return 0;
}

static int close_all(void **state)
{
    for (int i = 0; i < N_CONDUCTS; i++)
        eval_reenacted_close(&tried.seen[i]);
    test_remove_folder();
    return fixture_close(state);
}

/* ---- figures ------------------------------------------------------------------------------- */

static double error_of(conduct how, eval_part part)
{
    return tried.seen[how].error[EVAL_OURS][part];
}

static void faithful_motion_beats_both_baselines_by_far(void **state)
{
    const eval_reenacted *r = &tried.seen[FAITHFUL];

    (void)state;
    assert_int_equal(r->status, LIMNER_OK);
    assert_int_equal(r->n_frames, N_FRAMES);
    assert_int_equal(r->n_compared, N_FRAMES - 1);
    assert_int_equal(r->n_lost, 0);
    assert_true(r->psnr[EVAL_OURS] > r->psnr[EVAL_STILL] + 5);
    assert_true(r->psnr[EVAL_OURS] > r->psnr[EVAL_SIMILAR] + 3);
    assert_true(r->ssim[EVAL_OURS] > r->ssim[EVAL_SIMILAR]);
    for (int part = 0; part < EVAL_N_PARTS; part++)
        assert_true(r->error[EVAL_OURS][part] < 0.7 * r->error[EVAL_SIMILAR][part]);
    assert_true(error_of(FAITHFUL, EVAL_PART_LIPS) < 0.025);
    assert_true(r->opening_r > 0.97);
}

static void shuffled_frames_are_noticed_in_every_figure(void **state)
{
    const eval_reenacted *r = &tried.seen[SHUFFLES], *good = &tried.seen[FAITHFUL];

    (void)state;
    assert_int_equal(r->status, LIMNER_OK);
    assert_true(r->psnr[EVAL_OURS] < good->psnr[EVAL_OURS] - 5);
    assert_true(r->ssim[EVAL_OURS] < good->ssim[EVAL_OURS] - 0.1);
    for (int part = 0; part < EVAL_N_PARTS; part++)
        assert_true(error_of(SHUFFLES, part) > 3 * error_of(FAITHFUL, part));
    assert_true(r->opening_r < 0.5);
}

static void a_frozen_mouth_is_noticed_at_the_lips_alone(void **state)
{
    const eval_reenacted *r = &tried.seen[FREEZES], *good = &tried.seen[FAITHFUL];

    (void)state;
    assert_int_equal(r->status, LIMNER_OK);
    assert_true(r->psnr[EVAL_OURS] < good->psnr[EVAL_OURS] - 1);
    assert_true(error_of(FREEZES, EVAL_PART_LIPS) > 3 * error_of(FAITHFUL, EVAL_PART_LIPS));
    assert_true(error_of(FREEZES, EVAL_PART_LIDS) < 1.5 * error_of(FAITHFUL, EVAL_PART_LIDS));
    assert_true(r->opening_r < 0.5);
}

static void another_person_is_noticed_though_the_mouth_moves_alike(void **state)
{
    const eval_reenacted *r = &tried.seen[SWAPS], *good = &tried.seen[FAITHFUL];

    (void)state;
    assert_int_equal(r->status, LIMNER_OK);
    assert_true(r->psnr[EVAL_OURS] < good->psnr[EVAL_OURS] - 5);
    assert_true(r->ssim[EVAL_OURS] < good->ssim[EVAL_OURS] - 0.1);
    assert_true(error_of(SWAPS, EVAL_PART_ALL) > 3 * error_of(FAITHFUL, EVAL_PART_ALL));
    assert_true(r->opening_r > 0.9);
}

static void baselines_do_not_depend_on_what_is_shown(void **state)
{
    (void)state;
    for (int i = 1; i < N_CONDUCTS; i++)
        for (int k = EVAL_STILL; k <= EVAL_SIMILAR; k++) {
            assert_true(tried.seen[i].psnr[k] == tried.seen[FAITHFUL].psnr[k]);
            assert_true(tried.seen[i].ssim[k] == tried.seen[FAITHFUL].ssim[k]);
            assert_true(tried.seen[i].error[k][EVAL_PART_ALL] ==
                        tried.seen[FAITHFUL].error[k][EVAL_PART_ALL]);
        }
}

static void the_worst_frames_are_kept_apart(void **state)
{
    const eval_film *film = tried.seen[SHUFFLES].film;

    (void)state;
    assert_non_null(film);
    assert_in_range(film->n, 1, EVAL_N_STRIPS);
    for (int i = 0; i < film->n; i++)
        for (int k = 0; k < i; k++)
            assert_true(film->strip[i].frame >= film->strip[k].frame + 10 ||
                        film->strip[k].frame >= film->strip[i].frame + 10);
}

/* ---- motion -------------------------------------------------------------------------------- */

static void the_first_frame_moves_nothing(void **state)
{
    limner_motion own = {.yaw = 5, .pitch = -8, .roll = 12, .distance = 1, .gaze_yaw = 2};
    limner_motion first = {.yaw = 9, .pitch = -3, .roll = 11, .distance = 1.1f, .x = 2, .y = -1};
    limner_motion out;

    (void)state;
    own.expression[LIMNER_JAW_OPEN] = 0.2f;
    own.expression[LIMNER_MOUTH_CLOSE] = 0.1f;
    first.expression[LIMNER_JAW_OPEN] = 0.4f;
    eval_reenact_motion(&out, &own, &first, &first);
    assert_float_equal(out.yaw, own.yaw, 1e-4);
    assert_float_equal(out.pitch, own.pitch, 1e-4);
    assert_float_equal(out.roll, own.roll, 1e-4);
    assert_float_equal(out.x, 0, 1e-6);
    assert_float_equal(out.y, 0, 1e-6);
    assert_float_equal(out.distance, 1, 1e-6);
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        assert_float_equal(out.expression[i], own.expression[i], 1e-6);
}

static void what_is_shut_in_the_video_is_shut(void **state)
{
    limner_motion own = {.distance = 1}, first = {.distance = 1}, now = {.distance = 1}, out;

    (void)state;
    own.expression[LIMNER_EYE_BLINK_LEFT] = 0.3f;
    first.expression[LIMNER_EYE_BLINK_LEFT] = 0.2f;
    own.expression[LIMNER_JAW_OPEN] = 0.1f;
    first.expression[LIMNER_JAW_OPEN] = 0.3f;
    now.expression[LIMNER_EYE_BLINK_LEFT] = 1;
    eval_reenact_motion(&out, &own, &first, &now);
    assert_float_equal(out.expression[LIMNER_EYE_BLINK_LEFT], 1, 1e-6);
    assert_float_equal(out.expression[LIMNER_JAW_OPEN], 0, 1e-6);
}

/* A shift in pixels is x times the size: of the frame in the tracker, where distance 1 is its first
 * frame, and of the frame in the renderer, where it is the portrait's. */
static void shifts_are_the_same_in_pixels(void **state)
{
    const limner_motion own = {.distance = 1};
    const limner_motion first = {.distance = 1.25f, .x = 3, .y = 1};
    const limner_motion now = {.distance = 0.8f, .x = -2, .y = 4};
    const double size = 20; /* px a cm, at the tracker's distance 1 */
    limner_motion out;

    (void)state;
    eval_reenact_motion(&out, &own, &first, &now);
    assert_float_equal((double)out.x * (size / 1.25) / (double)out.distance,
                       -2 * size / 0.8 - 3 * size / 1.25, 1e-4);
    assert_float_equal((double)out.y * (size / 1.25) / (double)out.distance,
                       4 * size / 0.8 - 1 * size / 1.25, 1e-4);
}

/* ---- the command --------------------------------------------------------------------------- */

static void an_input_that_fails_is_a_row(void **state)
{
    const fixture *fix = *state;
    const char *const paths[] = {tried.clip, test_path("no-such.mp4")};
    char err[LIMNER_IO_ERROR_SIZE] = "";
    eval_report *report = eval_report_open("limner eval reenact", "0", "none", "here", "test");
    const eval_job job = {.model = fix->model,
                          .paths = paths,
                          .n_paths = 2,
                          .size_px = SHOWN_PX,
                          .n_threads = 2,
                          .max_s = 0.2,
                          .report = report};

    assert_non_null(report);
    assert_int_equal(eval_reenact(&job, err), 0);
    assert_int_equal(eval_report_json(report, test_path("report.json"), err), 0);
    eval_report_close(&report);
    const eval_job none = {
        .model = fix->model, .paths = paths + 1, .n_paths = 1, .size_px = SHOWN_PX};
    assert_int_equal(eval_reenact(&none, err), -1);
    assert_non_null(strstr(err, "no-such.mp4: there is no such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faithful_motion_beats_both_baselines_by_far),
        cmocka_unit_test(shuffled_frames_are_noticed_in_every_figure),
        cmocka_unit_test(a_frozen_mouth_is_noticed_at_the_lips_alone),
        cmocka_unit_test(another_person_is_noticed_though_the_mouth_moves_alike),
        cmocka_unit_test(baselines_do_not_depend_on_what_is_shown),
        cmocka_unit_test(the_worst_frames_are_kept_apart),
        cmocka_unit_test(the_first_frame_moves_nothing),
        cmocka_unit_test(what_is_shut_in_the_video_is_shut),
        cmocka_unit_test(shifts_are_the_same_in_pixels),
        cmocka_unit_test(an_input_that_fails_is_a_row),
    };

    return cmocka_run_group_tests(tests, try_all, close_all);
}
