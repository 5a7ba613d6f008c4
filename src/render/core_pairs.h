/* SPDX-License-Identifier: Apache-2.0 */
/* Which triangles of a mesh are drawn two by two (drawlist.h): those that share their longest edge,
 * as the halves of a quadrangle do, then whatever neighbours are left. */
#ifndef LIMNER_RENDER_CORE_PAIRS_H
#define LIMNER_RENDER_CORE_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "limner/limner.h"

#define LIMNER_NO_MATE UINT32_MAX

/* mate [n]: of each triangle index[n][3], or LIMNER_NO_MATE; none where is_single[n]. x, y: of the
 * vertices. E_NOMEM. */
limner_status limner_pairs_find(uint32_t *mate, const uint16_t *index, const uint8_t *is_single,
                                uint32_t n, const float *x, const float *y);
/* is_pair [n]: triangles that follow each other in `index` and share an edge. */
void limner_pairs_mark(uint8_t *is_pair, const uint16_t *index, const uint8_t *is_single,
                       uint32_t n);

#endif
