/* SPDX-License-Identifier: Apache-2.0 */
/* Bi-Laplacian warp by conjugate gradients; see surface_warp.h. Minimises
 *   sum |u_i - mean of neighbours|^2 + TENSION sum |u_i - u_j|^2 over neighbours
 *   + sum hold_i |u_i - goal_i|^2 + sum weight |pin - target|^2
 * for both picture coordinates at once, with a diagonal preconditioner. Pins are dense on a face,
 * so that some tens of rounds suffice. Vectors are [n_vertices][2]; vertices outside the sheet
 * have no neighbours and are left out of every sum. */
#include "face/surface_warp.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"

/* Keeps parts without pins, such as the nostrils' inside, from running on straight ahead. */
#define TENSION 2e-3f

typedef struct warp {
    const limner_face *face;
    const limner_warp_pin *pin;
    size_t n_pins;
    const float *hold;
    uint32_t n;
    uint32_t *first; /* [n + 1] into neighbour */
    uint16_t *neighbour;
    float *inverse_degree;                                    /* [n]; 0 outside the sheet */
    float *inverse_diagonal;                                  /* [n] */
    float *bend, *residual, *direction, *image, *conditioned; /* [n][2] */
} warp;

static bool in_range(const limner_face_range *r, uint32_t v)
{
    return v >= r->first_vertex && v - r->first_vertex < r->n_vertices;
}

bool limner_face_is_sheet(const limner_face *face, uint32_t vertex)
{
    return in_range(&face->part[LIMNER_PART_HEAD], vertex) ||
           in_range(&face->part[LIMNER_PART_MOUTH], vertex) ||
           in_range(&face->part[LIMNER_PART_EYE_SOCKETS], vertex);
}

static bool is_sheet_triangle(const limner_face *face, const uint16_t *t)
{
    return limner_face_is_sheet(face, t[0]) && limner_face_is_sheet(face, t[1]) &&
           limner_face_is_sheet(face, t[2]);
}

static void warp_clear(warp *w)
{
    limner_mem_free(w->first);
    limner_mem_free(w->neighbour);
    limner_mem_free(w->inverse_degree);
    limner_mem_free(w->inverse_diagonal);
    limner_mem_free(w->bend);
    limner_mem_free(w->residual);
    limner_mem_free(w->direction);
    limner_mem_free(w->image);
    limner_mem_free(w->conditioned);
}

static bool warp_alloc(warp *w)
{
    w->first = limner_calloc((size_t)w->n + 2, sizeof(uint32_t));
    w->neighbour = limner_alloc((size_t)w->face->n_triangles * 6, sizeof(uint16_t));
    w->inverse_degree = limner_calloc(w->n, sizeof(float));
    w->inverse_diagonal = limner_calloc(w->n, sizeof(float));
    w->bend = limner_calloc(w->n, 2 * sizeof(float));
    w->residual = limner_calloc(w->n, 2 * sizeof(float));
    w->direction = limner_calloc(w->n, 2 * sizeof(float));
    w->image = limner_calloc(w->n, 2 * sizeof(float));
    w->conditioned = limner_calloc(w->n, 2 * sizeof(float));
    return w->first && w->neighbour && w->inverse_degree && w->inverse_diagonal && w->bend &&
           w->residual && w->direction && w->image && w->conditioned;
}

/* Neighbours by triangle: an inner edge counts twice, a border edge once. */
static void build_graph(warp *w)
{
    const uint16_t *triangle = w->face->triangle;
    uint32_t *count = w->first + 1; /* becomes the fill position, then `first` one further */

    for (uint32_t t = 0; t < w->face->n_triangles; t++)
        for (size_t j = 0; j < 3 && is_sheet_triangle(w->face, triangle + 3 * t); j++)
            count[triangle[3 * t + j] + 1u] += 2;
    for (uint32_t v = 0; v < w->n; v++)
        count[v + 1] += count[v];
    for (uint32_t t = 0; t < w->face->n_triangles; t++) {
        const uint16_t *c = triangle + 3 * t;

        if (!is_sheet_triangle(w->face, c))
            continue;
        for (size_t j = 0; j < 3; j++) {
            w->neighbour[count[c[j]]++] = c[(j + 1) % 3];
            w->neighbour[count[c[j]]++] = c[(j + 2) % 3];
        }
    }
    for (uint32_t v = 0; v < w->n; v++)
        if (w->first[v + 1] > w->first[v])
            w->inverse_degree[v] = 1.0f / (float)(w->first[v + 1] - w->first[v]);
}

static void build_diagonal(warp *w)
{
    float *d = w->inverse_diagonal;

    for (uint32_t v = 0; v < w->n; v++) {
        if (w->inverse_degree[v] <= 0.0f)
            continue;
        d[v] += 1.0f + w->hold[v] + TENSION / w->inverse_degree[v];
        for (uint32_t k = w->first[v]; k < w->first[v + 1]; k++)
            d[w->neighbour[k]] += w->inverse_degree[v] * w->inverse_degree[v];
    }
    for (size_t i = 0; i < w->n_pins; i++)
        for (size_t j = 0; j < 3; j++)
            d[w->pin[i].vertex[j]] += w->pin[i].weight * w->pin[i].bary[j] * w->pin[i].bary[j];
    for (uint32_t v = 0; v < w->n; v++)
        d[v] = w->inverse_degree[v] > 0.0f ? 1.0f / d[v] : 0.0f;
}

/* out += A u without the pins' part. */
static void apply_sheet(warp *w, float *out, const float *u)
{
    for (uint32_t v = 0; v < w->n; v++) {
        float sx = 0.0f, sy = 0.0f;

        for (uint32_t k = w->first[v]; k < w->first[v + 1]; k++) {
            sx += u[2 * w->neighbour[k]];
            sy += u[2 * w->neighbour[k] + 1];
        }
        w->bend[2 * v] = u[2 * v] - sx * w->inverse_degree[v];
        w->bend[2 * v + 1] = u[2 * v + 1] - sy * w->inverse_degree[v];
    }
    for (uint32_t v = 0; v < w->n; v++) {
        float sx = 0.0f, sy = 0.0f;

        if (w->inverse_degree[v] <= 0.0f)
            continue;
        for (uint32_t k = w->first[v]; k < w->first[v + 1]; k++) {
            const uint16_t q = w->neighbour[k];

            sx += w->bend[2 * q] * w->inverse_degree[q];
            sy += w->bend[2 * q + 1] * w->inverse_degree[q];
        }
        const float pull = 1.0f + TENSION / w->inverse_degree[v];
        out[2 * v] += pull * w->bend[2 * v] - sx + w->hold[v] * u[2 * v];
        out[2 * v + 1] += pull * w->bend[2 * v + 1] - sy + w->hold[v] * u[2 * v + 1];
    }
}

/* out += A u. */
static void apply(warp *w, float *out, const float *u)
{
    apply_sheet(w, out, u);
    for (size_t i = 0; i < w->n_pins; i++) {
        const limner_warp_pin *p = &w->pin[i];

        for (size_t c = 0; c < 2; c++) {
            float at = 0.0f;

            for (size_t j = 0; j < 3; j++)
                at += p->bary[j] * u[2 * p->vertex[j] + c];
            for (size_t j = 0; j < 3; j++)
                out[2 * p->vertex[j] + c] += p->weight * p->bary[j] * at;
        }
    }
}

static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* residual = right side - A move, with `move` holding the goals. */
static void start_residual(warp *w, const float *goal)
{
    float *r = w->residual;

    apply(w, r, goal);
    for (uint32_t i = 0; i < 2 * w->n; i++)
        r[i] = w->inverse_degree[i / 2] > 0.0f ? w->hold[i / 2] * goal[i] - r[i] : 0.0f;
    for (size_t i = 0; i < w->n_pins; i++) {
        const limner_warp_pin *p = &w->pin[i];

        for (size_t j = 0; j < 3; j++)
            for (size_t c = 0; c < 2; c++)
                r[2 * p->vertex[j] + c] += p->weight * p->bary[j] * p->target[c];
    }
}

static double precondition(warp *w)
{
    for (uint32_t i = 0; i < 2 * w->n; i++)
        w->conditioned[i] = w->residual[i] * w->inverse_diagonal[i / 2];
    return dot(w->residual, w->conditioned, 2 * (size_t)w->n);
}

static void solve(warp *w, float *u)
{
    enum { MAX_ROUNDS = 300 };
    const double enough = 1e-6; /* of the first squared residual */
    const size_t n = 2 * (size_t)w->n;
    double rho, first;

    start_residual(w, u);
    first = rho = precondition(w);
    memcpy(w->direction, w->conditioned, n * sizeof(float));
    for (int round = 0; round < MAX_ROUNDS && rho > enough * first; round++) {
        memset(w->image, 0, n * sizeof(float));
        apply(w, w->image, w->direction);
        const float alpha = (float)(rho / dot(w->direction, w->image, n));
        for (size_t i = 0; i < n; i++) {
            u[i] += alpha * w->direction[i];
            w->residual[i] -= alpha * w->image[i];
        }
        const double next = precondition(w);
        const float beta = (float)(next / rho);
        for (size_t i = 0; i < n; i++)
            w->direction[i] = w->conditioned[i] + beta * w->direction[i];
        rho = next;
    }
}

limner_status limner_surface_warp(float *move, const limner_face *face, const float *hold,
                                  const limner_warp_pin *pin, size_t n_pins)
{
    warp w = {.face = face, .pin = pin, .n_pins = n_pins, .hold = hold, .n = face->n_vertices};

    if (!warp_alloc(&w)) {
        warp_clear(&w);
        return LIMNER_E_NOMEM;
    }
    build_graph(&w);
    build_diagonal(&w);
    solve(&w, move);
    warp_clear(&w);
    return LIMNER_OK;
}
