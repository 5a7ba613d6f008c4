/* SPDX-License-Identifier: Apache-2.0 */
/* The live mode: frames are fed to the real programs one at a time, each only after what is due for
 * those before it has come out of the other end. A program that waited for more would stand still.
 * Skipped where the nets are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "io/media.h"
#include "io/motion_csv.h"
#include "run.h"

/* Frames that may be missing at the output: the tracker's; MP4 has to know where a frame ends. */
enum { TRACKER_LAG = 5, MP4_LAG = 1, SIZE = 192, N_FRAMES = 24, PATIENCE_MS = 20000 };
enum { FRAME_BYTES = SIZE * SIZE * 3 };

static run_result r;
static char err[LIMNER_IO_ERROR_SIZE];
static uint8_t *clip; /* [N_FRAMES][FRAME_BYTES] */

/* ---- a running pipeline ---- */

typedef struct pipeline {
    int in, out;
    pid_t child[2];
    int n_children;
    char *bytes; /* all that came out */
    size_t n_bytes;
} pipeline;

enum { MAX_OUT = 1 << 23 };

/* `second` may be NULL: one program only. */
static void start(pipeline *p, const char *first, const char *second)
{
    int in[2], middle[2], out[2];

    assert_int_equal(pipe(in) | pipe(out), 0);
    *p = (pipeline){.in = in[1], .out = out[0], .bytes = malloc(MAX_OUT)};
    assert_non_null(p->bytes);
    for (int i = 0; i < 2; i++) {
        fcntl(i ? p->out : p->in, F_SETFD, FD_CLOEXEC);
        fcntl(i ? p->out : p->in, F_SETFL, O_NONBLOCK);
    }
    if (second) {
        assert_int_equal(pipe(middle), 0);
        fcntl(middle[0], F_SETFD, FD_CLOEXEC);
        p->child[p->n_children++] = run_start_between(in[0], middle[1], first);
        close(middle[1]);
        p->child[p->n_children++] = run_start_between(middle[0], out[1], second);
        close(middle[0]);
    } else {
        p->child[p->n_children++] = run_start_between(in[0], out[1], first);
    }
    close(in[0]);
    close(out[1]);
}

/* Takes what is there; 0 when nothing comes within the time, or ever. */
static int take(pipeline *p, int wait_ms)
{
    struct pollfd ready = {p->out, POLLIN, 0};

    if (poll(&ready, 1, wait_ms) <= 0)
        return 0;
    const ssize_t n = read(p->out, p->bytes + p->n_bytes, MAX_OUT - 1 - p->n_bytes);
    assert_true(n >= 0 && p->n_bytes + (size_t)n < MAX_OUT - 1);
    p->n_bytes += (size_t)n;
    return n > 0;
}

static int count(const pipeline *p, const char *mark)
{
    const size_t n_mark = strlen(mark);
    int n = 0;

    for (size_t i = 0; i + n_mark <= p->n_bytes; i++)
        n += memcmp(p->bytes + i, mark, n_mark) == 0;
    return n;
}

static void feed(pipeline *p, const uint8_t *bytes, size_t n)
{
    struct pollfd ready = {p->in, POLLOUT, 0};

    while (n > 0) {
        if (poll(&ready, 1, PATIENCE_MS) != 1)
            fail_msg("no more input is taken");
        const ssize_t done = write(p->in, bytes, n);
        assert_true(done > 0);
        bytes += done;
        n -= (size_t)done;
    }
}

static void finish(pipeline *p)
{
    close(p->in);
    while (take(p, PATIENCE_MS))
        continue;
    close(p->out);
    for (int i = 0; i < p->n_children; i++)
        assert_int_equal(run_wait(p->child[i]), 0);
    p->bytes[p->n_bytes] = 0;
}

/* Feeds a clip, `between` before each frame; `mark` is in each result, and results may lag by `lag`
 * frames after the first `n_silent`. */
static void feed_slowly(pipeline *p, const uint8_t *frames, const char *between, const char *mark,
                        int lag, int n_silent)
{
    for (int k = 0; k < N_FRAMES; k++) {
        feed(p, (const uint8_t *)between, strlen(between));
        feed(p, frames + (size_t)k * FRAME_BYTES, FRAME_BYTES);
        const int n_due = k < n_silent ? 0 : k + 1 - lag;
        while (count(p, mark) < n_due) {
            if (!take(p, PATIENCE_MS))
                fail_msg("%d frames are in, %d results out, %d are due", k + 1, count(p, mark),
                         n_due);
        }
    }
    assert_true(count(p, mark) >= N_FRAMES - lag); /* and the input is still open */
}

/* ---- tests ---- */

static void rows_follow_raw_frames(void **state)
{
    limner_io_motion_take rows;
    pipeline p;

    (void)state;
    start(&p, "track - --raw 192x192@30 -o - -q", NULL);
    feed_slowly(&p, clip, "", ",61,", TRACKER_LAG, 0);
    finish(&p);
    if (limner_io_motion_parse(&rows, p.bytes, p.n_bytes, "rows", err) < 0)
        fail_msg("%s", err);
    assert_int_equal(rows.n_frames, N_FRAMES);
    assert_true(rows.fps > 29.999 && rows.fps < 30.001);
    limner_io_motion_close(&rows);
    free(p.bytes);
}

/* A stream that says itself what it is. */
static void rows_follow_a_y4m_stream(void **state)
{
    const char header[] = "YUV4MPEG2 W192 H192 F30:1 Ip A1:1 C444\n";
    uint8_t *grey = malloc((size_t)N_FRAMES * FRAME_BYTES);
    pipeline p;

    (void)state;
    assert_non_null(grey);
    memset(grey, 128, (size_t)N_FRAMES * FRAME_BYTES);
    for (size_t i = 0; i < (size_t)N_FRAMES * SIZE * SIZE; i++)
        grey[i / (SIZE * SIZE) * FRAME_BYTES + i % (SIZE * SIZE)] = clip[3 * i + 1];
    start(&p, "track - -o - -q", NULL);
    feed(&p, (const uint8_t *)header, strlen(header));
    feed_slowly(&p, grey, "FRAME\n", ",61,", TRACKER_LAG, 0);
    finish(&p);
    assert_int_equal(count(&p, ",61,"), N_FRAMES);
    free(p.bytes);
    free(grey);
}

/* A webcam drives a portrait: what the two programs hold back together is the tracker's lag. */
static void frames_follow_frames(void **state)
{
    const char track[] = "track - --raw 192x192@30 -o - -q";
    pipeline p;

    (void)state;
    start(&p, track,
          "drive demo.portrait - --fps 30 --size 64 --neutral 0 --format y4m -o - -q");
    feed_slowly(&p, clip, "", "FRAME\n", TRACKER_LAG, 0);
    finish(&p);
    assert_int_equal(count(&p, "FRAME\n"), N_FRAMES);
    free(p.bytes);
    start(&p, track, "drive demo.portrait - --fps 30 --size 64 --absolute -o - -q");
    feed_slowly(&p, clip, "", "moof", TRACKER_LAG + MP4_LAG, 0);
    finish(&p);
    assert_int_equal(count(&p, "moof"), N_FRAMES);
    free(p.bytes);
}

/* Nothing is shown before the neutral face is known, everything after. */
static void the_neutral_face_takes_its_time(void **state)
{
    pipeline p;

    (void)state;
    start(&p, "track - --raw 192x192@30 -o - -q",
          "drive demo.portrait - --fps 30 --size 64 --neutral 0.3 --format y4m -o - -q");
    feed_slowly(&p, clip, "", "FRAME\n", TRACKER_LAG, 10 + TRACKER_LAG);
    finish(&p);
    assert_int_equal(count(&p, "FRAME\n"), N_FRAMES);
    free(p.bytes);
}

static int hash_of(const pipeline *p)
{
    int hash = 0;

    for (size_t i = 0; i < p->n_bytes; i++)
        hash = (int)((unsigned)hash * 31u + (unsigned char)p->bytes[i]);
    return hash;
}

/* Rows as they come show what the file shows, at other rates too. */
static void a_pipe_shows_what_the_file_shows(void **state)
{
    static const char *const rates[] = {"30", "24", "60"};
    char arguments[200];
    limner_io_file csv;

    (void)state;
    test_write(test_path("clip.rgb"), clip, (size_t)N_FRAMES * FRAME_BYTES);
    run_expect("track clip.rgb --raw 192x192@30 -o clip.csv -q", 0, "", "");
    assert_int_equal(limner_io_file_read(&csv, test_path("clip.csv"), 1 << 20, err), 0);
    for (int i = 0; i < 3; i++) {
        pipeline live, whole;
        snprintf(arguments, sizeof(arguments),
                 "drive demo.portrait - --fps %s --size 64 --neutral 0.2 --format y4m -o - -q",
                 rates[i]);
        start(&live, arguments, NULL);
        feed(&live, csv.bytes, csv.len_bytes);
        finish(&live);
        snprintf(arguments, sizeof(arguments),
                 "drive demo.portrait clip.csv --fps %s --size 64 --neutral 0.2 --format y4m "
                 "-o - -q",
                 rates[i]);
        start(&whole, arguments, NULL);
        finish(&whole);
        assert_int_equal(live.n_bytes, whole.n_bytes);
        assert_int_equal(hash_of(&live), hash_of(&whole));
        free(live.bytes);
        free(whole.bytes);
    }
    limner_io_file_close(&csv);
}

static void a_lost_face_keeps_its_motion(void **state)
{
    static uint8_t dark[FRAME_BYTES];
    limner_io_motion_take rows;
    pipeline p;

    (void)state;
    start(&p, "track - --raw 192x192@30 -o - -q", NULL);
    for (int k = 0; k < 3; k++)
        feed(&p, dark, FRAME_BYTES); /* gives no rows */
    for (int k = 0; k < N_FRAMES; k++)
        feed(&p, k >= 8 && k < 14 ? dark : clip + (size_t)k * FRAME_BYTES, FRAME_BYTES);
    finish(&p);
    if (limner_io_motion_parse(&rows, p.bytes, p.n_bytes, "rows", err) < 0)
        fail_msg("%s", err);
    assert_int_equal(rows.n_frames, N_FRAMES);
    for (int k = 8; k < 14; k++)
        assert_memory_equal(&rows.motion[k], &rows.motion[7], sizeof(limner_motion));
    assert_memory_not_equal(&rows.motion[14], &rows.motion[13], sizeof(limner_motion));
    limner_io_motion_close(&rows);
    free(p.bytes);
}

/* An MP4 whose index stands at the end cannot be read as it comes, and is read all the same. */
static void what_cannot_flow_is_read_to_its_end(void **state)
{
    limner_io_file whole;
    pipeline p;

    (void)state;
    run_expect("speak demo.portrait sound.wav -o a.mp4 --size 192 --fps 10 -q", 0, "", "");
    if (system("command -v ffmpeg >/dev/null 2>&1") != 0)
        skip();
    char command[700];
    snprintf(command, sizeof(command), "ffmpeg -v error -i '%s' -c copy -y '%s'",
             test_path("a.mp4"), test_path("index_last.mp4"));
    assert_int_equal(system(command), 0);
    assert_int_equal(limner_io_file_read(&whole, test_path("index_last.mp4"), 1 << 24, err), 0);
    start(&p, "track - -o - -q", NULL);
    feed(&p, whole.bytes, whole.len_bytes);
    finish(&p);
    assert_int_equal(count(&p, ",61,"), 10);
    limner_io_file_close(&whole);
    free(p.bytes);
}

static void raw_sizes_are_checked(void **state)
{
    (void)state;
    run_expect("track - --raw 640x480 -o -", 2, "",
               "limner: track: --raw wants WxH@FPS such as 640x480@30, not '640x480'; see limner "
               "track --help\n");
    run_expect("track - --raw 8x480@30 -o -", 2, "",
               "limner: track: --raw is 8x480 pixels, allowed are 32 to 16384 a side; see limner "
               "track --help\n");
    run_expect("track - --raw 640x480@0 -o -", 2, "",
               "limner: track: --raw is 0, allowed is 1 to 120; see limner track --help\n");
    test_write(test_path("short.rgb"), clip, FRAME_BYTES / 2);
    run_limner(&r, NULL, "track short.rgb --raw 192x192@30 -o s.csv -q");
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.err, "limner: short.rgb: none of its pictures can be read"));
}

/* ---- the group ---- */

/* The demo portrait talks for a second; its frames as raw RGB. */
static int make_clip(void **state)
{
    limner_io_video_in *v;
    limner_io_image image;
    double time_s;

    (void)state;
    clip = calloc(N_FRAMES, FRAME_BYTES);
    test_wav(test_path("sound.wav"), TEST_PCM, 16, 16000, 1, 1, -1);
    run_make_portrait();
    run_expect("speak demo.portrait sound.wav -o clip.y4m --size 192 --fps 30 -q", 0, "", "");
    if (!clip || limner_io_video_in_open(&v, test_path("clip.y4m"), err) < 0)
        return -1;
    for (int k = 0; k < N_FRAMES; k++) {
        if (limner_io_video_in_read(v, &image, &time_s, err) != 1)
            return -1;
        memcpy(clip + (size_t)k * FRAME_BYTES, image.rgb, FRAME_BYTES);
        limner_io_image_close(&image);
    }
    limner_io_video_in_close(&v);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    free(clip);
    test_remove_folder();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_follow_raw_frames),
        cmocka_unit_test(rows_follow_a_y4m_stream),
        cmocka_unit_test(frames_follow_frames),
        cmocka_unit_test(the_neutral_face_takes_its_time),
        cmocka_unit_test(a_pipe_shows_what_the_file_shows),
        cmocka_unit_test(a_lost_face_keeps_its_motion),
        cmocka_unit_test(what_cannot_flow_is_read_to_its_end),
        cmocka_unit_test(raw_sizes_are_checked),
    };

    return run_has_nets() ? cmocka_run_group_tests(tests, make_clip, clean_up) : RUN_SKIPPED;
}
