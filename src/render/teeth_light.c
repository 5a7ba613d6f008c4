/* SPDX-License-Identifier: Apache-2.0 */
/* Measured on seven speakers (teeth_light.h): beside its middle a mouth's brightest row has 0.97 of
 * the light a fifth of the way to the corner, 0.77 at two fifths, 0.52 at three, 0.42 at four. The
 * light's direction is that of the portrait's spherical harmonics. */
#include "render/teeth_light.h"

#include <math.h>

#include "core/smoothstep.h"
#include "render/teeth_person.h"
#include "render/teeth_row.h"

#define SIDE_FROM 0.66f                 /* of a tooth's half width: further out it turns away ... */
#define SIDE_DARK 0.14f                 /* ... and loses up to this much of its light */
#define ROOT_DARK 0.22f                 /* lost where the gum begins */
#define CROWN_CM 0.95f
#define ARCH_FROM_CM 0.55f              /* beside the middle: from here ... */
#define ARCH_TO_CM 2.1f                 /* ... to here the cheeks take ... */
#define ARCH_DARK 0.45f                 /* ... this share */
#define CANINE 0.95f                    /* light of a canine over its neighbours' */
#define EDGE_CM 0.16f                   /* enamel without dentine behind it: */
#define EDGE_DARK 0.10f                 /* light lost at its end, */
#define EDGE_RED 0.03f                  /* and of the red */
#define NECK_WARM 0.07f                 /* blue lost at the neck, */
#define CANINE_WARM 0.05f               /* by canines, */
#define PERSON_WARM 0.04f               /* between people, and their */
#define PERSON_WHITE 0.04f              /* light */
#define GUESSED 1.14f                   /* light of guessed teeth: the lips shade all there are */
#define SEEN 1.25f                      /* of teeth in the colour of a photo's own: the mean of all
                                         * that it shows, sides and shade of the lips in it */
#define LIT_LEAST 0.75f                 /* where the portrait's light comes from, over light on */
#define LIT_MOST 1.12f                  /* what faces the viewer, */
#define LIT_SHARE 0.6f                  /* so much of it */
#define SPARK 3.5f                      /* wet gloss in the light's mirror direction, */
#define SPARK_LEAST 0.3f                /* and elsewhere */

/* Light of the portrait's bands 0 and 1 on what faces n, over that on what faces the viewer. */
static float lit_from(const float light[9], const float n[3])
{
    const float all = 0.282095f * light[0];
    const float own = all + 0.488603f * (light[1] * n[1] + light[2] * n[2] + light[3] * n[0]);
    const float front = all + 0.488603f * light[2];
    const float ratio = front > 1e-3f ? own / front : 1;

    return 1 + LIT_SHARE * (fminf(LIT_MOST, fmaxf(LIT_LEAST, ratio)) - 1);
}

/* Halfway between the viewer and where the light comes from. */
static void find_half(const float light[9], float half[3])
{
    const float d[3] = {light[3], light[1], fmaxf(light[2], 0)};
    const float len = sqrtf(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) + 1e-6f;
    float sum = 1e-6f;

    for (int k = 0; k < 3; k++) {
        half[k] = d[k] / len + (float)(k == 2);
        sum += half[k] * half[k];
    }
    for (int k = 0; k < 3; k++)
        half[k] /= sqrtf(sum);
}

static float spark_at(const float half[3], const float n[3])
{
    float s = fmaxf(0, half[0] * n[0] + half[1] * n[1] + half[2] * n[2]);

    for (int k = 0; k < 4; k++)
        s *= s;
    return SPARK_LEAST + SPARK * s;
}

/* What one vertex gives back, of light and of red, green, blue. */
static float give(const limner_tooth *t, limner_teeth_spot s, float colour, float rgb[3])
{
    const float side = fabsf(s.along) / fmaxf(t->half, 1e-3f);
    const float neck = limner_smoothstep(s.over / CROWN_CM, 0.3f, 1);
    const float edge = 1 - limner_smoothstep(s.over, 0, EDGE_CM);
    const float canine = t->rank == 2 ? 1.0f : 0.0f;

    rgb[0] = 1 - colour * EDGE_RED * edge;
    rgb[1] = 1;
    rgb[2] = 1 - colour * (NECK_WARM * neck + CANINE_WARM * canine);
    return (1 - SIDE_DARK * limner_smoothstep(side, SIDE_FROM, 1)) *
           (1 - ROOT_DARK * limner_smoothstep(s.over / CROWN_CM, 0.5f, 1)) *
           (1 - EDGE_DARK * edge) * (1 - (1 - CANINE) * canine);
}

static void light_row(const limner_teeth_light *l, const limner_teeth_row *row,
                      const limner_face *face, const limner_appearance *app)
{
    const float *x = face->mean;
    const float own = app->teeth_seen > 0 ? 0.0f : 1.0f;        /* teeth that were guessed */
    const float white = own > 0 ? GUESSED + PERSON_WHITE *
                                  limner_teeth_trait(app->fit.identity, LIMNER_TEETH_WHITE) : SEEN;
    const float warm = own * l->colour * PERSON_WARM *
                       limner_teeth_trait(app->fit.identity, LIMNER_TEETH_WARM);
    float half[3];

    find_half(app->light, half);
    for (uint32_t i = row->first; i < row->first + row->n_vertices; i++) {
        const limner_tooth *t = &row->tooth[row->number[i - row->first]];
        const float p[3] = {x[i], x[face->stride + i], x[2 * (size_t)face->stride + i]};
        const float *n = l->facing + 3 * (size_t)i;
        float rgb[3];

        l->light[i] = give(t, limner_teeth_spot_of(row, t, p), l->colour, rgb) *
                      lit_from(app->light, n) * white *
                      (1 - ARCH_DARK * limner_smoothstep(fabsf(p[0]), ARCH_FROM_CM, ARCH_TO_CM));
        l->gloss[i] *= spark_at(half, n);
        rgb[2] *= 1 - warm;
        for (int k = 0; k < 3; k++)
            l->tint[k][i] *= rgb[k];
    }
}

limner_status limner_teeth_light_up(const limner_teeth_light *l, const limner_face *face,
                                    const limner_appearance *app)
{
    const limner_face_part parts[2] = {LIMNER_PART_TEETH_UPPER, LIMNER_PART_TEETH_LOWER};

    for (int i = 0; i < 2; i++) {
        limner_teeth_row row;

        if (limner_teeth_row_open(&row, face, parts[i], face->mean) < 0)
            return LIMNER_E_NOMEM;
        light_row(l, &row, face, app);
        limner_teeth_row_close(&row);
    }
    return LIMNER_OK;
}
