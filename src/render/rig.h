/* SPDX-License-Identifier: Apache-2.0 */
/* The face of one portrait on the canvas: where each vertex of the model lies in the photo, which
 * are seen there, and where they go in a frame. All arrays have the face model's stride; x and y
 * are canvas pixels (y down), z is depth in the same unit, towards the viewer. */
#ifndef LIMNER_RENDER_RIG_H
#define LIMNER_RENDER_RIG_H

#include <stdbool.h>

#include "face/appearance.h"
#include "face/face_model.h"
#include "render/contact.h"
#include "render/drawlist.h"
#include "render/glasses.h"
#include "render/pose.h"
#include "render/texture.h"

/* Steepest depth of the sheet, px per px; where the mesh is steeper the sheet takes over. Too
 * small, and the face's outline turns as a mask's would (1.3: turns of 20 degrees read as 14);
 * beyond 1 / tan(turn) the far side folds over itself. */
#define LIMNER_SHEET_SLOPE 3.0f

typedef struct limner_rig {
    const limner_face *face;
    limner_view view;
    const limner_texture *texture;      /* the photo */
    limner_motion photo;                /* the photo's own motion, clean */
    limner_pose_frame pose_frame;
    float to_canvas[9];                 /* model cm -> canvas px: scaled rotation, y flipped */
    float shift[2];                     /* px */
    float up[2];                        /* the head's up in the photo, canvas, unit length */
    float *base;                        /* [3][stride] cm: identity, no expression */
    float *model;                       /* [3][stride] cm: expression of the frame */
    float teeth_sink;                   /* cm: jawOpen 1 lowers the upper row (teeth_place.h), */
    float teeth_rise;                   /* and raises the lower one against its lip */
    float *rest[3];                     /* in the photo */
    float *still[3];                    /* in the frame, before the head moves */
    float *at[3];                       /* in the frame */
    float *residual[2];                 /* px, of the fit */
    float *freedom;                     /* 0 where the crop's border holds a vertex, else 1 */
    uint8_t *is_seen;                   /* front-most somewhere in the photo */
    uint32_t n_head;                    /* vertices of the head part, first in all arrays */
    limner_contact lips, lids[2];
    limner_glasses glasses;
    float eye_rest[2][3];               /* centres of the eyeballs in the photo */
    float eye_at[2][3];                 /* in the frame */
    float eye_radius;                   /* px, of the model */
} limner_rig;

/* photo: the crop's texture, sealed; must outlive the rig. */
limner_status limner_rig_open(limner_rig *rig, const limner_face *face,
                              const limner_appearance *app, const limner_texture *photo,
                              const limner_view *view);
/* Expression and contacts of a clean motion: fills `still` (and lips, lids). Gaze moves the lids.
 * with_mouth: also teeth, gums, tongue and socket. */
void limner_rig_express(limner_rig *rig, const limner_motion *m, bool with_mouth);
/* `still` -> `at`, and the eyes. */
void limner_rig_move(limner_rig *rig, const limner_pose *pose, bool with_mouth);
/* The corners of model triangle t [3] at `at`, in the raster's order (1 and 2 swapped: model
 * triangles are counter-clockwise as seen, the raster's clockwise). */
limner_corners limner_rig_corners(float *const at[3], const uint16_t *t);
/* Weights of canvas point (x, y) in model triangle t [3] as it lies in the photo: 0..1, sum 1. */
void limner_rig_weigh(const limner_rig *rig, const uint16_t *t, float x, float y, float out[3]);
/* Draws the whole head as it lies in the photo: id [2h][2w] = triangle of the model, -1 none. */
limner_status limner_rig_draw_photo(const limner_rig *rig, int32_t *id);
/* Largest opening of the lips of the frame, px. */
float limner_rig_mouth_gap(const limner_rig *rig);
void limner_rig_close(limner_rig *rig);

#endif
