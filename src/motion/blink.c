/* SPDX-License-Identifier: Apache-2.0 */
/* Blinks (see blink.h). Lids close fast and open slower (closing 60-80 ms, shut about 40 ms,
 * opening 110-160 ms; VanderWerf et al. 2003, "Eyelid movements: behavioral studies of blinking in
 * humans", J. Neurophysiol. 89, for the shape). */
#include "motion/blink.h"

#include <string.h>

#include "motion/smooth.h"

static const float SIGMA = 0.65f;       /* of the log-normal interval; its mean is 1 */
static const float AGAIN = 0.25f;       /* of blinks another follows, after so long: */
static const float AGAIN_LEAST_S = 0.27f, AGAIN_MOST_S = 0.9f;
static const float LENT = 0.6f;         /* of an interval: so much sooner an event brings a blink */

/* Of what goes by from one to the next, second ones apart: these come besides. */
static float draw_threshold(limner_blink *b)
{
    return (1.0f + AGAIN) * expf(SIGMA * limner_rng_normal(&b->rng) - 0.5f * SIGMA * SIGMA);
}

void limner_blink_init(limner_blink *b, uint64_t seed)
{
    memset(b, 0, sizeof(*b));
    limner_rng_init(&b->rng, seed, 1);
    b->threshold = 0.5f + 1.0f * limner_rng_uniform(&b->rng);
    b->t_s = -1.0f;
}

static void shut(limner_blink *b)
{
    b->close_s = 0.06f + 0.02f * limner_rng_uniform(&b->rng);
    b->hold_s = 0.04f + 0.02f * limner_rng_uniform(&b->rng);
    b->open_s = 0.12f + 0.05f * limner_rng_uniform(&b->rng);
    b->depth = 0.94f + 0.06f * limner_rng_uniform(&b->rng);
    b->skew = 0.015f * (limner_rng_uniform(&b->rng) - 0.5f);
    b->t_s = 0.0f;
}

/* A blink that was due, and perhaps another one soon. */
static void start(limner_blink *b)
{
    const float wait_s = AGAIN_LEAST_S +
                         (AGAIN_MOST_S - AGAIN_LEAST_S) * limner_rng_uniform(&b->rng);

    b->until_again_s = limner_rng_uniform(&b->rng) < AGAIN ? wait_s : 0.0f;
    b->progress -= b->threshold;
    b->threshold = draw_threshold(b);
    shut(b);
}

static bool is_again(limner_blink *b, float per_minute)
{
    if (b->until_again_s <= 0.0f)
        return false;
    b->until_again_s -= LIMNER_STEP_S;
    return b->until_again_s <= 0.0f && per_minute > 0.0f && b->t_s < 0.0f;
}

/* Lid at time t: smooth down, shut, up with a slow end. */
static float lid(const limner_blink *b, float t)
{
    float u;

    if (t < b->close_s)
        return b->depth * limner_smoothstep(t, 0.0f, b->close_s);
    t -= b->close_s + b->hold_s;
    if (t < 0.0f)
        return b->depth;
    if (t >= b->open_s)
        return 0.0f;
    u = 1.0f - t / b->open_s;
    return b->depth * u * u * (3.0f - 2.0f * u);
}

void limner_blink_step(limner_blink *b, float per_minute, float urge)
{
    b->progress += per_minute * (LIMNER_STEP_S / 60.0f);
    if (is_again(b, per_minute))
        shut(b);
    else if (b->t_s < 0.0f && b->progress + LENT * urge >= b->threshold && per_minute > 0.0f)
        start(b);
    b->left = b->right = 0.0f;
    if (b->t_s < 0.0f)
        return;
    b->left = lid(b, b->t_s + b->skew);
    b->right = lid(b, b->t_s - b->skew);
    b->t_s += LIMNER_STEP_S;
    if (b->t_s > b->close_s + b->hold_s + b->open_s + 0.02f)
        b->t_s = -1.0f;
}
