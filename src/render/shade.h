/* SPDX-License-Identifier: Apache-2.0 */
/* From what each sample shows to the pixels of a band of rows. Four samples a pixel decide what is
 * seen; where they agree the pixel is shaded once, at its centre, so that the photo's own motion
 * gives the photo's own pixels; where they differ (lips, lids, nose) each sample is shaded. */
#ifndef LIMNER_RENDER_SHADE_H
#define LIMNER_RENDER_SHADE_H

#include "render/core_mesh.h"
#include "render/eyes.h"
#include "render/lids.h"
#include "render/mouth.h"
#include "render/opening.h"
#include "render/sheet.h"

/* All that shading reads. */
typedef struct limner_scene {
    limner_view view;
    const limner_texture *person;       /* foreground colour, alpha its matte */
    const limner_texture *background;   /* opaque */
    const uint8_t *feather;             /* [h][w] */
    const limner_drawlist *sheet, *core, *inside;
    const limner_eyes *eyes;
    const limner_lids *lids;
    const limner_mouth *mouth;
    const limner_openings *openings;
    bool is_mouth_open;
    bool is_tongue_out;                 /* it may lie before the lips */
    bool has_alpha;                     /* no background: straight alpha */
    const limner_pix_dsp *dsp;
} limner_scene;

/* Buffers of one worker: samples of one band. */
typedef struct limner_band_work {
    limner_raster_band sheet, core, inside;
    uint8_t *rgba;                      /* [LIMNER_BAND_ROWS][w][4] */
    bool has_inside;                    /* the band shows the inside of the mouth */
    int32_t left, right;                /* columns of the band in which anything is drawn */
    int32_t n;                          /* pixels of a row that are one sample of the person ... */
    int32_t *column;                    /* [w] ... where, ... */
    float *u, *v, *light;               /* [w] ... of what, ... */
    uint8_t *sampled;                   /* [w][4] ... and the result */
} limner_band_work;

limner_status limner_band_work_open(limner_band_work *w, int32_t width_px);
void limner_band_work_close(limner_band_work *w);
/* Canvas rows from band * LIMNER_BAND_ROWS on, into work->rgba. Returns the number of rows. */
int32_t limner_shade_band(const limner_scene *s, int32_t band, limner_band_work *work);

#endif
