/* SPDX-License-Identifier: Apache-2.0 */
/* CPU features, detected once; a mask lets tests choose any path on one machine. */
#ifndef LIMNER_CORE_CPU_H
#define LIMNER_CORE_CPU_H

#include <stdint.h>

enum {
    LIMNER_CPU_SSE41 = 1 << 0,
    LIMNER_CPU_AVX2 = 1 << 1,           /* with FMA3 and F16C */
    LIMNER_CPU_AVX512 = 1 << 2,         /* F, BW, DQ, VL; the OS saves the state */
    LIMNER_CPU_NEON = 1 << 8
};

/* Features of this machine, and-ed with the mask. */
uint32_t limner_cpu_flags(void);
/* Set before opening models and sessions; ~0u: everything (the default). */
void limner_cpu_set_mask(uint32_t mask);
/* Cores this process may use, at least 1. */
uint32_t limner_cpu_count(void);

#endif
