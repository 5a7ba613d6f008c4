/* SPDX-License-Identifier: Apache-2.0 */
/* A window over the rows of a pipe; see live.h. */
#include "live.h"

#include <string.h>

enum { FIRST_ROOM = 256 };

int cli_live_open(cli_live *out, const char *path, bool is_absolute, double neutral_s)
{
    memset(out, 0, sizeof(*out));
    out->is_absolute = is_absolute;
    out->neutral_s = neutral_s;
    return limner_io_motion_stream_open(&out->stream, path, out->err);
}

double cli_live_duration_s(const cli_live *live)
{
    return live->n_rows > 1 ? live->last_s * (double)live->n_rows / (double)(live->n_rows - 1) : 0;
}

static int make_room(cli_live *live)
{
    const size_t room = live->room ? 2 * live->room : FIRST_ROOM;

    if (live->rows.n_frames < live->room)
        return 0;
    if (limner_io_motion_reserve(&live->rows, room) < 0) {
        strcpy(live->err, "not enough memory");
        return -1;
    }
    live->room = room;
    return 0;
}

/* Waits for one row more, or for the end. */
static int take_row(cli_live *live)
{
    limner_motion m;

    if (make_room(live) < 0)
        return -1;
    const int more = limner_io_motion_stream_next(live->stream, &m, &live->last_s, live->err);
    live->is_over = more == 0;
    if (more <= 0)
        return more;
    if (live->has_neutral)
        limner_io_motion_make_one_relative(&m, &live->neutral);
    live->rows.motion[live->rows.n_frames] = m;
    live->rows.time_s[live->rows.n_frames++] = live->last_s;
    live->n_rows++;
    return 0;
}

/* Before the first frame: what the recorded face returns to, where that is wanted. */
static int find_neutral(cli_live *live)
{
    if (take_row(live) < 0)
        return -1;
    if (live->is_absolute || limner_io_motion_stream_is_relative(live->stream))
        return 0;
    while (!live->is_over && live->last_s < live->neutral_s) {
        if (take_row(live) < 0)
            return -1;
    }
    if (limner_io_motion_neutral(&live->neutral, &live->rows, live->neutral_s, live->err) < 0)
        return -1;
    live->has_neutral = true;
    limner_io_motion_make_relative(&live->rows, &live->neutral);
    return 0;
}

int cli_live_at(cli_live *live, limner_motion *out, double time_s, double step_s)
{
    if (live->n_rows == 0 && find_neutral(live) < 0)
        return -1;
    limner_io_motion_drop(&live->rows, time_s);
    while (!live->is_over && !limner_io_motion_is_known(&live->rows, time_s)) {
        if (take_row(live) < 0)
            return -1;
        limner_io_motion_drop(&live->rows, time_s);
    }
    const double nearly = 1e-3; /* of a frame: times are rounded */
    if (live->is_over && time_s > 0 &&
        time_s + (1 - nearly) * step_s > cli_live_duration_s(live))
        return 0;
    limner_io_motion_at(out, &live->rows, time_s);
    return 1;
}

void cli_live_close(cli_live *live)
{
    limner_io_motion_stream_close(&live->stream);
    limner_io_motion_close(&live->rows);
}
