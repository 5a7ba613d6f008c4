/* SPDX-License-Identifier: Apache-2.0 */
/* Motion from a pipe for limner drive: rows are taken as they come and held back no longer than
 * interpolation needs, after those that the neutral face is taken from. */
#ifndef LIMNER_CLI_LIVE_H
#define LIMNER_CLI_LIVE_H

#include "io/media.h"
#include "io/motion_stream.h"
#include "io/motion_take.h"

typedef struct cli_live {
    limner_io_motion_stream *stream; /* NULL: closed */
    limner_io_motion_take rows;      /* those that are still needed */
    size_t room;
    bool is_absolute, is_over, has_neutral;
    double neutral_s; /* how much is looked at for the neutral face */
    limner_motion neutral;
    long n_rows; /* in all */
    double last_s; /* of the last row */
    char err[LIMNER_IO_ERROR_SIZE];
} cli_live;

/* 0; -1 with a sentence in err; 1: this file cannot be read live. */
int cli_live_open(cli_live *out, const char *path, bool is_absolute, double neutral_s);
/* The motion at time_s, relative unless the file's own is wanted; times rise from call to call.
 * Waits for the rows it needs. 1; 0: the motion ends before a frame of step_s does; -1. */
int cli_live_at(cli_live *live, limner_motion *out, double time_s, double step_s);
/* So far: to the last row and one mean row more. */
double cli_live_duration_s(const cli_live *live);
void cli_live_close(cli_live *live);

#endif
