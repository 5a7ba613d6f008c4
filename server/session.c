/* SPDX-License-Identifier: Apache-2.0 */
/* Rings between the loop and a session's thread. */
#include <stdlib.h>

#include "session_parts.h"

server_session *server_session_open(server_shared *shared, const server_hello *hello, uint32_t id)
{
    server_session *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->shared = shared;
    s->hello = *hello;
    s->id = id;
    if (server_ring_init(&s->in) || server_ring_init(&s->out) ||
        pthread_create(&s->thread, NULL, server_session_run, s)) {
        free(s);
        return NULL;
    }
    return s;
}

bool server_session_push(server_session *s, server_item *item)
{
    return server_ring_put(&s->in, item, SERVER_MOST_ITEMS);
}

server_packet *server_session_pop(server_session *s)
{
    server_packet *p = server_ring_take(&s->out);

    if (p && p->is_picture)
        atomic_fetch_sub_explicit(&s->n_pictures, 1, memory_order_relaxed);
    if (p)
        atomic_fetch_add_explicit(&s->n_popped, 1, memory_order_relaxed);
    return p;
}

void server_session_stop(server_session *s, const char *reason)
{
    atomic_store_explicit(&s->reason, reason, memory_order_relaxed);
    /* Pairs with the thread's. */
    atomic_store_explicit(&s->is_stopping, true, memory_order_release);
    server_ring_wake(&s->in);
}

bool server_session_is_over(const server_session *s)
{
    return atomic_load_explicit(&s->is_over, memory_order_acquire); /* pairs with the thread's */
}

void server_session_close(server_session **session)
{
    server_session *s = session ? *session : NULL;
    void *left;

    if (!s)
        return;
    *session = NULL;
    if (!server_session_is_over(s))
        server_session_stop(s, NULL);
    pthread_join(s->thread, NULL);
    while ((left = server_ring_take(&s->in)) || (left = server_ring_take(&s->out)))
        free(left);
    server_ring_clear(&s->in);
    server_ring_clear(&s->out);
    free(s);
}
