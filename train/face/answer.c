/* SPDX-License-Identifier: Apache-2.0 */
/* Shows a portrait in known motions and writes down what the landmark net sees, for answer.py:
 *     answer MODELS_DIR NETS_DIR PHOTO OUT MOTION.csv|random:SEED:N [FIRST_SECOND [N_FRAMES]]
 * OUT: int32 mark, frames, crop size, bytes of a motion; the photo's limner_fit; then for each
 * frame its limner_motion and landmarks [478][3], pixels of the 512 x 512 frame. A motion file is
 * taken beside its own neutral face at 25 frames/s. Every tenth random frame is neutral. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "io/media.h"
#include "io/motion_take.h"
#include "model.h"
#include "portrait/detect.h"
#include "portrait/encoder.h"

enum { SIZE = 512, FPS = 25, MARK = 0x4b525431 };

static char err[LIMNER_IO_ERROR_SIZE];

static void require(int is_fine, const char *what)
{
    if (is_fine)
        return;
    fprintf(stderr, "answer: %s %s\n", what, err);
    exit(1);
}

static limner_blob file_of(const char *dir, const char *name)
{
    char path[4096];
    limner_io_file f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    require(limner_io_file_read(&f, path, (size_t)1 << 28, err) >= 0, path);
    return (limner_blob){f.bytes, f.len_bytes};
}

/* ---- motions ------------------------------------------------------------------------------- */

static const int pairs[][2] = {
    {LIMNER_EYE_SQUINT_LEFT, LIMNER_EYE_SQUINT_RIGHT},
    {LIMNER_EYE_WIDE_LEFT, LIMNER_EYE_WIDE_RIGHT},
    {LIMNER_MOUTH_SMILE_LEFT, LIMNER_MOUTH_SMILE_RIGHT},
    {LIMNER_MOUTH_FROWN_LEFT, LIMNER_MOUTH_FROWN_RIGHT},
    {LIMNER_MOUTH_DIMPLE_LEFT, LIMNER_MOUTH_DIMPLE_RIGHT},
    {LIMNER_MOUTH_STRETCH_LEFT, LIMNER_MOUTH_STRETCH_RIGHT},
    {LIMNER_MOUTH_PRESS_LEFT, LIMNER_MOUTH_PRESS_RIGHT},
    {LIMNER_MOUTH_LOWER_DOWN_LEFT, LIMNER_MOUTH_LOWER_DOWN_RIGHT},
    {LIMNER_MOUTH_UPPER_UP_LEFT, LIMNER_MOUTH_UPPER_UP_RIGHT},
    {LIMNER_BROW_DOWN_LEFT, LIMNER_BROW_DOWN_RIGHT},
    {LIMNER_BROW_OUTER_UP_LEFT, LIMNER_BROW_OUTER_UP_RIGHT},
    {LIMNER_CHEEK_SQUINT_LEFT, LIMNER_CHEEK_SQUINT_RIGHT},
    {LIMNER_NOSE_SNEER_LEFT, LIMNER_NOSE_SNEER_RIGHT}
};
static const int singles[] = {
    LIMNER_JAW_FORWARD, LIMNER_JAW_LEFT, LIMNER_JAW_RIGHT, LIMNER_MOUTH_FUNNEL,
    LIMNER_MOUTH_PUCKER, LIMNER_MOUTH_LEFT, LIMNER_MOUTH_RIGHT, LIMNER_MOUTH_ROLL_LOWER,
    LIMNER_MOUTH_ROLL_UPPER, LIMNER_MOUTH_SHRUG_LOWER, LIMNER_MOUTH_SHRUG_UPPER,
    LIMNER_BROW_INNER_UP, LIMNER_CHEEK_PUFF
};

static void random_expression(float *e, float chance, limner_rng *rng)
{
    const float most = 0.7f;

    for (size_t k = 0; k < sizeof(pairs) / sizeof(*pairs); k++) {
        const float v = most * limner_rng_uniform(rng), w = most * limner_rng_uniform(rng);

        if (limner_rng_uniform(rng) >= chance)
            continue;
        e[pairs[k][0]] = v;
        e[pairs[k][1]] = limner_rng_uniform(rng) < 0.7f ? v : w;
    }
    for (size_t k = 0; k < sizeof(singles) / sizeof(*singles); k++)
        if (limner_rng_uniform(rng) < 0.7f * chance)
            e[singles[k]] = most * limner_rng_uniform(rng);
    if (limner_rng_uniform(rng) < 0.5f) {
        e[LIMNER_JAW_OPEN] = 0.6f * limner_rng_uniform(rng) * limner_rng_uniform(rng);
        if (limner_rng_uniform(rng) < 0.3f)
            e[LIMNER_MOUTH_CLOSE] = e[LIMNER_JAW_OPEN] * limner_rng_uniform(rng);
    }
    if (limner_rng_uniform(rng) < 0.3f)
        e[LIMNER_EYE_BLINK_LEFT] = e[LIMNER_EYE_BLINK_RIGHT] = limner_rng_uniform(rng);
}

/* Relative to a neutral face: six of ten frames turned and mixed, three nearly single shapes. */
static limner_motion random_motion(int i, limner_rng *rng)
{
    const int is_turned = i % 10 < 7;
    limner_motion m;

    memset(&m, 0, sizeof(m));
    m.distance = 1;
    if (i % 10 == 0)
        return m;
    random_expression(m.expression, is_turned ? 0.16f : 0.03f, rng);
    if (!is_turned)
        return m;
    m.yaw = 7 * limner_rng_normal(rng);
    m.pitch = 6 * limner_rng_normal(rng);
    m.roll = 5 * limner_rng_normal(rng);
    m.distance = 1 + 0.05f * limner_rng_normal(rng);
    m.x = 0.5f * limner_rng_normal(rng);
    m.y = 0.5f * limner_rng_normal(rng);
    if (limner_rng_uniform(rng) < 0.5f) {
        m.gaze_yaw = 8 * limner_rng_normal(rng);
        m.gaze_pitch = 5 * limner_rng_normal(rng);
    }
    return m;
}

static limner_motion *motions(const char *spec, double first_s, int *n)
{
    limner_io_motion_take take;
    limner_motion neutral, *m;
    limner_rng rng;

    if (strncmp(spec, "random:", 7) == 0) {
        char *end;

        limner_rng_init(&rng, strtoull(spec + 7, &end, 10), 1);
        *n = atoi(end + 1);
        m = calloc((size_t)*n, sizeof(*m));
        for (int i = 0; m && i < *n; i++)
            m[i] = random_motion(i, &rng);
        return m;
    }
    require(limner_io_motion_read(&take, spec, err) >= 0, spec);
    if (!take.is_relative) {
        require(limner_io_motion_neutral(&neutral, &take, 1e9, err) >= 0, spec);
        limner_io_motion_make_relative(&take, &neutral);
    }
    m = calloc((size_t)*n, sizeof(*m));
    for (int i = 0; m && i < *n; i++)
        limner_io_motion_at(&m[i], &take, first_s + (double)i / FPS);
    return m;
}

/* ---- pictures ------------------------------------------------------------------------------ */

static uint8_t rgb[SIZE * SIZE * 3];

static void show(limner_session *s, const limner_motion *m)
{
    limner_frame f;

    require(limner_session_send_motion(s, m) == LIMNER_OK, "send");
    require(limner_session_receive(s, &f) == LIMNER_OK, "receive");
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            memcpy(rgb + 3 * (y * SIZE + x), f.plane[0] + y * f.stride[0] + 4 * x, 3);
    limner_frame_unref(&f);
}

/* As a tracker sees it that followed the face to here: from the region of a first look. */
static void see(limner_nets_run *run, float out[LIMNER_N_LANDMARK][3])
{
    static limner_found_face found[LIMNER_MAX_FACES];
    const limner_photo photo = {rgb, SIZE * 3, SIZE, SIZE};
    const limner_image img = limner_photo_view(&photo);
    limner_region region;
    size_t n = 0;

    require(limner_detect_faces(run, &img, found, LIMNER_MAX_FACES, &n) >= 0 && n, "no face");
    region = limner_landmarks_region((const float(*)[3])found[0].landmarks);
    limner_landmarks_run(run, &img, &region, out);
}

int main(int argc, char **argv)
{
    limner_model_files files = {.struct_size = sizeof(files)};
    float landmarks[LIMNER_N_LANDMARK][3];
    limner_portrait_options opt;
    limner_portrait *portrait;
    limner_nets_run run = {0};
    limner_settings set;
    limner_session *s;
    limner_model *model;
    limner_io_image image;

    require(argc >= 6, "MODELS_DIR NETS_DIR PHOTO OUT MOTION.csv|random:SEED:N [SECOND [FRAMES]]");
    files.face = file_of(argv[1], "face.limner");
    files.detector = file_of(argv[2], "face_detection_short_range.tflite");
    files.landmarks = file_of(argv[2], "face_landmark_with_attention.tflite");
    files.segmenter = file_of(argv[2], "selfie_segmentation.tflite");
    require(limner_model_open(&model, &files) == LIMNER_OK, "models");
    require(limner_io_image_read(&image, argv[3], err) >= 0, argv[3]);
    const limner_photo photo = {image.rgb, (ptrdiff_t)image.width_px * 3, image.width_px,
                                image.height_px};
    limner_portrait_options_init(&opt, sizeof(opt));
    opt.face = 0;
    require(limner_portrait_encode(&portrait, model, &photo, &opt, NULL) == LIMNER_OK, argv[3]);
    limner_settings_init(&set, sizeof(set));
    set.width_px = set.height_px = SIZE;
    set.pixel = LIMNER_PIXEL_RGBA;
    require(limner_session_open(&s, model, portrait, &set, NULL) == LIMNER_OK, "session");
    require(limner_nets_run_open(&run, &model->nets, NULL) == LIMNER_OK, "nets");
    int n = argc > 7 ? atoi(argv[7]) : 250;
    limner_motion *m = motions(argv[5], argc > 6 ? atof(argv[6]) : 0, &n);
    FILE *out = fopen(argv[4], "wb");
    require(m && out, argv[4]);
    const int head[4] = {MARK, n, (int)portrait->app.size_px, (int)sizeof(*m)};
    fwrite(head, sizeof(head), 1, out);
    fwrite(&portrait->app.fit, sizeof(limner_fit), 1, out);
    for (int i = 0; i < n; i++) {
        limner_portrait_apply(portrait, &m[i], &m[i]);
        show(s, &m[i]);
        see(&run, landmarks);
        fwrite(&m[i], sizeof(m[i]), 1, out);
        fwrite(landmarks, sizeof(landmarks), 1, out);
    }
    require(fclose(out) == 0, argv[4]);
    return 0;
}
