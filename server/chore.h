/* SPDX-License-Identifier: Apache-2.0 */
/* Work that takes longer than a frame, in a thread of its own while the face goes on talking. */
#ifndef LIMNER_SERVER_CHORE_H
#define LIMNER_SERVER_CHORE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct server_chore {
    pthread_t thread;
    void (*work)(void *user);
    void *user;
    bool is_begun;
    atomic_bool is_done; /* released by the thread, acquired by server_chore_end */
} server_chore;

/* False when there is no thread; `user` belongs to the chore until it has ended. */
bool server_chore_begin(server_chore *c, void (*work)(void *user), void *user);
/* Whether a chore that was begun is done; it can be begun anew then. must_wait: waits for it. */
bool server_chore_end(server_chore *c, bool must_wait);

#endif
