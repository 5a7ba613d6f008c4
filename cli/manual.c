/* SPDX-License-Identifier: Apache-2.0 */
/* limner(1) in man(7) macros, printed by the hidden `limner help --man` when limner is built. */
#include <string.h>

#include "help.h"
#include "limner/version.h"

/* Text with troff's special characters made harmless. */
static void print_text(FILE *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '-' || *c == '\\')
            fprintf(out, *c == '-' ? "\\-" : "\\e");
        else if ((*c == '.' || *c == '\'') && (c == text || c[-1] == '\n'))
            fprintf(out, "\\&%c", *c);
        else if (c[0] == '\n' && c[1] == '\n') {
            fprintf(out, "\n.PP\n");
            c++;
        } else {
            fputc(*c, out);
        }
    }
    fputc('\n', out);
}

static void print_option(void *user, const cli_option *o)
{
    FILE *out = user;

    fprintf(out, ".TP\n");
    if (o->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
    fprintf(out, "\\fB\\-\\-");
    for (const char *c = o->name; *c; c++)
        fprintf(out, *c == '-' ? "\\-" : "%c", *c);
    fprintf(out, "\\fR%s%s%s\n", o->value ? " \\fI" : "", o->value ? o->value : "",
            o->value ? "\\fR" : "");
    print_text(out, o->help);
}

static void print_command(FILE *out, const cli_command *c)
{
    fprintf(out, ".SS \"limner %s %s%s\"\n", c->name, c->operands,
            c->needs_output ? " \\-o FILE" : "");
    print_text(out, c->summary);
    fprintf(out, ".PP\n");
    print_text(out, c->description);
    cli_each_option(c, print_option, out);
}

void cli_print_manual(FILE *out)
{
    fprintf(out,
            ".TH LIMNER 1 \"\" \"limner %s\" \"User Commands\"\n.SH NAME\n"
            "limner \\- one portrait and a voice become a talking\\-head video\n"
            ".SH SYNOPSIS\n",
            LIMNER_VERSION_STRING);
    for (int i = 0; i < cli_n_commands; i++)
        fprintf(out, ".B limner %s\n%s%s%s[options]\n.br\n", cli_commands[i].name,
                cli_commands[i].operands, cli_commands[i].needs_output ? " \\-o FILE" : "",
                *cli_commands[i].operands ? " " : "");
    fprintf(out, ".SH DESCRIPTION\nEverything is computed on this machine's CPU. "
                 "Outputs appear under their names only when they are complete; until then they "
                 "are called NAME.partial\\-PID, beside the target. What a program that was killed "
                 "(SIGKILL) left goes when the same output is written next.\n.SH COMMANDS\n");
    for (int i = 0; i < cli_n_commands; i++)
        print_command(out, &cli_commands[i]);
    fprintf(out, ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage; stopped by a signal: the "
                 "signal's (130 in a shell after Ctrl\\-C), nothing is left behind.\n"
                 ".SH ENVIRONMENT\n.TP\n.B LIMNER_MODELS\nfolder of the model files\n.TP\n"
                 ".B LIMNER_CACHE\nfolder whose models/ holds what tools/fetch\\-models fetched "
                 "(~/.cache/limner)\n.TP\n.B TMPDIR\nwhere pipes are kept while they are used\n"
                 ".SH EXAMPLES\n.nf\n");
    for (int i = 0; i < cli_n_commands; i++) {
        for (int k = 0; cli_commands[i].examples[k]; k++)
            print_text(out, cli_commands[i].examples[k]);
    }
    fprintf(out, ".fi\n.SH NOTES\nShow only people who agreed to it. Every video says in its "
                 "metadata that it is synthetic.\n");
}
