/* SPDX-License-Identifier: Apache-2.0 */
/* What a person consists of; filled by person.c, used by person_fit.c. Columns of a landmark: how
 * it moves, head axes, with the active expressions (fit_prior.h), then gaze (right, down, up, of 30
 * degrees); the net's common errors follow as unknowns of their own. The points of
 * person_pixels.h know of pose and expressions only. */
#ifndef LIMNER_FACE_PERSON_INTERNAL_H
#define LIMNER_FACE_PERSON_INTERNAL_H

#include "core/linalg.h"
#include "face/fit_prior.h"
#include "face/fit_rows.h"
#include "face/person.h"
#include "face/person_eyes.h"
#include "face/person_pixels.h"

enum {
    LIMNER_PERSON_N_MESH = 468,         /* landmarks without the irises */
    LIMNER_PERSON_N_POSE = 6,           /* 3 rotation (camera axes), 1 log scale, 2 shift */
    LIMNER_PERSON_N_GAZE = 3,
    LIMNER_PERSON_N_COLUMNS = LIMNER_FIT_N_ACTIVE + LIMNER_PERSON_N_GAZE,
    LIMNER_PERSON_N_SHAPES = LIMNER_PERSON_N_COLUMNS + LIMNER_FACE_N_ERROR,
    LIMNER_PERSON_N_FULL = LIMNER_PERSON_N_POSE + LIMNER_PERSON_N_SHAPES,
    LIMNER_PERSON_N_PIXEL = LIMNER_PERSON_N_POSE + LIMNER_FIT_N_ACTIVE
};

/* Camera: picture = scale * ((rotation * X).xy + shift), y then negated. */
typedef struct limner_person_pose {
    double rotation[9], scale, shift[2];
} limner_person_pose;

/* The frame in work. */
typedef struct limner_person_frame {
    double target[LIMNER_N_LANDMARK][2];        /* pixels, y up */
    double place[LIMNER_N_LANDMARK][3];         /* rotated, cm */
    double robust[LIMNER_N_LANDMARK];
    limner_person_pose pose;
    double value[LIMNER_PERSON_N_SHAPES];       /* of columns and errors */
    bool is_refined;                            /* by pixels */
    double gaze_deg[2];                         /* yaw, pitch, by landmarks alone */
    double off_cm;                              /* rms of the landmarks, by landmarks alone */
    limner_fit_rows rows, pixel_rows;
    double a[LIMNER_PERSON_N_FULL * LIMNER_PERSON_N_FULL];
    double b[LIMNER_PERSON_N_FULL], lo[LIMNER_PERSON_N_FULL], hi[LIMNER_PERSON_N_FULL];
    double step[LIMNER_PERSON_N_FULL];
    double work[LIMNER_BOX_WORK(LIMNER_PERSON_N_FULL)];
    int8_t state[LIMNER_PERSON_N_FULL];
} limner_person_frame;

struct limner_person {
    const limner_face *face;
    float identity[LIMNER_N_IDENTITY];
    double base[LIMNER_N_LANDMARK][3];          /* the neutral face as the net sees it */
    double rest[LIMNER_FIT_N_ACTIVE];           /* expressions it returns to */
    double yaw, pitch, gaze_yaw, gaze_pitch;    /* when it was met, degrees */
    double lid_gain[2];                         /* of the columns of the blinks, left, right */
    double turn[LIMNER_N_LANDMARK][2][2];       /* by a degree of yaw, pitch; x, y: beyond the
                                                 * model's own turn */
    float column[LIMNER_N_LANDMARK][3][LIMNER_PERSON_N_SHAPES];
    double weight[LIMNER_N_LANDMARK][2];        /* per square centimetre */
    double precision[LIMNER_FIT_N_ACTIVE * LIMNER_FIT_N_ACTIVE];
    limner_person_frame frame;
    limner_person_pixels pixels;
    limner_person_eyes eyes;
};

#endif
