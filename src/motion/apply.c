/* SPDX-License-Identifier: Apache-2.0 */
/* Generated motion onto a face in a photo (see limner_motion_apply in generator.h). The photo may
 * smile, show teeth or blink; speech needs lips that can close and eyes that are open. So what
 * opens the mouth is taken out, what shapes its corners is kept by half, and brows, cheeks and nose
 * are kept whole. */
#include "motion/generator.h"

#include "motion/smooth.h"

static const float BLINK_KEPT = 0.3f;   /* narrow eyes are a trait up to here, a blink beyond */

/* Share of the photo's coefficient that stays at rest. */
static float kept(int index)
{
    switch (index) {
    case LIMNER_MOUTH_SMILE_LEFT: case LIMNER_MOUTH_SMILE_RIGHT:
    case LIMNER_MOUTH_FROWN_LEFT: case LIMNER_MOUTH_FROWN_RIGHT:
    case LIMNER_MOUTH_DIMPLE_LEFT: case LIMNER_MOUTH_DIMPLE_RIGHT:
    case LIMNER_MOUTH_LEFT: case LIMNER_MOUTH_RIGHT:
    case LIMNER_JAW_LEFT: case LIMNER_JAW_RIGHT: case LIMNER_JAW_FORWARD:
        return 0.5f;
    case LIMNER_JAW_OPEN: case LIMNER_MOUTH_CLOSE: case LIMNER_MOUTH_FUNNEL:
    case LIMNER_MOUTH_PUCKER: case LIMNER_MOUTH_STRETCH_LEFT: case LIMNER_MOUTH_STRETCH_RIGHT:
    case LIMNER_MOUTH_ROLL_LOWER: case LIMNER_MOUTH_ROLL_UPPER:
    case LIMNER_MOUTH_SHRUG_LOWER: case LIMNER_MOUTH_SHRUG_UPPER:
    case LIMNER_MOUTH_PRESS_LEFT: case LIMNER_MOUTH_PRESS_RIGHT:
    case LIMNER_MOUTH_LOWER_DOWN_LEFT: case LIMNER_MOUTH_LOWER_DOWN_RIGHT:
    case LIMNER_MOUTH_UPPER_UP_LEFT: case LIMNER_MOUTH_UPPER_UP_RIGHT:
    case LIMNER_CHEEK_PUFF: case LIMNER_TONGUE_OUT:
        return 0.0f;
    default:
        return 1.0f;
    }
}

static float rest_lid(float photo)
{
    return photo > BLINK_KEPT ? BLINK_KEPT * (1.0f - photo) / (1.0f - BLINK_KEPT) : photo;
}

/* A photo's smile gives way to a generated frown and the other way round, each side for itself;
 * the small movements of speech do not count. */
static float kept_beside(int index, const limner_motion *generated)
{
    float against = 0.0f;

    if (index == LIMNER_MOUTH_SMILE_LEFT || index == LIMNER_MOUTH_SMILE_RIGHT)
        against = generated->expression[index - LIMNER_MOUTH_SMILE_LEFT +
                                        LIMNER_MOUTH_FROWN_LEFT];
    if (index == LIMNER_MOUTH_FROWN_LEFT || index == LIMNER_MOUTH_FROWN_RIGHT)
        against = generated->expression[index - LIMNER_MOUTH_FROWN_LEFT +
                                        LIMNER_MOUTH_SMILE_LEFT];
    return 1.0f - limner_smoothstep(against, 0.15f, 0.45f);
}

void limner_motion_apply(limner_motion *out, const limner_motion *photo,
                         const limner_motion *generated)
{
    limner_motion m = *generated;

    for (int i = 0; i < LIMNER_N_EXPRESSION; i++) {
        float x = kept(i) * kept_beside(i, generated) * photo->expression[i];

        if (i == LIMNER_EYE_BLINK_LEFT || i == LIMNER_EYE_BLINK_RIGHT) {
            x = rest_lid(photo->expression[i]);
            x += (1.0f - x) * generated->expression[i];
        } else {
            x += generated->expression[i];
        }
        m.expression[i] = limner_clampf(x, 0.0f, 1.0f);
    }
    m.tongue_up = limner_clampf(generated->tongue_up, 0.0f, 1.0f);
    m.yaw += photo->yaw;
    m.pitch += photo->pitch;
    m.roll += photo->roll;
    m.x += photo->x;
    m.y += photo->y;
    m.z += photo->z;
    m.distance *= photo->distance;
    m.gaze_yaw += photo->gaze_yaw;
    m.gaze_pitch += photo->gaze_pitch;
    m.breath += photo->breath;
    m.sway += photo->sway;
    *out = m;
}
