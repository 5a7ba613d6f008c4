/* SPDX-License-Identifier: Apache-2.0 */
/* Loops over a frame's vertices, one table per instruction set; the compiler makes the vectors
 * (geo_rows_tmpl.h). All of them give the same bits: the same operations in the same order. Arrays
 * are [n] and do not overlap unless they are the same one. */
#ifndef LIMNER_RENDER_GEO_DSP_H
#define LIMNER_RENDER_GEO_DSP_H

#include <stdint.h>

/* A turn about `pivot`, a shift and a zoom about `centre`, for points of one weight. */
typedef struct limner_rigid {
    float turn[9], pivot[3], centre[2];
    float right, down;                  /* px */
    float sway, breath;                 /* px, added to those */
    float zoom;                         /* 0: none */
} limner_rigid;

/* Three arrays. */
typedef struct limner_axes {
    float *x, *y, *z;
} limner_axes;

typedef struct limner_const_axes {
    const float *x, *y, *z;
} limner_const_axes;

typedef struct limner_geo_dsp {
    /* out[i] = m[0] x + m[1] y + m[2] z + m[3] + more[i]; more NULL: none. */
    void (*project)(uint32_t n, const float m[4], limner_const_axes in, const float *more,
                    float *out);
    /* free[i]: share of the move that is made. */
    void (*move)(uint32_t n, const limner_rigid *r, limner_const_axes in, const float *free,
                 limner_axes out);
    /* To length 1; vectors of length 0 stay about 0. */
    void (*unit)(uint32_t n, limner_axes v);
    /* out[i] = 1 + strength[i] * (light now over light in the photo - 1), within limits. harmonics
     * [9] of the light; in: unit normals; photo: light there. */
    void (*relight)(uint32_t n, const float harmonics[9], limner_const_axes in, const float *photo,
                    const float *strength, float *out);
    /* light[i] += gain[i] * (lobe about `half` at normal i - own[i]). */
    void (*shine)(uint32_t n, const float half[3], float alpha2, limner_const_axes in,
                  const float *gain, const float *own, float *light);
} limner_geo_dsp;

/* The best table for these CPU flags; 0: plain C. Static storage. */
const limner_geo_dsp *limner_geo_dsp_get(uint32_t cpu_flags);

/* A point's move, of which it makes the share `free`. */
static inline void limner_rigid_move(const limner_rigid *r, float px, float py, float pz,
                                     float free, float *out_x, float *out_y, float *out_z)
{
    const float x = px - r->pivot[0], y = r->pivot[1] - py, z = pz - r->pivot[2];
    const float dx = (r->turn[0] - 1) * x + r->turn[1] * y + r->turn[2] * z + r->right + r->sway;
    const float dy = -(r->turn[3] * x + (r->turn[4] - 1) * y + r->turn[5] * z) + r->down +
                     r->breath;
    const float dz = r->turn[6] * x + r->turn[7] * y + (r->turn[8] - 1) * z;

    *out_x = px + free * (dx + r->zoom * (px + dx - r->centre[0]));
    *out_y = py + free * (dy + r->zoom * (py + dy - r->centre[1]));
    *out_z = pz + free * (dz + r->zoom * (pz + dz));
}

/* A highlight's lobe about `half`, 1 at its top; alpha2: its roughness, squared. */
static inline float limner_lobe_at(const float half[3], float alpha2, float x, float y, float z)
{
    const float c = half[0] * x + half[1] * y + half[2] * z, facing = c > 0 ? c : 0;
    const float t = alpha2 / (1 - (1 - alpha2) * facing * facing);

    return t * t;
}

#endif
