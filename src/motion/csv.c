/* SPDX-License-Identifier: Apache-2.0 */
/* Live Link Face CSV (see csv.h). Numbers are formatted and parsed here, because the C library's
 * functions follow the locale (decimal comma). The slopes between eye angles and eyeLook shapes
 * were measured on five takes: 35 to 42 degrees a unit sideways, 27 to 30 up and down. */
#include "motion/csv.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/mem.h"
#include "motion/csv_text.h"

enum {
    N_EXPR = LIMNER_N_EXPRESSION,
    N_LIVELINK = 61,
    MAX_COLUMNS = 256,
    OWN_TIMECODE_HZ = 60
};

/* Columns after the 52 coefficients. */
enum {
    HEAD_YAW, HEAD_PITCH, HEAD_ROLL, LEFT_YAW, LEFT_PITCH, LEFT_ROLL, RIGHT_YAW, RIGHT_PITCH,
    RIGHT_ROLL, TONGUE_UP, HEAD_X, HEAD_Y, HEAD_Z, DISTANCE, GAZE_YAW, GAZE_PITCH, BREATH, SWAY,
    N_OTHER
};

static const char *const OTHER_NAME[N_OTHER] = {
    "HeadYaw", "HeadPitch", "HeadRoll", "LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll",
    "RightEyeYaw", "RightEyePitch", "RightEyeRoll", "TongueUp", "HeadX", "HeadY", "HeadZ",
    "Distance", "GazeYaw", "GazePitch", "Breath", "Sway"
};

static const float DEGREES = 57.29577951f;      /* in a radian */
static const float LOOK_YAW_DEG = 37.0f;        /* of eyeLookIn, eyeLookOut at 1 */
static const float LOOK_PITCH_DEG = 29.0f;      /* of eyeLookUp, eyeLookDown at 1 */

/* Live Link Face keeps ARKit's order but for two pairs. */
static int expression_of_column(int column)
{
    switch (column) {
    case LIMNER_JAW_LEFT: return LIMNER_JAW_RIGHT;
    case LIMNER_JAW_RIGHT: return LIMNER_JAW_LEFT;
    case LIMNER_MOUTH_LEFT: return LIMNER_MOUTH_RIGHT;
    case LIMNER_MOUTH_RIGHT: return LIMNER_MOUTH_LEFT;
    default: return column;
    }
}

/* ---- writing ------------------------------------------------------------------------------- */

size_t limner_motion_csv_header(char buf[LIMNER_MOTION_CSV_HEADER_BYTES])
{
    limner_text t = {buf, LIMNER_MOTION_CSV_HEADER_BYTES, 0};

    limner_text_add(&t, "Timecode,BlendshapeCount");
    for (int c = 0; c < N_EXPR; c++) {
        const char *name = limner_expression_name(expression_of_column(c));
        char first[2] = {(char)(name[0] - 'a' + 'A'), 0};

        limner_text_add(&t, ",");
        limner_text_add(&t, first);
        limner_text_add(&t, name + 1);
    }
    for (int c = 0; c < N_OTHER; c++) {
        limner_text_add(&t, ",");
        limner_text_add(&t, OTHER_NAME[c]);
    }
    limner_text_add(&t, "\n");
    return t.len;
}

static void add_timecode(limner_text *t, double time_s)
{
    double ticks = floor(fmax(time_s, 0.0) * OWN_TIMECODE_HZ * 1000.0 + 0.5);
    uint64_t n = ticks < 9e15 ? (uint64_t)ticks : 0;            /* thousandths of a frame */
    uint64_t s = n / (OWN_TIMECODE_HZ * 1000), rest = n % (OWN_TIMECODE_HZ * 1000);

    limner_text_add_digits(t, s / 3600 % 24, 2);
    limner_text_add(t, ":");
    limner_text_add_digits(t, s / 60 % 60, 2);
    limner_text_add(t, ":");
    limner_text_add_digits(t, s % 60, 2);
    limner_text_add(t, ":");
    limner_text_add_digits(t, rest / 1000, 2);
    limner_text_add(t, ".");
    limner_text_add_digits(t, rest % 1000, 3);
}

/* eyeLook shapes of one eye from its angles in the head, our signs. */
static void look(float *expression, int in, int out, int up, int down, float out_deg,
                 float pitch_deg)
{
    expression[in] = fminf(1.0f, fmaxf(0.0f, -out_deg / LOOK_YAW_DEG));
    expression[out] = fminf(1.0f, fmaxf(0.0f, out_deg / LOOK_YAW_DEG));
    expression[up] = fminf(1.0f, fmaxf(0.0f, -pitch_deg / LOOK_PITCH_DEG));
    expression[down] = fminf(1.0f, fmaxf(0.0f, pitch_deg / LOOK_PITCH_DEG));
}

size_t limner_motion_csv_row(char buf[LIMNER_MOTION_CSV_ROW_BYTES], const limner_motion *m,
                             double time_s)
{
    limner_text t = {buf, LIMNER_MOTION_CSV_ROW_BYTES, 0};
    float e[N_EXPR], yaw = m->gaze_yaw - m->yaw, pitch = m->gaze_pitch - m->pitch;
    const float other[N_OTHER] = {
        -m->yaw / DEGREES, m->pitch / DEGREES, -m->roll / DEGREES, -yaw / DEGREES,
        pitch / DEGREES, 0.0f, -yaw / DEGREES, pitch / DEGREES, 0.0f, m->tongue_up, m->x, m->y,
        m->z, m->distance, m->gaze_yaw, m->gaze_pitch, m->breath, m->sway
    };

    memcpy(e, m->expression, sizeof(e));
    look(e, LIMNER_EYE_LOOK_IN_LEFT, LIMNER_EYE_LOOK_OUT_LEFT, LIMNER_EYE_LOOK_UP_LEFT,
         LIMNER_EYE_LOOK_DOWN_LEFT, yaw, pitch);
    look(e, LIMNER_EYE_LOOK_IN_RIGHT, LIMNER_EYE_LOOK_OUT_RIGHT, LIMNER_EYE_LOOK_UP_RIGHT,
         LIMNER_EYE_LOOK_DOWN_RIGHT, -yaw, pitch);
    add_timecode(&t, time_s);
    limner_text_add(&t, ",");
    limner_text_add_digits(&t, N_LIVELINK, 1);
    for (int c = 0; c < N_EXPR + N_OTHER; c++) {
        limner_text_add(&t, ",");
        limner_text_add_number(&t, c < N_EXPR ? e[expression_of_column(c)] : other[c - N_EXPR]);
    }
    limner_text_add(&t, "\n");
    return t.len;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* What a column holds: 0..51 a coefficient, 52.. N_OTHER, or one of these. */
enum { COLUMN_TIME = -1, COLUMN_IGNORED = -2 };

typedef struct reader {
    limner_text_fields in;
    int16_t meaning[MAX_COLUMNS];
    int n_columns;
    bool has[N_EXPR + N_OTHER];
    bool has_time;
    char *detail;
} reader;

static limner_status fail(const reader *r, const char *what, int column)
{
    limner_text t = {r->detail, LIMNER_DETAIL_SIZE, 0};

    if (!r->detail)
        return LIMNER_E_FORMAT;
    limner_text_add(&t, "line ");
    limner_text_add_digits(&t, (uint64_t)r->in.line, 1);
    if (column >= 0) {
        limner_text_add(&t, ", column ");
        limner_text_add_digits(&t, (uint64_t)column + 1, 1);
    }
    if (column >= 0 && column < r->n_columns && r->meaning[column] >= 0) {
        int k = r->meaning[column];

        limner_text_add(&t, " (");
        limner_text_add(&t, k < N_EXPR ? limner_expression_name(k) : OTHER_NAME[k - N_EXPR]);
        limner_text_add(&t, ")");
    }
    limner_text_add(&t, ": ");
    limner_text_add(&t, what);
    return LIMNER_E_FORMAT;
}

static bool is_name(const limner_text_field *f, const char *name, bool any_case_first)
{
    size_t n = strlen(name);

    if (f->len != n || n == 0)
        return false;
    if (f->at[0] != name[0] && !(any_case_first && f->at[0] == name[0] - 'a' + 'A'))
        return false;
    return memcmp(f->at + 1, name + 1, n - 1) == 0;
}

static int meaning_of(const limner_text_field *f)
{
    if (is_name(f, "Timecode", false))
        return COLUMN_TIME;
    for (int k = 0; k < N_EXPR; k++)
        if (is_name(f, limner_expression_name(k), true))
            return k;
    for (int k = 0; k < N_OTHER; k++)
        if (is_name(f, OTHER_NAME[k], false))
            return N_EXPR + k;
    return COLUMN_IGNORED;
}

static limner_status read_header(reader *r)
{
    limner_text_field f;

    if (!limner_text_next_line(&r->in))
        return fail(r, "the file is empty", -1);
    while (limner_text_next_field(&r->in, &f)) {
        int k = meaning_of(&f);
        bool *seen = k >= 0 ? &r->has[k] : &r->has_time;

        if (r->n_columns == MAX_COLUMNS)
            return fail(r, "too many columns", -1);
        r->meaning[r->n_columns++] = (int16_t)k;
        if (k == COLUMN_IGNORED)
            continue;
        if (*seen)
            return fail(r, "this column is there twice", r->n_columns - 1);
        *seen = true;
    }
    if (!r->has_time)
        return fail(r, "there is no column Timecode: not a Live Link Face file", -1);
    for (int k = 0; k < N_EXPR; k++)
        if (!r->has[k]) {
            fail(r, "there is no column for ", -1);
            if (r->detail) {
                limner_text t = {r->detail, LIMNER_DETAIL_SIZE, strlen(r->detail)};

                limner_text_add(&t, limner_expression_name(k));
            }
            return LIMNER_E_FORMAT;
        }
    return LIMNER_OK;
}

/* hh:mm:ss:ff or hh:mm:ss:ff.fraction; seconds of the day and frames apart. */
static bool read_timecode(const limner_text_field *f, double *seconds, double *frames)
{
    limner_text_field rest = *f;
    double part[3];

    for (int i = 0; i < 3; i++) {
        const char *colon = memchr(rest.at, ':', rest.len);
        limner_text_field head = {rest.at, colon ? (size_t)(colon - rest.at) : 0};

        if (!colon || !limner_text_number(&head, &part[i]) || part[i] < 0.0 ||
            part[i] > (i == 0 ? 99.0 : 59.0) || part[i] != floor(part[i]))
            return false;
        rest.at = colon + 1;
        rest.len -= head.len + 1;
    }
    *seconds = part[0] * 3600.0 + part[1] * 60.0 + part[2];
    return limner_text_number(&rest, frames) && *frames >= 0.0 && *frames < 240.0;
}

/* Radians, our signs, into a motion. x [N_EXPR + N_OTHER]; what the file lacks is 0. */
static void fill_motion(const reader *r, limner_motion *m, const float *x)
{
    const float *o = x + N_EXPR;
    float yaw, pitch;

    memset(m, 0, sizeof(*m));
    for (int k = 0; k < N_EXPR; k++)
        m->expression[k] = fminf(1.0f, fmaxf(0.0f, x[k]));
    m->yaw = -o[HEAD_YAW] * DEGREES;
    m->pitch = o[HEAD_PITCH] * DEGREES;
    m->roll = -o[HEAD_ROLL] * DEGREES;
    if (r->has[N_EXPR + LEFT_YAW] && r->has[N_EXPR + RIGHT_YAW]) {
        yaw = -0.5f * (o[LEFT_YAW] + o[RIGHT_YAW]) * DEGREES;
        pitch = 0.5f * (o[LEFT_PITCH] + o[RIGHT_PITCH]) * DEGREES;
    } else {
        yaw = 0.5f * LOOK_YAW_DEG *
              (x[LIMNER_EYE_LOOK_OUT_LEFT] - x[LIMNER_EYE_LOOK_IN_LEFT] -
               x[LIMNER_EYE_LOOK_OUT_RIGHT] + x[LIMNER_EYE_LOOK_IN_RIGHT]);
        pitch = 0.5f * LOOK_PITCH_DEG *
                (x[LIMNER_EYE_LOOK_DOWN_LEFT] - x[LIMNER_EYE_LOOK_UP_LEFT] +
                 x[LIMNER_EYE_LOOK_DOWN_RIGHT] - x[LIMNER_EYE_LOOK_UP_RIGHT]);
    }
    m->gaze_yaw = r->has[N_EXPR + GAZE_YAW] ? o[GAZE_YAW] : m->yaw + yaw;
    m->gaze_pitch = r->has[N_EXPR + GAZE_PITCH] ? o[GAZE_PITCH] : m->pitch + pitch;
    for (int k = LIMNER_EYE_LOOK_DOWN_LEFT; k <= LIMNER_EYE_LOOK_UP_LEFT; k++)
        m->expression[k] = m->expression[k + LIMNER_EYE_BLINK_RIGHT] = 0.0f;
    m->tongue_up = fminf(1.0f, fmaxf(0.0f, o[TONGUE_UP]));
    m->x = o[HEAD_X];
    m->y = o[HEAD_Y];
    m->z = o[HEAD_Z];
    m->distance = r->has[N_EXPR + DISTANCE] ? o[DISTANCE] : 1.0f;
    m->breath = o[BREATH];
    m->sway = o[SWAY];
}

/* Bounds that any sane file keeps; beyond them it is damaged or something else. */
static bool is_plausible(int k, double x)
{
    if (k < N_EXPR)
        return x >= -1.0 && x <= 2.0;
    k -= N_EXPR;
    if (k <= RIGHT_ROLL)
        return x >= -6.3 && x <= 6.3;
    if (k == DISTANCE)
        return x >= 0.1 && x <= 10.0;
    return x >= -180.0 && x <= 180.0;
}

static int count_fields(const reader *r)
{
    limner_text_fields in = r->in;
    limner_text_field f;
    int n = 0;

    while (limner_text_next_field(&in, &f))
        n++;
    return n;
}

static limner_status read_row(reader *r, limner_motion *m, double *seconds, double *frames)
{
    float x[N_EXPR + N_OTHER] = {0};
    limner_text_field f;
    int n = count_fields(r), column = 0;

    if (n != r->n_columns)
        return fail(r, n < r->n_columns ? "fewer fields than the header has"
                                        : "more fields than the header has", -1);
    for (; limner_text_next_field(&r->in, &f); column++) {
        int k = r->meaning[column];
        double v;

        if (k == COLUMN_TIME) {
            if (!read_timecode(&f, seconds, frames))
                return fail(r, "not a timecode hh:mm:ss:ff.fff", column);
            continue;
        }
        if (!limner_text_number(&f, &v))
            return fail(r, "not a number", column);
        if (k == COLUMN_IGNORED)
            continue;
        if (!is_plausible(k, v))
            return fail(r, "out of range", column);
        x[k] = (float)v;
    }
    fill_motion(r, m, x);
    return LIMNER_OK;
}

/* The rate a foreign timecode counts in is not written anywhere: it is the least usual one above
 * the largest count. Short takes may not show it, but then it hardly matters. */
static double timecode_hz(const reader *r, const double *frames, size_t n)
{
    static const double USUAL_HZ[] = {24.0, 25.0, 30.0, 50.0, 60.0, 100.0, 120.0, 240.0};
    double most = 0.0;
    size_t i = 0;

    if (r->has[N_EXPR + TONGUE_UP])             /* ours */
        return OWN_TIMECODE_HZ;
    for (size_t k = 0; k < n; k++)
        most = fmax(most, floor(frames[k]));
    while (USUAL_HZ[i] <= most)                 /* frames are below 240 */
        i++;
    return USUAL_HZ[i];
}

/* Seconds of day and frames -> seconds from the first row. A step back by more than half a day is
 * midnight. Returns the first row that does not grow, or n. */
static size_t settle_times(const reader *r, double *time_s, const double *frames, size_t n)
{
    double hz = timecode_hz(r, frames, n), day = 0.0, first = time_s[0] + frames[0] / hz;

    for (size_t k = 0; k < n; k++) {
        double t = time_s[k] + frames[k] / hz - first + day;

        if (k && t < time_s[k - 1] - 43200.0) {
            day += 86400.0;
            t += 86400.0;
        }
        if (k && t <= time_s[k - 1])
            return k;
        time_s[k] = t;
    }
    return n;
}

static limner_status read_rows(reader *r, limner_motion_take *out, double *frames, size_t n_max)
{
    int first_row = r->in.line + 1;
    size_t bad;

    while (limner_text_next_line(&r->in)) {
        limner_status st;

        if (limner_text_is_blank_to_end(&r->in))
            break;
        if (out->n_frames == n_max)
            return LIMNER_E_LIMIT;
        st = read_row(r, &out->motion[out->n_frames], &out->time_s[out->n_frames],
                      &frames[out->n_frames]);
        if (st < 0)
            return st;
        out->n_frames++;
    }
    if (!out->n_frames)
        return fail(r, "there are no rows after the header", -1);
    bad = settle_times(r, out->time_s, frames, out->n_frames);
    if (bad < out->n_frames) {
        r->in.line = first_row + (int)bad;
        return fail(r, "the timecode does not grow", -1);
    }
    return LIMNER_OK;
}

limner_status limner_motion_csv_read(limner_motion_take *out, const char *text, size_t len_bytes,
                                     char *detail)
{
    reader r = {.detail = detail};
    double *frames = NULL;
    limner_status st;
    size_t n;

    memset(out, 0, sizeof(*out));
    if (detail)
        detail[0] = 0;
    limner_text_begin(&r.in, text, len_bytes);
    st = read_header(&r);
    if (st < 0)
        return st;
    n = limner_text_lines_left(&r.in);
    if (n > LIMNER_MOTION_CSV_MAX_FRAMES)
        return LIMNER_E_LIMIT;
    out->motion = limner_alloc(n + 1, sizeof(*out->motion));
    out->time_s = limner_alloc(n + 1, sizeof(*out->time_s));
    frames = limner_alloc(n + 1, sizeof(*frames));
    st = LIMNER_E_NOMEM;
    if (out->motion && out->time_s && frames)
        st = read_rows(&r, out, frames, n);
    limner_mem_free(frames);
    if (st < 0)
        limner_motion_take_close(out);
    return st;
}

void limner_motion_take_close(limner_motion_take *take)
{
    if (!take)
        return;
    limner_mem_free(take->motion);
    limner_mem_free(take->time_s);
    memset(take, 0, sizeof(*take));
}
