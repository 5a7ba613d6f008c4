/* SPDX-License-Identifier: Apache-2.0 */
/* The light on a face: second-order spherical harmonics of what a normal receives (Ramamoorthi and
 * Hanrahan 2001, "An Efficient Representation for Irradiance Environment Maps"; their order and
 * constants). Normals: unit, camera axes, x right in the image, y up, z to the camera. */
#ifndef LIMNER_FACE_SKIN_LIGHT_H
#define LIMNER_FACE_SKIN_LIGHT_H

enum { LIMNER_LIGHT_N = 9, LIMNER_LIGHT_LEAST_POINTS = 60 };

/* Added to both sides of a ratio of lights: calms dark places. */
#define LIMNER_LIGHT_AMBIENT 0.25f
/* Shares of skin's and lips' brightness that go with the ratio. */
#define LIMNER_LIGHT_SKIN_SHARE 0.95f
#define LIMNER_LIGHT_LIP_SHARE 0.5f
/* The ratio's least and most: bright skin must not burn out. */
#define LIMNER_LIGHT_LEAST_RATIO 0.65f
#define LIMNER_LIGHT_MOST_RATIO 1.2f

/* A place of the skin. */
typedef struct limner_lit_point {
    float normal[3];
    float value;                        /* luminance, 0..1; out: over the median */
    float weight;                       /* out: how far it was believed, 0..1 */
} limner_lit_point;

/* The light from n points by least squares, albedo taken as even, its mean over the points 1. With
 * fewer than LIMNER_LIGHT_LEAST_POINTS it is plain frontal light. */
void limner_skin_light_fit(float light[LIMNER_LIGHT_N], limner_lit_point *point, int n);

/* Light on a normal. */
static inline float limner_light_on(const float l[LIMNER_LIGHT_N], float x, float y, float z)
{
    return 0.282095f * l[0] + 0.488603f * (l[1] * y + l[2] * z + l[3] * x) +
           1.092548f * (l[4] * x * y + l[5] * y * z + l[7] * x * z) +
           0.315392f * l[6] * (3 * z * z - 1) + 0.546274f * l[8] * (x * x - y * y);
}

/* What it changes by as the normal n does: its gradient in x, y and z. */
static inline void limner_light_slope(float out[3], const float l[LIMNER_LIGHT_N],
                                      const float n[3])
{
    out[0] = 0.488603f * l[3] + 1.092548f * (l[4] * n[1] + l[7] * n[2]) +
             2 * 0.546274f * l[8] * n[0];
    out[1] = 0.488603f * l[1] + 1.092548f * (l[4] * n[0] + l[5] * n[2]) -
             2 * 0.546274f * l[8] * n[1];
    out[2] = 0.488603f * l[2] + 1.092548f * (l[5] * n[1] + l[7] * n[0]) +
             6 * 0.315392f * l[6] * n[2];
}

#endif
