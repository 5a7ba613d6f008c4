/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG marker segments (ITU-T T.81, annex B), PNG chunks, the brands of HEIC, WebP's VP8X chunk
 * (RFC 9649, section 2.7.1). Every read is bounded by the file. */
#include "io/image_header.h"

#include <string.h>

#include "io/error.h"

enum { MAX_STEPS = 100000, SCAN_BYTES = 4096, MAX_BRANDS = 32, WEBP_IS_ANIMATED = 2 };

static uint32_t be16(const uint8_t *b)
{
    return (uint32_t)b[0] << 8 | b[1];
}

static uint32_t be32(const uint8_t *b)
{
    return be16(b) << 16 | be16(b + 2);
}

static bool read_at(const limner_io_source *s, uint8_t *bytes, size_t n, int64_t offset)
{
    return limner_io_source_read(s, bytes, n, offset) == (int64_t)n;
}

/* PNG: the chunks must lead to IEND. */
static void read_png(limner_io_image_header *out, const limner_io_source *s)
{
    uint8_t chunk[16];
    int64_t at = 8;

    out->is_cut_short = true;
    for (int i = 0; i < MAX_STEPS && read_at(s, chunk, 8, at); i++) {
        if (i == 0 && read_at(s, chunk, 16, at)) {
            out->width_px = be32(chunk + 8);
            out->height_px = be32(chunk + 12);
        }
        at += 12 + (int64_t)be32(chunk);
        if (memcmp(chunk + 4, "IEND", 4) == 0 && at <= s->len_bytes) {
            out->is_cut_short = false;
            return;
        }
    }
}

/* Entropy-coded data from `at` on: the offset of the next marker that is neither stuffing (FF00)
 * nor a restart, -1 when the file ends first. */
static int64_t skip_scan(const limner_io_source *s, int64_t at)
{
    uint8_t bytes[SCAN_BYTES];
    bool is_after_ff = false;

    for (;;) {
        const int64_t n = limner_io_source_read(s, bytes, sizeof(bytes), at);
        if (n <= 0)
            return -1;
        for (int64_t i = 0; i < n; i++) {
            const uint8_t b = bytes[i];
            if (is_after_ff && b != 0 && b != 0xff && !(b >= 0xd0 && b <= 0xd7))
                return at + i - 1;
            is_after_ff = b == 0xff;
        }
        at += n;
    }
}

static bool is_size_marker(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* JPEG: the segments must lead to EOI. */
static void read_jpeg(limner_io_image_header *out, const limner_io_source *s)
{
    uint8_t segment[9];
    int64_t at = 2;

    out->is_cut_short = true;
    for (int i = 0; i < MAX_STEPS && read_at(s, segment, 2, at) && segment[0] == 0xff; i++) {
        const uint8_t marker = segment[1];
        if (marker == 0xd9)
            out->is_cut_short = false;
        if (marker == 0xd9 || (marker != 0xff && !read_at(s, segment, 4, at)))
            return;
        if (is_size_marker(marker) && read_at(s, segment, 9, at)) {
            out->height_px = be16(segment + 5);
            out->width_px = be16(segment + 7);
        }
        at += marker == 0xff ? 1 : 2 + (int64_t)be16(segment + 2);
        if (marker == 0xda)
            at = skip_scan(s, at);
        if (at < 0)
            return;
    }
}

/* The brands of an ISO base media file (ISO/IEC 14496-12, 4.3; HEIF: 23008-12, annex B.4). */
static void read_brands(limner_io_image_header *out, const limner_io_source *s)
{
    uint8_t box[MAX_BRANDS * 4];

    if (!read_at(s, box, 8, 0))
        return;
    const uint32_t n_bytes = be32(box) < sizeof(box) ? be32(box) : (uint32_t)sizeof(box);
    if (n_bytes < 12 || !read_at(s, box, n_bytes, 0))
        return;
    for (uint32_t i = 8; i + 4 <= n_bytes; i += 4)
        out->is_heic |= memcmp(box + i, "heic", 4) == 0 || memcmp(box + i, "heix", 4) == 0;
}

/* The first chunk of a WebP that is more than one still picture holds its flags. */
static void read_webp(limner_io_image_header *out, const limner_io_source *s)
{
    uint8_t b[21];

    out->is_animated_webp = read_at(s, b, sizeof(b), 0) && memcmp(b + 8, "WEBPVP8X", 8) == 0 &&
                            (b[20] & WEBP_IS_ANIMATED);
}

void limner_io_image_header_read(limner_io_image_header *out, const limner_io_source *source)
{
    uint8_t magic[8];

    memset(out, 0, sizeof(*out));
    if (!read_at(source, magic, sizeof(magic), 0))
        return;
    if (memcmp(magic, "\x89PNG\r\n\x1a\n", 8) == 0)
        read_png(out, source);
    else if (memcmp(magic, "\xff\xd8\xff", 3) == 0)
        read_jpeg(out, source);
    else if (memcmp(magic + 4, "ftyp", 4) == 0)
        read_brands(out, source);
    else if (memcmp(magic, "RIFF", 4) == 0)
        read_webp(out, source);
}

int limner_io_image_header_check(const limner_io_image_header *header, const char *name, char *err)
{
    if (header->is_heic)
        return limner_io_fail(err, name, "is a HEIC picture, which is not read; save it as JPEG");
    if (header->is_animated_webp)
        return limner_io_fail(err, name,
                              "is an animated WebP, which is not read; save a picture of it as "
                              "PNG");
    return 0;
}
