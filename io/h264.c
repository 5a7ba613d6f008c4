/* SPDX-License-Identifier: Apache-2.0 */
/* libx264 is the best of them and most often there; OpenH264 is what distributions without it
 * have; VA-API is the graphics card's own, tried where /dev/dri is. The last two have no CRF: they
 * are given one quantiser for all pictures, which looks about alike. */
#include "io/h264.h"

#include <string.h>
#include <unistd.h>

#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>

#include "io/video_codec.h"

enum { CRF = 18, MOST_QUANTISER = 51, DEVICE_FRAMES = 4 };
/* Measured on 200 frames of a talking painting at 512x512, CRF 18, one core: ultrafast 1.9 ms a
 * frame and SSIM 0.9855, superfast 3.3 ms, 0.9864, veryfast 4.5 ms, 0.9800, faster 8.7 ms, 0.9842.
 */
#define PRESET "superfast"
/* One shot, no fades: frames need not be looked at ahead for cuts and the best B-frames. Takes 7 %
 * of the time off at the same size and SSIM. */
#define PARAMS "b-adapt=0:scenecut=0:weightp=0"

static int crf_of(const limner_io_video_settings *set)
{
    return set->crf < 0 ? CRF : set->crf;
}

/* One for a picture that CRF would look alike at. */
static int quantiser_of(const limner_io_video_settings *set)
{
    const int q = crf_of(set) + 3;

    return q < MOST_QUANTISER ? q : MOST_QUANTISER;
}

static int set_x264(AVCodecContext *c, const limner_io_video_settings *set)
{
    c->flags |= AV_CODEC_FLAG_CLOSED_GOP;
    c->max_b_frames = set->is_live ? 0 : 2;
    av_opt_set(c->priv_data, "preset", set->preset ? set->preset : PRESET, 0);
    if (!set->preset)
        av_opt_set(c->priv_data, "x264-params", PARAMS, 0);
    if (set->is_live)
        av_opt_set(c->priv_data, "tune", "zerolatency", 0);
    return av_opt_set_double(c->priv_data, "crf", crf_of(set), 0);
}

static int set_openh264(AVCodecContext *c, const limner_io_video_settings *set)
{
    c->qmin = c->qmax = quantiser_of(set);
    av_opt_set(c->priv_data, "coder", "cabac", 0);
    return av_opt_set(c->priv_data, "allow_skip_frames", "0", 0);
}

static int set_vaapi(AVCodecContext *c, const limner_io_video_settings *set)
{
    AVBufferRef *device = NULL;
    AVHWFramesContext *frames;

    if (access("/dev/dri", F_OK) < 0)
        return AVERROR(ENODEV);
    int error = av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VAAPI, NULL, NULL, 0);
    if (error < 0)
        return error;
    c->hw_frames_ctx = av_hwframe_ctx_alloc(device); /* holds the device */
    av_buffer_unref(&device);
    if (!c->hw_frames_ctx)
        return AVERROR(ENOMEM);
    frames = (AVHWFramesContext *)(void *)c->hw_frames_ctx->data;
    frames->format = c->pix_fmt = AV_PIX_FMT_VAAPI;
    frames->sw_format = AV_PIX_FMT_NV12;
    frames->width = c->width;
    frames->height = c->height;
    frames->initial_pool_size = DEVICE_FRAMES;
    c->max_b_frames = 0;
    av_opt_set(c->priv_data, "rc_mode", "CQP", 0);
    av_opt_set_int(c->priv_data, "async_depth", 1, 0); /* else each comes one picture later */
    error = av_opt_set_int(c->priv_data, "qp", quantiser_of(set), 0);
    return error < 0 ? error : av_hwframe_ctx_init(c->hw_frames_ctx);
}

static const struct {
    const char *name;
    int (*set)(AVCodecContext *c, const limner_io_video_settings *set); /* or an AVERROR */
} encoders[] = {{"libx264", set_x264}, {"libopenh264", set_openh264}, {"h264_vaapi", set_vaapi}};

static AVCodecContext *open_one(const limner_io_video_settings *set, const char *name,
                                int needs_global_header, int *error)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(name);
    size_t i = 0, n = sizeof(encoders) / sizeof(encoders[0]);

    while (i < n && strcmp(encoders[i].name, name) != 0)
        i++;
    *error = AVERROR_ENCODER_NOT_FOUND;
    AVCodecContext *c = codec && i < n ? limner_io_video_codec_new(codec, set) : NULL;
    if (!c)
        return NULL;
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    if (needs_global_header)
        c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    *error = encoders[i].set(c, set);
    if (*error >= 0)
        *error = avcodec_open2(c, codec, NULL);
    if (*error >= 0 && needs_global_header && !c->extradata_size)
        *error = AVERROR_ENCODER_NOT_FOUND; /* some cards' drivers keep the header to themselves */
    if (*error < 0)
        avcodec_free_context(&c);
    return c;
}

AVCodecContext *limner_io_h264_open(const limner_io_video_settings *set, const char *const *names,
                                    int needs_global_header, int *error)
{
    AVCodecContext *c = NULL;

    *error = AVERROR_ENCODER_NOT_FOUND;
    while (!c && *names)
        c = open_one(set, *names++, needs_global_header, error);
    return c;
}
