/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the mouth: teeth, gums, tongue and socket of the face model, and the inner lips, drawn
 * where the opening of the lips is front-most. Lit per vertex (facing the viewer; deeper is darker)
 * and per sample: what of the sky is seen from there past the edges of the lips. At the photo's own
 * mouth what is seen there are the photo's own pixels. */
#ifndef LIMNER_RENDER_MOUTH_H
#define LIMNER_RENDER_MOUTH_H

#include "render/core_mesh.h"
#include "render/mouth_grain.h"
#include "render/photo_mouth.h"
#include "render/rig.h"

/* Kinds of its triangles in the drawing list. */
enum {
    LIMNER_MOUTH_INSIDE, LIMNER_MOUTH_TONGUE, LIMNER_MOUTH_LIP, LIMNER_MOUTH_TOOTH,
    LIMNER_MOUTH_KINDS
};

typedef struct limner_mouth {
    limner_photo_mouth own;
    limner_mouth_grain grain;
    uint32_t n_triangles, n_vertices, first_vertex;     /* of all parts inside the mouth */
    uint32_t first_tongue, end_tongue;  /* triangles of the tongue, */
    uint32_t first_tooth, first_lower_tooth, end_tooth;         /* and of the teeth */
    uint16_t *index;                    /* [n_triangles][3] model vertices */
    uint16_t *used;                     /* [n_used] those that occur in it */
    uint32_t n_used;
    float *tint[3];                     /* [n_vertices] own colour, 0..255 */
    float *gloss;                       /* [n_vertices] brightness of its wet gloss, 0..255 */
    float *relief;                      /* [n_vertices] 0..1: what turning away costs in light */
    float *reach;                       /* [n_vertices] cm: this deep there is half the light */
    float *crown;                       /* [n_vertices] 0..1: light that a tooth gives back */
    float *facing;                      /* [n_vertices][3] unit normal in the photo's head frame */
    float dark[3];                      /* where nothing of the model lies */
    float least[3];                     /* as dark as it gets in the depth */
    float contact[3];                   /* between lips that almost meet */
    float rim[2][3], rim_px[2];         /* of the opening: the upper lip's, the lower's */
    float red;                          /* 0: the picture has no colour, ... 1 */
    float *rgb[3];                      /* [n_vertices] of the frame, without the lips' shade */
    float deep_px[LIMNER_MOUTH_KINDS][2];       /* behind the lips' edges, by kind: upper, lower */
    float beside;                       /* 0..1: light that the corners of the lips leave */
    const limner_drawlist *list;        /* of the frame */
} limner_mouth;

/* photo: the photo's texture, sealed. */
limner_status limner_mouth_open(limner_mouth *m, const limner_rig *rig, const limner_core *core,
                                const limner_appearance *app, const limner_texture *photo);
/* Lights and adds the interior; one plane a triangle: r, g, b. The rig has moved; tongue_out:
 * the expression's coefficient, 0..1. */
void limner_mouth_draw(limner_mouth *m, const limner_rig *rig, const limner_pose *pose,
                       float tongue_out, limner_drawlist *list);
/* Colour at (x, y): `inside` the plane of the triangle seen there or NULL for none, `home` where
 * the opening lies in the photo there (opening.h) or NULL before the lips, `lip` its plane
 * values. */
void limner_mouth_shade(const limner_mouth *m, const limner_plane *inside, const limner_plane *home,
                        float x, float y, const float lip[3], float rgb[3]);
/* The photo alone shows at (x, y), about as large as it is: one sample a pixel will do. */
bool limner_mouth_is_photo(const limner_mouth *m, const limner_plane *home, float x, float y,
                           const float lip[3]);
void limner_mouth_close(limner_mouth *m);

#endif
