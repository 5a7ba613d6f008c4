/* SPDX-License-Identifier: Apache-2.0 */
/* Saving and loading of appearances. All small numbers travel in one f32 tensor, "numbers", in the
 * order of the table below; layers are u8 tensors [h][w][channels]. "header" holds the version, the
 * crop's and the photo's size and the checksum of the face model's mean shape, without which the
 * vertex arrays mean nothing. */
#include "portrait/portrait_file.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "nn/weights.h"

enum { N_HEADER = 8, N_LAYERS = 7, PHOTO_MAX_PX = 16384 };

typedef struct field {
    size_t offset, n;           /* floats of limner_appearance */
} field;

#define FIELD(member, count) {offsetof(limner_appearance, member), count}

static const field fields[] = {
    FIELD(photo_scale, 1), FIELD(photo_tx, 1), FIELD(photo_ty, 1),
    FIELD(fit, sizeof(limner_fit) / sizeof(float)),
    FIELD(landmarks, LIMNER_N_LANDMARK * 3), FIELD(light, 9),
    FIELD(eye, 2 * sizeof(limner_eye) / sizeof(float)),
    FIELD(skin_rgb, 3), FIELD(lip_rgb, 3), FIELD(tooth_rgb, 3), FIELD(gum_rgb, 3),
    FIELD(tongue_rgb, 3), FIELD(teeth_seen, 1)
};

enum { N_FIELDS = sizeof(fields) / sizeof(*fields) };

_Static_assert(sizeof(limner_fit) ==
               sizeof(float) * (LIMNER_N_IDENTITY + LIMNER_N_SHAPE + 9 + 3 + 2 + 3 + 1),
               "limner_fit is floats only");

typedef struct layer {
    const char *name;
    size_t offset;
    uint32_t n_channels;
} layer;

#define LAYER(member, channels) {#member, offsetof(limner_appearance, member), channels}

static const layer layers[N_LAYERS] = {
    LAYER(photo, 3), LAYER(matte, 1), LAYER(foreground, 3), LAYER(background, 3), LAYER(eyes, 3),
    LAYER(highlight, 1), LAYER(full, 3)
};

static uint32_t count_numbers(void)
{
    size_t n = 0;

    for (int i = 0; i < N_FIELDS; i++)
        n += fields[i].n;
    return (uint32_t)n;
}

static uint32_t face_checksum(const limner_face *face)
{
    return limner_crc32c(0, face->mean, (size_t)face->stride * 3 * sizeof(float));
}

static void fill_header(int32_t header[N_HEADER], const limner_appearance *app,
                        const limner_face *face)
{
    const uint32_t sum = face_checksum(face);

    memset(header, 0, N_HEADER * sizeof(*header));
    header[0] = LIMNER_PORTRAIT_VERSION;
    header[1] = (int32_t)app->size_px;
    header[2] = (int32_t)app->photo_width_px;
    header[3] = (int32_t)app->photo_height_px;
    header[4] = (int32_t)app->n_vertices;
    memcpy(&header[5], &sum, sizeof(sum));
}

static limner_status add_layers(limner_weights_writer *w, const limner_appearance *app)
{
    for (int i = 0; i < N_LAYERS; i++) {
        const limner_image *img =
            (const limner_image *)(const void *)((const char *)app + layers[i].offset);
        const uint32_t dims[3] = {img->h, img->w, img->n_channels};
        const limner_status st =
            limner_weights_writer_add(w, layers[i].name, LIMNER_DTYPE_U8, 3, dims, img->px);

        if (st < 0)
            return st;
    }
    return LIMNER_OK;
}

limner_status limner_appearance_save(const limner_appearance *app, const limner_face *face,
                                     void **bytes, size_t *len_bytes)
{
    const uint32_t n = count_numbers();
    float *numbers = limner_alloc(n, sizeof(float)), *at = numbers;
    limner_weights_writer *w = NULL;
    int32_t header[N_HEADER];
    limner_status st = LIMNER_E_NOMEM;

    *bytes = NULL;
    *len_bytes = 0;
    if (!numbers)
        return st;
    for (int i = 0; i < N_FIELDS; at += fields[i++].n)
        memcpy(at, (const char *)app + fields[i].offset, fields[i].n * sizeof(float));
    fill_header(header, app, face);
    if ((st = limner_weights_writer_open(&w, "portrait")) < 0 ||
        (st = limner_weights_writer_add(w, "header", LIMNER_DTYPE_I32, 1,
                                        (const uint32_t[1]){N_HEADER}, header)) < 0 ||
        (st = limner_weights_writer_add(w, "numbers", LIMNER_DTYPE_F32, 1, &n, numbers)) < 0 ||
        (st = limner_weights_writer_add(w, "residual", LIMNER_DTYPE_F32, 2,
                                        (const uint32_t[2]){app->n_vertices, 2},
                                        app->residual)) < 0 ||
        (st = add_layers(w, app)) < 0)
        goto done;
    st = limner_weights_writer_finish(w, bytes, len_bytes);
done:
    limner_weights_writer_close(&w);
    limner_mem_free(numbers);
    return st;
}

static int all_finite(const float *v, size_t n, float limit)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(v[i]) <= limit))
            return 0;
    return 1;
}

static limner_status read_header(limner_appearance *app, const limner_face *face,
                                 const limner_weights *w)
{
    const limner_tensor *t = limner_weights_find(w, "header", LIMNER_DTYPE_I32, 1,
                                                 (const uint32_t[1]){N_HEADER});
    const uint32_t sum = face_checksum(face);
    int32_t h[N_HEADER];

    if (!t)
        return LIMNER_E_FORMAT;
    memcpy(h, t->data, sizeof(h));
    if (h[0] != LIMNER_PORTRAIT_VERSION || h[1] < LIMNER_CROP_MIN_PX ||
        h[1] > LIMNER_CROP_MAX_PX || h[2] < 1 || h[2] > PHOTO_MAX_PX || h[3] < 1 ||
        h[3] > PHOTO_MAX_PX || (uint32_t)h[4] != face->n_vertices || memcmp(&h[5], &sum, 4))
        return LIMNER_E_FORMAT;
    app->size_px = (uint32_t)h[1];
    app->photo_width_px = (uint32_t)h[2];
    app->photo_height_px = (uint32_t)h[3];
    app->n_vertices = (uint32_t)h[4];
    return LIMNER_OK;
}

static limner_status read_numbers(limner_appearance *app, const limner_weights *w)
{
    const uint32_t n = count_numbers();
    const limner_tensor *t = limner_weights_find(w, "numbers", LIMNER_DTYPE_F32, 1, &n);
    const limner_tensor *res = limner_weights_find(w, "residual", LIMNER_DTYPE_F32, 2,
                                                   (const uint32_t[2]){app->n_vertices, 2});
    const float *at;

    if (!t || !res || !all_finite(t->data, n, 1e6f) ||
        !all_finite(res->data, res->n_values, 1e4f))
        return LIMNER_E_FORMAT;
    at = t->data;
    for (int i = 0; i < N_FIELDS; at += fields[i++].n)
        memcpy((char *)app + fields[i].offset, at, fields[i].n * sizeof(float));
    if (app->photo_scale < 1e-3f || app->fit.scale < 0.1f)
        return LIMNER_E_FORMAT;
    app->residual = limner_alloc(res->n_values, sizeof(float));
    if (!app->residual)
        return LIMNER_E_NOMEM;
    memcpy(app->residual, res->data, res->len_bytes);
    return LIMNER_OK;
}

static limner_status read_layers(limner_appearance *app, const limner_weights *w)
{
    for (int i = 0; i < N_LAYERS; i++) {
        limner_image *img = (limner_image *)(void *)((char *)app + layers[i].offset);
        const int is_full = img == &app->full;
        const uint32_t side = is_full ? 0 : app->size_px;
        const limner_tensor *t =
            limner_weights_find(w, layers[i].name, LIMNER_DTYPE_U8, 3,
                                (const uint32_t[3]){side, side, layers[i].n_channels});
        limner_status st;

        if (!t || t->dims[0] > LIMNER_MAX_FULL_PX || t->dims[1] > LIMNER_MAX_FULL_PX)
            return LIMNER_E_FORMAT;
        st = limner_image_open(img, t->dims[1], t->dims[0], t->dims[2]);
        if (st < 0)
            return st;
        memcpy(img->px, t->data, t->len_bytes);
    }
    return LIMNER_OK;
}

limner_status limner_appearance_load(limner_appearance *out, const limner_face *face,
                                     const void *bytes, size_t len_bytes)
{
    limner_weights *w = NULL;
    void *aligned = NULL;
    limner_status st;

    memset(out, 0, sizeof(*out));
    if ((uintptr_t)bytes % sizeof(float)) {
        aligned = limner_alloc(1, len_bytes);
        if (!aligned)
            return LIMNER_E_NOMEM;
        memcpy(aligned, bytes, len_bytes);
        bytes = aligned;
    }
    st = limner_weights_open(&w, bytes, len_bytes);
    if (st >= 0 && strcmp(limner_weights_kind(w), "portrait"))
        st = LIMNER_E_FORMAT;
    if (st >= 0 && (st = read_header(out, face, w)) >= 0 && (st = read_numbers(out, w)) >= 0)
        st = read_layers(out, w);
    if (st < 0)
        limner_appearance_close(out);
    limner_weights_close(&w);
    limner_mem_free(aligned);
    return st;
}
