/* SPDX-License-Identifier: Apache-2.0 */
/* Frames into the library's tracker, what it sees into a take; see take.h. */
#include "eval/take.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/statistics.h"
#include "io/error.h"
#include "io/media.h"

enum {
    FIRST_FRAMES = 512,
    MAX_FRAMES = 200000,           /* 2 h at 25 frames/s: 1 GB */
    FIRST_SAMPLES = 1 << 18,       /* 16 s */
    MAX_SAMPLES = 4 * 3600 * 16000 /* 4 h */
};

/* ---- frame by frame ------------------------------------------------------------------------ */

struct eval_taker {
    limner_tracker *tracker;
    eval_take take;
    size_t room; /* frames */
    int64_t n_pushed;
};

limner_status eval_taker_open(eval_taker **out, limner_model *model, double fps)
{
    eval_taker *t = calloc(1, sizeof(*t));

    *out = NULL;
    if (!t)
        return LIMNER_E_NOMEM;
    t->take.fps = fps;
    const limner_status st = limner_tracker_open(&t->tracker, model, NULL);
    if (st < 0)
        eval_taker_close(&t);
    *out = t;
    return st;
}

void eval_taker_close(eval_taker **t)
{
    if (!t || !*t)
        return;
    limner_tracker_close(&(*t)->tracker);
    eval_take_close(&(*t)->take);
    free(*t);
    *t = NULL;
}

static limner_status make_room(eval_taker *t)
{
    if (t->take.n_frames < t->room)
        return LIMNER_OK;
    const size_t room = t->room ? 2 * t->room : FIRST_FRAMES;
    if (room > MAX_FRAMES)
        return LIMNER_E_LIMIT;
    limner_tracked *tracked = realloc(t->take.tracked, room * sizeof(*tracked));
    if (tracked)
        t->take.tracked = tracked;
    eval_measures *measures = realloc(t->take.measures, room * sizeof(*measures));
    if (measures)
        t->take.measures = measures;
    if (!tracked || !measures)
        return LIMNER_E_NOMEM;
    t->room = room;
    return LIMNER_OK;
}

static const eval_measures no_measures = {
    .eye_distance_px = (double)NAN,
    .opening = (double)NAN,
    .width = (double)NAN,
    .lid = {(double)NAN, (double)NAN},
    .brow = (double)NAN,
    .centre_px = {(double)NAN, (double)NAN},
    .face_height_px = (double)NAN,
};

/* Takes what the tracker has ready. */
static limner_status receive(eval_taker *t)
{
    eval_take *take = &t->take;
    limner_status st;

    while ((st = make_room(t)) == LIMNER_OK) {
        limner_tracked *k = &take->tracked[take->n_frames];
        eval_measures *m = &take->measures[take->n_frames];

        st = limner_tracker_receive(t->tracker, k);
        if (st != LIMNER_OK)
            break;
        *m = no_measures;
        if (k->is_found)
            eval_measure_tracked(m, k);
        take->n_frames++;
    }
    return st == LIMNER_AGAIN || st == LIMNER_EOS ? LIMNER_OK : st;
}

limner_status eval_taker_push(eval_taker *t, const limner_photo *frame)
{
    const limner_status st = limner_tracker_push(t->tracker, frame, t->n_pushed);

    if (st != LIMNER_OK)
        return st;
    t->n_pushed++;
    return receive(t);
}

limner_status eval_taker_finish(eval_taker **t, eval_take *out)
{
    limner_status st = limner_tracker_finish((*t)->tracker);

    memset(out, 0, sizeof(*out));
    if (st == LIMNER_OK)
        st = receive(*t);
    if (st == LIMNER_OK) {
        *out = (*t)->take;
        memset(&(*t)->take, 0, sizeof((*t)->take));
    }
    eval_taker_close(t);
    return st;
}

void eval_take_close(eval_take *take)
{
    if (!take)
        return;
    free(take->tracked);
    free(take->measures);
    free(take->pcm);
    memset(take, 0, sizeof(*take));
}

/* ---- files --------------------------------------------------------------------------------- */

static int fail_frame(char *err, const char *path, int64_t frame, limner_status st)
{
    return limner_io_fail(err, limner_io_input_name(path), "frame %lld cannot be followed: %s",
                          (long long)frame, limner_strerror(st));
}

/* Frames of at most max_s seconds into t, whose fps becomes their mean rate. */
static int push_frames(eval_taker *t, limner_io_video_in *video, const char *path, double max_s,
                       char *err)
{
    limner_io_image image;
    double time_s = 0, last_s = 0;
    int more;

    while ((more = limner_io_video_in_read(video, &image, &time_s, err)) > 0) {
        const limner_photo photo = {.rgb = image.rgb,
                                    .stride = 3 * (ptrdiff_t)image.width_px,
                                    .width_px = image.width_px,
                                    .height_px = image.height_px};
        const bool is_over = max_s > 0 && time_s >= max_s;
        const limner_status st = is_over ? LIMNER_OK : eval_taker_push(t, &photo);

        limner_io_image_close(&image);
        if (st != LIMNER_OK)
            return fail_frame(err, path, t->n_pushed, st);
        if (is_over)
            break;
        last_s = time_s;
    }
    if (last_s > 0)
        t->take.fps = (double)(t->n_pushed - 1) / last_s;
    return more < 0 ? -1 : 0;
}

static int track_video(eval_take *out, limner_model *model, limner_io_video_in *video,
                       const char *path, double max_s, char *err)
{
    eval_taker *t;
    limner_status st = eval_taker_open(&t, model, limner_io_video_in_fps(video));

    if (st == LIMNER_OK) {
        if (push_frames(t, video, path, max_s, err) < 0) {
            eval_taker_close(&t);
            return -1;
        }
        st = eval_taker_finish(&t, out);
    }
    if (st != LIMNER_OK)
        return limner_io_fail(err, limner_io_input_name(path), "the face cannot be followed: %s",
                              limner_strerror(st));
    return 0;
}

/* Reads to the end, or to max_s. */
static int read_samples(eval_take *take, limner_io_audio *audio, const char *path, double max_s,
                        char *err)
{
    const double most = max_s > 0 ? max_s * EVAL_RATE_HZ : MAX_SAMPLES;
    const size_t limit = most < MAX_SAMPLES ? (size_t)most : MAX_SAMPLES;
    size_t room = 0;

    while (take->n_samples < limit) {
        if (take->n_samples == room) {
            room = room ? 2 * room : FIRST_SAMPLES;
            float *pcm = realloc(take->pcm, room * sizeof(*pcm));
            if (!pcm)
                return limner_io_fail(err, limner_io_input_name(path), "not enough memory");
            take->pcm = pcm;
        }
        const size_t wanted = (room < limit ? room : limit) - take->n_samples;
        const int64_t n = limner_io_audio_read(audio, take->pcm + take->n_samples, wanted, err);
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        take->n_samples += (size_t)n;
    }
    return 0;
}

int eval_take_sound(eval_take *take, const char *path, double max_s, char *err)
{
    limner_io_audio *audio;

    free(take->pcm);
    take->pcm = NULL;
    take->n_samples = 0;
    if (limner_io_audio_open_at(&audio, path, EVAL_RATE_HZ, err) < 0)
        return -1;
    const int st = read_samples(take, audio, path, max_s, err);
    limner_io_audio_close(&audio);
    if (st < 0) {
        free(take->pcm);
        take->pcm = NULL;
        take->n_samples = 0;
    }
    return st;
}

int eval_take_of_video(eval_take *out, limner_model *model, const char *path, double max_s,
                       char *err)
{
    char no_sound[LIMNER_IO_ERROR_SIZE];
    limner_io_video_in *video;

    memset(out, 0, sizeof(*out));
    if (limner_io_video_in_open(&video, path, err) < 0)
        return -1;
    const int st = track_video(out, model, video, path, max_s, err);
    limner_io_video_in_close(&video);
    if (st == 0)
        eval_take_sound(out, path, max_s, no_sound); /* silent, or as good as */
    return st;
}

/* ---- series -------------------------------------------------------------------------------- */

static double face_height_px(const eval_take *take)
{
    double *v = malloc((take->n_frames + 1) * sizeof(*v));
    double median = (double)NAN;

    if (!v)
        return median;
    for (size_t i = 0; i < take->n_frames; i++)
        v[i] = take->measures[i].face_height_px;
    median = eval_median(v, take->n_frames);
    free(v);
    return median;
}

static double value_of(const limner_motion *m, const eval_measures *k, eval_quantity what)
{
    switch (what) {
    case EVAL_OPENING:
        return k->opening;
    case EVAL_WIDTH:
        return k->width;
    case EVAL_LIDS:
        return (k->lid[0] + k->lid[1]) / 2;
    case EVAL_BROW:
        return k->brow;
    case EVAL_YAW:
        return (double)m->yaw;
    case EVAL_PITCH:
        return (double)m->pitch;
    case EVAL_ROLL:
        return (double)m->roll;
    case EVAL_GAZE_YAW:
        return (double)m->gaze_yaw;
    case EVAL_GAZE_PITCH:
        return (double)m->gaze_pitch;
    case EVAL_CENTRE_X:
        return k->centre_px[0];
    case EVAL_CENTRE_Y:
        return k->centre_px[1];
    }
    return (double)NAN;
}

void eval_take_series(double *v, const eval_take *take, eval_quantity what)
{
    const bool is_place = what == EVAL_CENTRE_X || what == EVAL_CENTRE_Y;
    const double scale = is_place ? EVAL_FACE_PX / face_height_px(take) : 1;

    for (size_t i = 0; i < take->n_frames; i++) {
        const limner_tracked *k = &take->tracked[i];
        v[i] = k->is_found ? scale * value_of(&k->motion, &take->measures[i], what) : (double)NAN;
    }
}
