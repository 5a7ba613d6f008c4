/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as a motion file; what is taken must hold what the reader promises, be
 * interpolated, and come back the same when it is written and read again. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/media.h"
#include "io/motion_take.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(int is_true)
{
    if (!is_true)
        abort();
}

static void check_motion(const limner_motion *m)
{
    float v[sizeof(*m) / sizeof(float)];

    memcpy(v, m, sizeof(v));
    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
        check(isfinite(v[i]));
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        check(m->expression[i] >= 0 && m->expression[i] <= 1);
    check(m->distance > 0);
}

static void write_and_read(const limner_io_motion_take *take)
{
    char path[64], err[LIMNER_IO_ERROR_SIZE];
    limner_io_motion_writer *w;
    limner_io_motion_take again;

    snprintf(path, sizeof(path), "fuzz-%ld.csv", (long)getpid());
    check(limner_io_motion_writer_open(&w, 25, 1, take->is_relative, err) == 0);
    for (size_t i = 0; i < take->n_frames; i++)
        check(limner_io_motion_writer_add(w, &take->motion[i], err) == 0);
    check(limner_io_motion_writer_close(&w, path, err) == 0);
    check(limner_io_motion_read(&again, path, err) == 0);
    unlink(path);
    check(again.n_frames == take->n_frames && again.is_relative == take->is_relative);
    for (size_t i = 0; i < take->n_frames; i++)
        check(memcmp(again.motion[i].expression, take->motion[i].expression,
                     sizeof(again.motion[i].expression)) == 0);
    limner_io_motion_close(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char err[LIMNER_IO_ERROR_SIZE] = "";
    limner_io_motion_take take;
    limner_motion m;

    if (limner_io_motion_parse(&take, (const char *)bytes, n, "fuzz", err) < 0) {
        check(strncmp(err, "fuzz: line ", 11) == 0 && take.n_frames == 0);
        return 0;
    }
    check(take.n_frames > 0 && take.time_s[0] == 0);
    for (size_t i = 0; i < take.n_frames; i++) {
        check_motion(&take.motion[i]);
        check(i == 0 || take.time_s[i] > take.time_s[i - 1]);
        limner_io_motion_at(&m, &take, take.time_s[i] * 0.99);
        check_motion(&m);
    }
    write_and_read(&take);
    limner_io_motion_close(&take);
    return 0;
}
