/* SPDX-License-Identifier: Apache-2.0 */
/* What the photo shows between the lips, kept while they move: its upper part goes with the upper
 * lip, the rest with the lower, split along the darkest line between them (the upper teeth's edge).
 * Between the parts it stretches a little; where the lips part further the drawn mouth shows there.
 * So no row of teeth is ever seen twice. */
#ifndef LIMNER_RENDER_PHOTO_MOUTH_H
#define LIMNER_RENDER_PHOTO_MOUTH_H

#include "render/rig.h"
#include "render/texture.h"

typedef struct limner_photo_mouth {
    const limner_texture *photo;
    bool is_own;                        /* it shows enough to do without the model's teeth */
    float *split;                       /* [pairs of the lips] share of the height above it */
    float open_px;                      /* largest opening */
    float soft_px;                      /* the parts fade into the drawn mouth within this */
    float shut_px;                      /* opening below which it gets dark */
    float down[2];                      /* of the head, on the canvas */
    float keep;                         /* 0..1: share of the frame that is the photo's */
} limner_photo_mouth;

/* The rig is in the photo's place. teeth_seen: share of teeth in the photo's opening, 0..1.
 * E_NOMEM. */
limner_status limner_photo_mouth_open(limner_photo_mouth *m, const limner_rig *rig,
                                      const limner_texture *photo, float teeth_seen);
void limner_photo_mouth_close(limner_photo_mouth *m);
/* Of the rig's frame; tongue_out: the expression's coefficient, 0..1. */
void limner_photo_mouth_update(limner_photo_mouth *m, const limner_rig *rig, float tongue_out);
/* Colour of the photo at canvas point (x, y), into rgb, and its share 0..1 there. lip: place
 * between the lips' lines (0 upper, 1 lower), gap now and in the photo (px); home: where the point
 * would lie in the photo, stretched from line to line (canvas px), and the split. */
float limner_photo_mouth_at(const limner_photo_mouth *m, const float lip[3],
                            const limner_plane *home, float x, float y, float rgb[3]);

#endif
