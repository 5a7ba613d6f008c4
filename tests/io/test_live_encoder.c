/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures for a wire: which encoder is taken, and that each one's packets come at once and show
 * what went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>

#include "io/live_encoder.h"

enum { SIDE = 128, N_FRAMES = 30, KEY_AT = 17 };
#define LEAST_PSNR_DB 36

static char err[LIMNER_IO_ERROR_SIZE];
static uint8_t planes[SIDE * SIDE * 3 / 2];

/* Soft waves that move on with t. */
static limner_frame picture(int t)
{
    uint8_t *u = planes + SIDE * SIDE, *v = u + SIDE * SIDE / 4;

    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++)
            planes[y * SIDE + x] = (uint8_t)(120 + 60 * sin(0.05 * (x + 2 * t)) * cos(0.07 * y));
    }
    for (int i = 0; i < SIDE * SIDE / 4; i++) {
        u[i] = (uint8_t)(110 + i % (SIDE / 2) / 4);
        v[i] = (uint8_t)(140 - i / (SIDE / 2) / 4);
    }
    return (limner_frame){.pixel = LIMNER_PIXEL_I420,
                          .plane = {planes, u, v},
                          .stride = {SIDE, SIDE / 2, SIDE / 2},
                          .width_px = SIDE,
                          .height_px = SIDE};
}

static limner_io_live_encoder *open_encoder(limner_io_live_codec codec, const char *const *names)
{
    const limner_io_live_settings set = {.codec = codec,
                                         .width_px = SIDE,
                                         .height_px = SIDE,
                                         .fps_num = 25,
                                         .fps_den = 1,
                                         .crf = -1,
                                         .h264 = names};
    limner_io_live_encoder *e;

    return limner_io_live_encoder_open(&e, &set, err) == 0 ? e : NULL;
}

static void names_not_there_are_passed_over(void **state)
{
    static const char *const names[] = {"no_such_encoder", "png", "libx264", "libopenh264", NULL};
    limner_io_live_encoder *e = open_encoder(LIMNER_IO_LIVE_ANY, names);

    (void)state;
    assert_non_null(e);
    assert_non_null(strstr(limner_io_live_encoder_name(e), "264"));
    assert_memory_equal(limner_io_live_encoder_codec(e), "avc1.", 5);
    assert_true(limner_io_live_encoder_header(e).len_bytes > 8);
    limner_io_live_encoder_close(&e);
}

static void without_h264_pictures_are_jpeg(void **state)
{
    static const char *const names[] = {"no_such_encoder", NULL};
    const limner_frame f = picture(0);
    limner_io_live_encoder *e = open_encoder(LIMNER_IO_LIVE_ANY, names);
    limner_io_live_packet p;

    (void)state;
    assert_non_null(e);
    assert_string_equal(limner_io_live_encoder_name(e), "mjpeg");
    assert_string_equal(limner_io_live_encoder_codec(e), "jpeg");
    assert_int_equal(limner_io_live_encoder_header(e).len_bytes, 0);
    assert_int_equal(limner_io_live_encoder_encode(e, &f, false, &p, err), 0);
    assert_memory_equal(p.bytes, "\xff\xd8", 2);
    limner_io_live_encoder_close(&e);
    assert_null(open_encoder(LIMNER_IO_LIVE_H264, names));
    assert_non_null(strstr(err, "cannot be encoded"));
}

/* ---- what is in the packets ---- */

static AVCodecContext *open_decoder(void)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    AVCodecContext *c = avcodec_alloc_context3(codec);

    c->flags |= AV_CODEC_FLAG_LOW_DELAY;
    c->thread_count = 1;
    assert_int_equal(avcodec_open2(c, codec, NULL), 0);
    return c;
}

static double psnr(const AVFrame *seen)
{
    double sum = 0;

    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            const int d = seen->data[0][y * seen->linesize[0] + x] - planes[y * SIDE + x];
            sum += d * d;
        }
    }
    return 10 * log10(255.0 * 255 * SIDE * SIDE / (sum + 1));
}

/* One packet in, its picture out; the PSNR of its luma. */
static double decode(AVCodecContext *c, limner_blob header, const limner_io_live_packet *p)
{
    const size_t n_head = p->is_key ? header.len_bytes : 0;
    AVPacket *packet = av_packet_alloc();
    AVFrame *seen = av_frame_alloc();

    assert_int_equal(av_new_packet(packet, (int)(n_head + p->len_bytes)), 0);
    if (n_head)
        memcpy(packet->data, header.bytes, n_head);
    memcpy(packet->data + n_head, p->bytes, p->len_bytes);
    assert_int_equal(avcodec_send_packet(c, packet), 0);
    assert_int_equal(avcodec_receive_frame(c, seen), 0);
    assert_int_equal(seen->width, SIDE);
    assert_int_equal(seen->colorspace, AVCOL_SPC_BT709);
    const double db = psnr(seen);
    av_packet_free(&packet);
    av_frame_free(&seen);
    return db;
}

static void check_stream(const char *name)
{
    const char *const names[] = {name, NULL};
    limner_io_live_encoder *e = open_encoder(LIMNER_IO_LIVE_H264, names);
    AVCodecContext *c;
    size_t n_bytes = 0;
    double least = 99;

    if (!e) {
        print_message("%s is not here\n", name);
        return;
    }
    c = open_decoder();
    assert_string_equal(limner_io_live_encoder_name(e), name);
    for (int t = 0; t < N_FRAMES; t++) {
        const limner_frame f = picture(t);
        limner_io_live_packet p;
        if (limner_io_live_encoder_encode(e, &f, t == KEY_AT, &p, err) < 0)
            fail_msg("%s, picture %d: %s", name, t, err);
        assert_int_equal(p.is_key, t == 0 || t == KEY_AT);
        least = fmin(least, decode(c, limner_io_live_encoder_header(e), &p));
        n_bytes += p.len_bytes;
    }
    print_message("%s: %zu bytes a picture, least PSNR %.1f dB\n", name, n_bytes / N_FRAMES, least);
    assert_true(least > LEAST_PSNR_DB);
    avcodec_free_context(&c);
    limner_io_live_encoder_close(&e);
}

static void each_access_unit_comes_at_once(void **state)
{
    (void)state;
    check_stream("libx264");
    check_stream("libopenh264");
    check_stream("h264_vaapi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_not_there_are_passed_over),
        cmocka_unit_test(without_h264_pictures_are_jpeg),
        cmocka_unit_test(each_access_unit_comes_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
