/* SPDX-License-Identifier: Apache-2.0 */
/* malloc with 64-byte alignment and padding, a count and a failure switch (see mem.h). The
 * pointer malloc gave is kept in the word before the block. Counters are relaxed atomics: they
 * order nothing and are read by tests only. */
#include "core/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "limner/limner.h"

enum { ALIGN_BYTES = 64, PAD_BYTES = 64 };

static atomic_size_t n_live;
static atomic_size_t n_allocs;
static atomic_size_t fail_at;           /* n_allocs from which allocations fail; 0: never */

bool limner_size_mul(size_t a, size_t b, size_t *out)
{
    if (b && a > SIZE_MAX / b)
        return false;
    *out = a * b;
    return true;
}

bool limner_size_add(size_t a, size_t b, size_t *out)
{
    if (a > SIZE_MAX - b)
        return false;
    *out = a + b;
    return true;
}

void *limner_alloc(size_t n, size_t size_bytes)
{
    size_t len, fail;
    uintptr_t at;
    char *raw, *p;

    if (!limner_size_mul(n, size_bytes, &len) || len > LIMNER_MEM_MAX)
        return NULL;
    fail = atomic_load_explicit(&fail_at, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&n_allocs, 1, memory_order_relaxed) + 1 >= fail && fail)
        return NULL;
    raw = malloc(len + ALIGN_BYTES + PAD_BYTES + sizeof(void *));
    if (!raw)
        return NULL;
    at = (uintptr_t)raw + sizeof(void *);
    at = (at + ALIGN_BYTES - 1) & ~(uintptr_t)(ALIGN_BYTES - 1);
    p = raw + (at - (uintptr_t)raw);
    memcpy(p - sizeof(void *), &raw, sizeof(void *));
    memset(p + len, 0, PAD_BYTES);
    atomic_fetch_add_explicit(&n_live, 1, memory_order_relaxed);
    return p;
}

void *limner_calloc(size_t n, size_t size_bytes)
{
    void *p = limner_alloc(n, size_bytes);

    if (p)
        memset(p, 0, n * size_bytes);
    return p;
}

void limner_mem_free(void *p)
{
    void *raw;

    if (!p)
        return;
    memcpy(&raw, (char *)p - sizeof(void *), sizeof(void *));
    atomic_fetch_sub_explicit(&n_live, 1, memory_order_relaxed);
    free(raw);
}

void limner_free(void *bytes)
{
    limner_mem_free(bytes);
}

size_t limner_mem_live(void)
{
    return atomic_load_explicit(&n_live, memory_order_relaxed);
}

size_t limner_mem_count(void)
{
    return atomic_load_explicit(&n_allocs, memory_order_relaxed);
}

void limner_mem_fail_after(size_t n)
{
    atomic_store_explicit(&fail_at, n ? limner_mem_count() + n : 0, memory_order_relaxed);
}
