/* SPDX-License-Identifier: Apache-2.0 */
/* Normals of the head part and the light on them (relight.h). Light: real spherical harmonics of
 * bands 0..2 in the order and with the constants of Ramamoorthi and Hanrahan 2001, "An Efficient
 * Representation for Irradiance Environment Maps". */
#include "render/relight.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"

#define AMBIENT 0.25f                   /* added to both sides of the ratio: calms dark places */
#define RATIO_MIN 0.65f
#define RATIO_MAX 1.2f                  /* bright skin must not burn out */

static float light_on(const float l[9], float x, float y, float z)
{
    return 0.282095f * l[0] + 0.488603f * (l[1] * y + l[2] * z + l[3] * x) +
           1.092548f * (l[4] * x * y + l[5] * y * z + l[7] * x * z) +
           0.315392f * l[6] * (3 * z * z - 1) + 0.546274f * l[8] * (x * x - y * y);
}

/* Area-weighted normals of the head from positions on the canvas; model space: y up. */
static void find_normals(const limner_relight *l, const limner_rig *rig, float *const at[3])
{
    const limner_face *face = rig->face;
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];
    float *nx = l->normal[0], *ny = l->normal[1], *nz = l->normal[2];
    const float *x = at[0], *y = at[1], *z = at[2];

    for (int k = 0; k < 3; k++)
        memset(l->normal[k], 0, rig->n_head * sizeof(float));
    for (uint32_t i = head->first_triangle; i < head->first_triangle + head->n_triangles; i++) {
        const uint32_t a = face->triangle[3 * i], b = face->triangle[3 * i + 1];
        const uint32_t c = face->triangle[3 * i + 2];
        const float ux = x[b] - x[a], uy = y[a] - y[b], uz = z[b] - z[a];
        const float vx = x[c] - x[a], vy = y[a] - y[c], vz = z[c] - z[a];
        const float cx = uy * vz - uz * vy, cy = uz * vx - ux * vz, cz = ux * vy - uy * vx;

        nx[a] += cx; ny[a] += cy; nz[a] += cz;
        nx[b] += cx; ny[b] += cy; nz[b] += cz;
        nx[c] += cx; ny[c] += cy; nz[c] += cz;
    }
    for (uint32_t i = 0; i < rig->n_head; i++) {
        const float n = 1 / sqrtf(nx[i] * nx[i] + ny[i] * ny[i] + nz[i] * nz[i] + 1e-12f);

        nx[i] *= n;
        ny[i] *= n;
        nz[i] *= n;
    }
}

static float strength_of(uint8_t region)
{
    if (region >= LIMNER_REGION_LID_UPPER_L && region <= LIMNER_REGION_LID_LOWER_R)
        return 0.25f;
    if (region >= LIMNER_REGION_LIP_UPPER && region <= LIMNER_REGION_LIP_INNER)
        return 0.5f;
    return 0.95f;
}

limner_status limner_relight_open(limner_relight *l, const limner_rig *rig,
                                  const limner_appearance *app)
{
    const size_t stride = rig->face->stride;
    limner_status st;

    memset(l, 0, sizeof(*l));
    memcpy(l->light, app->light, sizeof(l->light));
    for (int k = 0; k < 3; k++)
        l->normal[k] = limner_calloc(stride, sizeof(float));
    l->photo = limner_calloc(stride, sizeof(float));
    l->strength = limner_calloc(stride, sizeof(float));
    l->ratio = limner_calloc(stride, sizeof(float));
    if (!l->normal[0] || !l->normal[1] || !l->normal[2] || !l->photo || !l->strength || !l->ratio) {
        limner_relight_close(l);
        return LIMNER_E_NOMEM;
    }
    find_normals(l, rig, rig->rest);
    for (uint32_t i = 0; i < rig->n_head; i++) {
        l->photo[i] = fmaxf(0, light_on(l->light, l->normal[0][i], l->normal[1][i],
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

void limner_relight_update(limner_relight *l, const limner_rig *rig)
{
    const float *restrict photo = l->photo, *restrict strength = l->strength;
    float *restrict out = l->ratio;

    find_normals(l, rig, rig->at);
    for (uint32_t i = 0; i < rig->n_head; i++) {
        const float lit = light_on(l->light, l->normal[0][i], l->normal[1][i], l->normal[2][i]);
        const float now = lit > 0 ? lit : 0;
        float ratio = (now + AMBIENT) / (photo[i] + AMBIENT);

        ratio = ratio < RATIO_MIN ? RATIO_MIN : ratio;
        ratio = ratio > RATIO_MAX ? RATIO_MAX : ratio;
        out[i] = 1 + strength[i] * (ratio - 1);
    }
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
    limner_shine_close(&l->shine);
    limner_chin_shade_close(&l->chin);
    memset(l, 0, sizeof(*l));
}
