/* SPDX-License-Identifier: Apache-2.0 */
/* What all threads of a server share. */
#ifndef LIMNER_SERVER_SHARED_H
#define LIMNER_SERVER_SHARED_H

#include <pthread.h>

#include "metrics.h"
#include "server.h"

typedef struct server_shared {
    const server_settings *set;
    limner_model *model;
    limner_portrait *demo;
    const char *encoder; /* of pictures, as FFmpeg names it; "none": none opens */
    server_metrics metrics;
    pthread_mutex_t log_lock;
    /* Lets the loop look at the rings; any thread. */
    void (*wake)(void *loop);
    void *loop;
} server_shared;

void server_log(server_shared *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
