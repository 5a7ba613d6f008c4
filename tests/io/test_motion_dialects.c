/* SPDX-License-Identifier: Apache-2.0 */
/* Motion files as others write them, random motions there and back, and rows that come through a
 * pipe piece by piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "io/media.h"
#include "io/motion_columns.h"
#include "io/motion_stream.h"
#include "io/motion_take.h"

enum { N_VALUES = sizeof(limner_motion) / sizeof(float), N_ROWS = 120, N_RANDOM = 3000 };

static char err[LIMNER_IO_ERROR_SIZE];
static char text[1 << 17];

/* ---- there and back ---- */

static double uniform(double low, double high)
{
    static uint64_t state = 88172645463325252u; /* Marsaglia's xorshift64 */

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return low + (high - low) * (double)(state >> 11) / 9007199254740992.0;
}

static limner_motion random_motion(void)
{
    limner_motion m;

    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        m.expression[i] = (float)pow(uniform(0, 1), 1 + i % 4);
    m.tongue_up = (float)uniform(0, 1);
    m.yaw = (float)uniform(-180, 180);
    m.pitch = (float)uniform(-90, 90);
    m.roll = (float)(uniform(-1, 1) * pow(10, uniform(-6, 2)));
    m.x = (float)uniform(-50, 50);
    m.y = (float)(uniform(-1, 1) * pow(10, uniform(-6, 2)));
    m.z = (float)uniform(-50, 50);
    m.distance = (float)exp(uniform(-4, 4));
    m.gaze_yaw = (float)uniform(-90, 90);
    m.gaze_pitch = (float)uniform(-90, 90);
    m.breath = (float)uniform(-1, 1);
    m.sway = (float)uniform(-1, 1);
    return m;
}

static void assert_same(const limner_motion *a, const limner_motion *b)
{
    float va[N_VALUES], vb[N_VALUES];

    memcpy(va, a, sizeof(va));
    memcpy(vb, b, sizeof(vb));
    for (int i = 0; i < N_VALUES; i++) {
        if (va[i] != vb[i])
            fail_msg("value %d: %.9g became %.9g", i, (double)va[i], (double)vb[i]);
    }
}

static void any_motion_comes_back_exactly(void **state)
{
    static limner_motion m[N_RANDOM];
    limner_io_motion_writer *w;
    limner_io_motion_take take;

    (void)state;
    assert_int_equal(limner_io_motion_writer_open(&w, 60000, 1001, false, err), 0);
    for (int i = 0; i < N_RANDOM; i++) {
        m[i] = random_motion();
        assert_int_equal(limner_io_motion_writer_add(w, &m[i], err), 0);
    }
    assert_int_equal(limner_io_motion_writer_close(&w, test_path("random.csv"), err), 0);
    if (limner_io_motion_read(&take, test_path("random.csv"), err) < 0)
        fail_msg("%s", err);
    assert_int_equal(take.n_frames, N_RANDOM);
    for (int i = 0; i < N_RANDOM; i++) {
        assert_same(&take.motion[i], &m[i]);
        assert_true(fabs(take.time_s[i] - i * 1001 / 60000.0) < 1e-9);
    }
    limner_io_motion_close(&take);
}

/* ---- dialects ---- */

typedef struct dialect {
    const char *before, *quote, *blank, *end; /* of the file; around cells; of lines */
    int is_reversed, is_spaced;               /* columns; empty lines between rows */
    int rate;                                 /* frames counted in timecodes */
    int gap_at, gap;                          /* frames missing before this one */
} dialect;

static double value_of(int row, int column)
{
    return column < LIMNER_N_EXPRESSION ? (row * 7 + column * 3) % 100 / 100.0
                                        : (row + column) % 10 / 50.0;
}

/* Live Link Face's 63 columns: Timecode, BlendshapeCount, coefficients, head and eyes. */
static size_t print_cell(char *to, const dialect *d, int row, int column)
{
    const int at = row + (row >= d->gap_at ? d->gap : 0) + 3 * d->rate + 5;
    char name[LIMNER_COLUMN_NAME_SIZE];
    char cell[64];

    if (column == 0)
        snprintf(cell, sizeof(cell), "23:59:%02d:%02d.125", 47 + at / d->rate, at % d->rate);
    else if (column == 1)
        snprintf(cell, sizeof(cell), "61");
    else
        snprintf(cell, sizeof(cell), "%.10f", value_of(row, column - 2));
    if (row < 0 && column >= 2) {
        limner_io_column_name(column - 2, name);
        strcpy(cell, name);
    } else if (row < 0) {
        strcpy(cell, column ? "BlendshapeCount" : "Timecode");
    }
    return (size_t)sprintf(to, "%s%s%s%s%s", d->blank, d->quote, cell, d->quote, d->blank);
}

static void print_take(const dialect *d)
{
    const int n_columns = LIMNER_COLUMN_SECONDS + 2;
    size_t n = (size_t)sprintf(text, "%s", d->before);

    for (int row = -1; row < N_ROWS; row++) {
        for (int c = 0; c < n_columns; c++) {
            n += print_cell(text + n, d, row, d->is_reversed ? n_columns - 1 - c : c);
            n += (size_t)sprintf(text + n, "%s", c + 1 < n_columns ? "," : d->end);
        }
        n += (size_t)sprintf(text + n, "%s", d->is_spaced ? d->end : "");
    }
}

static void other_dialects_say_the_same(void **state)
{
    static const dialect dialects[] = {
        {"", "", "", "\n", 0, 0, 60, 0, 0},
        {"\xef\xbb\xbf", "", "", "\r\n", 0, 0, 60, 0, 0},
        {"", "\"", "", "\n", 1, 0, 30, 0, 0},
        {"", "\"", " ", "\r\n", 1, 1, 25, 0, 0},
        {"", "", "\t", "\n", 1, 1, 24, 70, 48},
    };
    limner_io_motion_take first, take;
    limner_io_motion_gaps gaps;

    (void)state;
    print_take(&dialects[0]);
    assert_int_equal(limner_io_motion_parse(&first, text, strlen(text), "m.csv", err), 0);
    assert_true(first.motion[3].expression[5] == (float)value_of(3, 5));
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        const dialect *d = &dialects[i];
        print_take(d);
        if (limner_io_motion_parse(&take, text, strlen(text), "m.csv", err) < 0)
            fail_msg("dialect %zu: %s", i, err);
        assert_int_equal(take.n_frames, N_ROWS);
        for (int row = 0; row < N_ROWS; row++) {
            const double at = (row + (row >= d->gap_at ? d->gap : 0) - (d->gap_at ? 0 : d->gap));
            assert_same(&take.motion[row], &first.motion[row]);
            assert_true(fabs(take.time_s[row] - at / d->rate) < 1e-9);
        }
        assert_int_equal(limner_io_motion_find_gaps(&gaps, &take, err), 0);
        assert_int_equal(gaps.n_gaps, d->gap > 0);
        assert_int_equal(gaps.n_missing, d->gap);
        assert_true(fabs(gaps.longest_s - (d->gap ? (d->gap + 1.0) / d->rate : 0)) < 1e-9);
        limner_io_motion_close(&take);
    }
    limner_io_motion_close(&first);
}

static void time_goes_on_past_midnight(void **state)
{
    const dialect d = {"", "", "", "\n", 0, 0, 10, 0, 0}; /* from 23:59:50.5 on, for 12 s */
    limner_io_motion_take take;
    char *at = text;

    (void)state;
    print_take(&d);
    while ((at = strstr(at, "23:59:6")) != NULL)
        memcpy(at, "00:00:0", 7);
    assert_int_equal(limner_io_motion_parse(&take, text, strlen(text), "m.csv", err), 0);
    for (int row = 1; row < N_ROWS; row++)
        assert_true(take.time_s[row] > take.time_s[row - 1]);
    limner_io_motion_close(&take);
}

static void decimal_commas_are_named(void **state)
{
    const dialect d = {"", "", "", "\n", 0, 0, 60, 0, 0};
    limner_io_motion_take take;

    (void)state;
    print_take(&d);
    for (char *c = strchr(text, '\n'); *c; c++)
        *c = *c == '.' ? ',' : *c;
    assert_int_equal(limner_io_motion_parse(&take, text, strlen(text), "m.csv", err), -1);
    assert_string_equal(err, "m.csv: line 2: has 125 cells, the header has 63; numbers have a "
                             "point, no comma");
    print_take(&d);
    for (char *c = text; *c; c++)
        *c = *c == ',' ? ';' : *c == '.' ? ',' : *c;
    *strchr(text, '\n') = 0;
    assert_int_equal(limner_io_motion_parse(&take, text, strlen(text), "m.csv", err), -1);
    assert_string_equal(err, "m.csv: line 1: has semicolons between its cells; export it with "
                             "commas between cells and points in numbers");
}

/* ---- through a pipe ---- */

/* A child writes `text` to a pipe in pieces of all lengths; the path to read it at. */
static pid_t start_writer(char path[32], int *fd, size_t n_text)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        for (size_t at = 0, n = 1; at < n_text; at += n, n = n * 5 % 997 + 1) {
            n = n < n_text - at ? n : n_text - at;
            if (write(ends[1], text + at, n) < 0)
                break;
        }
        _exit(0);
    }
    close(ends[1]);
    *fd = ends[0];
    snprintf(path, 32, "/dev/fd/%d", ends[0]);
    return child;
}

static size_t write_own_take(void)
{
    limner_io_motion_writer *w;
    limner_io_file f;

    assert_int_equal(limner_io_motion_writer_open(&w, 30, 1, true, err), 0);
    assert_int_equal(limner_io_motion_writer_go_live(w, test_path("live.csv"), err), 0);
    for (int i = 0; i < N_ROWS; i++) {
        const limner_motion m = random_motion();
        assert_int_equal(limner_io_motion_writer_add_at(w, &m, 5 + i / 30.0, err), 0);
    }
    assert_int_equal(limner_io_motion_writer_close(&w, test_path("live.csv"), err), 0);
    assert_int_equal(limner_io_file_read(&f, test_path("live.csv"), sizeof(text), err), 0);
    const size_t n = f.len_bytes;
    memcpy(text, f.bytes, n);
    limner_io_file_close(&f);
    return n;
}

static void a_pipe_says_what_the_file_says(void **state)
{
    limner_io_motion_stream *s;
    limner_io_motion_take take;
    limner_motion m;
    double time_s;
    char path[32];
    int fd, n = 0;

    (void)state;
    const size_t n_text = write_own_take();
    assert_int_equal(limner_io_motion_parse(&take, text, n_text, "m.csv", err), 0);
    const pid_t child = start_writer(path, &fd, n_text - 1); /* without the last line's end */
    if (limner_io_motion_stream_open(&s, path, err) != 0)
        fail_msg("%s", err);
    for (; limner_io_motion_stream_next(s, &m, &time_s, err) == 1; n++) {
        assert_same(&m, &take.motion[n]);
        assert_true(time_s == take.time_s[n]);
    }
    assert_int_equal(n, N_ROWS);
    assert_int_equal(limner_io_motion_stream_next(s, &m, &time_s, err), 0);
    assert_true(limner_io_motion_stream_is_relative(s));
    limner_io_motion_stream_close(&s);
    limner_io_motion_close(&take);
    close(fd);
    waitpid(child, NULL, 0);
}

static void damage_in_a_pipe_is_named(void **state)
{
    limner_io_motion_stream *s;
    limner_motion m;
    double time_s;
    char path[32];
    int fd, more;

    (void)state;
    const size_t n_text = write_own_take();
    const pid_t child = start_writer(path, &fd, n_text - 500);
    assert_int_equal(limner_io_motion_stream_open(&s, path, err), 0);
    while ((more = limner_io_motion_stream_next(s, &m, &time_s, err)) > 0)
        continue;
    assert_int_equal(more, -1);
    assert_non_null(strstr(err, ": line 121: has "));
    limner_io_motion_stream_close(&s);
    close(fd);
    waitpid(child, NULL, 0);
}

/* What was read to see that there are no seconds is not lost. */
static void a_pipe_with_timecodes_only_is_read_whole(void **state)
{
    const dialect d = {"", "", "", "\n", 0, 0, 60, 0, 0};
    limner_io_motion_stream *s;
    limner_io_motion_take take;
    char path[32];
    int fd;

    (void)state;
    print_take(&d);
    const pid_t child = start_writer(path, &fd, strlen(text));
    assert_int_equal(limner_io_motion_stream_open(&s, path, err), 1);
    assert_null(s);
    if (limner_io_motion_read(&take, path, err) < 0)
        fail_msg("%s", err);
    assert_int_equal(take.n_frames, N_ROWS);
    limner_io_motion_close(&take);
    close(fd);
    waitpid(child, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_motion_comes_back_exactly),
        cmocka_unit_test(other_dialects_say_the_same),
        cmocka_unit_test(time_goes_on_past_midnight),
        cmocka_unit_test(decimal_commas_are_named),
        cmocka_unit_test(a_pipe_says_what_the_file_says),
        cmocka_unit_test(damage_in_a_pipe_is_named),
        cmocka_unit_test(a_pipe_with_timecodes_only_is_read_whole),
    };

    return cmocka_run_group_tests(tests, NULL, test_clean_up);
}
