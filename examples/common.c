/* SPDX-License-Identifier: Apache-2.0 */
/* See common.h. Files are read whole and live as long as the program does. */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static limner_blob read_file(const char *dir, const char *name)
{
    limner_blob blob = {NULL, 0};
    char path[4096], *bytes;
    long n;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) || (n = ftell(f)) < 0)
        return blob;
    rewind(f);
    bytes = aligned_alloc(64, ((size_t)n + 63) / 64 * 64);
    if (bytes && fread(bytes, 1, (size_t)n, f) == (size_t)n)
        blob = (limner_blob){bytes, (size_t)n};
    fclose(f);
    return blob;
}

/* Whether path is a binary PPM without comments. */
static int read_ppm(limner_photo *photo, const char *path)
{
    FILE *f = fopen(path, "rb");

    if (!f || fscanf(f, "P6 %u %u 255", &photo->width_px, &photo->height_px) != 2 ||
        photo->width_px > 16384 || photo->height_px > 16384 || fgetc(f) == EOF)
        return 0;
    photo->stride = (ptrdiff_t)photo->width_px * 3;
    uint8_t *rgb = malloc((size_t)photo->stride * photo->height_px);
    photo->rgb = rgb;
    return rgb && fread(rgb, (size_t)photo->stride, photo->height_px, f) == photo->height_px;
}

int usage(char **argv, const char *arguments)
{
    fprintf(stderr, "usage: %s %s\n", argv[0], arguments);
    return 2;
}

int face_open(limner_model **model, limner_portrait **portrait, char **argv)
{
    char why[LIMNER_DETAIL_SIZE] = "see MODEL_DIR, NETS_DIR and the picture";
    static limner_model_files files = {.struct_size = sizeof(files)};
    static limner_photo photo;

    files.face = read_file(argv[1], "face.limner");
    files.speech = read_file(argv[1], "speech.limner");
    files.motion = read_file(argv[1], "motion.limner");
    files.detector = read_file(argv[2], "face_detection_short_range.tflite");
    files.landmarks = read_file(argv[2], "face_landmark_with_attention.tflite");
    files.segmenter = read_file(argv[2], "selfie_segmentation.tflite");
    if (limner_model_open(model, &files) == LIMNER_OK && read_ppm(&photo, argv[3]) &&
        limner_portrait_encode(portrait, *model, &photo, NULL, why) == LIMNER_OK)
        return 1;
    const char *slash = strrchr(argv[0], '/');
    fprintf(stderr, "%s: %s\n", slash ? slash + 1 : argv[0], why);
    return 0;
}

void y4m_header(const limner_settings *set)
{
    printf("YUV4MPEG2 W%u H%u F%u:%u C420mpeg2\n", set->width_px, set->height_px, set->fps_num,
           set->fps_den);
}

void y4m_frame(limner_frame *f)
{
    fputs("FRAME\n", stdout);
    for (int p = 0; p < 3; p++)
        for (uint32_t y = 0; y < (p ? f->height_px / 2 : f->height_px); y++)
            fwrite(f->plane[p] + y * f->stride[p], 1, p ? f->width_px / 2 : f->width_px, stdout);
    limner_frame_unref(f);
}

void y4m_frames(limner_session *s)
{
    limner_frame f;

    while (limner_session_receive(s, &f) == LIMNER_OK)
        y4m_frame(&f);
}

size_t read_samples(float *out, size_t n)
{
    size_t n_read = 0;
    int16_t s;

    while (n_read < n && fread(&s, sizeof(s), 1, stdin) == 1)
        out[n_read++] = (float)s / 32768;
    return n_read;
}
