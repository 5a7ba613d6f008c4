/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing by table. Options may stand before, between and after operands; "--name=value" and
 * "--name value" are the same; "--" ends options; "-" is an operand. */
#include "options.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "option_value.h"

void cli_args_init(cli_args *args)
{
    float *pose = (float *)(void *)&args->pose;

    memset(args, 0, sizeof(*args));
    args->fps_num = 25;
    args->fps_den = 1;
    args->face = -1;
    args->framing = -1;
    args->crf = -1;
    args->runs = 3;
    args->streams = 1;
    args->speed = 160;
    args->seeds = 3;
    args->port = 8080;
    args->sessions = 4;
    args->session_s = 3600;
    args->voice = "en";
    args->raw_pixel = "rgb24";
    args->neutral_s = NAN;
    limner_controls_init(&args->controls, sizeof(args->controls));
    for (size_t i = 0; i < sizeof(args->pose) / sizeof(float); i++)
        pose[i] = NAN;
}

const cli_command *cli_command_find(const char *name)
{
    for (int i = 0; i < cli_n_commands; i++) {
        if (strcmp(cli_commands[i].name, name) == 0)
            return &cli_commands[i];
    }
    return NULL;
}

void cli_each_option(const cli_command *command,
                     void (*visit)(void *user, const cli_option *option), void *user)
{
    for (int t = 0; t < CLI_MAX_TABLES && command->tables[t]; t++) {
        for (const cli_option *o = command->tables[t]; o->name; o++)
            visit(user, o);
    }
}

typedef struct cli_search {
    const char *name;
    size_t n_name;
    char letter;
    const cli_option *found;
} cli_search;

static void compare(void *user, const cli_option *option)
{
    cli_search *s = user;

    if (s->letter ? option->letter == s->letter
                  : strncmp(option->name, s->name, s->n_name) == 0 && !option->name[s->n_name])
        s->found = option;
}

static bool is_given(const cli_parser *p, const char *name)
{
    for (int i = 0; i < p->n_given; i++) {
        if (strcmp(p->given[i], name) == 0)
            return true;
    }
    return false;
}

/* A file whose name looks like an option is what people mean. */
static int fail_unknown(const cli_parser *p, const char *text, int n_shown)
{
    return cli_parse_fail(p,
                          access(text, F_OK) == 0
                              ? "there is no option %.*s; the file of that name is ./%s"
                              : "there is no option %.*s",
                          n_shown, text, text);
}

/* One option at argv[*i]; moves *i over a separate value. */
static int parse_option(cli_parser *p, int argc, char **argv, int *i)
{
    const char *text = argv[*i], *value = NULL;
    const bool is_long = text[1] == '-';
    cli_search s = {.name = text + 2, .letter = is_long ? 0 : text[1]};

    if (is_long) {
        s.n_name = strcspn(s.name, "=");
        value = s.name[s.n_name] ? s.name + s.n_name + 1 : NULL;
    } else if (text[2]) {
        value = text + 2;
    }
    if (is_long ? strcmp(text, "--help") == 0 : strcmp(text, "-h") == 0)
        return -1;
    cli_each_option(p->command, compare, &s);
    const int n_shown = is_long ? (int)s.n_name + 2 : 2;
    if (!s.found)
        return fail_unknown(p, text, n_shown);
    if (s.found->kind == CLI_FLAG && value)
        return cli_parse_fail(p, "%.*s takes no value", n_shown, text);
    if (s.found->kind != CLI_FLAG && !value) {
        if (*i + 1 >= argc)
            return cli_parse_fail(p, "%s wants a value: %s", text, s.found->value);
        value = argv[++*i];
    }
    if (!is_given(p, s.found->name) && p->n_given < CLI_MAX_GIVEN)
        p->given[p->n_given++] = s.found->name;
    return cli_store_value(p, s.found, value);
}

/* Which sound or motion is whose: the first --face takes the first of them, and so on. */
static int check_faces(const cli_parser *p)
{
    cli_args *a = p->args;
    const int n_voices = a->n_operands - 1, n_faces = a->faces.n;
    const bool is_group = n_voices > 1 || n_faces > 1 || a->idle.n > 0;

    if (n_faces > 0)
        a->face = a->faces.v[0];
    if (is_group && n_voices != n_faces)
        return cli_parse_fail(p,
                              "%d of %s, but %d of --face; name the face of each, as in --face 0 "
                              "anna.wav --face 1 ben.wav",
                              n_voices, strchr(p->command->operands, ' ') + 1, n_faces);
    if (n_faces + a->idle.n > CLI_MAX_FACES)
        return cli_parse_fail(p, "%d faces; at most %d move in one picture", n_faces + a->idle.n,
                              CLI_MAX_FACES);
    for (int i = 0; i < a->idle.n; i++) {
        for (int j = 0; j < n_faces; j++) {
            if (a->idle.v[i] == a->faces.v[j])
                return cli_parse_fail(p, "face %d cannot idle: it is moved", (int)a->idle.v[i]);
        }
    }
    if (is_group && a->framing >= 0 && a->framing != LIMNER_FRAMING_FULL)
        return cli_parse_fail(p, "several faces are shown with --frame full only");
    if (is_group && a->motion_out)
        return cli_parse_fail(p, "--motion-out takes one face; run it for each of them");
    if (is_group)
        a->framing = LIMNER_FRAMING_FULL;
    return CLI_OK;
}

/* What would be ignored without a word is refused. */
static int check_bonds(const cli_parser *p)
{
    for (const cli_bond *b = cli_bonds; b->command; b++) {
        if (strcmp(b->command, p->command->name) != 0 || !is_given(p, b->option))
            continue;
        const bool is_operand = p->command->first != NULL;
        const bool is_there = is_operand
                                  ? p->args->n_operands && !strcmp(p->args->operand[0], b->other)
                                  : is_given(p, b->other);
        if (is_there == b->is_beside)
            return cli_parse_fail(p, "--%s is %s%s%s", b->option,
                                  b->is_beside ? "not for " : "only for ",
                                  is_operand ? "limner eval " : "--", b->other);
    }
    return CLI_OK;
}

static int check(const cli_parser *p)
{
    const cli_args *a = p->args;
    const char *name = p->command->operands;
    char list[CLI_LIST_SIZE];

    if (p->command->first && a->n_operands &&
        cli_find_word(p->command->first, a->operand[0], list) < 0)
        return cli_parse_fail(p, "%.*s is one of %s, not '%s'", (int)strcspn(name, " "), name, list,
                              a->operand[0]);
    if (a->n_operands < p->command->min_operands) {
        for (int i = 0; i < a->n_operands; i++)
            name = strchr(name, ' ') + 1;
        return cli_parse_fail(p, "%.*s is missing", (int)strcspn(name, " ."), name);
    }
    if (check_bonds(p) != CLI_OK)
        return CLI_USAGE;
    if (p->command->needs_output && !a->output)
        return cli_parse_fail(p, "where to? -o FILE is missing");
    return p->command->max_operands > 2 ? check_faces(p) : CLI_OK;
}

int cli_parse(cli_args *args, const cli_command *command, int argc, char **argv, char *why,
              size_t why_size)
{
    cli_parser p = {.args = args, .command = command, .why = why, .why_size = why_size};
    bool is_over = false;

    args->argc = argc;
    args->argv = argv;
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i];
        if (!is_over && strcmp(text, "--") == 0) {
            is_over = true;
        } else if (!is_over && text[0] == '-' && text[1]) {
            const int status = parse_option(&p, argc, argv, &i);
            if (status != CLI_OK)
                return status;
        } else if (args->n_operands == command->max_operands) {
            return cli_parse_fail(&p, "'%s' is one argument too many", text);
        } else {
            args->operand[args->n_operands++] = text;
        }
    }
    const int status = check(&p);
    if (args->framing < 0)
        args->framing = LIMNER_FRAMING_CROP;
    return status;
}
