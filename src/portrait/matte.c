/* SPDX-License-Identifier: Apache-2.0 */
/* The matte (app->matte). At no more than WORK_PX: the coarse mask loses its islands and small
 * holes, gains what the net has missed (missed_parts.h) and becomes a trimap, wide where the net
 * was unsure; colours beside the unknown band give a first alpha (matte_guess.h), closed-form
 * matting the final one (matting.h). Larger crops get the detail back from the linear relation of
 * alpha and colour found at the working size (fast guided filter, He and Sun 2015). Planes are
 * 0..1. */
#include <math.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"
#include "portrait/layers.h"
#include "portrait/matte_guess.h"
#include "portrait/matting.h"
#include "portrait/missed_parts.h"

enum { MASK_PX = 256, WORK_PX = 512, N_ITERATIONS = 24, SLOPE_RADIUS = 2, HAZE_PX = 5,
       N_SLICES = 32 };

/* Of the side. The net's contour is off by a pixel or two of its 256; hair reaches further out. */
#define BAND_IN 0.016f
#define BAND_OUT 0.022f
#define SURE_PERSON 0.90f       /* mask values beyond which the net is believed */
#define SURE_BACK 0.06f
#define DOUBTFUL 0.45f          /* mask values below are not believed farther than this .. */
#define DOUBT_FAR 0.03f         /* .. from the sure person, of the side */
#define MASK_SHARE 0.85f        /* say of a sure mask at the edge of the band */
#define EPSILON 1e-4f           /* window regulariser: noise of deviation 0.01 */
#define TRUST_MIN 0.004f        /* weight of the guess where colour tells nothing, ... */
#define TRUST_GAIN 0.12f        /* ... what a clear colour adds, ... */
#define TRUST_MASK 0.06f        /* ... and the mask where it is heeded */
#define JOINED_ALPHA 0.35f      /* what carries a connection to the sure person */
#define SLOPE_EPSILON 1e-3f
#define ALPHA_FLOOR 0.03f       /* alpha below is none, above 1 - this is all: no haze, no holes */

typedef struct matte_work {
    int w;                      /* of the square working planes */
    float *rgb[3], *mask, *inside, *outside, *guess, *trust, *alpha, *scratch;
    float *slope[3];            /* alpha against colour, per working pixel */
    uint8_t *trimap, *unknown;
    void *block, *byte_block;
} matte_work;

enum { N_PLANES = 13 };

/* ---- cleaning the coarse mask ---- */

typedef struct regions {
    int32_t id[MASK_PX * MASK_PX], n_px[MASK_PX * MASK_PX], stack[MASK_PX * MASK_PX];
    uint8_t is_person[MASK_PX * MASK_PX];
} regions;

/* Gives the 4-connected region of `seed` the number `id`. */
static void flood(regions *r, int seed, int id)
{
    int n_stack = 0;

    r->stack[n_stack++] = seed;
    r->id[seed] = id;
    r->n_px[id] = 0;
    while (n_stack) {
        const int at = r->stack[--n_stack], x = at % MASK_PX;
        const int next[4] = { x ? at - 1 : -1, x < MASK_PX - 1 ? at + 1 : -1, at - MASK_PX,
                              at + MASK_PX };
        r->n_px[id]++;
        for (int k = 0; k < 4; k++) {
            const int o = next[k];
            if (o < 0 || o >= MASK_PX * MASK_PX || r->id[o] >= 0 ||
                r->is_person[o] != r->is_person[seed])
                continue;
            r->id[o] = id;
            r->stack[n_stack++] = o;
        }
    }
}

/* Islands of person other than the largest region become background, small holes person. */
static limner_status clean_mask(float *out, const float *mask)
{
    enum { HOLE_PX = 160 };
    regions *r = limner_alloc(1, sizeof(*r));
    int n = 0, largest = -1;

    if (!r)
        return LIMNER_E_NOMEM;
    for (int i = 0; i < MASK_PX * MASK_PX; i++) {
        r->is_person[i] = mask[i] > 0.3f;
        r->id[i] = -1;
    }
    for (int i = 0; i < MASK_PX * MASK_PX; i++) {
        if (r->id[i] >= 0)
            continue;
        flood(r, i, n);
        if (r->is_person[i] && (largest < 0 || r->n_px[n] > r->n_px[largest]))
            largest = n;
        n++;
    }
    for (int i = 0; i < MASK_PX * MASK_PX; i++) {
        out[i] = fminf(fmaxf(mask[i], 0.0f), 1.0f);
        if (r->is_person[i] && r->id[i] != largest)
            out[i] = 0.0f;
        if (!r->is_person[i] && r->n_px[r->id[i]] < HOLE_PX)
            out[i] = 1.0f;
    }
    limner_mem_free(r);
    return LIMNER_OK;
}

/* ---- trimap ---- */

/* Distances inside and outside of the contour at one half. */
static limner_status contour_distances(matte_work *m)
{
    const size_t size = (size_t)m->w * (size_t)m->w;
    limner_status st;

    for (size_t i = 0; i < size; i++) {
        m->inside[i] = m->mask[i] > 0.5f ? 0.0f : 1.0f;
        m->outside[i] = 1.0f - m->inside[i];
    }
    st = limner_filter_distance(m->inside, m->inside, m->w, m->w);
    return st < 0 ? st : limner_filter_distance(m->outside, m->outside, m->w, m->w);
}

/* What the net doubts, away from what it is sure of, is a piece of the background. */
static limner_status drop_doubtful(matte_work *m)
{
    const size_t size = (size_t)m->w * (size_t)m->w;
    const float far = DOUBT_FAR * (float)m->w;
    limner_status st;

    for (size_t i = 0; i < size; i++)
        m->scratch[i] = m->mask[i] >= SURE_PERSON ? 1.0f : 0.0f;
    st = limner_filter_distance(m->scratch, m->scratch, m->w, m->w);
    for (size_t i = 0; i < size; i++)
        if (m->scratch[i] > far && m->mask[i] < DOUBTFUL)
            m->mask[i] = 0.0f;
    return st;
}

/* m->trust is 1 inside of the parts that the net has missed. */
static void make_trimap(matte_work *m)
{
    const size_t size = (size_t)m->w * (size_t)m->w;
    const float in = BAND_IN * (float)m->w, out = BAND_OUT * (float)m->w;

    for (size_t i = 0; i < size; i++) {
        const float v = m->mask[i];
        m->trimap[i] = LIMNER_TRIMAP_UNKNOWN;
        if ((v >= SURE_PERSON && m->inside[i] > in) || m->trust[i] >= 1)
            m->trimap[i] = LIMNER_TRIMAP_PERSON;
        if (v <= SURE_BACK && m->outside[i] > out)
            m->trimap[i] = LIMNER_TRIMAP_BACKGROUND;
        m->unknown[i] = m->trimap[i] == LIMNER_TRIMAP_UNKNOWN;
        m->alpha[i] = m->trimap[i] == LIMNER_TRIMAP_PERSON ? 1.0f : 0.0f;
        m->guess[i] = m->alpha[i];
    }
}

/* ---- alpha at the working size ---- */

static float tidy(float alpha)
{
    const float v = (alpha - ALPHA_FLOOR) / (1.0f - 2.0f * ALPHA_FLOOR);

    return fminf(fmaxf(v, 0.0f), 1.0f);
}

/* Colours decide near the mask's contour; towards the edge of the band the net, where it is sure,
 * counts more: a bright star on a flag beside grey hair explains itself as hair too. What is lost
 * of single hairs before a plain background comes back with the foreground. */
static void heed_mask(matte_work *m)
{
    const int size = m->w * m->w;
    const float in = BAND_IN * (float)m->w, out = BAND_OUT * (float)m->w;

    for (int i = 0; i < size; i++) {
        const float far = fmaxf(m->inside[i] / in, m->outside[i] / out);
        const float t = fminf(fmaxf((far - 0.25f) / 0.75f, 0.0f), 1.0f);
        const float sure = fabsf(2.0f * m->mask[i] - 1.0f);
        const float heed = MASK_SHARE * sure * t * t * (3.0f - 2.0f * t);
        m->trust[i] = TRUST_MIN + TRUST_GAIN * m->trust[i] + TRUST_MASK * heed;
        if (m->unknown[i])
            m->guess[i] += heed * (m->mask[i] - m->guess[i]);
    }
}

static limner_status solve(matte_work *m, limner_pool *pool)
{
    const size_t size = (size_t)m->w * (size_t)m->w;
    const limner_matte_guess guess = {
        .w = m->w, .h = m->w, .rgb = { m->rgb[0], m->rgb[1], m->rgb[2] }, .trimap = m->trimap,
        .mask = m->mask, .reach_px = 0.02f * (float)m->w
    };
    const limner_matting problem = {
        .w = m->w, .h = m->w, .rgb = { m->rgb[0], m->rgb[1], m->rgb[2] }, .unknown = m->unknown,
        .guess = m->guess, .trust = m->trust, .epsilon = EPSILON, .n_iterations = N_ITERATIONS
    };
    const limner_status st = limner_matte_guess_run(m->guess, m->trust, &guess, pool);

    if (st < 0)
        return st;
    heed_mask(m);
    memcpy(m->alpha, m->guess, size * sizeof(float));
    return limner_matting_solve(m->alpha, &problem, pool);
}

/* Marks in is_joined what a path of fairly opaque pixels joins to the sure person. */
static void find_joined(const matte_work *m, uint8_t *is_joined, int32_t *stack)
{
    const int w = m->w, size = m->w * m->w;
    int n = 0;

    for (int i = 0; i < size; i++)
        if (m->trimap[i] == LIMNER_TRIMAP_PERSON) {
            is_joined[i] = 1;
            stack[n++] = i;
        }
    while (n > 0) {
        const int at = stack[--n], x = at % w;
        const int next[4] = { x ? at - 1 : -1, x < w - 1 ? at + 1 : -1, at - w, at + w };
        for (int k = 0; k < 4; k++) {
            const int o = next[k];
            if (o < 0 || o >= size || is_joined[o] || m->alpha[o] < JOINED_ALPHA)
                continue;
            is_joined[o] = 1;
            stack[n++] = o;
        }
    }
}

/* Solved parts that are not joined to the person are pieces of the background that look like it:
 * they and the haze around them become clear. */
static limner_status drop_islands(matte_work *m)
{
    const int w = m->w, size = m->w * m->w;
    int32_t *stack = limner_alloc((size_t)size, sizeof(*stack));
    uint8_t *is_joined = limner_calloc((size_t)size, 1);
    int n = 0;

    if (!stack || !is_joined) {
        limner_mem_free(stack);
        limner_mem_free(is_joined);
        return LIMNER_E_NOMEM;
    }
    find_joined(m, is_joined, stack);
    for (int i = 0; i < size; i++)
        if (!is_joined[i] && m->alpha[i] >= JOINED_ALPHA)
            stack[n++] = i;
    /* Each ring of neighbours is appended behind the one before. */
    for (int k = 0, ring = 0; ring <= HAZE_PX; ring++)
        for (const int end = n; k < end; k++) {
            const int at = stack[k], x = at % w;
            const int next[4] = { x ? at - 1 : -1, x < w - 1 ? at + 1 : -1, at - w, at + w };
            for (int j = 0; j < 4 && ring < HAZE_PX; j++)
                if (next[j] >= 0 && next[j] < size && !is_joined[next[j]] &&
                    m->alpha[next[j]] < JOINED_ALPHA && m->unknown[next[j]]) {
                    is_joined[next[j]] = 1;
                    stack[n++] = next[j];
                }
            m->alpha[at] = 0.0f;
            m->unknown[at] = 0;
        }
    limner_mem_free(stack);
    limner_mem_free(is_joined);
    return LIMNER_OK;
}

static limner_status work_open(matte_work *m, int w)
{
    const size_t size = (size_t)w * (size_t)w;
    float **plane[N_PLANES] = { &m->rgb[0], &m->rgb[1], &m->rgb[2], &m->mask, &m->inside,
                                &m->outside, &m->guess, &m->trust, &m->alpha, &m->slope[0],
                                &m->slope[1], &m->slope[2], &m->scratch };
    float *at;

    m->w = w;
    /* The scratch plane comes last and is long enough for resizing from the largest crop. */
    m->block = limner_calloc((N_PLANES - 1) * size + (size_t)w * LIMNER_CROP_MAX_PX, sizeof(float));
    m->byte_block = limner_calloc(size, 2);
    if (!m->block || !m->byte_block)
        return LIMNER_E_NOMEM;
    at = m->block;
    for (int i = 0; i < N_PLANES; i++, at += size)
        *plane[i] = at;
    m->trimap = m->byte_block;
    m->unknown = m->trimap + size;
    return LIMNER_OK;
}

static void work_close(matte_work *m)
{
    limner_mem_free(m->block);
    limner_mem_free(m->byte_block);
}

/* The crop at the working size. */
static limner_status load_rgb(matte_work *m, const limner_image *photo)
{
    limner_image small;
    const float k = (float)photo->w / (float)m->w;
    const float a[6] = { k, 0, 0, 0, k, 0 };
    const limner_status st = limner_image_open(&small, (uint32_t)m->w, (uint32_t)m->w, 3);

    if (st < 0)
        return st;
    limner_image_warp(&small, photo, a);
    for (uint32_t c = 0; c < 3; c++)
        limner_filter_from_image(m->rgb[c], &small, c);
    limner_image_close(&small);
    return LIMNER_OK;
}

/* The parts that the net has missed join m->mask; what is inside of them goes to m->trust. */
static limner_status add_missed(matte_work *m, const float *clean)
{
    enum { SIZE = MASK_PX * MASK_PX };
    float *rgb = limner_alloc(SIZE, 3 * sizeof(*rgb)), *part = rgb;
    uint8_t *found = limner_alloc(SIZE, 1);
    const float *const plane[3] = { rgb, rgb + SIZE, rgb + 2 * SIZE };
    limner_status st = rgb && found ? LIMNER_OK : LIMNER_E_NOMEM;

    for (int c = 0; c < 3 && st >= 0; c++)
        limner_filter_resize(rgb + c * SIZE, MASK_PX, MASK_PX, m->rgb[c], m->w, m->w, m->scratch);
    if (st >= 0)
        st = limner_missed_parts_find(found, plane, clean);
    if (st >= 0) {
        for (int i = 0; i < SIZE; i++)
            part[i] = found[i] > 0;
        limner_filter_resize(m->guess, m->w, m->w, part, MASK_PX, MASK_PX, m->scratch);
        for (int i = 0; i < m->w * m->w; i++)
            m->mask[i] = fmaxf(m->mask[i], m->guess[i]);
        for (int i = 0; i < SIZE; i++)
            part[i] = found[i] > 1;
        limner_filter_resize(m->trust, m->w, m->w, part, MASK_PX, MASK_PX, m->scratch);
    }
    limner_mem_free(rgb);
    limner_mem_free(found);
    return st;
}

static limner_status alpha_at_work_size(matte_work *m, const limner_image *photo,
                                        const float *mask, limner_pool *pool)
{
    float *clean = limner_alloc(MASK_PX * MASK_PX, sizeof(*clean));
    limner_status st = clean ? clean_mask(clean, mask) : LIMNER_E_NOMEM;

    if (st >= 0)
        st = load_rgb(m, photo);
    if (st >= 0) {
        limner_filter_resize(m->mask, m->w, m->w, clean, MASK_PX, MASK_PX, m->scratch);
        st = drop_doubtful(m);
    }
    if (st >= 0)
        st = add_missed(m, clean);
    if (st >= 0)
        st = contour_distances(m);
    if (st >= 0) {
        make_trimap(m);
        st = solve(m, pool);
    }
    if (st >= 0)
        st = drop_islands(m);
    limner_mem_free(clean);
    return st;
}

/* ---- detail at the crop's size ---- */

/* Slope of alpha against colour in the window around a pixel, m->slope = (cov + eps)^-1 cov(alpha),
 * by Gauss elimination of the symmetric 3 x 3 system. */
static void slope_at(const matte_work *m, int x, int y)
{
    const int x0 = x < SLOPE_RADIUS ? 0 : x - SLOPE_RADIUS;
    const int y0 = y < SLOPE_RADIUS ? 0 : y - SLOPE_RADIUS;
    const int x1 = x + SLOPE_RADIUS < m->w ? x + SLOPE_RADIUS : m->w - 1;
    const int y1 = y + SLOPE_RADIUS < m->w ? y + SLOPE_RADIUS : m->w - 1;
    const float n = (float)((x1 - x0 + 1) * (y1 - y0 + 1));
    const float *plane[4] = { m->rgb[0], m->rgb[1], m->rgb[2], m->alpha };
    float mean[4] = { 0 }, a[3][4] = { { 0 } };

    for (int c = 0; c < 4; c++) {
        for (int v = y0; v <= y1; v++)
            for (int u = x0; u <= x1; u++)
                mean[c] += plane[c][v * m->w + u];
        mean[c] /= n;
    }
    for (int i = 0; i < 3; i++) {
        for (int j = i; j < 4; j++)
            for (int v = y0; v <= y1; v++)
                for (int u = x0; u <= x1; u++)
                    a[i][j] += (plane[i][v * m->w + u] - mean[i]) *
                               (plane[j][v * m->w + u] - mean[j]) / n;
        for (int j = 0; j < i; j++)
            a[i][j] = a[j][i];
        a[i][i] += SLOPE_EPSILON;
    }
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            const float f = a[k][i] / a[i][i];
            for (int j = i; j < 4 && k != i; j++)
                a[k][j] -= f * a[i][j];
        }
    for (int c = 0; c < 3; c++)
        m->slope[c][y * m->w + x] = a[c][3] / a[c][c];
}

typedef struct enlarging {
    const matte_work *m;
    const limner_appearance *app;
} enlarging;

static void slope_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const matte_work *m = ((const enlarging *)user)->m;
    const int w = m->w;

    for (int y = w * (int)slice / (int)n_slices; y < w * ((int)slice + 1) / (int)n_slices; y++)
        for (int x = 0; x < w; x++)
            if (m->unknown[y * w + x])
                slope_at(m, x, y);
}

/* Bilinear weights of four working pixels for a place of the crop. */
typedef struct corner {
    int at[4];
    float weight[4];
} corner;

static corner corner_at(int w, float scale, uint32_t x, uint32_t y)
{
    const float fx = fmaxf(((float)x + 0.5f) * scale - 0.5f, 0.0f);
    const float fy = fmaxf(((float)y + 0.5f) * scale - 0.5f, 0.0f);
    const int x0 = (int)fx < w ? (int)fx : w - 1, y0 = (int)fy < w ? (int)fy : w - 1;
    const int x1 = x0 + 1 < w ? x0 + 1 : x0, y1 = y0 + 1 < w ? y0 + 1 : y0;
    const float u = fx - (float)x0, v = fy - (float)y0;

    return (corner){ { y0 * w + x0, y0 * w + x1, y1 * w + x0, y1 * w + x1 },
                     { (1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v } };
}

static float mix(const corner *k, const float *plane)
{
    return k->weight[0] * plane[k->at[0]] + k->weight[1] * plane[k->at[1]] +
           k->weight[2] * plane[k->at[2]] + k->weight[3] * plane[k->at[3]];
}

static float enlarged(const matte_work *m, const corner *k, const uint8_t *rgb)
{
    float alpha = mix(k, m->alpha);

    if (!(m->unknown[k->at[0]] | m->unknown[k->at[1]] | m->unknown[k->at[2]] |
          m->unknown[k->at[3]]))
        return alpha;
    for (int c = 0; c < 3; c++)
        alpha += mix(k, m->slope[c]) * ((float)rgb[c] / 255.0f - mix(k, m->rgb[c]));
    return alpha;
}

static void enlarge_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    const enlarging *e = user;
    const uint32_t s = e->app->size_px;
    const float scale = (float)e->m->w / (float)s;

    for (uint32_t y = s * slice / n_slices; y < s * (slice + 1) / n_slices; y++) {
        const uint8_t *rgb = limner_image_row(&e->app->photo, y);
        uint8_t *dst = limner_image_row(&e->app->matte, y);
        for (uint32_t x = 0; x < s; x++) {
            const corner k = corner_at(e->m->w, scale, x, y);
            dst[x] = (uint8_t)(255.0f * tidy(enlarged(e->m, &k, rgb + 3 * x)) + 0.5f);
        }
    }
}

limner_status limner_layers_matte(limner_appearance *app, const float *mask, limner_pool *pool)
{
    matte_work m = { 0 };
    enlarging e = { &m, app };
    limner_status st;

    limner_image_close(&app->matte);
    st = work_open(&m, app->size_px < WORK_PX ? (int)app->size_px : WORK_PX);
    if (st >= 0)
        st = alpha_at_work_size(&m, &app->photo, mask, pool);
    if (st >= 0)
        st = limner_image_open(&app->matte, app->size_px, app->size_px, 1);
    if (st >= 0) {
        limner_pool_run(pool, slope_slice, &e, N_SLICES);
        limner_pool_run(pool, enlarge_slice, &e, N_SLICES);
    }
    work_close(&m);
    return st;
}
