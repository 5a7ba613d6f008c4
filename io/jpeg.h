/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures as JPEG in memory, for pages that hold them. */
#ifndef LIMNER_IO_JPEG_H
#define LIMNER_IO_JPEG_H

#include <stddef.h>
#include <stdint.h>

/* Packed sRGB, rows `stride` bytes apart. scale: of the quantisation, 1 (best) to 31 (smallest).
 * *bytes to be freed. 0, or -1 and a sentence in err (LIMNER_IO_ERROR_SIZE bytes). Any thread. */
int limner_io_jpeg_encode(void **bytes, size_t *len_bytes, const uint8_t *rgb, ptrdiff_t stride,
                          uint32_t width_px, uint32_t height_px, int scale, char *err);

#endif
