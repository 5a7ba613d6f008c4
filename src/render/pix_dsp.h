/* SPDX-License-Identifier: Apache-2.0 */
/* Inner loops of the renderer, one table per instruction set. All of them give the same bits:
 * integers anyway, floats by the same operations in the same order. */
#ifndef LIMNER_RENDER_PIX_DSP_H
#define LIMNER_RENDER_PIX_DSP_H

#include <stdbool.h>

#include "render/texture.h"

/* A number that the raster writes: place of the triangle's plane, and its kind above. */
enum { LIMNER_KIND_SHIFT = 28, LIMNER_INDEX_MASK = (1 << LIMNER_KIND_SHIFT) - 1 };

/* A triangle ready to draw; it need not hold any pixel's centre. Edge values are >= 0 inside; at
 * (0, 0) modulo 2^32. */
typedef struct limner_tri {
    int16_t left, right, top, low;      /* first and last pixels whose centre may be inside */
    int32_t edge[3], across[3], down[3];        /* values at (0, 0), steps per px */
    float z, zx, zy;                    /* depth at (0, 0), steps per px */
} limner_tri;

/* Rows y0 <= y < y1 of a buffer of n_columns samples; z and id hold rows y0.. only. */
typedef struct limner_raster_band {
    float *z;                           /* [y1 - y0][n_columns]; over-read by 16 */
    int32_t *id;                        /* [y1 - y0][n_columns]; -1: nothing */
    int32_t n_columns, y0, y1;
    int32_t from, to;                   /* columns that are drawn */
    int32_t per_px;                     /* samples a pixel, across and down: 1 or 2 */
    const int16_t *hidden;              /* [n_columns] NULL: none; else what is drawn from column x
                                         * to column hidden[x] cannot be seen (one sample a px) */
    const struct limner_pix_dsp *dsp;
} limner_raster_band;

/* What is special about a pixel. */
enum {
    LIMNER_MARK_EDGE = 1,               /* several surfaces: four samples */
    LIMNER_MARK_NOTHING = 2,
    LIMNER_MARK_OTHER = 4               /* not simply skin */
};

/* Three attributes, linear over the canvas: a + (px - x) * ax + (py - y) * ay. */
typedef struct limner_plane {
    float x, y;
    float a[3], ax[3], ay[3];
} limner_plane;

/* A vertex, snapped. */
typedef struct limner_vertex {
    int32_t at[2];                      /* 1/LIMNER_RASTER_SUB px; INT32_MIN: not to be drawn */
    float x, y;
    float value[4];                     /* three attributes and depth */
} limner_vertex;

/* A row of pixels by what they show. */
typedef struct limner_places {
    float *u, *v, *light;               /* [w] where in the photo, how lit */
} limner_places;

/* The core's soft border: where it fades into the sheet. */
typedef struct limner_border {
    int kind;                           /* of the core's triangles that reach into it */
    const uint8_t *feather;             /* [h][w] and LIMNER_FEATHER_PAD: the core's share */
    int32_t w, h;
    int32_t far_from;                   /* rows of `feather` from which on the far side lies, ... */
    float far_opacity;                  /* ... of which this much shows */
    float apart_px;                     /* places of one pixel further apart are an edge */
} limner_border;

enum { LIMNER_FEATHER_PAD = 4 };        /* bytes that may be read behind it */

typedef struct limner_pix_dsp {
    const char *name;
    /* rgba[i] = the texture at (u[i], v[i]), bicubic (cubic_table.c, 256 phases, exact at pixel
     * centres), colour lit by light[i] (the texture's tint), rounded and clamped; alpha as it
     * is. */
    void (*sample)(const limner_texture *t, int32_t n, const float *u, const float *v,
                   const float *light, uint8_t *rgba);
    /* One sample, neither lit nor rounded: rgba 0..255, a little beyond at sharp edges. */
    void (*sample_exact)(const limner_texture *t, float u, float v, float rgba[4]);
    /* Sets up the triangle of three vertices, none INT32_MIN: place, depth and attributes. false:
     * turned away, empty or too large (t and p may be written all the same). */
    bool (*set_up)(limner_tri *t, limner_plane *p, const limner_vertex *a, const limner_vertex *b,
                   const limner_vertex *c);
    /* Draws t as `number` where it is nearer than what is there (raster.h). */
    void (*triangle)(const limner_raster_band *b, const limner_tri *t, int32_t number);
    /* Draws t[0] and t[1], which have no sample in common, as number[0] and number[1]. */
    void (*pair)(const limner_raster_band *b, const limner_tri t[2], const int32_t number[2]);
    /* out[i] = the three attributes of plane[id[i]] (kinds ignored) at (x + i, y); NaN where id[i]
     * < 0. Arrays may be over-read and overwritten by 16. */
    void (*places)(const limner_plane *plane, const int32_t *id, int32_t n, float x, float y,
                   const limner_places *out);
    /* to[i] |= from[i] */
    void (*add_marks)(uint8_t *to, const uint8_t *from, int32_t n);
    /* seen[i] |= core[i] is < 0 or of the kind `edge`: what lies under it may be seen. */
    void (*add_seen)(uint8_t *seen, const int32_t *core, int edge, int32_t n);
    /* number[i] = core[i], or sheet[i] where that is < 0; mark[i] = LIMNER_MARK_OTHER where core[i]
     * has a kind above 0, LIMNER_MARK_NOTHING where both are < 0, else 0. */
    void (*merge)(const int32_t *core, const int32_t *sheet, int32_t n, int32_t *number,
                  uint8_t *mark);
    /* Where core[i] is of the border's kind: row's place i, where there it is not all core, moves
     * towards `under`'s by the sheet's share, if that is (not NaN and) not apart; mark[i] = 0, or
     * what tells that place i alone is not enough: LIMNER_MARK_OTHER on the far side, else
     * LIMNER_MARK_EDGE. Arrays [n] may be over-read by 16. */
    void (*join)(const limner_border *b, const int32_t *core, const limner_places *under,
                 int32_t n, const limner_places *row, uint8_t *mark);
    /* flag[i] |= a's place i differs from b's by `apart` or more (NaN: no). a, b: [n] */
    void (*jumps)(const float *au, const float *av, const float *bu, const float *bv, int32_t n,
                  float apart, uint8_t *flag);
    /* Lays straight rgba [n] over opaque back [n], in place; alpha becomes 255. */
    void (*compose)(uint8_t *rgba, const uint8_t *back, int32_t n);
    /* RGBA to BT.709, limited range: luma of one row, chroma [n / 2] of two rows (colour.h). */
    void (*luma)(uint8_t *out, const uint8_t *rgba, int32_t n);
    void (*chroma)(uint8_t *u, uint8_t *v, const uint8_t *top, const uint8_t *low, int32_t n);
} limner_pix_dsp;

/* ITU-R BT.709 scaled to limited range (219 / 255 for luma, 224 / 255 for chroma) times 2^15,
 * rounded so that grey stays grey; chroma's sums are of four pixels. */
enum {
    LIMNER_Y_R = 5983, LIMNER_Y_G = 20127, LIMNER_Y_B = 2032,
    LIMNER_U_R = -3298, LIMNER_U_G = -11094, LIMNER_U_B = 14392,
    LIMNER_V_R = 14392, LIMNER_V_G = -13073, LIMNER_V_B = -1319,
    LIMNER_Y_SHIFT = 15, LIMNER_Y_BIAS = (16 << 15) + (1 << 14),
    LIMNER_UV_SHIFT = 17, LIMNER_UV_BIAS = (128 << 17) + (1 << 16)
};

/* The best table for these CPU flags; 0: plain C. Static storage. */
const limner_pix_dsp *limner_pix_dsp_get(uint32_t cpu_flags);

/* Weights of 256 phases (cubic_table.c), sum 1 << LIMNER_CUBIC_BITS each. */
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
