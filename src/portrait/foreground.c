/* SPDX-License-Identifier: Apache-2.0 */
/* With alpha and a background estimate B at hand, opaque pixels and confident mixtures give the
 * person's colour F, spread outwards by push-pull at no more than WORK_PX. At the crop's size both
 * estimates then share what they leave unexplained of each pixel (least squares as in Forte 2021,
 * "Approximate fast foreground colour estimation", the background held the stiffer of the
 * two): thin hair keeps its own contrast and the sum is the photo. */
#include "portrait/foreground.h"

#include <math.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"
#include "core/smoothstep.h"

enum { WORK_PX = 512, N_SLICES = 32 };

#define ALPHA_USED 0.35f        /* mixtures below tell nothing about the person's colour */
#define ALPHA_HARD 0.4f         /* from here on the background estimate is not bent any more */
#define ALPHA_HARD_PLAIN 0.12f  /* the same of a plain one: halos go with the person */
#define HARD_RAMP 0.06f         /* below, over which it stiffens */
#define APART 40.0f             /* colours nearer than this (0..255) tell little of alpha */
#define PLAIN_SIGMA 10.0f       /* deviation (0..255) from which a background is no longer plain */
#define NOISE 2.0f              /* differences from a plain background this small, .. */
#define GRAIN 1.5f              /* .. and this times its deviation, are grain */
#define OFFSET_SIGMA_PX 2.0f
#define OFF_MOST 11.0f          /* the background estimate is off by less where all is clear */
#define ROOM_MIN 40.0f          /* grain below a nearly black channel is no person */
#define WHITE_ROOM 6.0f         /* below white, where the person surely is */
#define GLOW 14.0f              /* what glow a clear pixel may owe the person, 0..255 */
#define ALPHA_SEEN 0.2f         /* from here on the person is surely there */
#define BACK_STIFFNESS 0.1f     /* variance of the background estimate over the foreground's */

typedef struct foreground {
    limner_appearance *app;
    int w;
    float *rgb[3], *weight;     /* [w][w] */
    float *deviation, *scratch; /* [w][w] of the background's brightness around, 0..255 */
} foreground;

/* Pictures at the working size. */
typedef struct shrinking {
    int w;
    const limner_image *from[3];
    limner_image out[3];
} shrinking;

static void shrink_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    shrinking *s = user;
    const float k = (float)s->from[slice]->w / (float)s->w;

    (void)n_slices;
    limner_image_warp(&s->out[slice], s->from[slice], (const float[6]){ k, 0, 0, 0, k, 0 });
}

static limner_status shrink(shrinking *s, uint32_t n, limner_pool *pool)
{
    limner_status st = LIMNER_OK;

    for (uint32_t i = 0; st >= 0 && i < n; i++)
        st = limner_image_open(&s->out[i], (uint32_t)s->w, (uint32_t)s->w, s->from[i]->n_channels);
    if (st >= 0)
        limner_pool_run(pool, shrink_slice, s, n);
    return st;
}

/* Person's colour and its weight at the working size. */
static void estimate(foreground *f, const limner_image *photo, const limner_image *back,
                     const limner_image *matte)
{
    for (int i = 0; i < f->w * f->w; i++) {
        const float alpha = (float)matte->px[i] / 255.0f;
        const float k = fmaxf(0.0f, (alpha - ALPHA_USED) / (1.0f - ALPHA_USED));
        f->weight[i] = k * k * k;
        for (int c = 0; c < 3; c++) {
            const float mixed = (float)photo->px[3 * i + c], b = (float)back->px[3 * i + c];
            const float own = k > 0.0f ? (mixed - (1.0f - alpha) * b) / alpha : mixed;
            f->rgb[c][i] = fminf(fmaxf(own / 255.0f, 0.0f), 1.0f);
        }
    }
}

/* Standard deviation of the background's brightness in a window. Uses `weight` as scratch. */
static void find_deviation(foreground *f, const limner_image *back)
{
    const int size = f->w * f->w, radius = f->w / 20;
    float *mean = f->deviation, *square = f->weight;

    for (int i = 0; i < size; i++) {
        const uint8_t *px = back->px + 3 * i;
        mean[i] = ((float)px[0] + 2.0f * (float)px[1] + (float)px[2]) / 4.0f;
        square[i] = mean[i] * mean[i];
    }
    limner_filter_box(mean, mean, f->scratch, f->w, f->w, radius);
    limner_filter_box(square, square, f->scratch, f->w, f->w, radius);
    for (int i = 0; i < size; i++)
        f->deviation[i] = sqrtf(fmaxf(square[i] - mean[i] * mean[i], 0.0f));
}

static uint8_t to_byte(float v)
{
    return v <= 0.0f ? 0 : v >= 255.0f ? 255 : (uint8_t)(v + 0.5f);
}

/* Bilinear sample of three working planes at pixel (x, y) of the crop. */
static void sample(const foreground *f, uint32_t x, uint32_t y, float rgb[3])
{
    const float k = (float)f->w / (float)f->app->size_px;
    const float fx = fmaxf(((float)x + 0.5f) * k - 0.5f, 0.0f);
    const float fy = fmaxf(((float)y + 0.5f) * k - 0.5f, 0.0f);
    const int x0 = (int)fx < f->w ? (int)fx : f->w - 1, x1 = x0 + 1 < f->w ? x0 + 1 : x0;
    const int y0 = (int)fy < f->w ? (int)fy : f->w - 1, y1 = y0 + 1 < f->w ? y0 + 1 : y0;
    const float u = fx - (float)x0, v = fy - (float)y0;

    for (uint32_t c = 0; c < 3; c++) {
        const float *p = f->rgb[c] + y0 * f->w, *q = f->rgb[c] + y1 * f->w;
        rgb[c] = (1 - v) * (p[x0] * (1 - u) + p[x1] * u) + v * (q[x0] * (1 - u) + q[x1] * u);
    }
}

/* ---- the background's last seam ---- */

/* Where the matte is clear the background is the photo. The little by which the estimate is off
 * there, smoothed and spread under the person, into rgb (0..1). Where it is off by more, a hair or
 * an edge is in the way, or the halo of sharpening. */
static limner_status find_offset(foreground *f, const limner_image *photo,
                                 const limner_image *back, const limner_image *matte)
{
    const int size = f->w * f->w;

    for (int i = 0; i < size; i++) {
        float largest = 0.0f;
        for (int c = 0; c < 3; c++) {
            const float d = (float)photo->px[3 * i + c] - (float)back->px[3 * i + c];
            f->rgb[c][i] = d / 255.0f;
            largest = fmaxf(largest, fabsf(d));
        }
        f->weight[i] = matte->px[i] < 2 && largest < OFF_MOST ? 1.0f : 0.0f;
    }
    limner_filter_gauss(f->deviation, f->weight, f->scratch, f->w, f->w, OFFSET_SIGMA_PX);
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < size; i++)
            f->rgb[c][i] *= f->weight[i];
        limner_filter_gauss(f->rgb[c], f->rgb[c], f->scratch, f->w, f->w, OFFSET_SIGMA_PX);
        for (int i = 0; i < size; i++)
            f->rgb[c][i] = f->weight[i] > 0.0f ? f->rgb[c][i] / f->deviation[i] : 0.0f;
    }
    return limner_filter_fill(f->rgb, 3, f->weight, f->w, f->w);
}

static void offset_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const foreground *f = user;
    const uint32_t s = f->app->size_px;

    for (uint32_t y = s * slice / n_slices; y < s * (slice + 1) / n_slices; y++) {
        const uint8_t *photo = limner_image_row(&f->app->photo, y);
        uint8_t *back = limner_image_row(&f->app->background, y);
        for (uint32_t x = 0; x < s; x++) {
            float rgb[3];
            if (!memcmp(photo + 3 * x, back + 3 * x, 3))
                continue;       /* outside of the hole */
            sample(f, x, y, rgb);
            for (uint32_t c = 0; c < 3; c++)
                back[3 * x + c] = to_byte((float)back[3 * x + c] + 255.0f * rgb[c]);
        }
    }
}

static limner_status coarse(foreground *f, limner_pool *pool)
{
    shrinking small = { .w = f->w, .from = { &f->app->background, &f->app->photo,
                                             &f->app->matte } };
    limner_image *back = &small.out[0], *photo = &small.out[1], *matte = &small.out[2];
    limner_status st;

    if ((st = shrink(&small, 3, pool)) >= 0 && (st = find_offset(f, photo, back, matte)) >= 0) {
        limner_pool_run(pool, offset_slice, f, N_SLICES);
        limner_image_close(back);
        st = shrink(&small, 1, pool);
    }
    if (st >= 0) {
        find_deviation(f, back);
        estimate(f, photo, back, matte);
        st = limner_filter_fill(f->rgb, 3, f->weight, f->w, f->w);
    }
    for (int i = 0; i < 3; i++)
        limner_image_close(&small.out[i]);
    return st;
}

/* ---- sharing ---- */

/* The least alpha with which a colour 0..255 over `back` can give `mixed`, give or take `noise`;
 * white counts as `white_room` away at least. */
static float least_alpha(const uint8_t *mixed, const uint8_t *back, float noise, float white_room)
{
    float least = 0.0f;

    for (int c = 0; c < 3; c++) {
        const float d = (float)mixed[c] - (float)back[c];
        const float room = d > 0.0f ? fmaxf(255.0f - (float)back[c], white_room)
                                    : fmaxf((float)back[c], ROOM_MIN);
        least = fmaxf(least, (fabsf(d) - noise) / room);
    }
    return fminf(least, 1.0f);
}

/* Alpha anew from both colours, as far as they differ, the background is plain and the new value
 * explains the pixel better. */
static float correct_alpha(float alpha, const uint8_t *mixed, const uint8_t *fore,
                           const uint8_t *back, float plain)
{
    float dot = 0.0f, apart = 1.0f, now = 0.0f, then = 0.0f, a;

    for (int c = 0; c < 3; c++) {
        const float d = (float)fore[c] - (float)back[c];
        dot += d * ((float)mixed[c] - (float)back[c]);
        apart += d * d;
    }
    a = fminf(fmaxf(dot / apart, 0.0f), 1.0f);
    for (int c = 0; c < 3; c++) {
        const float d = (float)fore[c] - (float)back[c], m = (float)mixed[c] - (float)back[c];
        now += (m - alpha * d) * (m - alpha * d);
        then += (m - a * d) * (m - a * d);
    }
    if (then >= now)
        return alpha;
    return alpha + plain * (1.0f - then / now) * apart / (apart + APART * APART) * (a - alpha);
}

/* How far a difference from the background may make a pixel the person's. Where the background is
 * not quite plain and alpha is nothing, only a faint one (a glow): a strong one means that the
 * background is not as estimated. */
static float believed(float alpha, const uint8_t *mixed, const uint8_t *back, float plain)
{
    const float sure = (plain - 0.55f) / 0.2f;
    float d = 0.0f;

    for (int c = 0; c < 3; c++)
        d = fmaxf(d, fabsf((float)mixed[c] - (float)back[c]));
    return fminf(fmaxf(fmaxf(2.0f - d / GLOW, alpha / ALPHA_SEEN), fmaxf(sure, 0.0f)), 1.0f);
}

/* Shares out what alpha F + (1 - alpha) B misses of a pixel. A plain background is believed: what
 * it cannot explain (rim light, the glow of hair) becomes the person's and moves along. Another is
 * bent where the person is thin; where the person is thick, alpha rises until F is a colour. */
static void share(const uint8_t *mixed, uint8_t *matte, uint8_t *fore, uint8_t *back,
                  float deviation)
{
    const float plain = 1.0f / (1.0f + deviation * deviation / (PLAIN_SIGMA * PLAIN_SIGMA));
    const float stiff = BACK_STIFFNESS * (1.0f - plain) * (1.0f - plain);
    const float hard = ALPHA_HARD + plain * (ALPHA_HARD_PLAIN - ALPHA_HARD);
    float alpha = (float)*matte / 255.0f;

    if (*matte == 255) {
        memcpy(fore, mixed, 3);
        return;
    }
    if (*matte > 0)
        alpha = correct_alpha(alpha, mixed, fore, back, plain);
    alpha = fmaxf(alpha, plain * believed(alpha, mixed, back, plain) *
                         least_alpha(mixed, back, NOISE + GRAIN * deviation, ROOM_MIN));
    for (int c = 0; c < 3; c++) {
        const float rest = 1.0f - alpha;
        const float miss = (float)mixed[c] - alpha * (float)fore[c] - rest * (float)back[c];
        back[c] = to_byte((float)back[c] +
                          stiff * rest * miss / (alpha * alpha + stiff * rest * rest + 1e-6f));
    }
    alpha = fmaxf(alpha, limner_smoothstep(alpha, hard - HARD_RAMP, hard) *
                         least_alpha(mixed, back, 0.0f, WHITE_ROOM));
    *matte = to_byte(255.0f * alpha);
    alpha = (float)*matte / 255.0f;
    for (int c = 0; c < 3; c++) {
        if (*matte)
            fore[c] = to_byte(((float)mixed[c] - (1.0f - alpha) * (float)back[c]) / alpha);
        if (alpha < ALPHA_HARD)
            back[c] = to_byte(((float)mixed[c] - alpha * (float)fore[c]) / (1.0f - alpha));
    }
}

static void share_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const foreground *f = user;
    const limner_appearance *app = f->app;
    const uint32_t s = app->size_px;
    const float k = (float)f->w / (float)s;

    for (uint32_t y = s * slice / n_slices; y < s * (slice + 1) / n_slices; y++) {
        const uint8_t *photo = limner_image_row(&app->photo, y);
        uint8_t *matte = limner_image_row(&app->matte, y);
        uint8_t *fore = limner_image_row(&app->foreground, y);
        uint8_t *back = limner_image_row(&app->background, y);
        for (uint32_t x = 0; x < s; x++)
            share(photo + 3 * x, matte + x, fore + 3 * x, back + 3 * x,
                  f->deviation[(int)((float)x * k) + (int)((float)y * k) * f->w]);
    }
}

/* The estimate at the crop's size, before sharing. */
static void enlarge_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const foreground *f = user;
    const uint32_t s = f->app->size_px;

    for (uint32_t y = s * slice / n_slices; y < s * (slice + 1) / n_slices; y++) {
        uint8_t *dst = limner_image_row(&f->app->foreground, y);
        for (uint32_t x = 0; x < s; x++) {
            float rgb[3];
            sample(f, x, y, rgb);
            for (uint32_t c = 0; c < 3; c++)
                dst[3 * x + c] = to_byte(255.0f * rgb[c]);
        }
    }
}

limner_status limner_foreground_run(limner_appearance *app, limner_pool *pool)
{
    foreground f = { .app = app, .w = app->size_px < WORK_PX ? (int)app->size_px : WORK_PX };
    const size_t size = (size_t)f.w * (size_t)f.w;
    limner_status st = LIMNER_E_NOMEM;
    float *block = limner_alloc(size, 6 * sizeof(float));

    limner_image_close(&app->foreground);
    if (!block)
        return st;
    for (int c = 0; c < 3; c++)
        f.rgb[c] = block + (size_t)c * size;
    f.weight = block + 3 * size;
    f.deviation = block + 4 * size;
    f.scratch = block + 5 * size;
    st = coarse(&f, pool);
    if (st >= 0)
        st = limner_image_open(&app->foreground, app->size_px, app->size_px, 3);
    if (st >= 0) {
        limner_pool_run(pool, enlarge_slice, &f, N_SLICES);
        limner_pool_run(pool, share_slice, &f, N_SLICES);
    }
    limner_mem_free(block);
    return st;
}
