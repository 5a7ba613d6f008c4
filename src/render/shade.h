/* SPDX-License-Identifier: Apache-2.0 */
/* From what each pixel shows to its colour, for a band of rows. One sample, at a pixel's centre,
 * decides what is seen, so that the photo's own motion gives the photo's own pixels; where
 * neighbours show different surfaces or places far apart (lips, lids, nose), four samples do. */
#ifndef LIMNER_RENDER_SHADE_H
#define LIMNER_RENDER_SHADE_H

#include "render/core_mesh.h"
#include "render/eyes.h"
#include "render/lids.h"
#include "render/mouth.h"
#include "render/opening.h"
#include "render/overlap.h"
#include "render/rim_layer.h"
#include "render/sheet.h"

/* All that shading reads. */
typedef struct limner_scene {
    limner_view view;
    const limner_texture *person;       /* foreground colour, alpha its matte */
    const limner_texture *background;   /* opaque */
    const uint8_t *feather;             /* [person->h][w] */
    float far_opacity;                  /* of what lies below the canvas in `person` */
    const limner_plane *plane;          /* of sheet and core, by number */
    const limner_drawlist *sheet, *core, *inside;
    const limner_eyes *eyes;
    const limner_lids *lids;
    const limner_rim_layer *rims;       /* NULL: none */
    const limner_mouth *mouth;
    const limner_openings *openings;
    bool is_mouth_open;
    bool is_tongue_out;                 /* it may lie before the lips */
    const limner_overlap *overlap;      /* NULL: nobody asks for `cover` */
    bool has_alpha;                     /* no background: straight alpha */
    bool is_part;                       /* what lies aside of the person need not be filled */
    const limner_pix_dsp *dsp;
} limner_scene;

enum { LIMNER_NO_BAND = -2 };

/* Buffers of one worker: a band, with a row of its neighbours above and below. */
typedef struct limner_band_work {
    limner_raster_band sheet, core;     /* one sample a pixel */
    limner_raster_band fine_sheet, fine_core, inside;   /* four, of marked blocks */
    limner_places row[LIMNER_BAND_ROWS + 2];    /* [w] each, first the row above */
    limner_places under;                /* [w] the sheet's of a row, under the core's border */
    uint8_t *mark[LIMNER_BAND_ROWS + 2];        /* [w] each */
    int32_t *number;                    /* [w] of the front-most triangles of a row */
    uint8_t *jump;                      /* [w] of a row */
    int16_t *hidden;                    /* [w] where the core hides the sheet (pix_dsp.h) */
    float *block;                       /* memory of row, */
    uint8_t *marks;                     /* and of mark */
    uint8_t *rgba;                      /* [LIMNER_BAND_ROWS][w][4] */
    uint8_t *cover;                     /* [LIMNER_BAND_ROWS][w] of the head (overlap.h) */
    limner_raster_band rims;            /* one sample a pixel */
    bool has_rims;                      /* the band shows some */
    bool has_inside;                    /* the band shows the inside of the mouth */
    int32_t last;                       /* band of this frame whose last two rows are still here;
                                         * LIMNER_NO_BAND: none */
    int32_t y0, n_rows;
    int32_t left, right;                /* columns of the band in which anything is drawn, ... */
    int32_t from, to;                   /* ... and those of `rgba` that are filled */
} limner_band_work;

limner_status limner_band_work_open(limner_band_work *w, int32_t width_px);
void limner_band_work_close(limner_band_work *w);
/* A new frame: nothing that `work` holds is of it. */
void limner_shade_begin(limner_band_work *work);
/* Canvas rows from band * LIMNER_BAND_ROWS on, into work->rgba (in any order; faster where the one
 * before went before). Returns the number of rows. Columns
 * from work->from (a multiple of 16) up to work->to (even) are filled, all unless s->is_part. */
int32_t limner_shade_band(const limner_scene *s, int32_t band, limner_band_work *work);

#endif
