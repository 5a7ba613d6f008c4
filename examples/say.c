/* SPDX-License-Identifier: Apache-2.0 */
/* A text to a face: espeak-ng speaks it, a Y4M video of the face that says it goes to standard
 * output, and the voice into voice.wav.
 *     say MODEL_DIR NETS_DIR photo.ppm "Good morning." voice.wav >talk.y4m */
#define _POSIX_C_SOURCE 200809L
#include "common.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEADER_BYTES = 44, CHUNK_SAMPLES = 640 };

/* The voice as a wave file; 0 when espeak-ng cannot. */
static int speak(const char *text, const char *path)
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        execlp("espeak-ng", "espeak-ng", "-w", path, "--", text, (char *)NULL);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* Opens the wave file as standard input, at its first sample; its rate, 0 on failure. */
static uint32_t open_voice(const char *path)
{
    uint8_t h[HEADER_BYTES];

    if (!freopen(path, "rb", stdin) || fread(h, 1, sizeof(h), stdin) != sizeof(h))
        return 0;
    return h[24] | (uint32_t)h[25] << 8 | (uint32_t)h[26] << 16 | (uint32_t)h[27] << 24;
}

int main(int argc, char **argv)
{
    limner_portrait *portrait = NULL;
    limner_session *s = NULL;
    limner_model *model = NULL;
    limner_settings set;
    limner_controls mood;
    float samples[CHUNK_SAMPLES];
    size_t n, n_used;

    if (argc != 6)
        return usage(argv, "MODEL_DIR NETS_DIR photo.ppm TEXT voice.wav >talk.y4m");
    limner_settings_init(&set, sizeof(set));
    if (!speak(argv[4], argv[5]) || !(set.rate_hz = open_voice(argv[5]))) {
        fprintf(stderr, "say: espeak-ng did not speak; is it installed?\n");
        return 1;
    }
    if (!face_open(&model, &portrait, argv) ||
        limner_session_open(&s, model, portrait, &set, NULL) < 0)
        return 1;
    limner_controls_init(&mood, sizeof(mood));
    mood.emotion[LIMNER_HAPPY] = 0.3f;
    limner_session_control(s, &mood);
    y4m_header(&set);
    while ((n = read_samples(samples, CHUNK_SAMPLES)) > 0) {
        limner_session_send(s, samples, n, &n_used);
        y4m_frames(s);
    }
    limner_session_finish(s);
    y4m_frames(s);
    limner_session_close(&s);
    limner_portrait_close(&portrait);
    limner_model_close(&model);
    return 0;
}
