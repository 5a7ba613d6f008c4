/* SPDX-License-Identifier: Apache-2.0 */
/* How far two people's faces are from each other: the Procrustes distance of their facial skin
 * without the turn, which both have in common (Dryden and Mardia, "Statistical Shape Analysis",
 * 2016, section 4.1). */
#include <math.h>

#include "core/mem.h"
#include "face/face_model.h"

typedef struct face_sums {
    double a[3], b[3];          /* sums of places */
    double aa, ab, bb;          /* of products over the axes */
    double n;
} face_sums;

static void add(face_sums *s, const float *a, const float *b, size_t stride)
{
    for (size_t i = 0; i < 3; i++) {
        const double x = (double)a[i * stride], y = (double)b[i * stride];

        s->a[i] += x;
        s->b[i] += y;
        s->aa += x * x;
        s->ab += x * y;
        s->bb += y * y;
    }
    s->n += 1;
}

float limner_face_distance(const limner_face *face, const float *a, const float *b)
{
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];
    const size_t n = limner_face_xyz_floats(face);
    float *xyz = limner_alloc(2 * n, sizeof(*xyz));
    face_sums s = {0};

    if (!xyz)
        return NAN;
    limner_face_base(face, a, xyz);
    limner_face_base(face, b, xyz + n);
    for (size_t v = head->first_vertex; v < head->first_vertex + head->n_vertices; v++)
        if (face->vertex_region[v] == LIMNER_REGION_FACE)
            add(&s, xyz + v, xyz + n + v, face->stride);
    limner_mem_free(xyz);
    for (int i = 0; i < 3; i++) {
        s.aa -= s.a[i] * s.a[i] / s.n;
        s.ab -= s.a[i] * s.b[i] / s.n;
        s.bb -= s.b[i] * s.b[i] / s.n;
    }
    /* The second, at the first's size: |a - c b| where c makes the sizes equal. */
    const double c = sqrt(s.aa / s.bb);
    const double square = (s.aa - 2 * c * s.ab + c * c * s.bb) / s.n;
    return (float)sqrt(square < 0 ? 0 : square);
}
