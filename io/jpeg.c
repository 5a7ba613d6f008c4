/* SPDX-License-Identifier: Apache-2.0 */
/* By FFmpeg's encoder: BT.601, full range, colour at half resolution (JFIF). */
#include "io/jpeg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>

#include "io/error.h"
#include "io/media.h"

static AVCodecContext *open_encoder(uint32_t width_px, uint32_t height_px, int scale)
{
    const AVCodec *encoder = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    AVCodecContext *codec = encoder ? avcodec_alloc_context3(encoder) : NULL;

    if (!codec)
        return NULL;
    codec->width = (int)width_px;
    codec->height = (int)height_px;
    codec->pix_fmt = AV_PIX_FMT_YUVJ420P;
    codec->time_base = (AVRational){1, 25};
    codec->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    codec->global_quality = FF_QP2LAMBDA * scale;
    codec->thread_count = 1;
    if (avcodec_open2(codec, encoder, NULL) < 0)
        avcodec_free_context(&codec);
    return codec;
}

/* The pixels as the encoder takes them; NULL when out of memory. */
static AVFrame *convert(const uint8_t *rgb, ptrdiff_t stride, const AVCodecContext *codec)
{
    const int *bt601 = sws_getCoefficients(SWS_CS_ITU601);
    struct SwsContext *sws =
        sws_getContext(codec->width, codec->height, AV_PIX_FMT_RGB24, codec->width, codec->height,
                       codec->pix_fmt, SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
    AVFrame *frame = av_frame_alloc();

    if (frame) {
        frame->width = codec->width;
        frame->height = codec->height;
        frame->format = codec->pix_fmt;
        frame->quality = codec->global_quality;
    }
    if (!sws || !frame || av_frame_get_buffer(frame, 0) < 0) {
        av_frame_free(&frame);
    } else {
        const uint8_t *const plane[4] = {rgb};
        const int strides[4] = {(int)stride};
        sws_setColorspaceDetails(sws, bt601, 1, bt601, 1, 0, 1 << 16, 1 << 16);
        sws_scale(sws, plane, strides, 0, codec->height, frame->data, frame->linesize);
    }
    sws_freeContext(sws);
    return frame;
}

/* 0, or an AVERROR. */
static int encode(AVPacket *packet, AVCodecContext *codec, const AVFrame *frame)
{
    const int error = avcodec_send_frame(codec, frame);

    return error < 0 ? error : avcodec_receive_packet(codec, packet);
}

int limner_io_jpeg_encode(void **bytes, size_t *len_bytes, const uint8_t *rgb, ptrdiff_t stride,
                          uint32_t width_px, uint32_t height_px, int scale, char *err)
{
    int error = AVERROR(EINVAL);

    *bytes = NULL;
    *len_bytes = 0;
    limner_io_quiet();
    AVCodecContext *codec = open_encoder(width_px, height_px, scale);
    AVFrame *frame = codec ? convert(rgb, stride, codec) : NULL;
    AVPacket *packet = av_packet_alloc();
    if (codec)
        error = frame && packet ? encode(packet, codec, frame) : AVERROR(ENOMEM);
    if (error >= 0) {
        *bytes = malloc((size_t)packet->size);
        error = *bytes ? 0 : AVERROR(ENOMEM);
    }
    if (*bytes) {
        memcpy(*bytes, packet->data, (size_t)packet->size);
        *len_bytes = (size_t)packet->size;
    }
    av_packet_free(&packet);
    av_frame_free(&frame);
    avcodec_free_context(&codec);
    return error < 0 ? limner_io_fail(err, "a picture", "cannot be made a JPEG: %s",
                                      limner_io_av_reason(error))
                     : 0;
}
