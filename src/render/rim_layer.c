/* SPDX-License-Identifier: Apache-2.0 */
/* In the middle of a line it is all rim. Beside it the skin goes over into what is filled in from
 * both sides, and the layer takes what the photo differs from that, with the least share that does.
 * The mesh is a smooth surface near the skin below, which the glasses brought forward to their
 * plane (glasses.h). */
#include "render/rim_layer.h"

#include <math.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"
#include "core/smoothstep.h"

#define MARGIN_CM 0.45f                 /* of the window around the lines */
#define NODE_CM 0.35f                   /* of the mesh */
#define INSIDE 0.7f                     /* of a line's half width: all rim */
#define EDGE_CM 0.04f                   /* beyond its width it ends, ... */
#define SOFT_CM 0.18f                   /* ... over this way */
#define GRAIN_CM 0.10f                  /* finer than this */
#define GRAIN_MOST 24.0f                /* levels */
#define NEAR_CM 1.5f                    /* in the photo, from skin that cannot hide a rim */
#define OPENING 5e4f                    /* px: openings (shade.c) are this far from everywhere */
#define FAR_CM 0.4f                     /* skin so far off the layer counts half */

enum { N_TERMS = 4, FIT_ROUNDS = 4 };

typedef struct cutter {
    const limner_rig *rig;
    limner_texture *person;
    int32_t x0, y0, w, h;
    float cm;
    float *rgb[3];                      /* [h][w] the skin */
    float *weight;                      /* of the photo's pixels in it */
    float *inside, *band;               /* 0..1: all rim; may be rim */
    float *off[2], *reach;              /* px: from the line; how far it goes */
    float *grain[3], *scratch;          /* of the skin, about 0 */
    float *block;
} cutter;

static const limner_rim_line *line_of(const limner_rim_lines *l, int i)
{
    return i < 2 ? &l->lens[i] : &l->bridge;
}

static limner_status open_cutter(cutter *k, const limner_rig *rig, limner_texture *person)
{
    const float margin = MARGIN_CM * rig->pose_frame.scale;
    float lo[2] = {1e9f, 1e9f}, hi[2] = {-1e9f, -1e9f};
    size_t size;

    memset(k, 0, sizeof(*k));
    k->rig = rig;
    k->person = person;
    k->cm = rig->pose_frame.scale;
    for (int i = 0; i < 3; i++) {
        const limner_rim_line *l = line_of(&rig->glasses.lines, i);

        for (int j = 0; j < l->n; j++) {
            lo[0] = fminf(lo[0], l->x[j]);
            hi[0] = fmaxf(hi[0], l->x[j]);
            lo[1] = fminf(lo[1], l->y[j]);
            hi[1] = fmaxf(hi[1], l->y[j]);
        }
    }
    k->x0 = (int32_t)fminf(fmaxf(0, lo[0] - margin), (float)person->w - 1);
    k->y0 = (int32_t)fminf(fmaxf(0, lo[1] - margin), (float)rig->view.h - 1);
    k->w = (int32_t)fminf((float)person->w, hi[0] + margin) - k->x0;
    k->h = (int32_t)fminf((float)rig->view.h, hi[1] + margin) - k->y0;
    k->w = k->w > 1 ? k->w : 1;
    k->h = k->h > 1 ? k->h : 1;
    size = (size_t)k->w * (size_t)k->h;
    k->block = limner_calloc(13 * size, sizeof(float));
    if (!k->block)
        return LIMNER_E_NOMEM;
    for (int c = 0; c < 3; c++) {
        k->rgb[c] = k->block + (size_t)c * size;
        k->grain[c] = k->block + (size_t)(3 + c) * size;
    }
    k->weight = k->block + 6 * size;
    k->inside = k->block + 7 * size;
    k->band = k->block + 8 * size;
    k->off[0] = k->block + 9 * size;
    k->off[1] = k->block + 10 * size;
    k->reach = k->block + 11 * size;
    k->scratch = k->block + 12 * size;
    return LIMNER_OK;
}

/* Marks the pixels around the way from point j to point i of a line. */
static void mark_part(cutter *k, const limner_rim_line *l, int j, int i)
{
    const float reach = fmaxf(l->half[i], l->half[j]) + (EDGE_CM + SOFT_CM) * k->cm + 1;
    const int32_t left = (int32_t)fmaxf(0, fminf(l->x[i], l->x[j]) - reach - (float)k->x0);
    const int32_t top = (int32_t)fmaxf(0, fminf(l->y[i], l->y[j]) - reach - (float)k->y0);
    const float ex = l->x[i] - l->x[j], ey = l->y[i] - l->y[j];
    const float sure = fminf(l->sure[i], l->sure[j]), soft = SOFT_CM * k->cm;

    for (int32_t y = top; y < k->h && (float)(y + k->y0) < fmaxf(l->y[i], l->y[j]) + reach; y++) {
        for (int32_t x = left; x < k->w && (float)(x + k->x0) < fmaxf(l->x[i], l->x[j]) + reach;
             x++) {
            const int32_t n = y * k->w + x;
            const float dx = (float)(x + k->x0) + 0.5f - l->x[j];
            const float dy = (float)(y + k->y0) + 0.5f - l->y[j];
            const float along = (dx * ex + dy * ey) / fmaxf(ex * ex + ey * ey, 1e-6f);
            const float t = fminf(1, fmaxf(0, along)), ox = dx - t * ex, oy = dy - t * ey;
            const float d = hypotf(ox, oy);
            const float half = l->half[j] + t * (l->half[i] - l->half[j]);
            const float end = half + EDGE_CM * k->cm;
            const float in = 1 - limner_smoothstep(d, INSIDE * half, half);

            if (d > end + soft)
                continue;
            k->inside[n] = fmaxf(k->inside[n], sure * in);
            k->band[n] = fmaxf(k->band[n], sure * (1 - limner_smoothstep(d, end, end + soft)));
            if (k->reach[n] > 0 && d >= hypotf(k->off[0][n], k->off[1][n]))
                continue;
            k->off[0][n] = ox;
            k->off[1][n] = oy;
            k->reach[n] = end + soft;
        }
    }
}

static void mark_lines(cutter *k)
{
    for (int n = 0; n < 3; n++) {
        const limner_rim_line *l = line_of(&k->rig->glasses.lines, n);

        for (int i = l->is_closed ? 0 : 1; i < l->n; i++)
            mark_part(k, l, i ? i - 1 : l->n - 1, i);
    }
}

/* Grain of the skin at pixel (x, y) of the window. */
static float grain_at(const cutter *k, int c, float x, float y)
{
    const int32_t px = (int32_t)fminf(fmaxf(x, 0), (float)k->w - 1);
    const int32_t py = (int32_t)fminf(fmaxf(y, 0), (float)k->h - 1);

    return k->grain[c][py * k->w + px];
}

/* Filled skin is too smooth: it takes the grain of the skin on both sides, mirrored at the ends of
 * the band. */
static void add_grain(cutter *k)
{
    for (int c = 0; c < 3; c++) {
        limner_filter_gauss(k->grain[c], k->rgb[c], k->scratch, k->w, k->h,
                            fminf(16, fmaxf(0.5f, GRAIN_CM * k->cm)));
        for (int32_t i = 0; i < k->w * k->h; i++)
            k->grain[c][i] = fminf(GRAIN_MOST, fmaxf(-GRAIN_MOST, k->rgb[c][i] - k->grain[c][i]));
    }
    for (int32_t i = 0; i < k->w * k->h; i++) {
        const float x = (float)(i % k->w), y = (float)(i / k->w), reach = k->reach[i];
        const float d = fmaxf(hypotf(k->off[0][i], k->off[1][i]), 1e-3f);
        const float nx = k->off[0][i] / d, ny = k->off[1][i] / d, on = 2 * (reach - d);
        const float own = fminf(1, 0.5f + 0.5f * d / fmaxf(reach, 1e-3f));

        for (int c = 0; c < 3 && k->weight[i] <= 0 && reach > 0; c++)
            k->rgb[c][i] += sqrtf(own) * grain_at(k, c, x + on * nx, y + on * ny) +
                            sqrtf(1 - own) * grain_at(k, c, x - 2 * reach * nx, y - 2 * reach * ny);
    }
}

static limner_status fill_skin(cutter *k)
{
    limner_status st;

    for (int32_t i = 0; i < k->w * k->h; i++) {
        const uint8_t *px = limner_texture_at(k->person, k->x0 + i % k->w, k->y0 + i / k->w);

        for (int c = 0; c < 3; c++)
            k->rgb[c][i] = px[c];
        k->weight[i] = k->band[i] > 0.02f || px[3] < 255 ? 0 : 1;
    }
    st = limner_filter_fill(k->rgb, 3, k->weight, k->w, k->h);
    if (st == LIMNER_OK)
        add_grain(k);
    return st;
}

/* The least share with which a colour 0..255 over skin can make p. */
static float least_share(float p, float skin)
{
    return p < skin ? 1 - p / skin : p > skin ? (p - skin) / (255 - skin) : 0;
}

/* Parts the photo's pixel into rim and skin, which together are the pixel. */
static void part(cutter *k, limner_rim_layer *l, int32_t i)
{
    const int32_t x = i % k->w, y = i / k->w;
    uint8_t *px = limner_texture_at(k->person, k->x0 + x, k->y0 + y);
    uint8_t *rim = limner_texture_at(&l->texture, x, y);
    float share = k->inside[i], a;

    if (k->band[i] <= 0 || px[3] < 255)
        return;
    for (int c = 0; c < 3; c++) {
        const float skin = px[c] + k->band[i] * (k->rgb[c][i] - px[c]);

        k->rgb[c][i] = rintf(fminf(255, fmaxf(0, skin)));
        share = fmaxf(share, least_share(px[c], k->rgb[c][i]));
    }
    rim[3] = (uint8_t)ceilf(255 * share);
    a = (float)rim[3] / 255;
    for (int c = 0; c < 3; c++) {
        const float skin = k->rgb[c][i];

        rim[c] = (uint8_t)rintf(fmaxf(0, px[c] - (1 - a) * skin));
        px[c] = (uint8_t)skin;
    }
}

/* ---- mesh ------------------------------------------------------------------------------------ */

static limner_status open_nodes(limner_rim_layer *l, float cm)
{
    const float step = NODE_CM * cm;
    size_t size;

    l->n_columns = (uint32_t)ceilf((float)l->texture.w / step) + 1;
    l->n_rows = (uint32_t)ceilf((float)l->texture.h / step) + 1;
    size = (size_t)l->n_columns * l->n_rows;
    for (int c = 0; c < 3; c++) {
        l->rest[c] = limner_calloc(size, sizeof(float));
        l->at[c] = limner_calloc(size, sizeof(float));
        if (!l->rest[c] || !l->at[c])
            return LIMNER_E_NOMEM;
    }
    l->u = limner_alloc(size, sizeof(float));
    l->v = limner_alloc(size, sizeof(float));
    l->one = limner_alloc(size, sizeof(float));
    l->index = limner_alloc(6 * size, sizeof(*l->index));
    l->plane = limner_alloc(2 * size, sizeof(*l->plane));
    l->is_rim = limner_calloc(size, 1);
    if (!l->u || !l->v || !l->one || !l->is_rim || !l->index || !l->plane)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; i < size; i++) {
        l->u[i] = step * (float)(i % l->n_columns);
        l->v[i] = step * (float)(i / l->n_columns);
        l->one[i] = 1;
        l->rest[0][i] = (float)l->x0 + l->u[i];
        l->rest[1][i] = (float)l->y0 + l->v[i];
        l->rest[2][i] = LIMNER_RASTER_FAR;
    }
    return LIMNER_OK;
}

/* Depth of the nodes that triangle t of the face covers in the photo. */
static void cover(limner_rim_layer *l, const limner_rig *rig, const uint16_t *t)
{
    const float *x = rig->rest[0], *y = rig->rest[1], *z = rig->rest[2], step = l->u[1];
    const float lo[2] = {fminf(x[t[0]], fminf(x[t[1]], x[t[2]])),
                         fminf(y[t[0]], fminf(y[t[1]], y[t[2]]))};
    const float hi[2] = {fmaxf(x[t[0]], fmaxf(x[t[1]], x[t[2]])),
                         fmaxf(y[t[0]], fmaxf(y[t[1]], y[t[2]]))};
    const float area = (x[t[1]] - x[t[0]]) * (y[t[2]] - y[t[0]]) -
                       (x[t[2]] - x[t[0]]) * (y[t[1]] - y[t[0]]);
    const int32_t left = (int32_t)fmaxf(0, ceilf((lo[0] - (float)l->x0) / step));
    const int32_t top = (int32_t)fmaxf(0, ceilf((lo[1] - (float)l->y0) / step));

    if (area >= 0)                      /* turned away: y is down */
        return;
    for (int32_t r = top; r < (int32_t)l->n_rows && (float)l->y0 + step * (float)r <= hi[1]; r++) {
        for (int32_t c = left; c < (int32_t)l->n_columns && (float)l->x0 + step * (float)c <= hi[0];
             c++) {
            const float px = (float)l->x0 + step * (float)c, py = (float)l->y0 + step * (float)r;
            const float b = ((px - x[t[0]]) * (y[t[2]] - y[t[0]]) -
                             (x[t[2]] - x[t[0]]) * (py - y[t[0]])) / area;
            const float d = ((x[t[1]] - x[t[0]]) * (py - y[t[0]]) -
                             (px - x[t[0]]) * (y[t[1]] - y[t[0]])) / area;
            float *depth = &l->rest[2][(uint32_t)r * l->n_columns + (uint32_t)c];

            if (b >= 0 && d >= 0 && b + d <= 1)
                *depth = fmaxf(*depth, z[t[0]] + b * (z[t[1]] - z[t[0]]) + d * (z[t[2]] - z[t[0]]));
        }
    }
}

/* Terms of the layer's depth at (x, y), cm from its middle: a plane bent like a frame. */
static void terms_at(float x, float y, float out[N_TERMS])
{
    const float all[N_TERMS] = {1, x, y, x * x};

    memcpy(out, all, sizeof(all));
}

/* Solves m [N_TERMS][N_TERMS + 1], symmetric and positive; the last column becomes the result. */
static void solve(double m[N_TERMS][N_TERMS + 1])
{
    for (int i = 0; i < N_TERMS; i++) {
        for (int j = 0; j < N_TERMS; j++) {
            const double f = m[j][i] / m[i][i];

            for (int k = i; j != i && k <= N_TERMS; k++)
                m[j][k] -= f * m[i][k];
        }
    }
    for (int i = 0; i < N_TERMS; i++)
        m[i][N_TERMS] /= m[i][i];
}

/* Glasses are smooth: the surface nearest to the depth of the nodes that show rims, without those
 * where the skin lies far from it. */
static void smooth_depth(limner_rim_layer *l, float cm)
{
    const uint32_t size = l->n_columns * l->n_rows;
    const float *z = l->rest[2];
    double m[N_TERMS][N_TERMS + 1], fit[N_TERMS] = {0};
    float term[N_TERMS];

    for (int round = 0; round < FIT_ROUNDS; round++) {
        memset(m, 0, sizeof(m));
        for (uint32_t i = 0; i < size; i++) {
            float depth = 0, off;
            double weight;

            if (z[i] <= LIMNER_RASTER_FAR || !l->is_rim[i])
                continue;
            terms_at((l->u[i] - (float)l->texture.w / 2) / cm,
                     (l->v[i] - (float)l->texture.h / 2) / cm, term);
            for (int k = 0; k < N_TERMS; k++)
                depth += (float)fit[k] * term[k];
            off = (z[i] / cm - depth) / FAR_CM;
            weight = round ? 1 / (1 + (double)(off * off)) : 1;
            for (int j = 0; j < N_TERMS; j++) {
                for (int k = 0; k < N_TERMS; k++)
                    m[j][k] += weight * (double)(term[j] * term[k]);
                m[j][N_TERMS] += weight * (double)(term[j] * z[i] / cm);
            }
        }
        for (int k = 0; k < N_TERMS; k++)
            m[k][k] += 1e-3;
        solve(m);
        for (int k = 0; k < N_TERMS; k++)
            fit[k] = m[k][N_TERMS];
    }
    for (uint32_t i = 0; i < size; i++) {
        float depth = 0;

        terms_at((l->u[i] - (float)l->texture.w / 2) / cm,
                 (l->v[i] - (float)l->texture.h / 2) / cm, term);
        for (int k = 0; k < N_TERMS; k++)
            depth += (float)fit[k] * term[k];
        l->rest[2][i] = depth * cm;
    }
}

/* Is there any rim in the cell right and down of node i? */
static bool has_rim(const limner_rim_layer *l, uint32_t i)
{
    const float step = l->u[1];
    const int32_t left = (int32_t)l->u[i] - 1, top = (int32_t)l->v[i] - 1;
    const int32_t right = (int32_t)(l->u[i] + step) + 1, low = (int32_t)(l->v[i] + step) + 1;

    for (int32_t y = top > 0 ? top : 0; y <= low && y < l->texture.h; y++)
        for (int32_t x = left > 0 ? left : 0; x <= right && x < l->texture.w; x++)
            if (limner_texture_at(&l->texture, x, y)[3])
                return true;
    return false;
}

static limner_status open_mesh(limner_rim_layer *l, const limner_rig *rig)
{
    const limner_face_range *head = &rig->face->part[LIMNER_PART_HEAD];
    limner_status st = open_nodes(l, rig->pose_frame.scale);

    if (st < 0)
        return st;
    for (uint32_t i = 0; i < head->n_triangles; i++)
        cover(l, rig, rig->face->triangle + 3 * (head->first_triangle + i));
    for (uint32_t i = 0; i + l->n_columns < l->n_columns * l->n_rows; i++) {
        const uint16_t a = (uint16_t)i, b = (uint16_t)(i + l->n_columns);
        const uint16_t all[6] = {a, (uint16_t)(a + 1), b, (uint16_t)(a + 1), (uint16_t)(b + 1), b};

        if (i % l->n_columns + 1 == l->n_columns || !has_rim(l, i))
            continue;
        l->is_rim[a] = l->is_rim[a + 1] = l->is_rim[b] = l->is_rim[b + 1] = 1;
        memcpy(l->index + 3 * l->n_triangles, all, sizeof(all));
        l->n_triangles += 2;
    }
    smooth_depth(l, rig->pose_frame.scale);
    return limner_drawlist_open(&l->list, l->n_triangles + 1, l->n_columns * l->n_rows, l->plane, 0,
                                rig->view.h);
}

limner_status limner_rim_layer_open(limner_rim_layer *l, const limner_rig *rig,
                                    limner_texture *person)
{
    cutter k;
    limner_status st;

    memset(l, 0, sizeof(*l));
    if (!rig->glasses.is_worn || !rig->glasses.is_cut)
        return LIMNER_OK;
    st = open_cutter(&k, rig, person);
    if (st == LIMNER_OK)
        st = limner_texture_open(&l->texture, k.w, k.h);
    if (st == LIMNER_OK) {
        mark_lines(&k);
        st = fill_skin(&k);
    }
    for (int32_t i = 0; st == LIMNER_OK && i < k.w * k.h; i++)
        part(&k, l, i);
    limner_mem_free(k.block);
    if (st == LIMNER_OK) {
        limner_texture_seal(&l->texture);
        l->x0 = k.x0;
        l->y0 = k.y0;
        l->near = NEAR_CM * k.cm;
        st = open_mesh(l, rig);
    }
    l->is_any = st == LIMNER_OK;
    if (st < 0)
        limner_rim_layer_close(l);
    return st;
}

void limner_rim_layer_close(limner_rim_layer *l)
{
    limner_texture_close(&l->texture);
    limner_drawlist_close(&l->list);
    for (int c = 0; c < 3; c++) {
        limner_mem_free(l->rest[c]);
        limner_mem_free(l->at[c]);
    }
    limner_mem_free(l->u);
    limner_mem_free(l->v);
    limner_mem_free(l->one);
    limner_mem_free(l->is_rim);
    limner_mem_free(l->index);
    limner_mem_free(l->plane);
    memset(l, 0, sizeof(*l));
}

/* ---- frames ---------------------------------------------------------------------------------- */

void limner_rim_layer_update(limner_rim_layer *l, const limner_pose *pose)
{
    const limner_points p = {.n = l->n_columns * l->n_rows, .x = l->rest[0], .y = l->rest[1],
                             .z = l->rest[2], .weight = l->one, .freedom = l->one};
    const limner_mesh mesh = {.n_vertices = p.n, .n_triangles = l->n_triangles, .x = l->at[0],
                              .y = l->at[1], .z = l->at[2], .value = {l->u, l->v, l->one},
                              .index = l->index};

    limner_pose_move(pose, &p, l->at[0], l->at[1], l->at[2]);
    limner_drawlist_begin(&l->list);
    limner_drawlist_add_mesh(&l->list, &mesh);
    limner_drawlist_bin(&l->list);
}

/* Does other skin than what lies under the rims in the photo, the nose's, hide them at (u, v)? */
static bool is_hidden(const limner_rim_layer *l, const limner_places *skin, int32_t x, float u,
                      float v)
{
    const float off = fabsf(skin->u[x] - u) + fabsf(skin->v[x] - v);

    return off > l->near && off < OPENING;
}

void limner_rim_layer_row(const limner_rim_layer *l, const limner_raster_band *raster,
                          const limner_raster_band *core, const limner_places *places, int32_t y,
                          uint8_t *rgba)
{
    const ptrdiff_t at = (ptrdiff_t)(y - raster->y0) * raster->n_columns;
    const ptrdiff_t skin = (ptrdiff_t)(y - core->y0) * core->n_columns;

    for (int32_t x = raster->from; x < raster->to; x++) {
        const int32_t id = raster->id[at + x];
        uint8_t *px = rgba + 4 * x;
        float u, v, rim[4], under;

        if (id < 0)
            continue;
        u = limner_plane_at(&l->plane[id], 0, (float)x + 0.5f, (float)y + 0.5f);
        v = limner_plane_at(&l->plane[id], 1, (float)x + 0.5f, (float)y + 0.5f);
        if (core->id[skin + x] >= 0 && core->z[skin + x] > raster->z[at + x] &&
            is_hidden(l, places, x, (float)l->x0 + u, (float)l->y0 + v))
            continue;
        limner_texture_sample(&l->texture, u, v, rim);
        if (rim[3] < 0.5f)
            continue;
        under = (1 - fminf(1, rim[3] / 255)) * (float)px[3];
        for (int c = 0; c < 3; c++) {
            const float mixed = (255 * rim[c] + under * px[c]) / (fminf(255, rim[3]) + under);

            px[c] = (uint8_t)(fminf(255, fmaxf(0, mixed)) + 0.5f);
        }
        px[3] = (uint8_t)(fminf(255, rim[3]) + under + 0.5f);
    }
}
