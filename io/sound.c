/* SPDX-License-Identifier: Apache-2.0 */
/* Two ways through: copy (demuxed packets, shifted in time) and encode (decoder -> resampler ->
 * FIFO -> encoder). */
#include "io/sound.h"

#include <errno.h>
#include <string.h>

#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mem.h>
#include <libswresample/swresample.h>

#include "io/decode.h"
#include "io/error.h"

enum { PCM_FRAME_SAMPLES = 1024, BITS_PER_CHANNEL = 96000, BITS_EXTRA = 32000, MAX_BITS = 512000 };
enum { MIN_RATE_HZ = 16000 };

struct limner_io_sound {
    limner_io_decoder decoder;
    char *path;
    AVCodecParameters *parameters;
    AVRational time_base;
    int is_copy;
    /* copy */
    int64_t zero; /* the source's time of the first sample given out */
    int has_zero;
    /* encode */
    AVCodecContext *encoder;
    SwrContext *swr;
    AVAudioFifo *fifo;
    AVFrame *frame;
    int64_t n_sent; /* samples */
    int is_decoded, is_flushed;
};

static int can_copy(const AVCodecParameters *p, limner_io_format format)
{
    const enum AVCodecID id = p->codec_id;

    if (format == LIMNER_IO_WEBM_ALPHA)
        return id == AV_CODEC_ID_OPUS || id == AV_CODEC_ID_VORBIS;
    /* MPEG-2.5 rates are no part of the MP4 standard. */
    return id == AV_CODEC_ID_AAC || (id == AV_CODEC_ID_MP3 && p->sample_rate >= 16000);
}

/* The encoder's rate nearest to the source's, from its own list; 48 kHz where that is missing. */
static int rate_for(const AVCodec *codec, int rate)
{
    const int *rates = codec->supported_samplerates;
    int best = rates ? rates[0] : rate;

    if (rate > 48000 || codec->id == AV_CODEC_ID_OPUS)
        return 48000;
    if (rate < MIN_RATE_HZ) /* a packet would be longer than a frame */
        rate = MIN_RATE_HZ;
    for (; rates && *rates; rates++) {
        if ((*rates >= rate && (*rates < best || best < rate)) || (best<rate && * rates> best))
            best = *rates;
    }
    return best;
}

static int open_encoder(limner_io_sound *s, limner_io_format format, int needs_global_header)
{
    const int is_webm = format == LIMNER_IO_WEBM_ALPHA;
    const AVCodec *codec =
        is_webm ? avcodec_find_encoder_by_name("libopus") : avcodec_find_encoder(AV_CODEC_ID_AAC);
    const int n_source = s->decoder.codec->ch_layout.nb_channels;

    s->encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!s->encoder)
        return AVERROR_ENCODER_NOT_FOUND;
    /* Layouts other than these are not taken by every encoder and player. */
    av_channel_layout_default(&s->encoder->ch_layout, n_source == 1               ? 1
                                                      : n_source == 6 && !is_webm ? 6
                                                                                  : 2);
    const int n = s->encoder->ch_layout.nb_channels;
    s->encoder->sample_rate = rate_for(codec, s->decoder.codec->sample_rate);
    s->encoder->sample_fmt = codec->sample_fmts ? codec->sample_fmts[0] : AV_SAMPLE_FMT_FLTP;
    s->encoder->bit_rate = n * BITS_PER_CHANNEL + BITS_EXTRA;
    if (s->encoder->bit_rate > MAX_BITS)
        s->encoder->bit_rate = MAX_BITS;
    s->encoder->time_base = (AVRational){1, s->encoder->sample_rate};
    s->encoder->thread_count = 1;
    if (needs_global_header)
        s->encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    int error = avcodec_open2(s->encoder, codec, NULL);
    if (error < 0)
        return error;
    s->time_base = s->encoder->time_base;
    s->frame = av_frame_alloc();
    s->fifo = av_audio_fifo_alloc(s->encoder->sample_fmt, n, PCM_FRAME_SAMPLES);
    if (!s->frame || !s->fifo)
        return AVERROR(ENOMEM);
    return avcodec_parameters_from_context(s->parameters, s->encoder);
}

static int open_copy(limner_io_sound *s)
{
    s->time_base = s->decoder.stream->time_base;
    const int error = avcodec_parameters_copy(s->parameters, s->decoder.stream->codecpar);
    s->parameters->codec_tag = 0;
    return error;
}

int limner_io_sound_open(limner_io_sound **out, const char *path, limner_io_format format,
                         int needs_global_header, char *err)
{
    const char *name = limner_io_input_name(path);
    limner_io_sound *s = av_mallocz(sizeof(*s));

    *out = NULL;
    if (!s)
        return limner_io_fail_read(err, name, ENOMEM);
    s->decoder.input.source.fd = -1;
    s->path = av_strdup(path);
    s->parameters = avcodec_parameters_alloc();
    if (!s->path || !s->parameters) {
        limner_io_sound_close(&s);
        return limner_io_fail_read(err, name, ENOMEM);
    }
    if (limner_io_decoder_open(&s->decoder, s->path, err) < 0) {
        s->decoder.input.source.fd = -1;
        limner_io_sound_close(&s);
        return -1;
    }
    s->is_copy = can_copy(s->decoder.stream->codecpar, format);
    const int error = s->is_copy ? open_copy(s) : open_encoder(s, format, needs_global_header);
    if (error < 0) {
        limner_io_sound_close(&s);
        return limner_io_fail(err, name, "its sound cannot be put into the video: %s",
                              limner_io_av_reason(error));
    }
    *out = s;
    return 0;
}

const AVCodecParameters *limner_io_sound_parameters(const limner_io_sound *s)
{
    return s->parameters;
}

AVRational limner_io_sound_time_base(const limner_io_sound *s)
{
    return s->time_base;
}

/* Samples a decoder drops at the start of this packet. */
static int64_t skipped_samples(const AVPacket *p)
{
    size_t n = 0;
    const uint8_t *data = av_packet_get_side_data(p, AV_PKT_DATA_SKIP_SAMPLES, &n);

    return data && n >= 10 ? AV_RL32(data) : 0;
}

static int next_copy(limner_io_sound *s, AVPacket *out, char *err)
{
    for (;;) {
        const int error = av_read_frame(s->decoder.input.format, out);
        if (error == AVERROR(EIO))
            return limner_io_fail_read(err, s->decoder.name, EIO);
        if (error < 0)
            return 0;
        if (out->stream_index == s->decoder.stream->index && out->pts != AV_NOPTS_VALUE)
            break;
        av_packet_unref(out);
    }
    if (!s->has_zero) {
        const AVRational samples = {1, s->parameters->sample_rate};
        s->zero = out->pts + av_rescale_q(skipped_samples(out), samples, s->time_base);
        s->has_zero = 1;
    }
    out->pts -= s->zero;
    out->dts = out->pts;
    return 1;
}

static int open_resampler(limner_io_sound *s, const AVFrame *f)
{
    AVChannelLayout in = {0};

    if (f->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
        av_channel_layout_default(&in, f->ch_layout.nb_channels);
    else
        av_channel_layout_copy(&in, &f->ch_layout);
    const int error =
        swr_alloc_set_opts2(&s->swr, &s->encoder->ch_layout, s->encoder->sample_fmt,
                            s->encoder->sample_rate, &in, f->format, f->sample_rate, 0, NULL);
    av_channel_layout_uninit(&in);
    return error < 0 ? error : swr_init(s->swr);
}

/* Resamples f (NULL: the rest) into the FIFO; 0, or an AVERROR. */
static int fill_fifo(limner_io_sound *s, const AVFrame *f)
{
    uint8_t *planes[8] = {NULL};
    int error = 0;

    if (!s->swr && f)
        error = open_resampler(s, f);
    if (error < 0 || !s->swr)
        return error;
    const int room = swr_get_out_samples(s->swr, f ? f->nb_samples : 0);
    if (room <= 0)
        return room;
    error = av_samples_alloc(planes, NULL, s->encoder->ch_layout.nb_channels, room,
                             s->encoder->sample_fmt, 0);
    if (error < 0)
        return error;
    const int n = swr_convert(s->swr, planes, room, f ? (const uint8_t **)f->extended_data : NULL,
                              f ? f->nb_samples : 0);
    error = n < 0 ? n : av_audio_fifo_write(s->fifo, (void **)planes, n);
    av_freep(&planes[0]);
    return error < 0 ? error : 0;
}

/* Sends up to one encoder frame from the FIFO; 0, or an AVERROR. */
static int encode_some(limner_io_sound *s)
{
    const int size = s->encoder->frame_size > 0 ? s->encoder->frame_size : PCM_FRAME_SAMPLES;
    const int there = av_audio_fifo_size(s->fifo);
    const int n = there < size ? there : size;

    if (n == 0) {
        s->is_flushed = 1;
        return avcodec_send_frame(s->encoder, NULL);
    }
    av_frame_unref(s->frame);
    s->frame->nb_samples = n;
    s->frame->format = s->encoder->sample_fmt;
    s->frame->sample_rate = s->encoder->sample_rate;
    int error = av_channel_layout_copy(&s->frame->ch_layout, &s->encoder->ch_layout);
    if (error >= 0)
        error = av_frame_get_buffer(s->frame, 0);
    if (error < 0)
        return error;
    av_audio_fifo_read(s->fifo, (void **)s->frame->data, n);
    s->frame->pts = s->n_sent;
    s->n_sent += n;
    return avcodec_send_frame(s->encoder, s->frame);
}

/* Decodes until the FIFO holds one encoder frame, or everything. */
static int decode_some(limner_io_sound *s, char *err)
{
    const int size = s->encoder->frame_size > 0 ? s->encoder->frame_size : PCM_FRAME_SAMPLES;

    while (!s->is_decoded && av_audio_fifo_size(s->fifo) < size) {
        const int more = limner_io_decoder_next(&s->decoder, err);
        if (more < 0)
            return -1;
        s->is_decoded = more == 0;
        if (fill_fifo(s, more > 0 ? s->decoder.frame : NULL) < 0)
            return limner_io_fail(err, s->decoder.name, "its sound cannot be resampled");
    }
    return 0;
}

static int next_encoded(limner_io_sound *s, AVPacket *out, char *err)
{
    for (;;) {
        int error = avcodec_receive_packet(s->encoder, out);
        if (error == 0)
            return 1;
        if (error == AVERROR_EOF)
            return 0;
        if (error == AVERROR(EAGAIN) && !s->is_flushed) {
            if (decode_some(s, err) < 0)
                return -1;
            error = encode_some(s);
        }
        if (error < 0)
            return limner_io_fail(err, s->decoder.name, "its sound cannot be encoded: %s",
                                  limner_io_av_reason(error));
    }
}

int limner_io_sound_next(limner_io_sound *s, AVPacket *out, char *err)
{
    return s->is_copy ? next_copy(s, out, err) : next_encoded(s, out, err);
}

void limner_io_sound_close(limner_io_sound **s)
{
    if (!s || !*s)
        return;
    av_frame_free(&(*s)->frame);
    av_audio_fifo_free((*s)->fifo);
    swr_free(&(*s)->swr);
    avcodec_free_context(&(*s)->encoder);
    avcodec_parameters_free(&(*s)->parameters);
    limner_io_decoder_close(&(*s)->decoder);
    av_free((*s)->path);
    av_freep(s);
}
