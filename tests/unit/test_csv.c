/* SPDX-License-Identifier: Apache-2.0 */
/* motion/csv: what is written is read back; damaged files are refused with line and column. */
#include "motion/csv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/rng.h"

enum { N_FRAMES = 40, TEXT_BYTES = 64 * 1024 };

static limner_motion random_motion(limner_rng *r)
{
    limner_motion m = {0};

    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        m.expression[i] = limner_rng_uniform(r);
    for (int i = LIMNER_EYE_LOOK_DOWN_LEFT; i <= LIMNER_EYE_LOOK_UP_LEFT; i++)
        m.expression[i] = m.expression[i + LIMNER_EYE_BLINK_RIGHT] = 0.0f;
    m.tongue_up = limner_rng_uniform(r);
    m.yaw = 20.0f * limner_rng_normal(r);
    m.pitch = 10.0f * limner_rng_normal(r);
    m.roll = 5.0f * limner_rng_normal(r);
    m.x = limner_rng_normal(r);
    m.y = limner_rng_normal(r);
    m.z = limner_rng_normal(r);
    m.distance = 0.5f + limner_rng_uniform(r);
    m.gaze_yaw = 8.0f * limner_rng_normal(r);
    m.gaze_pitch = 8.0f * limner_rng_normal(r);
    m.breath = limner_rng_uniform(r);
    m.sway = -limner_rng_uniform(r);
    return m;
}

/* A file of n frames at 25 a second from start_s; returns its length. */
static size_t write_take(char *text, limner_motion *m, int n, double start_s)
{
    limner_rng r;
    size_t len = limner_motion_csv_header(text);

    limner_rng_init(&r, 1, 1);
    for (int k = 0; k < n; k++) {
        m[k] = random_motion(&r);
        len += limner_motion_csv_row(text + len, &m[k], start_s + k / 25.0);
    }
    return len;
}

static void written_takes_are_read_back(void **state)
{
    static char text[TEXT_BYTES];
    limner_motion m[N_FRAMES];
    char detail[LIMNER_DETAIL_SIZE];

    (void)state;
    for (int late = 0; late < 2; late++) {      /* the second take runs over midnight */
        size_t len = write_take(text, m, N_FRAMES, late ? 86399.5 : 0.0);
        limner_motion_take take;

        assert_true(len < TEXT_BYTES);
        assert_int_equal(limner_motion_csv_read(&take, text, len, detail), LIMNER_OK);
        assert_int_equal(take.n_frames, N_FRAMES);
        for (int k = 0; k < N_FRAMES; k++) {
            const float *a = (const float *)(const void *)&m[k];
            const float *b = (const float *)(const void *)&take.motion[k];

            assert_true(fabs(take.time_s[k] - k / 25.0) < 2e-5);
            for (size_t i = 0; i < sizeof(m[0]) / sizeof(float); i++)
                assert_true(fabsf(a[i] - b[i]) < 2e-5f);
        }
        limner_motion_take_close(&take);
        assert_null(take.motion);
    }
}

static void lines_fit_their_buffers(void **state)
{
    char header[LIMNER_MOTION_CSV_HEADER_BYTES], row[LIMNER_MOTION_CSV_ROW_BYTES];
    limner_motion m;
    float *x = (float *)(void *)&m;
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof(m) / sizeof(float); i++)
        x[i] = -9.9e8f;
    len = limner_motion_csv_header(header);
    assert_true(len < sizeof(header) - 1 && header[len - 1] == '\n' && header[len] == 0);
    len = limner_motion_csv_row(row, &m, 86399.99);
    assert_true(len < sizeof(row) - 1 && row[len - 1] == '\n' && row[len] == 0);
    assert_memory_equal(row, "23:59:59:59.400,61,", 19);
    m.x = NAN;
    m.expression[LIMNER_JAW_OPEN] = INFINITY;
    len = limner_motion_csv_row(row, &m, -1.0);
    assert_memory_equal(row, "00:00:00:00.000,61,", 19);
    assert_null(strstr(row, "n"));
}

static limner_status read_text(const char *text, char *detail)
{
    limner_motion_take take;
    limner_status st = limner_motion_csv_read(&take, text, strlen(text), detail);

    if (st == LIMNER_OK)
        limner_motion_take_close(&take);
    else
        assert_true(!take.motion && !take.time_s && !take.n_frames);
    return st;
}

/* Replaces the first `from` in the text; both may have any length. */
static void replace(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);

    assert_non_null(at);
    memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
    memcpy(at, to, strlen(to));
}

typedef struct damage {
    const char *from, *to, *says;
} damage;

static void damage_is_named_by_line_and_column(void **state)
{
    static const damage DAMAGES[] = {
        {"00:00:00:02.400", "00:00:61:02.400", "line 3, column 1: not a timecode"},
        {"00:00:00:02.400", "hello", "line 3, column 1: not a timecode"},
        {"00:00:00:02.400,61,", "00:00:00:02.400,", "line 3: fewer fields"},
        {"00:00:00:02.400,61,", "00:00:00:02.400,61,0,", "line 3: more fields"},
        {"00:00:00:02.400", "00:00:00:00.000", "line 3: the timecode does not grow"},
        {"00:00:00:02.400,61,", "00:00:00:02.400,61,x", "line 3, column 3 (eyeBlinkLeft)"},
        {"00:00:00:02.400,61,", "00:00:00:02.400,61,7", "line 3, column 3 (eyeBlinkLeft)"},
        {"00:00:00:02.400,61,0", "00:00:00:02.400,61,nan", "line 3, column 3 (eyeBlinkLeft)"},
        {"Timecode", "Time", "line 1: there is no column Timecode"},
        {"JawOpen", "JawOpened", "line 1: there is no column for jawOpen"},
        {"JawLeft", "JawOpen", "line 1, column 20 (jawOpen): this column is there twice"},
    };
    static char text[TEXT_BYTES];
    limner_motion m[3];
    char detail[LIMNER_DETAIL_SIZE];

    (void)state;
    for (size_t k = 0; k < sizeof(DAMAGES) / sizeof(DAMAGES[0]); k++) {
        text[write_take(text, m, 3, 0.0)] = 0;
        replace(text, DAMAGES[k].from, DAMAGES[k].to);
        assert_int_equal(read_text(text, detail), LIMNER_E_FORMAT);
        assert_non_null(strstr(detail, DAMAGES[k].says));
        assert_int_equal(read_text(text, NULL), LIMNER_E_FORMAT);
    }
    assert_int_equal(read_text("", detail), LIMNER_E_FORMAT);
    assert_int_equal(read_text("\n\n", detail), LIMNER_E_FORMAT);
    text[limner_motion_csv_header(text)] = 0;
    assert_int_equal(read_text(text, detail), LIMNER_E_FORMAT);
    assert_non_null(strstr(detail, "no rows"));
}

static void harmless_differences_are_accepted(void **state)
{
    static char text[TEXT_BYTES];
    limner_motion m[3];
    char detail[LIMNER_DETAIL_SIZE];

    (void)state;
    text[write_take(text, m, 3, 0.0)] = 0;
    replace(text, "Timecode", "\xef\xbb\xbfTimecode");
    replace(text, "BlendshapeCount", "Anything");
    replace(text, "Sway\n", "Sway\r\n");
    replace(text, "EyeBlinkLeft", "eyeBlinkLeft");
    strcat(text, "\r\n\n");
    assert_int_equal(read_text(text, detail), LIMNER_OK);
}

static void cut_files_never_crash(void **state)
{
    static char text[TEXT_BYTES];
    limner_motion m[3];
    size_t len = write_take(text, m, 3, 0.0);
    const size_t live = limner_mem_live();

    (void)state;
    for (size_t n = 0; n < len; n++) {
        char *cut = malloc(n + 1);              /* exactly as long: a checker sees over-reads */
        limner_motion_take take;

        memcpy(cut, text, n);
        if (limner_motion_csv_read(&take, cut, n, NULL) == LIMNER_OK)
            assert_true(take.n_frames >= 1 && take.n_frames <= 3);
        limner_motion_take_close(&take);
        free(cut);
    }
    assert_int_equal(limner_mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_takes_are_read_back),
        cmocka_unit_test(lines_fit_their_buffers),
        cmocka_unit_test(damage_is_named_by_line_and_column),
        cmocka_unit_test(harmless_differences_are_accepted),
        cmocka_unit_test(cut_files_never_crash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
