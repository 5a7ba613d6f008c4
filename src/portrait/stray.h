/* SPDX-License-Identifier: Apache-2.0 */
/* Stray hairs, and thin lines along the outline, that were taken for background: they would stay
 * where they are as the head moves. They are given to the person. */
#ifndef LIMNER_PORTRAIT_STRAY_H
#define LIMNER_PORTRAIT_STRAY_H

#include "face/appearance.h"

/* Changes app->matte, app->foreground and app->background where such hairs are, so that the three
 * still make app->photo. LIMNER_OK, E_NOMEM. */
limner_status limner_stray_run(limner_appearance *app);

#endif
