/* SPDX-License-Identifier: Apache-2.0 */
/* One level of the patch-based completion (completion.h): its picture, the matches of its patches
 * with patches of the known part (PatchMatch, Barnes et al. 2009), and the vote by which these
 * fill the hole. Planes [h][w], colours 0..1. */
#ifndef LIMNER_PORTRAIT_PATCH_LEVEL_H
#define LIMNER_PORTRAIT_PATCH_LEVEL_H

#include "core/pool.h"

enum { LIMNER_PATCH_RADIUS = 3 };

typedef struct limner_patch_level {
    int w, h;
    float *rgb[3], *known;      /* known: share of the pixel outside of the hole */
    uint8_t *hole, *source;     /* source: its whole patch may be copied from */
    uint8_t *target;            /* its patch touches the hole, and is not too deep in it */
    int32_t *match;             /* [h][w] index of the source per target, -1: none */
    int32_t *sources;           /* list of all sources */
    int n_sources;
    int index;                  /* of the level: for the random numbers */
    int16_t *px;                /* the rest is private; [h + 2R][w + 2R][4] */
    float *depth;               /* distance to the nearest known pixel */
    int32_t *match_next, *cost, *cost_next;
    float *weight;              /* of a target's patch in the vote */
    int jump;                   /* of the present sweep */
    uint32_t round;
    void *block;
} limner_patch_level;

/* Planes for a picture; contents zero. Free `block` to close. LIMNER_OK, E_NOMEM. */
limner_status limner_patch_level_open(limner_patch_level *l, int w, int h);
/* rgb, known, hole and source from the next finer level's: 2 x 2 means of what is known. */
void limner_patch_level_reduce(limner_patch_level *to, const limner_patch_level *from);
/* Targets up to `reach_px` deep, sources and their list; after all reductions. */
limner_status limner_patch_level_prepare(limner_patch_level *l, float reach_px);

/* One round: searches matches n_sweeps times from those at hand, then fills the hole with what they
 * say. Independent of the pool. */
void limner_patch_level_round(limner_patch_level *l, int n_sweeps, limner_pool *pool);

/* Weighted mean of what the patches of the last round say of a pixel, of those centred in the hole
 * if `is_strict`; returns the sum of weights, 0 if none says anything. */
float limner_patch_level_gather(const limner_patch_level *l, int x, int y, int is_strict,
                                float rgb[3]);

#endif
