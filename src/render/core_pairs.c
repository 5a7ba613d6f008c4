/* SPDX-License-Identifier: Apache-2.0 */
/* Matching of triangles (core_pairs.h). Edges are sorted by their vertices: the two sides of one
 * come to lie beside each other. */
#include "render/core_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* An edge of a triangle; the lower vertex is in the key's upper half. */
typedef struct side {
    uint32_t key, at;                   /* at: 3 * triangle + corner in which it begins */
} side;

static int compare_sides(const void *a, const void *b)
{
    const side *p = a, *q = b;

    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return p->at < q->at ? -1 : p->at > q->at;
}

static uint16_t begin_of(const uint16_t *t, uint32_t corner)
{
    return t[corner % 3];
}

/* Two triangles run through a common edge in opposite directions. */
static bool are_opposite(const uint16_t *index, uint32_t a, uint32_t b)
{
    return index[a] == begin_of(index + b / 3 * 3, b % 3 + 1);
}

/* beyond [n][3]: the triangle on the other side of each edge. */
static limner_status find_beyond(uint32_t *beyond, const uint16_t *index, uint32_t n)
{
    side *all = limner_alloc(n, 3 * sizeof(*all));

    if (!all)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; i < 3 * n; i++) {
        const uint32_t a = index[i], b = begin_of(index + i / 3 * 3, i % 3 + 1);

        all[i] = (side){a < b ? a << 16 | b : b << 16 | a, i};
        beyond[i] = LIMNER_NO_MATE;
    }
    qsort(all, 3 * (size_t)n, sizeof(*all), compare_sides);
    for (uint32_t i = 0; i + 1 < 3 * n; i++) {
        if (all[i].key == all[i + 1].key && are_opposite(index, all[i].at, all[i + 1].at)) {
            beyond[all[i].at] = all[i + 1].at / 3;
            beyond[all[i + 1].at] = all[i].at / 3;
        }
    }
    limner_mem_free(all);
    return LIMNER_OK;
}

/* The corner in which triangle t's longest edge begins. */
static uint32_t longest_of(const uint16_t *t, const float *x, const float *y)
{
    float most = -1;
    uint32_t found = 0;

    for (uint32_t k = 0; k < 3; k++) {
        const uint16_t a = t[k], b = begin_of(t, k + 1);
        const float dx = x[b] - x[a], dy = y[b] - y[a];

        if (dx * dx + dy * dy > most) {
            most = dx * dx + dy * dy;
            found = k;
        }
    }
    return found;
}

static bool is_free(const uint32_t *mate, const uint8_t *is_single, uint32_t t)
{
    return t != LIMNER_NO_MATE && mate[t] == LIMNER_NO_MATE && !is_single[t];
}

static void join(uint32_t *mate, uint32_t a, uint32_t b)
{
    mate[a] = b;
    mate[b] = a;
}

limner_status limner_pairs_find(uint32_t *mate, const uint16_t *index, const uint8_t *is_single,
                                uint32_t n, const float *x, const float *y)
{
    uint32_t *beyond = limner_alloc(n, 3 * sizeof(*beyond));
    const limner_status st = beyond ? find_beyond(beyond, index, n) : LIMNER_E_NOMEM;

    for (uint32_t i = 0; i < n; i++)
        mate[i] = LIMNER_NO_MATE;
    for (uint32_t i = 0; st == LIMNER_OK && i < n; i++) {
        const uint16_t *t = index + 3 * (size_t)i;
        const uint32_t o = beyond[3 * i + longest_of(t, x, y)];

        if (is_free(mate, is_single, i) && is_free(mate, is_single, o) &&
            beyond[3 * o + longest_of(index + 3 * (size_t)o, x, y)] == i)
            join(mate, i, o);
    }
    for (uint32_t i = 0; st == LIMNER_OK && i < 3 * n; i++) {
        if (is_free(mate, is_single, i / 3) && is_free(mate, is_single, beyond[i]))
            join(mate, i / 3, beyond[i]);
    }
    limner_mem_free(beyond);
    return st;
}

static bool share_edge(const uint16_t *a, const uint16_t *b)
{
    for (uint32_t i = 0; i < 9; i++) {
        if (a[i / 3] == begin_of(b, i + 1) && begin_of(a, i / 3 + 1) == b[i % 3])
            return true;
    }
    return false;
}

void limner_pairs_mark(uint8_t *is_pair, const uint16_t *index, const uint8_t *is_single,
                       uint32_t n)
{
    memset(is_pair, 0, n);
    for (uint32_t i = 0; i + 1 < n; i++) {
        const uint16_t *t = index + 3 * (size_t)i;

        if (!is_single[i] && !is_single[i + 1] && share_edge(t, t + 3))
            is_pair[i++] = 1;
    }
}
