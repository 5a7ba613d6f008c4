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
    const float *r0 = r->row[0], *r1 = r->row[1], *r2 = r->row[2], *r3 = r->row[3];
    for (size_t i = 0; i < r->n; i++) {
        const float w0 = r0[i], w1 = r1[i], w2 = r2[i], w3 = r3[i];
        float *sum = r->normal[i];

        for (size_t j = 0; j <= i && !r->is_again; j++)
            sum[j] += w0 * r0[j] + w1 * r1[j] + w2 * r2[j] + w3 * r3[j];
        for (size_t k = 0; k < LIMNER_FIT_ROWS_AT_ONCE; k++)
            r->b[i] += (double)r->row[k][i] * (double)r->residual[k];
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
