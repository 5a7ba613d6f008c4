/* SPDX-License-Identifier: Apache-2.0 */
/* PNG files in memory, by FFmpeg's encoder, with a comment as a text chunk. */
#ifndef LIMNER_IO_PNG_H
#define LIMNER_IO_PNG_H

#include <libavcodec/avcodec.h>

typedef struct limner_io_png {
    AVCodecContext *codec;
    AVPacket *packet;
} limner_io_png;

/* format: AV_PIX_FMT_GRAY8, RGB24 or RGBA. 0, or an AVERROR. */
int limner_io_png_open(limner_io_png *out, int width_px, int height_px, enum AVPixelFormat format);
/* Encodes a frame; p->packet holds the file until the next call. 0, or an AVERROR. */
int limner_io_png_encode(limner_io_png *p, const AVFrame *frame, const char *comment);
void limner_io_png_close(limner_io_png *p); /* NULL-safe */

#endif
