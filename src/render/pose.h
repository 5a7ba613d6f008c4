/* SPDX-License-Identifier: Apache-2.0 */
/* Rigid motion of one frame: how a point of the photo moves with head turn, shift, distance, breath
 * and sway. Mesh vertices and the sheet's nodes go through the same function, so that they stay
 * together. Canvas pixels (x right, y down), depth in the same unit, towards the viewer. */
#ifndef LIMNER_RENDER_POSE_H
#define LIMNER_RENDER_POSE_H

#include <stdint.h>

#include "face/appearance.h"

enum { LIMNER_POSE_TURNS = 16 };

/* Where the canvas lies: canvas = k * crop + (x, y); the canvas is w x h pixels, those of the crop
 * are left <= x < right, top <= y < low. */
typedef struct limner_view {
    float k, x, y;
    int32_t w, h;
    int32_t left, top, right, low;
} limner_view;

/* What never changes between frames. */
typedef struct limner_pose_frame {
    float scale;                        /* canvas px per cm */
    float pivot[3];                     /* the head turns about this */
    float centre[2];                    /* the neck's base: distance scales about this */
    float photo_yaw, photo_pitch, photo_roll;
} limner_pose_frame;

typedef struct limner_pose {
    limner_pose_frame at;
    float turn[LIMNER_POSE_TURNS + 1][9];       /* of weight i / LIMNER_POSE_TURNS */
    float shift[3];                     /* px, of weight 1 */
    float zoom;                         /* 1 / distance - 1 */
    float follow, follow_zoom;          /* shares of shift and zoom that weight 0 makes too */
    float breath, sway;                 /* px, of weight 0 */
} limner_pose;

/* Moving points: [n] each. weight 1 follows the head, 0 the shoulders; freedom: what of a move is
 * made, 0..1. */
typedef struct limner_points {
    uint32_t n;
    const float *x, *y, *z;
    const float *weight, *freedom;
} limner_points;

/* A copy with every value finite and within its range; what is not finite takes `photo`'s. */
void limner_motion_clean(limner_motion *out, const limner_motion *in, const limner_motion *photo);
/* `m` is clean. */
void limner_pose_make(limner_pose *p, const limner_pose_frame *at, const limner_motion *m);
/* out_* [n] overlap no input. At the photo's own pose points stay exactly where they are. */
void limner_pose_move(const limner_pose *p, const limner_points *in, float *out_x, float *out_y,
                      float *out_z);
/* r [9] = Ry(yaw) Rx(pitch) Rz(roll), degrees. */
void limner_pose_rotation(float r[9], float yaw, float pitch, float roll);

#endif
