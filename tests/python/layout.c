/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes of the public structs, places of their last fields, numbers of names: check_limner.py. */
#include <limner/limner.h>

#include <stdio.h>

#define SHOW(type, last) printf(#type " %zu %zu\n", sizeof(type), offsetof(type, last))

int main(void)
{
    SHOW(limner_motion, sway);
    SHOW(limner_model_files, motion);
    SHOW(limner_photo, height_px);
    SHOW(limner_portrait_options, debug_user);
    SHOW(limner_controls, gaze_y);
    SHOW(limner_settings, is_clocked);
    SHOW(limner_frame, owner);
    SHOW(limner_tracker_settings, n_smooth);
    SHOW(limner_tracked, aperture);
    printf("gaze photo %d\ngaze angle %d\n", LIMNER_GAZE_PHOTO, LIMNER_GAZE_ANGLE);
    printf("gaze camera %d\ngaze point %d\n", LIMNER_GAZE_CAMERA, LIMNER_GAZE_POINT);
    return 0;
}
