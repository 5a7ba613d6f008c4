/* SPDX-License-Identifier: Apache-2.0 */
/* The rows' places are judged on the neutral face, its jaw shut or open (teeth_place.h): how far
 * the front teeth's edges lie beyond the lips' lines there, along the head's up, lips with the
 * photo's residual, teeth with the mouth's. Lips parted at rest show 4 mm of the upper incisors and
 * hardly any of the lower ones in the young, 1 mm and 2.5 mm after fifty (da Motta et al., Display
 * of the incisors as functions of age and gender, Aust Orthod J 2010): who shows less of the one
 * shows more of the other. Speakers part the lips from both rows: half open, four of them show a
 * third of the opening as upper teeth and a third as lower ones. */
#include "render/teeth_place.h"

#include <math.h>

#include "core/smoothstep.h"
#include "render/teeth_person.h"

#define OPEN_JAW 0.5f
#define UPPER_CM 0.07f                  /* of the front teeth beyond the upper lip, jaw shut, */
#define UPPER_OPEN_CM 0.13f             /* and open, */
#define LOWER_CM 0.15f                  /* of the lower ones, */
#define LOWER_OPEN_CM 0.55f             /* jaw shut and open, */
#define UPPER_MORE_CM 0.07f             /* between people by so much */
#define LOWER_MORE_CM 0.06f             /* more or less */
#define LOWER_BARE_CM 0.40f             /* lower lips that bare more than this of the row ... */
#define LOWER_MOST_CM 0.26f             /* ... take it along, but for this much */
#define DOWN_CM 0.42f                   /* the upper row comes down by no more than this */
#define UP_CM 0.30f                     /* and up */
#define LOWER_UP_CM 0.50f               /* the same of the lower */
#define LOWER_DOWN_CM 0.10f
#define LOWER_RISE_CM 0.55f
#define GROWN 0.5f                      /* share of its way by which the upper crowns grow */
#define CROWN_CM 1.0f
#define FRONT_CM 0.9f                   /* teeth this near the middle are the front ones */
#define OWN_CM 0.3f                     /* photos open this far ... */
#define OWN_TEETH 0.08f                 /* ... with so much of teeth in it show their own */

/* The residual's part along the head's up, cm. */
static float residual_cm(const limner_rig *r, uint32_t v)
{
    return (r->residual[0][v] * r->up[0] + r->residual[1][v] * r->up[1]) / r->pose_frame.scale;
}

/* Mean height of a lip's middle third, cm. */
static float lip_height(const limner_rig *r, const uint16_t *line)
{
    const uint32_t n = r->lips.n, from = n / 3, to = n - n / 3;
    float sum = 0;

    for (uint32_t i = from; i < to; i++)
        sum += r->model[r->face->stride + line[i]] + residual_cm(r, line[i]);
    return sum / fmaxf((float)(to - from), 1);
}

/* How far a row's front teeth reach beyond the line of their lip, cm: down for the upper. */
static float shown(const limner_rig *r, limner_face_part row)
{
    const limner_face_range *part = &r->face->part[row];
    const bool is_upper = row == LIMNER_PART_TEETH_UPPER;
    const float up = is_upper ? 1.0f : -1.0f;
    const uint16_t *lip = is_upper ? r->lips.line->upper : r->lips.line->lower;
    float edge = 1e9f;

    for (uint32_t i = part->first_vertex; i < part->first_vertex + part->n_vertices; i++) {
        if (fabsf(r->face->mean[i]) < FRONT_CM)
            edge = fminf(edge, up * (r->model[r->face->stride + i] + residual_cm(r, i)));
    }
    return up * lip_height(r, lip) - edge;
}

/* Half of the way down the row sinks, half it grows: gums would show in every smile. */
static void place_upper(limner_rig *rig, float down)
{
    float *y = rig->base + rig->face->stride;
    const limner_face_range *part = &rig->face->part[LIMNER_PART_TEETH_UPPER];
    const float grown = down > 0 ? GROWN : 0;
    float edge = 1e9f;

    for (uint32_t i = part->first_vertex; i < part->first_vertex + part->n_vertices; i++)
        edge = fminf(edge, y[i]);
    for (uint32_t i = 0; i < rig->face->n_vertices; i++) {
        const uint8_t region = rig->face->vertex_region[i];

        if (region == LIMNER_REGION_TEETH_UPPER)
            y[i] -= down * (1 - grown * limner_smoothstep(y[i] - edge, 0, CROWN_CM));
        else if (region == LIMNER_REGION_GUM_UPPER)
            y[i] -= down * (1 - grown);
    }
}

static void place_lower(limner_rig *rig, float up)
{
    float *y = rig->base + rig->face->stride;

    for (uint32_t i = 0; i < rig->face->n_vertices; i++) {
        const uint8_t region = rig->face->vertex_region[i];

        if (region == LIMNER_REGION_TEETH_LOWER || region == LIMNER_REGION_GUM_LOWER)
            y[i] += up;
    }
}

limner_status limner_teeth_place(limner_rig *rig, const limner_appearance *app)
{
    float open[LIMNER_FACE_N_EXPRESSION] = {0}, photo_gap = 0, shut, lower, by;
    const float own_px = OWN_CM * rig->pose_frame.scale;
    const float aged = limner_teeth_trait(app->fit.identity, LIMNER_TEETH_AGED);
    const bool is_seen = app->teeth_seen > OWN_TEETH;
    bool is_open;

    for (uint32_t i = 0; i < rig->lips.n; i++)
        photo_gap = fmaxf(photo_gap, rig->lips.photo_gap[i]);
    is_open = photo_gap > own_px;
    if (limner_teeth_person(rig->face, LIMNER_PART_TEETH_LOWER, app->fit.identity, rig->base) < 0 ||
        (!is_seen && !is_open && limner_teeth_person(rig->face, LIMNER_PART_TEETH_UPPER,
                                                     app->fit.identity, rig->base) < 0))
        return LIMNER_E_NOMEM;
    limner_face_express(rig->face, rig->base, open, rig->model);
    shut = shown(rig, LIMNER_PART_TEETH_UPPER);
    lower = LOWER_CM + aged * LOWER_MORE_CM - shown(rig, LIMNER_PART_TEETH_LOWER);
    lower = fminf(LOWER_UP_CM, fmaxf(-LOWER_DOWN_CM, lower));
    place_lower(rig, lower);
    open[LIMNER_JAW_OPEN] = OPEN_JAW;
    limner_face_express(rig->face, rig->base, open, rig->model);
    by = LOWER_OPEN_CM + aged * LOWER_MORE_CM - shown(rig, LIMNER_PART_TEETH_LOWER);
    rig->teeth_rise = fminf(LOWER_RISE_CM, fmaxf(0, by)) / OPEN_JAW;
    if (is_seen && is_open)
        return LIMNER_OK;
    by = UPPER_CM - aged * UPPER_MORE_CM - shut;
    by = fminf(DOWN_CM, fmaxf(-UP_CM, by));
    place_upper(rig, by);
    by = UPPER_OPEN_CM - aged * UPPER_MORE_CM - shown(rig, LIMNER_PART_TEETH_UPPER) - by;
    rig->teeth_sink = fmaxf(0, by) / OPEN_JAW;
    return LIMNER_OK;
}

/* Moves a row and its gum in rig->model. */
static void move_row(const limner_rig *rig, limner_face_part row, uint8_t gum, float up)
{
    const limner_face_range *teeth = &rig->face->part[row];
    const limner_face_range *gums = &rig->face->part[LIMNER_PART_GUMS];
    float *y = rig->model + rig->face->stride;

    for (uint32_t i = teeth->first_vertex; i < teeth->first_vertex + teeth->n_vertices; i++)
        y[i] += up;
    for (uint32_t i = gums->first_vertex; i < gums->first_vertex + gums->n_vertices; i++)
        y[i] += rig->face->vertex_region[i] == gum ? up : 0;
}

void limner_teeth_follow(const limner_rig *rig, float jaw_open)
{
    const float rise = rig->teeth_rise * jaw_open;
    const float over = fmaxf(0, shown(rig, LIMNER_PART_TEETH_LOWER) + rise - LOWER_BARE_CM);

    if (rig->teeth_sink > 0)
        move_row(rig, LIMNER_PART_TEETH_UPPER, LIMNER_REGION_GUM_UPPER,
                 -rig->teeth_sink * jaw_open);
    move_row(rig, LIMNER_PART_TEETH_LOWER, LIMNER_REGION_GUM_LOWER,
             rise - over + over * LOWER_MOST_CM / (over + LOWER_MOST_CM));
}
