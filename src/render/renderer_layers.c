/* SPDX-License-Identifier: Apache-2.0 */
/* Where the canvas lies in the frame, and the appearance's layers at its resolution
 * (renderer_internal.h). */
#include "render/renderer_internal.h"

#include <math.h>
#include <string.h>

#include "render/detail.h"

enum { MIN_PX = 64 };

#define FULL_ROOM 0.2f                  /* of the crop: canvas around it, for a head that grows */

static uint32_t even_floor(float v)
{
    return v <= 0 ? 0 : (uint32_t)v & ~1u;
}

/* FULL: the photo fills the frame (or fits in, where the proportions differ much); at its own size
 * it is not resampled, and an odd column or row is left out. */
static void place_picture(limner_renderer *r)
{
    const limner_appearance *a = r->app;
    const float w = (float)r->width_px, h = (float)r->height_px;
    const float kx = w / (float)a->photo_width_px, ky = h / (float)a->photo_height_px;
    const float most = fmaxf(kx, ky), least = fminf(kx, ky);

    r->picture[0] = most > 1.03f * least ? least : most;
    r->picture[1] = (w - r->picture[0] * (float)a->photo_width_px) / 2;
    r->picture[2] = (h - r->picture[0] * (float)a->photo_height_px) / 2;
    if (r->width_px == (a->photo_width_px & ~1u) && r->height_px == (a->photo_height_px & ~1u)) {
        r->picture[0] = 1;
        r->picture[1] = r->picture[2] = 0;
    }
}

/* FULL: the canvas is the crop's place in the picture and some room around. */
static void place_full(limner_renderer *r)
{
    const limner_appearance *a = r->app;
    const float w = (float)r->width_px, h = (float)r->height_px;
    const float k = r->picture[0], x0 = r->picture[1], y0 = r->picture[2];
    const float scale = k / a->photo_scale, size = scale * (float)a->size_px;
    const float left = x0 - scale * a->photo_tx, top = y0 - scale * a->photo_ty;
    const float room = FULL_ROOM * size;

    r->canvas.left = even_floor(left - room);
    r->canvas.top = even_floor(top - room);
    r->view.k = scale;
    r->view.x = left - (float)r->canvas.left;
    r->view.y = top - (float)r->canvas.top;
    r->view.w = (int32_t)even_floor(fminf(left + size + room, w) - (float)r->canvas.left);
    r->view.h = (int32_t)even_floor(fminf(top + size + room, h) - (float)r->canvas.top);
    r->view.left = (int32_t)fmaxf(0, ceilf(r->view.x));
    r->view.top = (int32_t)fmaxf(0, ceilf(r->view.y));
    r->view.right = (int32_t)fminf((float)r->view.w, floorf(r->view.x + size));
    r->view.low = (int32_t)fminf((float)r->view.h, floorf(r->view.y + size));
    r->canvas.width = (uint32_t)r->view.w;
    r->canvas.height = (uint32_t)r->view.h;
}

limner_status limner_renderer_place(limner_renderer *r)
{
    const limner_appearance *a = r->app;
    const bool is_full = r->framing == LIMNER_FRAMING_FULL;
    const uint32_t most = is_full ? LIMNER_MAX_FULL_PX : LIMNER_MAX_CROP_PX;

    if (r->width_px < MIN_PX || r->height_px < MIN_PX || r->width_px > most ||
        r->height_px > most || r->width_px % 2 || r->height_px % 2)
        return LIMNER_E_ARG;
    if (r->framing == LIMNER_FRAMING_ALPHA && r->pixel != LIMNER_PIXEL_RGBA)
        return LIMNER_E_ARG;
    if (is_full) {
        if (!a->full.px || !a->photo_width_px || !a->photo_height_px || !(a->photo_scale > 0))
            return LIMNER_E_ARG;
        place_picture(r);
        place_full(r);
        return r->view.right - r->view.left >= 8 && r->view.low - r->view.top >= 8 ? LIMNER_OK
                                                                                   : LIMNER_E_ARG;
    }
    if (r->width_px != r->height_px)
        return LIMNER_E_ARG;
    r->view = (limner_view){.k = (float)r->width_px / (float)a->size_px, .w = (int32_t)r->width_px,
                            .h = (int32_t)r->height_px, .right = (int32_t)r->width_px,
                            .low = (int32_t)r->height_px};
    return LIMNER_OK;
}

/* FULL: beyond the crop there is the picture and no one. */
static void fill_room(limner_renderer *r)
{
    const limner_view *v = &r->view;

    for (int32_t i = 0; i < v->w * v->h; i++) {
        const int32_t x = i % v->w, y = i / v->w;

        if (x >= v->left && x < v->right && y >= v->top && y < v->low)
            continue;
        memcpy(limner_texture_at(&r->background, x, y), limner_texture_at(&r->photo, x, y), 3);
        limner_texture_at(&r->person, x, y)[3] = 0;
        r->matte.px[i] = 0;
    }
}

/* The photo at canvas resolution, and FULL: the frame at rest. *coarse: the photo from the crop
 * alone, where the whole one has more to show. */
static limner_status open_photo(limner_renderer *r, limner_texture *coarse)
{
    const limner_appearance *a = r->app;
    const float fx = (float)a->full.w / (float)a->photo_width_px / r->picture[0];
    const float fy = (float)a->full.h / (float)a->photo_height_px / r->picture[0];
    const float to_full[6] = {fx, 0, -r->picture[1] * fx, 0, fy, -r->picture[2] * fy};
    limner_status st;

    if (r->framing != LIMNER_FRAMING_FULL)
        return limner_detail_photo(&r->photo, coarse, a, &r->view);
    st = limner_texture_open(&r->photo, r->view.w, r->view.h);
    if (st == LIMNER_OK)
        st = limner_still_open(&r->still, &a->full, to_full, r->pixel, r->width_px, r->height_px,
                               &r->photo, &r->canvas);
    return st == LIMNER_OK ? limner_texture_layers(coarse, &a->photo, NULL, &r->view) : st;
}

limner_status limner_renderer_layers(limner_renderer *r)
{
    const limner_appearance *a = r->app;
    limner_texture coarse = {0};
    limner_status st = open_photo(r, &coarse);

    if (st == LIMNER_OK)
        st = limner_texture_layers(&r->person, &a->foreground, &a->matte, &r->view);
    if (st == LIMNER_OK)
        st = limner_texture_layers(&r->eye_layer, &a->eyes, &a->highlight, &r->view);
    if (st == LIMNER_OK)
        st = limner_texture_layers(&r->background, &a->background, NULL, &r->view);
    if (st == LIMNER_OK)
        st = limner_texture_layer(&r->matte, &a->matte, &r->view);
    if (st == LIMNER_OK && coarse.bytes) {
        limner_detail_add(&r->eye_layer, &r->photo, &coarse, NULL);
        limner_detail_add(&r->background, &r->photo, &coarse, &r->matte);
    }
    if (st == LIMNER_OK && r->framing == LIMNER_FRAMING_FULL)
        fill_room(r);
    if (st == LIMNER_OK && r->framing == LIMNER_FRAMING_CROP)
        st = limner_still_of(&r->still, &r->background, r->pixel);
    limner_texture_close(&coarse);
    return st;
}
