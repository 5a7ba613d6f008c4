/* SPDX-License-Identifier: Apache-2.0 */
/* Draws a plain frontal face from soft ellipses, with known places of its parts, for tests that
 * need a face and no photo of anybody. Units: pixels; at r = 80 the face is 144 x 190 wide and
 * high, irises at (-30, -15) and (30, -15) from its centre, mouth at (0, 52), chin at (0, 95). */
#ifndef LIMNER_TESTS_DRAWN_FACE_H
#define LIMNER_TESTS_DRAWN_FACE_H

#include <math.h>

#include "core/image.h"

typedef struct drawn_face {
    float x, y;                 /* centre */
    float r;                    /* size */
    float roll;                 /* degrees, > 0: top to the picture's left */
} drawn_face;

/* Place (x, y) of the face drawn at r = 80, in the picture. */
static void drawn_place(const drawn_face *f, float x, float y, float out[2])
{
    const float a = f->roll * 3.14159265f / 180, s = f->r / 80;

    out[0] = f->x + s * (x * cosf(a) + y * sinf(a));
    out[1] = f->y + s * (y * cosf(a) - x * sinf(a));
}

static void drawn_ellipse(limner_image *img, const drawn_face *f, float x, float y, float a,
                          float b, uint32_t rgb, float soft)
{
    const float s = f->r / 80, angle = f->roll * 3.14159265f / 180;
    const float c = cosf(angle), d = sinf(angle);
    float centre[2];

    drawn_place(f, x, y, centre);
    for (uint32_t j = 0; j < img->h; j++)
        for (uint32_t i = 0; i < img->w; i++) {
            const float px = (float)i + 0.5f - centre[0], py = (float)j + 0.5f - centre[1];
            const float u = (px * c - py * d) / (a * s), v = (px * d + py * c) / (b * s);
            const float edge = (1 - sqrtf(u * u + v * v)) * fminf(a, b) * s / (soft * s) + 0.5f;
            const float m = edge < 0 ? 0 : edge > 1 ? 1 : edge;
            uint8_t *p = limner_image_row(img, j) + 3 * (size_t)i;

            for (int k = 0; m > 0 && k < 3; k++) {
                const float colour = (float)(rgb >> (16 - 8 * k) & 255);

                p[k] = (uint8_t)((float)p[k] + m * (colour - (float)p[k]) + 0.5f);
            }
        }
}

static void drawn_eye(limner_image *img, const drawn_face *f, float x)
{
    drawn_ellipse(img, f, x, -37, 18, 4, 0x463023, 2);          /* brow */
    drawn_ellipse(img, f, x, -15, 20, 13, 0xc4947a, 6);         /* socket */
    drawn_ellipse(img, f, x, -15, 14, 6.5f, 0x3c281e, 1);       /* lids */
    drawn_ellipse(img, f, x, -14.3f, 13, 5.5f, 0xf0eeeb, 1);    /* white */
    drawn_ellipse(img, f, x, -15, 5.5f, 5.5f, 0x503c28, 1);     /* iris, pupil, light */
    drawn_ellipse(img, f, x, -15, 2.4f, 2.4f, 0x0f0c0a, 1);
    drawn_ellipse(img, f, x - 1.5f, -16.5f, 1.1f, 1.1f, 0xffffff, 1);
}

static void drawn_person(limner_image *img, const drawn_face *f)
{
    drawn_ellipse(img, f, 0, 190, 130, 75, 0x3c466e, 2);        /* shoulders, neck, hair */
    drawn_ellipse(img, f, 0, 90, 38, 70, 0xc89b82, 3);
    drawn_ellipse(img, f, 0, -25, 88, 100, 0x3c2a1e, 3);
    drawn_ellipse(img, f, 0, 0, 72, 95, 0xe0b296, 3);           /* face, forehead */
    drawn_ellipse(img, f, 0, -30, 60, 45, 0xe8bca0, 30);
    drawn_eye(img, f, -30);
    drawn_eye(img, f, 30);
    drawn_ellipse(img, f, 0, 8, 9, 26, 0xecc2a6, 8);            /* nose, nostrils */
    drawn_ellipse(img, f, 0, 24, 13, 8, 0xdaa88c, 5);
    drawn_ellipse(img, f, -7, 29, 3.5f, 2.2f, 0x784b3c, 1.5f);
    drawn_ellipse(img, f, 7, 29, 3.5f, 2.2f, 0x784b3c, 1.5f);
    drawn_ellipse(img, f, 0, 52, 24, 8, 0xbe5f5a, 2);           /* lips, their line, chin */
    drawn_ellipse(img, f, 0, 51.5f, 22, 1.6f, 0x5a2323, 1);
    drawn_ellipse(img, f, 0, 72, 20, 7, 0xce9e84, 8);
}

/* A picture of w x h with these people before a plain wall; false when out of memory. */
static int drawn_picture(limner_image *img, uint32_t w, uint32_t h, const drawn_face *faces, int n)
{
    if (limner_image_open(img, w, h, 3) < 0)
        return 0;
    for (uint32_t j = 0; j < h; j++)
        for (uint32_t i = 0; i < w; i++) {
            uint8_t *p = limner_image_row(img, j) + 3 * (size_t)i;

            p[0] = 120;
            p[1] = 140;
            p[2] = 150;
        }
    for (int i = 0; i < n; i++)
        drawn_person(img, &faces[i]);
    return 1;
}

#endif
