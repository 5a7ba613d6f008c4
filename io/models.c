/* SPDX-License-Identifier: Apache-2.0 */
/* Where the model files are. LIMNER_SOURCE_DIR and LIMNER_DATA_DIR come from the build. */
#include "io/models.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/error.h"

enum { MAX_MODEL_BYTES = 1 << 30 };

static const char *const names[LIMNER_IO_N_MODEL_FILES] = {
    "face.limner", "face_detection_short_range.tflite", "face_landmark_with_attention.tflite",
    "selfie_segmentation.tflite", "speech.limner", "motion.limner"};

static void add_folder(limner_io_folders *f, const char *start, const char *rest)
{
    char *path = f->path[f->n];

    if (start && *start &&
        snprintf(path, LIMNER_IO_PATH_SIZE, "%s%s", start, rest) < LIMNER_IO_PATH_SIZE)
        f->n++;
}

/* The folder of the running program, "" when it cannot be told. */
static void program_folder(char out[LIMNER_IO_PATH_SIZE])
{
    const ssize_t n = readlink("/proc/self/exe", out, LIMNER_IO_PATH_SIZE - 1);

    out[n > 0 ? n : 0] = 0;
    char *slash = strrchr(out, '/');
    if (slash)
        *slash = 0;
}

void limner_io_model_folders(limner_io_folders *f, const char *folder)
{
    char program[LIMNER_IO_PATH_SIZE];

    f->n = 0;
    add_folder(f, folder, "");
    if (folder)
        return;
    program_folder(program);
    add_folder(f, getenv("LIMNER_MODELS"), "");
    add_folder(f, program, "/../share/limner");
    add_folder(f, LIMNER_DATA_DIR, "");
    add_folder(f, LIMNER_SOURCE_DIR, "/models");
    const char *cache = getenv("LIMNER_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
    if (cache && *cache)
        add_folder(f, cache, "/models");
    else if (xdg && *xdg)
        add_folder(f, xdg, "/limner/models");
    else
        add_folder(f, getenv("HOME"), "/.cache/limner/models");
}

const char *limner_io_model_name(int i)
{
    return names[i];
}

bool limner_io_model_is_needed(int i, bool needs_nets)
{
    return i == 0 || (i < LIMNER_IO_SPEECH_FILE && needs_nets);
}

bool limner_io_model_find(int i, const char *folder, char path[LIMNER_IO_PATH_SIZE])
{
    limner_io_folders *f = malloc(sizeof(*f));
    bool is_found = false;

    if (!f)
        return false;
    limner_io_model_folders(f, folder);
    for (int k = 0; k < f->n && !is_found; k++)
        is_found = snprintf(path, LIMNER_IO_PATH_SIZE, "%s/%s", f->path[k], names[i]) <
                       LIMNER_IO_PATH_SIZE &&
                   access(path, R_OK) == 0;
    free(f);
    return is_found;
}

static bool is_asset(char path[LIMNER_IO_PATH_SIZE], const char *folder, const char *rest,
                     const char *name)
{
    return snprintf(path, LIMNER_IO_PATH_SIZE, "%s%s/%s", folder, rest, name) <
               LIMNER_IO_PATH_SIZE &&
           access(path, R_OK) == 0;
}

bool limner_io_asset_find(const char *name, char path[LIMNER_IO_PATH_SIZE])
{
    char program[LIMNER_IO_PATH_SIZE];

    program_folder(program);
    return is_asset(path, program, "/../share/limner", name) ||
           is_asset(path, LIMNER_DATA_DIR, "", name) ||
           is_asset(path, LIMNER_SOURCE_DIR, "/assets", name);
}

/* Maps the i-th file where it is there; -1: it is needed and missing, or cannot be read. */
static int map_file(limner_io_models *m, int i, const char *folder, bool needs_nets, char *err)
{
    char path[LIMNER_IO_PATH_SIZE];

    if (!limner_io_model_is_needed(i, needs_nets) && i < LIMNER_IO_SPEECH_FILE)
        return 0;
    if (limner_io_model_find(i, folder, path))
        return limner_io_file_read(&m->file[i], path, MAX_MODEL_BYTES, err);
    if (!limner_io_model_is_needed(i, needs_nets))
        return 0;
    return limner_io_fail(err, names[i], "this model file is not found; run tools/fetch-models, or "
                                         "name its folder");
}

int limner_io_models_open(limner_io_models *out, const char *folder, bool needs_nets, char *err)
{
    limner_model_files files = {.struct_size = sizeof(files)};
    limner_blob *blobs[LIMNER_IO_N_MODEL_FILES] = {&files.face, &files.detector, &files.landmarks,
                                                   &files.segmenter, &files.speech,
                                                   &files.motion};
    char path[LIMNER_IO_PATH_SIZE];

    memset(out, 0, sizeof(*out));
    for (int i = 0; i < LIMNER_IO_N_MODEL_FILES; i++) {
        if (map_file(out, i, folder, needs_nets, err) < 0) {
            limner_io_models_close(out);
            return -1;
        }
        *blobs[i] = (limner_blob){out->file[i].bytes, out->file[i].len_bytes};
    }
    const limner_status st = limner_model_open(&out->model, &files);
    if (st >= 0)
        return 0;
    limner_io_models_close(out);
    if (limner_io_model_find(0, folder, path))
        *strrchr(path, '/') = 0;
    return limner_io_fail(err, path, "the model files there cannot be used (%s); fetch them again "
                                     "with tools/fetch-models",
                          limner_strerror(st));
}

void limner_io_models_close(limner_io_models *m)
{
    limner_model_close(&m->model);
    for (int i = 0; i < LIMNER_IO_N_MODEL_FILES; i++)
        limner_io_file_close(&m->file[i]);
}
