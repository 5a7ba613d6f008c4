/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped face model, for tests that need a real mesh. */
#ifndef LIMNER_TESTS_SHIPPED_FACE_H
#define LIMNER_TESTS_SHIPPED_FACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/mem.h"
#include "face/face_model.h"

/* To be closed by the caller; a failure ends the test. */
static limner_face *open_shipped_face(void)
{
    const char *root = getenv("LIMNER_SOURCE");
    limner_face *face = NULL;
    char path[4096];
    uint8_t *bytes;
    long len;

    snprintf(path, sizeof(path), "%s/models/face.limner", root ? root : ".");
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    len = ftell(f);
    rewind(f);
    bytes = limner_alloc((size_t)len, 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)len, f), (size_t)len);
    fclose(f);
    assert_int_equal(limner_face_open(&face, bytes, (size_t)len), LIMNER_OK);
    limner_mem_free(bytes);
    return face;
}

#endif
