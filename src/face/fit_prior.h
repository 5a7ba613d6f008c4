/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of faces before any landmark is seen: identities are unit Gaussian, and of several
 * expressions that explain the same landmarks the plain one is meant. Added to the normal equations
 * of the fit. */
#ifndef LIMNER_FACE_FIT_PRIOR_H
#define LIMNER_FACE_FIT_PRIOR_H

#include <stdbool.h>
#include <stddef.h>

#include "face/appearance.h"

/* Expressions the fit solves for; gaze shapes and the tongue are left out. */
enum { LIMNER_FIT_N_ACTIVE = 43 };

/* Coefficient (enum limner_expression) of active expression i. */
int limner_fit_active(int i);

/* Adds the prior's second derivative to a [n][n] (lower triangle) and its negative gradient to
 * b [n] at identity [60] and shape [53]. Identity is at rows first.., active expressions after.
 * is_video: of a known person's frames, in which the jaw parts the lips as a rule. */
void limner_fit_prior_add(double *a, double *b, size_t n, size_t first,
                          const double identity[LIMNER_N_IDENTITY],
                          const double shape[LIMNER_N_SHAPE], bool is_video);

/* Range left for the step of active expression i. */
void limner_fit_prior_bounds(int i, const double shape[LIMNER_N_SHAPE], double *lo, double *hi);

#endif
