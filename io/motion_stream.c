/* SPDX-License-Identifier: Apache-2.0 */
/* Rows from a pipe; see motion_stream.h. A buffer of the longest line that is taken. */
#include "io/motion_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/error.h"
#include "io/motion_row.h"
#include "io/source.h"

enum { MAX_LINE_BYTES = LIMNER_IO_MAX_CELLS * LIMNER_IO_MAX_CELL_BYTES };

struct limner_io_motion_stream {
    limner_io_source source;
    limner_io_row_reader reader;
    const char *name; /* for messages */
    size_t first, n_bytes; /* of the buffer: not yet taken, from `first` on */
    double first_s, last_s; /* of the rows given out */
    long n_rows;
    bool is_relative;
    char bytes[MAX_LINE_BYTES];
};

/* Waits until a line is there; 1, 0 at the end, -1. The line is good until the next call. */
static int next_line(limner_io_motion_stream *s, const char **line, size_t *n, char *err)
{
    for (;;) {
        char *from = s->bytes + s->first;
        char *end = memchr(from, '\n', s->n_bytes);
        *line = from;
        *n = end ? (size_t)(end - from) : s->n_bytes;
        if (end) {
            s->first += *n + 1;
            s->n_bytes -= *n + 1;
            return 1;
        }
        memmove(s->bytes, from, s->n_bytes);
        s->first = 0;
        if (s->n_bytes == MAX_LINE_BYTES)
            return limner_io_fail(err, s->name, "a line is longer than %d bytes; give a motion "
                                                "file",
                                  MAX_LINE_BYTES);
        const int64_t got = limner_io_source_read_on(&s->source, s->bytes + s->n_bytes,
                                                     MAX_LINE_BYTES - s->n_bytes);
        if (got < 0)
            return limner_io_fail_read(err, s->name, errno);
        if (got == 0) {
            *line = s->bytes;
            s->n_bytes = 0; /* what is left is the last line */
            return *n > 0;
        }
        s->n_bytes += (size_t)got;
    }
}

int limner_io_motion_stream_open(limner_io_motion_stream **out, const char *path, char *err)
{
    limner_io_motion_stream *s = calloc(1, sizeof(*s));
    const char *line;
    size_t n;

    *out = NULL;
    if (!s)
        return limner_io_fail_read(err, limner_io_input_name(path), ENOMEM);
    s->name = s->reader.name = limner_io_input_name(path);
    s->reader.err = err;
    int status = limner_io_source_open_live(&s->source, path, err);
    const int has_line = status < 0 ? -1 : next_line(s, &line, &n, err);
    if (has_line == 0)
        status = limner_io_fail(err, s->name, "is empty (0 bytes); give another file");
    else
        status = has_line < 0 ? -1 : limner_io_row_header(&s->reader, line, n);
    if (status == 0 && !s->reader.has[LIMNER_COLUMN_SECONDS])
        status = 1;
    if (status != 0) {
        limner_io_motion_stream_close(&s);
        return status;
    }
    limner_io_source_let_go(&s->source);
    *out = s;
    return 0;
}

int limner_io_motion_stream_next(limner_io_motion_stream *s, limner_motion *m, double *time_s,
                                 char *err)
{
    limner_io_row row;
    const char *line;
    int is_row = 0;
    size_t n;

    s->reader.err = err;
    while (is_row == 0) {
        const int more = next_line(s, &line, &n, err);
        if (more == 0 && s->n_rows == 0)
            return limner_io_row_fail(&s->reader, "the file holds no frames");
        if (more <= 0)
            return more;
        is_row = limner_io_row_read(&s->reader, &row, line, n);
    }
    if (is_row < 0)
        return -1;
    if (s->n_rows++ == 0) {
        s->first_s = row.seconds;
        s->is_relative = row.is_relative;
    } else if (!(row.seconds - s->first_s > s->last_s)) {
        return limner_io_row_fail(&s->reader, "its time is not after the line before");
    }
    *m = row.motion;
    *time_s = s->last_s = row.seconds - s->first_s;
    return 1;
}

bool limner_io_motion_stream_is_relative(const limner_io_motion_stream *s)
{
    return s->is_relative;
}

void limner_io_motion_stream_close(limner_io_motion_stream **stream)
{
    if (!stream || !*stream)
        return;
    limner_io_source_close(&(*stream)->source);
    free(*stream);
    *stream = NULL;
}
