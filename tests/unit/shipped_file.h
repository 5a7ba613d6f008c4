/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the source tree, for tests. */
#ifndef LIMNER_TESTS_SHIPPED_FILE_H
#define LIMNER_TESTS_SHIPPED_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/mem.h"

/* All of models/face.limner, say; NULL where it is not there. To be freed by limner_mem_free. */
static void *read_shipped_file(const char *name, size_t *len_bytes)
{
    const char *root = getenv("LIMNER_SOURCE");
    char path[4096];
    uint8_t *bytes = NULL;
    long len = -1;

    *len_bytes = 0;
    snprintf(path, sizeof(path), "%s/%s", root ? root : ".", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    if (fseek(f, 0, SEEK_END) == 0)
        len = ftell(f);
    rewind(f);
    if (len >= 0)
        bytes = limner_alloc((size_t)len, 1);
    if (bytes && fread(bytes, 1, (size_t)len, f) == (size_t)len)
        *len_bytes = (size_t)len;
    fclose(f);
    return bytes;
}

#endif
