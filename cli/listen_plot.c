/* SPDX-License-Identifier: Apache-2.0 */
/* See listen_plot.h. Lanes one below the other share the axis of time; a long sound is drawn with
 * as many points as there are pixels. Units are CSS pixels. Colours: classes that people see on
 * lips have strong ones (after Okabe and Ito, Color Universal Design, 2008), what the tongue does
 * behind them greys and tints. */
#include "listen_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/media.h"
#include "talk.h"

enum {
    LEFT = 70, RIGHT = 16, TOP = 34, GAP = 14,
    LEVEL_HEIGHT = 60, CLASS_HEIGHT = 34, CURVE_HEIGHT = 110, PITCH_HEIGHT = 70,
    LEGEND_COLUMN = 172, LEGEND_ROW = 18, AXIS_HEIGHT = 34,
    MIN_WIDTH = 620, MAX_WIDTH = 8000, PER_SECOND = 110
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

typedef struct plot {
    FILE *out;
    const limner_heard *heard;
    size_t n;
    double frame_s, width; /* of the lanes */
} plot;

int cli_heard_class(const limner_heard *heard)
{
    int best = 0;

    for (int c = 1; c < LIMNER_SPEECH_N_CLASSES; c++)
        best = heard->share[c] > heard->share[best] ? c : best;
    return best;
}

static double place(const plot *p, size_t frame)
{
    return LEFT + p->width * ((double)frame + 0.5) / (double)p->n;
}

/* ---- lanes ---- */

static void label(const plot *p, double y, const char *text)
{
    fprintf(p->out, "<text x=\"%d\" y=\"%.0f\" text-anchor=\"end\">%s</text>\n", LEFT - 8, y, text);
}

static void frame_of_lane(const plot *p, double y, double height)
{
    fprintf(p->out,
            "<rect x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\" fill=\"none\" "
            "stroke=\"#999\"/>\n",
            LEFT, y, p->width, height);
}

/* A value in 0..1, NaN where the curve has a gap. */
typedef double (*value_fn)(const limner_heard *heard);

static double closure_of(const limner_heard *h) { return (double)h->closure; }
static double rounding_of(const limner_heard *h) { return (double)h->rounding; }
static double jaw_of(const limner_heard *h) { return (double)h->jaw; }
static double level_of(const limner_heard *h) { return (double)h->level; }

/* 60 to 1000 Hz by octaves. */
static double pitch_of(const limner_heard *h)
{
    return h->f0_hz > 0 ? log2((double)h->f0_hz / 60) / log2(1000.0 / 60) : (double)NAN;
}

static size_t step_of(const plot *p)
{
    return 1 + p->n / (size_t)(2 * p->width);
}

static void curve(const plot *p, double y, double height, value_fn value, const char *colour)
{
    bool is_drawing = false;

    fprintf(p->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" d=\"", colour);
    for (size_t i = 0; i < p->n; i += step_of(p)) {
        const double v = value(&p->heard[i]);
        if (!isnan(v))
            fprintf(p->out, "%c%.1f %.1f", is_drawing ? 'L' : 'M', place(p, i),
                    y + height * (1 - v));
        is_drawing = !isnan(v);
    }
    fputs("\"/>\n", p->out);
}

static void level_lane(const plot *p, double y)
{
    label(p, y + LEVEL_HEIGHT / 2.0 + 4, "level");
    fprintf(p->out, "<path fill=\"#9db7c9\" d=\"M%d %.0f", LEFT, y + LEVEL_HEIGHT);
    for (size_t i = 0; i < p->n; i += step_of(p))
        fprintf(p->out, "L%.1f %.1f", place(p, i),
                y + LEVEL_HEIGHT * (1 - level_of(&p->heard[i])));
    fprintf(p->out, "L%.1f %.0fZ\"/>\n", LEFT + p->width, y + LEVEL_HEIGHT);
    frame_of_lane(p, y, LEVEL_HEIGHT);
}

static void class_lane(const plot *p, double y)
{
    size_t from = 0;

    label(p, y + CLASS_HEIGHT / 2.0 + 4, "class");
    for (size_t i = 1; i <= p->n; i++) {
        const int c = cli_heard_class(&p->heard[from]);
        if (i < p->n && cli_heard_class(&p->heard[i]) == c)
            continue;
        fprintf(p->out,
                "<rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%d\" fill=\"%s\"><title>"
                "%s, %.2f to %.2f s</title></rect>\n",
                LEFT + p->width * (double)from / (double)p->n, y,
                p->width * (double)(i - from) / (double)p->n, CLASS_HEIGHT, looks[c].colour,
                limner_speech_class_name(c), (double)from * p->frame_s, (double)i * p->frame_s);
        from = i;
    }
    frame_of_lane(p, y, CLASS_HEIGHT);
}

static void mouth_lane(const plot *p, double y)
{
    static const struct {
        const char *name, *colour;
        value_fn value;
    } curves[] = {{"closure", "#d0021b", closure_of},
                  {"rounding", "#0072b2", rounding_of},
                  {"jaw", "#009e73", jaw_of}};

    frame_of_lane(p, y, CURVE_HEIGHT);
    for (int i = 0; i < 3; i++) {
        fprintf(p->out, "<text x=\"%d\" y=\"%.0f\" text-anchor=\"end\" fill=\"%s\">%s</text>\n",
                LEFT - 8, y + 24 + 28 * i, curves[i].colour, curves[i].name);
        curve(p, y, CURVE_HEIGHT, curves[i].value, curves[i].colour);
    }
}

static void pitch_lane(const plot *p, double y)
{
    label(p, y + 11, "1000 Hz");
    label(p, y + PITCH_HEIGHT / 2.0 + 4, "pitch");
    label(p, y + PITCH_HEIGHT, "60 Hz");
    frame_of_lane(p, y, PITCH_HEIGHT);
    curve(p, y, PITCH_HEIGHT, pitch_of, "#333");
}

static void time_axis(const plot *p, double y)
{
    const double length_s = (double)p->n * p->frame_s;
    const double steps[] = {0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 3600};
    size_t k = 0;

    while (k + 1 < sizeof(steps) / sizeof(steps[0]) && steps[k] * p->width / length_s < 50)
        k++;
    for (int i = 0; i * steps[k] <= length_s; i++) {
        const double x = LEFT + p->width * i * steps[k] / length_s;
        fprintf(p->out,
                "<path stroke=\"#999\" d=\"M%.1f %.0fv5\"/><text x=\"%.1f\" y=\"%.0f\" "
                "text-anchor=\"middle\">%g%s</text>\n",
                x, y, x, y + 18, i * steps[k], i ? "" : " s");
    }
}

static int legend_columns(const plot *p)
{
    return (int)((p->width + LEFT) / LEGEND_COLUMN);
}

static void legend(const plot *p, double y)
{
    const int columns = legend_columns(p);

    for (int c = 0; c < LIMNER_SPEECH_N_CLASSES; c++) {
        const int x = LEFT / 2 + c % columns * LEGEND_COLUMN;
        const double at = y + c / columns * LEGEND_ROW;
        fprintf(p->out,
                "<rect x=\"%d\" y=\"%.0f\" width=\"12\" height=\"12\" fill=\"%s\" "
                "stroke=\"#999\"/><text x=\"%d\" y=\"%.0f\">%s %s</text>\n",
                x, at, looks[c].colour, x + 17, at + 10, limner_speech_class_name(c),
                looks[c].example);
    }
}

/* ---- the picture ---- */

static void text_of(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("<>&\"", *text) || (unsigned char)*text < ' ')
            fprintf(out, "&#%d;", (unsigned char)*text < ' ' ? ' ' : *text);
        else
            fputc(*text, out);
    }
}

static void draw(const plot *p, const char *title)
{
    const int columns = legend_columns(p);
    const int rows = (LIMNER_SPEECH_N_CLASSES + columns - 1) / columns;
    const double level = TOP, classes = level + LEVEL_HEIGHT + GAP;
    const double mouth = classes + CLASS_HEIGHT + GAP, pitch = mouth + CURVE_HEIGHT + GAP;
    const double axis = pitch + PITCH_HEIGHT, names = axis + AXIS_HEIGHT;
    const double width = LEFT + p->width + RIGHT, height = names + rows * LEGEND_ROW + 8;

    fprintf(p->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
            "viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"12\" "
            "fill=\"#222\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
            "<text x=\"%d\" y=\"20\" font-size=\"14\">",
            width, height, width, height, LEFT);
    text_of(p->out, title);
    fputs("</text>\n", p->out);
    level_lane(p, level);
    class_lane(p, classes);
    mouth_lane(p, mouth);
    pitch_lane(p, pitch);
    time_axis(p, axis);
    legend(p, names);
    fputs("</svg>\n", p->out);
}

bool cli_listen_plot(const char *path, const char *title, const limner_heard *heard, size_t n,
                     double frame_s)
{
    plot p = {.heard = heard, .n = n, .frame_s = frame_s};
    char err[LIMNER_IO_ERROR_SIZE], *text = NULL;
    size_t n_bytes = 0;

    p.width = fmin(fmax(PER_SECOND * (double)n * frame_s, MIN_WIDTH), MAX_WIDTH);
    p.out = open_memstream(&text, &n_bytes);
    if (p.out)
        draw(&p, title);
    if (!p.out || fclose(p.out) != 0) {
        cli_fail("not enough memory");
        free(text);
        return false;
    }
    const bool is_written = limner_io_file_write(path, text, n_bytes, err) == 0;
    if (!is_written)
        cli_fail("%s", err);
    free(text);
    return is_written;
}
