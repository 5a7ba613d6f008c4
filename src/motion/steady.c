/* SPDX-License-Identifier: Apache-2.0 */
/* See steady.h. The widths of the noise keep blinks and closures of tracked renderings whole
 * (tests/pipeline/test_tracker.c). */
#include "motion/steady.h"

#include <math.h>
#include <stddef.h>

static const float GAZE_NOISE_DEG = 2.0f;

static float field(const limner_motion *m, size_t offset)
{
    return *(const float *)(const void *)((const char *)m + offset);
}

/* The parabola through the middle of five; of three a binomial mean. */
static float smooth(const float v[5], int half)
{
    if (half >= 2)
        return (-3 * v[0] + 12 * v[1] + 17 * v[2] + 12 * v[3] - 3 * v[4]) / 35;
    return half == 1 ? (v[1] + 2 * v[2] + v[3]) / 4 : v[2];
}

/* Brows, cheeks and nose are read with much noise and move slowly. What presses and rolls lips in
 * is read faintly, far below what it is, and changes with every syllable. */
static float coefficient_noise(int k)
{
    switch (k) {
    case LIMNER_MOUTH_PRESS_LEFT: case LIMNER_MOUTH_PRESS_RIGHT:
    case LIMNER_MOUTH_ROLL_LOWER: case LIMNER_MOUTH_ROLL_UPPER:
        return 0.001f;
    case LIMNER_EYE_BLINK_LEFT: case LIMNER_EYE_BLINK_RIGHT:
    case LIMNER_MOUTH_SMILE_LEFT: case LIMNER_MOUTH_SMILE_RIGHT:
        return 0.04f;
    default:
        break;
    }
    if (k == LIMNER_JAW_OPEN || (k >= LIMNER_MOUTH_CLOSE && k <= LIMNER_MOUTH_UPPER_UP_RIGHT))
        return 0.015f;
    return 0.15f;
}

/* The middle one, moved to the mean of all as far as the others lie within the noise. */
static float still(const limner_motion *const *frame, int half, size_t offset, float noise)
{
    const float v = field(frame[0], offset);
    float sum = 0, weights = 0;

    for (int i = -half; i <= half; i++) {
        const float other = field(frame[i], offset), d = (other - v) / noise;
        const float w = expf(-d * d);

        sum += w * other;
        weights += w;
    }
    return sum / weights;
}

/* What smoothing takes off is noise as long as it is small: a head that jerks, or a film that
 * repeats its frames, is left as it is. */
static float believed(float v, float smoothed, float noise)
{
    const float d = (smoothed - v) / noise;

    return v + (smoothed - v) * expf(-d * d);
}

/* Lids that shut pull brows and nose along in what the landmark net sees, which looks like a nod:
 * there the pitch follows the line through frames with open lids. smoothed: what is made of it
 * elsewhere. */
static float pitch_in_blink(const limner_motion *const *frame, float smoothed)
{
    const float shut = 0.5f, jerk_deg = 2.5f, steep = 0.15f;
    float w[5], sum = 0, mean_i = 0, mean = 0, spread = 0, slope = 0, line;

    for (int i = -2; i <= 2; i++) {
        const float *e = frame[i]->expression;
        const float lids = (e[LIMNER_EYE_BLINK_LEFT] + e[LIMNER_EYE_BLINK_RIGHT]) / (2 * shut);

        w[2 + i] = 1 / ((1 + lids * lids) * (1 + lids * lids));
        sum += w[2 + i];
        mean_i += w[2 + i] * (float)i;
        mean += w[2 + i] * frame[i]->pitch;
    }
    mean_i /= sum;
    mean /= sum;
    for (int i = -2; i <= 2; i++) {
        const float d = (float)i - mean_i;

        spread += w[2 + i] / sum * d * d;
        slope += w[2 + i] / sum * d * (frame[i]->pitch - mean);
    }
    line = mean - slope / (spread + steep) * mean_i;
    return smoothed + (1 - w[2]) * (believed(smoothed, line, jerk_deg) - smoothed);
}

void limner_motion_steady(limner_motion *out, const limner_motion *const *frame, int half)
{
    static const struct {
        size_t offset;
        float noise;
    } slow[] = {
        {offsetof(limner_motion, yaw), 1.5f}, {offsetof(limner_motion, pitch), 1.5f},
        {offsetof(limner_motion, roll), 0.8f}, {offsetof(limner_motion, x), 0.2f},
        {offsetof(limner_motion, y), 0.2f}, {offsetof(limner_motion, z), 0.2f},
        {offsetof(limner_motion, distance), 0.02f}
    };
    float v[5] = {0};

    *out = *frame[0];
    if (half == 0)
        return;
    for (size_t k = 0; k < sizeof(slow) / sizeof(slow[0]); k++) {
        for (int i = -half; i <= half; i++)
            v[2 + i] = field(frame[i], slow[k].offset);
        *(float *)(void *)((char *)out + slow[k].offset) =
            believed(v[2], smooth(v, half), slow[k].noise);
    }
    if (half == 2)
        out->pitch = pitch_in_blink(frame, out->pitch);
    for (int k = 0; k < LIMNER_N_EXPRESSION; k++)
        out->expression[k] =
            still(frame, half, offsetof(limner_motion, expression) + (size_t)k * sizeof(float),
                  coefficient_noise(k));
    out->gaze_yaw = still(frame, 1, offsetof(limner_motion, gaze_yaw), GAZE_NOISE_DEG);
    out->gaze_pitch = still(frame, 1, offsetof(limner_motion, gaze_pitch), GAZE_NOISE_DEG);
}
