/* SPDX-License-Identifier: Apache-2.0 */
/* Emotion table (see emotion.h). Weights are for full intensity on a face that is also speaking:
 * the mouth's share is kept well below the pure expression's, so that speech stays readable. */
#include "motion/emotion.h"

enum { MAX_PARTS = 14 };

typedef struct part {
    uint8_t index;                      /* limner_expression */
    float weight;
} part;

#define PAIR(name, w) {LIMNER_##name##_LEFT, w}, {LIMNER_##name##_RIGHT, w}

static const part PARTS[LIMNER_N_EMOTION][MAX_PARTS] = {
    [LIMNER_HAPPY] = {
        PAIR(MOUTH_SMILE, 0.65f), PAIR(CHEEK_SQUINT, 0.5f), PAIR(EYE_SQUINT, 0.25f),
        PAIR(MOUTH_DIMPLE, 0.1f), PAIR(MOUTH_UPPER_UP, 0.08f), {LIMNER_BROW_INNER_UP, 0.08f},
    },
    [LIMNER_SAD] = {
        {LIMNER_BROW_INNER_UP, 0.7f}, PAIR(BROW_DOWN, 0.25f), PAIR(MOUTH_FROWN, 0.6f),
        {LIMNER_MOUTH_SHRUG_LOWER, 0.2f}, PAIR(EYE_SQUINT, 0.15f), PAIR(EYE_BLINK, 0.08f),
    },
    [LIMNER_SURPRISED] = {
        {LIMNER_BROW_INNER_UP, 0.8f}, PAIR(BROW_OUTER_UP, 0.8f), PAIR(EYE_WIDE, 0.6f),
        {LIMNER_JAW_OPEN, 0.1f}, {LIMNER_MOUTH_FUNNEL, 0.06f},
    },
    [LIMNER_ANGRY] = {
        PAIR(BROW_DOWN, 0.85f), PAIR(EYE_WIDE, 0.25f), PAIR(EYE_SQUINT, 0.4f),
        PAIR(MOUTH_PRESS, 0.25f), {LIMNER_MOUTH_ROLL_LOWER, 0.1f}, PAIR(NOSE_SNEER, 0.2f),
        PAIR(MOUTH_FROWN, 0.35f),
    },
    [LIMNER_AFRAID] = {
        {LIMNER_BROW_INNER_UP, 0.75f}, PAIR(BROW_OUTER_UP, 0.35f), PAIR(BROW_DOWN, 0.25f),
        PAIR(EYE_WIDE, 0.65f), PAIR(MOUTH_STRETCH, 0.4f), PAIR(MOUTH_FROWN, 0.25f),
    },
    [LIMNER_DISGUSTED] = {
        PAIR(NOSE_SNEER, 0.6f), PAIR(MOUTH_FROWN, 0.45f), PAIR(CHEEK_SQUINT, 0.3f),
        PAIR(BROW_DOWN, 0.3f), PAIR(MOUTH_UPPER_UP, 0.05f), PAIR(EYE_SQUINT, 0.25f),
    },
    [LIMNER_CONTEMPT] = {
        {LIMNER_MOUTH_SMILE_LEFT, 0.45f}, {LIMNER_MOUTH_DIMPLE_LEFT, 0.5f},
        {LIMNER_CHEEK_SQUINT_LEFT, 0.15f}, {LIMNER_EYE_SQUINT_LEFT, 0.15f},
        {LIMNER_BROW_OUTER_UP_RIGHT, 0.15f},
    },
};

/* Shapes that part the lips. */
static int opens_lips(int index)
{
    return index == LIMNER_JAW_OPEN || index == LIMNER_MOUTH_FUNNEL ||
           index == LIMNER_MOUTH_UPPER_UP_LEFT || index == LIMNER_MOUTH_UPPER_UP_RIGHT;
}

void limner_emotion_apply(const float emotion[LIMNER_N_EMOTION], float liveliness, float closure,
                          limner_motion *m)
{
    for (int e = 0; e < LIMNER_N_EMOTION; e++) {
        float intensity = emotion[e] * liveliness;

        if (intensity <= 0.0f)
            continue;
        for (int i = 0; i < MAX_PARTS; i++) {
            const part *p = &PARTS[e][i];

            m->expression[p->index] += intensity * p->weight *
                                       (opens_lips(p->index) ? 1.0f - closure : 1.0f);
        }
    }
}
