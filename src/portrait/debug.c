/* SPDX-License-Identifier: Apache-2.0 */
/* Debug pictures: layers as they are, overlays drawn with dots and lines on a copy of the crop. */
#include "portrait/debug.h"

#include <math.h>

#include "core/mem.h"
#include "face/fit.h"

static const uint8_t red[3] = {255, 60, 60}, green[3] = {80, 255, 80}, cyan[3] = {80, 220, 255};

static void show(const limner_portrait_options *opt, const char *name, const limner_image *img)
{
    limner_image packed;

    if (!img->px)
        return;
    if (img->stride == (ptrdiff_t)(img->w * img->n_channels)) {
        opt->debug(opt->debug_user, name, img->px, img->w, img->h, img->n_channels);
    } else if (limner_image_copy(&packed, img) >= 0) {
        opt->debug(opt->debug_user, name, packed.px, packed.w, packed.h, packed.n_channels);
        limner_image_close(&packed);
    }
}

static void dot(limner_image *img, float x, float y, float radius, const uint8_t rgb[3])
{
    const int r = (int)ceilf(radius);

    if (!isfinite(x) || !isfinite(y) || fabsf(x) > 1e6f || fabsf(y) > 1e6f)
        return;
    for (int j = (int)y - r; j <= (int)y + r; j++)
        for (int i = (int)x - r; i <= (int)x + r; i++) {
            const float dx = (float)i + 0.5f - x, dy = (float)j + 0.5f - y;

            if (i < 0 || j < 0 || i >= (int)img->w || j >= (int)img->h ||
                dx * dx + dy * dy > radius * radius)
                continue;
            for (int c = 0; c < 3; c++)
                limner_image_row(img, (uint32_t)j)[i * 3 + c] = rgb[c];
        }
}

static void line(limner_image *img, const float a[2], const float b[2], float radius,
                 const uint8_t rgb[3])
{
    const int n = (int)fminf(4096, 2 * hypotf(b[0] - a[0], b[1] - a[1])) + 1;

    for (int i = 0; i <= n; i++) {
        const float t = (float)i / (float)n;

        dot(img, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, radius, rgb);
    }
}

void limner_debug_faces(const limner_portrait_options *opt, const limner_image *photo,
                        const limner_found_face *found, size_t n)
{
    limner_image img;

    if (!opt->debug || limner_image_copy(&img, photo) < 0)
        return;
    for (size_t k = 0; k < n; k++) {
        const limner_detection *d = &found[k].detection;
        const float x[2] = {d->x_px, d->x_px + d->width_px};
        const float y[2] = {d->y_px, d->y_px + d->height_px};
        const float r = fmaxf(1, d->width_px / 150);
        const uint8_t *rgb = limner_face_check(&found[k].quality) == LIMNER_FACE_GOOD ? green : red;

        for (int i = 0; i < 2; i++) {
            line(&img, (const float[2]){x[i], y[0]}, (const float[2]){x[i], y[1]}, r, rgb);
            line(&img, (const float[2]){x[0], y[i]}, (const float[2]){x[1], y[i]}, r, rgb);
        }
        for (int i = 0; i < LIMNER_N_KEYPOINTS; i++)
            dot(&img, d->keypoint[i][0], d->keypoint[i][1], 2 * r, rgb);
    }
    show(opt, "faces", &img);
    limner_image_close(&img);
}

static void show_landmarks(const limner_portrait_options *opt, const limner_face *face,
                           const limner_appearance *app)
{
    float fitted[LIMNER_N_LANDMARK][2];
    limner_image img;

    if (limner_image_copy(&img, &app->photo) < 0)
        return;
    for (int i = 0; i < LIMNER_N_LANDMARK; i++)
        dot(&img, app->landmarks[i][0], app->landmarks[i][1], 1.5f, red);
    show(opt, "landmarks", &img);
    if (limner_fit_project_landmarks(fitted, face, &app->fit, NULL) >= 0) {
        for (int i = 0; i < LIMNER_N_LANDMARK; i++)
            dot(&img, fitted[i][0], fitted[i][1], 1.5f, green);
        show(opt, "fit-landmarks", &img);
    }
    limner_image_close(&img);
}

static void show_mesh(const limner_portrait_options *opt, const limner_face *face,
                      const limner_appearance *app)
{
    const limner_face_range head = face->part[LIMNER_PART_HEAD];
    const size_t s = face->stride;
    float *xyz = limner_alloc(limner_face_xyz_floats(face), sizeof(float));
    float *xy = limner_alloc((size_t)face->n_vertices * 2, sizeof(float));
    const limner_fit *fit = &app->fit;
    const float *r = fit->rotation;
    limner_image img;

    if (xyz && xy && limner_image_copy(&img, &app->photo) >= 0) {
        limner_face_shape(face, fit->identity, fit->shape, xyz);
        for (uint32_t i = 0; i < face->n_vertices; i++) {
            const float x = xyz[i], y = xyz[s + i], z = xyz[2 * s + i];

            xy[2 * i] = fit->scale * (r[0] * x + r[1] * y + r[2] * z) + fit->tx +
                        app->residual[2 * i];
            xy[2 * i + 1] = -fit->scale * (r[3] * x + r[4] * y + r[5] * z) + fit->ty +
                            app->residual[2 * i + 1];
        }
        for (uint32_t t = head.first_triangle; t < head.first_triangle + head.n_triangles; t++) {
            const uint16_t *v = face->triangle + (size_t)t * 3;
            const float *a = xy + 2 * v[0], *b = xy + 2 * v[1], *c = xy + 2 * v[2];

            if ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) >= 0)
                continue;               /* seen from behind */
            line(&img, a, b, 0.6f, cyan);
            line(&img, b, c, 0.6f, cyan);
            line(&img, c, a, 0.6f, cyan);
        }
        show(opt, "fit", &img);
        limner_image_close(&img);
    }
    limner_mem_free(xyz);
    limner_mem_free(xy);
}

static void show_mask(const limner_portrait_options *opt, const float *mask)
{
    limner_image img;

    if (limner_image_open(&img, LIMNER_SEGMENT_SIZE, LIMNER_SEGMENT_SIZE, 1) < 0)
        return;
    for (uint32_t y = 0; y < img.h; y++)
        for (uint32_t x = 0; x < img.w; x++)
            limner_image_row(&img, y)[x] =
                (uint8_t)lrintf(255 * fminf(fmaxf(mask[y * img.w + x], 0), 1));
    show(opt, "mask", &img);
    limner_image_close(&img);
}

void limner_debug_appearance(const limner_portrait_options *opt, const limner_face *face,
                             const limner_appearance *app, const float *mask)
{
    if (!opt->debug)
        return;
    show(opt, "crop", &app->photo);
    show_landmarks(opt, face, app);
    show_mask(opt, mask);
    show_mesh(opt, face, app);
    show(opt, "matte", &app->matte);
    show(opt, "foreground", &app->foreground);
    show(opt, "background", &app->background);
    show(opt, "eyes", &app->eyes);
    show(opt, "highlight", &app->highlight);
}
