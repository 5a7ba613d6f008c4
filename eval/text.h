/* SPDX-License-Identifier: Apache-2.0 */
/* A text that grows as it is written, up to a named maximum, and the ways other texts must be
 * written to stand in HTML and JSON. When memory or room runs out the text remembers; adders never
 * fail. One thread. */
#ifndef LIMNER_EVAL_TEXT_H
#define LIMNER_EVAL_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct eval_text {
    char *bytes; /* ended by 0; NULL: nothing yet */
    size_t n, room, max_bytes;
    bool is_failed;
} eval_text;

void eval_text_open(eval_text *t, size_t max_bytes); /* empty; takes no memory yet */
void eval_text_close(eval_text *t);

void eval_text_add(eval_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void eval_text_add_list(eval_text *t, const char *format, va_list list);
void eval_text_put(eval_text *t, const char *bytes, size_t n);
/* Between tags or in quotes: the five signs of HTML become entities. Here and in JSON, bytes that
 * are no UTF-8 and control characters that HTML forbids become U+FFFD. */
void eval_text_html(eval_text *t, const char *text);
/* With its quotes; NULL: null. */
void eval_text_json(eval_text *t, const char *text);
/* %.6g; what is no number: null. */
void eval_text_json_number(eval_text *t, double value);
void eval_text_base64(eval_text *t, const void *bytes, size_t n);

/* How many characters a UTF-8 text shows. */
size_t eval_text_width(const char *text);

#endif
