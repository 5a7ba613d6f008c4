/* SPDX-License-Identifier: Apache-2.0 */
/* The one thread that owns all sockets. Sessions wake it when they have packets; a signal makes it
 * say goodbye to all clients and end within STOP_S. */
#include "loop.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "access.h"
#include "address.h"
#include "io/live_encoder.h"

enum {
    STOP_S = 3,
    TICK_MS = 250,
    SEND_BUFFER_BYTES = 256 << 10,
    LARGE_BYTES = 256 << 10,
    RECEIVE_BYTES = 64 << 10,
    TRIM_S = 10
};
enum { KEEP_ALIVE_S = 20, DEAD_S = 40 };

static volatile sig_atomic_t n_signals;
static struct lws_context *signalled; /* while the handler is set */

void server_log(server_shared *s, const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    pthread_mutex_lock(&s->log_lock);
    s->set->log(s->set->user, line);
    pthread_mutex_unlock(&s->log_lock);
}

void server_settings_init(server_settings *set)
{
    memset(set, 0, sizeof(*set));
    set->port = 8080;
    set->max_sessions = 4;
    set->max_seconds = 3600;
    set->program_version = "";
}

/* ---- sessions ---- */

bool server_loop_open_session(server_client *c, const server_hello *hello)
{
    server_loop *loop = c->loop;

    if (loop->is_stopping || loop->n_sessions >= loop->shared.set->max_sessions)
        return false;
    c->session = server_session_open(&loop->shared, hello, c->id);
    if (!c->session)
        return false;
    loop->n_sessions++;
    server_metrics_add(&loop->shared.metrics, SERVER_N_SESSIONS, 1);
    atomic_store_explicit(&loop->shared.metrics.sessions, loop->n_sessions, memory_order_relaxed);
    return true;
}

void server_loop_leave_session(server_client *c)
{
    int i = 0;

    if (!c->session)
        return;
    server_session_stop(c->session, NULL);
    while (c->loop->ending[i])
        i++; /* there are as many places as sessions */
    c->loop->ending[i] = c->session;
    c->session = NULL;
}

/* The C library keeps what sessions and photos have freed, in pieces that fit the next ones badly.
 * So large blocks come from the system and go back to it, and what else is free goes back now and
 * then (3 ms at most). After 12 rounds of 12 sessions and a photo: 235 MiB without the first, 90
 * with both. */
void server_prepare(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    mallopt(M_TRIM_THRESHOLD, LARGE_BYTES); /* the command keeps what lies at the end of heaps */
    mallopt(M_MXFAST, 0); /* a fast bin's chunk there would hold it: malloc_trim leaves such ends */
#endif
}

/* After sessions have ended, at most each TRIM_S while others go on. */
static void give_memory_back(server_loop *loop)
{
    const lws_usec_t now = lws_now_usecs();

    if (!loop->has_waste ||
        (loop->n_sessions && now < loop->trimmed_at + TRIM_S * LWS_USEC_PER_SEC))
        return;
    loop->has_waste = false;
    loop->trimmed_at = now;
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

static void reap(server_loop *loop)
{
    for (int i = 0; i < SERVER_MOST_SESSIONS; i++) {
        if (!loop->ending[i] || !server_session_is_over(loop->ending[i]))
            continue;
        server_session_close(&loop->ending[i]);
        loop->n_sessions--;
        loop->has_waste = true;
    }
    give_memory_back(loop);
    atomic_store_explicit(&loop->shared.metrics.sessions, loop->n_sessions, memory_order_relaxed);
}

/* ---- the sockets' library ---- */

static void wake(void *user)
{
    server_loop *loop = user;

    lws_cancel_service(loop->context);
}

/* Writes to a pipe and nothing else. */
static void on_signal(int number)
{
    (void)number;
    n_signals++;
    if (signalled)
        lws_cancel_service(signalled);
}

static void look_around(server_loop *loop)
{
    for (server_client *c = loop->clients; c; c = c->next)
        server_client_look(c);
    reap(loop);
}

/* A small buffer in the kernel, so that a slow reader's pictures wait where they are counted. */
static void limit_buffer(const struct lws_filter_network_conn_args *args)
{
    const int n = SEND_BUFFER_BYTES;

    setsockopt(args->accept_fd, SOL_SOCKET, SO_SNDBUF, &n, sizeof(n));
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    server_loop *loop = lws_context_user(lws_get_context(wsi));

    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return server_http_answer(loop, wsi, in);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return server_http_check_upgrade(loop, wsi);
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        limit_buffer(user);
        return 0;
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        look_around(loop);
        return 0;
    default:
        return server_client_callback(wsi, reason, user, in, len);
    }
}

static const struct lws_protocols protocols[] = {{.name = "limner",
                                                  .callback = callback,
                                                  .per_session_data_size = sizeof(server_client),
                                                  .rx_buffer_size = RECEIVE_BYTES},
                                                 {.name = NULL}};

static const lws_retry_bo_t idle = {.secs_since_valid_ping = KEEP_ALIVE_S,
                                    .secs_since_valid_hangup = DEAD_S};

static void tick(lws_sorted_usec_list_t *timer)
{
    server_loop *loop = lws_container_of(timer, server_loop, timer);

    reap(loop);
    lws_sul_schedule(loop->context, 0, timer, tick, TICK_MS * LWS_US_PER_MS);
}

static const char *address_of(const server_settings *set)
{
    return set->address ? set->address : "127.0.0.1";
}

static bool open_sockets(server_loop *loop)
{
    const server_settings *set = loop->shared.set;
    const char *address = address_of(set);
    struct lws_context_creation_info info = {
        .port = set->port,
        .iface = strcmp(address, "localhost") == 0 ? "127.0.0.1" : address,
        .protocols = protocols,
        .user = loop,
        .vhost_name = "limner",
        .alpn = "http/1.1",
        .retry_and_idle_policy = &idle,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND};

    if (!strchr(address, ':'))
        info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
    if (set->cert) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = set->cert;
        info.ssl_private_key_filepath = set->key;
    }
    lws_set_log_level(0, NULL);
    loop->context = lws_create_context(&info);
    loop->vhost = loop->context ? lws_create_vhost(loop->context, &info) : NULL;
    if (!loop->vhost) {
        char why[256];
        server_address_why_not(why, sizeof(why), set, info.iface);
        server_log(&loop->shared, "%s", why);
    }
    return loop->vhost;
}

/* ---- life ---- */

/* Which encoder the sessions will find, for /health. */
static void find_encoder(server_shared *s)
{
    const limner_io_live_settings set = {
        .width_px = 256, .height_px = 256, .fps_num = 25, .fps_den = 1, .crf = -1};
    limner_io_live_encoder *e;
    char err[LIMNER_IO_ERROR_SIZE];

    s->encoder = "none";
    if (limner_io_live_encoder_open(&e, &set, err) == 0)
        s->encoder = limner_io_live_encoder_name(e);
    else
        server_log(s, "%s", err);
    limner_io_live_encoder_close(&e);
}

/* Beyond the loopback interface a token is needed. */
static void choose_token(server_loop *loop)
{
    unsigned char random[SERVER_TOKEN_BYTES];

    loop->is_loopback = server_access_is_loopback(address_of(loop->shared.set));
    loop->token = loop->shared.set->token;
    if (loop->token || loop->is_loopback)
        return;
    lws_get_random(loop->context, random, sizeof(random));
    server_access_print_token(loop->made_token, random);
    loop->token = loop->made_token;
}

static void announce(const server_loop *loop)
{
    const server_settings *set = loop->shared.set;
    const char *address = address_of(set);
    const bool is_any = strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
    const bool is_v6 = strchr(address, ':') && !is_any;
    char url[512];

    snprintf(url, sizeof(url), "http%s://%s%s%s:%d/%s%s", set->cert ? "s" : "", is_v6 ? "[" : "",
             is_any ? lws_canonical_hostname(loop->context) : address, is_v6 ? "]" : "",
             lws_get_vhost_listen_port(loop->vhost), loop->token ? "?token=" : "",
             loop->token ? loop->token : "");
    set->ready(set->user, url);
}

static void begin_stop(server_loop *loop)
{
    loop->is_stopping = true;
    loop->stops_at = lws_now_usecs() + STOP_S * LWS_USEC_PER_SEC;
    for (server_client *c = loop->clients; c; c = c->next) {
        if (c->session)
            server_session_stop(c->session, "shutdown");
        else
            server_client_stop(c, LWS_CLOSE_STATUS_GOINGAWAY);
    }
}

static bool is_done(const server_loop *loop)
{
    return loop->is_stopping &&
           (!loop->clients || n_signals > 1 || lws_now_usecs() > loop->stops_at);
}

static void serve(server_loop *loop)
{
    struct sigaction action = {.sa_handler = on_signal}, old_int, old_term;

    n_signals = 0;
    signalled = loop->context;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &old_int);
    sigaction(SIGTERM, &action, &old_term);
    lws_sul_schedule(loop->context, 0, &loop->timer, tick, TICK_MS * LWS_US_PER_MS);
    announce(loop);
    while (!is_done(loop) && lws_service(loop->context, 0) >= 0) {
        if (n_signals && !loop->is_stopping)
            begin_stop(loop);
    }
    signalled = NULL;
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
}

/* Threads end before the sockets do, as they wake them. */
static void close_loop(server_loop *loop)
{
    for (server_client *c = loop->clients; c; c = c->next)
        server_session_close(&c->session);
    for (int i = 0; i < SERVER_MOST_SESSIONS; i++)
        server_session_close(&loop->ending[i]);
    lws_sul_cancel(&loop->timer);
    lws_context_destroy(loop->context);
    pthread_mutex_destroy(&loop->shared.log_lock);
    free(loop);
}

int server_run(const server_settings *set, limner_model *model, limner_portrait *demo)
{
    server_loop *loop = calloc(1, sizeof(*loop));

    if (!loop)
        return -1;
    loop->shared.set = set;
    loop->shared.model = model;
    loop->shared.demo = demo;
    loop->shared.wake = wake;
    loop->shared.loop = loop;
    pthread_mutex_init(&loop->shared.log_lock, NULL);
    const bool is_open = open_sockets(loop);
    if (is_open) {
        find_encoder(&loop->shared);
        choose_token(loop);
        loop->has_waste = true;
        give_memory_back(loop);
        serve(loop);
    } else if (loop->context) {
        lws_context_destroy(loop->context);
        loop->context = NULL;
    }
    if (is_open) {
        close_loop(loop);
        return 0;
    }
    pthread_mutex_destroy(&loop->shared.log_lock);
    free(loop);
    return -1;
}
