/* SPDX-License-Identifier: Apache-2.0 */
/* What a face says by itself: a text through espeak-ng, or a sound file. One thread at a time. */
#ifndef LIMNER_SERVER_SPEAKER_H
#define LIMNER_SERVER_SPEAKER_H

#include "io/espeak.h"
#include "protocol.h"
#include "temporary.h"

enum { SERVER_MAX_SPEECH_S = 600, SERVER_MAX_ESPEAK_S = 20 };

typedef struct server_speaker {
    uint32_t rate_hz;
    limner_io_espeak espeak;
    server_temporary file; /* of a sound that was sent */
    limner_io_audio *audio;
    bool is_waiting; /* for espeak */
    int64_t n_left;  /* samples, of SERVER_MAX_SPEECH_S */
} server_speaker;

/* What is said ends, the new begins. 0 or -1. */
int server_speaker_say(server_speaker *s, const server_say *what, char *err);
int server_speaker_play(server_speaker *s, const uint8_t *bytes, size_t n, char *err);
bool server_speaker_is_busy(const server_speaker *s);
/* The next samples, at most n; 0: none now (and when it is not busy any more: the end); -1 with a
 * sentence: the end too. */
int64_t server_speaker_read(server_speaker *s, float *pcm, size_t n, char *err);
void server_speaker_stop(server_speaker *s);

#endif
