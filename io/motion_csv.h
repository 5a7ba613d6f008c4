/* SPDX-License-Identifier: Apache-2.0 */
/* Motion as a CSV file with the column names of Apple's Live Link Face, so that takes of an iPhone,
 * Audio2Face or MetaHuman import and ours export. Columns: Timecode (HH:MM:SS:FF.mmm),
 * BlendshapeCount (61), the 52 ARKit coefficients (0..1), HeadYaw, HeadPitch, HeadRoll and the
 * eyes' yaw, pitch and roll (radians, Live Link's signs: yaw > 0 towards the picture's left,
 * pitch > 0 down, eyes relative to the head), then our own: LimnerSeconds (start of the frame),
 * LimnerTongueUp, LimnerX, LimnerY, LimnerZ (cm), LimnerDistance, LimnerGazeYaw and
 * LimnerGazePitch (degrees, relative to the camera), LimnerBreath, LimnerSway, LimnerRelative (1:
 * the motion is relative to a neutral face and fits any portrait; 0 or absent: one person's as
 * seen). Floats are written with enough digits to come back bit by bit. */
#ifndef LIMNER_IO_MOTION_CSV_H
#define LIMNER_IO_MOTION_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limner/limner.h"

#define LIMNER_IO_MAX_MOTION_FRAMES 2000000
#define LIMNER_IO_MAX_MOTION_BYTES ((size_t)1 << 31)

/* ---- writing ---- */

typedef struct limner_io_motion_writer limner_io_motion_writer;

/* Keeps everything in memory until closed. fps 1..120 (timecodes count at it). is_relative: what
 * LimnerRelative says. */
int limner_io_motion_writer_open(limner_io_motion_writer **out, uint32_t fps_num, uint32_t fps_den,
                                 bool is_relative, char *err);
int limner_io_motion_writer_add(limner_io_motion_writer *w, const limner_motion *m, char *err);
/* Instead of keeping: the header now, each row of writer_add_at as it comes. Pipes and devices are
 * written directly, a file has a temporary name until closed. Before the first row. */
int limner_io_motion_writer_go_live(limner_io_motion_writer *w, const char *path, char *err);
/* A row of its own time, which rises; live only. */
int limner_io_motion_writer_add_at(limner_io_motion_writer *w, const limner_motion *m,
                                   double time_s, char *err);
/* Writes the file (temporary name, rename) and frees the writer; path NULL: frees only. Live: the
 * path it went live with. */
int limner_io_motion_writer_close(limner_io_motion_writer **w, const char *path, char *err);

/* ---- reading ---- */

typedef struct limner_io_motion_take {
    limner_motion *motion; /* [n_frames] */
    double *time_s;        /* [n_frames], from 0 on, rising */
    size_t n_frames;
    double fps; /* mean rate, 0 with fewer than two frames */
    bool is_relative; /* to a neutral face, as its first row says */
} limner_io_motion_take;

/* Strict: wrong columns, values that are not numbers or far outside their range, times that do not
 * rise are refused with file, line and column. Absent columns of our own get their rest value. */
int limner_io_motion_read(limner_io_motion_take *out, const char *path, char *err);
/* The same from memory; `name` is used in messages. */
int limner_io_motion_parse(limner_io_motion_take *out, const char *text, size_t n, const char *name,
                           char *err);
void limner_io_motion_close(limner_io_motion_take *take); /* NULL-safe */

#endif
