/* SPDX-License-Identifier: Apache-2.0 */
/* NAME.png -> NAME-000001.png, NAME-000002.png ...: written into a temporary folder beside them
 * and moved to their names at the end. A pattern of the user's own (NAME-%04d.png) is kept. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libavformat/avformat.h>
#include <libavutil/mem.h>

#include "io/error.h"
#include "io/png.h"
#include "io/sink.h"
#include "io/temporary.h"

enum { MAX_PATH = 4200 };

typedef struct limner_io_png_sink {
    limner_io_sink base;
    limner_io_temporary folder;
    limner_io_png png;
    char *pattern;
    char *comment;
    uint32_t n_frames;
} limner_io_png_sink;

static int put_file(const char *path, const AVPacket *packet)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    const limner_io_temporary file = {.fd = fd, .slot = -1};

    if (fd < 0)
        return errno;
    const int error = limner_io_temporary_write(&file, packet->data, (size_t)packet->size);
    return close(fd) < 0 && !error ? errno : error;
}

static int png_write(limner_io_sink *sink, const AVFrame *frame, char *err)
{
    limner_io_png_sink *s = (limner_io_png_sink *)sink;
    char path[MAX_PATH];

    int error = limner_io_png_encode(&s->png, frame, s->comment);
    if (error < 0)
        return limner_io_fail(err, s->folder.name, "a frame cannot be made a PNG: %s",
                              limner_io_av_reason(error));
    limner_io_temporary_count(&s->folder, ++s->n_frames);
    snprintf(path, sizeof(path), "%s/%06u.png", limner_io_temporary_path(&s->folder), s->n_frames);
    error = put_file(path, s->png.packet);
    return error ? limner_io_fail_write(err, s->folder.name, error) : 0;
}

static int png_finish(limner_io_sink *sink, char *err)
{
    limner_io_png_sink *s = (limner_io_png_sink *)sink;
    char from[MAX_PATH], to[MAX_PATH];

    for (uint32_t i = 1; i <= s->n_frames; i++) {
        snprintf(from, sizeof(from), "%s/%06u.png", limner_io_temporary_path(&s->folder), i);
        if (av_get_frame_filename(to, sizeof(to), s->pattern, (int)i) < 0)
            return limner_io_fail(err, s->folder.name, "the name is too long");
        if (rename(from, to) < 0)
            return limner_io_fail_write(err, to, errno);
    }
    limner_io_temporary_discard(&s->folder);
    return 0;
}

static void png_close(limner_io_sink *sink)
{
    limner_io_png_sink *s = (limner_io_png_sink *)sink;

    limner_io_temporary_discard(&s->folder);
    limner_io_png_close(&s->png);
    av_free(s->pattern);
    av_free(s->comment);
    av_free(s);
}

/* "a/b.png" -> "a/b-%06d.png"; % of other use in the name is doubled. */
static char *pattern_of(const char *path)
{
    const size_t n = strlen(path), stem = n > 4 ? n - 4 : n;
    char *out = av_mallocz(2 * n + 16), *at = out, test[MAX_PATH];

    if (out && av_get_frame_filename(test, sizeof(test), path, 1) >= 0) {
        memcpy(out, path, n);
        return out;
    }
    for (size_t i = 0; out && i < stem; i++) {
        *at++ = path[i];
        if (path[i] == '%')
            *at++ = '%';
    }
    if (out)
        strcpy(at, "-%06d.png");
    return out;
}

int limner_io_png_sink_open(limner_io_sink **out, const char *path,
                            const limner_io_video_settings *set, char *err)
{
    static const limner_io_sink_class class = {png_write, png_finish, png_close};
    limner_io_png_sink *s = av_mallocz(sizeof(*s));

    if (!s)
        return limner_io_fail_write(err, path, ENOMEM);
    s->base.class = &class;
    s->folder = (limner_io_temporary){.fd = -1, .slot = -1};
    s->pattern = pattern_of(path);
    s->comment = set->comment ? av_strdup(set->comment) : NULL;
    char longest[MAX_PATH];
    if (s->pattern && (av_get_frame_filename(longest, sizeof(longest), s->pattern, 999999) < 0 ||
                       !limner_io_name_fits(longest))) {
        png_close(&s->base);
        return limner_io_fail(err, path, "the name is too long");
    }
    const int error =
        limner_io_png_open(&s->png, (int)set->width_px, (int)set->height_px, AV_PIX_FMT_RGBA);
    if (!s->pattern || error < 0) {
        png_close(&s->base);
        return limner_io_fail(err, path, "no PNG can be made: %s", limner_io_av_reason(error));
    }
    if (limner_io_temporary_open_folder(&s->folder, path, err) < 0) {
        png_close(&s->base);
        return -1;
    }
    *out = &s->base;
    return 0;
}
