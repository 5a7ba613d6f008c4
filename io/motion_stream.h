/* SPDX-License-Identifier: Apache-2.0 */
/* A motion file that is still being written, row by row from a pipe. Its rows must have the column
 * LimnerSeconds: a rate that is to be guessed from timecodes needs all of them. */
#ifndef LIMNER_IO_MOTION_STREAM_H
#define LIMNER_IO_MOTION_STREAM_H

#include "io/motion_csv.h"

typedef struct limner_io_motion_stream limner_io_motion_stream;

/* Waits for the header. 0; -1; 1 with *out NULL: there are no LimnerSeconds, and the path is to be
 * read as a whole instead. */
int limner_io_motion_stream_open(limner_io_motion_stream **out, const char *path, char *err);
/* Waits for the next row. 1; 0 at the end; -1. *time_s starts at 0 and rises. */
int limner_io_motion_stream_next(limner_io_motion_stream *s, limner_motion *m, double *time_s,
                                 char *err);
/* What the first row said. */
bool limner_io_motion_stream_is_relative(const limner_io_motion_stream *s);
void limner_io_motion_stream_close(limner_io_motion_stream **s); /* NULL-safe; sets NULL */

#endif
