/* SPDX-License-Identifier: Apache-2.0 */
/* The photo's mouth (photo_mouth.h). Across the opening a band around the split takes what the
 * gap has more or less than in the photo; beside it the photo keeps its size, so that teeth
 * neither grow nor shrink. A band stretched far gives way to the drawn mouth. A photo of nearly
 * closed lips without teeth tells little: there all of it gives way. */
#include "render/photo_mouth.h"

#include <math.h>
#include <string.h>

#define OWN_CM 0.35f                    /* photos open this far show their own mouth always ... */
#define OWN_TEETH_CM 0.22f              /* ... or this far with teeth in it */
#define OWN_TEETH 0.08f
#define BAND 0.22f                      /* half height of the band, of the photo's opening */
#define BAND_LEAST 0.25f                /* it shrinks no further than to this, of its height */
#define STRETCH_FROM 1.8f               /* stretch of the band at which the drawn mouth begins */
#define STRETCH_TO 3.5f
#define SOFT_CM 0.07f
#define LEAVE_FROM 1.5f                 /* openings over the photo's at which the others leave */
#define LEAVE_TO 2.5f
#define LEAVE_CM 0.05f                  /* and this much over it at least */

enum { N_ROWS = 24 };

static float smooth(float a, float b, float v)
{
    float t = (v - a) / (b - a);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

/* Mean brightness of row j of N_ROWS between the lines, over the pairs that are well open. */
static float row_light(const limner_photo_mouth *m, const limner_rig *rig, int j)
{
    const limner_contact *c = &rig->lips;
    const float t = ((float)j + 0.5f) / N_ROWS;
    float sum = 0;
    int n = 0;

    for (uint32_t i = 0; i < c->n; i++) {
        const uint32_t u = c->line->upper[i], l = c->line->lower[i];
        float rgba[4];

        if (c->photo_gap[i] < 0.6f * m->open_px)
            continue;
        limner_texture_sample(m->photo, rig->rest[0][u] + t * (rig->rest[0][l] - rig->rest[0][u]),
                              rig->rest[1][u] + t * (rig->rest[1][l] - rig->rest[1][u]), rgba);
        sum += 0.299f * rgba[0] + 0.587f * rgba[1] + 0.114f * rgba[2];
        n++;
    }
    return n ? sum / (float)n : 0;
}

/* The darkest row but those next to the upper lip, whose shadow it is. */
static void find_split(limner_photo_mouth *m, const limner_rig *rig)
{
    float least = 1e9f;

    m->split = 0.5f;
    for (int j = N_ROWS / 3; j < N_ROWS - 1; j++) {
        const float v = row_light(m, rig, j);

        if (v < least) {
            least = v;
            m->split = ((float)j + 0.5f) / N_ROWS;
        }
    }
    m->light = least;
}

void limner_photo_mouth_open(limner_photo_mouth *m, const limner_rig *rig,
                             const limner_texture *photo, float teeth_seen)
{
    const limner_contact *c = &rig->lips;
    const float cm = rig->pose_frame.scale;

    memset(m, 0, sizeof(*m));
    m->photo = photo;
    m->soft_px = SOFT_CM * cm;
    m->down[0] = -rig->up[0];
    m->down[1] = -rig->up[1];
    for (uint32_t i = 0; i < c->n; i++)
        m->open_px = fmaxf(m->open_px, c->photo_gap[i]);
    m->is_own = m->open_px > (teeth_seen > OWN_TEETH ? OWN_TEETH_CM : OWN_CM) * cm;
    find_split(m, rig);
}

void limner_photo_mouth_update(limner_photo_mouth *m, const limner_rig *rig)
{
    const float least = LEAVE_CM * rig->pose_frame.scale, open = limner_rig_mouth_gap(rig);

    m->keep = m->is_own ? 1
                        : 1 - smooth(fmaxf(LEAVE_FROM * m->open_px, m->open_px + least),
                                     fmaxf(LEAVE_TO * m->open_px, m->open_px + 2 * least), open);
}

/* Where, px below the upper line of the photo's `was`, the point `at` below that of `now` is;
 * share: of the photo. */
static float place_of(const limner_photo_mouth *m, float at, float now, float was, float *share)
{
    const float from = fmaxf(0, m->split - BAND) * was, to = fminf(1, m->split + BAND) * was;
    const float band = to - from, side = was - band;
    const float new_band = fmaxf(now - side, BAND_LEAST * band * fminf(1, now / was));
    const float scale = side > 0 ? (now - new_band) / side : 1;
    const float start = scale * from, in = at - start, out = start + new_band - at;

    *share = 1;
    if (in <= 0)
        return at / scale;
    if (out <= 0)
        return was - (now - at) / scale;
    *share -= smooth(STRETCH_FROM, STRETCH_TO, new_band / band) *
              smooth(0, fminf(m->soft_px, new_band / 2), fminf(in, out));
    return from + in / new_band * band;
}

float limner_photo_mouth_at(const limner_photo_mouth *m, const float lip[3],
                            const limner_plane *home, float x, float y, float rgb[3])
{
    const float now = fmaxf(lip[1], 0.05f), was = fmaxf(lip[2], 0.05f);
    float share, move, rgba[4];

    if (m->keep <= 0)
        return 0;
    move = place_of(m, lip[0] * now, now, was, &share) - lip[0] * was;
    share *= m->keep;
    if (share <= 0)
        return 0;
    limner_texture_sample(m->photo, limner_plane_at(home, 0, x, y) + move * m->down[0],
                          limner_plane_at(home, 1, x, y) + move * m->down[1], rgba);
    memcpy(rgb, rgba, 3 * sizeof(*rgb));
    return share;
}
