/* SPDX-License-Identifier: Apache-2.0 */
/* What a JPEG or PNG file says of itself before it is decoded: its size, and whether its end is
 * there (FFmpeg fills the missing rest with grey without a word); and whether a file is HEIC, which
 * FFmpeg does not read or reads a tile of, or an animated WebP, which it calls damaged. Other
 * formats: all 0. */
#ifndef LIMNER_IO_IMAGE_HEADER_H
#define LIMNER_IO_IMAGE_HEADER_H

#include <stdbool.h>

#include "io/source.h"

typedef struct limner_io_image_header {
    uint32_t width_px, height_px; /* 0: not known */
    bool is_cut_short, is_heic, is_animated_webp;
} limner_io_image_header;

void limner_io_image_header_read(limner_io_image_header *out, const limner_io_source *source);
/* 0; -1 and a sentence where the file is of a kind that cannot be read. */
int limner_io_image_header_check(const limner_io_image_header *header, const char *name,
                                 char *err);

#endif
