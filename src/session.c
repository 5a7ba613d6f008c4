/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline of one talking face: sound -> resampler -> motion generator -> renderer -> frame.
 * Work is done in receive; send only resamples and analyses. `staged` holds sound at 16 kHz that
 * the generator has not taken yet; it is bounded, and when it is full, send gives LIMNER_AGAIN. A
 * control is applied between the sound sent before it and the sound sent after, however cut. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audio/resample.h"
#include "core/frame_pool.h"
#include "core/mem.h"
#include "core/pool.h"
#include "model.h"
#include "motion/controls.h"
#include "motion/generator.h"
#include "motion/look.h"
#include "render/renderer.h"

enum { STAGE_SAMPLES = 4096, MAX_FPS = 120, MIN_SIDE_PX = 64 };

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
    source source;
    float staged[STAGE_SAMPLES];
    size_t n_staged, staged_from;
    limner_controls pending;
    bool has_pending, is_finished, is_flushed, is_drained;
    limner_motion next;                 /* motion to be rendered */
    limner_motion generated;            /* the same before it was fitted to the portrait */
    bool has_next;
    int64_t n_frames;                   /* received so far */
};

void limner_settings_init(limner_settings *set, uint32_t struct_size)
{
    if (!set || struct_size < sizeof(*set))
        return;
    memset(set, 0, sizeof(*set));
    set->struct_size = sizeof(*set);
    set->rate_hz = LIMNER_GENERATOR_RATE_HZ;
    set->fps_num = 25;
    set->fps_den = 1;
    set->width_px = set->height_px = 512;
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
    if ((st = check_size(set, detail)) < 0)
        return st;
    if (set->framing == LIMNER_FRAMING_ALPHA && set->pixel != LIMNER_PIXEL_RGBA)
        return fail(detail, LIMNER_E_ARG, "a transparent background needs RGBA pixels");
    return LIMNER_OK;
}

limner_status limner_session_open(limner_session **out, limner_model *model,
                                  limner_portrait *portrait, const limner_settings *set,
                                  char *detail)
{
    limner_session *s;
    limner_status st;

    if (detail)
        detail[0] = 0;
    if (!out)
        return LIMNER_E_ARG;
    *out = NULL;
    if (!model || !portrait || !set || set->struct_size < sizeof(*set) ||
        portrait->model->face->n_vertices != model->face->n_vertices)
        return LIMNER_E_ARG;
    st = check_settings(set, detail);
    if (st < 0)
        return st;
    s = limner_calloc(1, sizeof(*s));
    if (!s)
        return LIMNER_E_NOMEM;
    s->model = limner_model_ref(model);
    s->portrait = limner_portrait_ref(portrait);
    s->set = *set;
    limner_portrait_motion(portrait, &s->photo_motion);
    if ((st = limner_pool_open(&s->pool, set->n_threads)) < 0 ||
        (st = limner_renderer_open(&s->renderer, model->face, &portrait->app, s->pool,
                                   set->framing, set->pixel, set->width_px, set->height_px)) < 0 ||
        (st = limner_frame_pool_open(&s->frames, set->pixel, set->width_px,
                                     set->height_px)) < 0 ||
        (st = limner_resampler_open(&s->resampler, set->rate_hz)) < 0 ||
        (model->speech &&
         (st = limner_generator_open(&s->generator, model->speech, set->fps_num, set->fps_den,
                                     set->seed)) < 0)) {
        limner_session_close(&s);
        return st;
    }
    limner_renderer_set_frame_time(s->renderer, (float)set->fps_den / (float)set->fps_num);
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

limner_status limner_session_send(limner_session *s, const float *pcm, size_t n, size_t *n_used)
{
    size_t done = 0;

    if (n_used)
        *n_used = 0;
    if (!s || (n && !pcm) || !n_used)
        return LIMNER_E_ARG;
    if (s->is_finished || s->source == SOURCE_MOTION || !s->generator)
        return LIMNER_E_STATE;
    s->source = SOURCE_SOUND;
    while (done < n && pump_staged(s)) {
        size_t used = 0;

        limner_resampler_process(s->resampler, pcm + done, n - done, &used, s->staged,
                                 STAGE_SAMPLES, &s->n_staged);
        done += used;
        if (!used && !s->n_staged)
            break;
    }
    pump_staged(s);
    *n_used = done;
    return done || !n ? LIMNER_OK : LIMNER_AGAIN;
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
    limner_look_resolve(&s->pending, &checked, &s->portrait->app, s->set.framing);
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
static limner_status next_motion(limner_session *s)
{
    limner_status st;

    if (s->source != SOURCE_SOUND)
        return s->is_finished ? LIMNER_EOS : LIMNER_AGAIN;
    if (s->is_finished)
        drain_sound(s);
    else
        pump_staged(s);
    st = limner_generator_receive(s->generator, &s->generated);
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

limner_status limner_session_receive_over(limner_session *s, const limner_frame *under,
                                          limner_frame *out)
{
    limner_render_target below, target;
    limner_status st;

    if (!s || !out || under == out || (under && !is_alike(s, under)))
        return LIMNER_E_ARG;
    memset(out, 0, sizeof(*out));
    if (!s->has_next && (st = next_motion(s)) != LIMNER_OK)
        return st;
    if (limner_frame_pool_get(s->frames, out) != LIMNER_OK)
        return LIMNER_AGAIN;
    out->pts_samples = frame_start(s, s->n_frames);
    out->motion = s->next;
    out->generated = s->generated;
    target = target_of(out);
    if (under)
        below = target_of(under);
    limner_renderer_draw_over(s->renderer, &s->next, under ? &below : NULL, &target);
    s->has_next = false;
    s->n_frames++;
    return LIMNER_OK;
}

limner_status limner_session_receive(limner_session *s, limner_frame *out)
{
    return limner_session_receive_over(s, NULL, out);
}

int64_t limner_session_latency_samples(const limner_session *s)
{
    const int64_t own = s->generator ? limner_generator_latency_samples(s->generator) : 0;

    return (own * s->set.rate_hz + LIMNER_GENERATOR_RATE_HZ - 1) / LIMNER_GENERATOR_RATE_HZ;
}

void limner_session_close(limner_session **session)
{
    limner_session *s;

    if (!session || !*session)
        return;
    s = *session;
    *session = NULL;
    limner_generator_close(&s->generator);
    limner_resampler_close(&s->resampler);
    limner_frame_pool_close(&s->frames);
    limner_renderer_close(&s->renderer);
    limner_pool_close(&s->pool);
    limner_portrait_close(&s->portrait);
    limner_model_close(&s->model);
    limner_mem_free(s);
}
