/* SPDX-License-Identifier: Apache-2.0 */
/* What the picture itself tells of a known person's frame, beside the landmarks: points of the
 * skin are brought to where they are as bright as when the person was met and in calm frames after,
 * in the light of then (person_light.h). A landmark is read to half a pixel, and expressions move
 * many of them by less; some thousand points together are read far finer. Of their motion the model
 * knows all: where a coefficient takes each (Active appearance models fitted forwards; Matthews and
 * Baker 2004, "Active appearance models revisited"). One thread at a time. */
#ifndef LIMNER_FACE_PERSON_PIXELS_H
#define LIMNER_FACE_PERSON_PIXELS_H

#include "face/face_view.h"
#include "face/fit_prior.h"
#include "face/person.h"
#include "face/skin_light.h"

enum { LIMNER_PERSON_MAX_POINTS = 4096 };

typedef struct limner_person_point {
    float at[3];                        /* of the neutral face, head axes, cm */
    float column[3][LIMNER_FIT_N_ACTIVE];       /* moved by a coefficient of 1, cm */
    float tone;                         /* brightness when met */
    float slope[2];                     /* its change per cm then, camera axes x and y */
    float facing;                       /* 0..1: of the surface, to the camera, when met */
    float normal[3];                    /* of the surface when met, head axes, */
    float bend[3][LIMNER_FIT_N_ACTIVE];         /* and its change with a coefficient of 1 */
    float light;                        /* on it when met, with LIMNER_LIGHT_AMBIENT */
    bool is_lip;
    int n_sights;                       /* frames of which tone and slope are the mean */
    float noise;                        /* mean square of what it was off by so far */
} limner_person_point;

/* One frame's readings of the points. */
typedef struct limner_person_reading {
    double place[LIMNER_PERSON_MAX_POINTS][3];          /* rotated, cm */
    float tone[LIMNER_PERSON_MAX_POINTS], slope[LIMNER_PERSON_MAX_POINTS][2];   /* y up */
    float shade[LIMNER_PERSON_MAX_POINTS];      /* tone as the surface lies now, light as it was */
    float normal[LIMNER_PERSON_MAX_POINTS][3];  /* camera axes; what shade changes by with it: */
    float shade_slope[LIMNER_PERSON_MAX_POINTS][3];
    float lit[LIMNER_PERSON_MAX_POINTS][3];     /* by light from camera x, y, z, as it turned */
    float off[LIMNER_PERSON_MAX_POINTS];        /* expected less read */
    bool is_seen[LIMNER_PERSON_MAX_POINTS];
    float light;                        /* how many times as bright as when met */
} limner_person_reading;

typedef struct limner_person_pixels {
    int n;                              /* 0: nothing is known */
    double rotation[9];                 /* of the head when met, */
    float value[LIMNER_FIT_N_ACTIVE];   /* the expression, */
    float light[LIMNER_LIGHT_N];        /* and the light, camera axes */
    limner_person_point point[LIMNER_PERSON_MAX_POINTS];
    limner_person_reading reading;
} limner_person_pixels;

/* Learns the points from a view of the frame fitted last. E_NOMEM. */
limner_status limner_person_pixels_learn(limner_person *p, const limner_face_view *view);

/* Adds an equation of each point of the view to p->frame.pixel_rows, unknowns in the order of
 * person_internal.h without gaze and errors. */
void limner_person_pixels_add(limner_person *p, const limner_face_view *view);

/* Learns from the equations added last, of a frame that is fitted, how far each point can be
 * trusted, and, of a face much as it was when met, how bright it is: a single frame is noisy. */
void limner_person_pixels_judge(limner_person *p);

#endif
