/* SPDX-License-Identifier: Apache-2.0 */
/* The values of options, from text to their places in cli_args. */
#ifndef LIMNER_CLI_OPTION_VALUE_H
#define LIMNER_CLI_OPTION_VALUE_H

#include "options.h"

enum { CLI_MAX_GIVEN = 64 }; /* more than any command has options */

typedef struct cli_parser {
    cli_args *args;
    const cli_command *command;
    char *why;
    size_t why_size;
    const char *given[CLI_MAX_GIVEN]; /* names of the options there, each once */
    int n_given;
} cli_parser;

/* Writes the sentence into p->why; returns CLI_USAGE. */
int cli_parse_fail(const cli_parser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The option's value, or a flag's presence (text is NULL then), into p->args. */
int cli_store_value(const cli_parser *p, const cli_option *o, const char *text);

enum { CLI_LIST_SIZE = 256 };

/* The index of text; -1, and all choices in words, when it is none of them. */
int32_t cli_find_word(const char *const *choices, const char *text, char list[CLI_LIST_SIZE]);

#endif
