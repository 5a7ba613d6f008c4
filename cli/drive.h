/* SPDX-License-Identifier: Apache-2.0 */
/* A motion file, or a video whose face is followed, as what drives a portrait: read, made relative
 * to its own neutral face, strengthened as the options ask. From a pipe to a pipe it is live. */
#ifndef LIMNER_CLI_DRIVE_H
#define LIMNER_CLI_DRIVE_H

#include "io/motion_take.h"
#include "live.h"
#include "options.h"

typedef struct cli_drive {
    limner_io_motion_take take; /* the whole of it, unless live */
    bool is_absolute; /* to be shown as it is, whatever the portrait's photo */
    bool is_live;
    cli_live live;
} cli_drive;

/* Whether the file is to be followed as a video: it does not end in .csv and is no pipe. */
bool cli_drive_is_video(const char *path);
/* Says what is wrong and returns false. */
bool cli_drive_open(cli_drive *out, const cli_args *args, const char *path);
/* Frames at the options' rate, at least 1; 0 when it is live and they are not known. */
long cli_drive_n_frames(const cli_drive *d, const cli_args *args);
/* Length of the motion; live: so far. */
double cli_drive_duration_s(const cli_drive *d);
/* Frame n at the options' rate: what the file asks for, and how this portrait shows it. Frames are
 * asked for one after another. 1; 0: n is the number of frames; -1: it has said what is wrong. */
int cli_drive_frame(cli_drive *d, const cli_args *args, const limner_portrait *portrait, long n,
                    limner_motion *asked, limner_motion *shown);
void cli_drive_close(cli_drive *d); /* NULL-safe */

#endif
