/* SPDX-License-Identifier: Apache-2.0 */
/* Least squares over the moves of the row's vertices (teeth_map.h): moves, not places, so that what
 * did not move maps to itself exactly. */
#include "render/teeth_map.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"

#define FRONT_CM 1.7f                   /* teeth that lie less far behind the front ones count */
#define WIDTH_CM 2.0f                   /* about half as wide as these teeth are */
#define STIFF 1e-3                      /* of the fit, against heads seen from the side */

enum { TERMS = LIMNER_TEETH_MAP_TERMS };

limner_status limner_teeth_map_open(limner_teeth_map *m, const limner_rig *rig,
                                    limner_face_part row)
{
    const limner_face_range *part = &rig->face->part[row];
    const float *z = rig->face->mean + 2 * rig->face->stride;
    float front = -1e9f;

    memset(m, 0, sizeof(*m));
    m->vertex = limner_alloc(part->n_vertices, sizeof(*m->vertex));
    if (!m->vertex)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; i < part->n_vertices; i++)
        front = fmaxf(front, z[part->first_vertex + i]);
    for (uint32_t i = 0; i < part->n_vertices; i++) {
        if (z[part->first_vertex + i] > front - FRONT_CM)
            m->vertex[m->n++] = (uint16_t)(part->first_vertex + i);
    }
    m->size_px = WIDTH_CM * rig->pose_frame.scale;
    m->across[0] = 1;
    return LIMNER_OK;
}

void limner_teeth_map_close(limner_teeth_map *m)
{
    limner_mem_free(m->vertex);
    memset(m, 0, sizeof(*m));
}

/* Middle of the row in the frame, and its direction from the subject's right to the left. */
static void find_axes(limner_teeth_map *m, const limner_rig *rig)
{
    const float *model_x = rig->face->mean;
    float sum[2] = {0}, side[2] = {0}, len;

    for (uint32_t i = 0; i < m->n; i++) {
        for (int k = 0; k < 2; k++) {
            sum[k] += rig->at[k][m->vertex[i]];
            side[k] += model_x[m->vertex[i]] * rig->at[k][m->vertex[i]];
        }
    }
    len = hypotf(side[0], side[1]);
    for (int k = 0; k < 2; k++) {
        m->centre[k] = sum[k] / fmaxf((float)m->n, 1);
        if (len > 1e-3f)
            m->across[k] = side[k] / len;
    }
}

static void terms_at(const limner_teeth_map *m, float x, float y, float t[TERMS])
{
    const float dx = (x - m->centre[0]) / m->size_px, dy = (y - m->centre[1]) / m->size_px;

    t[0] = 1;
    t[1] = dx * m->across[0] + dy * m->across[1];
    t[2] = dy * m->across[0] - dx * m->across[1];
    t[3] = t[1] * t[1];
}

void limner_teeth_map_update(limner_teeth_map *m, const limner_rig *rig)
{
    double a[TERMS * TERMS] = {0}, b[2][TERMS] = {{0}};

    find_axes(m, rig);
    for (uint32_t i = 0; i < m->n; i++) {
        const uint32_t v = m->vertex[i];
        float t[TERMS];

        terms_at(m, rig->at[0][v], rig->at[1][v], t);
        for (int j = 0; j < TERMS; j++) {
            for (int k = 0; k <= j; k++)
                a[TERMS * j + k] += (double)(t[j] * t[k]);
            for (int k = 0; k < 2; k++)
                b[k][j] += (double)(t[j] * (rig->rest[k][v] - rig->at[k][v]));
        }
    }
    for (int j = 0; j < TERMS; j++)
        a[(TERMS + 1) * j] += STIFF * (double)m->n;
    memset(m->back, 0, sizeof(m->back));
    if (!limner_cholesky_factor(a, TERMS))
        return;
    for (int k = 0; k < 2; k++) {
        limner_cholesky_solve(a, TERMS, b[k]);
        for (int j = 0; j < TERMS; j++)
            m->back[k][j] = (float)b[k][j];
    }
}

void limner_teeth_map_at(const limner_teeth_map *m, float x, float y, float out[2])
{
    float t[TERMS];

    terms_at(m, x, y, t);
    out[0] = x;
    out[1] = y;
    for (int j = 0; j < TERMS; j++) {
        out[0] += m->back[0][j] * t[j];
        out[1] += m->back[1][j] * t[j];
    }
}
