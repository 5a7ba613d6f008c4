/* SPDX-License-Identifier: Apache-2.0 */
/* Grain is the luminance of a patch of skin less its mean over the pixels around, over that mean;
 * what is beyond two standard deviations (a wrinkle, a hair, a lock's edge) is cut off
 * (mouth_grain.h). */
#include "render/mouth_grain.h"

#define CUT 2.0f                        /* standard deviations */
#define MOST 0.12f                      /* of the light; more is no grain */

enum { N = LIMNER_GRAIN_PX, AROUND = 2 };

static float luma_at(const limner_texture *photo, int32_t x, int32_t y)
{
    const int32_t cx = x < 0 ? 0 : x >= photo->w ? photo->w - 1 : x;
    const int32_t cy = y < 0 ? 0 : y >= photo->h ? photo->h - 1 : y;
    const uint8_t *p = limner_texture_at(photo, cx, cy);

    return 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
}

/* Grain at a pixel: its share above the mean around. */
static float grain_at(const limner_texture *photo, int32_t x, int32_t y)
{
    float sum = 0;

    for (int32_t dy = -AROUND; dy <= AROUND; dy++) {
        for (int32_t dx = -AROUND; dx <= AROUND; dx++)
            sum += luma_at(photo, x + dx, y + dy);
    }
    sum /= (2 * AROUND + 1) * (2 * AROUND + 1);
    return luma_at(photo, x, y) / fmaxf(sum, 8) - 1;
}

/* The patch around `middle` into tile; returns its standard deviation. */
static float take(const limner_texture *photo, const float middle[2], float tile[N][N])
{
    const int32_t x0 = (int32_t)fminf(1e6f, fmaxf(-1e6f, middle[0])) - N / 2;
    const int32_t y0 = (int32_t)fminf(1e6f, fmaxf(-1e6f, middle[1])) - N / 2;
    float sum = 0;

    for (int32_t y = 0; y < N; y++) {
        for (int32_t x = 0; x < N; x++) {
            tile[y][x] = grain_at(photo, x0 + x, y0 + y);
            sum += tile[y][x] * tile[y][x];
        }
    }
    return sqrtf(sum / (N * N));
}

void limner_mouth_grain_open(limner_mouth_grain *g, const limner_texture *photo,
                             const float cheek[2][2])
{
    const float one = take(photo, cheek[1], g->gain), other = take(photo, cheek[0], g->gain);
    const float least = one < other ? take(photo, cheek[1], g->gain) : other;
    const float most = fminf(MOST, CUT * least);

    g->x = g->y = 0;
    for (int32_t y = 0; y < N; y++) {
        for (int32_t x = 0; x < N; x++)
            g->gain[y][x] = 1 + fminf(most, fmaxf(-most, g->gain[y][x]));
    }
}
