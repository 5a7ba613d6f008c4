/* SPDX-License-Identifier: Apache-2.0 */
/* The residual of a fit: what is left between the fitted model and the landmarks, spread over the
 * mesh. Skin follows its landmarks by a smooth surface warp; the lines where lips and lids meet
 * follow theirs vertex by vertex and never cross; teeth, gums and tongue move with the mouth as one
 * piece; each eyeball is set under its iris and made to fill its lids. Crop pixels, y down. */
#include "face/fit.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "face/fit_points.h"
#include "face/surface_warp.h"

enum { N_MESH = 468, MAX_OUTLINE = 64, MAX_LINE = 512 };

/* Weights against a bend of one pixel between neighbouring vertices. */
#define LINE_WEIGHT 300.0f  /* lips and lids: exact */
#define BORDER_WEIGHT 60.0f /* outer border of the lips */
#define SKIN_WEIGHT 12.0f   /* at a spread of a millimetre */
#define OUTLINE_WEIGHT 10.0f

typedef struct residual {
    const limner_face *face;
    const limner_fit *fit;
    const float (*landmark)[3];
    float *px;   /* [n_vertices][3], before the residual */
    float *hold; /* [n_vertices] */
    float *move; /* [n_vertices][2]: the result */
    limner_warp_pin *pin;
    size_t n_pins;
    size_t max_pins;
    uint8_t on_line[N_MESH]; /* landmark has been used by a contact line */
} residual;

/* A turn-free similarity: p moves by shift + (scale - 1) (p - centre). */
typedef struct similarity {
    float centre[2], shift[2], scale;
} similarity;

static void apply_similarity(float out[2], const similarity *s, const float *p)
{
    for (int i = 0; i < 2; i++)
        out[i] = s->shift[i] + (s->scale - 1.0f) * (p[i] - s->centre[i]);
}

static void add_pin(residual *r, const uint16_t *vertex, const float *bary, float x, float y,
                    float weight)
{
    limner_warp_pin *p = &r->pin[r->n_pins];

    if (r->n_pins == r->max_pins)
        return;
    r->n_pins++;
    memcpy(p->vertex, vertex, sizeof(p->vertex));
    memcpy(p->bary, bary, sizeof(p->bary));
    p->target[0] = x;
    p->target[1] = y;
    p->weight = weight;
}

static void add_vertex_pin(residual *r, uint16_t vertex, const float target[2], float weight)
{
    const uint16_t v[3] = {vertex, vertex, vertex};
    const float bary[3] = {1.0f, 0.0f, 0.0f};

    add_pin(r, v, bary, target[0], target[1], weight);
}

/* Way from the model's landmark k to the seen one. */
static void landmark_move(const residual *r, size_t k, float out[2])
{
    for (size_t c = 0; c < 2; c++) {
        out[c] = r->landmark[k][c];
        for (size_t j = 0; j < 3; j++)
            out[c] -= r->face->landmark_bary[3 * k + j] *
                      r->px[3 * r->face->landmark_vertex[3 * k + j] + c];
    }
}

static void vertex_at(const residual *r, uint16_t v, float out[2])
{
    out[0] = r->px[3 * v];
    out[1] = r->px[3 * v + 1];
}

static float distance2(const float a[2], const float b[2])
{
    return sqrtf((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]));
}

/* ---- contact lines ------------------------------------------------------------------------- */

enum { MAX_MARKS = 11 };

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

static bool landmark_is_on(const limner_face *f, size_t k, uint16_t vertex)
{
    for (size_t j = 0; j < 3; j++)
        if (f->landmark_vertex[3 * k + j] == vertex && f->landmark_bary[3 * k + j] > 0.9f)
            return true;
    return false;
}

/* Spreads first..last of the line over the marks a..b in proportion to the way along it. */
static void spread_marks(const residual *r, line_side *s, size_t first, size_t last, float a,
                         float b)
{
    float length = 0.0f, p[2], q[2];

    s->mark_at[first] = 0.0f;
    for (size_t i = first + 1; i <= last; i++) {
        vertex_at(r, s->vertex[i - 1], p);
        vertex_at(r, s->vertex[i], q);
        length += distance2(p, q);
        s->mark_at[i] = length;
    }
    for (size_t i = first; i <= last; i++)
        s->mark_at[i] = a + (b - a) * (length > 0.0f ? s->mark_at[i] / length : 0.0f);
}

/* Ties the line to the marks whose vertices it holds, in order; the ends belong together. */
static void tie_marks(const residual *r, line_side *s, size_t n, size_t n_marks)
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
static void curve_at(const residual *r, const line_side *s, size_t n_marks, float at, float out[2])
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

static void move_side(residual *r, line_side *s, size_t n, size_t n_marks)
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
static float gap_at(const residual *r, const line_side *upper, const line_side *lower, size_t i,
                    float middle[2])
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
static void close_crossed(const residual *r, line_side *upper, line_side *lower, size_t n,
                          float closed_share)
{
    float widest = 0.0f, middle[2], a[2], b[2];

    for (size_t i = 0; i < n; i++)
        widest = fmaxf(widest, gap_at(r, upper, lower, i, middle));
    vertex_at(r, upper->vertex[0], a);
    vertex_at(r, upper->vertex[n - 1], b);
    const bool is_shut = widest < closed_share * distance2(a, b);
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
static similarity line_similarity(const residual *r, const line_side *upper, const line_side *lower,
                                  size_t n)
{
    const float least = 0.6f, most = 1.8f;
    similarity s = {{0.0f, 0.0f}, {0.0f, 0.0f}, 1.0f};
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
    const float before = distance2(a, b);
    if (before > 1e-3f)
        s.scale = fminf(fmaxf(distance2(c, d) / before, least), most);
    return s;
}

/* Pins both lines of a contact; returns how they move as a whole. */
static similarity pin_contact(residual *r, const limner_face_contact *contact,
                              const line_marks *marks, float closed_share)
{
    const size_t n = contact->n < MAX_LINE ? contact->n : MAX_LINE;
    line_side upper = {.vertex = contact->upper, .mark = marks->upper};
    line_side lower = {.vertex = contact->lower, .mark = marks->lower};

    if (n < 2)
        return (similarity){{0.0f, 0.0f}, {0.0f, 0.0f}, 1.0f};
    move_side(r, &upper, n, marks->n);
    move_side(r, &lower, n, marks->n);
    close_crossed(r, &upper, &lower, n, closed_share);
    for (size_t i = 0; i < n; i++) {
        add_vertex_pin(r, upper.vertex[i], upper.move[i], LINE_WEIGHT);
        if (lower.vertex[i] != upper.vertex[i])
            add_vertex_pin(r, lower.vertex[i], lower.move[i], LINE_WEIGHT);
    }
    return line_similarity(r, &upper, &lower, n);
}

/* After the smooth warp: lines exactly where they were wanted. */
static void set_pinned_vertices(residual *r)
{
    for (size_t i = 0; i < r->n_pins; i++)
        if (r->pin[i].bary[0] >= 1.0f && r->pin[i].weight >= LINE_WEIGHT)
            memcpy(r->move + 2 * r->pin[i].vertex[0], r->pin[i].target, sizeof(r->pin[i].target));
}

/* ---- skin ---------------------------------------------------------------------------------- */

/* Weight of a landmark by what is known of its place. */
static float landmark_weight(const limner_face *face, size_t k)
{
    const float spread = face->landmark_spread_cm[k];

    switch ((limner_landmark_kind)face->landmark_kind[k]) {
    case LIMNER_LANDMARK_LIP_INNER:
    case LIMNER_LANDMARK_LID:
    case LIMNER_LANDMARK_LIP_OUTER:
        return BORDER_WEIGHT;
    case LIMNER_LANDMARK_SILHOUETTE:
    case LIMNER_LANDMARK_SKIN:
    case LIMNER_LANDMARK_IRIS:
        break;
    }
    return SKIN_WEIGHT * 0.01f / (0.01f + spread * spread);
}

static void pin_landmark(residual *r, size_t k)
{
    float move[2];

    landmark_move(r, k, move);
    add_pin(r, r->face->landmark_vertex + 3 * k, r->face->landmark_bary + 3 * k, move[0], move[1],
            landmark_weight(r->face, k));
}

static void pin_skin(residual *r)
{
    for (size_t k = 0; k < N_MESH; k++)
        if (!r->on_line[k] && r->face->landmark_kind[k] != LIMNER_LANDMARK_SILHOUETTE)
            pin_landmark(r, k);
}

/* The rim of the face meets the outline's landmarks, across the rim only. */
static limner_status pin_outline(residual *r)
{
    const limner_face *f = r->face;
    uint16_t landmark[MAX_OUTLINE];
    limner_fit_contour contour[MAX_OUTLINE];
    double(*target)[3] = limner_alloc(LIMNER_N_LANDMARK, sizeof(*target));
    float *xyz = limner_alloc(limner_face_xyz_floats(f), sizeof(float));
    float *normals = limner_alloc(limner_face_xyz_floats(f), sizeof(float));
    limner_fit_pose pose;
    size_t n = 0;
    limner_status st = LIMNER_E_NOMEM;

    if (!target || !xyz || !normals)
        goto fail;
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++) {
        for (size_t c = 0; c < 3; c++)
            target[k][c] = (double)r->landmark[k][c] * (c == 0 ? 1.0 : -1.0);
        if (f->landmark_kind[k] == LIMNER_LANDMARK_SILHOUETTE && k < N_MESH && n < MAX_OUTLINE)
            landmark[n++] = (uint16_t)k;
    }
    limner_fit_pose_of(&pose, r->fit);
    limner_face_shape(f, r->fit->identity, r->fit->shape, xyz);
    limner_face_normals(f, xyz, normals);
    limner_fit_contour_match(contour, landmark, n, f, &pose, xyz, normals,
                             (const double(*)[3])target);
    for (size_t i = 0; i < n; i++) {
        const uint16_t v = contour[i].vertex;
        const float nx = contour[i].normal[0], ny = -contour[i].normal[1];
        const float across = nx * (r->landmark[landmark[i]][0] - r->px[3 * v]) +
                             ny * (r->landmark[landmark[i]][1] - r->px[3 * v + 1]);
        const float move[2] = {nx * across, ny * across};

        if (contour[i].is_contour > 0.0f)
            add_vertex_pin(r, v, move, OUTLINE_WEIGHT);
        else
            pin_landmark(r, landmark[i]);
    }
    st = LIMNER_OK;
fail:
    limner_mem_free(target);
    limner_mem_free(xyz);
    limner_mem_free(normals);
    return st;
}

/* How strongly a vertex of the sheet keeps to its goal: the face hardly, so that only pins move
 * it; the scalp, neck and shoulders ever more. */
static float hold_of(limner_face_region region)
{
    switch (region) {
    case LIMNER_REGION_SHOULDERS:
        return 0.3f;
    case LIMNER_REGION_NECK:
        return 2e-2f;
    case LIMNER_REGION_EARS:
        return 1e-2f;
    case LIMNER_REGION_MOUTH_SOCKET:
    case LIMNER_REGION_EYE_SOCKET:
        return 0.02f;
    default:
        return 3e-4f;
    }
}

static bool in_part(const limner_face *f, limner_face_part part, uint32_t v)
{
    return v >= f->part[part].first_vertex &&
           v - f->part[part].first_vertex < f->part[part].n_vertices;
}

/* Goals: the inside of the mouth goes with the mouth, an eye's socket with its lids. */
static void set_goals(residual *r, const similarity *mouth, const similarity lids[2])
{
    const limner_face *f = r->face;

    for (uint32_t v = 0; v < f->n_vertices; v++) {
        const similarity *s = NULL;

        r->hold[v] = hold_of((limner_face_region)f->vertex_region[v]);
        if (in_part(f, LIMNER_PART_MOUTH, v) || in_part(f, LIMNER_PART_GUMS, v) ||
            in_part(f, LIMNER_PART_TONGUE, v) || in_part(f, LIMNER_PART_TEETH_UPPER, v) ||
            in_part(f, LIMNER_PART_TEETH_LOWER, v))
            s = mouth;
        else if (in_part(f, LIMNER_PART_EYE_SOCKETS, v))
            s = &lids[f->mean[v] > 0.0f ? LIMNER_SIDE_LEFT : LIMNER_SIDE_RIGHT];
        r->move[2 * v] = 0.0f;
        r->move[2 * v + 1] = 0.0f;
        if (s)
            apply_similarity(r->move + 2 * v, s, r->px + 3 * v);
    }
}

/* ---- what hangs on the lids ---------------------------------------------------------------- */

/* Lashes and tear line: the mean of the lid margins' moves, nearest by far the most. */
static void follow_lids(residual *r, limner_face_part part)
{
    const limner_face *f = r->face;
    const limner_face_range *range = &f->part[part];
    const float *x = f->mean, *y = x + f->stride, *z = y + f->stride;

    for (uint32_t v = range->first_vertex; v < range->first_vertex + range->n_vertices; v++) {
        float sum[2] = {0.0f, 0.0f}, total = 0.0f;

        for (size_t i = 0; i < 2 * (size_t)(f->lids[0].n + f->lids[1].n); i++) {
            const limner_face_contact *lid = &f->lids[i / 2 >= f->lids[0].n];
            const size_t at = i / 2 >= f->lids[0].n ? i / 2 - f->lids[0].n : i / 2;
            const uint16_t q = i % 2 ? lid->upper[at] : lid->lower[at];
            const float d2 = (x[v] - x[q]) * (x[v] - x[q]) + (y[v] - y[q]) * (y[v] - y[q]) +
                             (z[v] - z[q]) * (z[v] - z[q]) + 1e-4f;
            const float w = 1.0f / (d2 * d2);

            sum[0] += w * r->move[2 * q];
            sum[1] += w * r->move[2 * q + 1];
            total += w;
        }
        r->move[2 * v] = total > 0.0f ? sum[0] / total : 0.0f;
        r->move[2 * v + 1] = total > 0.0f ? sum[1] / total : 0.0f;
    }
}

/* ---- eyeballs ------------------------------------------------------------------------------ */

typedef struct eye_fit {
    float iris[2], radius; /* projected iris, before */
    float shift[2];        /* of the iris */
    float iris_scale, ball_scale;
    float centre[2], ball_radius;
} eye_fit;

static void measure_eye(const residual *r, limner_face_side side, eye_fit *e)
{
    const size_t iris = side == LIMNER_SIDE_LEFT ? 473 : 468;
    const limner_face *f = r->face;
    float c[3], seen = 0.0f, move[2];
    double centre[3], at[3];
    limner_fit_pose pose;

    landmark_move(r, iris, e->shift);
    e->radius = 0.0f;
    for (size_t c2 = 0; c2 < 2; c2++)
        e->iris[c2] = r->landmark[iris][c2] - e->shift[c2];
    for (size_t k = iris + 1; k < iris + 5; k++) {
        landmark_move(r, k, move);
        const float ring[2] = {r->landmark[k][0] - move[0], r->landmark[k][1] - move[1]};

        e->radius += 0.25f * distance2(ring, e->iris);
        seen += 0.25f * distance2(r->landmark[k], r->landmark[iris]);
    }
    e->iris_scale = e->radius > 0.0f ? fminf(fmaxf(seen / e->radius, 0.5f), 3.0f) : 1.0f;
    limner_face_eye_at(f, r->fit->identity, side, c);
    for (int i = 0; i < 3; i++)
        centre[i] = (double)c[i];
    limner_fit_pose_of(&pose, r->fit);
    limner_fit_pose_apply(at, &pose, centre);
    e->centre[0] = (float)at[0];
    e->centre[1] = (float)at[1];
    e->ball_radius = f->eye_radius_cm * r->fit->scale;
}

/* Grows the ball until it covers the opening of the lids, as it does on people. */
static void cover_lids(const residual *r, limner_face_side side, eye_fit *e)
{
    const limner_face_contact *lid = &r->face->lids[side];
    const float step = 1.02f, most = 4.0f, cover = 0.98f;

    e->ball_scale = fmaxf(0.8f * e->iris_scale, 0.8f);
    for (; e->ball_scale < most; e->ball_scale *= step) {
        float farthest = 0.0f, centre[2];

        for (size_t c = 0; c < 2; c++)
            centre[c] = e->iris[c] + e->shift[c] + e->ball_scale * (e->centre[c] - e->iris[c]);
        for (size_t i = 0; i < 2 * (size_t)lid->n; i++) {
            const uint16_t v = i % 2 ? lid->upper[i / 2] : lid->lower[i / 2];
            const float at[2] = {r->px[3 * v] + r->move[2 * v],
                                 r->px[3 * v + 1] + r->move[2 * v + 1]};

            farthest = fmaxf(farthest, distance2(at, centre));
        }
        if (farthest <= cover * e->ball_scale * e->ball_radius)
            break;
    }
}

static void move_eye(residual *r, limner_face_side side)
{
    const limner_face_part part =
        side == LIMNER_SIDE_LEFT ? LIMNER_PART_EYE_LEFT : LIMNER_PART_EYE_RIGHT;
    const limner_face_range *range = &r->face->part[part];
    eye_fit e;

    measure_eye(r, side, &e);
    cover_lids(r, side, &e);
    for (uint32_t v = range->first_vertex; v < range->first_vertex + range->n_vertices; v++) {
        const float *p = r->px + 3 * v;
        /* From the iris's own scale at its rim to the ball's at two radii. */
        float t = e.radius > 0.0f ? distance2(p, e.iris) / e.radius - 1.0f : 1.0f;

        t = fminf(fmaxf(t, 0.0f), 1.0f);
        t = t * t * (3.0f - 2.0f * t);
        const float scale = e.iris_scale + t * (e.ball_scale - e.iris_scale);
        for (size_t c = 0; c < 2; c++)
            r->move[2 * v + c] = e.shift[c] + (scale - 1.0f) * (p[c] - e.iris[c]);
    }
}

/* ---- all ----------------------------------------------------------------------------------- */

static limner_status run_residual(residual *r)
{
    const float lips_shut = 0.02f, lids_shut = 0.03f;
    similarity mouth, lids[2];
    limner_status st = limner_fit_project_vertices(r->px, r->face, r->fit);

    if (st < 0)
        return st;
    mouth = pin_contact(r, &r->face->lips, &lip_marks, lips_shut);
    for (int side = 0; side < 2; side++)
        lids[side] = pin_contact(r, &r->face->lids[side], &lid_marks[side], lids_shut);
    pin_skin(r);
    st = pin_outline(r);
    if (st < 0)
        return st;
    set_goals(r, &mouth, lids);
    st = limner_surface_warp(r->move, r->face, r->hold, r->pin, r->n_pins);
    if (st < 0)
        return st;
    set_pinned_vertices(r);
    follow_lids(r, LIMNER_PART_LACRIMAL);
    follow_lids(r, LIMNER_PART_LASHES);
    move_eye(r, LIMNER_SIDE_LEFT);
    move_eye(r, LIMNER_SIDE_RIGHT);
    return LIMNER_OK;
}

limner_status limner_fit_residual(float *out, const limner_face *face, const limner_fit *fit,
                                  const float landmarks[LIMNER_N_LANDMARK][3])
{
    residual r = {.face = face, .fit = fit, .landmark = landmarks, .move = out};
    limner_status st = LIMNER_E_NOMEM;

    r.max_pins = N_MESH + MAX_OUTLINE + 6 * (size_t)MAX_LINE;
    r.px = limner_alloc(face->n_vertices, 3 * sizeof(float));
    r.hold = limner_alloc(face->n_vertices, sizeof(float));
    r.pin = limner_alloc(r.max_pins, sizeof(*r.pin));
    memset(out, 0, face->n_vertices * 2 * sizeof(float));
    if (r.px && r.hold && r.pin)
        st = run_residual(&r);
    limner_mem_free(r.px);
    limner_mem_free(r.hold);
    limner_mem_free(r.pin);
    return st;
}
