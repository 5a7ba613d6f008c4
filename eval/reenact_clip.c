/* SPDX-License-Identifier: Apache-2.0 */
/* One clip, in two passes over its file: the first tracks it, the second makes the portrait of the
 * first frame with a face and shows each frame anew beside the real one. What is shown is tracked
 * in its turn, so that the landmarks of both were read by the same net; those of the baselines are
 * the first frame's, still or moved. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/picture.h"
#include "eval/reenact.h"
#include "eval/statistics.h"
#include "io/error.h"

const eval_quantity eval_reenact_curves[EVAL_N_CURVES] = {EVAL_OPENING, EVAL_LIDS, EVAL_YAW,
                                                          EVAL_PITCH, EVAL_ROLL};

typedef struct reenactment {
    eval_reenacted *out;
    const char *name; /* of the input, for messages */
    eval_reenact_shower show;
    void *user;
    uint32_t size_px;
    eval_take real, ours; /* ours: of the frames shown, in their order */
    size_t first; /* frame of the portrait */
    limner_motion *motions; /* [real.n_frames] */
    size_t *shown; /* [real.n_frames]: the frames shown, in order; the first one too */
    size_t n_shown;
    eval_stage stage;
    limner_face_box box; /* the portrait's square in the frame */
    uint8_t *square; /* [size][size][3]: of the real frame */
    eval_compare *compare;
    eval_taker *taker;
} reenactment;

limner_status eval_reenact_show(void *user, eval_stage *stage, const limner_motion *motions,
                                size_t n, size_t i)
{
    (void)user;
    (void)n;
    return eval_stage_show(stage, &motions[i]);
}

static int fail(const reenactment *r, limner_status st, const char *what)
{
    r->out->status = st;
    return limner_io_fail(r->out->reason, r->name, "%s", what);
}

/* The landmarks of a real frame in pixels of the square. */
static void to_square(float out[478][2], const reenactment *r, size_t frame)
{
    const float scale = (float)r->size_px / r->box.width_px;
    const float(*in)[2] = (const float(*)[2])r->real.tracked[frame].landmarks;

    for (int i = 0; i < 478; i++) {
        out[i][0] = scale * (in[i][0] - r->box.x_px);
        out[i][1] = scale * (in[i][1] - r->box.y_px);
    }
}

/* ---- the first frame ----------------------------------------------------------------------- */

static int find_first(reenactment *r)
{
    while (r->first < r->real.n_frames && !r->real.tracked[r->first].is_found)
        r->first++;
    if (r->first == r->real.n_frames)
        return fail(r, LIMNER_E_NO_FACE, "no face found in any of its frames");
    return 0;
}

static void plan_motions(reenactment *r)
{
    const limner_motion *first = &r->real.tracked[r->first].motion;
    limner_motion own;

    limner_portrait_motion(r->stage.portrait, &own);
    for (size_t i = r->first; i < r->real.n_frames; i++)
        eval_reenact_motion(&r->motions[i], &own, first, &r->real.tracked[i].motion);
}

static int open_portrait(reenactment *r, limner_model *model, const limner_photo *photo)
{
    char detail[LIMNER_DETAIL_SIZE];
    float landmarks[478][2];
    const limner_status st = eval_stage_open(&r->stage, model, photo, r->size_px, detail);

    if (st < 0)
        return fail(r, st, detail);
    limner_portrait_geometry(r->stage.portrait, NULL, &r->box, NULL, NULL);
    plan_motions(r);
    to_square(landmarks, r, r->first);
    r->square = malloc((size_t)r->size_px * r->size_px * 3);
    if (!r->square || eval_crop(r->square, r->size_px, photo, &r->box) < 0)
        return fail(r, LIMNER_E_NOMEM, "not enough memory");
    r->compare = eval_compare_open(r->size_px, r->square, (const float(*)[2])landmarks);
    if (!r->compare || eval_taker_open(&r->taker, model, r->real.fps) < 0)
        return fail(r, LIMNER_E_NOMEM, "not enough memory");
    return 0;
}

/* ---- every frame --------------------------------------------------------------------------- */

static int show(reenactment *r, size_t frame)
{
    limner_status st = r->show(r->user, &r->stage, r->motions, r->real.n_frames, frame);

    if (st >= 0) {
        const limner_photo view = eval_stage_view(&r->stage);
        st = eval_taker_push(r->taker, &view);
    }
    if (st < 0)
        return fail(r, st, limner_strerror(st));
    r->shown[r->n_shown++] = frame;
    return 0;
}

static int compare(reenactment *r, size_t frame, const limner_photo *photo)
{
    double psnr[EVAL_N_RIVALS], ssim[EVAL_N_RIVALS];
    float landmarks[478][2];
    eval_reenacted *out = r->out;

    to_square(landmarks, r, frame);
    if (eval_crop(r->square, r->size_px, photo, &r->box) < 0 ||
        eval_compare_frame(r->compare, psnr, ssim, r->square, r->stage.rgb,
                           (const float(*)[2])landmarks) < 0)
        return fail(r, LIMNER_E_NOMEM, "not enough memory");
    if (out->film)
        eval_compare_keep(r->compare, out->film, frame, psnr, r->square, r->stage.rgb);
    if (isnan(psnr[EVAL_OURS]) || isnan(ssim[EVAL_OURS])) /* the face has left the square */
        return 0;
    out->n_compared++;
    for (int i = 0; i < EVAL_N_RIVALS; i++) {
        out->psnr[i] += (psnr[i] - out->psnr[i]) / (double)out->n_compared;
        out->ssim[i] += (ssim[i] - out->ssim[i]) / (double)out->n_compared;
    }
    return 0;
}

static int take_frame(reenactment *r, limner_model *model, size_t frame, const limner_photo *photo)
{
    if (frame < r->first || !r->real.tracked[frame].is_found)
        return 0;
    if (frame == r->first && open_portrait(r, model, photo) < 0)
        return -1;
    if (show(r, frame) < 0)
        return -1;
    return frame == r->first ? 0 : compare(r, frame, photo);
}

static int second_pass(reenactment *r, limner_model *model, const char *path)
{
    limner_io_video_in *video;
    limner_io_image image;
    double time_s;
    int st = 0;

    if (limner_io_video_in_open(&video, path, r->out->reason) < 0) {
        r->out->status = LIMNER_E_FORMAT;
        return -1;
    }
    for (size_t i = 0; i < r->real.n_frames && st == 0; i++) {
        if (limner_io_video_in_read(video, &image, &time_s, r->out->reason) <= 0) {
            st = fail(r, LIMNER_E_FORMAT, "cannot be read a second time; give a file");
            break;
        }
        const limner_photo photo = {image.rgb, 3 * (ptrdiff_t)image.width_px, image.width_px,
                                    image.height_px};
        st = take_frame(r, model, i, &photo);
        limner_io_image_close(&image);
    }
    limner_io_video_in_close(&video);
    return st;
}

/* ---- what was seen ------------------------------------------------------------------------- */

static void add_errors(double sum[EVAL_N_PARTS], const float seen[478][2],
                       const float real[478][2])
{
    sum[EVAL_PART_ALL] += eval_landmark_error(seen, real, NULL, 0);
    sum[EVAL_PART_LIPS] += eval_landmark_error(seen, real, eval_lips, EVAL_N_LIPS);
    sum[EVAL_PART_LIDS] += eval_landmark_error(seen, real, eval_lids, EVAL_N_LIDS);
}

static void move_landmarks(float out[478][2], const float in[478][2], const eval_similarity *t)
{
    for (int i = 0; i < 478; i++) {
        const double x = (double)in[i][0], y = (double)in[i][1];
        out[i][0] = (float)(t->a * x - t->b * y + t->tx);
        out[i][1] = (float)(t->b * x + t->a * y + t->ty);
    }
}

/* Errors of landmarks, over the frames in which ours has a face. */
static void sum_errors(const reenactment *r)
{
    float first[478][2], real[478][2], moved[478][2];
    eval_reenacted *out = r->out;
    size_t n = 0;

    to_square(first, r, r->first);
    memset(out->error, 0, sizeof(out->error));
    for (size_t i = 1; i < r->n_shown; i++) {
        const limner_tracked *ours = &r->ours.tracked[i];

        if (!ours->is_found) {
            out->n_lost++;
            continue;
        }
        to_square(real, r, r->shown[i]);
        const eval_similarity t =
            eval_similarity_of((const float(*)[2])first, (const float(*)[2])real);
        move_landmarks(moved, (const float(*)[2])first, &t);
        add_errors(out->error[EVAL_OURS], ours->landmarks, (const float(*)[2])real);
        add_errors(out->error[EVAL_STILL], (const float(*)[2])first, (const float(*)[2])real);
        add_errors(out->error[EVAL_SIMILAR], (const float(*)[2])moved, (const float(*)[2])real);
        n++;
    }
    for (int i = 0; i < EVAL_N_RIVALS; i++)
        for (int k = 0; k < EVAL_N_PARTS; k++)
            out->error[i][k] = n ? out->error[i][k] / (double)n : (double)NAN;
}

/* Curves of both, by the frames of the video. */
static int draw_curves(const reenactment *r)
{
    const size_t n = r->real.n_frames;
    double *v = malloc((r->ours.n_frames + 1) * sizeof(*v));

    for (int k = 0; v && k < EVAL_N_CURVES; k++) {
        double *real = r->out->curve[0][k] = malloc(n * sizeof(*real));
        double *ours = r->out->curve[1][k] = malloc(n * sizeof(*ours));
        if (!real || !ours) {
            free(v);
            return -1;
        }
        eval_take_series(real, &r->real, eval_reenact_curves[k]);
        eval_take_series(v, &r->ours, eval_reenact_curves[k]);
        for (size_t i = 0; i < n; i++)
            ours[i] = (double)NAN;
        for (size_t i = 0; i < r->n_shown; i++)
            ours[r->shown[i]] = v[i];
    }
    free(v);
    return v ? 0 : -1;
}

static int sum_up(reenactment *r)
{
    eval_reenacted *out = r->out;

    if (out->n_compared == 0)
        return fail(r, LIMNER_E_NO_FACE, "has no second frame with the face to compare with");
    if (eval_taker_finish(&r->taker, &r->ours) < 0 || draw_curves(r) < 0)
        return fail(r, LIMNER_E_NOMEM, "not enough memory");
    sum_errors(r);
    out->opening_r = eval_pearson(out->curve[0][0], out->curve[1][0], out->n_frames);
    return 0;
}

/* ---- the clip ------------------------------------------------------------------------------ */

static int track(reenactment *r, limner_model *model, const char *path, double max_s)
{
    eval_reenacted *out = r->out;

    if (eval_take_of_video(&r->real, model, path, max_s, out->reason) < 0) {
        out->status = LIMNER_E_FORMAT;
        return -1;
    }
    out->fps = r->real.fps;
    out->n_frames = r->real.n_frames;
    out->seconds = (double)r->real.n_frames / r->real.fps;
    if (find_first(r) < 0)
        return -1;
    r->motions = calloc(r->real.n_frames, sizeof(*r->motions));
    r->shown = calloc(r->real.n_frames, sizeof(*r->shown));
    out->film = calloc(1, sizeof(*out->film));
    if (!r->motions || !r->shown || !out->film)
        return fail(r, LIMNER_E_NOMEM, "not enough memory");
    return 0;
}

void eval_reenact_clip(eval_reenacted *out, limner_model *model, const char *path,
                       uint32_t size_px, double max_s, eval_reenact_shower shower, void *user)
{
    reenactment r = {.out = out,
                     .name = limner_io_input_name(path),
                     .show = shower,
                     .user = user,
                     .size_px = size_px};

    memset(out, 0, sizeof(*out));
    if (track(&r, model, path, max_s) == 0 && second_pass(&r, model, path) == 0)
        sum_up(&r);
    eval_taker_close(&r.taker);
    eval_compare_close(r.compare);
    eval_stage_close(&r.stage);
    eval_take_close(&r.real);
    eval_take_close(&r.ours);
    free(r.motions);
    free(r.shown);
    free(r.square);
}

void eval_reenacted_close(eval_reenacted *r)
{
    if (!r)
        return;
    for (int i = 0; i < 2 * EVAL_N_CURVES; i++)
        free(r->curve[i / EVAL_N_CURVES][i % EVAL_N_CURVES]);
    free(r->film);
    memset(r, 0, sizeof(*r));
}

double eval_reenact_gain(const eval_reenacted *r)
{
    return r->psnr[EVAL_OURS] - r->psnr[EVAL_SIMILAR];
}
