/* SPDX-License-Identifier: Apache-2.0 */
/* Teeth are grown about their own centres (teeth.h). */
#include "render/teeth.h"

#include "render/teeth_row.h"

#define GROW_SIDE 1.06f
#define GROW_HEIGHT 1.02f
#define LOWER_UPPER_CM 0.12f            /* upper teeth and gum come down by this */
#define LOWER_LOWER_CM 0.22f            /* lower ones would peep out as a grey line; by this */

static void grow(const limner_teeth_row *row, uint32_t stride, float *base)
{
    for (uint32_t i = 0; i < row->n_vertices; i++) {
        const limner_tooth *t = &row->tooth[row->number[i]];
        float *v = base + row->first + i;

        v[0] = t->x + GROW_SIDE * (v[0] - t->x);
        v[stride] = t->y + GROW_HEIGHT * (v[stride] - t->y);
        v[2 * stride] = t->z + GROW_SIDE * (v[2 * stride] - t->z);
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

    for (int i = 0; i < 2; i++) {
        limner_teeth_row row;

        if (limner_teeth_row_open(&row, face, parts[i], base) < 0)
            return LIMNER_E_NOMEM;
        grow(&row, face->stride, base);
        limner_teeth_row_close(&row);
    }
    lower(face, base);
    return LIMNER_OK;
}
