/* SPDX-License-Identifier: Apache-2.0 */
/* Uncompressed frames: YUV4MPEG2 (a header line, then "FRAME" before each) or planes alone. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/mem.h>

#include "io/error.h"
#include "io/sink.h"
#include "io/temporary.h"

typedef struct limner_io_raw_sink {
    limner_io_sink base;
    limner_io_temporary file;
    int is_y4m;
} limner_io_raw_sink;

static int put(limner_io_raw_sink *s, const void *bytes, size_t n, char *err)
{
    const int error = limner_io_temporary_write(&s->file, bytes, n);

    return error ? limner_io_fail_write(err, s->file.name, error) : 0;
}

static int raw_write(limner_io_sink *sink, const AVFrame *f, char *err)
{
    limner_io_raw_sink *s = (limner_io_raw_sink *)sink;
    const int is_rgba = f->format == AV_PIX_FMT_RGBA;

    if (s->is_y4m && put(s, "FRAME\n", 6, err) < 0)
        return -1;
    for (int p = 0; p < (is_rgba ? 1 : 3); p++) {
        const int width = is_rgba ? 4 * f->width : p ? f->width / 2 : f->width;
        const int height = p ? f->height / 2 : f->height;
        for (int y = 0; y < height; y++) {
            if (put(s, f->data[p] + (ptrdiff_t)y * f->linesize[p], (size_t)width, err) < 0)
                return -1;
        }
    }
    return 0;
}

static int raw_finish(limner_io_sink *sink, char *err)
{
    return limner_io_temporary_commit(&((limner_io_raw_sink *)sink)->file, err);
}

static void raw_close(limner_io_sink *sink)
{
    limner_io_temporary_discard(&((limner_io_raw_sink *)sink)->file);
    av_free(sink);
}

int limner_io_raw_sink_open(limner_io_sink **out, const char *path,
                            const limner_io_video_settings *set, char *err)
{
    static const limner_io_sink_class class = {raw_write, raw_finish, raw_close};
    limner_io_raw_sink *s = av_mallocz(sizeof(*s));
    char header[128];

    if (!s)
        return limner_io_fail_write(err, limner_io_output_name(path), ENOMEM);
    s->base.class = &class;
    s->is_y4m = set->format == LIMNER_IO_Y4M;
    if (limner_io_temporary_open(&s->file, path, err) < 0) {
        av_free(s);
        return -1;
    }
    const int n = snprintf(header, sizeof(header),
                           "YUV4MPEG2 W%u H%u F%u:%u Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED\n",
                           set->width_px, set->height_px, set->fps_num, set->fps_den);
    if (s->is_y4m && put(s, header, (size_t)n, err) < 0) {
        raw_close(&s->base);
        return -1;
    }
    *out = &s->base;
    return 0;
}
