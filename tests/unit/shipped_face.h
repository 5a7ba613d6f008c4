/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped face model, for tests that need a real mesh. */
#ifndef LIMNER_TESTS_SHIPPED_FACE_H
#define LIMNER_TESTS_SHIPPED_FACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "face/face_model.h"
#include "shipped_file.h"

/* To be closed by the caller; a failure ends the test. */
static limner_face *open_shipped_face(void)
{
    limner_face *face = NULL;
    size_t len;
    void *bytes = read_shipped_file("models/face.limner", &len);

    assert_non_null(bytes);
    assert_int_equal(limner_face_open(&face, bytes, len), LIMNER_OK);
    limner_mem_free(bytes);
    return face;
}

#endif
