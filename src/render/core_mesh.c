/* SPDX-License-Identifier: Apache-2.0 */
/* Choice of the core. Seen vertices sample the photo where they lie. Hidden ones would sample what
 * lies in front of them, so they take smoothly continued places instead: inner lips mirror the
 * outer lip, folded lids and the far side of the nose stretch their seen neighbours. */
#include "render/core_mesh.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"

#define FEATHER_SHARE (12.0f / 512)     /* width of the core's soft border over the canvas */
#define CLOSE_SHARE (10.0f / 512)       /* gaps in the core up to twice this are bridged */
#define BEHIND_CM 0.2f                  /* a lid's back lies behind its front, before the eye */
#define LINE_SHIFT_CM 0.15f             /* how far outside the dark line lip colour begins */

enum { FILL_ROUNDS = 120, NOSE_TIP = 4 };

typedef struct box {
    float lo[2], hi[2];                 /* cm of the mean face, x and y */
} box;

static bool is_face(uint8_t region)
{
    return region == LIMNER_REGION_FACE ||
           (region >= LIMNER_REGION_LIP_UPPER && region <= LIMNER_REGION_LID_LOWER_R);
}

static void mark_seen(limner_rig *rig, const int32_t *id, uint8_t *is_tri_seen)
{
    const size_t n = (size_t)rig->view.w * rig->view.h * LIMNER_SUPERSAMPLE * LIMNER_SUPERSAMPLE;

    for (size_t i = 0; i < n; i++) {
        if (id[i] >= 0)
            is_tri_seen[id[i]] = 1;
    }
    for (uint32_t t = 0; t < rig->face->n_triangles; t++) {
        for (int k = 0; is_tri_seen[t] && k < 3; k++)
            rig->is_seen[rig->face->triangle[3 * t + k]] = 1;
    }
}

/* Bounds of a contact line in the mean face, widened. */
static box line_box(const limner_face *face, const limner_face_contact *line, float dx, float dy)
{
    box b = {{1e9f, 1e9f}, {-1e9f, -1e9f}};

    for (uint32_t i = 0; i < 2 * line->n; i++) {
        const uint32_t v = i < line->n ? line->upper[i] : line->lower[i - line->n];

        for (int k = 0; k < 2; k++) {
            b.lo[k] = fminf(b.lo[k], face->mean[k * face->stride + v]);
            b.hi[k] = fmaxf(b.hi[k], face->mean[k * face->stride + v]);
        }
    }
    b.lo[0] -= dx;
    b.hi[0] += dx;
    b.lo[1] -= dy;
    b.hi[1] += dy;
    return b;
}

/* Around lips, lids and nose every triangle is kept: what the photo hides there comes out. */
static bool is_near(const limner_face *face, const box *boxes, int n_boxes, const uint16_t *t)
{
    for (int b = 0; b < n_boxes; b++) {
        bool is_in = true;

        for (int k = 0; k < 3; k++) {
            const float x = face->mean[t[k]], y = face->mean[face->stride + t[k]];

            is_in = is_in && x > boxes[b].lo[0] && x < boxes[b].hi[0] && y > boxes[b].lo[1] &&
                    y < boxes[b].hi[1];
        }
        if (is_in)
            return true;
    }
    return false;
}

static box nose_box(const limner_face *face)
{
    const uint32_t tip = face->landmark_vertex[3 * NOSE_TIP];
    const float x = face->mean[tip], y = face->mean[face->stride + tip];
    const box b = {{x - 2.2f, y - 1.6f}, {x + 2.2f, y + 3.0f}};

    return b;
}

static void mark_line(uint8_t *mark, const limner_face_contact *line,
                      const limner_face_loop *loop)
{
    for (uint32_t i = 0; i < line->n; i++)
        mark[line->upper[i]] = mark[line->lower[i]] = 2;
    for (uint32_t i = 0; i < loop->n; i++)
        mark[loop->vertex[i]] = 2;
}

/* is_inner: vertices of the head that cannot be reached from facial skin without crossing the line
 * of lips or lids: the rims behind the lids, the inner lips. */
static void find_inner(limner_core *c, const limner_rig *rig)
{
    enum { UNKNOWN, OUTSIDE, LINE };
    const limner_face *face = rig->face;
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];
    uint8_t *mark = c->is_inner;
    bool has_changed = true;

    for (uint32_t i = 0; i < rig->n_head; i++)
        mark[i] = face->vertex_region[i] <= LIMNER_REGION_SHOULDERS ? OUTSIDE : UNKNOWN;
    mark_line(mark, &face->lips, &face->mouth_opening);
    mark_line(mark, &face->lids[0], &face->lid_opening[0]);
    mark_line(mark, &face->lids[1], &face->lid_opening[1]);
    while (has_changed) {
        has_changed = false;
        for (uint32_t i = 0; i < head->n_triangles; i++) {
            const uint16_t *t = face->triangle + 3 * (size_t)(head->first_triangle + i);
            const bool is_out = mark[t[0]] == OUTSIDE || mark[t[1]] == OUTSIDE ||
                                mark[t[2]] == OUTSIDE;

            for (int k = 0; is_out && k < 3; k++) {
                has_changed = has_changed || mark[t[k]] == UNKNOWN;
                mark[t[k]] = mark[t[k]] == UNKNOWN ? OUTSIDE : mark[t[k]];
            }
        }
    }
    for (uint32_t i = 0; i < rig->n_head; i++)
        mark[i] = mark[i] == UNKNOWN;
}

static void choose_triangles(limner_core *c, const limner_rig *rig, const uint8_t *is_tri_seen)
{
    const limner_face *face = rig->face;
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];
    const box boxes[4] = {line_box(face, &face->lips, 0.9f, 1.2f),
                          line_box(face, &face->lids[0], 0.7f, 1.1f),
                          line_box(face, &face->lids[1], 0.7f, 1.1f), nose_box(face)};

    for (uint32_t i = head->first_triangle; i < head->first_triangle + head->n_triangles; i++) {
        const uint16_t *t = face->triangle + 3 * i;
        const uint8_t region = face->triangle_region[i];

        if (!is_face(region))
            continue;
        if (c->is_inner[t[0]] || c->is_inner[t[1]] || c->is_inner[t[2]]) {
            if (region >= LIMNER_REGION_LIP_UPPER && region <= LIMNER_REGION_LIP_INNER)
                memcpy(c->lip_index + 3 * c->n_lip_triangles++, t, 3 * sizeof(*t));
            continue;
        }
        if (is_tri_seen[i] || is_near(face, boxes, 4, t)) {
            memcpy(c->index + 3 * c->n_triangles, t, 3 * sizeof(*t));
            c->is_lid[c->n_triangles] = region >= LIMNER_REGION_LID_UPPER_L &&
                                        region <= LIMNER_REGION_LID_LOWER_R;
            c->n_triangles++;
        }
    }
}

/* Hidden vertices of the core move to the mean of their neighbours' places, again and again. */
static limner_status fill_hidden(limner_core *c, const limner_rig *rig)
{
    const size_t stride = rig->face->stride;
    float *sum = limner_alloc(3 * stride, sizeof(float));

    if (!sum)
        return LIMNER_E_NOMEM;
    for (int round = 0; round < FILL_ROUNDS; round++) {
        memset(sum, 0, 3 * stride * sizeof(float));
        for (uint32_t i = 0; i < c->n_triangles; i++) {
            const uint16_t *t = c->index + 3 * i;

            for (int k = 0; k < 6; k++) {
                const uint32_t a = t[k / 2], b = t[(k / 2 + 1 + k % 2) % 3];

                sum[a] += c->u[b];
                sum[stride + a] += c->v[b];
                sum[2 * stride + a] += 1;
            }
        }
        for (uint32_t i = 0; i < rig->n_head; i++) {
            if (rig->is_seen[i] || sum[2 * stride + i] <= 0)
                continue;
            c->u[i] = sum[i] / sum[2 * stride + i];
            c->v[i] = sum[stride + i] / sum[2 * stride + i];
        }
    }
    limner_mem_free(sum);
    return LIMNER_OK;
}

/* From a vertex of the lips' line to the nearest point of the vermilion's border, in the photo. */
static void outwards(const limner_core *c, const limner_rig *rig, uint32_t v, bool is_upper,
                     float out[2])
{
    const limner_face *face = rig->face;
    const float *m = face->mean;
    float best = 1e9f;
    uint32_t to = v;

    for (uint32_t i = 0; i < face->lip_border.n; i++) {
        const uint32_t b = face->lip_border.vertex[i];
        const float dx = m[b] - m[v], dy = m[face->stride + b] - m[face->stride + v];
        const float d = dx * dx * 4 + dy * dy;

        if (d < best && (dy > 0) == is_upper) {
            best = d;
            to = b;
        }
    }
    out[0] = c->u[to] - c->u[v];
    out[1] = c->v[to] - c->v[v];
}

/* Inner lips that the photo hides continue the outer lip, mirrored at the line. */
static void mirror_lips(limner_core *c, const limner_rig *rig)
{
    const limner_contact *lips = &rig->lips;
    const float px_per_cm = rig->pose_frame.scale;
    const limner_face *face = rig->face;

    for (uint32_t i = 0; i < lips->n_bound; i++) {
        const limner_contact_bind *b = &lips->bound[i];
        const bool is_upper = b->weight[0] > 0;
        const uint32_t line = is_upper ? lips->line->upper[b->pair[0]]
                                       : lips->line->lower[b->pair[0]];
        const bool is_line = b->vertex == line;
        float out[2], len, d, dx, dy, dz;

        if (!is_line && !c->is_inner[b->vertex])
            continue;
        outwards(c, rig, line, is_upper, out);
        len = hypotf(out[0], out[1]);
        if (len < 1e-3f)
            continue;
        dx = face->mean[b->vertex] - face->mean[line];
        dy = face->mean[face->stride + b->vertex] - face->mean[face->stride + line];
        dz = face->mean[2 * face->stride + b->vertex] - face->mean[2 * face->stride + line];
        d = fminf((sqrtf(dx * dx + dy * dy + dz * dz)) * px_per_cm, 0.7f * len) / len;
        if (!is_line) {
            c->u[b->vertex] = c->u[line] + d * out[0];
            c->v[b->vertex] = c->v[line] + d * out[1];
        }
        if (is_line)
            c->shift[c->n_shifts++] = (limner_lip_shift){
            .vertex = b->vertex, .pair = b->pair[0],
            .dx = out[0] / len * fminf(LINE_SHIFT_CM * px_per_cm, 0.3f * len),
            .dy = out[1] / len * fminf(LINE_SHIFT_CM * px_per_cm, 0.3f * len)};
    }
}

static float above_edge(const limner_contact *c, uint32_t pair, const float *x, const float *y,
                        uint32_t v)
{
    const uint32_t edge = c->line->upper[pair];

    return (x[v] - x[edge]) * c->up[0] + (y[v] - y[edge]) * c->up[1];
}

/* Lists the upper lids' vertices with the top of their column. */
static void list_lids(limner_core *c, const limner_rig *rig)
{
    for (int side = 0; side < 2; side++) {
        const limner_contact *lid = &rig->lids[side];
        const uint8_t region = side == LIMNER_SIDE_LEFT ? LIMNER_REGION_LID_UPPER_L
                                                        : LIMNER_REGION_LID_UPPER_R;
        const uint32_t first = c->n_stretches;
        uint16_t top[LIMNER_CONTACT_MAX] = {0};
        float height[LIMNER_CONTACT_MAX] = {0};

        for (uint32_t i = 0; i < lid->n_bound; i++) {
            const limner_contact_bind *b = &lid->bound[i];
            const float h = above_edge(lid, b->pair[0], c->u, c->v, b->vertex);

            if (rig->face->vertex_region[b->vertex] != region || b->weight[0] <= 0 || h <= 0)
                continue;
            c->stretch[c->n_stretches++] = (limner_lid_stretch){
                .vertex = b->vertex, .pair = b->pair[0], .side = (uint8_t)side, .rest = h};
            if (h > height[b->pair[0]]) {
                height[b->pair[0]] = h;
                top[b->pair[0]] = b->vertex;
            }
        }
        for (uint32_t i = first; i < c->n_stretches; i++) {
            c->stretch[i].top = top[c->stretch[i].pair];
            c->stretch[i].rest_top = height[c->stretch[i].pair];
        }
    }
}

/* A height q of a lid now Q high, R in the photo, samples R (1 - (1 - q / Q)^(Q / R)): unstretched
 * at the edge, whole at the fold. */
static void stretch_lids(limner_core *c, const limner_rig *rig)
{
    const float most = 4;

    for (uint32_t i = 0; i < c->n_stretches; i++) {
        const limner_lid_stretch *s = &c->stretch[i];
        const limner_contact *lid = &rig->lids[s->side];
        const float *x = rig->still[0], *y = rig->still[1];
        const float q_top = above_edge(lid, s->pair, x, y, s->top);
        const float q = above_edge(lid, s->pair, x, y, s->vertex);
        const float n = fminf(most, q_top / fmaxf(s->rest_top, 1e-3f));
        float part, place;

        if (n <= 1 || q <= 0)
            continue;
        part = fminf(1, q / q_top);
        place = s->rest_top * (1 - powf(1 - part, n)) - s->rest_top * part;
        c->frame_u[s->vertex] += place * lid->up[0];
        c->frame_v[s->vertex] += place * lid->up[1];
    }
}

/* d: 5 times the distance in px to the nearest pixel of value `to` (Borgefors 1986, chamfer weights
 * 5 and 7). */
static void find_distance(int32_t *d, const uint8_t *mask, uint8_t to, int32_t w, int32_t h)
{
    for (int32_t i = 0; i < w * h; i++)
        d[i] = mask[i] == to ? 0 : 1 << 20;
    for (int pass = 0; pass < 2; pass++) {
        for (int32_t n = 0; n < w * h; n++) {
            const int32_t i = pass ? w * h - 1 - n : n, x = i % w, y = i / w;
            const int32_t side = pass ? 1 : -1, ys = y + side;
            int32_t best = d[i];

            if (x + side >= 0 && x + side < w)
                best = best < d[i + side] + 5 ? best : d[i + side] + 5;
            for (int32_t k = -1; ys >= 0 && ys < h && k <= 1; k++) {
                if (x + k >= 0 && x + k < w) {
                    const int32_t v = d[ys * w + x + k] + (k ? 7 : 5);

                    best = best < v ? best : v;
                }
            }
            d[i] = best;
        }
    }
}

/* Pixels of value 0 that cannot be reached from the picture's border become 255. */
static void fill_holes(uint8_t *mask, int32_t w, int32_t h)
{
    enum { REACHED = 1 };
    bool has_changed = true;

    for (int32_t i = 0; i < w * h; i++) {
        const int32_t x = i % w, y = i / w;

        if (!mask[i] && (!x || !y || x == w - 1 || y == h - 1))
            mask[i] = REACHED;
    }
    while (has_changed) {
        has_changed = false;
        for (int32_t n = 0; n < 2 * w * h; n++) {
            const int32_t i = n < w * h ? n : 2 * w * h - 1 - n;

            if (mask[i])
                continue;
            if (mask[i - 1] == REACHED || mask[i + 1] == REACHED || mask[i - w] == REACHED ||
                mask[i + w] == REACHED) {
                mask[i] = REACHED;
                has_changed = true;
            }
        }
    }
    for (int32_t i = 0; i < w * h; i++)
        mask[i] = mask[i] == REACHED ? 0 : 255;
}

/* Keeps the one piece of the mask that holds pixel (x, y), if it holds any. */
static void keep_piece(uint8_t *mask, int32_t w, int32_t h, int32_t x, int32_t y)
{
    enum { KEPT = 1 };
    bool has_changed = true;

    if (x < 0 || x >= w || y < 0 || y >= h || !mask[y * w + x])
        return;
    mask[y * w + x] = KEPT;
    while (has_changed) {
        has_changed = false;
        for (int32_t n = 0; n < 2 * w * h; n++) {
            const int32_t i = n < w * h ? n : 2 * w * h - 1 - n, px = i % w, py = i / w;

            if (mask[i] != 255)
                continue;
            if ((px > 0 && mask[i - 1] == KEPT) || (px + 1 < w && mask[i + 1] == KEPT) ||
                (py > 0 && mask[i - w] == KEPT) || (py + 1 < h && mask[i + w] == KEPT)) {
                mask[i] = KEPT;
                has_changed = true;
            }
        }
    }
    for (int32_t i = 0; i < w * h; i++)
        mask[i] = mask[i] == KEPT ? 255 : 0;
}

/* In place: from 0 (outside) or 255 to a smooth ramp of `width` px inside the border. Gaps narrower
 * than 2 `close` and holes are filled first. */
static limner_status soften(uint8_t *mask, int32_t w, int32_t h, float close, float width)
{
    int32_t *d = limner_alloc((size_t)w * h, sizeof(*d));

    if (!d)
        return LIMNER_E_NOMEM;
    find_distance(d, mask, 255, w, h);
    for (int32_t i = 0; i < w * h; i++)
        mask[i] = (float)d[i] <= 5 * close ? 255 : 0;
    fill_holes(mask, w, h);
    find_distance(d, mask, 0, w, h);
    for (int32_t i = 0; i < w * h; i++) {
        const float t = fminf(1, fmaxf(0, ((float)d[i] / 5 - close - 1) / width));

        mask[i] = (uint8_t)lrintf(255 * t * t * (3 - 2 * t));
    }
    limner_mem_free(d);
    return LIMNER_OK;
}

/* Depth's slope of a model triangle in the photo: px per px. */
static float slope_of(const limner_rig *rig, uint32_t t)
{
    const uint16_t *v = rig->face->triangle + 3 * (size_t)t;
    const float *x = rig->rest[0], *y = rig->rest[1], *z = rig->rest[2];
    const float ax = x[v[1]] - x[v[0]], ay = y[v[1]] - y[v[0]], az = z[v[1]] - z[v[0]];
    const float bx = x[v[2]] - x[v[0]], by = y[v[2]] - y[v[0]], bz = z[v[2]] - z[v[0]];
    const float area = ax * by - ay * bx;

    return hypotf(az * by - bz * ay, bz * ax - az * bx) / fmaxf(fabsf(area), 1e-3f);
}

/* Where the core is front-most in the photo; holes of eyes and mouth count as core. */
static limner_status make_feather(limner_core *c, const limner_rig *rig, const int32_t *id,
                                  const uint8_t *is_core)
{
    const int32_t w = rig->view.w, h = rig->view.h, q = LIMNER_SUPERSAMPLE;

    c->feather = limner_calloc((size_t)w * h, 1);
    if (!c->feather)
        return LIMNER_E_NOMEM;
    for (int32_t y = 0; y < h; y++) {
        for (int32_t x = 0; x < w; x++) {
            const int32_t t = id[(size_t)(y * q) * (w * q) + x * q];

            c->feather[y * w + x] = t >= 0 && is_core[t] ? 255 : 0;
        }
    }
    return LIMNER_OK;
}

/* Sets pixels of the polygon strip between a contact's two lines. */
static void fill_opening(uint8_t *mask, const limner_rig *rig, const limner_face_contact *line)
{
    const int32_t w = rig->view.w, h = rig->view.h;

    for (uint32_t i = 0; i + 1 < line->n; i++) {
        const uint32_t a = line->upper[i], b = line->upper[i + 1];
        const float x0 = fminf(rig->rest[0][a], rig->rest[0][b]) - 2;
        const float x1 = fmaxf(rig->rest[0][a], rig->rest[0][b]) + 2;
        const float y0 = fminf(rig->rest[1][a], rig->rest[1][b]) - 2;
        const float y1 = fmaxf(rig->rest[1][line->lower[i]], rig->rest[1][line->lower[i + 1]]) + 2;

        for (int32_t y = (int32_t)fmaxf(0, y0); y < (int32_t)fminf((float)h, y1); y++) {
            for (int32_t x = (int32_t)fmaxf(0, x0); x < (int32_t)fminf((float)w, x1); x++)
                mask[y * w + x] = 255;
        }
    }
}

static uint8_t feather_at(const limner_core *c, const limner_view *view, float x, float y)
{
    const int32_t ix = (int32_t)x, iy = (int32_t)y;
    const bool is_in = ix >= 0 && ix < view->w && iy >= 0 && iy < view->h;

    return is_in ? c->feather[iy * view->w + ix] : 0;
}

/* Tells inner triangles from those at the soft border and drops those beyond it. */
static void sort_triangles(limner_core *c, const limner_rig *rig)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < c->n_triangles; i++) {
        const uint16_t *t = c->index + 3 * (size_t)i;
        uint8_t least = 255, most = 0;

        for (int k = 0; k < 3; k++) {
            const uint8_t f = feather_at(c, &rig->view, c->u[t[k]], c->v[t[k]]);

            least = f < least ? f : least;
            most = f > most ? f : most;
        }
        if (!most)
            continue;
        memmove(c->index + 3 * (size_t)n, t, 3 * sizeof(*t));
        c->is_lid[n] = c->is_lid[i];
        c->kind[n++] = least < 255 ? LIMNER_CORE_EDGE : LIMNER_CORE_SKIN;
    }
    c->n_triangles = n;
}

/* Triangles that make the core's area: face, but not where its side turns away steeply. There the
 * sheet, whose depth is gentler, takes over: it stretches where the mesh would tear. */
static void mark_core(const limner_rig *rig, uint8_t *is_core)
{
    const limner_face *face = rig->face;
    const box boxes[4] = {line_box(face, &face->lips, 0.9f, 1.2f),
                          line_box(face, &face->lids[0], 0.7f, 1.1f),
                          line_box(face, &face->lids[1], 0.7f, 1.1f), nose_box(face)};

    memset(is_core, 0, face->n_triangles);
    for (uint32_t t = 0; t < face->n_triangles; t++) {
        if (is_face(face->triangle_region[t]))
            is_core[t] = slope_of(rig, t) < LIMNER_SHEET_SLOPE ||
                         is_near(face, boxes, 4, face->triangle + 3 * (size_t)t);
    }
}

static limner_status build(limner_core *c, limner_rig *rig, int32_t *id, uint8_t *is_tri_seen)
{
    const limner_face *face = rig->face;
    const uint32_t tip = face->landmark_vertex[3 * NOSE_TIP];
    limner_status st = limner_rig_draw_photo(rig, id);

    if (st < 0)
        return st;
    mark_seen(rig, id, is_tri_seen);
    find_inner(c, rig);
    choose_triangles(c, rig, is_tri_seen);
    memcpy(c->u, rig->rest[0], face->stride * sizeof(float));
    memcpy(c->v, rig->rest[1], face->stride * sizeof(float));
    st = fill_hidden(c, rig);
    if (st < 0)
        return st;
    mirror_lips(c, rig);
    list_lids(c, rig);
    memset(is_tri_seen, 0, face->n_triangles);
    mark_core(rig, is_tri_seen);
    st = make_feather(c, rig, id, is_tri_seen);
    if (st < 0)
        return st;
    fill_opening(c->feather, rig, &face->lips);
    fill_opening(c->feather, rig, &face->lids[0]);
    fill_opening(c->feather, rig, &face->lids[1]);
    keep_piece(c->feather, rig->view.w, rig->view.h, (int32_t)c->u[tip], (int32_t)c->v[tip]);
    st = soften(c->feather, rig->view.w, rig->view.h, CLOSE_SHARE * (float)rig->view.w,
                FEATHER_SHARE * (float)rig->view.w);
    if (st < 0)
        return st;
    sort_triangles(c, rig);
    return LIMNER_OK;
}

limner_status limner_core_open(limner_core *c, limner_rig *rig)
{
    const limner_face *face = rig->face;
    const size_t n = (size_t)rig->view.w * rig->view.h * LIMNER_SUPERSAMPLE * LIMNER_SUPERSAMPLE;
    const uint32_t n_max = face->part[LIMNER_PART_HEAD].n_triangles;
    int32_t *id = limner_alloc(n, sizeof(*id));
    uint8_t *is_tri_seen = limner_calloc(face->n_triangles, 1);
    limner_status st = LIMNER_E_NOMEM;

    memset(c, 0, sizeof(*c));
    c->index = limner_calloc((size_t)n_max * 3, sizeof(*c->index));
    c->kind = limner_calloc(n_max, 1);
    c->lip_index = limner_calloc((size_t)n_max * 3, sizeof(*c->lip_index));
    c->is_inner = limner_calloc(face->stride, 1);
    c->is_lid = limner_calloc(n_max, 1);
    c->u = limner_calloc(face->stride, sizeof(float));
    c->v = limner_calloc(face->stride, sizeof(float));
    c->frame_u = limner_calloc(face->stride, sizeof(float));
    c->frame_v = limner_calloc(face->stride, sizeof(float));
    c->shift = limner_calloc(rig->lips.n_bound + 1, sizeof(*c->shift));
    c->stretch = limner_calloc(rig->lids[0].n_bound + rig->lids[1].n_bound + 1,
                               sizeof(*c->stretch));
    if (id && is_tri_seen && c->index && c->kind && c->is_lid && c->lip_index && c->is_inner && c->u && c->v && c->frame_u && c->frame_v &&
        c->shift && c->stretch)
        st = build(c, rig, id, is_tri_seen);
    limner_mem_free(id);
    limner_mem_free(is_tri_seen);
    if (st < 0)
        limner_core_close(c);
    return st;
}

void limner_core_texture(limner_core *c, const limner_rig *rig)
{
    const float full = 0.12f * rig->pose_frame.scale;   /* opening at which the shift is whole */

    memcpy(c->frame_u, c->u, rig->n_head * sizeof(float));
    memcpy(c->frame_v, c->v, rig->n_head * sizeof(float));
    for (uint32_t i = 0; i < c->n_shifts; i++) {
        const limner_lip_shift *s = &c->shift[i];
        const float more = rig->lips.gap[s->pair] - fmaxf(0, rig->lips.photo_gap[s->pair]);
        const float t = fminf(1, fmaxf(0, more / full));

        c->frame_u[s->vertex] += t * s->dx;
        c->frame_v[s->vertex] += t * s->dy;
    }
    stretch_lids(c, rig);
}

/* Adds one triangle with vertices t in the raster's order; false: turned away. */
static bool add(const limner_core *c, const limner_corners *k, const uint16_t t[3],
                const float *light, uint8_t kind, limner_drawlist *list)
{
    limner_plane *p = limner_drawlist_add(list, k, kind);

    if (!p)
        return false;
    limner_plane_set(p, k, 0, c->frame_u[t[0]], c->frame_u[t[1]], c->frame_u[t[2]]);
    limner_plane_set(p, k, 1, c->frame_v[t[0]], c->frame_v[t[1]], c->frame_v[t[2]]);
    limner_plane_set(p, k, 2, light[t[0]], light[t[1]], light[t[2]]);
    return true;
}

void limner_core_draw(const limner_core *c, const limner_rig *rig, const float *light,
                      limner_drawlist *list)
{
    const float behind = BEHIND_CM * rig->pose_frame.scale;

    for (uint32_t i = 0; i < c->n_triangles; i++) {
        const uint16_t *t = c->index + 3 * (size_t)i, swapped[3] = {t[0], t[2], t[1]};
        limner_corners k = limner_rig_corners(rig->at, t);

        if (add(c, &k, swapped, light, c->kind[i], list) || !c->is_lid[i])
            continue;
        /* A closing lid may fold over itself: its back fills what would be a hole. */
        k = limner_rig_corners(rig->at, swapped);
        for (int n = 0; n < 3; n++)
            k.z[n] -= behind;
        add(c, &k, t, light, c->kind[i], list);
    }
}

void limner_core_close(limner_core *c)
{
    limner_mem_free(c->index);
    limner_mem_free(c->kind);
    limner_mem_free(c->lip_index);
    limner_mem_free(c->is_inner);
    limner_mem_free(c->is_lid);
    limner_mem_free(c->u);
    limner_mem_free(c->v);
    limner_mem_free(c->frame_u);
    limner_mem_free(c->frame_v);
    limner_mem_free(c->feather);
    limner_mem_free(c->shift);
    limner_mem_free(c->stretch);
    memset(c, 0, sizeof(*c));
}
