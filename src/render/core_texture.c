/* SPDX-License-Identifier: Apache-2.0 */
/* Where the core's vertices take their colour (core_mesh.h). Seen vertices sample the photo where
 * they lie. Hidden ones would sample what lies in front of them, so they take smoothly continued
 * places instead: inner lips mirror the outer lip, folded lids and the far side of the nose stretch
 * their seen neighbours. */
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "render/core_mesh.h"

#define LINE_SHIFT_CM 0.15f             /* how far outside the dark line lip colour begins */

#define NOSTRIL_FACING (-0.1f)          /* normals that look down at least so far */

enum { FILL_ROUNDS = 120, NOSTRIL_ROUNDS = 6, LANDMARK_NOSE_TIP = 4 };

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

/* Place of a point along a lid, px. */
static float along(const limner_contact *c, float x, float y)
{
    return x * -c->up[1] + y * c->up[0];
}

/* Height of vertex v over the upper lid's edge at column `pair` + share. */
static float above_edge(const limner_contact *c, const limner_lid_stretch *s, const float *x,
                        const float *y)
{
    const uint32_t a = c->line->upper[s->pair], b = c->line->upper[s->pair + 1];
    const float ex = x[a] + s->share * (x[b] - x[a]), ey = y[a] + s->share * (y[b] - y[a]);

    return (x[s->vertex] - ex) * c->up[0] + (y[s->vertex] - ey) * c->up[1];
}

/* Finds the column of a lid's vertex; beyond the corners it is the corner's. */
static void find_column(const limner_contact *lid, const float *x, const float *y,
                        limner_lid_stretch *s)
{
    const float at = along(lid, x[s->vertex], y[s->vertex]);

    s->pair = 0;
    s->share = 0;
    for (uint32_t i = 0; i + 1 < lid->n; i++) {
        const uint32_t a = lid->line->upper[i], b = lid->line->upper[i + 1];
        const float from = along(lid, x[a], y[a]), step = along(lid, x[b], y[b]) - from;
        const float t = fabsf(step) < 1e-3f ? 0 : (at - from) / step;

        if (t < 0 && i > 0)
            continue;
        if (t >= 0) {
            s->pair = (uint16_t)i;
            s->share = fminf(t, 1);
        }
        if (t < 1)
            break;
    }
}

/* Lists the upper lids' vertices above their edges. */
static void list_lids(limner_core *c, const limner_rig *rig)
{
    for (int side = 0; side < 2; side++) {
        const limner_contact *lid = &rig->lids[side];
        const uint8_t region = side == LIMNER_SIDE_LEFT ? LIMNER_REGION_LID_UPPER_L
                                                        : LIMNER_REGION_LID_UPPER_R;

        for (uint32_t i = 0; i < lid->n_bound; i++) {
            const limner_contact_bind *b = &lid->bound[i];
            limner_lid_stretch s = {.vertex = b->vertex, .side = (uint8_t)side};

            if (rig->face->vertex_region[b->vertex] != region || b->weight[0] <= 0)
                continue;
            find_column(lid, c->u, c->v, &s);
            s.rest = above_edge(lid, &s, c->u, c->v);
            if (s.rest > 0 && limner_glasses_hold(&rig->glasses, c->u[b->vertex],
                                                  c->v[b->vertex]) < 0.5f)
                c->stretch[c->n_stretches++] = s;
        }
    }
}

/* What a lid that came down by g shows at the height q over its edge lies in the photo at
 * q R / (R + g), R the height up to which its skin moves: drawn out evenly, column by column. The
 * mesh alone, whose vertices lie far apart there, would bend creases. */
static void stretch_lids(limner_core *c, const limner_rig *rig)
{
    const float reach = LIMNER_LID_MOVES_CM * rig->pose_frame.scale;

    for (uint32_t i = 0; i < c->n_stretches; i++) {
        const limner_lid_stretch *s = &c->stretch[i];
        const limner_contact *lid = &rig->lids[s->side];
        const float *gap = lid->gap + s->pair, *photo = lid->photo_gap + s->pair;
        const float now = gap[0] + s->share * (gap[1] - gap[0]);
        const float rest = photo[0] + s->share * (photo[1] - photo[0]);
        const float down = fmaxf(0, rest) - now;
        const float q = fmaxf(0, above_edge(lid, s, rig->still[0], rig->still[1]));
        float share, shift;

        if (down <= 0)
            continue;
        share = fminf(1, 4 * down / reach) * fminf(1, fmaxf(0, 5 * (1 - q / (reach + down))));
        shift = share * (q * reach / (reach + down) - s->rest);
        c->frame_u[s->vertex] += shift * lid->up[0];
        c->frame_v[s->vertex] += shift * lid->up[1];
    }
}

static float luma_at(const limner_core *c, const limner_texture *photo, uint32_t v)
{
    float rgba[4];

    limner_texture_sample(photo, c->u[v], c->v[v], rgba);
    return rgba[0] + rgba[1] + rgba[2];
}

/* Hidden skin under the nose lies inside the nostrils: it takes the darkest place around. */
static limner_status darken_nostrils(limner_core *c, const limner_rig *rig)
{
    const limner_face *face = rig->face;
    const size_t stride = face->stride;
    const uint32_t tip = face->landmark_vertex[3 * LANDMARK_NOSE_TIP];
    const float *x = face->mean, *y = face->mean + stride;
    float *normal = limner_alloc(3 * stride, sizeof(float));

    if (!normal)
        return LIMNER_E_NOMEM;
    limner_face_normals(face, face->mean, normal);
    for (int round = 0; round < NOSTRIL_ROUNDS; round++) {
        for (uint32_t i = 0; i < 3 * c->n_triangles; i++) {
            const uint32_t a = c->index[i], b = c->index[i % 3 == 2 ? i - 2 : i + 1];

            if (rig->is_seen[a] || normal[stride + a] > NOSTRIL_FACING ||
                fabsf(x[a] - x[tip]) > 1.6f || y[a] > y[tip] + 0.3f || y[a] < y[tip] - 1.3f ||
                luma_at(c, rig->texture, b) >= luma_at(c, rig->texture, a))
                continue;
            c->u[a] = c->u[b];
            c->v[a] = c->v[b];
        }
    }
    limner_mem_free(normal);
    return LIMNER_OK;
}

limner_status limner_core_texture_open(limner_core *c, const limner_rig *rig)
{
    const size_t stride = rig->face->stride;
    limner_status st;

    memcpy(c->u, rig->rest[0], stride * sizeof(float));
    memcpy(c->v, rig->rest[1], stride * sizeof(float));
    st = fill_hidden(c, rig);
    if (st < 0)
        return st;
    st = darken_nostrils(c, rig);
    if (st < 0)
        return st;
    mirror_lips(c, rig);
    list_lids(c, rig);
    return LIMNER_OK;
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
