/* SPDX-License-Identifier: Apache-2.0 */
/* Sounds are decoded as they are played; espeak-ng is asked whether it is done each time samples
 * are wanted. */
#include "speaker.h"

#include <string.h>

static int open_sound(server_speaker *s, const char *path, char *err)
{
    if (limner_io_audio_open_at(&s->audio, path, s->rate_hz, err) < 0)
        return -1;
    s->n_left = (int64_t)SERVER_MAX_SPEECH_S * s->rate_hz;
    return 0;
}

int server_speaker_say(server_speaker *s, const server_say *what, char *err)
{
    server_speaker_stop(s);
    if (limner_io_espeak_start(&s->espeak, what->text, what->voice, what->speed,
                               SERVER_MAX_ESPEAK_S, err) < 0)
        return -1;
    s->is_waiting = true;
    return 0;
}

/* The reason without the name of the unnamed file. */
static void drop_name(char *err, const char *path)
{
    const size_t n = strlen(path);

    if (strncmp(err, path, n) == 0 && strncmp(err + n, ": ", 2) == 0)
        memmove(err, err + n + 2, strlen(err + n + 2) + 1);
}

int server_speaker_play(server_speaker *s, const uint8_t *bytes, size_t n, char *err)
{
    server_speaker_stop(s);
    if (server_temporary_open(&s->file, bytes, n) < 0) {
        strcpy(err, "no temporary file for the sound");
        return -1;
    }
    if (open_sound(s, s->file.path, err) == 0)
        return 0;
    drop_name(err, s->file.path);
    server_speaker_stop(s);
    return -1;
}

bool server_speaker_is_busy(const server_speaker *s)
{
    return s->is_waiting || s->audio;
}

int64_t server_speaker_read(server_speaker *s, float *pcm, size_t n, char *err)
{
    int64_t got = 0;

    if (s->is_waiting) {
        const int done = limner_io_espeak_poll(&s->espeak, err);
        s->is_waiting = done == 0;
        if (done < 0 || (done > 0 && open_sound(s, s->espeak.path, err) < 0))
            got = -1;
    }
    if (s->audio)
        got =
            limner_io_audio_read(s->audio, pcm, n < (size_t)s->n_left ? n : (size_t)s->n_left, err);
    if (got > 0)
        s->n_left -= got;
    else if (!s->is_waiting)
        server_speaker_stop(s);
    return got;
}

void server_speaker_stop(server_speaker *s)
{
    limner_io_audio_close(&s->audio);
    limner_io_espeak_close(&s->espeak);
    server_temporary_close(&s->file);
    s->is_waiting = false;
}
