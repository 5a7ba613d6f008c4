/* SPDX-License-Identifier: Apache-2.0 */
/* Emotion table (see emotion.h). Weights are for full intensity; the sum is clamped afterwards, so
 * that one above 1 reaches its end before that. They were chosen by eye on four portraits at 0.7,
 * where all seven must be told apart: brows and nose move little in a model of faces at rest. */
#include "motion/emotion.h"

#include <math.h>

#include "core/smoothstep.h"

enum { MAX_PARTS = 16 };

typedef struct part {
    uint8_t index;                      /* limner_expression */
    float weight;
} part;

#define PAIR(name, w) {LIMNER_##name##_LEFT, w}, {LIMNER_##name##_RIGHT, w}

static const part PARTS[LIMNER_N_EMOTION][MAX_PARTS] = {
    [LIMNER_HAPPY] = {
        PAIR(MOUTH_SMILE, 0.85f), PAIR(CHEEK_SQUINT, 0.75f), PAIR(EYE_SQUINT, 0.35f),
        PAIR(MOUTH_DIMPLE, 0.1f), PAIR(MOUTH_UPPER_UP, 0.08f), {LIMNER_BROW_INNER_UP, 0.08f},
    },
    [LIMNER_SAD] = {
        {LIMNER_BROW_INNER_UP, 1.0f}, PAIR(BROW_DOWN, 0.2f), PAIR(MOUTH_FROWN, 0.95f),
        {LIMNER_MOUTH_SHRUG_LOWER, 0.45f}, PAIR(EYE_SQUINT, 0.2f), PAIR(EYE_BLINK, 0.2f),
    },
    [LIMNER_SURPRISED] = {
        {LIMNER_BROW_INNER_UP, 0.9f}, PAIR(BROW_OUTER_UP, 0.9f), PAIR(EYE_WIDE, 0.8f),
        {LIMNER_JAW_OPEN, 0.25f}, {LIMNER_MOUTH_FUNNEL, 0.1f},
    },
    [LIMNER_ANGRY] = {
        PAIR(BROW_DOWN, 1.4f), PAIR(EYE_SQUINT, 1.3f), PAIR(EYE_WIDE, 0.15f),
        PAIR(NOSE_SNEER, 0.5f), PAIR(MOUTH_PRESS, 0.9f), {LIMNER_MOUTH_ROLL_LOWER, 0.35f},
        PAIR(MOUTH_FROWN, 0.6f), {LIMNER_JAW_FORWARD, 0.3f},
    },
    [LIMNER_AFRAID] = {
        {LIMNER_BROW_INNER_UP, 1.0f}, PAIR(BROW_OUTER_UP, 0.35f), PAIR(BROW_DOWN, 0.35f),
        PAIR(EYE_WIDE, 1.0f), PAIR(MOUTH_STRETCH, 0.8f), PAIR(MOUTH_FROWN, 0.25f),
        {LIMNER_JAW_OPEN, 0.12f},
    },
    [LIMNER_DISGUSTED] = {
        PAIR(NOSE_SNEER, 1.0f), PAIR(MOUTH_FROWN, 0.8f), PAIR(CHEEK_SQUINT, 0.6f),
        PAIR(BROW_DOWN, 0.6f), PAIR(EYE_SQUINT, 0.4f), {LIMNER_MOUTH_SHRUG_LOWER, 0.8f},
    },
    [LIMNER_CONTEMPT] = {
        {LIMNER_MOUTH_SMILE_LEFT, 0.3f}, {LIMNER_MOUTH_DIMPLE_LEFT, 1.0f},
        {LIMNER_MOUTH_FROWN_RIGHT, 0.85f}, PAIR(MOUTH_PRESS, 0.7f), {LIMNER_MOUTH_LEFT, 0.35f},
        {LIMNER_NOSE_SNEER_LEFT, 0.6f}, {LIMNER_EYE_SQUINT_LEFT, 0.2f},
        {LIMNER_BROW_OUTER_UP_RIGHT, 0.8f}, {LIMNER_BROW_DOWN_LEFT, 0.5f}, PAIR(EYE_BLINK, 0.28f),
    },
};

/* How the head is held, degrees: forehead first in anger, chin up and a little averted in contempt.
 * Gaze is to the camera, so that eyes look up from under the brows, or down the nose. */
typedef struct hold {
    float yaw, pitch, roll;
} hold;

static const hold HOLDS[LIMNER_N_EMOTION] = {
    [LIMNER_ANGRY] = {0.0f, 7.0f, 0.0f},
    [LIMNER_CONTEMPT] = {-4.0f, -7.0f, -3.0f},
};

/* What a lip that rises or falls opens, as a share of the jaw (articulation.c). */
static const float LIP = 0.23f;

/* How much of a shape a speaking mouth leaves. What drops the jaw is for the pauses, since it would
 * fill the small openings of speech, and gives way to closed lips and to a mouth that is open
 * anyway; what presses the lips together gives way to an open mouth, the chin's shrug already to a
 * small opening, which it would shut. Mouth corners pulled down narrow the opening and keep two
 * thirds of their pull. */
static float left_by_speech(int index, float talk, float closure, float open)
{
    switch (index) {
    case LIMNER_JAW_OPEN: case LIMNER_MOUTH_FUNNEL:
        return (1.0f - closure) * (1.0f - talk) *
               (1.0f - 0.7f * limner_smoothstep(open, 0.0f, 0.3f));
    case LIMNER_MOUTH_UPPER_UP_LEFT: case LIMNER_MOUTH_UPPER_UP_RIGHT:
        return 1.0f - closure;
    case LIMNER_MOUTH_PRESS_LEFT: case LIMNER_MOUTH_PRESS_RIGHT:
    case LIMNER_MOUTH_ROLL_LOWER:
        return 1.0f - limner_smoothstep(open, 0.02f, 0.25f);
    case LIMNER_MOUTH_SHRUG_LOWER:
        return 1.0f - limner_smoothstep(open, 0.0f, 0.12f);
    case LIMNER_MOUTH_FROWN_LEFT: case LIMNER_MOUTH_FROWN_RIGHT:
        return 1.0f - 0.35f * limner_smoothstep(open, 0.02f, 0.25f);
    default:
        return 1.0f;
    }
}

/* In anger brows that speech raises stay down, or each raise would look worried. */
static void hold_brows_down(float angry, limner_motion *m)
{
    const float left = 1.0f - fminf(1.15f * angry, 0.8f);

    m->expression[LIMNER_BROW_INNER_UP] *= left;
    m->expression[LIMNER_BROW_OUTER_UP_LEFT] *= left;
    m->expression[LIMNER_BROW_OUTER_UP_RIGHT] *= left;
}

void limner_emotion_apply(const float emotion[LIMNER_N_EMOTION], float liveliness, float talk,
                          float closure, limner_motion *m)
{
    const float *x = m->expression;
    const float open = x[LIMNER_JAW_OPEN] - x[LIMNER_MOUTH_CLOSE] +
                       LIP * (x[LIMNER_MOUTH_LOWER_DOWN_LEFT] + x[LIMNER_MOUTH_UPPER_UP_LEFT]);

    hold_brows_down(emotion[LIMNER_ANGRY], m);
    for (int e = 0; e < LIMNER_N_EMOTION; e++) {
        float intensity = emotion[e] * liveliness;

        if (intensity <= 0.0f)
            continue;
        for (int i = 0; i < MAX_PARTS; i++) {
            const part *p = &PARTS[e][i];

            m->expression[p->index] +=
                intensity * p->weight * left_by_speech(p->index, talk, closure, open);
        }
    }
}

void limner_emotion_hold(const float emotion[LIMNER_N_EMOTION], float gain, limner_motion *m)
{
    gain = fminf(gain, 1.0f);
    for (int e = 0; e < LIMNER_N_EMOTION; e++) {
        m->yaw += gain * emotion[e] * HOLDS[e].yaw;
        m->pitch += gain * emotion[e] * HOLDS[e].pitch;
        m->roll += gain * emotion[e] * HOLDS[e].roll;
    }
}
