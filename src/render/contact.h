/* SPDX-License-Identifier: Apache-2.0 */
/* Lips and lids that meet. The fit's residual moves the two lines of a contact apart or together;
 * this difference belongs to the photo's opening only. As the model's own opening closes it is
 * taken back, so that closed lips touch and closed lids shut on every portrait, and two lines never
 * pass each other. What a pair of the line moves is handed on to the skin around it. */
#ifndef LIMNER_RENDER_CONTACT_H
#define LIMNER_RENDER_CONTACT_H

#include <stdbool.h>

#include "face/face_model.h"

enum { LIMNER_CONTACT_MAX = 128, LIMNER_CONTACT_TAPS = 3 };

/* A vertex that follows the line: pairs and weights (signed: the upper side positive). */
typedef struct limner_contact_bind {
    uint16_t vertex;
    uint16_t pair[LIMNER_CONTACT_TAPS];
    float weight[LIMNER_CONTACT_TAPS];
} limner_contact_bind;

typedef struct limner_contact {
    const limner_face_contact *line;
    uint32_t n;                         /* pairs */
    float upper_share;                  /* of a correction that the upper side takes, 0..1 */
    float meet_px;                      /* narrower gaps than this, of more in the photo, close */
    float up[2];                        /* the head's up on the canvas, in the photo */
    float *photo_gap;                   /* [n] px along up, photo */
    float *model_gap;                   /* [n] px along up, photo, without the residual */
    float *gap;                         /* [n] px, of this frame, >= 0 */
    float *correction;                  /* [n][2] px, of this frame */
    uint32_t n_bound;
    limner_contact_bind *bound;
} limner_contact;

/* What opening a contact needs; vertex arrays are planar with the face's stride. */
typedef struct limner_contact_photo {
    const limner_face *face;
    const float *apart;                 /* model vertices, cm, with the two sides well apart */
    const float *rest[2];               /* photo vertices, px */
    const float *residual[2];           /* px */
    float up[2];
    float reach_upper_cm, reach_lower_cm;       /* how far around the line the skin follows */
    float upper_share, meet_px;         /* as in limner_contact */
} limner_contact_photo;

/* `line` must outlive it; `photo` is read during the call only. LIMNER_OK, E_NOMEM. */
limner_status limner_contact_open(limner_contact *c, const limner_face_contact *line,
                                  const limner_contact_photo *photo);
/* Corrects x, y (px, photo frame, residual added). `shut` 0..1: how firmly the sides are asked to
 * meet beyond what the model does (1 closes whatever gap is left). */
void limner_contact_apply(limner_contact *c, const float *const residual[2], float shut, float *x,
                          float *y);
/* Moves the photo's lower line down (along -up) by down [n] px, and the skin that follows it:
 * changes residual and rest [2][stride], and what the contact knows of the photo. */
void limner_contact_lower(limner_contact *c, const float *down, float *const residual[2],
                          float *const rest[2]);
void limner_contact_close(limner_contact *c);

#endif
