/* SPDX-License-Identifier: Apache-2.0 */
/* The sheet of a frame (sheet.h): nodes over the mesh move with it, the others with the nearest of
 * them; what lies outside the core is evened out, for silhouettes would tear it. */
#include "render/sheet.h"

#include <string.h>

#include "core/mem.h"

enum { SMOOTH_ROUNDS = 4 };

/* Expression of covered nodes: as the mesh under them moves. */
static void follow_mesh(limner_sheet *s, const limner_rig *rig, const float *light, uint32_t from,
                        uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const uint16_t *v = s->corner + 3 * i;
        const float *b = s->bary + 3 * i;

        for (int k = 0; k < 3; k++) {
            const float *now = rig->still[k], *then = rig->rest[k];

            s->move[k][i] = b[0] * (now[v[0]] - then[v[0]]) + b[1] * (now[v[1]] - then[v[1]]) +
                            b[2] * (now[v[2]] - then[v[2]]);
        }
        s->light[i] = 1 + b[0] * (light[v[0]] - 1) + b[1] * (light[v[1]] - 1) +
                      b[2] * (light[v[2]] - 1);
    }
}

/* One step of one node, all it carries side by side. */
static void smooth_node(float (*v)[4], uint32_t i, uint32_t nx)
{
    float now[4];

    for (int c = 0; c < 4; c++)
        now[c] = 0.4f * v[i][c] +
                 0.15f * (v[i - 1][c] + v[i + 1][c] + v[i - nx][c] + v[i + nx][c]);
    memcpy(v[i], now, sizeof(now));
}

/* Evens out what the sheet does outside the core, where silhouettes (cheek before neck, jaw before
 * collar) would tear it. */
static void smooth_outside(limner_sheet *s)
{
    float *const all[4] = {s->move[0], s->move[1], s->move[2], s->light};

    for (uint32_t i = 0; i < s->n; i++) {
        for (int c = 0; c < 4; c++)
            s->smooth[i][c] = all[c][i];
    }
    for (int round = 0; round < SMOOTH_ROUNDS; round++) {
        for (uint32_t k = 0; k < s->n_free; k++)
            smooth_node(s->smooth, s->free_node[k], (uint32_t)s->nx);
    }
    for (uint32_t k = 0; k < s->n_free; k++) {
        const uint32_t i = s->free_node[k];

        for (int c = 0; c < 4; c++)
            all[c][i] = s->smooth[i][c];
    }
}

static void follow_nodes(limner_sheet *s, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const uint16_t *tap = s->tap + (size_t)i * LIMNER_SHEET_TAPS;
        const float *w = s->tap_weight + (size_t)i * LIMNER_SHEET_TAPS;

        if (w[0] <= 0)
            continue;
        for (int k = 0; k < LIMNER_SHEET_TAPS; k++) {
            const uint32_t j = tap[k];

            for (int c = 0; c < 3; c++)
                s->move[c][i] += w[k] * s->move[c][j];
            s->light[i] += w[k] * (s->light[j] - 1);
        }
    }
}

/* The nodes of a row that are used, from .. up to. */
static void row_nodes(const limner_sheet *s, int32_t j, uint32_t *from, uint32_t *to)
{
    *from = (uint32_t)(j * s->nx + s->first[j]);
    *to = (uint32_t)(j * s->nx + s->end[j]);
}

/* By expression and home, then with the head. */
static void move_row(limner_sheet *s, const limner_pose *pose, uint32_t from, uint32_t to)
{
    const float *const home[3] = {s->x, s->y, s->z};
    const limner_points p = {.n = to - from, .x = s->move[0] + from, .y = s->move[1] + from,
                             .z = s->move[2] + from, .weight = s->weight + from,
                             .freedom = s->freedom + from};

    for (int k = 0; k < 3; k++) {
        for (uint32_t i = from; i < to; i++)
            s->move[k][i] += home[k][i];
    }
    limner_pose_move(pose, &p, s->at[0] + from, s->at[1] + from, s->at[2] + from);
}

void limner_sheet_move(limner_sheet *s, const limner_rig *rig, const limner_pose *pose,
                       const float *light)
{
    uint32_t from, to;

    for (int32_t j = 0; j < s->ny; j++) {
        row_nodes(s, j, &from, &to);
        follow_mesh(s, rig, light, from, to);
    }
    for (int32_t j = 0; j < s->ny; j++) {
        row_nodes(s, j, &from, &to);
        follow_nodes(s, from, to);
    }
    smooth_outside(s);
    for (int32_t j = 0; j < s->ny; j++) {
        row_nodes(s, j, &from, &to);
        if (from < to)
            move_row(s, pose, from, to);
    }
}

void limner_sheet_swing(limner_sheet *s, const limner_pose *pose, const float lag[LIMNER_N_SWING])
{
    const float radian = 3.14159265f / 180, scale = pose->at.scale;
    const float yaw = lag[LIMNER_SWING_YAW] * radian, pitch = lag[LIMNER_SWING_PITCH] * radian;
    const float roll = lag[LIMNER_SWING_ROLL] * radian;

    for (uint32_t k = 0; k < s->n_hair; k++) {
        const uint32_t i = s->hair_node[k];
        const float free = s->hair[k] * s->freedom[i];
        const float x = s->at[0][i] - pose->at.pivot[0], y = pose->at.pivot[1] - s->at[1][i];
        const float z = s->at[2][i] - pose->at.pivot[2];

        s->at[0][i] += free * (yaw * z - roll * y + scale * lag[LIMNER_SWING_X]);
        s->at[1][i] -= free * (roll * x - pitch * z + scale * lag[LIMNER_SWING_Y]);
    }
}

void limner_sheet_draw(const limner_sheet *s, limner_drawlist *list)
{
    const limner_mesh mesh = {.n_vertices = s->n, .n_triangles = s->n_triangles, .x = s->at[0],
                              .y = s->at[1], .z = s->at[2], .value = {s->u, s->v, s->light},
                              .index = s->index, .is_pair = s->is_pair};

    limner_drawlist_add_mesh(list, &mesh);
}

uint32_t limner_sheet_triangles(const limner_sheet *s)
{
    return 2 * (uint32_t)((s->nx - 1) * (s->ny - 1));
}

void limner_sheet_close(limner_sheet *s)
{
    for (int k = 0; k < 3; k++) {
        limner_mem_free(s->move[k]);
        limner_mem_free(s->at[k]);
    }
    limner_mem_free(s->x);
    limner_mem_free(s->y);
    limner_mem_free(s->z);
    limner_mem_free(s->weight);
    limner_mem_free(s->u);
    limner_mem_free(s->v);
    limner_mem_free(s->first);
    limner_mem_free(s->end);
    limner_mem_free(s->freedom);
    limner_mem_free(s->light);
    limner_mem_free(s->corner);
    limner_mem_free(s->bary);
    limner_mem_free(s->tap);
    limner_mem_free(s->tap_weight);
    limner_mem_free(s->smooth);
    limner_mem_free(s->is_drawn);
    limner_mem_free(s->index);
    limner_mem_free(s->is_pair);
    limner_mem_free(s->free_node);
    limner_mem_free(s->hair_node);
    limner_mem_free(s->hair);
    memset(s, 0, sizeof(*s));
}
