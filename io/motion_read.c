/* SPDX-License-Identifier: Apache-2.0 */
/* Motion in: a strict reader. Everything is checked against the header line: the same number of
 * cells in each row, numbers that are finite and in range, times that rise. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/error.h"
#include "io/media.h"
#include "io/motion_columns.h"
#include "io/motion_take.h"

enum { MAX_CELLS = 256, MAX_CELL_BYTES = 64, MIN_FRAMES = 1 };
enum { CELL_TIMECODE = LIMNER_N_COLUMNS, CELL_IGNORED };

typedef struct limner_io_timecode {
    int seconds;
    double frames; /* within the second */
} limner_io_timecode;

typedef struct limner_io_csv {
    const char *name; /* for messages */
    const char *at, *end;
    size_t line;
    int kind[MAX_CELLS], n_cells;  /* of the header */
    int has[LIMNER_N_COLUMNS + 1]; /* the last: the timecode */
    limner_io_timecode *timecode;  /* [room] */
    size_t room;
    char *err;
} limner_io_csv;

static int fail_at(const limner_io_csv *csv, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int fail_at(const limner_io_csv *csv, const char *format, ...)
{
    char what[LIMNER_IO_ERROR_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return limner_io_fail(csv->err, csv->name, "line %zu: %s", csv->line, what);
}

/* The next cell of the line, without blanks around it. 1: another follows, 0: the line ends, -1. */
static int next_cell(limner_io_csv *csv, char cell[MAX_CELL_BYTES])
{
    const char *from = csv->at;

    while (csv->at < csv->end && *csv->at != ',' && *csv->at != '\n')
        csv->at++;
    const char *to = csv->at;
    const int more = csv->at < csv->end && *csv->at == ',';
    if (csv->at < csv->end)
        csv->at++;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (from < to && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    if (to - from >= MAX_CELL_BYTES || memchr(from, 0, (size_t)(to - from)))
        return fail_at(csv, "a cell is no name or number");
    memcpy(cell, from, (size_t)(to - from));
    cell[to - from] = 0;
    return more;
}

static int kind_of(const char *cell)
{
    char name[LIMNER_COLUMN_NAME_SIZE];

    if (strcmp(cell, "Timecode") == 0)
        return CELL_TIMECODE;
    for (int i = 0; i < LIMNER_N_COLUMNS; i++) {
        limner_io_column_name(i, name);
        if (strcmp(cell, name) == 0)
            return i;
    }
    return CELL_IGNORED;
}

static int read_header(limner_io_csv *csv)
{
    char cell[MAX_CELL_BYTES], name[LIMNER_COLUMN_NAME_SIZE];
    int more = 1;

    csv->line = 1;
    if (csv->end - csv->at >= 3 && memcmp(csv->at, "\xef\xbb\xbf", 3) == 0)
        csv->at += 3; /* a byte order mark */
    while (more) {
        more = next_cell(csv, cell);
        if (more < 0)
            return -1;
        if (csv->n_cells == MAX_CELLS)
            return fail_at(csv, "has more than %d columns", MAX_CELLS);
        const int kind = kind_of(cell);
        if (kind != CELL_IGNORED && csv->has[kind]++)
            return fail_at(csv, "column %s is there twice", cell);
        csv->kind[csv->n_cells++] = kind;
    }
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++) {
        limner_io_column_name(i, name);
        if (!csv->has[i])
            return fail_at(csv,
                           "column %s is missing; a motion file has the columns of Live Link "
                           "Face",
                           name);
    }
    if (!csv->has[CELL_TIMECODE] && !csv->has[LIMNER_COLUMN_SECONDS])
        return fail_at(csv, "column Timecode is missing");
    return 0;
}

static int parse_timecode(const limner_io_csv *csv, const char *cell, limner_io_timecode *out)
{
    int h, m, s, n = 0;
    double f;

    if (sscanf(cell, "%2d:%2d:%2d:%lf%n", &h, &m, &s, &f, &n) != 4 || cell[n] || h < 0 || h > 47 ||
        m < 0 || m > 59 || s < 0 || s > 59 || !(f >= 0 && f < 240))
        return fail_at(csv, "'%s' is no timecode HH:MM:SS:FF.mmm", cell);
    out->seconds = (h * 60 + m) * 60 + s;
    out->frames = f;
    return 0;
}

static int parse_value(const limner_io_csv *csv, int column, const char *cell, double *out)
{
    char name[LIMNER_COLUMN_NAME_SIZE], *end;
    double low, high;

    limner_io_column_name(column, name);
    limner_io_column_range(column, &low, &high);
    *out = strtod(cell, &end);
    if (end == cell || *end || !isfinite(*out))
        return fail_at(csv, "%s is '%s', not a number", name, cell);
    if (*out < low || *out > high)
        return fail_at(csv, "%s is %g, outside %g..%g", name, *out, low, high);
    return 0;
}

/* Row i of the take. */
static int read_row(limner_io_csv *csv, limner_io_motion_take *take, size_t i)
{
    double row[LIMNER_N_COLUMNS];
    char cell[MAX_CELL_BYTES];
    int more = 1;

    limner_io_row_rest(row);
    for (int c = 0; c < csv->n_cells; c++) {
        if (!more)
            return fail_at(csv, "has %d cells, the header has %d", c, csv->n_cells);
        more = next_cell(csv, cell);
        if (more < 0)
            return -1;
        const int kind = csv->kind[c];
        if (kind == CELL_TIMECODE && parse_timecode(csv, cell, &csv->timecode[i]) < 0)
            return -1;
        if (kind < LIMNER_N_COLUMNS && parse_value(csv, kind, cell, &row[kind]) < 0)
            return -1;
    }
    if (more)
        return fail_at(csv, "has more cells than the header (%d)", csv->n_cells);
    take->time_s[i] = row[LIMNER_COLUMN_SECONDS];
    if (i == 0)
        take->is_relative = row[LIMNER_COLUMN_RELATIVE] >= 0.5;
    limner_io_row_to_motion(&take->motion[i], row,
                            csv->has[LIMNER_COLUMN_GAZE_YAW] && csv->has[LIMNER_COLUMN_GAZE_PITCH]);
    return 0;
}

static int make_room(limner_io_csv *csv, limner_io_motion_take *take)
{
    const size_t room = csv->room ? 2 * csv->room : 1024;

    if (take->n_frames < csv->room)
        return 0;
    if (take->n_frames >= LIMNER_IO_MAX_MOTION_FRAMES)
        return fail_at(csv, "more than %d frames", LIMNER_IO_MAX_MOTION_FRAMES);
    const int failed = limner_io_motion_reserve(take, room);
    limner_io_timecode *timecode = realloc(csv->timecode, room * sizeof(*timecode));
    if (timecode)
        csv->timecode = timecode;
    if (failed || !timecode)
        return fail_at(csv, "not enough memory");
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
        csv->line = i + 2;
        if (!csv->has[LIMNER_COLUMN_SECONDS]) {
            if (i > 0 && csv->timecode[i].seconds < csv->timecode[i - 1].seconds - 43200)
                day += 86400; /* past midnight */
            take->time_s[i] = day + csv->timecode[i].seconds + csv->timecode[i].frames / rate;
        }
        first = i == 0 ? take->time_s[0] : first;
        take->time_s[i] -= first;
        if (i > 0 && !(take->time_s[i] > take->time_s[i - 1]))
            return fail_at(csv, "its time is not after the line before");
    }
    const double duration = take->time_s[take->n_frames - 1];
    take->fps = take->n_frames > 1 ? (double)(take->n_frames - 1) / duration : 0;
    return 0;
}

static int read_rows(limner_io_csv *csv, limner_io_motion_take *take)
{
    while (csv->at < csv->end) {
        csv->line++;
        if (*csv->at == '\n' || (*csv->at == '\r' && csv->end - csv->at <= 2))
            csv->at++; /* an empty line, at the end as a rule */
        else if (make_room(csv, take) < 0 || read_row(csv, take, take->n_frames) < 0)
            return -1;
        else
            take->n_frames++;
    }
    if (take->n_frames < MIN_FRAMES)
        return fail_at(csv, "the file holds no frames");
    return set_times(csv, take);
}

int limner_io_motion_parse(limner_io_motion_take *out, const char *text, size_t n, const char *name,
                           char *err)
{
    limner_io_csv csv = {.name = name, .at = text, .end = text + n, .err = err};

    memset(out, 0, sizeof(*out));
    const int failed = read_header(&csv) < 0 || read_rows(&csv, out) < 0;
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
