/* SPDX-License-Identifier: Apache-2.0 */
/* One real frame beside ours and the baselines, within the face: the convex hull of the real
 * landmarks, grown by a twentieth of the eye distance. Pictures are cut to the face before they are
 * compared; cut wide enough for the windows of the structural similarity, that changes no figure.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "eval/picture.h"
#include "eval/reenact.h"

enum { MARGIN_PX = 5, APART = 10 /* frames between two of the film */ };

#define GROW 0.05 /* of the eye distance */

/* A part of the picture. */
typedef struct cut {
    uint32_t left, top, w, h;
} cut;

struct eval_compare {
    uint32_t size_px;
    float landmarks[478][2]; /* of the first frame */
    uint8_t *first, *similar; /* [size][size][3] */
    uint8_t *mask; /* [size][size] */
    uint8_t *a, *b, *m; /* what is cut out */
};

eval_compare *eval_compare_open(uint32_t size_px, const uint8_t *first,
                                const float landmarks[478][2])
{
    const size_t n = (size_t)size_px * size_px;
    eval_compare *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->size_px = size_px;
    memcpy(c->landmarks, landmarks, sizeof(c->landmarks));
    uint8_t **pictures[] = {&c->first, &c->similar, &c->a, &c->b};
    bool is_open = true;
    for (int i = 0; i < 4; i++) {
        *pictures[i] = malloc(3 * n);
        is_open = is_open && *pictures[i];
    }
    c->mask = malloc(n);
    c->m = malloc(n);
    if (!is_open || !c->mask || !c->m) {
        eval_compare_close(c);
        return NULL;
    }
    memcpy(c->first, first, 3 * n);
    return c;
}

void eval_compare_close(eval_compare *c)
{
    if (!c)
        return;
    free(c->first);
    free(c->similar);
    free(c->a);
    free(c->b);
    free(c->mask);
    free(c->m);
    free(c);
}

/* The smallest part that holds the mask and a margin. w 0: the mask is empty. */
static cut around(const uint8_t *mask, uint32_t size)
{
    uint32_t left = size, top = size, right = 0, low = 0;

    for (uint32_t y = 0; y < size; y++) {
        for (uint32_t x = 0; x < size; x++) {
            if (!mask[(size_t)y * size + x])
                continue;
            left = x < left ? x : left;
            right = x + 1 > right ? x + 1 : right;
            top = y < top ? y : top;
            low = y + 1;
        }
    }
    if (right == 0)
        return (cut){0, 0, 0, 0};
    left = left > MARGIN_PX ? left - MARGIN_PX : 0;
    top = top > MARGIN_PX ? top - MARGIN_PX : 0;
    right = right + MARGIN_PX < size ? right + MARGIN_PX : size;
    low = low + MARGIN_PX < size ? low + MARGIN_PX : size;
    return (cut){left, top, right - left, low - top};
}

static void take_out(uint8_t *to, const uint8_t *from, uint32_t size, const cut *c,
                     size_t n_channels)
{
    const size_t len = n_channels * c->w;

    for (uint32_t y = 0; y < c->h; y++)
        memcpy(to + y * len, from + n_channels * ((size_t)(c->top + y) * size + c->left), len);
}

int eval_compare_frame(eval_compare *c, double psnr[EVAL_N_RIVALS], double ssim[EVAL_N_RIVALS],
                       const uint8_t *real, const uint8_t *ours, const float landmarks[478][2])
{
    const uint8_t *rivals[EVAL_N_RIVALS] = {
        [EVAL_OURS] = ours, [EVAL_STILL] = c->first, [EVAL_SIMILAR] = c->similar};
    const eval_similarity move = eval_similarity_of((const float(*)[2])c->landmarks, landmarks);
    const uint32_t size = c->size_px;
    eval_measures now;

    eval_similarity_warp(c->similar, c->first, size, size, &move);
    eval_measure(&now, landmarks);
    eval_face_mask(c->mask, size, size, landmarks, GROW * now.eye_distance_px);
    const cut face = around(c->mask, size);
    take_out(c->m, c->mask, size, &face, 1);
    take_out(c->a, real, size, &face, 3);
    for (int i = 0; i < EVAL_N_RIVALS; i++) {
        take_out(c->b, rivals[i], size, &face, 3);
        psnr[i] = eval_psnr(c->a, c->b, c->m, face.w, face.h);
        ssim[i] = eval_ssim(c->a, c->b, c->m, face.w, face.h);
        if (isnan(ssim[i]) && !isnan(psnr[i]) && face.w > 2 * MARGIN_PX && face.h > 2 * MARGIN_PX)
            return -1;
    }
    return 0;
}

/* ---- film ---------------------------------------------------------------------------------- */

static void shrink(eval_strip *s, int column, const uint8_t *rgb, uint32_t size)
{
    for (uint32_t y = 0; y < EVAL_STRIP_PX; y++) {
        for (uint32_t x = 0; x < EVAL_STRIP_PX; x++) {
            const uint32_t x0 = x * size / EVAL_STRIP_PX, y0 = y * size / EVAL_STRIP_PX;
            const uint32_t x1 = (x + 1) * size / EVAL_STRIP_PX, y1 = (y + 1) * size / EVAL_STRIP_PX;
            uint32_t sum[3] = {0}, n = 0;

            for (uint32_t v = y0; v < y1 || v == y0; v++) {
                for (uint32_t u = x0; u < x1 || u == x0; u++, n++) {
                    for (uint32_t k = 0; k < 3; k++)
                        sum[k] += rgb[3 * ((size_t)v * size + u) + k];
                }
            }
            for (int k = 0; k < 3; k++)
                s->rgb[y][column][x][k] = (uint8_t)((sum[k] + n / 2) / n);
        }
    }
}

/* The place in the film for a frame with this PSNR; -1: others are worse. */
static int place_of(const eval_film *film, size_t frame, double psnr)
{
    int best = 0;

    for (int i = 0; i < film->n; i++) {
        const eval_strip *s = &film->strip[i];

        if (s->frame + APART > frame)
            return psnr < s->psnr[EVAL_OURS] ? i : -1;
        best = s->psnr[EVAL_OURS] > film->strip[best].psnr[EVAL_OURS] ? i : best;
    }
    if (film->n < EVAL_N_STRIPS)
        return film->n;
    return psnr < film->strip[best].psnr[EVAL_OURS] ? best : -1;
}

void eval_compare_keep(const eval_compare *c, eval_film *film, size_t frame,
                       const double psnr[EVAL_N_RIVALS], const uint8_t *real, const uint8_t *ours)
{
    const int place = isnan(psnr[EVAL_OURS]) ? -1 : place_of(film, frame, psnr[EVAL_OURS]);

    if (place < 0)
        return;
    eval_strip *s = &film->strip[place];
    film->n += place == film->n;
    s->frame = frame;
    memcpy(s->psnr, psnr, sizeof(s->psnr));
    shrink(s, 0, real, c->size_px);
    shrink(s, 1, ours, c->size_px);
    shrink(s, 2, c->similar, c->size_px);
}
