/* SPDX-License-Identifier: Apache-2.0 */
/* The portrait encoder's order of steps. The crop is a square around the landmarks' box (side
 * CROP_OVER_BOX times the box, moved and shrunk to stay inside the photo as long as that leaves the
 * face whole), cut at whole pixels and kept at the photo's own resolution between 512 and
 * 1024, so that an ordinary photo is not resampled at all. */
#include "portrait/encoder.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/pool.h"
#include "face/fit.h"
#include "portrait/debug.h"
#include "portrait/detect.h"
#include "portrait/layers.h"
#include "portrait/neighbours.h"
#include "portrait/segment.h"

#define CROP_OVER_BOX 2.15f             /* head, some air above, shoulders below */
#define CROP_OVER_BOX_MIN 1.05f           /* less cuts the face itself: pad instead */
#define SEEN_SHARE 0.85f                /* less of a face in the photo: it is cut off */
#define CROP_DOWN 0.03f                 /* of the side: the crop's centre below the box's */

enum { CROP_PREFERRED_PX = 512, PHOTO_MIN_PX = 32, PHOTO_MAX_PX = 16384 };

#define PHOTO_MAX_PIXELS 100000000u

typedef struct encoder {
    limner_appearance *app;
    const limner_face *face;
    const limner_photo *photo;
    const limner_portrait_options *opt;
    limner_nets_run run;
    limner_pool *pool;
    limner_image photo_view;            /* the caller's pixels, read only */
    limner_found_face *found;           /* [LIMNER_MAX_FACES] */
    size_t n_found, which;              /* of them is the one asked for */
    float *mask;                        /* [256][256] */
    limner_status lane[2];              /* how they went, see make_layers */
    char *detail;
} encoder;

__attribute__((format(printf, 3, 4)))
static limner_status fail(const encoder *e, limner_status st, const char *format, ...)
{
    va_list args;

    if (e->detail) {
        va_start(args, format);
        vsnprintf(e->detail, LIMNER_DETAIL_SIZE, format, args);
        va_end(args);
    }
    return st;
}

limner_image limner_photo_view(const limner_photo *photo)
{
    union {
        const uint8_t *read;
        uint8_t *px;
    } rgb = {.read = photo->rgb};
    const limner_image img = {.px = rgb.px, .stride = photo->stride, .w = photo->width_px,
                              .h = photo->height_px, .n_channels = 3};

    return img;
}

limner_status limner_photo_check(const limner_photo *photo)
{
    const uint64_t n = (uint64_t)photo->width_px * photo->height_px;

    if (photo->width_px < PHOTO_MIN_PX || photo->height_px < PHOTO_MIN_PX ||
        photo->stride < (ptrdiff_t)photo->width_px * 3)
        return LIMNER_E_ARG;
    if (photo->width_px > PHOTO_MAX_PX || photo->height_px > PHOTO_MAX_PX || n > PHOTO_MAX_PIXELS)
        return LIMNER_E_LIMIT;
    return LIMNER_OK;
}

/* Whether a good part of the face lies beyond the photo's border. */
static bool is_cut_off(const encoder *e, const limner_detection *d)
{
    const float w = (float)e->photo->width_px, h = (float)e->photo->height_px;
    const float seen_x = fminf(w, d->x_px + d->width_px) - fmaxf(0, d->x_px);
    const float seen_y = fminf(h, d->y_px + d->height_px) - fmaxf(0, d->y_px);

    return seen_x < SEEN_SHARE * d->width_px || seen_y < SEEN_SHARE * d->height_px;
}

/* Whether an eye or the mouth lies beyond the photo's border, where the nets imagine it. */
static bool lacks_features(const encoder *e, const limner_found_face *f)
{
    /* The mesh's outer eye corners, mouth corners and the lower edge of the lower lip. */
    static const int needed[] = {33, 263, 61, 291, 17};
    bool is_lacking = false;

    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        const float *p = f->landmarks[needed[i]];
        is_lacking |= p[0] < 0 || p[1] < 0 || p[0] > (float)e->photo->width_px ||
                      p[1] > (float)e->photo->height_px;
    }
    return is_lacking;
}

static bool is_good(const encoder *e, const limner_found_face *f)
{
    return limner_face_check(&f->quality) == LIMNER_FACE_GOOD && !lacks_features(e, f);
}

static limner_status check_face(const encoder *e, const limner_found_face *f)
{
    const float side = fmaxf(f->detection.width_px, f->detection.height_px);

    if (e->opt->is_forced)
        return LIMNER_OK;
    switch (limner_face_check(&f->quality)) {
    case LIMNER_FACE_GOOD:
        if (!lacks_features(e, f))
            return LIMNER_OK;
        return fail(e, LIMNER_E_POOR_FACE, "the face is cut off by the border of the photo");
    case LIMNER_FACE_TINY:
        return fail(e, LIMNER_E_POOR_FACE, "the face is only %.0f pixels wide, too small for a "
                    "portrait", (double)side);
    case LIMNER_FACE_PROFILE:
        return fail(e, LIMNER_E_POOR_FACE, "the face is turned away too far (yaw about %.0f "
                    "degrees); both eyes must be seen", (double)f->quality.yaw);
    case LIMNER_FACE_UPSIDE_DOWN:
        return fail(e, LIMNER_E_POOR_FACE, "the face stands on its head; turn the picture by 180 "
                    "degrees");
    case LIMNER_FACE_SIDEWAYS:
        return fail(e, LIMNER_E_POOR_FACE, "the face lies on its side; turn the picture by 90 "
                    "degrees to the %s", f->quality.roll > 0 ? "right" : "left");
    case LIMNER_FACE_NOT_HUMAN:
        break;
    }
    return fail(e, LIMNER_E_POOR_FACE,
                is_cut_off(e, &f->detection) ? "the face is cut off by the border of the photo"
                                             : "the face found does not look human");
}

/* Index of the face asked for, in *which. */
static limner_status choose_face(const encoder *e, size_t n, size_t *which)
{
    size_t n_good = 0, good = 0;

    *which = 0;
    if (!n)
        return fail(e, LIMNER_E_NO_FACE, "no face found in the picture");
    if (e->opt->face >= 0) {
        if ((size_t)e->opt->face >= n)
            return fail(e, LIMNER_E_ARG, "face %d asked for, but only %zu found (counted from 0)",
                        (int)e->opt->face, n);
        *which = (size_t)e->opt->face;
        return check_face(e, &e->found[*which]);
    }
    for (size_t i = n; i-- > 0;) {
        if (is_good(e, &e->found[i])) {
            n_good++;
            good = i;
        }
    }
    if (n_good > 1)
        return fail(e, LIMNER_E_MANY_FACES, "%zu faces found; choose one by its number, 0 the "
                    "largest", n_good);
    *which = n_good ? good : 0;
    return check_face(e, &e->found[*which]);
}

static void landmark_box(const float lm[LIMNER_N_LANDMARK][3], float box[4])
{
    box[0] = box[1] = 1e9f;
    box[2] = box[3] = -1e9f;
    for (int i = 0; i < LIMNER_N_MESH_LANDMARKS; i++) {
        box[0] = fminf(box[0], lm[i][0]);
        box[1] = fminf(box[1], lm[i][1]);
        box[2] = fmaxf(box[2], lm[i][0]);
        box[3] = fmaxf(box[3], lm[i][1]);
    }
}

/* Start of an interval of length `side` centred at c, moved into 0..n as far as it fits. */
static float place(float c, float side, float n)
{
    float from = c - side / 2;

    if (side >= n)
        return (n - side) / 2;
    if (from < 0)
        from = 0;
    if (from + side > n)
        from = n - side;
    return roundf(from);
}

static limner_status cut_crop(encoder *e, const limner_found_face *f)
{
    limner_appearance *a = e->app;
    const float w = (float)e->photo->width_px, h = (float)e->photo->height_px;
    float box[4], size, side, x0, y0;
    limner_status st;

    landmark_box(f->landmarks, box);
    size = fmaxf(box[2] - box[0], box[3] - box[1]);
    side = fminf(CROP_OVER_BOX * size, fmaxf(fminf(w, h), CROP_OVER_BOX_MIN * size));
    side = fmaxf(2, roundf(side / 2) * 2);
    x0 = place((box[0] + box[2]) / 2, side, w);
    y0 = place((box[1] + box[3]) / 2 + CROP_DOWN * side, side, h);
    a->size_px = (uint32_t)fminf(fmaxf(side, CROP_PREFERRED_PX), LIMNER_CROP_MAX_PX);
    a->photo_scale = (float)a->size_px / side;
    a->photo_tx = -x0 * a->photo_scale;
    a->photo_ty = -y0 * a->photo_scale;
    a->photo_width_px = e->photo->width_px;
    a->photo_height_px = e->photo->height_px;
    for (int i = 0; i < LIMNER_N_LANDMARK; i++) {
        a->landmarks[i][0] = f->landmarks[i][0] * a->photo_scale + a->photo_tx;
        a->landmarks[i][1] = f->landmarks[i][1] * a->photo_scale + a->photo_ty;
        a->landmarks[i][2] = f->landmarks[i][2] * a->photo_scale;
    }
    st = limner_image_open(&a->photo, a->size_px, a->size_px, 3);
    if (st < 0)
        return st;
    limner_image_warp(&a->photo, &e->photo_view,
                      (const float[6]){1 / a->photo_scale, 0, x0, 0, 1 / a->photo_scale, y0});
    return LIMNER_OK;
}

static limner_status keep_full(encoder *e)
{
    const float w = (float)e->photo->width_px, h = (float)e->photo->height_px;
    const float k = fminf(1, LIMNER_MAX_FULL_PX / fmaxf(w, h));
    limner_image *full = &e->app->full;
    limner_status st;

    st = limner_image_open(full, (uint32_t)fmaxf(1, roundf(w * k)),
                           (uint32_t)fmaxf(1, roundf(h * k)), 3);
    if (st < 0)
        return st;
    limner_image_warp(full, &e->photo_view,
                      (const float[6]){w / (float)full->w, 0, 0, 0, h / (float)full->h, 0});
    return LIMNER_OK;
}

static limner_status find_face(encoder *e)
{
    limner_status st = limner_detect_faces(&e->run, &e->photo_view, e->found, LIMNER_MAX_FACES,
                                           &e->n_found);

    if (st < 0)
        return st;
    limner_debug_faces(e->opt, &e->photo_view, e->found, e->n_found);
    st = choose_face(e, e->n_found, &e->which);
    if (st < 0)
        return st;
    st = cut_crop(e, &e->found[e->which]);
    if (st < 0)
        return st;
    return keep_full(e);
}

static limner_status fit_face(encoder *e)
{
    limner_appearance *a = e->app;
    limner_status st;

    a->n_vertices = e->face->n_vertices;
    a->residual = limner_calloc((size_t)a->n_vertices * 2, sizeof(float));
    if (!a->residual)
        return LIMNER_E_NOMEM;
    st = limner_fit_landmarks(&a->fit, e->face, (const float(*)[3])a->landmarks);
    if (st == LIMNER_E_POOR_FACE)
        return fail(e, st, "the face model does not fit this face");
    if (st < 0)
        return st;
    return limner_fit_residual(a->residual, e->face, &a->fit, (const float(*)[3])a->landmarks);
}

/* Person and background: need no fit. */
static limner_status cut_out(encoder *e)
{
    limner_appearance *a = e->app;
    const float side = (float)a->size_px;
    const limner_region whole = {side / 2, side / 2, side, 0};
    limner_status st;

    limner_segment_run(&e->run, &a->photo, &whole,
                       (float(*)[LIMNER_SEGMENT_SIZE])e->mask);
    limner_neighbours_hide((float(*)[LIMNER_SEGMENT_SIZE])e->mask, -a->photo_tx / a->photo_scale,
                           -a->photo_ty / a->photo_scale,
                           side / a->photo_scale / LIMNER_SEGMENT_SIZE, e->found, e->n_found,
                           e->which);
    st = limner_layers_matte(a, e->mask, e->pool);
    return st < 0 ? st : limner_layers_background(a, e->pool);
}

/* The face and what is seen by it in the photo. */
static limner_status model_face(encoder *e)
{
    limner_status st;

    if ((st = fit_face(e)) < 0 || (st = limner_layers_eyes(e->app, e->face)) < 0 ||
        (st = limner_layers_colours(e->app, e->face)) < 0)
        return st;
    return limner_layers_light(e->app, e->face);
}

enum { CUT_OUT, MODEL_FACE, N_LANES };

/* Each lane writes what is its own of the appearance. */
static void run_lane(void *user, uint32_t lane, uint32_t n_lanes)
{
    encoder *e = user;

    (void)n_lanes;
    e->lane[lane] = lane == CUT_OUT ? cut_out(e) : model_face(e);
}

/* The face is modelled beside the rest, most of which keeps several threads busy, but not all. */
static limner_status make_layers(encoder *e)
{
    limner_pool *lanes = NULL;
    limner_status st = LIMNER_OK;

    if (limner_pool_threads(e->pool) > 1)
        st = limner_pool_open(&lanes, N_LANES);
    if (st < 0)
        return st;
    limner_pool_run(lanes, run_lane, e, N_LANES);
    limner_pool_close(&lanes);
    st = e->lane[MODEL_FACE];
    return st < 0 ? st : e->lane[CUT_OUT];
}

static limner_status open_encoder(encoder *e, const limner_nets *nets)
{
    limner_status st = limner_photo_check(e->photo);

    if (e->opt->n_threads > LIMNER_POOL_MAX_THREADS)
        return fail(e, LIMNER_E_LIMIT, "%u threads; 1 to %d are possible", e->opt->n_threads,
                    LIMNER_POOL_MAX_THREADS);
    if (st == LIMNER_E_LIMIT)
        return fail(e, st, "%u x %u pixels; at most %d on a side and %u in all are taken",
                    e->photo->width_px, e->photo->height_px, PHOTO_MAX_PX, PHOTO_MAX_PIXELS);
    if (st < 0)
        return fail(e, st, "%u x %u pixels; at least %d on a side are needed",
                    e->photo->width_px, e->photo->height_px, PHOTO_MIN_PX);
    st = limner_nets_run_open(&e->run, nets, NULL);
    if (st < 0)
        return st;
    e->found = limner_calloc(LIMNER_MAX_FACES, sizeof(*e->found));
    e->mask = limner_calloc(LIMNER_SEGMENT_SIZE * LIMNER_SEGMENT_SIZE, sizeof(float));
    if (!e->found || !e->mask)
        return LIMNER_E_NOMEM;
    return limner_pool_open(&e->pool, e->opt->n_threads);
}

static void close_encoder(encoder *e)
{
    limner_nets_run_close(&e->run);
    limner_pool_close(&e->pool);
    limner_mem_free(e->found);
    limner_mem_free(e->mask);
}

limner_status limner_encode_photo(limner_appearance *out, const limner_face *face,
                                  const limner_nets *nets, const limner_photo *photo,
                                  const limner_portrait_options *opt, char *detail)
{
    encoder e = {.app = out, .face = face, .photo = photo, .opt = opt,
                 .photo_view = limner_photo_view(photo), .detail = detail};
    limner_status st;

    memset(out, 0, sizeof(*out));
    if ((st = open_encoder(&e, nets)) < 0 || (st = find_face(&e)) < 0 ||
        (st = make_layers(&e)) < 0)
        limner_appearance_close(out);
    else
        limner_debug_appearance(opt, face, out, e.mask);
    close_encoder(&e);
    return st;
}

limner_status limner_encode_faces(const limner_nets *nets, const limner_photo *photo,
                                  limner_face_box faces[LIMNER_MAX_FACES], size_t *n_faces)
{
    const limner_portrait_options opt = {.n_threads = 1};
    encoder e = {.photo = photo, .opt = &opt, .photo_view = limner_photo_view(photo)};
    size_t n = 0;
    limner_status st = open_encoder(&e, nets);

    if (st >= 0)
        st = limner_detect_faces(&e.run, &e.photo_view, e.found, LIMNER_MAX_FACES, &n);
    for (size_t i = 0; st >= 0 && i < n; i++) {
        const limner_detection *d = &e.found[i].detection;

        faces[i] = (limner_face_box){d->x_px, d->y_px, d->width_px, d->height_px, d->score};
    }
    *n_faces = st >= 0 ? n : 0;
    close_encoder(&e);
    return st;
}
