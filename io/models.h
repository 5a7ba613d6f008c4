/* SPDX-License-Identifier: Apache-2.0 */
/* The model files: found, mapped, opened; for the command, the server and the GStreamer element.
 * Searched in this order: the caller's folder and no other; without one $LIMNER_MODELS,
 * ../share/limner beside the program's folder, share/limner where Limner was installed, models/ of
 * the source tree it was built from, and models/ of the cache that tools/fetch-models fills. Each
 * file is looked for by itself. */
#ifndef LIMNER_IO_MODELS_H
#define LIMNER_IO_MODELS_H

#include "io/media.h"

enum {
    LIMNER_IO_N_MODEL_FILES = 6,
    LIMNER_IO_SPEECH_FILE = 4,
    LIMNER_IO_MAX_FOLDERS = 5,
    LIMNER_IO_PATH_SIZE = 4096
};

typedef struct limner_io_folders {
    char path[LIMNER_IO_MAX_FOLDERS][LIMNER_IO_PATH_SIZE];
    int n;
} limner_io_folders;

typedef struct limner_io_models {
    limner_model *model;
    limner_io_file file[LIMNER_IO_N_MODEL_FILES]; /* mapped while the model lives */
} limner_io_models;

/* `folder` may be NULL. needs_nets: also the three nets that photos need. The speech encoder and
 * the lips' net are opened where they are there: file[LIMNER_IO_SPEECH_FILE].bytes tells. */
int limner_io_models_open(limner_io_models *out, const char *folder, bool needs_nets, char *err);
void limner_io_models_close(limner_io_models *m); /* of zeros: does nothing */

/* Name of the i-th file; static string. */
const char *limner_io_model_name(int i);
bool limner_io_model_is_needed(int i, bool needs_nets);
/* Where the i-th file is; false when it is nowhere. */
bool limner_io_model_find(int i, const char *folder, char path[LIMNER_IO_PATH_SIZE]);
/* Where files are looked for. */
void limner_io_model_folders(limner_io_folders *out, const char *folder);
/* A file of share/limner or of the source tree's assets/; false when it is nowhere. */
bool limner_io_asset_find(const char *name, char path[LIMNER_IO_PATH_SIZE]);

#endif
