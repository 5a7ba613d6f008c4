/* SPDX-License-Identifier: Apache-2.0 */
/* Fits the face model to the 478 landmarks of one picture: robust Gauss-Newton over head pose,
 * scale, identity and expression (Bouaziz, Wang and Pauly 2013, "Online Modeling for Realtime
 * Facial Animation", for the kind of priors), then a smooth residual warp. Any thread. */
#ifndef LIMNER_FACE_FIT_H
#define LIMNER_FACE_FIT_H

#include "face/appearance.h"
#include "face/face_model.h"

/* landmarks [478][3] in crop pixels (z in the same unit, smaller = nearer, as the net gives it).
 * LIMNER_OK, E_NOMEM, E_POOR_FACE (no sensible fit). */
limner_status limner_fit_landmarks(limner_fit *out, const limner_face *face,
                                   const float landmarks[LIMNER_N_LANDMARK][3]);

/* The same for someone who is filmed and may look beside the camera: eyes that clearly do so tell
 * how far the head nods, but not where it is turned to. */
limner_status limner_fit_filmed(limner_fit *out, const limner_face *face,
                                const float landmarks[LIMNER_N_LANDMARK][3]);

/* The same for another picture of the person of `same` (a video's next frame): the identity is
 * taken over, so that pose, size and expression compare; nothing is assumed of the gaze, where
 * limner_fit_landmarks takes a sitter to look into the camera unless the eyes clearly do not.
 * `out` may be `same`. */
limner_status limner_fit_track(limner_fit *out, const limner_face *face,
                               const float landmarks[LIMNER_N_LANDMARK][3], const limner_fit *same);

/* residual [n_vertices][2], crop pixels: a smooth displacement after which every visible landmark's
 * point on the model meets the landmark; zero far from the face. Points hidden in the photo (inner
 * lips of a closed mouth) follow their visible neighbours. E_NOMEM. */
limner_status limner_fit_residual(float *residual, const limner_face *face, const limner_fit *fit,
                                  const float landmarks[LIMNER_N_LANDMARK][3]);

/* px [n_vertices][3]: the fitted model in the photo's own pose, without the residual: x, y in crop
 * pixels, depth (larger = nearer) in the same unit; each eyeball is turned about its centre to the
 * photo's gaze: camera axes = Ry(gaze_yaw) Rx(gaze_pitch) Rz(roll) (X - centre) + rotation centre.
 * E_NOMEM. */
limner_status limner_fit_project_vertices(float *px, const limner_face *face,
                                          const limner_fit *fit);

/* xy [478][2]: where the fitted model (with residual, may be NULL) has its landmarks. Those
 * of the outline are given at their embedded place; in the photo they slide along the outline.
 * E_NOMEM. */
limner_status limner_fit_project_landmarks(float xy[LIMNER_N_LANDMARK][2], const limner_face *face,
                                           const limner_fit *fit, const float *residual);

#endif
