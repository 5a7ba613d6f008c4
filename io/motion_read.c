/* SPDX-License-Identifier: Apache-2.0 */
/* A whole motion file in: a strict reader. Rows without seconds get their times from the timecodes,
 * whose rate only all of them together tell; times must rise. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/error.h"
#include "io/media.h"
#include "io/motion_row.h"
#include "io/motion_take.h"

typedef struct limner_io_timecode {
    size_t line;
    int seconds;
    double frames; /* within the second */
} limner_io_timecode;

typedef struct limner_io_csv {
    limner_io_row_reader reader;
    const char *at, *end;
    limner_io_timecode *timecode; /* [room] */
    size_t room;
} limner_io_csv;

/* The next line, without its end; false at the end of the file. */
static bool next_line(limner_io_csv *csv, const char **line, size_t *n)
{
    if (csv->at == csv->end)
        return false;
    const char *end = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));

    *line = csv->at;
    *n = (size_t)((end ? end : csv->end) - csv->at);
    csv->at = end ? end + 1 : csv->end;
    return true;
}

static int make_room(limner_io_csv *csv, limner_io_motion_take *take)
{
    const size_t room = csv->room ? 2 * csv->room : 1024;

    if (take->n_frames < csv->room)
        return 0;
    if (take->n_frames >= LIMNER_IO_MAX_MOTION_FRAMES)
        return limner_io_row_fail(&csv->reader, "more than %d frames", LIMNER_IO_MAX_MOTION_FRAMES);
    const int failed = limner_io_motion_reserve(take, room);
    limner_io_timecode *timecode = realloc(csv->timecode, room * sizeof(*timecode));
    if (timecode)
        csv->timecode = timecode;
    if (failed || !timecode)
        return limner_io_row_fail(&csv->reader, "not enough memory");
    csv->room = room;
    return 0;
}

/* The rate a timecode's frame numbers were counted at: the smallest usual one above all of them. */
static double timecode_rate(const limner_io_csv *csv, size_t n)
{
    static const int rates[] = {24, 25, 30, 50, 60, 120, 240};
    const int is_short = n == 0 || csv->timecode[n - 1].seconds - csv->timecode[0].seconds < 2;
    double most = is_short ? 59 : 0; /* too little to tell: iPhones count to 60 */

    for (size_t i = 0; i < n; i++)
        most = fmax(most, floor(csv->timecode[i].frames));
    for (size_t k = 0; k < sizeof(rates) / sizeof(rates[0]); k++) {
        if (most < rates[k])
            return rates[k];
    }
    return 240;
}

/* Fills take->time_s from the timecodes where there are no seconds; checks that time rises. */
static int set_times(limner_io_csv *csv, limner_io_motion_take *take)
{
    const double rate = timecode_rate(csv, take->n_frames);
    double day = 0, first = 0;

    for (size_t i = 0; i < take->n_frames; i++) {
        const limner_io_timecode *code = &csv->timecode[i];
        if (!csv->reader.has[LIMNER_COLUMN_SECONDS]) {
            if (i > 0 && code->seconds < code[-1].seconds - 43200)
                day += 86400; /* past midnight */
            take->time_s[i] = day + code->seconds + code->frames / rate;
        }
        first = i == 0 ? take->time_s[0] : first;
        take->time_s[i] -= first;
        csv->reader.line = code->line;
        if (i > 0 && !(take->time_s[i] > take->time_s[i - 1]))
            return limner_io_row_fail(&csv->reader, "its time is not after the line before");
    }
    const double duration = take->time_s[take->n_frames - 1];
    take->fps = take->n_frames > 1 ? (double)(take->n_frames - 1) / duration : 0;
    return 0;
}

static int read_rows(limner_io_csv *csv, limner_io_motion_take *take)
{
    const char *line;
    size_t n;

    while (next_line(csv, &line, &n)) {
        limner_io_row row;
        const int is_row = limner_io_row_read(&csv->reader, &row, line, n);
        if (is_row < 0 || (is_row && make_room(csv, take) < 0))
            return -1;
        if (!is_row)
            continue;
        const size_t i = take->n_frames++;
        take->motion[i] = row.motion;
        take->time_s[i] = row.seconds;
        csv->timecode[i] =
            (limner_io_timecode){csv->reader.line, row.timecode_s, row.timecode_frames};
        take->is_relative = i == 0 ? row.is_relative : take->is_relative;
    }
    if (take->n_frames == 0)
        return limner_io_row_fail(&csv->reader, "the file holds no frames");
    return set_times(csv, take);
}

int limner_io_motion_parse(limner_io_motion_take *out, const char *text, size_t n, const char *name,
                           char *err)
{
    limner_io_csv csv = {.reader = {.name = name, .err = err}, .at = text, .end = text + n};
    const char *line = text;
    size_t n_line = 0;

    memset(out, 0, sizeof(*out));
    next_line(&csv, &line, &n_line);
    const int failed =
        limner_io_row_header(&csv.reader, line, n_line) < 0 || read_rows(&csv, out) < 0;
    free(csv.timecode);
    if (failed)
        limner_io_motion_close(out);
    return failed ? -1 : 0;
}

int limner_io_motion_read(limner_io_motion_take *out, const char *path, char *err)
{
    limner_io_file file;

    memset(out, 0, sizeof(*out));
    if (limner_io_file_read(&file, path, LIMNER_IO_MAX_MOTION_BYTES, err) < 0)
        return -1;
    const int failed =
        limner_io_motion_parse(out, file.bytes, file.len_bytes, limner_io_input_name(path), err);
    limner_io_file_close(&file);
    return failed;
}

void limner_io_motion_close(limner_io_motion_take *take)
{
    if (!take)
        return;
    free(take->motion);
    free(take->time_s);
    memset(take, 0, sizeof(*take));
}
