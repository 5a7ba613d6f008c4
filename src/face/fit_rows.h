/* SPDX-License-Identifier: Apache-2.0 */
/* Normal equations of a least-squares step, summed row by row. Rows are summed eight at a time in
 * single precision, which Gauss-Newton forgives: the gradient, which decides where it ends, is
 * summed in double precision. */
#ifndef LIMNER_FACE_FIT_ROWS_H
#define LIMNER_FACE_FIT_ROWS_H

#include <stddef.h>

enum {
    LIMNER_FIT_MAX_COLUMNS = 112,
    LIMNER_FIT_ROWS_AT_ONCE = 8
};

typedef struct limner_fit_rows {
    size_t n, n_waiting;                /* columns, rows not summed yet */
    int is_again;                       /* the normal matrix is the last one */
    float row[LIMNER_FIT_ROWS_AT_ONCE][LIMNER_FIT_MAX_COLUMNS];
    float residual[LIMNER_FIT_ROWS_AT_ONCE];
    float normal[LIMNER_FIT_MAX_COLUMNS][LIMNER_FIT_MAX_COLUMNS];
    double b[LIMNER_FIT_MAX_COLUMNS];
} limner_fit_rows;

/* Starts a system of n <= LIMNER_FIT_MAX_COLUMNS unknowns. */
void limner_fit_rows_begin(limner_fit_rows *r, size_t n);
/* Starts a system of the same unknowns whose matrix will be that of the system before: for a last
 * step, which changes it little. */
void limner_fit_rows_begin_again(limner_fit_rows *r);
/* Where the n coefficients of one more equation with this right side are to be written, before the
 * next call; row and right side are already multiplied by the root of the weight. */
float *limner_fit_rows_next(limner_fit_rows *r, double residual);
/* a [n][n] (lower triangle) and b [n] of all rows. */
void limner_fit_rows_end(limner_fit_rows *r, double *a, double *b);

#endif
