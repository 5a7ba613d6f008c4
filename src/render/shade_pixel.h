/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels one by one: openings of eyes and mouth, and wherever surfaces meet; and rows of them. */
#ifndef LIMNER_RENDER_SHADE_PIXEL_H
#define LIMNER_RENDER_SHADE_PIXEL_H

#include <string.h>

#include "render/shade.h"

#define LIMNER_SAME_PX 3.0f     /* places of one pixel further apart in the photo are an edge */

/* Where in the photo and how lit. */
typedef struct limner_place {
    float u, v, light;
} limner_place;

static inline int limner_kind_of(int32_t number)
{
    return number >> LIMNER_KIND_SHIFT;         /* -1: nothing */
}

static inline limner_place limner_place_at(const limner_plane *planes, int32_t number, float x,
                                           float y)
{
    const limner_plane *p = planes + (number & LIMNER_INDEX_MASK);
    const limner_place out = {limner_plane_at(p, 0, x, y), limner_plane_at(p, 1, x, y),
                              limner_plane_at(p, 2, x, y)};

    return out;
}

/* The first marked pixel from x on; `to` when there is none. */
static inline int32_t limner_next_mark(const uint8_t *mark, int32_t x, int32_t to)
{
    while (x + 8 <= to) {
        uint64_t eight;

        memcpy(&eight, mark + x, sizeof(eight));
        if (eight)
            break;
        x += 8;
    }
    while (x < to && !mark[x])
        x++;
    return x;
}

/* Where skin of the core at `a` samples, fading into the sheet at `under` (NULL: none). Returns 1
 * when *a alone tells, else the core's share: both are to be mixed. */
float limner_shade_join(const limner_scene *s, limner_place *a, const limner_place *under);
/* The eye's pixel (x, y), of which `number` is the opening's triangle. */
void limner_shade_eye(const limner_scene *s, int32_t number, int32_t x, int32_t y, uint8_t out[4]);
/* A pixel of the far side, from its one sample: core's and sheet's triangles at its centre (sheet <
 * 0: none). It fades over all its pixels as the head turns: four samples would cost too much. */
void limner_shade_fading(const limner_scene *s, int32_t core, int32_t sheet, int32_t x, int32_t y,
                         uint8_t out[4]);
/* Pixel (x, y) of the canvas from its fine samples, straight alpha. */
void limner_shade_pixel(const limner_scene *s, const limner_band_work *w, int32_t x, int32_t y,
                        uint8_t out[4]);
/* Row y of the canvas, of a band that is drawn and marked, into work->rgba. */
void limner_shade_row(const limner_scene *s, const limner_band_work *w, int32_t y);

#endif
