/* SPDX-License-Identifier: Apache-2.0 */
/* 478 face landmarks (MediaPipe's face mesh with attention: 468 of the mesh, 5 per iris) of the
 * face in a square region. Coordinates: pixels of the picture, x right, y down, pixel (0, 0)
 * covers [0, 1) x [0, 1) and has its centre at (0.5, 0.5). The net's own output u in 0..192 is an
 * edge-to-edge coordinate of its 192-pixel input: it maps to the region's edges, without a
 * half-pixel shift. z is in the same unit; smaller = nearer to the camera. */
#ifndef LIMNER_PORTRAIT_LANDMARKS_H
#define LIMNER_PORTRAIT_LANDMARKS_H

#include "face/appearance.h"
#include "portrait/nets.h"

#define LIMNER_N_MESH_LANDMARKS 468     /* without the irises: 468..472 right, 473..477 left */

/* The landmarks of the face in `region` and the mesh net's face flag, 0..1 (a face from 0.5 on). */
float limner_landmarks_run(limner_nets_run *run, const limner_image *img,
                           const limner_region *region, float out[LIMNER_N_LANDMARK][3]);
/* The same, steadier, for a still picture and at eight times the cost: the mean of the answers to
 * four regions close to `region` and to their mirror images. Where the face happens to lie in its
 * region moves single answers by 0.3 (lids) to 0.7 (contour) of the net's input pixels (root mean
 * square), mirroring by as much again; of this mean a third is left. No flag. */
void limner_landmarks_mean(limner_nets_run *run, const limner_image *img,
                           const limner_region *region, float out[LIMNER_N_LANDMARK][3]);
/* The region the net wants for a face with these landmarks: 1.5 times their box, turned so that
 * the outer eye corners are level. */
limner_region limner_landmarks_region(const float landmarks[LIMNER_N_LANDMARK][3]);

#endif
