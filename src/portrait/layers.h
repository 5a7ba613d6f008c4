/* SPDX-License-Identifier: Apache-2.0 */
/* The pixel half of the portrait encoder: from the crop, the coarse person mask and the fit to the
 * layers of limner_appearance. Each step fills its own fields and reads those of the steps before
 * it. Any thread; results do not depend on the pool. */
#ifndef LIMNER_PORTRAIT_LAYERS_H
#define LIMNER_PORTRAIT_LAYERS_H

#include "core/pool.h"
#include "face/appearance.h"
#include "face/face_model.h"

/* app->matte from app->photo and mask [256][256], 0..1, of the same square. */
limner_status limner_layers_matte(limner_appearance *app, const float *mask, limner_pool *pool);
/* app->background, then app->foreground, so that matte * foreground + (1 - matte) * background is
 * the photo; app->matte is adjusted a little for it. */
limner_status limner_layers_background(limner_appearance *app, limner_pool *pool);
/* app->eyes, app->highlight, app->eye[]: needs landmarks and fit. */
limner_status limner_layers_eyes(limner_appearance *app, const limner_face *face);
/* skin, lip, tooth, gum and tongue colour, teeth_seen: needs landmarks and fit. */
limner_status limner_layers_colours(limner_appearance *app, const limner_face *face);
/* app->light: needs fit and residual. */
limner_status limner_layers_light(limner_appearance *app, const limner_face *face);

#endif
