/* SPDX-License-Identifier: Apache-2.0 */
/* Gaze and lids of a known person's frame, read from the picture: the landmark net's irises follow
 * an eye only in part, and it sees shut eyes a little open. From the frame in which the person was
 * met each eye's look is kept: the iris as rings about its middle, the white where it lies between
 * the lids, the skin of the lid. A frame is explained by these: the iris turned to where the gaze
 * takes it on the eyeball (the renderer's), both eyes alike, and a lid drawn over both. One thread
 * at a time. */
#ifndef LIMNER_FACE_PERSON_EYES_H
#define LIMNER_FACE_PERSON_EYES_H

#include "face/face_view.h"
#include "face/person.h"

enum {
    LIMNER_PERSON_EYE_COLUMNS = 24,     /* from the outer corner to the inner one */
    LIMNER_PERSON_EYE_ROWS = 14,        /* from the lower lid to the upper */
    LIMNER_PERSON_EYE_POINTS = LIMNER_PERSON_EYE_COLUMNS * LIMNER_PERSON_EYE_ROWS,
    LIMNER_PERSON_EYE_RINGS = 16
};

/* Iris radii: to here an iris looks as its rings, from there on there is white; where rings end. */
#define LIMNER_PERSON_EYE_IRIS 1.05f
#define LIMNER_PERSON_EYE_WHITE 1.20f
#define LIMNER_PERSON_EYE_RINGS_END 1.25f

/* An eye's look; points [row][column], brightness in the frame where the person was met. */
typedef struct limner_person_eye {
    bool is_known;                      /* iris and white tell apart */
    double centre[3], radius_cm;        /* of the eyeball, head axes */
    float iris_cos;                     /* of the angle from its middle to its edge */
    float contrast;                     /* of white and iris */
    double iris_area;                   /* seen of it that looks as its rings */
    double aperture;                    /* as the net had it */
    double rows;                        /* the eyeball seen, read back */
    float ring[LIMNER_PERSON_EYE_RINGS + 1];    /* of the iris, from its middle outwards */
    float point[LIMNER_PERSON_EYE_POINTS][3];   /* on the eyeball, head axes, radii */
    float white[LIMNER_PERSON_EYE_POINTS];
    float weight[LIMNER_PERSON_EYE_POINTS];     /* the area it stands for */
    float skin[LIMNER_PERSON_EYE_COLUMNS];      /* of the upper lid */
} limner_person_eye;

/* One frame's reading of an eye. */
typedef struct limner_person_eye_reading {
    float tone[LIMNER_PERSON_EYE_POINTS];       /* in the light of the frame where it was met */
    float at[LIMNER_PERSON_EYE_POINTS][3];      /* on the eyeball, camera axes, radii */
    float weight[LIMNER_PERSON_EYE_POINTS];     /* 0: not in the view */
    double area;                        /* sum of the weights */
    double rows;                        /* that show the eyeball */
} limner_person_eye_reading;

typedef struct limner_person_eyes {
    limner_person_eye eye[2];           /* left, right */
    limner_person_eye_reading reading[2];
    double gaze_deg[2];                 /* yaw, pitch */
    double seen;                        /* share of the iris, of the eye that shows more */
    double aperture[2];                 /* opening of the lids over the eye's width */
    double open[2];                     /* the same over that where it was met; 1: not known */
} limner_person_eyes;

/* Keeps the eyes' look from a view of the frame fitted last. */
void limner_person_eyes_learn(limner_person *p, const limner_face_view *view);

/* Reads the frame in work; view NULL: its landmarks. */
void limner_person_eyes_read(limner_person *p, const limner_face_view *view);

/* ---- shared by reading and learning -------------------------------------------------------- */

/* Unit vector, camera axes. */
void limner_person_eyes_direction(double out[3], const double gaze_deg[2]);
/* Brightness at a place of the frame (camera axes, cm). false: not in the view. */
bool limner_person_eyes_tone(float *tone, const limner_person *p, const limner_face_view *view,
                             const double at[2]);
/* Distance of a point from the iris' middle in its radii. */
float limner_person_eyes_radii(const limner_person_eye *e, const float at[3], const float gaze[3]);
/* Share of an iris, as it was seen when it was met, that is seen with this gaze. */
double limner_person_eyes_iris(const limner_person *p, int side, const double gaze_deg[2]);
/* Reads an eye's points. */
void limner_person_eyes_points(limner_person *p, const limner_face_view *view, int side);
/* The gaze near best[2] that explains eyes from..to-1 best. */
void limner_person_eyes_search(double best[2], const limner_person *p, int from, int to);
/* Rows of an eye that show the eyeball. */
double limner_person_eyes_rows(const limner_person *p, int side, const double gaze_deg[2],
                               double aperture);

#endif
