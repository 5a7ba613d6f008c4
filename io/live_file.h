/* SPDX-License-Identifier: Apache-2.0 */
/* A recording of what went over a wire: H.264 access units as they were sent, at the times they
 * have, and a sound, as one MP4 in memory. */
#ifndef LIMNER_IO_LIVE_FILE_H
#define LIMNER_IO_LIVE_FILE_H

#include "io/media.h"

typedef struct limner_io_live_unit {
    const uint8_t *bytes; /* Annex B, without parameter sets */
    size_t len_bytes;
    int64_t frame; /* its number at the frame rate; gaps are frames that were not made */
    bool is_key;
} limner_io_live_unit;

typedef struct limner_io_live_file {
    uint32_t width_px, height_px, fps_num, fps_den;
    limner_blob header;              /* limner_io_live_encoder_header's */
    const limner_io_live_unit *unit; /* [n_units], the first a key frame */
    size_t n_units;
    const char *audio_path; /* NULL: silent */
    const char *comment;    /* label: who made this synthetic video */
} limner_io_live_file;

/* *bytes: the MP4, to be freed with limner_io_live_file_free. */
int limner_io_live_file_make(uint8_t **bytes, size_t *len_bytes, const limner_io_live_file *file,
                             char *err);
void limner_io_live_file_free(uint8_t *bytes); /* NULL-safe */

#endif
