/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline of one talking face: sound -> resampler -> motion generator -> renderer -> frame.
 * Work is done in receive; send only resamples and analyses. `staged` holds sound at 16 kHz that
 * the generator has not taken yet; it is bounded, and when it is full, send gives LIMNER_AGAIN. A
 * control is applied between the sound sent before it and the sound sent after, however cut.
 * Clocked, sound waits on the timeline and goes the same way only as far as a frame that is due
 * needs it, so that a control acts on the next frame. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "audio/resample.h"
#include "audio/timeline.h"
#include "core/frame_pool.h"
#include "core/mem.h"
#include "core/pool.h"
#include "model.h"
#include "motion/controls.h"
#include "motion/generator.h"
#include "motion/look.h"
#include "render/renderer.h"

enum { STAGE_SAMPLES = 4096, MAX_FPS = 120, MIN_SIDE_PX = 64 };

#define LEAST_SETTINGS_SIZE offsetof(limner_settings, is_clocked)

typedef enum source {
    SOURCE_NONE, SOURCE_SOUND, SOURCE_MOTION
} source;

struct limner_session {
    limner_model *model;
    limner_portrait *portrait;
    limner_settings set;
    limner_motion photo_motion;
    limner_pool *pool;
    limner_renderer *renderer;
    limner_frame_pool *frames;
    limner_resampler *resampler;
    limner_generator *generator;
    limner_timeline *timeline;          /* NULL: not clocked */
    source source;
    float staged[STAGE_SAMPLES];
    size_t n_staged, staged_from;
    limner_controls pending;
    bool has_pending, is_finished, is_flushed, is_drained;
    limner_motion next;                 /* motion to be rendered */
    limner_motion generated;            /* the same before it was fitted to the portrait */
    bool has_next;
    int64_t n_sent;                     /* samples taken */
    int64_t n_frames;                   /* received or passed over so far */
    int n_passed;                       /* passed over since the last one received */
};

void limner_settings_init(limner_settings *set, uint32_t struct_size)
{
    const limner_settings all = {
        .struct_size = struct_size < sizeof(all) ? struct_size : (uint32_t)sizeof(all),
        .rate_hz = LIMNER_GENERATOR_RATE_HZ,
        .fps_num = 25, .fps_den = 1, .width_px = 512, .height_px = 512
    };

    if (set && struct_size >= LEAST_SETTINGS_SIZE)
        memcpy(set, &all, all.struct_size);
}

__attribute__((format(printf, 3, 4)))
static limner_status fail(char *detail, limner_status st, const char *format, ...)
{
    va_list args;

    if (detail) {
        va_start(args, format);
        vsnprintf(detail, LIMNER_DETAIL_SIZE, format, args);
        va_end(args);
    }
    return st;
}

static limner_status check_size(const limner_settings *set, char *detail)
{
    const bool is_full = set->framing == LIMNER_FRAMING_FULL;
    const uint32_t w = set->width_px, h = set->height_px;
    const uint32_t most = is_full ? LIMNER_MAX_FULL_PX : LIMNER_MAX_CROP_PX;

    if (w < MIN_SIDE_PX || w > most || h < MIN_SIDE_PX || h > most || w % 2 || h % 2)
        return fail(detail, LIMNER_E_ARG, "size %u x %u; even, %d to %u pixels are possible for %s",
                    w, h, MIN_SIDE_PX, most, is_full ? "the full photo" : "a crop");
    if (!is_full && w != h)
        return fail(detail, LIMNER_E_ARG, "size %u x %u; a crop is square", w, h);
    return LIMNER_OK;
}

static limner_status check_settings(const limner_settings *set, char *detail)
{
    const double fps = set->fps_den ? (double)set->fps_num / set->fps_den : 0;
    limner_status st;

    if (set->rate_hz < 8000 || set->rate_hz > 192000)
        return fail(detail, LIMNER_E_ARG, "sample rate %u Hz; 8000 to 192000 are taken",
                    set->rate_hz);
    if (!(fps >= 1 && fps <= MAX_FPS))
        return fail(detail, LIMNER_E_ARG, "%g frames/s; 1 to %d are possible", fps, MAX_FPS);
    if (set->n_threads > LIMNER_POOL_MAX_THREADS)
        return fail(detail, LIMNER_E_LIMIT, "%u threads; 1 to %d are possible", set->n_threads,
                    LIMNER_POOL_MAX_THREADS);
    if ((unsigned)set->framing > LIMNER_FRAMING_ALPHA)
        return fail(detail, LIMNER_E_ARG, "there is no framing %d", (int)set->framing);
    if ((unsigned)set->pixel > LIMNER_PIXEL_RGBA)
        return fail(detail, LIMNER_E_ARG, "there is no pixel format %d", (int)set->pixel);
    if ((st = check_size(set, detail)) < 0)
        return st;
    if (set->framing == LIMNER_FRAMING_ALPHA && set->pixel != LIMNER_PIXEL_RGBA)
        return fail(detail, LIMNER_E_ARG, "a transparent background needs RGBA pixels");
    return LIMNER_OK;
}

static limner_status open_picture(limner_session *s)
{
    const limner_settings *set = &s->set;
    limner_status st = limner_pool_open(&s->pool, set->n_threads);

    if (st == LIMNER_OK)
        st = limner_renderer_open(&s->renderer, s->model->face, &s->portrait->app, s->pool,
                                  set->framing, set->pixel, set->width_px, set->height_px);
    if (st == LIMNER_OK)
        st = limner_frame_pool_open(&s->frames, set->pixel, set->width_px, set->height_px);
    return st;
}

/* Everything that s->set asks for. */
static limner_status open_parts(limner_session *s)
{
    const limner_settings *set = &s->set;
    const limner_speech_net *speech = s->model->speech;
    limner_status st;

    if ((s->portrait && (st = open_picture(s)) < 0) ||
        (st = limner_resampler_open(&s->resampler, set->rate_hz)) < 0 ||
        (speech && (st = limner_generator_open(&s->generator, speech, s->model->lips,
                                               set->fps_num, set->fps_den, set->seed)) < 0))
        return st;
    if (set->is_clocked) {
        st = limner_timeline_open(&s->timeline, set->rate_hz);
        s->source = SOURCE_SOUND;
    }
    return st;
}

limner_status limner_session_open(limner_session **out, limner_model *model,
                                  limner_portrait *portrait, const limner_settings *given,
                                  char *detail)
{
    limner_settings set = {0};
    limner_session *s;
    limner_status st;

    if (detail)
        detail[0] = 0;
    if (!out)
        return LIMNER_E_ARG;
    *out = NULL;
    if (!model || !given || given->struct_size < LEAST_SETTINGS_SIZE ||
        (portrait && portrait->model->face->n_vertices != model->face->n_vertices))
        return LIMNER_E_ARG;
    memcpy(&set, given, given->struct_size < sizeof(set) ? given->struct_size : sizeof(set));
    st = check_settings(&set, detail);
    if (st < 0)
        return st;
    if (set.is_clocked && !model->speech)
        return fail(detail, LIMNER_E_STATE, "a clocked session listens: speech.limner is missing");
    s = limner_calloc(1, sizeof(*s));
    if (!s)
        return LIMNER_E_NOMEM;
    s->model = limner_model_ref(model);
    s->set = set;
    s->photo_motion.distance = 1;
    if (portrait) {
        s->portrait = limner_portrait_ref(portrait);
        limner_portrait_motion(portrait, &s->photo_motion);
    }
    st = open_parts(s);
    if (st < 0) {
        limner_session_close(&s);
        return st;
    }
    *out = s;
    return LIMNER_OK;
}

/* Hands staged sound on; true when none is left. Applies a waiting control at that moment. */
static bool pump_staged(limner_session *s)
{
    while (s->n_staged) {
        size_t used = 0;

        limner_generator_send(s->generator, s->staged + s->staged_from, s->n_staged, &used);
        if (!used)
            return false;
        s->staged_from += used;
        s->n_staged -= used;
    }
    s->staged_from = 0;
    if (s->has_pending && s->generator) {
        limner_generator_control(s->generator, &s->pending);
        s->has_pending = false;
    }
    return true;
}

/* Resamples and hands on; returns how much was taken. */
static size_t take_sound(limner_session *s, const float *pcm, size_t n)
{
    size_t done = 0;

    while (done < n && pump_staged(s)) {
        size_t used = 0;

        limner_resampler_process(s->resampler, pcm + done, n - done, &used, s->staged,
                                 STAGE_SAMPLES, &s->n_staged);
        done += used;
        if (!used && !s->n_staged)
            break;
    }
    pump_staged(s);
    return done;
}

limner_status limner_session_send(limner_session *s, const float *pcm, size_t n, size_t *n_used)
{
    if (n_used)
        *n_used = 0;
    if (!s || (n && !pcm) || !n_used)
        return LIMNER_E_ARG;
    if (s->is_finished || s->source == SOURCE_MOTION || !s->generator)
        return LIMNER_E_STATE;
    s->source = SOURCE_SOUND;
    if (n)
        *n_used = s->timeline ? limner_timeline_push(s->timeline, pcm, n) : take_sound(s, pcm, n);
    s->n_sent += (int64_t)*n_used;
    return *n_used || !n ? LIMNER_OK : LIMNER_AGAIN;
}

limner_status limner_session_send_live(limner_session *s, int64_t now_samples, const float *pcm,
                                       size_t n)
{
    if (!s || (n && !pcm))
        return LIMNER_E_ARG;
    if (!s->timeline || s->is_finished)
        return LIMNER_E_STATE;
    if (n)
        limner_timeline_push_live(s->timeline, now_samples, pcm, n);
    return LIMNER_OK;
}

static bool is_motion_sane(const limner_motion *m)
{
    float v[sizeof(*m) / sizeof(float)];        /* a motion is floats only */

    memcpy(v, m, sizeof(v));
    for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
        if (!isfinite(v[i]))
            return false;
    return m->distance > 0;
}

limner_status limner_session_send_motion(limner_session *s, const limner_motion *m)
{
    if (!s || !m || !is_motion_sane(m))
        return LIMNER_E_ARG;
    if (s->is_finished || s->source == SOURCE_SOUND)
        return LIMNER_E_STATE;
    if (s->has_next)
        return LIMNER_AGAIN;
    s->source = SOURCE_MOTION;
    s->next = s->generated = *m;
    s->has_next = true;
    return LIMNER_OK;
}

limner_status limner_session_finish(limner_session *s)
{
    if (!s)
        return LIMNER_E_ARG;
    s->is_finished = true;
    return LIMNER_OK;
}

limner_status limner_session_control(limner_session *s, const limner_controls *c)
{
    limner_controls checked;
    limner_status st;

    if (!s || !c)
        return LIMNER_E_ARG;
    st = limner_controls_check(&checked, c);
    if (st < 0)
        return st;
    limner_look_resolve(&s->pending, &checked, s->portrait ? &s->portrait->app : NULL,
                        s->set.framing);
    if (s->timeline)
        return limner_generator_control_now(s->generator, &s->pending);
    s->has_pending = true;
    pump_staged(s);
    return LIMNER_OK;
}

/* After finish: what the resampler holds, then the generator's end. */
static void drain_sound(limner_session *s)
{
    while (pump_staged(s) && !s->is_flushed) {
        limner_resampler_flush(s->resampler, s->staged, STAGE_SAMPLES, &s->n_staged);
        if (!s->n_staged) {
            s->is_flushed = true;
            limner_generator_finish(s->generator);
        }
    }
}

/* The next frame's motion into s->next. */
static limner_status take_motion(limner_session *s)
{
    limner_status st = limner_generator_receive(s->generator, &s->generated);

    if (st == LIMNER_OK) {
        limner_motion_apply(&s->next, &s->photo_motion, &s->generated);
        s->has_next = true;
    }
    return st;
}

/* floor(n * rate * fps_den / fps_num) without overflow. */
static int64_t frame_start(const limner_session *s, int64_t n)
{
    const int64_t step = (int64_t)s->set.rate_hz * s->set.fps_den;

    return n / s->set.fps_num * step + n % s->set.fps_num * step / s->set.fps_num;
}

static limner_status next_motion(limner_session *s)
{
    if (s->source != SOURCE_SOUND)
        return s->is_finished ? LIMNER_EOS : LIMNER_AGAIN;
    if (s->is_finished)
        drain_sound(s);
    else
        pump_staged(s);
    return take_motion(s);
}

/* The same for a frame that is due: hears just what it needs, silence where nothing has come. */
static limner_status due_motion(limner_session *s, int64_t now)
{
    const int64_t due = limner_session_due_samples(s), end = limner_timeline_end(s->timeline);
    const int64_t to = s->is_finished && end < due ? end : due;
    const float *pcm;
    size_t n;

    if (now < due)
        return LIMNER_AGAIN;
    while ((n = limner_timeline_pull(s->timeline, to, &pcm)) > 0)
        take_sound(s, pcm, n);
    if (s->is_finished && end <= due)
        drain_sound(s);
    return take_motion(s);
}

static limner_render_target target_of(const limner_frame *f)
{
    limner_render_target t = {.pixel = f->pixel};

    for (int i = 0; i < 3; i++) {
        t.plane[i] = (uint8_t *)(uintptr_t)f->plane[i];
        t.stride[i] = f->stride[i];
    }
    return t;
}

/* Whether this face can be added to that frame. */
static bool is_alike(const limner_session *s, const limner_frame *f)
{
    return s->set.framing == LIMNER_FRAMING_FULL && f->plane[0] && f->pixel == s->set.pixel &&
           f->width_px == s->set.width_px && f->height_px == s->set.height_px;
}

static void draw_next(limner_session *s, const limner_frame *under, const limner_frame *out)
{
    limner_render_target below, target = target_of(out);

    if (under)
        below = target_of(under);
    limner_renderer_set_frame_time(s->renderer, (float)(1 + s->n_passed) *
                                                (float)s->set.fps_den / (float)s->set.fps_num);
    limner_renderer_draw(s->renderer, &s->next, under ? &below : NULL, &target);
    s->n_passed = 0;
}

/* Draws the motion that is next, or with `out` NULL passes over it. */
static limner_status take_next(limner_session *s, const limner_frame *under, limner_frame *out)
{
    if (!out) {
        s->n_passed++;
    } else if (s->portrait && limner_frame_pool_get(s->frames, out) != LIMNER_OK) {
        return LIMNER_AGAIN;
    } else {
        out->pts_samples = frame_start(s, s->n_frames);
        out->motion = s->next;
        out->generated = s->generated;
        if (s->portrait)
            draw_next(s, under, out);
    }
    s->has_next = false;
    s->n_frames++;
    return LIMNER_OK;
}

limner_status limner_session_receive_over(limner_session *s, const limner_frame *under,
                                          limner_frame *out)
{
    limner_status st;

    if (!s || (under && (under == out || !is_alike(s, under))))
        return LIMNER_E_ARG;
    if (out)
        memset(out, 0, sizeof(*out));
    if (s->timeline)
        return LIMNER_E_STATE;
    if (!s->has_next && (st = next_motion(s)) != LIMNER_OK)
        return st;
    return take_next(s, under, out);
}

limner_status limner_session_receive(limner_session *s, limner_frame *out)
{
    return limner_session_receive_over(s, NULL, out);
}

limner_status limner_session_receive_due(limner_session *s, int64_t now_samples, limner_frame *out)
{
    limner_status st;

    if (!s)
        return LIMNER_E_ARG;
    if (out)
        memset(out, 0, sizeof(*out));
    if (!s->timeline)
        return LIMNER_E_STATE;
    if (!s->has_next && (st = due_motion(s, now_samples)) != LIMNER_OK)
        return st;
    return take_next(s, NULL, out);
}

int64_t limner_session_due_samples(const limner_session *s)
{
    return frame_start(s, s->n_frames) + limner_session_latency_samples(s);
}

int64_t limner_session_sound_samples(const limner_session *s)
{
    return s->timeline ? limner_timeline_end(s->timeline) : s->n_sent;
}

int64_t limner_session_latency_samples(const limner_session *s)
{
    const int64_t rate = LIMNER_GENERATOR_RATE_HZ;

    if (!s->generator)
        return 0;
    /* One sample more, as frames start at whole samples of either rate. */
    return (limner_generator_latency_samples(s->generator) * s->set.rate_hz + rate - 1) / rate +
           limner_resampler_ahead(s->resampler) + 1;
}

void limner_session_close(limner_session **session)
{
    limner_session *s;

    if (!session || !*session)
        return;
    s = *session;
    *session = NULL;
    limner_timeline_close(&s->timeline);
    limner_generator_close(&s->generator);
    limner_resampler_close(&s->resampler);
    limner_frame_pool_close(&s->frames);
    limner_renderer_close(&s->renderer);
    limner_pool_close(&s->pool);
    limner_portrait_close(&s->portrait);
    limner_model_close(&s->model);
    limner_mem_free(s);
}
