/* SPDX-License-Identifier: Apache-2.0 */
/* RIFF chunks (Multimedia Programming Interface and Data Specifications 1.0). */
#include "io/sound_header.h"

#include <string.h>

enum { MAX_CHUNKS = 1000, MISSING_MIN_BYTES = 16 };
#define PLACEHOLDER_BYTES 0x7f000000u

static uint32_t le32(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

bool limner_io_wav_is_cut_short(const limner_io_source *source)
{
    uint8_t b[12];
    int64_t at = 12;

    if (limner_io_source_read(source, b, 12, 0) != 12 || memcmp(b, "RIFF", 4) != 0 ||
        memcmp(b + 8, "WAVE", 4) != 0)
        return false;
    for (int i = 0; i < MAX_CHUNKS && limner_io_source_read(source, b, 8, at) == 8; i++) {
        const uint32_t n = le32(b + 4);
        if (memcmp(b, "data", 4) == 0)
            return n < PLACEHOLDER_BYTES &&
                   at + 8 + (int64_t)n > source->len_bytes + MISSING_MIN_BYTES;
        at += 8 + (int64_t)n + (n & 1);
    }
    return false;
}
