/* SPDX-License-Identifier: Apache-2.0 */
/* A WebSocket's client: fragments become messages, messages go to its session; packets of both go
 * out as the socket takes them. What a client does wrong is answered, counted, and logged once;
 * after MOST_BAD of it the connection is closed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "loop.h"

enum { MOST_BAD = 20, FIRST_ROOM = 4096, HELLO_S = 10, MESSAGES_HZ = 200, MOST_MESSAGES = 400 };
enum { LOGGED_BAD = 1, LOGGED_TOO_LARGE = 2, LOGGED_TOO_MANY = 4, LOGGED_BUSY = 8 };

_Static_assert(SERVER_HEADROOM >= LWS_PRE, "packets have no room for the frame's head");

static void say_once(server_client *c, unsigned what, const char *text)
{
    if (!(c->logged & what))
        server_log(&c->loop->shared, "client %u: %s", c->id, text);
    c->logged |= what;
}

/* ---- out ---- */

static void tell(server_client *c, server_packet *p)
{
    if (p && !server_ring_put(&c->own, p, SERVER_RING_SIZE))
        free(p);
    lws_callback_on_writable(c->wsi);
}

void server_client_stop(server_client *c, int status)
{
    if (!c->is_closing)
        c->close_status = status;
    c->is_closing = true;
    lws_callback_on_writable(c->wsi);
}

static server_packet *next_packet(server_client *c)
{
    server_packet *p = server_ring_take(&c->own);

    return p || !c->session ? p : server_session_pop(c->session);
}

static int write_packets(server_client *c)
{
    server_packet *p = NULL;

    while (!lws_send_pipe_choked(c->wsi) && (p = next_packet(c))) {
        const int n = lws_write(c->wsi, p->bytes + SERVER_HEADROOM, p->len_bytes,
                                p->is_text ? LWS_WRITE_TEXT : LWS_WRITE_BINARY);
        server_metrics_add(&c->loop->shared.metrics, SERVER_N_BYTES_SENT, p->len_bytes);
        free(p);
        if (n < 0)
            return -1;
    }
    if (lws_send_pipe_choked(c->wsi)) {
        lws_callback_on_writable(c->wsi);
        return 0;
    }
    if (c->session && server_session_is_over(c->session) && !c->is_closing)
        server_client_stop(c, c->loop->is_stopping ? LWS_CLOSE_STATUS_GOINGAWAY
                                                   : LWS_CLOSE_STATUS_NORMAL);
    else if (c->is_closing) {
        lws_close_reason(c->wsi, (enum lws_close_status)c->close_status, NULL, 0);
        return -1;
    }
    return 0;
}

void server_client_look(server_client *c)
{
    lws_callback_on_writable(c->wsi);
}

/* ---- in ---- */

static void refuse(server_client *c, const char *why)
{
    server_metrics_add(&c->loop->shared.metrics, SERVER_N_BAD_MESSAGES, 1);
    say_once(c, LOGGED_BAD, why);
    tell(c, server_packet_error("message", why));
    if (++c->n_bad >= MOST_BAD)
        server_client_stop(c, LWS_CLOSE_STATUS_POLICY_VIOLATION);
}

static void greet(server_client *c, const server_hello *hello)
{
    server_loop *loop = c->loop;

    if (!c->is_token_known && !server_access_token(hello->token, loop->token)) {
        server_metrics_add(&loop->shared.metrics, SERVER_N_REFUSED_TOKEN, 1);
        tell(c, server_packet_error("token", "the token is missing or wrong"));
        server_client_stop(c, LWS_CLOSE_STATUS_POLICY_VIOLATION);
    } else if (!server_loop_open_session(c, hello)) {
        char why[SERVER_WHY_SIZE];
        snprintf(why, sizeof(why), "all %u places of this server are taken; try again later",
                 loop->shared.set->max_sessions);
        server_metrics_add(&loop->shared.metrics, SERVER_N_REFUSED_FULL, 1);
        tell(c, server_packet_error("full", why));
        server_client_stop(c, 1013); /* try again later */
    }
}

/* The message is complete; whether the session has taken it. */
static bool pass_on(server_client *c, bool is_binary)
{
    server_message *m = &c->item->message;
    char why[SERVER_WHY_SIZE];

    if (is_binary && !c->session) {
        refuse(c, "a hello must come first");
        return false;
    }
    if (server_protocol_parse(m, c->item->bytes, c->n_item, is_binary, &c->controls, why) < 0) {
        refuse(c, why);
        return false;
    }
    if (!c->session && m->kind != SERVER_HELLO) {
        refuse(c, "a hello must come first");
        return false;
    }
    if (!c->session) {
        greet(c, &m->as.hello);
        return false;
    }
    if (m->kind == SERVER_CONTROLS)
        c->controls = m->as.controls;
    if (server_session_push(c->session, c->item))
        return true;
    server_metrics_add(&c->loop->shared.metrics, SERVER_N_TOO_MANY, 1);
    say_once(c, LOGGED_BUSY, "sends faster than its session works; messages are dropped");
    return false;
}

/* A message costs one; MESSAGES_HZ are earned a second, at most MOST_MESSAGES saved. */
static bool is_allowed(server_client *c)
{
    const lws_usec_t now = lws_now_usecs();

    c->allowance += (double)(now - c->allowed_at) * 1e-6 * MESSAGES_HZ;
    c->allowed_at = now;
    if (c->allowance > MOST_MESSAGES)
        c->allowance = MOST_MESSAGES;
    if (c->allowance < 1)
        return false;
    c->allowance -= 1;
    return true;
}

static bool keep(server_client *c, const void *in, size_t len)
{
    if (!c->item || c->n_item + len > c->room_item) {
        size_t room = c->room_item ? c->room_item : FIRST_ROOM;
        while (room < c->n_item + len)
            room *= 2;
        server_item *grown = realloc(c->item, sizeof(*grown) + room);
        if (!grown)
            return false;
        c->item = grown;
        c->room_item = room;
    }
    memcpy(c->item->bytes + c->n_item, in, len);
    c->n_item += len;
    return true;
}

static void drop_item(server_client *c)
{
    free(c->item);
    c->item = NULL;
    c->n_item = c->room_item = 0;
}

static int receive(server_client *c, const uint8_t *in, size_t len)
{
    const bool is_binary = lws_frame_is_binary(c->wsi);
    const uint8_t first = c->n_item ? c->item->bytes[0] : len ? in[0] : 0;

    if (c->is_closing)
        return 0;
    if (c->n_item + len > server_protocol_limit(is_binary && c->session, first)) {
        server_metrics_add(&c->loop->shared.metrics, SERVER_N_TOO_LARGE, 1);
        say_once(c, LOGGED_TOO_LARGE, "a message is larger than its limit");
        tell(c, server_packet_error("size", "the message is larger than its limit"));
        server_client_stop(c, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
        drop_item(c);
        return 0;
    }
    if (!keep(c, in, len))
        return -1;
    if (!lws_is_final_fragment(c->wsi) || lws_remaining_packet_payload(c->wsi))
        return 0;
    server_metrics_add(&c->loop->shared.metrics, SERVER_N_MESSAGES, 1);
    if (!is_allowed(c)) {
        server_metrics_add(&c->loop->shared.metrics, SERVER_N_TOO_MANY, 1);
        say_once(c, LOGGED_TOO_MANY, "sends too many messages; they are dropped");
    } else if (pass_on(c, is_binary)) {
        c->item = NULL;
    }
    drop_item(c);
    return 0;
}

/* ---- life ---- */

static int begin(server_client *c, struct lws *wsi, server_loop *loop)
{
    if (server_ring_init(&c->own))
        return -1;
    c->loop = loop;
    c->wsi = wsi;
    c->id = ++loop->n_ids;
    c->is_token_known = server_http_has_token(loop, wsi);
    c->allowance = MOST_MESSAGES;
    c->allowed_at = lws_now_usecs();
    limner_controls_init(&c->controls, sizeof(c->controls));
    c->next = loop->clients;
    loop->clients = c;
    loop->n_clients++;
    server_metrics_add(&loop->shared.metrics, SERVER_N_CONNECTIONS, 1);
    lws_set_timer_usecs(wsi, HELLO_S * LWS_USEC_PER_SEC);
    return 0;
}

static void end(server_client *c)
{
    server_client **at = &c->loop->clients;
    void *left;

    while (*at && *at != c)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = c->next;
    c->loop->n_clients--;
    if (c->n_item)
        server_metrics_add(&c->loop->shared.metrics, SERVER_N_CUT, 1);
    drop_item(c);
    server_loop_leave_session(c);
    while ((left = server_ring_take(&c->own)))
        free(left);
    server_ring_clear(&c->own);
}

int server_client_callback(struct lws *wsi, enum lws_callback_reasons reason, server_client *c,
                           void *in, size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return begin(c, wsi, lws_context_user(lws_get_context(wsi)));
    case LWS_CALLBACK_RECEIVE:
        return receive(c, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return write_packets(c);
    case LWS_CALLBACK_TIMER:
        if (!c->session)
            server_client_stop(c, LWS_CLOSE_STATUS_POLICY_VIOLATION);
        return 0;
    case LWS_CALLBACK_CLOSED:
        if (c && c->loop)
            end(c);
        return 0;
    default:
        return 0;
    }
}
