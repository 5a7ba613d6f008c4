/* SPDX-License-Identifier: Apache-2.0 */
/* The .limner container: what was written is read back, and nothing damaged is accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "nn/weights.h"

#define TABLE 64u
#define ENTRY 128u

typedef struct file {
    uint8_t *bytes;
    size_t len;
} file;

static const float floats[6] = {0.0f, -1.5f, 3.25f, 1e30f, -0.0f, 7.0f};
static const int8_t small[5] = {-128, -1, 0, 1, 127};

static file sample(void)
{
    limner_weights_writer *w;
    void *bytes;
    file f;

    assert_int_equal(limner_weights_writer_open(&w, "test"), LIMNER_OK);
    assert_int_equal(limner_weights_writer_add(w, "a.floats", LIMNER_DTYPE_F32, 2,
                                               (const uint32_t[]){2, 3}, floats), LIMNER_OK);
    assert_int_equal(limner_weights_writer_add(w, "b-small", LIMNER_DTYPE_I8, 1,
                                               (const uint32_t[]){5}, small), LIMNER_OK);
    assert_int_equal(limner_weights_writer_finish(w, &bytes, &f.len), LIMNER_OK);
    limner_weights_writer_close(&w);
    assert_null(w);
    f.bytes = bytes;
    return f;
}

static limner_status opens(const file *f)
{
    limner_weights *w;
    const limner_status st = limner_weights_open(&w, f->bytes, f->len);

    assert_true((st == LIMNER_OK) == (w != NULL));
    limner_weights_close(&w);
    return st;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* Makes the checksums of table and header fit again after tampering (two entries). */
static void reseal(file *f)
{
    put32(f->bytes + 28, limner_crc32c(0, f->bytes + TABLE, 2 * ENTRY));
    put32(f->bytes + 60, limner_crc32c(0, f->bytes, 60));
}

/* A sample with `value` written at `at` (little-endian, 4 bytes) and sound checksums. */
static limner_status opens_with(size_t at, uint32_t value)
{
    file f = sample();

    put32(f.bytes + at, value);
    reseal(&f);
    const limner_status st = opens(&f);
    limner_mem_free(f.bytes);
    return st;
}

static void checksum_is_crc32c(void **state)
{
    (void)state;
    assert_int_equal(limner_crc32c(0, "123456789", 9), 0xe3069283u);
    assert_int_equal(limner_crc32c(limner_crc32c(0, "1234", 4), "56789", 5), 0xe3069283u);
}

static void round_trip_is_exact(void **state)
{
    file f = sample();
    limner_weights *w;
    const limner_tensor *t;

    (void)state;
    assert_int_equal(limner_weights_open(&w, f.bytes, f.len), LIMNER_OK);
    assert_string_equal(limner_weights_kind(w), "test");
    assert_int_equal(limner_weights_count(w), 2);
    t = limner_weights_at(w, 0);
    assert_string_equal(t->name, "a.floats");
    assert_int_equal(t->n_values, 6);
    assert_int_equal((uintptr_t)t->data % LIMNER_WEIGHTS_ALIGN, 0);
    assert_memory_equal(t->data, floats, sizeof(floats));
    t = limner_weights_at(w, 1);
    assert_int_equal(t->dtype, LIMNER_DTYPE_I8);
    assert_memory_equal(t->data, small, sizeof(small));
    assert_null(limner_weights_at(w, 2));
    limner_weights_close(&w);
    limner_weights_close(&w);
    limner_mem_free(f.bytes);
}

static void find_wants_the_whole_form(void **state)
{
    file f = sample();
    limner_weights *w;

    (void)state;
    assert_int_equal(limner_weights_open(&w, f.bytes, f.len), LIMNER_OK);
    const uint32_t exact[2] = {2, 3}, any[2] = {0, 3}, wrong[2] = {3, 2};
    assert_non_null(limner_weights_find(w, "a.floats", LIMNER_DTYPE_F32, 2, exact));
    assert_non_null(limner_weights_find(w, "a.floats", LIMNER_DTYPE_F32, 2, any));
    assert_null(limner_weights_find(w, "a.floats", LIMNER_DTYPE_F32, 2, wrong));
    assert_null(limner_weights_find(w, "a.floats", LIMNER_DTYPE_F32, 1, exact));
    assert_null(limner_weights_find(w, "a.floats", LIMNER_DTYPE_I32, 2, exact));
    assert_null(limner_weights_find(w, "a.float", LIMNER_DTYPE_F32, 2, exact));
    limner_weights_close(&w);
    limner_mem_free(f.bytes);
}

static void every_truncation_is_refused(void **state)
{
    file f = sample();

    (void)state;
    for (size_t n = 0; n < f.len; n++) {
        const file cut = {f.bytes, n};
        assert_int_equal(opens(&cut), LIMNER_E_FORMAT);
    }
    assert_int_equal(opens(&f), LIMNER_OK);
    limner_mem_free(f.bytes);
}

static void every_flipped_bit_is_refused(void **state)
{
    file f = sample();

    (void)state;
    for (size_t i = 0; i < 8 * f.len; i++) {
        f.bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
        assert_true(opens(&f) < 0);
        f.bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
    }
    assert_int_equal(opens(&f), LIMNER_OK);
    limner_mem_free(f.bytes);
}

static void lies_with_sound_checksums_are_refused(void **state)
{
    const size_t e = TABLE, e2 = TABLE + ENTRY;

    (void)state;
    assert_int_equal(opens_with(12, 1), LIMNER_OK);                       /* nothing changed */
    assert_int_equal(opens_with(12, 2), LIMNER_E_FORMAT);                 /* version */
    assert_int_equal(opens_with(24, 3), LIMNER_E_FORMAT);                 /* too many tensors */
    assert_int_equal(opens_with(24, 0xffffffffu), LIMNER_E_LIMIT);
    assert_int_equal(opens_with(48, 1), LIMNER_E_FORMAT);                 /* reserved */
    assert_int_equal(opens_with(e, 0), LIMNER_E_FORMAT);                  /* empty name */
    assert_int_equal(opens_with(e + 60, 0x61616161u), LIMNER_E_FORMAT);   /* after the NUL */
    assert_int_equal(opens_with(e + 64, 0), LIMNER_E_FORMAT);             /* dtype */
    assert_int_equal(opens_with(e + 64, 8), LIMNER_E_FORMAT);
    assert_int_equal(opens_with(e + 68, 0), LIMNER_E_FORMAT);             /* rank */
    assert_int_equal(opens_with(e + 68, 5), LIMNER_E_FORMAT);
    assert_int_equal(opens_with(e + 72, 0), LIMNER_E_FORMAT);             /* dims */
    assert_int_equal(opens_with(e + 72, 0xffffffffu), LIMNER_E_FORMAT);
    assert_int_equal(opens_with(e + 80, 2), LIMNER_E_FORMAT);             /* beyond the rank */
    assert_int_equal(opens_with(e + 88, 64), LIMNER_E_FORMAT);            /* into the table */
    assert_int_equal(opens_with(e2 + 88, 320), LIMNER_E_FORMAT);          /* overlap */
    assert_int_equal(opens_with(e2 + 92, 0xffffffffu), LIMNER_E_FORMAT);  /* offset + 2^64 */
    assert_int_equal(opens_with(e2 + 96, 4), LIMNER_E_FORMAT);            /* length */
}

static void duplicate_names_are_refused(void **state)
{
    file f = sample();
    limner_weights_writer *w;

    (void)state;
    memcpy(f.bytes + TABLE + ENTRY, f.bytes + TABLE, 64);
    reseal(&f);
    assert_int_equal(opens(&f), LIMNER_E_FORMAT);
    limner_mem_free(f.bytes);
    assert_int_equal(limner_weights_writer_open(&w, "test"), LIMNER_OK);
    const uint32_t five[1] = {5};
    assert_int_equal(limner_weights_writer_add(w, "x", LIMNER_DTYPE_I8, 1, five, small),
                     LIMNER_OK);
    assert_int_equal(limner_weights_writer_add(w, "x", LIMNER_DTYPE_I8, 1, five, small),
                     LIMNER_E_ARG);
    limner_weights_writer_close(&w);
}

static void writer_refuses_bad_tensors(void **state)
{
    limner_weights_writer *w;
    const uint32_t five[1] = {5}, none[1] = {0};
    char longest[LIMNER_WEIGHTS_NAME_BYTES + 1];

    (void)state;
    assert_int_equal(limner_weights_writer_open(&w, "far too long a kind"), LIMNER_E_ARG);
    assert_null(w);
    assert_int_equal(limner_weights_writer_open(&w, "test"), LIMNER_OK);
    memset(longest, 'n', sizeof(longest));
    longest[LIMNER_WEIGHTS_NAME_BYTES] = 0;
    assert_int_equal(limner_weights_writer_add(w, longest, LIMNER_DTYPE_I8, 1, five, small),
                     LIMNER_E_ARG);
    longest[LIMNER_WEIGHTS_NAME_BYTES - 1] = 0;
    assert_int_equal(limner_weights_writer_add(w, longest, LIMNER_DTYPE_I8, 1, five, small),
                     LIMNER_OK);
    assert_int_equal(limner_weights_writer_add(w, "a b", LIMNER_DTYPE_I8, 1, five, small),
                     LIMNER_E_ARG);
    assert_int_equal(limner_weights_writer_add(w, "a", LIMNER_DTYPE_I8, 1, none, small),
                     LIMNER_E_ARG);
    assert_int_equal(limner_weights_writer_add(w, "a", LIMNER_DTYPE_I8, 5, five, small),
                     LIMNER_E_ARG);
    limner_weights_writer_close(&w);
}

static void misaligned_bytes_are_refused(void **state)
{
    file f = sample();
    limner_weights *w;

    (void)state;
    assert_int_equal(limner_weights_open(&w, f.bytes + 1, f.len - 1), LIMNER_E_ARG);
    assert_int_equal(limner_weights_open(&w, NULL, 0), LIMNER_E_ARG);
    assert_null(w);
    limner_mem_free(f.bytes);
}

static void every_failed_allocation_is_survived(void **state)
{
    file f = sample();
    limner_weights *w;
    limner_status st = LIMNER_E_NOMEM;
    const size_t live = limner_mem_live();

    (void)state;
    for (size_t n = 1; st == LIMNER_E_NOMEM; n++) {
        assert_true(n < 10);
        limner_mem_fail_after(n);
        st = limner_weights_open(&w, f.bytes, f.len);
        limner_mem_fail_after(0);
    }
    assert_int_equal(st, LIMNER_OK);
    limner_weights_close(&w);
    assert_int_equal(limner_mem_live(), live);
    limner_mem_free(f.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksum_is_crc32c),
        cmocka_unit_test(round_trip_is_exact),
        cmocka_unit_test(find_wants_the_whole_form),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(lies_with_sound_checksums_are_refused),
        cmocka_unit_test(duplicate_names_are_refused),
        cmocka_unit_test(writer_refuses_bad_tensors),
        cmocka_unit_test(misaligned_bytes_are_refused),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
