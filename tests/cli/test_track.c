/* SPDX-License-Identifier: Apache-2.0 */
/* Videos as people have them: turned phones, uneven frame rates, several faces, faces that are lost
 * and found, cuts. Clips are made from one that the demo portrait performs, and what the tracker
 * says of them is compared with what it says of that. Skipped where the nets are not there; what
 * needs the ffmpeg command, where that is not. */
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
#include "io/motion_take.h"
#include "run.h"

/* The clip: SIZE pixels square, 4:2:0. */
enum { SIZE = 192, N_FRAMES = 30, N_LUMA = SIZE * SIZE, N_FRAME = N_LUMA * 3 / 2 };

static char err[LIMNER_IO_ERROR_SIZE];
static uint8_t *clip; /* [N_FRAMES][N_FRAME]: planes */
static limner_io_motion_take plain; /* what the tracker says of it */

/* ---- clips ---- */

/* What the portrait does: a slow turn and nod, one syllable after another. */
static limner_motion performance(int n)
{
    limner_motion m = {.distance = 1};

    m.yaw = 8 * sinf(0.25f * (float)n);
    m.pitch = 4 * sinf(0.4f * (float)n);
    m.expression[LIMNER_JAW_OPEN] = 0.25f - 0.25f * cosf(0.6f * (float)n);
    return m;
}

static int write_performance(void)
{
    limner_io_motion_writer *w;
    int failed = limner_io_motion_writer_open(&w, 30, 1, true, err);

    for (int n = 0; n < N_FRAMES && !failed; n++) {
        const limner_motion m = performance(n);
        failed = limner_io_motion_writer_add(w, &m, err);
    }
    return failed | limner_io_motion_writer_close(&w, test_path("p.csv"), err);
}

typedef struct picture {
    uint8_t *plane[3];
    int width_px, height_px;
} picture;

static picture frame_of_clip(int n)
{
    uint8_t *at = clip + (size_t)n * N_FRAME;

    return (picture){{at, at + N_LUMA, at + N_LUMA + N_LUMA / 4}, SIZE, SIZE};
}

static void open_picture(picture *p, int width_px, int height_px)
{
    *p = (picture){.width_px = width_px, .height_px = height_px};
    for (int i = 0; i < 3; i++) {
        const size_t n = (size_t)width_px * (size_t)height_px / (i ? 4 : 1);
        p->plane[i] = malloc(n);
        assert_non_null(p->plane[i]);
        memset(p->plane[i], i ? 128 : 60, n);
    }
}

static void close_picture(picture *p)
{
    for (int i = 0; i < 3; i++)
        free(p->plane[i]);
}

/* Puts every step-th pixel of one picture into another, at x_px, y_px (even). */
static void paste(picture *to, const picture *from, int x_px, int y_px, int step)
{
    for (int i = 0; i < 3; i++) {
        const int w = from->width_px / (i ? 2 : 1), h = from->height_px / (i ? 2 : 1);
        const int to_w = to->width_px / (i ? 2 : 1);
        uint8_t *at = to->plane[i] + y_px / (i ? 2 : 1) * to_w + x_px / (i ? 2 : 1);
        for (int y = 0; y < h / step; y++)
            for (int x = 0; x < w / step; x++)
                at[y * to_w + x] = from->plane[i][y * step * w + x * step];
    }
}

static FILE *open_y4m(const char *name, int width_px, int height_px)
{
    FILE *f = fopen(test_path(name), "wb");

    assert_non_null(f);
    fprintf(f, "YUV4MPEG2 W%d H%d F30:1 Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED\n", width_px,
            height_px);
    return f;
}

static void write_picture(FILE *f, const picture *p)
{
    const size_t n = (size_t)p->width_px * (size_t)p->height_px;

    fputs("FRAME\n", f);
    for (int i = 0; i < 3; i++)
        assert_int_equal(fwrite(p->plane[i], 1, i ? n / 4 : n, f), i ? n / 4 : n);
}

/* Runs the command in the test folder, or skips where there is no ffmpeg. */
static void run_ffmpeg(const char *arguments)
{
    char command[1024];

    if (system("command -v ffmpeg >/dev/null 2>&1") != 0)
        skip();
    snprintf(command, sizeof(command), "cd '%s' && ffmpeg -v error -y %s", test_folder(),
             arguments);
    assert_int_equal(system(command), 0);
}

/* ---- takes ---- */

static void track(limner_io_motion_take *out, const char *arguments)
{
    char text[256];

    snprintf(text, sizeof(text), "track %s -o take.csv --report take.json -q", arguments);
    run_expect(text, 0, "", "");
    if (limner_io_motion_read(out, test_path("take.csv"), err) < 0)
        fail_msg("%s", err);
}

/* A number of the last report. */
static double reported(const char *name)
{
    static char text[2048];
    limner_io_file f;
    char key[64];

    assert_int_equal(limner_io_file_read(&f, test_path("take.json"), sizeof(text) - 1, err), 0);
    memcpy(text, f.bytes, f.len_bytes);
    text[f.len_bytes] = 0;
    limner_io_file_close(&f);
    snprintf(key, sizeof(key), "\"%s\": ", name);
    const char *at = strstr(text, key);
    assert_non_null(at);
    return strtod(at + strlen(key), NULL);
}

typedef struct difference {
    double yaw, pitch, jaw; /* rms; the head's apart from a constant */
} difference;

/* Of a take that starts at first_s of the plain one. */
static difference compare(const limner_io_motion_take *take, double first_s)
{
    double sum[3] = {0}, squares[3] = {0}, rms[3];

    for (size_t i = 0; i < take->n_frames; i++) {
        const limner_motion *m = &take->motion[i];
        limner_motion want;
        limner_io_motion_at(&want, &plain, take->time_s[i] + first_s);
        const float d[3] = {m->yaw - want.yaw, m->pitch - want.pitch,
                            m->expression[LIMNER_JAW_OPEN] - want.expression[LIMNER_JAW_OPEN]};
        for (int k = 0; k < 3; k++) {
            sum[k] += (double)d[k] / (double)take->n_frames;
            squares[k] += (double)d[k] * (double)d[k] / (double)take->n_frames;
        }
    }
    for (int k = 0; k < 3; k++)
        rms[k] = sqrt(fmax(0, squares[k] - (k < 2 ? sum[k] * sum[k] : 0)));
    print_message("yaw %.2f and pitch %.2f degrees, jaw %.3f rms from the plain clip's\n", rms[0],
                  rms[1], rms[2]);
    return (difference){rms[0], rms[1], rms[2]};
}

static void assert_like(const limner_io_motion_take *take, double first_s, double degrees,
                        double jaw)
{
    const difference d = compare(take, first_s);

    assert_true(d.yaw < degrees && d.pitch < degrees && d.jaw < jaw);
}

/* ---- tests ---- */

/* How well the tracker sees what it sees is measured elsewhere: here it must see it at all. */
static void the_performance_is_seen(void **state)
{
    limner_io_motion_take performed = plain;
    static limner_motion motion[N_FRAMES];

    (void)state;
    assert_int_equal(plain.n_frames, N_FRAMES);
    for (int n = 0; n < N_FRAMES; n++)
        motion[n] = performance(n);
    performed.motion = motion;
    assert_like(&performed, 0, 5, 0.15); /* of 8 and 4 degrees to each side */
    for (int n = 0; n < N_FRAMES; n++)
        motion[n] = performance(n + N_FRAMES / 4);
    const difference other = compare(&performed, 0);
    assert_true(other.yaw > 5 && other.jaw > 0.15);
}

/* Where a stored pixel is shown: x' = a x + c y, y' = b x + d y. */
typedef struct turn {
    int a, b, c, d;
} turn;

/* The pixel of the clip that must be stored at x, y of a plane so that it is shown in its place. */
static uint8_t stored(const uint8_t *plane, int size, turn t, int x, int y)
{
    const int to_x = t.a * x + t.c * y + (t.a + t.c < 0 ? size - 1 : 0);
    const int to_y = t.b * x + t.d * y + (t.b + t.d < 0 ? size - 1 : 0);

    return plane[to_y * size + to_x];
}

static void write_turned(const char *path, turn t)
{
    const limner_io_video_settings set = {.format = LIMNER_IO_MP4,
                                          .width_px = SIZE,
                                          .height_px = SIZE,
                                          .fps_num = 30,
                                          .fps_den = 1,
                                          .crf = 4};
    limner_io_video *v;
    picture p;

    open_picture(&p, SIZE, SIZE);
    assert_int_equal(limner_io_video_open(&v, path, &set, err), 0);
    for (int n = 0; n < N_FRAMES; n++) {
        const picture upright = frame_of_clip(n);
        for (int i = 0; i < 3; i++) {
            const int size = i ? SIZE / 2 : SIZE;
            for (int k = 0; k < size * size; k++)
                p.plane[i][k] = stored(upright.plane[i], size, t, k % size, k / size);
        }
        const limner_frame f = {{p.plane[0], p.plane[1], p.plane[2]},
                                {SIZE, SIZE / 2, SIZE / 2},
                                .width_px = SIZE,
                                .height_px = SIZE};
        assert_int_equal(limner_io_video_write(v, &f, err), 0);
    }
    assert_int_equal(limner_io_video_finish(&v, err), 0);
    close_picture(&p);
}

static void put_fixed(uint8_t *at, int value)
{
    const uint32_t v = (uint32_t)(value * 65536);

    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* ISO 14496-12: in the track header (version 0) the matrix stands 40 bytes behind the name. */
static void set_matrix(const char *path, turn t)
{
    limner_io_file f;

    assert_int_equal(limner_io_file_read(&f, path, 1 << 24, err), 0);
    uint8_t *bytes = malloc(f.len_bytes);
    const size_t n = f.len_bytes;
    assert_non_null(bytes);
    memcpy(bytes, f.bytes, n);
    limner_io_file_close(&f);
    size_t at = 0;
    while (at + 80 < n && memcmp(bytes + at, "tkhd", 4) != 0)
        at++;
    assert_true(at + 80 < n && bytes[at + 4] == 0);
    put_fixed(bytes + at + 44, t.a);
    put_fixed(bytes + at + 48, t.b);
    put_fixed(bytes + at + 56, t.c);
    put_fixed(bytes + at + 60, t.d);
    test_write(path, bytes, n);
    free(bytes);
}

/* Stored on its side or head, with the matrix of a phone that says so. */
static void a_turned_phone_makes_no_difference(void **state)
{
    static const turn turns[] = {{0, 1, -1, 0}, {-1, 0, 0, -1}, {0, -1, 1, 0}};
    limner_io_motion_take take;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        write_turned(test_path("turned.mp4"), turns[i]);
        set_matrix(test_path("turned.mp4"), turns[i]);
        track(&take, "turned.mp4");
        assert_int_equal(take.n_frames, N_FRAMES);
        assert_true(reported("lost") == 0);
        assert_true(fabsf(take.motion[0].roll - plain.motion[0].roll) < 1);
        assert_like(&take, 0, 0.5, 0.05);
        limner_io_motion_close(&take);
    }
}

/* Frames 10 to 19 without every second one: the frames that remain keep their times. */
static void an_uneven_frame_rate_keeps_its_times(void **state)
{
    limner_io_motion_take take;

    (void)state;
    run_ffmpeg("-i clip.y4m -vf \"select='not(between(n,10,19)*mod(n,2))'\" -vsync vfr "
               "-qp 0 uneven.mp4");
    track(&take, "uneven.mp4");
    assert_true(reported("frames") == 25 && reported("lost") == 0);
    assert_true(fabs(limner_io_motion_duration_s(&take) - 1) < 0.08);
    assert_like(&take, 0, 1, 0.1);
    limner_io_motion_close(&take);
}

static void each_of_two_faces_can_be_followed(void **state)
{
    limner_io_motion_take large, small;
    FILE *f = open_y4m("two.y4m", 2 * SIZE, SIZE);
    picture p;

    (void)state;
    open_picture(&p, 2 * SIZE, SIZE);
    for (int n = 0; n < N_FRAMES; n++) {
        const picture first = frame_of_clip(n), second = frame_of_clip((n + 10) % N_FRAMES);
        paste(&p, &first, 0, 0, 1);
        paste(&p, &second, SIZE + SIZE / 4, SIZE / 4, 2);
        write_picture(f, &p);
    }
    close_picture(&p);
    fclose(f);
    track(&large, "two.y4m");
    assert_true(reported("lost") == 0);
    assert_like(&large, 0, 0.5, 0.05);
    limner_io_motion_close(&large);
    track(&small, "two.y4m --face 1");
    small.n_frames = N_FRAMES - 10; /* then it starts again */
    assert_like(&small, 10 / 30., 2.5, 0.15);
    limner_io_motion_close(&small);
    run_expect("track two.y4m --face 2 -o none.csv -q", 1, "",
               "limner: two.y4m: face 2 (counted from 0, the largest) is in none of its 30 frames; "
               "give another --face\n");
}

/* Frames 10 to 15 are dark. */
static void a_face_is_lost_and_found(void **state)
{
    limner_io_motion_take take;
    FILE *f = open_y4m("dark.y4m", SIZE, SIZE);
    picture dark;

    (void)state;
    open_picture(&dark, SIZE, SIZE);
    for (int n = 0; n < N_FRAMES; n++) {
        const picture p = frame_of_clip(n);
        write_picture(f, n >= 10 && n < 16 ? &dark : &p);
    }
    close_picture(&dark);
    fclose(f);
    track(&take, "dark.y4m");
    assert_int_equal(take.n_frames, N_FRAMES);
    assert_true(reported("lost") == 6);
    for (size_t n = 10; n < 16; n++) { /* interpolated: between the frames around */
        const float before = take.motion[9].yaw, after = take.motion[16].yaw;
        assert_true(take.motion[n].yaw >= fminf(before, after) - 1e-4f);
        assert_true(take.motion[n].yaw <= fmaxf(before, after) + 1e-4f);
    }
    take.n_frames = 10;
    assert_like(&take, 0, 0.5, 0.05);
    limner_io_motion_close(&take);
}

/* From frame 15 on the face is smaller and in a corner. */
static void a_cut_is_followed(void **state)
{
    limner_io_motion_take take;
    FILE *f = open_y4m("cut.y4m", SIZE, SIZE);
    picture p;

    (void)state;
    open_picture(&p, SIZE, SIZE);
    memset(p.plane[0], 230, N_LUMA);
    for (int n = 0; n < N_FRAMES; n++) {
        const picture whole = frame_of_clip(n);
        if (n >= 15)
            paste(&p, &whole, SIZE / 2, 0, 2);
        write_picture(f, n < 15 ? &whole : &p);
    }
    close_picture(&p);
    fclose(f);
    track(&take, "cut.y4m");
    assert_true(reported("lost") == 0 && reported("looked_for") == 2);
    assert_true(fabsf(take.motion[14].distance - 1) < 0.1f);
    assert_true(fabsf(take.motion[N_FRAMES - 1].distance - 2) < 0.3f);
    take.n_frames = 15;
    assert_like(&take, 0, 0.5, 0.05);
    limner_io_motion_close(&take);
}

/* ---- the group ---- */

static int make_clip(void **state)
{
    limner_io_file f;

    (void)state;
    run_make_portrait();
    if (write_performance() < 0)
        return -1;
    run_expect("drive demo.portrait p.csv --fps 30 --size 192 -o clip.y4m -q", 0, "", "");
    run_expect("drive demo.portrait p.csv --fps 30 --size 192 -o clip.yuv -q", 0, "", "");
    if (limner_io_file_read(&f, test_path("clip.yuv"), 1 << 24, err) < 0)
        return -1;
    clip = malloc((size_t)N_FRAMES * N_FRAME);
    const int is_whole = clip && f.len_bytes == (size_t)N_FRAMES * N_FRAME;
    if (is_whole)
        memcpy(clip, f.bytes, f.len_bytes);
    limner_io_file_close(&f);
    track(&plain, "clip.y4m");
    return is_whole ? 0 : -1;
}

static int clean_up(void **state)
{
    (void)state;
    free(clip);
    limner_io_motion_close(&plain);
    test_remove_folder();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_performance_is_seen),
        cmocka_unit_test(a_turned_phone_makes_no_difference),
        cmocka_unit_test(an_uneven_frame_rate_keeps_its_times),
        cmocka_unit_test(each_of_two_faces_can_be_followed),
        cmocka_unit_test(a_face_is_lost_and_found),
        cmocka_unit_test(a_cut_is_followed),
    };

    return run_has_nets() ? cmocka_run_group_tests(tests, make_clip, clean_up) : RUN_SKIPPED;
}
