/* SPDX-License-Identifier: Apache-2.0 */
/* A frame (renderer.h): moves the rig and the sheet, sets up the triangles, then workers raster and
 * shade bands of rows, each with buffers of its own (shade.h). */
#include "render/renderer_internal.h"

#include <math.h>

#include "render/colour.h"

enum { PASTE_PX = 6 };

#define TONGUE_OUT 0.3f                 /* coefficient from which it may pass the lips */
#define MOUTH_OPEN_PX 0.15f             /* narrower than this nothing shows between the lips */

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
    limner_far_side_draw_under(&r->far, &r->sheet_list);
    limner_drawlist_bin(&r->sheet_list);
}

static void set_up_core(const frame_setup *f)
{
    limner_renderer *r = f->r;

    limner_drawlist_begin(&r->core_list);
    limner_core_draw(&r->core, &r->rig, r->relight.ratio, &r->core_list);
    limner_far_side_draw(&r->far, &r->core_list);
    limner_openings_draw(&r->openings, &r->rig, &r->core_list);
    limner_drawlist_bin(&r->core_list);
}

static void set_up_openings(const frame_setup *f)
{
    limner_renderer *r = f->r;

    limner_lids_update(&r->lids, &r->rig);
    limner_eyes_update(&r->eyes, &r->rig, &f->pose, f->m);
    if (r->rims.is_any)
        limner_rim_layer_update(&r->rims, &f->pose);
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
    limner_far_side_move(&r->far, &r->rig, &r->core, &f.pose, r->relight.ratio);
    r->scene.far_opacity = r->far.opacity;
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

/* FULL: lays a band of the canvas, from row y0 on, over the frame before. */
static void lay_over(const limner_renderer *r, const limner_band_work *work, int32_t y0,
                     const limner_still_part *part)
{
    const size_t w = (size_t)r->view.w, band = w * LIMNER_BAND_ROWS, from = (size_t)y0 * w;
    uint8_t *at = r->back + (size_t)(work - r->work) * LIMNER_OVERLAP_BYTES * band;
    limner_overlap_part p = {
        .still = &r->still, .under = r->under, .target = r->target, .part = *part,
        .back = {.pixel = r->pixel}, .cover = work->cover, .matte = r->matte.px + from,
        .head = r->overlap.head + from};

    for (int plane = 0; plane < limner_still_planes(r->pixel); plane++) {
        p.back.plane[plane] = at + (size_t)plane * band;
        p.back.stride[plane] = (ptrdiff_t)limner_still_bytes(r->pixel, plane, part->width);
    }
    limner_colour_write(&p.back, 0, 0, limner_texture_at(&r->background, 0, y0),
                        r->background.stride, part->width, part->height);
    limner_overlap_lay(&p);
}

static uint32_t take_band(limner_renderer *r)
{
    return atomic_fetch_add_explicit(&r->next_band, 1, memory_order_relaxed);
}

static void draw_band(limner_renderer *r, uint32_t band, limner_band_work *work)
{
    const uint32_t n_rows = (uint32_t)limner_shade_band(&r->scene, (int32_t)band, work);
    const limner_still_part part = {r->canvas.left + (uint32_t)work->from,
                                    r->canvas.top + band * LIMNER_BAND_ROWS,
                                    (uint32_t)(work->to - work->from), n_rows};

    if (r->framing == LIMNER_FRAMING_FULL)
        paste_border(r, work->rgba, (int32_t)(band * LIMNER_BAND_ROWS), (int32_t)n_rows);
    limner_colour_write(r->target, part.left, part.top, work->rgba + 4 * work->from,
                        (ptrdiff_t)4 * r->view.w, part.width, part.height);
    if (r->scene.is_part)
        limner_still_beside(&r->still, r->target, &part);
    if (r->under)
        lay_over(r, work, (int32_t)(band * LIMNER_BAND_ROWS), &part);
}

/* A worker's share: rows around the canvas, then bands of it as long as there are any left: a
 * worker that is kept from its core holds up no one. Bands share nothing that is written. */
static void draw_slice(void *user, uint32_t slice, uint32_t n_slices)
{
    limner_renderer *r = user;
    const uint32_t n_bands = ((uint32_t)r->view.h + LIMNER_BAND_ROWS - 1) / LIMNER_BAND_ROWS;

    if (r->framing == LIMNER_FRAMING_FULL)
        limner_still_copy(&r->still, r->under, r->target, &r->canvas, slice, n_slices);
    limner_shade_begin(&r->work[slice]);
    for (uint32_t band = take_band(r); band < n_bands; band = take_band(r))
        draw_band(r, band, &r->work[slice]);
}

void limner_renderer_draw(limner_renderer *r, const limner_motion *motion,
                          const limner_render_target *under, const limner_render_target *target)
{
    limner_motion m;

    limner_motion_clean(&m, motion, &r->rig.photo);
    set_up(r, &m);
    r->target = target;
    r->under = r->framing == LIMNER_FRAMING_FULL ? under : NULL;
    r->scene.is_part = r->framing == LIMNER_FRAMING_CROP && target->pixel == r->pixel;
    r->scene.overlap = r->under ? &r->overlap : NULL;
    atomic_store_explicit(&r->next_band, 0, memory_order_relaxed);      /* the pool locks next */
    limner_pool_run(r->pool, draw_slice, r, r->n_workers);
    r->target = r->under = NULL;
}

void limner_renderer_set_frame_time(limner_renderer *r, float frame_s)
{
    r->frame_s = frame_s;
}
