/* SPDX-License-Identifier: Apache-2.0 */
/* Lashes are thin, dark and stand across the lid: a closing (maximum, then minimum) along the lid
 * fills them from the skin between and leaves creases, which run along it. Where lashes are too
 * dense for that, and at the edge, the skin around is continued. Low over the edge the result
 * counts throughout, higher up only where strokes were found. An open eye's lid lies in the shadow
 * of its fold; shut, it is lit much as the skin below the eye, so it is lifted towards that. */
#include "render/lids.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"

#define STROKE_CM 0.13f                 /* half the length of the closing */
#define SOFT_CM 0.11f                   /* deviation of the blur after it */
#define FOUND_CM 0.10f                  /* strokes are looked for around a place */
#define LASH_LINE_CM 0.09f              /* dark line kept at the lid's edge ... */
#define LASH_END_CM 0.20f               /* ... up to here */
#define WHOLE_CM 0.35f                  /* below this all is skin, ... */
#define TOP_FROM_CM 0.70f               /* ... above this nothing is changed */
#define TOP_TO_CM 1.00f
#define SIDE_CM 0.45f                   /* fades so far beyond the corners */
#define STROKE_FROM 2.0f                /* grey levels that make a stroke */
#define STROKE_TO 7.0f
#define DARK_FROM 0.72f                 /* of the lid's median brightness: lashes, filled ... */
#define DARK_TO 0.88f                   /* ... up to here */
#define ROWS_CM 2.5f                    /* above and below the lids' lines on the canvas */
#define BELOW_CM 1.1f                   /* skin below the lower lid, lit as a shut lid is */
#define LIFT 0.5f                       /* share of the way to it */
#define TINT 0.2f                       /* share of its tint */
#define LIFT_MAX 1.7f                   /* most a channel is lifted */
#define CLOSE_FROM 0.04f                /* share of the opening that is gone: skin begins ... */
#define CLOSE_TO 0.45f                  /* ... and has taken over */

static float smooth(float a, float b, float v)
{
    float t = (v - a) / (b - a);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

/* One lid's window: planes [h][w], 0..255. */
typedef struct lid_work {
    const limner_rig *rig;
    const limner_contact *lid;
    int32_t x0, y0, w, h;
    float cm;                           /* px */
    float axis[2], from, to;            /* along the lid: unit vector, corners */
    float *rgb[3], *found, *scratch, *height;   /* height: cm over the edge */
    float *block;
} lid_work;

static float along_at(const lid_work *k, float x, float y)
{
    return x * k->axis[0] + y * k->axis[1];
}

static float up_at(const lid_work *k, float x, float y)
{
    return x * k->rig->up[0] + y * k->rig->up[1];
}

static void open_frame(lid_work *k)
{
    const limner_face_contact *line = k->lid->line;
    const float *x = k->rig->rest[0], *y = k->rig->rest[1];
    const uint32_t a = line->upper[0], b = line->upper[line->n - 1];
    const float dx = x[b] - x[a], dy = y[b] - y[a], len = fmaxf(hypotf(dx, dy), 1);

    k->axis[0] = dx / len;
    k->axis[1] = dy / len;
    k->from = along_at(k, x[a], y[a]);
    k->to = along_at(k, x[b], y[b]);
}

/* Height of (x, y) over the lid's edge, px; beyond the corners over the corner. */
static float height_at(const lid_work *k, float x, float y)
{
    const limner_face_contact *line = k->lid->line;
    const float *vx = k->rig->rest[0], *vy = k->rig->rest[1];
    const float s = fminf(fmaxf(along_at(k, x, y), k->from), k->to);
    float edge = up_at(k, vx[line->upper[0]], vy[line->upper[0]]);

    for (uint32_t i = 0; i + 1 < line->n; i++) {
        const uint32_t a = line->upper[i], b = line->upper[i + 1];
        const float sa = along_at(k, vx[a], vy[a]), sb = along_at(k, vx[b], vy[b]);

        if (s < sa || sb <= sa)
            continue;
        edge = up_at(k, vx[a], vy[a]) + fminf((s - sa) / (sb - sa), 1) *
               (up_at(k, vx[b], vy[b]) - up_at(k, vx[a], vy[a]));
    }
    return up_at(k, x, y) - edge;
}

static limner_status open_window(lid_work *k, const limner_texture *person)
{
    const limner_face_contact *line = k->lid->line;
    const float side = SIDE_CM * k->cm, top = TOP_TO_CM * k->cm + side;
    float lo[2] = {1e9f, 1e9f}, hi[2] = {-1e9f, -1e9f};
    size_t size;

    for (uint32_t i = 0; i < line->n; i++)
        for (int c = 0; c < 2; c++) {
            const float v = k->rig->rest[c][line->upper[i]];
            lo[c] = fminf(lo[c], v);
            hi[c] = fmaxf(hi[c], v);
        }
    k->x0 = (int32_t)fminf(fmaxf(lo[0] - side, 0), (float)(person->w - 1));
    k->y0 = (int32_t)fminf(fmaxf(lo[1] - top, 0), (float)(person->h - 1));
    k->w = (int32_t)fminf(fmaxf(hi[0] + side, 0), (float)(person->w - 1)) + 1 - k->x0;
    k->h = (int32_t)fminf(fmaxf(hi[1] + side, 0), (float)(person->h - 1)) + 1 - k->y0;
    k->w = k->w < 1 ? 1 : k->w;
    k->h = k->h < 1 ? 1 : k->h;
    size = (size_t)k->w * (size_t)k->h;
    k->block = limner_calloc(6 * size, sizeof(float));
    if (!k->block)
        return LIMNER_E_NOMEM;
    for (int c = 0; c < 3; c++)
        k->rgb[c] = k->block + (size_t)c * size;
    k->found = k->block + 3 * size;
    k->scratch = k->block + 4 * size;
    k->height = k->block + 5 * size;
    for (int32_t i = 0; i < k->w * k->h; i++)
        k->height[i] = height_at(k, (float)(k->x0 + i % k->w) + 0.5f,
                                 (float)(k->y0 + i / k->w) + 0.5f) / k->cm;
    return LIMNER_OK;
}

/* Maximum (sign 1) or minimum (-1) over `reach` px to both sides of a row. */
static void widen_row(float *out, const float *in, int32_t w, int32_t reach, float sign)
{
    for (int32_t x = 0; x < w; x++) {
        const int32_t a = x < reach ? 0 : x - reach, b = x + reach < w ? x + reach : w - 1;
        float best = sign * in[a];

        for (int32_t i = a + 1; i <= b; i++)
            best = fmaxf(best, sign * in[i]);
        out[x] = sign * best;
    }
}

/* rgb: the closing; found: how much it brightened, around each pixel. */
static void close_strokes(lid_work *k, const limner_texture *person)
{
    const int32_t reach = (int32_t)fmaxf(2, STROKE_CM * k->cm + 0.5f);

    for (int c = 0; c < 3; c++) {
        for (int32_t y = 0; y < k->h; y++) {
            float *row = k->rgb[c] + y * k->w, *other = k->scratch + y * k->w;

            for (int32_t x = 0; x < k->w; x++)
                row[x] = limner_texture_at(person, k->x0 + x, k->y0 + y)[c];
            widen_row(other, row, k->w, reach, 1);
            for (int32_t x = 0; x < k->w; x++)
                k->found[y * k->w + x] -= row[x] / 3;
            widen_row(row, other, k->w, reach, -1);
            for (int32_t x = 0; x < k->w; x++)
                k->found[y * k->w + x] += row[x] / 3;
        }
    }
    limner_filter_box(k->found, k->found, k->scratch, k->w, k->h,
                      (int)fmaxf(1, FOUND_CM * k->cm));
    for (int32_t i = 0; i < k->w * k->h; i++)
        k->found[i] = smooth(STROKE_FROM, STROKE_TO, k->found[i]);
}

static float sum_at(const lid_work *k, int32_t i)
{
    return k->rgb[0][i] + k->rgb[1][i] + k->rgb[2][i];
}

/* Median brightness over the lid. */
static float median_skin(const lid_work *k)
{
    uint32_t count[766] = {0}, n = 0, half = 0, v = 0;

    for (int32_t i = 0; i < k->w * k->h; i++) {
        if (k->height[i] < WHOLE_CM || k->height[i] > TOP_FROM_CM)
            continue;
        count[(uint32_t)fminf(765, fmaxf(0, sum_at(k, i)))]++;
        n++;
    }
    for (half = count[0]; 2 * half < n; half += count[v])
        v++;
    return (float)v;
}

/* Skin goes on under dense lashes and over the edge; all softened. */
static limner_status fill_skin(lid_work *k)
{
    const float soft = fminf(fmaxf(SOFT_CM * k->cm, 0.5f), 16);
    const float median = fmaxf(1, median_skin(k));
    limner_status st;

    for (int32_t i = 0; i < k->w * k->h; i++)
        k->scratch[i] = smooth(LASH_LINE_CM, LASH_END_CM, k->height[i]) *
                        smooth(DARK_FROM, DARK_TO, sum_at(k, i) / median);
    st = limner_filter_fill(k->rgb, 3, k->scratch, k->w, k->h);
    for (int c = 0; c < 3 && st == LIMNER_OK; c++)
        limner_filter_gauss(k->rgb[c], k->rgb[c], k->scratch, k->w, k->h, soft);
    return st;
}

static int by_value(const void *a, const void *b)
{
    const uint8_t x = *(const uint8_t *)a, y = *(const uint8_t *)b;

    return (x > y) - (x < y);
}

/* Median colour of the skin below the eye, along the lower lid. */
static void skin_below(const lid_work *k, const limner_texture *person, float rgb[3])
{
    const limner_face_contact *line = k->lid->line;
    uint8_t seen[3][256];
    uint32_t n = 0;

    for (uint32_t i = 0; i < line->n && n < 256; i++, n++) {
        const uint32_t v = line->lower[i];
        const float x = k->rig->rest[0][v] - k->rig->up[0] * BELOW_CM * k->cm;
        const float y = k->rig->rest[1][v] - k->rig->up[1] * BELOW_CM * k->cm;
        const int32_t ix = (int32_t)fminf(fmaxf(x, 0), (float)(person->w - 1));
        const int32_t iy = (int32_t)fminf(fmaxf(y, 0), (float)(person->h - 1));

        for (int c = 0; c < 3; c++)
            seen[c][n] = limner_texture_at(person, ix, iy)[c];
    }
    for (int c = 0; c < 3; c++) {
        qsort(seen[c], n, 1, by_value);
        rgb[c] = seen[c][n / 2];
    }
}

/* Lifts the lid's skin towards the skin below the eye; never darkens. */
static void lift_skin(lid_work *k, const limner_texture *person)
{
    float below[3], sum[3] = {0}, n = 0, gain[3];

    skin_below(k, person, below);
    for (int32_t i = 0; i < k->w * k->h; i++) {
        if (k->height[i] < 0 || k->height[i] > WHOLE_CM)
            continue;
        for (int c = 0; c < 3; c++)
            sum[c] += k->rgb[c][i];
        n++;
    }
    for (int c = 0; c < 3; c++)
        gain[c] = fminf(LIFT_MAX, 1 + LIFT * fmaxf(0, below[c] * n / fmaxf(sum[c], n) - 1));
    for (int32_t i = 0; i < k->w * k->h; i++) {
        const float low = 1 - smooth(WHOLE_CM, TOP_FROM_CM, k->height[i]);
        float light;

        for (int c = 0; c < 3; c++)
            k->rgb[c][i] *= 1 + low * (gain[c] - 1);
        light = sum_at(k, i) / fmaxf(1, below[0] + below[1] + below[2]);
        for (int c = 0; c < 3; c++)
            k->rgb[c][i] += low * TINT * (below[c] * light - k->rgb[c][i]);
    }
}

static void write_skin(const lid_work *k, limner_lid_skin *skin)
{
    for (int32_t i = 0; i < k->w * k->h; i++) {
        const float x = (float)(k->x0 + i % k->w) + 0.5f, y = (float)(k->y0 + i / k->w) + 0.5f;
        const float h = k->height[i], s = along_at(k, x, y);
        const float past = fmaxf(k->from - s, s - k->to) / k->cm;
        const float low = 1 - smooth(WHOLE_CM, TOP_FROM_CM, h);
        const float share = fmaxf(low, k->found[i]) * smooth(LASH_LINE_CM, LASH_END_CM, h) *
                            (1 - smooth(TOP_FROM_CM, TOP_TO_CM, h)) *
                            (1 - smooth(0, SIDE_CM, past));
        uint8_t *px = limner_texture_at(&skin->texture, i % k->w, i / k->w);

        for (int c = 0; c < 3; c++)
            px[c] = (uint8_t)lrintf(fminf(255, fmaxf(0, k->rgb[c][i])));
        px[3] = (uint8_t)lrintf(255 * share);
    }
    limner_texture_seal(&skin->texture);
    skin->x = (float)k->x0;
    skin->y = (float)k->y0;
}

limner_status limner_lids_open(limner_lids *l, const limner_rig *rig, const limner_texture *person)
{
    limner_status st = LIMNER_OK;

    memset(l, 0, sizeof(*l));
    for (int side = 0; side < 2 && st == LIMNER_OK; side++) {
        lid_work k = {.rig = rig, .lid = &rig->lids[side], .cm = rig->pose_frame.scale};

        open_frame(&k);
        st = open_window(&k, person);
        if (st == LIMNER_OK)
            st = limner_texture_open(&l->lid[side].texture, k.w, k.h);
        if (st == LIMNER_OK) {
            close_strokes(&k, person);
            st = fill_skin(&k);
        }
        if (st == LIMNER_OK)
            lift_skin(&k, person);
        if (st == LIMNER_OK)
            write_skin(&k, &l->lid[side]);
        limner_mem_free(k.block);
    }
    if (st < 0)
        limner_lids_close(l);
    return st;
}

void limner_lids_close(limner_lids *l)
{
    limner_texture_close(&l->lid[0].texture);
    limner_texture_close(&l->lid[1].texture);
}

static void hold(limner_lid_skin *lid)
{
    const float open = lid->amount > 0 ? 1.0f : 0.0f;

    lid->lo[0] = lid->x + 0.5f;
    lid->lo[1] = lid->y + 0.5f;
    lid->hi[0] = lid->lo[0] + open * (float)lid->texture.w;
    lid->hi[1] = lid->lo[1] + open * (float)lid->texture.h;
}

void limner_lids_update(limner_lids *l, const limner_rig *rig)
{
    const float reach = ROWS_CM * rig->pose_frame.scale;

    l->is_any = false;
    l->top = 1e9f;
    l->low = -1e9f;
    for (int side = 0; side < 2; side++) {
        const limner_contact *lid = &rig->lids[side];
        float now = 0, photo = 0;

        for (uint32_t i = 0; i < lid->n; i++) {
            now += lid->gap[i];
            photo += fmaxf(0, lid->photo_gap[i]);
            l->top = fminf(l->top, rig->at[1][lid->line->upper[i]] - reach);
            l->low = fmaxf(l->low, rig->at[1][lid->line->upper[i]] + reach);
        }
        /* A lid shut in the photo has nothing to close. */
        l->lid[side].amount = photo > (float)lid->n
                                  ? smooth(CLOSE_FROM, CLOSE_TO, 1 - now / photo) : 0;
        hold(&l->lid[side]);
        l->is_any = l->is_any || l->lid[side].amount > 0;
    }
}

/* Bilinear; inside only. */
static void sample(const limner_texture *t, float x, float y, float rgba[4])
{
    const int32_t ix = (int32_t)x, iy = (int32_t)y;
    const uint8_t *a = limner_texture_at(t, ix, iy), *b = a + t->stride;
    const float fx = x - (float)ix, fy = y - (float)iy;

    for (int c = 0; c < 4; c++) {
        const float top = a[c] + fx * (float)(a[c + 4] - a[c]);
        const float low = b[c] + fx * (float)(b[c + 4] - b[c]);

        rgba[c] = top + fy * (low - top);
    }
}

void limner_lids_mix(const limner_lids *l, float u, float v, float light, float rgb[3])
{
    for (int side = 0; side < 2; side++) {
        const limner_lid_skin *lid = &l->lid[side];
        float rgba[4], share;

        if (!(u > lid->lo[0] && u < lid->hi[0] && v > lid->lo[1] && v < lid->hi[1]))
            continue;
        sample(&lid->texture, u - lid->lo[0], v - lid->lo[1], rgba);
        share = lid->amount * rgba[3] * (1.0f / 255);
        for (int c = 0; c < 3; c++)
            rgb[c] += share * (fminf(255, rgba[c] * light) - rgb[c]);
    }
}
