/* SPDX-License-Identifier: Apache-2.0 */
/* A window of the photo around one eye in the lid's own measures: for each pixel the height over
 * the lines of the upper and the lower lid, and how far beyond the eye's corners it lies. A closing
 * lid draws its skin out to three times its height, so the window has more rows than the photo. */
#ifndef LIMNER_RENDER_LID_WINDOW_H
#define LIMNER_RENDER_LID_WINDOW_H

#include "render/rig.h"
#include "render/texture.h"

enum { LIMNER_LID_ROWS = 3 };           /* of the window, in a row of the photo */

/* Planes [h][w], colours 0..255. */
typedef struct limner_lid_window {
    const limner_rig *rig;
    const limner_contact *lid;
    const limner_texture *person;
    int32_t x0, y0, w, h;               /* corner on the canvas; columns, rows */
    float cm;                           /* px of the canvas */
    float axis[2], from, to;            /* along the lid: unit vector, inner and outer corner */
    float *rgb[3], *found, *scratch;    /* the painter's; zero at first */
    float *height, *floor;              /* cm over the upper lid's edge, the lower's */
    float *block;
} limner_lid_window;

/* The eye with top_cm above and side_cm around it. E_NOMEM; to be closed either way. */
limner_status limner_lid_window_open(limner_lid_window *k, const limner_rig *rig,
                                     const limner_contact *lid, const limner_texture *person,
                                     float top_cm, float side_cm);
void limner_lid_window_close(limner_lid_window *k);
/* Canvas place of pixel i. */
static inline float limner_lid_window_x(const limner_lid_window *k, int32_t i)
{
    return (float)(k->x0 + i % k->w) + 0.5f;
}
static inline float limner_lid_window_y(const limner_lid_window *k, int32_t i)
{
    return (float)k->y0 + ((float)(i / k->w) + 0.5f) * (1.0f / LIMNER_LID_ROWS);
}
/* Of pixel i: place along the lid from its inner corner, and beyond its corners (< 0 between
 * them), cm. */
float limner_lid_window_along(const limner_lid_window *k, int32_t i);
float limner_lid_window_past(const limner_lid_window *k, int32_t i);
/* The photo's colour there. */
const uint8_t *limner_lid_window_photo(const limner_lid_window *k, float x, float y);

#endif
