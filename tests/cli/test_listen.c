/* SPDX-License-Identifier: Apache-2.0 */
/* limner listen on voices that espeak-ng and ffmpeg make: what its tables and its picture hold,
 * that a voice is heard alike at every rate and through a pipe, and what it says of bad inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "io/media.h"
#include "limner/limner.h"
#include "run.h"

enum { MAX_FRAMES = 1024, N_RATES = 7, N_VALUES = 8 };

static const int rates_hz[N_RATES] = {8000, 11025, 16000, 44100, 48000, 96000, 192000};

typedef struct table {
    int n;
    char name[MAX_FRAMES][16];
    /* time, closure, rounding, jaw, loudness, level, pitch, voicing */
    float value[MAX_FRAMES][N_VALUES];
    float share[MAX_FRAMES][LIMNER_SPEECH_N_CLASSES];
} table;

static run_result r;
static table a, b;

/* ---- inputs ---- */

/* voice.wav, and voice-RATE.wav of all rates. */
static int make_voices(void **state)
{
    char command[1024];

    (void)state;
    if (system("command -v espeak-ng >/dev/null && command -v ffmpeg >/dev/null") != 0) {
        printf("skipped: no espeak-ng or no ffmpeg\n");
        exit(RUN_SKIPPED);
    }
    snprintf(command, sizeof(command),
             "cd '%s' && espeak-ng -v en -s 130 -w voice.wav "
             "'Mama, papa, oh you see the shoes, five very fine views.'",
             test_folder());
    if (system(command) != 0)
        return -1;
    for (int i = 0; i < N_RATES; i++) {
        snprintf(command, sizeof(command),
                 "cd '%s' && ffmpeg -v error -y -i voice.wav -ar %d -c:a pcm_s16le voice-%d.wav",
                 test_folder(), rates_hz[i], rates_hz[i]);
        if (system(command) != 0)
            return -1;
    }
    return 0;
}

/* ---- tables ---- */

static void read_row(table *t, char *line)
{
    const float *first = t->value[t->n];
    char *save = NULL, *field = strtok_r(line, ",", &save);
    float *at = t->value[t->n];

    assert_true(t->n < MAX_FRAMES);
    *at++ = strtof(field, NULL);
    snprintf(t->name[t->n], sizeof(t->name[0]), "%s", strtok_r(NULL, ",", &save));
    while (at < first + N_VALUES)
        *at++ = strtof(strtok_r(NULL, ",", &save), NULL);
    for (int c = 0; c < LIMNER_SPEECH_N_CLASSES; c++)
        t->share[t->n][c] = strtof(strtok_r(NULL, ",", &save), NULL);
    assert_null(strtok_r(NULL, ",", &save));
    t->n++;
}

static void listen_to(table *t, const char *arguments)
{
    run_setup setup = {.output = "table.csv"};
    char err[LIMNER_IO_ERROR_SIZE], *save = NULL;
    limner_io_file f;

    run_limner(&r, &setup, arguments);
    if (r.status || *r.err)
        fail_msg("%s: status %d, %s", arguments, r.status, r.err);
    assert_int_equal(limner_io_file_read(&f, test_path("table.csv"), 1 << 26, err), 0);
    char *text = strndup(f.bytes, f.len_bytes);
    limner_io_file_close(&f);
    char *line = strtok_r(text, "\n", &save);
    assert_non_null(line);
    assert_int_equal(strncmp(line, "time_s,class,closure,rounding,jaw,loudness_db,level,f0_hz,"
                                   "voicing,share_silence,share_closure,", 94), 0);
    t->n = 0;
    while ((line = strtok_r(NULL, "\n", &save)))
        read_row(t, line);
    free(text);
}

static void every_frame_is_sound(void **state)
{
    (void)state;
    listen_to(&a, "listen voice.wav --csv");
    assert_true(a.n > 100);
    for (int k = 0; k < a.n; k++) {
        const float *v = a.value[k];
        float sum = 0;
        int best = 0;

        for (int c = 0; c < LIMNER_SPEECH_N_CLASSES; c++) {
            sum += a.share[k][c];
            best = a.share[k][c] > a.share[k][best] ? c : best;
        }
        assert_float_equal(sum, 1, 2e-3f);
        assert_float_equal(v[0], 0.02f * (float)k, 1e-4f);
        if (a.share[k][best] > 0.51f)
            assert_string_equal(a.name[k], limner_speech_class_name(best));
        for (int i = 1; i <= 3; i++)
            assert_true(v[i] >= 0 && v[i] <= 1);
        assert_true(v[4] >= -100 && v[4] < 10 && v[6] >= 0 && v[6] <= 1000);
    }
}

/* Lips shut in mama and papa, round in oh you, and not in silence. */
static void it_hears_what_is_said(void **state)
{
    float closed = 0, round = 0, jaw = 0;

    (void)state;
    listen_to(&a, "listen voice.wav --csv");
    for (int k = 0; k < a.n; k++) {
        closed = fmaxf(closed, a.share[k][LIMNER_SPEECH_CLOSURE]);
        round = fmaxf(round, a.value[k][2]);
        jaw = fmaxf(jaw, a.value[k][3]);
    }
    assert_true(closed > 0.7f && round > 0.5f && jaw > 0.5f);
    assert_string_equal(a.name[a.n - 1], "silence");
}

static void a_voice_is_heard_alike_at_every_rate(void **state)
{
    char text[64];

    (void)state;
    listen_to(&a, "listen voice-16000.wav --csv");
    for (int i = 0; i < N_RATES; i++) {
        /* Below 16 kHz the high bands are missing, by which s and f are told apart. */
        const double least = rates_hz[i] < 16000 ? 0.75 : 0.95;
        int same = 0;

        snprintf(text, sizeof(text), "listen voice-%d.wav --csv", rates_hz[i]);
        listen_to(&b, text);
        assert_int_equal(a.n, b.n);
        for (int k = 0; k < a.n; k++)
            same += strcmp(a.name[k], b.name[k]) == 0;
        if (same < least * a.n)
            fail_msg("%d Hz: %d of %d frames", rates_hz[i], same, a.n);
    }
}

static void a_pipe_is_the_file(void **state)
{
    run_setup setup = {.input = "voice.wav", .output = "piped.csv"};
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_file f, g;

    (void)state;
    listen_to(&a, "listen voice.wav --csv");
    run_limner(&r, &setup, "listen - --csv");
    assert_int_equal(r.status, 0);
    assert_int_equal(limner_io_file_read(&f, test_path("table.csv"), 1 << 26, err), 0);
    assert_int_equal(limner_io_file_read(&g, test_path("piped.csv"), 1 << 26, err), 0);
    assert_int_equal(f.len_bytes, g.len_bytes);
    assert_memory_equal(f.bytes, g.bytes, f.len_bytes);
    limner_io_file_close(&f);
    limner_io_file_close(&g);
}

/* ---- text, JSON, the picture ---- */

static void text_is_a_line_for_each_run(void **state)
{
    (void)state;
    run_limner(&r, NULL, "listen voice.wav");
    assert_int_equal(r.status, 0);
    assert_string_equal(r.err, "");
    assert_int_equal(strncmp(r.out, "  from s    to s  class", 23), 0);
    assert_true(run_lines(r.out) > 15 && strstr(r.out, "  closure "));
    run_expect("listen voice.wav -q", 0, "", "");
}

static void json_holds_as_many_frames(void **state)
{
    run_setup setup = {.output = "table.json"};
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_file f;
    int n = 0;

    (void)state;
    listen_to(&a, "listen voice.wav --csv");
    run_limner(&r, &setup, "listen voice.wav --json");
    assert_int_equal(r.status, 0);
    assert_int_equal(limner_io_file_read(&f, test_path("table.json"), 1 << 26, err), 0);
    char *text = strndup(f.bytes, f.len_bytes);
    assert_int_equal(strncmp(text, "{\"sound\": \"voice.wav\", \"frame_s\": 0.02, \"classes\": [",
                             52), 0);
    for (const char *at = text; (at = strstr(at, "{\"time_s\": ")); at++)
        n++;
    assert_int_equal(n, a.n);
    assert_string_equal(text + f.len_bytes - 4, "\n]}\n");
    free(text);
    limner_io_file_close(&f);
}

static void the_picture_is_whole(void **state)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_file f;

    (void)state;
    run_expect("listen voice.wav --plot voice.svg -q", 0, "", "");
    assert_int_equal(limner_io_file_read(&f, test_path("voice.svg"), 1 << 26, err), 0);
    char *text = strndup(f.bytes, f.len_bytes);
    assert_int_equal(strncmp(text, "<svg xmlns=\"http://www.w3.org/2000/svg\"", 39), 0);
    assert_string_equal(text + f.len_bytes - 7, "</svg>\n");
    assert_non_null(strstr(text, "<title>closure, "));
    assert_null(strstr(text, "nan"));
    free(text);
    limner_io_file_close(&f);
    run_expect("listen voice.wav --plot voice.png -q", 2, "",
               "limner: voice.png: the plot is an SVG; end it in .svg\n");
    assert_int_equal(link(test_path("voice.wav"), test_path("same.svg")), 0);
    run_expect("listen voice.wav --plot same.svg -q", 1, "",
               "limner: same.svg: is an input and would be overwritten; choose another output\n");
    run_expect("listen voice.wav --plot no/such.svg -q", 1, "",
               "limner: no/such.svg: its folder does not exist; make it first\n");
}

static void bad_inputs_are_said(void **state)
{
    (void)state;
    test_write(test_path("empty.wav"), "", 0);
    run_expect("listen", 2, NULL, "limner: listen: AUDIO is missing; see limner listen --help\n");
    run_expect("listen absent.wav", 1, "",
               "limner: absent.wav: there is no such file; check the name\n");
    run_expect("listen empty.wav", 1, "", "limner: empty.wav: is empty (0 bytes); give another "
                                          "file\n");
    run_expect("listen voice.wav --csv --json", 2, "",
               "limner: --csv and --json both want standard output; choose one\n");
    run_expect("listen voice.wav --plot -", 2, "",
               "limner: --plot - wants standard output, which the text takes; use --quiet alone\n");
    run_limner(&r, NULL, "listen voice.wav --models .");
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.err, "face.limner: this model file is not found"));
}

/* A folder with the face alone. */
static void a_missing_encoder_is_named(void **state)
{
    char command[1024];

    (void)state;
    snprintf(command, sizeof(command),
             "mkdir -p '%s/models' && cp '%s/models/face.limner' '%s/models'", test_folder(),
             getenv("LIMNER_SOURCE"), test_folder());
    assert_int_equal(system(command), 0);
    run_limner(&r, NULL, "listen voice.wav --models models");
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.err, "limner: speech.limner: this model file is not found"));
    test_write(test_path("models/speech.limner"), "LIMNER", 6);
    run_limner(&r, NULL, "listen voice.wav --models models");
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.err, "the model files there cannot be used"));
    snprintf(command, sizeof(command), "rm -r '%s/models'", test_folder());
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_frame_is_sound),
        cmocka_unit_test(it_hears_what_is_said),
        cmocka_unit_test(a_voice_is_heard_alike_at_every_rate),
        cmocka_unit_test(a_pipe_is_the_file),
        cmocka_unit_test(text_is_a_line_for_each_run),
        cmocka_unit_test(json_holds_as_many_frames),
        cmocka_unit_test(the_picture_is_whole),
        cmocka_unit_test(bad_inputs_are_said),
        cmocka_unit_test(a_missing_encoder_is_named),
    };

    return cmocka_run_group_tests(tests, make_voices, test_clean_up);
}
