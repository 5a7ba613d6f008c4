/* SPDX-License-Identifier: Apache-2.0 */
/* Rows to planes (colour.h); the arithmetic is pix_dsp.h's. */
#include "render/colour.h"

#include <string.h>

#include "core/cpu.h"
#include "render/pix_dsp.h"

enum { PART = 256 };                    /* chroma samples at a time, on the way to NV12 */

/* One row of chroma as pairs. */
static void chroma_pairs(const limner_pix_dsp *dsp, uint8_t *out, const uint8_t *top,
                         const uint8_t *low, uint32_t n)
{
    uint8_t u[PART], v[PART];

    for (uint32_t x = 0; x < n; x += 2 * PART) {
        const uint32_t part = n - x < 2 * PART ? n - x : 2 * PART;

        dsp->chroma(u, v, top + 4 * (size_t)x, low + 4 * (size_t)x, (int32_t)part);
        for (uint32_t i = 0; i < part / 2; i++) {
            out[x + 2 * i] = u[i];
            out[x + 2 * i + 1] = v[i];
        }
    }
}

void limner_colour_write(const limner_render_target *target, uint32_t x, uint32_t y,
                         const uint8_t *rgba, ptrdiff_t stride, uint32_t n_columns, uint32_t n_rows)
{
    const limner_pix_dsp *dsp = limner_pix_dsp_get(limner_cpu_flags());

    for (uint32_t j = 0; j < n_rows; j++) {
        const uint8_t *row = rgba + (ptrdiff_t)j * stride;
        uint8_t *out = target->plane[0] + (ptrdiff_t)(y + j) * target->stride[0];

        if (target->pixel == LIMNER_PIXEL_RGBA)
            memcpy(out + 4 * (size_t)x, row, 4 * (size_t)n_columns);
        else
            dsp->luma(out + x, row, (int32_t)n_columns);
    }
    if (target->pixel == LIMNER_PIXEL_RGBA)
        return;
    for (uint32_t j = 0; j + 1 < n_rows; j += 2) {
        const uint8_t *row = rgba + (ptrdiff_t)j * stride;
        const ptrdiff_t at = (ptrdiff_t)((y + j) / 2);
        uint8_t *u = target->plane[1] + at * target->stride[1];

        if (target->pixel == LIMNER_PIXEL_NV12)
            chroma_pairs(dsp, u + x, row, row + stride, n_columns);
        else
            dsp->chroma(u + x / 2, target->plane[2] + at * target->stride[2] + x / 2, row,
                        row + stride, (int32_t)n_columns);
    }
}
