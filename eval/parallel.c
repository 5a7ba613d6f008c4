/* SPDX-License-Identifier: Apache-2.0 */
/* A counter behind a lock, and threads that take the next number from it; see parallel.h. */
#include "eval/parallel.h"

#include <pthread.h>

typedef struct parallel {
    void (*run)(void *user, size_t i);
    void (*done)(void *user, size_t i, size_t n_done);
    void *user;
    size_t n;
    pthread_mutex_t take; /* guards next */
    size_t next;
    pthread_mutex_t tell; /* guards n_done, held while done runs */
    size_t n_done;
} parallel;

static size_t take_next(parallel *p)
{
    pthread_mutex_lock(&p->take);
    const size_t i = p->next;
    p->next += i < p->n;
    pthread_mutex_unlock(&p->take);
    return i;
}

static void *work(void *user)
{
    parallel *p = user;
    size_t i;

    while ((i = take_next(p)) < p->n) {
        p->run(p->user, i);
        pthread_mutex_lock(&p->tell);
        p->n_done++;
        if (p->done)
            p->done(p->user, i, p->n_done);
        pthread_mutex_unlock(&p->tell);
    }
    return NULL;
}

void eval_parallel(size_t n, uint32_t n_threads, void (*run)(void *user, size_t i),
                   void (*done)(void *user, size_t i, size_t n_done), void *user)
{
    parallel p = {.run = run, .done = done, .user = user, .n = n};
    pthread_t thread[EVAL_MAX_THREADS];
    uint32_t n_started = 0;

    pthread_mutex_init(&p.take, NULL);
    pthread_mutex_init(&p.tell, NULL);
    while (n_started + 1 < n_threads && n_started + 1 < n && n_started + 1 < EVAL_MAX_THREADS &&
           pthread_create(&thread[n_started], NULL, work, &p) == 0)
        n_started++;
    work(&p);
    for (uint32_t i = 0; i < n_started; i++)
        pthread_join(thread[i], NULL);
    pthread_mutex_destroy(&p.tell);
    pthread_mutex_destroy(&p.take);
}
