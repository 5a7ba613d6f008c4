/* SPDX-License-Identifier: Apache-2.0 */
/* The report for a terminal: the goals as an aligned table, then each table's medians, one to a
 * line. */
#include "eval/report_internal.h"

#include <math.h>

enum { N_COLUMNS = 5, MAX_CELL = 4096 };

/* Cells of one line, one after another in `cells`. */
typedef struct eval_cells {
    eval_text cells[N_COLUMNS];
} eval_cells;

static void open_line(eval_cells *line)
{
    for (int i = 0; i < N_COLUMNS; i++)
        eval_text_open(&line->cells[i], MAX_CELL);
}

static const char *cell(const eval_cells *line, int i)
{
    return line->cells[i].bytes ? line->cells[i].bytes : "";
}

/* A cell that failed makes the text fail. */
static void close_line(eval_text *t, eval_cells *line)
{
    for (int i = 0; i < N_COLUMNS; i++) {
        t->is_failed |= line->cells[i].is_failed;
        eval_text_close(&line->cells[i]);
    }
}

static void write_result(eval_cells *line, const eval_result *r)
{
    static const char *const verdicts[] = {"aim reached", "must reached", "MISSED", "no value"};
    const eval_verdict v = eval_result_verdict(r);
    const eval_goal *g = &r->goal;

    open_line(line);
    eval_text_add(&line->cells[0], "%s", g->title);
    eval_put_number(&line->cells[1], r->value, g->digits);
    if (*g->unit && v != EVAL_NO_VALUE)
        eval_text_add(&line->cells[1], " %s", g->unit);
    eval_put_bound(&line->cells[2], g, g->must, g->must_high);
    eval_put_bound(&line->cells[3], g, g->aim, g->aim_high);
    eval_text_add(&line->cells[4], "%s", verdicts[v]);
}

static void put_padded(eval_text *t, const char *text, size_t width, bool is_right)
{
    const int n_blanks = (int)width - (int)eval_text_width(text);

    if (is_right)
        eval_text_add(t, "%*s%s", n_blanks > 0 ? n_blanks : 0, "", text);
    else
        eval_text_add(t, "%s%*s", text, n_blanks > 0 ? n_blanks : 0, "");
}

static void put_results(eval_text *t, const eval_report *r)
{
    static const char *const heads[N_COLUMNS] = {"", "value", "must", "aim", "verdict"};
    size_t width[N_COLUMNS];
    eval_cells line;

    for (int i = 0; i < N_COLUMNS; i++)
        width[i] = eval_text_width(heads[i]);
    for (size_t k = 0; k < r->n_results; k++) {
        write_result(&line, &r->results[k]);
        for (int i = 0; i < N_COLUMNS; i++) {
            const size_t n = eval_text_width(cell(&line, i));
            width[i] = n > width[i] ? n : width[i];
        }
        close_line(t, &line);
    }
    for (size_t k = 0; k <= r->n_results; k++) {
        if (k)
            write_result(&line, &r->results[k - 1]);
        for (int i = 0; i + 1 < N_COLUMNS; i++) {
            put_padded(t, k ? cell(&line, i) : heads[i], width[i], i > 0);
            eval_text_add(t, "  ");
        }
        eval_text_add(t, "%s\n", k ? cell(&line, N_COLUMNS - 1) : heads[N_COLUMNS - 1]);
        if (k)
            close_line(t, &line);
    }
}

static void put_medians(eval_text *t, const eval_table *table)
{
    const eval_row *row = &table->rows[table->n_rows - 1];
    size_t width = 0;

    for (size_t i = 0; i < table->n_columns; i++) {
        const size_t n = eval_text_width(table->columns[i].title);
        if (isfinite(row->cells[i].number))
            width = n > width ? n : width;
    }
    eval_text_add(t, "\n%s, median of %zu\n", table->title, table->n_rows - 1);
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!isfinite(row->cells[i].number))
            continue;
        eval_text_add(t, "  ");
        put_padded(t, table->columns[i].title, width, false);
        eval_text_add(t, "  ");
        eval_put_number(t, row->cells[i].number, table->columns[i].digits);
        eval_text_add(t, "\n");
    }
}

char *eval_report_summary(const eval_report *r)
{
    eval_text t;

    if (eval_report_is_failed(r))
        return NULL;
    eval_text_open(&t, EVAL_MAX_PART_BYTES);
    eval_text_add(&t, "%s\n", r->title);
    if (r->n_results)
        put_results(&t, r);
    for (size_t i = 0; i < r->n_parts; i++) {
        const eval_table *table = r->parts[i].table;
        if (table && table->has_medians)
            put_medians(&t, table);
    }
    if (t.is_failed)
        eval_text_close(&t);
    return t.bytes;
}
