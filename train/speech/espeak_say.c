/* SPDX-License-Identifier: Apache-2.0 */
/* Speaks texts with libespeak-ng and writes when each phone begins. Reads jobs from stdin, one per
 * line: voice, rate (words/min), pitch, pitch range (0..100), output path, text; tabs between.
 * Writes PATH.raw (mono s16 at the rate that the last line of stdout tells) and PATH.lab (lines of
 * seconds, tab, IPA; "|" begins a word, "#" ends a clause or the sound). Built and run by
 * synth.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <espeak-ng/speak_lib.h>

enum { N_FIELDS = 6, PATH_MAX_BYTES = 512 };

static FILE *sound_file, *label_file;
static int rate_hz;
static long n_samples;

static void write_event(const espeak_EVENT *event)
{
    char name[9] = "#";

    if (event->type == espeakEVENT_PHONEME)
        memcpy(name, event->id.string, 8);
    else if (event->type == espeakEVENT_WORD)
        name[0] = '|';
    else if (event->type != espeakEVENT_END)
        return;
    fprintf(label_file, "%.5f\t%s\n", event->sample / (double)rate_hz, name);
}

static int take_sound(short *pcm, int n, espeak_EVENT *event)
{
    for (; event->type != espeakEVENT_LIST_TERMINATED; event++)
        write_event(event);
    if (pcm && n > 0)
        n_samples += (long)fwrite(pcm, sizeof(*pcm), (size_t)n, sound_file);
    return 0;
}

static FILE *open_output(const char *path, const char *ending)
{
    char full[PATH_MAX_BYTES];

    snprintf(full, sizeof(full), "%s.%s", path, ending);
    return fopen(full, "wb");
}

static int say(char *const field[N_FIELDS])
{
    if (espeak_SetVoiceByName(field[0]) != EE_OK) {
        fprintf(stderr, "no voice %s\n", field[0]);
        return 0;
    }
    espeak_SetParameter(espeakRATE, atoi(field[1]), 0);
    espeak_SetParameter(espeakPITCH, atoi(field[2]), 0);
    espeak_SetParameter(espeakRANGE, atoi(field[3]), 0);
    sound_file = open_output(field[4], "raw");
    label_file = open_output(field[4], "lab");
    if (!sound_file || !label_file)
        return -1;
    n_samples = 0;
    espeak_Synth(field[5], strlen(field[5]) + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL, NULL);
    espeak_Synchronize();
    fprintf(label_file, "%.5f\t#\n", (double)n_samples / rate_hz);
    return fclose(sound_file) | fclose(label_file);
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;

    rate_hz = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 500, NULL,
                                espeakINITIALIZE_PHONEME_EVENTS | espeakINITIALIZE_PHONEME_IPA);
    if (rate_hz < 0)
        return 1;
    espeak_SetSynthCallback(take_sound);
    while ((len = getline(&line, &size, stdin)) > 0) {
        char *field[N_FIELDS], *rest = line;
        int n = 0;

        line[strcspn(line, "\n")] = 0;
        while (n < N_FIELDS && rest)
            field[n++] = strsep(&rest, "\t");
        if (n == N_FIELDS && say(field) != 0)
            return 1;
    }
    free(line);
    printf("%d\n", rate_hz);
    return 0;
}
