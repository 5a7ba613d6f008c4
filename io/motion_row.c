/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a motion file; see motion_row.h. Strict: the same number of cells in each row, numbers
 * that are finite and in range. */
#include "io/motion_row.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/error.h"
#include "io/media.h"

enum { CELL_TIMECODE = LIMNER_N_COLUMNS, CELL_IGNORED };

typedef char cell_text[LIMNER_IO_MAX_CELL_BYTES];

int limner_io_row_fail(const limner_io_row_reader *r, const char *format, ...)
{
    char what[LIMNER_IO_ERROR_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (r->column > 0)
        return limner_io_fail(r->err, r->name, "line %zu, column %d: %s", r->line, r->column, what);
    return limner_io_fail(r->err, r->name, "line %zu: %s", r->line, what);
}

/* ---- cells ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* What is wrong with the line as such: no column. */
static int fail_line(limner_io_row_reader *r, const char *what)
{
    r->column = 0;
    return limner_io_row_fail(r, "%s", what);
}

/* Takes what stands in quotes at r->at; a quote inside is doubled. */
static int read_quoted(limner_io_row_reader *r, cell_text cell)
{
    int n = 0;

    for (r->at++; r->at < r->end; r->at++) {
        if (*r->at == '"' && (r->at + 1 == r->end || r->at[1] != '"'))
            break;
        r->at += *r->at == '"';
        if (n + 1 == LIMNER_IO_MAX_CELL_BYTES || *r->at == 0)
            return limner_io_row_fail(r, "the cell is no name or number");
        cell[n++] = *r->at;
    }
    cell[n] = 0;
    if (r->at == r->end)
        return limner_io_row_fail(r, "the quote is not closed");
    for (r->at++; r->at < r->end && is_blank(*r->at); r->at++)
        continue;
    if (r->at < r->end && *r->at != ',')
        return limner_io_row_fail(r, "something stands behind the closing quote");
    return 0;
}

static int read_plain(limner_io_row_reader *r, cell_text cell)
{
    const char *from = r->at;

    while (r->at < r->end && *r->at != ',')
        r->at++;
    const char *to = r->at;
    while (from < to && is_blank(to[-1]))
        to--;
    if (to - from >= LIMNER_IO_MAX_CELL_BYTES || memchr(from, 0, (size_t)(to - from)))
        return limner_io_row_fail(r, "the cell is no name or number");
    memcpy(cell, from, (size_t)(to - from));
    cell[to - from] = 0;
    return 0;
}

/* The next cell of the line. 1: another follows, 0: the line ends, -1. */
static int next_cell(limner_io_row_reader *r, cell_text cell)
{
    r->column++;
    while (r->at < r->end && is_blank(*r->at))
        r->at++;
    const bool is_quoted = r->at < r->end && *r->at == '"';
    if ((is_quoted ? read_quoted(r, cell) : read_plain(r, cell)) < 0)
        return -1;
    if (r->at == r->end)
        return 0;
    r->at++; /* the comma */
    return 1;
}

static void start_line(limner_io_row_reader *r, const char *line, size_t n)
{
    r->line++;
    r->at = line;
    r->end = line + n;
    r->column = 0;
}

/* ---- header ---- */

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

static int check_header(limner_io_row_reader *r)
{
    char name[LIMNER_COLUMN_NAME_SIZE];
    int n_known = 0;

    r->column = 0;
    for (int i = 0; i < LIMNER_N_COLUMNS; i++)
        n_known += r->has[i];
    if (n_known == 0)
        return limner_io_row_fail(r, "none of its columns is known; a motion file has the columns "
                                     "of Live Link Face");
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++) {
        limner_io_column_name(i, name);
        if (!r->has[i])
            return limner_io_row_fail(
                r, "column %s is missing; a motion file has the columns of Live Link Face", name);
    }
    if (!r->has_timecode && !r->has[LIMNER_COLUMN_SECONDS])
        return limner_io_row_fail(r, "column Timecode is missing");
    return 0;
}

int limner_io_row_header(limner_io_row_reader *r, const char *line, size_t n)
{
    cell_text cell;
    int more = 1;

    start_line(r, line, n);
    if (n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
        r->at += 3; /* a byte order mark */
    if (n > 0 && memchr(line, ';', n) && !memchr(line, ',', n))
        return fail_line(r, "has semicolons between its cells; export it with commas between cells "
                            "and points in numbers");
    while (more) {
        more = next_cell(r, cell);
        if (more < 0)
            return -1;
        if (r->n_cells == LIMNER_IO_MAX_CELLS)
            return fail_line(r, "has more than 256 columns");
        const int kind = kind_of(cell);
        bool *has = kind == CELL_TIMECODE ? &r->has_timecode : &r->has[kind % LIMNER_N_COLUMNS];
        if (kind != CELL_IGNORED && *has)
            return limner_io_row_fail(r, "%s is there twice", cell);
        if (kind != CELL_IGNORED)
            *has = true;
        r->kind[r->n_cells++] = kind;
    }
    return check_header(r);
}

/* ---- rows ---- */

static int parse_timecode(const limner_io_row_reader *r, const char *cell, limner_io_row *out)
{
    int h, m, s, n = 0;
    double f;

    if (sscanf(cell, "%2d:%2d:%2d:%lf%n", &h, &m, &s, &f, &n) != 4 || cell[n] || h < 0 || h > 47 ||
        m < 0 || m > 59 || s < 0 || s > 59 || !(f >= 0 && f < 240))
        return limner_io_row_fail(r, "'%s' is no timecode HH:MM:SS:FF.mmm", cell);
    out->timecode_s = (h * 60 + m) * 60 + s;
    out->timecode_frames = f;
    return 0;
}

static int parse_value(const limner_io_row_reader *r, int column, const char *cell, double *out)
{
    char name[LIMNER_COLUMN_NAME_SIZE], *end;
    double low, high;

    limner_io_column_name(column, name);
    limner_io_column_range(column, &low, &high);
    *out = strtod(cell, &end);
    if (end == cell || *end || !isfinite(*out))
        return limner_io_row_fail(r, "%s is '%s', not a number%s", name, cell,
                                  strchr(cell, ',') ? "; numbers have a point" : "");
    const double slack = 1e-6 * (fabs(*out) + 1); /* a float written and read again */
    if (*out < low - slack || *out > high + slack)
        return limner_io_row_fail(r, "%s is %g, outside %g..%g", name, *out, low, high);
    return 0;
}

/* Before the values are looked at: a comma too many, as in 0,5, moves them all. */
static int check_cells(limner_io_row_reader *r)
{
    bool is_quoted = false;
    int n = 1;

    for (const char *c = r->at; c < r->end; c++) {
        is_quoted ^= *c == '"';
        n += *c == ',' && !is_quoted;
    }
    if (n == r->n_cells)
        return 0;
    return limner_io_row_fail(r, "has %d cells, the header has %d%s", n, r->n_cells,
                              n > r->n_cells ? "; numbers have a point, no comma" : "");
}

static bool is_empty(const limner_io_row_reader *r)
{
    for (const char *c = r->at; c < r->end; c++) {
        if (!is_blank(*c))
            return false;
    }
    return true;
}

int limner_io_row_read(limner_io_row_reader *r, limner_io_row *out, const char *line, size_t n)
{
    double row[LIMNER_N_COLUMNS];
    cell_text cell;

    memset(out, 0, sizeof(*out));
    start_line(r, line, n);
    if (is_empty(r))
        return 0;
    if (check_cells(r) < 0)
        return -1;
    limner_io_row_rest(row);
    for (int c = 0; c < r->n_cells; c++) {
        const int kind = r->kind[c];
        if (next_cell(r, cell) < 0 ||
            (kind == CELL_TIMECODE && parse_timecode(r, cell, out) < 0) ||
            (kind < LIMNER_N_COLUMNS && parse_value(r, kind, cell, &row[kind]) < 0))
            return -1;
    }
    r->column = 0;
    out->seconds = row[LIMNER_COLUMN_SECONDS];
    out->is_relative = row[LIMNER_COLUMN_RELATIVE] >= 0.5;
    limner_io_row_to_motion(&out->motion, row,
                            r->has[LIMNER_COLUMN_GAZE_YAW] && r->has[LIMNER_COLUMN_GAZE_PITCH]);
    return 1;
}
