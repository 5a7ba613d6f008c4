/* SPDX-License-Identifier: Apache-2.0 */
/* Growing by doubling; UTF-8 checked as RFC 3629 has it (no overlong forms, no surrogates). */
#include "eval/text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256 };
static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

void eval_text_open(eval_text *t, size_t max_bytes)
{
    *t = (eval_text){.max_bytes = max_bytes};
}

void eval_text_close(eval_text *t)
{
    free(t->bytes);
    *t = (eval_text){.max_bytes = t->max_bytes};
}

/* Room for n bytes more and the final 0. */
static bool make_room(eval_text *t, size_t n)
{
    if (t->is_failed || n >= t->max_bytes - t->n) {
        t->is_failed = true;
        return false;
    }
    if (t->n + n < t->room)
        return true;
    size_t room = t->room ? t->room : FIRST_ROOM;
    while (room <= t->n + n)
        room *= 2;
    char *bytes = realloc(t->bytes, room);
    t->is_failed = !bytes;
    if (bytes) {
        t->bytes = bytes;
        t->room = room;
    }
    return bytes;
}

void eval_text_put(eval_text *t, const char *bytes, size_t n)
{
    if (!make_room(t, n))
        return;
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    t->bytes[t->n] = 0;
}

void eval_text_add_list(eval_text *t, const char *format, va_list list)
{
    va_list again;

    va_copy(again, list);
    const int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0)
        t->is_failed = true;
    else if (make_room(t, (size_t)n))
        t->n += (size_t)vsnprintf(t->bytes + t->n, (size_t)n + 1, format, list);
}

void eval_text_add(eval_text *t, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    eval_text_add_list(t, format, list);
    va_end(list);
}

/* Bytes of the character at c, 0 when they are no UTF-8. */
static size_t utf8_length(const unsigned char *c)
{
    static const struct {
        uint8_t mask, lead, low, high; /* range of the second byte */
        uint8_t n;
    } forms[] = {
        {0x80, 0x00, 0x00, 0xff, 1}, {0xff, 0xe0, 0xa0, 0xbf, 3}, {0xff, 0xed, 0x80, 0x9f, 3},
        {0xf0, 0xe0, 0x80, 0xbf, 3}, {0xff, 0xf0, 0x90, 0xbf, 4}, {0xff, 0xf4, 0x80, 0x8f, 4},
        {0xfc, 0xf0, 0x80, 0xbf, 4}, {0xe0, 0xc0, 0x80, 0xbf, 2},
    };

    if (*c == 0xc0 || *c == 0xc1)
        return 0;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t k = 1;
        if ((*c & forms[i].mask) != forms[i].lead)
            continue;
        if (forms[i].n > 1 && (c[1] < forms[i].low || c[1] > forms[i].high))
            return 0;
        while (k < forms[i].n && (c[k] & 0xc0) == 0x80)
            k++;
        return k == forms[i].n ? k : 0;
    }
    return 0;
}

/* One character that needs no escape, or what stands for it; returns its bytes in the input. */
static size_t put_character(eval_text *t, const char *c)
{
    const size_t n = utf8_length((const unsigned char *)c);

    if (n == 0)
        eval_text_put(t, replacement, sizeof(replacement) - 1);
    else
        eval_text_put(t, c, n);
    return n ? n : 1;
}

void eval_text_html(eval_text *t, const char *text)
{
    static const char signs[] = "<>&\"'";
    static const char *const entities[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};

    for (const char *c = text ? text : ""; *c;) {
        const char *sign = strchr(signs, *c);
        const unsigned char code = (unsigned char)*c;
        if (sign) {
            eval_text_add(t, "%s", entities[sign - signs]);
            c++;
        } else if ((code < 0x20 && *c != '\n' && *c != '\t') || code == 0x7f) {
            eval_text_put(t, replacement, sizeof(replacement) - 1);
            c++;
        } else {
            c += put_character(t, c);
        }
    }
}

void eval_text_json(eval_text *t, const char *text)
{
    if (!text) {
        eval_text_add(t, "null");
        return;
    }
    eval_text_put(t, "\"", 1);
    for (const char *c = text; *c;) {
        if (*c == '"' || *c == '\\')
            eval_text_add(t, "\\%c", *c++);
        else if ((unsigned char)*c < 0x20)
            eval_text_add(t, "\\u%04x", (unsigned)*c++);
        else
            c += put_character(t, c);
    }
    eval_text_put(t, "\"", 1);
}

void eval_text_json_number(eval_text *t, double value)
{
    if (isfinite(value))
        eval_text_add(t, "%.6g", value);
    else
        eval_text_add(t, "null");
}

void eval_text_base64(eval_text *t, const void *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = bytes;

    for (size_t i = 0; i < n && !t->is_failed; i += 3) {
        const uint32_t b = i + 1 < n ? in[i + 1] : 0, c = i + 2 < n ? in[i + 2] : 0;
        const uint32_t v = (uint32_t)in[i] << 16 | b << 8 | c;
        const char out[4] = {digits[v >> 18], digits[v >> 12 & 63],
                             i + 1 < n ? digits[v >> 6 & 63] : '=',
                             i + 2 < n ? digits[v & 63] : '='};
        eval_text_put(t, out, sizeof(out));
    }
}

size_t eval_text_width(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}
