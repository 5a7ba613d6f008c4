/* SPDX-License-Identifier: Apache-2.0 */
/* A decoded frame as an upright picture; what pictures and videos share. */
#ifndef LIMNER_IO_IMAGE_FRAME_H
#define LIMNER_IO_IMAGE_FRAME_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "io/media.h"

/* A get_buffer2 callback that refuses pictures beyond the limits before their pixels are
 * allocated. */
int limner_io_get_buffer(AVCodecContext *codec, AVFrame *frame, int flags);
/* Packed sRGB, turned as the frame's or the stream's orientation says. */
int limner_io_image_of_frame(limner_io_image *out, const AVFrame *frame, const AVStream *stream,
                             const char *name, char *err);

#endif
