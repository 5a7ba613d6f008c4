/* SPDX-License-Identifier: Apache-2.0 */
/* The upper face (see brow.h): FACS action units 1 (inner), 2 (outer), 4 (down), 7 with 6 (lids,
 * cheeks). Measured on 24 people who talk to a camera, the tracker's share of each taken out by
 * rendered takes: standard deviation of inner brows 0.14, outer 0.12 (0.08 of it slower than a
 * second), brows down 0.05, lower lids and cheeks together some 0.03; 12 raises a minute, 20 to 28
 * frowns. Raises set off 0.2 to 0.5 s before a syllable that stands out 1.7 times as often as else
 * and at it no more than else; frowns after it 1.3 to 2 times; eyes narrow as phrases begin twice
 * as often. What is louder has no brows of its own (r 0.0 to 0.2). */
#include "motion/brow.h"

#include <string.h>

static const float IDLE_RAISES = 0.08f; /* a second */
static const float QUIET = 0.6f, QUIET_S = 1.0f;        /* drift in silences beyond that */

/* What makes an act likely, and what it is then. */
typedef struct act_kind {
    float rate;                         /* a second of speech */
    float accent, stress, start;        /* chance at an accent, more of it for a unit of stress;
                                           as a phrase starts */
    float least, most;                  /* size */
    float shortest_s, longest_s, rest_s;
} act_kind;

static const act_kind RAISE = {0.12f, 0.07f, 0.3f, 0.2f, 0.2f, 0.75f, 0.2f, 1.1f, 2.0f};
static const act_kind FROWN = {0.25f, 0.08f, 0.4f, 0.1f, 0.08f, 0.35f, 0.12f, 0.5f, 0.9f};
static const act_kind NARROW = {0.16f, 0.03f, 0.2f, 0.3f, 0.07f, 0.22f, 0.15f, 0.6f, 1.2f};
static const float NARROW_WITH_FROWN = 0.5f;    /* of frowns: eyes narrow as well */
static const float CHEEK = 0.5f, WIDE = 0.15f;  /* cheeks a narrowing, lids a raise */

void limner_brow_init(limner_brow *b, uint64_t seed)
{
    memset(b, 0, sizeof(*b));
    limner_rng_init(&b->rng, seed, 4);
    b->raise.until_s = 0.3f;
    b->raise.tau_s = b->frown.tau_s = b->narrow.tau_s = 0.07f;
}

static float between(limner_brow *b, float low, float high)
{
    return low + (high - low) * limner_rng_uniform(&b->rng);
}

/* Normal, without the rare far ones. */
static float usual(limner_brow *b)
{
    return limner_clampf(limner_rng_normal(&b->rng), -2.0f, 2.0f);
}

static void begin(limner_brow *b, limner_brow_act *a, const act_kind *kind)
{
    a->target = between(b, kind->least, kind->most);
    a->left_s = between(b, kind->shortest_s, kind->longest_s);
    a->until_s = a->left_s + between(b, 0.3f, 1.7f) * kind->rest_s;
    a->tau_s = between(b, 0.05f, 0.1f);
}

/* One step on; whether it begins. */
static bool step(limner_brow *b, limner_brow_act *a, const act_kind *kind,
                 const limner_prosody *voice)
{
    float chance = voice->is_speech ? kind->rate * LIMNER_STEP_S : 0.0f;
    bool begins;

    if (voice->is_accent)
        chance = kind->accent + kind->stress * voice->stress;
    else if (voice->is_phrase_start)
        chance = kind->start;
    else if (!voice->is_speech && kind == &RAISE)
        chance = IDLE_RAISES * LIMNER_STEP_S;
    a->until_s -= LIMNER_STEP_S;
    a->left_s -= LIMNER_STEP_S;
    begins = limner_rng_uniform(&b->rng) < chance && a->until_s <= 0.0f;
    if (begins)
        begin(b, a, kind);
    limner_follow(&a->size, a->left_s > 0.0f ? a->target : 0.0f, a->tau_s);
    return begins;
}

/* Where the brows are without any act: they drift, slowly and fast, and go a little with the
 * voice. */
static float drift(limner_brow *b, const limner_prosody *voice)
{
    const float lift = limner_follow(&b->voice, 0.2f * voice->pitch + 0.15f * voice->beat, 0.05f);
    const float size = voice->silence_s > QUIET_S ? QUIET : 1.0f;

    b->until_wander_s -= LIMNER_STEP_S;
    if (b->until_wander_s <= 0.0f) {
        b->until_wander_s = between(b, 0.1f, 0.7f);
        b->wander_target[0] = size * 0.2f * usual(b);
        b->wander_target[1] = size * 0.155f * usual(b);
    }
    b->until_mood_s -= LIMNER_STEP_S;
    if (b->until_mood_s <= 0.0f) {
        b->until_mood_s = between(b, 1.0f, 4.0f);
        b->mood_target = size * 0.13f * usual(b);
    }
    return limner_follow(&b->wander[0], b->wander_target[0], 0.055f) +
           limner_follow(&b->mood, b->mood_target, 0.25f) + lift;
}

void limner_brow_step(limner_brow *b, const limner_prosody *voice)
{
    float rest, raise;

    if (step(b, &b->raise, &RAISE, voice))
        b->outer_share = 0.5f + 0.5f * limner_rng_uniform(&b->rng);
    if (step(b, &b->frown, &FROWN, voice) && limner_rng_uniform(&b->rng) < NARROW_WITH_FROWN)
        begin(b, &b->narrow, &NARROW);
    step(b, &b->narrow, &NARROW, voice);
    raise = b->raise.size.x;
    rest = drift(b, voice);
    b->inner_up = fmaxf(0.0f, raise + rest);
    b->outer_up = fmaxf(0.0f, b->outer_share * raise + 0.7f * rest +
                        limner_follow(&b->wander[1], b->wander_target[1], 0.1f));
    b->down = fmaxf(0.0f, b->frown.size.x - 0.55f * rest - raise);
    b->squint = fmaxf(0.0f, b->narrow.size.x);
}

void limner_brow_apply(const limner_brow *b, float gain, limner_motion *m)
{
    m->expression[LIMNER_BROW_INNER_UP] += gain * b->inner_up;
    m->expression[LIMNER_BROW_OUTER_UP_LEFT] += gain * b->outer_up;
    m->expression[LIMNER_BROW_OUTER_UP_RIGHT] += gain * b->outer_up;
    m->expression[LIMNER_BROW_DOWN_LEFT] += gain * b->down;
    m->expression[LIMNER_BROW_DOWN_RIGHT] += gain * b->down;
    m->expression[LIMNER_EYE_WIDE_LEFT] += gain * WIDE * b->inner_up;
    m->expression[LIMNER_EYE_WIDE_RIGHT] += gain * WIDE * b->inner_up;
    m->expression[LIMNER_EYE_SQUINT_LEFT] += gain * b->squint;
    m->expression[LIMNER_EYE_SQUINT_RIGHT] += gain * b->squint;
    m->expression[LIMNER_CHEEK_SQUINT_LEFT] += gain * CHEEK * b->squint;
    m->expression[LIMNER_CHEEK_SQUINT_RIGHT] += gain * CHEEK * b->squint;
}
