/* SPDX-License-Identifier: Apache-2.0 */
/* Frames from io/ into the library's tracker, motions out of it into a take, or to whoever takes
 * them live. Frames without the face are left out of the take: whoever reads it interpolates over
 * them. Live nobody can, and the last motion is repeated. */
#include "track.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "talk.h"

enum { FIRST_ROOM = 1024, GLIDE_FRAMES = 5, N_VALUES = sizeof(limner_motion) / sizeof(float) };

typedef struct cli_tracking {
    cli_track *out;
    const cli_args *args;
    const char *name; /* of the input, for messages */
    int32_t face;
    limner_io_models models;
    limner_tracker *tracker;
    limner_io_video_in *video;
    cli_progress progress;
    long n_expected;
    size_t room; /* frames */
    double last_s; /* time of the last frame */
    double frame_s[LIMNER_TRACKER_LAG + 1]; /* times of frames in the tracker, by their number */
    cli_track_row row; /* NULL: not live */
    void *user;
    limner_motion shown; /* live: the last motion given out */
    int n_glide;         /* frames until what is seen is shown again */
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
    const bool has_room = t->row || limner_io_motion_reserve(&t->out->take, room) == 0;
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

/* A motion is floats only. */
static void mix(limner_motion *m, const limner_motion *other, float share)
{
    float a[N_VALUES], b[N_VALUES];

    memcpy(a, m, sizeof(a));
    memcpy(b, other, sizeof(b));
    for (int i = 0; i < N_VALUES; i++)
        a[i] += share * (b[i] - a[i]);
    memcpy(m, a, sizeof(a));
}

static bool give_live(cli_tracking *t, double time_s, const limner_tracked *k)
{
    if (!k->is_found && t->out->n_found == 0)
        return true;
    if (k->is_found) {
        limner_motion m = k->motion;
        if (t->n_glide > 0)
            mix(&m, &t->shown, (float)t->n_glide-- / (GLIDE_FRAMES + 1));
        t->shown = m;
    } else {
        t->n_glide = GLIDE_FRAMES;
    }
    return t->row(t->user, t->out, time_s, &t->shown);
}

/* Takes what the tracker has ready. */
static bool receive(cli_tracking *t)
{
    cli_track *out = t->out;
    limner_tracked k;

    while (limner_tracker_receive(t->tracker, &k) == LIMNER_OK) {
        const double time_s = t->frame_s[k.pts % (LIMNER_TRACKER_LAG + 1)];
        if (out->landmarks)
            keep_landmarks(t, &k);
        out->n_looked_for += !k.is_found || k.is_new;
        out->n_found += k.is_found != 0;
        out->rms_px += (double)k.rms_px;
        out->lip_error += (double)k.lip_error;
        if (t->row && !give_live(t, time_s, &k))
            return false;
        if (!t->row && k.is_found)
            keep_motion(out, time_s, &k.motion);
    }
    return true;
}

static bool follow_frame(cli_tracking *t, const limner_io_image *image, double time_s)
{
    const limner_photo photo = limner_io_image_photo(image);
    const limner_status st = limner_tracker_push(t->tracker, &photo, t->out->n_frames);

    if (st != LIMNER_OK) {
        cli_fail("%s: frame %ld (%u x %u pixels) cannot be followed: %s", t->name,
                 t->out->n_frames, image->width_px, image->height_px, limner_strerror(st));
        return false;
    }
    t->frame_s[t->out->n_frames++ % (LIMNER_TRACKER_LAG + 1)] = time_s;
    t->last_s = time_s;
    cli_progress_draw(&t->progress, t->out->n_frames, t->n_expected);
    return receive(t);
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
    return receive(t);
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

    if (out->n_found == 0) {
        if (t->face > 0)
            cli_fail("%s: face %d (counted from 0, the largest) is in none of its %ld frames; "
                     "give another --face", t->name, (int)t->face, out->n_frames);
        else if (out->n_frames == 1)
            cli_fail("%s: no face found in its picture; give one of a face seen from the front",
                     t->name);
        else
            cli_fail("%s: no face found in any of its %ld frames; give a video of a face seen "
                     "from the front", t->name, out->n_frames);
        return false;
    }
    if (!t->row && take->time_s[take->n_frames - 1] < t->last_s)
        keep_motion(out, t->last_s, &take->motion[take->n_frames - 1]);
    if (out->n_frames > 1)
        out->video_fps = (double)(out->n_frames - 1) / t->last_s;
    take->fps = out->video_fps;
    out->rms_px /= (double)out->n_found;
    out->lip_error /= (double)out->n_found;
    return true;
}

static bool open_video(cli_tracking *t, const char *path)
{
    const cli_args *a = t->args;
    const limner_io_raw raw = {.width_px = a->raw_size[0],
                               .height_px = a->raw_size[1],
                               .fps_num = a->fps_num,
                               .fps_den = a->fps_den,
                               .pixel = a->raw_pixel};

    if (limner_io_video_in_open_raw(&t->video, path, raw.width_px ? &raw : NULL, t->err) < 0)
        return fail_io(t);
    t->out->video_fps = limner_io_video_in_fps(t->video);
    t->n_expected = (long)(limner_io_video_in_duration_s(t->video) * t->out->video_fps);
    return true;
}

bool cli_track_live(cli_track *out, const cli_args *args, const char *path, int32_t face,
                    cli_track_row row, void *user)
{
    const double started = cli_now_s();
    cli_tracking t = {.out = out,
                      .args = args,
                      .face = face,
                      .row = row,
                      .user = user,
                      .name = strcmp(path, "-") == 0 ? "standard input" : path};

    memset(out, 0, sizeof(*out));
    bool is_done = open_video(&t, path) && open_tracker(&t);
    cli_progress_start(&t.progress, args->is_quiet);
    is_done = is_done && follow(&t);
    cli_progress_clear(&t.progress);
    is_done = is_done && sum_up(&t);
    out->total_s = cli_now_s() - started;
    limner_tracker_close(&t.tracker);
    limner_io_models_close(&t.models);
    limner_io_video_in_close(&t.video);
    if (!is_done)
        cli_track_close(out);
    return is_done;
}

bool cli_track_video(cli_track *out, const cli_args *args, const char *path, int32_t face)
{
    return cli_track_live(out, args, path, face, NULL, NULL);
}

void cli_track_close(cli_track *t)
{
    if (!t)
        return;
    limner_io_motion_close(&t->take);
    free(t->landmarks);
    t->landmarks = NULL;
}
