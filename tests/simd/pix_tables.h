/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the renderer's kernel tables are compared with plain C, limner_pix_dsp_get(0). */
#ifndef LIMNER_TESTS_PIX_TABLES_H
#define LIMNER_TESTS_PIX_TABLES_H

#include "core/cpu.h"
#include "render/pix_dsp.h"

/* The tables of this machine: each adds a flag to the one before. */
enum { N_TABLES = 2 };

static inline const limner_pix_dsp *table(int i)
{
    const uint32_t mask[N_TABLES] = {LIMNER_CPU_SSE41 | LIMNER_CPU_AVX2, ~0u};

    return limner_pix_dsp_get(limner_cpu_flags() & mask[i]);
}

#endif
