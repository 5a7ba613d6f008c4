/* SPDX-License-Identifier: Apache-2.0 */
/* What a file says of its own end where FFmpeg takes what is there without a word. */
#ifndef LIMNER_IO_SOUND_HEADER_H
#define LIMNER_IO_SOUND_HEADER_H

#include <stdbool.h>

#include "io/source.h"

/* true for a RIFF WAVE whose data chunk promises more bytes than follow; the placeholder lengths
 * of writers that could not seek back (close to 2 or 4 GiB) promise nothing. */
bool limner_io_wav_is_cut_short(const limner_io_source *source);
/* true for an Ogg file whose last page is not whole, or none that ends a stream: it was cut short,
 * or recorded from a broadcast, which nothing in it tells apart. */
bool limner_io_ogg_lacks_end(const limner_io_source *source);

#endif
