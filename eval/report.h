/* SPDX-License-Identifier: Apache-2.0 */
/* Results as they are gathered: tables, plots and pictures, written as JSON and as one HTML page
 * that needs nothing else (style, SVG and pictures inside). Texts and numbers are copied. When
 * memory runs out the report remembers, and writing it fails; adders never fail. One thread. */
#ifndef LIMNER_EVAL_REPORT_H
#define LIMNER_EVAL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eval_report eval_report;
typedef struct eval_table eval_table;

/* title: "limner eval control"; version, commit, machine, command: the head of the page and the
 * first members of the JSON. NULL: no memory. */
eval_report *eval_report_open(const char *title, const char *version, const char *commit,
                              const char *machine, const char *command);
void eval_report_close(eval_report **r); /* NULL-safe */

/* A heading, a paragraph: on the page only. */
void eval_report_heading(eval_report *r, const char *text);
void eval_report_text(eval_report *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

typedef struct eval_column {
    const char *key;   /* of the JSON; NULL ends the list */
    const char *title; /* of the page, with its unit */
    int digits;        /* after the point on the page and in text */
} eval_column;

/* JSON: "key": [{"name": row's name, column's key: value, ...}, ...]; keys must differ. The table
 * is the report's; NULL (no memory) may be given to its adders. At most 64 columns. */
eval_table *eval_report_table(eval_report *r, const char *key, const char *title,
                              const eval_column *columns);
/* A new row; then its cells in order. Cells left out, and NaN, are null (a dash on the page). */
void eval_table_row(eval_table *t, const char *name);
void eval_table_number(eval_table *t, double value);
void eval_table_text(eval_table *t, const char *text);
/* After all rows: one more named "median", of each column of numbers. */
void eval_table_medians(eval_table *t);

/* The table every command ends with: what was asked for and what was reached. */
typedef enum eval_sense { EVAL_AT_MOST, EVAL_AT_LEAST, EVAL_WITHIN } eval_sense;
/* must and aim: one bound each, or low and high for EVAL_WITHIN (aim_low..aim_high may be NaN). */
typedef struct eval_goal {
    const char *key, *title, *unit;
    eval_sense sense;
    double must, aim;           /* the bound; EVAL_WITHIN: the lower bounds */
    double must_high, aim_high; /* EVAL_WITHIN only */
    int digits;
} eval_goal;
/* JSON: "summary": [{"name", "value", "must", "aim", "verdict": "aim"|"must"|"missed"|"no value"}].
 */
void eval_report_goal(eval_report *r, const eval_goal *goal, double value);

typedef struct eval_curve {
    const char *title;
    const double *y;     /* [n]; NaN: a gap */
    size_t n;
    double start, step;  /* x of y[0]; between values */
} eval_curve;
/* Lines over x in one frame, as inline SVG with a legend; on the page only. */
void eval_report_plot(eval_report *r, const char *title, const char *x_title, const char *y_title,
                      const eval_curve *curves, size_t n_curves);
/* Packed sRGB, inlined as JPEG with its caption; on the page only. */
void eval_report_picture(eval_report *r, const char *caption, const uint8_t *rgb, uint32_t width_px,
                         uint32_t height_px);

/* Atomically; path "-" standard output. 0, or -1 and a sentence in err (LIMNER_IO_ERROR_SIZE). */
int eval_report_json(const eval_report *r, const char *path, char *err);
int eval_report_html(const eval_report *r, const char *path, char *err);
/* The summary and the medians as aligned plain text, for a terminal; to be freed. NULL: no memory.
 */
char *eval_report_summary(const eval_report *r);

#endif
