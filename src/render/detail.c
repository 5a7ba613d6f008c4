/* SPDX-License-Identifier: Apache-2.0 */
/* layer + share * (fine - coarse): what is finer in the photo than in the crop, where the layer
 * still is the photo. Painted parts (the eye below its lids, the wall behind the person) do not
 * take the detail of what they replace. */
#include "render/detail.h"

#include <stdbool.h>

#define FINER 1.01f                     /* a magnification below this is none */

enum { SAME = 4, OTHER = 20 };          /* largest difference of a channel: photo, painted */

static int32_t difference(const uint8_t *a, const uint8_t *b)
{
    int32_t most = 0;

    for (int k = 0; k < 3; k++) {
        const int32_t d = a[k] < b[k] ? b[k] - a[k] : a[k] - b[k];

        most = d > most ? d : most;
    }
    return most;
}

static void add_detail(uint8_t *layer, const uint8_t *fine, const uint8_t *coarse, int32_t cover)
{
    const int32_t d = difference(layer, coarse);
    const int32_t same = d <= SAME ? OTHER - SAME : d < OTHER ? OTHER - d : 0;
    const int32_t share = same * (255 - cover), whole = (OTHER - SAME) * 255;

    for (int k = 0; k < 3; k++) {
        const int32_t v = layer[k] + share * (fine[k] - coarse[k]) / whole;

        layer[k] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

void limner_detail_add(limner_texture *layer, const limner_texture *fine,
                       const limner_texture *coarse, const limner_image *cover)
{
    for (int32_t y = 0; y < layer->h; y++) {
        const uint8_t *hidden = cover ? limner_image_row(cover, (uint32_t)y) : NULL;

        for (int32_t x = 0; x < layer->w; x++)
            add_detail(limner_texture_at(layer, x, y), limner_texture_at(fine, x, y),
                       limner_texture_at(coarse, x, y), hidden ? hidden[x] : 0);
    }
}

/* The canvas' part of the whole photo. */
static limner_status put_whole(limner_texture *photo, const limner_appearance *app,
                               const limner_view *view)
{
    const float fx = (float)app->full.w / (float)app->photo_width_px / app->photo_scale;
    const float fy = (float)app->full.h / (float)app->photo_height_px / app->photo_scale;
    const float k = 1 / view->k;
    limner_image img = {0};
    const limner_status st = limner_image_open(&img, (uint32_t)view->w, (uint32_t)view->h, 3);

    if (st < 0)
        return st;
    limner_image_warp(&img, &app->full,
                      (const float[6]){k * fx, 0, -(view->x * k + app->photo_tx) * fx,
                                       0, k * fy, -(view->y * k + app->photo_ty) * fy});
    limner_texture_put(photo, 0, &img, 0);
    limner_image_close(&img);
    return LIMNER_OK;
}

limner_status limner_detail_photo(limner_texture *photo, limner_texture *coarse,
                                  const limner_appearance *app, const limner_view *view)
{
    const bool is_finer = app->full.px && view->k > FINER && (float)app->full.w >
                          FINER * app->photo_scale * (float)app->photo_width_px;
    limner_status st = limner_texture_layers(is_finer ? coarse : photo, &app->photo, NULL, view);

    if (st == LIMNER_OK && is_finer)
        st = limner_texture_open(photo, view->w, view->h);
    return st == LIMNER_OK && is_finer ? put_whole(photo, app, view) : st;
}
