/* SPDX-License-Identifier: Apache-2.0 */
/* Pauses (see pause.h). Measured on the lips of 25 people, 60 pauses of 0.3 to 1.5 s: in two thirds
 * of them lips are apart by 0.05 to 0.14 eye distances, half as far as at the loudest vowels; most
 * never close, a third shut first and part within 0.1 to 0.2 s, then hold until the next word. In
 * the rest, mostly after a last word, they stay shut. Lips that are open when a p comes are shut by
 * it as any others: closures come later in line. */
#include "motion/pause.h"

#include <string.h>

static const float FRESH_S = 1.2f, SPENT_S = 3.4f;      /* speech on one breath: none, surely due */
static const float STAYS = 0.5f;        /* share of breaths; the others come late */
static const float GAP_S = 0.05f;       /* as the one before a t has: no pause */
static const float DEPTH = 0.11f, DEPTH_SPREAD = 0.025f, LEAST = 0.05f, MOST = 0.15f;
static const float RISE_S = 0.04f, FALL_S = 0.13f, TO_SPEECH_S = 0.05f;
static const float FIRST = 0.75f, GROWS = 0.45f;        /* of the depth, and more a second */
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
    const float due = limner_smoothstep(p->spoken_s, FRESH_S, SPENT_S);
    const bool is_due = limner_rng_uniform(&p->rng) < due;
    const bool stays = limner_rng_uniform(&p->rng) < STAYS;
    const float depth = DEPTH + DEPTH_SPREAD * limner_rng_normal(&p->rng);
    const float late = between(p, 0.1f, 0.35f), length = between(p, 0.8f, 1.5f);

    p->depth = limner_clampf(depth, LEAST, MOST);
    p->from_s = stays ? GAP_S : late;
    p->until_s = is_due ? p->from_s + length : 0.0f;
}

static void breathe(limner_pause *p, float pause_s)
{
    const bool is_parted = pause_s > p->from_s && pause_s < p->until_s;
    float target = 0.0f, tau = p->is_in ? FALL_S : TO_SPEECH_S;

    p->is_breath = false;
    if (is_parted) {
        target = fminf(p->depth * (FIRST + GROWS * (pause_s - p->from_s)), MOST);
        tau = RISE_S;
        p->is_breath = p->spoken_s > 0.0f && pause_s > p->from_s + 0.1f;
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
    const bool is_in = mouth->pause_s > 0.0f;

    if (is_in && !p->is_in)
        choose(p);
    p->is_in = is_in;
    if (!is_in) {
        p->until_s = 0.0f;
        if (voice->is_speech)
            p->spoken_s = fminf(p->spoken_s + LIMNER_STEP_S, 10.0f);
    }
    breathe(p, mouth->pause_s);
    press(p, mouth->pause_s);
}

void limner_pause_part(const limner_pause *p, limner_articulation *mouth)
{
    const float x = fmaxf(mouth->now.open, 0.0f), y = p->open;

    if (y > 1e-4f)                      /* the larger one, without an edge */
        mouth->now.open = sqrtf(sqrtf(x * x * x * x + y * y * y * y));
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
