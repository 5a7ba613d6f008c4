/* SPDX-License-Identifier: Apache-2.0 */
/* Each tooth is a connected piece of its part; pieces are found by spreading the smallest vertex
 * number over the triangles, then grown about their own centres. */
#include "render/teeth.h"

#include <stdbool.h>
#include <string.h>

#include "core/mem.h"

#define GROW_SIDE 1.10f
#define GROW_HEIGHT 1.02f
#define LOWER_UPPER_CM 0.20f            /* upper teeth and gum come down by this */
#define LOWER_LOWER_CM 0.06f

static void find_pieces(const limner_face *face, const limner_face_range *part, uint16_t *piece)
{
    bool has_changed = true;

    for (uint32_t i = 0; i < part->n_vertices; i++)
        piece[part->first_vertex + i] = (uint16_t)(part->first_vertex + i);
    while (has_changed) {
        has_changed = false;
        for (uint32_t i = 0; i < part->n_triangles; i++) {
            const uint16_t *t = face->triangle + 3 * (size_t)(part->first_triangle + i);
            uint16_t least = piece[t[0]];

            for (int k = 1; k < 3; k++)
                least = piece[t[k]] < least ? piece[t[k]] : least;
            for (int k = 0; k < 3; k++) {
                has_changed = has_changed || piece[t[k]] != least;
                piece[t[k]] = least;
            }
        }
    }
}

static void grow(const limner_face *face, const limner_face_range *part, const uint16_t *piece,
                 float *sum, float *base)
{
    const float by[3] = {GROW_SIDE, GROW_HEIGHT, GROW_SIDE};
    const uint32_t from = part->first_vertex, to = from + part->n_vertices;

    memset(sum, 0, 4 * face->stride * sizeof(float));
    for (uint32_t i = from; i < to; i++) {
        for (int k = 0; k < 3; k++)
            sum[4 * piece[i] + k] += base[k * face->stride + i];
        sum[4 * piece[i] + 3] += 1;
    }
    for (uint32_t i = from; i < to; i++) {
        const float *s = sum + 4 * (size_t)piece[i];

        for (int k = 0; k < 3; k++) {
            float *v = &base[k * face->stride + i];

            *v = s[k] / s[3] + by[k] * (*v - s[k] / s[3]);
        }
    }
}

static void lower(const limner_face *face, float *base)
{
    for (uint32_t i = 0; i < face->n_vertices; i++) {
        const uint8_t r = face->vertex_region[i];

        if (r == LIMNER_REGION_TEETH_UPPER || r == LIMNER_REGION_GUM_UPPER)
            base[face->stride + i] -= LOWER_UPPER_CM;
        if (r == LIMNER_REGION_TEETH_LOWER || r == LIMNER_REGION_GUM_LOWER)
            base[face->stride + i] -= LOWER_LOWER_CM;
    }
}

limner_status limner_teeth_prepare(const limner_face *face, float *base)
{
    const limner_face_part parts[2] = {LIMNER_PART_TEETH_UPPER, LIMNER_PART_TEETH_LOWER};
    uint16_t *piece = limner_calloc(face->stride, sizeof(*piece));
    float *sum = limner_alloc(4 * (size_t)face->stride, sizeof(*sum));
    limner_status st = LIMNER_E_NOMEM;

    if (piece && sum) {
        for (int i = 0; i < 2; i++) {
            find_pieces(face, &face->part[parts[i]], piece);
            grow(face, &face->part[parts[i]], piece, sum, base);
        }
        lower(face, base);
        st = LIMNER_OK;
    }
    limner_mem_free(piece);
    limner_mem_free(sum);
    return st;
}
