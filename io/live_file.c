/* SPDX-License-Identifier: Apache-2.0 */
/* The muxer turns Annex B into MP4's own form, as the parameter sets that it is given are Annex B
 * too. Sound goes in whole before the pictures; the muxer interleaves them by their times. */
#include "io/live_file.h"

#include <errno.h>
#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/mem.h>

#include "io/error.h"
#include "io/sound.h"

static const char name[] = "recording";

typedef struct muxer {
    const limner_io_live_file *file;
    AVFormatContext *format;
    AVStream *video, *audio; /* audio NULL: silent */
    AVPacket *packet;
    limner_io_sound *sound;
} muxer;

static int fail(int error, char *err)
{
    return limner_io_fail(err, name, "cannot be made: %s", limner_io_av_reason(error));
}

static int add_picture(muxer *m)
{
    const limner_io_live_file *f = m->file;
    AVCodecParameters *p;

    m->video = avformat_new_stream(m->format, NULL);
    if (!m->video)
        return AVERROR(ENOMEM);
    p = m->video->codecpar;
    p->extradata = av_mallocz(f->header.len_bytes + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!p->extradata)
        return AVERROR(ENOMEM);
    memcpy(p->extradata, f->header.bytes, f->header.len_bytes);
    p->extradata_size = (int)f->header.len_bytes;
    p->codec_type = AVMEDIA_TYPE_VIDEO;
    p->codec_id = AV_CODEC_ID_H264;
    p->width = (int)f->width_px;
    p->height = (int)f->height_px;
    p->color_range = AVCOL_RANGE_MPEG;
    p->color_primaries = AVCOL_PRI_BT709;
    p->color_trc = AVCOL_TRC_BT709;
    p->color_space = AVCOL_SPC_BT709;
    m->video->time_base = (AVRational){(int)f->fps_den, (int)f->fps_num};
    m->video->avg_frame_rate = (AVRational){(int)f->fps_num, (int)f->fps_den};
    return 0;
}

static int add_sound(muxer *m, char *err)
{
    if (!m->file->audio_path)
        return 0;
    if (limner_io_sound_open(&m->sound, m->file->audio_path, LIMNER_IO_MP4, 1, err) < 0)
        return -1;
    m->audio = avformat_new_stream(m->format, NULL);
    if (!m->audio ||
        avcodec_parameters_copy(m->audio->codecpar, limner_io_sound_parameters(m->sound)) < 0)
        return fail(AVERROR(ENOMEM), err);
    m->audio->time_base = limner_io_sound_time_base(m->sound);
    return 0;
}

static int begin(muxer *m, char *err)
{
    AVDictionary *options = NULL;
    int error = avformat_alloc_output_context2(&m->format, NULL, "mp4", NULL);

    if (error >= 0)
        error = avio_open_dyn_buf(&m->format->pb);
    m->packet = av_packet_alloc();
    if (error >= 0)
        error = m->packet ? add_picture(m) : AVERROR(ENOMEM);
    if (error < 0)
        return fail(error, err);
    if (add_sound(m, err) < 0)
        return -1;
    av_dict_set(&m->format->metadata, "comment", m->file->comment, 0);
    av_dict_set(&options, "movflags", "+write_colr", 0);
    error = avformat_write_header(m->format, &options);
    av_dict_free(&options);
    return error < 0 ? fail(error, err) : 0;
}

static int write_packet(muxer *m, const AVStream *stream, AVRational base, char *err)
{
    av_packet_rescale_ts(m->packet, base, stream->time_base);
    m->packet->stream_index = stream->index;
    m->packet->pos = -1;
    const int error = av_interleaved_write_frame(m->format, m->packet);
    return error < 0 ? fail(error, err) : 0;
}

static int write_sound(muxer *m, char *err)
{
    int more = 0;

    while (m->sound && (more = limner_io_sound_next(m->sound, m->packet, err)) > 0) {
        if (write_packet(m, m->audio, limner_io_sound_time_base(m->sound), err) < 0)
            return -1;
    }
    return more;
}

static int write_picture(muxer *m, char *err)
{
    const limner_io_live_file *f = m->file;
    const AVRational base = {(int)f->fps_den, (int)f->fps_num};

    for (size_t i = 0; i < f->n_units; i++) {
        const limner_io_live_unit *u = &f->unit[i];
        const int error = av_new_packet(m->packet, (int)u->len_bytes);
        if (error < 0)
            return fail(error, err);
        memcpy(m->packet->data, u->bytes, u->len_bytes);
        m->packet->pts = m->packet->dts = u->frame - f->unit[0].frame;
        m->packet->duration = i + 1 < f->n_units ? f->unit[i + 1].frame - u->frame : 1;
        m->packet->flags = u->is_key ? AV_PKT_FLAG_KEY : 0;
        if (write_packet(m, m->video, base, err) < 0)
            return -1;
    }
    return 0;
}

int limner_io_live_file_make(uint8_t **bytes, size_t *len_bytes, const limner_io_live_file *file,
                             char *err)
{
    muxer m = {.file = file};
    int failed, n = 0;

    *bytes = NULL;
    *len_bytes = 0;
    limner_io_quiet();
    if (file->n_units == 0)
        return limner_io_fail(err, name, "holds no frame");
    failed = begin(&m, err) < 0 || write_sound(&m, err) < 0 || write_picture(&m, err) < 0;
    if (!failed) {
        const int error = av_write_trailer(m.format);
        failed = error < 0 && fail(error, err) < 0;
    }
    if (m.format && m.format->pb) {
        n = avio_close_dyn_buf(m.format->pb, bytes);
        m.format->pb = NULL;
    }
    if (failed)
        av_freep(bytes);
    else
        *len_bytes = (size_t)n;
    limner_io_sound_close(&m.sound);
    av_packet_free(&m.packet);
    avformat_free_context(m.format);
    return failed ? -1 : 0;
}

void limner_io_live_file_free(uint8_t *bytes)
{
    av_free(bytes);
}
