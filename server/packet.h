/* SPDX-License-Identifier: Apache-2.0 */
/* What travels through the rings: packets out to a client, items in from one. Whoever takes one
 * from a ring owns it and frees it with free(). */
#ifndef LIMNER_SERVER_PACKET_H
#define LIMNER_SERVER_PACKET_H

#include "protocol.h"

enum { SERVER_HEADROOM = 64 }; /* of which the socket's library uses the end */

typedef struct server_packet {
    size_t len_bytes;
    bool is_text, is_picture;
    uint8_t bytes[]; /* [SERVER_HEADROOM + len_bytes] */
} server_packet;

typedef struct server_item {
    server_message message; /* its payload lies in bytes */
    uint8_t bytes[];
} server_item;

/* With len_bytes of contents to be filled in; NULL when there is no memory. */
server_packet *server_packet_new(size_t len_bytes, bool is_text);
/* JSON text by a format. */
server_packet *server_packet_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Header and data of a picture or of samples. `before` may be empty. */
server_packet *server_packet_media(char kind, bool is_key, uint32_t number, int64_t pts_samples,
                                   limner_blob before, limner_blob data);
/* {"type": "error", ...} */
server_packet *server_packet_error(const char *code, const char *text);

#endif
