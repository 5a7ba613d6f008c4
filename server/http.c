/* SPDX-License-Identifier: Apache-2.0 */
/* Pages, health, metrics, and whether a connection may become a WebSocket. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "access.h"
#include "loop.h"
#include "pages.h"

enum { HEADER_BYTES = 2048, NAME_BYTES = 300 };

#define POLICY                                                                                     \
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' blob: data:; "                \
    "media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

static const struct {
    const char *name, *value;
} headers[] = {{"content-security-policy:", POLICY},
               {"x-content-type-options:", "nosniff"},
               {"referrer-policy:", "no-referrer"},
               {"cache-control:", "no-cache"}};

static int answer(struct lws *wsi, unsigned status, const char *type, const void *bytes, size_t n)
{
    uint8_t head[LWS_PRE + HEADER_BYTES], *at = head + LWS_PRE, *end = head + sizeof(head);
    bool is_good = lws_add_http_common_headers(wsi, status, type, n, &at, end) == 0;

    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        is_good =
            is_good && lws_add_http_header_by_name(wsi, (const uint8_t *)headers[i].name,
                                                   (const uint8_t *)headers[i].value,
                                                   (int)strlen(headers[i].value), &at, end) == 0;
    if (!is_good || lws_finalize_write_http_header(wsi, head + LWS_PRE, &at, end))
        return -1;
    uint8_t *body = malloc(LWS_PRE + n);
    if (!body)
        return -1;
    memcpy(body + LWS_PRE, bytes, n);
    const int written = lws_write(wsi, body + LWS_PRE, n, LWS_WRITE_HTTP_FINAL);
    free(body);
    return written < 0 || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int refuse(struct lws *wsi, unsigned status, const char *why)
{
    return answer(wsi, status, "text/plain; charset=utf-8", why, strlen(why));
}

static void read_header(struct lws *wsi, enum lws_token_indexes which, char out[NAME_BYTES])
{
    if (lws_hdr_copy(wsi, out, NAME_BYTES, which) <= 0)
        out[0] = 0;
}

bool server_http_has_token(const server_loop *loop, struct lws *wsi)
{
    char text[NAME_BYTES] = "";

    read_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, text);
    if (strncasecmp(text, "Bearer ", 7) == 0 && server_access_token(text + 7, loop->token))
        return true;
    const char *given = lws_get_urlarg_by_name(wsi, "token=", text, sizeof(text));
    return server_access_token(given ? given : "", loop->token);
}

static int answer_health(server_loop *loop, struct lws *wsi)
{
    char text[256];

    const int n = snprintf(text, sizeof(text),
                           "{\"status\":\"%s\",\"version\":\"%s\",\"encoder\":\"%s\","
                           "\"sessions\":%u,\"limit\":%u}\n",
                           loop->is_stopping ? "stopping" : "ok", loop->shared.set->program_version,
                           loop->shared.encoder, loop->n_sessions, loop->shared.set->max_sessions);
    return answer(wsi, loop->is_stopping ? HTTP_STATUS_SERVICE_UNAVAILABLE : HTTP_STATUS_OK,
                  "application/json", text, (size_t)n);
}

static int answer_metrics(server_loop *loop, struct lws *wsi)
{
    char text[SERVER_METRICS_TEXT_SIZE];

    if (!server_http_has_token(loop, wsi))
        return refuse(wsi, HTTP_STATUS_UNAUTHORIZED, "the token is needed: /metrics?token=...\n");
    const size_t n =
        server_metrics_print(&loop->shared.metrics, loop->shared.set->max_sessions, text);
    return answer(wsi, HTTP_STATUS_OK, "text/plain; version=0.0.4", text, n);
}

int server_http_answer(server_loop *loop, struct lws *wsi, const char *path)
{
    char host[NAME_BYTES];

    read_header(wsi, WSI_TOKEN_HOST, host);
    if (!server_access_host(host, loop->is_loopback))
        return refuse(wsi, HTTP_STATUS_FORBIDDEN, "this server answers to localhost only\n");
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0)
        return refuse(wsi, HTTP_STATUS_METHOD_NOT_ALLOWED, "only GET is known here\n");
    if (strcmp(path, "/health") == 0)
        return answer_health(loop, wsi);
    if (strcmp(path, "/metrics") == 0)
        return answer_metrics(loop, wsi);
    for (const server_page *p = server_pages; p->path; p++) {
        if (strcmp(path, p->path) == 0)
            return answer(wsi, HTTP_STATUS_OK, p->type, p->bytes, p->len_bytes);
    }
    return refuse(wsi, HTTP_STATUS_NOT_FOUND, "there is no such page\n");
}

int server_http_check_upgrade(server_loop *loop, struct lws *wsi)
{
    char host[NAME_BYTES], origin[NAME_BYTES];
    unsigned status = HTTP_STATUS_FORBIDDEN;
    const char *why = NULL;

    read_header(wsi, WSI_TOKEN_HOST, host);
    read_header(wsi, WSI_TOKEN_ORIGIN, origin);
    if (!server_access_host(host, loop->is_loopback) ||
        !server_access_origin(origin, host, loop->shared.set->origin)) {
        server_metrics_add(&loop->shared.metrics, SERVER_N_REFUSED_ORIGIN, 1);
        why = "a page of another origin may not connect; see --origin\n";
    } else if (loop->is_stopping ||
               loop->n_clients >= loop->shared.set->max_sessions + SERVER_MORE_CLIENTS) {
        server_metrics_add(&loop->shared.metrics, SERVER_N_REFUSED_FULL, 1);
        status = HTTP_STATUS_SERVICE_UNAVAILABLE;
        why = "too many connections; try again later\n";
    }
    if (!why)
        return 0;
    return refuse(wsi, status, why) < 0 ? -1 : 1;
}
