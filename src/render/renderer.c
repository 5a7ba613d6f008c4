/* SPDX-License-Identifier: Apache-2.0 */
/* The renderer's life: opening lays out the canvas in the frame and prepares every part; a frame
 * moves the rig and the sheet, sets up the triangles, then workers raster and shade bands of rows,
 * each with buffers of its own (renderer.h, shade.h). */
#include "render/renderer.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "render/colour.h"
#include "render/detail.h"
#include "render/folds.h"
#include "render/lip_patch.h"
#include "render/relight.h"
#include "render/shade.h"
#include "render/still.h"

enum {
    MIN_PX = 64, MAX_WORKERS = 64, PASTE_PX = 6,
    LANDMARK_CHIN = 152, LANDMARK_BROW = 10
};

#define TONGUE_OUT 0.3f                 /* coefficient from which it may pass the lips */
#define FULL_ROOM 0.2f                  /* of the crop: canvas around it, for a head that grows */
#define MOUTH_OPEN_PX 0.15f             /* narrower than this nothing shows between the lips */

struct limner_renderer {
    const limner_appearance *app;
    limner_pool *pool;
    limner_framing framing;
    limner_pixel pixel;
    uint32_t width_px, height_px;
    limner_view view;
    limner_still_part canvas;           /* its place in the frame */
    float picture[3];                   /* FULL: frame px = [0] * photo px + ([1], [2]) */
    limner_rig rig;
    limner_core core;
    limner_sheet sheet;
    limner_swing swing;
    float frame_s;                      /* seconds a frame; 0: unknown, hair does not swing */
    limner_relight relight;
    limner_eyes eyes;
    limner_lids lids;
    limner_mouth mouth;
    limner_lip_patch lip_patch;
    limner_folds folds;
    limner_openings openings;
    limner_texture person, eye_layer, photo;
    limner_texture background;
    limner_image matte;
    limner_still still;                 /* FULL: the whole frame at rest */
    limner_drawlist sheet_list, core_list, inside_list;
    limner_plane *planes;               /* of the sheet's triangles, the core's and the mouth's */
    limner_scene scene;
    limner_band_work *work;             /* [n_workers] */
    uint32_t n_workers;
    atomic_uint next_band;              /* to be drawn by whoever comes first */
    const limner_render_target *target; /* of the frame being drawn, ... */
    const limner_render_target *under;  /* ... and what it is drawn over; NULL: the photo */
};

static uint32_t even_floor(float v)
{
    return v <= 0 ? 0 : (uint32_t)v & ~1u;
}

/* FULL: the photo fills the frame (or fits in, where the proportions differ much); at its own size
 * it is not resampled, and an odd column or row is left out. */
static void place_picture(limner_renderer *r)
{
    const limner_appearance *a = r->app;
    const float w = (float)r->width_px, h = (float)r->height_px;
    const float kx = w / (float)a->photo_width_px, ky = h / (float)a->photo_height_px;
    const float most = fmaxf(kx, ky), least = fminf(kx, ky);

    r->picture[0] = most > 1.03f * least ? least : most;
    r->picture[1] = (w - r->picture[0] * (float)a->photo_width_px) / 2;
    r->picture[2] = (h - r->picture[0] * (float)a->photo_height_px) / 2;
    if (r->width_px == (a->photo_width_px & ~1u) && r->height_px == (a->photo_height_px & ~1u)) {
        r->picture[0] = 1;
        r->picture[1] = r->picture[2] = 0;
    }
}

/* FULL: the canvas is the crop's place in the picture and some room around. */
static void place_full(limner_renderer *r)
{
    const limner_appearance *a = r->app;
    const float w = (float)r->width_px, h = (float)r->height_px;
    const float k = r->picture[0], x0 = r->picture[1], y0 = r->picture[2];
    const float scale = k / a->photo_scale, size = scale * (float)a->size_px;
    const float left = x0 - scale * a->photo_tx, top = y0 - scale * a->photo_ty;
    const float room = FULL_ROOM * size;

    r->canvas.left = even_floor(left - room);
    r->canvas.top = even_floor(top - room);
    r->view.k = scale;
    r->view.x = left - (float)r->canvas.left;
    r->view.y = top - (float)r->canvas.top;
    r->view.w = (int32_t)even_floor(fminf(left + size + room, w) - (float)r->canvas.left);
    r->view.h = (int32_t)even_floor(fminf(top + size + room, h) - (float)r->canvas.top);
    r->view.left = (int32_t)fmaxf(0, ceilf(r->view.x));
    r->view.top = (int32_t)fmaxf(0, ceilf(r->view.y));
    r->view.right = (int32_t)fminf((float)r->view.w, floorf(r->view.x + size));
    r->view.low = (int32_t)fminf((float)r->view.h, floorf(r->view.y + size));
    r->canvas.width = (uint32_t)r->view.w;
    r->canvas.height = (uint32_t)r->view.h;
}

static limner_status place_canvas(limner_renderer *r)
{
    const limner_appearance *a = r->app;
    const bool is_full = r->framing == LIMNER_FRAMING_FULL;
    const uint32_t most = is_full ? LIMNER_MAX_FULL_PX : LIMNER_MAX_CROP_PX;

    if (r->width_px < MIN_PX || r->height_px < MIN_PX || r->width_px > most ||
        r->height_px > most || r->width_px % 2 || r->height_px % 2)
        return LIMNER_E_ARG;
    if (r->framing == LIMNER_FRAMING_ALPHA && r->pixel != LIMNER_PIXEL_RGBA)
        return LIMNER_E_ARG;
    if (is_full) {
        if (!a->full.px || !a->photo_width_px || !a->photo_height_px || !(a->photo_scale > 0))
            return LIMNER_E_ARG;
        place_picture(r);
        place_full(r);
        return r->view.right - r->view.left >= 8 && r->view.low - r->view.top >= 8 ? LIMNER_OK
                                                                                   : LIMNER_E_ARG;
    }
    if (r->width_px != r->height_px)
        return LIMNER_E_ARG;
    r->view = (limner_view){.k = (float)r->width_px / (float)a->size_px, .w = (int32_t)r->width_px,
                            .h = (int32_t)r->height_px, .right = (int32_t)r->width_px,
                            .low = (int32_t)r->height_px};
    return LIMNER_OK;
}

/* The core is opaque, whatever the matte says; and everywhere the person's colour is what makes the
 * composite the photo (scaling colour, matte and background by themselves loses that). */
static void settle_person(limner_renderer *r)
{
    const float least = 0.06f;          /* below this share the colour is left as it is */

    for (int32_t y = 0; y < r->view.h; y++) {
        const uint8_t *back = limner_texture_at(&r->background, 0, y);

        for (int32_t x = 0; x < r->view.w; x++) {
            uint8_t *p = limner_texture_at(&r->person, x, y);
            const uint8_t *photo = limner_texture_at(&r->photo, x, y);
            const float f = (float)r->core.feather[y * r->view.w + x] / 255;
            const float a = (float)p[3] / 255, b = a + f * (1 - a);

            if (b < least)
                continue;
            p[3] = (uint8_t)lrintf(255 * b);
            for (int k = 0; k < 3; k++) {
                const float under = (float)back[4 * x + k] * (255 - p[3]) / 255;
                const float v = ((float)photo[k] - under) * 255 / (float)p[3];

                p[k] = (uint8_t)lrintf(fminf(255, fmaxf(0, v)));
            }
        }
    }
}

/* FULL: beyond the crop there is the picture and no one. */
static void fill_room(limner_renderer *r)
{
    const limner_view *v = &r->view;

    for (int32_t i = 0; i < v->w * v->h; i++) {
        const int32_t x = i % v->w, y = i / v->w;

        if (x >= v->left && x < v->right && y >= v->top && y < v->low)
            continue;
        memcpy(limner_texture_at(&r->background, x, y), limner_texture_at(&r->photo, x, y), 3);
        limner_texture_at(&r->person, x, y)[3] = 0;
        r->matte.px[i] = 0;
    }
}

/* The photo at canvas resolution, and FULL: the frame at rest. *coarse: the photo from the crop
 * alone, where the whole one has more to show. */
static limner_status open_photo(limner_renderer *r, limner_texture *coarse)
{
    const limner_appearance *a = r->app;
    const float fx = (float)a->full.w / (float)a->photo_width_px / r->picture[0];
    const float fy = (float)a->full.h / (float)a->photo_height_px / r->picture[0];
    const float to_full[6] = {fx, 0, -r->picture[1] * fx, 0, fy, -r->picture[2] * fy};
    limner_status st;

    if (r->framing != LIMNER_FRAMING_FULL)
        return limner_detail_photo(&r->photo, coarse, a, &r->view);
    st = limner_texture_open(&r->photo, r->view.w, r->view.h);
    if (st == LIMNER_OK)
        st = limner_still_open(&r->still, &a->full, to_full, r->pixel, r->width_px, r->height_px,
                               &r->photo, &r->canvas);
    return st == LIMNER_OK ? limner_texture_layers(coarse, &a->photo, NULL, &r->view) : st;
}

static limner_status open_layers(limner_renderer *r)
{
    const limner_appearance *a = r->app;
    limner_texture coarse = {0};
    limner_status st = open_photo(r, &coarse);

    if (st == LIMNER_OK)
        st = limner_texture_layers(&r->person, &a->foreground, &a->matte, &r->view);
    if (st == LIMNER_OK)
        st = limner_texture_layers(&r->eye_layer, &a->eyes, &a->highlight, &r->view);
    if (st == LIMNER_OK)
        st = limner_texture_layers(&r->background, &a->background, NULL, &r->view);
    if (st == LIMNER_OK)
        st = limner_texture_layer(&r->matte, &a->matte, &r->view);
    if (st == LIMNER_OK && coarse.bytes) {
        limner_detail_add(&r->eye_layer, &r->photo, &coarse, NULL);
        limner_detail_add(&r->background, &r->photo, &coarse, &r->matte);
    }
    if (st == LIMNER_OK && r->framing == LIMNER_FRAMING_FULL)
        fill_room(r);
    limner_texture_close(&coarse);
    return st;
}

static limner_status open_parts(limner_renderer *r, const limner_face *face)
{
    const float k = r->view.k;
    const float *chin = r->app->landmarks[LANDMARK_CHIN], *brow = r->app->landmarks[LANDMARK_BROW];
    const float chin_at[2] = {chin[0] * k + r->view.x, chin[1] * k + r->view.y};
    const float brow_at[2] = {brow[0] * k + r->view.x, brow[1] * k + r->view.y};
    limner_status st;

    limner_texture_seal(&r->photo);
    st = limner_rig_open(&r->rig, face, r->app, &r->photo, &r->view);

    if (st == LIMNER_OK)
        st = limner_core_open(&r->core, &r->rig);
    if (st == LIMNER_OK)
        st = limner_sheet_open(&r->sheet, &r->rig, r->matte.px, r->core.feather, chin_at, brow_at);
    if (st == LIMNER_OK)
        st = limner_relight_open(&r->relight, &r->rig, r->app);
    if (st == LIMNER_OK)
        st = limner_mouth_open(&r->mouth, &r->rig, &r->core, r->app, &r->photo);
    if (st == LIMNER_OK)
        st = limner_openings_open(&r->openings, &r->rig);
    if (st < 0)
        return st;
    settle_person(r);
    limner_texture_seal(&r->person);
    for (int i = 0; i < 3; i++)
        r->person.tint[i] = (int32_t)lrintf(LIMNER_TINT_ONE * r->relight.shine.tint[i]);
    st = limner_lip_patch_open(&r->lip_patch, &r->rig, &r->mouth.own, &r->person);
    if (st == LIMNER_OK)
        st = limner_folds_open(&r->folds, &r->rig, r->app, r->core.feather, &r->person);
    if (st < 0)
        return st;
    limner_texture_seal(&r->eye_layer);
    st = limner_lids_open(&r->lids, &r->rig, &r->person);
    if (st < 0)
        return st;
    return limner_eyes_open(&r->eyes, &r->rig, r->app, &r->eye_layer, &r->photo);
}

static limner_status open_lists(limner_renderer *r)
{
    const uint32_t n_sheet = limner_sheet_triangles(&r->sheet), n_inside = r->mouth.n_triangles;
    const uint32_t n_core = r->core.n_triangles + r->openings.max;
    limner_plane *planes = limner_alloc((size_t)n_sheet + n_core + n_inside, sizeof(*planes));
    limner_status st = planes ? LIMNER_OK : LIMNER_E_NOMEM;

    r->planes = planes;
    if (st == LIMNER_OK)
        st = limner_drawlist_open(&r->sheet_list, n_sheet, r->sheet.n, planes, 0, r->view.h);
    if (st == LIMNER_OK)
        st = limner_drawlist_open(&r->core_list, n_core, r->rig.n_head, planes + n_sheet,
                                  (int32_t)n_sheet, r->view.h);
    if (st == LIMNER_OK)
        st = limner_drawlist_open(&r->inside_list, n_inside, 0, planes + n_sheet + n_core, 0,
                                  r->view.h);
    if (st < 0)
        return st;
    r->n_workers = limner_pool_threads(r->pool);
    r->n_workers = r->n_workers < MAX_WORKERS ? r->n_workers : MAX_WORKERS;
    r->work = limner_calloc(r->n_workers, sizeof(*r->work));
    if (!r->work)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; st == LIMNER_OK && i < r->n_workers; i++)
        st = limner_band_work_open(&r->work[i], r->view.w);
    return st;
}

limner_status limner_renderer_open(limner_renderer **out, const limner_face *face,
                                   const limner_appearance *app, limner_pool *pool,
                                   limner_framing framing, limner_pixel pixel, uint32_t width_px,
                                   uint32_t height_px)
{
    limner_renderer *r = limner_calloc(1, sizeof(*r));
    limner_status st;

    *out = NULL;
    if (!r)
        return LIMNER_E_NOMEM;
    r->app = app;
    r->pool = pool;
    r->framing = framing;
    r->pixel = pixel;
    r->width_px = width_px;
    r->height_px = height_px;
    st = place_canvas(r);
    if (st == LIMNER_OK)
        st = open_layers(r);
    if (st == LIMNER_OK)
        st = open_parts(r, face);
    if (st == LIMNER_OK)
        st = open_lists(r);
    if (st < 0) {
        limner_renderer_close(&r);
        return st;
    }
    r->scene = (limner_scene){
        .view = r->view, .person = &r->person, .background = &r->background,
        .feather = r->core.feather, .plane = r->planes, .sheet = &r->sheet_list,
        .core = &r->core_list, .inside = &r->inside_list, .eyes = &r->eyes, .lids = &r->lids,
        .mouth = &r->mouth, .openings = &r->openings,
        .has_alpha = framing == LIMNER_FRAMING_ALPHA,
        .dsp = limner_pix_dsp_get(limner_cpu_flags())};
    *out = r;
    return LIMNER_OK;
}

/* What lies inside the mouth shows between the lips only, unless the tongue comes out. */
static void clip_mouth(limner_renderer *r)
{
    const float margin = 2;
    const limner_contact *lips = &r->rig.lips;
    float *clip = r->inside_list.clip;

    clip[0] = clip[1] = INFINITY;
    clip[2] = clip[3] = -INFINITY;
    for (uint32_t i = 0; i < 2 * lips->n; i++) {
        const uint32_t v = i % 2 ? lips->line->lower[i / 2] : lips->line->upper[i / 2];

        for (int k = 0; k < 2; k++) {
            clip[k] = fminf(clip[k], r->rig.at[k][v] - margin);
            clip[2 + k] = fmaxf(clip[2 + k], r->rig.at[k][v] + margin);
        }
    }
}

/* What the parts of a frame are set up from. */
typedef struct frame_setup {
    limner_renderer *r;
    const limner_motion *m;
    limner_pose pose;
} frame_setup;

static void set_up_sheet(const frame_setup *f)
{
    limner_renderer *r = f->r;

    limner_sheet_move(&r->sheet, &r->rig, &f->pose, r->relight.ratio);
    limner_swing_follow(&r->swing, f->m, r->frame_s);
    limner_sheet_swing(&r->sheet, &f->pose, r->swing.lag);
    limner_drawlist_begin(&r->sheet_list);
    limner_sheet_draw(&r->sheet, &r->sheet_list);
    limner_drawlist_bin(&r->sheet_list);
}

static void set_up_core(const frame_setup *f)
{
    limner_renderer *r = f->r;

    limner_drawlist_begin(&r->core_list);
    limner_core_draw(&r->core, &r->rig, r->relight.ratio, &r->core_list);
    limner_openings_draw(&r->openings, &r->rig, &r->core_list);
    limner_drawlist_bin(&r->core_list);
}

static void set_up_openings(const frame_setup *f)
{
    limner_renderer *r = f->r;

    limner_lids_update(&r->lids, &r->rig);
    limner_eyes_update(&r->eyes, &r->rig, &f->pose, f->m);
    r->scene.is_mouth_open = limner_rig_mouth_gap(&r->rig) > MOUTH_OPEN_PX;
    r->scene.is_tongue_out = f->m->expression[LIMNER_TONGUE_OUT] > TONGUE_OUT;
    limner_drawlist_begin(&r->inside_list);
    if (!r->scene.is_tongue_out)
        clip_mouth(r);
    if (r->scene.is_mouth_open)
        limner_mouth_draw(&r->mouth, &r->rig, &f->pose, f->m->expression[LIMNER_TONGUE_OUT],
                          &r->inside_list);
    limner_drawlist_bin(&r->inside_list);
}

enum { SHEET, CORE, OPENINGS, N_SETUP_PARTS };

/* Each part writes what is its own. */
static void set_up_part(void *user, uint32_t part, uint32_t n_parts)
{
    (void)n_parts;
    if (part == SHEET)
        set_up_sheet(user);
    else if (part == CORE)
        set_up_core(user);
    else
        set_up_openings(user);
}

/* Geometry of the frame and its triangles. */
static void set_up(limner_renderer *r, const limner_motion *m)
{
    frame_setup f = {.r = r, .m = m};

    limner_pose_make(&f.pose, &r->rig.pose_frame, m);
    limner_rig_express(&r->rig, m, true);
    limner_rig_move(&r->rig, &f.pose, true);
    limner_relight_update(&r->relight, &r->rig);
    limner_core_texture(&r->core, &r->rig);
    limner_lip_patch_update(&r->lip_patch, &r->rig);
    limner_folds_update(&r->folds, &r->rig, m);
    limner_pool_run(r->pool, set_up_part, &f, N_SETUP_PARTS);
}

/* FULL: fades the canvas into the picture around it. */
static void paste_border(const limner_renderer *r, uint8_t *rgba, int32_t y0, int32_t n_rows)
{
    const int32_t w = r->view.w, h = r->view.h;
    const bool is_left = r->canvas.left > 0, is_top = r->canvas.top > 0;
    const bool is_right = r->canvas.left + (uint32_t)w < r->width_px;
    const bool is_low = r->canvas.top + (uint32_t)h < r->height_px;

    for (int32_t y = y0; y < y0 + n_rows; y++) {
        const uint8_t *base = limner_texture_at(&r->photo, 0, y);
        uint8_t *row = rgba + (size_t)(y - y0) * (size_t)w * 4;
        int32_t dy = PASTE_PX;

        dy = is_top && y < dy ? y : dy;
        dy = is_low && h - 1 - y < dy ? h - 1 - y : dy;
        for (int32_t x = 0; x < w; x++) {
            int32_t d = dy;

            d = is_left && x < d ? x : d;
            d = is_right && w - 1 - x < d ? w - 1 - x : d;
            for (int k = 0; d < PASTE_PX && k < 3; k++)
                row[4 * x + k] = (uint8_t)((row[4 * x + k] * d + base[4 * x + k] * (PASTE_PX - d)) /
                                           PASTE_PX);
        }
    }
}

static uint32_t take_band(limner_renderer *r)
{
    return atomic_fetch_add_explicit(&r->next_band, 1, memory_order_relaxed);
}

/* A worker's share: rows around the canvas, then bands of it as long as there are any left: a
 * worker that is kept from its core holds up no one. Bands share nothing that is written. */
static void draw_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    limner_renderer *r = user;
    limner_band_work *work = &r->work[slice];
    const bool is_full = r->framing == LIMNER_FRAMING_FULL;
    const uint32_t n_bands = ((uint32_t)r->view.h + LIMNER_BAND_ROWS - 1) / LIMNER_BAND_ROWS;

    if (is_full)
        limner_still_copy(&r->still, r->under, r->target, &r->canvas, slice, n_slices);
    for (uint32_t band = take_band(r); band < n_bands; band = take_band(r)) {
        const int32_t n_rows = limner_shade_band(&r->scene, (int32_t)band, work);
        const limner_still_part part = {r->canvas.left, r->canvas.top + band * LIMNER_BAND_ROWS,
                                        (uint32_t)r->view.w, (uint32_t)n_rows};

        if (is_full)
            paste_border(r, work->rgba, (int32_t)(band * LIMNER_BAND_ROWS), n_rows);
        limner_colour_write(r->target, part.left, part.top, work->rgba, (ptrdiff_t)4 * r->view.w,
                            part.width, part.height);
        if (r->under)
            limner_still_add(&r->still, r->under, r->target, &part);
    }
}

void limner_renderer_draw_over(limner_renderer *r, const limner_motion *motion,
                               const limner_render_target *under,
                               const limner_render_target *target)
{
    limner_motion m;

    limner_motion_clean(&m, motion, &r->rig.photo);
    set_up(r, &m);
    r->target = target;
    r->under = r->framing == LIMNER_FRAMING_FULL ? under : NULL;
    atomic_store_explicit(&r->next_band, 0, memory_order_relaxed);      /* the pool locks next */
    limner_pool_run(r->pool, draw_slice, r, r->n_workers);
    r->target = r->under = NULL;
}

void limner_renderer_draw(limner_renderer *r, const limner_motion *motion,
                          const limner_render_target *target)
{
    limner_renderer_draw_over(r, motion, NULL, target);
}

void limner_renderer_set_frame_time(limner_renderer *r, float frame_s)
{
    r->frame_s = frame_s;
}

void limner_renderer_close(limner_renderer **r)
{
    limner_renderer *p = r ? *r : NULL;

    if (!p)
        return;
    for (uint32_t i = 0; p->work && i < p->n_workers; i++)
        limner_band_work_close(&p->work[i]);
    limner_mem_free(p->work);
    limner_drawlist_close(&p->sheet_list);
    limner_drawlist_close(&p->core_list);
    limner_drawlist_close(&p->inside_list);
    limner_mem_free(p->planes);
    limner_mouth_close(&p->mouth);
    limner_lip_patch_close(&p->lip_patch);
    limner_folds_close(&p->folds);
    limner_openings_close(&p->openings);
    limner_eyes_close(&p->eyes);
    limner_lids_close(&p->lids);
    limner_relight_close(&p->relight);
    limner_sheet_close(&p->sheet);
    limner_core_close(&p->core);
    limner_rig_close(&p->rig);
    limner_texture_close(&p->person);
    limner_texture_close(&p->eye_layer);
    limner_texture_close(&p->photo);
    limner_image_close(&p->matte);
    limner_texture_close(&p->background);
    limner_still_close(&p->still);
    limner_mem_free(p);
    *r = NULL;
}
