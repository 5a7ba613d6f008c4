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
