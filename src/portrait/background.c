/* SPDX-License-Identifier: Apache-2.0 */
/* The background layer (app->background): the hole behind the person, grown a little so that no
 * soft edge of the person is left, is completed at no more than WORK_PX (completion.h). At the
 * crop's size each pixel is copied from where its neighbours at the working size came from, so
 * grain and texture stay sharp; the soft difference between the completed picture and the plain
 * copy is added, so gradients and boundaries fit. Where patches miss what borders on the outline,
 * or bring more contrast than it has, the picture is carried on along its lines instead
 * (continuation.h): a patch's edge there would be seen as the old silhouette or a step on a plain
 * wall. Deeper behind a busy outline, where lines carried on end in a smear, patches come back.
 * Where the person covers nearly everything, the soft filling alone remains. Grain that got lost
 * by all this is drawn anew (wall_grain.h). */
#include <math.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"
#include "core/smoothstep.h"
#include "portrait/completion.h"
#include "portrait/continuation.h"
#include "portrait/foreground.h"
#include "portrait/layers.h"
#include "portrait/stray.h"
#include "portrait/wall_grain.h"

enum { WORK_PX = 256, N_SLICES = 32 };

#define GROW_SHARE 0.012f       /* of the side: the hole beyond the matte */
#define REACH_SHARE 0.18f       /* of the side: how deep texture is completed; a head turns less */
#define CARRY_SHARE 0.06f       /* of the side: lines are carried on up to there, fading */
#define RIM_PX 6.0f             /* behind the outline: there is seen what patches miss */
#define CONTRAST_RADIUS_PX 6    /* of the window of the contrast there, and how near it must lie */
/* In colour, 0..1, and in contrasts: how far patches may differ from what is carried on before it
 * is shown, and when it is shown fully; in the mean along the rim, and at a pixel. */
#define MISS_FROM 0.02f
#define MISS_TO 0.06f
#define MISS_FROM_CONTRAST 0.2f
#define MISS_TO_CONTRAST 0.4f
#define EXCESS_FROM 0.01f
#define EXCESS_TO 0.04f
#define EXCESS_FROM_CONTRAST 1.5f
#define EXCESS_TO_CONTRAST 2.5f
#define EXCESS_AROUND 0.3f      /* of the pixels around: the edges of such a patch go with it */
#define DEEP_FROM 0.02f         /* of the side: behind a busy outline patches begin to come back */
#define DEEP_TO 0.05f
#define BUSY_FROM 0.03f         /* contrast along such an outline */
#define BUSY_TO 0.07f
#define THING_FROM 0.08f        /* range of brightness that is more than grain; that of an edge */
#define THING_TO 0.2f
#define SMOOTH_PX 1.5f          /* of the difference, working pixels */

typedef struct backdrop {
    limner_appearance *app;
    int w;
    float *rgb[3];              /* [w][w] the crop, then completed */
    float *soft[3];             /* completed minus copied, blurred */
    float *smooth[3], *mirror_x, *mirror_y, *grain;     /* see limner_continuation; grain: share */
    float *carried;             /* share of the continuation, 0..1 */
    float *scratch;             /* [8][w][w] */
    uint8_t *hole, *source;
    int32_t *from;
    void *block;
} backdrop;

enum { N_PLANES = 14, N_SCRATCH = 8 };

static limner_status backdrop_open(backdrop *b, limner_appearance *app)
{
    const int w = app->size_px < WORK_PX ? (int)app->size_px : WORK_PX;
    const size_t size = (size_t)w * (size_t)w;
    float **plane[N_PLANES] = { &b->rgb[0], &b->rgb[1], &b->rgb[2], &b->soft[0], &b->soft[1],
                                &b->soft[2], &b->smooth[0], &b->smooth[1], &b->smooth[2],
                                &b->mirror_x, &b->mirror_y, &b->grain, &b->carried, &b->scratch };
    float *at;

    b->app = app;
    b->w = w;
    b->block = limner_calloc(size, (N_PLANES + N_SCRATCH + 1) * sizeof(float));
    if (!b->block)
        return LIMNER_E_NOMEM;
    at = b->block;
    for (int i = 0; i < N_PLANES; i++, at += size)
        *plane[i] = at;
    b->from = (int32_t *)(void *)(at + (N_SCRATCH - 1) * size);
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

    memset(b->scratch, 0, (size_t)b->w * (size_t)b->w * sizeof(float));
    for (uint32_t y = 0; y < app->size_px; y++) {
        const uint8_t *matte = limner_image_row(&app->matte, y);
        float *row = b->scratch + (ptrdiff_t)(int)((float)y * k) * b->w;
        for (uint32_t x = 0; x < app->size_px; x++)
            if (matte[x] > 2)
                row[(int)((float)x * k)] = 1.0f;
    }
    st = limner_filter_distance(b->scratch, b->scratch, b->w, b->w);
    for (int y = 0; y < b->w; y++)
        for (int x = 0; x < b->w; x++) {
            const float cx = ((float)x + 0.5f) / k, cy = ((float)y + 0.5f) / k;
            const int i = y * b->w + x;
            b->hole[i] = b->scratch[i] <= GROW_SHARE * (float)b->w + 1.5f;
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

/* Standard deviation of the known picture's brightness near the outline, spread into the hole.
 * weight: one plane of scratch, rows: three. */
static limner_status find_contrast(const backdrop *b, float *contrast, float *weight, float *rows)
{
    const int w = b->w, size = w * w, radius = CONTRAST_RADIUS_PX;
    float *square = rows + size, *outside = rows + 2 * size;
    limner_status st;

    for (int i = 0; i < size; i++) {
        const float v = (b->rgb[0][i] + 2.0f * b->rgb[1][i] + b->rgb[2][i]) / 4.0f;
        weight[i] = b->source[i] ? 1.0f : 0.0f;
        outside[i] = b->hole[i] ? 1.0f : 0.0f;
        contrast[i] = weight[i] * v;
        square[i] = weight[i] * v * v;
    }
    st = limner_filter_distance(outside, outside, w, w);
    limner_filter_box(contrast, contrast, rows, w, w, radius);
    limner_filter_box(square, square, rows, w, w, radius);
    limner_filter_box(weight, weight, rows, w, w, radius);
    for (int i = 0; i < size; i++) {
        const float k = 1.0f / fmaxf(weight[i], 1e-6f), mean = k * contrast[i];
        contrast[i] = sqrtf(fmaxf(k * square[i] - mean * mean, 0.0f));
        weight[i] = b->source[i] && outside[i] <= (float)radius ? 1.0f : 0.0f;
    }
    return st < 0 ? st : limner_filter_fill(&contrast, 1, weight, w, w);
}

/* Largest difference in a channel of the completed picture from what is carried on. */
static float apart(const backdrop *b, int i)
{
    float d = 0.0f;

    for (int c = 0; c < 3; c++)
        d = fmaxf(d, fabsf(b->rgb[c][i] - b->smooth[c][i]));
    return d;
}

/* carried: patches stay where they carry walls and textures on; see the thresholds above. */
static limner_status find_carried(const backdrop *b)
{
    const int w = b->w, size = w * w;
    float *rim = b->scratch, *miss = rim + size, *contrast = rim + 2 * size, *rows = rim + 3 * size;
    float *depth = rim + 6 * size;
    limner_status st = find_contrast(b, contrast, miss, rows);

    for (int i = 0; i < size; i++)
        rim[i] = b->hole[i] ? 0.0f : 1.0f;
    if (st >= 0)
        st = limner_filter_distance(depth, rim, w, w);
    for (int i = 0; i < size; i++) {
        rim[i] = b->hole[i] && depth[i] <= RIM_PX ? 1.0f : 0.0f;
        miss[i] = b->hole[i] ? apart(b, i) : 0.0f;
        b->carried[i] = limner_smoothstep(miss[i], EXCESS_FROM + EXCESS_FROM_CONTRAST * contrast[i],
                                          EXCESS_TO + EXCESS_TO_CONTRAST * contrast[i]);
    }
    if (st >= 0)
        st = limner_filter_fill(&miss, 1, rim, w, w);
    limner_filter_gauss(miss, miss, rows, w, w, 2.0f * SMOOTH_PX);
    limner_filter_gauss(b->carried, b->carried, rows, w, w, 2.0f * SMOOTH_PX);
    for (int i = 0; i < size; i++) {
        const float t = limner_smoothstep(miss[i], MISS_FROM + MISS_FROM_CONTRAST * contrast[i],
                                          MISS_TO + MISS_TO_CONTRAST * contrast[i]);
        b->carried[i] = fmaxf(limner_smoothstep(b->carried[i], 0.0f, EXCESS_AROUND), t);
        b->carried[i] *= 1.0f - limner_smoothstep(contrast[i], BUSY_FROM, BUSY_TO) *
                                limner_smoothstep(depth[i] / (float)w, DEEP_FROM, DEEP_TO);
    }
    return st;
}

/* soft = completed - copied, blurred within the hole; the copy reads known pixels only, which
 * completing left as they were. */
static void soften(backdrop *b)
{
    const int size = b->w * b->w;
    float *share = b->scratch, *rows = share + size;

    for (int i = 0; i < size; i++)
        share[i] = b->hole[i] && b->from[i] >= 0 ? 1.0f : 0.0f;
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < size; i++)
            b->soft[c][i] = share[i] > 0.0f ? b->rgb[c][i] - b->rgb[c][b->from[i]] : 0.0f;
        limner_filter_gauss(b->soft[c], b->soft[c], rows, b->w, b->w, SMOOTH_PX);
    }
    limner_filter_gauss(share, share, rows, b->w, b->w, SMOOTH_PX);
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

/* Bilinear weights of four working pixels for a place given in working pixels. */
typedef struct corner {
    int at[4];
    float weight[4];
} corner;

static corner corner_at(int w, float fx, float fy)
{
    const float x = fminf(fmaxf(fx, 0.0f), (float)(w - 1));
    const float y = fminf(fmaxf(fy, 0.0f), (float)(w - 1));
    const int x0 = (int)x, x1 = x0 + 1 < w ? x0 + 1 : x0;
    const int y0 = (int)y, y1 = y0 + 1 < w ? y0 + 1 : y0;
    const float u = x - (float)x0, v = y - (float)y0;

    return (corner){ { y0 * w + x0, y0 * w + x1, y1 * w + x0, y1 * w + x1 },
                     { (1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v } };
}

static float mix(const corner *k, const float *plane)
{
    return k->weight[0] * plane[k->at[0]] + k->weight[1] * plane[k->at[1]] +
           k->weight[2] * plane[k->at[2]] + k->weight[3] * plane[k->at[3]];
}

/* rgb += weight * what is carried on at a corner, 0..255, with the grain of its mirror image: what
 * the crop has there over its working size. Between pixels mirrored at opposite outlines there is
 * no such image. */
static void add_carried(const backdrop *b, const corner *k, float weight, float *rgb)
{
    const limner_image *photo = &b->app->photo;
    const float scale = (float)photo->w / (float)b->w;
    const float mx = mix(k, b->mirror_x), my = mix(k, b->mirror_y);
    const uint32_t u = (uint32_t)((mx + 0.5f) * scale), v = (uint32_t)((my + 0.5f) * scale);
    const corner m = corner_at(b->w, ((float)u + 0.5f) / scale - 0.5f,
                               ((float)v + 0.5f) / scale - 0.5f);
    const uint8_t *px = limner_image_row(photo, v) + 3 * u;
    float grain = weight * mix(k, b->grain);

    for (int i = 0; i < 4; i++)
        if (!b->source[m.at[i]])
            grain = 0.0f;
    for (int c = 0; c < 3; c++)
        rgb[c] += weight * 255.0f * mix(k, b->smooth[c]) +
                  grain * ((float)px[c] - 255.0f * mix(&m, b->rgb[c]));
}

static void paint_pixel(const backdrop *b, int x, int y, uint8_t *dst)
{
    const float scale = (float)b->w / (float)b->app->size_px;
    const corner k = corner_at(b->w, ((float)x + 0.5f) * scale - 0.5f,
                               ((float)y + 0.5f) * scale - 0.5f);
    const float share = mix(&k, b->carried);
    float rgb[3] = { 0 };

    for (int i = 0; i < 4 && share < 1.0f; i++)
        contribute(b, k.at[i], (1.0f - share) * k.weight[i], x, y, rgb);
    if (share > 0.0f)
        add_carried(b, &k, share, rgb);
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

/* Range of brightness of what is known within two pixels of a place. */
static float range_at(const backdrop *b, float fx, float fy)
{
    const int x = (int)lrintf(fx), y = (int)lrintf(fy);
    float lo = 1.0f, hi = 0.0f;

    for (int v = y < 2 ? 0 : y - 2; v <= y + 2 && v < b->w; v++)
        for (int u = x < 2 ? 0 : x - 2; u <= x + 2 && u < b->w; u++) {
            const int i = v * b->w + u;
            const float k = (b->rgb[0][i] + 2.0f * b->rgb[1][i] + b->rgb[2][i]) / 4.0f;

            lo = b->source[i] ? fminf(lo, k) : lo;
            hi = b->source[i] ? fmaxf(hi, k) : hi;
        }
    return fmaxf(hi - lo, 0.0f);
}

/* What the crop has over its working size is grain on a wall, but at the edge of a thing its
 * outline, which must not be drawn again behind the person. Before the hole is filled. */
static void drop_outlines(const backdrop *b)
{
    for (int i = 0; i < b->w * b->w; i++)
        if (b->hole[i] && b->grain[i] > 0.0f)
            b->grain[i] *= 1.0f - limner_smoothstep(range_at(b, b->mirror_x[i], b->mirror_y[i]),
                                                    THING_FROM, THING_TO);
}

static limner_status complete(backdrop *b, limner_pool *pool)
{
    const limner_completion c = { .w = b->w, .h = b->w, .rgb = { b->rgb[0], b->rgb[1], b->rgb[2] },
                                  .hole = b->hole, .source = b->source,
                                  .reach_px = REACH_SHARE * (float)b->w, .from = b->from };
    const limner_continuation k = { .w = b->w, .h = b->w,
                                    .rgb = { b->rgb[0], b->rgb[1], b->rgb[2] },
                                    .hole = b->hole, .source = b->source,
                                    .reach_px = CARRY_SHARE * (float)b->w,
                                    .smooth = { b->smooth[0], b->smooth[1], b->smooth[2] },
                                    .x = b->mirror_x, .y = b->mirror_y, .share = b->grain,
                                    .scratch = b->scratch };
    limner_status st = limner_continuation_run(&k);

    if (st >= 0) {
        drop_outlines(b);
        st = limner_completion_run(&c, pool);
    }
    if (st >= 0)
        st = find_carried(b);
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
        st = limner_wall_grain_run(&app->background, b.hole, b.source, b.w);
        if (st >= 0)
            st = limner_foreground_run(app, pool);
        if (st >= 0)
            st = limner_stray_run(app);
    }
    limner_mem_free(b.block);
    return st;
}
