/* SPDX-License-Identifier: Apache-2.0 */
/* MP4, MOV and WebM: encoder and sound into a container (order of the calls as in FFmpeg's
 * doc/examples/mux.c). Bytes go through our own writer, so that a full disk or a closed pipe is
 * known by its errno. Sound is interleaved as the picture advances. On a pipe MP4 is fragmented. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libavformat/avformat.h>
#include <libavutil/mem.h>
#include <libswscale/swscale.h>

#include "io/error.h"
#include "io/sink.h"
#include "io/sound.h"
#include "io/temporary.h"
#include "io/video_codec.h"

enum { AVIO_BYTES = 1 << 16 };

typedef struct limner_io_mux_sink {
    limner_io_sink base;
    limner_io_temporary file;
    int write_errno; /* of the first write that failed */
    AVFormatContext *format;
    AVIOContext *avio;
    AVCodecContext *codec;
    AVStream *video, *audio; /* audio NULL: silent */
    AVPacket *packet;
    limner_io_sound *sound;
    AVPacket *sound_packet; /* the next one, when has_packet */
    int has_packet, is_sound_over;
    struct SwsContext *sws; /* NULL: frames go to the encoder as they are */
    AVFrame *converted;
    int64_t n_frames;
} limner_io_mux_sink;

static int write_bytes(void *opaque, uint8_t *bytes, int n)
{
    limner_io_mux_sink *s = opaque;
    const int error = limner_io_temporary_write(&s->file, bytes, (size_t)n);

    if (error && !s->write_errno)
        s->write_errno = error;
    return error ? AVERROR(error) : n;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    const limner_io_mux_sink *s = opaque;

    if (whence & AVSEEK_SIZE)
        return AVERROR(ENOSYS);
    const off_t at = lseek(s->file.fd, offset, whence & ~AVSEEK_FORCE);
    return at < 0 ? AVERROR(errno) : at;
}

static int fail_mux(const limner_io_mux_sink *s, int error, char *err)
{
    if (s->write_errno)
        return limner_io_fail_write(err, s->file.name, s->write_errno);
    return limner_io_fail(err, s->file.name, "the video cannot be written: %s",
                          limner_io_av_reason(error));
}

/* Muxes the sound of all frames so far and of one frame more. */
static int mux_sound(limner_io_mux_sink *s, char *err)
{
    const double time_s = (double)(s->n_frames + 1) * av_q2d(s->codec->time_base);

    while (s->sound && !s->is_sound_over) {
        if (!s->has_packet) {
            const int more = limner_io_sound_next(s->sound, s->sound_packet, err);
            if (more < 0)
                return -1;
            s->is_sound_over = more == 0;
            s->has_packet = more > 0;
            continue;
        }
        const AVRational base = limner_io_sound_time_base(s->sound);
        if ((double)s->sound_packet->pts * av_q2d(base) >= time_s)
            return 0;
        av_packet_rescale_ts(s->sound_packet, base, s->audio->time_base);
        s->sound_packet->stream_index = s->audio->index;
        s->sound_packet->pos = -1;
        s->has_packet = 0;
        const int error = av_interleaved_write_frame(s->format, s->sound_packet);
        if (error < 0)
            return fail_mux(s, error, err);
    }
    return 0;
}

/* Encodes a frame (NULL: the rest) and muxes what comes out. */
static int encode(limner_io_mux_sink *s, const AVFrame *frame, char *err)
{
    int error = avcodec_send_frame(s->codec, frame);

    while (error >= 0) {
        error = avcodec_receive_packet(s->codec, s->packet);
        if (error < 0)
            break;
        s->packet->duration = 1;
        av_packet_rescale_ts(s->packet, s->codec->time_base, s->video->time_base);
        s->packet->stream_index = s->video->index;
        error = av_interleaved_write_frame(s->format, s->packet);
    }
    return error == AVERROR(EAGAIN) || error == AVERROR_EOF ? 0 : fail_mux(s, error, err);
}

static int mux_write(limner_io_sink *sink, const AVFrame *frame, char *err)
{
    limner_io_mux_sink *s = (limner_io_mux_sink *)sink;

    s->n_frames++;
    if (mux_sound(s, err) < 0)
        return -1;
    if (!s->sws)
        return encode(s, frame, err);
    const int error = av_frame_make_writable(s->converted);
    if (error < 0)
        return fail_mux(s, error, err);
    sws_scale(s->sws, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height,
              s->converted->data, s->converted->linesize);
    s->converted->pts = frame->pts;
    return encode(s, s->converted, err);
}

static int mux_finish(limner_io_sink *sink, char *err)
{
    limner_io_mux_sink *s = (limner_io_mux_sink *)sink;

    if (encode(s, NULL, err) < 0)
        return -1;
    int error = av_write_trailer(s->format);
    avio_flush(s->avio);
    if (error >= 0 && s->avio->error < 0)
        error = s->avio->error;
    if (error < 0 || s->write_errno)
        return fail_mux(s, error, err);
    return limner_io_temporary_commit(&s->file, err);
}

static void mux_close(limner_io_sink *sink)
{
    limner_io_mux_sink *s = (limner_io_mux_sink *)sink;

    avcodec_free_context(&s->codec);
    limner_io_sound_close(&s->sound);
    av_packet_free(&s->packet);
    av_packet_free(&s->sound_packet);
    av_frame_free(&s->converted);
    sws_freeContext(s->sws);
    avformat_free_context(s->format);
    if (s->avio)
        av_freep(&s->avio->buffer);
    avio_context_free(&s->avio);
    limner_io_temporary_discard(&s->file);
    av_free(s);
}

/* The container over our writer; 0, or an AVERROR. */
static int open_container(limner_io_mux_sink *s, limner_io_format format)
{
    const char *kind = format == LIMNER_IO_MP4         ? "mp4"
                       : format == LIMNER_IO_MOV_ALPHA ? "mov"
                                                       : "webm";
    const char *temporary = limner_io_temporary_path(&s->file);
    char url[4200];

    /* The faststart pass reads the file again by this name. */
    snprintf(url, sizeof(url), "file:%s", temporary ? temporary : "");
    const int error = avformat_alloc_output_context2(&s->format, NULL, kind, url);
    if (error < 0)
        return error;
    unsigned char *buffer = av_malloc(AVIO_BYTES);
    if (buffer)
        s->avio = avio_alloc_context(buffer, AVIO_BYTES, 1, s, NULL, write_bytes,
                                     temporary ? seek_bytes : NULL);
    if (!s->avio) {
        av_free(buffer);
        return AVERROR(ENOMEM);
    }
    if (!temporary)
        s->avio->seekable = 0;
    s->format->pb = s->avio;
    return 0;
}

/* The encoder, its stream and, where pixels must be converted, the converter. */
static int open_picture(limner_io_mux_sink *s, const limner_io_video_settings *set)
{
    const int needs_header = s->format->oformat->flags & AVFMT_GLOBALHEADER;
    const int *bt709 = sws_getCoefficients(SWS_CS_ITU709);
    int error = 0;

    s->packet = av_packet_alloc();
    s->sound_packet = av_packet_alloc();
    s->converted = av_frame_alloc();
    s->video = avformat_new_stream(s->format, NULL);
    if (!s->packet || !s->sound_packet || !s->converted || !s->video)
        return AVERROR(ENOMEM);
    s->codec = limner_io_video_codec_open(set, needs_header, &error);
    if (!s->codec)
        return error;
    s->video->time_base = s->codec->time_base;
    s->video->avg_frame_rate = s->codec->framerate;
    error = avcodec_parameters_from_context(s->video->codecpar, s->codec);
    if (error < 0 || set->format == LIMNER_IO_MP4)
        return error;
    s->sws = sws_getContext(s->codec->width, s->codec->height, AV_PIX_FMT_RGBA, s->codec->width,
                            s->codec->height, s->codec->pix_fmt, SWS_BICUBIC | SWS_ACCURATE_RND,
                            NULL, NULL, NULL);
    if (!s->sws)
        return AVERROR(ENOMEM);
    sws_setColorspaceDetails(s->sws, bt709, 1, bt709, 0, 0, 1 << 16, 1 << 16);
    s->converted->width = s->codec->width;
    s->converted->height = s->codec->height;
    s->converted->format = s->codec->pix_fmt;
    s->converted->color_range = s->codec->color_range;
    s->converted->color_primaries = s->codec->color_primaries;
    s->converted->color_trc = s->codec->color_trc;
    s->converted->colorspace = s->codec->colorspace;
    return av_frame_get_buffer(s->converted, 0);
}

static int open_sound(limner_io_mux_sink *s, const limner_io_video_settings *set, char *err)
{
    const int needs_header = s->format->oformat->flags & AVFMT_GLOBALHEADER;

    if (!set->audio_path)
        return 0;
    if (limner_io_sound_open(&s->sound, set->audio_path, set->format, needs_header, err) < 0)
        return -1;
    s->audio = avformat_new_stream(s->format, NULL);
    if (!s->audio ||
        avcodec_parameters_copy(s->audio->codecpar, limner_io_sound_parameters(s->sound)) < 0)
        return limner_io_fail_write(err, s->file.name, ENOMEM);
    s->audio->time_base = limner_io_sound_time_base(s->sound);
    return 0;
}

static const char *mov_flags(const limner_io_mux_sink *s, const limner_io_video_settings *set)
{
    if (limner_io_temporary_path(&s->file))
        return "+write_colr+faststart";
    return set->is_live ? "+write_colr+frag_every_frame+delay_moov+default_base_moof"
                        : "+write_colr+frag_keyframe+delay_moov+default_base_moof";
}

static int write_header(limner_io_mux_sink *s, const limner_io_video_settings *set)
{
    AVDictionary *options = NULL;

    if (set->comment)
        av_dict_set(&s->format->metadata, "comment", set->comment, 0);
    if (set->format != LIMNER_IO_WEBM_ALPHA)
        av_dict_set(&options, "movflags", mov_flags(s, set), 0);
    if (set->is_live)
        s->format->flags |= AVFMT_FLAG_FLUSH_PACKETS;
    const int error = avformat_write_header(s->format, &options);
    av_dict_free(&options);
    return error;
}

int limner_io_mux_sink_open(limner_io_sink **out, const char *path,
                            const limner_io_video_settings *set, char *err)
{
    static const limner_io_sink_class class = {mux_write, mux_finish, mux_close};
    limner_io_mux_sink *s = av_mallocz(sizeof(*s));

    limner_io_quiet();
    if (!s)
        return limner_io_fail_write(err, limner_io_output_name(path), ENOMEM);
    s->base.class = &class;
    s->file = (limner_io_temporary){.fd = -1, .slot = -1};
    if (limner_io_temporary_open(&s->file, path, err) < 0)
        goto fail;
    int error = open_container(s, set->format);
    if (error >= 0)
        error = open_picture(s, set);
    if (error < 0) {
        fail_mux(s, error, err);
        goto fail;
    }
    if (open_sound(s, set, err) < 0)
        goto fail;
    error = write_header(s, set);
    if (error < 0) {
        fail_mux(s, error, err);
        goto fail;
    }
    *out = &s->base;
    return 0;
fail:
    mux_close(&s->base);
    return -1;
}
