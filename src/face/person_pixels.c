/* SPDX-License-Identifier: Apache-2.0 */
/* See person_pixels.h. Points are vertices of skin and lips that faced the camera when the person
 * was met (not of lids: real ones fold, and landmarks see them better); the neutral mesh is first
 * bent to the person's own landmarks. Light may change as a whole, and with the way a surface is
 * turned (gain, offset and three directions of light, found anew each time). What a point was off
 * by in the frames before tells what it is worth: beside teeth, nostrils, folding lids and hair it
 * is little. How
 * brightness changes with place is the mean of what it was and what it is, with which few rounds
 * suffice (Benhimane and Malis 2004, "Real-time image-based tracking of planes using efficient
 * second-order minimization"). */
#include "face/person_pixels.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "face/person_internal.h"
#include "face/surface_warp.h"

enum { N_MESH = LIMNER_PERSON_N_MESH, N_ACTIVE = LIMNER_FIT_N_ACTIVE, N_BINS = 256, CELLS = 128,
       N_LIGHT = 5 };

#define LEAST_FACING 0.4f
#define CELL_CM 0.2f                    /* of smooth skin, one point each */
/* Pins of the landmarks against a bend of the surface of 1 cm; the outline's slide. */
#define PIN_WEIGHT 0.5f
#define OUTLINE_WEIGHT 0.02f
#define HOLD 1e-5f
/* Of the median distance over the standard deviation: its bin, and what it is in Gaussian noise. */
#define BIN 0.05f
#define USUAL_MEDIAN 0.67f
/* Variance of brightness (0..255): the least, what it is taken for at first, a frame's most. */
#define LEAST_NOISE 0.25f
#define FIRST_NOISE 4.0f
#define MOST_NOISE 400.0f
#define NOISE_RATE 0.1f
/* Scale of the Cauchy weights, standard deviations. */
#define SCALE_SD 3.0f
/* Against light that has changed without need, over the points' own brightness. */
#define CALM_LIGHT 1e-4
/* Neighbours err together: a point counts for a quarter. */
#define INDEPENDENT 0.25f
#define LEAST_SEEN 100
#define MOST_GAIN 3.0

typedef limner_person_point point;

/* ---- learning ------------------------------------------------------------------------------ */

typedef struct learning {
    float *base, *xyz, *normal;         /* [3][stride]: neutral, scratch, at the frame's shape */
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
    l->move = limner_calloc(face->n_vertices, 2 * sizeof(float));
    l->hold = limner_alloc(face->n_vertices, sizeof(float));
    if (!l->base || !l->xyz || !l->normal || !l->move || !l->hold) {
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
        for (size_t i = 0; i < 3; i++)
            q->normal[i] = l->normal[i * face->stride + v];
        l->vertex[out->n++] = (uint16_t)v;
    }
}

static void set_columns(limner_person_pixels *out, learning *l, const limner_person *p)
{
    const limner_face *face = p->face;
    float shape[LIMNER_N_SHAPE] = {0};

    for (int c = 0; c < N_ACTIVE; c++) {
        const int of = limner_fit_active(c);
        const double gain = of == LIMNER_EYE_BLINK_LEFT    ? p->lid_gain[0]
                            : of == LIMNER_EYE_BLINK_RIGHT ? p->lid_gain[1]
                                                           : 1.0;

        memset(l->xyz, 0, limner_face_xyz_floats(face) * sizeof(float));
        shape[of] = (float)gain;
        limner_face_express(face, l->xyz, shape, l->xyz);
        shape[of] = 0.0f;
        for (int k = 0; k < out->n; k++)
            for (size_t i = 0; i < 3; i++)
                out->point[k].column[i][c] = l->xyz[i * face->stride + l->vertex[k]];
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

        for (size_t i = 0; i < 3; i++) {
            float sum = q->at[i];

            for (int c = 0; c < N_ACTIVE; c++)
                sum += q->column[i][c] * value[c];
            x[i] = (double)sum;
        }
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
    const limner_status st = l ? bend(l, p) : LIMNER_E_NOMEM;
    if (st == LIMNER_OK) {
        for (int c = 0; c < N_ACTIVE; c++)
            shape[limner_fit_active(c)] = (float)p->frame.value[c];
        limner_face_express(p->face, l->base, shape, l->xyz);
        limner_face_normals(p->face, l->xyz, l->normal);
        choose(out, l, p);
        set_columns(out, l, p);
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
    return st;
}

/* ---- equations ----------------------------------------------------------------------------- */

static float noise_of(const point *q)
{
    return fmaxf(q->noise, LEAST_NOISE);
}

/* How much farther off than usual half of the points seen are, at least 1. */
static float strain(const limner_person_pixels *x, int n_seen)
{
    int count[N_BINS] = {0}, sum = 0, bin = 0;

    for (int k = 0; k < x->n; k++)
        if (x->reading.is_seen[k]) {
            const float sd = sqrtf(noise_of(&x->point[k]));

            count[(int)fminf(fabsf(x->reading.off[k]) / (BIN * sd), (float)(N_BINS - 1))]++;
        }
    while (bin + 1 < N_BINS && (sum += count[bin]) < n_seen / 2)
        bin++;
    return fmaxf(((float)bin + 0.5f) * BIN / USUAL_MEDIAN, 1.0f);
}

static float weight_of(const point *q, float off, float strained)
{
    const float noise = noise_of(q) * strained * strained;

    return 1.0f / (noise + off * off / (SCALE_SD * SCALE_SD));
}

/* What light from the camera's axes does to the points, turned since they were met. */
static void find_lit(limner_person *p)
{
    limner_person_pixels *x = &p->pixels;

    for (int k = 0; k < x->n; k++) {
        double normal[3], was[3], is[3];

        for (size_t i = 0; i < 3; i++)
            normal[i] = (double)x->point[k].normal[i];
        limner_mat3_apply(was, x->rotation, normal);
        limner_mat3_apply(is, p->frame.pose.rotation, normal);
        for (size_t i = 0; i < 3; i++)
            x->reading.lit[k][i] = x->point[k].tone * (float)(is[i] - was[i]);
    }
}

/* What a point's brightness changes by with gain, offset and light. */
static void light_row(double row[N_LIGHT], const limner_person_pixels *x, int k)
{
    const double bright = 16.0;

    row[0] = (double)x->point[k].tone;
    row[1] = bright;
    for (size_t i = 0; i < 3; i++)
        row[2 + i] = (double)x->reading.lit[k][i];
}

/* Finds how the light has changed since the points were met; false: there is no telling. */
static bool find_light(double light[N_LIGHT], const limner_person_pixels *x, float strained)
{
    const limner_person_reading *r = &x->reading;
    double a[N_LIGHT * N_LIGHT] = {0}, row[N_LIGHT];

    memset(light, 0, N_LIGHT * sizeof(*light));
    for (int k = 0; k < x->n; k++) {
        if (!r->is_seen[k])
            continue;
        const double w = (double)weight_of(&x->point[k], r->off[k], strained);

        light_row(row, x, k);
        for (int i = 0; i < N_LIGHT; i++) {
            for (int j = 0; j <= i; j++)
                a[i * N_LIGHT + j] += w * row[i] * row[j];
            light[i] += w * row[i] * ((double)r->tone[k] - row[0]);
        }
    }
    for (int i = N_LIGHT - 1; i >= 0; i--)
        a[i * N_LIGHT + i] += CALM_LIGHT * a[0];
    if (!limner_cholesky_factor(a, N_LIGHT))
        return false;
    limner_cholesky_solve(a, N_LIGHT, light);
    return true;
}

/* Brightness of all over what it was. */
static float gain_of(const limner_person_pixels *x, float strained)
{
    double was = 0.0, is = 0.0;

    for (int k = 0; k < x->n; k++)
        if (x->reading.is_seen[k]) {
            const double w = (double)weight_of(&x->point[k], x->reading.off[k], strained);

            was += w * (double)x->point[k].tone;
            is += w * (double)x->reading.tone[k];
        }
    return (float)fmin(fmax(is / fmax(was, 1.0), 1.0 / MOST_GAIN), MOST_GAIN);
}

/* Compares what is read with what is expected in the light found; how strained the points are. */
static float compare(limner_person *p, int n_seen)
{
    limner_person_pixels *x = &p->pixels;
    limner_person_reading *r = &x->reading;
    double light[N_LIGHT], row[N_LIGHT];
    float strained = 1.0f;

    memset(r->off, 0, sizeof(r->off));
    find_lit(p);
    for (int round = 0; round < 3 && find_light(light, x, strained); round++) {
        for (int k = 0; k < x->n; k++) {
            double expected = (double)x->point[k].tone;

            light_row(row, x, k);
            for (int i = 0; i < N_LIGHT; i++)
                expected += light[i] * row[i];
            r->off[k] = (float)expected - r->tone[k];
        }
        strained = strain(x, n_seen);
    }
    r->light = gain_of(x, strained);
    return strained;
}

/* The equation of point k: its brightness moves with its place. turn: of the head since it was
 * met. */
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
}

void limner_person_pixels_add(limner_person *p, const limner_face_view *view)
{
    limner_person_pixels *x = &p->pixels;
    const int n_seen = read_points(p, view);
    double back[9], turn[9];

    if (n_seen < LEAST_SEEN) {
        memset(x->reading.is_seen, 0, sizeof(x->reading.is_seen));
        return;
    }
    const float strained = compare(p, n_seen);

    for (size_t i = 0; i < 9; i++)
        back[i] = x->rotation[i % 3 * 3 + i / 3];
    limner_mat3_mul(turn, p->frame.pose.rotation, back);
    for (int k = 0; k < x->n; k++)
        if (x->reading.is_seen[k])
            add_row(p, k,
                    (double)(INDEPENDENT * x->point[k].facing *
                             weight_of(&x->point[k], x->reading.off[k], strained)),
                    turn);
}

void limner_person_pixels_judge(limner_person *p)
{
    limner_person_pixels *x = &p->pixels;

    for (int k = 0; k < x->n; k++) {
        const float off = x->reading.off[k];

        if (x->reading.is_seen[k])
            x->point[k].noise += NOISE_RATE * (fminf(off * off, MOST_NOISE) - x->point[k].noise);
    }
}
