/* SPDX-License-Identifier: Apache-2.0 */
/* The report for machines (RFC 8259): what it was measured with, each table by its key, the
 * summary. */
#include "eval/report_internal.h"

static void put_member(eval_text *t, const char *key, const char *value)
{
    eval_text_json(t, key);
    eval_text_add(t, ": ");
    eval_text_json(t, value);
}

static void put_row(eval_text *t, const eval_table *table, const eval_row *row)
{
    eval_text_add(t, "{");
    put_member(t, "name", row->name);
    for (size_t i = 0; i < table->n_columns; i++) {
        eval_text_add(t, ", ");
        eval_text_json(t, table->columns[i].key);
        eval_text_add(t, ": ");
        if (row->cells[i].text)
            eval_text_json(t, row->cells[i].text);
        else
            eval_text_json_number(t, row->cells[i].number);
    }
    eval_text_add(t, "}");
}

static void put_table(eval_text *t, const eval_table *table)
{
    eval_text_add(t, ",\n ");
    eval_text_json(t, table->key);
    eval_text_add(t, ": [");
    for (size_t i = 0; i < table->n_rows; i++) {
        eval_text_add(t, i ? ",\n  " : "\n  ");
        put_row(t, table, &table->rows[i]);
    }
    eval_text_add(t, "]");
}

static void put_bound(eval_text *t, const char *key, const eval_goal *g, double bound, double high)
{
    eval_text_add(t, ", \"%s\": %s", key, g->sense == EVAL_WITHIN ? "[" : "");
    eval_text_json_number(t, bound);
    if (g->sense == EVAL_WITHIN) {
        eval_text_add(t, ", ");
        eval_text_json_number(t, high);
        eval_text_add(t, "]");
    }
}

static void put_result(eval_text *t, const eval_result *r)
{
    static const char *const senses[] = {"at most", "at least", "within"};
    static const char *const verdicts[] = {"aim", "must", "missed", "no value"};
    const eval_goal *g = &r->goal;

    eval_text_add(t, "{");
    put_member(t, "name", g->key);
    eval_text_add(t, ", ");
    put_member(t, "title", g->title);
    eval_text_add(t, ", ");
    put_member(t, "unit", g->unit);
    eval_text_add(t, ", \"value\": ");
    eval_text_json_number(t, r->value);
    eval_text_add(t, ", \"sense\": \"%s\"", senses[g->sense]);
    put_bound(t, "must", g, g->must, g->must_high);
    put_bound(t, "aim", g, g->aim, g->aim_high);
    eval_text_add(t, ", \"verdict\": \"%s\"}", verdicts[eval_result_verdict(r)]);
}

int eval_report_json(const eval_report *r, const char *path, char *err)
{
    const char *const head[][2] = {{"title", r->title},
                                   {"version", r->version},
                                   {"commit", r->commit},
                                   {"machine", r->machine},
                                   {"command", r->command}};
    eval_text t;

    eval_text_open(&t, EVAL_MAX_REPORT_BYTES);
    for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++) {
        eval_text_add(&t, i ? ",\n " : "{");
        put_member(&t, head[i][0], head[i][1]);
    }
    for (size_t i = 0; i < r->n_parts; i++) {
        if (r->parts[i].table)
            put_table(&t, r->parts[i].table);
    }
    eval_text_add(&t, ",\n \"summary\": [");
    for (size_t i = 0; i < r->n_results; i++) {
        eval_text_add(&t, i ? ",\n  " : "\n  ");
        put_result(&t, &r->results[i]);
    }
    eval_text_add(&t, "]}\n");
    return eval_report_write(r, &t, path, err);
}
