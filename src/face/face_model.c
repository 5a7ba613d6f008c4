/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parametric face: reading models/face.limner (face_shape.c evaluates it).
 *
 * The file holds int16 and int8 deltas with one scale per shape; they are turned into floats once.
 * Every index of the file is checked here against the mesh, so that later loops need no checks.
 */
#include "face/face_model.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "nn/weights.h"

#define MAX_BLOCKS 256
#define STRIDE_ALIGN 16u
#define N_ID LIMNER_FACE_N_IDENTITY
#define N_EX LIMNER_FACE_N_EXPRESSION
#define N_LM LIMNER_FACE_N_LANDMARKS

/* A face and the blocks its pointers lead to. */
typedef struct face_owner {
    limner_face face;
    void *block[MAX_BLOCKS];
    uint32_t n_blocks;
} face_owner;

/* State of one reading; the first failure stays in `status` and turns later steps into no-ops. */
typedef struct face_loader {
    const limner_weights *weights;
    face_owner *owner;
    limner_status status;
} face_loader;

static void fail(face_loader *ld, limner_status st)
{
    if (ld->status == LIMNER_OK)
        ld->status = st;
}

/* A zeroed block that is freed with the face, or NULL. */
static void *new_block(face_loader *ld, size_t n, size_t size_bytes)
{
    if (ld->status < 0)
        return NULL;
    void *p = ld->owner->n_blocks < MAX_BLOCKS ? limner_calloc(n, size_bytes) : NULL;
    if (!p) {
        fail(ld, LIMNER_E_NOMEM);
        return NULL;
    }
    ld->owner->block[ld->owner->n_blocks++] = p;
    return p;
}

/* The tensor of this form, or NULL (and E_FORMAT). */
static const limner_tensor *need(face_loader *ld, const char *name, limner_dtype dtype,
                                 uint32_t rank, uint32_t d0, uint32_t d1, uint32_t d2)
{
    const uint32_t dims[3] = {d0, d1, d2};

    if (ld->status < 0)
        return NULL;
    const limner_tensor *t = limner_weights_find(ld->weights, name, dtype, rank, dims);
    if (!t)
        fail(ld, LIMNER_E_FORMAT);
    return t;
}

static bool is_finite(const float *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

/* Copies a small f32 tensor of n values into `out`. */
static void load_floats(face_loader *ld, const char *name, uint32_t rank, uint32_t d0, uint32_t d1,
                        uint32_t d2, float *out)
{
    const limner_tensor *t = need(ld, name, LIMNER_DTYPE_F32, rank, d0, d1, d2);

    if (!t)
        return;
    if (!is_finite(t->data, t->n_values))
        fail(ld, LIMNER_E_FORMAT);
    else
        memcpy(out, t->data, t->len_bytes);
}

/* As load_floats, into a new block. */
static const float *load_float_block(face_loader *ld, const char *name, uint32_t rank, uint32_t d0,
                                     uint32_t d1, uint32_t d2)
{
    float *out = new_block(ld, (size_t)d0 * (d1 ? d1 : 1) * (d2 ? d2 : 1), sizeof(float));

    if (out)
        load_floats(ld, name, rank, d0, d1, d2, out);
    return out;
}

/* A copy of a u16 tensor whose values are all below `limit`; *n (may be NULL) is its dims[0]. */
static const uint16_t *load_indices(face_loader *ld, const char *name, uint32_t rank, uint32_t d0,
                                    uint32_t d1, uint32_t limit, uint32_t *n)
{
    const limner_tensor *t = need(ld, name, LIMNER_DTYPE_U16, rank, d0, d1, 0);

    if (!t)
        return NULL;
    const uint16_t *in = t->data;
    for (size_t i = 0; i < t->n_values; i++) {
        if (in[i] >= limit) {
            fail(ld, LIMNER_E_FORMAT);
            return NULL;
        }
    }
    uint16_t *out = new_block(ld, t->n_values, sizeof(*out));
    if (out)
        memcpy(out, in, t->len_bytes);
    if (n)
        *n = t->dims[0];
    return out;
}

/* A copy of a u8 tensor [n] whose values are all below `limit`. */
static const uint8_t *load_labels(face_loader *ld, const char *name, uint32_t n, uint8_t limit)
{
    const limner_tensor *t = need(ld, name, LIMNER_DTYPE_U8, 1, n, 0, 0);
    uint8_t *out = t ? new_block(ld, n, 1) : NULL;

    if (!out)
        return NULL;
    memcpy(out, t->data, n);
    for (uint32_t i = 0; i < n; i++)
        if (out[i] >= limit)
            fail(ld, LIMNER_E_FORMAT);
    return out;
}

/* A u16 tensor of fractions (65535 = 1) as floats; rank 1 or 2. */
static const float *load_fractions(face_loader *ld, const char *name, uint32_t rank, uint32_t d0,
                                   uint32_t d1)
{
    const limner_tensor *t = need(ld, name, LIMNER_DTYPE_U16, rank, d0, d1, 0);
    float *out = t ? new_block(ld, t->n_values, sizeof(float)) : NULL;

    if (!out)
        return NULL;
    const uint16_t *in = t->data;
    for (size_t i = 0; i < t->n_values; i++)
        out[i] = (float)in[i] / 65535.0f;
    return out;
}

static void load_mean(face_loader *ld, limner_face *f)
{
    const limner_tensor *t = need(ld, "mean", LIMNER_DTYPE_F32, 2, 3, 0, 0);

    if (!t)
        return;
    f->n_vertices = t->dims[1];
    if (f->n_vertices > LIMNER_FACE_MAX_VERTICES || !is_finite(t->data, t->n_values)) {
        fail(ld, LIMNER_E_FORMAT);
        return;
    }
    f->stride = (f->n_vertices + STRIDE_ALIGN - 1) / STRIDE_ALIGN * STRIDE_ALIGN;
    float *mean = new_block(ld, limner_face_xyz_floats(f), sizeof(float));
    if (!mean)
        return;
    for (int c = 0; c < 3; c++)
        memcpy(mean + c * f->stride, (const float *)t->data + c * f->n_vertices,
               f->n_vertices * sizeof(float));
    f->mean = mean;
}

/* Shapes 0..n_wide-1 are int16, the rest int8. */
static void load_identity(face_loader *ld, limner_face *f)
{
    float scale[N_ID];
    const limner_tensor *wide = need(ld, "identity.wide", LIMNER_DTYPE_I16, 3, 0, 3, f->n_vertices);
    const limner_tensor *narrow = need(ld, "identity.narrow", LIMNER_DTYPE_I8, 3, 0, 3,
                                       f->n_vertices);

    load_floats(ld, "identity.scale", 1, N_ID, 0, 0, scale);
    if (ld->status < 0)
        return;
    if (wide->dims[0] > N_ID || narrow->dims[0] != N_ID - wide->dims[0]) {
        fail(ld, LIMNER_E_FORMAT);
        return;
    }
    float *out = new_block(ld, N_ID * limner_face_xyz_floats(f), sizeof(float));
    if (!out)
        return;
    f->identity = out;
    const size_t n = f->n_vertices;
    for (uint32_t k = 0; k < N_ID; k++) {
        for (size_t c = 0; c < 3; c++, out += f->stride) {
            const int16_t *w = (const int16_t *)wide->data + (k * 3 + c) * n;
            const int8_t *s = (const int8_t *)narrow->data + ((k - wide->dims[0]) * 3 + c) * n;
            for (size_t i = 0; i < n; i++)
                out[i] = scale[k] * (float)(k < wide->dims[0] ? w[i] : s[i]);
        }
    }
}

/* The deltas once more by blocks: most of the vertices are neighbours. */
static void fill_blocks(face_loader *ld, limner_face_delta *d)
{
    enum { B = LIMNER_FACE_BLOCK };
    size_t n = 0;

    for (uint32_t i = 0; i < d->n; i++)
        n += !i || d->vertex[i] / B != d->vertex[i - 1] / B;
    uint16_t *block = new_block(ld, n + 1, sizeof(*block));
    float *dense = new_block(ld, n * 3 * B + 1, sizeof(*dense));
    if (!block || !dense)
        return;
    for (uint32_t i = 0; i < d->n; i++) {
        const uint32_t v = d->vertex[i];
        if (!d->n_blocks || block[d->n_blocks - 1] != v / B)
            block[d->n_blocks++] = (uint16_t)(v / B);
        for (size_t c = 0; c < 3; c++)
            dense[(3 * (size_t)(d->n_blocks - 1) + c) * B + v % B] = d->delta[c * d->n + i];
    }
    d->block = block;
    d->dense = dense;
}

/* Checks the list of one expression and turns its deltas into floats. */
static void load_delta(face_loader *ld, limner_face_delta *d, const uint16_t *index,
                       const int16_t *delta, size_t plane, size_t n, float scale)
{
    float *out = new_block(ld, 3 * n + 1, sizeof(float));

    if (!out)
        return;
    for (size_t i = 1; i < n; i++)
        if (index[i] <= index[i - 1]) {
            fail(ld, LIMNER_E_FORMAT);
            return;
        }
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < n; i++)
            out[c * n + i] = scale * (float)delta[c * plane + i];
    *d = (limner_face_delta){.n = (uint32_t)n, .vertex = index, .delta = out};
    fill_blocks(ld, d);
}

static void load_expressions(face_loader *ld, limner_face *f)
{
    float scale[N_EX];
    uint32_t total = 0;
    const limner_tensor *start = need(ld, "expression.start", LIMNER_DTYPE_I32, 1, N_EX + 1, 0, 0);
    const uint16_t *index = load_indices(ld, "expression.index", 1, 0, 0, f->n_vertices, &total);
    const limner_tensor *delta = need(ld, "expression.delta", LIMNER_DTYPE_I16, 2, 3, total, 0);

    load_floats(ld, "expression.scale", 1, N_EX, 0, 0, scale);
    if (ld->status < 0)
        return;
    const int32_t *s = start->data;
    if (s[0] != 0 || s[N_EX] != (int32_t)total) {
        fail(ld, LIMNER_E_FORMAT);
        return;
    }
    for (int k = 0; k < N_EX; k++) {
        if (s[k + 1] < s[k] || s[k + 1] > (int32_t)total) {
            fail(ld, LIMNER_E_FORMAT);
            return;
        }
        load_delta(ld, &f->expression[k], index + s[k], (const int16_t *)delta->data + s[k], total,
                   (size_t)(s[k + 1] - s[k]), scale[k]);
    }
}

/* Parts must tile the vertices and the triangles in order. */
static void load_parts(face_loader *ld, limner_face *f)
{
    const limner_tensor *t = need(ld, "part", LIMNER_DTYPE_I32, 2, LIMNER_PART_COUNT, 4, 0);
    uint32_t vertex = 0, triangle = 0;

    if (!t)
        return;
    for (int p = 0; p < LIMNER_PART_COUNT; p++) {
        const int32_t *row = (const int32_t *)t->data + 4 * p;
        const limner_face_range r = {(uint32_t)row[0], (uint32_t)row[1], (uint32_t)row[2],
                                     (uint32_t)row[3]};
        if (r.first_vertex != vertex || r.n_vertices > f->n_vertices - vertex ||
            r.first_triangle != triangle || r.n_triangles > f->n_triangles - triangle) {
            fail(ld, LIMNER_E_FORMAT);
            return;
        }
        vertex += r.n_vertices;
        triangle += r.n_triangles;
        f->part[p] = r;
    }
    if (vertex != f->n_vertices || triangle != f->n_triangles)
        fail(ld, LIMNER_E_FORMAT);
}

static void load_loop(face_loader *ld, const limner_face *f, const char *name,
                      limner_face_loop *loop)
{
    loop->vertex = load_indices(ld, name, 1, 0, 0, f->n_vertices, &loop->n);
    if (ld->status == LIMNER_OK && loop->n < 3)
        fail(ld, LIMNER_E_FORMAT);
}

static void load_contact(face_loader *ld, const limner_face *f, const char *upper,
                         const char *lower, limner_face_contact *contact)
{
    contact->upper = load_indices(ld, upper, 1, 0, 0, f->n_vertices, &contact->n);
    contact->lower = load_indices(ld, lower, 1, contact->n, 0, f->n_vertices, NULL);
    if (ld->status == LIMNER_OK && contact->n < 2)
        fail(ld, LIMNER_E_FORMAT);
}

static void load_lines(face_loader *ld, limner_face *f)
{
    load_contact(ld, f, "lips.upper", "lips.lower", &f->lips);
    load_contact(ld, f, "lids.left.upper", "lids.left.lower", &f->lids[LIMNER_SIDE_LEFT]);
    load_contact(ld, f, "lids.right.upper", "lids.right.lower", &f->lids[LIMNER_SIDE_RIGHT]);
    load_loop(ld, f, "mouth_opening", &f->mouth_opening);
    load_loop(ld, f, "lid_opening.left", &f->lid_opening[LIMNER_SIDE_LEFT]);
    load_loop(ld, f, "lid_opening.right", &f->lid_opening[LIMNER_SIDE_RIGHT]);
    load_loop(ld, f, "lip_border", &f->lip_border);
    load_loop(ld, f, "iris_ring.left", &f->iris_ring[LIMNER_SIDE_LEFT]);
    load_loop(ld, f, "iris_ring.right", &f->iris_ring[LIMNER_SIDE_RIGHT]);
}

static void load_landmarks(face_loader *ld, limner_face *f)
{
    f->landmark_vertex = load_indices(ld, "landmark.vertex", 2, N_LM, 3, f->n_vertices, NULL);
    f->landmark_bary = load_float_block(ld, "landmark.bary", 2, N_LM, 3, 0);
    f->landmark_spread_cm = load_float_block(ld, "landmark.spread", 1, N_LM, 0, 0);
    f->landmark_kind = load_labels(ld, "landmark.kind", N_LM, LIMNER_LANDMARK_IRIS + 1);
    if (ld->status < 0)
        return;
    for (int k = 0; k < N_LM; k++) {
        const float *b = f->landmark_bary + 3 * k;
        if (fabsf(b[0] + b[1] + b[2] - 1.0f) > 1e-3f || !(f->landmark_spread_cm[k] > 0.0f))
            fail(ld, LIMNER_E_FORMAT);
    }
}

/* An i16 tensor [n][2][478] times the scale of each of its n shapes. */
static const float *load_moves(face_loader *ld, const char *name, const char *scale_name,
                               uint32_t n)
{
    const limner_tensor *t = need(ld, name, LIMNER_DTYPE_I16, 3, n, 2, N_LM);
    const float *scale = load_float_block(ld, scale_name, 1, n, 0, 0);
    float *out = t && scale ? new_block(ld, t->n_values, sizeof(float)) : NULL;

    if (!out)
        return NULL;
    const int16_t *in = t->data;
    for (size_t i = 0; i < t->n_values; i++)
        out[i] = scale[i / (2 * N_LM)] * (float)in[i];
    return out;
}

static void load_answer(face_loader *ld, limner_face_answer *a)
{
    const uint32_t n_arkit = LIMNER_N_EXPRESSION;

    a->shape = load_moves(ld, "answer.shape", "answer.shape_scale", LIMNER_FACE_N_ANSWER);
    a->error = load_moves(ld, "answer.error", "answer.error_scale", LIMNER_FACE_N_ERROR);
    a->spread = load_float_block(ld, "answer.spread", 2, 2, N_LM, 0);
    a->together = load_float_block(ld, "answer.together", 2, n_arkit, n_arkit, 0);
    for (int k = 0; k < 2 * N_LM && ld->status == LIMNER_OK; k++)
        if (!(a->spread[k] > 0.0f))
            fail(ld, LIMNER_E_FORMAT);
}

static void load_unmix(face_loader *ld, limner_face_unmix *u)
{
    u->weight = load_float_block(ld, "unmix.weight", 2, LIMNER_FACE_N_UNMIX_IN,
                                 LIMNER_FACE_N_UNMIX, 0);
    u->bias = load_float_block(ld, "unmix.bias", 1, LIMNER_FACE_N_UNMIX, 0, 0);
}

static void load_surface(face_loader *ld, limner_face *f)
{
    const uint32_t n = f->n_vertices;

    f->triangle = load_indices(ld, "triangle", 2, 0, 3, n, &f->n_triangles);
    if (ld->status == LIMNER_OK && f->n_triangles > LIMNER_FACE_MAX_TRIANGLES)
        fail(ld, LIMNER_E_LIMIT);
    f->uv = load_fractions(ld, "uv", 2, n, 2);
    f->vertex_region = load_labels(ld, "vertex.region", n, LIMNER_REGION_COUNT);
    f->triangle_region = load_labels(ld, "triangle.region", f->n_triangles, LIMNER_REGION_COUNT);
    f->mirror = load_indices(ld, "mirror", 1, n, 0, n, NULL);
    load_parts(ld, f);
    f->neck_weight = load_fractions(ld, "neck_weight", 1, n, 0);
    f->jaw_weight = load_fractions(ld, "jaw_weight", 1, n, 0);
    load_floats(ld, "neck_pivot", 1, 3, 0, 0, f->neck_pivot);
}

static void load_eyes(face_loader *ld, limner_face *f)
{
    float size[3] = {0};

    load_floats(ld, "eye.centre", 2, 2, 3, 0, &f->eye_centre[0][0]);
    load_floats(ld, "eye.axis", 2, 2, 3, 0, &f->eye_axis[0][0]);
    load_floats(ld, "eye.size", 1, 3, 0, 0, size);
    f->eye_centre_identity = load_float_block(ld, "eye.centre_identity", 3, 2, N_ID, 3);
    f->eye_radius_cm = size[0];
    f->iris_radius_cm = size[1];
    f->iris_depth_cm = size[2];
}

static limner_status load_face(face_loader *ld)
{
    limner_face *f = &ld->owner->face;

    if (strcmp(limner_weights_kind(ld->weights), "face") != 0)
        return LIMNER_E_FORMAT;
    load_mean(ld, f);
    if (ld->status == LIMNER_OK)
        load_identity(ld, f);
    if (ld->status == LIMNER_OK)
        load_expressions(ld, f);
    if (ld->status == LIMNER_OK)
        load_surface(ld, f);
    load_lines(ld, f);
    load_landmarks(ld, f);
    load_answer(ld, &f->answer);
    load_unmix(ld, &f->unmix);
    load_eyes(ld, f);
    return ld->status;
}

limner_status limner_face_open(limner_face **out, const void *bytes, size_t len_bytes)
{
    limner_weights *weights = NULL;

    if (!out)
        return LIMNER_E_ARG;
    *out = NULL;
    limner_status st = limner_weights_open(&weights, bytes, len_bytes);
    if (st < 0)
        return st;
    face_owner *owner = limner_calloc(1, sizeof(*owner));
    if (!owner) {
        limner_weights_close(&weights);
        return LIMNER_E_NOMEM;
    }
    owner->face.owner = owner;
    face_loader loader = {.weights = weights, .owner = owner, .status = LIMNER_OK};
    st = load_face(&loader);
    limner_weights_close(&weights);
    limner_face *face = &owner->face;
    if (st < 0)
        limner_face_close(&face);
    *out = face;
    return st;
}

void limner_face_close(limner_face **face)
{
    if (!face || !*face)
        return;
    face_owner *owner = (*face)->owner;
    for (uint32_t i = 0; i < owner->n_blocks; i++)
        limner_mem_free(owner->block[i]);
    limner_mem_free(owner);
    *face = NULL;
}
