/* SPDX-License-Identifier: Apache-2.0 */
/* Making packets. Texts from outside (file names, decoders' words) are escaped by jansson. */
#include "packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

server_packet *server_packet_new(size_t len_bytes, bool is_text)
{
    server_packet *p = malloc(sizeof(*p) + SERVER_HEADROOM + len_bytes);

    if (p)
        *p = (server_packet){.len_bytes = len_bytes, .is_text = is_text};
    return p;
}

static server_packet *copy_text(const char *text, size_t n)
{
    server_packet *p = server_packet_new(n, true);

    if (p)
        memcpy(p->bytes + SERVER_HEADROOM, text, n);
    return p;
}

server_packet *server_packet_text(const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return n < 0 || n >= (int)sizeof(text) ? NULL : copy_text(text, (size_t)n);
}

server_packet *server_packet_media(char kind, bool is_key, uint32_t number, int64_t pts_samples,
                                   limner_blob before, limner_blob data)
{
    server_packet *p =
        server_packet_new(SERVER_HEADER_BYTES + before.len_bytes + data.len_bytes, false);

    if (!p)
        return NULL;
    uint8_t *at = p->bytes + SERVER_HEADROOM;
    server_protocol_header(at, kind, is_key, number, pts_samples);
    at += SERVER_HEADER_BYTES;
    if (before.len_bytes)
        memcpy(at, before.bytes, before.len_bytes);
    if (data.len_bytes)
        memcpy(at + before.len_bytes, data.bytes, data.len_bytes);
    p->is_picture = kind == 'V' || kind == 'J';
    return p;
}

server_packet *server_packet_error(const char *code, const char *text)
{
    json_t *root = json_pack("{ss ss ss}", "type", "error", "code", code, "message", text);
    char *dump = root ? json_dumps(root, JSON_COMPACT) : NULL;
    server_packet *p = dump ? copy_text(dump, strlen(dump)) : NULL;

    if (!dump) /* the text is no UTF-8 */
        p = server_packet_text("{\"type\":\"error\",\"code\":\"%s\",\"message\":\"%s\"}", code,
                               "the reason cannot be shown");
    free(dump);
    json_decref(root);
    return p;
}
