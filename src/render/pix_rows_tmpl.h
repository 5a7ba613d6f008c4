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

static void ROWS_JOIN(merge, SUFFIX)(const int32_t *restrict core, const int32_t *restrict sheet,
                                     int32_t n, int32_t *restrict number, uint8_t *restrict mark)
{
    for (int32_t i = 0; i < n; i++)
        number[i] = core[i] < 0 ? sheet[i] : core[i];
    for (int32_t i = 0; i < n; i++)
        mark[i] = (uint8_t)((number[i] < 0 ? LIMNER_MARK_NOTHING : 0) |
                            (core[i] >> LIMNER_KIND_SHIFT > 0 ? LIMNER_MARK_OTHER : 0));
}

static void ROWS_JOIN(add_marks, SUFFIX)(uint8_t *restrict to, const uint8_t *restrict from,
                                         int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        to[i] |= from[i];
}

static void ROWS_JOIN(add_seen, SUFFIX)(uint8_t *restrict seen, const int32_t *restrict core,
                                        int edge, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        seen[i] |= (uint8_t)((core[i] < 0) | (core[i] >> LIMNER_KIND_SHIFT == edge));
}

#undef ROWS_JOIN
#undef ROWS_JOIN2
