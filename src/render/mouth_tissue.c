/* SPDX-License-Identifier: Apache-2.0 */
/* Tissues inside the mouth (mouth_tissue.h): every colour is one of the portrait's, made lighter or
 * darker; chosen by eye on some sixty portraits. */
#include "render/mouth_tissue.h"

#include <math.h>
#include <stdbool.h>

#include "core/smoothstep.h"
#include "face/face_model.h"

#define TONGUE_SIDE_CM 1.7f             /* half the tongue's width: towards its sides it turns */
#define TONGUE_SIDE_DARK 0.75f          /* away into the dark and loses this much of its light; */
#define TONGUE_GROOVE_CM 0.25f          /* along its middle there is a groove this wide */
#define TONGUE_GROOVE_DARK 0.08f

float limner_tissue_mean(const float rgb[3])
{
    return (rgb[0] + rgb[1] + rgb[2]) / 3;
}

void limner_tissue_colour(uint8_t region, const limner_appearance *app, float out[3])
{
    const float *from = app->gum_rgb;
    float gain = 0.55f;                 /* the socket: moist, dark red */

    switch (region) {
    case LIMNER_REGION_TEETH_UPPER:
        from = app->tooth_rgb;
        gain = 1;
        break;
    case LIMNER_REGION_TEETH_LOWER:
        from = app->tooth_rgb;
        gain = 0.93f;
        break;
    case LIMNER_REGION_TONGUE:
        from = app->tongue_rgb;
        gain = 1.45f;
        break;
    case LIMNER_REGION_GUM_UPPER:
        gain = 0.92f;
        break;
    case LIMNER_REGION_GUM_LOWER:
        gain = 0.85f;
        break;
    case LIMNER_REGION_LIP_INNER:
    case LIMNER_REGION_LIP_UPPER:
    case LIMNER_REGION_LIP_LOWER:
        from = app->tongue_rgb;         /* as bright as the lips, but as moist and red as that */
        gain = LIMNER_INNER_LIP * limner_tissue_mean(app->lip_rgb) /
               fmaxf(limner_tissue_mean(app->tongue_rgb), 1);
        break;
    default:
        break;
    }
    for (int k = 0; k < 3; k++)
        out[k] = from[k] * gain;
}

float limner_tissue_relief(uint8_t region)
{
    const bool is_tooth = region == LIMNER_REGION_TEETH_UPPER ||
                          region == LIMNER_REGION_TEETH_LOWER;

    return is_tooth || region == LIMNER_REGION_TONGUE ? 0.35f : 0.25f;
}

float limner_tissue_gloss(uint8_t region, const limner_appearance *app)
{
    const float white = limner_tissue_mean(app->tooth_rgb);

    switch (region) {
    case LIMNER_REGION_TONGUE:
        return 0.28f * white;
    case LIMNER_REGION_TEETH_UPPER:
    case LIMNER_REGION_TEETH_LOWER:
        return 0.10f * white;
    default:
        return 0.12f * white;
    }
}

float limner_tissue_tongue(float x)
{
    const float side = fabsf(x) / TONGUE_SIDE_CM, groove = x / TONGUE_GROOVE_CM;

    return (1 - TONGUE_SIDE_DARK * limner_smoothstep(side, 0.15f, 1)) *
           (1 - TONGUE_GROOVE_DARK * expf(-groove * groove));
}
