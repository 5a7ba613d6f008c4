/* SPDX-License-Identifier: Apache-2.0 */
/* How far the fitted face is from the landmarks where it matters; see person.h. The net's common
 * errors, which the fit knows of, are not taken as an excuse here. */
#include <math.h>

#include "core/linalg.h"
#include "face/person.h"
#include "face/person_internal.h"

enum { N_LIPS = 40, N_COLUMNS = LIMNER_PERSON_N_COLUMNS, N_SHAPES = LIMNER_PERSON_N_SHAPES };

static const uint16_t lips[N_LIPS] = {
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415
};

/* From where the face alone has landmark k to where it was found, cm. */
static double distance(const limner_person *p, size_t k)
{
    const limner_person_frame *f = &p->frame;
    double excuse[3], turned[3], r[2];

    for (size_t i = 0; i < 3; i++) {
        excuse[i] = 0.0;
        for (int c = N_COLUMNS; c < N_SHAPES; c++)
            excuse[i] += (double)p->column[k][i][c] * f->value[c];
    }
    limner_mat3_apply(turned, f->pose.rotation, excuse);
    for (size_t i = 0; i < 2; i++)
        r[i] = f->target[k][i] / f->pose.scale - f->place[k][i] + turned[i] - f->pose.shift[i];
    return hypot(r[0], r[1]);
}

double limner_person_lip_error(const limner_person *p)
{
    static const uint16_t corner[4] = {33, 133, 263, 362};
    const double(*target)[2] = (const double(*)[2])p->frame.target;
    double eye[2], sum = 0.0;

    for (size_t i = 0; i < 2; i++)
        eye[i] = (target[corner[2]][i] + target[corner[3]][i] - target[corner[0]][i] -
                  target[corner[1]][i]) /
                 2.0;
    for (size_t k = 0; k < N_LIPS; k++)
        sum += distance(p, lips[k]);
    return sum / N_LIPS * p->frame.pose.scale / fmax(hypot(eye[0], eye[1]), 1.0);
}
