/* SPDX-License-Identifier: Apache-2.0 */
/* Motion for limner drive. The gains scale what moves away from 0: the neutral face and
 * head of a relative motion, the mean face looking into the camera of an absolute one. Lids and
 * gaze are left alone: half a blink is no blink. */
#include "drive.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "io/media.h"
#include "talk.h"
#include "track.h"

bool cli_drive_is_video(const char *path)
{
    const char *dot = strrchr(path, '.');

    return strcmp(path, "-") != 0 && (!dot || strcasecmp(dot, ".csv") != 0);
}

static bool read_take(limner_io_motion_take *out, const cli_args *args, const char *path)
{
    char err[LIMNER_IO_ERROR_SIZE];
    cli_track track;

    if (!cli_drive_is_video(path)) {
        if (limner_io_motion_read(out, path, err) == 0)
            return true;
        cli_fail("%s", err);
        return false;
    }
    if (!cli_track_video(&track, args, path, 0)) /* --face chooses in the photo */
        return false;
    *out = track.take;
    return true;
}

bool cli_drive_open(cli_drive *out, const cli_args *args, const char *path)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_motion neutral;

    out->is_absolute = args->is_absolute;
    if (!read_take(&out->take, args, path))
        return false;
    bool is_open = true;
    if (!out->is_absolute && !out->take.is_relative) {
        is_open = limner_io_motion_neutral(&neutral, &out->take, err) == 0;
        if (is_open)
            limner_io_motion_make_relative(&out->take, &neutral);
        else
            cli_fail("%s", err);
    }
    if (is_open && cli_drive_n_frames(out, args) > LIMNER_IO_MAX_MOTION_FRAMES) {
        cli_fail("%s: lasts %.0f s, which are more than %d frames; cut it into parts", path,
                 limner_io_motion_duration_s(&out->take), LIMNER_IO_MAX_MOTION_FRAMES);
        is_open = false;
    }
    if (!is_open)
        cli_drive_close(out);
    return is_open;
}

long cli_drive_n_frames(const cli_drive *d, const cli_args *args)
{
    const double nearly = 1e-3; /* of a frame: times are rounded */
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

void cli_drive_frame(const cli_drive *d, const cli_args *args, const limner_portrait *portrait,
                     long n, limner_motion *asked, limner_motion *shown)
{
    limner_io_motion_at(asked, &d->take, (double)n * args->fps_den / args->fps_num);
    strengthen(asked, &args->controls);
    if (d->is_absolute)
        *shown = *asked;
    else
        limner_portrait_apply(portrait, asked, shown);
}

void cli_drive_close(cli_drive *d)
{
    if (d)
        limner_io_motion_close(&d->take);
}
