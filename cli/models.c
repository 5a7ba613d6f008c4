/* SPDX-License-Identifier: Apache-2.0 */
/* Where the model files are. LIMNER_SOURCE_DIR comes from the build. */
#include "models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "talk.h"

enum { MAX_MODEL_BYTES = 1 << 30 };

static const char *const names[CLI_N_MODEL_FILES] = {
    "face.limner", "face_detection_short_range.tflite", "face_landmark_with_attention.tflite",
    "selfie_segmentation.tflite", "speech.limner"};

typedef struct cli_folders {
    char path[CLI_MAX_FOLDERS][CLI_PATH_SIZE];
    int n;
} cli_folders;

static void add_folder(cli_folders *f, const char *start, const char *rest)
{
    char *path = f->path[f->n];

    if (start && *start && snprintf(path, CLI_PATH_SIZE, "%s%s", start, rest) < CLI_PATH_SIZE)
        f->n++;
}

/* The folder of the running program, "" when it cannot be told. */
static void program_folder(char out[CLI_PATH_SIZE])
{
    char program[CLI_PATH_SIZE];
    const ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

    program[n > 0 ? n : 0] = 0;
    char *slash = strrchr(program, '/');
    if (slash)
        *slash = 0;
    snprintf(out, CLI_PATH_SIZE, "%s", program);
}

static void list_folders(cli_folders *f, const cli_args *args)
{
    char program[CLI_PATH_SIZE];

    f->n = 0;
    add_folder(f, args->models, "");
    if (args->models)
        return;
    program_folder(program);
    add_folder(f, getenv("LIMNER_MODELS"), "");
    add_folder(f, program, "/../share/limner");
    add_folder(f, LIMNER_SOURCE_DIR, "/models");
    const char *cache = getenv("LIMNER_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
    if (cache && *cache)
        add_folder(f, cache, "/models");
    else if (xdg && *xdg)
        add_folder(f, xdg, "/limner/models");
    else
        add_folder(f, getenv("HOME"), "/.cache/limner/models");
}

const char *cli_model_name(int i)
{
    return names[i];
}

bool cli_model_find(const cli_args *args, int i, char path[CLI_PATH_SIZE])
{
    cli_folders *f = malloc(sizeof(*f));
    bool is_found = false;

    if (!f)
        return false;
    list_folders(f, args);
    for (int k = 0; k < f->n && !is_found; k++)
        is_found = snprintf(path, CLI_PATH_SIZE, "%s/%s", f->path[k], names[i]) < CLI_PATH_SIZE &&
                   access(path, R_OK) == 0;
    free(f);
    return is_found;
}

bool cli_asset_find(const char *name, char path[CLI_PATH_SIZE])
{
    char program[CLI_PATH_SIZE];

    program_folder(program);
    return (snprintf(path, CLI_PATH_SIZE, "%s/../share/limner/%s", program, name) < CLI_PATH_SIZE &&
            access(path, R_OK) == 0) ||
           (snprintf(path, CLI_PATH_SIZE, "%s/assets/%s", LIMNER_SOURCE_DIR, name) <
                CLI_PATH_SIZE &&
            access(path, R_OK) == 0);
}

static void fail_missing(const cli_args *args, const char *name)
{
    cli_folders *f = malloc(sizeof(*f));

    cli_fail("%s: this model file is not found; run tools/fetch-models, or name its folder with "
             "--models; looked in:",
             name);
    if (!f)
        return;
    list_folders(f, args);
    for (int k = 0; k < f->n; k++)
        fprintf(stderr, "    %s\n", f->path[k]);
    free(f);
}

bool cli_models_open(cli_models *out, const cli_args *args, bool needs_nets)
{
    limner_model_files files = {.struct_size = sizeof(files)};
    limner_blob *blobs[CLI_N_MODEL_FILES] = {&files.face, &files.detector, &files.landmarks,
                                             &files.segmenter, &files.speech};
    char path[CLI_PATH_SIZE], err[LIMNER_IO_ERROR_SIZE];

    memset(out, 0, sizeof(*out));
    for (int i = 0; i < CLI_N_MODEL_FILES; i++) {
        const bool is_needed = i == 0 || (i < CLI_SPEECH_FILE && needs_nets);
        if (!is_needed && i != CLI_SPEECH_FILE)
            continue;
        if (!cli_model_find(args, i, path)) {
            if (!is_needed)
                continue;
            fail_missing(args, names[i]);
            cli_models_close(out);
            return false;
        }
        if (limner_io_file_read(&out->file[i], path, MAX_MODEL_BYTES, err) < 0) {
            cli_fail("%s", err);
            cli_models_close(out);
            return false;
        }
        *blobs[i] = (limner_blob){out->file[i].bytes, out->file[i].len_bytes};
    }
    const limner_status st = limner_model_open(&out->model, &files);
    if (st < 0) {
        cli_model_find(args, 0, path);
        *strrchr(path, '/') = 0;
        cli_fail("%s: the model files there cannot be used (%s); fetch them again with "
                 "tools/fetch-models",
                 path, limner_strerror(st));
        cli_models_close(out);
    }
    return st >= 0;
}

bool cli_models_check_speech(const cli_models *m, const cli_args *args)
{
    if (m->file[CLI_SPEECH_FILE].bytes)
        return true;
    fail_missing(args, names[CLI_SPEECH_FILE]);
    return false;
}

void cli_models_close(cli_models *m)
{
    limner_model_close(&m->model);
    for (int i = 0; i < CLI_N_MODEL_FILES; i++)
        limner_io_file_close(&m->file[i]);
}
