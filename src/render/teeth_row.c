/* SPDX-License-Identifier: Apache-2.0 */
/* Each tooth is a connected piece of its part; pieces are found by spreading the smallest vertex
 * number over the triangles (teeth_row.h). */
#include "render/teeth_row.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/mem.h"

#define ARCH_BACK_CM 3.6f               /* the arch's middle lies this far behind its front */

static void find_pieces(const limner_face *face, const limner_face_range *part, uint16_t *piece)
{
    const uint16_t first = (uint16_t)part->first_vertex;
    bool has_changed = true;

    for (uint32_t i = 0; i < part->n_vertices; i++)
        piece[i] = (uint16_t)(first + i);
    while (has_changed) {
        has_changed = false;
        for (uint32_t i = 0; i < part->n_triangles; i++) {
            const uint16_t *t = face->triangle + 3 * (size_t)(part->first_triangle + i);
            uint16_t least = piece[t[0] - first];

            for (int k = 1; k < 3; k++)
                least = piece[t[k] - first] < least ? piece[t[k] - first] : least;
            for (int k = 0; k < 3; k++) {
                has_changed = has_changed || piece[t[k] - first] != least;
                piece[t[k] - first] = least;
            }
        }
    }
}

/* Numbers the pieces from 0 as they come. */
static void number_teeth(limner_teeth_row *row, const uint16_t *piece)
{
    uint16_t name[LIMNER_TEETH_MAX];

    for (uint32_t i = 0; i < row->n_vertices; i++) {
        uint32_t k = 0;

        while (k < row->n && name[k] != piece[i])
            k++;
        if (k == row->n && row->n < LIMNER_TEETH_MAX)
            name[row->n++] = piece[i];
        row->number[i] = (uint8_t)(k < row->n ? k : row->n - 1);
    }
}

static void measure_middles(limner_teeth_row *row, const float *x, const float *y, const float *z)
{
    float front = -1e9f;

    for (uint32_t i = 0; i < row->n_vertices; i++) {
        limner_tooth *t = &row->tooth[row->number[i]];
        const uint32_t v = row->first + i;

        t->x += x[v];
        t->y += y[v];
        t->z += z[v];
        t->edge = t->n++ ? fminf(t->edge, row->up * y[v]) : row->up * y[v];
        front = fmaxf(front, z[v]);
    }
    row->back = front - ARCH_BACK_CM;
    for (uint32_t k = 0; k < row->n; k++) {
        limner_tooth *t = &row->tooth[k];

        t->x /= (float)t->n;
        t->y /= (float)t->n;
        t->z /= (float)t->n;
        t->side = t->x < 0 ? -1.0f : 1.0f;
    }
}

static void measure_widths(limner_teeth_row *row, const float *xyz, size_t stride)
{
    for (uint32_t i = 0; i < row->n_vertices; i++) {
        limner_tooth *t = &row->tooth[row->number[i]];
        const float *v = xyz + row->first + i;
        const float p[3] = {v[0], v[stride], v[2 * stride]};

        t->half = fmaxf(t->half, fabsf(limner_teeth_spot_of(row, t, p).along));
    }
    for (uint32_t k = 0; k < row->n; k++) {
        limner_tooth *t = &row->tooth[k];

        for (uint32_t j = 0; j < row->n; j++)
            t->rank += row->tooth[j].side * t->side > 0 &&
                       fabsf(row->tooth[j].x) < fabsf(t->x) && row->tooth[j].z > t->z;
    }
}

limner_status limner_teeth_row_open(limner_teeth_row *row, const limner_face *face,
                                    limner_face_part part, const float *xyz)
{
    const limner_face_range *range = &face->part[part];
    uint16_t *piece = limner_alloc(range->n_vertices, sizeof(*piece));

    memset(row, 0, sizeof(*row));
    row->number = limner_alloc(range->n_vertices, 1);
    if (!piece || !row->number) {
        limner_mem_free(piece);
        limner_teeth_row_close(row);
        return LIMNER_E_NOMEM;
    }
    row->first = range->first_vertex;
    row->n_vertices = range->n_vertices;
    row->up = part == LIMNER_PART_TEETH_UPPER ? 1.0f : -1.0f;
    find_pieces(face, range, piece);
    number_teeth(row, piece);
    measure_middles(row, xyz, xyz + face->stride, xyz + 2 * (size_t)face->stride);
    measure_widths(row, xyz, face->stride);
    limner_mem_free(piece);
    return LIMNER_OK;
}

void limner_teeth_row_close(limner_teeth_row *row)
{
    limner_mem_free(row->number);
    row->number = NULL;
}

/* The arch's direction out of the mouth at a tooth: x, z, unit length. */
static void find_out(const limner_teeth_row *row, const limner_tooth *t, float out[2])
{
    const float z = t->z - row->back, len = sqrtf(t->x * t->x + z * z) + 1e-6f;

    out[0] = t->x / len;
    out[1] = z / len;
}

limner_teeth_spot limner_teeth_spot_of(const limner_teeth_row *row, const limner_tooth *t,
                                       const float p[3])
{
    const float dx = p[0] - t->x, dz = p[2] - t->z;
    float out[2];

    find_out(row, t, out);
    return (limner_teeth_spot){dx * out[1] - dz * out[0], dx * out[0] + dz * out[1],
                               row->up * p[1] - t->edge};
}

void limner_teeth_spot_to(const limner_teeth_row *row, const limner_tooth *t, limner_teeth_spot s,
                          float p[3])
{
    float out[2];

    find_out(row, t, out);
    p[0] = t->x + s.along * out[1] + s.out * out[0];
    p[1] = row->up * (s.over + t->edge);
    p[2] = t->z - s.along * out[0] + s.out * out[1];
}
