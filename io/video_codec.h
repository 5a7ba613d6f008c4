/* SPDX-License-Identifier: Apache-2.0 */
/* The picture encoder of each container, with its settings. */
#ifndef LIMNER_IO_VIDEO_CODEC_H
#define LIMNER_IO_VIDEO_CODEC_H

#include <libavcodec/avcodec.h>

#include "io/media.h"

/* Not opened yet: size, rate, threads, key frame interval, colours. NULL: no memory. */
AVCodecContext *limner_io_video_codec_new(const AVCodec *codec,
                                          const limner_io_video_settings *set);
/* Opened encoder, or NULL and an AVERROR in *error. */
AVCodecContext *limner_io_video_codec_open(const limner_io_video_settings *set,
                                           int needs_global_header, int *error);

#endif
