/* SPDX-License-Identifier: Apache-2.0 */
/* See face_view.h. */
#include "face/face_view.h"

#include <math.h>
#include <string.h>

enum { SIDE = LIMNER_FACE_VIEW_SIDE, N_MESH = 468, LEAST_SIDE = 16, UNIT = 128 };

/* Around the landmarks, over the longer side of their box. */
#define MARGIN 0.06f

static bool frame_box(int32_t lo[2], int32_t hi[2], const limner_image *img,
                      const float landmarks[LIMNER_N_LANDMARK][3])
{
    const float end[2] = {(float)img->w, (float)img->h};
    float least[2] = {INFINITY, INFINITY}, most[2] = {-INFINITY, -INFINITY};

    for (size_t k = 0; k < N_MESH; k++)
        for (size_t i = 0; i < 2; i++) {
            least[i] = fminf(least[i], landmarks[k][i]);
            most[i] = fmaxf(most[i], landmarks[k][i]);
        }
    const float margin = MARGIN * fmaxf(most[0] - least[0], most[1] - least[1]);
    for (size_t i = 0; i < 2; i++) {
        lo[i] = (int32_t)floorf(fminf(fmaxf(least[i] - margin, 0.0f), end[i]));
        hi[i] = (int32_t)ceilf(fminf(fmaxf(most[i] + margin, 0.0f), end[i]));
    }
    return hi[0] - lo[0] >= LEAST_SIDE && hi[1] - lo[1] >= LEAST_SIDE;
}

/* BT.601, mean of step x step pixels, times UNIT. */
static uint16_t brightness(const limner_image *img, uint32_t x, uint32_t y, uint32_t step)
{
    uint64_t sum = 0;

    for (uint32_t j = 0; j < step; j++) {
        const uint8_t *p = limner_image_row(img, y + j) + 3 * (size_t)x;

        for (uint32_t i = 0; i < step; i++, p += 3)
            sum += 77u * p[0] + 150u * p[1] + 29u * p[2];
    }
    return (uint16_t)(sum * UNIT / (256u * (uint64_t)step * step));
}

/* 1 2 1 over n values `apart` from each other. */
static void smooth(uint16_t *line, size_t n, size_t apart)
{
    uint32_t before = line[0];

    for (size_t i = 0; i < n; i++) {
        const uint32_t at = line[i * apart], after = i + 1 < n ? line[(i + 1) * apart] : at;

        line[i * apart] = (uint16_t)((before + 2 * at + after + 2) / 4);
        before = at;
    }
}

bool limner_face_view_take(limner_face_view *v, const limner_image *img,
                           const float landmarks[LIMNER_N_LANDMARK][3])
{
    int32_t lo[2], hi[2];

    v->w = v->h = 0;
    if (!frame_box(lo, hi, img, landmarks))
        return false;
    const uint32_t w = (uint32_t)(hi[0] - lo[0]), h = (uint32_t)(hi[1] - lo[1]);
    const uint32_t step = ((w > h ? w : h) + SIDE - 1) / SIDE;

    v->step = (float)step;
    v->x = (float)lo[0];
    v->y = (float)lo[1];
    v->w = w / step;
    v->h = h / step;
    for (uint32_t y = 0; y < v->h; y++)
        for (uint32_t x = 0; x < v->w; x++)
            v->px[(size_t)y * v->w + x] = brightness(img, (uint32_t)lo[0] + x * step,
                                                     (uint32_t)lo[1] + y * step, step);
    for (uint32_t y = 0; y < v->h; y++)
        smooth(v->px + (size_t)y * v->w, v->w, 1);
    for (uint32_t x = 0; x < v->w; x++)
        smooth(v->px + x, v->h, v->w);
    return true;
}

/* Catmull-Rom: weights of four pixels at t of the way from the second to the third, and their
 * change. */
static void weights(float w[4], float d[4], float t)
{
    const float t2 = t * t, t3 = t2 * t;

    w[0] = 0.5f * (-t + 2.0f * t2 - t3);
    w[1] = 0.5f * (2.0f - 5.0f * t2 + 3.0f * t3);
    w[2] = 0.5f * (t + 4.0f * t2 - 3.0f * t3);
    w[3] = 0.5f * (t3 - t2);
    d[0] = 0.5f * (-1.0f + 4.0f * t - 3.0f * t2);
    d[1] = 0.5f * (9.0f * t2 - 10.0f * t);
    d[2] = 0.5f * (1.0f + 8.0f * t - 9.0f * t2);
    d[3] = 0.5f * (3.0f * t2 - 2.0f * t);
}

bool limner_face_view_read(const limner_face_view *v, float x, float y, float *tone,
                           float slope[2])
{
    const float a = (x - v->x) / v->step - 0.5f, b = (y - v->y) / v->step - 0.5f;
    float wx[4], wy[4], dx[4], dy[4], sum = 0.0f, right = 0.0f, down = 0.0f;

    if (!(a >= 1.0f && b >= 1.0f && a < (float)v->w - 2.0f && b < (float)v->h - 2.0f))
        return false;
    const uint32_t i = (uint32_t)a, j = (uint32_t)b;

    weights(wx, dx, a - (float)i);
    weights(wy, dy, b - (float)j);
    for (uint32_t r = 0; r < 4; r++) {
        const uint16_t *p = v->px + (size_t)(j + r - 1) * v->w + i - 1;
        float s = 0.0f, t = 0.0f;

        for (uint32_t c = 0; c < 4; c++) {
            s += wx[c] * (float)p[c];
            t += dx[c] * (float)p[c];
        }
        sum += wy[r] * s;
        right += wy[r] * t;
        down += dy[r] * s;
    }
    *tone = sum / UNIT;
    slope[0] = right / (UNIT * v->step);
    slope[1] = down / (UNIT * v->step);
    return true;
}
