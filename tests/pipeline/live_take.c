/* SPDX-License-Identifier: Apache-2.0 */
/* See live_take.h. */
#include "live_take.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

float voice[8 * RATE_HZ];

void make_voice(void)
{
    for (int i = 2 * RATE_HZ; i < 5 * RATE_HZ; i++) {
        const double t = (double)i / RATE_HZ, phase = fmod(t * 120, 1);
        const double gate = fmax(0, sin(2 * 3.14159265 * 4 * t));

        voice[i] = (float)(0.3 * gate * exp(-4 * phase) *
                           (sin(2 * 3.14159265 * 700 * t) + 0.5 * sin(2 * 3.14159265 * 1200 * t)));
    }
}

limner_settings standard(void)
{
    limner_settings set;

    limner_settings_init(&set, sizeof(set));
    set.rate_hz = RATE_HZ;
    set.width_px = set.height_px = SIDE_PX;
    set.n_threads = 1;
    set.seed = 7;
    set.is_clocked = 1;
    return set;
}

limner_session *open_session(fixture *fix, const limner_settings *set)
{
    limner_session *s;

    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, set, NULL), LIMNER_OK);
    return s;
}

static void fnv(uint64_t *h, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *h = (*h ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
}

static void add(take *t, limner_frame *f)
{
    assert_true(t->n < MAX_FRAMES);
    for (int y = 0; y < SIDE_PX; y++)
        memcpy(t->luma[t->n] + y * SIDE_PX, f->plane[0] + y * f->stride[0], SIDE_PX);
    fnv(&t->hash, t->luma[t->n], sizeof(t->luma[0]));
    fnv(&t->hash, &f->motion, sizeof(f->motion));
    fnv(&t->hash, &f->pts_samples, sizeof(f->pts_samples));
    t->motion[t->n++] = f->motion;
    limner_frame_unref(f);
}

void take_due(limner_session *s, int64_t now, take *t)
{
    limner_frame f;

    while (limner_session_receive_due(s, now, &f) == LIMNER_OK)
        add(t, &f);
}

void end_clocked(limner_session *s, int64_t now, take *t)
{
    limner_frame f;
    limner_status st;

    assert_int_equal(limner_session_finish(s), LIMNER_OK);
    while ((st = limner_session_receive_due(s, now, &f)) != LIMNER_EOS) {
        if (st == LIMNER_OK)
            add(t, &f);
        else
            now += 16;
    }
    limner_session_close(&s);
}

void run_unclocked(fixture *fix, limner_settings set, const float *pcm, size_t n, take *t)
{
    limner_session *s;
    limner_frame f;
    size_t used;

    memset(t, 0, sizeof(*t));
    set.is_clocked = 0;
    s = open_session(fix, &set);
    for (size_t at = 0; at < n; at += used) {
        assert_true(limner_session_send(s, pcm + at, n - at, &used) >= 0);
        while (limner_session_receive(s, &f) == LIMNER_OK)
            add(t, &f);
    }
    limner_session_finish(s);
    while (limner_session_receive(s, &f) == LIMNER_OK)
        add(t, &f);
    limner_session_close(&s);
}

void run_live(limner_session *s, const float *pcm, size_t n, size_t packet, take *t)
{
    for (size_t at = 0; at < n; at += packet) {
        const size_t k = packet < n - at ? packet : n - at;

        assert_int_equal(limner_session_send_live(s, (int64_t)(at + k), pcm + at, k), LIMNER_OK);
        assert_int_equal(limner_session_sound_samples(s), at + k);
        take_due(s, (int64_t)(at + k), t);
    }
}
