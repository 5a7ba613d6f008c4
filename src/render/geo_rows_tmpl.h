/* SPDX-License-Identifier: Apache-2.0 */
/* Loops of geo_dsp.h that the compiler turns into vectors by itself; included once per instruction
 * set, with SUFFIX and TABLE (the table's name) defined. No guard: that is the point. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "face/skin_light.h"
#include "render/geo_dsp.h"

#define GEO_BLOCK 256u

#define GEO_JOIN2(a, b) a##_##b
#define GEO_JOIN(a, b) GEO_JOIN2(a, b)

static void GEO_JOIN(project, SUFFIX)(uint32_t n, const float m[4], limner_const_axes in,
                                      const float *restrict more, float *restrict out)
{
    const float *restrict x = in.x, *restrict y = in.y, *restrict z = in.z;
    const float a = m[0], b = m[1], c = m[2], d = m[3];

    for (uint32_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i] + c * z[i] + d;
    for (uint32_t i = 0; more && i < n; i++)
        out[i] += more[i];
}

static void GEO_JOIN(move, SUFFIX)(uint32_t n, const limner_rigid *rigid, limner_const_axes in,
                                   const float *free, limner_axes out)
{
    const limner_rigid r = *rigid;
    float x[GEO_BLOCK], y[GEO_BLOCK], z[GEO_BLOCK];     /* overlap nothing: no need to check */

    for (uint32_t i = 0; i < n; i += GEO_BLOCK) {
        const uint32_t part = n - i < GEO_BLOCK ? n - i : GEO_BLOCK;

        for (uint32_t k = 0; k < part; k++)
            limner_rigid_move(&r, in.x[i + k], in.y[i + k], in.z[i + k], free[i + k], &x[k], &y[k],
                              &z[k]);
        memcpy(out.x + i, x, part * sizeof(float));
        memcpy(out.y + i, y, part * sizeof(float));
        memcpy(out.z + i, z, part * sizeof(float));
    }
}

static void GEO_JOIN(unit, SUFFIX)(uint32_t n, limner_axes v)
{
    float *restrict x = v.x, *restrict y = v.y, *restrict z = v.z;

    for (uint32_t i = 0; i < n; i++) {
        const float inverse = 1 / sqrtf(x[i] * x[i] + y[i] * y[i] + z[i] * z[i] + 1e-12f);

        x[i] *= inverse;
        y[i] *= inverse;
        z[i] *= inverse;
    }
}

static void GEO_JOIN(relight, SUFFIX)(uint32_t n, const float harmonics[9], limner_const_axes in,
                                      const float *restrict photo, const float *restrict strength,
                                      float *restrict out)
{
    const float *restrict x = in.x, *restrict y = in.y, *restrict z = in.z;
    float l[9];

    for (int k = 0; k < 9; k++)
        l[k] = harmonics[k];
    for (uint32_t i = 0; i < n; i++) {
        const float lit = limner_light_on(l, x[i], y[i], z[i]);
        const float now = lit > 0 ? lit : 0;
        float ratio = (now + LIMNER_LIGHT_AMBIENT) / (photo[i] + LIMNER_LIGHT_AMBIENT);

        ratio = ratio < LIMNER_LIGHT_LEAST_RATIO ? LIMNER_LIGHT_LEAST_RATIO : ratio;
        ratio = ratio > LIMNER_LIGHT_MOST_RATIO ? LIMNER_LIGHT_MOST_RATIO : ratio;
        out[i] = 1 + strength[i] * (ratio - 1);
    }
}

static void GEO_JOIN(shine, SUFFIX)(uint32_t n, const float half[3], float alpha2,
                                    limner_const_axes in, const float *restrict gain,
                                    const float *restrict own, float *restrict light)
{
    const float *restrict x = in.x, *restrict y = in.y, *restrict z = in.z;
    const float h[3] = {half[0], half[1], half[2]};

    for (uint32_t i = 0; i < n; i++)
        light[i] += gain[i] * (limner_lobe_at(h, alpha2, x[i], y[i], z[i]) - own[i]);
}

const limner_geo_dsp TABLE = {
    .project = GEO_JOIN(project, SUFFIX), .move = GEO_JOIN(move, SUFFIX),
    .unit = GEO_JOIN(unit, SUFFIX), .relight = GEO_JOIN(relight, SUFFIX),
    .shine = GEO_JOIN(shine, SUFFIX)
};

#undef GEO_JOIN
#undef GEO_JOIN2
