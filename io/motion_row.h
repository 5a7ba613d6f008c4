/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a motion file at a time: the header, then rows, each checked against it. Cells may
 * stand in quotes (RFC 4180, but no line ends in them); blanks around cells and empty lines do not
 * matter. Errors say line and column, both from 1 on. */
#ifndef LIMNER_IO_MOTION_ROW_H
#define LIMNER_IO_MOTION_ROW_H

#include <stdbool.h>

#include "io/motion_columns.h"

enum { LIMNER_IO_MAX_CELLS = 256, LIMNER_IO_MAX_CELL_BYTES = 64 };

typedef struct limner_io_row_reader {
    const char *name; /* for messages */
    char *err;
    size_t line;            /* the one being read */
    const char *at, *end;   /* what is left of it */
    int column;             /* the cell being read, from 1 on; 0: none */
    int n_cells;            /* of the header */
    int kind[LIMNER_IO_MAX_CELLS];
    bool has[LIMNER_N_COLUMNS], has_timecode;
} limner_io_row_reader;

typedef struct limner_io_row {
    limner_motion motion;
    double seconds;      /* LimnerSeconds, if there is that column */
    int timecode_s;      /* HH:MM:SS in seconds, if there are timecodes */
    double timecode_frames;
    bool is_relative;
} limner_io_row;

/* Lines come without their '\n'. 0, or -1. */
int limner_io_row_header(limner_io_row_reader *r, const char *line, size_t n);
/* 1: a row; 0: the line is empty; -1. */
int limner_io_row_read(limner_io_row_reader *r, limner_io_row *out, const char *line, size_t n);
/* "NAME: line L, column C: ..." into err; -1. */
int limner_io_row_fail(const limner_io_row_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
