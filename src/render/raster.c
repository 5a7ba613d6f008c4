/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up of single triangles, clearing (raster.h; the inner loop is in pix_dsp.c). */
#include "render/raster.h"

#include <string.h>

#include "render/raster_setup.h"

bool limner_tri_setup(limner_tri *t, const float x[3], const float y[3], const float z[3])
{
    const float unit = 1.0f / LIMNER_RASTER_SUB;
    int32_t at[3][2];
    float inv, ax, ay, bx, by, az, bz;

    for (int k = 0; k < 3; k++) {
        if (!limner_raster_snap(x[k], y[k], z[k], at[k]))
            return false;
    }
    if (!limner_tri_place(t, at[0], at[1], at[2]))
        return false;
    ax = (float)(at[1][0] - at[0][0]) * unit;
    ay = (float)(at[1][1] - at[0][1]) * unit;
    bx = (float)(at[2][0] - at[0][0]) * unit;
    by = (float)(at[2][1] - at[0][1]) * unit;
    inv = 1 / (ax * by - ay * bx);
    az = z[1] - z[0];
    bz = z[2] - z[0];
    t->zx = (az * by - bz * ay) * inv;
    t->zy = (bz * ax - az * bx) * inv;
    t->z = z[0] - t->zx * (float)at[0][0] * unit - t->zy * (float)at[0][1] * unit;
    return true;
}

void limner_raster_clear(const limner_raster_band *b)
{
    for (int32_t y = 0; b->from < b->to && y < b->y1 - b->y0; y++) {
        float *z = b->z + (ptrdiff_t)y * b->n_columns;

        for (int32_t x = b->from; x < b->to; x++)
            z[x] = LIMNER_RASTER_FAR;
        memset(b->id + (ptrdiff_t)y * b->n_columns + b->from, 0xff,
               (size_t)(b->to - b->from) * sizeof(*b->id));
    }
}
