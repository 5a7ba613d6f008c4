/* SPDX-License-Identifier: Apache-2.0 */
/* Prior of the fit; see fit_prior.h. Energy of an expression e:
 *   sum_i lin_i e_i + quad_i e_i^2 / 2 + sum_pairs tie (left - right)^2 / 2
 *   + sum_exclusions cost e_i e_j,
 * in the unit in which an identity a costs |a|^2 / 2. The linear part makes most coefficients
 * exactly zero. Costs were set by looking at the expressions found for some sixty portraits. */
#include "face/fit_prior.h"

#define E(name) LIMNER_##name
#define NO_MATE (-1)

typedef struct prior_row {
    short shape;
    short mate; /* the same shape of the other side, listed once per pair */
    float lin, quad, tie;
} prior_row;

/* clang-format off */
static const prior_row rows[LIMNER_FIT_N_ACTIVE] = {
    {E(EYE_BLINK_LEFT),        E(EYE_BLINK_RIGHT),        0.6f,  2.0f,  4.0f},
    {E(EYE_BLINK_RIGHT),       NO_MATE,                   0.6f,  2.0f,  0.0f},
    {E(EYE_SQUINT_LEFT),       E(EYE_SQUINT_RIGHT),       2.0f,  6.0f, 10.0f},
    {E(EYE_SQUINT_RIGHT),      NO_MATE,                   2.0f,  6.0f,  0.0f},
    {E(EYE_WIDE_LEFT),         E(EYE_WIDE_RIGHT),           5.0f, 15.0f, 10.0f},
    {E(EYE_WIDE_RIGHT),        NO_MATE,                     5.0f, 15.0f, 0.0f},
    {E(JAW_FORWARD),           NO_MATE,                   5.0f, 25.0f,  0.0f},
    {E(JAW_LEFT),              NO_MATE,                   4.0f, 20.0f,  0.0f},
    {E(JAW_RIGHT),             NO_MATE,                   4.0f, 20.0f,  0.0f},
    {E(JAW_OPEN),              NO_MATE,                     1.2f,  1.0f, 0.0f},
    {E(MOUTH_CLOSE),           NO_MATE,                  10.0f, 30.0f,  0.0f},
    {E(MOUTH_FUNNEL),          NO_MATE,                   5.0f, 15.0f,  0.0f},
    {E(MOUTH_PUCKER),          NO_MATE,                    3.5f, 10.0f, 0.0f},
    {E(MOUTH_LEFT),            NO_MATE,                    5.0f, 20.0f, 0.0f},
    {E(MOUTH_RIGHT),           NO_MATE,                    5.0f, 20.0f, 0.0f},
    {E(MOUTH_SMILE_LEFT),      E(MOUTH_SMILE_RIGHT),       0.4f,  1.0f, 6.0f},
    {E(MOUTH_SMILE_RIGHT),     NO_MATE,                    0.4f,  1.0f, 0.0f},
    {E(MOUTH_FROWN_LEFT),      E(MOUTH_FROWN_RIGHT),      3.0f,  8.0f, 10.0f},
    {E(MOUTH_FROWN_RIGHT),     NO_MATE,                   3.0f,  8.0f,  0.0f},
    {E(MOUTH_DIMPLE_LEFT),     E(MOUTH_DIMPLE_RIGHT),     4.0f, 12.0f, 10.0f},
    {E(MOUTH_DIMPLE_RIGHT),    NO_MATE,                   4.0f, 12.0f,  0.0f},
    {E(MOUTH_STRETCH_LEFT),    E(MOUTH_STRETCH_RIGHT),    4.0f, 12.0f, 10.0f},
    {E(MOUTH_STRETCH_RIGHT),   NO_MATE,                   4.0f, 12.0f,  0.0f},
    {E(MOUTH_ROLL_LOWER),      NO_MATE,                    5.0f, 15.0f, 0.0f},
    {E(MOUTH_ROLL_UPPER),      NO_MATE,                    5.0f, 15.0f, 0.0f},
    {E(MOUTH_SHRUG_LOWER),     NO_MATE,                   5.0f, 15.0f,  0.0f},
    {E(MOUTH_SHRUG_UPPER),     NO_MATE,                   5.0f, 15.0f,  0.0f},
    {E(MOUTH_PRESS_LEFT),      E(MOUTH_PRESS_RIGHT),      5.0f, 15.0f, 10.0f},
    {E(MOUTH_PRESS_RIGHT),     NO_MATE,                   5.0f, 15.0f,  0.0f},
    {E(MOUTH_LOWER_DOWN_LEFT), E(MOUTH_LOWER_DOWN_RIGHT),    0.8f,  3.0f, 10.0f},
    {E(MOUTH_LOWER_DOWN_RIGHT), NO_MATE,                     0.8f,  3.0f, 0.0f},
    {E(MOUTH_UPPER_UP_LEFT),   E(MOUTH_UPPER_UP_RIGHT),      0.8f,  3.0f, 10.0f},
    {E(MOUTH_UPPER_UP_RIGHT),  NO_MATE,                      0.8f,  3.0f, 0.0f},
    {E(BROW_DOWN_LEFT),        E(BROW_DOWN_RIGHT),         2.0f,  6.0f, 6.0f},
    {E(BROW_DOWN_RIGHT),       NO_MATE,                    2.0f,  6.0f, 0.0f},
    {E(BROW_INNER_UP),         NO_MATE,                    2.0f,  6.0f, 0.0f},
    {E(BROW_OUTER_UP_LEFT),    E(BROW_OUTER_UP_RIGHT),     2.0f,  6.0f, 4.0f},
    {E(BROW_OUTER_UP_RIGHT),   NO_MATE,                    2.0f,  6.0f, 0.0f},
    {E(CHEEK_PUFF),            NO_MATE,                    9.0f, 40.0f, 0.0f},
    {E(CHEEK_SQUINT_LEFT),     E(CHEEK_SQUINT_RIGHT),     2.5f,  8.0f, 10.0f},
    {E(CHEEK_SQUINT_RIGHT),    NO_MATE,                   2.5f,  8.0f,  0.0f},
    {E(NOSE_SNEER_LEFT),       E(NOSE_SNEER_RIGHT),       2.5f,  8.0f, 10.0f},
    {E(NOSE_SNEER_RIGHT),      NO_MATE,                   2.5f,  8.0f,  0.0f},
};

/* Shapes that speak against each other. */
static const struct { short first, second; float cost; } exclusions[] = {
    {E(EYE_BLINK_LEFT),   E(EYE_WIDE_LEFT),     30.0f},
    {E(EYE_BLINK_RIGHT),  E(EYE_WIDE_RIGHT),    30.0f},
    {E(EYE_SQUINT_LEFT),  E(EYE_WIDE_LEFT),     20.0f},
    {E(EYE_SQUINT_RIGHT), E(EYE_WIDE_RIGHT),    20.0f},
    {E(JAW_LEFT),         E(JAW_RIGHT),         60.0f},
    {E(MOUTH_LEFT),       E(MOUTH_RIGHT),       60.0f},
    {E(MOUTH_SMILE_LEFT), E(MOUTH_FROWN_LEFT),  40.0f},
    {E(MOUTH_SMILE_RIGHT), E(MOUTH_FROWN_RIGHT), 40.0f},
    {E(MOUTH_SMILE_LEFT), E(MOUTH_PUCKER),      15.0f},
    {E(MOUTH_SMILE_RIGHT), E(MOUTH_PUCKER),     15.0f},
    {E(MOUTH_SMILE_LEFT), E(MOUTH_FUNNEL),      15.0f},
    {E(MOUTH_SMILE_RIGHT), E(MOUTH_FUNNEL),     15.0f},
    {E(JAW_OPEN),         E(MOUTH_SMILE_LEFT),   5.0f},
    {E(JAW_OPEN),         E(MOUTH_SMILE_RIGHT),  5.0f},
    {E(JAW_OPEN),         E(MOUTH_PRESS_LEFT),  30.0f},
    {E(JAW_OPEN),         E(MOUTH_PRESS_RIGHT), 30.0f},
    {E(JAW_OPEN),         E(MOUTH_FROWN_LEFT),  20.0f},
    {E(JAW_OPEN),         E(MOUTH_FROWN_RIGHT), 20.0f},
    {E(JAW_OPEN),         E(MOUTH_FUNNEL),      10.0f},
    {E(JAW_OPEN),         E(MOUTH_CLOSE),       20.0f},
    {E(JAW_OPEN),         E(MOUTH_SHRUG_LOWER), 20.0f},
    {E(BROW_DOWN_LEFT),   E(BROW_OUTER_UP_LEFT), 20.0f},
    {E(BROW_DOWN_RIGHT),  E(BROW_OUTER_UP_RIGHT), 20.0f},
    {E(BROW_DOWN_LEFT),   E(BROW_INNER_UP),      6.0f},
    {E(BROW_DOWN_RIGHT),  E(BROW_INNER_UP),      6.0f},
};
/* clang-format on */

int limner_fit_active(int i)
{
    return rows[i].shape;
}

/* Slope from the exclusions: what the other shapes now present cost this one. */
static double exclusion_slope(int shape_index, const double *shape)
{
    double slope = 0.0;

    for (size_t k = 0; k < sizeof(exclusions) / sizeof(exclusions[0]); k++) {
        if (exclusions[k].first == shape_index)
            slope += (double)exclusions[k].cost * shape[exclusions[k].second];
        else if (exclusions[k].second == shape_index)
            slope += (double)exclusions[k].cost * shape[exclusions[k].first];
    }
    return slope;
}

/* In a photo lips are often parted over a jaw that is nearly shut; in a video what parts them is
 * speech, as a rule the jaw. */
static double cost_in_video(int shape_index)
{
    return shape_index == LIMNER_MOUTH_LOWER_DOWN_LEFT ||
                   shape_index == LIMNER_MOUTH_LOWER_DOWN_RIGHT
               ? 3.0
               : 0.0;
}

void limner_fit_prior_add(double *a, double *b, size_t n, size_t first,
                          const double identity[LIMNER_N_IDENTITY],
                          const double shape[LIMNER_N_SHAPE], bool is_video)
{
    const size_t first_active = first + LIMNER_N_IDENTITY;

    for (size_t k = 0; k < LIMNER_N_IDENTITY; k++) {
        a[(first + k) * n + first + k] += 1.0;
        b[first + k] -= identity[k];
    }
    for (size_t i = 0; i < LIMNER_FIT_N_ACTIVE; i++) {
        const prior_row *row = &rows[i];
        const size_t at = first_active + i;
        const double value = shape[row->shape];

        a[at * n + at] += (double)row->quad;
        b[at] -= (double)row->lin + (double)row->quad * value + exclusion_slope(row->shape, shape);
        b[at] -= is_video ? cost_in_video(row->shape) : 0.0;
        if (row->mate == NO_MATE)
            continue;
        /* The mate is the next row of the table. */
        const double tie = (double)row->tie, pull = tie * (value - shape[row->mate]);
        a[at * n + at] += tie;
        a[(at + 1) * n + at + 1] += tie;
        a[(at + 1) * n + at] -= tie;
        b[at] -= pull;
        b[at + 1] += pull;
    }
}

void limner_fit_prior_bounds(int i, const double shape[LIMNER_N_SHAPE], double *lo, double *hi)
{
    const int at = rows[i].shape;
    /* Closed lips under an open jaw: meaningless without the open jaw. */
    const double top = at == LIMNER_MOUTH_CLOSE ? shape[LIMNER_JAW_OPEN] : 1.0;

    *lo = -shape[at];
    *hi = top - shape[at];
}
