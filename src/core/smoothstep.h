/* SPDX-License-Identifier: Apache-2.0 */
/* The smooth step used everywhere: 0 up to `from`, 1 from `to` on, level at both ends. */
#ifndef LIMNER_CORE_SMOOTHSTEP_H
#define LIMNER_CORE_SMOOTHSTEP_H

static inline float limner_smoothstep(float x, float from, float to)
{
    float t = (x - from) / (to - from);

    t = t > 0 ? t < 1 ? t : 1 : 0;      /* NaN: 0 */
    return t * t * (3 - 2 * t);
}

#endif
