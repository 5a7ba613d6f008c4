/* SPDX-License-Identifier: Apache-2.0 */
/* Colours of skin, lips and mouth (app->skin_rgb and others): medians over small discs at
 * landmarks. Teeth are measured where the photo shows bright, pale pixels between the inner lips;
 * otherwise they take the whites of the eyes as this picture's white. Gums and tongue lie between
 * lip and skin and are redder than both by as much as the lips are redder than the skin, so a
 * statue's mouth stays nearly stone and a black-and-white one grey. 0..255 sRGB, crop pixels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "portrait/layers.h"

enum { MAX_SAMPLES = 4096, N_INNER = 20, N_LIP_PAIRS = 7 };

#define TOOTH_LUMA 0.60f        /* of the skin's luminance: darker is no tooth */
#define TOOTH_OVER_SKIN 0.85f   /* of the skin's redness, ... */
#define TOOTH_OVER_LIPS 0.60f   /* ... of the lips': redder is gum, tongue or lip */
#define MOUTH_COLOUR 0.03f      /* redness of the skin: in a picture with colour the mouth is at */
#define MOUTH_RED 0.6f          /* least this share as red as most, glossy lips may tell nothing */
#define GREY_REDNESS 0.015f     /* of a picture without colour */
#define TOOTH_LUMA_MAX 225.0f   /* of teeth that are guessed */
#define TOOTH_OF_SKIN 1.06f     /* luminance of guessed teeth over the skin's */
#define TOOTH_OF_LIPS 1.3f      /* at least, over the lips': the cheeks may lie in a hat's shade */
#define TOOTH_SHADE 0.85f       /* darker ones that are seen lie in the lips' shade: */
#define TOOTH_LIFTED 0.95f      /* in the light they are as bright as this */
#define TOOTH_RED_LEAST 0.33f   /* of the skin's redness, which is in the picture's light too: */
#define TOOTH_RED_MOST 0.60f    /* ten photos' teeth have 0.06 to 0.5, 0.3 in the mean */
#define TOOTH_YELLOW_MOST 0.75f /* likewise: 0.2 to 0.7 */
#define TOOTH_GREEN 0.965f      /* of a white thing's: teeth are yellower than eyes */
#define TOOTH_BLUE 0.87f
#define OPEN_SHARE 0.035f       /* of the mouth's width: lips closer than this are closed */

static const uint16_t skin_landmarks[] = { 50, 280, 101, 330, 151, 9, 205, 425 };
/* Outer and inner lower lip, and the same for the upper. */
static const uint16_t lip_pairs[2][N_LIP_PAIRS][2] = {
    { { 91, 88 }, { 181, 178 }, { 84, 87 }, { 17, 14 }, { 314, 317 }, { 405, 402 }, { 321, 318 } },
    { { 40, 80 }, { 39, 81 }, { 37, 82 }, { 0, 13 }, { 267, 312 }, { 269, 311 }, { 270, 310 } }
};
static const uint16_t inner_lips[N_INNER] = { 78, 191, 80, 81, 82, 13, 312, 311, 310, 415,
                                              308, 324, 318, 402, 317, 14, 87, 178, 88, 95 };
static const uint16_t iris_landmark[2] = { 473, 468 };

typedef struct samples {
    int n;
    uint8_t rgb[MAX_SAMPLES][3];
} samples;

static float luma(const float rgb[3])
{
    return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
}

/* Red over green, as a share of the brightness. */
static float redness(const float rgb[3])
{
    return (rgb[0] - rgb[1]) / fmaxf(rgb[0] + rgb[1] + rgb[2], 1.0f);
}

static void add(samples *s, const limner_image *img, int x, int y)
{
    if (s->n < MAX_SAMPLES && x >= 0 && y >= 0 && x < (int)img->w && y < (int)img->h)
        memcpy(s->rgb[s->n++], limner_image_row(img, (uint32_t)y) + 3 * x, 3);
}

static void add_disc(samples *s, const limner_image *img, float cx, float cy, float radius)
{
    if (!(fabsf(cx) < 1e5f && fabsf(cy) < 1e5f && radius < 1e3f))
        return;
    for (int y = (int)(cy - radius); y <= (int)(cy + radius); y++)
        for (int x = (int)(cx - radius); x <= (int)(cx + radius); x++)
            if (hypotf((float)x + 0.5f - cx, (float)y + 0.5f - cy) <= radius)
                add(s, img, x, y);
}

static int by_luma(const void *a, const void *b)
{
    const uint8_t *p = a, *q = b;

    return (299 * p[0] + 587 * p[1] + 114 * p[2]) - (299 * q[0] + 587 * q[1] + 114 * q[2]);
}

/* Mean colour of the samples between two quantiles of luminance; 0 without samples. */
static void mean_between(samples *s, float lo, float hi, float rgb[3])
{
    const int from = (int)(lo * (float)s->n), to = (int)ceilf(hi * (float)s->n);

    qsort(s->rgb, (size_t)s->n, sizeof(s->rgb[0]), by_luma);
    for (int c = 0; c < 3; c++) {
        float sum = 0.0f;
        for (int i = from; i < to; i++)
            sum += s->rgb[i][c];
        rgb[c] = to > from ? sum / (float)(to - from) : 0.0f;
    }
}

static float width_of_face(const limner_appearance *app)
{
    return hypotf(app->landmarks[234][0] - app->landmarks[454][0],
                  app->landmarks[234][1] - app->landmarks[454][1]);
}

static void measure_skin(limner_appearance *app, samples *s)
{
    const float radius = fminf(0.03f * width_of_face(app), 10.0f);

    s->n = 0;
    for (size_t k = 0; k < sizeof(skin_landmarks) / sizeof(skin_landmarks[0]); k++)
        add_disc(s, &app->photo, app->landmarks[skin_landmarks[k]][0],
                 app->landmarks[skin_landmarks[k]][1], radius);
    mean_between(s, 0.3f, 0.8f, app->skin_rgb);
}

static void measure_lips(limner_appearance *app, samples *s)
{
    s->n = 0;
    for (int k = 0; k < 2 * N_LIP_PAIRS; k++) {
        const uint16_t *pair = lip_pairs[k / N_LIP_PAIRS][k % N_LIP_PAIRS];
        const float *a = app->landmarks[pair[0]], *b = app->landmarks[pair[1]];
        const float radius = 0.22f * hypotf(a[0] - b[0], a[1] - b[1]);
        add_disc(s, &app->photo, 0.5f * (a[0] + b[0]), 0.5f * (a[1] + b[1]), fminf(radius, 6.0f));
    }
    mean_between(s, 0.25f, 0.75f, app->lip_rgb);
}

static int is_between_lips(const limner_appearance *app, float x, float y)
{
    int is_inside = 0;

    for (int i = 0, j = N_INNER - 1; i < N_INNER; j = i++) {
        const float *p = app->landmarks[inner_lips[i]], *q = app->landmarks[inner_lips[j]];
        if ((p[1] > y) != (q[1] > y) && x < (q[0] - p[0]) * (y - p[1]) / (q[1] - p[1]) + p[0])
            is_inside = !is_inside;
    }
    return is_inside;
}

/* Brighter than most of the skin and clearly less red than skin and lips; in a grey picture only
 * brightness can tell. */
static int is_tooth(const limner_appearance *app, const uint8_t *px)
{
    const float rgb[3] = { px[0], px[1], px[2] };
    const float skin = redness(app->skin_rgb), lips = redness(app->lip_rgb);

    if (fabsf(skin) < GREY_REDNESS && fabsf(lips) < GREY_REDNESS)
        return luma(rgb) > luma(app->skin_rgb);
    return luma(rgb) > TOOTH_LUMA * luma(app->skin_rgb) &&
           redness(rgb) < TOOTH_OVER_SKIN * skin && redness(rgb) < TOOTH_OVER_LIPS * lips;
}

/* Teeth among the pixels between the inner lips: into s; returns their share of the opening. */
static float find_teeth(const limner_appearance *app, samples *s)
{
    const float *left = app->landmarks[308], *right = app->landmarks[78];
    const float width = hypotf(left[0] - right[0], left[1] - right[1]);
    const float gap = hypotf(app->landmarks[13][0] - app->landmarks[14][0],
                             app->landmarks[13][1] - app->landmarks[14][1]);
    float lo[2] = { 1e9f, 1e9f }, hi[2] = { -1e9f, -1e9f };
    int n = 0;

    s->n = 0;
    if (gap < OPEN_SHARE * width)
        return 0.0f;
    for (int k = 0; k < N_INNER; k++)
        for (int c = 0; c < 2; c++) {
            lo[c] = fminf(lo[c], app->landmarks[inner_lips[k]][c]);
            hi[c] = fmaxf(hi[c], app->landmarks[inner_lips[k]][c]);
        }
    for (int y = (int)fmaxf(lo[1], 0.0f); y < (int)fminf(hi[1] + 1.0f, (float)app->size_px); y++)
        for (int x = (int)fmaxf(lo[0], 0.0f); x < (int)fminf(hi[0] + 1.0f, (float)app->size_px);
             x++) {
            if (!is_between_lips(app, (float)x + 0.5f, (float)y + 0.5f))
                continue;
            n++;
            if (is_tooth(app, limner_image_row(&app->photo, (uint32_t)y) + 3 * x))
                add(s, &app->photo, x, y);
        }
    return n ? (float)s->n / (float)n : 0.0f;
}

/* The whites of the eyes: bright pixels of app->eyes left and right of the irises. */
static void measure_white(const limner_appearance *app, samples *s, float rgb[3])
{
    s->n = 0;
    for (int side = 0; side < 2; side++) {
        const float *iris = app->landmarks[iris_landmark[side]];
        const float r = app->eye[side].iris_radius;
        for (int k = -1; k <= 1; k += 2)
            add_disc(s, &app->eyes, iris[0] + 1.6f * (float)k * r, iris[1], 0.3f * r);
    }
    mean_between(s, 0.4f, 0.9f, rgb);
}

static void set_luma(float rgb[3], float level)
{
    const float k = level / fmaxf(luma(rgb), 1.0f);

    for (int c = 0; c < 3; c++)
        rgb[c] = fminf(k * rgb[c], 250.0f);
}

/* Holds a tooth's redness, and its yellow, to what teeth have beside such skin. */
static void limit_tint(float rgb[3], const float skin_rgb[3])
{
    const float skin = redness(skin_rgb), own = redness(rgb);
    const float a = TOOTH_RED_LEAST * skin, b = TOOTH_RED_MOST * skin;
    const float by = (fmaxf(fminf(a, b), fminf(fmaxf(a, b), own)) - own) *
                     (rgb[0] + rgb[1] + rgb[2]) / 2;
    const float yellow = fmaxf(0, 1 - skin_rgb[2] / fmaxf(skin_rgb[1], 1));

    rgb[0] += by;
    rgb[1] -= by;
    rgb[2] = fmaxf(rgb[2], rgb[1] * (1 - TOOTH_YELLOW_MOST * yellow));
}

/* Teeth that lie in the lips' shade in the photo: their colour in the light. */
static void lift_shade(limner_appearance *app)
{
    const float skin = luma(app->skin_rgb);

    if (luma(app->tooth_rgb) >= TOOTH_SHADE * skin)
        return;
    limit_tint(app->tooth_rgb, app->skin_rgb);
    set_luma(app->tooth_rgb, TOOTH_LIFTED * skin);
}

/* Teeth unseen: the eyes' white, brighter than the skin. What red it has mostly comes from lids
 * and veins; its yellow is the picture's own and partly stays. */
static void guess_teeth(limner_appearance *app, samples *s)
{
    float white[3], grey, level;

    measure_white(app, s, white);
    if (luma(white) < 0.5f * luma(app->skin_rgb))
        memcpy(white, app->skin_rgb, sizeof(white));
    level = fmaxf(TOOTH_OF_SKIN * luma(app->skin_rgb), 0.9f * luma(white));
    level = fmaxf(level, TOOTH_OF_LIPS * luma(app->lip_rgb));
    grey = 0.5f * (white[0] + white[1]);
    app->tooth_rgb[0] = grey + 0.25f * (white[0] - white[1]);
    app->tooth_rgb[1] = grey - 0.25f * (white[0] - white[1]);
    app->tooth_rgb[2] = grey + 0.65f * (white[2] - grey);
    if (fabsf(redness(app->skin_rgb)) >= GREY_REDNESS) {
        app->tooth_rgb[1] *= TOOTH_GREEN;
        app->tooth_rgb[2] *= TOOTH_BLUE;
    }
    limit_tint(app->tooth_rgb, app->skin_rgb);
    set_luma(app->tooth_rgb, fminf(level, TOOTH_LUMA_MAX));
}

/* out: `share` of the lips, the rest skin, green and blue lowered by `red`, luminance `level`. */
static void inside_colour(const limner_appearance *app, float share, float red, float level,
                          float out[3])
{
    const float lips_over_skin = redness(app->lip_rgb) - redness(app->skin_rgb);
    const float colour = redness(app->skin_rgb) > MOUTH_COLOUR ? MOUTH_RED : 0.0f;
    const float tint = red * fminf(fmaxf(lips_over_skin / 0.05f, colour), 1.0f);

    for (int c = 0; c < 3; c++)
        out[c] = (share * app->lip_rgb[c] + (1.0f - share) * app->skin_rgb[c]) *
                 (c ? 1.0f - tint : 1.0f);
    set_luma(out, level);
}

limner_status limner_layers_colours(limner_appearance *app, const limner_face *face)
{
    samples *s = limner_alloc(1, sizeof(*s));
    float lips, skin;

    (void)face;
    if (!s)
        return LIMNER_E_NOMEM;
    measure_skin(app, s);
    measure_lips(app, s);
    app->teeth_seen = find_teeth(app, s);
    if (s->n >= 24 && app->teeth_seen > 0.08f) {
        mean_between(s, 0.5f, 0.95f, app->tooth_rgb);
        lift_shade(app);
    } else {
        app->teeth_seen = 0.0f;
        guess_teeth(app, s);
    }
    lips = luma(app->lip_rgb);
    skin = luma(app->skin_rgb);
    inside_colour(app, 0.5f, 0.22f, 0.55f * skin + 0.25f * lips, app->gum_rgb);
    inside_colour(app, 0.6f, 0.18f, 0.50f * skin + 0.30f * lips, app->tongue_rgb);
    limner_mem_free(s);
    return LIMNER_OK;
}
