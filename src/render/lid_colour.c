/* SPDX-License-Identifier: Apache-2.0 */
/* The colour a shut upper lid has, from the skin around the open eye. Fitted to 30 shut eyes in 15
 * clips of people, filmed open and shut: the light is a mean of three places in their logarithms,
 * the open lid where neither lashes, fold nor brow darken it, the skin below the eye and that above
 * the brow; the tint is one of the first two. */
#include <stdlib.h>
#include <string.h>

#include "render/lid_paint.h"

#define BELOW_CM 1.1f                   /* below the lower line */
#define OPEN_FROM_CM 0.20f              /* above the upper one, ... */
#define OPEN_TO_CM 0.85f                /* ... where it is lightest */
#define BROW_FROM_CM 1.2f               /* and above the brow, the same */
#define BROW_TO_CM 2.8f
#define SHUT 0.91f                      /* light of a shut lid in the mean, ... */
#define OPEN 0.3f                       /* ... in which the open lid has this share; ... */
#define SHUT_MOST 1.05f                 /* ... and at most in what is above */

enum { N_LINES = 14 };

static float total(const float rgb[3])
{
    return rgb[0] + rgb[1] + rgb[2];
}

static int by_value(const void *a, const void *b)
{
    const uint8_t x = *(const uint8_t *)a, y = *(const uint8_t *)b;

    return (x > y) - (x < y);
}

/* Median colour of the photo along a line of the lid, moved up by `up` cm. */
static void measure_along(const limner_lid_paint *k, const uint16_t *line, float up, float out[3])
{
    const float *x = k->in.rig->rest[0], *y = k->in.rig->rest[1], d = up * k->in.cm;
    uint8_t seen[3][LIMNER_CONTACT_MAX];
    const uint32_t n = k->in.lid->n;

    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *px = limner_lid_window_photo(&k->in, x[line[i]] + d * k->in.rig->up[0],
                                                    y[line[i]] + d * k->in.rig->up[1]);

        for (int c = 0; c < 3; c++)
            seen[c][i] = px[c];
    }
    for (int c = 0; c < 3; c++) {
        qsort(seen[c], n, 1, by_value);
        out[c] = seen[c][n / 2];
    }
}

/* The same along the upper line moved up by from..to cm, where that is lightest; `out` stays where
 * nothing is lighter. */
static void measure_lightest(const limner_lid_paint *k, float from, float to, float out[3])
{
    for (int i = 0; i < N_LINES; i++) {
        const float up = from + (to - from) * (float)i / (N_LINES - 1);
        float rgb[3];

        measure_along(k, k->in.lid->line->upper, up, rgb);
        if (total(rgb) > total(out))
            memcpy(out, rgb, sizeof(rgb));
    }
}

void limner_lid_measure_skin(limner_lid_paint *k)
{
    float open[3] = {0}, brow[3], light, sum = 0;

    measure_along(k, k->in.lid->line->lower, -BELOW_CM, k->below);
    measure_lightest(k, OPEN_FROM_CM, OPEN_TO_CM, open);
    /* Hair or a hat over the brow tells nothing. */
    memcpy(brow, open, sizeof(brow));
    measure_lightest(k, BROW_FROM_CM, BROW_TO_CM, brow);
    light = SHUT * powf(total(open), OPEN) *
            powf(total(k->below) * total(brow), (1 - OPEN) / 2);
    /* Where only what is below is in the light, the lid stays in the shadow. */
    light = fminf(light, SHUT_MOST * total(brow));
    for (int c = 0; c < 3; c++) {
        k->shut[c] = powf(open[c], OPEN) * powf(k->below[c], 1 - OPEN);
        sum += k->shut[c];
    }
    for (int c = 0; c < 3; c++)
        k->shut[c] *= light / fmaxf(sum, 1);
}
