/* SPDX-License-Identifier: Apache-2.0 */
/* A lens is looked for along rays from its middle, which is not the eye's: it is tried in several
 * places; bridge and arms in columns. Along each ray or column (a scan) the picture is compared
 * with what lies on both sides; the line is the path with the largest sum (dynamic programming),
 * closed around a lens. Measured at SAMPLES_CM, whatever the picture's size. */
#include "render/rim_line.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"

#define SAMPLES_CM 18.0f                /* of the picture, a cm */
#define REACH_CM 8.5f                   /* of the window around the eyes */
#define NEAR_CM 0.7f                    /* radii, ... */
#define STEP_CM 0.05f                   /* ... their steps */
#define THIN_CM 0.14f                   /* a line is compared with what is so far beside it, ... */
#define THICK_CM 0.27f                  /* ... and so far */
#define MOST_LEVELS 40.0f               /* of a line: more counts no more */
#define TURN_LEVELS 0.6f                /* a path loses so much a lane and ray */
#define CLEAR_LEVELS 14.0f
#define SURE_FROM 12.0f                 /* mean level around a point from which on it may be, ... */
#define SURE_TO 24.0f                   /* ... and from which on it is part of a rim */
#define HALF_MOST_CM 0.26f              /* of a rim's width, half */
#define HALF_LEAST_CM 0.05f

#define EYE_CM 0.12f                     /* around lids there are other lines: */
#define LID_SHARE 0.4f
#define LOW_SHARE 0.5f                  /* arms and bridges lie above the lenses' middles */
#define ARM_CM 2.2f                     /* of an arm is looked at */

enum { N_LANES = 58, N_TURNS = 2, MOST_TURN = 2, N_RIGHT = 3, N_UP = 6, N_COLUMNS = 40,
       AROUND = 2 };

static const float places_right[N_RIGHT] = {-0.4f, 0, 0.4f};            /* of the middle, cm */
static const float places_up[N_UP] = {0.3f, -0.1f, -0.5f, -1, -1.5f, -2};

typedef struct window {
    float *luma;                        /* [h][w] */
    uint8_t *is_eye;                    /* [h][w] lids and what lies between them */
    int32_t w, h;
    float x, y, step;                   /* canvas place of the corner; px a sample */
    float cm;                           /* samples */
} window;

static float luma_of(const uint8_t *px)
{
    return 0.299f * (float)px[0] + 0.587f * (float)px[1] + 0.114f * (float)px[2];
}

/* Mean light of the step x step pixels of a sample. */
static float mean_at(const limner_texture *photo, float x, float y, int32_t n)
{
    float sum = 0;

    for (int32_t i = 0; i < n * n; i++) {
        const int32_t px = (int32_t)x + i % n, py = (int32_t)y + i / n;

        sum += luma_of(limner_texture_at(photo, px < 0 ? 0 : px >= photo->w ? photo->w - 1 : px,
                                         py < 0 ? 0 : py >= photo->h ? photo->h - 1 : py));
    }
    return sum / (float)(n * n);
}

static limner_status open_window(window *k, const limner_texture *photo, const float eye[2],
                                 float cm)
{
    const float step = fmaxf(1, floorf(cm / SAMPLES_CM + 0.5f));

    k->step = step;
    k->cm = cm / step;
    k->w = k->h = (int32_t)(2 * REACH_CM * k->cm) + 2;
    k->x = floorf(eye[0] - REACH_CM * cm);
    k->y = floorf(eye[1] - REACH_CM * cm);
    k->luma = limner_alloc((size_t)k->w * (size_t)k->h, sizeof(float));
    for (int32_t i = 0; k->luma && i < k->w * k->h; i++)
        k->luma[i] = mean_at(photo, k->x + step * (float)(i % k->w),
                             k->y + step * (float)(i / k->w), (int32_t)step);
    k->is_eye = limner_calloc((size_t)k->w * (size_t)k->h, 1);
    return k->luma && k->is_eye ? LIMNER_OK : LIMNER_E_NOMEM;
}

/* Marks what lies nearer than EYE_CM to a corner of the lids or the way between its two. */
static void mark_eye(window *k, const limner_rim_eye *eye)
{
    const float reach = EYE_CM * k->cm;

    for (int i = 0; i < eye->n; i++) {
        const float x = (eye->x[0][i] - k->x) / k->step;
        const float *upper = eye->y[0], *lower = eye->y[1];
        const int32_t top = (int32_t)((fminf(upper[i], lower[i]) - k->y) / k->step - reach);
        const int32_t low = (int32_t)((fmaxf(upper[i], lower[i]) - k->y) / k->step + reach);

        for (int32_t v = top > 0 ? top : 0; v <= low && v < k->h; v++)
            for (int32_t u = (int32_t)fmaxf(0, x - reach); u < k->w && (float)u < x + reach; u++)
                k->is_eye[v * k->w + u] = 1;
    }
}

static bool is_eye(const window *k, float x, float y)
{
    const int32_t u = (int32_t)((x - k->x) / k->step), v = (int32_t)((y - k->y) / k->step);

    return u >= 0 && v >= 0 && u < k->w && v < k->h && k->is_eye[v * k->w + u];
}

/* Bilinear, at canvas (x, y). */
static float light_at(const window *k, float x, float y)
{
    const float wx = fminf(fmaxf((x - k->x) / k->step - 0.5f, 0), (float)k->w - 1.001f);
    const float wy = fminf(fmaxf((y - k->y) / k->step - 0.5f, 0), (float)k->h - 1.001f);
    const int32_t ix = (int32_t)wx, iy = (int32_t)wy;
    const float fx = wx - (float)ix, fy = wy - (float)iy;
    const float *a = k->luma + (ptrdiff_t)iy * k->w + ix, *b = a + k->w;
    const float top = a[0] + fx * (a[1] - a[0]), low = b[0] + fx * (b[1] - b[0]);

    return top + fy * (low - top);
}

/* Scans that a path crosses: scan i goes from (x, y) along d. */
typedef struct scans {
    int n, n_turns;
    float step;                         /* px, of the lanes */
    float x[LIMNER_RIM_POINTS], y[LIMNER_RIM_POINTS], d[LIMNER_RIM_POINTS][2];
    float v[LIMNER_RIM_POINTS][N_LANES];        /* signed levels */
    int path[LIMNER_RIM_POINTS];
} scans;

/* Dark > 0, bright < 0, of the samples on, a and b. */
static float line_of(float on, float a, float b)
{
    const float dark = fminf(a, b) - on, bright = on - fmaxf(a, b);

    return dark > 0 ? dark : bright > 0 ? -bright : 0;
}

static void measure(scans *s, const window *k)
{
    enum { MARGIN = 6, ALL = N_LANES + 2 * MARGIN };
    const int thin = (int)(THIN_CM / STEP_CM + 0.5f), thick = (int)(THICK_CM / STEP_CM + 0.5f);
    float light[ALL];

    for (int i = 0; i < s->n; i++) {
        for (int j = 0; j < ALL; j++) {
            const float r = s->step * (float)(j - MARGIN);

            light[j] = light_at(k, s->x[i] + r * s->d[i][0], s->y[i] + r * s->d[i][1]);
        }
        for (int j = 0; j < N_LANES; j++) {
            const float *at = light + j + MARGIN;
            const float a = line_of(*at, at[-thin], at[thin]);
            const float b = line_of(*at, at[-thick], at[thick]);

            const float r = s->step * (float)j;
            const bool is_lid = is_eye(k, s->x[i] + r * s->d[i][0], s->y[i] + r * s->d[i][1]);

            s->v[i][j] = (is_lid ? LID_SHARE : 1) * (fabsf(a) > fabsf(b) ? a : b);
        }
    }
}

/* The path of the largest sum, closed if it turns twice. Returns its mean. */
static float best_path(scans *s)
{
    const int n = s->n, n_all = n * s->n_turns;
    float sum[2][N_LANES] = {{0}}, mean = 0;
    signed char from[LIMNER_RIM_POINTS * N_TURNS][N_LANES];
    int at = 0;

    for (int i = 0; i < n_all; i++) {
        const float *before = sum[(i + 1) % 2];
        float *now = sum[i % 2];

        for (int k = 0; k < N_LANES; k++) {
            float best = -1e9f;

            for (int j = -MOST_TURN; j <= MOST_TURN; j++) {
                const bool is_in = k + j >= 0 && k + j < N_LANES;
                const float v = is_in ? before[k + j] - TURN_LEVELS * (float)(j * j) : -1e9f;

                from[i][k] = v > best ? (signed char)j : from[i][k];
                best = fmaxf(best, v);
            }
            now[k] = best + fminf(MOST_LEVELS, fabsf(s->v[i % n][k]));
        }
    }
    for (int k = 1; k < N_LANES; k++)
        at = sum[(n_all - 1) % 2][k] > sum[(n_all - 1) % 2][at] ? k : at;
    for (int i = n_all - 1; i >= n_all - n; i--) {
        s->path[i % n] = at;
        mean += fminf(MOST_LEVELS, fabsf(s->v[i % n][at])) / (float)n;
        at += from[i][at];
    }
    return mean;
}

/* Where the line's contrast is half gone on both sides of lane `at` of scan i, px from it. */
static void edges_of(const scans *s, const window *k, int i, float cm, float edge[2])
{
    const float step = 0.02f * cm, most = HALF_MOST_CM * cm, at = s->step * (float)s->path[i];
    const float levels = s->v[i][s->path[i]], sign = levels > 0 ? 1 : -1;
    const float on = light_at(k, s->x[i] + at * s->d[i][0], s->y[i] + at * s->d[i][1]);

    for (int side = 0; side < 2; side++) {
        const float way = side ? 1 : -1;

        for (edge[side] = step; edge[side] < most; edge[side] += step) {
            const float r = at + way * edge[side];
            const float v = light_at(k, s->x[i] + r * s->d[i][0], s->y[i] + r * s->d[i][1]);

            if (sign * (v - on) > fabsf(levels) / 2)
                break;
        }
    }
}

static float median5(const float *v, int i, int n, bool is_closed)
{
    float w[5];

    for (int j = 0; j < 5; j++) {
        int at = i + j - 2;

        at = is_closed ? (at + n) % n : at < 0 ? 0 : at >= n ? n - 1 : at;
        w[j] = v[at];
        for (int k = j; k > 0 && w[k] < w[k - 1]; k--) {
            const float swap = w[k];

            w[k] = w[k - 1];
            w[k - 1] = swap;
        }
    }
    return w[2];
}

/* How sure it is that there is a line, from the levels around each point. */
static void judge(limner_rim_line *l)
{
    float all = 0;

    l->low[0] = l->low[1] = INFINITY;
    l->high[0] = l->high[1] = -INFINITY;
    l->clear = l->dark = l->strong = 0;
    for (int i = 0; i < l->n; i++) {
        const float share = 1 / (float)l->n;
        float around = 0;

        l->low[0] = fminf(l->low[0], l->x[i]);
        l->low[1] = fminf(l->low[1], l->y[i]);
        l->high[0] = fmaxf(l->high[0], l->x[i]);
        l->high[1] = fmaxf(l->high[1], l->y[i]);
        for (int j = i - AROUND; j <= i + AROUND; j++) {
            const int at = l->is_closed ? (j + l->n) % l->n : j < 0 ? 0 : j >= l->n ? l->n - 1 : j;

            around += fminf(MOST_LEVELS, fabsf(l->levels[at])) / (2 * AROUND + 1);
        }
        l->sure[i] = limner_smoothstep(around, SURE_FROM, SURE_TO);
        l->strong += around > SURE_TO ? share : 0;
        l->clear += fabsf(l->levels[i]) > CLEAR_LEVELS ? share : 0;
        l->dark += fmaxf(-MOST_LEVELS, fminf(MOST_LEVELS, l->levels[i])) * share;
        all += fminf(MOST_LEVELS, fabsf(l->levels[i])) * share;
    }
    l->dark /= fmaxf(all, 1);
}

/* The path as a line. */
static void take(limner_rim_line *l, const scans *s, const window *k, float cm)
{
    float half[LIMNER_RIM_POINTS], off[LIMNER_RIM_POINTS];

    l->n = s->n;
    l->is_closed = s->n_turns > 1;
    for (int i = 0; i < s->n; i++) {
        float edge[2];

        edges_of(s, k, i, cm, edge);
        half[i] = fmaxf(HALF_LEAST_CM * cm, (edge[0] + edge[1]) / 2);
        off[i] = (edge[1] - edge[0]) / 2;
        l->levels[i] = s->v[i][s->path[i]];
    }
    for (int i = 0; i < s->n; i++) {
        const float r = s->step * (float)s->path[i] + median5(off, i, s->n, l->is_closed);

        l->half[i] = median5(half, i, s->n, l->is_closed);
        l->x[i] = s->x[i] + r * s->d[i][0];
        l->y[i] = s->y[i] + r * s->d[i][1];
    }
    judge(l);
}

/* ---- lenses ---------------------------------------------------------------------------------- */

static float scan_from(scans *s, const window *k, const float centre[2], const float up[2],
                       float cm)
{
    s->n = LIMNER_RIM_POINTS;
    s->n_turns = N_TURNS;
    s->step = STEP_CM * cm;
    for (int i = 0; i < s->n; i++) {
        const float a = 6.2831853f * (float)i / (float)s->n, c = cosf(a), d = sinf(a);

        s->d[i][0] = c * -up[1] + d * up[0];
        s->d[i][1] = c * up[0] + d * up[1];
        s->x[i] = centre[0] + NEAR_CM * cm * s->d[i][0];
        s->y[i] = centre[1] + NEAR_CM * cm * s->d[i][1];
    }
    measure(s, k);
    return best_path(s);
}

/* The outline's middle. */
static void middle_of(const scans *s, const float centre[2], float cm, float out[2])
{
    float sum[2] = {0}, length = 0;

    for (int i = 0; i < s->n; i++) {
        const float r = NEAR_CM * cm + s->step * (float)s->path[i];

        for (int c = 0; c < 2; c++)
            sum[c] += r * r * s->d[i][c];
        length += r;
    }
    for (int c = 0; c < 2; c++)
        out[c] = centre[c] + sum[c] / length;
}

static void find_lens(limner_rim_line *l, scans *s, const window *k, const float eye[2],
                      const float up[2], float cm)
{
    float best = -1, middle[2] = {eye[0], eye[1]};

    for (int i = 0; i < N_RIGHT * N_UP; i++) {
        const float right = places_right[i % N_RIGHT] * cm, rise = places_up[i / N_RIGHT] * cm;
        const float centre[2] = {eye[0] - right * up[1] + rise * up[0],
                                 eye[1] + right * up[0] + rise * up[1]};
        const float mean = scan_from(s, k, centre, up, cm);

        if (mean > best) {
            best = mean;
            middle_of(s, centre, cm, middle);
        }
    }
    scan_from(s, k, middle, up, cm);
    take(l, s, k, cm);
    memcpy(l->centre, middle, sizeof(l->centre));
}

/* Lies (x, y) in a lens? */
static bool is_inside(const limner_rim_line *lens, float x, float y)
{
    bool is_in = false;

    for (int i = 0, j = lens->n - 1; i < lens->n; j = i++) {
        if ((lens->y[i] > y) != (lens->y[j] > y) &&
            x < lens->x[i] + (y - lens->y[i]) * (lens->x[j] - lens->x[i]) /
                                 (lens->y[j] - lens->y[i]))
            is_in = !is_in;
    }
    return is_in;
}

/* ---- bridge and arms ------------------------------------------------------------------------- */

/* Columns of height UP_CM over and under the way from `from` by `along` (px); what lies in a lens
 * is no line. */
static void scan_columns(scans *s, const window *k, const limner_rim_lines *lines,
                         const float from[2], const float along[2], const float up[2], float cm)
{
    s->n = N_COLUMNS;
    s->n_turns = 1;
    s->step = STEP_CM * cm;
    for (int i = 0; i < s->n; i++) {
        const float t = (float)i / (N_COLUMNS - 1), low = -0.5f * N_LANES * s->step;

        s->d[i][0] = up[0];
        s->d[i][1] = up[1];
        s->x[i] = from[0] + t * along[0] + low * up[0];
        s->y[i] = from[1] + t * along[1] + low * up[1];
    }
    measure(s, k);
    for (int i = 0; i < s->n * N_LANES; i++) {
        const int n = i / N_LANES, lane = i % N_LANES;
        const float r = s->step * (float)lane, x = s->x[n] + r * up[0], y = s->y[n] + r * up[1];

        if (is_inside(&lines->lens[0], x, y) || is_inside(&lines->lens[1], x, y))
            s->v[n][lane] = 0;
        else if (lane < N_LANES / 2)
            s->v[n][lane] *= LOW_SHARE;
    }
    best_path(s);
}

/* Leaves out the ends of a line that lie in a lens. */
static void leave_lenses(limner_rim_line *l, const limner_rim_lines *lines)
{
    int n = 0;

    for (int i = 0; i < l->n; i++) {
        if (is_inside(&lines->lens[0], l->x[i], l->y[i]) ||
            is_inside(&lines->lens[1], l->x[i], l->y[i]))
            continue;
        l->x[n] = l->x[i];
        l->y[n] = l->y[i];
        l->half[n] = l->half[i];
        l->levels[n++] = l->levels[i];
    }
    l->n = n;
    judge(l);
}

static void find_bridge(limner_rim_lines *lines, scans *s, const window *k, const float up[2],
                        float cm)
{
    const float *a = lines->lens[0].centre, *b = lines->lens[1].centre;

    scan_columns(s, k, lines, a, (const float[2]){b[0] - a[0], b[1] - a[1]}, up, cm);
    take(&lines->bridge, s, k, cm);
    leave_lenses(&lines->bridge, lines);
}

/* From the lens outwards. */
static void find_arm(limner_rim_lines *lines, int side, scans *s, const window *k,
                     const float up[2], float cm)
{
    const float *a = lines->lens[!side].centre, *b = lines->lens[side].centre;
    const float length = fmaxf(hypotf(b[0] - a[0], b[1] - a[1]), 1);
    const float dx = (b[0] - a[0]) / length, dy = (b[1] - a[1]) / length;
    float most = 0;

    for (int i = 0; i < lines->lens[side].n; i++)
        most = fmaxf(most, (lines->lens[side].x[i] - b[0]) * dx +
                               (lines->lens[side].y[i] - b[1]) * dy);
    scan_columns(s, k, lines, (const float[2]){b[0] + most * dx, b[1] + most * dy},
                 (const float[2]){ARM_CM * cm * dx, ARM_CM * cm * dy}, up, cm);
    take(&lines->arm[side], s, k, cm);
}

limner_status limner_rim_lines_find(limner_rim_lines *lines, const limner_texture *photo,
                                    const limner_rim_eye eyes[2], const float up[2], float cm)
{
    const float eye[2][2] = {{eyes[0].middle[0], eyes[0].middle[1]},
                             {eyes[1].middle[0], eyes[1].middle[1]}};
    const float middle[2] = {(eye[0][0] + eye[1][0]) / 2, (eye[0][1] + eye[1][1]) / 2};
    scans *s = limner_alloc(1, sizeof(*s));
    window k = {0};
    const limner_status st = s ? open_window(&k, photo, middle, cm) : LIMNER_E_NOMEM;

    if (st == LIMNER_OK) {
        for (int side = 0; side < 2; side++)
            mark_eye(&k, &eyes[side]);
        for (int side = 0; side < 2; side++)
            find_lens(&lines->lens[side], s, &k, eye[side], up, cm);
        find_bridge(lines, s, &k, up, cm);
        for (int side = 0; side < 2; side++)
            find_arm(lines, side, s, &k, up, cm);
    }
    limner_mem_free(k.luma);
    limner_mem_free(k.is_eye);
    limner_mem_free(s);
    return st;
}

float limner_rim_line_distance(const limner_rim_line *line, float x, float y, float most)
{
    float best = most * most;

    if (x < line->low[0] - most || x > line->high[0] + most || y < line->low[1] - most ||
        y > line->high[1] + most)
        return most;
    for (int i = line->is_closed ? 0 : 1; i < line->n; i++) {
        const int j = i ? i - 1 : line->n - 1;
        const float ex = line->x[i] - line->x[j], ey = line->y[i] - line->y[j];
        const float dx = x - line->x[j], dy = y - line->y[j];
        const float t = fminf(1, fmaxf(0, (dx * ex + dy * ey) / fmaxf(ex * ex + ey * ey, 1e-6f)));
        const float ox = dx - t * ex, oy = dy - t * ey;

        best = fminf(best, ox * ox + oy * oy);
    }
    return sqrtf(best);
}
