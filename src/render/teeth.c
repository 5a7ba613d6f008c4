/* SPDX-License-Identifier: Apache-2.0 */
/* Each tooth is a connected piece of its part; pieces are found by spreading the smallest vertex
 * number over the triangles, then grown about their own centres. */
#include "render/teeth.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"

#define GROW_SIDE 1.06f
#define GROW_HEIGHT 1.02f
#define LOWER_UPPER_CM 0.12f            /* upper teeth and gum come down by this */
#define LOWER_LOWER_CM 0.22f            /* lower ones would peep out as a grey line; by this */
#define ARCH_BACK_CM 3.6f               /* the arch's middle lies this far behind its front */
#define SIDE_FROM 0.6f                  /* of a tooth's half width: further out it turns away ... */
#define SIDE_DARK 0.28f                 /* ... and loses up to this much of its light */
#define ROOT_DARK 0.22f                 /* lost where the gum begins */
#define CROWN_CM 0.95f

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

/* Per piece: its middle (x, z), half width along the arch and the height of its edge. */
typedef struct tooth {
    float x, z, half, edge;
    uint32_t n;
} tooth;

/* How far along the arch a vertex lies from its tooth's middle, cm. */
static float along(const tooth *t, float arch_z, float x, float z)
{
    const float rx = t->x, rz = t->z - arch_z, len = sqrtf(rx * rx + rz * rz) + 1e-6f;

    return ((x - t->x) * rz - (z - t->z) * rx) / len;
}

static void shape(const limner_face *face, const limner_face_range *part, const uint16_t *piece,
                  float sign, tooth *all, float *light)
{
    const float *x = face->mean, *y = x + face->stride, *z = y + face->stride;
    const uint32_t from = part->first_vertex, to = from + part->n_vertices;
    float front = -1e9f;

    memset(all, 0, face->stride * sizeof(*all));
    for (uint32_t i = from; i < to; i++) {
        tooth *t = &all[piece[i]];

        t->x += x[i];
        t->z += z[i];
        t->edge = t->n++ && sign * y[i] > t->edge ? t->edge : sign * y[i];
        front = fmaxf(front, z[i]);
    }
    for (uint32_t i = from; i < to; i++) {
        if (piece[i] == i) {
            all[i].x /= (float)all[i].n;
            all[i].z /= (float)all[i].n;
        }
    }
    for (uint32_t i = from; i < to; i++) {
        tooth *t = &all[piece[i]];

        t->half = fmaxf(t->half, fabsf(along(t, front - ARCH_BACK_CM, x[i], z[i])));
    }
    for (uint32_t i = from; i < to; i++) {
        const tooth *t = &all[piece[i]];
        const float side = fabsf(along(t, front - ARCH_BACK_CM, x[i], z[i])) / t->half;

        light[i] = (1 - SIDE_DARK * limner_smoothstep(side, SIDE_FROM, 1)) *
                   (1 - ROOT_DARK * limner_smoothstep((sign * y[i] - t->edge) / CROWN_CM, 0.5f, 1));
    }
}

limner_status limner_teeth_relief(const limner_face *face, float *light)
{
    const limner_face_part parts[2] = {LIMNER_PART_TEETH_UPPER, LIMNER_PART_TEETH_LOWER};
    uint16_t *piece = limner_calloc(face->stride, sizeof(*piece));
    tooth *all = limner_alloc(face->stride, sizeof(*all));

    for (int i = 0; piece && all && i < 2; i++) {
        find_pieces(face, &face->part[parts[i]], piece);
        shape(face, &face->part[parts[i]], piece, i ? -1.0f : 1.0f, all, light);
    }
    limner_mem_free(piece);
    limner_mem_free(all);
    return piece && all ? LIMNER_OK : LIMNER_E_NOMEM;
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
