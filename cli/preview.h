/* SPDX-License-Identifier: Apache-2.0 */
/* A motion without a portrait: as curves, and as the bare face model. */
#ifndef LIMNER_CLI_PREVIEW_H
#define LIMNER_CLI_PREVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "limner/limner.h"

/* Writes n motions, frame_s apart, as an SVG file. Says what is wrong and returns false. */
bool cli_preview_plot(const char *path, const char *title, const limner_motion *motion, size_t n,
                      double frame_s);

typedef struct cli_mesh cli_mesh;

/* Pictures of size_px x size_px, even. NULL: it has said that memory is short. */
cli_mesh *cli_mesh_open(const limner_model *model, uint32_t size_px);
/* The face in a motion, as a frame in I420 whose planes the next call overwrites. False: it has
 * said that memory is short. */
bool cli_mesh_draw(cli_mesh *m, const limner_motion *motion, limner_frame *out);
void cli_mesh_close(cli_mesh *m); /* NULL-safe */

#endif
