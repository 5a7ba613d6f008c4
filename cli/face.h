/* SPDX-License-Identifier: Apache-2.0 */
/* From a path to a portrait: a photo is encoded, a .portrait loaded. */
#ifndef LIMNER_CLI_FACE_H
#define LIMNER_CLI_FACE_H

#include "io/media.h"
#include "models.h"

typedef struct cli_face {
    limner_io_models models;
    limner_portrait *portrait;
} cli_face;

/* Says what is wrong and returns false. `debug` may be NULL. */
bool cli_face_open(cli_face *out, const cli_args *args, const char *path, limner_debug_fn debug,
                   void *debug_user);
void cli_face_close(cli_face *f);
/* Several faces of one photo, by their numbers (-1: the only one): portraits[n], to be closed each.
 * On failure nothing is open. */
bool cli_faces_open(limner_io_models *models, limner_portrait **portraits, const int32_t *numbers,
                    int n, const cli_args *args, const char *path);

/* Frame size for --size and --frame: see limner_io_frame_size. */
void cli_frame_size(const cli_args *args, const limner_portrait *p, uint32_t *width_px,
                    uint32_t *height_px);

#endif
