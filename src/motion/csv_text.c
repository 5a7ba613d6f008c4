/* SPDX-License-Identifier: Apache-2.0 */
/* Text helpers of the CSV reader and writer (see csv_text.h). */
#include "motion/csv_text.h"

#include <math.h>
#include <string.h>

void limner_text_add(limner_text *t, const char *s)
{
    while (*s && t->len + 1 < t->room)
        t->buf[t->len++] = *s++;
    t->buf[t->len] = 0;
}

void limner_text_add_digits(limner_text *t, uint64_t x, int min_digits)
{
    char reversed[24], s[24];
    int n = 0;

    for (; x || n < min_digits; x /= 10)
        reversed[n++] = (char)('0' + x % 10);
    for (int i = 0; i < n; i++)
        s[i] = reversed[n - 1 - i];
    s[n] = 0;
    limner_text_add(t, s);
}

void limner_text_add_number(limner_text *t, double x)
{
    uint64_t n;

    if (!(fabs(x) < 1e9))
        x = 0.0;
    n = (uint64_t)(fabs(x) * 1e7 + 0.5);
    if (x < 0.0 && n)
        limner_text_add(t, "-");
    limner_text_add_digits(t, n / 10000000, 1);
    limner_text_add(t, ".");
    limner_text_add_digits(t, n % 10000000, 7);
}

void limner_text_begin(limner_text_fields *f, const char *text, size_t len_bytes)
{
    memset(f, 0, sizeof(*f));
    if (len_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len_bytes -= 3;
    }
    f->next = text;
    f->end = text + len_bytes;
}

bool limner_text_next_line(limner_text_fields *f)
{
    const char *newline;

    if (f->next == f->end)
        return false;
    newline = memchr(f->next, '\n', (size_t)(f->end - f->next));
    f->field = f->next;
    f->line_end = newline ? newline : f->end;
    f->next = newline ? newline + 1 : f->end;
    f->line++;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool limner_text_next_field(limner_text_fields *f, limner_text_field *out)
{
    const char *a = f->field, *b, *comma;

    if (!a)
        return false;
    comma = memchr(a, ',', (size_t)(f->line_end - a));
    b = comma ? comma : f->line_end;
    f->field = comma ? comma + 1 : NULL;
    while (a < b && is_blank(*a))
        a++;
    while (b > a && is_blank(b[-1]))
        b--;
    out->at = a;
    out->len = (size_t)(b - a);
    return true;
}

bool limner_text_is_blank_to_end(const limner_text_fields *f)
{
    for (const char *p = f->field; p < f->end; p++)
        if (!is_blank(*p) && *p != '\n')
            return false;
    return true;
}

size_t limner_text_lines_left(const limner_text_fields *f)
{
    size_t n = f->next < f->end;

    for (const char *p = f->next; p < f->end; p++)
        n += *p == '\n' && p + 1 < f->end;
    return n;
}

/* Digits into *x; returns how many there were. */
static int read_digits(const char **at, const char *end, double *x)
{
    int n = 0;

    while (*at < end && **at >= '0' && **at <= '9') {
        *x = *x * 10.0 + (**at - '0');
        (*at)++;
        n++;
    }
    return n;
}

static bool read_sign(const char **at, const char *end)
{
    bool is_negative = *at < end && **at == '-';

    if (*at < end && (**at == '-' || **at == '+'))
        (*at)++;
    return is_negative;
}

bool limner_text_number(const limner_text_field *f, double *out)
{
    const char *p = f->at, *end = f->at + f->len;
    double x = 0.0, exponent = 0.0;
    bool is_negative = read_sign(&p, end);
    int whole = read_digits(&p, end, &x), fraction = 0;

    if (p < end && *p == '.') {
        p++;
        fraction = read_digits(&p, end, &x);
    }
    if (whole + fraction == 0 || whole + fraction > 40)
        return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        bool is_small;

        p++;
        is_small = read_sign(&p, end);
        if (!read_digits(&p, end, &exponent) || exponent > 400.0)
            return false;
        exponent = is_small ? -exponent : exponent;
    }
    x *= pow(10.0, exponent - fraction);
    *out = is_negative ? -x : x;
    return p == end && isfinite(x);
}
