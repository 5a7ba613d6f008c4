/* SPDX-License-Identifier: Apache-2.0 */
/* --help: wrapped at 80 columns. */
#include "help.h"

#include <string.h>

enum { COLUMNS = 79, OPTION_COLUMN = 28 };

/* Prints text in lines of COLUMNS, the first starting at column `at`, others at `indent`. */
static void print_wrapped(FILE *out, const char *text, int at, int indent)
{
    bool is_line_start = true;

    while (*text) {
        const int n = (int)strcspn(text, " \n");
        if (!is_line_start && at + 1 + n > COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
        } else if (!is_line_start) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", n, text);
        at += n;
        text += n;
        is_line_start = strncmp(text, "\n\n", 2) == 0;
        if (is_line_start) {
            fprintf(out, "\n\n%*s", indent, "");
            at = indent;
        }
        text += strspn(text, " \n");
    }
    fputc('\n', out);
}

static void print_option(void *user, const cli_option *o)
{
    FILE *out = user;
    int n = o->letter ? fprintf(out, "  -%c, --%s", o->letter, o->name)
                      : fprintf(out, "      --%s", o->name);

    if (o->value)
        n += fprintf(out, " %s", o->value);
    if (n + 2 > OPTION_COLUMN) {
        fputc('\n', out);
        n = 0;
    }
    fprintf(out, "%*s", OPTION_COLUMN - n, "");
    print_wrapped(out, o->help, OPTION_COLUMN, OPTION_COLUMN);
}

void cli_help_command(FILE *out, const cli_command *command)
{
    fprintf(out, "limner %s: %s\n\nusage: limner %s%s%s%s [options]\n\n", command->name,
            command->summary, command->name, *command->operands ? " " : "", command->operands,
            command->needs_output ? " -o FILE" : "");
    print_wrapped(out, command->description, 0, 0);
    fprintf(out, "\noptions:\n");
    cli_each_option(command, print_option, out);
    fprintf(out, "  -h, --help                this text\n");
    if (strcmp(command->name, "pose") == 0) {
        fprintf(out, "\nexpressions for --set:\n  ");
        char names[2048] = "tongueUp";
        for (int i = 0; i < LIMNER_N_EXPRESSION; i++) {
            strcat(names, " ");
            strcat(names, limner_expression_name(i));
        }
        print_wrapped(out, names, 2, 2);
    }
    fprintf(out, "\nexamples:\n");
    for (int i = 0; command->examples[i]; i++)
        fprintf(out, "  %s\n", command->examples[i]);
}

void cli_help_all(FILE *out)
{
    fprintf(out, "limner turns one portrait and a voice into a talking-head video.\n\n"
                 "usage: limner COMMAND [arguments]\n\ncommands:\n");
    for (int i = 0; i < cli_n_commands; i++)
        fprintf(out, "  %-10s%s\n", cli_commands[i].name, cli_commands[i].summary);
    fprintf(out, "  %-10s%s\n\n", "help", "this text, or that of a command: limner help speak");
    fprintf(out, "first steps:\n  limner speak photo.jpg voice.wav -o talk.mp4\n"
                 "  limner say photo.jpg \"Any text\" -o talk.mp4\n\n");
    print_wrapped(out,
                  "Show only people who agreed to it: every MP4, MOV, WebM and PNG is labelled as "
                  "synthetic. "
                  "Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.",
                  0, 0);
}
