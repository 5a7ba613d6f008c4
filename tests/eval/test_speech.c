/* SPDX-License-Identifier: Apache-2.0 */
/* The judge of speech on takes of our own renderer: what is the same is found to be the same, and a
 * shifted sound, a frozen mouth and shuffled frames show in the figures meant to tell them. */
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
#include "eval/perform.h"
#include "eval/script.h"
#include "eval/sync.h"
#include "fixture.h"
#include "io/media.h"

enum { FPS = 25, N_FRAMES = 70, SIZE_PX = 256, N_SAMPLES = N_FRAMES * EVAL_RATE_HZ / FPS };
#define PI 3.14159265358979323846

static float voice[N_SAMPLES];
static uint8_t *film; /* [N_FRAMES][SIZE_PX][SIZE_PX][3]: of the first take */
static eval_performance first;

/* Syllables of different vowels at uneven times: a buzz with two formants. */
static void make_voice(void)
{
    static const struct {
        double start_s, length_s, formant_hz;
    } syllable[] = {{0.20, 0.20, 700}, {0.45, 0.12, 450}, {0.60, 0.25, 800}, {1.00, 0.15, 600},
                    {1.30, 0.10, 850}, {1.42, 0.22, 400}, {1.85, 0.30, 750}, {2.25, 0.10, 500}};

    for (size_t k = 0; k < sizeof(syllable) / sizeof(syllable[0]); k++) {
        const size_t start = (size_t)(syllable[k].start_s * EVAL_RATE_HZ);
        const size_t n = (size_t)(syllable[k].length_s * EVAL_RATE_HZ);
        for (size_t i = 0; i < n && start + i < N_SAMPLES; i++) {
            const double t = (double)i / EVAL_RATE_HZ, phase = fmod(t * 120, 1);
            voice[start + i] = (float)(0.4 * sin(PI * (double)i / (double)n) * exp(-4 * phase) *
                                       (sin(2 * PI * syllable[k].formant_hz * t) +
                                        0.5 * sin(2 * PI * 1500 * t)));
        }
    }
}

static void keep(void *user, size_t frame, const limner_photo *photo)
{
    (void)user;
    memcpy(film + frame * SIZE_PX * SIZE_PX * 3, photo->rgb, (size_t)SIZE_PX * SIZE_PX * 3);
}

static eval_performance perform(const fixture *fix, const float *pcm, uint64_t seed, bool is_kept)
{
    const eval_performing p = {.model = fix->model,
                               .portrait = fix->portrait,
                               .pcm = pcm,
                               .n_samples = N_SAMPLES,
                               .fps = FPS,
                               .n_frames = N_FRAMES,
                               .seed = seed,
                               .size_px = SIZE_PX,
                               .watch = is_kept ? keep : NULL};
    char err[LIMNER_IO_ERROR_SIZE];
    eval_performance made;

    assert_int_equal(eval_perform(&made, &p, err), 0);
    assert_int_equal(made.take.n_frames, N_FRAMES);
    return made;
}

/* The film read again, frame order[i] in place i, beside the same sound. */
static eval_take watch_film(const fixture *fix, size_t (*order)(size_t i))
{
    eval_taker *taker;
    eval_take take;

    assert_int_equal(eval_taker_open(&taker, fix->model, FPS), LIMNER_OK);
    for (size_t i = 0; i < N_FRAMES; i++) {
        const limner_photo photo = {film + order(i) * SIZE_PX * SIZE_PX * 3, 3 * SIZE_PX, SIZE_PX,
                                    SIZE_PX};
        assert_int_equal(eval_taker_push(taker, &photo), LIMNER_OK);
    }
    assert_int_equal(eval_taker_finish(&taker, &take), LIMNER_OK);
    take.pcm = malloc(sizeof(voice));
    memcpy(take.pcm, voice, sizeof(voice));
    take.n_samples = N_SAMPLES;
    return take;
}

static eval_sync compare(const eval_take *made, const eval_take *real, const eval_phone *phones,
                         size_t n_phones)
{
    eval_sync sync;

    assert_int_equal(eval_sync_of(&sync, made, real, phones, n_phones), 0);
    return sync;
}

static int open_first(void **state)
{
    if (fixture_open(state))
        return -1;
    make_voice();
    film = malloc((size_t)N_FRAMES * SIZE_PX * SIZE_PX * 3);
    first = perform(*state, voice, 7, true);
    return film ? 0 : -1;
}

static int close_first(void **state)
{
    eval_performance_close(&first);
    free(film);
    test_remove_folder();
    return fixture_close(state);
}

static void a_take_equals_itself(void **state)
{
    const eval_sync same = compare(&first.take, &first.take, NULL, 0);

    (void)state;
    assert_float_equal(same.opening_r, 1, 1e-9);
    assert_float_equal(same.width_r, 1, 1e-9);
    assert_float_equal(same.amplitude, 1, 1e-9);
    assert_float_equal(same.lag_ms, 0, 1);
    assert_true(isnan(same.closed));
}

static void another_seed_has_the_same_lips(void **state)
{
    eval_performance other = perform(*state, voice, 8, false);
    const eval_sync sync = compare(&other.take, &first.take, NULL, 0);

    assert_true(sync.opening_r > 0.95);
    assert_true(sync.opening_r < 1 - 1e-6);
    eval_performance_close(&other);
}

static void a_late_sound_shows_as_lag(void **state)
{
    enum { LATE_MS = 120, LATE = LATE_MS * EVAL_RATE_HZ / 1000 };
    static float late[N_SAMPLES];

    memcpy(late + LATE, voice, (N_SAMPLES - LATE) * sizeof(*late));
    eval_performance made = perform(*state, late, 7, false);
    const eval_sync sync = compare(&made.take, &first.take, NULL, 0);
    const double own_lag_ms = compare(&first.take, &first.take, NULL, 0).sound_lag_ms;
    assert_float_equal(sync.lag_ms, LATE_MS, 20);
    assert_true(sync.opening_r < sync.best_r - 0.2);
    assert_float_equal(sync.sound_lag_ms, own_lag_ms, 20); /* its lips follow its own sound ... */
    memcpy(made.take.pcm, voice, sizeof(voice));
    assert_float_equal(compare(&made.take, &first.take, NULL, 0).sound_lag_ms, own_lag_ms + LATE_MS,
                       30); /* ... but come late for the first one */
    eval_performance_close(&made);
}

/* p at every moment where the first take's lips are closed while it speaks, and a f beside each. */
static size_t invent_phones(eval_phone phones[N_FRAMES])
{
    double opening[N_FRAMES];
    size_t n = 0;

    eval_take_series(opening, &first.take, EVAL_OPENING);
    const double bound = 0.15 * eval_quantile(opening, N_FRAMES, 0.95);
    for (size_t i = 5; i < 60; i += 3) {
        const bool is_shut = fmin(opening[i - 1], fmin(opening[i], opening[i + 1])) < bound;
        phones[n] = (eval_phone){"AH", (double)i / FPS, (double)(i + 3) / FPS};
        if (is_shut)
            phones[n] = (eval_phone){"P", (double)i / FPS, ((double)i + 0.1) / FPS};
        n++;
    }
    return n;
}

static size_t widest(size_t i)
{
    double opening[N_FRAMES];
    size_t best = 0;

    (void)i;
    eval_take_series(opening, &first.take, EVAL_OPENING);
    for (size_t k = 0; k < N_FRAMES; k++)
        if (opening[k] > opening[best])
            best = k;
    return best;
}

static void a_frozen_mouth_shows_in_amplitude_and_closures(void **state)
{
    eval_phone phones[N_FRAMES];
    const size_t n_phones = invent_phones(phones);
    eval_take frozen = watch_film(*state, widest);
    const eval_sync same = compare(&first.take, &first.take, phones, n_phones);
    const eval_sync still = compare(&frozen, &first.take, phones, n_phones);

    assert_true(same.n_closures >= 3);
    assert_float_equal(same.closed, 1, 0);
    assert_true(same.closed_by_chance < 0.9);
    assert_float_equal(still.closed, 0, 0);
    assert_float_equal(still.closed_real, 1, 0);
    assert_true(still.amplitude < 0.1);
    eval_take_close(&frozen);
}

static size_t shuffled(size_t i)
{
    return i * 31 % N_FRAMES;
}

static void shuffled_frames_show_in_r(void **state)
{
    eval_take mixed = watch_film(*state, shuffled);
    const eval_sync sync = compare(&mixed, &first.take, NULL, 0);

    assert_true(sync.opening_r < 0.3);
    assert_true(sync.width_r < 0.3);
    eval_take_close(&mixed);
}

static void baselines_are_what_they_say(void **state)
{
    eval_take other;

    (void)state;
    assert_int_equal(eval_take_delayed(&other, &first.take, 3), 0);
    const eval_sync late = compare(&other, &first.take, NULL, 0);
    assert_float_equal(late.lag_ms, 3 * 1000 / FPS, 5);
    assert_true(late.opening_r < 0.8);
    eval_take_close(&other);
    assert_int_equal(eval_take_loud_mouth(&other, &first.take), 0);
    const eval_sync loud = compare(&other, &first.take, NULL, 0);
    assert_float_equal(loud.amplitude, 1, 0.02);
    assert_float_equal(loud.sound_r, 1, 0.01);
    assert_true(isnan(loud.width_r));
    eval_take_close(&other);
}

static void labiodentals_are_read_from_the_motion(void **state)
{
    const eval_phone phones[] = {{"F", 0.1, 0.2}, {"AH", 0.2, 0.5}, {"V", 0.5, 0.6}};
    limner_motion m[20] = {0};
    size_t n;

    (void)state;
    assert_float_equal(eval_labiodental_share(&n, m, 20, FPS, phones, 3), 0, 0);
    assert_int_equal(n, 2);
    m[4].expression[LIMNER_MOUTH_ROLL_LOWER] = 0.3f;
    m[4].expression[LIMNER_JAW_OPEN] = 0.1f;
    assert_float_equal(eval_labiodental_share(&n, m, 20, FPS, phones, 3), 0.5, 0);
    m[4].expression[LIMNER_JAW_OPEN] = 0.4f;
    assert_float_equal(eval_labiodental_share(&n, m, 20, FPS, phones, 3), 0, 0);
    assert_true(isnan(eval_labiodental_share(&n, m, 20, FPS, phones + 1, 1)));
}

static void scripts_are_read(void **state)
{
    static const char good[] = "a|some words\nb|\r\n\nc.d||-60\ne|other|12.5";
    static const char bad[] = "a|text\nb\n";
    const char *path = test_path("script.txt");
    char err[LIMNER_IO_ERROR_SIZE];
    eval_script script;

    (void)state;
    test_write(path, good, sizeof(good) - 1);
    assert_int_equal(eval_script_read(&script, path, err), 0);
    assert_int_equal(script.n_lines, 4);
    assert_string_equal(eval_script_find(&script, "dir.x/a.mp4")->text, "some words");
    assert_string_equal(eval_script_find(&script, "b")->text, "");
    assert_float_equal(eval_script_find(&script, "c.d.mpg")->offset_ms, -60, 0);
    assert_float_equal(eval_script_find(&script, "/e.mkv")->offset_ms, 12.5, 0);
    assert_null(eval_script_find(&script, "c.mp4"));
    eval_script_close(&script);
    test_write(path, bad, sizeof(bad) - 1);
    assert_int_equal(eval_script_read(&script, path, err), -1);
    assert_non_null(strstr(err, "line 2"));
}

/* ---- the whole judge ----------------------------------------------------------------------- */

static void put(uint8_t *to, uint32_t v, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

static void write_voice(const char *path)
{
    static uint8_t wav[44 + 2 * N_SAMPLES];

    memcpy(wav, "RIFF....WAVEfmt ", 16);
    put(wav + 4, sizeof(wav) - 8, 4);
    put(wav + 16, 16, 4);
    put(wav + 20, 1, 2);
    put(wav + 22, 1, 2);
    put(wav + 24, EVAL_RATE_HZ, 4);
    put(wav + 28, 2 * EVAL_RATE_HZ, 4);
    put(wav + 32, 2, 2);
    put(wav + 34, 16, 2);
    memcpy(wav + 36, "data", 4);
    put(wav + 40, 2 * N_SAMPLES, 4);
    for (int i = 0; i < N_SAMPLES; i++)
        put(wav + 44 + 2 * i, (uint32_t)(int)lrintf(32767 * voice[i]), 2);
    test_write(path, wav, sizeof(wav));
}

/* The demo portrait says the voice, as `limner speak` would have it. */
static void write_clip(const fixture *fix, const char *path, const char *sound)
{
    const limner_io_video_settings out = {.format = LIMNER_IO_MP4, .width_px = SIZE_PX,
                                          .height_px = SIZE_PX, .fps_num = FPS, .fps_den = 1,
                                          .crf = -1, .audio_path = sound, .n_threads = 1};
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_video *video;
    limner_settings set;
    limner_session *s;
    limner_frame frame;
    size_t used;

    limner_settings_init(&set, sizeof(set));
    set.width_px = set.height_px = SIZE_PX;
    set.seed = 7;
    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, &set, NULL), LIMNER_OK);
    assert_int_equal(limner_io_video_open(&video, path, &out, err), 0);
    for (size_t at = 0; at < N_SAMPLES; at += used) {
        limner_session_send(s, voice + at, N_SAMPLES - at, &used);
        if (at + used == N_SAMPLES)
            limner_session_finish(s);
        while (limner_session_receive(s, &frame) == LIMNER_OK) {
            assert_int_equal(limner_io_video_write(video, &frame, err), 0);
            limner_frame_unref(&frame);
        }
    }
    assert_int_equal(limner_io_video_finish(&video, err), 0);
    limner_session_close(&s);
}

/* The first number of that name in the JSON, from the first `after` on. */
static double number_in(const char *json, const char *after, const char *name)
{
    const char *at = strstr(json, after);

    assert_non_null(at);
    at = strstr(at, name);
    assert_non_null(at);
    return atof(strchr(at, ':') + 1);
}

static void a_clip_of_ours_is_found_to_be_ours(void **state)
{
    const fixture *fix = *state;
    const char *clip = test_path("ours.mp4"), *json_path = test_path("ours.json");
    const char *paths[] = {clip, test_path("none.mp4")};
    char err[LIMNER_IO_ERROR_SIZE], demo[4096];
    limner_io_file json;

    write_voice(test_path("voice.wav"));
    write_clip(fix, clip, test_path("voice.wav"));
    snprintf(demo, sizeof(demo), "%s/assets/demo.jpg", getenv("LIMNER_SOURCE"));
    eval_report *report = eval_report_open("limner eval speech", "", "", "", "");
    const eval_job job = {.model = fix->model, .paths = paths, .n_paths = 2, .size_px = SIZE_PX,
                          .n_threads = 2, .seed = 7, .n_seeds = 1, .portrait = demo,
                          .report = report};
    assert_int_equal(eval_speech(&job, err), 0);
    assert_int_equal(eval_report_json(report, json_path, err), 0);
    eval_report_close(&report);
    assert_int_equal(limner_io_file_read(&json, json_path, 1 << 24, err), 0);
    char *text = calloc(json.len_bytes + 1, 1);
    memcpy(text, json.bytes, json.len_bytes);
    limner_io_file_close(&json);
    assert_true(number_in(text, "\"lips\"", "\"opening_r\"") > 0.95);
    assert_float_equal(number_in(text, "\"lips\"", "\"lag_ms\""), 0, 10);
    assert_float_equal(number_in(text, "\"lips\"", "\"amplitude\""), 1, 0.1);
    assert_non_null(strstr(strstr(text, "\"left_out\""), "none.mp4"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_take_equals_itself),
        cmocka_unit_test(another_seed_has_the_same_lips),
        cmocka_unit_test(a_late_sound_shows_as_lag),
        cmocka_unit_test(a_frozen_mouth_shows_in_amplitude_and_closures),
        cmocka_unit_test(shuffled_frames_show_in_r),
        cmocka_unit_test(baselines_are_what_they_say),
        cmocka_unit_test(labiodentals_are_read_from_the_motion),
        cmocka_unit_test(scripts_are_read),
        cmocka_unit_test(a_clip_of_ours_is_found_to_be_ours),
    };

    return cmocka_run_group_tests(tests, open_first, close_first);
}
