/* SPDX-License-Identifier: Apache-2.0 */
/* A video's face as motion, for limner track and limner drive. */
#ifndef LIMNER_CLI_TRACK_H
#define LIMNER_CLI_TRACK_H

#include "io/motion_take.h"
#include "options.h"

typedef struct cli_track {
    limner_io_motion_take take; /* of the frames with the face, and of the last one */
    float (*landmarks)[478][2]; /* [n_frames], pixels, NaN without a face; if asked for */
    long n_frames, n_found, n_looked_for; /* frames; with the face; with the detector's help */
    double video_fps;           /* mean rate */
    double rms_px;              /* mean distance of landmarks from the fitted face */
    double lip_error;           /* mean over frames of limner_tracked's */
    double total_s;
} cli_track;

/* Takes a frame's motion; false: it has said what is wrong. */
typedef bool (*cli_track_row)(void *user, const cli_track *t, double time_s,
                              const limner_motion *m);

/* Follows a face (0 the largest) through a video or photo. Landmarks are kept with
 * --landmarks. Says what is wrong (no face at all, too) and returns false. */
bool cli_track_video(cli_track *out, const cli_args *args, const char *path, int32_t face);
/* The same, live: `row` is called for each frame from the first with the face on, as soon as the
 * tracker knows it; a lost face keeps its last motion and glides back from it. The take stays
 * empty. */
bool cli_track_live(cli_track *out, const cli_args *args, const char *path, int32_t face,
                    cli_track_row row, void *user);
void cli_track_close(cli_track *t); /* NULL-safe */

#endif
