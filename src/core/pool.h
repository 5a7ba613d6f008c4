/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of worker threads that runs one job at a time over indexed slices. The caller's thread
 * works too. A pool of one thread starts none. */
#ifndef LIMNER_CORE_POOL_H
#define LIMNER_CORE_POOL_H

#include "limner/limner.h"

typedef struct limner_pool limner_pool;

/* slice 0..n_slices-1; each writes its own part of the result only. */
typedef void (*limner_pool_fn)(void *user, uint32_t slice, uint32_t n_slices);

enum { LIMNER_POOL_MAX_THREADS = 64 };

/* n_threads 0: one per core; more than there may be: LIMNER_E_LIMIT. */
limner_status limner_pool_open(limner_pool **out, uint32_t n_threads);
uint32_t limner_pool_threads(const limner_pool *p);     /* 1 for NULL */
/* Runs fn for every slice and returns when all are done. p NULL: on this thread. */
void limner_pool_run(limner_pool *p, limner_pool_fn fn, void *user, uint32_t n_slices);
void limner_pool_close(limner_pool **p);                /* NULL-safe; sets NULL */

#endif
