/* SPDX-License-Identifier: Apache-2.0 */
/* The report: what is written is well-formed whatever goes in, and verdicts hold at their bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/report.h"
#include "io/media.h"

static char err[LIMNER_IO_ERROR_SIZE];

static const eval_column columns[] = {
    {"error", "error, deg", 2}, {"why", "reason", 0}, {"share", "share, %", 1}, {NULL, NULL, 0}};

static eval_report *open_report(void)
{
    eval_report *r = eval_report_open("limner eval test", "0.1", "abc", "a \"CPU\"", "limner x");

    assert_non_null(r);
    return r;
}

/* What a writer writes, ended by 0; to be freed. */
static char *written(const eval_report *r, int (*write)(const eval_report *, const char *, char *))
{
    char path[] = "/tmp/limner-report-XXXXXX";
    const int fd = mkstemp(path);
    limner_io_file file;

    assert_true(fd >= 0);
    close(fd);
    if (write(r, path, err) < 0)
        fail_msg("%s", err);
    assert_int_equal(limner_io_file_read(&file, path, 1 << 26, err), 0);
    char *text = malloc(file.len_bytes + 1);
    assert_non_null(text);
    memcpy(text, file.bytes, file.len_bytes);
    text[file.len_bytes] = 0;
    limner_io_file_close(&file);
    unlink(path);
    return text;
}

/* ---- a strict reader of JSON (RFC 8259): the place behind a value, NULL when it is none ---- */

static const char *json_skip(const char *c)
{
    return c + strspn(c, " \t\r\n");
}

static const char *json_string(const char *c)
{
    if (*c++ != '"')
        return NULL;
    while (*c != '"') {
        if ((unsigned char)*c < 0x20)
            return NULL;
        if (*c == '\\') {
            c++;
            if (!*c || !strchr("\"\\/bfnrtu", *c))
                return NULL;
            for (int i = 0; *c == 'u' && i < 4; i++) {
                if (!isxdigit((unsigned char)c[1 + i]))
                    return NULL;
            }
        }
        c++;
    }
    return c + 1;
}

static const char *json_number(const char *c)
{
    c += *c == '-';
    if (!isdigit((unsigned char)*c) || (c[0] == '0' && isdigit((unsigned char)c[1])))
        return NULL;
    c += strspn(c, "0123456789");
    if (*c == '.') {
        if (!isdigit((unsigned char)c[1]))
            return NULL;
        c += 1 + strspn(c + 1, "0123456789");
    }
    if (*c == 'e' || *c == 'E') {
        c += 1 + (c[1] == '+' || c[1] == '-');
        if (!isdigit((unsigned char)*c))
            return NULL;
        c += strspn(c, "0123456789");
    }
    return c;
}

static const char *json_value(const char *c)
{
    const char open = *c, close = open == '{' ? '}' : ']';

    if (open == '"')
        return json_string(c);
    if (strncmp(c, "null", 4) == 0)
        return c + 4;
    if (open != '{' && open != '[')
        return json_number(c);
    c = json_skip(c + 1);
    if (*c == close)
        return c + 1;
    for (;;) {
        if (open == '{') {
            c = json_string(c);
            c = c ? json_skip(c) : c;
            if (!c || *c != ':')
                return NULL;
            c = json_skip(c + 1);
        }
        c = json_value(c);
        if (!c)
            return NULL;
        c = json_skip(c);
        if (*c == close)
            return c + 1;
        if (*c != ',')
            return NULL;
        c = json_skip(c + 1);
    }
}

static bool is_json(const char *text)
{
    const char *end = json_value(json_skip(text));

    return end && !*json_skip(end);
}

static void the_reader_of_json_is_strict(void **state)
{
    static const char *const wrong[] = {"{\"a\": nan}", "[1,]",   "{\"a\" 1}", "[01]",
                                        "\"\\x\"",      "\"\n\"", "[1] 2",     "[\"a]"};

    (void)state;
    assert_true(is_json("{\"a\": [1, -0.5e-3, null, \"\\u00e9\\n\"], \"b\": {}}\n"));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(is_json(wrong[i]));
}

/* ---- tables ---- */

static void json_holds_what_was_added(void **state)
{
    eval_report *r = open_report();
    eval_table *t = eval_report_table(r, "portraits", "Portraits", columns);

    (void)state;
    eval_table_row(t, "one");
    eval_table_number(t, 1.0 / 3);
    eval_table_text(t, "fine");
    eval_table_number(t, INFINITY);
    eval_table_row(t, "two");
    eval_table_number(t, NAN);
    char *json = written(r, eval_report_json);
    assert_true(is_json(json));
    assert_non_null(strstr(json, "\"machine\": \"a \\\"CPU\\\"\""));
    assert_non_null(strstr(json, "\"portraits\": [\n  {\"name\": \"one\", \"error\": 0.333333, "
                                 "\"why\": \"fine\", \"share\": null},\n  {\"name\": \"two\", "
                                 "\"error\": null, \"why\": null, \"share\": null}]"));
    assert_non_null(strstr(json, "\"summary\": []"));
    free(json);
    eval_report_close(&r);
    assert_null(r);
    eval_report_close(&r);
}

static void medians_leave_out_what_is_not_there(void **state)
{
    const double errors[] = {3, NAN, 1, 2, 10};
    eval_report *r = open_report();
    eval_table *t = eval_report_table(r, "t", "Table", columns);

    (void)state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        eval_table_row(t, "row");
        eval_table_number(t, errors[i]);
        eval_table_text(t, "7");
    }
    eval_table_medians(t);
    char *json = written(r, eval_report_json), *html = written(r, eval_report_html);
    char *summary = eval_report_summary(r);
    assert_true(is_json(json));
    assert_non_null(strstr(json, "{\"name\": \"median\", \"error\": 2.5, \"why\": null, "
                                 "\"share\": null}"));
    assert_non_null(strstr(html, "<tr class=\"median\"><th scope=\"row\">median</th>"
                                 "<td>2.50</td><td></td><td>–</td></tr>"));
    assert_non_null(strstr(summary, "Table, median of 5\n  error, deg  2.50\n"));
    free(json);
    free(html);
    free(summary);
    eval_report_close(&r);
}

/* ---- texts ---- */

static void texts_cannot_break_out(void **state)
{
    static const char bad[] = "</td><script>\"'&\\\x01\n\xff\xc0\xaf\xed\xa0\x80 \xc3\xa9";
    eval_report *r = open_report();

    (void)state;
    eval_report_heading(r, bad);
    eval_report_text(r, "%s %d", bad, 7);
    eval_table *t = eval_report_table(r, bad, bad, columns);
    eval_table_row(t, bad);
    eval_table_number(t, -0.001);
    eval_table_text(t, bad);
    eval_report_plot(r, bad, bad, bad, &(eval_curve){bad, (double[]){1, 2}, 2, 0, 1}, 1);
    eval_report_picture(r, bad, (uint8_t[16 * 16 * 3]){0}, 16, 16);
    char *json = written(r, eval_report_json), *html = written(r, eval_report_html);
    assert_true(is_json(json));
    assert_null(strstr(html, "<script"));
    assert_null(strchr(html, '\x01'));
    assert_null(strstr(html, "-0.00<"));
    for (const char *c = html; *c; c++)
        assert_true(*c != '\xff' && *c != '\xc0' && *c != '\xed');
    assert_non_null(strstr(html, "&lt;/td&gt;&lt;script&gt;&quot;&#39;&amp;\\"));
    /* Each byte that is no part of a character becomes U+FFFD; \u00e9 stays. */
    assert_non_null(strstr(json,
                           "\\\\\\u0001\\u000a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                           "\xef\xbf\xbd\xef\xbf\xbd \xc3\xa9\""));
    free(json);
    free(html);
    eval_report_close(&r);
}

/* ---- goals ---- */

static void assert_verdict(eval_goal goal, double value, const char *verdict)
{
    eval_report *r = open_report();
    char wanted[64];

    goal.key = goal.title = "g";
    goal.unit = "deg";
    eval_report_goal(r, &goal, value);
    char *json = written(r, eval_report_json);
    assert_true(is_json(json));
    snprintf(wanted, sizeof(wanted), "\"verdict\": \"%s\"}", verdict);
    if (!strstr(json, wanted))
        fail_msg("%g is not '%s': %s", value, verdict, json);
    free(json);
    eval_report_close(&r);
}

static void verdicts_hold_at_their_bounds(void **state)
{
    const eval_goal most = {.sense = EVAL_AT_MOST, .must = 4, .aim = 2};
    const eval_goal least = {.sense = EVAL_AT_LEAST, .must = 0.97, .aim = 0.99};
    const eval_goal within = {
        .sense = EVAL_WITHIN, .must = 0.8, .must_high = 1.25, .aim = 0.9, .aim_high = 1.1};
    const eval_goal no_must = {.sense = EVAL_AT_LEAST, .must = NAN, .aim = 3};
    const eval_goal aim_beyond = {
        .sense = EVAL_WITHIN, .must = 0.8, .must_high = 1.5, .aim = 0.4, .aim_high = 1.4};
    const eval_goal no_aim = {
        .sense = EVAL_WITHIN, .must = 0, .must_high = 1, .aim = NAN, .aim_high = NAN};

    (void)state;
    assert_verdict(most, 2, "aim");
    assert_verdict(most, nextafter(2, 3), "must");
    assert_verdict(most, 4, "must");
    assert_verdict(most, nextafter(4, 5), "missed");
    assert_verdict(most, NAN, "no value");
    assert_verdict(least, 0.99, "aim");
    assert_verdict(least, nextafter(0.99, 0), "must");
    assert_verdict(least, 0.97, "must");
    assert_verdict(least, nextafter(0.97, 0), "missed");
    assert_verdict(within, 0.9, "aim");
    assert_verdict(within, 1.1, "aim");
    assert_verdict(within, nextafter(0.9, 0), "must");
    assert_verdict(within, nextafter(1.1, 2), "must");
    assert_verdict(within, nextafter(0.8, 0), "missed");
    assert_verdict(within, nextafter(1.25, 2), "missed");
    assert_verdict(no_aim, 0.5, "must");
    assert_verdict(aim_beyond, 0.5, "missed");
    assert_verdict(aim_beyond, 1.3, "aim");
    assert_verdict(no_must, 3, "aim");
    assert_verdict(no_must, 2, "missed");
    assert_verdict(no_aim, NAN, "no value");
}

static void the_summary_is_aligned_and_says_the_verdict(void **state)
{
    const eval_goal goals[] = {{"gaze", "gaze error", "deg", EVAL_AT_MOST, 4, 2, 0, 0, 2},
                               {"r", "mouth opening r", "", EVAL_AT_LEAST, 0.97, 0.99, 0, 0, 3},
                               {"amplitude", "amplitude", "", EVAL_WITHIN, 0.8, NAN, 1.25, NAN, 2}};
    eval_report *r = open_report();

    (void)state;
    eval_report_goal(r, &goals[0], 1.5);
    eval_report_goal(r, &goals[1], 0.9);
    eval_report_goal(r, &goals[2], 1.25);
    char *summary = eval_report_summary(r), *html = written(r, eval_report_html);
    assert_string_equal(summary, "limner eval test\n"
                                 "                    value         must     aim  verdict\n"
                                 "gaze error       1.50 deg          ≤ 4     ≤ 2  aim reached\n"
                                 "mouth opening r     0.900       ≥ 0.97  ≥ 0.99  MISSED\n"
                                 "amplitude            1.25  0.8 to 1.25       –  must reached\n");
    assert_non_null(strstr(html, "<b>1</b> of 3 goals reach the aim, <b>1</b> the must, <b>1</b> "
                                 "missed."));
    assert_non_null(strstr(html, "<span class=\"missed\">✗ missed</span>"));
    free(summary);
    free(html);
    eval_report_close(&r);
}

/* ---- plots and pictures ---- */

static void plots_have_gaps_and_no_odd_numbers(void **state)
{
    const double gaps[] = {NAN, 1, 2, NAN, INFINITY, 3, NAN, -1e300}, flat[] = {5, 5, 5};
    const double none[] = {NAN, NAN};
    const eval_curve curves[] = {{"gaps", gaps, 8, 0, 0.5}, {"none", none, 2, 0, 1}};
    eval_report *r = open_report();

    (void)state;
    eval_report_plot(r, "a", "time, s", "opening", curves, 2);
    eval_report_plot(r, "b", "x", "y", &(eval_curve){"flat", flat, 3, 1e5, 0}, 1);
    eval_report_plot(r, "c", "x", "y", &(eval_curve){"none", none, 2, 0, 1}, 1);
    eval_report_plot(r, "d", "x", "y", curves, 0);
    eval_report_plot(r, "e", "x", "y", &(eval_curve){"empty", NULL, 0, 0, 1}, 1);
    char *html = written(r, eval_report_html), *body = strstr(html, "<main>");
    assert_null(strstr(body, "nan"));
    assert_null(strstr(body, "inf"));
    assert_null(strstr(body, "e+"));
    /* Two runs: 1 to 2 from 0.5 to 1 of 0 to 3.5, and the dot at 3. */
    assert_non_null(strstr(body, "d=\"M131.1 206.0h0L200.3 108.0M407.7 10.0h0\"/>"));
    assert_non_null(strstr(body, "text-anchor=\"middle\">3.5</text>"));
    free(html);
    eval_report_close(&r);
}

static void decode(uint8_t *out, const char *text, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t v = 0;

    for (size_t i = 0; i < n; i++) {
        const char *digit = strchr(digits, text[i]);
        v = v << 6 | (digit ? (uint32_t)(digit - digits) : 0);
        if (i % 4 == 3) {
            for (int k = 0; k < 3; k++)
                *out++ = (uint8_t)(v >> (16 - 8 * k));
        }
    }
}

static void pictures_come_back_from_the_page(void **state)
{
    enum { W = 50, H = 34 };
    static uint8_t rgb[H][W][3], bytes[1 << 16];
    const char *const before = "src=\"data:image/jpeg;base64,";
    char path[] = "/tmp/limner-report-XXXXXX";
    eval_report *r = open_report();
    limner_io_image image;

    (void)state;
    for (int i = 0; i < H * W; i++) {
        rgb[i / W][i % W][0] = (uint8_t)(5 * (i % W));
        rgb[i / W][i % W][1] = (uint8_t)(7 * (i / W));
        rgb[i / W][i % W][2] = 90;
    }
    eval_report_picture(r, "ramps", &rgb[0][0][0], W, H);
    char *html = written(r, eval_report_html), *text = strstr(html, before);
    assert_non_null(text);
    text += strlen(before);
    const size_t n = strcspn(text, "\"");
    assert_true(n % 4 == 0 && n / 4 * 3 < sizeof(bytes));
    decode(bytes, text, n);
    close(mkstemp(path));
    assert_int_equal(limner_io_file_write(path, bytes, n / 4 * 3, err), 0);
    if (limner_io_image_read(&image, path, err) < 0)
        fail_msg("%s", err);
    assert_int_equal(image.width_px, W);
    assert_int_equal(image.height_px, H);
    double sum = 0;
    for (size_t i = 0; i < sizeof(rgb); i++)
        sum += fabs((double)image.rgb[i] - (double)(&rgb[0][0][0])[i]);
    assert_true(sum / sizeof(rgb) < 3);
    limner_io_image_close(&image);
    unlink(path);
    free(html);
    eval_report_close(&r);
}

static void a_failed_report_is_not_written(void **state)
{
    eval_report *r = open_report();

    (void)state;
    eval_report_picture(r, "too large", (uint8_t[3]){0}, 0, 0);
    assert_int_equal(eval_report_html(r, "/tmp/limner-report-none", err), -1);
    assert_non_null(strstr(err, "the report: a picture: cannot be made a JPEG"));
    assert_int_equal(access("/tmp/limner-report-none", F_OK), -1);
    assert_null(eval_report_summary(r));
    eval_report_close(&r);
    r = open_report();
    assert_int_equal(eval_report_json(r, "/nowhere/at/all.json", err), -1);
    assert_non_null(strstr(err, "/nowhere/at/all.json"));
    eval_report_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reader_of_json_is_strict),
        cmocka_unit_test(json_holds_what_was_added),
        cmocka_unit_test(medians_leave_out_what_is_not_there),
        cmocka_unit_test(texts_cannot_break_out),
        cmocka_unit_test(verdicts_hold_at_their_bounds),
        cmocka_unit_test(the_summary_is_aligned_and_says_the_verdict),
        cmocka_unit_test(plots_have_gaps_and_no_odd_numbers),
        cmocka_unit_test(pictures_come_back_from_the_page),
        cmocka_unit_test(a_failed_report_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
