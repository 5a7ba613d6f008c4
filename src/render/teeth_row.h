/* SPDX-License-Identifier: Apache-2.0 */
/* One row of the face model's teeth, tooth by tooth: where each stands on the arch, how wide it is,
 * where its edge lies, and where a vertex lies on its tooth. Centimetres of the model. */
#ifndef LIMNER_RENDER_TEETH_ROW_H
#define LIMNER_RENDER_TEETH_ROW_H

#include "face/face_model.h"

enum { LIMNER_TEETH_MAX = 20 };         /* of a row; a model's further pieces count as the last */

typedef struct limner_tooth {
    float x, y, z;                      /* its middle */
    float half;                         /* half its width along the arch */
    float edge;                         /* up * y where it bites: least of the tooth */
    uint32_t rank;                      /* 0: the two in the middle, then outwards */
    float side;                         /* -1: the subject's right, 1 */
    uint32_t n;                         /* vertices */
} limner_tooth;

typedef struct limner_teeth_row {
    uint32_t first, n_vertices, n;      /* vertices of the part; teeth */
    float up;                           /* 1: the upper row, whose roots are up, -1 */
    float back;                         /* z of the arch's middle */
    uint8_t *number;                    /* [n_vertices] the tooth of each vertex */
    limner_tooth tooth[LIMNER_TEETH_MAX];
} limner_teeth_row;

/* A vertex on its tooth, cm: along the arch from the middle (x grows), out of the mouth from there,
 * and over the edge, towards the root. */
typedef struct limner_teeth_spot {
    float along, out, over;
} limner_teeth_spot;

/* part: LIMNER_PART_TEETH_UPPER or _LOWER; xyz [3][stride] cm. E_NOMEM. */
limner_status limner_teeth_row_open(limner_teeth_row *row, const limner_face *face,
                                    limner_face_part part, const float *xyz);
void limner_teeth_row_close(limner_teeth_row *row);
/* Spot of a vertex that tooth t has at p, and back. */
limner_teeth_spot limner_teeth_spot_of(const limner_teeth_row *row, const limner_tooth *t,
                                       const float p[3]);
void limner_teeth_spot_to(const limner_teeth_row *row, const limner_tooth *t, limner_teeth_spot s,
                          float p[3]);

#endif
