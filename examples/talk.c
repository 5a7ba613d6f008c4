/* SPDX-License-Identifier: Apache-2.0 */
/* The library without FFmpeg or the command: a picture (binary PPM) and 16 kHz mono 16-bit
 * samples on standard input become a Y4M video on standard output.
 *     talk MODEL_DIR NETS_DIR photo.ppm <speech.s16 >talk.y4m */
#include <limner/limner.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK_SAMPLES = 640 };       /* 40 ms: always taken once the frames are fetched */

static limner_model_files files = {.struct_size = sizeof(files)};
static limner_photo photo;

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

/* Whether path is a binary PPM without comments; its pixels stay in photo. */
static int read_ppm(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (!f || fscanf(f, "P6 %u %u 255", &photo.width_px, &photo.height_px) != 2 ||
        photo.width_px > 16384 || photo.height_px > 16384 || fgetc(f) == EOF)
        return 0;
    photo.stride = (ptrdiff_t)photo.width_px * 3;
    uint8_t *rgb = malloc((size_t)photo.stride * photo.height_px);
    photo.rgb = rgb;
    return rgb && fread(rgb, (size_t)photo.stride, photo.height_px, f) == photo.height_px;
}

static void write_frames(limner_session *s)
{
    limner_frame f;

    while (limner_session_receive(s, &f) == LIMNER_OK) {
        fputs("FRAME\n", stdout);
        for (int p = 0; p < 3; p++)
            for (uint32_t y = 0; y < (p ? f.height_px / 2 : f.height_px); y++)
                fwrite(f.plane[p] + y * f.stride[p], 1, p ? f.width_px / 2 : f.width_px, stdout);
        limner_frame_unref(&f);
    }
}

int main(int argc, char **argv)
{
    char why[LIMNER_DETAIL_SIZE] = "see MODEL_DIR, NETS_DIR and the picture";
    limner_portrait *portrait = NULL;
    limner_session *s = NULL;
    limner_model *model = NULL;
    limner_settings set;
    int16_t pcm[CHUNK_SAMPLES];
    float samples[CHUNK_SAMPLES];
    size_t n, n_used;

    if (argc != 4)
        return 2;
    files.face = read_file(argv[1], "face.limner");
    files.speech = read_file(argv[1], "speech.limner");
    files.detector = read_file(argv[2], "face_detection_short_range.tflite");
    files.landmarks = read_file(argv[2], "face_landmark_with_attention.tflite");
    files.segmenter = read_file(argv[2], "selfie_segmentation.tflite");
    limner_settings_init(&set, sizeof(set));
    if (limner_model_open(&model, &files) < 0 || !read_ppm(argv[3]) ||
        limner_portrait_encode(&portrait, model, &photo, NULL, why) < 0 ||
        limner_session_open(&s, model, portrait, &set, why) < 0) {
        fprintf(stderr, "talk: %s\n", why);
        return 1;
    }
    printf("YUV4MPEG2 W%u H%u F25:1 C420mpeg2\n", set.width_px, set.height_px);
    while ((n = fread(pcm, sizeof(*pcm), CHUNK_SAMPLES, stdin)) > 0) {
        for (size_t i = 0; i < n; i++)
            samples[i] = (float)pcm[i] / 32768;
        limner_session_send(s, samples, n, &n_used);
        write_frames(s);
    }
    limner_session_finish(s);
    write_frames(s);
    limner_session_close(&s);
    limner_portrait_close(&portrait);
    limner_model_close(&model);
    return 0;
}
