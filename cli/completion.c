/* SPDX-License-Identifier: Apache-2.0 */
/* Shell completion, printed by the hidden `limner help --completion SHELL` when limner is built. */
#include <string.h>

#include "help.h"

static void print_words(FILE *out, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        fprintf(out, "%s%s", i ? " " : "", words[i]);
}

static void print_name(void *user, const cli_option *o)
{
    fprintf(user, " --%s", o->name);
}

static void print_bash_choices(void *user, const cli_option *o)
{
    if (!o->choices)
        return;
    fprintf(user, "    --%s) COMPREPLY=($(compgen -W \"", o->name);
    print_words(user, o->choices);
    fprintf(user, "\" -- \"$cur\")); return ;;\n");
}

static void print_bash(FILE *out)
{
    fprintf(out, "# bash completion for limner, made from its option tables\n_limner()\n{\n"
                 "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
                 "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"");
    for (int i = 0; i < cli_n_commands; i++)
        fprintf(out, "%s ", cli_commands[i].name);
    fprintf(out, "help\" -- \"$cur\")); return\n  fi\n  case $prev in\n");
    cli_each_option(&cli_commands[0], print_bash_choices, out);
    fprintf(out, "  esac\n  case $COMP_CWORD,${COMP_WORDS[1]} in\n");
    for (int i = 0; i < cli_n_commands; i++) {
        if (!cli_commands[i].first)
            continue;
        fprintf(out, "    2,%s) COMPREPLY=($(compgen -W \"", cli_commands[i].name);
        print_words(out, cli_commands[i].first);
        fprintf(out, "\" -- \"$cur\")); return ;;\n");
    }
    fprintf(out, "  esac\n  case ${COMP_WORDS[1]} in\n");
    for (int i = 0; i < cli_n_commands; i++) {
        fprintf(out, "    %s) words=\"--help", cli_commands[i].name);
        cli_each_option(&cli_commands[i], print_name, out);
        fprintf(out, "\" ;;\n");
    }
    fprintf(out, "  esac\n  case $cur in\n    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) "
                 ";;\n    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n  esac\n}\n"
                 "complete -o filenames -F _limner limner\n");
}

/* Text between single quotes of a shell; `also` is escaped with a backslash. */
static void print_quoted(FILE *out, const char *text, const char *also)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            fprintf(out, "'\\''");
        else
            fprintf(out, strchr(also, *c) ? "\\%c" : "%c", *c);
    }
}

static void print_zsh_option(void *user, const cli_option *o)
{
    FILE *out = user;

    fprintf(out, " \\\n        '--%s[", o->name);
    print_quoted(out, o->help, "[]:");
    fprintf(out, "]");
    if (o->value) {
        fprintf(out, o->choices ? ":%s:(" : ":%s:_files", o->value);
        if (o->choices)
            print_words(out, o->choices);
        fprintf(out, o->choices ? ")'" : "'");
    } else {
        fprintf(out, "'");
    }
}

static void print_zsh(FILE *out)
{
    fprintf(out, "#compdef limner\n# made from limner's option tables\n_limner() {\n"
                 "  if (( CURRENT == 2 )); then\n    local -a commands=(");
    for (int i = 0; i < cli_n_commands; i++) {
        fprintf(out, "\n      '%s:", cli_commands[i].name);
        print_quoted(out, cli_commands[i].summary, ":");
        fprintf(out, "'");
    }
    fprintf(out, ")\n    _describe command commands\n    return\n  fi\n  case $words[2] in\n");
    for (int i = 0; i < cli_n_commands; i++) {
        fprintf(out, "    %s)\n      shift words; (( CURRENT-- ))\n      _arguments",
                cli_commands[i].name);
        cli_each_option(&cli_commands[i], print_zsh_option, out);
        if (cli_commands[i].first) {
            fprintf(out, " \\\n        '1:%.*s:(", (int)strcspn(cli_commands[i].operands, " "),
                    cli_commands[i].operands);
            print_words(out, cli_commands[i].first);
            fprintf(out, ")'");
        }
        fprintf(out, " \\\n        '*:file:_files' ;;\n");
    }
    fprintf(out, "  esac\n}\n_limner \"$@\"\n");
}

typedef struct cli_fish {
    FILE *out;
    const char *command;
} cli_fish;

static void print_fish_option(void *user, const cli_option *o)
{
    const cli_fish *f = user;

    fprintf(f->out, "complete -c limner -n '__fish_seen_subcommand_from %s' -l %s", f->command,
            o->name);
    if (o->letter)
        fprintf(f->out, " -s %c", o->letter);
    if (o->value)
        fprintf(f->out, o->choices ? " -x" : " -r");
    if (o->choices) {
        fprintf(f->out, " -a '");
        print_words(f->out, o->choices);
        fprintf(f->out, "'");
    }
    fprintf(f->out, " -d '");
    for (const char *c = o->help; *c; c++)
        fprintf(f->out, *c == '\'' || *c == '\\' ? "\\%c" : "%c", *c);
    fprintf(f->out, "'\n");
}

static void print_fish(FILE *out)
{
    fprintf(out, "# fish completion for limner, made from its option tables\n");
    for (int i = 0; i < cli_n_commands; i++) {
        cli_fish f = {out, cli_commands[i].name};
        fprintf(out, "complete -c limner -n __fish_use_subcommand -a %s -d '%s'\n",
                cli_commands[i].name, cli_commands[i].summary);
        if (cli_commands[i].first) {
            fprintf(out,
                    "complete -c limner -n '__fish_seen_subcommand_from %s; and not "
                    "__fish_seen_subcommand_from ",
                    cli_commands[i].name);
            print_words(out, cli_commands[i].first);
            fprintf(out, "' -x -a '");
            print_words(out, cli_commands[i].first);
            fprintf(out, "'\n");
        }
        cli_each_option(&cli_commands[i], print_fish_option, &f);
    }
}

int cli_print_completion(FILE *out, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        print_bash(out);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(out);
    else if (strcmp(shell, "fish") == 0)
        print_fish(out);
    else
        return CLI_USAGE;
    return CLI_OK;
}
