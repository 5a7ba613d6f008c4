/* SPDX-License-Identifier: Apache-2.0 */
/* A sentence in each of ten languages, spoken by espeak-ng: where a closure (p b m) is heard the
 * lips of the motion are closed, and it opens elsewhere. Skipped where espeak-ng or the nets
 * are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "io/media.h"
#include "io/motion_take.h"
#include "run.h"

enum { FPS = 25, STEPS_PER_S = 50, MAX_STEPS = 1000, N_LANGUAGES = 10 };

static const struct {
    const char *voice, *text;
} sentences[N_LANGUAGES] = {
    {"en", "My mother bought a big brown map for papa, but he put it away."},
    {"de", "Mama backt am Abend Brot, und Papa malt einen bunten Baum."},
    {"es", "Mi primo compra pan blanco para su mamá y bebe poco."},
    {"fr", "Mon papa mange une pomme, et maman boit un bon petit bouillon."},
    {"it", "La mamma compra un piccolo pane bianco per il bambino."},
    {"pt", "Minha mãe comprou um pombo branco para o bebê pequeno."},
    {"ru", "Мама помыла белую рубашку, а папа купил большой помидор."},
    {"tr", "Babam pembe bir bisiklet, annem beyaz bir bebek aldı."},
    {"pl", "Mama kupiła babci małą białą lampę, a potem poszła spać."},
    {"hi", "माँ ने बाबू के लिए पपीता और आम बाज़ार से मँगाया।"},
};

static run_result r;

static int make_inputs(void **state)
{
    (void)state;
    run_make_portrait();
    return 0;
}

/* Shares of closures every 20 ms of voice.wav; their number. */
static size_t hear(float closure[MAX_STEPS])
{
    const run_setup setup = {.output = "heard.csv"};
    char err[LIMNER_IO_ERROR_SIZE], *save = NULL;
    limner_io_file f;
    size_t n = 0;

    run_limner(&r, &setup, "listen voice.wav --csv");
    assert_int_equal(r.status, 0);
    assert_int_equal(limner_io_file_read(&f, test_path("heard.csv"), 1 << 26, err), 0);
    char *text = strndup(f.bytes, f.len_bytes), *line = strtok_r(text, "\n", &save);
    limner_io_file_close(&f);
    while ((line = strtok_r(NULL, "\n", &save))) {
        char name[24];
        assert_true(n < MAX_STEPS);
        assert_int_equal(sscanf(line, "%*f,%23[^,],%f", name, &closure[n]), 2);
        n++;
    }
    free(text);
    return n;
}

/* In units of the jaw's, by the parts that articulation.c has from rendered mixtures. */
static float opening(const limner_motion *m)
{
    return m->expression[LIMNER_JAW_OPEN] - m->expression[LIMNER_MOUTH_CLOSE] +
           0.22f * m->expression[LIMNER_MOUTH_LOWER_DOWN_LEFT] +
           0.25f * m->expression[LIMNER_MOUTH_UPPER_UP_LEFT];
}

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* The opening that 5 % of the frames exceed. */
static float wide(const limner_io_motion_take *take)
{
    float *all = calloc(take->n_frames, sizeof(*all));

    assert_non_null(all);
    for (size_t k = 0; k < take->n_frames; k++)
        all[k] = opening(&take->motion[k]);
    qsort(all, take->n_frames, sizeof(*all), by_size);
    const float found = all[(size_t)(0.95 * (double)take->n_frames)];
    free(all);
    return found;
}

/* The least opening within 40 ms of time_s. */
static float least(const limner_io_motion_take *take, double time_s)
{
    float found = 1;

    for (size_t k = 0; k < take->n_frames; k++)
        if (take->time_s[k] > time_s - 0.0401 && take->time_s[k] < time_s + 0.0401 &&
            opening(&take->motion[k]) < found)
            found = opening(&take->motion[k]);
    return found;
}

static void speak(int language, limner_io_motion_take *take)
{
    char command[1024], err[LIMNER_IO_ERROR_SIZE];

    snprintf(command, sizeof(command), "cd '%s' && espeak-ng -v %s -s 150 -w voice.wav '%s'",
             test_folder(), sentences[language].voice, sentences[language].text);
    assert_int_equal(system(command), 0);
    run_expect("speak demo.portrait voice.wav -o talk.yuv --size 64 --motion-out talk.csv -q", 0,
               "", "");
    assert_int_equal(limner_io_motion_read(take, test_path("talk.csv"), err), 0);
    assert_true(take->n_frames > 2 * FPS);
}

static void lips_close_where_closures_are_heard(void **state)
{
    static float closure[MAX_STEPS];
    size_t n_all = 0;

    (void)state;
    for (int i = 0; i < N_LANGUAGES; i++) {
        limner_io_motion_take take;
        size_t n_heard = 0;
        speak(i, &take);
        const size_t n = hear(closure);
        const float p95 = wide(&take);
        assert_true(p95 > 0.1f);
        for (size_t k = 1; k + 1 < n; k++) {
            const double time_s = ((double)k + 0.5) / STEPS_PER_S;
            if (closure[k] < 0.6f || closure[k] < closure[k - 1] || closure[k] <= closure[k + 1])
                continue;
            n_heard++;
            if (least(&take, time_s) >= 0.15f * p95)
                fail_msg("%s: opening %.3f of %.3f at %.2f s", sentences[i].voice,
                         (double)least(&take, time_s), (double)p95, time_s);
        }
        print_message("%s: %zu closures heard and shown, opening %.2f\n", sentences[i].voice,
                      n_heard, (double)p95);
        assert_true(n_heard >= 2);
        n_all += n_heard;
        limner_io_motion_close(&take);
    }
    assert_true(n_all >= 4 * N_LANGUAGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lips_close_where_closures_are_heard),
    };
    if (system("command -v espeak-ng >/dev/null") != 0) {
        printf("skipped: no espeak-ng\n");
        return RUN_SKIPPED;
    }
    return run_has_nets() ? cmocka_run_group_tests(tests, make_inputs, test_clean_up) : RUN_SKIPPED;
}
