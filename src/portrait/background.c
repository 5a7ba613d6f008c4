/* SPDX-License-Identifier: Apache-2.0 */
/* The background layer (app->background): the hole behind the person, grown a little so that no
 * soft edge of the person is left, is completed at no more than WORK_PX (completion.h). At the
 * crop's size each pixel is copied from where its neighbours at the working size came from, so
 * grain and texture stay sharp; the soft difference between the completed picture and the plain
 * copy is added, so gradients and boundaries fit. Close behind the person's outline, where heads
 * that talk uncover it, the picture is mirrored instead (reflection.h): a patch's edge there would
 * be seen as the old silhouette. Where the person covers nearly everything, the soft filling alone
 * remains. */
#include <math.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"
#include "core/smoothstep.h"
#include "portrait/completion.h"
#include "portrait/foreground.h"
#include "portrait/layers.h"
#include "portrait/reflection.h"

enum { WORK_PX = 512, N_SLICES = 32 };

#define GROW_SHARE 0.012f       /* of the side: the hole beyond the matte */
#define REACH_SHARE 0.18f       /* of the side: how deep texture is completed; a head turns less */
#define NEAR_SHARE 0.06f        /* of the side: mirrored up to there behind the outline, .. */
#define FAR_SHARE 0.12f         /* .. in part up to there */
#define RIM_PX 6.0f             /* behind the outline: there is seen what patches miss */
#define MISS_FROM 0.05f         /* .. in colour, 0..1: mirrored from there, .. */
#define MISS_TO 0.15f           /* .. and fully from there */
#define SMOOTH_PX 3.0f          /* of the difference, working pixels */

typedef struct backdrop {
    limner_appearance *app;
    int w;
    float *rgb[3];              /* [w][w] the crop, then completed */
    float *soft[3];             /* completed minus copied, blurred */
    float *mirror_x, *mirror_y, *mirrored;  /* see limner_reflection */
    float *distance, *scratch;  /* next to each other */
    uint8_t *hole, *source;
    int32_t *from;
    void *block;
} backdrop;

enum { N_PLANES = 11 };

static limner_status backdrop_open(backdrop *b, limner_appearance *app)
{
    const int w = app->size_px < WORK_PX ? (int)app->size_px : WORK_PX;
    const size_t size = (size_t)w * (size_t)w;
    float **plane[N_PLANES] = { &b->rgb[0], &b->rgb[1], &b->rgb[2], &b->soft[0], &b->soft[1],
                                &b->soft[2], &b->mirror_x, &b->mirror_y, &b->mirrored,
                                &b->distance, &b->scratch };
    float *at;

    b->app = app;
    b->w = w;
    b->block = limner_calloc(size, (N_PLANES + 2) * sizeof(float));
    if (!b->block)
        return LIMNER_E_NOMEM;
    at = b->block;
    for (int i = 0; i < N_PLANES; i++, at += size)
        *plane[i] = at;
    b->from = (int32_t *)(void *)at;
    b->hole = (uint8_t *)(b->from + size);
    b->source = b->hole + size;
    return LIMNER_OK;
}

/* The hole: pixels near any trace of the person. The source: the rest, inside the photo. */
static limner_status find_hole(backdrop *b)
{
    const limner_appearance *app = b->app;
    const float k = (float)b->w / (float)app->size_px;
    const float x1 = app->photo_tx + app->photo_scale * (float)app->photo_width_px;
    const float y1 = app->photo_ty + app->photo_scale * (float)app->photo_height_px;
    limner_status st;

    memset(b->distance, 0, (size_t)b->w * (size_t)b->w * sizeof(float));
    for (uint32_t y = 0; y < app->size_px; y++) {
        const uint8_t *matte = limner_image_row(&app->matte, y);
        float *row = b->distance + (ptrdiff_t)(int)((float)y * k) * b->w;
        for (uint32_t x = 0; x < app->size_px; x++)
            if (matte[x] > 2)
                row[(int)((float)x * k)] = 1.0f;
    }
    st = limner_filter_distance(b->distance, b->distance, b->w, b->w);
    for (int y = 0; y < b->w; y++)
        for (int x = 0; x < b->w; x++) {
            const float cx = ((float)x + 0.5f) / k, cy = ((float)y + 0.5f) / k;
            const int i = y * b->w + x;
            b->hole[i] = b->distance[i] <= GROW_SHARE * (float)b->w + 1.5f;
            b->source[i] = !b->hole[i];
            if (app->photo_width_px && (cx < app->photo_tx || cy < app->photo_ty || cx > x1 ||
                                        cy > y1))
                b->source[i] = 0;
        }
    return st;
}

static limner_status load_rgb(backdrop *b)
{
    limner_image small;
    const float k = (float)b->app->size_px / (float)b->w;
    const float a[6] = { k, 0, 0, 0, k, 0 };
    const limner_status st = limner_image_open(&small, (uint32_t)b->w, (uint32_t)b->w, 3);

    if (st < 0)
        return st;
    limner_image_warp(&small, &b->app->photo, a);
    for (uint32_t c = 0; c < 3; c++)
        limner_filter_from_image(b->rgb[c], &small, c);
    limner_image_close(&small);
    return LIMNER_OK;
}

/* Close behind the outline the picture is mirrored only as far as the patches there miss it: where
 * they carry its walls and rails on, they do so further. */
static limner_status mirror_where_patches_miss(backdrop *b)
{
    const int w = b->w, size = w * w;
    float *rim = b->soft[0], *miss = b->soft[1], *rows = b->soft[2];
    limner_status st;

    for (int i = 0; i < size; i++)
        rim[i] = b->hole[i] ? 0.0f : 1.0f;
    st = limner_filter_distance(rim, rim, w, w);
    for (int i = 0; i < size; i++) {
        const bool is_rim = b->hole[i] && rim[i] <= RIM_PX && b->mirrored[i] > 0.9f;
        const int at = is_rim ? (int)lrintf(b->mirror_y[i]) * w + (int)lrintf(b->mirror_x[i]) : i;

        rim[i] = is_rim ? 1.0f : 0.0f;
        miss[i] = 0.0f;
        for (int c = 0; c < 3; c++)
            miss[i] = fmaxf(miss[i], fabsf(b->rgb[c][i] - b->rgb[c][at]));
    }
    if (st >= 0)
        st = limner_filter_fill(&miss, 1, rim, w, w);
    limner_filter_gauss(miss, miss, rows, w, w, 2.0f * SMOOTH_PX);
    for (int i = 0; i < size; i++)
        b->mirrored[i] *= limner_smoothstep(miss[i], MISS_FROM, MISS_TO);
    return st;
}

/* soft = completed - copied, blurred within the hole; the copy reads known pixels only, which
 * completing left as they were. */
static void soften(backdrop *b)
{
    const int size = b->w * b->w;
    float *share = b->distance;

    for (int i = 0; i < size; i++)
        share[i] = b->hole[i] && b->from[i] >= 0 ? 1.0f : 0.0f;
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < size; i++)
            b->soft[c][i] = share[i] > 0.0f ? b->rgb[c][i] - b->rgb[c][b->from[i]] : 0.0f;
        limner_filter_gauss(b->soft[c], b->soft[c], b->scratch, b->w, b->w, SMOOTH_PX);
    }
    limner_filter_gauss(share, share, b->scratch, b->w, b->w, SMOOTH_PX);
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < size; i++)
            b->soft[c][i] = b->hole[i] ? b->soft[c][i] / fmaxf(share[i], 1e-6f) : 0.0f;
}

/* What one working pixel says about pixel (x, y) of the crop: rgb += weight * colour, 0..255. */
static void contribute(const backdrop *b, int at, float weight, int x, int y, float *rgb)
{
    const limner_image *photo = &b->app->photo;
    const float k = (float)photo->w / (float)b->w;
    const int from = b->from[at], side = (int)photo->w;

    if (b->hole[at] && from < 0) {
        for (int c = 0; c < 3; c++)
            rgb[c] += weight * 255.0f * b->rgb[c][at];
    } else {
        const int dx = b->hole[at] ? from % b->w - at % b->w : 0;
        const int dy = b->hole[at] ? from / b->w - at / b->w : 0;
        const int u = x + (int)lrintf(k * (float)dx), v = y + (int)lrintf(k * (float)dy);
        const int cu = u < 0 ? 0 : u >= side ? side - 1 : u;
        const int cv = v < 0 ? 0 : v >= side ? side - 1 : v;
        const uint8_t *px = limner_image_row(photo, (uint32_t)cv) + 3 * cu;
        for (int c = 0; c < 3; c++)
            rgb[c] += weight * ((float)px[c] + 255.0f * b->soft[c][at]);
    }
}

/* The same of the crop at (x, y), pixel indices, bilinear. */
static void add_mirrored(const backdrop *b, float x, float y, float weight, float *rgb)
{
    const limner_image *photo = &b->app->photo;
    const float most = (float)(photo->w - 1);
    const float fx = fminf(fmaxf(x, 0.0f), most), fy = fminf(fmaxf(y, 0.0f), most);
    const uint32_t x0 = (uint32_t)fx, y0 = (uint32_t)fy;
    const uint32_t x1 = x0 + 1 < photo->w ? x0 + 1 : x0, y1 = y0 + 1 < photo->h ? y0 + 1 : y0;
    const float u = fx - (float)x0, v = fy - (float)y0;
    const uint8_t *up = limner_image_row(photo, y0), *down = limner_image_row(photo, y1);

    for (uint32_t c = 0; c < 3; c++)
        rgb[c] += weight * ((1 - v) * ((1 - u) * up[3 * x0 + c] + u * up[3 * x1 + c]) +
                            v * ((1 - u) * down[3 * x0 + c] + u * down[3 * x1 + c]));
}

static void paint_pixel(const backdrop *b, int x, int y, uint8_t *dst)
{
    const float k = (float)b->w / (float)b->app->size_px;
    const float fx = fmaxf(((float)x + 0.5f) * k - 0.5f, 0.0f);
    const float fy = fmaxf(((float)y + 0.5f) * k - 0.5f, 0.0f);
    const int x0 = (int)fx < b->w ? (int)fx : b->w - 1, x1 = x0 + 1 < b->w ? x0 + 1 : x0;
    const int y0 = (int)fy < b->w ? (int)fy : b->w - 1, y1 = y0 + 1 < b->w ? y0 + 1 : y0;
    const float u = fx - (float)x0, v = fy - (float)y0;
    float rgb[3] = { 0 };

    const int at[4] = { y0 * b->w + x0, y0 * b->w + x1, y1 * b->w + x0, y1 * b->w + x1 };
    const float weight[4] = { (1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v };
    float share = 0, mx = 0, my = 0;

    for (int i = 0; i < 4; i++) {
        share += weight[i] * b->mirrored[at[i]];
        mx += weight[i] * b->mirror_x[at[i]];
        my += weight[i] * b->mirror_y[at[i]];
    }
    for (int i = 0; i < 4 && share < 1.0f; i++)
        contribute(b, at[i], (1.0f - share) * weight[i], x, y, rgb);
    if (share > 0.0f)
        add_mirrored(b, (mx + 0.5f) / k - 0.5f, (my + 0.5f) / k - 0.5f, share, rgb);
    for (int c = 0; c < 3; c++)
        dst[c] = (uint8_t)(fminf(fmaxf(rgb[c], 0.0f), 255.0f) + 0.5f);
}

static void paint_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const backdrop *b = user;
    const uint32_t s = b->app->size_px;
    const float k = (float)b->w / (float)s;

    for (uint32_t y = s * slice / n_slices; y < s * (slice + 1) / n_slices; y++) {
        const uint8_t *hole = b->hole + (ptrdiff_t)(int)(((float)y + 0.5f) * k) * b->w;
        const uint8_t *photo = limner_image_row(&b->app->photo, y);
        uint8_t *dst = limner_image_row(&b->app->background, y);
        for (uint32_t x = 0; x < s; x++) {
            if (hole[(int)(((float)x + 0.5f) * k)])
                paint_pixel(b, (int)x, (int)y, dst + 3 * x);
            else
                memcpy(dst + 3 * x, photo + 3 * x, 3);
        }
    }
}

static limner_status complete(backdrop *b, limner_pool *pool)
{
    const limner_completion c = { .w = b->w, .h = b->w, .rgb = { b->rgb[0], b->rgb[1], b->rgb[2] },
                                  .hole = b->hole, .source = b->source,
                                  .reach_px = REACH_SHARE * (float)b->w, .from = b->from };
    const limner_reflection r = { .w = b->w, .h = b->w, .hole = b->hole, .source = b->source,
                                  .near_px = NEAR_SHARE * (float)b->w,
                                  .far_px = FAR_SHARE * (float)b->w, .x = b->mirror_x,
                                  .y = b->mirror_y, .share = b->mirrored, .scratch = b->distance };
    limner_status st = limner_completion_run(&c, pool);

    if (st >= 0)
        st = limner_reflection_run(&r);
    if (st >= 0)
        st = mirror_where_patches_miss(b);
    if (st >= 0)
        soften(b);
    return st;
}

limner_status limner_layers_background(limner_appearance *app, limner_pool *pool)
{
    backdrop b = { 0 };
    limner_status st;

    limner_image_close(&app->background);
    if ((st = backdrop_open(&b, app)) >= 0 && (st = find_hole(&b)) >= 0 &&
        (st = load_rgb(&b)) >= 0 && (st = complete(&b, pool)) >= 0 &&
        (st = limner_image_open(&app->background, app->size_px, app->size_px, 3)) >= 0) {
        limner_pool_run(pool, paint_slice, &b, N_SLICES);
        st = limner_foreground_run(app, pool);
    }
    limner_mem_free(b.block);
    return st;
}
