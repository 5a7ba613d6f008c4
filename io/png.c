/* SPDX-License-Identifier: Apache-2.0 */
/* PNG out. The text chunks (PNG specification, 11.3.4.3) are put in after IHDR, whose end is always
 * at byte 33. */
#include "io/png.h"

#include <errno.h>
#include <string.h>

#include <libavutil/crc.h>
#include <libavutil/intreadwrite.h>

#include "io/error.h"
#include "io/media.h"
#include "io/temporary.h"

enum { IHDR_END = 33, MAX_COMMENT = 1024 };

int limner_io_png_open(limner_io_png *out, int width_px, int height_px, enum AVPixelFormat format)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_PNG);

    limner_io_quiet();
    memset(out, 0, sizeof(*out));
    if (!codec)
        return AVERROR_ENCODER_NOT_FOUND;
    out->codec = avcodec_alloc_context3(codec);
    out->packet = av_packet_alloc();
    if (!out->codec || !out->packet) {
        limner_io_png_close(out);
        return AVERROR(ENOMEM);
    }
    out->codec->width = width_px;
    out->codec->height = height_px;
    out->codec->pix_fmt = format;
    out->codec->time_base = (AVRational){1, 25};
    out->codec->compression_level = 3;
    out->codec->thread_count = 1;
    const int error = avcodec_open2(out->codec, codec, NULL);
    if (error < 0)
        limner_io_png_close(out);
    return error;
}

/* Puts a tEXt chunk after IHDR of the file in `packet`. */
static int insert_comment(AVPacket *packet, const char *comment)
{
    static const char key[] = "Comment"; /* with its final 0, as the chunk wants it */
    const size_t n = strnlen(comment, MAX_COMMENT);
    const size_t n_data = sizeof(key) + n, n_chunk = n_data + 12;
    const size_t n_old = (size_t)packet->size;

    if (n_old < IHDR_END)
        return AVERROR_INVALIDDATA;
    const int error = av_grow_packet(packet, (int)n_chunk);
    if (error < 0)
        return error;
    uint8_t *at = packet->data + IHDR_END;
    memmove(at + n_chunk, at, n_old - IHDR_END);
    AV_WB32(at, (uint32_t)n_data);
    memcpy(at + 4, "tEXt", 4);
    memcpy(at + 8, key, sizeof(key));
    memcpy(at + 8 + sizeof(key), comment, n);
    const uint32_t crc = av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), ~0u, at + 4, n_data + 4);
    AV_WB32(at + 8 + n_data, ~crc);
    return 0;
}

int limner_io_png_encode(limner_io_png *p, const AVFrame *frame, const char *comment)
{
    av_packet_unref(p->packet);
    int error = avcodec_send_frame(p->codec, frame);
    if (error >= 0)
        error = avcodec_receive_packet(p->codec, p->packet);
    if (error >= 0 && comment)
        error = insert_comment(p->packet, comment);
    return error < 0 ? error : 0;
}

void limner_io_png_close(limner_io_png *p)
{
    if (!p)
        return;
    avcodec_free_context(&p->codec);
    av_packet_free(&p->packet);
}

/* The pixels of a wrapped frame stay the caller's. */
static void keep(void *opaque, uint8_t *data)
{
    (void)opaque;
    (void)data;
}

/* A frame that shows the caller's pixels without a copy. */
static AVFrame *wrap(const uint8_t *pixels, ptrdiff_t stride, const AVCodecContext *codec)
{
    AVFrame *f = av_frame_alloc();

    if (!f)
        return NULL;
    f->width = codec->width;
    f->height = codec->height;
    f->format = codec->pix_fmt;
    f->data[0] = (uint8_t *)(uintptr_t)pixels;
    f->linesize[0] = (int)stride;
    f->buf[0] = av_buffer_create(f->data[0], (size_t)stride * (size_t)f->height, keep, NULL,
                                 AV_BUFFER_FLAG_READONLY);
    if (!f->buf[0])
        av_frame_free(&f);
    return f;
}

int limner_io_png_write(const char *path, const uint8_t *pixels, ptrdiff_t stride,
                        uint32_t width_px, uint32_t height_px, uint32_t n_channels,
                        const char *comment, char *err)
{
    const enum AVPixelFormat format = n_channels == 1   ? AV_PIX_FMT_GRAY8
                                      : n_channels == 3 ? AV_PIX_FMT_RGB24
                                                        : AV_PIX_FMT_RGBA;
    limner_io_png png;

    int error = limner_io_png_open(&png, (int)width_px, (int)height_px, format);
    if (error < 0)
        return limner_io_fail(err, path, "cannot be made a PNG: %s", limner_io_av_reason(error));
    AVFrame *frame = wrap(pixels, stride, png.codec);
    error = frame ? limner_io_png_encode(&png, frame, comment) : AVERROR(ENOMEM);
    av_frame_free(&frame);
    const int failed =
        error < 0
            ? limner_io_fail(err, path, "cannot be made a PNG: %s", limner_io_av_reason(error))
            : limner_io_file_write(path, png.packet->data, (size_t)png.packet->size, err);
    limner_io_png_close(&png);
    return failed;
}
