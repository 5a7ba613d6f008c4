/* SPDX-License-Identifier: Apache-2.0 */
/* The smooth step all over the renderer: 0 up to a, 1 from b on, level at both ends. */
#ifndef LIMNER_RENDER_SMOOTH_H
#define LIMNER_RENDER_SMOOTH_H

static inline float limner_smooth(float a, float b, float v)
{
    float t = (v - a) / (b - a);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

#endif
