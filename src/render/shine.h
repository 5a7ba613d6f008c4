/* SPDX-License-Identifier: Apache-2.0 */
/* The moving highlights of skin and lips. A lobe (GGX: Walter, Marschner, Li and Torrance 2007,
 * "Microfacet Models for Refraction through Rough Surfaces", their D over its own peak) is fitted
 * to what of the photo is brighter and whiter than diffuse light makes it; in a frame a vertex
 * gains as much light as the lobe on its normal has grown, and loses as much as it has shrunk.
 * Nothing changes at the photo's own motion, and nowhere on a face that does not shine.
 * Normals: x right in the image, y up, z to the camera; light in shares of the photo's own. */
#ifndef LIMNER_RENDER_SHINE_H
#define LIMNER_RENDER_SHINE_H

#include "render/rig.h"

enum { LIMNER_SHINE_SKIN, LIMNER_SHINE_LIPS, LIMNER_N_SHINE };  /* a lobe each */

typedef struct limner_shine_lobe {
    float half[3];                      /* the normal that shines most: between light and viewer */
    float alpha;                        /* roughness, 0..1 */
    uint32_t from, to;                  /* vertices that have any; equal: none */
    float *gain;                        /* [stride] light at the lobe's peak, >= 0 */
    float *own;                         /* [stride] the lobe in the photo, 0..1 */
} limner_shine_lobe;

typedef struct limner_shine {
    limner_shine_lobe lobe[LIMNER_N_SHINE];
    float tint[3];                      /* share of a change of light, as limner_texture's */
} limner_shine;

/* normal [3][stride] of the rig's `rest`, diffuse [stride] light on it; the rig knows what is seen;
 * skin_rgb 0..255. E_NOMEM. */
limner_status limner_shine_open(limner_shine *s, const limner_rig *rig, float *const normal[3],
                                const float *diffuse, const float skin_rgb[3]);
/* Adds to light [stride] what the normals of the frame gain and lose. */
void limner_shine_add(const limner_shine *s, float *const normal[3], float *light);
void limner_shine_close(limner_shine *s);

#endif
