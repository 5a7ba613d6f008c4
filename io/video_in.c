/* SPDX-License-Identifier: Apache-2.0 */
/* Videos in: the best picture stream of a file, frame by frame (FFmpeg's
 * doc/examples/decode_video.c has the order of the calls). Damaged frames are skipped and
 * counted. A pipe is tried live first; what gives no frame that way is read to its end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/pixdesc.h>

#include "io/error.h"
#include "io/image_frame.h"
#include "io/image_header.h"
#include "io/input.h"

struct limner_io_video_in {
    limner_io_input input;
    char *path;
    const char *name; /* for messages */
    AVStream *stream;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame;
    double first_s, last_s; /* of the frames given out, last_s from the first on; < 0: none yet */
    int64_t n_damaged; /* packets and frames */
    int is_draining, has_frame; /* has_frame: one was decoded when the video was opened */
};

static int open_codec(limner_io_video_in *v, char *err)
{
    AVFormatContext *format = v->input.format;
    const AVCodec *codec = NULL;

    if (avformat_find_stream_info(format, NULL) < 0)
        return limner_io_fail(err, v->name,
                              "the data is damaged or cut short; give another video");
    const int index = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (index == AVERROR_DECODER_NOT_FOUND)
        return limner_io_fail(err, v->name,
                              "this FFmpeg has no decoder for its pictures; convert it to H.264 "
                              "first");
    if (index < 0)
        return limner_io_fail(err, v->name, "has no pictures; give a video or a photo");
    for (unsigned i = 0; i < format->nb_streams; i++)
        format->streams[i]->discard = (int)i == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    v->stream = format->streams[index];
    v->codec = avcodec_alloc_context3(codec);
    if (!v->codec || avcodec_parameters_to_context(v->codec, v->stream->codecpar) < 0)
        return limner_io_fail_read(err, v->name, ENOMEM);
    v->codec->pkt_timebase = v->stream->time_base;
    v->codec->get_buffer2 = limner_io_get_buffer;
    v->codec->thread_count = 1;
    if (avcodec_open2(v->codec, codec, NULL) < 0)
        return limner_io_fail(err, v->name,
                              "its picture format (%s) has a variant FFmpeg does not read; convert "
                              "it to H.264 first",
                              codec->name);
    return 0;
}

/* Feeds one packet, or the end. 0: fed; -1: reading failed. */
static int feed(limner_io_video_in *v, char *err)
{
    const int more = limner_io_input_feed(&v->input, v->stream->index, v->codec, v->packet,
                                          &v->n_damaged, v->name, err);

    v->is_draining = more == 0;
    return more < 0 ? -1 : 0;
}

/* The next frame into v->frame: 1, 0 at the end, -1. */
static int decode(limner_io_video_in *v, char *err)
{
    for (;;) {
        const int error = avcodec_receive_frame(v->codec, v->frame);
        if (error == 0)
            return 1;
        if (error == AVERROR_EOF || v->is_draining)
            return 0;
        if (error != AVERROR(EAGAIN))
            v->n_damaged++;
        if (feed(v, err) < 0)
            return -1;
    }
}

static void close_input(limner_io_video_in *v)
{
    avcodec_free_context(&v->codec);
    limner_io_input_close(&v->input);
    v->n_damaged = 0;
    v->is_draining = 0;
}

static int open_stream(limner_io_video_in *v, const limner_io_form *form, char *err)
{
    const int failed = limner_io_input_open_as(&v->input, v->path, form, err) < 0 ||
                       open_codec(v, err) < 0;

    if (failed)
        close_input(v);
    return failed;
}

/* Formats differ in what they need to go back for; whether this one does, its first frame tells. */
static int open_live(limner_io_video_in *v, limner_io_form form, char *err)
{
    form.is_live = 1;
    if (open_stream(v, &form, err))
        return -1;
    if (decode(v, err) <= 0) {
        close_input(v);
        return -1;
    }
    v->has_frame = 1;
    limner_io_source_let_go(&v->input.source);
    return 0;
}

static int open_input(limner_io_video_in *v, const limner_io_raw *raw, char *err)
{
    limner_io_form form = {raw ? "rawvideo" : NULL, NULL, 0};
    char text[64];

    if (raw) {
        snprintf(text, sizeof(text), "%ux%u", raw->width_px, raw->height_px);
        av_dict_set(&form.options, "video_size", text, 0);
        snprintf(text, sizeof(text), "%u/%u", raw->fps_num, raw->fps_den);
        av_dict_set(&form.options, "framerate", text, 0);
        av_dict_set(&form.options, "pixel_format", raw->pixel, 0);
    }
    const int is_pipe = limner_io_is_pipe(v->path);
    int failed = !is_pipe || open_live(v, form, err) < 0;
    if (failed)
        failed = open_stream(v, &form, err);
    av_dict_free(&form.options);
    return failed;
}

/* Pictures of kinds that FFmpeg opens, and finds nothing in. */
static int check_kind(const limner_io_video_in *v, char *err)
{
    limner_io_image_header header;
    limner_io_source source;

    if (limner_io_is_pipe(v->path))
        return 0;
    if (limner_io_source_open(&source, v->path, err) < 0)
        return -1;
    limner_io_image_header_read(&header, &source);
    limner_io_source_close(&source);
    return limner_io_image_header_check(&header, v->name, err);
}

int limner_io_video_in_open(limner_io_video_in **out, const char *path, char *err)
{
    return limner_io_video_in_open_raw(out, path, NULL, err);
}

int limner_io_video_in_open_raw(limner_io_video_in **out, const char *path,
                                const limner_io_raw *raw, char *err)
{
    limner_io_video_in *v = calloc(1, sizeof(*v));

    *out = NULL;
    if (!v)
        return limner_io_fail_read(err, limner_io_input_name(path), ENOMEM);
    v->path = strdup(path);
    v->packet = av_packet_alloc();
    v->frame = av_frame_alloc();
    v->input.source.fd = -1;
    v->last_s = -1;
    int failed;
    if (!v->path || !v->packet || !v->frame) {
        failed = limner_io_fail_read(err, limner_io_input_name(path), ENOMEM);
    } else {
        v->name = limner_io_input_name(v->path);
        failed = !raw && check_kind(v, err) < 0;
        if (!failed)
            failed = open_input(v, raw, err);
    }
    if (failed) {
        limner_io_video_in_close(&v);
        return -1;
    }
    *out = v;
    return 0;
}

double limner_io_video_in_fps(const limner_io_video_in *v)
{
    const AVRational rate = v->stream->avg_frame_rate;
    const double seconds = limner_io_video_in_duration_s(v);

    if (rate.num > 0 && rate.den > 0)
        return av_q2d(rate);
    return v->stream->nb_frames > 0 && seconds > 0 ? (double)v->stream->nb_frames / seconds : 25;
}

double limner_io_video_in_duration_s(const limner_io_video_in *v)
{
    if (v->stream->duration != AV_NOPTS_VALUE)
        return (double)v->stream->duration * av_q2d(v->stream->time_base);
    if (v->input.format->duration != AV_NOPTS_VALUE)
        return (double)v->input.format->duration / AV_TIME_BASE;
    return -1;
}

/* Seconds from the first frame on; a frame without a time, or one that does not come after the one
 * before, follows it at the mean rate. */
static double time_of_frame(limner_io_video_in *v)
{
    const int64_t pts = v->frame->best_effort_timestamp;
    const double at = pts == AV_NOPTS_VALUE ? -1e9 : (double)pts * av_q2d(v->stream->time_base);

    if (v->last_s < 0) {
        v->first_s = at > -1e9 ? at : 0;
        return v->last_s = 0;
    }
    if (at - v->first_s > v->last_s)
        v->last_s = at - v->first_s;
    else
        v->last_s += 1 / limner_io_video_in_fps(v);
    return v->last_s;
}

int limner_io_video_in_read(limner_io_video_in *v, limner_io_image *image, double *time_s,
                            char *err)
{
    memset(image, 0, sizeof(*image));
    const int more = v->has_frame ? 1 : decode(v, err);
    v->has_frame = 0;
    if (more < 0)
        return -1;
    if (more == 0 && v->last_s < 0)
        return limner_io_fail(err, v->name,
                              v->n_damaged ? "none of its pictures can be read; give another video"
                                           : "holds no pictures; give another video");
    if (more == 0)
        return 0;
    *time_s = time_of_frame(v);
    const int failed = limner_io_image_of_frame(image, v->frame, v->stream, v->name, err);
    av_frame_unref(v->frame);
    return failed ? -1 : 1;
}

void limner_io_video_in_close(limner_io_video_in **video)
{
    limner_io_video_in *v;

    if (!video || !*video)
        return;
    v = *video;
    *video = NULL;
    av_frame_free(&v->frame);
    av_packet_free(&v->packet);
    avcodec_free_context(&v->codec);
    limner_io_input_close(&v->input);
    free(v->path);
    free(v);
}
