/* SPDX-License-Identifier: Apache-2.0 */
/* The colours of a band's rows (shade.h): runs of pixels that show one surface are sampled
 * together, marked ones by themselves; then lids, rims, heads of other people, background. */
#include <string.h>

#include "render/shade_pixel.h"

enum { EDGE = LIMNER_MARK_EDGE, EYE = LIMNER_MARK_OTHER };
enum { SHORT_PX = 16 };                 /* gaps that are sampled rather than skipped */

/* Lays the drawn columns of a row over the background; straight alpha stays without one. */
static void compose_row(const limner_scene *s, const limner_band_work *w, int32_t y, uint8_t *rgba)
{
    const uint8_t *b = limner_texture_at(s->background, 0, y);
    const size_t before = 4 * (size_t)(w->left - w->from), after = 4 * (size_t)(w->to - w->right);

    if (s->has_alpha) {
        memset(rgba + 4 * w->from, 0, before);
        memset(rgba + 4 * w->right, 0, after);
        return;
    }
    memcpy(rgba + 4 * w->from, b + 4 * w->from, before);
    memcpy(rgba + 4 * w->right, b + 4 * w->right, after);
    s->dsp->compose(rgba + 4 * w->left, b + 4 * w->left, w->right - w->left);
}

/* Closing lids among the sampled pixels of a row. */
static void mix_lids(const limner_scene *s, const limner_places *row, const uint8_t *mark,
                     int32_t from, int32_t to, uint8_t *rgba)
{
    for (int32_t x = from; x < to; x++) {
        uint8_t *px = rgba + 4 * x;
        float rgb[3] = {px[0], px[1], px[2]};

        if (mark[x] || !limner_lids_holds(s->lids, row->u[x], row->v[x]))
            continue;
        limner_lids_mix(s->lids, row->u[x], row->v[x], row->light[x], rgb);
        for (int k = 0; k < 3; k++)
            px[k] = (uint8_t)(rgb[k] < 0 ? 0 : rgb[k] > 255 ? 255 : rgb[k] + 0.5f);
    }
}

/* The end of the run of pixels from x on that are sampled; short gaps belong to it. */
static int32_t run_end(const uint8_t *mark, int32_t x, int32_t to)
{
    int32_t end = limner_next_mark(mark, x, to);

    for (x = end; x < to && x - end < SHORT_PX; x++) {
        if (!mark[x])
            x = end = limner_next_mark(mark, x, to);
    }
    return end;
}

static void sample_row(const limner_scene *s, const limner_places *row, const uint8_t *mark,
                       int32_t from, int32_t to, uint8_t *rgba)
{
    for (int32_t x = from; x < to; x++) {
        const int32_t end = mark[x] ? x : run_end(mark, x, to);

        if (end <= x)
            continue;
        s->dsp->sample(s->person, end - x, row->u + x, row->v + x, row->light + x, rgba + 4 * x);
        x = end - 1;
    }
}

void limner_shade_row(const limner_scene *s, const limner_band_work *w, int32_t y)
{
    const int32_t i = y - w->y0 + 1;
    const uint8_t *mark = w->mark[i];
    const ptrdiff_t at = (ptrdiff_t)(y - w->core.y0) * w->core.n_columns;
    const int32_t *core = w->core.id + at, *sheet = w->sheet.id + at;
    uint8_t *rgba = w->rgba + 4 * (size_t)(y - w->y0) * (size_t)s->view.w;

    sample_row(s, &w->row[i], mark, w->left, w->right, rgba);
    if (s->lids->is_any && (float)y > s->lids->top && (float)y < s->lids->low)
        mix_lids(s, &w->row[i], mark, w->left, w->right, rgba);
    for (int32_t x = limner_next_mark(mark, w->left, w->right); x < w->right;
         x = limner_next_mark(mark, x + 1, w->right)) {
        if (mark[x] & EDGE)
            limner_shade_pixel(s, w, x, y, rgba + 4 * x);
        else if (mark[x] & EYE && limner_kind_of(core[x]) == LIMNER_CORE_EDGE)
            limner_shade_fading(s, core[x], sheet[x], x, y, rgba + 4 * x);
        else if (mark[x] & EYE)
            limner_shade_eye(s, core[x], x, y, rgba + 4 * x);
        else
            memset(rgba + 4 * x, 0, 4);
    }
    if (w->has_rims)
        limner_rim_layer_row(s->rims, &w->rims, &w->core, &w->row[i], y, rgba);
    if (s->overlap)
        limner_overlap_cover(s->overlap, &w->row[i], rgba, y, w->left, w->right,
                             w->cover + (size_t)(y - w->y0) * (size_t)s->view.w);
    compose_row(s, w, y, rgba);
}
