/* SPDX-License-Identifier: Apache-2.0 */
/* The model files: found, mapped, opened. Searched in this order: --models, $LIMNER_MODELS,
 * ../share/limner beside the program's folder, models/ of the source tree it was built from, and
 * models/ of the cache that tools/fetch-models fills. Each file is looked for by itself. */
#ifndef LIMNER_CLI_MODELS_H
#define LIMNER_CLI_MODELS_H

#include "io/media.h"
#include "options.h"

enum { CLI_N_MODEL_FILES = 5, CLI_SPEECH_FILE = 4, CLI_MAX_FOLDERS = 5, CLI_PATH_SIZE = 4096 };

typedef struct cli_models {
    limner_model *model;
    limner_io_file file[CLI_N_MODEL_FILES]; /* mapped while the model lives */
} cli_models;

/* needs_nets: also the three nets that photos need. The speech encoder is opened where it is there.
 * Says what is missing and returns false. */
bool cli_models_open(cli_models *out, const cli_args *args, bool needs_nets);
/* Whether there is the speech encoder, which all that listens needs; says that it is missing. */
bool cli_models_check_speech(const cli_models *m, const cli_args *args);
void cli_models_close(cli_models *m);

/* For limner info: name of the i-th file, and where it is; false when it is nowhere. */
const char *cli_model_name(int i);
bool cli_model_find(const cli_args *args, int i, char path[CLI_PATH_SIZE]);
/* A file of share/limner or of the source tree's assets/; false when it is nowhere. */
bool cli_asset_find(const char *name, char path[CLI_PATH_SIZE]);

#endif
