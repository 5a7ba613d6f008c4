/* SPDX-License-Identifier: Apache-2.0 */
/* Integer colour conversion. Coefficients are ITU-R BT.709 scaled to limited range (219 / 255 for
 * luma, 224 / 255 for chroma) times 2^15, rounded so that grey stays grey. */
#include "render/colour.h"

#include <stdbool.h>
#include <string.h>

enum {
    Y_R = 5983, Y_G = 20127, Y_B = 2032,
    U_R = -3298, U_G = -11094, U_B = 14392,
    V_R = 14392, V_G = -13073, V_B = -1319
};

static void luma_row(uint8_t *restrict out, const uint8_t *restrict rgba, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const int32_t r = rgba[4 * i], g = rgba[4 * i + 1], b = rgba[4 * i + 2];

        out[i] = (uint8_t)((Y_R * r + Y_G * g + Y_B * b + (16 << 15) + (1 << 14)) >> 15);
    }
}

/* One row of chroma from two rows of pixels; the sums carry a factor of 4. */
static void chroma_row(uint8_t *u, uint8_t *v, ptrdiff_t step, const uint8_t *restrict top,
                       const uint8_t *restrict low, uint32_t n)
{
    const int32_t bias = (128 << 17) + (1 << 16);

    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *a = top + 8 * (size_t)i, *b = low + 8 * (size_t)i;
        const int32_t r = a[0] + a[4] + b[0] + b[4];
        const int32_t g = a[1] + a[5] + b[1] + b[5];
        const int32_t l = a[2] + a[6] + b[2] + b[6];

        u[i * step] = (uint8_t)((U_R * r + U_G * g + U_B * l + bias) >> 17);
        v[i * step] = (uint8_t)((V_R * r + V_G * g + V_B * l + bias) >> 17);
    }
}

void limner_colour_write(const limner_render_target *target, uint32_t x, uint32_t y,
                         const uint8_t *rgba, ptrdiff_t stride, uint32_t n_columns, uint32_t n_rows)
{
    const bool is_nv12 = target->pixel == LIMNER_PIXEL_NV12;
    const ptrdiff_t step = is_nv12 ? 2 : 1;

    for (uint32_t j = 0; j < n_rows; j++) {
        const uint8_t *row = rgba + (ptrdiff_t)j * stride;
        uint8_t *out = target->plane[0] + (ptrdiff_t)(y + j) * target->stride[0];

        if (target->pixel == LIMNER_PIXEL_RGBA)
            memcpy(out + 4 * (size_t)x, row, 4 * (size_t)n_columns);
        else
            luma_row(out + x, row, n_columns);
    }
    if (target->pixel == LIMNER_PIXEL_RGBA)
        return;
    for (uint32_t j = 0; j + 1 < n_rows; j += 2) {
        const uint8_t *row = rgba + (ptrdiff_t)j * stride;
        const ptrdiff_t at = (ptrdiff_t)((y + j) / 2);
        uint8_t *u = target->plane[1] + at * target->stride[1] + (ptrdiff_t)(x / 2) * step;
        uint8_t *v = is_nv12 ? u + 1
                             : target->plane[2] + at * target->stride[2] + (ptrdiff_t)(x / 2);

        chroma_row(u, v, step, row, row + stride, n_columns / 2);
    }
}
