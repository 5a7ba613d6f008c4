/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of samples and two counts (see timeline.h). Silence moves all later sound back, so that a
 * source that stutters is soon buffered by as much as it needs; a live one loses that delay again
 * in its pauses, where nobody sees it. */
#include "audio/timeline.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/mem.h"

enum { SILENCE_SAMPLES = 256 };

static const float QUIET = 0.01f;       /* -40 dB: the highest peak in a pause */
static const float PAUSE_S = 0.2f;      /* longer than lips are shut within a word */

struct limner_timeline {
    float *ring;                        /* [n_room] */
    size_t n_room, from, n_held;        /* next sample to be taken, how many there are */
    int64_t n_taken;                    /* sound and silence */
    size_t n_quiet;                     /* of live sound, up to its end */
    size_t pause;                       /* that many quiet samples are one */
    int64_t most_behind;                /* of live sound, samples */
};

limner_status limner_timeline_open(limner_timeline **out, uint32_t rate_hz)
{
    limner_timeline *t = limner_calloc(1, sizeof(*t));

    *out = NULL;
    if (!t)
        return LIMNER_E_NOMEM;
    t->n_room = rate_hz;
    t->pause = (size_t)(PAUSE_S * (float)rate_hz);
    t->most_behind = (int64_t)rate_hz * LIMNER_MAX_BEHIND_MS / 1000;
    t->ring = limner_alloc(t->n_room, sizeof(float));
    if (!t->ring) {
        limner_timeline_close(&t);
        return LIMNER_E_NOMEM;
    }
    *out = t;
    return LIMNER_OK;
}

size_t limner_timeline_push(limner_timeline *t, const float *pcm, size_t n)
{
    const size_t room = t->n_room - t->n_held, at = (t->from + t->n_held) % t->n_room;
    const size_t to_end = t->n_room - at;

    n = n < room ? n : room;
    if (n <= to_end) {
        memcpy(t->ring + at, pcm, n * sizeof(float));
    } else {
        memcpy(t->ring + at, pcm, to_end * sizeof(float));
        memcpy(t->ring, pcm + to_end, (n - to_end) * sizeof(float));
    }
    t->n_held += n;
    return n;
}

static bool is_quiet(const float *pcm, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(pcm[i]) < QUIET))   /* true for NaN */
            return false;
    return true;
}

void limner_timeline_push_live(limner_timeline *t, int64_t now, const float *pcm, size_t n)
{
    const size_t room = t->n_room - t->n_held;
    int64_t drop = limner_timeline_end(t) + (int64_t)n - now;

    t->n_quiet = is_quiet(pcm, n) ? t->n_quiet + n : 0;
    if (t->n_quiet < t->pause)
        drop -= t->most_behind;
    if (drop < 0)
        drop = 0;
    if (n > room && drop < (int64_t)(n - room))
        drop = (int64_t)(n - room);
    if (drop < (int64_t)n)
        limner_timeline_push(t, pcm + drop, n - (size_t)drop);
}

size_t limner_timeline_pull(limner_timeline *t, int64_t to, const float **pcm)
{
    static const float silence[SILENCE_SAMPLES];
    const size_t most = t->n_held ? t->n_held : SILENCE_SAMPLES;
    size_t n;

    if (t->n_taken >= to)
        return 0;
    n = to - t->n_taken < (int64_t)most ? (size_t)(to - t->n_taken) : most;
    *pcm = silence;
    if (t->n_held) {
        n = n < t->n_room - t->from ? n : t->n_room - t->from;
        *pcm = t->ring + t->from;
        t->from = (t->from + n) % t->n_room;
        t->n_held -= n;
    }
    t->n_taken += (int64_t)n;
    return n;
}

int64_t limner_timeline_end(const limner_timeline *t)
{
    return t->n_taken + (int64_t)t->n_held;
}

void limner_timeline_close(limner_timeline **t)
{
    if (!t || !*t)
        return;
    limner_mem_free((*t)->ring);
    limner_mem_free(*t);
    *t = NULL;
}
