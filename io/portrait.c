/* SPDX-License-Identifier: Apache-2.0 */
/* See portrait.h. */
#include "io/portrait.h"

#include <string.h>
#include <strings.h>

enum { DEFAULT_SIZE_PX = 512 };

bool limner_io_is_portrait(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot && strcasecmp(dot, ".portrait") == 0;
}

/* Even, from 64 on, as the library wants it. */
static uint32_t even(uint32_t n)
{
    return n < 64 ? 64 : n & ~1u;
}

/* The shorter side to the nearest even number, kept in the library's range. */
static uint32_t scaled(uint32_t longer, uint32_t a, uint32_t b)
{
    const uint32_t n = (uint32_t)((double)longer * a / b / 2 + 0.5) * 2;

    return n < 64 ? 64 : n;
}

void limner_io_frame_size(const limner_portrait *p, limner_framing framing, uint32_t asked_px,
                          uint32_t *width_px, uint32_t *height_px)
{
    const uint32_t asked = asked_px & ~1u;
    uint32_t w = 1, h = 1, longer, size;

    *width_px = *height_px = asked ? asked : DEFAULT_SIZE_PX;
    if (framing != LIMNER_FRAMING_FULL)
        return;
    limner_portrait_geometry(p, NULL, NULL, &w, &h);
    longer = even(w > h ? w : h);
    size = asked ? asked : longer < LIMNER_MAX_FULL_PX ? longer : LIMNER_MAX_FULL_PX;
    *width_px = size == longer ? even(w) : w < h ? scaled(size, w, h) : size;
    *height_px = size == longer ? even(h) : h < w ? scaled(size, h, w) : size;
}
