/* SPDX-License-Identifier: Apache-2.0 */
/* Grain is the luminance of a patch of skin less its mean over the pixels around, over that mean;
 * what is beyond two standard deviations (a wrinkle, a hair, a lock's edge) is cut off
 * (mouth_grain.h). Softness: energy against the mean of 3 x 3 pixels over that against 9 x 9. */
#include "render/mouth_grain.h"

#include "core/smoothstep.h"

#define CUT 2.0f                        /* standard deviations */
#define MOST 0.08f                      /* of the light; more is no grain */

#define SOFT_AT 0.20f                   /* ratio of amplitudes: blurred photos have 0.2 to 0.3, */
#define SHARP_AT 0.42f                  /* sharp ones 0.4 to 0.6 */

enum { N = LIMNER_GRAIN_PX, AROUND = 2, SOFT_MOST_PX = 160 };

static float luma_at(const limner_texture *photo, int32_t x, int32_t y)
{
    const int32_t cx = x < 0 ? 0 : x >= photo->w ? photo->w - 1 : x;
    const int32_t cy = y < 0 ? 0 : y >= photo->h ? photo->h - 1 : y;
    const uint8_t *p = limner_texture_at(photo, cx, cy);

    return 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
}

/* Mean luminance of the (2 n + 1)^2 pixels around. */
static float mean_at(const limner_texture *photo, int32_t x, int32_t y, int32_t n)
{
    float sum = 0;

    for (int32_t dy = -n; dy <= n; dy++) {
        for (int32_t dx = -n; dx <= n; dx++)
            sum += luma_at(photo, x + dx, y + dy);
    }
    return sum / (float)((2 * n + 1) * (2 * n + 1));
}

/* Grain at a pixel: its share above the mean around. */
static float grain_at(const limner_texture *photo, int32_t x, int32_t y)
{
    return luma_at(photo, x, y) / fmaxf(mean_at(photo, x, y, AROUND), 8) - 1;
}

float limner_mouth_softness(const limner_texture *photo, const float lo[2], const float hi[2])
{
    const int32_t x0 = (int32_t)fmaxf(0, lo[0]), y0 = (int32_t)fmaxf(0, lo[1]);
    const float w = fminf((float)photo->w, hi[0]) - (float)x0;
    const float h = fminf((float)photo->h, hi[1]) - (float)y0;
    const int32_t step = 1 + (int32_t)fmaxf(0, fmaxf(w, h) / SOFT_MOST_PX);
    float fine = 0, coarse = 1e-3f;

    for (int32_t y = 0; y < (int32_t)h; y += step) {
        for (int32_t x = 0; x < (int32_t)w; x += step) {
            const float own = luma_at(photo, x0 + x, y0 + y);
            const float a = own - mean_at(photo, x0 + x, y0 + y, 1);
            const float b = own - mean_at(photo, x0 + x, y0 + y, 4);

            fine += a * a;
            coarse += b * b;
        }
    }
    return 1 - limner_smoothstep(sqrtf(fine / coarse), SOFT_AT, SHARP_AT);
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
