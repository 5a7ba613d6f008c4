/* SPDX-License-Identifier: Apache-2.0 */
/* H.264 by whichever encoder there is: FFmpeg's are built with one, the other, or neither. */
#ifndef LIMNER_IO_H264_H
#define LIMNER_IO_H264_H

#include <libavcodec/avcodec.h>

#include "io/media.h"

/* The first of `names` (to NULL) that is known here, built into FFmpeg and opens: libx264,
 * libopenh264 or h264_vaapi, whose pix_fmt is AV_PIX_FMT_VAAPI: its frames go through
 * hw_frames_ctx, as NV12. One after another; with is_live each access unit comes at once. With
 * needs_global_header the parameter sets are in extradata. NULL and an AVERROR in *error: none. */
AVCodecContext *limner_io_h264_open(const limner_io_video_settings *set, const char *const *names,
                                    int needs_global_header, int *error);

#endif
