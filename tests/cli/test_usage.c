/* SPDX-License-Identifier: Apache-2.0 */
/* What the command says of itself and of wrong usage; needs no models. */
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
#include "run.h"

static run_result r;

static void wrong_usage_is_exit_2_and_one_line(void **state)
{
    static const struct {
        const char *arguments, *err;
    } cases[] = {
        {"spaek", "limner: there is no command 'spaek'; limner help lists them\n"},
        {"help spaek", "limner: there is no command 'spaek'; limner help lists them\n"},
        {"speak", "limner: speak: PORTRAIT is missing; see limner speak --help\n"},
        {"speak a.jpg", "limner: speak: AUDIO is missing; see limner speak --help\n"},
        {"speak a.jpg b.wav",
         "limner: speak: where to? -o FILE is missing; see limner speak --help\n"},
        {"speak a.jpg b.wav c -o d.mp4",
         "limner: speak: 2 of AUDIO..., but 0 of --face; name the face of each, as in --face 0 "
         "anna.wav --face 1 ben.wav; see limner speak --help\n"},
        {"speak a.jpg b.wav c.wav d.wav --face 0 --face 1 -o d.mp4",
         "limner: speak: 3 of AUDIO..., but 2 of --face; name the face of each, as in --face 0 "
         "anna.wav --face 1 ben.wav; see limner speak --help\n"},
        {"speak a.jpg b.wav --idle 1 -o d.mp4",
         "limner: speak: 1 of AUDIO..., but 0 of --face; name the face of each, as in --face 0 "
         "anna.wav --face 1 ben.wav; see limner speak --help\n"},
        {"speak a.jpg b.wav c.wav --face 1 --face 1 -o d.mp4",
         "limner: speak: --face 1 is there twice; see limner speak --help\n"},
        {"speak a.jpg b.wav --face 1 --idle 1 -o d.mp4",
         "limner: speak: face 1 cannot idle: it is moved; see limner speak --help\n"},
        {"speak a.jpg b.wav c.wav --face 1 --face 0 -o d.mp4 --frame crop",
         "limner: speak: several faces are shown with --frame full only; see limner speak "
         "--help\n"},
        {"speak a.jpg b.wav c.wav --face 1 --face 0 -o d.mp4 --motion-out m.csv",
         "limner: speak: --motion-out takes one face; run it for each of them; see limner speak "
         "--help\n"},
        {"speak a 1 2 3 4 5 6 7 8 9 -o d.mp4",
         "limner: speak: '9' is one argument too many; see limner speak --help\n"},
        {"pose a.jpg b -o c.png",
         "limner: pose: 'b' is one argument too many; see limner pose --help\n"},
        {"speak --sped 3", "limner: speak: there is no option --sped; see limner speak --help\n"},
        {"speak -x", "limner: speak: there is no option -x; see limner speak --help\n"},
        {"speak --still=1", "limner: speak: --still takes no value; see limner speak --help\n"},
        {"speak --fps", "limner: speak: --fps wants a value: N; see limner speak --help\n"},
        {"speak --fps 0", "limner: speak: --fps is 0, allowed is 1 to 120; see limner speak "
                          "--help\n"},
        {"speak --fps 25,5", "limner: speak: --fps wants frames per second such as 25 or "
                             "30000/1001, not '25,5'; see limner speak --help\n"},
        {"speak --fps 25/0", "limner: speak: --fps wants frames per second such as 25 or "
                             "30000/1001, not '25/0'; see limner speak --help\n"},
        {"speak --size 10000", "limner: speak: --size is 10000, allowed is 64 to 3840; see limner "
                               "speak --help\n"},
        {"speak --size 1e2", "limner: speak: --size wants a whole number, not '1e2'; see limner "
                             "speak --help\n"},
        {"speak --seed -1", "limner: speak: --seed wants a whole number from 0 on, not '-1'; see "
                            "limner speak --help\n"},
        {"speak --gaze 10", "limner: speak: --gaze wants YAW,PITCH|camera|at:X,Y, not '10'; see "
                            "limner speak --help\n"},
        {"speak --gaze 10,nan", "limner: speak: --gaze wants YAW,PITCH|camera|at:X,Y, not 'nan'; "
                                "see limner speak --help\n"},
        {"speak --pose 1,2,300", "limner: speak: --pose is 300, allowed is -45 to 45; see limner "
                                 "speak --help\n"},
        {"speak --frame square", "limner: speak: --frame is one of crop, full, alpha, not "
                                 "'square'; see limner speak --help\n"},
        {"speak --emotion glad:1", "limner: speak: --emotion: there is no emotion 'glad'; there "
                                   "are happy, sad, surprised, angry, afraid, disgusted and "
                                   "contempt; see limner speak --help\n"},
        {"speak --emotion happy:1x", "limner: speak: --emotion wants NAME:WEIGHT,..., not "
                                     "'happy:1x'; see limner speak --help\n"},
        {"speak --emotion sad:1,happy:2", "limner: speak: --emotion happy is 2, allowed is 0 to "
                                          "1; see limner speak --help\n"},
        {"speak --emotion happy:x", "limner: speak: --emotion happy wants a number, not 'x'; see "
                                    "limner speak --help\n"},
        {"speak --timeline t.json", "limner: speak: there is no option --timeline; see limner "
                                    "speak --help\n"},
        {"pose --set smile=1", "limner: pose: --set: there is no expression 'smile'; see limner "
                               "pose --help\n"},
        {"pose --set jawOpen", "limner: pose: --set wants NAME=VALUE, not 'jawOpen'; see limner "
                               "pose --help\n"},
        {"pose --set jawOpen=1.5", "limner: pose: --set jawOpen is 1.5, allowed is 0 to 1; see "
                                   "limner pose --help\n"},
        {"pose --set jawOpen=x", "limner: pose: --set jawOpen wants a number, not 'x'; see limner "
                                 "pose --help\n"},
        {"pose --set jawOpen=1x", "limner: pose: --set wants NAME=VALUE, not 'jawOpen=1x'; see "
                                  "limner pose --help\n"},
        {"portrait a -o b.bin", "limner: b.bin: portraits are known by their ending; end it in "
                                ".portrait\n"},
        {"speak a b -o c.mp4 --threads 65", "limner: speak: --threads is 65, allowed is 0 to 64; "
                                            "see limner speak --help\n"},
        {"speak a b -o c.avi", "limner: c.avi: its ending names no format that is written; "
                               "end it in .mp4, .mov, .webm, .png, .y4m or .yuv\n"},
        {"speak a b -o c.mp4 --frame alpha", "limner: c.mp4: .mp4 cannot hold transparency; use "
                                             ".mov, .webm or .png\n"},
        {"speak a b -o c --format mp4 --frame alpha", "limner: --frame alpha: mp4 cannot hold "
                                                      "transparency; use mov, webm or png\n"},
        {"speak - - -o c.mp4", "limner: only one of PORTRAIT and AUDIO can be standard input\n"},
        {"drive a.jpg", "limner: drive: MOTION is missing; see limner drive --help\n"},
        {"drive a.jpg m.csv", "limner: drive: where to? -o FILE is missing; see limner drive "
                              "--help\n"},
        {"drive a.jpg m.csv --head-gain 4", "limner: drive: --head-gain is 4, allowed is 0 to 3; "
                                            "see limner drive --help\n"},
        {"drive a.jpg m.csv --seed 1", "limner: drive: there is no option --seed; see limner drive "
                                       "--help\n"},
        {"drive a.jpg - --audio - -o c.mp4", "limner: only one of PORTRAIT, MOTION and --audio can "
                                             "be standard input\n"},
        {"track", "limner: track: VIDEO is missing; see limner track --help\n"},
        {"track a.mp4 -o - --json", "limner: --json wants standard output, which the motion "
                                    "takes\n"},
        {"eval control", "limner: eval: INPUT is missing; see limner eval --help\n"},
        {"eval", "limner: eval: WHAT is missing; see limner eval --help\n"},
        {"eval controls a", "limner: eval: WHAT is one of control, reenact, speech, motion, not "
                            "'controls'; see limner eval --help\n"},
        {"eval control a b", "limner: eval: 'b' is one argument too many; see limner eval "
                             "--help\n"},
        {"eval speech a --seeds 0", "limner: eval: --seeds is 0, allowed is 1 to 99; see limner "
                                    "eval --help\n"},
        {"eval control -", "limner: eval: INPUT cannot be standard input\n"},
        {"eval control a -o - --json", "limner: --json wants standard output, which the page "
                                       "takes\n"},
        {"eval motion a --portrait b", "limner: eval: --portrait is only for limner eval speech; "
                                       "see limner eval --help\n"},
        {"eval reenact a --seeds 2", "limner: eval: --seeds is only for limner eval speech; see "
                                     "limner eval --help\n"},
        {"eval control a --seconds 2", "limner: eval: --seconds is not for limner eval control; "
                                       "see limner eval --help\n"},
        {"track a -o b --pixels yuv420p", "limner: track: --pixels is only for --raw; see limner "
                                          "track --help\n"},
        {"bench --streams 2", "limner: bench: --streams is only for --live; see limner bench "
                              "--help\n"},
        {"bench --live --runs 2", "limner: bench: --runs is not for --live; see limner bench "
                                  "--help\n"},
        {"speak a b -o c.mp4 --size 65", "limner: speak: --size is 65, but wants an even number; "
                                         "take 66; see limner speak --help\n"},
        {"speak a b -o c.webm --preset slow", "limner: --preset is only for .mp4\n"},
        {"speak a b -o c.y4m --crf 3", "limner: --crf is only for .mp4 and .webm\n"},
        {"pose -o a.png -a.jpg", "limner: pose: there is no option -a; the file of that name is "
                                 "./-a.jpg; see limner pose --help\n"},
        {"speak a b -o c.mp4 --motion-out - --hash",
         "limner: --json and --hash want standard output, which the motion takes\n"},
        {"drive a b -o c.mp4 --neutral 2 --absolute", "limner: drive: --neutral is not for "
                                                      "--absolute; see limner drive --help\n"},
        {"speak a b -o - --json", "limner: --json and --hash want standard output, which the "
                                  "video takes\n"},
    };

    (void)state;
    test_write(test_path("-a.jpg"), "", 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        run_expect(cases[i].arguments, 2, "", cases[i].err);
    run_limner(&r, NULL, "");
    assert_int_equal(r.status, 2);
    assert_non_null(strstr(r.err, "usage: limner COMMAND"));
    assert_string_equal(r.out, "");
}

static void help_goes_to_stdout_and_fits_80_columns(void **state)
{
    static const char *const commands[] = {"speak",    "say",    "drive", "track", "pose",
                                           "portrait", "listen", "info",  "bench", "eval"};
    const size_t n_commands = sizeof(commands) / sizeof(commands[0]);
    char arguments[64];

    (void)state;
    for (size_t i = 0; i < n_commands; i++) {
        snprintf(arguments, sizeof(arguments), "help %s", commands[i]);
        run_limner(&r, NULL, arguments);
        assert_int_equal(r.status, 0);
        assert_string_equal(r.err, "");
        char *examples = strstr(r.out, "\nexamples:\n");
        assert_non_null(examples);
        *examples = 0; /* long lines that are to be copied */
        for (const char *line = r.out; *line;) {
            const size_t n = strcspn(line, "\n");
            assert_true(n < 80 && (n == 0 || line[n - 1] != ' '));
            line += n + (line[n] != 0);
        }
        snprintf(arguments, sizeof(arguments), "%s --help", commands[i]);
        run_limner(&r, NULL, arguments);
        assert_int_equal(r.status, 0);
        assert_non_null(strstr(r.out, "options:"));
    }
    run_limner(&r, NULL, "--help");
    for (size_t i = 0; i < n_commands; i++)
        assert_non_null(strstr(r.out, commands[i]));
}

/* Every option of --help is in the man page and in each shell's completion. */
static void manual_and_completions_know_every_option(void **state)
{
    static const char *const texts[] = {"help --man", "help --completion bash",
                                        "help --completion zsh", "help --completion fish"};
    static run_result help;

    (void)state;
    run_limner(&help, NULL, "help speak");
    for (size_t i = 0; i < 4; i++) {
        run_limner(&r, NULL, texts[i]);
        assert_int_equal(r.status, 0);
        assert_true(strlen(r.out) > 1000);
        char name[64], wanted[128];
        int n_found = 0;
        for (const char *at = help.out; (at = strstr(at, "      --")); at += 8) {
            assert_int_equal(sscanf(at + 8, "%63s", name), 1);
            char *to = wanted;
            for (const char *c = name; *c; c++) { /* troff's dashes are escaped */
                if (*c == '-' && i == 0)
                    *to++ = '\\';
                *to++ = *c;
            }
            *to = 0;
            if (!strstr(r.out, wanted))
                fail_msg("%s lacks --%s", texts[i], name);
            n_found++;
        }
        assert_true(n_found > 20);
    }
}

static void help_lists_itself_and_knows_itself(void **state)
{
    (void)state;
    run_limner(&r, NULL, "help");
    assert_int_equal(r.status, 0);
    char *all = strdup(r.out);
    assert_non_null(strstr(all, "\n  help "));
    run_expect("help help", 0, all, "");
    free(all);
}

static void version_is_printed(void **state)
{
    (void)state;
    run_limner(&r, NULL, "--version");
    assert_int_equal(r.status, 0);
    assert_int_equal(strncmp(r.out, "limner 0.", 9), 0);
}

static void missing_models_say_where_was_looked(void **state)
{
    (void)state;
    const uint8_t pixel[3] = {0};
    char err[LIMNER_IO_ERROR_SIZE];
    test_wav(test_path("a.wav"), TEST_PCM, 16, 16000, 1, 0.1, -1);
    assert_int_equal(limner_io_png_write(test_path("a.jpg"), pixel, 3, 1, 1, 3, NULL, err), 0);
    run_expect("speak a.jpg a.wav -o b.mp4 --models nowhere", 1, "",
               "limner: face.limner: this model file is not found; run tools/fetch-models, or name "
               "its folder with --models; looked in:\n    nowhere\n");
    test_write(test_path("face.limner"), "rubbish", 7);
    for (int i = 0; i < 3; i++)
        test_write(test_path((const char *[]){"face_detection_short_range.tflite",
                                              "face_landmark_with_attention.tflite",
                                              "selfie_segmentation.tflite"}[i]),
                   "rubbish", 7);
    run_limner(&r, NULL, "speak a.jpg a.wav -o b.mp4 --models .");
    assert_int_equal(r.status, 1);
    assert_int_equal(run_lines(r.err), 1);
    assert_non_null(strstr(r.err, "the model files there cannot be used"));
    assert_int_equal(test_count("b.mp4"), 0);
}

static void closed_standard_output_is_an_error(void **state)
{
    const run_setup closed = {.is_output_closed = 1}, full = {.output = "/dev/full"};

    (void)state;
    run_limner(&r, &closed, "help");
    assert_int_equal(r.status, 1);
    assert_int_equal(run_lines(r.err), 1);
    run_limner(&r, &full, "help");
    assert_int_equal(r.status, 1);
    assert_int_equal(run_lines(r.err), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_usage_is_exit_2_and_one_line),
        cmocka_unit_test(help_goes_to_stdout_and_fits_80_columns),
        cmocka_unit_test(manual_and_completions_know_every_option),
        cmocka_unit_test(help_lists_itself_and_knows_itself),
        cmocka_unit_test(version_is_printed),
        cmocka_unit_test(missing_models_say_where_was_looked),
        cmocka_unit_test(closed_standard_output_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, test_clean_up);
}
