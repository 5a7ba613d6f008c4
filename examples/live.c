/* SPDX-License-Identifier: Apache-2.0 */
/* A microphone to a face, live: 16 kHz mono 16-bit samples as they are recorded on standard input,
 * a Y4M video on standard output, each frame when it is due; one that is late is left out. The face
 * idles while nobody speaks, and the video ends with the sound. FFmpeg listens (-f alsa where there
 * is no PulseAudio) and shows:
 *     ffmpeg -v error -f pulse -i default -ac 1 -ar 16000 -f s16le - |
 *         live MODEL_DIR NETS_DIR photo.ppm | ffplay -v error -fflags nobuffer - */
#define _POSIX_C_SOURCE 200809L
#include "common.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { RATE_HZ = 16000, PACKET_SAMPLES = 1600 };

/* Samples since the first call. */
static int64_t clock_samples(void)
{
    static struct timespec from;
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    if (!from.tv_sec)
        from = t;
    return (t.tv_sec - from.tv_sec) * RATE_HZ +
           (int64_t)((double)(t.tv_nsec - from.tv_nsec) * 1e-9 * RATE_HZ);
}

/* Sends what has been recorded; 0 at its end. */
static int listen_now(limner_session *s)
{
    static uint8_t bytes[2 * PACKET_SAMPLES];   /* half a sample may be left over */
    static size_t n_bytes;
    float pcm[PACKET_SAMPLES];
    const ssize_t n = read(STDIN_FILENO, bytes + n_bytes, sizeof(bytes) - n_bytes);

    if (n <= 0)
        return n < 0;
    n_bytes += (size_t)n;
    for (size_t i = 0; i < n_bytes / 2; i++)
        pcm[i] = (float)(int16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8) / 32768;
    limner_session_send_live(s, clock_samples(), pcm, n_bytes / 2);
    bytes[0] = bytes[n_bytes - 1];
    n_bytes %= 2;
    return 1;
}

int main(int argc, char **argv)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    limner_portrait *portrait = NULL;
    limner_session *s = NULL;
    limner_model *model = NULL;
    limner_settings set;
    limner_status st;
    limner_frame f;

    if (argc != 4)
        return usage(argv, "MODEL_DIR NETS_DIR photo.ppm <speech.s16 >talk.y4m");
    limner_settings_init(&set, sizeof(set));
    set.rate_hz = RATE_HZ;
    set.is_clocked = 1;
    if (!face_open(&model, &portrait, argv) ||
        limner_session_open(&s, model, portrait, &set, NULL) < 0)
        return 1;
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    y4m_header(&set);
    do {
        const int64_t now = clock_samples();
        const int is_late = now > limner_session_due_samples(s) + RATE_HZ / 25;
        st = limner_session_receive_due(s, now, is_late ? NULL : &f);
        if (st == LIMNER_OK && !is_late) {
            y4m_frame(&f);
            fflush(stdout);
        }
        const int64_t wait = limner_session_due_samples(s) - clock_samples();
        if (poll(&in, 1, wait > 0 ? (int)(wait * 1000 / RATE_HZ) + 1 : 0) > 0 && !listen_now(s)) {
            limner_session_finish(s);
            in.fd = -1;
        }
    } while (st != LIMNER_EOS);
    limner_session_close(&s);
    limner_portrait_close(&portrait);
    limner_model_close(&model);
    return 0;
}
