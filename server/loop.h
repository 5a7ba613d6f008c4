/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the loop's thread: loop.c owns the sockets' library and the sessions, client.c a
 * WebSocket's client, http.c what is asked for without one. */
#ifndef LIMNER_SERVER_LOOP_H
#define LIMNER_SERVER_LOOP_H

#include <libwebsockets.h>

#include "ring.h"
#include "session.h"

enum { SERVER_MOST_SESSIONS = 64, SERVER_MORE_CLIENTS = 16 };

typedef struct server_loop server_loop;

/* A connection; its memory is the sockets' library's. */
typedef struct server_client {
    server_loop *loop;
    struct lws *wsi;
    struct server_client *next;
    uint32_t id;
    server_session *session; /* NULL: no hello yet */
    server_ring own;         /* packets that are not the session's */
    limner_controls controls;
    server_item *item; /* the message that is coming in */
    size_t n_item, room_item;
    bool is_closing; /* when all packets are written */
    int close_status;
    double allowance; /* messages it may send now */
    lws_usec_t allowed_at;
    unsigned n_bad, logged; /* broken messages; bits of what was logged once */
    bool is_token_known;    /* given in the address */
} server_client;

struct server_loop {
    server_shared shared;
    struct lws_context *context;
    struct lws_vhost *vhost;
    lws_sorted_usec_list_t timer;
    server_client *clients; /* a list */
    unsigned n_clients, n_sessions;
    server_session *ending[SERVER_MOST_SESSIONS]; /* clients gone, threads not yet */
    const char *token;                            /* NULL: none is needed */
    char made_token[65];
    bool is_loopback, is_stopping;
    lws_usec_t stops_at;
    bool has_waste; /* sessions have ended since trimmed_at */
    lws_usec_t trimmed_at;
    uint32_t n_ids;
};

/* loop.c: for clients. */
bool server_loop_open_session(server_client *c, const server_hello *hello);
void server_loop_leave_session(server_client *c);
/* client.c */
int server_client_callback(struct lws *wsi, enum lws_callback_reasons reason, server_client *c,
                           void *in, size_t len);
void server_client_look(server_client *c);             /* at its rings */
void server_client_stop(server_client *c, int status); /* when all is written */
/* http.c: what the callback is to return. */
int server_http_answer(server_loop *loop, struct lws *wsi, const char *path);
/* > 0: the upgrade has been answered with a refusal. */
int server_http_check_upgrade(server_loop *loop, struct lws *wsi);
/* Whether the address holds the token, or none is needed. */
bool server_http_has_token(const server_loop *loop, struct lws *wsi);

#endif
