/* SPDX-License-Identifier: Apache-2.0 */
/* Test vectors of the source tree: files of 32-bit floats. */
#ifndef LIMNER_TESTS_SHIPPED_NUMBERS_H
#define LIMNER_TESTS_SHIPPED_NUMBERS_H

#include "shipped_file.h"

/* All numbers of a file, which must be there; to be freed by limner_mem_free. */
static float *read_shipped_numbers(const char *name, size_t *n)
{
    size_t len;
    float *numbers = read_shipped_file(name, &len);

    assert_non_null(numbers);
    assert_int_equal(len % sizeof(float), 0);
    *n = len / sizeof(float);
    return numbers;
}

#endif
