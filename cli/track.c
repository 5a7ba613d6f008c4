/* SPDX-License-Identifier: Apache-2.0 */
/* Frames from io/ into the library's tracker, motions out of it into a take. Frames without the
 * face are left out of the take: whoever reads it interpolates over them. */
#include "track.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "talk.h"

enum { FIRST_ROOM = 1024 };

typedef struct cli_tracking {
    cli_track *out;
    const cli_args *args;
    const char *name; /* of the input, for messages */
    int32_t face;
    cli_models models;
    limner_tracker *tracker;
    limner_io_video_in *video;
    cli_progress progress;
    long n_expected;
    size_t room; /* frames */
    double last_s; /* time of the last frame */
    double frame_s[LIMNER_TRACKER_LAG + 1]; /* times of frames in the tracker, by their number */
    char err[LIMNER_IO_ERROR_SIZE];
} cli_tracking;

static bool fail_io(const cli_tracking *t)
{
    cli_fail("%s", t->err);
    return false;
}

/* Room for one frame more than have been read, so that the last one can be repeated. */
static bool make_room(cli_tracking *t)
{
    if ((size_t)t->out->n_frames + 1 < t->room)
        return true;
    const size_t room = t->room ? 2 * t->room : FIRST_ROOM;
    const bool has_room = limner_io_motion_reserve(&t->out->take, room) == 0;
    void *landmarks = t->out->landmarks;
    if (t->args->landmarks)
        landmarks = realloc(landmarks, room * sizeof(*t->out->landmarks));
    if (landmarks)
        t->out->landmarks = landmarks;
    if (!has_room || (t->args->landmarks && !landmarks)) {
        cli_fail("not enough memory");
        return false;
    }
    t->room = room;
    return true;
}

static void keep_landmarks(cli_tracking *t, const limner_tracked *k)
{
    float(*out)[2] = t->out->landmarks[k->pts];

    memcpy(out, k->landmarks, sizeof(k->landmarks));
    for (int i = 0; i < 478 && !k->is_found; i++)
        out[i][0] = out[i][1] = NAN;
}

static void keep_motion(cli_track *out, double time_s, const limner_motion *m)
{
    out->take.time_s[out->take.n_frames] = time_s;
    out->take.motion[out->take.n_frames++] = *m;
}

/* Takes what the tracker has ready. */
static void receive(cli_tracking *t)
{
    cli_track *out = t->out;
    limner_tracked k;

    while (limner_tracker_receive(t->tracker, &k) == LIMNER_OK) {
        if (out->landmarks)
            keep_landmarks(t, &k);
        out->n_looked_for += !k.is_found || k.is_new;
        if (!k.is_found)
            continue;
        keep_motion(out, t->frame_s[k.pts % (LIMNER_TRACKER_LAG + 1)], &k.motion);
        out->rms_px += (double)k.rms_px;
        out->n_found++;
    }
}

static bool follow_frame(cli_tracking *t, const limner_io_image *image, double time_s)
{
    const limner_photo photo = cli_photo_of(image);
    const limner_status st = limner_tracker_push(t->tracker, &photo, t->out->n_frames);

    if (st != LIMNER_OK) {
        cli_fail("%s: frame %ld (%u x %u pixels) cannot be followed: %s", t->name,
                 t->out->n_frames, image->width_px, image->height_px, limner_strerror(st));
        return false;
    }
    t->frame_s[t->out->n_frames++ % (LIMNER_TRACKER_LAG + 1)] = time_s;
    t->last_s = time_s;
    cli_progress_draw(&t->progress, t->out->n_frames, t->n_expected);
    receive(t);
    return true;
}

static bool follow(cli_tracking *t)
{
    limner_io_image image;
    double time_s;
    int more;

    while ((more = limner_io_video_in_read(t->video, &image, &time_s, t->err)) > 0) {
        const bool is_followed = make_room(t) && follow_frame(t, &image, time_s);
        limner_io_image_close(&image);
        if (!is_followed)
            return false;
    }
    if (more < 0)
        return fail_io(t);
    if (limner_tracker_finish(t->tracker) < 0) {
        cli_fail("not enough memory");
        return false;
    }
    receive(t);
    return true;
}

static bool open_tracker(cli_tracking *t)
{
    limner_tracker_settings set;

    if (!cli_models_open(&t->models, t->args, true))
        return false;
    limner_tracker_settings_init(&set, sizeof(set));
    set.face = t->face;
    const limner_status st = limner_tracker_open(&t->tracker, t->models.model, &set);
    if (st < 0)
        cli_fail("the face cannot be followed: %s", limner_strerror(st));
    return st == LIMNER_OK;
}

/* Times from 0 on, mean rate, mean error. */
static bool sum_up(cli_tracking *t)
{
    cli_track *out = t->out;
    limner_io_motion_take *take = &out->take;

    if (take->n_frames == 0) {
        cli_fail("%s: no face found in any of its %ld frames; give a video of a face seen from the "
                 "front",
                 t->name, out->n_frames);
        return false;
    }
    if (take->time_s[take->n_frames - 1] < t->last_s)
        keep_motion(out, t->last_s, &take->motion[take->n_frames - 1]);
    if (out->n_frames > 1)
        out->video_fps = (double)(out->n_frames - 1) / t->last_s;
    take->fps = out->video_fps;
    out->rms_px /= (double)out->n_found;
    return true;
}

bool cli_track_video(cli_track *out, const cli_args *args, const char *path, int32_t face)
{
    const double started = cli_now_s();
    cli_tracking t = {.out = out,
                      .args = args,
                      .face = face,
                      .name = strcmp(path, "-") == 0 ? "standard input" : path};
    bool is_done = false;

    memset(out, 0, sizeof(*out));
    if (limner_io_video_in_open(&t.video, path, t.err) < 0) {
        fail_io(&t);
    } else {
        out->video_fps = limner_io_video_in_fps(t.video);
        t.n_expected = (long)(limner_io_video_in_duration_s(t.video) * out->video_fps);
        cli_progress_start(&t.progress, args->is_quiet);
        is_done = open_tracker(&t) && follow(&t);
        cli_progress_clear(&t.progress);
        is_done = is_done && sum_up(&t);
    }
    out->total_s = cli_now_s() - started;
    limner_tracker_close(&t.tracker);
    cli_models_close(&t.models);
    limner_io_video_in_close(&t.video);
    if (!is_done)
        cli_track_close(out);
    return is_done;
}

void cli_track_close(cli_track *t)
{
    if (!t)
        return;
    limner_io_motion_close(&t->take);
    free(t->landmarks);
    t->landmarks = NULL;
}
