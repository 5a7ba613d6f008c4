/* SPDX-License-Identifier: Apache-2.0 */
/* The plain C loops of geo_dsp.h (64-bit ARM: in NEON by the compiler), and the choice of a
 * table. */
#include "render/geo_dsp.h"

#include "core/cpu.h"
#if defined(LIMNER_HAVE_SIMD) && defined(__x86_64__)
#include "x86/geo_x86.h"
#endif

#define SUFFIX c
#define TABLE limner_geo_dsp_c
extern const limner_geo_dsp TABLE;
#include "render/geo_rows_tmpl.h"

const limner_geo_dsp *limner_geo_dsp_get(uint32_t cpu_flags)
{
#if defined(LIMNER_HAVE_SIMD) && defined(__x86_64__)
    if (cpu_flags & LIMNER_CPU_AVX512)
        return &limner_geo_dsp_avx512;
    if (cpu_flags & LIMNER_CPU_AVX2)
        return &limner_geo_dsp_avx2;
#endif
    (void)cpu_flags;
    return &limner_geo_dsp_c;
}
