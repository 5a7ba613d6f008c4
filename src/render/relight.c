/* SPDX-License-Identifier: Apache-2.0 */
/* Normals of the head part and the light on them (relight.h). Light: real spherical harmonics of
 * bands 0..2 in the order and with the constants of Ramamoorthi and Hanrahan 2001, "An Efficient
 * Representation for Irradiance Environment Maps". */
#include "render/relight.h"

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "face/skin_light.h"
#include "render/geo_dsp.h"

/* Area-weighted normals of the listed triangles' vertices from positions on the canvas; model
 * space: y up. */
static void find_normals(const limner_relight *l, const limner_rig *rig, float *const at[3])
{
    float *nx = l->normal[0], *ny = l->normal[1], *nz = l->normal[2];
    const float *x = at[0], *y = at[1], *z = at[2];

    for (int k = 0; k < 3; k++)
        memset(l->normal[k], 0, rig->n_head * sizeof(float));
    for (uint32_t i = 0; i < l->n_triangles; i++) {
        const uint16_t *t = l->triangle + 3 * (size_t)i;
        const uint32_t a = t[0], b = t[1], c = t[2];
        const float ux = x[b] - x[a], uy = y[a] - y[b], uz = z[b] - z[a];
        const float vx = x[c] - x[a], vy = y[a] - y[c], vz = z[c] - z[a];
        const float cx = uy * vz - uz * vy, cy = uz * vx - ux * vz, cz = ux * vy - uy * vx;

        nx[a] += cx; ny[a] += cy; nz[a] += cz;
        nx[b] += cx; ny[b] += cy; nz[b] += cz;
        nx[c] += cx; ny[c] += cy; nz[c] += cz;
    }
    limner_geo_dsp_get(limner_cpu_flags())->unit(rig->n_head, (limner_axes){nx, ny, nz});
}

static float strength_of(uint8_t region)
{
    if (region >= LIMNER_REGION_LID_UPPER_L && region <= LIMNER_REGION_LID_LOWER_R)
        return 0.25f;
    if (region >= LIMNER_REGION_LIP_UPPER && region <= LIMNER_REGION_LIP_INNER)
        return LIMNER_LIGHT_LIP_SHARE;
    return LIMNER_LIGHT_SKIN_SHARE;
}

limner_status limner_relight_open(limner_relight *l, const limner_rig *rig,
                                  const limner_appearance *app)
{
    const size_t stride = rig->face->stride;
    const limner_face_range *head = &rig->face->part[LIMNER_PART_HEAD];
    limner_status st;

    memset(l, 0, sizeof(*l));
    memcpy(l->light, app->light, sizeof(l->light));
    for (int k = 0; k < 3; k++)
        l->normal[k] = limner_calloc(stride, sizeof(float));
    l->photo = limner_calloc(stride, sizeof(float));
    l->strength = limner_calloc(stride, sizeof(float));
    l->ratio = limner_calloc(stride, sizeof(float));
    l->triangle = limner_alloc(head->n_triangles, 3 * sizeof(*l->triangle));
    if (!l->normal[0] || !l->normal[1] || !l->normal[2] || !l->photo || !l->strength ||
        !l->ratio || !l->triangle) {
        limner_relight_close(l);
        return LIMNER_E_NOMEM;
    }
    l->n_triangles = head->n_triangles;
    memcpy(l->triangle, rig->face->triangle + 3 * (size_t)head->first_triangle,
           3 * sizeof(*l->triangle) * head->n_triangles);
    find_normals(l, rig, rig->rest);
    for (uint32_t i = 0; i < rig->n_head; i++) {
        l->photo[i] = fmaxf(0, limner_light_on(l->light, l->normal[0][i], l->normal[1][i],
                                               l->normal[2][i]));
        l->strength[i] = strength_of(rig->face->vertex_region[i]);
    }
    st = limner_shine_open(&l->shine, rig, l->normal, l->photo, app->skin_rgb);
    if (st == LIMNER_OK)
        st = limner_chin_shade_open(&l->chin, rig, l->normal, app->skin_rgb);
    if (st < 0)
        limner_relight_close(l);
    return st;
}

void limner_relight_limit(limner_relight *l, const uint8_t *is_used)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < l->n_triangles; i++) {
        const uint16_t *t = l->triangle + 3 * (size_t)i;

        if (is_used[t[0]] || is_used[t[1]] || is_used[t[2]])
            memmove(l->triangle + 3 * (size_t)n++, t, 3 * sizeof(*t));
    }
    l->n_triangles = n;
}

void limner_relight_update(limner_relight *l, const limner_rig *rig)
{
    find_normals(l, rig, rig->at);
    limner_geo_dsp_get(limner_cpu_flags())->relight(
        rig->n_head, l->light, (limner_const_axes){l->normal[0], l->normal[1], l->normal[2]},
        l->photo, l->strength, l->ratio);
    limner_shine_add(&l->shine, l->normal, l->ratio);
    limner_chin_shade_apply(&l->chin, rig, l->ratio);
}

void limner_relight_close(limner_relight *l)
{
    for (int k = 0; k < 3; k++)
        limner_mem_free(l->normal[k]);
    limner_mem_free(l->photo);
    limner_mem_free(l->strength);
    limner_mem_free(l->ratio);
    limner_mem_free(l->triangle);
    limner_shine_close(&l->shine);
    limner_chin_shade_close(&l->chin);
    memset(l, 0, sizeof(*l));
}
