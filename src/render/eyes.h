/* SPDX-License-Identifier: Apache-2.0 */
/* Eyeballs. The opening between the lids is a strip of triangles just behind them; each of its
 * samples is projected onto the eyeball's sphere; the iris there is looked up in the eye layer
 * turned back to the photo's gaze, the white, whose light stands still, where it lies with the
 * head. Lids, being in front, close over it, whatever the size of the eye. */
#ifndef LIMNER_RENDER_EYES_H
#define LIMNER_RENDER_EYES_H

#include "render/drawlist.h"
#include "render/eye_layer.h"
#include "render/rig.h"
#include "render/texture.h"

typedef struct limner_eye_view {
    float home[2], radius;              /* centre and radius in the photo, px */
    limner_eye_white white;
    float iris[3];                      /* centre and radius in the photo, px */
    float at[2], radius_at;             /* in the frame */
    float rigid[6], turned[6];          /* [2][3] frame -> photo: with the head, with the gaze */
    float shadow_px, lash_px, px_per_cm;
    float likeness;                     /* 1 while the eye looks as in the photo */
} limner_eye_view;

typedef struct limner_eyes {
    const limner_texture *layer;        /* colour and, as alpha, the highlight */
    const limner_texture *photo;
    float up[2];                        /* the head's, in the photo */
    limner_eye_view eye[2];
} limner_eyes;

/* layer, photo: sealed, kept. E_NOMEM. */
limner_status limner_eyes_open(limner_eyes *e, const limner_rig *rig, const limner_appearance *app,
                               const limner_texture *layer, const limner_texture *photo);
void limner_eyes_close(limner_eyes *e);
/* `m` clean; the rig has moved. */
void limner_eyes_update(limner_eyes *e, const limner_rig *rig, const limner_pose *pose,
                        const limner_motion *m);
/* Colour at canvas point (x, y) of the eye `side`: `lid` and `home` are the plane values and the
 * place in the photo of its opening (opening.h). */
void limner_eyes_shade(const limner_eyes *e, int side, float x, float y, const float lid[3],
                       const limner_plane *home, float rgb[3]);

#endif
