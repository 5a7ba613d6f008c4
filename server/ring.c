/* SPDX-License-Identifier: Apache-2.0 */
/* One lock and one condition; what is queued here comes a few hundred times a second at most. */
#include "ring.h"

#include <string.h>

int server_ring_init(server_ring *r)
{
    pthread_condattr_t attributes;
    int error;

    memset(r, 0, sizeof(*r));
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    error = pthread_mutex_init(&r->lock, NULL);
    if (!error)
        error = pthread_cond_init(&r->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return error;
}

bool server_ring_put(server_ring *r, void *item, size_t n_most)
{
    pthread_mutex_lock(&r->lock);
    const bool has_room = r->n < n_most && r->n < SERVER_RING_SIZE;
    if (has_room) {
        r->item[(r->first + r->n) % SERVER_RING_SIZE] = item;
        r->n++;
        pthread_cond_signal(&r->changed);
    }
    pthread_mutex_unlock(&r->lock);
    return has_room;
}

void *server_ring_take(server_ring *r)
{
    void *item = NULL;

    pthread_mutex_lock(&r->lock);
    if (r->n) {
        item = r->item[r->first];
        r->first = (r->first + 1) % SERVER_RING_SIZE;
        r->n--;
    }
    pthread_mutex_unlock(&r->lock);
    return item;
}

size_t server_ring_count(server_ring *r)
{
    pthread_mutex_lock(&r->lock);
    const size_t n = r->n;
    pthread_mutex_unlock(&r->lock);
    return n;
}

void server_ring_wait(server_ring *r, const struct timespec *until)
{
    pthread_mutex_lock(&r->lock);
    while (!r->n && !r->is_woken && pthread_cond_timedwait(&r->changed, &r->lock, until) == 0)
        continue;
    r->is_woken = false;
    pthread_mutex_unlock(&r->lock);
}

void server_ring_wake(server_ring *r)
{
    pthread_mutex_lock(&r->lock);
    r->is_woken = true;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

void server_ring_clear(server_ring *r)
{
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
}
