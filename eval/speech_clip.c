/* SPDX-License-Identifier: Apache-2.0 */
/* One clip: see speech_clip.h. The sound is moved against the picture by the clip's known offset
 * first, so that all that follows may take the two as one. */
#include "eval/speech_clip.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/perform.h"
#include "eval/picture.h"

#define LEAST_S 1.0
#define LEAST_FOUND 0.8

static const eval_quantity curve_quantity[EVAL_N_CURVES] = {EVAL_OPENING, EVAL_YAW, EVAL_PITCH,
                                                            EVAL_ROLL};

typedef struct work {
    const eval_job *job;
    const char *path;
    eval_speech_clip *out;
    eval_take real;
    limner_portrait *portrait;
    eval_phone *phones; /* NULL: not known */
    size_t n_phones;
    eval_performance first; /* the first seed's */
} work;

static int fail(char *err, const char *what)
{
    snprintf(err, LIMNER_IO_ERROR_SIZE, "%s", what);
    return -1;
}

static int out_of_memory(work *w)
{
    return fail(w->out->why, "not enough memory");
}

/* Sound offset_ms later beside the same pictures; silence, or nothing, comes in at the start. */
static int move_sound(eval_take *take, double offset_ms)
{
    const double shift = rint(offset_ms * EVAL_RATE_HZ / 1000);
    const size_t n = (size_t)fabs(shift);

    if (shift < 0) {
        const size_t n_cut = n < take->n_samples ? n : take->n_samples;
        take->n_samples -= n_cut;
        memmove(take->pcm, take->pcm + n_cut, take->n_samples * sizeof(*take->pcm));
    } else if (shift > 0) {
        float *pcm = calloc(take->n_samples + n, sizeof(*pcm));
        if (!pcm)
            return -1;
        memcpy(pcm + n, take->pcm, take->n_samples * sizeof(*pcm));
        free(take->pcm);
        take->pcm = pcm;
        take->n_samples += n;
    }
    return 0;
}

static double share_found(const eval_take *take)
{
    size_t n = 0;

    for (size_t i = 0; i < take->n_frames; i++)
        n += take->tracked[i].is_found;
    return take->n_frames ? (double)n / (double)take->n_frames : 0;
}

static int read_real(work *w, const eval_line *line)
{
    eval_speech_clip *out = w->out;

    if (eval_take_of_video(&w->real, w->job->model, w->path, w->job->max_s, out->why))
        return -1;
    if (!w->real.pcm || !w->real.n_samples)
        return fail(out->why, "it has no sound");
    if ((double)w->real.n_frames < LEAST_S * w->real.fps)
        return fail(out->why, "it is shorter than a second");
    if (share_found(&w->real) < LEAST_FOUND)
        return fail(out->why, "no face is found in more than a fifth of its frames");
    out->offset_ms = line ? line->offset_ms : 0;
    out->fps = w->real.fps;
    out->n_frames = w->real.n_frames;
    if (move_sound(&w->real, out->offset_ms) || eval_talk_of(&out->real, &w->real))
        return out_of_memory(w);
    return 0;
}

static void align(work *w, const eval_line *line)
{
    eval_speech_clip *out = w->out;

    if (!line || !*line->text)
        fail(out->no_phones, "no text");
    else
        eval_align(&w->phones, &w->n_phones, w->real.pcm, w->real.n_samples, line->text,
                   out->no_phones);
}

static int add_baselines(work *w)
{
    for (int i = 0; i < EVAL_N_BASELINES; i++) {
        const bool is_late = i < EVAL_N_BASELINES - 1;
        eval_take other;
        int bad = is_late ? eval_take_delayed(&other, &w->real, i)
                          : eval_take_loud_mouth(&other, &w->real);
        if (!bad) {
            bad = eval_sync_of(&w->out->baseline[i], &other, &w->real, w->phones, w->n_phones);
            eval_take_close(&other);
        }
        if (bad)
            return out_of_memory(w);
    }
    return 0;
}

/* ---- pictures ------------------------------------------------------------------------------ */

/* Which picture of the strip the frame is, or -1. */
static int strip_place(const work *w, size_t frame)
{
    for (size_t k = 0; k < EVAL_STRIP_FRAMES; k++)
        if (frame == (2 * k + 1) * w->out->n_frames / (2 * EVAL_STRIP_FRAMES))
            return (int)k;
    return -1;
}

/* The box of the picture, small, into row 0 (real) or 1 (generated) of the strip. */
static void put_in_strip(work *w, int row, int place, const limner_photo *photo,
                         const limner_face_box *box)
{
    enum { SIDE = EVAL_STRIP_PX, LINE = 3 * SIDE };
    uint8_t *small = malloc((size_t)SIDE * LINE);
    uint8_t *to = w->out->strip + ((size_t)row * SIDE * EVAL_STRIP_FRAMES + (size_t)place) * LINE;

    if (small && !eval_crop(small, SIDE, photo, box))
        for (size_t y = 0; y < SIDE; y++)
            memcpy(to + y * EVAL_STRIP_FRAMES * LINE, small + y * LINE, LINE);
    free(small);
}

/* The face, `scale` times as large as it was measured. */
static limner_face_box box_around(const eval_measures *m, double scale)
{
    const double side = 1.5 * scale * m->face_height_px;

    return (limner_face_box){(float)(scale * m->centre_px[0] - side / 2),
                             (float)(scale * m->centre_px[1] - side / 2), (float)side, (float)side,
                             1};
}

static void watch(void *user, size_t frame, const limner_photo *photo)
{
    work *w = user;
    const int place = strip_place(w, frame);
    float landmarks[478][2];
    eval_measures at_rest;
    uint32_t crop_px;

    if (place < 0)
        return;
    limner_portrait_landmarks(w->portrait, landmarks);
    limner_portrait_geometry(w->portrait, &crop_px, NULL, NULL, NULL);
    eval_measure(&at_rest, (const float(*)[2])landmarks);
    const limner_face_box box = box_around(&at_rest, (double)photo->width_px / crop_px);
    put_in_strip(w, 1, place, photo, &box);
}

static int show_real(work *w)
{
    limner_io_video_in *video;
    limner_io_image image;
    double time_s;

    if (limner_io_video_in_open(&video, w->path, w->out->why))
        return -1;
    for (size_t i = 0; i < w->out->n_frames &&
                       limner_io_video_in_read(video, &image, &time_s, w->out->why) > 0; i++) {
        const limner_photo photo = limner_io_image_photo(&image);
        const int place = strip_place(w, i);
        if (place >= 0 && w->real.tracked[i].is_found) {
            const limner_face_box box = box_around(&w->real.measures[i], 1);
            put_in_strip(w, 0, place, &photo, &box);
        }
        limner_io_image_close(&image);
    }
    limner_io_video_in_close(&video);
    w->out->why[0] = '\0';
    return 0;
}

/* ---- takes --------------------------------------------------------------------------------- */

static int keep_curves(work *w)
{
    const size_t n = w->out->n_frames;

    for (int i = 0; i < EVAL_N_CURVES; i++) {
        w->out->real_curve[i] = malloc(n * sizeof(double));
        w->out->made_curve[i] = malloc(n * sizeof(double));
        if (!w->out->real_curve[i] || !w->out->made_curve[i])
            return out_of_memory(w);
        eval_take_series(w->out->real_curve[i], &w->real, curve_quantity[i]);
        eval_take_series(w->out->made_curve[i], &w->first.take, curve_quantity[i]);
    }
    w->out->loudness = malloc(n * sizeof(double));
    if (!w->out->loudness || eval_take_loudness(w->out->loudness, NULL, &w->real, 0))
        return out_of_memory(w);
    return 0;
}

/* Pearson of one quantity of two takes; NaN when memory is out. */
static double r_of(const eval_take *a, const eval_take *b, eval_quantity what)
{
    double *v = malloc((a->n_frames + b->n_frames + 1) * sizeof(*v)), r = (double)NAN;

    if (v) {
        eval_take_series(v, a, what);
        eval_take_series(v + a->n_frames, b, what);
        r = eval_pearson(v, v + a->n_frames, a->n_frames < b->n_frames ? a->n_frames : b->n_frames);
    }
    free(v);
    return r;
}

/* The take of one seed; the first is kept for comparison with the others. */
static int perform(work *w, size_t i)
{
    const eval_performing p = {.model = w->job->model,
                               .portrait = w->portrait,
                               .pcm = w->real.pcm,
                               .n_samples = w->real.n_samples,
                               .fps = w->real.fps,
                               .n_frames = w->real.n_frames,
                               .seed = w->job->seed + i,
                               .size_px = w->job->size_px,
                               .watch = i ? NULL : watch,
                               .user = w};
    eval_speech_clip *out = w->out;
    eval_performance made;
    size_t n;

    if (eval_perform(&made, &p, out->why))
        return -1;
    int bad = eval_talk_of(&out->made[i], &made.take) ||
              eval_sync_of(&out->sync[i], &made.take, &w->real, w->phones, w->n_phones);
    if (w->phones && !bad) {
        out->sync[i].labiodental = eval_labiodental_share(
            &n, made.generated, made.take.n_frames, made.take.fps, w->phones, w->n_phones);
        out->sync[i].n_labiodental = (double)n;
    }
    if (i) {
        const double others = (double)(out->n_seeds - 1);
        out->same_opening_r += r_of(&w->first.take, &made.take, EVAL_OPENING) / others;
        out->same_yaw_r += r_of(&w->first.take, &made.take, EVAL_YAW) / others;
        eval_performance_close(&made);
    } else {
        w->first = made;
    }
    return bad ? out_of_memory(w) : 0;
}

static int perform_all(work *w)
{
    const uint32_t n = w->job->n_seeds ? w->job->n_seeds : 1;

    w->out->n_seeds = n < EVAL_MOST_SEEDS ? n : EVAL_MOST_SEEDS;
    w->out->strip = calloc(2 * EVAL_STRIP_FRAMES, (size_t)3 * EVAL_STRIP_PX * EVAL_STRIP_PX);
    if (!w->out->strip)
        return out_of_memory(w);
    for (size_t i = 0; i < w->out->n_seeds; i++)
        if (perform(w, i))
            return -1;
    if (w->out->n_seeds < 2)
        w->out->same_opening_r = w->out->same_yaw_r = (double)NAN;
    return keep_curves(w);
}

void eval_speech_clip_run(eval_speech_clip *out, const eval_job *job, const eval_script *script,
                          limner_portrait *portrait, const char *path)
{
    const eval_line *line = eval_script_find(script, path);
    limner_portrait *own = NULL;
    work w = {.job = job, .path = path, .out = out, .portrait = portrait};

    memset(out, 0, sizeof(*out));
    if (!read_real(&w, line) &&
        (portrait || !eval_portrait_of_video(&own, job->model, path, out->why))) {
        w.portrait = portrait ? portrait : own;
        align(&w, line);
        if (!add_baselines(&w) && !perform_all(&w))
            show_real(&w);
    }
    limner_portrait_close(&own);
    eval_performance_close(&w.first);
    eval_take_close(&w.real);
    free(w.phones);
}

void eval_speech_clip_close(eval_speech_clip *clip)
{
    for (int i = 0; i < EVAL_N_CURVES; i++) {
        free(clip->real_curve[i]);
        free(clip->made_curve[i]);
    }
    free(clip->loudness);
    free(clip->strip);
    memset(clip, 0, sizeof(*clip));
}
