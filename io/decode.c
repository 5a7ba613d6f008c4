/* SPDX-License-Identifier: Apache-2.0 */
/* Sound decoding with FFmpeg (its doc/examples/decode_audio.c has the order of the calls). */
#include "io/decode.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "io/error.h"
#include "io/sound_header.h"

/* A file is cut short when this much of its promised length is missing. */
#define MISSING_MIN_S 0.5
#define MISSING_SHARE 0.02
/* Writers that cannot seek back leave a placeholder of nearly 2 or 4 GiB as the length. */
#define PLACEHOLDER_BYTES 2.0e9

static int find_stream(limner_io_decoder *d, char *err)
{
    AVFormatContext *format = d->input.format;
    const AVCodec *codec = NULL;

    if (avformat_find_stream_info(format, NULL) < 0)
        return limner_io_fail(err, d->name,
                              "the data is damaged or cut short; "
                              "give another sound file");
    int index = av_find_best_stream(format, AVMEDIA_TYPE_AUDIO, -1, -1, &codec, 0);
    if (index == AVERROR_DECODER_NOT_FOUND)
        return limner_io_fail(err, d->name,
                              "this FFmpeg has no decoder for its sound; "
                              "convert it to WAV first");
    if (index < 0)
        return limner_io_fail(err, d->name,
                              "has no sound; give a sound file or a video with "
                              "sound");
    for (unsigned i = 0; i < format->nb_streams; i++)
        format->streams[i]->discard = (int)i == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    d->stream = format->streams[index];
    d->codec = avcodec_alloc_context3(codec);
    if (!d->codec || avcodec_parameters_to_context(d->codec, d->stream->codecpar) < 0)
        return limner_io_fail_read(err, d->name, ENOMEM);
    d->codec->pkt_timebase = d->stream->time_base;
    d->codec->thread_count = 1;
    if (avcodec_open2(d->codec, codec, NULL) < 0)
        return limner_io_fail(err, d->name,
                              "its sound format (%s) has a variant FFmpeg does not "
                              "read; convert it to WAV first",
                              codec->name);
    return 0;
}

int limner_io_decoder_open(limner_io_decoder *out, const char *path, char *err)
{
    memset(out, 0, sizeof(*out));
    out->name = limner_io_input_name(path);
    if (limner_io_input_open(&out->input, path, err) < 0)
        return -1;
    if (limner_io_wav_is_cut_short(&out->input.source)) {
        limner_io_decoder_close(out);
        return limner_io_fail(err, out->name,
                              "is cut short: its header promises more sound than "
                              "there is; copy it again");
    }
    out->packet = av_packet_alloc();
    out->frame = av_frame_alloc();
    int failed = !out->packet || !out->frame ? limner_io_fail_read(err, out->name, ENOMEM)
                                             : find_stream(out, err);
    if (failed) {
        limner_io_decoder_close(out);
        return -1;
    }
    return 0;
}

double limner_io_decoder_duration_s(const limner_io_decoder *d)
{
    const AVFormatContext *format = d->input.format;

    if (d->stream->duration != AV_NOPTS_VALUE)
        return (double)d->stream->duration * av_q2d(d->stream->time_base);
    if (format->duration != AV_NOPTS_VALUE)
        return (double)format->duration / AV_TIME_BASE;
    return -1;
}

/* At the end of the file: was all of it there? */
static int check_length(const limner_io_decoder *d, char *err)
{
    const double promised = limner_io_decoder_duration_s(d);
    const double got = d->codec->sample_rate > 0 ? (double)d->n_samples / d->codec->sample_rate : 0;
    const double missing = promised - got;

    if (d->n_samples == 0)
        return limner_io_fail(err, d->name,
                              d->n_damaged > 0 ? "all of its sound is damaged; give another file"
                                               : "holds no sound (0 samples); give another file");
    if (d->input.format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE ||
        promised < 0 || missing < MISSING_MIN_S || missing < MISSING_SHARE * promised)
        return 0;
    if (promised * (double)d->codec->bit_rate / 8 > PLACEHOLDER_BYTES)
        return 0;
    return limner_io_fail(err, d->name,
                          "is cut short: %.1f s of the %.1f s it promises are "
                          "there; copy it again",
                          got, promised);
}

/* Float samples may be no numbers, which would spoil everything after them. */
static int check_numbers(const limner_io_decoder *d, char *err)
{
    const AVFrame *f = d->frame;
    const int is_planar = av_sample_fmt_is_planar(f->format);
    const int n_planes = is_planar ? f->ch_layout.nb_channels : 1;
    const int n = is_planar ? f->nb_samples : f->nb_samples * f->ch_layout.nb_channels;
    const enum AVSampleFormat form = av_get_packed_sample_fmt(f->format);

    for (int p = 0; p < n_planes; p++) {
        const void *plane = f->extended_data[p];
        int is_finite = 1;
        for (int i = 0; form == AV_SAMPLE_FMT_FLT && i < n; i++)
            is_finite &= isfinite(((const float *)plane)[i]) != 0;
        for (int i = 0; form == AV_SAMPLE_FMT_DBL && i < n; i++)
            is_finite &= isfinite(((const double *)plane)[i]) != 0;
        if (!is_finite)
            return limner_io_fail(err, d->name,
                                  "its sound holds values that are not numbers (NaN "
                                  "or infinite); export it again");
    }
    return 0;
}

/* Feeds one packet, or the end. 0: fed; -1: reading failed. */
static int feed(limner_io_decoder *d, char *err)
{
    const int more = limner_io_input_feed(&d->input, d->stream->index, d->codec, d->packet,
                                          &d->n_damaged, d->name, err);

    d->is_draining = more == 0;
    return more < 0 ? -1 : 0;
}

int limner_io_decoder_next(limner_io_decoder *d, char *err)
{
    for (;;) {
        const int error = avcodec_receive_frame(d->codec, d->frame);
        if (error == 0 && d->frame->nb_samples > 0 && d->frame->sample_rate > 0) {
            d->n_samples += d->frame->nb_samples;
            return check_numbers(d, err) < 0 ? -1 : 1;
        }
        if (error == AVERROR_EOF || (error < 0 && d->is_draining))
            return check_length(d, err) < 0 ? -1 : 0;
        if (error < 0 && error != AVERROR(EAGAIN))
            d->n_damaged++;
        if (error < 0 && feed(d, err) < 0)
            return -1;
    }
}

void limner_io_decoder_close(limner_io_decoder *d)
{
    if (!d)
        return;
    av_frame_free(&d->frame);
    av_packet_free(&d->packet);
    avcodec_free_context(&d->codec);
    limner_io_input_close(&d->input);
}
