/* SPDX-License-Identifier: Apache-2.0 */
/* The report as a page: what it was measured with, the summary, then the parts as they were added.
 * It needs no script, no other file and no network. */
#include "eval/report_internal.h"

#include <math.h>
#include <stdlib.h>

#include "io/jpeg.h"

enum { LONG_TEXT = 24 };
enum { JPEG_SCALE = 4 }; /* half the bytes of 2; at 8 skies and dresses show blocks */

void eval_put_number(eval_text *t, double value, int digits)
{
    const double unit = pow(10, -digits);

    if (!isfinite(value))
        eval_text_add(t, "–");
    else
        eval_text_add(t, "%.*f", digits, fabs(value) < 0.5 * unit ? 0 : value); /* never -0 */
}

void eval_put_bound(eval_text *t, const eval_goal *g, double bound, double high)
{
    if (!isfinite(bound))
        eval_text_add(t, "–");
    else if (g->sense == EVAL_WITHIN)
        eval_text_add(t, "%.4g to %.4g", bound, high);
    else
        eval_text_add(t, g->sense == EVAL_AT_MOST ? "≤ %.4g" : "≥ %.4g", bound);
}

/* ---- parts ---- */

static void put_element(eval_text *t, const char *tag, const char *text)
{
    eval_text_add(t, "<%s>", tag);
    eval_text_html(t, text);
    eval_text_add(t, "</%s>\n", tag);
}

void eval_report_heading(eval_report *r, const char *text)
{
    eval_text *t = eval_report_html_part(r);

    if (t)
        put_element(t, "h2", text);
}

void eval_report_text(eval_report *r, const char *format, ...)
{
    eval_text *t = eval_report_html_part(r), text;
    va_list list;

    if (!t)
        return;
    eval_text_open(&text, EVAL_MAX_PART_BYTES);
    va_start(list, format);
    eval_text_add_list(&text, format, list);
    va_end(list);
    put_element(t, "p", text.bytes);
    t->is_failed |= text.is_failed;
    eval_text_close(&text);
}

void eval_report_picture(eval_report *r, const char *caption, const uint8_t *rgb, uint32_t width_px,
                         uint32_t height_px)
{
    eval_text *t = eval_report_html_part(r);
    char err[LIMNER_IO_ERROR_SIZE];
    size_t len_bytes;
    void *bytes;

    if (!t)
        return;
    if (limner_io_jpeg_encode(&bytes, &len_bytes, rgb, (ptrdiff_t)width_px * 3, width_px, height_px,
                              JPEG_SCALE, err) < 0) {
        eval_report_fail(r, err);
        return;
    }
    eval_text_add(t, "<figure class=\"picture\">\n<img width=\"%u\" height=\"%u\" alt=\"", width_px,
                  height_px);
    eval_text_html(t, caption);
    eval_text_add(t, "\" src=\"data:image/jpeg;base64,");
    eval_text_base64(t, bytes, len_bytes);
    eval_text_add(t, "\">\n");
    put_element(t, "figcaption", caption);
    eval_text_add(t, "</figure>\n");
    free(bytes);
}

/* ---- tables ---- */

static void open_table(eval_text *t, const char *title)
{
    eval_text_add(t, "<div class=\"scroll\" tabindex=\"0\"><table>\n<caption>");
    eval_text_html(t, title);
    eval_text_add(t, "</caption>\n");
}

/* Whether a cell's text wants a wide column, so as not to make a high row. */
static bool is_long(const char *text)
{
    return eval_text_width(text) > LONG_TEXT;
}

static void put_row(eval_text *t, const eval_table *table, const eval_row *row, bool is_median,
                    const bool *is_text)
{
    eval_text_add(t, "<tr%s><th scope=\"row\">", is_median ? " class=\"median\"" : "");
    eval_text_html(t, row->name);
    eval_text_add(t, "</th>");
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *text = row->cells[i].text;
        if (text) {
            eval_text_add(t, "<td class=\"text%s\">", is_long(text) ? " long" : "");
            eval_text_html(t, text);
        } else if (is_text[i]) {
            eval_text_add(t, "<td>");
        } else {
            eval_text_add(t, "<td>");
            eval_put_number(t, row->cells[i].number, table->columns[i].digits);
        }
        eval_text_add(t, "</td>");
    }
    eval_text_add(t, "</tr>\n");
}

/* Whether what is known of a column is text. */
static bool is_text_column(const eval_table *table, size_t column)
{
    bool is_text = false;

    for (size_t i = 0; i < table->n_rows; i++) {
        is_text |= table->rows[i].cells[column].text != NULL;
        if (isfinite(table->rows[i].cells[column].number) && !table->rows[i].cells[column].text)
            return false;
    }
    return is_text;
}

static void put_table(eval_text *t, const eval_table *table)
{
    bool is_text[EVAL_MAX_COLUMNS];

    open_table(t, table->title);
    eval_text_add(t, "<thead><tr><td></td>");
    for (size_t i = 0; i < table->n_columns; i++) {
        is_text[i] = is_text_column(table, i);
        eval_text_add(t, "<th scope=\"col\" class=\"%s%s\">", is_text[i] ? "text" : "",
                      is_long(table->columns[i].title) ? " long" : "");
        eval_text_html(t, table->columns[i].title);
        eval_text_add(t, "</th>");
    }
    eval_text_add(t, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < table->n_rows; i++)
        put_row(t, table, &table->rows[i], table->has_medians && i + 1 == table->n_rows, is_text);
    eval_text_add(t, "</tbody></table></div>\n");
}

/* ---- the summary ---- */

static void put_result(eval_text *t, const eval_result *r)
{
    static const struct {
        const char *style, *words;
    } verdicts[] = {{"aim", "✓✓ aim<b class=\"rest\"> reached</b>"},
                    {"must", "✓ must<b class=\"rest\"> reached</b>"},
                    {"missed", "✗ missed"},
                    {"none", "– no value"}}; /* narrow pages leave the rest out */
    const eval_verdict v = eval_result_verdict(r);
    const eval_goal *g = &r->goal;

    eval_text_add(t, "<tr><th scope=\"row\">");
    eval_text_html(t, g->title);
    eval_text_add(t, "</th><td class=\"value\">");
    eval_put_number(t, r->value, g->digits);
    eval_text_add(t, " <small>");
    eval_text_html(t, v == EVAL_NO_VALUE ? "" : g->unit);
    eval_text_add(t, "</small></td><td>");
    eval_put_bound(t, g, g->must, g->must_high);
    eval_text_add(t, "</td><td>");
    eval_put_bound(t, g, g->aim, g->aim_high);
    eval_text_add(t, "</td><td class=\"text\"><span class=\"%s\">%s</span></td></tr>\n",
                  verdicts[v].style, verdicts[v].words);
}

static void put_summary(eval_text *t, const eval_report *r)
{
    size_t n[4] = {0};

    if (r->n_results == 0)
        return;
    for (size_t i = 0; i < r->n_results; i++)
        n[eval_result_verdict(&r->results[i])]++;
    eval_text_add(t, "<section class=\"summary\">\n<p class=\"count\">");
    eval_text_add(t,
                  "<b>%zu</b> of %zu goals reach the aim, <b>%zu</b> the must, <b>%zu</b> "
                  "missed",
                  n[EVAL_AIM], r->n_results, n[EVAL_MUST], n[EVAL_MISSED]);
    if (n[EVAL_NO_VALUE])
        eval_text_add(t, ", <b>%zu</b> without a value", n[EVAL_NO_VALUE]);
    eval_text_add(t, ".</p>\n");
    open_table(t, "Summary");
    eval_text_add(t, "<thead><tr><td></td><th scope=\"col\">value</th><th scope=\"col\">must</th>"
                     "<th scope=\"col\">aim</th><th scope=\"col\" class=\"text\">verdict</th></tr>"
                     "</thead>\n<tbody>\n");
    for (size_t i = 0; i < r->n_results; i++)
        put_result(t, &r->results[i]);
    eval_text_add(t, "</tbody></table></div>\n</section>\n");
}

/* ---- the page ---- */

static void put_head(eval_text *t, const eval_report *r)
{
    eval_text_add(t, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n");
    put_element(t, "title", r->title);
    eval_text_add(t, "<style>\n%s</style>\n</head>\n<body>\n<header>\n", eval_report_style);
    put_element(t, "h1", r->title);
    eval_text_add(t, "<p class=\"origin\">limner ");
    eval_text_html(t, r->version);
    eval_text_add(t, " (");
    eval_text_html(t, r->commit);
    eval_text_add(t, ") · ");
    eval_text_html(t, r->machine);
    eval_text_add(t, "</p>\n<p class=\"command\"><code>");
    eval_text_html(t, r->command);
    eval_text_add(t, "</code></p>\n</header>\n<main>\n");
}

int eval_report_html(const eval_report *r, const char *path, char *err)
{
    eval_text t;

    eval_text_open(&t, EVAL_MAX_REPORT_BYTES);
    put_head(&t, r);
    put_summary(&t, r);
    for (size_t i = 0; i < r->n_parts; i++) {
        const eval_part *p = &r->parts[i];
        if (p->table)
            put_table(&t, p->table);
        else if (p->html.n)
            eval_text_put(&t, p->html.bytes, p->html.n);
    }
    eval_text_add(&t, "</main>\n<footer>Made by limner eval. Rendered faces are synthetic."
                      "</footer>\n</body>\n</html>\n");
    return eval_report_write(r, &t, path, err);
}
