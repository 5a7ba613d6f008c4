/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, progress, JSON text. */
#include "talk.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "options.h"

enum { BAR_WIDTH = 30 };
#define REDRAW_S 0.1

int cli_fail(const char *format, ...)
{
    va_list list;

    fputs("limner: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    return CLI_FAILED;
}

void cli_note(bool is_quiet, const char *format, ...)
{
    va_list list;

    if (is_quiet)
        return;
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

double cli_now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void cli_progress_start(cli_progress *p, bool is_quiet)
{
    p->is_shown = !is_quiet && isatty(STDERR_FILENO);
    p->unit = "frames";
    p->started_s = p->drawn_s = cli_now_s();
}

void cli_progress_draw(cli_progress *p, long done, long total)
{
    const double now = p->is_shown ? cli_now_s() : 0;
    const double rate = (double)done / (now - p->started_s + 1e-9);
    const int digits = rate < 10;
    char bar[BAR_WIDTH + 1];

    if (!p->is_shown || now - p->drawn_s < REDRAW_S)
        return;
    p->drawn_s = now;
    if (total <= 0) {
        fprintf(stderr, "\r%ld %s, %.*f %s/s ", done, p->unit, digits, rate, p->unit);
        return;
    }
    const long n = done >= total ? BAR_WIDTH : done * BAR_WIDTH / total;
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)n);
    bar[BAR_WIDTH] = 0;
    fprintf(stderr, "\r[%s] %ld of %ld %s, %.*f %s/s ", bar, done, total, p->unit, digits, rate,
            p->unit);
}

void cli_progress_clear(cli_progress *p)
{
    if (p->is_shown)
        fputs("\r\033[K", stderr);
    p->is_shown = false;
}

void cli_json_text(FILE *out, const char *text)
{
    if (!text) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(out, "\\u%04x", *c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}
