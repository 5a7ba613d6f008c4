/* SPDX-License-Identifier: Apache-2.0 */
/* Drawings over time, as SVG: lanes one below the other that share the axis of time. Units are CSS
 * pixels; a long sound is drawn with as many points as there are pixels. */
#ifndef LIMNER_CLI_LANES_H
#define LIMNER_CLI_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CLI_LANES_LEFT = 70, CLI_LANES_RIGHT = 16, CLI_LANES_TOP = 34, CLI_LANES_GAP = 14,
       CLI_LANES_AXIS = 34 };

typedef struct cli_lanes {
    FILE *out;
    size_t n; /* frames */
    double frame_s, width; /* of the lanes */
    const void *data; /* what is drawn */
} cli_lanes;

/* Value of a curve at a frame, 0 at the lane's foot to 1; NaN where the curve has a gap. */
typedef double (*cli_curve_fn)(const void *data, size_t frame);

/* Draws everything between the title and the file's end. */
typedef void (*cli_lanes_fn)(const cli_lanes *l);

/* A picture of `height` with a title; `lanes` has n, frame_s and data. Says what is wrong. */
bool cli_lanes_write(cli_lanes *lanes, const char *path, const char *title, double height,
                     cli_lanes_fn draw);
/* Of the lanes: what n frames of frame_s get. */
double cli_lanes_width(size_t n, double frame_s);
double cli_lanes_place(const cli_lanes *l, size_t frame);
size_t cli_lanes_step(const cli_lanes *l); /* frames between two points */
void cli_lanes_label(const cli_lanes *l, double y, const char *colour, const char *text);
void cli_lanes_box(const cli_lanes *l, double y, double height);
void cli_lanes_curve(const cli_lanes *l, double y, double height, cli_curve_fn value,
                     const void *data, const char *colour);
void cli_lanes_axis(const cli_lanes *l, double y);

#endif
