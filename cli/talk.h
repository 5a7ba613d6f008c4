/* SPDX-License-Identifier: Apache-2.0 */
/* What the command tells people: everything but results goes to stderr. */
#ifndef LIMNER_CLI_TALK_H
#define LIMNER_CLI_TALK_H

#include <stdbool.h>
#include <stdio.h>

/* "limner: ..." on stderr; returns CLI_FAILED. */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* On stderr, unless args say quiet. */
void cli_note(bool is_quiet, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A bar on stderr, redrawn a few times a second; nothing when stderr is no terminal. */
typedef struct cli_progress {
    bool is_shown;
    const char *unit; /* of what is counted; set to "frames" by start */
    double started_s, drawn_s;
} cli_progress;

void cli_progress_start(cli_progress *p, bool is_quiet);
/* total 0: not known. */
void cli_progress_draw(cli_progress *p, long done, long total);
void cli_progress_clear(cli_progress *p);

double cli_now_s(void); /* monotonic */
/* Text as a JSON string with its quotes; NULL becomes null. */
void cli_json_text(FILE *out, const char *text);

#endif
