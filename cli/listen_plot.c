/* SPDX-License-Identifier: Apache-2.0 */
/* See listen_plot.h. Colours: classes that people see on lips have strong ones (after Okabe and
 * Ito, Color Universal Design, 2008), what the tongue does behind them greys and tints. */
#include "listen_plot.h"

#include <math.h>
#include <stdio.h>

#include "lanes.h"

enum {
    LEVEL_HEIGHT = 60, CLASS_HEIGHT = 34, CURVE_HEIGHT = 110, PITCH_HEIGHT = 70,
    LEGEND_COLUMN = 172, LEGEND_ROW = 18
};

typedef struct class_look {
    const char *colour, *example;
} class_look;

static const class_look looks[LIMNER_SPEECH_N_CLASSES] = {
    {"#e8e8e8", ""},         {"#d0021b", "p b m"},  {"#e69f00", "f v"},    {"#8c6d5a", "th"},
    {"#b9a394", "t d n"},    {"#c9b8e0", "l"},      {"#6f7f8f", "s z"},    {"#3f5160", "sh ch"},
    {"#c4c4a8", "k g ng h"}, {"#8e5fb0", "r"},      {"#0b3c8c", "w"},      {"#f0e442", "i y"},
    {"#9ad14b", "e"},        {"#009e73", "a"},      {"#bfe3d0", "@"},      {"#56b4e9", "o"},
    {"#0072b2", "u"},        {"#cc79a7", "\303\274 \303\266"}};

int cli_heard_class(const limner_heard *heard)
{
    int best = 0;

    for (int c = 1; c < LIMNER_SPEECH_N_CLASSES; c++)
        best = heard->share[c] > heard->share[best] ? c : best;
    return best;
}

static const limner_heard *heard_at(const void *data, size_t i)
{
    return (const limner_heard *)data + i;
}

/* ---- lanes ---- */

static double closure_of(const void *d, size_t i) { return (double)heard_at(d, i)->closure; }
static double rounding_of(const void *d, size_t i) { return (double)heard_at(d, i)->rounding; }
static double jaw_of(const void *d, size_t i) { return (double)heard_at(d, i)->jaw; }
static double level_of(const void *d, size_t i) { return (double)heard_at(d, i)->level; }

/* 60 to 1000 Hz by octaves. */
static double pitch_of(const void *d, size_t i)
{
    const double hz = (double)heard_at(d, i)->f0_hz;

    return hz > 0 ? log2(hz / 60) / log2(1000.0 / 60) : (double)NAN;
}

static void level_lane(const cli_lanes *l, double y)
{
    cli_lanes_label(l, y + LEVEL_HEIGHT / 2.0 + 4, "#222", "level");
    fprintf(l->out, "<path fill=\"#9db7c9\" d=\"M%d %.0f", CLI_LANES_LEFT, y + LEVEL_HEIGHT);
    for (size_t i = 0; i < l->n; i += cli_lanes_step(l))
        fprintf(l->out, "L%.1f %.1f", cli_lanes_place(l, i),
                y + LEVEL_HEIGHT * (1 - level_of(l->data, i)));
    fprintf(l->out, "L%.1f %.0fZ\"/>\n", CLI_LANES_LEFT + l->width, y + LEVEL_HEIGHT);
    cli_lanes_box(l, y, LEVEL_HEIGHT);
}

static void class_lane(const cli_lanes *l, double y)
{
    size_t from = 0;

    cli_lanes_label(l, y + CLASS_HEIGHT / 2.0 + 4, "#222", "class");
    for (size_t i = 1; i <= l->n; i++) {
        const int c = cli_heard_class(heard_at(l->data, from));
        if (i < l->n && cli_heard_class(heard_at(l->data, i)) == c)
            continue;
        fprintf(l->out,
                "<rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%d\" fill=\"%s\"><title>"
                "%s, %.2f to %.2f s</title></rect>\n",
                CLI_LANES_LEFT + l->width * (double)from / (double)l->n, y,
                l->width * (double)(i - from) / (double)l->n, CLASS_HEIGHT, looks[c].colour,
                limner_speech_class_name(c), (double)from * l->frame_s, (double)i * l->frame_s);
        from = i;
    }
    cli_lanes_box(l, y, CLASS_HEIGHT);
}

static void mouth_lane(const cli_lanes *l, double y)
{
    static const struct {
        const char *name, *colour;
        cli_curve_fn value;
    } curves[] = {{"closure", "#d0021b", closure_of},
                  {"rounding", "#0072b2", rounding_of},
                  {"jaw", "#009e73", jaw_of}};

    cli_lanes_box(l, y, CURVE_HEIGHT);
    for (int i = 0; i < 3; i++) {
        cli_lanes_label(l, y + 24 + 28 * i, curves[i].colour, curves[i].name);
        cli_lanes_curve(l, y, CURVE_HEIGHT, curves[i].value, l->data, curves[i].colour);
    }
}

static void pitch_lane(const cli_lanes *l, double y)
{
    cli_lanes_label(l, y + 11, "#222", "1000 Hz");
    cli_lanes_label(l, y + PITCH_HEIGHT / 2.0 + 4, "#222", "pitch");
    cli_lanes_label(l, y + PITCH_HEIGHT, "#222", "60 Hz");
    cli_lanes_box(l, y, PITCH_HEIGHT);
    cli_lanes_curve(l, y, PITCH_HEIGHT, pitch_of, l->data, "#333");
}

static int legend_columns(double width)
{
    return (int)((width + CLI_LANES_LEFT) / LEGEND_COLUMN);
}

static void legend(const cli_lanes *l, double y)
{
    const int columns = legend_columns(l->width);

    for (int c = 0; c < LIMNER_SPEECH_N_CLASSES; c++) {
        const int x = CLI_LANES_LEFT / 2 + c % columns * LEGEND_COLUMN;
        const double at = y + c / columns * LEGEND_ROW;
        fprintf(l->out,
                "<rect x=\"%d\" y=\"%.0f\" width=\"12\" height=\"12\" fill=\"%s\" "
                "stroke=\"#999\"/><text x=\"%d\" y=\"%.0f\">%s %s</text>\n",
                x, at, looks[c].colour, x + 17, at + 10, limner_speech_class_name(c),
                looks[c].example);
    }
}

/* ---- the picture ---- */

enum {
    LEVEL_Y = CLI_LANES_TOP,
    CLASS_Y = LEVEL_Y + LEVEL_HEIGHT + CLI_LANES_GAP,
    MOUTH_Y = CLASS_Y + CLASS_HEIGHT + CLI_LANES_GAP,
    PITCH_Y = MOUTH_Y + CURVE_HEIGHT + CLI_LANES_GAP,
    AXIS_Y = PITCH_Y + PITCH_HEIGHT,
    LEGEND_Y = AXIS_Y + CLI_LANES_AXIS
};

static void draw(const cli_lanes *l)
{
    level_lane(l, LEVEL_Y);
    class_lane(l, CLASS_Y);
    mouth_lane(l, MOUTH_Y);
    pitch_lane(l, PITCH_Y);
    cli_lanes_axis(l, AXIS_Y);
    legend(l, LEGEND_Y);
}

bool cli_listen_plot(const char *path, const char *title, const limner_heard *heard, size_t n,
                     double frame_s)
{
    cli_lanes l = {.n = n, .frame_s = frame_s, .data = heard};
    const int columns = legend_columns(cli_lanes_width(n, frame_s));
    const int rows = (LIMNER_SPEECH_N_CLASSES + columns - 1) / columns;

    return cli_lanes_write(&l, path, title, LEGEND_Y + rows * LEGEND_ROW + 8, draw);
}
