/* SPDX-License-Identifier: Apache-2.0 */
/* limner track VIDEO -o MOTION.csv: the motion at the video's mean rate, frames without the face
 * interpolated. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "io/media.h"
#include "talk.h"
#include "track.h"

enum { REPORT_BYTES = 1024, RATE_SCALE = 1000 };

static int write_motion(const cli_args *args, const limner_io_motion_take *take)
{
    const uint32_t fps_num = (uint32_t)lround(fmin(fmax(take->fps, 1), 120) * RATE_SCALE);
    const long n = lround(limner_io_motion_duration_s(take) * fps_num / RATE_SCALE);
    limner_io_motion_writer *writer;
    char err[LIMNER_IO_ERROR_SIZE];
    int failed = limner_io_motion_writer_open(&writer, fps_num, RATE_SCALE, false, err);

    for (long i = 0; i < n && !failed; i++) {
        limner_motion m;

        limner_io_motion_at(&m, take, (double)i * RATE_SCALE / fps_num);
        failed = limner_io_motion_writer_add(writer, &m, err);
    }
    if (writer && limner_io_motion_writer_close(&writer, failed ? NULL : args->output, err) < 0)
        failed = -1;
    return failed ? cli_fail("%s", err) : CLI_OK;
}

static int write_landmarks(const cli_args *args, const cli_track *t)
{
    char err[LIMNER_IO_ERROR_SIZE];

    if (!args->landmarks ||
        limner_io_file_write(args->landmarks, t->landmarks,
                             (size_t)t->n_frames * sizeof(*t->landmarks), err) == 0)
        return CLI_OK;
    return cli_fail("%s", err);
}

static int write_report(const cli_args *args, const cli_track *t)
{
    char text[REPORT_BYTES], err[LIMNER_IO_ERROR_SIZE];
    const int n = snprintf(text, sizeof(text),
                           "{\"frames\": %ld, \"found\": %ld, \"lost\": %ld, "
                           "\"looked_for\": %ld, \"fps\": %.6g, \"rms_px\": %.3f, "
                           "\"total_s\": %.3f, \"frames_per_s\": %.1f}\n",
                           t->n_frames, t->n_found, t->n_frames - t->n_found, t->n_looked_for,
                           t->video_fps, t->rms_px, t->total_s,
                           (double)t->n_frames / t->total_s);

    if (args->is_json)
        fputs(text, stdout);
    if (args->report && limner_io_file_write(args->report, text, (size_t)n, err) < 0)
        return cli_fail("%s", err);
    return CLI_OK;
}

int cli_run_track(const cli_args *args)
{
    cli_track track;

    if (args->is_json && strcmp(args->output, "-") == 0) {
        cli_fail("--json wants standard output, which the motion takes");
        return CLI_USAGE;
    }
    if (!cli_track_video(&track, args, args->operand[0], args->face > 0 ? args->face : 0))
        return CLI_FAILED;
    int status = write_motion(args, &track.take);
    if (status == CLI_OK)
        status = write_landmarks(args, &track);
    if (status == CLI_OK)
        status = write_report(args, &track);
    if (status == CLI_OK)
        cli_note(args->is_quiet || args->is_json,
                 "%s: the face in %ld of %ld frames, followed in %.1f s (%.1f frames/s)",
                 strcmp(args->output, "-") == 0 ? "standard output" : args->output, track.n_found,
                 track.n_frames, track.total_s, (double)track.n_frames / track.total_s);
    cli_track_close(&track);
    return status;
}
