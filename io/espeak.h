/* SPDX-License-Identifier: Apache-2.0 */
/* The espeak-ng program as a voice: text in, a WAV in an unnamed temporary file out. One thread at
 * a time. */
#ifndef LIMNER_IO_ESPEAK_H
#define LIMNER_IO_ESPEAK_H

#include <sys/types.h>
#include <time.h>

#include "io/media.h"

typedef struct limner_io_espeak {
    FILE *text, *sound;
    pid_t child;     /* 0: none */
    uint32_t most_s; /* 0: it may take as long as it wants */
    time_t ends_s;   /* monotonic: when it is stopped */
    char path[32];   /* of the sound, once it is done */
    char voice[40];
} limner_io_espeak;

/* Voice or language as en-gb or de; words per minute; most_s: seconds it may take, 0: any. */
int limner_io_espeak_start(limner_io_espeak *out, const char *text, const char *voice,
                           uint32_t speed, uint32_t most_s, char *err);
/* 1: done, the sound is at `path` until closed; 0: not yet; -1. */
int limner_io_espeak_poll(limner_io_espeak *e, char *err);
/* The same, waiting until it is done: 0 or -1. */
int limner_io_espeak_wait(limner_io_espeak *e, char *err);
void limner_io_espeak_close(limner_io_espeak *e); /* of zeros: does nothing */

#endif
