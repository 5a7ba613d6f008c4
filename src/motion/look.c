/* SPDX-License-Identifier: Apache-2.0 */
/* Gaze modes (see look.h and limner.h). A point of the picture is on a pane before the eyes, on
 * which the picture stands life size: the angle to it is that of its distance in centimetres. */
#include "motion/look.h"

#include <math.h>

#include "motion/smooth.h"

static const float PANE_CM = 60.0f;     /* from the eyes: an arm's length */
static const float NO_PORTRAIT_CM = 50.0f;  /* side of the picture that is thought of */
static const float LIMIT_DEG = 45.0f;
static const float DEG = 57.29578f;

/* Degrees from the camera at which the eyes see the point x, y, in shares of the frame. */
static void look_at(float angle[2], const limner_appearance *a, limner_framing framing, float x,
                    float y)
{
    if (!a) {
        angle[0] = DEG * atanf((x - 0.5f) * NO_PORTRAIT_CM / PANE_CM);
        angle[1] = DEG * atanf((y - 0.5f) * NO_PORTRAIT_CM / PANE_CM);
        return;
    }
    const float size = (float)a->size_px;
    const float eye_x = (a->eye[0].iris_x + a->eye[1].iris_x) / 2;
    const float eye_y = (a->eye[0].iris_y + a->eye[1].iris_y) / 2;
    float at_x = x * size, at_y = y * size;     /* crop pixels */

    if (framing == LIMNER_FRAMING_FULL) {
        at_x = x * (float)a->photo_width_px * a->photo_scale + a->photo_tx;
        at_y = y * (float)a->photo_height_px * a->photo_scale + a->photo_ty;
    }
    angle[0] = DEG * atanf((at_x - eye_x) / a->fit.scale / PANE_CM);
    angle[1] = DEG * atanf((at_y - eye_y) / a->fit.scale / PANE_CM);
}

void limner_look_resolve(limner_controls *out, const limner_controls *c,
                         const limner_appearance *a, limner_framing framing)
{
    float angle[2] = {c->gaze_yaw, c->gaze_pitch};

    *out = *c;
    if (c->gaze_mode == LIMNER_GAZE_PHOTO)
        return;
    if (c->gaze_mode == LIMNER_GAZE_CAMERA)
        angle[0] = angle[1] = 0.0f;
    if (c->gaze_mode == LIMNER_GAZE_POINT)
        look_at(angle, a, framing, c->gaze_x, c->gaze_y);
    if (a) {
        angle[0] -= a->fit.gaze_yaw;
        angle[1] -= a->fit.gaze_pitch;
    }
    out->gaze_yaw = limner_clampf(angle[0], -LIMIT_DEG, LIMIT_DEG);
    out->gaze_pitch = limner_clampf(angle[1], -LIMIT_DEG, LIMIT_DEG);
}
