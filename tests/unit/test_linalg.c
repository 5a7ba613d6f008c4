/* SPDX-License-Identifier: Apache-2.0 */
/* core/linalg: factorisation and solution against products formed here, the bounded solve against
 * its optimality conditions, rotations against hand values and each other. */
#include "core/linalg.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"

enum { N = 40 };

/* a = M M^T + n I / 10 with M random. */
static void random_matrix(double *a, size_t n, limner_rng *rng)
{
    double *m = malloc(n * n * sizeof(*m));

    assert_non_null(m);
    for (size_t i = 0; i < n * n; i++)
        m[i] = (double)limner_rng_normal(rng);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            a[i * n + j] = i == j ? 0.1 * (double)n : 0.0;
            for (size_t k = 0; k < n; k++)
                a[i * n + j] += m[i * n + k] * m[j * n + k];
        }
    free(m);
}

static void cholesky_solves_what_it_factored(void **state)
{
    double a[N * N], l[N * N], x[N], want[N];
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 1, 1);
    random_matrix(a, N, &rng);
    memcpy(l, a, sizeof(l));
    for (size_t i = 0; i < N; i++)
        want[i] = (double)limner_rng_normal(&rng);
    for (size_t i = 0; i < N; i++) {
        x[i] = 0.0;
        for (size_t j = 0; j < N; j++)
            x[i] += a[i * N + j] * want[j];
    }
    assert_true(limner_cholesky_factor(l, N));
    limner_cholesky_solve(l, N, x);
    for (size_t i = 0; i < N; i++)
        assert_true(fabs(x[i] - want[i]) < 1e-9);
}

static void cholesky_refuses_indefinite_and_nan(void **state)
{
    double indefinite[4] = {1.0, 0.0, 2.0, 1.0}, not_a_number[4] = {NAN, 0.0, 0.0, 1.0};
    double zero[1] = {0.0};

    (void)state;
    assert_false(limner_cholesky_factor(indefinite, 2));
    assert_false(limner_cholesky_factor(not_a_number, 2));
    assert_false(limner_cholesky_factor(zero, 1));
}

/* Inside the bounds the gradient vanishes; at a bound it pushes outwards. */
static void assert_optimal(const double *a, const double *b, const double *lo, const double *hi,
                           const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double gradient = -b[i];

        for (size_t j = 0; j < n; j++)
            gradient += a[i * n + j] * x[j];
        assert_true(x[i] >= lo[i] && x[i] <= hi[i]);
        if (x[i] > lo[i])
            assert_true(gradient < 1e-7);
        if (x[i] < hi[i])
            assert_true(gradient > -1e-7);
    }
}

static void box_solution_is_optimal(void **state)
{
    double a[N * N], b[N], lo[N], hi[N], x[N];
    double *work = malloc(LIMNER_BOX_WORK(N) * sizeof(*work));
    int8_t sides[N];
    limner_rng rng;

    (void)state;
    assert_non_null(work);
    limner_rng_init(&rng, 2, 1);
    for (int round = 0; round < 50; round++) {
        size_t n_bound = 0;

        random_matrix(a, N, &rng);
        for (size_t i = 0; i < N; i++) {
            b[i] = 20.0 * (double)limner_rng_normal(&rng);
            lo[i] = i % 5 == 0 ? -INFINITY : -0.3 * (double)limner_rng_uniform(&rng);
            hi[i] = i % 7 == 0 ? INFINITY : 0.3 * (double)limner_rng_uniform(&rng);
        }
        hi[11] = lo[11] = 0.1;
        assert_true(limner_box_solve(x, a, b, lo, hi, N, work, sides));
        assert_optimal(a, b, lo, hi, x, N);
        for (size_t i = 0; i < N; i++)
            n_bound += sides[i] != 0;
        assert_true(n_bound > 5 && n_bound < N);
    }
    free(work);
}

static void box_solve_refuses_indefinite(void **state)
{
    const double a[1] = {-1.0}, b[1] = {1.0}, lo[1] = {-1.0}, hi[1] = {1.0};
    double x[1], work[LIMNER_BOX_WORK(1)];
    int8_t sides[1];

    (void)state;
    assert_false(limner_box_solve(x, a, b, lo, hi, 1, work, sides));
}

static void rotation_follows_the_pose_convention(void **state)
{
    const double nose[3] = {0.0, 0.0, 1.0}, top[3] = {0.0, 1.0, 0.0};
    double r[9], out[3];

    (void)state;
    limner_rotation_from_angles(r, 30.0, 0.0, 0.0); /* to the picture's right */
    limner_mat3_apply(out, r, nose);
    assert_true(fabs(out[0] - 0.5) < 1e-12 && fabs(out[1]) < 1e-12);
    limner_rotation_from_angles(r, 0.0, 30.0, 0.0); /* down */
    limner_mat3_apply(out, r, nose);
    assert_true(fabs(out[1] + 0.5) < 1e-12 && fabs(out[0]) < 1e-12);
    limner_rotation_from_angles(r, 0.0, 0.0, 30.0); /* the top to the picture's left */
    limner_mat3_apply(out, r, top);
    assert_true(fabs(out[0] + 0.5) < 1e-12 && fabs(out[2]) < 1e-12);
}

static void angles_survive_the_round_trip(void **state)
{
    double r[9], yaw, pitch, roll;

    (void)state;
    for (double y = -170.0; y < 180.0; y += 34.0)
        for (double p = -85.0; p < 90.0; p += 17.0)
            for (double q = -170.0; q < 180.0; q += 34.0) {
                limner_rotation_from_angles(r, y, p, q);
                limner_rotation_to_angles(r, &yaw, &pitch, &roll);
                assert_true(fabs(yaw - y) < 1e-6 && fabs(pitch - p) < 1e-6);
                assert_true(fabs(roll - q) < 1e-6);
            }
    limner_rotation_from_angles(r, 20.0, 90.0, 0.0);
    limner_rotation_to_angles(r, &yaw, &pitch, &roll);
    assert_true(fabs(yaw - 20.0) < 1e-4 && fabs(pitch - 90.0) < 1e-4);
    assert_true(roll < 1e-4 && roll > -1e-4);
}

static void vector_rotation_equals_axis_rotation(void **state)
{
    const double degree = 0.017453292519943295;
    const double about_y[3] = {0.0, 25.0 * degree, 0.0}, none[3] = {0.0, 0.0, 0.0};
    const double oblique[3] = {0.3, -0.2, 0.5};
    double a[9], b[9], c[9];

    (void)state;
    limner_rotation_from_vector(a, about_y);
    limner_rotation_from_angles(b, 25.0, 0.0, 0.0);
    for (int i = 0; i < 9; i++)
        assert_true(fabs(a[i] - b[i]) < 1e-12);
    limner_rotation_from_vector(a, none);
    for (int i = 0; i < 9; i++)
        assert_true(fabs(a[i] - (i % 4 == 0 ? 1.0 : 0.0)) < 1e-15);
    limner_rotation_from_vector(a, oblique);
    for (int i = 0; i < 9; i++)
        b[i] = a[3 * (i % 3) + i / 3];
    limner_mat3_mul(c, b, a);
    for (int i = 0; i < 9; i++)
        assert_true(fabs(c[i] - (i % 4 == 0 ? 1.0 : 0.0)) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cholesky_solves_what_it_factored),
        cmocka_unit_test(cholesky_refuses_indefinite_and_nan),
        cmocka_unit_test(box_solution_is_optimal),
        cmocka_unit_test(box_solve_refuses_indefinite),
        cmocka_unit_test(rotation_follows_the_pose_convention),
        cmocka_unit_test(angles_survive_the_round_trip),
        cmocka_unit_test(vector_rotation_equals_axis_rotation),
    };

    return cmocka_run_group_tests_name("linalg", tests, NULL, NULL);
}
