/* SPDX-License-Identifier: Apache-2.0 */
/* Head motion (see head.h). Real people speaking to a camera (medians of 35 takes): standard
 * deviation of pitch, yaw, roll 4.2, 4.7, 3.0 degrees; velocity 18, 19, 9.5 degrees/s rms, its
 * power spread 0.06, 0.17, 0.22, 0.25, 0.27 over 0-0.5, 0.5-1, 1-2, 2-4, 4-8 Hz; r(loudness,
 * pitch) -0.29: louder is head up; heads move on in pauses. They move in bursts (excess kurtosis
 * of the speed of yaw, pitch, roll 3.9, 1.4, 3.0), are within half their spread of the middle 0.40
 * to 0.46 of the time, and stay more than a spread away from it for 0.4 to 0.6 s on average. The
 * face moves less in place than a turn about the neck would make it, by 0.8 cm sideways and 0.5 up
 * and down: the neck's pivot goes against the turns (medians of 24 takes, centimetres a degree,
 * alike below and above 0.5 Hz): PIVOT below.
 * Stress shows (170 syllables of 24 people that stand out, beside others): squared speed is 1.4 to
 * 1.8 times as high from 0.3 s before to 0.1 s after, the head is up by 1.1 degrees from 0.3 s
 * before to 0.3 s after, part of it the jaw's, and comes down 0.5 below later; r of the speed's
 * logarithm and the level, both over 0.3 s, 0.16 (0.23 in the middle). Clips that begin amid a
 * sentence are as fast in their first 2 s as later (0.75 to 1.13).
 * Here: posture targets (held, changed at phrase ends, every other one at home) for the slow part,
 * four bands of wandering that swell and fade and are faster where the voice is loud, beats and
 * strokes on accents. At t = 0 all of it is in the midst of its course, told from where it is
 * then. In longer silences it calms down. Breath: some 15 a minute, in faster than out, in at
 * pauses, with the mouth's (pause.h). */
#include "motion/head.h"

#include <string.h>

enum { YAW, PITCH, ROLL, ALL };

static const float PI = 3.14159265f;
static const float POSTURE_DEG[3] = {7.8f, 6.4f, 5.5f};
static const float HOME = 0.5f;         /* share of postures near the middle, of all axes at once */
static const float BEEN_S = 6.0f;       /* the others are rather not where the head was so long */
static const float LIMIT_DEG[3] = {22.0f, 18.0f, 14.0f};

/* Centre, damping (share of the critical one) and velocity rms of yaw of each band. */
static const float BAND_HZ[LIMNER_HEAD_N_BANDS] = {0.55f, 1.4f, 2.8f, 5.0f};
static const float BAND_DAMPING[LIMNER_HEAD_N_BANDS] = {0.35f, 0.35f, 0.35f, 0.35f};
static const float BAND_DEG_S[LIMNER_HEAD_N_BANDS] = {13.7f, 9.5f, 12.4f, 13.4f};
enum { LEAD_IN = 300 };                 /* steps of wandering before the first one */
static const float COME_HOME_S = 3.0f;  /* to where the wandering is, from zero, where it begins */
static const float CALM = 0.5f;         /* wandering in long silences */
static const float INERTIA_S = 0.018f;  /* takes what is above 8 Hz off the noise */
static const float AXIS_SHARE[3] = {1.0f, 0.72f, 0.45f};

/* Swelling and fading: the logarithm wanders too. */
static const float VIGOUR_HZ = 0.4f, VIGOUR_DAMPING = 0.8f;
static const float VIGOUR_SIGMA[3] = {0.6f, 0.55f, 0.65f};
static const float SWIFT = 1.8f, SWIFTEST = 2.8f;  /* with stress: from here on less, at most */
static const float PIVOT_X_YAW = -0.08f, PIVOT_X_ROLL = 0.13f, PIVOT_Y_PITCH = 0.09f;
/* Shoulders lean with the face (optical flow beside the eyes' place, 0.15 to 3 Hz): by 0.11 to 0.44
 * of what the eyes move sideways in six clips of people. SWAY_X a centimetre of the eyes' place. */
static const float SWAY_X = 0.6f, EYES_X_YAW = 0.21f, EYES_X_ROLL = -0.19f;

/* Stress: share of strokes that go up, their spread, pitch a unit of beat, and how much more of the
 * wandering a unit of beat brings. */
static const float STROKES_UP = 0.65f, STROKE_YAW_DEG = 1.5f, STROKE_ROLL_DEG = 0.8f;
static const float BEAT_DEG = 5.0f, STRESS = 1.6f;

/* A breath between two phrases: a whole one would take 0.5 s, and lifts the head a little. */
static const float INHALE_HZ = 0.8f, LIFT_DEG = 0.9f;

/* Oscillator: r = exp(-damping w dt), poles at +-w. Its own variance for unit noise is known in
 * closed form, so `rms` is exact. */
static float wander(limner_wander *b, limner_rng *rng, float hz, float damping, float rms)
{
    float w = 2.0f * PI * hz * LIMNER_STEP_S, r = expf(-damping * w), q = r * r;
    float turn = cosf(w), a1 = 2.0f * r * turn;
    float variance = (1.0f + q) / ((1.0f - q) * ((1.0f + q) * (1.0f + q) - a1 * a1));
    float x = a1 * b->x[0] - q * b->x[1] + limner_rng_normal(rng) * rms / sqrtf(variance);

    b->x[1] = b->x[0];
    b->x[0] = x;
    return x;
}

/* How much each axis moves at present, around 1: log-normal, half of it shared by all. */
static void swell(limner_head *h, float vigour[3])
{
    float swing[4];

    for (int k = 0; k <= ALL; k++)
        swing[k] = wander(&h->vigour[k], &h->rng, VIGOUR_HZ, VIGOUR_DAMPING, 1.0f);
    for (int k = 0; k < 3; k++)
        vigour[k] = expf(VIGOUR_SIGMA[k] * (0.7f * (swing[k] + swing[ALL]) - VIGOUR_SIGMA[k]));
}

/* A new place to rest at: at home, or away from it, rather where the head has not been of late. */
static float next_posture(limner_head *h, float been, float size, bool is_home)
{
    const float plus = limner_clampf(0.5f - 0.7f * been / size, 0.1f, 0.9f);
    const float side = limner_rng_uniform(&h->rng) < plus ? 1.0f : -1.0f;
    const float reach = limner_rng_uniform(&h->rng);

    return side * size * (is_home ? 0.3f * reach : 0.4f + 1.3f * reach);
}

static void change_posture(limner_head *h, const limner_prosody *voice, float is_idle)
{
    float turn = 0.0f;
    bool is_due, is_home;

    h->turn_deg = 0.0f;
    for (int k = 0; k < 3; k++)
        h->been[k] += LIMNER_STEP_S / BEEN_S * (h->posture_target[k] - h->been[k]);
    h->until_posture_s -= LIMNER_STEP_S;
    is_due = h->until_posture_s <= 0.0f;
    if (voice->is_phrase_end || voice->is_phrase_start)
        is_due |= limner_rng_uniform(&h->rng) < 0.6f;
    if (!is_due)
        return;
    is_home = limner_rng_uniform(&h->rng) < HOME;
    h->until_posture_s = (1.0f + 0.3f * is_idle) * (0.8f + 2.2f * limner_rng_uniform(&h->rng));
    for (int k = 0; k < 3; k++) {
        const float from = h->posture_target[k];

        h->posture_target[k] = next_posture(h, h->been[k],
                                            (1.0f - 0.65f * is_idle) * POSTURE_DEG[k], is_home);
        turn += (h->posture_target[k] - from) * (h->posture_target[k] - from);
    }
    h->turn_deg = sqrtf(turn);
    for (int k = 0; k < 4; k++)
        h->shift_target[k] = (1.0f - 0.5f * is_idle) * limner_rng_normal(&h->rng);
}

/* Strokes on accents: up, or down, and back, with some turn and tilt, the larger and the likelier
 * the more the syllable stands out. */
static void strike(limner_head *h, const limner_prosody *voice)
{
    const float chance = 0.3f + 0.9f * voice->stress, size = 0.6f + 1.2f * voice->stress;
    float side;

    h->until_stroke_s -= LIMNER_STEP_S;
    h->stroke_left_s -= LIMNER_STEP_S;
    if (!voice->is_accent || h->until_stroke_s > 0.0f || limner_rng_uniform(&h->rng) >= chance)
        return;
    side = limner_rng_uniform(&h->rng) < STROKES_UP ? -1.0f : 1.0f;
    h->stroke_left_s = 0.12f + 0.16f * limner_rng_uniform(&h->rng);
    h->until_stroke_s = 0.4f + 0.6f * limner_rng_uniform(&h->rng);
    h->stroke_deg[PITCH] = side * size * (1.5f + 2.5f * limner_rng_uniform(&h->rng));
    h->stroke_deg[YAW] = size * STROKE_YAW_DEG * limner_rng_normal(&h->rng);
    h->stroke_deg[ROLL] = size * STROKE_ROLL_DEG * limner_rng_normal(&h->rng);
}

/* Out of the breath that goes out into one that comes in, from where the chest is. */
void limner_head_inhale(limner_head *h)
{
    if (h->breath_phase > 0.4f)
        h->breath_phase = 0.4f / PI * acosf(-cosf(PI * (h->breath_phase - 0.4f) / 0.6f));
    h->is_inhaling = true;
}

static void breathe(limner_head *h, const limner_prosody *voice)
{
    float speed = h->breath_rate_hz;

    h->is_inhaling = h->is_inhaling && h->breath_phase < 0.4f;
    if (h->is_inhaling)
        speed = INHALE_HZ;
    if (h->breath_phase >= 1.0f) {
        h->breath_phase -= 1.0f;
        h->breath_rate_hz = 0.22f + 0.07f * limner_rng_uniform(&h->rng);
    }
    if (voice->is_speech && h->breath_phase > 0.4f)
        speed *= 0.8f;                  /* speech is made on a long breath out */
    if (!voice->is_speech && voice->silence_s > 0.1f && h->breath_phase > 0.75f)
        speed *= 1.8f;                  /* and a pause is for breathing in */
    h->breath_phase += speed * LIMNER_STEP_S;
    h->breath = h->breath_phase < 0.4f
                    ? -cosf(PI * h->breath_phase / 0.4f)
                    : cosf(PI * (h->breath_phase - 0.4f) / 0.6f);
}

/* All the head's wandering, of an axis, one step on. */
static float wander_all(limner_head *h, int axis)
{
    float sum = 0.0f;

    for (int b = 0; b < LIMNER_HEAD_N_BANDS; b++)
        sum += wander(&h->band[axis][b], &h->rng, BAND_HZ[b], BAND_DAMPING[b],
                      AXIS_SHARE[axis] * BAND_DEG_S[b] / (2.0f * PI * BAND_HZ[b]));
    return limner_follow(&h->wander[axis], sum, INERTIA_S);
}

void limner_head_init(limner_head *h, uint64_t seed)
{
    float vigour[3];

    memset(h, 0, sizeof(*h));
    limner_rng_init(&h->rng, seed, 3);
    h->until_posture_s = 0.2f + 1.2f * limner_rng_uniform(&h->rng);
    h->breath_phase = limner_rng_uniform(&h->rng);
    for (int k = 0; k < LEAD_IN; k++) {
        swell(h, vigour);
        for (int axis = 0; axis < 3; axis++)
            wander_all(h, axis);
    }
    h->breath_rate_hz = 0.25f;
    h->liveliness.x = CALM;
}

static float soft_limit(float x, float limit)
{
    return limit * tanhf(x / limit);
}

/* Without the far end of swelling and stress together, which would whip a head round by 30 degrees
 * in a quarter of a second. */
static float without_whips(float swell)
{
    return swell < SWIFT ? swell : SWIFT + soft_limit(swell - SWIFT, SWIFTEST - SWIFT);
}

/* Place of the neck's pivot and lean of the shoulders. */
static void shift(limner_head *h, float start)
{
    float eyes_x;

    for (int k = 0; k < 4; k++)
        limner_follow(&h->shift[k], h->shift_target[k], 0.5f);
    h->x = PIVOT_X_YAW * h->yaw + PIVOT_X_ROLL * h->roll + start * 0.45f * h->shift[0].x;
    h->y = PIVOT_Y_PITCH * h->pitch + start * 0.3f * h->shift[1].x;
    h->x = soft_limit(h->x, 1.5f);
    h->y = soft_limit(h->y, 0.9f);
    h->z = start * soft_limit(0.6f * h->shift[2].x, 1.0f);
    eyes_x = EYES_X_YAW * h->yaw + EYES_X_ROLL * h->roll + h->x;
    h->sway = soft_limit(start * 0.3f * h->shift[3].x + SWAY_X * eyes_x, 1.0f);
}

/* What stress does to axis k: strokes, and the head up as the voice gets loud, and for a while. */
static float emphasis(limner_head *h, int k, const limner_prosody *voice)
{
    float sum = limner_follow(&h->stroke[k], h->stroke_left_s > 0.0f ? h->stroke_deg[k] : 0.0f,
                              0.07f);

    if (k == PITCH)
        sum -= BEAT_DEG * limner_follow(&h->beat, voice->beat, 0.04f) +
               LIFT_DEG * limner_follow(&h->lift, h->is_inhaling ? 1.0f : 0.0f, 0.12f);
    return sum;
}

void limner_head_step(limner_head *h, const limner_prosody *voice)
{
    const float is_idle = limner_smoothstep(voice->silence_s, 0.8f, 2.3f);
    const float is_alive = CALM + (1.0f - CALM) * (1.0f - is_idle);
    const float lively = limner_follow(&h->liveliness, is_alive,
                                       is_alive > h->liveliness.x ? 0.1f : 0.3f);
    const float stress = 1.0f + STRESS * limner_follow(&h->loud, voice->beat, 0.06f);
    const float start = limner_smoothstep(h->t_s, 0.0f, 1.2f);
    const float away = 1.0f - limner_smoothstep(h->t_s, 0.0f, COME_HOME_S);
    float *angle[3] = {&h->yaw, &h->pitch, &h->roll}, vigour[3];

    change_posture(h, voice, is_idle);
    strike(h, voice);
    swell(h, vigour);
    for (int k = 0; k < 3; k++) {
        const float sum = lively * without_whips(vigour[k] * fmaxf(stress, 0.5f)) *
                              wander_all(h, k) +
                          emphasis(h, k, voice) +
                          limner_follow(&h->posture[k], h->posture_target[k],
                                        0.24f + 0.16f * is_idle);

        if (h->t_s <= 0.0f)
            h->first[k] = sum;
        *angle[k] = soft_limit(sum - away * h->first[k], LIMIT_DEG[k]);
    }
    shift(h, start);
    breathe(h, voice);
    h->breath *= start;
    h->t_s = fminf(h->t_s + LIMNER_STEP_S, 10.0f);
}
