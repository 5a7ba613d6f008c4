/* SPDX-License-Identifier: Apache-2.0 */
/* What a WAV file says of its own length, which FFmpeg silently corrects by the file's. */
#ifndef LIMNER_IO_SOUND_HEADER_H
#define LIMNER_IO_SOUND_HEADER_H

#include <stdbool.h>

#include "io/source.h"

/* true for a RIFF WAVE whose data chunk promises more bytes than follow; the placeholder lengths
 * of writers that could not seek back (close to 2 or 4 GiB) promise nothing. */
bool limner_io_wav_is_cut_short(const limner_io_source *source);

#endif
