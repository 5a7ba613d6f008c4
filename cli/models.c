/* SPDX-License-Identifier: Apache-2.0 */
#include "models.h"

#include <stdio.h>
#include <stdlib.h>

#include "talk.h"

static bool fail_missing(const cli_args *args, const char *name)
{
    limner_io_folders *f = malloc(sizeof(*f));

    cli_fail("%s: this model file is not found; run tools/fetch-models, or name its folder with "
             "--models; looked in:",
             name);
    if (!f)
        return false;
    limner_io_model_folders(f, args->models);
    for (int k = 0; k < f->n; k++)
        fprintf(stderr, "    %s\n", f->path[k]);
    free(f);
    return false;
}

bool cli_models_open(limner_io_models *out, const cli_args *args, bool needs_nets)
{
    char err[LIMNER_IO_ERROR_SIZE], path[LIMNER_IO_PATH_SIZE];

    *out = (limner_io_models){0};
    for (int i = 0; i < LIMNER_IO_N_MODEL_FILES; i++)
        if (limner_io_model_is_needed(i, needs_nets) &&
            !limner_io_model_find(i, args->models, path))
            return fail_missing(args, limner_io_model_name(i));
    if (limner_io_models_open(out, args->models, needs_nets, err) < 0) {
        cli_fail("%s", err);
        return false;
    }
    return true;
}

bool cli_models_check_speech(const limner_io_models *m, const cli_args *args)
{
    return m->file[LIMNER_IO_SPEECH_FILE].bytes ||
           fail_missing(args, limner_io_model_name(LIMNER_IO_SPEECH_FILE));
}
