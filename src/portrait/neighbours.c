/* SPDX-License-Identifier: Apache-2.0 */
/* A head is an ellipse around the detector's box. What is inside a neighbour's and, in units of the
 * heads' sizes, nearer to it than to the person's own is hidden, with a soft border. Bodies stay:
 * they hardly move, and where one ends and the other begins is not known. */
#include "portrait/neighbours.h"

#include <math.h>

#define HEAD_UP 0.15f           /* the head's centre above the box's; all of the box's side */
#define HEAD_HALF_WIDTH 0.95f   /* with hair and hat */
#define HEAD_HALF_HEIGHT 1.15f
#define SOFT 0.06f              /* of the head: half the width of the border */
#define LEAST_SIZE 0.4f         /* of the own face: smaller ones are far behind, or on a shirt */

/* Distance from a head's centre, 1 on its outline. */
static float head_distance(const limner_detection *d, float x, float y)
{
    const float side = fmaxf(d->width_px, d->height_px);
    const float dx = x - (d->x_px + d->width_px / 2);
    const float dy = y - (d->y_px + d->height_px / 2 - HEAD_UP * side);

    return hypotf(dx / (HEAD_HALF_WIDTH * side), dy / (HEAD_HALF_HEIGHT * side));
}

static float ramp(float v)
{
    return fminf(1, fmaxf(0, 0.5f + v / (2 * SOFT)));
}

static void hide_one(float mask[LIMNER_SEGMENT_SIZE][LIMNER_SEGMENT_SIZE], float left, float top,
                     float step, const limner_detection *own, const limner_detection *other)
{
    for (int i = 0; i < LIMNER_SEGMENT_SIZE; i++) {
        for (int j = 0; j < LIMNER_SEGMENT_SIZE; j++) {
            const float x = left + step * ((float)j + 0.5f), y = top + step * ((float)i + 0.5f);
            const float d = head_distance(other, x, y);

            mask[i][j] *= fmaxf(ramp(d - 1), ramp(d - head_distance(own, x, y)));
        }
    }
}

void limner_neighbours_hide(float mask[LIMNER_SEGMENT_SIZE][LIMNER_SEGMENT_SIZE], float left,
                            float top, float step, const limner_found_face *found, size_t n,
                            size_t which)
{
    const limner_detection *own = &found[which].detection;

    for (size_t i = 0; i < n; i++) {
        const limner_detection *other = &found[i].detection;

        if (i != which && limner_face_check(&found[i].quality) != LIMNER_FACE_NOT_HUMAN &&
            other->width_px >= LEAST_SIZE * own->width_px)
            hide_one(mask, left, top, step, own, other);
    }
}
