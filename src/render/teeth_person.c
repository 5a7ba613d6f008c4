/* SPDX-License-Identifier: Apache-2.0 */
/* A trait is the identity's component along a fixed random direction, of its own length. Shapes as
 * dental texts have them: the laterals' edge lies half a millimetre to one above the centrals', the
 * canines' tip between, corners towards the mouth's side are rounder; lower incisors are narrow and
 * seldom stand straight (teeth_person.h). */
#include "render/teeth_person.h"

#include <math.h>
#include <stdbool.h>

#include "render/teeth_row.h"

#define NORM 3.0f                       /* shorter identities than this have smaller traits */
#define SOFT 2.0f                       /* traits approach no more than 1.5 */
#define NEAR_EDGE_CM 0.30f              /* the edge's shape reaches so far up a crown */
#define MIDDLE_CM 0.5f                  /* teeth are tilted about this height over their edge */

enum { N_FRONT = 4, N_OWN = 4 };        /* ranks with a shape of their own; traits of a tooth */

/* Shape of the teeth of one rank, cm and shares. */
typedef struct kind {
    float width;                        /* times the model's */
    float outwards;                     /* along the arch, so that neighbours still touch */
    float higher;                       /* its edge lies further from the bite */
    float corner, round;                /* what its outer and both corners lack in height */
    float narrow;                       /* what the edge lacks in width, of half of it */
} kind;

static const kind upper_kind[N_FRONT] = {
    {1.04f, 0.00f, 0.000f, 0.04f, 0.00f, 0.02f}, {1.03f, -0.03f, 0.030f, 0.05f, 0.03f, 0.07f},
    {1.06f, -0.03f, -0.020f, 0.06f, 0.14f, 0.12f}, {1.05f, -0.02f, 0.000f, 0.03f, 0.10f, 0.10f}
};
static const kind lower_kind[N_FRONT] = {
    {0.82f, -0.13f, 0.000f, 0.01f, 0.00f, 0.00f}, {0.94f, -0.27f, 0.000f, 0.02f, 0.00f, 0.02f},
    {1.00f, -0.29f, -0.030f, 0.05f, 0.12f, 0.14f}, {1.02f, -0.25f, 0.000f, 0.03f, 0.08f, 0.10f}
};

/* How far one tooth may stand from where the model has it; of the lower row by LOWER times that,
 * more in crowded rows. */
#define TURN 0.09f                      /* rad about the root's axis */
#define TILT 0.030f                     /* rad, to the side */
#define OUT_CM 0.035f
#define EDGE_CM 0.025f
#define LOWER 1.2f
#define CROWD 0.3f
#define LATERAL_CM 0.03f                /* laterals' edges between people, */
#define CANINE_CM 0.05f                 /* canines' points */

/* Fixed signs, as good as random. */
static float sign_of(uint32_t k, uint32_t i)
{
    uint32_t h = (k * 64 + i + 1) * 0x9E3779B1u;

    h ^= h >> 15;
    h *= 0x85EBCA77u;
    h ^= h >> 13;
    return h >> 16 & 1 ? 1.0f : -1.0f;
}

float limner_teeth_trait(const float *identity, uint32_t k)
{
    float sum = 0, norm = NORM * NORM;

    for (uint32_t i = 0; i < LIMNER_N_IDENTITY; i++) {
        sum += sign_of(k, i) * identity[i];
        norm += identity[i] * identity[i];
    }
    sum /= sqrtf(norm);
    return sum / sqrtf(1 + sum * sum / SOFT);
}

/* What becomes of one tooth. */
typedef struct change {
    kind shape;
    float turn, tilt, out;              /* rad, rad, cm */
} change;

static change change_of(const limner_teeth_row *row, const limner_tooth *t, const float *identity)
{
    const bool is_upper = row->up > 0;
    const uint32_t rank = t->rank < N_FRONT ? t->rank : N_FRONT - 1;
    const uint32_t place = 2 * rank + (t->side > 0) + (is_upper ? 0 : 2 * N_FRONT);
    const uint32_t own = LIMNER_TEETH_OWN + N_OWN * place;
    const float crowded = 1 + CROWD * limner_teeth_trait(identity, LIMNER_TEETH_CROWDED);
    const float by = is_upper ? 1 : LOWER * crowded;
    change c = {.shape = is_upper ? upper_kind[rank] : lower_kind[rank]};

    c.turn = by * TURN * limner_teeth_trait(identity, own);
    c.tilt = by * TILT * limner_teeth_trait(identity, own + 1);
    c.out = by * OUT_CM * limner_teeth_trait(identity, own + 2);
    c.shape.higher += by * EDGE_CM * limner_teeth_trait(identity, own + 3);
    if (is_upper && rank == 1)
        c.shape.higher += LATERAL_CM * limner_teeth_trait(identity, LIMNER_TEETH_LATERALS);
    if (rank == 2)
        c.shape.round += CANINE_CM * limner_teeth_trait(identity, LIMNER_TEETH_CANINES);
    return c;
}

static limner_teeth_spot moved(const limner_tooth *t, const change *c, limner_teeth_spot s)
{
    const float side = s.along / fmaxf(t->half, 1e-3f), outer = fmaxf(0, side * t->side);
    const float root = fmaxf(0, s.over) / NEAR_EDGE_CM, near = root < 1 ? (1 - root) : 0;
    const float along = s.along * c->shape.width * (1 - c->shape.narrow * near);
    const float over = s.over + c->shape.higher +
                       near * (c->shape.corner * outer * outer + c->shape.round * side * side);
    const float ct = cosf(c->turn), st = sinf(c->turn);

    return (limner_teeth_spot){
        ct * along - st * s.out + c->tilt * (over - MIDDLE_CM) + t->side * c->shape.outwards,
        st * along + ct * s.out + c->out,
        over - c->tilt * along
    };
}

static void reshape(const limner_teeth_row *row, const float *identity, uint32_t stride,
                    float *base)
{
    change all[LIMNER_TEETH_MAX];

    for (uint32_t k = 0; k < row->n; k++)
        all[k] = change_of(row, &row->tooth[k], identity);
    for (uint32_t i = 0; i < row->n_vertices; i++) {
        const limner_tooth *t = &row->tooth[row->number[i]];
        float *v = base + row->first + i, p[3] = {v[0], v[stride], v[2 * stride]};
        limner_teeth_spot s;

        s = moved(t, &all[row->number[i]], limner_teeth_spot_of(row, t, p));
        limner_teeth_spot_to(row, t, s, p);
        for (uint32_t k = 0; k < 3; k++)
            v[k * stride] = p[k];
    }
}

limner_status limner_teeth_person(const limner_face *face, limner_face_part part,
                                  const float *identity, float *base)
{
    limner_teeth_row row;

    if (limner_teeth_row_open(&row, face, part, base) < 0)
        return LIMNER_E_NOMEM;
    reshape(&row, identity, face->stride, base);
    limner_teeth_row_close(&row);
    return LIMNER_OK;
}
