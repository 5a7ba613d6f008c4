/* SPDX-License-Identifier: Apache-2.0 */
/* Pitch and voicing of a short piece of sound: YIN (de Cheveigne and Kawahara 2002, "YIN, a
 * fundamental frequency estimator for speech and music", JASA 111), steps 1 to 5, on the sound
 * low-passed and decimated to 8 kHz. Stateless. */
#ifndef LIMNER_AUDIO_PITCH_H
#define LIMNER_AUDIO_PITCH_H

enum {
    LIMNER_PITCH_N_SAMPLES = 696        /* at 16 kHz: 25 ms, the longest period, the filter */
};

/* pcm [LIMNER_PITCH_N_SAMPLES] at 16 kHz. *voicing 0..1 (1: exactly periodic); returns the pitch,
 * 60..1000 Hz, whatever the voicing; 0 for silence. */
float limner_pitch_estimate(const float *pcm, float *voicing);

#endif
