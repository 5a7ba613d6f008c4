/* SPDX-License-Identifier: Apache-2.0 */
/* The person's picture around the lips' line without what the photo's mouth left there: the dark
 * line of closed lips, the dark corners and the teeth of an open mouth that reach beyond the mesh's
 * opening. As the mouth opens or closes against the photo these pixels take the colour of the lips
 * around them; lips that meet get a soft dark line. At the photo's own mouth nothing changes. */
#ifndef LIMNER_RENDER_LIP_PATCH_H
#define LIMNER_RENDER_LIP_PATCH_H

#include "render/photo_mouth.h"
#include "render/rig.h"
#include "render/texture.h"

typedef struct limner_lip_patch_pixel {
    uint8_t *at;                        /* in the person's picture */
    uint8_t own[3], mended[3];
    float line, off;                    /* 0..1: less at the line's ends; square of its distance
                                         * from the lips' line, over the line's half width */
    float corner;                       /* 0..1: how near the mouth's corners */
    float pair;                         /* of the lips' pairs: the one before it, and how far on */
} limner_lip_patch_pixel;

typedef struct limner_lip_patch {
    uint32_t n;
    limner_lip_patch_pixel *pixel;      /* [n] */
    bool is_open;                       /* the photo's mouth is, */
    float photo_open;                   /* this far, px */
    float share[2];                     /* of the last frame: elsewhere, at the corners */
    float meet[LIMNER_CONTACT_MAX + 1]; /* 0..1, of the last frame: the lips' line, by pair; */
    float width;                        /* and its width over its own */
} limner_lip_patch;

/* The rig is in the photo's place, `mouth` of the same photo; person: its pixels change with the
 * frames from now on. E_NOMEM. */
limner_status limner_lip_patch_open(limner_lip_patch *p, const limner_rig *rig,
                                    const limner_photo_mouth *mouth, limner_texture *person);
/* Paints the person's picture for the rig's frame; before anything samples it. */
void limner_lip_patch_update(limner_lip_patch *p, const limner_rig *rig);
void limner_lip_patch_close(limner_lip_patch *p);

#endif
