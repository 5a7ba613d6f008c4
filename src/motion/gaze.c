/* SPDX-License-Identifier: Apache-2.0 */
/* Gaze (see gaze.h). Saccade length: 21 ms + 2.2 ms per degree (Bahill, Clark, Stark 1975, "The
 * main sequence"). Real speakers make some 30 jumps over 5.4 degrees a minute; this one looks at
 * the viewer, so most jumps are small and a glance away, then back, comes some 5 times a minute,
 * mostly sideways, as people do while they look for words. */
#include "motion/gaze.h"

#include <string.h>

#include "motion/smooth.h"

static float between(limner_gaze *g, float low, float high)
{
    return low + (high - low) * limner_rng_uniform(&g->rng);
}

void limner_gaze_init(limner_gaze *g, uint64_t seed)
{
    memset(g, 0, sizeof(*g));
    limner_rng_init(&g->rng, seed, 2);
    g->until_small_s = between(g, 0.4f, 1.5f);
    g->until_glance_s = between(g, 3.0f, 9.0f);
}

static void jump(limner_gaze *g, float yaw, float pitch)
{
    float dy = yaw - g->yaw, dp = pitch - g->pitch;

    g->from_yaw = g->yaw;
    g->from_pitch = g->pitch;
    g->to_yaw = yaw;
    g->to_pitch = pitch;
    g->jump_deg = sqrtf(dy * dy + dp * dp);
    g->length_s = 0.021f + 0.0022f * g->jump_deg;
    g->t_s = 0.0f;
}

/* Chooses where to look next; returns whether the aim has changed. */
static int choose_aim(limner_gaze *g, float wander, const limner_prosody *voice)
{
    int is_away = g->glance_s > 0.0f;

    g->until_small_s -= LIMNER_STEP_S;
    g->until_glance_s -= LIMNER_STEP_S * wander * (voice->is_speech ? 1.0f : 0.8f);
    if (is_away) {
        g->glance_s = wander > 0.0f ? g->glance_s - LIMNER_STEP_S : 0.0f;
        if (g->glance_s > 0.0f)
            return 0;
        g->until_glance_s = between(g, 4.0f, 18.0f);
        g->until_small_s = between(g, 0.5f, 1.6f);
    } else if (g->until_glance_s <= 0.0f) {
        float side = limner_rng_uniform(&g->rng) < 0.5f ? -1.0f : 1.0f;

        g->glance_s = between(g, 0.3f, 1.0f);
        g->aim_yaw = side * between(g, 5.4f, 12.0f);
        g->aim_pitch = between(g, -4.7f, 4.7f);
        return 1;
    } else if (g->until_small_s > 0.0f) {
        return 0;
    } else {
        g->until_small_s = between(g, 0.4f, 1.8f);
    }
    g->aim_yaw = limner_clampf(0.8f * limner_rng_normal(&g->rng), -2.0f, 2.0f);
    g->aim_pitch = limner_clampf(0.5f * limner_rng_normal(&g->rng), -1.3f, 1.3f);
    return 1;
}

void limner_gaze_step(limner_gaze *g, float target_yaw, float target_pitch, float wander,
                      const limner_prosody *voice)
{
    float dy = target_yaw - g->target_yaw, dp = target_pitch - g->target_pitch;
    int is_new = choose_aim(g, wander, voice);

    g->jump_deg = 0.0f;
    if (dy * dy + dp * dp > 0.25f)      /* a moving target is caught up in small saccades */
        is_new = 1;
    if (is_new && g->t_s >= g->length_s) {
        g->target_yaw = target_yaw;
        g->target_pitch = target_pitch;
        jump(g, target_yaw + g->aim_yaw, target_pitch + g->aim_pitch);
    }
    if (g->t_s < g->length_s) {
        float u;

        g->t_s += LIMNER_STEP_S;
        u = limner_smoothstep(g->t_s, 0.0f, g->length_s);
        g->yaw = g->from_yaw + u * (g->to_yaw - g->from_yaw);
        g->pitch = g->from_pitch + u * (g->to_pitch - g->from_pitch);
    }
}
