/* SPDX-License-Identifier: Apache-2.0 */
/* What the tissues inside a mouth look like in good light, by region of the face model: colour,
 * how turning away darkens them, wet gloss. Colours are sRGB, 0..255. */
#ifndef LIMNER_RENDER_MOUTH_TISSUE_H
#define LIMNER_RENDER_MOUTH_TISSUE_H

#include <stdint.h>

#include "face/appearance.h"

#define LIMNER_DEEP_RED 0.45f           /* of green and blue that is lost in the depth */
#define LIMNER_INNER_LIP 0.85f          /* brightness of the inner lip over the outer */

float limner_tissue_mean(const float rgb[3]);
/* region: LIMNER_REGION_...; others than the mouth's are as its socket. */
void limner_tissue_colour(uint8_t region, const limner_appearance *app, float out[3]);
/* How much turning away from the viewer darkens, 0..1; soft tissue is lit from all around. */
float limner_tissue_relief(uint8_t region);
/* Brightness of the wet gloss, 0..255: it cannot outshine the portrait's teeth. */
float limner_tissue_gloss(uint8_t region, const limner_appearance *app);
/* Share of the light that the tongue gives back x cm beside its middle. */
float limner_tissue_tongue(float x);

#endif
