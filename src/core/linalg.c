/* SPDX-License-Identifier: Apache-2.0 */
/* Dense Cholesky, bounded quadratic programme and rotations; see linalg.h. Sizes are around 100, so
 * plain loops over rows are fast enough: one factorisation is n^3 / 6 multiplications. */
#include "core/linalg.h"

#include <assert.h>
#include <math.h>

#define DEGREE 0.017453292519943295

bool limner_cholesky_factor(double *a, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double *row = a + i * n;

        for (size_t j = 0; j <= i; j++) {
            const double *other = a + j * n;
            double sum = row[j];

            for (size_t k = 0; k < j; k++)
                sum -= row[k] * other[k];
            if (j < i)
                row[j] = sum / other[j];
            else if (sum > 0.0 && isfinite(sum))
                row[i] = sqrt(sum);
            else
                return false;
        }
    }
    return true;
}

void limner_cholesky_solve(const double *l, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) {
        double sum = x[i];

        for (size_t k = 0; k < i; k++)
            sum -= l[i * n + k] * x[k];
        x[i] = sum / l[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        x[i] /= l[i * n + i];
        for (size_t k = 0; k < i; k++)
            x[k] -= l[i * n + k] * x[i];
    }
}

enum { AT_LOW = -1, FREE = 0, AT_HIGH = 1 };

static double sym(const double *a, size_t n, size_t i, size_t j)
{
    return i >= j ? a[i * n + j] : a[j * n + i];
}

/* Solves for the free ones with the others at their bounds; the bound ones' gradient is left in
 * grad [n]. */
static bool solve_free(double *x, const double *a, const double *b, const double *lo,
                       const double *hi, size_t n, double *work, const int8_t *state)
{
    double *m = work, *grad = work + n * n;
    size_t n_free = 0;

    for (size_t i = 0; i < n; i++)
        if (state[i] != FREE)
            x[i] = state[i] == AT_LOW ? lo[i] : hi[i];
    for (size_t i = 0; i < n; i++)
        n_free += state[i] == FREE;
    for (size_t i = 0, row = 0; i < n; i++) {
        if (state[i] != FREE)
            continue;
        double sum = b[i];
        for (size_t j = 0, col = 0; j < n; j++) {
            if (state[j] != FREE)
                sum -= sym(a, n, i, j) * x[j];
            else if (j <= i)
                m[row * n_free + col++] = a[i * n + j];
        }
        grad[row++] = sum;
    }
    if (!limner_cholesky_factor(m, n_free))
        return false;
    limner_cholesky_solve(m, n_free, grad);
    for (size_t i = 0, row = 0; i < n; i++)
        if (state[i] == FREE)
            x[i] = grad[row++];
    for (size_t i = 0; i < n; i++) {
        grad[i] = -b[i];
        for (size_t j = 0; j < n && state[i] != FREE; j++)
            grad[i] += sym(a, n, i, j) * x[j];
    }
    return true;
}

/* Where variable i should be instead, or its own state when it is right. */
static int8_t better_state(double x, double grad, double lo, double hi, int8_t state)
{
    const double tiny = 1e-12;

    if (state == FREE)
        return (int8_t)(x < lo - tiny ? AT_LOW : x > hi + tiny ? AT_HIGH : FREE);
    if (lo >= hi)
        return state;
    if (state == AT_LOW)
        return (int8_t)(grad < -tiny ? FREE : AT_LOW);
    return (int8_t)(grad > tiny ? FREE : AT_HIGH);
}

bool limner_box_solve(double *x, const double *a, const double *b, const double *lo,
                      const double *hi, size_t n, double *work, int8_t *state)
{
    enum { BLOCK_TRIES = 10, MAX_ROUNDS = 400 };
    const double *grad = work + n * n;
    size_t fewest = n + 1;
    int tries = BLOCK_TRIES;

    for (size_t i = 0; i < n; i++)
        state[i] = lo[i] >= hi[i] ? AT_LOW : FREE;
    for (int round = 0; round < MAX_ROUNDS; round++) {
        size_t wrong = 0, last = 0;

        if (!solve_free(x, a, b, lo, hi, n, work, state))
            return false;
        for (size_t i = 0; i < n; i++)
            if (better_state(x[i], grad[i], lo[i], hi[i], state[i]) != state[i]) {
                wrong++;
                last = i;
            }
        if (wrong == 0)
            break;
        /* All at once while that helps, else one by one, which cannot cycle. */
        if (wrong < fewest) {
            fewest = wrong;
            tries = BLOCK_TRIES;
        } else {
            tries--;
        }
        for (size_t i = tries > 0 ? 0 : last; i < n; i++)
            state[i] = better_state(x[i], grad[i], lo[i], hi[i], state[i]);
    }
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] < lo[i] ? lo[i] : x[i] > hi[i] ? hi[i] : x[i];
    return true;
}

void limner_rotation_from_angles(double r[9], double yaw, double pitch, double roll)
{
    const double cy = cos(yaw * DEGREE), sy = sin(yaw * DEGREE);
    const double cp = cos(pitch * DEGREE), sp = sin(pitch * DEGREE);
    const double cr = cos(roll * DEGREE), sr = sin(roll * DEGREE);

    r[0] = cy * cr + sy * sp * sr;
    r[1] = -cy * sr + sy * sp * cr;
    r[2] = sy * cp;
    r[3] = cp * sr;
    r[4] = cp * cr;
    r[5] = -sp;
    r[6] = -sy * cr + cy * sp * sr;
    r[7] = sy * sr + cy * sp * cr;
    r[8] = cy * cp;
}

void limner_rotation_to_angles(const double r[9], double *yaw, double *pitch, double *roll)
{
    const double sp = -r[5] < -1.0 ? -1.0 : -r[5] > 1.0 ? 1.0 : -r[5];

    *pitch = asin(sp) / DEGREE;
    if (fabs(sp) < 0.9999999) {
        *yaw = atan2(r[2], r[8]) / DEGREE;
        *roll = atan2(r[3], r[4]) / DEGREE;
    } else {
        *yaw = atan2(-r[6], r[0]) / DEGREE;
        *roll = 0.0;
    }
}

void limner_rotation_from_vector(double r[9], const double w[3])
{
    const double angle = sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2]);
    const double s = angle > 1e-8 ? sin(angle) / angle : 1.0;
    const double c = angle > 1e-8 ? (1.0 - cos(angle)) / (angle * angle) : 0.5;

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            r[3 * i + j] = c * w[i] * w[j] + (i == j ? 1.0 - c * angle * angle : 0.0);
    r[1] -= s * w[2];
    r[2] += s * w[1];
    r[3] += s * w[2];
    r[5] -= s * w[0];
    r[6] -= s * w[1];
    r[7] += s * w[0];
}

void limner_mat3_mul(double out[9], const double a[9], const double b[9])
{
    assert(out != a && out != b);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
}

void limner_mat3_apply(double out[3], const double a[9], const double v[3])
{
    assert(out != v);
    for (int i = 0; i < 3; i++)
        out[i] = a[3 * i] * v[0] + a[3 * i + 1] * v[1] + a[3 * i + 2] * v[2];
}
