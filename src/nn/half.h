/* SPDX-License-Identifier: Apache-2.0 */
/* IEEE 754 half precision, as stored in weight files. */
#ifndef LIMNER_NN_HALF_H
#define LIMNER_NN_HALF_H

#include <stdint.h>
#include <string.h>

/* Exact. */
static inline float limner_half_to_float(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
    const uint32_t exponent = h >> 10 & 31, fraction = h & 1023;
    uint32_t bits = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
    float f;

    if (exponent == 0) {        /* zero and subnormals: fraction * 2^-24 */
        f = (float)fraction * (1.0f / 16777216.0f);
        return sign ? -f : f;
    }
    memcpy(&f, &bits, sizeof(f));
    return f;
}

#endif
