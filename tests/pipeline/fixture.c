/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the files as the command does: models/ of the source tree, nets in the cache. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "io/media.h"

enum { MESON_SKIP = 77, N_FILES = 6 };

static limner_io_file file[N_FILES];
static limner_io_image image;
static fixture fix;

static void nets_dir(char *path, size_t size)
{
    const char *own = getenv("LIMNER_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");

    if (own)
        snprintf(path, size, "%s/models", own);
    else if (xdg)
        snprintf(path, size, "%s/limner/models", xdg);
    else
        snprintf(path, size, "%s/.cache/limner/models", home ? home : "");
}

static limner_blob read_blob(int i, const char *dir, const char *name)
{
    char path[4096], err[LIMNER_IO_ERROR_SIZE];
    limner_blob blob = {NULL, 0};

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (limner_io_file_read(&file[i], path, (size_t)1 << 28, err) < 0)
        return blob;
    blob.bytes = file[i].bytes;
    blob.len_bytes = file[i].len_bytes;
    return blob;
}

int fixture_open(void **state)
{
    const char *source = getenv("LIMNER_SOURCE");
    limner_model_files files = {.struct_size = sizeof(files)};
    char dir[2048], path[4096], err[LIMNER_IO_ERROR_SIZE], why[LIMNER_DETAIL_SIZE] = "";

    nets_dir(dir, sizeof(dir));
    files.detector = read_blob(1, dir, "face_detection_short_range.tflite");
    files.landmarks = read_blob(2, dir, "face_landmark_with_attention.tflite");
    files.segmenter = read_blob(3, dir, "selfie_segmentation.tflite");
    if (!files.detector.bytes || !files.landmarks.bytes || !files.segmenter.bytes) {
        printf("skipped: no nets in %s; run tools/fetch-models\n", dir);
        exit(MESON_SKIP);
    }
    snprintf(dir, sizeof(dir), "%s/models", source ? source : ".");
    files.face = read_blob(0, dir, "face.limner");
    files.speech = read_blob(4, dir, "speech.limner");
    files.motion = read_blob(5, dir, "motion.limner");
    snprintf(path, sizeof(path), "%s/assets/demo.jpg", source ? source : ".");
    if (limner_model_open(&fix.model, &files) < 0 || limner_io_image_read(&image, path, err) < 0)
        return -1;
    fix.photo = limner_io_image_photo(&image);
    if (limner_portrait_encode(&fix.portrait, fix.model, &fix.photo, NULL, why) < 0) {
        printf("the demo portrait was refused: %s\n", why);
        return -1;
    }
    *state = &fix;
    return 0;
}

int fixture_close(void **state)
{
    (void)state;
    limner_portrait_close(&fix.portrait);
    limner_model_close(&fix.model);
    limner_io_image_close(&image);
    for (int i = 0; i < N_FILES; i++)
        limner_io_file_close(&file[i]);
    return 0;
}
