/* SPDX-License-Identifier: Apache-2.0 */
/* Contact lines (contact.h). A pair's difference is m + d: m the model's, d the residual's. The
 * frame keeps m + f d, f = the model's gap now over its gap in the photo, at most 1; then a gap
 * below zero is lifted to zero. A mouth that the fit did not explain in full would stay ajar: what
 * is left narrower than meet_px closes the more, the smaller f. Both sides share the change. */
#include "render/contact.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/nearest.h"
#include "core/smoothstep.h"

#define LEAST_GAP_PX 0.3f       /* the photo counts as open at least this far */

static float distance_cm(const limner_face *face, const float *xyz, uint32_t a, uint32_t b)
{
    const float dx = xyz[a] - xyz[b], dy = xyz[face->stride + a] - xyz[face->stride + b];
    const float dz = xyz[2 * face->stride + a] - xyz[2 * face->stride + b];

    return sqrtf(dx * dx + dy * dy + dz * dz);
}

/* The nearest pairs of one side, nearest first. */
static void nearest_pairs(const limner_contact *c, const limner_contact_photo *photo,
                          const uint16_t *side, uint32_t v, uint16_t pair[], float d[])
{
    for (int k = 0; k < LIMNER_CONTACT_TAPS; k++) {
        pair[k] = 0;
        d[k] = 1e9f;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        /* A corner is a pair by itself: it goes with a neighbour that has two sides. */
        const float itself = c->line->upper[i] == c->line->lower[i] ? 1e-5f : 0;

        limner_keep_nearest(d, pair, LIMNER_CONTACT_TAPS,
                            distance_cm(photo->face, photo->apart, v, side[i]) + itself,
                            (uint16_t)i);
    }
}

/* false: too far from the line to follow it. */
static bool bind_vertex(const limner_contact *c, const limner_contact_photo *photo, uint32_t v,
                        limner_contact_bind *out)
{
    uint16_t up[LIMNER_CONTACT_TAPS], low[LIMNER_CONTACT_TAPS];
    float d_up[LIMNER_CONTACT_TAPS], d_low[LIMNER_CONTACT_TAPS], sum = 0, fall;
    bool is_upper;
    const float *d;

    nearest_pairs(c, photo, c->line->upper, v, up, d_up);
    nearest_pairs(c, photo, c->line->lower, v, low, d_low);
    is_upper = d_up[0] <= d_low[0];
    d = is_upper ? d_up : d_low;
    fall = 1 - limner_smoothstep(d[0], 0, is_upper ? photo->reach_upper_cm : photo->reach_lower_cm);
    if (fall <= 0)
        return false;
    out->vertex = (uint16_t)v;
    for (int k = 0; k < LIMNER_CONTACT_TAPS; k++) {
        out->pair[k] = is_upper ? up[k] : low[k];
        out->weight[k] = d[0] < 1e-4f ? (float)(k == 0) : 1 / (d[k] * d[k] + 1e-6f);
        sum += out->weight[k];
    }
    for (int k = 0; k < LIMNER_CONTACT_TAPS; k++)
        out->weight[k] *= fall / sum * (is_upper ? photo->upper_share : photo->upper_share - 1);
    return true;
}

static limner_status bind_skin(limner_contact *c, const limner_contact_photo *photo)
{
    const limner_face_range *head = &photo->face->part[LIMNER_PART_HEAD];

    c->bound = limner_alloc(head->n_vertices, sizeof(*c->bound));
    if (!c->bound)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; i < head->n_vertices; i++) {
        if (bind_vertex(c, photo, head->first_vertex + i, &c->bound[c->n_bound]))
            c->n_bound++;
    }
    return LIMNER_OK;
}

static void measure_photo(limner_contact *c, const limner_contact_photo *photo)
{
    for (uint32_t i = 0; i < c->n; i++) {
        const uint32_t u = c->line->upper[i], l = c->line->lower[i];
        const float dx = photo->rest[0][u] - photo->rest[0][l];
        const float dy = photo->rest[1][u] - photo->rest[1][l];
        const float rx = photo->residual[0][u] - photo->residual[0][l];
        const float ry = photo->residual[1][u] - photo->residual[1][l];

        c->photo_gap[i] = dx * c->up[0] + dy * c->up[1];
        c->model_gap[i] = (dx - rx) * c->up[0] + (dy - ry) * c->up[1];
    }
}

limner_status limner_contact_open(limner_contact *c, const limner_face_contact *line,
                                  const limner_contact_photo *photo)
{
    memset(c, 0, sizeof(*c));
    c->line = line;
    c->n = line->n < LIMNER_CONTACT_MAX ? line->n : LIMNER_CONTACT_MAX;
    c->upper_share = photo->upper_share;
    c->meet_px = photo->meet_px;
    c->up[0] = photo->up[0];
    c->up[1] = photo->up[1];
    c->photo_gap = limner_calloc(c->n, sizeof(float));
    c->model_gap = limner_calloc(c->n, sizeof(float));
    c->gap = limner_calloc(c->n, sizeof(float));
    c->correction = limner_calloc(c->n, 2 * sizeof(float));
    if (!c->photo_gap || !c->model_gap || !c->gap || !c->correction ||
        bind_skin(c, photo) != LIMNER_OK) {
        limner_contact_close(c);
        return LIMNER_E_NOMEM;
    }
    measure_photo(c, photo);
    return LIMNER_OK;
}

/* Change of the upper-minus-lower difference of pair i that the frame needs. */
static void correct_pair(limner_contact *c, uint32_t i, const float *const residual[2], float shut,
                         const float *x, const float *y)
{
    const uint32_t u = c->line->upper[i], l = c->line->lower[i];
    const float rx = residual[0][u] - residual[0][l], ry = residual[1][u] - residual[1][l];
    const float dx = x[u] - x[l], dy = y[u] - y[l];
    const float model = (dx - rx) * c->up[0] + (dy - ry) * c->up[1];
    const float photo = fmaxf(c->model_gap[i], LEAST_GAP_PX);
    /* At the photo's own opening, and wider, the residual stays whole. */
    const float lack = fmaxf(0, c->model_gap[i] - fmaxf(0, model));
    const float keep = 1 - fminf(1, lack / photo);
    float cx = rx * (keep - 1), cy = ry * (keep - 1), gap, least;

    gap = (dx + cx) * c->up[0] + (dy + cy) * c->up[1];
    if (gap < c->meet_px)
        shut += (1 - shut) * (1 - keep) * (1 - limner_smoothstep(gap, 0, c->meet_px));
    /* What crossed in the photo itself may stay crossed: the frame must equal the photo there. */
    least = fmaxf(gap * (1 - shut), fminf(0, c->photo_gap[i]));
    cx += (least - gap) * c->up[0];
    cy += (least - gap) * c->up[1];
    c->gap[i] = fmaxf(0, least);
    c->correction[2 * i] = cx;
    c->correction[2 * i + 1] = cy;
}

void limner_contact_apply(limner_contact *c, const float *const residual[2], float shut, float *x,
                          float *y)
{
    for (uint32_t i = 0; i < c->n; i++)
        correct_pair(c, i, residual, shut, x, y);
    for (uint32_t i = 0; i < c->n_bound; i++) {
        const limner_contact_bind *b = &c->bound[i];
        float dx = 0, dy = 0;

        for (int k = 0; k < LIMNER_CONTACT_TAPS; k++) {
            dx += b->weight[k] * c->correction[2 * b->pair[k]];
            dy += b->weight[k] * c->correction[2 * b->pair[k] + 1];
        }
        x[b->vertex] += dx;
        y[b->vertex] += dy;
    }
}

void limner_contact_lower(limner_contact *c, const float *down, float *const residual[2],
                          float *const rest[2])
{
    for (uint32_t i = 0; i < c->n_bound; i++) {
        const limner_contact_bind *b = &c->bound[i];
        float by = 0;

        for (int k = 0; k < LIMNER_CONTACT_TAPS; k++)
            by += fmaxf(0, -b->weight[k]) / fmaxf(1 - c->upper_share, 1e-3f) * down[b->pair[k]];
        for (int k = 0; k < 2; k++) {
            residual[k][b->vertex] -= by * c->up[k];
            rest[k][b->vertex] -= by * c->up[k];
        }
    }
    for (uint32_t i = 0; i < c->n; i++)
        c->photo_gap[i] += down[i];
}

void limner_contact_close(limner_contact *c)
{
    limner_mem_free(c->photo_gap);
    limner_mem_free(c->model_gap);
    limner_mem_free(c->gap);
    limner_mem_free(c->correction);
    limner_mem_free(c->bound);
    memset(c, 0, sizeof(*c));
}
