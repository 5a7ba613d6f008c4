/* SPDX-License-Identifier: Apache-2.0 */
/* Measures of a lid's window (lid_window.h). Heights are along the head's up, from the line's
 * polygon at the same place along the eye. */
#include "render/lid_window.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"

static float along_at(const limner_lid_window *k, float x, float y)
{
    return x * k->axis[0] + y * k->axis[1];
}

static float up_at(const limner_lid_window *k, float x, float y)
{
    return x * k->rig->up[0] + y * k->rig->up[1];
}

const uint8_t *limner_lid_window_photo(const limner_lid_window *k, float x, float y)
{
    const int32_t ix = (int32_t)fminf(fmaxf(x, 0), (float)(k->person->w - 1));
    const int32_t iy = (int32_t)fminf(fmaxf(y, 0), (float)(k->person->h - 1));

    return limner_texture_at(k->person, ix, iy);
}

float limner_lid_window_along(const limner_lid_window *k, int32_t i)
{
    return (along_at(k, limner_lid_window_x(k, i), limner_lid_window_y(k, i)) - k->from) / k->cm;
}

float limner_lid_window_past(const limner_lid_window *k, int32_t i)
{
    const float s = limner_lid_window_along(k, i);

    return fmaxf(-s, s - (k->to - k->from) / k->cm);
}

static void open_frame(limner_lid_window *k)
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

/* One of the lid's lines in the window's axes, px. */
typedef struct edge {
    uint32_t n;
    float along[LIMNER_CONTACT_MAX], up[LIMNER_CONTACT_MAX];
} edge;

static void load_edge(const limner_lid_window *k, const uint16_t *line, edge *e)
{
    e->n = k->lid->n;
    for (uint32_t i = 0; i < e->n; i++) {
        const float x = k->rig->rest[0][line[i]], y = k->rig->rest[1][line[i]];

        e->along[i] = along_at(k, x, y);
        e->up[i] = up_at(k, x, y);
    }
}

/* Height over a line of a point, cm; beyond the corners over the corner. */
static float height_at(const limner_lid_window *k, const edge *e, float along, float up)
{
    const float s = fminf(fmaxf(along, k->from), k->to);
    uint32_t i = e->n - 1;
    float t;

    while (i > 0 && (s < e->along[i - 1] || e->along[i] <= e->along[i - 1]))
        i--;
    if (i == 0)
        return (up - e->up[0]) / k->cm;
    t = fminf((s - e->along[i - 1]) / (e->along[i] - e->along[i - 1]), 1);
    return (up - e->up[i - 1] - t * (e->up[i] - e->up[i - 1])) / k->cm;
}

static void place_window(limner_lid_window *k, float top_cm, float side_cm)
{
    const limner_face_contact *line = k->lid->line;
    const float side = side_cm * k->cm, top = top_cm * k->cm + side;
    const float right = (float)(k->person->w - 1), bottom = (float)(k->person->h - 1);
    float lo[2] = {1e9f, 1e9f}, hi[2] = {-1e9f, -1e9f};

    for (uint32_t i = 0; i < 2 * line->n; i++)
        for (int c = 0; c < 2; c++) {
            const uint32_t v = i < line->n ? line->upper[i] : line->lower[i - line->n];

            lo[c] = fminf(lo[c], k->rig->rest[c][v]);
            hi[c] = fmaxf(hi[c], k->rig->rest[c][v]);
        }
    k->x0 = (int32_t)fminf(fmaxf(lo[0] - side, 0), right);
    k->y0 = (int32_t)fminf(fmaxf(lo[1] - top, 0), bottom);
    k->w = (int32_t)fminf(fmaxf(hi[0] + side, 0), right) + 1 - k->x0;
    k->h = (int32_t)fminf(fmaxf(hi[1] + side, 0), bottom) + 1 - k->y0;
    k->w = k->w < 1 ? 1 : k->w;
    k->h = LIMNER_LID_ROWS * (k->h < 1 ? 1 : k->h);
}

limner_status limner_lid_window_open(limner_lid_window *k, const limner_rig *rig,
                                     const limner_contact *lid, const limner_texture *person,
                                     float top_cm, float side_cm)
{
    edge upper, lower;
    size_t size;

    memset(k, 0, sizeof(*k));
    k->rig = rig;
    k->lid = lid;
    k->person = person;
    k->cm = rig->pose_frame.scale;
    open_frame(k);
    place_window(k, top_cm, side_cm);
    size = (size_t)k->w * (size_t)k->h;
    k->block = limner_calloc(7 * size, sizeof(float));
    if (!k->block)
        return LIMNER_E_NOMEM;
    for (int c = 0; c < 3; c++)
        k->rgb[c] = k->block + (size_t)c * size;
    k->found = k->block + 3 * size;
    k->scratch = k->block + 4 * size;
    k->height = k->block + 5 * size;
    k->floor = k->block + 6 * size;
    load_edge(k, lid->line->upper, &upper);
    load_edge(k, lid->line->lower, &lower);
    for (int32_t i = 0; i < k->w * k->h; i++) {
        const float x = limner_lid_window_x(k, i), y = limner_lid_window_y(k, i);
        const float along = along_at(k, x, y), up = up_at(k, x, y);

        k->height[i] = height_at(k, &upper, along, up);
        k->floor[i] = height_at(k, &lower, along, up);
    }
    return LIMNER_OK;
}

void limner_lid_window_close(limner_lid_window *k)
{
    limner_mem_free(k->block);
    k->block = NULL;
}
