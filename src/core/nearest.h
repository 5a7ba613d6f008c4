/* SPDX-License-Identifier: Apache-2.0 */
/* The few nearest of many that are offered one by one. */
#ifndef LIMNER_CORE_NEAREST_H
#define LIMNER_CORE_NEAREST_H

#include <stdint.h>

/* Keeps `index` at `distance` among the n nearest so far, nearest first: distances d [n], indices
 * which [n]. d begins as what is too far. */
static inline void limner_keep_nearest(float *d, uint16_t *which, int n, float distance,
                                       uint16_t index)
{
    for (int k = 0; k < n; k++) {
        if (distance < d[k]) {
            const float farther = d[k];
            const uint16_t its = which[k];

            d[k] = distance;
            which[k] = index;
            distance = farther;
            index = its;
        }
    }
}

#endif
