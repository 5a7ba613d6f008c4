/* SPDX-License-Identifier: Apache-2.0 */
/* eval control on the demo portrait: what the renderer shows is rated as it should be, and each
 * figure notices when its control is not obeyed, or when another person is shown. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eval/control.h"
#include "eval/eval.h"
#include "eval/parallel.h"
#include "eval/statistics.h"
#include "fixture.h"

enum { SIZE = 384 };

/* Two shows that disobey, beside the one that does as it is told. */
typedef enum conduct { OBEYS, FREEZES, SWAPS, N_CONDUCTS } conduct;

typedef struct trial {
    const fixture *fix;
    limner_photo narrow; /* the demo photo, squeezed to 3/4 of its width: another person */
    uint8_t *narrow_rgb;
    eval_controlled seen[N_CONDUCTS];
    float narrow_identity[LIMNER_N_IDENTITY];
} trial;

static trial tried;

static void squeeze(trial *t)
{
    const limner_photo *photo = &t->fix->photo;
    const uint32_t w = photo->width_px * 3 / 4;
    uint8_t *to = malloc((size_t)w * photo->height_px * 3);

    assert_non_null(to);
    t->narrow_rgb = to;
    t->narrow = (limner_photo){to, (ptrdiff_t)w * 3, w, photo->height_px};
    for (uint32_t y = 0; y < photo->height_px; y++)
        for (uint32_t x = 0; x < w; x++, to += 3) {
            const uint8_t *from = photo->rgb + (ptrdiff_t)y * photo->stride + x * 4 / 3 * 3;
            memcpy(to, from, 3);
        }
}

/* Neither head nor jaw move. */
static limner_status show_frozen(void *user, eval_stage *stage, const limner_motion *m)
{
    limner_motion shown = *m, own;

    (void)user;
    limner_portrait_motion(stage->portrait, &own);
    shown.yaw = own.yaw;
    shown.pitch = own.pitch;
    shown.roll = own.roll;
    shown.expression[LIMNER_JAW_OPEN] = own.expression[LIMNER_JAW_OPEN];
    return eval_stage_show(stage, &shown);
}

/* Another portrait does what was asked. */
static limner_status show_other(void *user, eval_stage *stage, const limner_motion *m)
{
    eval_stage *other = user;
    limner_status st = LIMNER_OK;

    if (other->size_px != stage->size_px)
        st = eval_stage_resize(other, stage->size_px);
    if (st >= 0)
        st = eval_stage_show(other, m);
    if (st >= 0)
        memcpy(stage->rgb, other->rgb, (size_t)stage->size_px * stage->size_px * 3);
    return st;
}

static void try_conduct(void *user, size_t i)
{
    trial *t = user;
    const eval_show show[N_CONDUCTS] = {eval_control_show, show_frozen, show_other};
    char detail[LIMNER_DETAIL_SIZE];
    limner_tracked look;
    eval_stage other = {0};

    if (i == SWAPS) {
        if (eval_stage_open(&other, t->fix->model, &t->narrow, SIZE, detail) < 0 ||
            eval_look(&look, t->fix->model, &t->narrow) < 0)
            return;
        memcpy(t->narrow_identity, look.identity, sizeof(look.identity));
    }
    eval_control_portrait(&t->seen[i], t->fix->model, &t->fix->photo, SIZE, show[i], &other);
    eval_stage_close(&other);
}

static int try_all(void **state)
{
    fixture_open(state);
    tried.fix = *state;
    squeeze(&tried);
    for (int i = 0; i < N_CONDUCTS; i++)
        tried.seen[i].status = LIMNER_E_STATE;
    eval_parallel(N_CONDUCTS, 2, try_conduct, NULL, &tried);
    for (int i = 0; i < N_CONDUCTS; i++) {
        const eval_controlled *c = &tried.seen[i];

        print_message("%s: %.1f dB, head %.2f deg, gaze %.2f deg, distance %.2f %%, mouth r %.4f, "
                      "lids %.1f %%, leakage %.1f %% and %.1f %%, identity %.2f\n",
                      i == OBEYS ? "obeys" : i == FREEZES ? "freezes" : "swaps", c->psnr_db,
                      eval_median(c->obedience.head, EVAL_N_HEAD_ANGLES),
                      eval_mean(c->obedience.gaze, EVAL_N_GAZES),
                      100 * eval_mean(c->obedience.distance, EVAL_N_DISTANCES),
                      c->factors.mouth_r, 100 * c->factors.lid_worst,
                      100 * c->factors.pose_to_expression, 100 * c->factors.expression_to_pose,
                      c->identity_change);
    }
    return 0;
}

static int forget(void **state)
{
    for (int i = 0; i < N_CONDUCTS; i++)
        eval_controlled_close(&tried.seen[i]);
    free(tried.narrow_rgb);
    return fixture_close(state);
}

/* The bars of the evaluation. */
static void an_obedient_renderer_passes(void **state)
{
    const eval_controlled *c = &tried.seen[OBEYS];

    (void)state;
    assert_int_equal(c->status, LIMNER_OK);
    assert_true(c->psnr_db >= 45);
    assert_true(eval_median(c->obedience.head, EVAL_N_HEAD_ANGLES) <= 2);
    assert_true(eval_mean(c->obedience.gaze, EVAL_N_GAZES) <= 4);
    assert_true(eval_mean(c->obedience.distance, EVAL_N_DISTANCES) <= 0.02);
    assert_true(c->factors.mouth_r >= 0.97);
    assert_true(c->factors.lid_worst <= 0.08);
    assert_true(c->factors.pose_to_expression <= 0.08);
    assert_true(c->factors.expression_to_pose <= 0.08);
    assert_true(c->n_lost == 0);
}

static void a_head_that_does_not_turn_is_noticed(void **state)
{
    const double honest = eval_median(tried.seen[OBEYS].obedience.head, EVAL_N_HEAD_ANGLES);
    const eval_controlled *c = &tried.seen[FREEZES];

    (void)state;
    assert_int_equal(c->status, LIMNER_OK);
    assert_true(eval_median(c->obedience.head, EVAL_N_HEAD_ANGLES) > 8);
    assert_true(eval_median(c->obedience.head, EVAL_N_HEAD_ANGLES) > 4 * honest);
    assert_true(eval_median(c->obedience.head_own, EVAL_N_HEAD_ANGLES) > 4 * honest);
    assert_true(eval_median(c->obedience.turn_own, EVAL_N_HEADS) > 8);
    assert_true(eval_mean(c->obedience.distance, EVAL_N_DISTANCES) <= 0.02);
}

static void a_frozen_jaw_is_noticed(void **state)
{
    (void)state;
    assert_true(tried.seen[FREEZES].factors.mouth_r < 0.5);
    assert_true(tried.seen[FREEZES].factors.lid_worst <= 0.08); /* lids still obey */
}

static void another_person_is_noticed(void **state)
{
    const eval_controlled *swapped = &tried.seen[SWAPS], *honest = &tried.seen[OBEYS];
    const double between = (double)limner_identity_distance(tried.fix->model, honest->identity,
                                                            tried.narrow_identity);
    const double now = swapped->identity_change;

    (void)state;
    assert_int_equal(swapped->status, LIMNER_OK);
    print_message("the two are %.2f cm apart\n", between);
    assert_true(now > 4 * honest->identity_change);
    assert_true(now > 0.8 * between);
    assert_true(eval_median(swapped->identity_frame, EVAL_N_LOOKS) > 0.6 * between);
    assert_true(honest->identity_change <= 0.2 * between);
    assert_true(swapped->psnr_db < 30);
    assert_true(swapped->factors.mouth_r >= 0.97); /* it still obeys */
}

/* Readings as of one who sees everything as it was asked for. */
static void see_all(eval_reading *readings, eval_shot *shots)
{
    const limner_motion own = {.distance = 1, .yaw = 3, .pitch = -2, .gaze_yaw = 1};

    eval_control_shots(shots, &own);
    memset(readings, 0, EVAL_N_SHOTS * sizeof(*readings));
    for (int i = 0; i < EVAL_N_SHOTS; i++) {
        readings[i].is_found = true;
        readings[i].motion = shots[i].motion;
        readings[i].measures.opening = (double)shots[i].motion.expression[LIMNER_JAW_OPEN];
        for (int side = 0; side < 2; side++)
            readings[i].measures.lid[side] = shots[i].kind == EVAL_SHOT_LIDS ? 0.03 : 0.3;
    }
}

static void perfect_readings_have_no_error(void **state)
{
    static eval_reading readings[EVAL_N_SHOTS];
    static eval_shot shots[EVAL_N_SHOTS];
    eval_obedience o;
    eval_factors f;

    (void)state;
    see_all(readings, shots);
    eval_control_obedience(&o, shots, readings);
    eval_control_factors(&f, shots, readings);
    assert_true(eval_quantile(o.head, EVAL_N_HEAD_ANGLES, 1) < 1e-6);
    assert_true(eval_quantile(o.turn, EVAL_N_HEADS, 1) < 1e-4);
    assert_true(eval_quantile(o.turn_own, EVAL_N_HEADS, 1) < 1e-4);
    assert_true(eval_quantile(o.gaze_own, EVAL_N_GAZES, 1) < 1e-4);
    assert_true(eval_quantile(o.distance, EVAL_N_DISTANCES, 1) < 1e-6);
    for (int i = 0; i < EVAL_N_ASKED; i++)
        assert_true(o.asked[i].seen == o.asked[i].asked && o.asked[i].asked != 0);
    assert_string_equal(o.asked[0].name, "yaw");
    assert_string_equal(o.asked[EVAL_N_ASKED - 1].name, "distance");
    assert_true(f.mouth_r > 0.9999);
    assert_true(fabs(f.lid_worst - 0.1) < 1e-9);
    assert_int_equal(f.n_seen, EVAL_N_SINGLES);
    assert_true(f.pose_to_expression == 0 && f.expression_to_pose == 0);
}

static void an_offset_of_the_sitter_drops_out(void **state)
{
    static eval_reading readings[EVAL_N_SHOTS];
    static eval_shot shots[EVAL_N_SHOTS];
    eval_obedience o;

    (void)state;
    see_all(readings, shots);
    for (int i = 0; i < EVAL_N_SHOTS; i++) {
        readings[i].motion.yaw += 4;
        readings[i].motion.gaze_pitch += 5;
    }
    eval_control_obedience(&o, shots, readings);
    assert_true(fabs(eval_quantile(o.head, EVAL_N_HEAD_ANGLES, 1) - 4) < 1e-5);
    assert_true(eval_quantile(o.head_own, EVAL_N_HEAD_ANGLES, 1) < 1e-5);
    assert_true(fabs(eval_mean(o.turn, EVAL_N_HEADS) - 4) < 1e-4); /* about the upright axis */
    assert_true(fabs(eval_mean(o.gaze, EVAL_N_GAZES) - 5) < 0.05);
    assert_true(eval_mean(o.gaze_own, EVAL_N_GAZES) < 1e-5);
}

/* Half of one coefficient's range in every turned frame; 4 degrees of yaw in every single shot. */
static void leakage_is_a_share_of_the_range(void **state)
{
    static eval_reading readings[EVAL_N_SHOTS];
    static eval_shot shots[EVAL_N_SHOTS];
    eval_factors f;

    (void)state;
    see_all(readings, shots);
    for (int i = 0; i < EVAL_N_SHOTS; i++) {
        if (shots[i].kind == EVAL_SHOT_HEAD)
            readings[i].motion.expression[LIMNER_BROW_INNER_UP] += 0.5f;
        if (shots[i].kind == EVAL_SHOT_SINGLE)
            readings[i].motion.yaw += 4;
        if (shots[i].kind == EVAL_SHOT_SINGLE && shots[i].expression == LIMNER_CHEEK_PUFF)
            readings[i].motion.expression[LIMNER_CHEEK_PUFF] = 0.1f; /* not seen */
    }
    eval_control_factors(&f, shots, readings);
    assert_int_equal(f.n_seen, EVAL_N_SINGLES - 1);
    assert_true(fabs(f.pose_to_expression - 0.5 / (EVAL_N_SINGLES - 1)) < 1e-6);
    assert_int_equal(f.leakiest, LIMNER_BROW_INNER_UP);
    assert_true(fabs(f.expression_to_pose - 0.1 / 3) < 1e-6);
}

static void what_was_not_seen_is_no_number(void **state)
{
    static eval_reading readings[EVAL_N_SHOTS];
    static eval_shot shots[EVAL_N_SHOTS];
    eval_obedience o;
    eval_factors f;

    (void)state;
    see_all(readings, shots);
    readings[1].motion.yaw = NAN; /* the first of the head's shots asks for yaw alone */
    readings[0].measures.lid[0] = 0.05; /* shut in the photo */
    eval_control_obedience(&o, shots, readings);
    eval_control_factors(&f, shots, readings);
    assert_true(isnan(o.head[0]) && isnan(o.turn[0]) && !isnan(o.head[1]));
    assert_true(isnan(f.lid_left[0]) && fabs(f.lid_worst - 0.1) < 1e-9);
}

/* Refused pictures are rows with their reason, and the set goes on. */
static void refused_pictures_are_rows(void **state)
{
    const char *const paths[] = {"no/such/picture.jpg"};
    char err[LIMNER_IO_ERROR_SIZE] = "";
    const fixture *fix = *state;
    eval_controlled faces[2] = {{.status = LIMNER_E_NO_FACE, .reason = "no face at all"},
                                tried.seen[OBEYS]};
    const char *const names[] = {"dir/stone.jpg", "dir/demo.jpg"};
    eval_report *r = eval_report_open("t", "v", "c", "m", "c");
    const eval_job two = {.model = fix->model, .paths = names, .n_paths = 2, .report = r};
    const eval_job job = {.model = fix->model, .paths = paths, .n_paths = 1, .size_px = SIZE,
                          .n_threads = 1, .report = r};

    assert_int_equal(eval_control(&job, err), -1);
    assert_true(strlen(err) > 10);
    assert_int_equal(eval_control_report(&two, faces), 0);
    assert_int_equal(eval_report_json(r, "control_test.json", err), 0);
    char *summary = eval_report_summary(r);
    assert_non_null(summary);
    assert_non_null(strstr(summary, "mouth opening"));
    free(summary);
    FILE *f = fopen("control_test.json", "r");
    assert_non_null(f);
    char *json = calloc(1, 1 << 16);
    assert_non_null(json);
    assert_true(fread(json, 1, (1 << 16) - 1, f) > 1000);
    fclose(f);
    remove("control_test.json");
    assert_non_null(strstr(json, "no face at all"));
    assert_non_null(strstr(json, "stone.jpg"));
    assert_non_null(strstr(json, "\"pose_to_expression\""));
    free(json);
    eval_report_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_obedient_renderer_passes),
        cmocka_unit_test(a_head_that_does_not_turn_is_noticed),
        cmocka_unit_test(a_frozen_jaw_is_noticed),
        cmocka_unit_test(another_person_is_noticed),
        cmocka_unit_test(perfect_readings_have_no_error),
        cmocka_unit_test(an_offset_of_the_sitter_drops_out),
        cmocka_unit_test(leakage_is_a_share_of_the_range),
        cmocka_unit_test(what_was_not_seen_is_no_number),
        cmocka_unit_test(refused_pictures_are_rows)
    };

    return cmocka_run_group_tests_name("control", tests, try_all, forget);
}
