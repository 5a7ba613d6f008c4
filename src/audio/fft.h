/* SPDX-License-Identifier: Apache-2.0 */
/* Discrete Fourier transform of real signals whose length is a power of two: a complex radix-2
 * transform of half the length, then the split of its two interleaved halves (Press et al.,
 * Numerical Recipes, 12.3). Forward, unscaled: X[k] = sum_n x[n] exp(-2 pi i k n / N). */
#ifndef LIMNER_AUDIO_FFT_H
#define LIMNER_AUDIO_FFT_H

#include <stdint.h>

#include "limner/limner.h"

typedef struct limner_fft limner_fft;

enum { LIMNER_FFT_MIN = 4, LIMNER_FFT_MAX = 65536 };

/* E_ARG unless n_samples is a power of two in LIMNER_FFT_MIN..LIMNER_FFT_MAX; E_NOMEM. */
limner_status limner_fft_open(limner_fft **out, uint32_t n_samples);
/* in [n_samples]; re, im [n_samples / 2 + 1]. Allocates nothing. One thread at a time. */
void limner_fft_forward(limner_fft *f, const float *in, float *re, float *im);
void limner_fft_close(limner_fft **f);                  /* NULL-safe; sets NULL */

#endif
