/* SPDX-License-Identifier: Apache-2.0 */
/* Any sound -> mono float for the analysis, streaming, at the source's own rate or a wanted one
 * (libswresample's default filter, cut off at 0.97 of the lower Nyquist rate). Channels are
 * averaged by FFmpeg's standard downmix, scaled so that nothing exceeds full scale. */
#include <string.h>

#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

#include "io/decode.h"
#include "io/error.h"
#include "io/media.h"
#include "io/sound_header.h"

enum { MIN_RATE_HZ = 8000, MAX_RATE_HZ = 192000 };

struct limner_io_audio {
    limner_io_decoder decoder;
    SwrContext *swr;
    AVChannelLayout layout; /* of the frames swr is set up for */
    int in_rate_hz, in_format;
    uint32_t rate_hz;
    char *path;
    float *pending; /* converted, [n_taken .. n_pending) not yet given out */
    int n_pending, n_taken, max_pending;
    int is_at_end;
};

int limner_io_audio_open_at(limner_io_audio **out, const char *path, uint32_t rate_hz, char *err)
{
    limner_io_audio *a = av_mallocz(sizeof(*a));

    *out = NULL;
    if (a)
        a->path = av_strdup(path);
    if (!a || !a->path) {
        av_free(a);
        return limner_io_fail(err, limner_io_input_name(path), "not enough memory");
    }
    if (limner_io_decoder_open(&a->decoder, a->path, err) < 0) {
        av_free(a->path);
        av_free(a);
        return -1;
    }
    const uint32_t rate = rate_hz ? rate_hz : (uint32_t)a->decoder.codec->sample_rate;
    a->rate_hz = rate < MIN_RATE_HZ ? MIN_RATE_HZ : rate > MAX_RATE_HZ ? MAX_RATE_HZ : rate;
    *out = a;
    return 0;
}

int limner_io_audio_open(limner_io_audio **out, const char *path, char *err)
{
    return limner_io_audio_open_at(out, path, 0, err);
}

uint32_t limner_io_audio_rate_hz(const limner_io_audio *a)
{
    return a->rate_hz;
}

double limner_io_audio_duration_s(const limner_io_audio *a)
{
    return limner_io_decoder_duration_s(&a->decoder);
}

bool limner_io_audio_lacks_end(const limner_io_audio *a)
{
    return limner_io_ogg_lacks_end(&a->decoder.input.source);
}

/* Sets swr up for the decoder's frame if its form has changed. */
static int prepare(limner_io_audio *a, char *err)
{
    const AVFrame *f = a->decoder.frame;
    AVChannelLayout in = {0}, mono = AV_CHANNEL_LAYOUT_MONO;

    if (a->swr && f->sample_rate == a->in_rate_hz && f->format == a->in_format &&
        av_channel_layout_compare(&f->ch_layout, &a->layout) == 0)
        return 0;
    av_channel_layout_uninit(&a->layout);
    av_channel_layout_copy(&a->layout, &f->ch_layout);
    a->in_rate_hz = f->sample_rate;
    a->in_format = f->format;
    if (f->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
        av_channel_layout_default(&in, f->ch_layout.nb_channels);
    else
        av_channel_layout_copy(&in, &f->ch_layout);
    swr_free(&a->swr);
    int error = swr_alloc_set_opts2(&a->swr, &mono, AV_SAMPLE_FMT_FLT, (int)a->rate_hz, &in,
                                    f->format, f->sample_rate, 0, NULL);
    av_channel_layout_uninit(&in);
    if (error >= 0) {
        av_opt_set_double(a->swr, "rematrix_maxval", 1.0, 0);
        error = swr_init(a->swr);
    }
    if (error < 0)
        return limner_io_fail(err, a->decoder.name,
                              "its %d channels at %d Hz cannot be mixed to "
                              "one; convert it to stereo first",
                              f->ch_layout.nb_channels, f->sample_rate);
    return 0;
}

/* Converts `frame` (NULL: what the resampler still holds) into a->pending. */
static int convert(limner_io_audio *a, const AVFrame *frame, char *err)
{
    const int n_in = frame ? frame->nb_samples : 0;
    const int room = swr_get_out_samples(a->swr, n_in) + 64;
    uint8_t *out;

    if (room > a->max_pending) {
        av_freep(&a->pending);
        a->pending = av_malloc_array((size_t)room, sizeof(*a->pending));
        a->max_pending = a->pending ? room : 0;
    }
    if (!a->pending)
        return limner_io_fail(err, a->decoder.name, "not enough memory");
    out = (uint8_t *)a->pending;
    const int n = swr_convert(a->swr, &out, a->max_pending,
                              frame ? (const uint8_t **)frame->extended_data : NULL, n_in);
    if (n < 0)
        return limner_io_fail(err, a->decoder.name, "resampling failed: %s",
                              limner_io_av_reason(n));
    a->n_pending = n;
    a->n_taken = 0;
    return 0;
}

int64_t limner_io_audio_read(limner_io_audio *a, float *pcm, size_t n, char *err)
{
    while (a->n_taken == a->n_pending) {
        if (a->is_at_end)
            return 0;
        const int more = limner_io_decoder_next(&a->decoder, err);
        if (more < 0 || (more > 0 && prepare(a, err) < 0))
            return -1;
        a->is_at_end = more == 0;
        if (convert(a, more > 0 ? a->decoder.frame : NULL, err) < 0)
            return -1;
    }
    const size_t there = (size_t)(a->n_pending - a->n_taken);
    const size_t taken = n < there ? n : there;
    memcpy(pcm, a->pending + a->n_taken, taken * sizeof(*pcm));
    a->n_taken += (int)taken;
    return (int64_t)taken;
}

void limner_io_audio_close(limner_io_audio **a)
{
    if (!a || !*a)
        return;
    swr_free(&(*a)->swr);
    av_channel_layout_uninit(&(*a)->layout);
    limner_io_decoder_close(&(*a)->decoder);
    av_free((*a)->pending);
    av_free((*a)->path);
    av_freep(a);
}
