/* SPDX-License-Identifier: Apache-2.0 */
/* Motion for limner drive. The gains scale what moves away from 0: the neutral face and
 * head of a relative motion, the mean face looking into the camera of an absolute one. Lids and
 * gaze are left alone: half a blink is no blink. */
#include "drive.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "io/media.h"
#include "io/portrait.h"
#include "io/source.h"
#include "outputs.h"
#include "talk.h"
#include "track.h"

#define LIVE_NEUTRAL_S 1 /* enough for a fifth of it to be no blink and no syllable */

bool cli_drive_is_video(const char *path)
{
    const char *dot = strrchr(path, '.');

    return strcmp(path, "-") != 0 && (!dot || strcasecmp(dot, ".csv") != 0);
}

static void tell_gaps(const cli_args *args, const char *path, const limner_io_motion_gaps *g)
{
    if (g->n_gaps > 0)
        cli_note(args->is_quiet || args->is_json,
                 "%s: %zu frames are missing in %zu places, for %.2f s at most; the motion is "
                 "interpolated there",
                 path, g->n_missing, g->n_gaps, g->longest_s);
}

static bool read_file(limner_io_motion_take *out, const cli_args *args, const char *path)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_motion_gaps gaps;

    int failed = limner_io_motion_read(out, path, err);
    if (!failed)
        failed = limner_io_motion_find_gaps(&gaps, out, err);
    if (failed)
        cli_fail("%s", err);
    else
        tell_gaps(args, path, &gaps);
    return !failed;
}

static bool read_take(limner_io_motion_take *out, const cli_args *args, const char *path)
{
    cli_track track;

    if (!cli_drive_is_video(path))
        return read_file(out, args, path);
    if (!cli_track_video(&track, args, path, 0)) /* --face chooses in the photo */
        return false;
    *out = track.take;
    return true;
}

static bool make_relative(limner_io_motion_take *take, double until_s)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_motion neutral;

    if (limner_io_motion_neutral(&neutral, take, until_s, err) < 0) {
        cli_fail("%s", err);
        return false;
    }
    limner_io_motion_make_relative(take, &neutral);
    return true;
}

static bool open_take(cli_drive *out, const cli_args *args, const char *path)
{
    bool is_open = read_take(&out->take, args, path);

    if (is_open && !out->is_absolute && !out->take.is_relative)
        is_open = make_relative(&out->take,
                                isnan(args->neutral_s) ? INFINITY : (double)args->neutral_s);
    if (is_open && cli_drive_n_frames(out, args) > LIMNER_IO_MAX_MOTION_FRAMES) {
        cli_fail("%s: lasts %.0f s, which are more than %d frames; cut it into parts", path,
                 limner_io_motion_duration_s(&out->take), LIMNER_IO_MAX_MOTION_FRAMES);
        is_open = false;
    }
    return is_open;
}

/* Whoever waits for the frames at the other end shall not wait for the end of the motion. */
static bool is_live(const cli_args *args, const char *path)
{
    return !cli_drive_is_video(path) && limner_io_is_pipe(path) &&
           cli_output_is_pipe(args->output);
}

bool cli_drive_open(cli_drive *out, const cli_args *args, const char *path)
{
    const double neutral_s = isnan(args->neutral_s) ? LIVE_NEUTRAL_S : (double)args->neutral_s;

    out->is_absolute = args->is_absolute;
    if (limner_io_is_portrait(path)) {
        cli_fail("%s: is a portrait, not a motion; the portrait comes first, then the motion",
                 path);
        return false;
    }
    const int status =
        is_live(args, path) ? cli_live_open(&out->live, path, out->is_absolute, neutral_s) : 1;
    out->is_live = status == 0;
    if (status < 0)
        cli_fail("%s", out->live.err);
    const bool is_open = status == 0 || (status > 0 && open_take(out, args, path));
    if (!is_open)
        cli_drive_close(out);
    return is_open;
}

double cli_drive_duration_s(const cli_drive *d)
{
    return d->is_live ? cli_live_duration_s(&d->live) : limner_io_motion_duration_s(&d->take);
}

long cli_drive_n_frames(const cli_drive *d, const cli_args *args)
{
    const double nearly = 1e-3; /* of a frame: times are rounded */

    if (d->is_live)
        return 0;
    const double n = limner_io_motion_duration_s(&d->take) * args->fps_num / args->fps_den;
    return (long)fmax(1, fmin(floor(n + nearly), 1e9));
}

static float gain_of(int index, const limner_controls *c)
{
    switch (index) {
    case LIMNER_EYE_SQUINT_LEFT: case LIMNER_EYE_SQUINT_RIGHT:
    case LIMNER_EYE_WIDE_LEFT: case LIMNER_EYE_WIDE_RIGHT:
    case LIMNER_MOUTH_SMILE_LEFT: case LIMNER_MOUTH_SMILE_RIGHT:
    case LIMNER_MOUTH_FROWN_LEFT: case LIMNER_MOUTH_FROWN_RIGHT:
    case LIMNER_MOUTH_DIMPLE_LEFT: case LIMNER_MOUTH_DIMPLE_RIGHT:
    case LIMNER_CHEEK_SQUINT_LEFT: case LIMNER_CHEEK_SQUINT_RIGHT:
    case LIMNER_NOSE_SNEER_LEFT: case LIMNER_NOSE_SNEER_RIGHT:
        return c->expression_gain;
    default:
        if (index >= LIMNER_BROW_DOWN_LEFT && index <= LIMNER_BROW_OUTER_UP_RIGHT)
            return c->expression_gain;
        return index >= LIMNER_JAW_FORWARD ? c->mouth_gain : 1;
    }
}

static void strengthen(limner_motion *m, const limner_controls *c)
{
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        m->expression[i] = fminf(m->expression[i] * gain_of(i, c), 1);
    m->tongue_up = fminf(m->tongue_up * c->mouth_gain, 1);
    m->yaw *= c->head_gain;
    m->pitch *= c->head_gain;
    m->roll *= c->head_gain;
    m->x *= c->head_gain;
    m->y *= c->head_gain;
    m->z *= c->head_gain;
    m->distance = powf(m->distance, c->head_gain);
    m->breath *= c->head_gain;
    m->sway *= c->head_gain;
}

/* What the file says of frame n, relative unless absolute; 1, 0, -1. */
static int find_motion(cli_drive *d, const cli_args *args, long n, limner_motion *out)
{
    const double step_s = (double)args->fps_den / args->fps_num;
    const double time_s = (double)n * args->fps_den / args->fps_num;

    if (d->is_live) {
        const int more = cli_live_at(&d->live, out, time_s, step_s);
        if (more < 0)
            cli_fail("%s", d->live.err);
        return more;
    }
    if (n >= cli_drive_n_frames(d, args))
        return 0;
    limner_io_motion_at(out, &d->take, time_s);
    return 1;
}

int cli_drive_frame(cli_drive *d, const cli_args *args, const limner_portrait *portrait, long n,
                    limner_motion *asked, limner_motion *shown)
{
    const int more = find_motion(d, args, n, asked);

    if (more <= 0)
        return more;
    strengthen(asked, &args->controls);
    if (d->is_absolute)
        *shown = *asked;
    else
        limner_portrait_apply(portrait, asked, shown);
    return 1;
}

void cli_drive_close(cli_drive *d)
{
    if (!d)
        return;
    cli_live_close(&d->live);
    limner_io_motion_close(&d->take);
}
