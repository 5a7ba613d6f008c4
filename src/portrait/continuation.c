/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels are mirrored at the outline, not along its normal n but along n + s t (t the tangent),
 * with the slope s that changes the picture least, as its structure tensor J near the outline says:
 * s = -t'Jn / (t'Jt + NOISE). Along a line that meets the outline aslant s follows the line; where
 * nothing is to be seen, or lines run along the outline, it is 0. Colours are taken from nearer
 * than the mirror image (CLOSE instead of 2), so less is told twice; the grain is the image's own.
 * The soft filling into which all fades is push-pull. */
#include "portrait/continuation.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/filter.h"
#include "core/smoothstep.h"

#define OUTLINE_SIGMA_PX 2.0f   /* smooths the outline's steps */
#define TENSOR_SIGMA_PX 3.0f
#define SPREAD_SIGMA_PX 1.0f    /* of the tensor carried into the hole */
#define NEAR_PX 12.0f           /* before the outline: where its lines are told from */
#define NOISE 4e-5f             /* squared slope of colours (0..1) a pixel that says nothing */
#define MOST_SLOPE 2.0f
#define CLOSE 1.4f              /* colours from this many times the depth behind the outline */
#define SHOWN_FROM 0.6f         /* share of pixels around whose image is known */

typedef struct carrier {
    const limner_continuation *c;
    /* sure: 1 where known, then share of what is known around an image; weight: say of a pixel */
    float *depth, *soft_depth, *sure, *tensor[3], *weight, *rows;
} carrier;

static float clamped(const float *plane, int w, int h, int x, int y)
{
    x = x < 0 ? 0 : x >= w ? w - 1 : x;
    y = y < 0 ? 0 : y >= h ? h - 1 : y;
    return plane[y * w + x];
}

/* The unit normal of the outline at a pixel, into the hole. */
static void normal(const carrier *k, int x, int y, float n[2])
{
    const int w = k->c->w, h = k->c->h;
    float len;

    n[0] = clamped(k->soft_depth, w, h, x + 1, y) - clamped(k->soft_depth, w, h, x - 1, y);
    n[1] = clamped(k->soft_depth, w, h, x, y + 1) - clamped(k->soft_depth, w, h, x, y - 1);
    len = fmaxf(sqrtf(n[0] * n[0] + n[1] * n[1]), 1e-3f);
    n[0] /= len;
    n[1] /= len;
}

/* Depth in the hole, and its smoothed twin whose slope is the normal. Weight: how much a known
 * pixel tells about the outline. */
static limner_status find_depth(const carrier *k)
{
    const limner_continuation *c = k->c;
    const int w = c->w, h = c->h, size = w * h;
    limner_status st;

    for (int i = 0; i < size; i++) {
        k->depth[i] = c->hole[i] ? 0.0f : 1.0f;
        k->weight[i] = c->hole[i] ? 1.0f : 0.0f;
    }
    st = limner_filter_distance(k->depth, k->depth, w, h);
    if (st >= 0)
        st = limner_filter_distance(k->weight, k->weight, w, h);
    limner_filter_gauss(k->soft_depth, k->depth, k->rows, w, h, OUTLINE_SIGMA_PX);
    for (int i = 0; i < size; i++) {
        const float d = k->weight[i];
        k->weight[i] = c->source[i] && d > 1.5f && d < 4.0f * NEAR_PX ? expf(-d / NEAR_PX) : 0.0f;
    }
    return st;
}

/* The weighted structure tensor xx, xy, yy of the known picture, smoothed and carried into the
 * hole. */
static limner_status find_tensor(const carrier *k)
{
    const limner_continuation *c = k->c;
    const int w = c->w, h = c->h, size = w * h;
    limner_status st;

    for (int j = 0; j < 3; j++)
        memset(k->tensor[j], 0, (size_t)size * sizeof(float));
    for (int y = 1; y < h - 1; y++)
        for (int x = 1; x < w - 1; x++) {
            const int i = y * w + x;
            for (int p = 0; k->weight[i] > 0.0f && p < 3; p++) {
                const float gx = 0.5f * (c->rgb[p][i + 1] - c->rgb[p][i - 1]);
                const float gy = 0.5f * (c->rgb[p][i + w] - c->rgb[p][i - w]);
                k->tensor[0][i] += k->weight[i] * gx * gx;
                k->tensor[1][i] += k->weight[i] * gx * gy;
                k->tensor[2][i] += k->weight[i] * gy * gy;
            }
        }
    limner_filter_gauss(k->weight, k->weight, k->rows, w, h, TENSOR_SIGMA_PX);
    for (int j = 0; j < 3; j++) {
        limner_filter_gauss(k->tensor[j], k->tensor[j], k->rows, w, h, TENSOR_SIGMA_PX);
        for (int i = 0; i < size; i++)
            k->tensor[j][i] /= fmaxf(k->weight[i], 1e-5f);
    }
    for (int i = 0; i < size; i++)
        k->weight[i] = fminf(1e3f * k->weight[i], 1.0f);
    st = limner_filter_fill(k->tensor, 3, k->weight, w, h);
    for (int j = 0; j < 3; j++)
        limner_filter_gauss(k->tensor[j], k->tensor[j], k->rows, w, h, SPREAD_SIGMA_PX);
    return st;
}

static float find_slope(const carrier *k, int i, const float n[2])
{
    const float tx = -n[1], ty = n[0];
    const float xx = k->tensor[0][i], xy = k->tensor[1][i], yy = k->tensor[2][i];
    const float across = xx * tx * n[0] + xy * (tx * n[1] + ty * n[0]) + yy * ty * n[1];
    const float along = xx * tx * tx + 2.0f * xy * tx * ty + yy * ty * ty;

    return fminf(fmaxf(-across / (along + NOISE), -MOST_SLOPE), MOST_SLOPE);
}

static bool is_source(const limner_continuation *c, float x, float y)
{
    return x >= 0.5f && y >= 0.5f && x <= (float)(c->w - 1) - 0.5f &&
           y <= (float)(c->h - 1) - 0.5f && c->source[(int)lrintf(y) * c->w + (int)lrintf(x)];
}

/* Bilinear. */
static float sample(const float *plane, int w, int h, float x, float y)
{
    const int x0 = (int)x, y0 = (int)y;
    const int x1 = x0 + 1 < w ? x0 + 1 : x0, y1 = y0 + 1 < h ? y0 + 1 : y0;
    const float u = x - (float)x0, v = y - (float)y0;

    return (1 - v) * ((1 - u) * plane[y0 * w + x0] + u * plane[y0 * w + x1]) +
           v * ((1 - u) * plane[y1 * w + x0] + u * plane[y1 * w + x1]);
}

/* Mirror image of a pixel, and its colour from nearer by into `carried`. */
static void carry_pixel(const carrier *k, int x, int y, float *const *carried, float *known)
{
    const limner_continuation *c = k->c;
    const int i = y * c->w + x;
    const float most_x = (float)(c->w - 1), most_y = (float)(c->h - 1), d = k->soft_depth[i];
    float n[2], s, ux, uy, fx, fy;

    normal(k, x, y, n);
    s = find_slope(k, i, n);
    ux = n[0] - s * n[1];
    uy = n[1] + s * n[0];
    fx = (float)x - 2.0f * d * ux;
    fy = (float)y - 2.0f * d * uy;
    c->share[i] = is_source(c, fx, fy) ? 1.0f : 0.0f;
    c->x[i] = fminf(fmaxf(fx, 0.0f), most_x);
    c->y[i] = fminf(fmaxf(fy, 0.0f), most_y);
    fx = (float)x - (CLOSE * d + 1.0f) * ux;
    fy = (float)y - (CLOSE * d + 1.0f) * uy;
    known[i] = is_source(c, fx, fy) ? 1.0f : 0.0f;
    for (int p = 0; p < 3 && known[i] > 0.0f; p++)
        carried[p][i] = sample(c->rgb[p], c->w, c->h, fx, fy);
}

/* The tensor is spent pixel by pixel: its planes take the colours carried. */
static void carry(const carrier *k)
{
    const limner_continuation *c = k->c;
    const int size = c->w * c->h;
    float *known = k->weight;

    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++) {
            const int i = y * c->w + x;
            c->x[i] = (float)x;
            c->y[i] = (float)y;
            c->share[i] = known[i] = c->source[i] ? 1.0f : 0.0f;
            if (c->hole[i])
                carry_pixel(k, x, y, k->tensor, known);
        }
    limner_filter_gauss(c->share, c->share, k->rows, c->w, c->h, OUTLINE_SIGMA_PX);
    limner_filter_gauss(k->sure, known, k->rows, c->w, c->h, OUTLINE_SIGMA_PX);
    for (int i = 0; i < size; i++) {
        const float fade = fmaxf(0.0f, 1.0f - k->depth[i] / c->reach_px);
        const float a = known[i] * fade * limner_smoothstep(k->sure[i], SHOWN_FROM, 1.0f);
        c->share[i] = limner_smoothstep(c->share[i], SHOWN_FROM, 1.0f);
        for (int p = 0; p < 3 && c->hole[i]; p++)
            c->smooth[p][i] += a * (k->tensor[p][i] - c->smooth[p][i]);
    }
}

limner_status limner_continuation_run(const limner_continuation *c)
{
    const size_t size = (size_t)c->w * (size_t)c->h;
    float *at = c->scratch;
    const carrier k = { .c = c, .depth = at, .soft_depth = at + size, .sure = at + 2 * size,
                        .tensor = { at + 3 * size, at + 4 * size, at + 5 * size },
                        .weight = at + 6 * size, .rows = at + 7 * size };
    limner_status st = find_depth(&k);

    if (st >= 0)
        st = find_tensor(&k);
    for (size_t i = 0; i < size; i++)
        k.sure[i] = c->source[i] ? 1.0f : 0.0f;
    for (int p = 0; p < 3; p++)
        memcpy(c->smooth[p], c->rgb[p], size * sizeof(float));
    if (st >= 0)
        st = limner_filter_fill(c->smooth, 3, k.sure, c->w, c->h);
    if (st >= 0)
        carry(&k);
    return st;
}
