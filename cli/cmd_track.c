/* SPDX-License-Identifier: Apache-2.0 */
/* limner track VIDEO -o MOTION.csv: the motion at the video's mean rate, frames without the face
 * interpolated; to a pipe each frame's own motion at once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "io/media.h"
#include "outputs.h"
#include "talk.h"
#include "track.h"

enum { REPORT_BYTES = 1024, RATE_SCALE = 1000 };

static uint32_t rate_of(double fps)
{
    return (uint32_t)lround(fmin(fmax(fps, 1), 120) * RATE_SCALE);
}

static int write_motion(const cli_args *args, const limner_io_motion_take *take)
{
    const uint32_t fps_num = rate_of(take->fps);
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

typedef struct cli_live {
    const cli_args *args;
    limner_io_motion_writer *writer; /* from the first row on */
    char err[LIMNER_IO_ERROR_SIZE];
} cli_live;

static bool write_row(void *user, const cli_track *t, double time_s, const limner_motion *m)
{
    cli_live *live = user;
    int failed = 0;

    if (!live->writer)
        failed = limner_io_motion_writer_open(&live->writer, rate_of(t->video_fps), RATE_SCALE,
                                              false, live->err) < 0 ||
                 limner_io_motion_writer_go_live(live->writer, live->args->output, live->err) < 0;
    if (!failed)
        failed = limner_io_motion_writer_add_at(live->writer, m, time_s, live->err);
    if (failed)
        cli_fail("%s", live->err);
    return !failed;
}

static int track_live(cli_track *out, const cli_args *args, int32_t face)
{
    cli_live live = {.args = args};
    const bool is_done = cli_track_live(out, args, args->operand[0], face, write_row, &live);
    const int failed =
        limner_io_motion_writer_close(&live.writer, is_done ? args->output : NULL, live.err);

    if (failed)
        cli_track_close(out);
    return failed ? cli_fail("%s", live.err) : is_done ? CLI_OK : CLI_FAILED;
}

static int track_take(cli_track *out, const cli_args *args, int32_t face)
{
    if (!cli_track_video(out, args, args->operand[0], face))
        return CLI_FAILED;
    const int status = write_motion(args, &out->take);
    if (status != CLI_OK)
        cli_track_close(out);
    return status;
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
                           "\"lip_error\": %.4f, \"total_s\": %.3f, \"frames_per_s\": %.1f}\n",
                           t->n_frames, t->n_found, t->n_frames - t->n_found, t->n_looked_for,
                           t->video_fps, t->rms_px, t->lip_error, t->total_s,
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
    const char *outputs[] = {args->output, args->landmarks, args->report,
                             args->is_json ? "-" : NULL};
    const int32_t face = args->face > 0 ? args->face : 0;
    int status = cli_outputs_check(outputs, 4, args->operand, 1);
    if (status != CLI_OK)
        return status;
    if (!cli_output_is_named(args->output, "the motion is a CSV file", ".csv"))
        return CLI_USAGE;
    status = cli_output_is_pipe(args->output) ? track_live(&track, args, face)
                                              : track_take(&track, args, face);
    if (status != CLI_OK)
        return status;
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
