/* SPDX-License-Identifier: Apache-2.0 */
/* Worker threads around one mutex: the caller posts a job, everyone takes the next slice until none
 * is left, the caller waits for the last. Slices are few and large, so the lock is not hot. */
#include "core/pool.h"

#include <pthread.h>
#include <stdbool.h>

#include "core/cpu.h"
#include "core/mem.h"

struct limner_pool {
    pthread_t thread[LIMNER_POOL_MAX_THREADS];
    uint32_t n_workers;                 /* threads beside the caller's */
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    /* guarded by lock */
    limner_pool_fn fn;
    void *user;
    uint32_t n_slices, next, n_busy;
    bool is_closing;
};

/* Takes slices until none is left. Called and returns with the lock held. */
static void take_slices(limner_pool *p)
{
    while (p->next < p->n_slices) {
        const uint32_t slice = p->next++;
        const uint32_t n = p->n_slices;
        const limner_pool_fn fn = p->fn;
        void *const user = p->user;

        p->n_busy++;
        pthread_mutex_unlock(&p->lock);
        fn(user, slice, n);
        pthread_mutex_lock(&p->lock);
        p->n_busy--;
        if (!p->n_busy && p->next >= p->n_slices)
            pthread_cond_signal(&p->done);
    }
}

static void *worker(void *arg)
{
    limner_pool *p = arg;

    pthread_mutex_lock(&p->lock);
    while (!p->is_closing) {
        take_slices(p);
        if (!p->is_closing)
            pthread_cond_wait(&p->work, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

limner_status limner_pool_open(limner_pool **out, uint32_t n_threads)
{
    limner_pool *p;

    *out = NULL;
    if (n_threads > LIMNER_POOL_MAX_THREADS)
        return LIMNER_E_LIMIT;
    if (!n_threads)
        n_threads = limner_cpu_count();
    p = limner_calloc(1, sizeof(*p));
    if (!p)
        return LIMNER_E_NOMEM;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->done, NULL);
    for (uint32_t i = 0; i + 1 < n_threads; i++) {
        if (pthread_create(&p->thread[i], NULL, worker, p)) {
            limner_pool_close(&p);
            return LIMNER_E_NOMEM;
        }
        p->n_workers++;
    }
    *out = p;
    return LIMNER_OK;
}

uint32_t limner_pool_threads(const limner_pool *p)
{
    return p ? p->n_workers + 1 : 1;
}

void limner_pool_run(limner_pool *p, limner_pool_fn fn, void *user, uint32_t n_slices)
{
    if (!p || !p->n_workers) {
        for (uint32_t i = 0; i < n_slices; i++)
            fn(user, i, n_slices);
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->fn = fn;
    p->user = user;
    p->n_slices = n_slices;
    p->next = 0;
    pthread_cond_broadcast(&p->work);
    take_slices(p);
    while (p->n_busy)
        pthread_cond_wait(&p->done, &p->lock);
    p->n_slices = 0;
    pthread_mutex_unlock(&p->lock);
}

void limner_pool_close(limner_pool **pool)
{
    limner_pool *p;

    if (!pool || !*pool)
        return;
    p = *pool;
    pthread_mutex_lock(&p->lock);
    p->is_closing = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < p->n_workers; i++)
        pthread_join(p->thread[i], NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    limner_mem_free(p);
    *pool = NULL;
}
