/* SPDX-License-Identifier: Apache-2.0 */
/* Browsers say which page asks, so that a foreign page cannot use a server behind its visitor's
 * back; the host is checked because a foreign name may be made to lead here. */
#include "access.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool begins(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

bool server_access_is_loopback(const char *address)
{
    return begins(address, "127.") || strcmp(address, "::1") == 0 ||
           strcasecmp(address, "localhost") == 0;
}

bool server_access_origin(const char *origin, const char *host, const char *extra)
{
    if (!origin || !*origin)
        return true;
    if (extra && strcasecmp(origin, extra) == 0)
        return true;
    const char *rest = begins(origin, "http://")    ? origin + 7
                       : begins(origin, "https://") ? origin + 8
                                                    : NULL;
    return rest && *rest && host && strcasecmp(rest, host) == 0;
}

bool server_access_host(const char *host, bool is_loopback)
{
    char name[64];

    if (!host || !*host)
        return false;
    if (!is_loopback)
        return true;
    if (begins(host, "[::1]"))
        return host[5] == 0 || host[5] == ':';
    const size_t n = strcspn(host, ":");
    if (n >= sizeof(name))
        return false;
    memcpy(name, host, n);
    name[n] = 0;
    return strcasecmp(name, "localhost") == 0 ||
           (begins(name, "127.") && name[strspn(name, "0123456789.")] == 0);
}

bool server_access_token(const char *given, const char *wanted)
{
    if (!wanted)
        return true;
    const size_t n = strlen(wanted), n_given = strlen(given);
    unsigned differs = n != n_given;

    for (size_t i = 0; i < n; i++)
        differs |= (unsigned char)wanted[i] ^ (unsigned char)(i < n_given ? given[i] : 0);
    return differs == 0;
}

void server_access_print_token(char out[2 * SERVER_TOKEN_BYTES + 1],
                               const unsigned char random[SERVER_TOKEN_BYTES])
{
    for (int i = 0; i < SERVER_TOKEN_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", random[i]);
}
