/* SPDX-License-Identifier: Apache-2.0 */
/* A portrait on the stage shows what it is told, a look reads it, and parallel work is all done. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eval/parallel.h"
#include "eval/stage.h"
#include "fixture.h"

enum { SIZE = 256, N_JOBS = 100 };

static void shown_motion_is_seen(void **state)
{
    const fixture *fix = *state;
    char detail[LIMNER_DETAIL_SIZE];
    eval_stage stage;
    limner_motion m;
    limner_tracked own, turned;

    assert_int_equal(eval_stage_open(&stage, fix->model, &fix->photo, SIZE, detail), LIMNER_OK);
    limner_portrait_motion(stage.portrait, &m);
    for (int i = 0; i < 20; i++) /* frames go back to the session's pool */
        assert_int_equal(eval_stage_show(&stage, &m), LIMNER_OK);
    limner_photo view = eval_stage_view(&stage);
    assert_int_equal(eval_look(&own, fix->model, &view), LIMNER_OK);
    m.roll += 15;
    assert_int_equal(eval_stage_show(&stage, &m), LIMNER_OK);
    assert_int_equal(eval_look(&turned, fix->model, &view), LIMNER_OK);
    assert_true(fabsf(turned.motion.roll - own.motion.roll - 15) < 3);
    memset(stage.rgb, 128, (size_t)SIZE * SIZE * 3);
    assert_int_equal(eval_look(&own, fix->model, &view), LIMNER_E_NO_FACE);
    assert_int_equal(eval_stage_resize(&stage, 2 * SIZE), LIMNER_OK);
    assert_int_equal(eval_stage_show(&stage, &m), LIMNER_OK);
    view = eval_stage_view(&stage);
    assert_int_equal(view.width_px, 2 * SIZE);
    assert_int_equal(eval_look(&own, fix->model, &view), LIMNER_OK);
    assert_true(fabsf(turned.motion.roll - own.motion.roll) < 2);
    eval_stage_close(&stage);
    eval_stage_close(&stage);
}

static void no_face_is_a_sentence(void **state)
{
    const fixture *fix = *state;
    char detail[LIMNER_DETAIL_SIZE] = "";
    uint8_t *grey = calloc(SIZE * SIZE, 3);
    eval_stage stage;

    assert_non_null(grey);
    const limner_photo photo = {grey, SIZE * 3, SIZE, SIZE};
    assert_true(eval_stage_open(&stage, fix->model, &photo, SIZE, detail) < 0);
    assert_true(strlen(detail) > 5);
    assert_int_equal(eval_stage_open(&stage, fix->model, &fix->photo, 63, detail), LIMNER_E_ARG);
    assert_true(strlen(detail) > 5);
    free(grey);
}

typedef struct tally {
    int n_runs[N_JOBS];
    size_t last, n_told;
} tally;

static void count(void *user, size_t i)
{
    ((tally *)user)->n_runs[i]++;
}

static void tell(void *user, size_t i, size_t n_done)
{
    tally *t = user;

    assert_true(i < N_JOBS);
    assert_int_equal(n_done, t->last + 1);
    t->last = n_done;
    t->n_told++;
}

static void every_job_runs_once(void **state)
{
    (void)state;
    for (uint32_t n_threads = 0; n_threads < 200; n_threads += 7) {
        tally t = {{0}, 0, 0};

        eval_parallel(N_JOBS, n_threads, count, tell, &t);
        for (int i = 0; i < N_JOBS; i++)
            assert_int_equal(t.n_runs[i], 1);
        assert_int_equal(t.n_told, N_JOBS);
        eval_parallel(0, n_threads, count, NULL, &t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shown_motion_is_seen),
        cmocka_unit_test(no_face_is_a_sentence),
        cmocka_unit_test(every_job_runs_once)
    };

    return cmocka_run_group_tests_name("stage", tests, fixture_open, fixture_close);
}
