/* SPDX-License-Identifier: Apache-2.0 */
/* Inner loops of the renderer, one table per instruction set; integers match bit for bit, depths
 * are computed by the same operations in the same order. */
#ifndef LIMNER_RENDER_PIX_DSP_H
#define LIMNER_RENDER_PIX_DSP_H

#include "render/texture.h"

/* The box of samples under a triangle. Samples with all three edge values >= 0 are inside. */
typedef struct limner_patch {
    float *z;                           /* of the first sample; may be over-read by 8 */
    int32_t *id;                        /* likewise */
    ptrdiff_t stride;                   /* samples from row to row, of both */
    int32_t n, n_rows, x, y, number;    /* x, y of the first sample; number is written to id */
    int32_t edge[3], right[3], down[3]; /* edge values at the first sample, steps */
    float depth, zx, zy;                /* depth at (0, 0), steps */
} limner_patch;

typedef struct limner_pix_dsp {
    const char *name;
    /* rgba[i] = the texture at (u[i], v[i]), bicubic (cubic_table.c, 256 phases, exact at pixel
     * centres), colour times light[i], rounded and clamped; alpha as it is. */
    void (*sample)(const limner_texture *t, int32_t n, const float *u, const float *v,
                   const float *light, uint8_t *rgba);
    /* Draws the triangle where it is nearer than what is there. */
    void (*patch)(const limner_patch *p);
} limner_pix_dsp;

/* The best table for these CPU flags; 0: plain C. Static storage. */
const limner_pix_dsp *limner_pix_dsp_get(uint32_t cpu_flags);

/* Weights of 256 phases (cubic_table.c), sum LIMNER_CUBIC_ONE each. */
enum { LIMNER_CUBIC_PHASES = 256, LIMNER_CUBIC_BITS = 14, LIMNER_LIGHT_BITS = 12 };
extern const int16_t (*const limner_cubic)[4];

/* Where a sample's footprint begins (its pixel -1, -1) and its phases. */
static inline const uint8_t *limner_footprint(const limner_texture *t, float u, float v,
                                              int32_t phase[2])
{
    const float w = (float)t->w, h = (float)t->h;
    const float x = (u > 0 ? u < w ? u : w : 0) + (LIMNER_TEXTURE_PAD - 0.5f);
    const float y = (v > 0 ? v < h ? v : h : 0) + (LIMNER_TEXTURE_PAD - 0.5f);
    const int32_t fx = (int32_t)(x * LIMNER_CUBIC_PHASES + 0.5f);
    const int32_t fy = (int32_t)(y * LIMNER_CUBIC_PHASES + 0.5f);

    phase[0] = fx & (LIMNER_CUBIC_PHASES - 1);
    phase[1] = fy & (LIMNER_CUBIC_PHASES - 1);
    return t->bytes + ((fy >> 8) - 1) * t->stride + (ptrdiff_t)4 * ((fx >> 8) - 1);
}

#endif
