/* SPDX-License-Identifier: Apache-2.0 */
/* A fixture for tests of the renderer: the shipped face model and a portrait made here, a smooth
 * picture with a face somewhere in it, S pixels wide and high. Include after cmocka.h. */
#ifndef LIMNER_TESTS_PAINTED_PORTRAIT_H
#define LIMNER_TESTS_PAINTED_PORTRAIT_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"
#include "render/renderer.h"
#include "shipped_face.h"

enum { S = 256, CHIN = 152, BROW = 10 };

typedef struct fixture {
    limner_face *face;
    limner_appearance app;
    limner_motion own;
} fixture;

static inline uint8_t wave(int x, int y, int c, float phase)
{
    const float v = 128 + 60 * sinf(0.045f * (float)x + 0.9f * (float)c + phase) *
                              cosf(0.038f * (float)y - 0.7f * (float)c);

    return (uint8_t)lrintf(v);
}

static inline void paint(limner_image *img, uint32_t channels, float phase)
{
    assert_int_equal(limner_image_open(img, S, S, channels), LIMNER_OK);
    for (int i = 0; i < S * S; i++) {
        for (uint32_t c = 0; c < channels; c++)
            limner_image_row(img, (uint32_t)(i / S))[(uint32_t)(i % S) * channels + c] =
                wave(i % S, i / S, (int)c, phase);
    }
}

/* A soft ellipse down to the lower border: head and shoulders. */
static inline void paint_matte(limner_image *img)
{
    assert_int_equal(limner_image_open(img, S, S, 1), LIMNER_OK);
    for (int i = 0; i < S * S; i++) {
        const float x = ((float)(i % S) - S / 2.0f) / (0.34f * S);
        const float y = ((float)(i / S) - 0.62f * S) / (0.5f * S);
        const float d = (1 - sqrtf(x * x + y * y)) * 20 + 0.5f;

        limner_image_row(img, (uint32_t)(i / S))[i % S] =
            (uint8_t)lrintf(255 * fminf(1, fmaxf(0, d)));
    }
}

/* photo = matte * foreground + (1 - matte) * background, as the encoder promises. */
static inline void compose_photo(limner_appearance *a)
{
    assert_int_equal(limner_image_open(&a->photo, S, S, 3), LIMNER_OK);
    for (int i = 0; i < S * S * 3; i++) {
        const float m = (float)a->matte.px[i / 3] / 255;

        a->photo.px[i] = (uint8_t)lrintf(m * (float)a->foreground.px[i] +
                                         (1 - m) * (float)a->background.px[i]);
    }
    assert_int_equal(limner_image_copy(&a->eyes, &a->photo), LIMNER_OK);
    assert_int_equal(limner_image_copy(&a->full, &a->photo), LIMNER_OK);
    assert_int_equal(limner_image_open(&a->highlight, S, S, 1), LIMNER_OK);
}

static inline void set_colours(limner_appearance *a)
{
    const float tooth[3] = {225, 215, 200}, gum[3] = {150, 70, 70}, tongue[3] = {170, 90, 90};
    const float skin[3] = {200, 160, 140}, lip[3] = {180, 100, 95};

    memcpy(a->tooth_rgb, tooth, sizeof(tooth));
    memcpy(a->gum_rgb, gum, sizeof(gum));
    memcpy(a->tongue_rgb, tongue, sizeof(tongue));
    memcpy(a->skin_rgb, skin, sizeof(skin));
    memcpy(a->lip_rgb, lip, sizeof(lip));
}

static inline void set_fit(limner_appearance *a)
{
    limner_fit *f = &a->fit;

    f->yaw = 4;
    f->rotation[0] = f->rotation[8] = cosf(f->yaw * 3.14159265f / 180);
    f->rotation[2] = sinf(f->yaw * 3.14159265f / 180);
    f->rotation[6] = -f->rotation[2];
    f->rotation[4] = 1;
    f->scale = S / 34.0f;
    f->tx = S / 2.0f;
    f->ty = S * 0.48f;
    f->shape[LIMNER_JAW_OPEN] = 0.15f;
    f->shape[LIMNER_MOUTH_SMILE_LEFT] = 0.3f;
    a->landmarks[CHIN][0] = a->landmarks[BROW][0] = S / 2.0f;
    a->landmarks[CHIN][1] = S * 0.68f;
    a->landmarks[BROW][1] = S * 0.3f;
    a->light[0] = 3;
    a->light[2] = 0.4f;
}

static inline int setup(void **state)
{
    fixture *x = calloc(1, sizeof(*x));
    limner_appearance *a;
    limner_rng r;

    assert_non_null(x);
    a = &x->app;
    x->face = open_shipped_face();
    a->size_px = a->photo_width_px = a->photo_height_px = S;
    a->photo_scale = 1;
    a->n_vertices = x->face->n_vertices;
    a->residual = limner_calloc(a->n_vertices, 2 * sizeof(float));
    assert_non_null(a->residual);
    limner_rng_init(&r, 5, 0);
    for (uint32_t i = 0; i < 2 * a->n_vertices; i++)
        a->residual[i] = 0.8f * sinf(0.001f * (float)i);
    paint(&a->foreground, 3, 0);
    paint(&a->background, 3, 2);
    paint_matte(&a->matte);
    compose_photo(a);
    set_colours(a);
    set_fit(a);
    memcpy(x->own.expression, a->fit.shape, sizeof(x->own.expression));
    x->own.yaw = a->fit.yaw;
    x->own.distance = 1;
    *state = x;
    return 0;
}

static inline int teardown(void **state)
{
    fixture *x = *state;

    limner_face_close(&x->face);
    limner_appearance_close(&x->app);
    free(x);
    assert_int_equal(limner_mem_live(), 0);
    return 0;
}

#endif
