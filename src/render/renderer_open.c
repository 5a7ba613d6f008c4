/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a renderer: its parts prepare themselves in the order in which they need each other; then
 * the lists of triangles and each worker's buffers. */
#include "render/renderer_internal.h"

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"

enum { MAX_WORKERS = 64, LANDMARK_CHIN = 152, LANDMARK_BROW = 10 };

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

/* The light is found where the core, the far side or the sheet show it. */
static limner_status limit_light(limner_renderer *r)
{
    uint8_t *is_used = limner_calloc(r->rig.face->stride, 1);

    if (!is_used)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; i < 3 * r->core.n_triangles; i++)
        is_used[r->core.index[i]] = 1;
    for (uint32_t i = 0; i < r->far.n; i++)
        is_used[r->far.vertex[i]] = 1;
    for (uint32_t i = 0; i < 3 * r->sheet.n; i++)
        is_used[r->sheet.corner[i]] = 1;
    limner_relight_limit(&r->relight, is_used);
    limner_mem_free(is_used);
    return LIMNER_OK;
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
    st = limner_rim_layer_open(&r->rims, &r->rig, &r->person);
    if (st < 0)
        return st;
    st = limner_far_side_open(&r->far, &r->rig, &r->core, &r->person);
    if (st < 0)
        return st;
    limner_core_find_pairs(&r->core);
    st = limit_light(r);
    if (st < 0)
        return st;
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

/* What it takes to draw over another face. */
static limner_status open_overlap(limner_renderer *r)
{
    const size_t band = (size_t)r->view.w * LIMNER_BAND_ROWS;

    r->back = limner_alloc(r->n_workers * band, LIMNER_OVERLAP_BYTES);
    return r->back ? limner_overlap_open(&r->overlap, &r->sheet, &r->view) : LIMNER_E_NOMEM;
}

static limner_status open_lists(limner_renderer *r)
{
    const uint32_t n_sheet = limner_sheet_triangles(&r->sheet) + r->far.n_under;
    const uint32_t n_sheet_vertices = r->sheet.n > r->far.n ? r->sheet.n : r->far.n;
    const uint32_t n_core = r->core.n_triangles + r->far.n_triangles + r->openings.max;
    const uint32_t n_inside = r->mouth.n_triangles;
    limner_plane *planes = limner_alloc((size_t)n_sheet + n_core + n_inside, sizeof(*planes));
    limner_status st = planes ? LIMNER_OK : LIMNER_E_NOMEM;

    r->planes = planes;
    if (st == LIMNER_OK)
        st = limner_drawlist_open(&r->sheet_list, n_sheet, n_sheet_vertices, planes, 0,
                                  r->view.h);
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
    return st == LIMNER_OK && r->framing == LIMNER_FRAMING_FULL ? open_overlap(r) : st;
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
    st = limner_renderer_place(r);
    if (st == LIMNER_OK)
        st = limner_renderer_layers(r);
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
        .rims = r->rims.is_any ? &r->rims : NULL,
        .mouth = &r->mouth, .openings = &r->openings,
        .has_alpha = framing == LIMNER_FRAMING_ALPHA,
        .dsp = limner_pix_dsp_get(limner_cpu_flags())};
    *out = r;
    return LIMNER_OK;
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
    limner_rim_layer_close(&p->rims);
    limner_relight_close(&p->relight);
    limner_sheet_close(&p->sheet);
    limner_core_close(&p->core);
    limner_far_side_close(&p->far);
    limner_rig_close(&p->rig);
    limner_texture_close(&p->person);
    limner_texture_close(&p->eye_layer);
    limner_texture_close(&p->photo);
    limner_image_close(&p->matte);
    limner_texture_close(&p->background);
    limner_still_close(&p->still);
    limner_overlap_close(&p->overlap);
    limner_mem_free(p->back);
    limner_mem_free(p);
    *r = NULL;
}
