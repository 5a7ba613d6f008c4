/* SPDX-License-Identifier: Apache-2.0 */
/* Portrait + sound or motion -> video: what speak, say, drive and bench do. */
#ifndef LIMNER_CLI_JOB_H
#define LIMNER_CLI_JOB_H

#include "options.h"

typedef struct cli_result {
    long n_frames;
    uint32_t width_px, height_px;
    double sound_s;     /* length of the sound that drives */
    double motion_s;    /* length of the motion that drives */
    double total_s;     /* from start to the finished file */
    double portrait_s;  /* models and portrait */
    double render_s;    /* in the session */
    double wait_s;      /* for the encoder */
    double finish_s;    /* rest of the encoding, sound, renaming */
    double frame_ms[4]; /* in the session: 50th, 95th, 99th percentile, largest */
    uint64_t hash;
} cli_result;

typedef struct cli_task {
    const char *portrait;
    const char *const *voice;        /* [n]: sounds; motions when is_driven */
    int n;                           /* of them and of --face, or 1 without --face */
    bool is_driven;
    const char *sound[CLI_MAX_FACES]; /* is_driven: what is heard of each; NULL: nothing */
} cli_task;

/* Has said what went wrong when the status is not CLI_OK. */
int cli_job_run(cli_result *out, const cli_args *args, const cli_task *task);
/* Prints the result as the options ask for, compares --verify; an exit status. */
int cli_job_report(const cli_result *r, const cli_args *args);

#endif
