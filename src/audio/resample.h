/* SPDX-License-Identifier: Apache-2.0 */
/* Streaming mono resampler, any rate of 8000..192000 Hz to 16 kHz: windowed-sinc polyphase (Kaiser
 * window; Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5). Chunk-size invariant;
 * output sample n lies at time n / 16000 s exactly (delay compensated). Allocates at opening. */
#ifndef LIMNER_AUDIO_RESAMPLE_H
#define LIMNER_AUDIO_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "limner/limner.h"

typedef struct limner_resampler limner_resampler;

/* LIMNER_OK, E_ARG (a rate beyond those), E_NOMEM. */
limner_status limner_resampler_open(limner_resampler **out, uint32_t rate_hz);
/* Reads *n_used <= n_in samples, writes *n_written <= n_out. NaN is read as 0, beyond -1..1
 * clamped. */
void limner_resampler_process(limner_resampler *r, const float *in, size_t n_in, size_t *n_used,
                              float *out, size_t n_out, size_t *n_written);
/* After the last input: writes what is left; the total written is ceil(total_in * 16000 / rate). */
void limner_resampler_flush(limner_resampler *r, float *out, size_t n_out, size_t *n_written);
/* Input samples after an output's time that it waits for, at most. */
uint32_t limner_resampler_ahead(const limner_resampler *r);
void limner_resampler_close(limner_resampler **r);      /* NULL-safe; sets NULL */

#endif
