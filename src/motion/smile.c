/* SPDX-License-Identifier: Apache-2.0 */
/* The smile (see smile.h). Measured on 24 people who talk to a camera, below 1 Hz: standard
 * deviation of the smile 0.04 (0.02 to 0.09), with the cheeks 0.45 times (r 0.93) and the lower
 * lids 0.2 times (r 0.67) as much. Above 1 Hz, in speech, cheeks are read 0.18 times (r 0.85) and
 * the nose's wings 0.10 times as much as a smile (24 people), of which in rendered takes 0.13 and
 * 0.04 are the tracker's mixing; of what is there it reads 0.25 and 0.33. The wings have half of
 * that here: they lift the upper lip, whose opening is measured without them. */
#include "motion/smile.h"

#include <string.h>

static const float MEAN = 0.05f, SPREAD = 0.055f, MOST = 0.2f;
static const float CHEEK = 0.45f, LID = 0.2f;
static const float SPOKEN_CHEEK = 0.2f, SPOKEN_NOSE = 0.08f;   /* a spread of lips in speech */

static void spread_cheeks(float spoken, float gain, limner_motion *m)
{
    m->expression[LIMNER_CHEEK_SQUINT_LEFT] += gain * SPOKEN_CHEEK * spoken;
    m->expression[LIMNER_CHEEK_SQUINT_RIGHT] += gain * SPOKEN_CHEEK * spoken;
    m->expression[LIMNER_NOSE_SNEER_LEFT] += gain * SPOKEN_NOSE * spoken;
    m->expression[LIMNER_NOSE_SNEER_RIGHT] += gain * SPOKEN_NOSE * spoken;
}

void limner_smile_init(limner_smile *s)
{
    memset(s, 0, sizeof(*s));
    limner_rng_init(&s->rng, 0, 5);
    s->until_s = 0.5f;
}

void limner_smile_step(limner_smile *s, const limner_prosody *voice)
{
    const float chance = limner_rng_uniform(&s->rng);

    s->until_s -= LIMNER_STEP_S;
    if (s->until_s <= 0.0f || ((voice->is_phrase_end || voice->is_phrase_start) && chance < 0.4f)) {
        s->until_s = 1.0f + 3.0f * limner_rng_uniform(&s->rng);
        s->target = limner_clampf(MEAN + SPREAD * limner_rng_normal(&s->rng), 0.0f, MOST);
    }
    s->size = fmaxf(0.0f, limner_follow(&s->follower, s->target, 0.2f));
}

void limner_smile_apply(const limner_smile *s, const float emotion[LIMNER_N_EMOTION], float gain,
                        limner_motion *m)
{
    const float other = emotion[LIMNER_SAD] + emotion[LIMNER_ANGRY] + emotion[LIMNER_AFRAID] +
                        emotion[LIMNER_DISGUSTED] + emotion[LIMNER_CONTEMPT];
    const float size = gain * s->size * (1.0f - limner_clampf(2.0f * other, 0.0f, 1.0f));

    spread_cheeks(0.5f * (m->expression[LIMNER_MOUTH_SMILE_LEFT] +
                          m->expression[LIMNER_MOUTH_SMILE_RIGHT]), gain, m);
    m->expression[LIMNER_MOUTH_SMILE_LEFT] += size;
    m->expression[LIMNER_MOUTH_SMILE_RIGHT] += size;
    m->expression[LIMNER_CHEEK_SQUINT_LEFT] += CHEEK * size;
    m->expression[LIMNER_CHEEK_SQUINT_RIGHT] += CHEEK * size;
    m->expression[LIMNER_EYE_SQUINT_LEFT] += LID * size;
    m->expression[LIMNER_EYE_SQUINT_RIGHT] += LID * size;
}
