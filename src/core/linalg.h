/* SPDX-License-Identifier: Apache-2.0 */
/* Small dense linear algebra, in double precision but for the dot product: Cholesky, a
 * least-squares step within bounds, and rotations. Matrices are row-major. Rotations use the head
 * pose convention of limner.h: R = Ry(yaw) Rx(pitch) Rz(roll), right-handed, degrees. Nothing here
 * allocates. */
#ifndef LIMNER_CORE_LINALG_H
#define LIMNER_CORE_LINALG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* a . b of [n] in single precision: eight sums, always added up in the same order, of which the
 * compiler makes a vector. */
static inline float limner_dot(const float *a, const float *b, size_t n)
{
    float sum[8] = {0};
    size_t i = 0;

    for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; k++)
            sum[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* Factors the symmetric positive definite a [n][n] into L L^T; reads and writes the lower triangle
 * only. false, with `a` half written, when it is not positive definite or holds a NaN. */
bool limner_cholesky_factor(double *a, size_t n);
/* x [n]: b in, solution of L L^T x = b out. */
void limner_cholesky_solve(const double *l, size_t n, double *x);

/* Doubles of workspace for limner_box_solve. */
#define LIMNER_BOX_WORK(n) ((n) * (n) + (n))

/* Minimises x.A x / 2 - b.x over lo <= x <= hi, by block pivoting (Judice and Pires 1994, "A block
 * principal pivoting algorithm for large-scale strictly monotone linear complementarity
 * problems"). a [n][n] symmetric positive definite (lower triangle read), b, lo, hi, x [n]; bounds
 * may be infinite. work: LIMNER_BOX_WORK(n); state [n] is scratch. false: A is not positive
 * definite, x undefined. */
bool limner_box_solve(double *x, const double *a, const double *b, const double *lo,
                      const double *hi, size_t n, double *work, int8_t *state);

/* r [9] from angles and back. At pitch = +-90 the roll is taken as 0. */
void limner_rotation_from_angles(double r[9], double yaw, double pitch, double roll);
void limner_rotation_to_angles(const double r[9], double *yaw, double *pitch, double *roll);
/* r = exp([w]x): the turn by |w| radians about w (Rodrigues). */
void limner_rotation_from_vector(double r[9], const double w[3]);
/* out = a b, out = a v; out must not overlap the inputs. */
void limner_mat3_mul(double out[9], const double a[9], const double b[9]);
void limner_mat3_apply(double out[3], const double a[9], const double v[3]);

#endif
