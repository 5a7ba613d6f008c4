/* SPDX-License-Identifier: Apache-2.0 */
/* See unmix.h. Inputs: the clues of the frames in order, then, of the middle frame, products of two
 * of the mouth's shapes and the squares of all: lips that do one thing are mixed up otherwise when
 * they do another, and a strong shape otherwise than a faint one. */
#include "face/unmix.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/smoothstep.h"
#include "face/fit_prior.h"

enum {
    N_ACTIVE = LIMNER_FIT_N_ACTIVE,
    N_CLUE = LIMNER_FACE_N_UNMIX_CLUE,
    N_FRAMES = LIMNER_FACE_N_UNMIX_FRAMES,
    N_PAIRED = LIMNER_FACE_N_UNMIX_PAIRED
};

static const int paired[N_PAIRED] = {
    LIMNER_JAW_OPEN, LIMNER_MOUTH_CLOSE, LIMNER_MOUTH_FUNNEL, LIMNER_MOUTH_PUCKER,
    LIMNER_MOUTH_SMILE_LEFT, LIMNER_MOUTH_SMILE_RIGHT, LIMNER_MOUTH_STRETCH_LEFT,
    LIMNER_MOUTH_STRETCH_RIGHT, LIMNER_MOUTH_PRESS_LEFT, LIMNER_MOUTH_LOWER_DOWN_LEFT,
    LIMNER_MOUTH_LOWER_DOWN_RIGHT, LIMNER_MOUTH_UPPER_UP_LEFT, LIMNER_MOUTH_UPPER_UP_RIGHT
};

/* Most a coefficient is changed by: takes to learn from needed no more. */
#define MOST_CHANGE 0.3f
/* Activity of the mouth from which on it is taken to speak. Faces at rest have less than 0.1, talk
 * more than 0.23 in nineteen frames of twenty. */
#define AT_REST 0.1f
#define SPEAKING 0.2f
/* Lids so far shut are not opened by the change. */
#define LIDS_MAYBE_SHUT 0.5f
#define LIDS_SHUT 0.9f

/* Whether a shape is of brows and eyes; the others are of the mouth, cheeks and nose. */
static bool is_upper(int shape)
{
    return shape < LIMNER_JAW_FORWARD ||
           (shape >= LIMNER_BROW_DOWN_LEFT && shape <= LIMNER_BROW_OUTER_UP_RIGHT);
}

/* How much the mouth is at work: root of the sum of squares, mean of the frames. */
static float activity(const limner_unmix_clue *const *clue)
{
    float sum = 0.0f;

    for (int i = 0; i < N_FRAMES; i++) {
        float squares = 0.0f;

        for (int c = 0; c < N_ACTIVE; c++)
            if (!is_upper(limner_fit_active(c)))
                squares += clue[i]->v[c] * clue[i]->v[c];
        sum += sqrtf(squares);
    }
    return sum / (float)N_FRAMES;
}

/* Values of the paired shapes. */
static void pick_paired(float out[N_PAIRED], const float *v)
{
    for (int c = 0; c < N_ACTIVE; c++)
        for (int i = 0; i < N_PAIRED; i++)
            if (limner_fit_active(c) == paired[i])
                out[i] = v[c];
}

static void add_row(float *sum, const float *weight, float x)
{
    for (int c = 0; c < N_ACTIVE; c++)
        sum[c] += weight[c] * x;
}

/* How far a coefficient of 1 parts the lips in the middle, as the landmark net sees it, cm. */
static float parting(const limner_face *face, int shape)
{
    static const uint16_t upper[] = {82, 13, 312}, lower[] = {87, 14, 317};
    const float *y = face->answer.shape + (2 * (size_t)shape + 1) * LIMNER_FACE_N_LANDMARKS;
    float sum = 0.0f;

    for (int i = 0; i < 3; i++)
        sum += (y[upper[i]] - y[lower[i]]) / 3.0f;
    return sum;
}

static float corrected(int shape, float value, float change)
{
    change = fminf(fmaxf(change, -MOST_CHANGE), MOST_CHANGE);
    if ((shape == LIMNER_EYE_BLINK_LEFT || shape == LIMNER_EYE_BLINK_RIGHT) && change < 0.0f)
        change *= 1.0f - limner_smoothstep(value, LIDS_MAYBE_SHUT, LIDS_SHUT);
    return fminf(fmaxf(value + change, 0.0f), 1.0f);
}

void limner_unmix(limner_motion *motion, const limner_face *face,
                  const limner_unmix_clue *const *clue)
{
    const float *weight = face->unmix.weight, *middle = clue[LIMNER_UNMIX_REACH]->v;
    const float share = limner_smoothstep(activity(clue), AT_REST, SPEAKING);
    float sum[N_ACTIVE], value[N_PAIRED] = {0}, parted = 0.0f;
    float *e = motion->expression;

    if (share <= 0.0f)
        return;
    memcpy(sum, face->unmix.bias, sizeof(sum));
    for (int i = 0; i < N_FRAMES; i++)
        for (int k = 0; k < N_CLUE; k++, weight += N_ACTIVE)
            add_row(sum, weight, clue[i]->v[k]);
    pick_paired(value, middle);
    for (int i = 0; i < N_PAIRED; i++)
        for (int j = i + 1; j < N_PAIRED; j++, weight += N_ACTIVE)
            add_row(sum, weight, value[i] * value[j]);
    for (int k = 0; k < N_ACTIVE; k++, weight += N_ACTIVE)
        add_row(sum, weight, middle[k] * middle[k]);
    for (int c = 0; c < N_ACTIVE; c++) {
        const int shape = limner_fit_active(c);
        const float before = e[shape];

        if (shape == LIMNER_JAW_OPEN)
            continue;
        e[shape] = corrected(shape, before, share * sum[c]);
        parted += (e[shape] - before) * parting(face, shape);
    }
    e[LIMNER_JAW_OPEN] = corrected(LIMNER_JAW_OPEN, e[LIMNER_JAW_OPEN],
                                   -parted / parting(face, LIMNER_JAW_OPEN));
    e[LIMNER_MOUTH_CLOSE] = fminf(e[LIMNER_MOUTH_CLOSE], e[LIMNER_JAW_OPEN]);
}
