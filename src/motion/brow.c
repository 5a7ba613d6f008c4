/* SPDX-License-Identifier: Apache-2.0 */
/* Brows (see brow.h): FACS action units 1 (inner), 2 (outer) and 4 (down). */
#include "motion/brow.h"

#include <string.h>

void limner_brow_init(limner_brow *b, uint64_t seed)
{
    memset(b, 0, sizeof(*b));
    limner_rng_init(&b->rng, seed, 4);
    b->until_raise_s = 1.0f;
}

static void choose_raise(limner_brow *b, const limner_prosody *voice)
{
    float chance = 0.0f;

    b->until_raise_s -= LIMNER_STEP_S;
    b->raise_left_s -= LIMNER_STEP_S;
    if (voice->is_accent)
        chance = voice->pitch > 0.1f ? 0.6f : 0.35f;
    else if (!voice->is_speech)
        chance = 0.0008f;               /* some 5 a minute while idle */
    if (b->until_raise_s > 0.0f || limner_rng_uniform(&b->rng) >= chance)
        return;
    b->raise_size = 0.3f + 0.5f * limner_rng_uniform(&b->rng);
    b->raise_left_s = 0.15f + 0.45f * limner_rng_uniform(&b->rng);
    b->outer_share = 0.5f + 0.5f * limner_rng_uniform(&b->rng);
    b->until_raise_s = 1.0f + 2.5f * limner_rng_uniform(&b->rng);
}

void limner_brow_step(limner_brow *b, const limner_prosody *voice)
{
    float raise, lift, drift;

    choose_raise(b, voice);
    raise = limner_follow(&b->raise, b->raise_left_s > 0.0f ? b->raise_size : 0.0f, 0.07f);
    lift = limner_follow(&b->voice, 0.4f * voice->pitch + 0.35f * voice->beat, 0.06f);
    b->until_wander_s -= LIMNER_STEP_S;
    if (b->until_wander_s <= 0.0f) {
        b->until_wander_s = 0.2f + 0.8f * limner_rng_uniform(&b->rng);
        b->wander_target[0] = 0.13f * limner_rng_normal(&b->rng);
        b->wander_target[1] = 0.11f * limner_rng_normal(&b->rng);
    }
    drift = limner_follow(&b->wander[0], b->wander_target[0], 0.1f) + lift;
    b->inner_up = fmaxf(0.0f, raise + drift);
    b->outer_up = fmaxf(0.0f, b->outer_share * raise + 0.7f * drift +
                        limner_follow(&b->wander[1], b->wander_target[1], 0.2f));
    b->down = fmaxf(0.0f, -drift - raise);
}

void limner_brow_apply(const limner_brow *b, float gain, limner_motion *m)
{
    m->expression[LIMNER_BROW_INNER_UP] += gain * b->inner_up;
    m->expression[LIMNER_BROW_OUTER_UP_LEFT] += gain * b->outer_up;
    m->expression[LIMNER_BROW_OUTER_UP_RIGHT] += gain * b->outer_up;
    m->expression[LIMNER_BROW_DOWN_LEFT] += gain * b->down;
    m->expression[LIMNER_BROW_DOWN_RIGHT] += gain * b->down;
    m->expression[LIMNER_EYE_WIDE_LEFT] += gain * 0.15f * b->inner_up;
    m->expression[LIMNER_EYE_WIDE_RIGHT] += gain * 0.15f * b->inner_up;
}
