/* SPDX-License-Identifier: Apache-2.0 */
/* What a renderer is made of (renderer.h): opened by renderer_open.c, its layers by
 * renderer_layers.c, drawn by renderer.c. Canvas: the part of the frame in which the face moves,
 * all of it but with LIMNER_FRAMING_FULL. */
#ifndef LIMNER_RENDER_RENDERER_INTERNAL_H
#define LIMNER_RENDER_RENDERER_INTERNAL_H

#include <stdatomic.h>

#include "render/far_side.h"
#include "render/folds.h"
#include "render/lip_patch.h"
#include "render/relight.h"
#include "render/renderer.h"
#include "render/rim_layer.h"
#include "render/shade.h"
#include "render/still.h"

struct limner_renderer {
    const limner_appearance *app;
    limner_pool *pool;
    limner_framing framing;
    limner_pixel pixel;
    uint32_t width_px, height_px;
    limner_view view;
    limner_still_part canvas;           /* its place in the frame */
    float picture[3];                   /* FULL: frame px = [0] * photo px + ([1], [2]) */
    limner_rig rig;
    limner_core core;
    limner_far_side far;
    limner_sheet sheet;
    limner_swing swing;
    float frame_s;                      /* seconds a frame; 0: unknown, hair does not swing */
    limner_relight relight;
    limner_eyes eyes;
    limner_lids lids;
    limner_rim_layer rims;
    limner_mouth mouth;
    limner_lip_patch lip_patch;
    limner_folds folds;
    limner_openings openings;
    limner_texture person, eye_layer, photo;
    limner_texture background;
    limner_image matte;
    limner_still still;                 /* FULL: the whole frame at rest; crop: the background */
    limner_overlap overlap;             /* FULL */
    limner_drawlist sheet_list, core_list, inside_list;
    limner_plane *planes;               /* of the sheet's triangles, the core's and the mouth's */
    limner_scene scene;
    limner_band_work *work;             /* [n_workers] */
    uint32_t n_workers;
    uint8_t *back;                      /* FULL: [n_workers] bands of the background, as a frame */
    atomic_uint next_band;              /* to be drawn by whoever comes first */
    const limner_render_target *target; /* of the frame being drawn, ... */
    const limner_render_target *under;  /* ... and what it is drawn over; NULL: the photo */
};

/* Canvas and view for the settings. E_ARG: they do not go together. */
limner_status limner_renderer_place(limner_renderer *r);
/* The textures, unsealed, and the matte at canvas resolution. E_NOMEM. */
limner_status limner_renderer_layers(limner_renderer *r);

#endif
