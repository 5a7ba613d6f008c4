/* SPDX-License-Identifier: Apache-2.0 */
/* Video and files out: whole or not at all, whatever stops them, and in step with their sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libavformat/avformat.h>

#include "files.h"
#include "heard.h"
#include "io/media.h"

static char err[LIMNER_IO_ERROR_SIZE];

enum { SIDE = 64, FPS = 25 };

static limner_io_video_settings settings(limner_io_format format, const char *audio)
{
    return (limner_io_video_settings){
        .format = format,
        .width_px = SIDE,
        .height_px = SIDE,
        .fps_num = FPS,
        .fps_den = 1,
        .crf = -1,
        .audio_path = audio,
        .comment = "Synthetic",
        .n_threads = 1,
    };
}

static int write_frame(limner_io_video *v, limner_io_format format, int n)
{
    static uint8_t pixels[SIDE * SIDE * 4];
    limner_frame f = {.width_px = SIDE, .height_px = SIDE};

    memset(pixels, 40 + 3 * n, sizeof(pixels));
    f.pixel = limner_io_format_pixel(format);
    for (int p = 0; p < 3; p++) {
        f.plane[p] = pixels;
        f.stride[p] = f.pixel == LIMNER_PIXEL_RGBA ? 4 * SIDE : SIDE;
    }
    return limner_io_video_write(v, &f, err);
}

static int make_video(const char *path, limner_io_format format, const char *audio, int n_frames)
{
    const limner_io_video_settings set = settings(format, audio);
    limner_io_video *v;

    if (limner_io_video_open(&v, path, &set, err) < 0)
        return -1;
    for (int i = 0; i < n_frames; i++) {
        if (write_frame(v, format, i) < 0) {
            limner_io_video_abort(&v);
            return -1;
        }
    }
    return limner_io_video_finish(&v, err);
}

typedef struct seen {
    int64_t n_video;         /* packets */
    double video_s, audio_s; /* stream durations */
    enum AVCodecID video, audio;
    char comment[64];
} seen;

static seen probe(const char *path)
{
    AVFormatContext *format = NULL;
    AVPacket *packet = av_packet_alloc();
    seen s = {0};

    assert_int_equal(avformat_open_input(&format, path, NULL, NULL), 0);
    assert_true(avformat_find_stream_info(format, NULL) >= 0);
    for (unsigned i = 0; i < format->nb_streams; i++) {
        const AVStream *st = format->streams[i];
        const double duration = (double)st->duration * av_q2d(st->time_base);
        if (st->codecpar->codec_type == AVMEDIA_TYPE_VIDEO) {
            s.video = st->codecpar->codec_id;
            s.video_s = duration;
        } else {
            s.audio = st->codecpar->codec_id;
            s.audio_s = duration;
        }
    }
    const AVDictionaryEntry *comment = av_dict_get(format->metadata, "comment", NULL, 0);
    snprintf(s.comment, sizeof(s.comment), "%s", comment ? comment->value : "");
    while (av_read_frame(format, packet) >= 0) {
        s.n_video +=
            format->streams[packet->stream_index]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    avformat_close_input(&format);
    return s;
}

static void mp4_is_as_long_as_its_sound_and_in_step(void **state)
{
    const char *wav = test_path("in.wav"), *mp4 = test_path("out.mp4");

    (void)state;
    test_wav(wav, TEST_PCM, 16, 44100, 1, 1.51, 1.1);
    assert_int_equal(make_video(mp4, LIMNER_IO_MP4, wav, 38), 0);
    const seen s = probe(mp4);
    assert_int_equal(s.video, AV_CODEC_ID_H264);
    assert_int_equal(s.audio, AV_CODEC_ID_AAC);
    assert_int_equal(s.n_video, 38);
    assert_true(fabs(s.video_s - 1.52) < 1e-3);
    assert_true(fabs(s.audio_s - 1.51) < 1.0 / FPS);
    assert_string_equal(s.comment, "Synthetic");
    assert_true(fabs(hear(mp4).loudest_s - 1.1) < 0.002);
    assert_int_equal(test_count(".partial-"), 0);
}

static void sound_the_container_takes_is_copied_in_step(void **state)
{
    const char *wav = test_path("in.wav"), *first = test_path("first.mp4");
    const char *second = test_path("second.mp4");

    (void)state;
    test_wav(wav, TEST_PCM, 16, 48000, 2, 2, 1.3);
    assert_int_equal(make_video(first, LIMNER_IO_MP4, wav, 50), 0);
    assert_int_equal(make_video(second, LIMNER_IO_MP4, first, 50), 0);
    /* Decoded from both, the sound is the same sample by sample: it was not encoded twice. */
    const heard a = hear(first), b = hear(second);
    assert_true(a.loudest == b.loudest && a.loudest_s == b.loudest_s);
    assert_true(fabs(a.loudest_s - 1.3) < 0.002);
}

static void long_sound_is_cut_to_the_video(void **state)
{
    const char *wav = test_path("in.wav"), *mp4 = test_path("out.mp4");

    (void)state;
    test_wav(wav, TEST_PCM, 16, 48000, 1, 5, -1);
    assert_int_equal(make_video(mp4, LIMNER_IO_MP4, wav, 25), 0);
    const seen s = probe(mp4);
    assert_true(s.audio_s >= 1 && s.audio_s < 1 + 2.0 / FPS + 0.022);
}

static void other_formats_hold_every_frame(void **state)
{
    const char *wav = test_path("in.wav");

    (void)state;
    test_wav(wav, TEST_PCM, 16, 48000, 1, 0.4, -1);
    assert_int_equal(make_video(test_path("out.mov"), LIMNER_IO_MOV_ALPHA, wav, 10), 0);
    assert_int_equal(make_video(test_path("out.webm"), LIMNER_IO_WEBM_ALPHA, wav, 10), 0);
    assert_int_equal(make_video(test_path("out.y4m"), LIMNER_IO_Y4M, NULL, 10), 0);
    seen s = probe(test_path("out.mov"));
    assert_int_equal(s.video, AV_CODEC_ID_PRORES);
    assert_int_equal(s.n_video, 10);
    s = probe(test_path("out.webm"));
    assert_int_equal(s.video, AV_CODEC_ID_VP9);
    assert_int_equal(s.audio, AV_CODEC_ID_OPUS);
    assert_int_equal(s.n_video, 10);
    assert_int_equal(probe(test_path("out.y4m")).n_video, 10);
    assert_int_equal(make_video(test_path("out.yuv"), LIMNER_IO_RAW, NULL, 3), 0);
    limner_io_file f;
    assert_int_equal(limner_io_file_read(&f, test_path("out.yuv"), 1 << 20, err), 0);
    assert_int_equal(f.len_bytes, 3 * SIDE * SIDE * 3 / 2);
    limner_io_file_close(&f);
}

static void transparency_survives_in_a_mov(void **state)
{
    limner_io_image img;

    (void)state;
    /* The first frame is 40 everywhere, alpha too: over grey 128 that is 114. */
    assert_int_equal(make_video(test_path("alpha.mov"), LIMNER_IO_MOV_ALPHA, NULL, 1), 0);
    assert_int_equal(limner_io_image_read(&img, test_path("alpha.mov"), err), 0);
    for (int c = 0; c < 3; c++)
        assert_in_range(img.rgb[3 * 500 + c], 112, 116);
    limner_io_image_close(&img);
}

static void png_sequence_appears_whole(void **state)
{
    (void)state;
    assert_int_equal(make_video(test_path("walk.png"), LIMNER_IO_PNG_SEQUENCE, NULL, 3), 0);
    assert_int_equal(test_count("walk-"), 3);
    assert_int_equal(test_count("walk-000003.png"), 1);
    assert_int_equal(make_video(test_path("w%%-%02d.png"), LIMNER_IO_PNG_SEQUENCE, NULL, 2), 0);
    assert_int_equal(test_count("w%-02.png"), 1);
    assert_int_equal(test_count("partial"), 0);
}

/* Root mean square of a sound's channel, by reading only that one: a WAV of 16 bits, stereo. */
static double channel_level(const char *path, int channel, double from_s, double to_s)
{
    limner_io_file f;
    double sum = 0;
    const size_t first = (size_t)(from_s * 48000), last = (size_t)(to_s * 48000);

    assert_int_equal(limner_io_file_read(&f, path, 1 << 26, err), 0);
    assert_true(f.len_bytes >= 44 + 4 * last);
    for (size_t i = first; i < last; i++) {
        const uint8_t *p = (const uint8_t *)f.bytes + 44 + 4 * i + 2 * channel;
        const int16_t v = (int16_t)(p[0] | p[1] << 8);

        assert_true(v > -32768); /* -32767 is full scale: nothing is bent */
        sum += (double)v * v;
    }
    limner_io_file_close(&f);
    return sqrt(sum / (double)(last - first)) / 32767;
}

/* A short voice at the left and a long one at the right, both loud. */
static void voices_are_mixed_each_in_its_place(void **state)
{
    const char *const paths[] = {test_path("short.wav"), test_path("long.wav")};
    const float place[] = {-1, 1};
    limner_io_mix mix;

    (void)state;
    test_wav(paths[0], TEST_PCM, 16, 16000, 1, 0.5, -1);
    test_wav(paths[1], TEST_FLOAT, 32, 44100, 2, 1.5, -1);
    assert_int_equal(limner_io_mix_open(&mix, paths, place, 2, err), 0);
    const double left = channel_level(mix.path, 0, 0.6, 1.4);
    const double right = channel_level(mix.path, 1, 0.6, 1.4);
    assert_true(right > 2 * left && left > 0.02);       /* the long one alone */
    assert_true(channel_level(mix.path, 0, 0.1, 0.4) > 1.5 * left);
    limner_io_mix_close(&mix);
    const char *const absent[] = {paths[0], "absent.wav"};
    assert_int_equal(limner_io_mix_open(&mix, absent, place, 2, err), -1);
    assert_non_null(strstr(err, "absent.wav"));
}

/* Names up to the file system's limit, though a temporary's is longer; no late surprise beyond. */
static void names_may_be_as_long_as_allowed(void **state)
{
    char name[300];

    (void)state;
    memset(name, 'n', sizeof(name));
    memcpy(name + 251, ".y4m", 5);
    assert_int_equal(make_video(test_path(name), LIMNER_IO_Y4M, NULL, 1), 0);
    assert_int_equal(test_count(name), 1);
    memcpy(name + 251, "n.y4m", 6);
    assert_int_equal(make_video(test_path(name), LIMNER_IO_Y4M, NULL, 1), -1);
    assert_non_null(strstr(err, "the name is too long"));
    memcpy(name + 248, ".png", 5);      /* with its number 259 */
    assert_int_equal(make_video(test_path(name), LIMNER_IO_PNG_SEQUENCE, NULL, 1), -1);
    assert_non_null(strstr(err, "the name is too long"));
    assert_int_equal(test_count("partial"), 0);
}

static void given_up_video_leaves_nothing(void **state)
{
    static const struct {
        const char *name;
        limner_io_format format;
    } outputs[] = {{"gone.mp4", LIMNER_IO_MP4},
                   {"gone.webm", LIMNER_IO_WEBM_ALPHA},
                   {"gone.png", LIMNER_IO_PNG_SEQUENCE},
                   {"gone.y4m", LIMNER_IO_Y4M}};

    (void)state;
    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        const limner_io_video_settings set = settings(outputs[i].format, NULL);
        limner_io_video *v;
        assert_int_equal(limner_io_video_open(&v, test_path(outputs[i].name), &set, err), 0);
        for (int n = 0; n < 8; n++)
            assert_int_equal(write_frame(v, outputs[i].format, n), 0);
        assert_int_equal(test_count("gone"), 1); /* the temporary */
        limner_io_video_abort(&v);
        assert_null(v);
        assert_int_equal(test_count("gone"), 0);
    }
}

static void video_without_frames_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(make_video(test_path("none.mp4"), LIMNER_IO_MP4, NULL, 0), -1);
    assert_non_null(strstr(err, "no frames"));
    assert_int_equal(test_count("none.mp4"), 0);
}

static void full_disk_is_named_and_leaves_nothing(void **state)
{
    const struct rlimit small = {20000, 20000};

    (void)state;
    assert_int_equal(make_video("/dev/full", LIMNER_IO_MP4, NULL, 100), -1);
    assert_non_null(strstr(err, "/dev/full: the disk is full"));
    /* The size limit cannot be raised again: a child feels it. */
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &small);
        const int failed = make_video(test_path("big.y4m"), LIMNER_IO_Y4M, NULL, 100) < 0;
        _exit(failed && strstr(err, "larger than a file may be") ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(test_count("big.y4m"), 0);
}

static void closed_pipe_is_named(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGPIPE, SIG_IGN);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        const int failed = make_video("-", LIMNER_IO_Y4M, NULL, 100) < 0;
        _exit(failed && strstr(err, "closed the pipe") ? 0 : 1);
    }
    close(ends[0]);
    close(ends[1]);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void killed_writer_leaves_no_half_target(void **state)
{
    int ends[2];
    char byte;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        const limner_io_video_settings set = settings(LIMNER_IO_MP4, NULL);
        limner_io_video *v;
        limner_io_video_open(&v, test_path("killed.mp4"), &set, err);
        for (int n = 0;; n++) {
            write_frame(v, LIMNER_IO_MP4, n % 50);
            if (n == 50 && write(ends[1], "x", 1) != 1)
                _exit(1);
        }
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(test_count("killed.mp4"), 1);
    assert_int_equal(test_count("killed.mp4.partial-"), 1);
}

static void bad_targets_are_named(void **state)
{
    limner_io_format format;

    (void)state;
    assert_int_equal(make_video(test_folder(), LIMNER_IO_MP4, NULL, 1), -1);
    assert_non_null(strstr(err, "is a folder"));
    assert_int_equal(make_video(test_path("no/such/out.mp4"), LIMNER_IO_MP4, NULL, 1), -1);
    assert_non_null(strstr(err, "its folder does not exist"));
    assert_int_equal(limner_io_format_of(&format, "out.avi", false, err), -1);
    assert_non_null(strstr(err, "end it in"));
    assert_int_equal(limner_io_format_of(&format, "out.mp4", true, err), -1);
    assert_non_null(strstr(err, "transparency"));
    assert_int_equal(limner_io_format_of(&format, "a.b/OUT.MP4", false, err), 0);
    assert_int_equal(format, LIMNER_IO_MP4);
}

static void files_are_written_whole_and_read_back(void **state)
{
    const char *path = test_path("file.bin");
    limner_io_file f;

    (void)state;
    assert_int_equal(limner_io_file_write(path, "abc", 3, err), 0);
    assert_int_equal(limner_io_file_read(&f, path, 3, err), 0);
    assert_memory_equal(f.bytes, "abc", 3);
    limner_io_file_close(&f);
    assert_int_equal(limner_io_file_read(&f, path, 2, err), -1);
    assert_non_null(strstr(err, "the limit is 2"));
    assert_int_equal(test_count(".partial-"), 1); /* only that of the killed writer */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mp4_is_as_long_as_its_sound_and_in_step),
        cmocka_unit_test(sound_the_container_takes_is_copied_in_step),
        cmocka_unit_test(long_sound_is_cut_to_the_video),
        cmocka_unit_test(other_formats_hold_every_frame),
        cmocka_unit_test(transparency_survives_in_a_mov),
        cmocka_unit_test(png_sequence_appears_whole),
        cmocka_unit_test(voices_are_mixed_each_in_its_place),
        cmocka_unit_test(names_may_be_as_long_as_allowed),
        cmocka_unit_test(given_up_video_leaves_nothing),
        cmocka_unit_test(video_without_frames_is_an_error),
        cmocka_unit_test(full_disk_is_named_and_leaves_nothing),
        cmocka_unit_test(closed_pipe_is_named),
        cmocka_unit_test(killed_writer_leaves_no_half_target),
        cmocka_unit_test(bad_targets_are_named),
        cmocka_unit_test(files_are_written_whole_and_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, test_clean_up);
}
