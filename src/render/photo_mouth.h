/* SPDX-License-Identifier: Apache-2.0 */
/* What the photo shows between the lips, as two layers split along the darkest line between them
 * (the upper teeth's edge): the upper one stays with the skull, the lower one goes with the jaw and
 * lies behind it, and the lips only bare or cover them. So teeth neither swim with the lips nor
 * grow nor bend, and no row is ever seen twice. Between the layers the drawn mouth shows. */
#ifndef LIMNER_RENDER_PHOTO_MOUTH_H
#define LIMNER_RENDER_PHOTO_MOUTH_H

#include "render/rig.h"
#include "render/teeth_map.h"
#include "render/texture.h"

enum { LIMNER_PHOTO_MOUTH_COLUMNS = 96 };

/* A column of the photo's mouth: px below its origin. */
typedef struct limner_mouth_column {
    float upper, split, lower;          /* the upper lip's edge, the split, the lower lip's edge */
    float teeth;                        /* edge of the model's upper teeth */
} limner_mouth_column;

typedef struct limner_photo_mouth {
    const limner_texture *photo;
    bool is_own;                        /* it shows enough to do without the model's teeth */
    bool is_dark;                       /* it shows nothing but shade */
    bool has_lower;                     /* below the split it shows enough for a layer */
    bool is_dim;                        /* ... that has nothing brighter than shade in it */
    bool is_cut;                        /* upper teeth go on behind the lower lip */
    float open_px;                      /* largest opening */
    float side_px;                      /* beyond the photo's corners it fades within this */
    float origin[2];                    /* the lips' right corner in the photo, canvas px */
    float across[2], down[2];           /* of the head, on the canvas, unit length */
    float width_px;                     /* from corner to corner */
    limner_mouth_column column[LIMNER_PHOTO_MOUTH_COLUMNS];     /* from corner to corner */
    limner_teeth_map upper, lower;
    float keep_lower;                   /* 0..1: of the lower layer */
    float keep;                         /* 0..1: share of the frame that is the photo's */
} limner_photo_mouth;

/* The rig is in the photo's place. teeth_seen: share of teeth in the photo's opening, 0..1.
 * E_NOMEM. */
limner_status limner_photo_mouth_open(limner_photo_mouth *m, const limner_rig *rig,
                                      const limner_texture *photo, float teeth_seen);
void limner_photo_mouth_close(limner_photo_mouth *m);
/* Canvas point of the photo -> px across and down from the mouth's origin. */
void limner_photo_mouth_place(const limner_photo_mouth *m, const float p[2], float out[2]);
/* The column there; beyond a corner the last one. */
limner_mouth_column limner_photo_mouth_column(const limner_photo_mouth *m, float across);
/* Of the rig's frame, moved with its mouth; tongue_out: the expression's coefficient, 0..1. */
void limner_photo_mouth_update(limner_photo_mouth *m, const limner_rig *rig, float tongue_out);
/* Colour of the photo's mouth at canvas point (x, y), into rgb, and its share 0..1 there. now: how
 * far (px) it lies below the upper lip and above the lower one in the frame; was: the same of what
 * shows there, in the photo (left alone when the share is 0). */
float limner_photo_mouth_at(const limner_photo_mouth *m, const float now[2], float x, float y,
                            float rgb[3], float was[2]);

#endif
