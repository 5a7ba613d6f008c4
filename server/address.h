/* SPDX-License-Identifier: Apache-2.0 */
/* Why a server could not begin, in words: a port that is taken, an address of another machine, a
 * certificate that cannot be read. Asked only after it has failed. */
#ifndef LIMNER_SERVER_ADDRESS_H
#define LIMNER_SERVER_ADDRESS_H

#include "server.h"

/* A sentence into why (size bytes): what is wrong with `address`, set's port or certificate. */
void server_address_why_not(char *why, size_t size, const server_settings *set,
                            const char *address);

#endif
