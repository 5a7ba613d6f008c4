/* SPDX-License-Identifier: Apache-2.0 */
/* See fit_rows.h. */
#include "face/fit_rows.h"

#include <string.h>

void limner_fit_rows_begin(limner_fit_rows *r, size_t n)
{
    memset(r, 0, sizeof(*r));
    r->n = n;
}

void limner_fit_rows_begin_again(limner_fit_rows *r)
{
    r->n_waiting = 0;
    r->is_again = 1;
    memset(r->b, 0, sizeof(r->b));
}

static void flush(limner_fit_rows *r)
{
    for (size_t i = r->n_waiting; i < LIMNER_FIT_ROWS_AT_ONCE; i++) {
        memset(r->row[i], 0, sizeof(r->row[i]));
        r->residual[i] = 0.0f;
    }
    const float(*row)[LIMNER_FIT_MAX_COLUMNS] = (const float(*)[LIMNER_FIT_MAX_COLUMNS])r->row;
    for (size_t i = 0; i < r->n && !r->is_again; i++) {
        float *restrict sum = r->normal[i];
        const float w[LIMNER_FIT_ROWS_AT_ONCE] = {row[0][i], row[1][i], row[2][i], row[3][i],
                                                  row[4][i], row[5][i], row[6][i], row[7][i]};

        for (size_t j = 0; j <= i; j++)
            sum[j] += ((w[0] * row[0][j] + w[1] * row[1][j]) +
                       (w[2] * row[2][j] + w[3] * row[3][j])) +
                      ((w[4] * row[4][j] + w[5] * row[5][j]) +
                       (w[6] * row[6][j] + w[7] * row[7][j]));
    }
    for (size_t k = 0; k < LIMNER_FIT_ROWS_AT_ONCE; k++) {
        const double rest = (double)r->residual[k];

        for (size_t i = 0; i < r->n; i++)
            r->b[i] += (double)row[k][i] * rest;
    }
    r->n_waiting = 0;
}

float *limner_fit_rows_next(limner_fit_rows *r, double residual)
{
    if (r->n_waiting == LIMNER_FIT_ROWS_AT_ONCE)
        flush(r);
    r->residual[r->n_waiting] = (float)residual;
    return r->row[r->n_waiting++];
}

void limner_fit_rows_end(limner_fit_rows *r, double *a, double *b)
{
    flush(r);
    for (size_t i = 0; i < r->n; i++)
        for (size_t j = 0; j <= i; j++)
            a[i * r->n + j] = (double)r->normal[i][j];
    memcpy(b, r->b, r->n * sizeof(*b));
}
