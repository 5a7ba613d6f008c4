/* SPDX-License-Identifier: Apache-2.0 */
/* What the portrait encoder learned about one face, and all that the renderer needs of it: the fit
 * of the face model and the pixel layers of the working square ("crop"). Made by src/portrait,
 * read by src/render; a .portrait file holds exactly this. Crop pixels: x right, y down, centres
 * at +0.5; the square is axis-aligned in the photo. */
#ifndef LIMNER_FACE_APPEARANCE_H
#define LIMNER_FACE_APPEARANCE_H

#include "core/image.h"
#include "limner/limner.h"

enum {
    LIMNER_N_SHAPE = LIMNER_N_EXPRESSION + 1,   /* ARKit's 52, then tongue_up */
    LIMNER_N_LANDMARK = 478,
    LIMNER_CROP_MIN_PX = 256,
    LIMNER_CROP_MAX_PX = 1024
};

/* Scaled orthographic: x = scale * X + tx, y = -(scale * Y) + ty, depth = scale * Z, where
 * (X, Y, Z) = rotation * model vertex; head pose R = Ry(yaw) Rx(pitch) Rz(roll). */
typedef struct limner_fit {
    float identity[LIMNER_N_IDENTITY];
    float shape[LIMNER_N_SHAPE];        /* expression of the photo, 0..1; no eyeLook: see gaze */
    float rotation[9];                  /* row-major; the photo's head pose */
    float yaw, pitch, roll;             /* of `rotation`, degrees */
    float gaze_yaw, gaze_pitch;         /* of the photo, degrees, relative to the camera */
    float scale;                        /* crop pixels per centimetre of the model */
    float tx, ty;                       /* crop pixels */
    float rms_px;                       /* landmarks against model before the residual warp */
} limner_fit;

/* An eye of the photo; index 0 the subject's left (right in the picture), 1 the right. */
typedef struct limner_eye {
    float iris_x, iris_y;               /* crop pixels */
    float iris_radius;                  /* crop pixels */
    float aperture;                     /* opening of the lids over the eye's width, in the photo */
} limner_eye;

typedef struct limner_appearance {
    uint32_t size_px;                   /* S, LIMNER_CROP_MIN_PX..LIMNER_CROP_MAX_PX */
    float photo_scale;                  /* crop = photo_scale * photo + (photo_tx, photo_ty), px */
    float photo_tx, photo_ty;
    uint32_t photo_width_px, photo_height_px;   /* of the photo given */
    limner_fit fit;
    uint32_t n_vertices;                /* of the face model */
    float *residual;                    /* [n_vertices][2] crop pixels, added after projection */
    float landmarks[LIMNER_N_LANDMARK][3];      /* of the photo, crop pixels, z likewise */
    float light[9];                     /* spherical harmonics, bands 0..2 (real, Ramamoorthi and
                                         * Hanrahan 2001 order), luminance, mean 1 over the face */
    limner_image photo;                 /* S x S x 3: the crop itself */
    limner_image matte;                 /* S x S x 1: the person, 255 = opaque */
    limner_image foreground;            /* S x S x 3: person's own colour, valid where matte > 0 and
                                         * filled outwards beyond */
    limner_image background;            /* S x S x 3: as if the person were away */
    limner_image eyes;                  /* S x S x 3: sclera and iris completed under the lids,
                                         * highlights removed; the photo elsewhere */
    limner_image highlight;             /* S x S x 1: what was removed, added over the eyes */
    limner_image full;                  /* the whole photo, x 3, at most
                                         * LIMNER_MAX_FULL_PX on a side */
    limner_eye eye[2];
    float skin_rgb[3], lip_rgb[3], tooth_rgb[3], gum_rgb[3], tongue_rgb[3];     /* 0..255 sRGB */
    float teeth_seen;                   /* 0..1: how much of the open mouth shows in the photo */
} limner_appearance;

/* Frees everything and clears; NULL-safe. */
void limner_appearance_close(limner_appearance *a);

#endif
