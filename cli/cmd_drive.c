/* SPDX-License-Identifier: Apache-2.0 */
/* limner drive PORTRAIT MOTION -o OUT. A video lends its own sound where --audio names no other. */
#include "commands.h"
#include "drive.h"
#include "io/media.h"
#include "job.h"

static bool has_sound(const char *path)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_audio *audio;
    const bool has = limner_io_audio_open(&audio, path, err) == 0;

    limner_io_audio_close(&audio);
    return has;
}

int cli_run_drive(const cli_args *args)
{
    const char *motion = args->operand[1], *audio = args->audio;
    cli_result result;

    if (!audio && cli_drive_is_video(motion) && has_sound(motion))
        audio = motion;
    const int status = cli_job_drive(&result, args, args->operand[0], motion, audio);

    return status == CLI_OK ? cli_job_report(&result, args) : status;
}
