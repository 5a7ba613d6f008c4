/* SPDX-License-Identifier: Apache-2.0 */
/* The light on the portrait's face (app->light), from the skin of the fitted model; see
 * face/skin_light.h. */
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "face/skin_light.h"
#include "portrait/layers.h"

enum { PATCH_PX = 2 };

#define FACING_MIN 0.25f        /* cosine to the camera: less is seen too flat */

/* Mean luminance around (x, y), 0..1; < 0 outside of the crop. */
static float luma_around(const limner_image *img, float x, float y)
{
    const int cx = (int)floorf(x), cy = (int)floorf(y);
    float sum = 0.0f;

    if (cx < PATCH_PX || cy < PATCH_PX || cx >= (int)img->w - PATCH_PX ||
        cy >= (int)img->h - PATCH_PX)
        return -1.0f;
    for (int v = cy - PATCH_PX; v <= cy + PATCH_PX; v++)
        for (int u = cx - PATCH_PX; u <= cx + PATCH_PX; u++) {
            const uint8_t *p = limner_image_row(img, (uint32_t)v) + 3 * u;
            sum += 0.299f * (float)p[0] + 0.587f * (float)p[1] + 0.114f * (float)p[2];
        }
    return sum / (255.0f * (2 * PATCH_PX + 1) * (2 * PATCH_PX + 1));
}

static void rotate(const float r[9], const float *xyz, size_t stride, size_t i, float out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = r[3 * k] * xyz[i] + r[3 * k + 1] * xyz[stride + i] +
                 r[3 * k + 2] * xyz[2 * stride + i];
}

/* Skin vertices that face the camera; xyz, normal [3][stride] of the fitted shape. */
static int collect(limner_lit_point *out, const limner_appearance *app, const limner_face *face,
                   const float *xyz, const float *normal)
{
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];
    const limner_fit *fit = &app->fit;
    int n = 0;

    for (size_t i = head->first_vertex; i < head->first_vertex + head->n_vertices; i++) {
        float at[3], facing[3], x, y, value;
        if (face->vertex_region[i] != LIMNER_REGION_FACE)
            continue;
        rotate(fit->rotation, normal, face->stride, i, facing);
        if (facing[2] < FACING_MIN)
            continue;
        rotate(fit->rotation, xyz, face->stride, i, at);
        x = fit->scale * at[0] + fit->tx;
        y = -fit->scale * at[1] + fit->ty;
        if (app->residual) {
            x += app->residual[2 * i];
            y += app->residual[2 * i + 1];
        }
        value = luma_around(&app->photo, x, y);
        if (value < 0.0f)
            continue;
        memcpy(out[n].normal, facing, sizeof(facing));
        out[n++].value = value;
    }
    return n;
}

limner_status limner_layers_light(limner_appearance *app, const limner_face *face)
{
    const size_t n_floats = limner_face_xyz_floats(face);
    float *xyz = limner_alloc(n_floats, 2 * sizeof(*xyz));
    limner_lit_point *points = limner_alloc(face->n_vertices, sizeof(*points));

    if (!xyz || !points) {
        limner_mem_free(xyz);
        limner_mem_free(points);
        return LIMNER_E_NOMEM;
    }
    limner_face_shape(face, app->fit.identity, app->fit.shape, xyz);
    limner_face_normals(face, xyz, xyz + n_floats);
    limner_skin_light_fit(app->light, points,
                          collect(points, app, face, xyz, xyz + n_floats));
    limner_mem_free(xyz);
    limner_mem_free(points);
    return LIMNER_OK;
}
