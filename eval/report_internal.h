/* SPDX-License-Identifier: Apache-2.0 */
/* A report between its adders and its writers: a list of parts, each a piece of finished HTML or a
 * table that may still grow, and the goals. Everything is the report's own copy. */
#ifndef LIMNER_EVAL_REPORT_INTERNAL_H
#define LIMNER_EVAL_REPORT_INTERNAL_H

#include "eval/report.h"
#include "eval/text.h"
#include "io/media.h"

enum { EVAL_MAX_PART_BYTES = 64 << 20, EVAL_MAX_REPORT_BYTES = 1 << 30, EVAL_MAX_COLUMNS = 64 };

typedef struct eval_cell {
    char *text; /* NULL: a number */
    double number;
} eval_cell;

typedef struct eval_row {
    char *name;
    eval_cell *cells; /* [n_columns]; the first n_cells are set, the others NaN */
    size_t n_cells;
} eval_row;

struct eval_table {
    eval_report *report;
    char *key, *title;
    eval_column *columns;
    size_t n_columns; /* at most EVAL_MAX_COLUMNS */
    eval_row *rows;
    size_t n_rows, rows_room;
    bool has_medians; /* in the last row */
};

typedef struct eval_part {
    eval_text html;    /* when there is no table */
    eval_table *table; /* NULL: html */
} eval_part;

typedef struct eval_result {
    eval_goal goal;
    double value;
} eval_result;

struct eval_report {
    char *title, *version, *commit, *machine, *command;
    eval_part *parts;
    size_t n_parts, parts_room;
    eval_result *results;
    size_t n_results, results_room;
    char err[LIMNER_IO_ERROR_SIZE]; /* what went wrong first; "": nothing */
};

typedef enum eval_verdict { EVAL_AIM, EVAL_MUST, EVAL_MISSED, EVAL_NO_VALUE } eval_verdict;
eval_verdict eval_result_verdict(const eval_result *r);

/* The page's text to write to: that of a new part, or of the last one. NULL: no memory. */
eval_text *eval_report_html_part(eval_report *r);
/* The first failure counts. */
void eval_report_fail(eval_report *r, const char *why);
/* Whether anything has failed, or some part has had no memory. */
bool eval_report_is_failed(const eval_report *r);
/* 0, or -1 and why in err: what failed while the report was gathered, or there is no memory for
 * `text`, which is written to path otherwise. Closes text. */
int eval_report_write(const eval_report *r, eval_text *text, const char *path, char *err);

/* "1.50"; a dash when it is no number. */
void eval_put_number(eval_text *t, double value, int digits);
/* "at most 4": the bound, or both when it is a range; a dash when there is none. */
void eval_put_bound(eval_text *t, const eval_goal *g, double bound, double high);

extern const char eval_report_style[]; /* CSS */

#endif
