/* SPDX-License-Identifier: Apache-2.0 */
/* The only allocator of the library. Every block is aligned to 64 bytes and followed by at least
 * 64 readable bytes, so that kernels may over-read. Blocks are counted, and in tests the nth
 * allocation can be made to fail. Thread-safe. */
#ifndef LIMNER_CORE_MEM_H
#define LIMNER_CORE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL when out of memory, when n * size overflows or exceeds LIMNER_MEM_MAX. */
void *limner_alloc(size_t n, size_t size_bytes);        /* contents undefined */
void *limner_calloc(size_t n, size_t size_bytes);       /* zeroed */
void limner_mem_free(void *p);                          /* NULL-safe */

#define LIMNER_MEM_MAX ((size_t)1 << 32)

/* Blocks now alive; total number of allocations so far. */
size_t limner_mem_live(void);
size_t limner_mem_count(void);
/* The nth allocation from now (1 = the next) fails, and so does every one after it; 0: none. */
void limner_mem_fail_after(size_t n);

/* false when the result overflows size_t. */
bool limner_size_mul(size_t a, size_t b, size_t *out);
bool limner_size_add(size_t a, size_t b, size_t *out);

#endif
