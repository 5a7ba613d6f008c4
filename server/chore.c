/* SPDX-License-Identifier: Apache-2.0 */
/* One thread a chore; they are rare. */
#include "chore.h"

static void *run(void *argument)
{
    server_chore *c = argument;

    c->work(c->user);
    atomic_store_explicit(&c->is_done, true, memory_order_release);
    return NULL;
}

bool server_chore_begin(server_chore *c, void (*work)(void *user), void *user)
{
    c->work = work;
    c->user = user;
    atomic_store_explicit(&c->is_done, false, memory_order_relaxed);
    c->is_begun = pthread_create(&c->thread, NULL, run, c) == 0;
    return c->is_begun;
}

bool server_chore_end(server_chore *c, bool must_wait)
{
    if (!c->is_begun || (!must_wait && !atomic_load_explicit(&c->is_done, memory_order_acquire)))
        return false;
    pthread_join(c->thread, NULL);
    c->is_begun = false;
    return true;
}
