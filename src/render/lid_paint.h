/* SPDX-License-Identifier: Apache-2.0 */
/* What the painters of a shut lid share: the window, the colours found around the eye, and places
 * on the lid as it lies when shut. Heights and lengths in cm of the face. */
#ifndef LIMNER_RENDER_LID_PAINT_H
#define LIMNER_RENDER_LID_PAINT_H

#include <math.h>

#include "render/core_mesh.h"
#include "render/lid_window.h"
#include "render/lids.h"

typedef struct limner_lid_paint {
    limner_lid_window in;
    float below[3], lash[3];            /* skin below the eye, lashes; 0..255 */
    float shut[3];                      /* the shut lid in the mean */
    float edge;                         /* 0..1: lashes over the edge show */
    float fold_cm, fold_depth;          /* the open lid's fold: height, share of light it takes */
} limner_lid_paint;

/* The photo's pixel at pixel i of the window. */
static inline const uint8_t *limner_lid_photo(const limner_lid_paint *k, int32_t i)
{
    return limner_lid_window_photo(&k->in, limner_lid_window_x(&k->in, i),
                                   limner_lid_window_y(&k->in, i));
}

/* The open eye's height at pixel i's column. */
static inline float limner_lid_gap(const limner_lid_paint *k, int32_t i)
{
    return fmaxf(0, k->in.floor[i] - k->in.height[i]);
}

/* Height over the shut lid's edge of what lies at pixel i: the lid is drawn out by the opening. */
static inline float limner_lid_shut_height(const limner_lid_paint *k, int32_t i)
{
    const float h = k->in.height[i], gap = limner_lid_gap(k, i);

    return h + gap * fminf(1, h / LIMNER_LID_MOVES_CM);
}

/* Place of pixel i along the eye: 0 at the inner corner, 1 at the outer one, and beyond. */
static inline float limner_lid_share(const limner_lid_paint *k, int32_t i)
{
    return limner_lid_window_along(&k->in, i) * k->in.cm / fmaxf(k->in.to - k->in.from, 1);
}

/* below and shut. */
void limner_lid_measure_skin(limner_lid_paint *k);
/* Colour of the photo's dark line along the upper lid's edge; never lighter than lashes are. */
void limner_lid_measure_lashes(limner_lid_paint *k);
/* Share of the lashes' line at pixel i, full up to `full` cm off the edge, gone at `end`. */
float limner_lid_line(const limner_lid_paint *k, int32_t i, float out, float full, float end);
/* Paints the lower lid: the lashes that lie over it when the lids meet, and skin where the eye goes
 * on below the line. Uses the window's planes. E_NOMEM. */
limner_status limner_lid_paint_lower(limner_lid_paint *k, limner_lid_skin *skin);
void limner_lid_write(const limner_lid_paint *k, limner_lid_skin *skin, int32_t i,
                      const float rgb[3], float share);

#endif
