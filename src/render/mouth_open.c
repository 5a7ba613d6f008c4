/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the inside of a mouth (mouth.h): its triangles, the tissues' own colours and what they do
 * with light, from the portrait's colours (0..255). The inner lips continue the photo's lips. */
#include "render/mouth.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "render/mouth_tissue.h"
#include "render/teeth_light.h"

#define DEPTH_REACH_CM 1.7f             /* light halves within this depth, */
#define TONGUE_REACH_CM 3.2f            /* on the tongue, which lies in the middle, in this */
#define INNER_LIP_OWN 0.4f              /* share of its colour that is the lips' beside it */
#define INNER_LIP_LEAST 0.9f            /* of the lips' colour: darker is the line between them */
#define CONTACT_DARK 0.5f               /* of the lips' colour: where they almost meet */
#define FULL_RED 0.35f                  /* red over green, of the brightness: as a tongue's is */
#define LEAST_FLESH 0.15f               /* no flesh is darker than this share of the tongue */
#define RIM_CM 0.10f                    /* the moist inner edge of the lower lip shows this wide, */
#define RIM_SHADE_CM 0.09f              /* the upper lip's, in its own shade, this wide */
#define RIM_LEAST_PX 1.2f               /* or this; */
#define RIM_SOFT 0.5f                   /* this much wider in the softest photo, */
#define ROUND_LIPS_CM 0.8f              /* judged so far around the lips */
#define INNER_LIP_RED 0.5f              /* its share of the tongue's colour */
#define RIM 0.82f                       /* brightness of the lower rim over the lip */

static const limner_face_part parts[] = {
    LIMNER_PART_MOUTH, LIMNER_PART_GUMS, LIMNER_PART_TONGUE, LIMNER_PART_TEETH_UPPER,
    LIMNER_PART_TEETH_LOWER
};

static const uint16_t cheek_landmark[2] = {205, 425};

enum { N_PARTS = sizeof(parts) / sizeof(parts[0]) };

static bool alloc_arrays(limner_mouth *m, const limner_face *face, uint32_t n_lip_triangles)
{
    bool is_ok;

    m->first_vertex = face->n_vertices;
    for (int i = 0; i < N_PARTS; i++) {
        const limner_face_range *p = &face->part[parts[i]];

        m->n_triangles += p->n_triangles;
        if (p->first_vertex < m->first_vertex)
            m->first_vertex = p->first_vertex;
        if (p->first_vertex + p->n_vertices > m->n_vertices)
            m->n_vertices = p->first_vertex + p->n_vertices;
    }
    m->n_triangles += n_lip_triangles;
    /* The socket shares the lips' vertices: keep the arrays as long as the model's. */
    m->first_vertex = 0;
    m->index = limner_alloc(m->n_triangles, 3 * sizeof(*m->index));
    m->facing = limner_calloc(m->n_vertices, 3 * sizeof(float));
    m->gloss = limner_calloc(m->n_vertices, sizeof(float));
    m->relief = limner_calloc(m->n_vertices, sizeof(float));
    m->reach = limner_calloc(m->n_vertices, sizeof(float));
    m->crown = limner_calloc(face->stride, sizeof(float));
    m->used = limner_alloc(m->n_vertices, sizeof(*m->used));
    is_ok = m->index && m->used && m->facing && m->gloss && m->relief && m->reach && m->crown;
    for (int k = 0; k < 3; k++) {
        m->tint[k] = limner_calloc(m->n_vertices, sizeof(float));
        m->rgb[k] = limner_calloc(m->n_vertices, sizeof(float));
        is_ok = is_ok && m->tint[k] && m->rgb[k];
    }
    return is_ok;
}

/* Inner lips continue the lips' own colours, but for the dark line where they meet in the photo. */
static void colour_inner_lips(limner_mouth *m, const limner_rig *rig, const limner_core *core,
                              const limner_appearance *app)
{
    for (uint32_t i = 0; i < 3 * core->n_lip_triangles; i++) {
        const uint32_t v = core->lip_index[i];
        float rgba[4], moist[3];

        if (!core->is_inner[v])
            continue;
        limner_texture_sample(m->own.photo, core->u[v], core->v[v], rgba);
        limner_tissue_colour(rig->face->vertex_region[v], app, moist);
        for (int k = 0; k < 3; k++) {
            const float lip = LIMNER_INNER_LIP * fmaxf(rgba[k], INNER_LIP_LEAST * app->lip_rgb[k]);

            m->tint[k][v] = moist[k] + INNER_LIP_OWN * (lip - moist[k]);
        }
    }
}

static void collect(limner_mouth *m, const limner_rig *rig, const limner_core *core,
                    const limner_appearance *app)
{
    const limner_face *face = rig->face;
    uint32_t n = 0;

    for (int i = 0; i < N_PARTS; i++) {
        const limner_face_range *p = &face->part[parts[i]];

        memcpy(m->index + 3 * (size_t)n, face->triangle + 3 * (size_t)p->first_triangle,
               3 * sizeof(*m->index) * p->n_triangles);
        if (parts[i] == LIMNER_PART_TONGUE) {
            m->first_tongue = n;
            m->end_tongue = n + p->n_triangles;
        }
        if (parts[i] == LIMNER_PART_TEETH_UPPER)
            m->first_tooth = n;
        if (parts[i] == LIMNER_PART_TEETH_LOWER)
            m->first_lower_tooth = n;
        n += p->n_triangles;
    }
    m->end_tooth = n;
    memcpy(m->index + 3 * (size_t)n, core->lip_index,
           3 * sizeof(*m->index) * core->n_lip_triangles);
    for (uint32_t i = 0; i < m->n_vertices; i++) {
        const bool is_tongue = face->vertex_region[i] == LIMNER_REGION_TONGUE;

        m->crown[i] = is_tongue ? limner_tissue_tongue(face->mean[i]) : 1;
        m->reach[i] = is_tongue ? TONGUE_REACH_CM : DEPTH_REACH_CM;
    }
    for (uint32_t i = 0; i < 3 * m->n_triangles; i++) {
        float rgb[3];

        limner_tissue_colour(face->vertex_region[m->index[i]], app, rgb);
        m->relief[m->index[i]] = limner_tissue_relief(face->vertex_region[m->index[i]]);
        m->gloss[m->index[i]] = limner_tissue_gloss(face->vertex_region[m->index[i]], app);
        for (int k = 0; k < 3; k++)
            m->tint[k][m->index[i]] = rgb[k];
    }
    colour_inner_lips(m, rig, core, app);
}

/* Lists the vertices that triangles have: they alone have a relief. */
static void list_used(limner_mouth *m)
{
    for (uint32_t i = 0; i < m->n_vertices; i++) {
        if (m->relief[i] > 0)
            m->used[m->n_used++] = (uint16_t)i;
    }
}

/* Normals in the photo, canvas axes with y up. */
static void find_facing(limner_mouth *m, const limner_rig *rig)
{
    const float *x = rig->rest[0], *y = rig->rest[1], *z = rig->rest[2];

    for (uint32_t i = 0; i < m->n_triangles; i++) {
        const uint32_t a = m->index[3 * i], b = m->index[3 * i + 1], c = m->index[3 * i + 2];
        const float ux = x[b] - x[a], uy = y[a] - y[b], uz = z[b] - z[a];
        const float vx = x[c] - x[a], vy = y[a] - y[c], vz = z[c] - z[a];
        const float n[3] = {uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx};

        for (int k = 0; k < 9; k++)
            m->facing[3 * (size_t)m->index[3 * i + (uint32_t)k / 3] + k % 3] += n[k % 3];
    }
    for (uint32_t i = 0; i < m->n_vertices; i++) {
        float *n = m->facing + 3 * (size_t)i;
        const float len = sqrtf(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]) + 1e-9f;

        for (int k = 0; k < 3; k++)
            n[k] /= len;
    }
}

/* Widths of the rims: wider in a soft photo, whose own edges are. */
static void find_rims(limner_mouth *m, const limner_rig *rig, const limner_texture *photo)
{
    const uint16_t *line = rig->lips.line->upper;
    const uint32_t ends[2] = {line[0], line[rig->lips.n - 1]};
    const float cm = rig->pose_frame.scale, *x = rig->rest[0], *y = rig->rest[1];
    const float lo[2] = {fminf(x[ends[0]], x[ends[1]]) - ROUND_LIPS_CM * cm,
                         fminf(y[ends[0]], y[ends[1]]) - ROUND_LIPS_CM * cm};
    const float hi[2] = {fmaxf(x[ends[0]], x[ends[1]]) + ROUND_LIPS_CM * cm,
                         fmaxf(y[ends[0]], y[ends[1]]) + ROUND_LIPS_CM * cm};
    const float soft = 1 + RIM_SOFT * limner_mouth_softness(photo, lo, hi);

    m->rim_px[0] = soft * fmaxf(RIM_SHADE_CM * cm, RIM_LEAST_PX);
    m->rim_px[1] = soft * fmaxf(RIM_CM * cm, RIM_LEAST_PX);
}

static void open_grain(limner_mouth *m, const limner_rig *rig, const limner_appearance *app,
                       const limner_texture *photo)
{
    float cheek[2][2];

    for (int side = 0; side < 2; side++) {
        const float *at = app->landmarks[cheek_landmark[side]];

        cheek[side][0] = at[0] * rig->view.k + rig->view.x;
        cheek[side][1] = at[1] * rig->view.k + rig->view.y;
    }
    limner_mouth_grain_open(&m->grain, photo, cheek);
}

static limner_status light_teeth(limner_mouth *m, const limner_face *face,
                                 const limner_appearance *app)
{
    const limner_teeth_light l = {m->facing, m->red, m->crown, m->gloss,
                                  {m->tint[0], m->tint[1], m->tint[2]}};

    return limner_teeth_light_up(&l, face, app);
}

limner_status limner_mouth_open(limner_mouth *m, const limner_rig *rig, const limner_core *core,
                                const limner_appearance *app, const limner_texture *photo)
{
    memset(m, 0, sizeof(*m));
    if (limner_photo_mouth_open(&m->own, rig, photo, app->teeth_seen) < 0 ||
        !alloc_arrays(m, rig->face, core->n_lip_triangles)) {
        limner_mouth_close(m);
        return LIMNER_E_NOMEM;
    }
    collect(m, rig, core, app);
    list_used(m);
    find_facing(m, rig);
    m->red = fminf(1, fmaxf(0, (app->tongue_rgb[0] - app->tongue_rgb[1]) /
                               fmaxf(FULL_RED * limner_tissue_mean(app->tongue_rgb), 1)));
    if (light_teeth(m, rig->face, app) < 0) {
        limner_mouth_close(m);
        return LIMNER_E_NOMEM;
    }
    for (int k = 0; k < 3; k++) {
        m->dark[k] = 0.3f * app->gum_rgb[k];
        m->contact[k] = CONTACT_DARK * app->lip_rgb[k];
        m->least[k] = LEAST_FLESH * app->tongue_rgb[k] * (k ? 1 - m->red * LIMNER_DEEP_RED : 1);
        m->rim[0][k] = m->contact[k];
        m->rim[1][k] = RIM * (app->lip_rgb[k] +
                              INNER_LIP_RED * (app->tongue_rgb[k] - app->lip_rgb[k]));
    }
    open_grain(m, rig, app, photo);
    find_rims(m, rig, photo);
    return LIMNER_OK;
}

void limner_mouth_close(limner_mouth *m)
{
    limner_photo_mouth_close(&m->own);
    limner_mem_free(m->index);
    limner_mem_free(m->used);
    limner_mem_free(m->facing);
    limner_mem_free(m->gloss);
    limner_mem_free(m->relief);
    limner_mem_free(m->reach);
    limner_mem_free(m->crown);
    for (int k = 0; k < 3; k++) {
        limner_mem_free(m->tint[k]);
        limner_mem_free(m->rgb[k]);
    }
    memset(m, 0, sizeof(*m));
}
