/* SPDX-License-Identifier: Apache-2.0 */
/* Several faces in one picture, drawn one over the other: what a face changes in the photo is added
 * to the frame before it, but its head covers what has moved under it, and where its head has left
 * a place that another has moved into, that other shows. Bodies that hardly move only add up:
 * people who stand close share a matte there. Canvas and frame pixels. */
#ifndef LIMNER_RENDER_OVERLAP_H
#define LIMNER_RENDER_OVERLAP_H

#include "render/pix_dsp.h"
#include "render/sheet.h"
#include "render/still.h"

enum { LIMNER_OVERLAP_BYTES = 4 };      /* of a frame a pixel, at most */

typedef struct limner_overlap {
    int32_t w, h;                       /* of the canvas */
    uint8_t *head;                      /* [h][w] of a place in the photo: 255 on head and hair,
                                         * 0 on what stays with the shoulders */
} limner_overlap;

/* A band of the canvas that is drawn, and what it is laid over. */
typedef struct limner_overlap_part {
    const limner_still *still;
    const limner_render_target *under;
    const limner_render_target *target; /* holds the face over its own background */
    limner_render_target back;          /* that background alone; planes begin with the part */
    limner_still_part part;             /* of the frame */
    const uint8_t *cover;               /* [height][width] 255: the head now */
    const uint8_t *matte;               /* [height][width] 255: the person in the photo ... */
    const uint8_t *head;                /* ... and of it the head */
} limner_overlap_part;

/* E_NOMEM. */
limner_status limner_overlap_open(limner_overlap *o, const limner_sheet *sheet,
                                  const limner_view *view);
void limner_overlap_close(limner_overlap *o);
/* cover [w] of row y: what columns from .. up to, straight rgba, have of the head, or of a body
 * that has moved far. places: where in the photo (beyond the canvas: inside of openings). */
void limner_overlap_cover(const limner_overlap *o, const limner_places *places, const uint8_t *rgba,
                          int32_t y, int32_t from, int32_t to, uint8_t *cover);
/* target of the part becomes what lies over `under`. */
void limner_overlap_lay(const limner_overlap_part *p);

#endif
