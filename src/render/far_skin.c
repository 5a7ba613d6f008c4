/* SPDX-License-Identifier: Apache-2.0 */
/* What geometry says of the far side's vertices: where they and their mirror images lie in the
 * photo, how well it shows them, and where the face's outline is. Tones: far_tone.c. */
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"
#include "render/far_work.h"

#define FACE_CM 29.9f                   /* of skin in the whole breadth of the texture chart */
#define MIDDLE_CM 0.05f                 /* so far beyond the middle line a vertex is still in */
#define FACING_FROM 0.45f               /* normals' depth from which the photo shows skin ... */
#define FACING_TO 0.75f                 /* ... well enough */
#define ALPHA_FROM_CM (-0.6f)           /* beyond the face's oval it fades to the sheet */
#define ALPHA_TO_CM 0.6f
#define CHIN_CM 2.0f                    /* below the lips it fades towards the middle of the chin */

enum { LANDMARK_BELOW_LIPS = 17, SEEN_ROUNDS = 2, N_OVAL = 36 };

/* Landmarks of the face's outline, from the forehead on. */
static const uint16_t oval[N_OVAL] = {
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109
};

static void find_facing(const limner_far_work *w)
{
    const limner_face_range *head = &w->rig->face->part[LIMNER_PART_HEAD];
    const uint32_t n = w->rig->n_head;
    const float *x = w->rig->rest[0], *y = w->rig->rest[1], *z = w->rig->rest[2];
    float *nx = w->facing[0], *ny = w->facing[1], *nz = w->facing[2];

    for (uint32_t i = head->first_triangle; i < head->first_triangle + head->n_triangles; i++) {
        const uint16_t *t = w->rig->face->triangle + 3 * (size_t)i;
        const float ux = x[t[1]] - x[t[0]], uy = y[t[0]] - y[t[1]], uz = z[t[1]] - z[t[0]];
        const float vx = x[t[2]] - x[t[0]], vy = y[t[0]] - y[t[2]], vz = z[t[2]] - z[t[0]];

        for (int k = 0; k < 3; k++) {
            nx[t[k]] += uy * vz - uz * vy;
            ny[t[k]] += uz * vx - ux * vz;
            nz[t[k]] += ux * vy - uy * vx;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        const float one = 1 / sqrtf(nx[i] * nx[i] + ny[i] * ny[i] + nz[i] * nz[i] + 1e-12f);

        nx[i] *= one;
        ny[i] *= -one;
        nz[i] *= one;
    }
}

/* Facial skin on this side of the head, and its triangles. */
static void choose(limner_far_work *w)
{
    const limner_face *face = w->rig->face;
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];

    for (uint32_t i = 0; i < w->rig->n_head; i++)
        w->skin->is_in[i] = (face->vertex_region[i] == LIMNER_REGION_FACE ||
                             limner_far_is_lid(face, i)) &&
                            w->skin->turn * face->mean[i] <= MIDDLE_CM;
    for (uint32_t i = head->first_triangle; i < head->first_triangle + head->n_triangles; i++) {
        const uint16_t *t = face->triangle + 3 * (size_t)i;

        if (w->skin->is_in[t[0]] && w->skin->is_in[t[1]] && w->skin->is_in[t[2]])
            memcpy(w->t[w->n++], t, sizeof(w->t[0]));
    }
}

static float seen_of(const limner_far_work *w, uint32_t v)
{
    return w->rig->is_seen[v] ? limner_smoothstep(w->facing[2][v], FACING_FROM, FACING_TO) : 0;
}

/* The least around: what stands next to a hidden place may be half covered itself. */
static void shrink_seen(const limner_far_work *w)
{
    float *least = w->sum;

    for (uint32_t i = 0; i < w->rig->n_head; i++)
        least[i] = w->skin->value[i][LIMNER_FAR_SEEN];
    for (uint32_t i = 0; i < 9 * w->n; i++) {
        const uint16_t *t = w->t[i / 9];
        const uint32_t a = t[i % 9 / 3], b = t[i % 3];

        least[a] = fminf(least[a], w->skin->value[b][LIMNER_FAR_SEEN]);
    }
    for (uint32_t i = 0; i < w->rig->n_head; i++)
        w->skin->value[i][LIMNER_FAR_SEEN] = least[i];
}

void limner_far_add_neighbours(const limner_far_work *w, int k)
{
    memset(w->sum, 0, w->rig->n_head * sizeof(float));
    memset(w->count, 0, w->rig->n_head * sizeof(float));
    for (uint32_t i = 0; i < w->n; i++) {
        for (int j = 0; j < 6; j++) {
            const uint32_t a = w->t[i][j / 2], b = w->t[i][(j / 2 + 1 + j % 2) % 3];

            if (!w->is_known[b])
                continue;
            w->sum[a] += w->skin->value[b][k];
            w->count[a]++;
        }
    }
}

void limner_far_soften_seen(const limner_far_work *w)
{
    memset(w->is_known, 1, w->rig->n_head);
    for (int round = 0; round < SEEN_ROUNDS; round++) {
        limner_far_add_neighbours(w, LIMNER_FAR_SEEN);
        for (uint32_t i = 0; i < w->rig->n_head; i++) {
            float *v = &w->skin->value[i][LIMNER_FAR_SEEN];

            if (w->count[i] > 0)
                *v = fminf(*v, (*v + w->sum[i] / w->count[i]) / 2);
        }
    }
}

static void find_places(const limner_far_work *w)
{
    const limner_rig *rig = w->rig;

    for (uint32_t i = 0; i < rig->n_head; i++) {
        const uint32_t m = rig->face->mirror[i];
        float *v = w->skin->value[i];

        v[LIMNER_FAR_OWN_X] = rig->rest[0][i];
        v[LIMNER_FAR_OWN_Y] = rig->rest[1][i];
        v[LIMNER_FAR_OTHER_X] = rig->rest[0][m];
        v[LIMNER_FAR_OTHER_Y] = rig->rest[1][m];
        v[LIMNER_FAR_SEEN] = seen_of(w, i);
        v[LIMNER_FAR_OTHER_SEEN] = seen_of(w, m);
    }
    shrink_seen(w);
    limner_far_soften_seen(w);
}

static void find_oval(const limner_face *face, float out[N_OVAL][2])
{
    for (size_t i = 0; i < N_OVAL; i++) {
        for (size_t c = 0; c < 2; c++) {
            out[i][c] = 0;
            for (size_t k = 0; k < 3; k++)
                out[i][c] += FACE_CM * face->landmark_bary[3 * oval[i] + k] *
                             face->uv[2 * (size_t)face->landmark_vertex[3 * oval[i] + k] + c];
        }
    }
}

/* How far inside the oval a point lies, cm; outside negative. */
static float inside_oval(float at[N_OVAL][2], float x, float y)
{
    float best = 1e9f;
    bool is_in = false;

    for (int i = 0; i < N_OVAL; i++) {
        const float *a = at[i], *b = at[(i + 1) % N_OVAL];
        const float ex = b[0] - a[0], ey = b[1] - a[1];
        const float t = fminf(1, fmaxf(0, ((x - a[0]) * ex + (y - a[1]) * ey) /
                                              fmaxf(ex * ex + ey * ey, 1e-6f)));

        best = fminf(best, hypotf(x - a[0] - t * ex, y - a[1] - t * ey));
        if ((a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / ey * ex)
            is_in = !is_in;
    }
    return is_in ? best : -best;
}

/* 0 in the middle of the chin: there the other half goes on without it. */
static float off_chin(const limner_face *face, uint32_t i)
{
    const uint32_t lip = face->landmark_vertex[3 * LANDMARK_BELOW_LIPS];
    const float *y = face->mean + face->stride;
    const float below = limner_smoothstep(y[lip] - y[i], -0.5f, 0.5f);

    return 1 - below * (1 - limner_smoothstep(fabsf(face->mean[i]), 0, CHIN_CM));
}

static void find_alpha(const limner_far_work *w)
{
    const limner_face *face = w->rig->face;
    float at[N_OVAL][2];

    find_oval(face, at);
    for (uint32_t i = 0; i < w->rig->n_head; i++) {
        if (w->skin->is_in[i])
            w->skin->value[i][LIMNER_FAR_ALPHA] =
                off_chin(face, i) *
                limner_smoothstep(inside_oval(at, FACE_CM * face->uv[2 * (size_t)i],
                                              FACE_CM * face->uv[2 * (size_t)i + 1]),
                                  ALPHA_FROM_CM, ALPHA_TO_CM);
    }
}

limner_status limner_far_skin_open(limner_far_skin *s, const limner_rig *rig,
                                   const limner_texture *photo, float turn)
{
    const uint32_t n = rig->n_head;
    float *plane = limner_calloc(n, 5 * sizeof(float));
    uint8_t *flag = limner_calloc(n, 4);
    limner_far_work w = {.rig = rig, .skin = s, .photo = photo};

    *s = (limner_far_skin){.turn = turn};
    s->is_in = limner_calloc(n, 1);
    s->value = limner_calloc(n, sizeof(*s->value));
    w.t = limner_calloc(rig->face->part[LIMNER_PART_HEAD].n_triangles, sizeof(*w.t));
    if (plane && flag && w.t && s->is_in && s->value) {
        for (size_t k = 0; k < 3; k++)
            w.facing[k] = plane + k * n;
        w.sum = plane + 3 * (size_t)n;
        w.count = plane + 4 * (size_t)n;
        w.is_known = flag;
        for (size_t k = 0; k < 3; k++)
            w.flag[k] = flag + (k + 1) * n;
        find_facing(&w);
        choose(&w);
        find_places(&w);
        find_alpha(&w);
        limner_far_find_tones(&w);
    }
    limner_mem_free(plane);
    limner_mem_free(flag);
    limner_mem_free(w.t);
    if (!plane || !flag || !w.t || !s->is_in || !s->value) {
        limner_far_skin_close(s);
        return LIMNER_E_NOMEM;
    }
    return LIMNER_OK;
}

void limner_far_skin_close(limner_far_skin *s)
{
    limner_mem_free(s->is_in);
    limner_mem_free(s->value);
    memset(s, 0, sizeof(*s));
}
