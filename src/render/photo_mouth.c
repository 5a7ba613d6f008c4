/* SPDX-License-Identifier: Apache-2.0 */
/* The photo's mouth (photo_mouth.h). Across the opening a band around the split takes what the
 * gap has more or less than in the photo; beside it the photo keeps its size, so that teeth
 * neither grow nor shrink. A band stretched far parts at the split, and the drawn mouth shows in
 * the gap. A photo of nearly closed lips tells little: there all of it gives way. */
#include "render/photo_mouth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#define OWN_CM 0.35f                    /* photos open this far show their own mouth always ... */
#define OWN_TEETH_CM 0.22f              /* ... or this far with teeth in it */
#define OWN_TEETH 0.08f
#define BAND 0.22f                      /* half height of the band, of the photo's opening */
#define BAND_LEAST 0.25f                /* it shrinks no further than to this, of its height */
#define BAND_MOST 1.8f                  /* and stretches no further than to this */
#define SOFT_CM 0.04f                   /* how sharply the drawn mouth begins beside it */
#define SHUT_CM 0.12f                   /* lips closer than this darken what is between them ... */
#define SHUT_DARK 0.6f                  /* ... by up to this */
#define STEP_COST 12.0f                 /* brightness against a split that goes up or down a row */
#define LEAST_SPLIT 0.97f
#define LEAVE_FROM 1.5f                 /* openings over the photo's at which the others leave */
#define LEAVE_TO 2.5f
#define LEAVE_CM 0.05f                  /* and this much over it at least */
#define TONGUE_FROM 0.1f                /* a tongue that is put out needs the drawn mouth */
#define TONGUE_TO 0.3f

enum { N_ROWS = 24 };

static float smooth(float a, float b, float v)
{
    float t = (v - a) / (b - a);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

/* The row before row j of the next pair, on the way of least sum. */
static int best_before(const float sum[N_ROWS], int j)
{
    int best = j;

    for (int k = 0; k < N_ROWS; k++) {
        if (sum[k] + STEP_COST * (float)abs(j - k) < sum[best] + STEP_COST * (float)abs(j - best))
            best = k;
    }
    return best;
}

/* Brightness of the photo at place t between the lines of pair i. */
static float light_at(const limner_photo_mouth *m, const limner_rig *rig, uint32_t i, float t)
{
    const uint32_t u = rig->lips.line->upper[i], l = rig->lips.line->lower[i];
    float rgba[4];

    limner_texture_sample(m->photo, rig->rest[0][u] + t * (rig->rest[0][l] - rig->rest[0][u]),
                          rig->rest[1][u] + t * (rig->rest[1][l] - rig->rest[1][u]), rgba);
    return 0.299f * rgba[0] + 0.587f * rgba[1] + 0.114f * rgba[2];
}

/* The darkest way from corner to corner, row by row; sum: least sum of brightness up to each place,
 * where it came from is found again on the way back. Rows next to the upper lip lie in its shadow:
 * they do not count. */
static void find_split(limner_photo_mouth *m, const limner_rig *rig, float (*sum)[N_ROWS])
{
    const uint32_t n = rig->lips.n;
    int row = N_ROWS / 2;

    for (uint32_t i = 0; i < n; i++) {
        const float open = rig->lips.photo_gap[i] / fmaxf(m->open_px, 1);

        for (int j = 0; j < N_ROWS; j++) {
            const int k = i ? best_before(sum[i - 1], j) : j;
            const float t = ((float)j + 0.5f) / N_ROWS;

            sum[i][j] = j < N_ROWS / 3 ? 1e6f : fmaxf(0, open) * light_at(m, rig, i, t);
            if (i)
                sum[i][j] += sum[i - 1][k] + STEP_COST * (float)abs(j - k);
        }
    }
    for (int j = 0; n && j < N_ROWS; j++)
        row = sum[n - 1][j] < sum[n - 1][row] ? j : row;
    for (uint32_t i = n; i-- > 0;) {
        m->split[i] = ((float)row + 0.5f) / N_ROWS;
        row = i ? best_before(sum[i - 1], row) : row;
    }
}

limner_status limner_photo_mouth_open(limner_photo_mouth *m, const limner_rig *rig,
                                      const limner_texture *photo, float teeth_seen)
{
    const limner_contact *c = &rig->lips;
    const float cm = rig->pose_frame.scale;
    float (*sum)[N_ROWS];

    memset(m, 0, sizeof(*m));
    m->photo = photo;
    m->soft_px = fmaxf(1, SOFT_CM * cm);
    m->shut_px = SHUT_CM * cm;
    m->down[0] = -rig->up[0];
    m->down[1] = -rig->up[1];
    for (uint32_t i = 0; i < c->n; i++)
        m->open_px = fmaxf(m->open_px, c->photo_gap[i]);
    m->is_own = m->open_px > (teeth_seen > OWN_TEETH ? OWN_TEETH_CM : OWN_CM) * cm;
    m->split = limner_alloc(c->n, sizeof(*m->split));
    sum = limner_alloc(c->n, sizeof(*sum));
    if (m->split && sum)
        find_split(m, rig, sum);
    limner_mem_free(sum);
    return m->split && sum ? LIMNER_OK : LIMNER_E_NOMEM;
}

void limner_photo_mouth_close(limner_photo_mouth *m)
{
    limner_mem_free(m->split);
    m->split = NULL;
}

void limner_photo_mouth_update(limner_photo_mouth *m, const limner_rig *rig, float tongue_out)
{
    const float least = LEAVE_CM * rig->pose_frame.scale, open = limner_rig_mouth_gap(rig);

    m->keep = 1 - smooth(TONGUE_FROM, TONGUE_TO,
                         tongue_out - rig->photo.expression[LIMNER_TONGUE_OUT]);
    if (!m->is_own)
        m->keep *= 1 - smooth(fmaxf(LEAVE_FROM * m->open_px, m->open_px + least),
                              fmaxf(LEAVE_TO * m->open_px, m->open_px + 2 * least), open);
}

/* Where, px below the upper line of the photo's `was`, the point `at` below that of `now` is;
 * share: of the photo. */
static float place_of(const limner_photo_mouth *m, float split, float at, float now, float was,
                      float *share)
{
    const float from = fmaxf(0, split - BAND) * was, to = fminf(1, split + BAND) * was;
    const float band = to - from, side = was - band;
    const float need = fmaxf(now - side, BAND_LEAST * band * fminf(1, now / was));
    const float scale = side > 0 ? (now - need) / side : 1;
    const float size = fminf(need, BAND_MOST * band), part = (split * was - from) / band;
    const float start = scale * from, in = at - start - part * size;
    const float out = start + need - (1 - part) * size - at;

    *share = 1;
    if (at <= start)
        return at / scale;
    if (at >= start + need)
        return was - (now - at) / scale;
    *share -= smooth(0, m->soft_px, fminf(in, out));
    if (fminf(in, out) > 0)
        return split * was;
    return in <= 0 ? split * was + in / size * band : split * was - out / size * band;
}

float limner_photo_mouth_at(const limner_photo_mouth *m, const float lip[3],
                            const limner_plane *home, float x, float y, float rgb[3])
{
    const float now = fmaxf(lip[1], 0.05f), was = fmaxf(lip[2], 0.05f);
    const float split = fminf(LEAST_SPLIT, fmaxf(1 - LEAST_SPLIT, limner_plane_at(home, 2, x, y)));
    const float shut = fmaxf(0, 1 - now / was) * (1 - smooth(0, m->shut_px, now));
    float share, move, rgba[4];

    if (m->keep <= 0)
        return 0;
    move = place_of(m, split, lip[0] * now, now, was, &share) - lip[0] * was;
    share *= m->keep;
    if (share <= 0)
        return 0;
    limner_texture_sample(m->photo, limner_plane_at(home, 0, x, y) + move * m->down[0],
                          limner_plane_at(home, 1, x, y) + move * m->down[1], rgba);
    for (int k = 0; k < 3; k++)
        rgb[k] = rgba[k] * (1 - SHUT_DARK * shut);
    return share;
}
