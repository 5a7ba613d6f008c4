/* SPDX-License-Identifier: Apache-2.0 */
/* Per frame: how far each lid has closed, and the mixing of what lid_skin.c painted. */
#include "render/lids.h"

#include <math.h>
#include <string.h>

#include "core/smoothstep.h"
#include "render/lid_skin.h"
#include "render/lid_window.h"

#define ROWS_CM 2.5f                    /* above and below the lids' lines on the canvas */
#define CLOSE_FROM 0.04f                /* share of the opening that is gone: skin begins ... */
#define CLOSE_TO 0.45f                  /* ... and has taken over */
#define NARROW_CM 0.12f                 /* opened so little in the photo lids keep the skin, ... */
#define WIDE_CM 0.38f                   /* ... opened so far it is painted in full */
#define MEET_FROM 0.65f                 /* the same for the lashes over the lower lid */
#define MEET_TO 0.97f

limner_status limner_lids_open(limner_lids *l, const limner_rig *rig, const limner_texture *person)
{
    limner_status st = LIMNER_OK;

    memset(l, 0, sizeof(*l));
    for (int side = 0; side < 2 && st == LIMNER_OK; side++)
        st = limner_lid_skin_open(&l->skin[side], &l->skin[2 + side], rig, &rig->lids[side],
                                  person);
    if (st < 0)
        limner_lids_close(l);
    return st;
}

void limner_lids_close(limner_lids *l)
{
    for (int i = 0; i < LIMNER_N_LID_SKINS; i++)
        limner_texture_close(&l->skin[i].texture);
}

static void hold(limner_lid_skin *skin, float amount)
{
    const float open = amount > 0 ? 1.0f : 0.0f;

    skin->amount = amount;
    skin->lo[0] = skin->x + 0.5f;
    skin->lo[1] = skin->y + 0.5f / LIMNER_LID_ROWS;
    skin->hi[0] = skin->lo[0] + open * (float)skin->texture.w;
    skin->hi[1] = skin->lo[1] + open * (float)skin->texture.h / LIMNER_LID_ROWS;
}

void limner_lids_update(limner_lids *l, const limner_rig *rig)
{
    const float reach = ROWS_CM * rig->pose_frame.scale;

    l->is_any = false;
    l->top = 1e9f;
    l->low = -1e9f;
    for (int side = 0; side < 2; side++) {
        const limner_contact *lid = &rig->lids[side];
        float now = 0, photo = 0, gone = 0, wide;

        for (uint32_t i = 0; i < lid->n; i++) {
            now += lid->gap[i];
            photo += fmaxf(0, lid->photo_gap[i]);
            l->top = fminf(l->top, rig->at[1][lid->line->upper[i]] - reach);
            l->low = fmaxf(l->low, rig->at[1][lid->line->upper[i]] + reach);
        }
        /* A lid shut in the photo has nothing to close, a narrow one little. */
        if (photo > (float)lid->n)
            gone = 1 - now / photo;
        wide = limner_smoothstep(photo / ((float)lid->n * rig->pose_frame.scale), NARROW_CM,
                                 WIDE_CM);
        hold(&l->skin[side], wide * limner_smoothstep(gone, CLOSE_FROM, CLOSE_TO));
        hold(&l->skin[2 + side], limner_smoothstep(gone, MEET_FROM, MEET_TO));
        l->is_any = l->is_any || l->skin[side].amount > 0;
    }
}

/* Bilinear; inside only. */
static void sample(const limner_texture *t, float x, float y, float rgba[4])
{
    const int32_t ix = (int32_t)x, iy = (int32_t)y;
    const uint8_t *a = limner_texture_at(t, ix, iy), *b = a + t->stride;
    const float fx = x - (float)ix, fy = y - (float)iy;

    for (int c = 0; c < 4; c++) {
        const float top = a[c] + fx * (float)(a[c + 4] - a[c]);
        const float low = b[c] + fx * (float)(b[c + 4] - b[c]);

        rgba[c] = top + fy * (low - top);
    }
}

void limner_lids_mix(const limner_lids *l, float u, float v, float light, float rgb[3])
{
    for (int i = 0; i < LIMNER_N_LID_SKINS; i++) {
        const limner_lid_skin *skin = &l->skin[i];
        float rgba[4], share;

        if (!(u > skin->lo[0] && u < skin->hi[0] && v > skin->lo[1] && v < skin->hi[1]))
            continue;
        sample(&skin->texture, u - skin->lo[0], LIMNER_LID_ROWS * (v - skin->lo[1]), rgba);
        share = skin->amount * rgba[3] * (1.0f / 255);
        for (int c = 0; c < 3; c++)
            rgb[c] += share * (fminf(255, rgba[c] * light) - rgb[c]);
    }
}
