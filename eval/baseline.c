/* SPDX-License-Identifier: Apache-2.0 */
/* Takes made from a real one for comparison; see sync.h. */
#include "eval/sync.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int copy(eval_take *out, const eval_take *from)
{
    *out = *from;
    out->tracked = malloc(from->n_frames * sizeof(*out->tracked) + 1);
    out->measures = malloc(from->n_frames * sizeof(*out->measures) + 1);
    out->pcm = from->pcm ? malloc(from->n_samples * sizeof(*out->pcm) + 1) : NULL;
    if (!out->tracked || !out->measures || (from->pcm && !out->pcm)) {
        eval_take_close(out);
        return -1;
    }
    memcpy(out->tracked, from->tracked, from->n_frames * sizeof(*out->tracked));
    memcpy(out->measures, from->measures, from->n_frames * sizeof(*out->measures));
    if (from->pcm)
        memcpy(out->pcm, from->pcm, from->n_samples * sizeof(*out->pcm));
    return 0;
}

static void clear_frame(eval_take *take, size_t i)
{
    double *m = (double *)&take->measures[i]; /* all of doubles */

    memset(&take->tracked[i], 0, sizeof(take->tracked[i]));
    take->tracked[i].pts = (int64_t)i;
    for (size_t k = 0; k < sizeof(eval_measures) / sizeof(*m); k++)
        m[k] = (double)NAN;
}

int eval_take_delayed(eval_take *out, const eval_take *real, int n)
{
    const ptrdiff_t n_frames = (ptrdiff_t)real->n_frames;

    if (copy(out, real))
        return -1;
    for (ptrdiff_t i = 0; i < n_frames; i++) {
        if (i < n || i - n >= n_frames) {
            clear_frame(out, (size_t)i);
            continue;
        }
        out->tracked[i] = real->tracked[i - n];
        out->tracked[i].pts = i;
        out->measures[i] = real->measures[i - n];
    }
    return 0;
}

int eval_take_loud_mouth(eval_take *out, const eval_take *real)
{
    const size_t n = real->n_frames;
    double *v = malloc((2 * n + 1) * sizeof(*v)), *opening = v ? v + n : NULL;

    memset(out, 0, sizeof(*out));
    if (!v || copy(out, real) || eval_take_loudness(v, NULL, real, 0)) {
        eval_take_close(out);
        free(v);
        return -1;
    }
    eval_take_series(opening, real, EVAL_OPENING);
    const double scale = eval_std(opening, n) / eval_std(v, n);
    for (size_t i = 0; i < n; i++) {
        out->measures[i].opening = scale * v[i];
        out->measures[i].width = (double)NAN;
    }
    free(v);
    return 0;
}
