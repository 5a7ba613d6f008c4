/* SPDX-License-Identifier: Apache-2.0 */
/* The model files, where --models says or where io/models.h looks; what is missing is said. */
#ifndef LIMNER_CLI_MODELS_H
#define LIMNER_CLI_MODELS_H

#include "io/models.h"
#include "options.h"

/* As limner_io_models_open; says what is missing and where it was looked for, returns false. */
bool cli_models_open(limner_io_models *out, const cli_args *args, bool needs_nets);
/* Whether there is the speech encoder, which all that listens needs; says that it is missing. */
bool cli_models_check_speech(const limner_io_models *m, const cli_args *args);

#endif
