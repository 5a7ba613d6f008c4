/* SPDX-License-Identifier: Apache-2.0 */
/* H.264 (MP4; io/h264.h), ProRes 4444 (MOV with alpha: what editors take), VP9 with alpha (WebM:
 * what browsers take). All are tagged BT.709, limited range. */
#include "io/video_codec.h"

#include <libavutil/opt.h>

#include "io/h264.h"

enum { CRF_VP9 = 24, GOP_S = 2 };

/* Those that take a frame as it lies in memory. */
static const char *const h264[] = {"libx264", "libopenh264", NULL};

static void set_prores(AVCodecContext *c)
{
    c->pix_fmt = AV_PIX_FMT_YUVA444P10LE;
    c->profile = FF_PROFILE_PRORES_4444;
    av_opt_set(c->priv_data, "vendor", "apl0", 0);
    av_opt_set_int(c->priv_data, "alpha_bits", 16, 0);
}

static void set_vp9(AVCodecContext *c, const limner_io_video_settings *set)
{
    c->pix_fmt = AV_PIX_FMT_YUVA420P;
    av_opt_set_double(c->priv_data, "crf", set->crf < 0 ? CRF_VP9 : set->crf, 0);
    av_opt_set(c->priv_data, "deadline", "realtime", 0);
    av_opt_set_int(c->priv_data, "cpu-used", 6, 0);
    av_opt_set_int(c->priv_data, "row-mt", 1, 0);
    av_opt_set_int(c->priv_data, "auto-alt-ref", 0, 0); /* not with alpha */
}

AVCodecContext *limner_io_video_codec_new(const AVCodec *codec, const limner_io_video_settings *set)
{
    AVCodecContext *c = avcodec_alloc_context3(codec);

    if (!c)
        return NULL;
    c->width = (int)set->width_px;
    c->height = (int)set->height_px;
    c->time_base = (AVRational){(int)set->fps_den, (int)set->fps_num};
    c->framerate = (AVRational){(int)set->fps_num, (int)set->fps_den};
    c->sample_aspect_ratio = (AVRational){1, 1};
    c->color_range = AVCOL_RANGE_MPEG;
    c->color_primaries = AVCOL_PRI_BT709;
    c->color_trc = AVCOL_TRC_BT709;
    c->colorspace = AVCOL_SPC_BT709;
    c->gop_size = (int)((GOP_S * set->fps_num + set->fps_den / 2) / set->fps_den);
    c->thread_count = set->n_threads;
    return c;
}

AVCodecContext *limner_io_video_codec_open(const limner_io_video_settings *set,
                                           int needs_global_header, int *error)
{
    if (set->format == LIMNER_IO_MP4)
        return limner_io_h264_open(set, h264, needs_global_header, error);
    const bool is_mov = set->format == LIMNER_IO_MOV_ALPHA;
    const AVCodec *codec = avcodec_find_encoder_by_name(is_mov ? "prores_ks" : "libvpx-vp9");
    AVCodecContext *c = codec ? limner_io_video_codec_new(codec, set) : NULL;
    if (!c) {
        *error = AVERROR_ENCODER_NOT_FOUND;
        return NULL;
    }
    if (needs_global_header)
        c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (is_mov)
        set_prores(c);
    else
        set_vp9(c, set);
    *error = avcodec_open2(c, codec, NULL);
    if (*error < 0)
        avcodec_free_context(&c);
    return c;
}
