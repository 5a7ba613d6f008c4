/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as an unnamed file that io/ reads by a path. */
#ifndef LIMNER_SERVER_TEMPORARY_H
#define LIMNER_SERVER_TEMPORARY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct server_temporary {
    FILE *file; /* gone when it is closed */
    char path[32];
} server_temporary;

int server_temporary_open(server_temporary *out, const uint8_t *bytes, size_t n); /* 0, or -1 */
void server_temporary_close(server_temporary *t); /* of zeros: does nothing */

#endif
