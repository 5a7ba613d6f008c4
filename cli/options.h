/* SPDX-License-Identifier: Apache-2.0 */
/* One table of options per command drives parsing, --help, the man page and shell completion.
 * Values are stored into one cli_args, whose initial values are the defaults. */
#ifndef LIMNER_CLI_OPTIONS_H
#define LIMNER_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limner/limner.h"

enum { CLI_MAX_FACES = 8, CLI_MAX_OPERANDS = 1 + CLI_MAX_FACES, CLI_MAX_SETTINGS = 64 };
enum { CLI_MAX_TABLES = 7 };
enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 }; /* exit status */

typedef struct cli_setting {
    int index; /* of the expression, LIMNER_N_EXPRESSION: tongueUp */
    float value;
} cli_setting;

/* Of an option that may be repeated, in the order given, each value once. */
typedef struct cli_counts {
    int32_t v[CLI_MAX_FACES];
    int n;
} cli_counts;

typedef struct cli_args {
    const char *operand[CLI_MAX_OPERANDS];
    int n_operands;
    const char *output, *format, *motion_out, *models, *preset, *verify, *debug, *voice;
    const char *landmarks, *report, *raw_pixel; /* of track */
    uint32_t raw_size[2];                       /* width, height, pixels; 0: not raw */
    const char *portrait, *audio; /* of bench; audio: of drive too; portrait: of eval too */
    const char *transcripts;      /* of eval */
    const char *timeline;         /* of speak and say */
    const char *plot;             /* of listen */
    const char *listen, *token, *origin, *cert, *key; /* of serve */
    int32_t port, sessions, session_s;                /* of serve */
    float max_s;
    uint32_t fps_num, fps_den;
    float neutral_s; /* of drive: NaN when not given */
    int32_t size, framing, face, threads, crf, speed, runs, seeds;
    int32_t streams;                            /* of bench */
    cli_counts faces, idle; /* of speak and drive; face is the first of faces then */
    uint64_t seed;
    uint32_t cpumask;
    bool has_cpumask, is_forced, prints_hash, prints_frame_times, is_quiet, is_json, is_still,
        is_absolute, is_csv, is_live, is_fast;
    limner_controls controls;
    limner_motion pose; /* NaN: as in the photo */
    cli_setting setting[CLI_MAX_SETTINGS];
    int n_settings;
    int argc; /* what was parsed, from the command's name on */
    char **argv;
} cli_args;

typedef enum cli_kind {
    CLI_FLAG,  /* bool */
    CLI_TEXT,  /* const char * */
    CLI_COUNT, /* int32_t in low..high */
    CLI_EVEN,  /* the same, even */
    CLI_COUNTS, /* cli_counts, in low..high */
    CLI_REAL,  /* float in low..high */
    CLI_REALS_2,
    CLI_REALS_3, /* consecutive floats A,B[,C] in low..high */
    CLI_CHOICE,  /* int32_t index into choices */
    CLI_WORD,    /* const char *, one of choices */
    CLI_RATE,    /* fps_num, fps_den: 25, 29.97, 30000/1001 */
    CLI_RAW,     /* uint32_t[2], fps_num, fps_den: 640x480@30 */
    CLI_SEED,    /* uint64_t */
    CLI_MASK,    /* uint32_t, hexadecimal with 0x too; sets has_cpumask */
    CLI_EMOTION, /* name:weight,... into controls.emotion */
    CLI_GAZE,    /* yaw,pitch or camera or at:x,y into controls */
    CLI_SETTING  /* name=value, appended to setting */
} cli_kind;

typedef struct cli_option {
    const char *name; /* without the dashes; NULL ends a table */
    char letter;      /* 0: none */
    cli_kind kind;
    size_t offset;     /* in cli_args */
    const char *value; /* shown: "N"; NULL for a flag */
    const char *help;  /* starts in lower case, no full stop; the default in brackets */
    double low, high;
    const char *const *choices; /* NULL-terminated */
} cli_option;

typedef struct cli_command {
    const char *name;
    const char *operands; /* shown: "PORTRAIT AUDIO" */
    int min_operands, max_operands;
    bool needs_output;
    const char *summary;                      /* one line */
    const char *description;                  /* paragraphs, separated by empty lines */
    const cli_option *tables[CLI_MAX_TABLES]; /* up to the first NULL */
    const char *const *examples;              /* NULL-terminated */
    int (*run)(const cli_args *args);         /* an exit status */
    const char *const *first;                 /* what the first operand may be; NULL: anything */
} cli_command;

/* An option that means nothing without another option or first operand, or beside one. */
typedef struct cli_bond {
    const char *command, *option, *other; /* option without its dashes; NULL ends a table */
    bool is_beside;                       /* it means nothing where the other is */
} cli_bond;

extern const cli_bond cli_bonds[];
extern const cli_command cli_commands[]; /* ended by a NULL name */
extern const int cli_n_commands;

const cli_command *cli_command_find(const char *name); /* NULL when there is none */
/* Calls `visit` for each option of the command, in the order of --help. */
void cli_each_option(const cli_command *command,
                     void (*visit)(void *user, const cli_option *option), void *user);

void cli_args_init(cli_args *args);
/* argv[0] is the command's name. CLI_OK, CLI_USAGE with a sentence in why, or -1: help is wanted.
 */
int cli_parse(cli_args *args, const cli_command *command, int argc, char **argv, char *why,
              size_t why_size);

#endif
