/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for the address once more, by hand, for the reason that libwebsockets does not give; and
 * opens the certificate's files. */
#include "address.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *reason(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "the port is taken; choose another with --port";
    case EACCES:
    case EPERM:
        return "ports below 1024 are not for everybody; choose another with --port";
    case EADDRNOTAVAIL:
        return "that is no address of this machine; see --listen";
    default:
        return strerror(error);
    }
}

/* 0, or why nobody can listen there. */
static int try_address(const struct addrinfo *at)
{
    const int one = 1, fd = socket(at->ai_family, at->ai_socktype, at->ai_protocol);

    if (fd < 0)
        return errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    const int error =
        bind(fd, at->ai_addr, at->ai_addrlen) < 0 || listen(fd, 1) < 0 ? errno : 0;
    close(fd);
    return error;
}

static bool cannot_read(const char *path, char *why, size_t size)
{
    if (!path || access(path, R_OK) == 0)
        return false;
    if (errno == ENOENT || errno == ENOTDIR)
        snprintf(why, size, "%s: there is no such file; check the name", path);
    else
        snprintf(why, size, "%s: cannot be read: %s", path, strerror(errno));
    return true;
}

void server_address_why_not(char *why, size_t size, const server_settings *set,
                            const char *address)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *at = NULL;
    char port[8];

    snprintf(port, sizeof(port), "%u", set->port);
    if (cannot_read(set->cert, why, size) || cannot_read(set->key, why, size))
        return;
    const int unknown = getaddrinfo(address, port, &wanted, &at);
    const int error = unknown ? EADDRNOTAVAIL : try_address(at);
    if (!unknown)
        freeaddrinfo(at);
    if (error)
        snprintf(why, size, "%s port %u cannot be listened at: %s", address, set->port,
                 reason(error));
    else
        snprintf(why, size, set->cert ? "%s: is no certificate, or not that of the key"
                                      : "%s cannot be listened at",
                 set->cert ? set->cert : address);
}
