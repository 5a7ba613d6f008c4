/* SPDX-License-Identifier: Apache-2.0 */
/* The same work on many inputs, several at once. Each call of `run` writes what it finds into a
 * place of its own (results[i]); reports are filled afterwards, in the order of the inputs, so that
 * the number of threads shows nowhere. */
#ifndef LIMNER_EVAL_PARALLEL_H
#define LIMNER_EVAL_PARALLEL_H

#include <stddef.h>
#include <stdint.h>

/* Calls run(user, i) once for every i < n, begun in rising order, on n_threads threads (0: one; at
 * most EVAL_MAX_THREADS; fewer where the system gives no more), one of them the caller's; returns
 * when all are done. done (NULL: none) is called after each, one at a time, from any of the
 * threads; n_done counts it. */
#define EVAL_MAX_THREADS 64
void eval_parallel(size_t n, uint32_t n_threads, void (*run)(void *user, size_t i),
                   void (*done)(void *user, size_t i, size_t n_done), void *user);

#endif
