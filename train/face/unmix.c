/* SPDX-License-Identifier: Apache-2.0 */
/* Shows a portrait in known motions and writes down what the tracker's fit finds, for unmix.py:
 *     unmix MODELS_DIR NETS_DIR PHOTO < TAKES
 * TAKES: lines OUT MOTION.csv FIRST_SECOND N_FRAMES as|mixed|faint|wild SEED. mixed: every
 * coefficient with a gain of its own, and others beside it; faint: all with one small gain; wild:
 * a jaw that swings and shapes that come and go as they like, of the motion only blinks. OUT: int32
 * frames, floats of a clue, of a motion; then for each frame the motion shown, the motion found,
 * made steady but not told apart, and its clue. Pictures are 512 x 512, 25 frames/s, and pass
 * through libx264 (the program ffmpeg) as a video's do. */
#include <math.h>
#include <unistd.h>

#define main answer_main
#include "answer.c"
#undef main

#include "face/person.h"
#include "motion/steady.h"

enum { MEET = 5, MAX_FRAMES = 250, HALF = LIMNER_STEADY_FRAMES };

static float between(limner_rng *rng, float from, float to)
{
    return from + (to - from) * limner_rng_uniform(rng);
}

/* What goes together in the generator need not do so here. */
static void mix_gains(limner_motion *m, int n, limner_rng *rng)
{
    float gain[LIMNER_N_EXPRESSION];

    for (int e = 0; e < LIMNER_N_EXPRESSION; e++)
        gain[e] = expf(between(rng, -0.88f, 0.88f));
    for (size_t k = 0; k < sizeof(pairs) / sizeof(*pairs); k++)
        gain[pairs[k][1]] = gain[pairs[k][0]] * between(rng, 0.9f, 1.1f);
    gain[LIMNER_EYE_BLINK_LEFT] = gain[LIMNER_EYE_BLINK_RIGHT] = 1;
    gain[LIMNER_MOUTH_CLOSE] = gain[LIMNER_JAW_OPEN];
    for (int i = 0; i < n; i++)
        for (int e = 0; e < LIMNER_N_EXPRESSION; e++)
            m[i].expression[e] *= gain[e];
}

/* Only blinks stay; the head and the jaw swing. */
static void make_wild(limner_motion *m, int n, limner_rng *rng)
{
    const float jaw = between(rng, 0.06f, 0.3f), jaw_speed = between(rng, 4, 12);
    float speed[4];

    for (int k = 0; k < 4; k++)
        speed[k] = between(rng, 0.8f, 3.3f);
    for (int i = 0; i < n; i++) {
        const float t = (float)i / FPS, *e = m[i].expression;
        const float lids[2] = {e[LIMNER_EYE_BLINK_LEFT], e[LIMNER_EYE_BLINK_RIGHT]};

        memset(m[i].expression, 0, sizeof(m[i].expression));
        m[i].expression[LIMNER_EYE_BLINK_LEFT] = lids[0];
        m[i].expression[LIMNER_EYE_BLINK_RIGHT] = lids[1];
        m[i].yaw = 5 * sinf(speed[0] * t);
        m[i].pitch = 3 * sinf(speed[1] * t + 1);
        m[i].roll = 3 * sinf(speed[2] * t + 2);
        if (i > MEET)
            m[i].expression[LIMNER_JAW_OPEN] =
                jaw * fmaxf(0, sinf(jaw_speed * t)) * (1 + 0.8f * sinf(speed[3] * t));
    }
}

/* A shape, or that of both sides, that comes and goes once. */
static void add_pulse(limner_motion *m, int n, limner_rng *rng)
{
    const int n_pairs = sizeof(pairs) / sizeof(*pairs);
    const int n_singles = sizeof(singles) / sizeof(*singles);
    const int at = MEET + 1 + (int)between(rng, 0, (float)(n - MEET - 1));
    const int width = 2 + (int)(14 * limner_rng_uniform(rng) * limner_rng_uniform(rng));
    const float most = 0.03f + 0.5f * limner_rng_uniform(rng) * limner_rng_uniform(rng);
    const float other = limner_rng_uniform(rng) < 0.7f ? 1 : limner_rng_uniform(rng);
    const int is_pair = limner_rng_uniform(rng) < 0.7f;
    const int which = (int)between(rng, 0, (float)(is_pair ? n_pairs : n_singles) - 0.001f);

    for (int i = at - width; i <= at + width; i++) {
        const float v = 0.5f + 0.5f * cosf(3.1415927f * (float)(i - at) / (float)(width + 1));

        if (i <= MEET || i >= n)
            continue;
        m[i].expression[is_pair ? pairs[which][0] : singles[which]] += most * v;
        if (is_pair)
            m[i].expression[pairs[which][1]] += other * most * v;
    }
}

static void change(limner_motion *m, int n, const char *how, unsigned long seed)
{
    limner_rng rng;
    float gain;

    limner_rng_init(&rng, seed, 7);
    gain = strcmp(how, "faint") == 0 ? between(&rng, 0.1f, 0.4f) : 1;
    if (strcmp(how, "mixed") == 0) {
        mix_gains(m, n, &rng);
        for (int k = 0; k < n / 6; k++)
            add_pulse(m, n, &rng);
    } else if (strcmp(how, "wild") == 0) {
        make_wild(m, n, &rng);
        for (int k = 0; k < n / 2; k++)
            add_pulse(m, n, &rng);
    }
    for (int i = 0; i < n; i++) {
        float *e = m[i].expression;

        for (int k = 0; k < LIMNER_N_EXPRESSION; k++)
            e[k] = fminf(fmaxf(gain * e[k], 0), 1);
        e[LIMNER_MOUTH_CLOSE] = fminf(e[LIMNER_MOUTH_CLOSE], e[LIMNER_JAW_OPEN]);
    }
}

/* ---- tracking ------------------------------------------------------------------------------ */

static float landmarks[MAX_FRAMES][LIMNER_N_LANDMARK][3];
static limner_face_view views[MAX_FRAMES];
static limner_motion shown[MAX_FRAMES], found[MAX_FRAMES];
static limner_unmix_clue clue[MAX_FRAMES];

/* Renders, codes and decodes; the number of frames seen. */
static int see_take(limner_nets_run *run, limner_session *s, int n, int crf)
{
    const limner_photo photo = {rgb, SIZE * 3, SIZE, SIZE};
    const limner_image img = limner_photo_view(&photo);
    static limner_found_face faces[LIMNER_MAX_FACES];
    char name[64], command[512];
    limner_region region;
    size_t n_faces = 0;
    FILE *pipe;
    int i = 0;

    snprintf(name, sizeof(name), "unmix-%ld.mp4", (long)getpid());
    snprintf(command, sizeof(command), "ffmpeg -v error -y -f rawvideo -pix_fmt rgb24 -s %dx%d "
             "-r %d -i - -c:v libx264 -preset superfast -crf %d -pix_fmt yuv420p %s", SIZE, SIZE,
             FPS, crf, name);
    require((pipe = popen(command, "w")) != NULL, "ffmpeg");
    for (int k = 0; k < n; k++) {
        show(s, &shown[k]);
        fwrite(rgb, sizeof(rgb), 1, pipe);
    }
    require(pclose(pipe) == 0, "ffmpeg");
    snprintf(command, sizeof(command), "ffmpeg -v error -i %s -f rawvideo -pix_fmt rgb24 -", name);
    require((pipe = popen(command, "r")) != NULL, "ffmpeg");
    for (; i < n && fread(rgb, sizeof(rgb), 1, pipe) == 1; i++) {
        if (i == 0) {
            require(limner_detect_faces(run, &img, faces, LIMNER_MAX_FACES, &n_faces) >= 0 &&
                    n_faces, "no face");
            region = limner_landmarks_region((const float(*)[3])faces[0].landmarks);
        }
        limner_landmarks_run(run, &img, &region, landmarks[i]);
        region = limner_landmarks_region((const float(*)[3])landmarks[i]);
        limner_face_view_take(&views[i], &img, (const float(*)[3])landmarks[i]);
    }
    pclose(pipe);
    remove(name);
    return i;
}

/* found, clue; false: a frame could not be fitted. */
static int fit_take(const limner_face *face, int n)
{
    const float(*met[MEET])[3];
    const limner_face_view *seen[MEET];
    limner_person *p;
    limner_fit fit;
    int is_fine;

    for (int i = 0; i < MEET; i++) {
        met[i] = (const float(*)[3])landmarks[i];
        seen[i] = &views[i];
    }
    require(limner_person_open(&p, face) == LIMNER_OK, "person");
    is_fine = n > MEET && limner_person_meet(p, met, seen, MEET) == LIMNER_OK;
    for (int i = 0; i < n && is_fine; i++) {
        is_fine = limner_person_fit(&fit, p, (const float(*)[3])landmarks[i], &views[i]) ==
                      LIMNER_OK && limner_person_clues(&clue[i], p);
        memset(&found[i], 0, sizeof(found[i]));
        memcpy(found[i].expression, fit.shape, sizeof(found[i].expression));
        found[i].pitch = fit.pitch;
    }
    limner_person_close(&p);
    return is_fine;
}

static void write_take(const char *path, int n)
{
    const int head[3] = {n, LIMNER_FACE_N_UNMIX_CLUE, sizeof(limner_motion) / sizeof(float)};
    FILE *out = fopen(path, "wb");

    require(out != NULL, path);
    fwrite(head, sizeof(head), 1, out);
    for (int i = 0; i < n; i++) {
        const limner_motion *at[2 * HALF + 1];
        const int room = i < n - 1 - i ? i : n - 1 - i, half = room < HALF ? room : HALF;
        limner_motion steady;

        for (int k = -half; k <= half; k++)
            at[HALF + k] = &found[i + k];
        limner_motion_steady(&steady, at + HALF, half);
        fwrite(&shown[i], sizeof(shown[i]), 1, out);
        fwrite(&steady, sizeof(steady), 1, out);
        fwrite(&clue[i], sizeof(clue[i]), 1, out);
    }
    require(fclose(out) == 0, path);
}

int main(int argc, char **argv)
{
    limner_model_files files = {.struct_size = sizeof(files)};
    char path[1024], spec[1024], how[16];
    limner_portrait_options opt;
    limner_portrait *portrait;
    limner_nets_run run = {0};
    limner_settings set;
    limner_model *model;
    limner_io_image image;
    unsigned long seed;
    double first_s;
    int n;

    require(argc == 4, "MODELS_DIR NETS_DIR PHOTO < TAKES");
    files.face = file_of(argv[1], "face.limner");
    files.detector = file_of(argv[2], "face_detection_short_range.tflite");
    files.landmarks = file_of(argv[2], "face_landmark_with_attention.tflite");
    files.segmenter = file_of(argv[2], "selfie_segmentation.tflite");
    require(limner_model_open(&model, &files) == LIMNER_OK, "models");
    require(limner_nets_run_open(&run, &model->nets, NULL) == LIMNER_OK, "nets");
    require(limner_io_image_read(&image, argv[3], err) >= 0, argv[3]);
    const limner_photo photo = {image.rgb, (ptrdiff_t)image.width_px * 3, image.width_px,
                                image.height_px};
    limner_portrait_options_init(&opt, sizeof(opt));
    opt.face = 0;
    require(limner_portrait_encode(&portrait, model, &photo, &opt, NULL) == LIMNER_OK, argv[3]);
    limner_settings_init(&set, sizeof(set));
    set.width_px = set.height_px = SIZE;
    set.pixel = LIMNER_PIXEL_RGBA;
    while (scanf("%1023s %1023s %lf %d %15s %lu", path, spec, &first_s, &n, how, &seed) == 6) {
        limner_session *s;

        require(n > 0 && n <= MAX_FRAMES, "N_FRAMES");
        require(limner_session_open(&s, model, portrait, &set, NULL) == LIMNER_OK, "session");
        limner_motion *m = motions(spec, first_s, &n);
        require(m != NULL, spec);
        change(m, n, how, seed);
        for (int i = 0; i < n; i++)
            limner_portrait_apply(portrait, &m[i], &shown[i]);
        n = see_take(&run, s, n, 18 + (int)(seed % 3) * 4);
        if (fit_take(model->face, n))
            write_take(path, n);
        limner_session_close(&s);
        free(m);
    }
    return 0;
}
