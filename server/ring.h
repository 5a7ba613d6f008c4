/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded queue of pointers between the loop and a session's thread; any thread. It owns nothing
 * of what it holds. */
#ifndef LIMNER_SERVER_RING_H
#define LIMNER_SERVER_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { SERVER_RING_SIZE = 128 };

typedef struct server_ring {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    void *item[SERVER_RING_SIZE];
    size_t first, n;
    bool is_woken;
} server_ring;

int server_ring_init(server_ring *r); /* 0, or an errno */
/* Whether it took the item: false when n_most are in it. */
bool server_ring_put(server_ring *r, void *item, size_t n_most);
void *server_ring_take(server_ring *r); /* NULL when empty */
size_t server_ring_count(server_ring *r);
/* Until there is an item, server_ring_wake is called, or the monotonic clock reads until. */
void server_ring_wait(server_ring *r, const struct timespec *until);
void server_ring_wake(server_ring *r);
void server_ring_clear(server_ring *r); /* empty by then */

#endif
