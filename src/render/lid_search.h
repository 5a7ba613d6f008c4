/* SPDX-License-Identifier: Apache-2.0 */
/* Landmarks place the lower lid of large or drawn eyes too high: a closing lid would stop on the
 * eyeball. This looks in the photo for where the eye ends. */
#ifndef LIMNER_RENDER_LID_SEARCH_H
#define LIMNER_RENDER_LID_SEARCH_H

#include "render/contact.h"
#include "render/texture.h"

/* down [n]: how far below the lower line of `lid` (canvas px, along -up) each pair's lid really
 * lies, >= 0, smooth along the lid; all 0 where eye and skin cannot be told apart by colour.
 * x, y: vertices in the photo. px_per_cm: scale of the model on the canvas. */
void limner_lid_search(const limner_contact *lid, const limner_texture *photo, const float *x,
                       const float *y, float px_per_cm, float *down);

#endif
