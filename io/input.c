/* SPDX-License-Identifier: Apache-2.0 */
/* libavformat over our own reader: no protocol of FFmpeg is ever asked to open anything. */
#include "io/input.h"

#include <errno.h>
#include <string.h>

#include <libavutil/mem.h>

#include "io/error.h"

enum { AVIO_BYTES = 1 << 16 };

static int read_bytes(void *opaque, uint8_t *bytes, int n)
{
    limner_io_input *in = opaque;
    const int64_t got = limner_io_source_read(&in->source, bytes, (size_t)n, in->position);

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

int limner_io_input_open(limner_io_input *out, const char *path, char *err)
{
    const char *name = limner_io_input_name(path);

    limner_io_quiet();
    memset(out, 0, sizeof(*out));
    out->source.fd = -1;
    if (limner_io_source_open(&out->source, path, err) < 0)
        return -1;
    unsigned char *buffer = av_malloc(AVIO_BYTES);
    if (buffer)
        out->avio = avio_alloc_context(buffer, AVIO_BYTES, 0, out, read_bytes, NULL, seek);
    if (!out->avio)
        av_free(buffer);
    out->format = avformat_alloc_context();
    if (!out->avio || !out->format) {
        limner_io_input_close(out);
        return limner_io_fail_read(err, name, ENOMEM);
    }
    out->format->pb = out->avio;
    out->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    out->format->io_open = refuse_to_open;
    int error = avformat_open_input(&out->format, NULL, NULL, NULL);
    if (error < 0) {
        limner_io_input_close(out);
        return limner_io_fail(err, name,
                              "%s; give a common format such as JPEG, PNG, WAV, MP3 "
                              "or MP4",
                              limner_io_av_reason(error));
    }
    return 0;
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
