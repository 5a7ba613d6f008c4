/* SPDX-License-Identifier: Apache-2.0 */
/* limner drive PORTRAIT MOTION... -o OUT. A video lends its own sound where --audio names no
 * other. */
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
    cli_task task = {.portrait = args->operand[0], .voice = args->operand + 1,
                     .n = args->n_operands - 1, .is_driven = true, .sound = {args->audio}};
    cli_result result;

    for (int i = 0; i < task.n && !args->audio; i++) {
        const char *motion = task.voice[i];
        if (cli_drive_is_video(motion) && has_sound(motion))
            task.sound[i] = motion;
    }
    const int status = cli_job_run(&result, args, &task);

    return status == CLI_OK ? cli_job_report(&result, args) : status;
}
