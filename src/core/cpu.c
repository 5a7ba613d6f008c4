/* SPDX-License-Identifier: Apache-2.0 */
/* CPU detection. The only global state of the library besides the allocator's counters: flags found
 * once, and the tests' mask. */
#include "core/cpu.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t found;
static _Atomic uint32_t cpu_mask = ~0u;         /* relaxed: set before other threads start */

static void detect(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("sse4.1"))
        found |= LIMNER_CPU_SSE41;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        found |= LIMNER_CPU_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        found |= LIMNER_CPU_AVX512;
#elif defined(__aarch64__)
    found |= LIMNER_CPU_NEON;
#endif
}

uint32_t limner_cpu_flags(void)
{
    pthread_once(&once, detect);
    return found & atomic_load_explicit(&cpu_mask, memory_order_relaxed);
}

void limner_cpu_set_mask(uint32_t mask)
{
    atomic_store_explicit(&cpu_mask, mask, memory_order_relaxed);
}

uint32_t limner_cpu_count(void)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1u : n > 64 ? 64u : (uint32_t)n;
}
