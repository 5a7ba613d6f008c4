/* SPDX-License-Identifier: Apache-2.0 */
/* Who may connect; pure. */
#ifndef LIMNER_SERVER_ACCESS_H
#define LIMNER_SERVER_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

enum { SERVER_TOKEN_BYTES = 16 }; /* of a token that is made, as twice as many digits */

/* Whether only this machine reaches the address. */
bool server_access_is_loopback(const char *address);
/* A page's origin, as "https://host:8080": that of the host asked for, or `extra` (may be NULL).
 * NULL or "": no browser asks. */
bool server_access_origin(const char *origin, const char *host, const char *extra);
/* At the loopback interface the host asked for must be this machine, whatever a name server
 * says. */
bool server_access_host(const char *host, bool is_loopback);
/* In a time that does not depend on the contents. wanted NULL: none is. */
bool server_access_token(const char *given, const char *wanted);
void server_access_print_token(char out[2 * SERVER_TOKEN_BYTES + 1],
                               const unsigned char random[SERVER_TOKEN_BYTES]);

#endif
