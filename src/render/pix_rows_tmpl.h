/* SPDX-License-Identifier: Apache-2.0 */
/* Loops of pix_dsp.h that the compiler turns into vectors by itself; included once per instruction
 * set, with SUFFIX defined. No guard: that is the point. */
#include <math.h>

#define ROWS_JOIN2(a, b) a##_##b
#define ROWS_JOIN(a, b) ROWS_JOIN2(a, b)

static void ROWS_JOIN(jumps, SUFFIX)(const float *restrict au, const float *restrict av,
                                     const float *restrict bu, const float *restrict bv, int32_t n,
                                     float apart, uint8_t *restrict flag)
{
    for (int32_t i = 0; i < n; i++)
        flag[i] |= (uint8_t)((fabsf(au[i] - bu[i]) >= apart) | (fabsf(av[i] - bv[i]) >= apart));
}

#undef ROWS_JOIN
#undef ROWS_JOIN2
