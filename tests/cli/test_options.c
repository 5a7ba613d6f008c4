/* SPDX-License-Identifier: Apache-2.0 */
/* The option tables: what is written on the command line arrives in cli_args. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"

static cli_args args;
static char why[512];

/* Parses words separated by blanks. */
static int parse(const char *line)
{
    static char text[1024];
    char *argv[64];
    int argc = 0;

    strcpy(text, line);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    cli_args_init(&args);
    return cli_parse(&args, cli_command_find(argv[0]), argc, argv, why, sizeof(why));
}

static void values_arrive(void **state)
{
    (void)state;
    assert_int_equal(parse("speak p.jpg a.wav -o out.mp4 --size=640 --fps 30 --seed "
                           "18446744073709551615 --gaze -3,4.5 --pose 1,2,-3 --distance 1.5 "
                           "--energy 0.5 --head-gain 0 --blink-rate 20 --still --face 2 --force "
                           "--frame full "
                           "--crf 23 --preset fast --cpumask 0x3 --threads 2 -q"),
                     CLI_OK);
    assert_string_equal(args.operand[0], "p.jpg");
    assert_string_equal(args.operand[1], "a.wav");
    assert_string_equal(args.output, "out.mp4");
    assert_int_equal(args.size, 640);
    assert_true(args.fps_num == 30 && args.fps_den == 1);
    assert_true(args.seed == UINT64_MAX);
    assert_true(args.controls.gaze_yaw == -3 && args.controls.gaze_pitch == 4.5f);
    assert_true(args.controls.gaze_mode == LIMNER_GAZE_ANGLE && args.controls.energy == 0.5f);
    assert_true(args.controls.yaw == 1 && args.controls.pitch == 2 && args.controls.roll == -3);
    assert_true(args.controls.distance == 1.5f && args.controls.head_gain == 0);
    assert_true(args.controls.blink_rate == 20 && args.is_still && args.is_forced);
    assert_int_equal(args.face, 2);
    assert_int_equal(args.framing, LIMNER_FRAMING_FULL);
    assert_int_equal(args.crf, 23);
    assert_string_equal(args.preset, "fast");
    assert_true(args.has_cpumask && args.cpumask == 3 && args.threads == 2 && args.is_quiet);
}

static void defaults_are_the_librarys(void **state)
{
    limner_controls controls;

    (void)state;
    assert_int_equal(parse("speak p a -o o"), CLI_OK);
    limner_controls_init(&controls, sizeof(controls));
    assert_memory_equal(&args.controls, &controls, sizeof(controls));
    assert_true(args.fps_num == 25 && args.fps_den == 1 && args.face == -1 && args.crf == -1);
    assert_true(args.seed == 0 && !args.has_cpumask && !args.is_still);
}

static void gaze_has_three_forms(void **state)
{
    (void)state;
    assert_int_equal(parse("speak p a -o o --gaze camera"), CLI_OK);
    assert_int_equal(args.controls.gaze_mode, LIMNER_GAZE_CAMERA);
    assert_int_equal(parse("speak p a -o o --gaze at:0.25,1.5"), CLI_OK);
    assert_int_equal(args.controls.gaze_mode, LIMNER_GAZE_POINT);
    assert_true(args.controls.gaze_x == 0.25f && args.controls.gaze_y == 1.5f);
    assert_int_equal(parse("speak p a -o o --gaze at:0.25,2.5"), CLI_USAGE);
    assert_string_equal(why, "--gaze is 2.5, allowed is -1 to 2");
    assert_int_equal(parse("speak p a -o o --gaze at:0.25"), CLI_USAGE);
    assert_int_equal(parse("speak p a -o o --gaze Camera"), CLI_USAGE);
    assert_int_equal(parse("speak p a -o o --gaze 31,0"), CLI_USAGE);
    assert_int_equal(parse("speak p a -o o --energy 2.1"), CLI_USAGE);
}

static void rates_are_exact(void **state)
{
    (void)state;
    assert_int_equal(parse("speak p a -o o --fps 29.97"), CLI_OK);
    assert_true(args.fps_num == 30000 && args.fps_den == 1001);
    assert_int_equal(parse("speak p a -o o --fps 24000/1001"), CLI_OK);
    assert_true(args.fps_num == 24000 && args.fps_den == 1001);
    assert_int_equal(parse("speak p a -o o --fps 12.5"), CLI_USAGE);
    assert_int_equal(parse("speak p a -o o --fps 121"), CLI_USAGE);
    assert_int_equal(parse("speak p a -o o --fps 99999999999999"), CLI_USAGE);
}

static void emotions_mix_and_settings_add_up(void **state)
{
    (void)state;
    assert_int_equal(parse("speak p a -o o --emotion happy:0.6,surprised:0.25"), CLI_OK);
    assert_true(args.controls.emotion[LIMNER_HAPPY] == 0.6f);
    assert_true(args.controls.emotion[LIMNER_SURPRISED] == 0.25f);
    assert_true(args.controls.emotion[LIMNER_SAD] == 0);
    assert_int_equal(parse("speak p a -o o --emotion happy"), CLI_USAGE);
    assert_int_equal(parse("speak p a -o o --emotion happy:0.5,"), CLI_USAGE);
    assert_int_equal(parse("pose p -o o --set jawOpen=0.5 --yaw -10 --set tongueUp=1"), CLI_OK);
    assert_int_equal(args.n_settings, 2);
    assert_int_equal(args.setting[0].index, LIMNER_JAW_OPEN);
    assert_true(args.setting[0].value == 0.5f);
    assert_int_equal(args.setting[1].index, LIMNER_N_EXPRESSION);
    assert_true(args.pose.yaw == -10 && isnan(args.pose.pitch) && isnan(args.pose.gaze_yaw));
}

static void drive_takes_sound_and_gains(void **state)
{
    (void)state;
    assert_int_equal(parse("drive p m.csv -o o --audio a.wav --absolute --head-gain 0.5 "
                           "--expression-gain 2 --mouth-gain 1.5 --fps 60"),
                     CLI_OK);
    assert_string_equal(args.operand[1], "m.csv");
    assert_string_equal(args.audio, "a.wav");
    assert_true(args.is_absolute && args.controls.head_gain == 0.5f && args.fps_num == 60);
    assert_true(args.controls.expression_gain == 2 && args.controls.mouth_gain == 1.5f);
    assert_int_equal(parse("drive p m.csv -o o"), CLI_OK);
    assert_true(!args.is_absolute && !args.audio);
}

static void track_takes_files_beside_the_motion(void **state)
{
    (void)state;
    assert_int_equal(parse("track v.mp4 -o m.csv --landmarks l.f32 --report r.json --face 1"),
                     CLI_OK);
    assert_string_equal(args.landmarks, "l.f32");
    assert_string_equal(args.report, "r.json");
    assert_int_equal(args.face, 1);
    assert_int_equal(parse("track v.mp4"), CLI_USAGE);
}

static void operands_may_look_like_options(void **state)
{
    (void)state;
    assert_int_equal(parse("speak -o o -- -p --still"), CLI_OK);
    assert_string_equal(args.operand[0], "-p");
    assert_string_equal(args.operand[1], "--still");
    assert_false(args.is_still);
    assert_int_equal(parse("speak - a -o -"), CLI_OK);
    assert_string_equal(args.operand[0], "-");
    assert_string_equal(args.output, "-");
    assert_int_equal(parse("speak p --help"), -1);
}

/* A setting too many is refused before it is stored. */
static void settings_have_a_limit(void **state)
{
    char line[1024] = "pose p -o o";

    (void)state;
    for (int i = 0; i < 12; i++)
        strcat(line, " --set jawOpen=1");
    assert_int_equal(parse(line), CLI_OK);
    args.n_settings = CLI_MAX_SETTINGS;
    char *argv[] = {"pose", "p", "-o", "o", "--set", "jawOpen=1"};
    assert_int_equal(cli_parse(&args, cli_command_find("pose"), 6, argv, why, sizeof(why)),
                     CLI_USAGE);
    assert_int_equal(args.n_settings, CLI_MAX_SETTINGS);
}

typedef struct table_check {
    const char *names[128];
    int n;
} table_check;

/* Numbers say how far they may go; faces are counted by the photo. */
static void check_range(const cli_option *o)
{
    char range[64];

    if ((o->kind != CLI_REAL && o->kind != CLI_RATE && o->kind != CLI_COUNT &&
         o->kind != CLI_EVEN &&
         o->kind != CLI_REALS_2 && o->kind != CLI_REALS_3) ||
        strcmp(o->name, "face") == 0)
        return;
    snprintf(range, sizeof(range), "%g to ", o->low);
    if (!strstr(o->help, range))
        fail_msg("--%s: its help does not say %s...", o->name, range);
    snprintf(range, sizeof(range), "to %g", o->high);
    if (!strstr(o->help, range))
        fail_msg("--%s: its help does not say %s", o->name, range);
}

static void check_option(void *user, const cli_option *o)
{
    table_check *t = user;

    for (int i = 0; i < t->n; i++)
        assert_string_not_equal(t->names[i], o->name);
    t->names[t->n++] = o->name;
    assert_non_null(o->help);
    assert_true((o->value == NULL) == (o->kind == CLI_FLAG));
    assert_true(o->help[strlen(o->help) - 1] != '.');
    assert_true(o->offset < sizeof(cli_args));
    check_range(o);
}

static void tables_are_sound(void **state)
{
    (void)state;
    for (int i = 0; i < cli_n_commands; i++) {
        table_check t = {.n = 0};
        cli_each_option(&cli_commands[i], check_option, &t);
        assert_true(t.n > 0);
        assert_non_null(cli_commands[i].run);
    }
}

static void note_option(void *user, const cli_option *o)
{
    table_check *t = user;

    t->names[t->n++] = o->name;
}

static bool has(const table_check *t, const char *name)
{
    for (int i = 0; i < t->n; i++) {
        if (strcmp(t->names[i], name) == 0)
            return true;
    }
    return false;
}

/* A misspelt bond would never bind. */
static void bonds_are_of_options_that_are(void **state)
{
    (void)state;
    for (const cli_bond *b = cli_bonds; b->command; b++) {
        const cli_command *command = cli_command_find(b->command);
        table_check t = {.n = 0};

        assert_non_null(command);
        cli_each_option(command, note_option, &t);
        assert_true(has(&t, b->option));
        if (!command->first)
            assert_true(has(&t, b->other));
        bool is_first = !command->first;
        for (int i = 0; command->first && command->first[i]; i++)
            is_first = is_first || strcmp(command->first[i], b->other) == 0;
        assert_true(is_first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_arrive),
        cmocka_unit_test(defaults_are_the_librarys),
        cmocka_unit_test(gaze_has_three_forms),
        cmocka_unit_test(rates_are_exact),
        cmocka_unit_test(emotions_mix_and_settings_add_up),
        cmocka_unit_test(drive_takes_sound_and_gains),
        cmocka_unit_test(track_takes_files_beside_the_motion),
        cmocka_unit_test(operands_may_look_like_options),
        cmocka_unit_test(settings_have_a_limit),
        cmocka_unit_test(tables_are_sound),
        cmocka_unit_test(bonds_are_of_options_that_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
