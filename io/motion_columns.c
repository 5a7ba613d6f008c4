/* SPDX-License-Identifier: Apache-2.0 */
/* Names, ranges and units of the columns. The eyes' signs were measured on recorded takes: the left
 * eye's yaw falls by 0.63 rad as EyeLookOutLeft rises to 1, its pitch rises by 0.5 with
 * EyeLookDownLeft. The head is taken to have the same signs. */
#include "io/motion_columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DEGREES_PER_RADIAN 57.295779513082320877

static const struct {
    const char *name;
    double low, high, rest;
} own_columns[LIMNER_N_COLUMNS - LIMNER_N_EXPRESSION] = {
    {"HeadYaw", -3.2, 3.2, 0}, /* radians down to the eyes' */
    {"HeadPitch", -3.2, 3.2, 0},
    {"HeadRoll", -3.2, 3.2, 0},
    {"LeftEyeYaw", -7, 7, 0},
    {"LeftEyePitch", -7, 7, 0},
    {"LeftEyeRoll", -7, 7, 0},
    {"RightEyeYaw", -7, 7, 0},
    {"RightEyePitch", -7, 7, 0},
    {"RightEyeRoll", -7, 7, 0},
    {"LimnerSeconds", 0, 1e7, 0},
    {"LimnerTongueUp", -0.5, 2, 0},
    {"LimnerX", -1000, 1000, 0}, /* cm */
    {"LimnerY", -1000, 1000, 0},
    {"LimnerZ", -1000, 1000, 0},
    {"LimnerDistance", 0.01, 100, 1},
    {"LimnerGazeYaw", -180, 180, 0}, /* degrees */
    {"LimnerGazePitch", -180, 180, 0},
    {"LimnerBreath", -10, 10, 0},
    {"LimnerSway", -10, 10, 0},
    {"LimnerRelative", 0, 1, 0}, /* of the whole take */
};

void limner_io_column_name(int index, char out[LIMNER_COLUMN_NAME_SIZE])
{
    if (index >= LIMNER_N_EXPRESSION) {
        snprintf(out, LIMNER_COLUMN_NAME_SIZE, "%s", own_columns[index - LIMNER_N_EXPRESSION].name);
        return;
    }
    snprintf(out, LIMNER_COLUMN_NAME_SIZE, "%s", limner_expression_name(index));
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 'a' + 'A');
}

void limner_io_column_range(int index, double *low, double *high)
{
    *low = index < LIMNER_N_EXPRESSION ? -0.5 : own_columns[index - LIMNER_N_EXPRESSION].low;
    *high = index < LIMNER_N_EXPRESSION ? 2 : own_columns[index - LIMNER_N_EXPRESSION].high;
}

void limner_io_row_rest(double row[LIMNER_N_COLUMNS])
{
    for (int i = 0; i < LIMNER_N_COLUMNS; i++)
        row[i] = i < LIMNER_N_EXPRESSION ? 0 : own_columns[i - LIMNER_N_EXPRESSION].rest;
}

void limner_io_row_from_motion(double row[LIMNER_N_COLUMNS], const limner_motion *m)
{
    const double eye_yaw = ((double)m->yaw - (double)m->gaze_yaw) / DEGREES_PER_RADIAN;
    const double eye_pitch = ((double)m->gaze_pitch - (double)m->pitch) / DEGREES_PER_RADIAN;

    limner_io_row_rest(row);
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        row[i] = m->expression[i];
    row[LIMNER_COLUMN_HEAD_YAW] = (0 - m->yaw) / DEGREES_PER_RADIAN;
    row[LIMNER_COLUMN_HEAD_PITCH] = m->pitch / DEGREES_PER_RADIAN;
    row[LIMNER_COLUMN_HEAD_ROLL] = (0 - m->roll) / DEGREES_PER_RADIAN;
    row[LIMNER_COLUMN_LEFT_EYE_YAW] = row[LIMNER_COLUMN_RIGHT_EYE_YAW] = eye_yaw;
    row[LIMNER_COLUMN_LEFT_EYE_PITCH] = row[LIMNER_COLUMN_RIGHT_EYE_PITCH] = eye_pitch;
    row[LIMNER_COLUMN_TONGUE_UP] = m->tongue_up;
    row[LIMNER_COLUMN_X] = m->x;
    row[LIMNER_COLUMN_Y] = m->y;
    row[LIMNER_COLUMN_Z] = m->z;
    row[LIMNER_COLUMN_DISTANCE] = m->distance;
    row[LIMNER_COLUMN_GAZE_YAW] = m->gaze_yaw;
    row[LIMNER_COLUMN_GAZE_PITCH] = m->gaze_pitch;
    row[LIMNER_COLUMN_BREATH] = m->breath;
    row[LIMNER_COLUMN_SWAY] = m->sway;
}

static float clamp(double v, double low, double high)
{
    return (float)(v < low ? low : v > high ? high : v);
}

static float unit(double v)
{
    return clamp(v, 0, 1);
}

void limner_io_row_to_motion(limner_motion *m, const double row[LIMNER_N_COLUMNS], int has_gaze)
{
    memset(m, 0, sizeof(*m));
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        m->expression[i] = unit(row[i]);
    m->yaw = (float)(-row[LIMNER_COLUMN_HEAD_YAW] * DEGREES_PER_RADIAN);
    m->pitch = (float)(row[LIMNER_COLUMN_HEAD_PITCH] * DEGREES_PER_RADIAN);
    m->roll = (float)(-row[LIMNER_COLUMN_HEAD_ROLL] * DEGREES_PER_RADIAN);
    m->tongue_up = unit(row[LIMNER_COLUMN_TONGUE_UP]);
    m->x = (float)row[LIMNER_COLUMN_X];
    m->y = (float)row[LIMNER_COLUMN_Y];
    m->z = (float)row[LIMNER_COLUMN_Z];
    m->distance = (float)row[LIMNER_COLUMN_DISTANCE];
    m->breath = (float)row[LIMNER_COLUMN_BREATH];
    m->sway = (float)row[LIMNER_COLUMN_SWAY];
    if (has_gaze) {
        m->gaze_yaw = (float)row[LIMNER_COLUMN_GAZE_YAW];
        m->gaze_pitch = (float)row[LIMNER_COLUMN_GAZE_PITCH];
        return;
    }
    const double yaw = row[LIMNER_COLUMN_LEFT_EYE_YAW] + row[LIMNER_COLUMN_RIGHT_EYE_YAW];
    const double pitch = row[LIMNER_COLUMN_LEFT_EYE_PITCH] + row[LIMNER_COLUMN_RIGHT_EYE_PITCH];
    m->gaze_yaw = clamp((double)m->yaw - 0.5 * yaw * DEGREES_PER_RADIAN, -180, 180);
    m->gaze_pitch = clamp((double)m->pitch + 0.5 * pitch * DEGREES_PER_RADIAN, -180, 180);
}
