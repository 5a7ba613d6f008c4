/* SPDX-License-Identifier: Apache-2.0 */
/* Text for csv.c: a bounded line being written, and lines and fields of a text being read. Numbers
 * are written and read with a decimal point whatever the locale. */
#ifndef LIMNER_MOTION_CSV_TEXT_H
#define LIMNER_MOTION_CSV_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct limner_text {
    char *buf;                  /* always 0-terminated after an addition; what is beyond is cut */
    size_t room, len;           /* room includes the terminating 0 */
} limner_text;

void limner_text_add(limner_text *t, const char *s);
void limner_text_add_digits(limner_text *t, uint64_t x, int min_digits);
void limner_text_add_number(limner_text *t, double x);  /* 7 decimals; 0 if not finite or >= 1e9 */

typedef struct limner_text_field {
    const char *at;
    size_t len;
} limner_text_field;

typedef struct limner_text_fields {
    const char *next, *end;     /* next line */
    const char *field, *line_end;       /* next field of this line; NULL: none left */
    int line;                   /* of the current one, from 1 */
} limner_text_fields;

void limner_text_begin(limner_text_fields *f, const char *text, size_t len_bytes);
bool limner_text_next_line(limner_text_fields *f);      /* false at the end */
/* Fields are separated by commas; blanks around them are cut. An empty line has one empty field. */
bool limner_text_next_field(limner_text_fields *f, limner_text_field *out);
bool limner_text_is_blank_to_end(const limner_text_fields *f);  /* this line and all after it */
size_t limner_text_lines_left(const limner_text_fields *f);     /* after this one */
/* The whole field as [+-]digits[.digits][e[+-]digits]; false if it is anything else. */
bool limner_text_number(const limner_text_field *f, double *out);

#endif
