/* SPDX-License-Identifier: Apache-2.0 */
/* The spring is stepped N_STEPS times a frame (semi-implicit Euler) towards the head's pose, which
 * goes on a straight line between frames. */
#include "render/swing.h"

#include <math.h>
#include <string.h>

#define FREQUENCY_HZ 2.0f               /* of the free swing */
#define DAMPING 0.5f                    /* share of the critical */
#define JUMP_DEGREES 8.0f               /* more than this in a frame is a cut, not a movement */
#define JUMP_CM 3.0f
#define MOST_DEGREES 9.0f               /* of the lag */
#define MOST_CM 1.5f
#define LEAST 1e-3f                     /* smaller lags and speeds are rest */

enum { N_STEPS = 8 };

static void begin(limner_swing *w, const float head[LIMNER_N_SWING])
{
    memset(w, 0, sizeof(*w));
    memcpy(w->at, head, sizeof(w->at));
    memcpy(w->last, head, sizeof(w->last));
    w->is_begun = true;
}

static bool has_jumped(const limner_swing *w, const float head[LIMNER_N_SWING])
{
    bool has = false;

    for (int k = 0; k < LIMNER_N_SWING; k++)
        has = has || fabsf(head[k] - w->last[k]) > (k < LIMNER_SWING_X ? JUMP_DEGREES : JUMP_CM);
    return has;
}

/* One component through a frame. */
static void swing(limner_swing *w, int k, float head, float frame_s)
{
    const float stiff = 2 * 3.14159265f * FREQUENCY_HZ, step = frame_s / N_STEPS;
    const float most = k < LIMNER_SWING_X ? MOST_DEGREES : MOST_CM;

    for (int i = 1; i <= N_STEPS; i++) {
        const float goal = w->last[k] + (head - w->last[k]) * (float)i / N_STEPS;

        w->speed[k] += step * stiff * (stiff * (goal - w->at[k]) - 2 * DAMPING * w->speed[k]);
        w->at[k] += step * w->speed[k];
    }
    w->at[k] = fminf(head + most, fmaxf(head - most, w->at[k]));
    if (fabsf(w->at[k] - head) < LEAST && fabsf(w->speed[k]) < LEAST) {
        w->at[k] = head;
        w->speed[k] = 0;
    }
    w->lag[k] = w->at[k] - head;
    w->last[k] = head;
}

void limner_swing_follow(limner_swing *w, const limner_motion *m, float frame_s)
{
    const float head[LIMNER_N_SWING] = {m->yaw, m->pitch, m->roll, m->x, m->y};

    if (!w->is_begun || frame_s <= 0 || has_jumped(w, head)) {
        begin(w, head);
        return;
    }
    for (int k = 0; k < LIMNER_N_SWING; k++)
        swing(w, k, head[k], fminf(frame_s, 0.1f));
}
