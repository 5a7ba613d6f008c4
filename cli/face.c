/* SPDX-License-Identifier: Apache-2.0 */
/* Loading faces, and the words for what can be wrong with one. */
#include "face.h"

#include <string.h>

#include "io/portrait.h"
#include "talk.h"

static const char *shown(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static void fail_face(const char *path, limner_status st, const char *detail, bool has_choice)
{
    const char *what = *detail ? detail : limner_strerror(st);
    const char *advice = st == LIMNER_E_NO_FACE ? "; give a picture with a face seen from the front"
                         : st == LIMNER_E_MANY_FACES ? ": --face N"
                         : st == LIMNER_E_POOR_FACE
                             ? "; give another picture, or take it with --force"
                         : st != LIMNER_E_ARG ? ""
                         : has_choice         ? "; limner info FILE lists the faces"
                                              : "; give a larger picture";

    cli_fail("%s: %s%s", shown(path), what, advice);
}

/* What to make a portrait of. */
typedef struct source {
    const cli_args *args;
    const char *path;
    limner_io_image image;
    limner_io_file file; /* or this, a .portrait */
    limner_debug_fn debug;
    void *debug_user;
} source;

static bool encode(limner_portrait **out, limner_model *model, const source *s, int32_t number)
{
    char detail[LIMNER_DETAIL_SIZE] = "";
    limner_portrait_options options;
    const limner_photo photo = limner_io_image_photo(&s->image);

    limner_portrait_options_init(&options, sizeof(options));
    options.face = number;
    options.is_forced = s->args->is_forced;
    options.n_threads = (uint32_t)s->args->threads;
    options.debug = s->debug;
    options.debug_user = s->debug_user;
    const limner_status st = limner_portrait_encode(out, model, &photo, &options, detail);
    if (st < 0)
        fail_face(s->path, st, detail, number >= 0);
    return st >= 0;
}

static bool load(limner_portrait **out, limner_model *model, const source *s)
{
    const limner_status st =
        limner_portrait_load(out, model, s->file.bytes, s->file.len_bytes);

    if (st < 0)
        cli_fail("%s: is damaged or was made by another version of limner; make it again with "
                 "limner portrait",
                 s->path);
    return st >= 0;
}

/* The file is read before the models, so that what is wrong with it is said at once. */
static bool open_faces(limner_io_models *models, limner_portrait **portraits,
                       const int32_t *numbers, int n, source *s)
{
    const bool is_saved = limner_io_is_portrait(s->path);
    char err[LIMNER_IO_ERROR_SIZE];
    bool is_open;

    memset(models, 0, sizeof(*models));
    memset(portraits, 0, (size_t)n * sizeof(*portraits));
    if (is_saved && (n > 1 || numbers[0] > 0)) {
        cli_fail("%s: holds one face; give the photo instead", s->path);
        return false;
    }
    if ((is_saved ? limner_io_file_read(&s->file, s->path, LIMNER_IO_MAX_PORTRAIT_BYTES, err)
                  : limner_io_image_read(&s->image, s->path, err)) < 0) {
        cli_fail("%s", err);
        return false;
    }
    is_open = cli_models_open(models, s->args, !is_saved);
    for (int i = 0; i < n && is_open; i++)
        is_open = is_saved ? load(&portraits[i], models->model, s)
                           : encode(&portraits[i], models->model, s, numbers[i]);
    limner_io_image_close(&s->image);
    limner_io_file_close(&s->file);
    for (int i = 0; i < n && !is_open; i++)
        limner_portrait_close(&portraits[i]);
    if (!is_open)
        limner_io_models_close(models);
    return is_open;
}

bool cli_faces_open(limner_io_models *models, limner_portrait **portraits, const int32_t *numbers,
                    int n, const cli_args *args, const char *path)
{
    source s = {.args = args, .path = path};

    return open_faces(models, portraits, numbers, n, &s);
}

bool cli_face_open(cli_face *out, const cli_args *args, const char *path, limner_debug_fn debug,
                   void *debug_user)
{
    source s = {.args = args, .path = path, .debug = debug, .debug_user = debug_user};

    return open_faces(&out->models, &out->portrait, &args->face, 1, &s);
}

void cli_face_close(cli_face *f)
{
    limner_portrait_close(&f->portrait);
    limner_io_models_close(&f->models);
}

void cli_frame_size(const cli_args *args, const limner_portrait *p, uint32_t *width_px,
                    uint32_t *height_px)
{
    limner_io_frame_size(p, (limner_framing)args->framing, (uint32_t)args->size, width_px,
                         height_px);
}
