/* SPDX-License-Identifier: Apache-2.0 */
/* The motion generator (see generator.h): features at 100 Hz -> speech encoder -> articulation
 * (from the sound alone), and performance by rule and chance (head, gaze, blinks, brows: sampled,
 * seeded) in steps of 10 ms; frames are read between two steps by linear interpolation, so a take
 * is the same at every frame rate. Look-ahead 106 ms: 16 ms half window of the features, 60 ms of
 * the encoder, 20 ms of coarticulation, up to 10 ms of interpolation. */
#include "motion/generator.h"

#include <string.h>

#include "audio/features.h"
#include "core/mem.h"
#include "motion/articulation.h"
#include "motion/blink.h"
#include "motion/brow.h"
#include "motion/controls.h"
#include "motion/emotion.h"
#include "motion/gaze.h"
#include "motion/head.h"
#include "motion/pause.h"
#include "motion/prosody.h"
#include "motion/smile.h"

enum {
    HOP = LIMNER_FEATURES_HOP,
    AHEAD = LIMNER_SPEECH_AHEAD + LIMNER_ARTICULATION_AHEAD,    /* features of a step's mouth */
    VOICE_AHEAD = 6,                    /* features that the performance of a step has heard */
    LATENCY = LIMNER_FEATURES_AHEAD + AHEAD * HOP + HOP,
    MAX_WAITING = 32,                   /* frames */
    MAX_PER_STEP = 2                    /* at 120 frames/s */
};

static const float BLINKS_SPEAKING = 21.5f, BLINKS_SILENT = 16.0f;      /* a minute */
static const float TALK_S = 0.08f;      /* from talk to silence and back */

struct limner_generator {
    limner_features *features;
    limner_feature_frame heard[AHEAD + 1];      /* frame j at j % (AHEAD + 1) */
    int64_t n_heard;
    limner_speech *speech;
    limner_lips *lips;                  /* NULL: gestures alone */
    limner_articulation mouth;
    limner_prosody voice;
    limner_head head;
    limner_blink blink;
    limner_gaze gaze;
    limner_brow brow;
    limner_smile smile;
    limner_pause pause;
    limner_control_state controls;
    limner_follower talk;               /* 0..1, whether the voice speaks */
    uint64_t fps_num, fps_den;
    int64_t n_samples;                  /* of the sound */
    int64_t n_steps;                    /* done */
    int64_t next_frame;                 /* its number */
    int64_t n_frames;                   /* of the whole take, known once finished */
    bool is_finished;
    limner_motion before, now;          /* of the last two steps */
    limner_motion waiting[MAX_WAITING];
    int first_waiting, n_waiting;
};

limner_status limner_generator_open(limner_generator **out, const limner_speech_net *net,
                                    const limner_lips_net *lips, uint32_t fps_num,
                                    uint32_t fps_den, uint64_t seed)
{
    limner_generator *g;
    limner_status st;

    *out = NULL;
    if (!fps_num || !fps_den || fps_num < fps_den || fps_num > 120ull * fps_den)
        return LIMNER_E_ARG;
    g = limner_calloc(1, sizeof(*g));
    if (!g)
        return LIMNER_E_NOMEM;
    st = limner_features_open(&g->features);
    if (st == LIMNER_OK)
        st = limner_speech_open(&g->speech, net);
    if (st == LIMNER_OK && lips)
        st = limner_lips_open(&g->lips, lips);
    if (st < 0) {
        limner_generator_close(&g);
        return st;
    }
    g->fps_num = fps_num;
    g->fps_den = fps_den;
    limner_articulation_init(&g->mouth);
    limner_prosody_init(&g->voice);
    limner_head_init(&g->head, seed);
    limner_blink_init(&g->blink, seed);
    limner_gaze_init(&g->gaze, seed);
    limner_brow_init(&g->brow, seed);
    limner_smile_init(&g->smile);
    limner_pause_init(&g->pause);
    limner_control_state_init(&g->controls);
    *out = g;
    return LIMNER_OK;
}

/* Sample at which frame n begins. */
static int64_t frame_start(const limner_generator *g, int64_t n)
{
    return (int64_t)((uint64_t)n * LIMNER_GENERATOR_RATE_HZ * g->fps_den / g->fps_num);
}

static void mix(limner_motion *out, const limner_motion *a, const limner_motion *b, float t)
{
    const float *x = (const float *)(const void *)a, *y = (const float *)(const void *)b;
    float *z = (float *)(void *)out;

    for (size_t i = 0; i < sizeof(*out) / sizeof(float); i++)
        z[i] = x[i] + t * (y[i] - x[i]);
}

static void compose(const limner_generator *g, limner_motion *m)
{
    const limner_control_state *c = &g->controls;
    const float size = 0.4f + 0.6f * c->energy;         /* even a calm speaker moves */
    float head = c->head_gain * c->moving * size;

    memset(m, 0, sizeof(*m));
    limner_articulation_apply(&g->mouth, c->mouth_gain * (0.9f + 0.1f * c->energy), m);
    limner_pause_apply(&g->pause, c->mouth_gain, m);
    limner_brow_apply(&g->brow, c->expression_gain * size, m);
    limner_smile_apply(&g->smile, c->emotion, c->expression_gain * size, m);
    limner_emotion_apply(c->emotion, c->expression_gain * (0.85f + 0.3f * g->voice.loud_slow),
                         g->talk.x, g->mouth.now.closure, m);
    m->expression[LIMNER_EYE_BLINK_LEFT] += g->blink.left;
    m->expression[LIMNER_EYE_BLINK_RIGHT] += g->blink.right;
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        m->expression[i] = limner_clampf(m->expression[i], 0.0f, 1.0f);
    m->tongue_up = limner_clampf(m->tongue_up, 0.0f, 1.0f);
    m->yaw = c->yaw + head * g->head.yaw;
    m->pitch = c->pitch + head * g->head.pitch;
    m->roll = c->roll + head * g->head.roll;
    limner_emotion_hold(c->emotion, head, m);
    m->x = head * g->head.x;
    m->y = head * g->head.y;
    m->z = head * g->head.z;
    m->distance = c->distance;
    m->gaze_yaw = g->gaze.yaw;
    m->gaze_pitch = g->gaze.pitch;
    m->breath = c->moving * g->head.breath;
    m->sway = limner_clampf(head * g->head.sway, -1.0f, 1.0f);
}

/* People blink as they stop talking, as eyes jump and as the head sets off for a turn: in the 0.2 s
 * after a blink begins it turns 1.5 times as fast as else (24 takes). */
static float blink_urge(const limner_generator *g)
{
    const float jump = limner_clampf((g->gaze.jump_deg - 5.4f) / 13.4f, 0.0f, 1.0f);
    const float turn = g->controls.moving * limner_smoothstep(g->head.turn_deg, 5.0f, 14.0f);

    return g->voice.is_hush ? 0.4f : fmaxf(jump, turn);
}

/* One step of 10 ms of everything. Chance is drawn in every step, whatever the controls. */
static void step(limner_generator *g)
{
    const limner_prosody *v = &g->voice;
    const limner_control_state *c = &g->controls;
    float rate;

    limner_control_state_step(&g->controls, g->n_steps * HOP);
    if (g->pause.is_breath)
        limner_head_inhale(&g->head);
    limner_head_step(&g->head, v);
    limner_gaze_step(&g->gaze, c->gaze_yaw, c->gaze_pitch, c->holds_gaze ? 0.0f : c->energy, v);
    limner_brow_step(&g->brow, v);
    limner_smile_step(&g->smile, v);
    limner_follow(&g->talk, 1.0f - limner_smoothstep(v->silence_s, 0.25f, 0.6f), TALK_S);
    rate = c->blink_rate;
    if (rate < 0.0f)
        rate = (v->is_speech ? BLINKS_SPEAKING : BLINKS_SILENT) * (0.8f + 0.2f * c->energy);
    limner_blink_step(&g->blink, rate, blink_urge(g));
    g->before = g->now;
    compose(g, &g->now);
    g->n_steps++;
}

/* Frames that lie between the last two steps (or at the first one). */
static void emit(limner_generator *g)
{
    int64_t last = (g->n_steps - 1) * HOP;

    for (;;) {
        int64_t at = frame_start(g, g->next_frame);
        int slot = (g->first_waiting + g->n_waiting) % MAX_WAITING;

        if (at > last || (g->is_finished && g->next_frame >= g->n_frames))
            return;
        mix(&g->waiting[slot], &g->before, &g->now, 1.0f - (float)(last - at) / HOP);
        g->n_waiting++;
        g->next_frame++;
    }
}

/* What the encoder, and the net where there is one, make of a feature frame. */
static void listen(limner_generator *g, const limner_feature_frame *f)
{
    limner_speech_frame speech;
    limner_gesture mouth;
    const bool is_new = limner_speech_push(g->speech, f, &speech);

    if (g->lips && limner_lips_push(g->lips, f->mel, is_new ? &speech : NULL, &mouth))
        limner_articulation_learn(&g->mouth, &mouth, speech.share[LIMNER_SPEECH_SILENCE]);
    else if (!g->lips && is_new)
        limner_articulation_push(&g->mouth, &speech);
}

/* One feature frame: the mouth of step n waits for AHEAD of them, the performance for fewer. */
static void hear(limner_generator *g, const limner_feature_frame *f)
{
    const int64_t n = g->n_heard++;

    g->heard[n % (AHEAD + 1)] = *f;
    listen(g, f);
    if (n >= AHEAD - VOICE_AHEAD)
        limner_prosody_step(&g->voice, &g->heard[(n - AHEAD + VOICE_AHEAD) % (AHEAD + 1)]);
    if (n < AHEAD)
        return;
    limner_articulation_step(&g->mouth, n - AHEAD);
    limner_pause_step(&g->pause, &g->mouth, &g->voice);
    limner_pause_part(&g->pause, &g->mouth);
    step(g);
    emit(g);
}

/* Feeds sound; returns how much was taken. Stops while MAX_PER_STEP more frames may not fit. */
static size_t feed(limner_generator *g, const float *pcm, size_t n)
{
    size_t done = 0;

    while (done < n && g->n_waiting + MAX_PER_STEP <= MAX_WAITING) {
        limner_feature_frame frame;
        size_t used;

        if (limner_features_push(g->features, pcm + done, n - done, &used, &frame))
            hear(g, &frame);
        done += used;
    }
    return done;
}

limner_status limner_generator_send(limner_generator *g, const float *pcm, size_t n,
                                    size_t *n_used)
{
    *n_used = 0;
    if (g->is_finished)
        return LIMNER_E_STATE;
    *n_used = feed(g, pcm, n);
    g->n_samples += (int64_t)*n_used;
    return *n_used || !n ? LIMNER_OK : LIMNER_AGAIN;
}

limner_status limner_generator_finish(limner_generator *g)
{
    uint64_t per = (uint64_t)LIMNER_GENERATOR_RATE_HZ * g->fps_den;

    if (g->is_finished)
        return LIMNER_E_STATE;
    g->is_finished = true;
    g->n_frames = (int64_t)(((uint64_t)g->n_samples * g->fps_num + per - 1) / per);
    return LIMNER_OK;
}

limner_status limner_generator_control(limner_generator *g, const limner_controls *c)
{
    if (g->is_finished)
        return LIMNER_E_STATE;
    limner_control_state_set(&g->controls, c, g->n_samples);
    return LIMNER_OK;
}

limner_status limner_generator_control_now(limner_generator *g, const limner_controls *c)
{
    limner_controls checked;
    limner_status st = limner_controls_check(&checked, c);

    if (st == LIMNER_OK)
        limner_control_state_set(&g->controls, &checked, g->n_steps * HOP);
    return st;
}

limner_status limner_generator_receive(limner_generator *g, limner_motion *out)
{
    static const float SILENCE[HOP];

    while (!g->n_waiting && g->is_finished && g->next_frame < g->n_frames)
        feed(g, SILENCE, HOP);
    if (!g->n_waiting) {
        memset(out, 0, sizeof(*out));
        return g->is_finished ? LIMNER_EOS : LIMNER_AGAIN;
    }
    *out = g->waiting[g->first_waiting];
    g->first_waiting = (g->first_waiting + 1) % MAX_WAITING;
    g->n_waiting--;
    return LIMNER_OK;
}

int64_t limner_generator_latency_samples(const limner_generator *g)
{
    (void)g;
    return LATENCY;
}

void limner_generator_close(limner_generator **g)
{
    if (!g || !*g)
        return;
    limner_speech_close(&(*g)->speech);
    limner_lips_close(&(*g)->lips);
    limner_features_close(&(*g)->features);
    limner_mem_free(*g);
    *g = NULL;
}
