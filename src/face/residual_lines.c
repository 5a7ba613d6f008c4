/* SPDX-License-Identifier: Apache-2.0 */
/* The lines where lips and lids meet, in a fit's residual: their vertices follow the curve through
 * their landmarks one by one and never cross. Crop pixels, y down. */
#include "face/residual_internal.h"

#include <string.h>

#define LINE_WEIGHT 300.0f      /* exact */
/* Openings of at most this share of the line's length are shut. */
#define LIPS_SHUT 0.02f
#define LIDS_SHUT 0.03f

enum { MAX_MARKS = 11, MAX_LINE = LIMNER_RESIDUAL_MAX_LINE };

/* Landmarks along a line in the order of limner_face_contact: the net's own topology. */
typedef struct line_marks {
    size_t n;
    uint16_t upper[MAX_MARKS], lower[MAX_MARKS];
} line_marks;

static const line_marks lip_marks = {
    11,
    {78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308},
    {78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308},
};

static const line_marks lid_marks[2] = {
    {9,
     {362, 398, 384, 385, 386, 387, 388, 466, 263},
     {362, 382, 381, 380, 374, 373, 390, 249, 263}},
    {9, {133, 173, 157, 158, 159, 160, 161, 246, 33}, {133, 155, 154, 153, 145, 144, 163, 7, 33}},
};

/* One side of a contact: each vertex lies at mark_at on the landmarks' curve (2.5: half way from
 * the third to the fourth) and moves by move. */
typedef struct line_side {
    const uint16_t *vertex, *mark;
    float mark_at[MAX_LINE];
    float move[MAX_LINE][2];
} line_side;

static void vertex_at(const limner_residual *r, uint16_t v, float out[2])
{
    out[0] = r->px[3 * v];
    out[1] = r->px[3 * v + 1];
}

static bool landmark_is_on(const limner_face *f, size_t k, uint16_t vertex)
{
    for (size_t j = 0; j < 3; j++)
        if (f->landmark_vertex[3 * k + j] == vertex && f->landmark_bary[3 * k + j] > 0.9f)
            return true;
    return false;
}

/* Spreads first..last of the line over the marks a..b in proportion to the way along it. */
static void spread_marks(const limner_residual *r, line_side *s, size_t first, size_t last, float a,
                         float b)
{
    float length = 0.0f, p[2], q[2];

    s->mark_at[first] = 0.0f;
    for (size_t i = first + 1; i <= last; i++) {
        vertex_at(r, s->vertex[i - 1], p);
        vertex_at(r, s->vertex[i], q);
        length += limner_residual_distance(p, q);
        s->mark_at[i] = length;
    }
    for (size_t i = first; i <= last; i++)
        s->mark_at[i] = a + (b - a) * (length > 0.0f ? s->mark_at[i] / length : 0.0f);
}

/* Ties the line to the marks whose vertices it holds, in order; the ends belong together. */
static void tie_marks(const limner_residual *r, line_side *s, size_t n, size_t n_marks)
{
    size_t vertex = 0, mark = 0;

    for (size_t i = 1; i + 1 < n; i++)
        for (size_t k = mark + 1; k + 1 < n_marks; k++)
            if (landmark_is_on(r->face, s->mark[k], s->vertex[i]) && s->vertex[i] != s->vertex[0] &&
                s->vertex[i] != s->vertex[n - 1] && s->vertex[i] != s->vertex[vertex]) {
                spread_marks(r, s, vertex, i, (float)mark, (float)k);
                vertex = i;
                mark = k;
                break;
            }
    spread_marks(r, s, vertex, n - 1, (float)mark, (float)(n_marks - 1));
}

/* Catmull-Rom curve through the landmarks. */
static void curve_at(const limner_residual *r, const line_side *s, size_t n_marks, float at,
                     float out[2])
{
    const size_t last = n_marks - 1;
    size_t i = at > 0.0f ? (size_t)at : 0;

    i = i < last ? i : last - 1;
    const float t = at - (float)i;
    const float *p0 = r->landmark[s->mark[i > 0 ? i - 1 : 0]], *p1 = r->landmark[s->mark[i]];
    const float *p2 = r->landmark[s->mark[i + 1]];
    const float *p3 = r->landmark[s->mark[i + 2 <= last ? i + 2 : last]];
    for (size_t c = 0; c < 2; c++)
        out[c] = p1[c] + 0.5f * t *
                             (p2[c] - p0[c] +
                              t * (2.0f * p0[c] - 5.0f * p1[c] + 4.0f * p2[c] - p3[c] +
                                   t * (3.0f * (p1[c] - p2[c]) + p3[c] - p0[c])));
}

static void move_side(limner_residual *r, line_side *s, size_t n, size_t n_marks)
{
    float at[2], to[2];

    tie_marks(r, s, n, n_marks);
    for (size_t i = 0; i < n; i++) {
        vertex_at(r, s->vertex[i], at);
        curve_at(r, s, n_marks, s->mark_at[i], to);
        for (size_t c = 0; c < 2; c++)
            s->move[i][c] = to[c] - at[c];
    }
    for (size_t k = 0; k < n_marks; k++)
        r->on_line[s->mark[k]] = 1;
}

/* How far upper[i] ends up above lower[i], pixels; middle: half way between them. */
static float gap_at(const limner_residual *r, const line_side *upper, const line_side *lower,
                    size_t i, float middle[2])
{
    const float up[2] = {r->fit->rotation[1], -r->fit->rotation[4]};
    float a[2], b[2], gap = 0.0f;

    vertex_at(r, upper->vertex[i], a);
    vertex_at(r, lower->vertex[i], b);
    for (size_t c = 0; c < 2; c++) {
        a[c] += upper->move[i][c];
        b[c] += lower->move[i][c];
        middle[c] = 0.5f * (a[c] + b[c]);
        gap += (a[c] - b[c]) * up[c];
    }
    return gap;
}

/* Closes the pairs that cross, and all of them when the opening is at most closed_share of the
 * line's length: then the landmarks' gap is noise. */
static void close_crossed(const limner_residual *r, line_side *upper, line_side *lower, size_t n,
                          float closed_share)
{
    float widest = 0.0f, middle[2], a[2], b[2];

    for (size_t i = 0; i < n; i++)
        widest = fmaxf(widest, gap_at(r, upper, lower, i, middle));
    vertex_at(r, upper->vertex[0], a);
    vertex_at(r, upper->vertex[n - 1], b);
    const bool is_shut = widest < closed_share * limner_residual_distance(a, b);
    for (size_t i = 0; i < n; i++) {
        if (gap_at(r, upper, lower, i, middle) > 0.0f && !is_shut)
            continue;
        vertex_at(r, upper->vertex[i], a);
        vertex_at(r, lower->vertex[i], b);
        for (size_t c = 0; c < 2; c++) {
            upper->move[i][c] = middle[c] - a[c];
            lower->move[i][c] = middle[c] - b[c];
        }
    }
}

/* Similarity of the whole line: mean move, and change of the distance between its corners. */
static limner_similarity line_similarity(const limner_residual *r, const line_side *upper,
                                         const line_side *lower, size_t n)
{
    const float least = 0.6f, most = 1.8f;
    limner_similarity s = {{0.0f, 0.0f}, {0.0f, 0.0f}, 1.0f};
    float a[2], b[2], c[2], d[2];

    for (size_t i = 0; i < n; i++) {
        vertex_at(r, upper->vertex[i], a);
        vertex_at(r, lower->vertex[i], b);
        for (size_t k = 0; k < 2; k++) {
            s.centre[k] += 0.5f * (a[k] + b[k]) / (float)n;
            s.shift[k] += 0.5f * (upper->move[i][k] + lower->move[i][k]) / (float)n;
        }
    }
    vertex_at(r, upper->vertex[0], a);
    vertex_at(r, upper->vertex[n - 1], b);
    for (size_t k = 0; k < 2; k++) {
        c[k] = a[k] + upper->move[0][k];
        d[k] = b[k] + upper->move[n - 1][k];
    }
    const float before = limner_residual_distance(a, b);
    if (before > 1e-3f)
        s.scale = fminf(fmaxf(limner_residual_distance(c, d) / before, least), most);
    return s;
}

/* closed_share: see close_crossed. */
static limner_similarity pin_contact(limner_residual *r, const limner_face_contact *contact,
                              const line_marks *marks, float closed_share)
{
    const size_t n = contact->n < MAX_LINE ? contact->n : MAX_LINE;
    line_side upper = {.vertex = contact->upper, .mark = marks->upper};
    line_side lower = {.vertex = contact->lower, .mark = marks->lower};

    if (n < 2)
        return (limner_similarity){{0.0f, 0.0f}, {0.0f, 0.0f}, 1.0f};
    move_side(r, &upper, n, marks->n);
    move_side(r, &lower, n, marks->n);
    close_crossed(r, &upper, &lower, n, closed_share);
    for (size_t i = 0; i < n; i++) {
        limner_residual_pin(r, upper.vertex[i], upper.move[i], LINE_WEIGHT);
        if (lower.vertex[i] != upper.vertex[i])
            limner_residual_pin(r, lower.vertex[i], lower.move[i], LINE_WEIGHT);
    }
    return line_similarity(r, &upper, &lower, n);
}

limner_similarity limner_residual_pin_lips(limner_residual *r)
{
    return pin_contact(r, &r->face->lips, &lip_marks, LIPS_SHUT);
}

limner_similarity limner_residual_pin_lids(limner_residual *r, limner_face_side side)
{
    return pin_contact(r, &r->face->lids[side], &lid_marks[side], LIDS_SHUT);
}

void limner_residual_set_lines(limner_residual *r)
{
    for (size_t i = 0; i < r->n_pins; i++)
        if (r->pin[i].bary[0] >= 1.0f && r->pin[i].weight >= LINE_WEIGHT)
            memcpy(r->move + 2 * r->pin[i].vertex[0], r->pin[i].target, sizeof(r->pin[i].target));
}
