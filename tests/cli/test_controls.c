/* SPDX-License-Identifier: Apache-2.0 */
/* Controls over time, and a motion that belongs to no portrait, with the real program: the demo
 * portrait, and the same mirrored as another one. Skipped where the nets are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "io/media.h"
#include "io/motion_take.h"
#include "run.h"

#define QUICK " -o out.mp4 --size 64 --fps 10 -q"

static run_result r;
static char err[LIMNER_IO_ERROR_SIZE];

static void write_text(const char *name, const char *text)
{
    test_write(test_path(name), text, strlen(text));
}

static void say(limner_io_motion_take *out, const char *arguments)
{
    char text[300];

    snprintf(text, sizeof(text), "speak %s --motion-out m.csv" QUICK, arguments);
    run_limner(&r, NULL, text);
    if (r.status != 0)
        fail_msg("%s: %s", text, r.err);
    if (limner_io_motion_read(out, test_path("m.csv"), err) < 0)
        fail_msg("%s", err);
}

static void hash_of(char hash[32], const char *arguments)
{
    char text[300];

    snprintf(text, sizeof(text), "%s --hash" QUICK, arguments);
    run_limner(&r, NULL, text);
    if (r.status != 0 || strlen(r.out) != 17)
        fail_msg("%s: %d '%s'", text, r.status, r.err);
    memcpy(hash, r.out, 18);
}

static void assert_near(float got, double want, double most)
{
    if (!(fabs((double)got - want) <= most))
        fail_msg("%g instead of %g", (double)got, want);
}

/* Key frames are reached as people move: a step of 20 degrees takes them 0.8 s. */
static void a_timeline_moves_the_head(void **state)
{
    limner_io_motion_take m;

    (void)state;
    write_text("turn.json", "{\"keys\": [{\"at\": 0, \"still\": true, \"pose\": [0, -5, 0]},\n"
                            "{\"at\": 1, \"pose\": [20, -5, 0], \"ease\": \"step\"},\n"
                            "{\"at\": 2, \"distance\": 1.2, \"ease\": \"linear\"}]}\n");
    say(&m, "demo.portrait sound.wav --controls turn.json --pose 45,45,45 --distance 0.8");
    assert_int_equal(m.n_frames, 30);
    for (size_t n = 0; n < m.n_frames; n++) {
        assert_near(m.motion[n].pitch, -5, 0.01);
        assert_near(m.motion[n].yaw, n <= 10 ? 0 : 10, n <= 10 ? 0.01 : 10.01);
    }
    assert_near(m.motion[18].yaw, 20, 1);
    assert_near(m.motion[29].yaw, 20, 0.01);
    assert_near(m.motion[0].distance, 0.8, 1e-6);
    assert_near(m.motion[13].distance, 0.8 + 0.4 * 1 / 2, 0.011); /* followed after 0.3 s */
    assert_near(m.motion[29].distance, 1.2, 0.01);
    limner_io_motion_close(&m);
}

static void what_is_wrong_with_a_timeline_is_said(void **state)
{
    static const char *const cases[][2] = {
        {"{\"keys\": [{\"at\": 0,\n \"energy\": 9}]}",
         "limner: t.json: line 2, column 12: energy is 9, allowed is 0 to 2\n"},
        {"{\"keys\": [{\"at\": 0, \"face\": 2}]}",
         "limner: t.json: key frame 1: face 2 does not move; name it with --face or --idle\n"},
        {"", "limner: t.json: is empty (0 bytes); give another file\n"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        write_text("t.json", cases[i][0]);
        run_expect("speak demo.portrait sound.wav --controls t.json" QUICK, 1, "", cases[i][1]);
    }
    run_expect("say demo.portrait Hello --controls none.json" QUICK, 1, "", NULL);
}

/* What one portrait says another says alike, to the last pixel, whether it is told by the sound or
 * by the other's motion. */
static void a_motion_belongs_to_no_portrait(void **state)
{
    limner_io_motion_take one, other;
    char said[32], driven[32];

    (void)state;
    say(&one, "demo.portrait sound.wav --seed 7 --emotion happy:0.5");
    hash_of(driven, "drive mirrored.portrait m.csv");
    hash_of(said, "speak mirrored.portrait sound.wav --seed 7 --emotion happy:0.5");
    assert_string_equal(driven, said);
    say(&other, "mirrored.portrait sound.wav --seed 7 --emotion happy:0.5");
    assert_int_equal(one.n_frames, other.n_frames);
    assert_memory_equal(one.motion, other.motion, one.n_frames * sizeof(*one.motion));
    limner_io_motion_close(&one);
    limner_io_motion_close(&other);
}

static void another_seed_is_another_take_of_the_same_words(void **state)
{
    limner_io_motion_take one, other;
    int n_moved = 0;

    (void)state;
    say(&one, "demo.portrait sound.wav --seed 7");
    say(&other, "demo.portrait sound.wav --seed 8");
    for (size_t n = 0; n < one.n_frames; n++) {
        n_moved += fabsf(one.motion[n].yaw - other.motion[n].yaw) > 0.5f;
        assert_near(one.motion[n].expression[LIMNER_JAW_OPEN],
                    (double)other.motion[n].expression[LIMNER_JAW_OPEN], 1e-6);
    }
    assert_true(n_moved > (int)one.n_frames / 2);
    limner_io_motion_close(&one);
    limner_io_motion_close(&other);
}

static double size_of_turns(const char *energy)
{
    limner_io_motion_take m;
    char arguments[64];
    double sum = 0;

    snprintf(arguments, sizeof(arguments), "demo.portrait sound.wav --energy %s", energy);
    say(&m, arguments);
    for (size_t n = 0; n < m.n_frames; n++)
        sum += fabs((double)m.motion[n].yaw);
    sum /= (double)m.n_frames;
    limner_io_motion_close(&m);
    return sum;
}

static void energy_moves_the_head(void **state)
{
    const double calm = size_of_turns("0"), lively = size_of_turns("2");

    (void)state;
    assert_true(calm > 0.1 && lively > 3 * calm);
}

/* The same frames as curves and as pictures; needs no portrait. */
static void a_preview_shows_the_motion(void **state)
{
    limner_io_video_in *video;
    limner_io_image image;
    limner_io_file svg;
    double time_s;
    int n = 0, n_changed = 0;
    uint8_t was = 0;

    (void)state;
    run_expect("preview sound.wav -o p.svg --seed 3 --pose 10,0,0 -q", 0, "", "");
    assert_int_equal(limner_io_file_read(&svg, test_path("p.svg"), 1 << 20, err), 0);
    assert_true(strncmp(svg.bytes, "<svg ", 5) == 0);
    assert_non_null(strstr(svg.bytes, ">jawOpen</text>"));
    limner_io_file_close(&svg);
    run_expect("preview sound.wav -o p.mp4 --size 64 --fps 10 --pose 10,0,0", 0, "",
               "p.mp4: 30 frames\n");
    assert_int_equal(limner_io_video_in_open(&video, test_path("p.mp4"), err), 0);
    while (limner_io_video_in_read(video, &image, &time_s, err) == 1) {
        const uint8_t *middle = image.rgb + 3 * (32 * image.width_px + 20);

        assert_int_equal(image.width_px, 64);
        assert_true(middle[0] > middle[2]);     /* clay on grey */
        n_changed += n && middle[0] != was;
        was = middle[0];
        n++;
        limner_io_image_close(&image);
    }
    limner_io_video_in_close(&video);
    assert_true(n == 30 && n_changed > 5);
    run_expect("preview sound.wav -o p.png", 2, "",
               "limner: p.png: a preview is .svg, .mp4, .y4m or .yuv\n");
    run_expect("preview sound.wav -o p.svg --size 64", 2, "",
               "limner: --size: a plot has a size of its own; leave it out, or write .mp4\n");
    test_wav(test_path("short.wav"), TEST_PCM, 16, 16000, 1, 0.01, -1);
    run_expect("preview short.wav -o p.svg", 0, "", "p.svg: 1 frame\n");
    run_expect("preview none.wav -o p.mp4", 1, "", NULL);
}

/* ---- the group ---- */

static int make_inputs(void **state)
{
    limner_io_image image;

    (void)state;
    run_make_portrait();
    test_wav(test_path("sound.wav"), TEST_PCM, 16, 16000, 1, 3, -1);
    if (limner_io_image_read(&image, test_data("../../assets/demo.jpg"), err) < 0)
        return -1;
    for (uint32_t y = 0; y < image.height_px; y++) {
        for (uint32_t x = 0; x < image.width_px / 2; x++) {
            uint8_t *a = image.rgb + 3 * ((size_t)y * image.width_px + x);
            uint8_t *b = a + 3 * (image.width_px - 1 - 2 * x), kept[3];

            memcpy(kept, a, 3);
            memcpy(a, b, 3);
            memcpy(b, kept, 3);
        }
    }
    const int status = limner_io_png_write(test_path("mirrored.png"), image.rgb,
                                           3 * (ptrdiff_t)image.width_px, image.width_px,
                                           image.height_px, 3, NULL, err);
    limner_io_image_close(&image);
    run_expect("portrait mirrored.png -o mirrored.portrait -q", 0, "", "");
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timeline_moves_the_head),
        cmocka_unit_test(what_is_wrong_with_a_timeline_is_said),
        cmocka_unit_test(a_motion_belongs_to_no_portrait),
        cmocka_unit_test(another_seed_is_another_take_of_the_same_words),
        cmocka_unit_test(energy_moves_the_head),
        cmocka_unit_test(a_preview_shows_the_motion),
    };

    return run_has_nets() ? cmocka_run_group_tests(tests, make_inputs, test_clean_up) : RUN_SKIPPED;
}
