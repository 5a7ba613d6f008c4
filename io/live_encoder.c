/* SPDX-License-Identifier: Apache-2.0 */
/* An H.264 encoder tuned to give each access unit at once, and FFmpeg's JPEG encoder. JPEG means
 * BT.601 in full range, a graphics card wants NV12 in its own memory, so there frames are converted
 * first. */
#include "io/live_encoder.h"

#include <errno.h>
#include <stdio.h>

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <libavutil/hwcontext.h>
#include <libavutil/imgutils.h>
#include <libavutil/mem.h>
#include <libswscale/swscale.h>

#include "io/error.h"
#include "io/h264.h"

enum { CRF = 21, JPEG_QSCALE = 4, NAL_SPS = 7 };

static const char name[] = "live picture";
static const char *const h264[] = {"libx264", "libopenh264", "h264_vaapi", NULL};

struct limner_io_live_encoder {
    AVCodecContext *codec;
    AVFrame *frame;  /* what the codec is given, or `device` filled from */
    AVFrame *device; /* in the graphics card; NULL: none */
    AVPacket *packet;
    struct SwsContext *sws; /* of what is no I420 */
    int64_t n_frames;
    char codec_name[LIMNER_IO_LIVE_CODEC_SIZE];
};

/* Profile, constraints and level stand behind the first byte of the sequence parameters. */
static void name_codec(limner_io_live_encoder *e)
{
    const uint8_t *b = e->codec->extradata;

    snprintf(e->codec_name, sizeof(e->codec_name), "%s", b ? "avc1.42e01f" : "jpeg");
    for (int i = 0; i + 6 < e->codec->extradata_size; i++) {
        if (b[i] || b[i + 1] || b[i + 2] != 1 || (b[i + 3] & 31) != NAL_SPS)
            continue;
        snprintf(e->codec_name, sizeof(e->codec_name), "avc1.%02x%02x%02x", b[i + 4], b[i + 5],
                 b[i + 6]);
        return;
    }
}

static int open_h264(limner_io_live_encoder *e, const limner_io_live_settings *set)
{
    const limner_io_video_settings video = {.format = LIMNER_IO_MP4,
                                            .width_px = set->width_px,
                                            .height_px = set->height_px,
                                            .fps_num = set->fps_num,
                                            .fps_den = set->fps_den,
                                            .crf = set->crf < 0 ? CRF : set->crf,
                                            .n_threads = 1,
                                            .is_live = true};
    int error = 0;

    e->codec = limner_io_h264_open(&video, set->h264 ? set->h264 : h264, 1, &error);
    if (e->codec && e->codec->hw_frames_ctx) {
        e->device = av_frame_alloc();
        e->sws =
            sws_getContext(e->codec->width, e->codec->height, AV_PIX_FMT_YUV420P, e->codec->width,
                           e->codec->height, AV_PIX_FMT_NV12, SWS_POINT, NULL, NULL, NULL);
        error = e->device && e->sws ? 0 : AVERROR(ENOMEM);
    }
    return error;
}

static int open_jpeg(limner_io_live_encoder *e, const limner_io_live_settings *set)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    const int w = (int)set->width_px, h = (int)set->height_px;

    e->codec = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!e->codec)
        return AVERROR_ENCODER_NOT_FOUND;
    e->codec->width = w;
    e->codec->height = h;
    e->codec->time_base = (AVRational){(int)set->fps_den, (int)set->fps_num};
    e->codec->pix_fmt = AV_PIX_FMT_YUVJ420P;
    e->codec->color_range = AVCOL_RANGE_JPEG;
    e->codec->flags |= AV_CODEC_FLAG_QSCALE;
    e->codec->global_quality = JPEG_QSCALE * FF_QP2LAMBDA;
    e->codec->thread_count = 1;
    e->sws = sws_getContext(w, h, AV_PIX_FMT_YUV420P, w, h, AV_PIX_FMT_YUVJ420P, SWS_BILINEAR, NULL,
                            NULL, NULL);
    if (!e->sws)
        return AVERROR(ENOMEM);
    sws_setColorspaceDetails(e->sws, sws_getCoefficients(SWS_CS_ITU709), 0,
                             sws_getCoefficients(SWS_CS_ITU601), 1, 0, 1 << 16, 1 << 16);
    return avcodec_open2(e->codec, codec, NULL);
}

static int open_codec(limner_io_live_encoder *e, const limner_io_live_settings *set)
{
    int error = set->codec == LIMNER_IO_LIVE_JPEG ? AVERROR_ENCODER_NOT_FOUND : open_h264(e, set);

    return error < 0 && !e->codec && set->codec != LIMNER_IO_LIVE_H264 ? open_jpeg(e, set) : error;
}

int limner_io_live_encoder_open(limner_io_live_encoder **out, const limner_io_live_settings *set,
                                char *err)
{
    limner_io_live_encoder *e = av_mallocz(sizeof(*e));

    *out = NULL;
    limner_io_quiet();
    if (!e)
        return limner_io_fail(err, name, "not enough memory");
    e->packet = av_packet_alloc();
    e->frame = av_frame_alloc();
    int error = e->packet && e->frame ? 0 : AVERROR(ENOMEM);
    if (error >= 0)
        error = open_codec(e, set);
    if (error >= 0) {
        e->frame->width = e->codec->width;
        e->frame->height = e->codec->height;
        e->frame->format = e->device ? AV_PIX_FMT_NV12 : e->codec->pix_fmt;
        error = av_frame_get_buffer(e->frame, 0);
    }
    if (error < 0) {
        limner_io_live_encoder_close(&e);
        return limner_io_fail(err, name, "cannot be encoded: %s", limner_io_av_reason(error));
    }
    name_codec(e);
    *out = e;
    return 0;
}

/* Into the frame that the codec is given, whose format is that of an I420 frame. */
static void fill(limner_io_live_encoder *e, const limner_frame *from)
{
    const uint8_t *planes[4] = {from->plane[0], from->plane[1], from->plane[2], NULL};
    const int strides[4] = {(int)from->stride[0], (int)from->stride[1], (int)from->stride[2], 0};

    if (e->sws) {
        sws_scale(e->sws, planes, strides, 0, e->frame->height, e->frame->data, e->frame->linesize);
        return;
    }
    av_image_copy(e->frame->data, e->frame->linesize, planes, strides, AV_PIX_FMT_YUV420P,
                  e->frame->width, e->frame->height);
}

/* With `frame` in it, or in the graphics card. */
static int submit(limner_io_live_encoder *e, bool wants_key)
{
    AVFrame *f = e->frame;
    int error = 0;

    if (e->device) {
        f = e->device;
        av_frame_unref(f);
        error = av_hwframe_get_buffer(e->codec->hw_frames_ctx, f, 0);
        if (error >= 0)
            error = av_hwframe_transfer_data(f, e->frame, 0);
    }
    f->pts = e->n_frames++;
    f->quality = e->codec->global_quality;
    f->pict_type = wants_key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    return error < 0 ? error : avcodec_send_frame(e->codec, f);
}

int limner_io_live_encoder_encode(limner_io_live_encoder *e, const limner_frame *frame,
                                  bool wants_key, limner_io_live_packet *out, char *err)
{
    if (frame->pixel != LIMNER_PIXEL_I420 || (int)frame->width_px != e->codec->width ||
        (int)frame->height_px != e->codec->height)
        return limner_io_fail(err, name, "a frame has another size or pixel format");
    int error = av_frame_make_writable(e->frame);
    if (error >= 0) {
        fill(e, frame);
        error = submit(e, wants_key);
    }
    av_packet_unref(e->packet);
    if (error >= 0)
        error = avcodec_receive_packet(e->codec, e->packet);
    if (error < 0)
        return limner_io_fail(err, name, "cannot be encoded: %s", limner_io_av_reason(error));
    *out = (limner_io_live_packet){.bytes = e->packet->data,
                                   .len_bytes = (size_t)e->packet->size,
                                   .is_key = e->packet->flags & AV_PKT_FLAG_KEY};
    return 0;
}

limner_blob limner_io_live_encoder_header(const limner_io_live_encoder *e)
{
    if (e->codec->codec_id != AV_CODEC_ID_H264)
        return (limner_blob){NULL, 0};
    return (limner_blob){e->codec->extradata, (size_t)e->codec->extradata_size};
}

const char *limner_io_live_encoder_codec(const limner_io_live_encoder *e)
{
    return e->codec_name;
}

const char *limner_io_live_encoder_name(const limner_io_live_encoder *e)
{
    return e->codec->codec->name;
}

void limner_io_live_encoder_close(limner_io_live_encoder **e)
{
    if (!e || !*e)
        return;
    avcodec_free_context(&(*e)->codec);
    av_frame_free(&(*e)->frame);
    av_frame_free(&(*e)->device);
    av_packet_free(&(*e)->packet);
    sws_freeContext((*e)->sws);
    av_freep(e);
}
