/* SPDX-License-Identifier: Apache-2.0 */
/* The eye layer (app->eyes, app->highlight, app->eye): what an eyeball shows when it turns or its
 * lids open further. Per eye, in a window around it: the visible part is what lies safely inside
 * the lid landmarks; highlights in it are bright, pale spots above the iris's radial profile or the
 * sclera's colour. The iris continues under the lids by its radial profile plus the smooth
 * remainder of its visible part, the sclera by push-pull from its own visible pixels. Crop pixels;
 * colours 0..1. In the visible part eyes + highlight is the photo. */
#include <math.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"
#include "portrait/eye_model.h"
#include "portrait/layers.h"

#define WINDOW_WIDTHS 0.85f     /* half the window's side, in eye widths */
#define COVER_X 0.75f           /* half axes of the painted ellipse, in eye widths */
#define COVER_Y 0.55f
#define ERODE_WIDTHS 0.035f     /* lashes and lid edges stay out of the visible part */

/* Lid contour from the outer corner along the lower lid to the inner one and back; iris centre. */
enum { N_LIDS = 16 };

static const uint16_t lid_landmarks[2][N_LIDS] = {
    { 263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466 },
    { 33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246 }
};
static const uint16_t iris_landmark[2] = { 473, 468 };

/* ---- geometry ---- */

static void measure(limner_eye *eye, const float lm[LIMNER_N_LANDMARK][3], int side)
{
    const float *centre = lm[iris_landmark[side]];
    const uint16_t *lid = lid_landmarks[side];
    float radius = 0.0f, gap = 0.0f;
    const float width = hypotf(lm[lid[0]][0] - lm[lid[8]][0], lm[lid[0]][1] - lm[lid[8]][1]);

    for (int k = 1; k <= 4; k++)
        radius += hypotf(centre[k * 3] - centre[0], centre[k * 3 + 1] - centre[1]) / 4.0f;
    for (int k = 3; k <= 5; k++)
        gap += hypotf(lm[lid[k]][0] - lm[lid[16 - k]][0],
                      lm[lid[k]][1] - lm[lid[16 - k]][1]) / 3.0f;
    eye->iris_x = centre[0];
    eye->iris_y = centre[1];
    eye->iris_radius = fminf(fmaxf(radius, 0.12f * width), 0.40f * width);
    eye->aperture = gap / fmaxf(width, 1.0f);
}

/* Distance of (x, y) from the contour: > 0 inside. */
static float inside_by(const float (*p)[2], float x, float y)
{
    float best = 1e18f;
    int is_inside = 0;

    for (int i = 0, j = N_LIDS - 1; i < N_LIDS; j = i++) {
        const float ex = p[j][0] - p[i][0], ey = p[j][1] - p[i][1];
        const float px = x - p[i][0], py = y - p[i][1];
        const float at = (px * ex + py * ey) / (ex * ex + ey * ey + 1e-6f);
        const float t = at < 0.0f ? 0.0f : at > 1.0f ? 1.0f : at;
        const float dx = px - t * ex, dy = py - t * ey, d2 = dx * dx + dy * dy;
        best = d2 < best ? d2 : best;
        if ((p[i][1] > y) != (p[j][1] > y) &&
            x < (p[j][0] - p[i][0]) * (y - p[i][1]) / (p[j][1] - p[i][1]) + p[i][0])
            is_inside = !is_inside;
    }
    return is_inside ? sqrtf(best) : -sqrtf(best);
}

/* Window, contour and visible part of one eye. */
static limner_status open_model(limner_eye_model *m, const limner_appearance *app, int side)
{
    const uint16_t *lid = lid_landmarks[side];
    float contour[N_LIDS][2], cx = 0.0f, cy = 0.0f, half, erode;
    limner_status st;

    for (int k = 0; k < N_LIDS; k++) {
        contour[k][0] = app->landmarks[lid[k]][0];
        contour[k][1] = app->landmarks[lid[k]][1];
    }
    cx = 0.5f * (contour[0][0] + contour[8][0]);
    cy = 0.5f * (contour[0][1] + contour[8][1]);
    m->eye_width = fmaxf(hypotf(contour[0][0] - contour[8][0], contour[0][1] - contour[8][1]), 4);
    m->eye_width = fminf(m->eye_width, 0.4f * (float)app->size_px);
    half = ceilf(WINDOW_WIDTHS * m->eye_width);
    /* Landmarks far off the picture, or none: any place will do. */
    cx = fminf(fmaxf(cx, -half), (float)app->size_px + half);
    cy = fminf(fmaxf(cy, -half), (float)app->size_px + half);
    m->x0 = (int)floorf(cx - half);
    m->y0 = (int)floorf(cy - half);
    m->w = m->h = 2 * (int)half + 1;
    m->iris_x = app->eye[side].iris_x - (float)m->x0;
    m->iris_y = app->eye[side].iris_y - (float)m->y0;
    m->iris_radius = app->eye[side].iris_radius;
    st = limner_eye_model_open(m);
    if (st < 0)
        return st;
    erode = fmaxf(1.0f, ERODE_WIDTHS * m->eye_width);
    for (int y = 0; y < m->h; y++)
        for (int x = 0; x < m->w; x++) {
            const float px = (float)(m->x0 + x) + 0.5f, py = (float)(m->y0 + y) + 0.5f;
            const float d = inside_by(contour, px, py);
            m->edge[y * m->w + x] = d;
            m->visible[y * m->w + x] = fminf(fmaxf(d / erode - 0.6f, 0.0f), 1.0f);
        }
    return LIMNER_OK;
}

static int clamp_int(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static void load_window(limner_eye_model *m, const limner_image *photo)
{
    for (int y = 0; y < m->h; y++) {
        const int sy = clamp_int(m->y0 + y, 0, (int)photo->h - 1);
        const uint8_t *row = limner_image_row(photo, (uint32_t)sy);
        for (int x = 0; x < m->w; x++) {
            const uint8_t *px = row + 3 * clamp_int(m->x0 + x, 0, (int)photo->w - 1);
            for (int c = 0; c < 3; c++)
                m->rgb[c][y * m->w + x] = (float)px[c] / 255.0f;
        }
    }
}

/* ---- output ---- */

/* Paints one pixel of the layers: visible pixels lose their highlight only, others are model. */
static void paint(const limner_eye_model *m, int i, const uint8_t *photo, uint8_t *eyes,
                  uint8_t *highlight)
{
    const float k = m->visible[i];
    int lift = 255;             /* what all channels can spare */

    for (int c = 0; c < 3; c++) {
        const int over = (int)photo[c] - (int)lrintf(255.0f * m->clean[c][i]);
        lift = over < lift ? over : lift;
    }
    lift = lift < 0 ? 0 : lift;
    *highlight = (uint8_t)lift;
    for (int c = 0; c < 3; c++) {
        const float seen = 255.0f * m->clean[c][i], made = 255.0f * m->model[c][i];
        eyes[c] = (uint8_t)(fminf(fmaxf(made + k * (seen - made), 0.0f), 255.0f) + 0.5f);
    }
}

static void paint_window(limner_appearance *app, const limner_eye_model *m)
{
    const int s = (int)app->size_px;
    const float cx = 0.5f * (float)m->w, cy = 0.5f * (float)m->h;

    for (int y = 0; y < m->h; y++) {
        const int v = m->y0 + y;
        for (int x = 0; x < m->w; x++) {
            const int u = m->x0 + x;
            const float ex = ((float)x + 0.5f - cx) / (COVER_X * m->eye_width);
            const float ey = ((float)y + 0.5f - cy) / (COVER_Y * m->eye_width);
            if (u < 0 || v < 0 || u >= s || v >= s || ex * ex + ey * ey > 1.0f)
                continue;
            paint(m, y * m->w + x, limner_image_row(&app->photo, (uint32_t)v) + 3 * u,
                  limner_image_row(&app->eyes, (uint32_t)v) + 3 * u,
                  limner_image_row(&app->highlight, (uint32_t)v) + u);
        }
    }
}

/* The white of the picture's eyes: the mean of both by what each shows. */
static void share_white(limner_eye_model m[2])
{
    const float n = (float)(m[0].n_white + m[1].n_white);

    for (int c = 0; c < 3 && n > 0.0f; c++) {
        const float both = (m[0].white[c] * (float)m[0].n_white +
                            m[1].white[c] * (float)m[1].n_white) / n;
        for (int side = 0; side < 2; side++)
            m[side].white[c] = !m[side].n_white ? both : 0.3f * m[side].white[c] + 0.7f * both;
    }
    m[0].n_white = m[1].n_white = (int)n;
}

static limner_status make_eyes(limner_appearance *app, limner_eye_model m[2])
{
    limner_status st = LIMNER_OK;

    for (int side = 0; side < 2 && st >= 0; side++) {
        measure(&app->eye[side], (const float(*)[3])app->landmarks, side);
        st = open_model(&m[side], app, side);
        if (st >= 0) {
            load_window(&m[side], &app->photo);
            limner_eye_model_limbus(&m[side]);
            app->eye[side].iris_x = m[side].iris_x + (float)m[side].x0;
            app->eye[side].iris_radius = m[side].iris_radius;
            limner_eye_model_white(&m[side]);
        }
    }
    if (st >= 0)
        share_white(m);
    for (int side = 0; side < 2 && st >= 0; side++) {
        st = limner_eye_model_run(&m[side]);
        if (st >= 0)
            paint_window(app, &m[side]);
    }
    return st;
}

limner_status limner_layers_eyes(limner_appearance *app, const limner_face *face)
{
    limner_eye_model m[2] = { { 0 }, { 0 } };
    limner_status st;

    (void)face;
    limner_image_close(&app->eyes);
    limner_image_close(&app->highlight);
    if ((st = limner_image_copy(&app->eyes, &app->photo)) >= 0 &&
        (st = limner_image_open(&app->highlight, app->size_px, app->size_px, 1)) >= 0)
        st = make_eyes(app, m);
    limner_eye_model_close(&m[0]);
    limner_eye_model_close(&m[1]);
    return st;
}
