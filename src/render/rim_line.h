/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a pair of glasses in the photo: the rim around each lens, the bridge between them
 * and the beginnings of the temple arms. Each is the path along which a line, darker or brighter
 * than what lies on both its sides, is clearest. Canvas pixels. */
#ifndef LIMNER_RENDER_RIM_LINE_H
#define LIMNER_RENDER_RIM_LINE_H

#include <stdbool.h>

#include "render/texture.h"

enum { LIMNER_RIM_POINTS = 96 };

typedef struct limner_rim_line {
    int n;
    bool is_closed;
    float x[LIMNER_RIM_POINTS], y[LIMNER_RIM_POINTS];
    float half[LIMNER_RIM_POINTS];      /* of its width */
    float levels[LIMNER_RIM_POINTS];    /* how clear it is, grey levels; dark > 0, bright < 0 */
    float sure[LIMNER_RIM_POINTS];      /* 0..1: it is a rim */
    float clear;                        /* share of it that is clear, ... */
    float strong;                       /* ... and that is sure */
    float dark;                         /* -1: all of it is bright, 1: dark */
    float centre[2];                    /* of a lens */
    float low[2], high[2];              /* box of all points */
} limner_rim_line;

typedef struct limner_rim_eye {
    float middle[2];
    int n;                              /* of its lids' pairs, at most LIMNER_RIM_POINTS */
    float x[2][LIMNER_RIM_POINTS], y[2][LIMNER_RIM_POINTS];     /* upper, lower lid */
} limner_rim_eye;

typedef struct limner_rim_lines {
    limner_rim_line lens[2], bridge, arm[2];    /* arms begin at the lens */
} limner_rim_lines;

/* up [2]: the head's, unit; cm: px of one. E_NOMEM. */
limner_status limner_rim_lines_find(limner_rim_lines *lines, const limner_texture *photo,
                                    const limner_rim_eye eyes[2], const float up[2],
                                    float cm);
/* Distance from (x, y), px; at most `most`. */
float limner_rim_line_distance(const limner_rim_line *line, float x, float y, float most);

#endif
