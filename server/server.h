/* SPDX-License-Identifier: Apache-2.0 */
/* limner serve: a page and a WebSocket (doc/protocol.md) behind which each client has a session of
 * its own. One loop thread owns all sockets, each session has a thread of its own, bounded rings
 * lie between. */
#ifndef LIMNER_SERVER_SERVER_H
#define LIMNER_SERVER_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "limner/limner.h"

typedef struct server_settings {
    const char *address;         /* to listen at; NULL: the loopback interface */
    uint16_t port;               /* 0: any that is free */
    const char *token;           /* NULL: at the loopback interface none, else one is made */
    const char *origin;          /* of pages that may connect beside the server's own; NULL: none */
    const char *cert, *key;      /* PEM files: TLS; NULL: none */
    uint32_t max_sessions;       /* 1..64 */
    uint32_t max_seconds;        /* of a session */
    const char *program_version; /* for the page and /health */
    /* A line for people, without its end; from any thread, one at a time. */
    void (*log)(void *user, const char *line);
    /* Once, when clients can connect: the page's address. */
    void (*ready)(void *user, const char *url);
    void *user;
} server_settings;

/* To be called before the model is opened: memory that is freed goes back to the system. */
void server_prepare(void);
void server_settings_init(server_settings *set);
/* Serves until SIGINT or SIGTERM. The model and the portrait are the caller's and outlive it.
 * 0, or -1: the reason has been logged. */
int server_run(const server_settings *set, limner_model *model, limner_portrait *demo);

#endif
