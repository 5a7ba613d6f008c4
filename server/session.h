/* SPDX-License-Identifier: Apache-2.0 */
/* One client's face in a thread of its own. All functions are for the loop's thread; none waits but
 * server_session_close. */
#ifndef LIMNER_SERVER_SESSION_H
#define LIMNER_SERVER_SESSION_H

#include "packet.h"
#include "shared.h"

typedef struct server_session server_session;

/* NULL: no memory, no thread. */
server_session *server_session_open(server_shared *shared, const server_hello *hello, uint32_t id);
/* Whether the session has taken the item; false: too many wait. */
bool server_session_push(server_session *s, server_item *item);
/* The next packet for the client, NULL when there is none. */
server_packet *server_session_pop(server_session *s);
/* Asks it to end, with a word for the client ("shutdown"; NULL: nobody is there). */
void server_session_stop(server_session *s, const char *reason);
/* Its thread has ended by itself or because it was asked to; packets may still be there. */
bool server_session_is_over(const server_session *s);
void server_session_close(server_session **s); /* waits for the thread; NULL-safe; sets NULL */

#endif
