/* SPDX-License-Identifier: Apache-2.0 */
/* Gathering: every adder copies what it is given; arrays grow by doubling. */
#include "eval/report_internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/statistics.h"

enum { FIRST_ROOM = 8 };

void eval_report_fail(eval_report *r, const char *why)
{
    if (!r->err[0])
        snprintf(r->err, sizeof(r->err), "the report: %s", why);
}

static void fail_memory(eval_report *r)
{
    eval_report_fail(r, "not enough memory");
}

/* array with room for one element more than n; the old one when there is no memory. */
static void *make_room(eval_report *r, void *array, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return array;
    const size_t more = *room ? 2 * *room : FIRST_ROOM;
    void *grown = realloc(array, more * size);
    if (grown)
        *room = more;
    else
        fail_memory(r);
    return grown ? grown : array;
}

static char *copy(eval_report *r, const char *text)
{
    const size_t n = text ? strlen(text) + 1 : 1;
    char *out = malloc(n);

    if (out)
        memcpy(out, text ? text : "", n);
    else
        fail_memory(r);
    return out;
}

eval_report *eval_report_open(const char *title, const char *version, const char *commit,
                              const char *machine, const char *command)
{
    eval_report *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->title = copy(r, title);
    r->version = copy(r, version);
    r->commit = copy(r, commit);
    r->machine = copy(r, machine);
    r->command = copy(r, command);
    if (r->err[0])
        eval_report_close(&r);
    return r;
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void close_table(eval_table *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n_rows; i++) {
        for (size_t k = 0; k < t->rows[i].n_cells; k++)
            free(t->rows[i].cells[k].text);
        free(t->rows[i].cells);
        free(t->rows[i].name);
    }
    for (size_t k = 0; t->columns && k < t->n_columns; k++) {
        free_text(t->columns[k].key);
        free_text(t->columns[k].title);
    }
    free(t->rows);
    free(t->columns);
    free(t->key);
    free(t->title);
    free(t);
}

void eval_report_close(eval_report **report)
{
    eval_report *r = report ? *report : NULL;

    if (!r)
        return;
    for (size_t i = 0; i < r->n_parts; i++) {
        eval_text_close(&r->parts[i].html);
        close_table(r->parts[i].table);
    }
    for (size_t i = 0; i < r->n_results; i++) {
        free_text(r->results[i].goal.key);
        free_text(r->results[i].goal.title);
        free_text(r->results[i].goal.unit);
    }
    free(r->parts);
    free(r->results);
    free(r->title);
    free(r->version);
    free(r->commit);
    free(r->machine);
    free(r->command);
    free(r);
    *report = NULL;
}

static eval_part *add_part(eval_report *r)
{
    r->parts = make_room(r, r->parts, r->n_parts, &r->parts_room, sizeof(*r->parts));
    if (r->n_parts == r->parts_room)
        return NULL;
    eval_part *p = &r->parts[r->n_parts++];
    p->table = NULL;
    eval_text_open(&p->html, EVAL_MAX_PART_BYTES);
    return p;
}

eval_text *eval_report_html_part(eval_report *r)
{
    eval_part *last = r->n_parts ? &r->parts[r->n_parts - 1] : NULL;

    if (!last || last->table || last->html.n > EVAL_MAX_PART_BYTES / 2)
        last = add_part(r);
    return last ? &last->html : NULL;
}

/* ---- tables ---- */

static bool copy_columns(eval_table *t, const eval_column *columns)
{
    for (t->n_columns = 0; columns[t->n_columns].key && t->n_columns < EVAL_MAX_COLUMNS;)
        t->n_columns++;
    if (columns[t->n_columns].key)
        eval_report_fail(t->report, "a table has too many columns");
    t->columns = calloc(t->n_columns + 1, sizeof(*t->columns));
    for (size_t i = 0; t->columns && i < t->n_columns; i++) {
        t->columns[i].key = copy(t->report, columns[i].key);
        t->columns[i].title = copy(t->report, columns[i].title);
        t->columns[i].digits = columns[i].digits;
    }
    return t->columns && !t->report->err[0];
}

static bool has_key(const eval_report *r, const char *key)
{
    for (size_t i = 0; i < r->n_parts; i++) {
        if (r->parts[i].table && strcmp(r->parts[i].table->key, key) == 0)
            return true;
    }
    return false;
}

eval_table *eval_report_table(eval_report *r, const char *key, const char *title,
                              const eval_column *columns)
{
    eval_table *t = calloc(1, sizeof(*t));

    if (has_key(r, key))
        eval_report_fail(r, "two tables have the same key");
    if (t) {
        t->report = r;
        t->key = copy(r, key);
        t->title = copy(r, title);
    }
    if (!t || !t->key || !t->title || !copy_columns(t, columns)) {
        fail_memory(r);
        close_table(t);
        return NULL;
    }
    eval_part *part = add_part(r);
    if (part)
        part->table = t;
    else
        close_table(t);
    return part ? t : NULL;
}

void eval_table_row(eval_table *t, const char *name)
{
    if (!t)
        return;
    eval_row row = {.name = copy(t->report, name),
                    .cells = calloc(t->n_columns + 1, sizeof(*row.cells))};
    t->rows = make_room(t->report, t->rows, t->n_rows, &t->rows_room, sizeof(*t->rows));
    if (!row.name || !row.cells || t->n_rows == t->rows_room) {
        fail_memory(t->report);
        free(row.name);
        free(row.cells);
        return;
    }
    for (size_t i = 0; i < t->n_columns; i++)
        row.cells[i].number = NAN;
    t->rows[t->n_rows++] = row;
}

/* The next cell of the last row; NULL: no row for want of memory. */
static eval_cell *next_cell(eval_table *t)
{
    eval_row *row = t && t->n_rows ? &t->rows[t->n_rows - 1] : NULL;

    assert(!row || t->report->err[0] || row->n_cells < t->n_columns);
    return row && row->n_cells < t->n_columns ? &row->cells[row->n_cells++] : NULL;
}

void eval_table_number(eval_table *t, double value)
{
    eval_cell *cell = next_cell(t);

    if (cell)
        cell->number = value;
}

void eval_table_text(eval_table *t, const char *text)
{
    eval_cell *cell = next_cell(t);

    if (cell)
        cell->text = copy(t->report, text);
}

void eval_table_medians(eval_table *t)
{
    double *v = t ? malloc((t->n_rows + 1) * sizeof(*v)) : NULL;

    if (t && !v)
        fail_memory(t->report);
    if (!v)
        return;
    const size_t n = t->n_rows;
    eval_table_row(t, "median");
    t->has_medians = t->n_rows > n;
    for (size_t k = 0; t->has_medians && k < t->n_columns; k++) {
        for (size_t i = 0; i < n; i++)
            v[i] = t->rows[i].cells[k].number;
        const double median = eval_median(v, n);
        if (isnan(median) && !isnan(eval_mean(v, n)))
            fail_memory(t->report);
        eval_table_number(t, median);
    }
    free(v);
}

/* ---- goals ---- */

void eval_report_goal(eval_report *r, const eval_goal *goal, double value)
{
    r->results = make_room(r, r->results, r->n_results, &r->results_room, sizeof(*r->results));
    if (r->n_results == r->results_room)
        return;
    eval_result *out = &r->results[r->n_results++];
    *out = (eval_result){*goal, value};
    out->goal.key = copy(r, goal->key);
    out->goal.title = copy(r, goal->title);
    out->goal.unit = copy(r, goal->unit);
}

/* NaN is within nothing. */
static bool is_within(const eval_goal *g, double value, double bound, double high)
{
    switch (g->sense) {
    case EVAL_AT_MOST:
        return value <= bound;
    case EVAL_AT_LEAST:
        return value >= bound;
    case EVAL_WITHIN:
        return value >= bound && value <= high;
    }
    return false;
}

eval_verdict eval_result_verdict(const eval_result *r)
{
    const eval_goal *g = &r->goal;

    if (isnan(r->value))
        return EVAL_NO_VALUE;
    const bool has_must = is_within(g, r->value, g->must, g->must_high);
    if ((has_must || isnan(g->must)) && is_within(g, r->value, g->aim, g->aim_high))
        return EVAL_AIM;
    return has_must ? EVAL_MUST : EVAL_MISSED;
}

/* ---- writing ---- */

bool eval_report_is_failed(const eval_report *r)
{
    bool is_failed = r->err[0];

    for (size_t i = 0; i < r->n_parts; i++)
        is_failed |= r->parts[i].html.is_failed;
    return is_failed;
}

int eval_report_write(const eval_report *r, eval_text *text, const char *path, char *err)
{
    int failed = -1;

    if (r->err[0])
        snprintf(err, LIMNER_IO_ERROR_SIZE, "%s", r->err);
    else if (text->is_failed || eval_report_is_failed(r))
        snprintf(err, LIMNER_IO_ERROR_SIZE, "the report: not enough memory");
    else
        failed = limner_io_file_write(path, text->bytes, text->n, err);
    eval_text_close(text);
    return failed;
}
