/* SPDX-License-Identifier: Apache-2.0 */
/* Articulation from what is heard (see articulation.h). Each class of speech sounds has a gesture;
 * a frame's gesture is their mean, weighted by the classes' probabilities, with the encoder's own
 * readings of jaw and rounding. Coarticulation: each part of the gesture is averaged over a window
 * of its own width, vowels' the widest, the closure's the narrowest and last applied, so that
 * neighbours cannot open it again. In a pause the lips come to rest slowly: people leave them apart
 * in short ones. */
#include "motion/articulation.h"

#include <math.h>
#include <string.h>

#include "motion/smooth.h"

enum { LEAD = -2 };                     /* steps after the mouth's: what is heard by then */

/* How long lips stay apart in a pause, and how fast they come to rest then, and leave it. */
static const float PAUSE_S = 0.25f, REST_S = 0.5f, WAKE_S = 0.06f;
static const float SOFT = 0.2f;         /* share of the way in a step: no snap at the first word */

/* Encoder's share of silence that is no speech, and from which on it is again; how soon the net is
 * doubted. */
static const float NO_SPEECH = 0.8f, SPEECH_AGAIN = 0.5f, DOUBT_S = 0.5f;

/* A p seen too often costs less than one that stays open: lips shut at a share far below a half. */
static const float LEAST_CLOSURE = 0.1f, SURE_CLOSURE = 0.3f;
static const float LEAST_TUCK = 0.1f, SURE_TUCK = 0.4f;
/* By the net: lips that touch are read as this far apart in pictures, which it learned from. */
static const float TOUCHING = 0.02f, APART = 0.1f;
static const float LEAST_FORESEEN = 0.07f, SURE_FORESEEN = 0.28f;

/* open and width: fitted by train/motion/gestures.py to 600 clips of arabic_news and 20 English
 * ones; wider apart than real mouths go, since the windows average them. round, tip: by hand. */
typedef struct class_gesture {
    float open, width;                  /* eye distances */
    float round, tip;
} class_gesture;

static const class_gesture GESTURE[LIMNER_SPEECH_N_CLASSES] = {
    [LIMNER_SPEECH_SILENCE] = { 0.04f, 0.17f, 0.0f, 0.0f },
    [LIMNER_SPEECH_CLOSURE] = { -0.16f, 0.10f, 0.0f, 0.0f },
    [LIMNER_SPEECH_LABIODENTAL] = { -0.08f, 0.12f, 0.0f, 0.0f },
    [LIMNER_SPEECH_DENTAL] = { 0.04f, 0.11f, 0.0f, 1.0f },
    [LIMNER_SPEECH_ALVEOLAR] = { 0.04f, 0.18f, 0.0f, 1.0f },
    [LIMNER_SPEECH_LATERAL] = { -0.01f, 0.14f, 0.0f, 1.0f },
    [LIMNER_SPEECH_SIBILANT] = { 0.07f, 0.13f, 0.0f, 0.5f },
    [LIMNER_SPEECH_POSTALVEOLAR] = { 0.15f, 0.03f, 0.3f, 0.3f },
    [LIMNER_SPEECH_VELAR] = { 0.18f, 0.12f, 0.0f, 0.0f },
    [LIMNER_SPEECH_RHOTIC] = { -0.02f, -0.03f, 0.3f, 0.2f },
    [LIMNER_SPEECH_ROUNDED_GLIDE] = { -0.10f, -0.25f, 0.9f, 0.0f },
    [LIMNER_SPEECH_SPREAD] = { 0.14f, 0.11f, 0.0f, 0.0f },
    [LIMNER_SPEECH_MID] = { 0.19f, 0.20f, 0.0f, 0.0f },
    [LIMNER_SPEECH_OPEN] = { 0.18f, 0.19f, 0.0f, 0.0f },
    [LIMNER_SPEECH_SCHWA] = { 0.04f, 0.15f, 0.0f, 0.0f },
    [LIMNER_SPEECH_ROUNDED_OPEN] = { 0.00f, -0.06f, 0.5f, 0.0f },
    [LIMNER_SPEECH_ROUNDED_CLOSE] = { -0.09f, -0.16f, 0.8f, 0.0f },
    [LIMNER_SPEECH_ROUNDED_FRONT] = { 0.01f, -0.07f, 0.8f, 0.0f },
};

/* The same for the encoder's readings of jaw and rounding. */
static const float HEARD_JAW_OPENS = 0.19f, HEARD_ROUND_WIDENS = -0.47f;

/* What a unit of a coefficient does to the mouth, eye distances. Opening: a linear fit to 300
 * random mixtures drawn on the demo portrait and tracked (r 0.98), the lips' parts to 40 s of talk
 * on four portraits, where they are already apart. Width: to 56 frames of talk on each of six
 * people, of whom the middle one widens 0.7 times as far as the demo portrait. Pairs count both
 * sides. */
static const float JAW_OPENS = 0.549f, FUNNEL_OPENS = 0.226f, LOWER_OPENS = 0.122f;
static const float UPPER_OPENS = 0.135f, JAW_DROPS_CHIN = 0.6f;     /* the latter of its opening */
static const float STRETCH_WIDENS = 0.15f, SMILE_WIDENS = 0.19f;
static const float FUNNEL_NARROWS = 0.11f, PUCKER_NARROWS = 0.14f;

/* What the lips themselves have of an opening, eye distances at most and the opening at which they
 * come to 63 % of it; the jaw has the rest. From the medians of 6,844 frames of 17 speakers by
 * their opening: the upper lip rises by 0.018 of the first 0.045, by 0.055 of 0.2, 0.062 of
 * 0.28. */
static const float UPPER_MOST = 0.065f, UPPER_SOON = 0.15f;
static const float LOWER_MOST = 0.030f, LOWER_SOON = 0.10f;
static const float UPPER_SHARE = 0.5f;  /* of what the jaw leaves open besides */

void limner_articulation_init(limner_articulation *a)
{
    memset(a, 0, sizeof(*a));
    for (int k = 0; k < LIMNER_ARTICULATION_WINDOW; k++)
        a->heard[k].silence = 1.0f;
    a->now.silence = 1.0f;
    a->pause_s = 10.0f;
}

void limner_articulation_push(limner_articulation *a, const limner_speech_frame *f)
{
    limner_gesture *g = &a->heard[LIMNER_ARTICULATION_WINDOW - 1];

    memmove(a->heard, a->heard + 1, (LIMNER_ARTICULATION_WINDOW - 1) * sizeof(a->heard[0]));
    memset(g, 0, sizeof(*g));
    g->open = HEARD_JAW_OPENS * f->jaw;
    g->width = HEARD_ROUND_WIDENS * f->rounding;
    for (int c = 0; c < LIMNER_SPEECH_N_CLASSES; c++) {
        g->open += f->share[c] * GESTURE[c].open;
        g->width += f->share[c] * GESTURE[c].width;
        g->round += f->share[c] * GESTURE[c].round;
        g->tip += f->share[c] * GESTURE[c].tip;
    }
    g->hush = f->share[LIMNER_SPEECH_POSTALVEOLAR];
    g->teeth = f->share[LIMNER_SPEECH_SIBILANT];
    g->tuck = f->share[LIMNER_SPEECH_LABIODENTAL];
    g->closure = fmaxf(f->closure, f->share[LIMNER_SPEECH_CLOSURE]);
    g->silence = f->share[LIMNER_SPEECH_SILENCE];
    a->n_heard++;
}

/* Mean of the member at `offset` from `before` to `after` steps about `middle`, weighted by half a
 * Hann window on each side. */
static float average(const limner_articulation *a, size_t offset, int64_t middle, int before,
                     int after)
{
    float sum = 0.0f, weight = 0.0f;

    for (int k = 0; k < LIMNER_ARTICULATION_WINDOW; k++) {
        const int64_t frame = a->n_heard - LIMNER_ARTICULATION_WINDOW + k;
        const int64_t d = 2 * frame + 1 - middle;       /* its middle, in steps of 10 ms */
        const char *g = (const char *)&a->heard[k];
        float w;

        if (d < -before || d > after)
            continue;
        w = 0.5f + 0.5f * cosf(3.14159265f * (float)d / (float)((d < 0 ? before : after) + 1));
        sum += w * *(const float *)(const void *)(g + offset);
        weight += w;
    }
    return weight > 0.0f ? sum / weight : 0.0f;
}

#define AVERAGE(member, before, after) \
    (a->now.member = average(a, offsetof(limner_gesture, member), n + LEAD, before, after))

/* In music the net takes notes for vowels where the encoder hears no speech at all. What lasts is
 * believed to be none; at the first word the net, which foresees the encoder, is right. */
static float hush(limner_articulation *a, float learned, float heard)
{
    if (heard < SPEECH_AGAIN)
        a->doubt = 0.0f;
    else if (heard > NO_SPEECH && learned < NO_SPEECH)
        a->doubt += (1.0f - a->doubt) * 2.0f * LIMNER_STEP_S / DOUBT_S;
    return fmaxf(learned, limner_smoothstep(a->doubt, 0.3f, 0.7f));
}

void limner_articulation_learn(limner_articulation *a, const limner_gesture *mouth,
                               float silence)
{
    a->learned[0] = a->learned[1];
    a->learned[1] = *mouth;
    a->learned[1].silence = hush(a, mouth->silence, silence);
    if (!a->is_learned)
        a->learned[0] = a->learned[1];
    a->is_learned = true;
}

/* Even steps are the net's own times, odd ones lie between two. */
static void take_learned(limner_articulation *a, int64_t n)
{
    const float *x = (const float *)(const void *)&a->learned[n % 2 ? 0 : 1];
    const float *y = (const float *)(const void *)&a->learned[1];
    float *now = (float *)(void *)&a->now;

    for (size_t i = 0; i < sizeof(a->now) / sizeof(float); i++)
        now[i] = 0.5f * (x[i] + y[i]);
    a->now.round = fmaxf(a->now.round, 0.0f);
    a->now.hush = fmaxf(a->now.hush, 0.0f);
    a->now.teeth = fmaxf(a->now.teeth, 0.0f);
    a->now.tip = fmaxf(a->now.tip, 0.0f);
    a->now.open -= TOUCHING * (1.0f - limner_smoothstep(a->now.open, 0.0f, APART));
    a->now.closure = limner_smoothstep(a->now.closure, LEAST_FORESEEN, SURE_FORESEEN);
    a->now.tuck = limner_smoothstep(a->now.tuck, LEAST_FORESEEN, SURE_FORESEEN);
}

/* In a pause the lips, apart at first, come to rest; the net has learned that, but for a trace. */
static void rest(limner_articulation *a)
{
    const float silent = a->is_learned ? limner_smoothstep(a->now.silence, 0.8f, 0.97f)
                                       : limner_smoothstep(a->now.silence, 0.05f, 0.85f);

    a->pause_s = silent > 0.4f ? fminf(a->pause_s + LIMNER_STEP_S, 10.0f) : 0.0f;
    if (a->pause_s > PAUSE_S)
        a->awake -= a->awake * LIMNER_STEP_S / REST_S;
    else
        a->awake += (1.0f - a->awake) * LIMNER_STEP_S / WAKE_S;
    a->kept += SOFT * (1.0f - silent * (1.0f - a->awake) - a->kept);
    a->now.open *= a->kept;
    a->now.width *= a->kept;
    a->now.chin *= a->kept;
}

static void take_heard(limner_articulation *a, int64_t n)
{
    AVERAGE(open, 12, 4);
    AVERAGE(width, 12, 4);
    AVERAGE(round, 10, 4);
    AVERAGE(hush, 4, 4);
    AVERAGE(teeth, 4, 4);
    AVERAGE(tuck, 3, 3);
    AVERAGE(closure, 2, 2);
    AVERAGE(tip, 3, 3);
    AVERAGE(silence, 12, 4);
    a->now.closure = limner_smoothstep(a->now.closure, LEAST_CLOSURE, SURE_CLOSURE);
    a->now.tuck = limner_smoothstep(a->now.tuck, LEAST_TUCK, SURE_TUCK);
}

void limner_articulation_step(limner_articulation *a, int64_t n)
{
    if (a->is_learned)
        take_learned(a, n);
    else
        take_heard(a, n);
    rest(a);
}

static void add(limner_motion *m, int index, float x)
{
    m->expression[index] += x;
}

static void add_pair(limner_motion *m, int left, int right, float x)
{
    m->expression[left] += x;
    m->expression[right] += x;
}

typedef struct opening_parts {
    float jaw, upper, lower;            /* eye distances, >= 0 */
} opening_parts;

/* Who opens the mouth: jaw and lips as people share it, and more of the jaw where the chin is lower
 * than usual. In s the chin stays up and the lips bare the teeth. */
static opening_parts share_out(float open, float chin)
{
    opening_parts p = { 0.0f, 0.0f, 0.0f };
    float rest;

    if (open <= 0.0f)
        return p;
    p.upper = UPPER_MOST * (1.0f - expf(-open / UPPER_SOON));
    p.lower = LOWER_MOST * (1.0f - expf(-open / LOWER_SOON));
    rest = p.upper + p.lower;
    p.jaw = limner_clampf(open - rest + chin / JAW_DROPS_CHIN, 0.0f, open);
    rest = open - p.jaw - rest;         /* to the lips; negative: from them */
    p.upper = limner_clampf(p.upper + UPPER_SHARE * rest, 0.0f, open - p.jaw);
    p.lower = open - p.jaw - p.upper;
    return p;
}

void limner_articulation_apply(const limner_articulation *a, float gain, limner_motion *m)
{
    const limner_gesture *g = &a->now;
    const float closure = g->closure, free = 1.0f - closure, tuck = g->tuck * free;
    const float open = gain * fmaxf(g->open, 0.0f) * (1.0f - 0.8f * tuck);
    const float funnel = gain * (0.3f * g->round + 0.25f * g->hush);
    const float wide = gain * g->width + FUNNEL_NARROWS * funnel;
    const float spread = fmaxf(wide, 0.0f), narrow = fmaxf(-wide, 0.0f);
    const float bared = gain * 0.12f * g->teeth;
    const opening_parts part = share_out(open - FUNNEL_OPENS * funnel - LOWER_OPENS * bared,
                                         gain * g->chin);
    const float jaw = part.jaw / JAW_OPENS, upper = part.upper / UPPER_OPENS;
    const float lower = bared + part.lower / LOWER_OPENS;

    add(m, LIMNER_JAW_OPEN, jaw * (1.0f - 0.5f * closure));
    add(m, LIMNER_MOUTH_CLOSE, jaw * (1.0f - 0.5f * closure) * closure);
    add(m, LIMNER_MOUTH_FUNNEL, free * funnel);
    add(m, LIMNER_MOUTH_PUCKER, narrow / PUCKER_NARROWS);
    add_pair(m, LIMNER_MOUTH_STRETCH_LEFT, LIMNER_MOUTH_STRETCH_RIGHT,
             0.6f * spread / STRETCH_WIDENS);
    add_pair(m, LIMNER_MOUTH_SMILE_LEFT, LIMNER_MOUTH_SMILE_RIGHT, 0.4f * spread / SMILE_WIDENS);
    add_pair(m, LIMNER_MOUTH_LOWER_DOWN_LEFT, LIMNER_MOUTH_LOWER_DOWN_RIGHT,
             free * lower * (1.0f - tuck));
    add_pair(m, LIMNER_MOUTH_UPPER_UP_LEFT, LIMNER_MOUTH_UPPER_UP_RIGHT,
             free * (upper + gain * 0.1f * tuck));
    add(m, LIMNER_MOUTH_ROLL_LOWER, gain * (0.12f * closure + 0.35f * tuck));
    add(m, LIMNER_MOUTH_ROLL_UPPER, gain * 0.08f * closure);
    add_pair(m, LIMNER_MOUTH_PRESS_LEFT, LIMNER_MOUTH_PRESS_RIGHT, gain * 0.15f * closure);
    m->tongue_up += gain * g->tip;
}
