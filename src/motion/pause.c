/* SPDX-License-Identifier: Apache-2.0 */
/* Pauses (see pause.h). Measured on the lips of 25 people, 70 pauses of 0.3 to 1.5 s: in 57 of them
 * lips are apart, by 0.11 eye distances (+-0.04), half as far as at the loudest vowels, and go on
 * opening or sink meanwhile; in 14 of these they are shut at first and part later. In 13, mostly
 * after few words or the last ones, they stay shut. Lips that are open when a p comes are shut by
 * it as any others: closures come later in line. */
#include "motion/pause.h"

#include <string.h>

/* Speech on one breath after which none is due, and after which one surely is: later for those who
 * have only begun to talk, after a silence, than for those who go on. */
static const float FRESH_S = 0.7f, SPENT_S = 3.6f, SPENT_ON_S = 1.2f;
static const float BEGUN_S = 2.0f, GOES_ON_S = 4.0f;
static const float HUSH = 0.3f;         /* silence of the mouth that counts as a pause */
static const float STAYS = 0.7f;        /* share of breaths; the others come late */
static const float HELD = 0.85f, HELD_S = 0.4f; /* of pauses without: lips part as well, so long */
static const float GAP_S = 0.02f;       /* as the one before a t has: no pause */
static const float DEPTH = 0.11f, DEPTH_SPREAD = 0.035f, LEAST = 0.06f, MOST = 0.16f;
static const float JAW_DROPS = 0.2f;    /* chin's part of a breath: air goes past slack lips */
static const float RISE_S = 0.04f, FALL_S = 0.13f, TO_SPEECH_S = 0.05f;
static const float DRIFT = 0.12f;       /* spread of how much more it is a second later */
static const float IDLE_S = 1.5f;       /* of silence, before lips are pressed */

void limner_pause_init(limner_pause *p)
{
    memset(p, 0, sizeof(*p));
    limner_rng_init(&p->rng, 0, 6);
    p->until_press_s = 2.0f;
}

static float between(limner_pause *p, float low, float high)
{
    return low + (high - low) * limner_rng_uniform(&p->rng);
}

/* What lips will do in the pause that begins. */
static void choose(limner_pause *p)
{
    const float on = limner_smoothstep(p->talked_s, BEGUN_S, GOES_ON_S);
    const float spent_s = SPENT_S + on * (SPENT_ON_S - SPENT_S);
    const float due = limner_smoothstep(p->spoken_s, FRESH_S, spent_s);
    const bool is_due = limner_rng_uniform(&p->rng) < due;
    const bool stays = limner_rng_uniform(&p->rng) < STAYS;
    const bool is_held = limner_rng_uniform(&p->rng) < HELD * on;
    const float depth = DEPTH + DEPTH_SPREAD * limner_rng_normal(&p->rng);
    const float drift = DRIFT * limner_rng_normal(&p->rng);
    const float late = between(p, 0.1f, 0.35f), length = between(p, 0.45f, 0.85f);

    p->depth = limner_clampf(depth, LEAST, MOST);
    p->drift = limner_clampf(drift, -2.0f * DRIFT, 2.0f * DRIFT);
    p->is_due = is_due;
    p->from_s = stays || !is_due ? GAP_S : late;
    p->until_s = is_due ? p->from_s + length : is_held ? HELD_S : 0.0f;
}

static void breathe(limner_pause *p, float pause_s)
{
    const bool is_parted = pause_s > p->from_s && pause_s < p->until_s;
    float target = 0.0f, tau = p->is_in ? FALL_S : TO_SPEECH_S;

    p->is_breath = false;
    if (is_parted) {
        target = limner_clampf(p->depth + p->drift * (pause_s - p->from_s), 0.5f * LEAST, MOST);
        tau = RISE_S;
        p->is_breath = p->is_due && p->spoken_s > 0.0f && pause_s > p->from_s + 0.1f;
    }
    if (p->is_breath)
        p->spoken_s = 0.0f;
    p->open = fmaxf(0.0f, limner_follow(&p->parted, target, tau));
}

static void press(limner_pause *p, float pause_s)
{
    const bool is_idle = pause_s > IDLE_S;

    if (is_idle)
        p->until_press_s -= LIMNER_STEP_S;
    if (is_idle && p->until_press_s <= 0.0f) {
        p->is_swallow = limner_rng_uniform(&p->rng) < 0.25f;
        p->press_left_s = p->is_swallow ? 0.5f : between(p, 0.15f, 0.5f);
        p->press_size = between(p, 0.3f, 0.8f);
        p->until_press_s = between(p, 4.0f, 14.0f);
    }
    p->press_left_s = is_idle ? p->press_left_s - LIMNER_STEP_S : 0.0f;
    p->press = limner_follow(&p->pressed, p->press_left_s > 0.0f ? p->press_size : 0.0f, 0.08f);
    p->swallow = limner_follow(&p->swallowed,
                               p->press_left_s > 0.0f && p->is_swallow ? 1.0f : 0.0f, 0.1f);
}

void limner_pause_step(limner_pause *p, const limner_articulation *mouth,
                       const limner_prosody *voice)
{
    const bool is_in = mouth->now.silence > HUSH;

    p->pause_s = is_in ? fminf(p->pause_s + LIMNER_STEP_S, 10.0f) : 0.0f;

    if (is_in && !p->is_in)
        choose(p);
    p->is_in = is_in;
    if (!is_in) {
        p->until_s = 0.0f;
        if (voice->is_speech) {
            p->spoken_s = fminf(p->spoken_s + LIMNER_STEP_S, 10.0f);
            p->talked_s = fminf(p->talked_s + LIMNER_STEP_S, 10.0f);
        }
    }
    if (p->pause_s > IDLE_S)
        p->talked_s = 0.0f;
    breathe(p, p->pause_s);
    press(p, p->pause_s);
}

void limner_pause_part(const limner_pause *p, limner_articulation *mouth)
{
    const float x = fmaxf(mouth->now.open, 0.0f), y = p->open;
    const float x4 = x * x * x * x, y4 = y * y * y * y;

    if (y <= 1e-3f)
        return;
    mouth->now.open = sqrtf(sqrtf(x4 + y4));        /* the larger one, without an edge */
    mouth->now.chin += y4 / (x4 + y4) * (JAW_DROPS * y - mouth->now.chin);
}

void limner_pause_apply(const limner_pause *p, float gain, limner_motion *m)
{
    const float press = gain * p->press, swallow = gain * p->swallow;

    m->expression[LIMNER_MOUTH_PRESS_LEFT] += 0.4f * press;
    m->expression[LIMNER_MOUTH_PRESS_RIGHT] += 0.4f * press;
    m->expression[LIMNER_MOUTH_ROLL_LOWER] += 0.3f * press;
    m->expression[LIMNER_MOUTH_ROLL_UPPER] += 0.15f * press;
    m->expression[LIMNER_MOUTH_SHRUG_LOWER] += 0.25f * swallow;
}
