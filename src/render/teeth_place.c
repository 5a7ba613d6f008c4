/* SPDX-License-Identifier: Apache-2.0 */
/* The row's place is judged on the neutral face with its jaw open (teeth_place.h): how far the
 * front teeth's edge lies below the upper lip's line there, along the head's up, lips with the
 * photo's residual, teeth with the mouth's. */
#include "render/teeth_place.h"

#include <math.h>

#include "core/smoothstep.h"
#include "render/teeth_person.h"

#define OPEN_JAW 0.5f
#define SHOWN_CM 0.25f                  /* of the front teeth at this opening */
#define MOST_CM 0.42f                   /* no row comes down by more */
#define GROWN 0.5f                      /* share of it by which the crowns grow instead */
#define CROWN_CM 1.0f
#define FRONT_CM 0.9f                   /* teeth this near the middle are the front ones */
#define OWN_CM 0.3f                     /* photos open this far ... */
#define OWN_TEETH 0.08f                 /* ... with so much of teeth in it show their own */

/* The residual's part along the head's up, cm. */
static float residual_cm(const limner_rig *r, uint32_t v)
{
    return (r->residual[0][v] * r->up[0] + r->residual[1][v] * r->up[1]) / r->pose_frame.scale;
}

/* Mean height of the upper lip's middle third, cm. */
static float lip_height(const limner_rig *r)
{
    const uint32_t n = r->lips.n, from = n / 3, to = n - n / 3;
    float sum = 0;

    for (uint32_t i = from; i < to; i++) {
        const uint32_t v = r->lips.line->upper[i];

        sum += r->model[r->face->stride + v] + residual_cm(r, v);
    }
    return sum / fmaxf((float)(to - from), 1);
}

/* Height of the front teeth's edge, cm. */
static float edge_height(const limner_rig *r)
{
    const limner_face_range *part = &r->face->part[LIMNER_PART_TEETH_UPPER];
    float least = 1e9f;

    for (uint32_t i = part->first_vertex; i < part->first_vertex + part->n_vertices; i++) {
        if (fabsf(r->face->mean[i]) < FRONT_CM)
            least = fminf(least, r->model[r->face->stride + i] + residual_cm(r, i));
    }
    return least;
}

/* Half of the way the row sinks, half it grows: gums would show in every smile. */
static void lower_row(limner_rig *rig, float down)
{
    float *y = rig->base + rig->face->stride;
    const limner_face_range *part = &rig->face->part[LIMNER_PART_TEETH_UPPER];
    float edge = 1e9f;

    for (uint32_t i = part->first_vertex; i < part->first_vertex + part->n_vertices; i++)
        edge = fminf(edge, y[i]);
    for (uint32_t i = 0; i < rig->face->n_vertices; i++) {
        const uint8_t region = rig->face->vertex_region[i];

        if (region == LIMNER_REGION_TEETH_UPPER)
            y[i] -= down * (1 - GROWN * limner_smoothstep(y[i] - edge, 0, CROWN_CM));
        else if (region == LIMNER_REGION_GUM_UPPER)
            y[i] -= down * (1 - GROWN);
    }
}

limner_status limner_teeth_place(limner_rig *rig, const limner_appearance *app)
{
    float open[LIMNER_FACE_N_EXPRESSION] = {0}, photo_gap = 0, down;
    const float own_px = OWN_CM * rig->pose_frame.scale;

    for (uint32_t i = 0; i < rig->lips.n; i++)
        photo_gap = fmaxf(photo_gap, rig->lips.photo_gap[i]);
    if (app->teeth_seen <= OWN_TEETH && photo_gap <= own_px &&
        limner_teeth_person(rig->face, app->fit.identity, rig->base) < 0)
        return LIMNER_E_NOMEM;
    if (app->teeth_seen > OWN_TEETH && photo_gap > own_px)
        return LIMNER_OK;
    open[LIMNER_JAW_OPEN] = OPEN_JAW;
    limner_face_express(rig->face, rig->base, open, rig->model);
    down = SHOWN_CM - (lip_height(rig) - edge_height(rig));
    down = fminf(MOST_CM, fmaxf(0, down));
    lower_row(rig, down);
    return LIMNER_OK;
}
