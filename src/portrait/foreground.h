/* SPDX-License-Identifier: Apache-2.0 */
/* The person's own colour where the matte mixes it with the background. */
#ifndef LIMNER_PORTRAIT_FOREGROUND_H
#define LIMNER_PORTRAIT_FOREGROUND_H

#include "core/pool.h"
#include "face/appearance.h"

/* app->foreground from photo, matte and background, which is adjusted where the person is partly
 * transparent, so that matte * foreground + (1 - matte) * background is the photo.
 * LIMNER_OK, E_NOMEM. */
limner_status limner_foreground_run(limner_appearance *app, limner_pool *pool);

#endif
