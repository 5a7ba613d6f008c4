/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a motion file and their relation to limner_motion. A row is held as doubles, one
 * per column, in the order of this enum, which is the order of the file. */
#ifndef LIMNER_IO_MOTION_COLUMNS_H
#define LIMNER_IO_MOTION_COLUMNS_H

#include <stddef.h>

#include "limner/limner.h"

enum {
    LIMNER_COLUMN_HEAD_YAW = LIMNER_N_EXPRESSION,
    LIMNER_COLUMN_HEAD_PITCH,
    LIMNER_COLUMN_HEAD_ROLL,
    LIMNER_COLUMN_LEFT_EYE_YAW,
    LIMNER_COLUMN_LEFT_EYE_PITCH,
    LIMNER_COLUMN_LEFT_EYE_ROLL,
    LIMNER_COLUMN_RIGHT_EYE_YAW,
    LIMNER_COLUMN_RIGHT_EYE_PITCH,
    LIMNER_COLUMN_RIGHT_EYE_ROLL,
    LIMNER_COLUMN_SECONDS,
    LIMNER_COLUMN_TONGUE_UP,
    LIMNER_COLUMN_X,
    LIMNER_COLUMN_Y,
    LIMNER_COLUMN_Z,
    LIMNER_COLUMN_DISTANCE,
    LIMNER_COLUMN_GAZE_YAW,
    LIMNER_COLUMN_GAZE_PITCH,
    LIMNER_COLUMN_BREATH,
    LIMNER_COLUMN_SWAY,
    LIMNER_COLUMN_RELATIVE,
    LIMNER_N_COLUMNS
};

#define LIMNER_BLENDSHAPE_COUNT 61 /* Live Link's own number: coefficients, head and eyes */
#define LIMNER_COLUMN_NAME_SIZE 32

/* Column `index`'s name in out; with the values it may have and the one it has when absent. */
void limner_io_column_name(int index, char out[LIMNER_COLUMN_NAME_SIZE]);
void limner_io_column_range(int index, double *low, double *high);
void limner_io_row_from_motion(double row[LIMNER_N_COLUMNS], const limner_motion *m);
/* has_gaze: the row's own gaze columns count, else the eyes'. Coefficients are clamped to 0..1. */
void limner_io_row_to_motion(limner_motion *m, const double row[LIMNER_N_COLUMNS], int has_gaze);
/* What absent columns hold. */
void limner_io_row_rest(double row[LIMNER_N_COLUMNS]);

#endif
