/* SPDX-License-Identifier: Apache-2.0 */
/* libavformat over our own reader: no protocol of FFmpeg is ever asked to open anything. */
#include "io/input.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <libavutil/mem.h>

#include "io/error.h"

enum { AVIO_BYTES = 1 << 16 };

static int read_bytes(void *opaque, uint8_t *bytes, int n)
{
    limner_io_input *in = opaque;
    const int64_t got =
        in->source.is_live
            ? limner_io_source_read_on(&in->source, bytes, (size_t)n)
            : limner_io_source_read(&in->source, bytes, (size_t)n, in->position);

    if (got < 0)
        return AVERROR(errno);
    if (got == 0)
        return AVERROR_EOF;
    in->position += got;
    return (int)got;
}

static int64_t seek(void *opaque, int64_t offset, int whence)
{
    limner_io_input *in = opaque;

    switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
        return in->source.len_bytes;
    case SEEK_SET:
        break;
    case SEEK_CUR:
        offset += in->position;
        break;
    case SEEK_END:
        offset += in->source.len_bytes;
        break;
    default:
        return AVERROR(EINVAL);
    }
    if (offset < 0)
        return AVERROR(EINVAL);
    return in->position = offset;
}

static int refuse_to_open(AVFormatContext *format, AVIOContext **avio, const char *url, int flags,
                          AVDictionary **options)
{
    (void)format;
    (void)url;
    (void)flags;
    (void)options;
    *avio = NULL;
    return AVERROR(EPERM);
}

/* libavformat over the open source; 0 or an AVERROR. */
static int open_format(limner_io_input *in, const limner_io_form *form)
{
    const AVInputFormat *format = form->format ? av_find_input_format(form->format) : NULL;
    AVDictionary *options = NULL;
    unsigned char *buffer = av_malloc(AVIO_BYTES);

    if (buffer)
        in->avio = avio_alloc_context(buffer, AVIO_BYTES, 0, in, read_bytes, NULL,
                                      in->source.is_live ? NULL : seek);
    if (!in->avio)
        av_free(buffer);
    in->format = avformat_alloc_context();
    if (!in->avio || !in->format)
        return AVERROR(ENOMEM);
    in->format->pb = in->avio;
    in->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    in->format->io_open = refuse_to_open;
    if (in->source.is_live)
        in->format->fps_probe_size = 0; /* no frames are held back to guess their rate */
    int error = av_dict_copy(&options, form->options, 0);
    if (error >= 0)
        error = avformat_open_input(&in->format, NULL, format, &options);
    av_dict_free(&options);
    return error;
}

int limner_io_input_open_as(limner_io_input *out, const char *path, const limner_io_form *form,
                            char *err)
{
    const char *name = limner_io_input_name(path);

    limner_io_quiet();
    memset(out, 0, sizeof(*out));
    out->source.fd = -1;
    if ((form->is_live ? limner_io_source_open_live : limner_io_source_open)(&out->source, path,
                                                                             err) < 0)
        return -1;
    const int error = open_format(out, form);
    if (error == AVERROR(ENOMEM)) {
        limner_io_input_close(out);
        return limner_io_fail_read(err, name, ENOMEM);
    }
    if (error < 0) {
        limner_io_input_close(out);
        return limner_io_fail(err, name,
                              "%s; give a common format such as JPEG, PNG, WAV, MP3 "
                              "or MP4",
                              limner_io_av_reason(error));
    }
    return 0;
}

int limner_io_input_open(limner_io_input *out, const char *path, char *err)
{
    const limner_io_form form = {NULL, NULL, 0};

    return limner_io_input_open_as(out, path, &form, err);
}

int limner_io_input_feed(const limner_io_input *in, int index, AVCodecContext *codec,
                         AVPacket *packet, int64_t *n_damaged, const char *name, char *err)
{
    for (;;) {
        const int error = av_read_frame(in->format, packet);
        if (error == AVERROR(EIO))
            return limner_io_fail_read(err, name, EIO);
        if (error < 0) {
            avcodec_send_packet(codec, NULL);
            return 0;
        }
        const bool is_ours = packet->stream_index == index;
        if (is_ours && avcodec_send_packet(codec, packet) < 0)
            ++*n_damaged;
        av_packet_unref(packet);
        if (is_ours)
            return 1;
    }
}

void limner_io_input_close(limner_io_input *in)
{
    if (!in)
        return;
    avformat_close_input(&in->format);
    if (in->avio)
        av_freep(&in->avio->buffer);
    avio_context_free(&in->avio);
    limner_io_source_close(&in->source);
}
