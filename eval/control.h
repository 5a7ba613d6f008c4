/* SPDX-License-Identifier: Apache-2.0 */
/* Is every control obeyed by itself? One portrait is shown in a fixed list of shots, each of which
 * changes one thing, and every frame is read again by the tracker. doc/evaluation.md defines the
 * figures; NaN: it could not be read. Angles in degrees. Parts of eval_control, which see one
 * portrait each. */
#ifndef LIMNER_EVAL_CONTROL_H
#define LIMNER_EVAL_CONTROL_H

#include <stdbool.h>

#include "eval/eval.h"
#include "eval/measures.h"
#include "eval/stage.h"
#include "io/media.h"

typedef enum eval_shot_kind {
    EVAL_SHOT_OWN,      /* the photo's own motion: always the first shot */
    EVAL_SHOT_HEAD,
    EVAL_SHOT_GAZE,
    EVAL_SHOT_DISTANCE,
    EVAL_SHOT_LIDS,     /* both eyes shut */
    EVAL_SHOT_REST,     /* all expressions 0 */
    EVAL_SHOT_MOUTH,    /* jawOpen alone, in steps from 0 */
    EVAL_SHOT_SINGLE    /* one expression at 1, all others 0 */
} eval_shot_kind;

enum {
    EVAL_N_HEADS = 15,
    EVAL_N_HEAD_ANGLES = 21,    /* single angles asked for in the heads' shots */
    EVAL_N_GAZES = 6,
    EVAL_N_DISTANCES = 4,
    EVAL_N_ASKED = EVAL_N_HEAD_ANGLES + EVAL_N_GAZES + EVAL_N_DISTANCES,
    EVAL_N_MOUTHS = 9,
    EVAL_N_SINGLES = 42,        /* all but eyeLook* (gaze makes them), mouthClose, tongueOut */
    EVAL_N_SHOTS = 3 + EVAL_N_HEADS + EVAL_N_GAZES + EVAL_N_DISTANCES + EVAL_N_MOUTHS +
                   EVAL_N_SINGLES,
    EVAL_N_LOOKS = 20,          /* shots whose identity is fitted freely */
    EVAL_N_FILM = 14,           /* small pictures kept of some shots */
    EVAL_FILM_PX = 128          /* their size */
};

typedef struct eval_shot {
    eval_shot_kind kind;
    limner_motion motion;
    bool is_asked[3];           /* HEAD: yaw, pitch, roll; GAZE: yaw, pitch */
    int expression;             /* SINGLE */
    bool is_identity_read, is_in_film;
} eval_shot;

typedef struct eval_reading {
    bool is_found, is_new;      /* as in limner_tracked */
    limner_motion motion;       /* all NaN where there is no face, and so are measures */
    eval_measures measures;
    bool has_identity;
    float identity[LIMNER_N_IDENTITY]; /* fitted freely to this frame alone */
} eval_reading;

/* own: the photo's motion; what a shot does not ask for stays the photo's. */
void eval_control_shots(eval_shot shots[EVAL_N_SHOTS], const limner_motion *own);

/* How a motion becomes stage->rgb: eval_stage_show, or what a test puts in its place. */
typedef limner_status (*eval_show)(void *user, eval_stage *stage, const limner_motion *m);

/* Shows and reads all shots. film [EVAL_N_FILM][EVAL_FILM_PX][EVAL_FILM_PX][3]. */
limner_status eval_control_read(eval_reading readings[EVAL_N_SHOTS],
                                const eval_shot shots[EVAL_N_SHOTS], eval_stage *stage,
                                eval_show show, void *user, uint8_t *film);

/* One number that a shot asks for, and what was read of it. */
typedef struct eval_asked {
    char name[24];              /* "yaw", "gaze pitch", "yaw, turned" (where more is asked for) */
    double asked, seen;
} eval_asked;

/* Errors are absolute values. ..._own: in relation to what is read of the photo's own frame, where
 * the sitter's zero drops out: the change read against the change asked for. */
typedef struct eval_obedience {
    double head[EVAL_N_HEAD_ANGLES], head_own[EVAL_N_HEAD_ANGLES]; /* each angle asked for */
    double turn[EVAL_N_HEADS], turn_own[EVAL_N_HEADS]; /* angle of the rotation between */
    double gaze[EVAL_N_GAZES], gaze_own[EVAL_N_GAZES]; /* angle between the directions */
    double distance[EVAL_N_DISTANCES]; /* share */
    eval_asked asked[EVAL_N_ASKED]; /* in the order of the shots */
} eval_obedience;
void eval_control_obedience(eval_obedience *out, const eval_shot *shots,
                            const eval_reading *readings);

typedef struct eval_factors {
    double mouth_r;             /* Pearson: jawOpen asked for, inner lips' opening read */
    double lid_left[2];         /* shut eye's aperture, share of the photo's; left, right; NaN too
                                 * where the eye is nearly shut in the photo */
    double lid_worst;           /* the larger of the two */
    double pose_to_expression;  /* leakage, see control_factors.c */
    double expression_to_pose;
    int n_seen;                 /* expressions that count in pose_to_expression */
    int leakiest;               /* the expression that the head's pose moves most; -1: none */
    double leakiest_share;
    int pushiest;               /* the expression that moves the head most; -1: none */
    double pushiest_share;
} eval_factors;
void eval_control_factors(eval_factors *out, const eval_shot *shots, const eval_reading *readings);

/* All of one portrait. */
typedef struct eval_controlled {
    limner_status status;       /* LIMNER_OK: it is judged */
    char reason[LIMNER_IO_ERROR_SIZE]; /* why it is not */
    double own_yaw, own_pitch;  /* of the head in the photo */
    double psnr_db;             /* own motion against the crop, where they correspond 1:1 */
    double psnr_size_db;        /* the same at the size of all other frames */
    eval_obedience obedience;
    eval_factors factors;
    float identity[LIMNER_N_IDENTITY]; /* of the photo's crop */
    float moved_identity[LIMNER_N_IDENTITY]; /* mean over the frames whose identity is read */
    double identity_change;     /* distance between the two; NaN: not read */
    double identity_frame[EVAL_N_LOOKS]; /* distance of each frame's from the crop's */
    double n_lost, n_new;       /* frames without a face; with the face looked for anew */
    uint8_t *film;              /* as of eval_control_read; NULL: not judged */
} eval_controlled;

/* Status and reason are in out; to be closed either way. */
void eval_control_portrait(eval_controlled *out, limner_model *model, const limner_photo *photo,
                           uint32_t size_px, eval_show show, void *user);
void eval_controlled_close(eval_controlled *c); /* NULL-safe */
/* A show that does as it is told; user is not used. */
limner_status eval_control_show(void *user, eval_stage *stage, const limner_motion *m);

/* Tables, summary and pictures of faces [job->n_paths]. identity_change and identity_frame become
 * shares: of the median distance between one portrait's crop and another one's frames (NaN where
 * there are no two). -1: no memory. */
int eval_control_report(const eval_job *job, eval_controlled *faces);

#endif
