/* SPDX-License-Identifier: Apache-2.0 */
/* Multiply-rotate over 8-byte words, little-endian, the last of a row filled with zeros. The odd
 * constants are those of MurmurHash3's 64-bit finaliser (Appleby, public domain). */
#include "hash.h"

#include <stddef.h>

static uint64_t rotate(uint64_t v, int n)
{
    return v << n | v >> (64 - n);
}

static uint64_t add_bytes(uint64_t hash, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = 0;
        for (size_t k = 0; k < 8 && i + k < n; k++)
            word |= (uint64_t)b[i + k] << (8 * k);
        hash = rotate((hash ^ word) * 0xff51afd7ed558ccdu, 29) * 0xc4ceb9fe1a85ec53u + n;
    }
    return hash;
}

uint64_t cli_hash_frame(uint64_t hash, const limner_frame *f)
{
    static const int n_planes[] = {3, 2, 1}; /* I420, NV12, RGBA */

    for (int p = 0; p < n_planes[f->pixel]; p++) {
        const size_t width = f->pixel == LIMNER_PIXEL_RGBA        ? 4 * (size_t)f->width_px
                             : p && f->pixel == LIMNER_PIXEL_I420 ? f->width_px / 2
                                                                  : f->width_px;
        const uint32_t height = p ? f->height_px / 2 : f->height_px;
        for (uint32_t y = 0; y < height; y++)
            hash = add_bytes(hash, f->plane[p] + (ptrdiff_t)y * f->stride[p], width);
    }
    return add_bytes(hash, (const uint8_t *)&f->motion, sizeof(f->motion));
}
