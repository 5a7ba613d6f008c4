/* SPDX-License-Identifier: Apache-2.0 */
/* See person_pixels.h. Points are vertices of skin and lips that faced the camera when the person
 * was met (not of lids: real ones fold, and landmarks see them better); the neutral mesh is first
 * bent to the person's own landmarks. How brightness
 * changes with place is the mean of what it was and what it is, with which few rounds suffice
 * (Benhimane and Malis 2004, "Real-time image-based tracking of planes using efficient second-order
 * minimization"). */
#include "face/person_pixels.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "face/person_internal.h"
#include "face/person_light.h"
#include "face/surface_warp.h"

enum { N_MESH = LIMNER_PERSON_N_MESH, N_ACTIVE = LIMNER_FIT_N_ACTIVE, CELLS = 128,
       MAX_SIGHTS = 50 };

#define LEAST_FACING 0.4f
#define CELL_CM 0.2f                    /* of smooth skin, one point each */
/* Pins of the landmarks against a bend of the surface of 1 cm; the outline's slide. */
#define PIN_WEIGHT 0.5f
#define OUTLINE_WEIGHT 0.02f
#define HOLD 1e-5f
/* Variance of brightness (0..255): what it is taken for at first, a frame's most. */
#define FIRST_NOISE 4.0f
#define MOST_NOISE 400.0f
#define NOISE_RATE 0.1f
/* Neighbours err together: a point counts for a quarter. */
#define INDEPENDENT 0.25f
#define LEAST_SEEN 100
/* What is learned from: change of the expression since met, root of the sum of squares, and how far
 * off a point may be, standard deviations of at least the root of LIKE_NOISE. */
#define CALM 0.5
#define LIKE_SD 3.0f
#define LIKE_NOISE 1.0f

typedef limner_person_point point;

/* ---- learning ------------------------------------------------------------------------------ */

typedef struct learning {
    float *base, *xyz, *normal, *bent;  /* [3][stride]: neutral, scratch, at the frame's shape,
                                         * scratch */
    float *move, *hold;                 /* of limner_surface_warp */
    uint16_t vertex[LIMNER_PERSON_MAX_POINTS];
    bool is_taken[CELLS * CELLS];
} learning;

static void learning_close(learning *l)
{
    if (!l)
        return;
    limner_mem_free(l->base);
    limner_mem_free(l->xyz);
    limner_mem_free(l->normal);
    limner_mem_free(l->bent);
    limner_mem_free(l->move);
    limner_mem_free(l->hold);
    limner_mem_free(l);
}

static learning *learning_open(const limner_face *face)
{
    const size_t n = limner_face_xyz_floats(face);
    learning *l = limner_calloc(1, sizeof(*l));

    if (!l)
        return NULL;
    l->base = limner_alloc(n, sizeof(float));
    l->xyz = limner_alloc(n, sizeof(float));
    l->normal = limner_alloc(n, sizeof(float));
    l->bent = limner_alloc(n, sizeof(float));
    l->move = limner_calloc(face->n_vertices, 2 * sizeof(float));
    l->hold = limner_alloc(face->n_vertices, sizeof(float));
    if (!l->base || !l->xyz || !l->normal || !l->bent || !l->move || !l->hold) {
        learning_close(l);
        return NULL;
    }
    return l;
}

/* The person's neutral mesh, bent to the neutral landmarks. */
static limner_status bend(learning *l, const limner_person *p)
{
    const limner_face *face = p->face;
    limner_warp_pin pin[N_MESH];
    float landmarks[LIMNER_N_LANDMARK * 3];

    limner_face_base(face, p->identity, l->base);
    limner_face_landmarks(face, l->base, landmarks);
    for (size_t k = 0; k < N_MESH; k++) {
        memcpy(pin[k].vertex, face->landmark_vertex + 3 * k, sizeof(pin[k].vertex));
        memcpy(pin[k].bary, face->landmark_bary + 3 * k, sizeof(pin[k].bary));
        for (size_t i = 0; i < 2; i++)
            pin[k].target[i] = (float)p->base[k][i] - landmarks[3 * k + i];
        pin[k].weight = face->landmark_kind[k] == LIMNER_LANDMARK_SILHOUETTE ? OUTLINE_WEIGHT
                                                                             : PIN_WEIGHT;
    }
    for (uint32_t v = 0; v < face->n_vertices; v++)
        l->hold[v] = HOLD;
    const limner_status st = limner_surface_warp(l->move, face, l->hold, pin, N_MESH);
    for (uint32_t v = 0; v < face->n_vertices && st == LIMNER_OK; v++)
        for (size_t i = 0; i < 2; i++)
            l->base[i * face->stride + v] += l->move[2 * v + i];
    return st;
}

/* Whether the cell of smooth skin around a place has no point yet; it has one then. */
static bool take_cell(learning *l, float x, float y)
{
    const int column = (int)floorf(x / CELL_CM) + CELLS / 2;
    const int row = (int)floorf(y / CELL_CM) + CELLS / 2;

    if (column < 0 || column >= CELLS || row < 0 || row >= CELLS ||
        l->is_taken[row * CELLS + column])
        return false;
    l->is_taken[row * CELLS + column] = true;
    return true;
}

static float facing(const limner_person *p, const learning *l, uint32_t v)
{
    const double *r = p->frame.pose.rotation + 6;
    const size_t stride = p->face->stride;

    return (float)(r[0] * (double)l->normal[v] + r[1] * (double)l->normal[stride + v] +
                   r[2] * (double)l->normal[2 * stride + v]);
}

static void choose(limner_person_pixels *out, learning *l, const limner_person *p)
{
    const limner_face *face = p->face;
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];

    for (uint32_t v = head->first_vertex; v < head->first_vertex + head->n_vertices; v++) {
        const limner_face_region region = (limner_face_region)face->vertex_region[v];
        const bool is_lip = region == LIMNER_REGION_LIP_UPPER || region == LIMNER_REGION_LIP_LOWER;
        const float to_camera = facing(p, l, v);
        point *q = &out->point[out->n];

        if ((!is_lip && region != LIMNER_REGION_FACE) || to_camera < LEAST_FACING ||
            out->n == LIMNER_PERSON_MAX_POINTS ||
            (!is_lip && !take_cell(l, l->base[v], l->base[face->stride + v])))
            continue;
        for (size_t i = 0; i < 3; i++)
            q->at[i] = l->base[i * face->stride + v];
        q->facing = to_camera;
        q->noise = FIRST_NOISE;
        q->n_sights = 1;
        q->is_lip = is_lip;
        for (size_t i = 0; i < 3; i++)
            q->normal[i] = l->normal[i * face->stride + v];
        l->vertex[out->n++] = (uint16_t)v;
    }
}

/* How much of its shape a coefficient of 1 moves. */
static float lid_gain(const limner_person *p, int shape)
{
    return shape == LIMNER_EYE_BLINK_LEFT    ? (float)p->lid_gain[0]
           : shape == LIMNER_EYE_BLINK_RIGHT ? (float)p->lid_gain[1]
                                             : 1.0f;
}

static void set_columns(limner_person_pixels *out, learning *l, const limner_person *p)
{
    const limner_face *face = p->face;
    float shape[LIMNER_N_SHAPE] = {0};

    for (int c = 0; c < N_ACTIVE; c++) {
        const int of = limner_fit_active(c);

        memset(l->xyz, 0, limner_face_xyz_floats(face) * sizeof(float));
        shape[of] = lid_gain(p, of);
        limner_face_express(face, l->xyz, shape, l->xyz);
        shape[of] = 0.0f;
        for (int k = 0; k < out->n; k++)
            for (size_t i = 0; i < 3; i++)
                out->point[k].column[i][c] = l->xyz[i * face->stride + l->vertex[k]];
    }
}

/* How the normals change with the coefficients about the shape when met. */
static void set_bends(limner_person_pixels *out, learning *l, const limner_person *p)
{
    const limner_face *face = p->face;
    const float step = 0.2f;
    float shape[LIMNER_N_SHAPE] = {0};

    for (int c = 0; c < N_ACTIVE; c++)
        shape[limner_fit_active(c)] = out->value[c] = (float)p->frame.value[c];
    for (int c = 0; c < N_ACTIVE; c++) {
        const int of = limner_fit_active(c);
        const float was = shape[of];

        shape[of] = was + step * lid_gain(p, of);
        limner_face_express(face, l->base, shape, l->xyz);
        shape[of] = was;
        limner_face_normals(face, l->xyz, l->bent);
        for (int k = 0; k < out->n; k++)
            for (size_t i = 0; i < 3; i++) {
                const size_t at = i * face->stride + l->vertex[k];

                out->point[k].bend[i][c] = (l->bent[at] - l->normal[at]) / step;
            }
    }
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Reads the points where the frame's values have them; how many are seen. */
static int read_points(limner_person *p, const limner_face_view *view)
{
    const limner_person_frame *f = &p->frame;
    const limner_person_pose *pose = &f->pose;
    limner_person_reading *out = &p->pixels.reading;
    float value[N_ACTIVE];
    int n_seen = 0;

    for (int c = 0; c < N_ACTIVE; c++)
        value[c] = (float)f->value[c];
    for (int k = 0; k < p->pixels.n; k++) {
        const point *q = &p->pixels.point[k];
        double x[3];

        for (size_t i = 0; i < 3; i++)
            x[i] = (double)(q->at[i] + limner_dot(q->column[i], value, N_ACTIVE));
        limner_mat3_apply(out->place[k], pose->rotation, x);
        out->is_seen[k] = limner_face_view_read(
            view, (float)(pose->scale * (out->place[k][0] + pose->shift[0])),
            (float)(-pose->scale * (out->place[k][1] + pose->shift[1])), &out->tone[k],
            out->slope[k]);
        out->slope[k][1] = -out->slope[k][1];
        n_seen += out->is_seen[k];
    }
    return n_seen;
}

limner_status limner_person_pixels_learn(limner_person *p, const limner_face_view *view)
{
    limner_person_pixels *out = &p->pixels;
    learning *l = learning_open(p->face);
    float shape[LIMNER_N_SHAPE] = {0};
    int n = 0;

    out->n = 0;
    limner_status st = l ? bend(l, p) : LIMNER_E_NOMEM;
    if (st == LIMNER_OK) {
        for (int c = 0; c < N_ACTIVE; c++)
            shape[limner_fit_active(c)] = (float)p->frame.value[c];
        limner_face_express(p->face, l->base, shape, l->xyz);
        limner_face_normals(p->face, l->xyz, l->normal);
        choose(out, l, p);
        set_columns(out, l, p);
        set_bends(out, l, p);
        read_points(p, view);
    }
    for (int k = 0; k < out->n; k++)
        if (out->reading.is_seen[k]) {
            point *q = &out->point[n++];

            *q = out->point[k];
            q->tone = out->reading.tone[k];
            for (size_t i = 0; i < 2; i++)
                q->slope[i] = (float)p->frame.pose.scale * out->reading.slope[k][i];
        }
    out->n = n;
    memcpy(out->rotation, p->frame.pose.rotation, sizeof(out->rotation));
    learning_close(l);
    if (st == LIMNER_OK)
        st = limner_person_light_learn(p);
    return st;
}

/* ---- equations ----------------------------------------------------------------------------- */

/* Takes from a point's row what the shade expected of it changes by, as its normal does. */
static void add_shade(float *row, const limner_person *p, int k, float root)
{
    const limner_person_reading *reading = &p->pixels.reading;
    const point *q = &p->pixels.point[k];
    const double *r = p->frame.pose.rotation;
    const float *n = reading->normal[k], *slope = reading->shade_slope[k];
    float s[3], g[3];

    for (size_t i = 0; i < 3; i++)
        s[i] = root * slope[i];
    for (size_t i = 0; i < 3; i++)
        g[i] = s[0] * (float)r[i] + s[1] * (float)r[3 + i] + s[2] * (float)r[6 + i];
    row[0] -= n[1] * s[2] - n[2] * s[1];
    row[1] -= n[2] * s[0] - n[0] * s[2];
    row[2] -= n[0] * s[1] - n[1] * s[0];
    for (size_t c = 0; c < N_ACTIVE; c++)
        row[LIMNER_PERSON_N_POSE + c] -=
            g[0] * q->bend[0][c] + g[1] * q->bend[1][c] + g[2] * q->bend[2][c];
}

/* The equation of point k: its brightness moves with its place, and what it should be with its
 * normal. turn: of the head since it was met. */
static void add_row(limner_person *p, int k, double weight, const double turn[9])
{
    const limner_person_reading *reading = &p->pixels.reading;
    const point *q = &p->pixels.point[k];
    const double *y = reading->place[k], *r = p->frame.pose.rotation;
    const double root = sqrt(weight), was[2] = {(double)q->slope[0], (double)q->slope[1]};
    const double is[2] = {p->frame.pose.scale * (double)reading->slope[k][0],
                          p->frame.pose.scale * (double)reading->slope[k][1]};
    const double gx = 0.5 * root * (is[0] + turn[0] * was[0] + turn[1] * was[1]);
    const double gy = 0.5 * root * (is[1] + turn[3] * was[0] + turn[4] * was[1]);
    const float g[3] = {(float)(gx * r[0] + gy * r[3]), (float)(gx * r[1] + gy * r[4]),
                        (float)(gx * r[2] + gy * r[5])};
    float *row = limner_fit_rows_next(&p->frame.pixel_rows, root * (double)reading->off[k]);

    row[0] = (float)(-gy * y[2]);
    row[1] = (float)(gx * y[2]);
    row[2] = (float)(gy * y[0] - gx * y[1]);
    row[3] = (float)(gx * y[0] + gy * y[1]);
    row[4] = (float)gx;
    row[5] = (float)gy;
    for (size_t c = 0; c < N_ACTIVE; c++)
        row[LIMNER_PERSON_N_POSE + c] =
            g[0] * q->column[0][c] + g[1] * q->column[1][c] + g[2] * q->column[2][c];
    add_shade(row, p, k, (float)root);
}

/* How the head has turned since it was met. */
static void turned(double out[9], const limner_person *p)
{
    double back[9];

    for (size_t i = 0; i < 9; i++)
        back[i] = p->pixels.rotation[i % 3 * 3 + i / 3];
    limner_mat3_mul(out, p->frame.pose.rotation, back);
}

void limner_person_pixels_add(limner_person *p, const limner_face_view *view)
{
    limner_person_pixels *x = &p->pixels;
    const int n_seen = read_points(p, view);
    double turn[9];

    if (n_seen < LEAST_SEEN) {
        memset(x->reading.is_seen, 0, sizeof(x->reading.is_seen));
        return;
    }
    const float strained = limner_person_light_compare(p, n_seen);

    turned(turn, p);
    for (int k = 0; k < x->n; k++)
        if (x->reading.is_seen[k])
            add_row(p, k,
                    (double)(INDEPENDENT * x->point[k].facing *
                             limner_person_light_weight(&x->point[k], x->reading.off[k],
                                                        strained)),
                    turn);
}

/* Whether the face is much as it was when met. */
static bool is_calm(const limner_person *p)
{
    double moved = 0.0;

    for (int c = 0; c < N_ACTIVE; c++) {
        const double by = p->frame.value[c] - (double)p->pixels.value[c];

        moved += by * by;
    }
    return moved < CALM * CALM;
}

/* Adds what is read of point k to the mean. */
static void add_sight(limner_person *p, int k, const double turn[9])
{
    const limner_person_reading *r = &p->pixels.reading;
    point *q = &p->pixels.point[k];
    const float share = 1.0f / (float)(q->n_sights + 1), scale = (float)p->frame.pose.scale;
    const float x = scale * r->slope[k][0], y = scale * r->slope[k][1];

    q->tone -= share * r->off[k];
    q->slope[0] += share * ((float)turn[0] * x + (float)turn[3] * y - q->slope[0]);
    q->slope[1] += share * ((float)turn[1] * x + (float)turn[4] * y - q->slope[1]);
    q->n_sights++;
}

void limner_person_pixels_judge(limner_person *p)
{
    limner_person_pixels *x = &p->pixels;
    const bool is_learning = is_calm(p);
    double turn[9];

    turned(turn, p);
    for (int k = 0; k < x->n; k++) {
        point *q = &x->point[k];
        const float off = x->reading.off[k], square = off * off;
        const float alike = LIKE_SD * LIKE_SD * fmaxf(q->noise, LIKE_NOISE);

        if (!x->reading.is_seen[k])
            continue;
        if (is_learning && q->n_sights <= MAX_SIGHTS && square < alike)
            add_sight(p, k, turn);
        q->noise += NOISE_RATE * (fminf(square, MOST_NOISE) - q->noise);
    }
}
