/* SPDX-License-Identifier: Apache-2.0 */
/* RIFF chunks (Multimedia Programming Interface and Data Specifications 1.0); Ogg pages (RFC 3533,
 * section 6). */
#include "io/sound_header.h"

#include <string.h>

enum { MAX_CHUNKS = 1000, MISSING_MIN_BYTES = 16 };
/* An Ogg page: its header, its table of segments, at most 255 segments of 255 bytes. */
enum { PAGE_BYTES = 27, MAX_PAGE_BYTES = PAGE_BYTES + 255 + 255 * 255, ENDS_STREAM = 4 };
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

/* Bytes of the page at `page`, of which n are there; 0 when it is none, or not whole. */
static size_t page_length(const uint8_t *page, size_t n)
{
    size_t len = PAGE_BYTES;

    if (n < PAGE_BYTES || memcmp(page, "OggS", 4) != 0 || n < len + page[26])
        return 0;
    len += page[26];
    for (size_t i = 0; i < page[26]; i++)
        len += page[PAGE_BYTES + i];
    return len <= n ? len : 0;
}

bool limner_io_ogg_lacks_end(const limner_io_source *source)
{
    static _Thread_local uint8_t tail[MAX_PAGE_BYTES];
    const int64_t from =
        source->len_bytes > MAX_PAGE_BYTES ? source->len_bytes - MAX_PAGE_BYTES : 0;
    uint8_t magic[4];

    if (limner_io_source_read(source, magic, 4, 0) != 4 || memcmp(magic, "OggS", 4) != 0)
        return false;
    const int64_t n = limner_io_source_read(source, tail, MAX_PAGE_BYTES, from);
    for (int64_t i = 0; i < n; i++) {
        const size_t len = page_length(tail + i, (size_t)(n - i));
        if (len && i + (int64_t)len == n)
            return !(tail[i + 5] & ENDS_STREAM);
    }
    return true;
}
