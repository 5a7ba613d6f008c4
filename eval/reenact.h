/* SPDX-License-Identifier: Apache-2.0 */
/* Self-reenactment: the first frame of a real video becomes a portrait, the tracked motion of the
 * video moves it, and each frame is compared with the real one, beside two baselines that stand in
 * the same square: the first frame held still, and the first frame moved by the similarity
 * transform that brings its landmarks nearest to the frame's own. doc/evaluation.md defines the
 * figures; NaN: there was nothing to compare. Parts of eval_reenact, which see one clip each. */
#ifndef LIMNER_EVAL_REENACT_H
#define LIMNER_EVAL_REENACT_H

#include "eval/report.h"
#include "eval/stage.h"
#include "eval/take.h"
#include "io/media.h"

/* The three that try to look like the real frame. */
typedef enum eval_rival { EVAL_OURS, EVAL_STILL, EVAL_SIMILAR, EVAL_N_RIVALS } eval_rival;

/* Parts of the face whose landmarks are compared. */
typedef enum eval_part { EVAL_PART_ALL, EVAL_PART_LIPS, EVAL_PART_LIDS, EVAL_N_PARTS } eval_part;

/* Curves over time, of the real face and of ours; EVAL_LIDS: mean of both eyes. */
enum { EVAL_N_CURVES = 5, EVAL_N_STRIPS = 3, EVAL_STRIP_PX = 256 };
extern const eval_quantity eval_reenact_curves[EVAL_N_CURVES];

/* One frame of the film: the real picture, ours and the moved first frame, side by side. */
typedef struct eval_strip {
    uint8_t rgb[EVAL_STRIP_PX][EVAL_N_RIVALS][EVAL_STRIP_PX][3];
    size_t frame;               /* of the video */
    double psnr[EVAL_N_RIVALS]; /* dB */
} eval_strip;

typedef struct eval_film {
    eval_strip strip[EVAL_N_STRIPS]; /* those of ours with the least PSNR, apart */
    int n;
} eval_film;

typedef struct eval_reenacted {
    limner_status status;       /* LIMNER_OK: it is judged */
    char reason[LIMNER_IO_ERROR_SIZE]; /* why it is not */
    double fps, seconds;
    size_t n_frames;            /* of the video, tracked */
    size_t n_compared;          /* real frames with a face, but for the first of them */
    size_t n_lost;              /* of those, frames of ours in which no face is found */
    double psnr[EVAL_N_RIVALS], ssim[EVAL_N_RIVALS]; /* means over frames; of the face */
    double error[EVAL_N_RIVALS][EVAL_N_PARTS]; /* of landmarks; share of the eye distance */
    double opening_r;           /* Pearson, real and ours */
    double *curve[2][EVAL_N_CURVES]; /* [n_frames]: real, ours; NaN: no face */
    eval_film *film;            /* NULL: not kept */
} eval_reenacted;

/* The motion that shows, on the portrait made of the clip's frame `first`, what the tracker saw in
 * the frame `now`. own: the portrait's own motion. */
void eval_reenact_motion(limner_motion *out, const limner_motion *own, const limner_motion *first,
                         const limner_motion *now);

/* How motion i of a clip's n becomes stage->rgb: eval_reenact_show, or what a test puts in its
 * place. */
typedef limner_status (*eval_reenact_shower)(void *user, eval_stage *stage,
                                             const limner_motion *motions, size_t n, size_t i);
/* Shows motions[i]; user is not used. */
limner_status eval_reenact_show(void *user, eval_stage *stage, const limner_motion *motions,
                                size_t n, size_t i);

/* Status and reason are in out; to be closed either way. */
void eval_reenact_clip(eval_reenacted *out, limner_model *model, const char *path,
                       uint32_t size_px, double max_s, eval_reenact_shower show, void *user);
void eval_reenacted_close(eval_reenacted *r); /* NULL-safe */

/* One frame's comparison. Pictures are size x size; landmarks in their pixels. */
typedef struct eval_compare eval_compare;
/* first: the portrait's square of the first frame. Copied. NULL: no memory. */
eval_compare *eval_compare_open(uint32_t size_px, const uint8_t *first,
                                const float landmarks[478][2]);
void eval_compare_close(eval_compare *c); /* NULL-safe */
/* Into psnr and ssim; -1: no memory. */
int eval_compare_frame(eval_compare *c, double psnr[EVAL_N_RIVALS], double ssim[EVAL_N_RIVALS],
                       const uint8_t *real, const uint8_t *ours, const float landmarks[478][2]);
/* Keeps the frame just compared where it is one of the worst. */
void eval_compare_keep(const eval_compare *c, eval_film *film, size_t frame,
                       const double psnr[EVAL_N_RIVALS], const uint8_t *real,
                       const uint8_t *ours);

/* Tables, summary, plots and pictures; in the order of the paths. -1: no memory. */
int eval_reenact_report(eval_report *r, const char *const *paths, const eval_reenacted *clips,
                        size_t n);
/* The smaller, the sooner a clip's film is shown: its gain over the moved first frame, dB. */
double eval_reenact_gain(const eval_reenacted *r);

#endif
