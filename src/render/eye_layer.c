/* SPDX-License-Identifier: Apache-2.0 */
/* One eye at a time, in coordinates along the line of its corners and across it. */
#include "render/eye_layer.h"

#include <math.h>

#define REACH_WIDTHS 0.8f               /* half the window's side, in eye widths */
#define SAFE_CM 0.05f                   /* lashes and lid edges: not the eye's own colour */
#define WHITE_GAIN 0.94f                /* white under the lids is a little darker */
#define WHITE_SHARE 0.8f

enum { LEAST_WHITE = 12 };              /* pixels that make a believable mean */

typedef struct eye_frame {
    const limner_contact *lid;
    const float *x, *y;                 /* vertices in the photo */
    float axis[2], up[2];
    float centre[2], half;              /* of the opening */
    float iris[2], radius;
    float white[3];
    int n_white;
} eye_frame;

static float smooth(float a, float b, float v)
{
    float t = (v - a) / (b - a);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

/* Height of a line of the lid at `along`; false beyond its ends. */
static bool line_at(const eye_frame *e, const uint16_t *line, float along, float *height)
{
    for (uint32_t i = 0; i + 1 < e->lid->n; i++) {
        const uint32_t a = line[i], b = line[i + 1];
        const float sa = e->x[a] * e->axis[0] + e->y[a] * e->axis[1];
        const float sb = e->x[b] * e->axis[0] + e->y[b] * e->axis[1];

        if ((along - sa) * (along - sb) <= 0 && sa != sb) {
            const float t = (along - sa) / (sb - sa);
            const float ha = e->x[a] * e->up[0] + e->y[a] * e->up[1];
            const float hb = e->x[b] * e->up[0] + e->y[b] * e->up[1];

            *height = ha + t * (hb - ha);
            return true;
        }
    }
    return false;
}

/* Distance of a point from the lids' lines, > 0 between them. */
static float inside_by(const eye_frame *e, float x, float y)
{
    const float along = x * e->axis[0] + y * e->axis[1], h = x * e->up[0] + y * e->up[1];
    float top, low;

    if (!line_at(e, e->lid->line->upper, along, &top) ||
        !line_at(e, e->lid->line->lower, along, &low))
        return -1;
    return fminf(top - h, h - low);
}

static bool open_frame(eye_frame *e, const limner_rig *rig, const limner_appearance *app, int side)
{
    const limner_face_contact *line = &rig->face->lids[side];
    const limner_eye *eye = &app->eye[side];
    const uint32_t a = line->upper[0], b = line->upper[line->n - 1];
    float dx, dy;

    e->lid = &rig->lids[side];
    e->x = rig->rest[0];
    e->y = rig->rest[1];
    dx = e->x[b] - e->x[a];
    dy = e->y[b] - e->y[a];
    e->half = hypotf(dx, dy) / 2;
    e->centre[0] = (e->x[a] + e->x[b]) / 2;
    e->centre[1] = (e->y[a] + e->y[b]) / 2;
    e->iris[0] = eye->iris_x * rig->view.k + rig->view.x;
    e->iris[1] = eye->iris_y * rig->view.k + rig->view.y;
    e->radius = eye->iris_radius * rig->view.k;
    if (e->half < 2 || e->radius < 1)
        return false;
    e->axis[0] = dx / (2 * e->half);
    e->axis[1] = dy / (2 * e->half);
    e->up[0] = rig->up[0];
    e->up[1] = rig->up[1];
    return true;
}

/* Calls for every pixel of the window. */
typedef void (*pixel_fn)(eye_frame *e, const limner_rig *rig, int32_t x, int32_t y,
                         const uint8_t *photo, uint8_t *layer);

static void for_window(eye_frame *e, const limner_rig *rig, limner_texture *layer,
                       const limner_texture *photo, pixel_fn fn)
{
    const float reach = 2 * e->half * REACH_WIDTHS;
    const int32_t x0 = (int32_t)fmaxf(0, e->centre[0] - reach);
    const int32_t y0 = (int32_t)fmaxf(0, e->centre[1] - reach);
    const int32_t x1 = (int32_t)fminf((float)layer->w, e->centre[0] + reach);
    const int32_t y1 = (int32_t)fminf((float)layer->h, e->centre[1] + reach);

    for (int32_t y = y0; y < y1; y++) {
        for (int32_t x = x0; x < x1; x++)
            fn(e, rig, x, y, limner_texture_at(photo, x, y), limner_texture_at(layer, x, y));
    }
}

static float iris_distance(const eye_frame *e, int32_t x, int32_t y)
{
    return hypotf((float)x + 0.5f - e->iris[0], (float)y + 0.5f - e->iris[1]) / e->radius;
}

/* The eye's white: bright, hardly coloured, clear of iris and lids. */
static void add_white(eye_frame *e, const limner_rig *rig, int32_t x, int32_t y,
                      const uint8_t *photo, uint8_t *layer)
{
    const int lo = photo[0] < photo[2] ? photo[0] : photo[2];
    const int hi = photo[0] > photo[2] ? photo[0] : photo[2];
    const float safe = 1.5f * SAFE_CM * rig->pose_frame.scale;

    (void)layer;
    if (hi - lo > 8 + hi / 5 || iris_distance(e, x, y) < 1.25f ||
        inside_by(e, (float)x + 0.5f, (float)y + 0.5f) < safe)
        return;
    for (int k = 0; k < 3; k++)
        e->white[k] += photo[k];
    e->n_white++;
}

static void settle(eye_frame *e, const limner_rig *rig, int32_t x, int32_t y, const uint8_t *photo,
                   uint8_t *layer)
{
    const float safe = SAFE_CM * rig->pose_frame.scale;
    const float in = inside_by(e, (float)x + 0.5f, (float)y + 0.5f);
    const float seen = smooth(0.5f * safe, 1.5f * safe, in);
    const float beyond = e->n_white >= LEAST_WHITE
                             ? WHITE_SHARE * smooth(1.0f, 1.25f, iris_distance(e, x, y)) : 0;

    for (int k = 0; k < 3; k++) {
        const float white = WHITE_GAIN * e->white[k];
        const float filled = (float)layer[k] + beyond * (white - (float)layer[k]);
        const float own = (float)photo[k] - (float)layer[3];
        const float v = filled + seen * (own - filled);

        layer[k] = (uint8_t)lrintf(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

void limner_eye_layer_settle(limner_texture *layer, const limner_rig *rig,
                             const limner_appearance *app, const limner_texture *photo)
{
    for (int side = 0; side < 2; side++) {
        eye_frame e = {.n_white = 0};

        if (!open_frame(&e, rig, app, side))
            continue;
        for_window(&e, rig, layer, photo, add_white);
        for (int k = 0; k < 3; k++)
            e.white[k] /= (float)(e.n_white ? e.n_white : 1);
        for_window(&e, rig, layer, photo, settle);
    }
}
