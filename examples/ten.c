/* SPDX-License-Identifier: Apache-2.0 */
/* Ten faces at once: one model and one portrait, ten sessions on ten threads, each with a seed and
 * a mood of its own. 16 kHz mono 16-bit samples come in on standard input; how fast each face was
 * goes to standard output.
 *     ten MODEL_DIR NETS_DIR photo.ppm <speech.s16 */
#define _POSIX_C_SOURCE 200809L
#include "common.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { N_FACES = 10, MAX_SAMPLES = 60 * 16000 };

typedef struct face {
    limner_model *model;
    limner_portrait *portrait;
    int number, n_frames;
    double seconds;
} face;

static float voice[MAX_SAMPLES];
static size_t n_voice;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void count_frames(face *f, limner_session *s)
{
    limner_frame frame;

    for (; limner_session_receive(s, &frame) == LIMNER_OK; f->n_frames++)
        limner_frame_unref(&frame);
}

static void *talk(void *arg)
{
    face *f = arg;
    const double started_s = now_s();
    limner_settings set;
    limner_controls mood;
    limner_session *s;
    size_t n_used;

    limner_settings_init(&set, sizeof(set));
    set.width_px = set.height_px = 256;
    set.n_threads = 1;                  /* the faces are the threads */
    set.seed = (uint64_t)f->number;
    if (limner_session_open(&s, f->model, f->portrait, &set, NULL) < 0)
        return NULL;
    limner_controls_init(&mood, sizeof(mood));
    mood.emotion[f->number % LIMNER_N_EMOTION] = 0.5f;
    limner_session_control(s, &mood);
    for (size_t at = 0; at < n_voice; at += n_used) {
        limner_session_send(s, voice + at, n_voice - at, &n_used);
        count_frames(f, s);
    }
    limner_session_finish(s);
    count_frames(f, s);
    limner_session_close(&s);
    f->seconds = now_s() - started_s;
    return NULL;
}

int main(int argc, char **argv)
{
    limner_portrait *portrait = NULL;
    limner_model *model = NULL;
    pthread_t thread[N_FACES];
    face faces[N_FACES];

    if (argc != 4)
        return usage(argv, "MODEL_DIR NETS_DIR photo.ppm <speech.s16");
    if (!face_open(&model, &portrait, argv))
        return 1;
    n_voice = read_samples(voice, MAX_SAMPLES);
    for (int i = 0; i < N_FACES; i++) {
        faces[i] = (face){model, portrait, i, 0, 0};
        if (pthread_create(&thread[i], NULL, talk, &faces[i]))
            return 1;
    }
    for (int i = 0; i < N_FACES; i++) {
        pthread_join(thread[i], NULL);
        printf("face %d: %d frames, %.1f a second\n", i, faces[i].n_frames,
               faces[i].n_frames / faces[i].seconds);
    }
    limner_portrait_close(&portrait);
    limner_model_close(&model);
    return 0;
}
