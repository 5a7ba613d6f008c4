/* SPDX-License-Identifier: Apache-2.0 */
/* Motion out: rows are kept as motion and printed at the end, or, live, printed as they come, each
 * with one write, so that a reader at the other end of a pipe has it at once. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/error.h"
#include "io/media.h"
#include "io/motion_columns.h"
#include "io/motion_csv.h"
#include "io/temporary.h"

/* A row's text is below this: 74 columns of at most 20 characters. */
enum { MAX_ROW_BYTES = 2048, FIRST_ROOM = 256 };

struct limner_io_motion_writer {
    limner_motion *motion;
    size_t n_frames, room;
    uint32_t fps_num, fps_den;
    bool is_relative, is_live;
    limner_io_temporary file; /* live */
};

int limner_io_motion_writer_open(limner_io_motion_writer **out, uint32_t fps_num, uint32_t fps_den,
                                 bool is_relative, char *err)
{
    limner_io_motion_writer *w = calloc(1, sizeof(*w));

    *out = w;
    if (!w)
        return limner_io_fail(err, "motion", "not enough memory");
    w->fps_num = fps_num;
    w->fps_den = fps_den;
    w->is_relative = is_relative;
    return 0;
}

static size_t print_header(char *text)
{
    char name[LIMNER_COLUMN_NAME_SIZE];
    size_t n = (size_t)sprintf(text, "Timecode,BlendshapeCount");

    for (int i = 0; i < LIMNER_N_COLUMNS; i++) {
        limner_io_column_name(i, name);
        n += (size_t)sprintf(text + n, ",%s", name);
    }
    text[n++] = '\n';
    return n;
}

/* Frames are counted at the rounded rate, as a timecode without drop frames does. */
static size_t print_row(char *text, const limner_io_motion_writer *w, const limner_motion *m,
                        double time_s)
{
    const uint64_t rate = (w->fps_num + w->fps_den / 2) / w->fps_den; /* from 1 on */
    const uint64_t frame = (uint64_t)llround(time_s * w->fps_num / w->fps_den);
    const uint64_t s = frame / rate;
    double row[LIMNER_N_COLUMNS];
    size_t n = (size_t)sprintf(text, "%02u:%02u:%02u:%02u.000,%d", (unsigned)(s / 3600 % 24),
                               (unsigned)(s / 60 % 60), (unsigned)(s % 60),
                               (unsigned)(frame % rate), LIMNER_BLENDSHAPE_COUNT);

    limner_io_row_from_motion(row, m);
    row[LIMNER_COLUMN_SECONDS] = time_s;
    row[LIMNER_COLUMN_RELATIVE] = w->is_relative ? 1 : 0;
    for (int i = 0; i < LIMNER_N_COLUMNS; i++) {
        const int is_exact_float = i < LIMNER_N_EXPRESSION || i > LIMNER_COLUMN_SECONDS;
        n += (size_t)sprintf(text + n, is_exact_float ? ",%.9g" : ",%.12g", row[i]);
    }
    text[n++] = '\n';
    return n;
}

static int write_live(limner_io_motion_writer *w, const char *text, size_t n, char *err)
{
    const int error = limner_io_temporary_write(&w->file, text, n);

    return error ? limner_io_fail_write(err, w->file.name, error) : 0;
}

int limner_io_motion_writer_go_live(limner_io_motion_writer *w, const char *path, char *err)
{
    char text[MAX_ROW_BYTES];

    if (limner_io_temporary_open(&w->file, path, err) < 0)
        return -1;
    w->is_live = true;
    return write_live(w, text, print_header(text), err);
}

int limner_io_motion_writer_add_at(limner_io_motion_writer *w, const limner_motion *m,
                                   double time_s, char *err)
{
    char text[MAX_ROW_BYTES];

    w->n_frames++;
    return write_live(w, text, print_row(text, w, m, time_s), err);
}

int limner_io_motion_writer_add(limner_io_motion_writer *w, const limner_motion *m, char *err)
{
    if (w->n_frames == LIMNER_IO_MAX_MOTION_FRAMES)
        return limner_io_fail(err, "motion", "has more than %d frames; use a shorter sound",
                              LIMNER_IO_MAX_MOTION_FRAMES);
    if (w->n_frames == w->room) {
        const size_t room = w->room ? 2 * w->room : FIRST_ROOM;
        limner_motion *more = realloc(w->motion, room * sizeof(*more));
        if (!more)
            return limner_io_fail(err, "motion", "not enough memory");
        w->motion = more;
        w->room = room;
    }
    w->motion[w->n_frames++] = *m;
    return 0;
}

static int write_kept(const limner_io_motion_writer *w, const char *path, char *err)
{
    char *text = malloc((w->n_frames + 1) * MAX_ROW_BYTES);

    if (!text)
        return limner_io_fail_write(err, limner_io_output_name(path), ENOMEM);
    size_t n = print_header(text);
    for (size_t i = 0; i < w->n_frames; i++)
        n += print_row(text + n, w, &w->motion[i], (double)i * w->fps_den / w->fps_num);
    const int failed = limner_io_file_write(path, text, n, err);
    free(text);
    return failed;
}

int limner_io_motion_writer_close(limner_io_motion_writer **writer, const char *path, char *err)
{
    limner_io_motion_writer *w = *writer;
    int failed = 0;

    *writer = NULL;
    if (!w)
        return 0;
    if (w->is_live && path)
        failed = limner_io_temporary_commit(&w->file, err);
    else if (w->is_live)
        limner_io_temporary_discard(&w->file);
    else if (path)
        failed = write_kept(w, path, err);
    free(w->motion);
    free(w);
    return failed;
}
