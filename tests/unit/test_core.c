/* SPDX-License-Identifier: Apache-2.0 */
/* Allocator, pool, frame pool, random numbers, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/frame_pool.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/rng.h"
#include "limner/version.h"

static void blocks_are_aligned_zeroed_and_counted(void **state)
{
    const size_t live = limner_mem_live();
    uint8_t *p = limner_calloc(3, 5);

    (void)state;
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % 64, 0);
    for (int i = 0; i < 15; i++)
        assert_int_equal(p[i], 0);
    assert_int_equal(limner_mem_live(), live + 1);
    limner_mem_free(p);
    limner_mem_free(NULL);
    assert_int_equal(limner_mem_live(), live);
}

static void impossible_sizes_are_refused(void **state)
{
    size_t n;

    (void)state;
    assert_null(limner_alloc(SIZE_MAX, 2));
    assert_null(limner_alloc(1, LIMNER_MEM_MAX + 1));
    assert_false(limner_size_mul(SIZE_MAX / 2, 3, &n));
    assert_false(limner_size_add(SIZE_MAX, 1, &n));
    assert_true(limner_size_mul(6, 7, &n));
    assert_int_equal(n, 42);
}

static void the_nth_allocation_fails_when_asked(void **state)
{
    void *p;

    (void)state;
    limner_mem_fail_after(2);
    p = limner_alloc(1, 1);
    assert_non_null(p);
    assert_null(limner_alloc(1, 1));
    limner_mem_fail_after(0);
    limner_mem_free(p);
}

static void mark(void *user, uint32_t slice, uint32_t n_slices)
{
    uint32_t *seen = user;

    assert_true(slice < n_slices);
    seen[slice] += slice + 1;
}

static void every_slice_runs_once(void **state)
{
    static const uint32_t threads[] = {1, 2, 8};

    (void)state;
    for (size_t t = 0; t < 3; t++) {
        limner_pool *pool;

        assert_int_equal(limner_pool_open(&pool, threads[t]), LIMNER_OK);
        assert_int_equal(limner_pool_threads(pool), threads[t]);
        for (int round = 0; round < 200; round++) {
            uint32_t seen[37] = {0};

            limner_pool_run(pool, mark, seen, 37);
            for (uint32_t i = 0; i < 37; i++)
                assert_int_equal(seen[i], i + 1);
        }
        limner_pool_close(&pool);
        assert_null(pool);
    }
}

static void frames_come_from_a_fixed_pool_and_outlive_it(void **state)
{
    const size_t live = limner_mem_live();
    limner_frame_pool *pool;
    limner_frame f[LIMNER_FRAME_POOL_SIZE], extra;
    size_t before;

    (void)state;
    assert_int_equal(limner_frame_pool_open(&pool, LIMNER_PIXEL_I420, 66, 64), LIMNER_OK);
    before = limner_mem_count();
    for (int i = 0; i < LIMNER_FRAME_POOL_SIZE; i++)
        assert_int_equal(limner_frame_pool_get(pool, &f[i]), LIMNER_OK);
    assert_int_equal(limner_frame_pool_get(pool, &extra), LIMNER_AGAIN);
    limner_frame_unref(&f[3]);
    assert_null(f[3].owner);
    assert_int_equal(limner_frame_pool_get(pool, &f[3]), LIMNER_OK);
    assert_int_equal(limner_mem_count(), before);
    limner_frame_pool_close(&pool);
    for (int i = 0; i < LIMNER_FRAME_POOL_SIZE; i++) {
        memset((uint8_t *)(uintptr_t)f[i].plane[2], 7, (size_t)f[i].stride[2] * 32);
        limner_frame_unref(&f[i]);
    }
    limner_frame_unref(&extra);
    assert_int_equal(limner_mem_live(), live);
}

static void random_numbers_repeat_and_streams_differ(void **state)
{
    limner_rng a, b, c;
    double sum = 0, squares = 0;

    (void)state;
    limner_rng_init(&a, 5, 1);
    limner_rng_init(&b, 5, 1);
    limner_rng_init(&c, 5, 2);
    assert_int_equal(limner_rng_u32(&a), limner_rng_u32(&b));
    assert_int_not_equal(limner_rng_u32(&a), limner_rng_u32(&c));
    for (int i = 0; i < 20000; i++) {
        const double v = limner_rng_normal(&a), u = limner_rng_uniform(&a);

        assert_true(u >= 0 && u < 1);
        sum += v;
        squares += v * v;
    }
    assert_true(sum / 20000 < 0.03 && sum / 20000 > -0.03);
    assert_true(squares / 20000 < 1.05 && squares / 20000 > 0.95);
}

static void names_and_indices_agree(void **state)
{
    (void)state;
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        assert_int_equal(limner_expression_index(limner_expression_name(i)), i);
    for (int i = 0; i < LIMNER_N_EMOTION; i++)
        assert_int_equal(limner_emotion_index(limner_emotion_name(i)), i);
    assert_int_equal(limner_expression_index("jawOpen"), LIMNER_JAW_OPEN);
    assert_int_equal(LIMNER_JAW_OPEN, 17);
    assert_null(limner_expression_name(52));
    assert_int_equal(limner_expression_index("nonsense"), -1);
    assert_int_equal(limner_expression_index(NULL), -1);
    assert_string_equal(limner_version(), LIMNER_VERSION_STRING);
    for (int st = LIMNER_E_POOR_FACE; st <= LIMNER_EOS; st++)
        assert_string_not_equal(limner_strerror((limner_status)st), "unknown status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_zeroed_and_counted),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(the_nth_allocation_fails_when_asked),
        cmocka_unit_test(every_slice_runs_once),
        cmocka_unit_test(frames_come_from_a_fixed_pool_and_outlive_it),
        cmocka_unit_test(random_numbers_repeat_and_streams_differ),
        cmocka_unit_test(names_and_indices_agree)
    };

    return cmocka_run_group_tests_name("core", tests, NULL, NULL);
}
