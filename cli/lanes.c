/* SPDX-License-Identifier: Apache-2.0 */
/* See lanes.h. */
#include "lanes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/media.h"
#include "talk.h"

enum { MIN_WIDTH = 620, MAX_WIDTH = 8000, PER_SECOND = 110 };

double cli_lanes_width(size_t n, double frame_s)
{
    return fmin(fmax(PER_SECOND * (double)n * frame_s, MIN_WIDTH), MAX_WIDTH);
}

double cli_lanes_place(const cli_lanes *l, size_t frame)
{
    return CLI_LANES_LEFT + l->width * ((double)frame + 0.5) / (double)l->n;
}

size_t cli_lanes_step(const cli_lanes *l)
{
    return 1 + l->n / (size_t)(2 * l->width);
}

void cli_lanes_label(const cli_lanes *l, double y, const char *colour, const char *text)
{
    fprintf(l->out, "<text x=\"%d\" y=\"%.0f\" text-anchor=\"end\" fill=\"%s\">%s</text>\n",
            CLI_LANES_LEFT - 8, y, colour, text);
}

void cli_lanes_box(const cli_lanes *l, double y, double height)
{
    fprintf(l->out,
            "<rect x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\" fill=\"none\" "
            "stroke=\"#999\"/>\n",
            CLI_LANES_LEFT, y, l->width, height);
}

void cli_lanes_curve(const cli_lanes *l, double y, double height, cli_curve_fn value,
                     const void *data, const char *colour)
{
    bool is_drawing = false;

    fprintf(l->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" d=\"", colour);
    for (size_t i = 0; i < l->n; i += cli_lanes_step(l)) {
        const double v = value(data, i);
        if (!isnan(v))
            fprintf(l->out, "%c%.1f %.1f", is_drawing ? 'L' : 'M', cli_lanes_place(l, i),
                    y + height * (1 - v));
        is_drawing = !isnan(v);
    }
    fputs("\"/>\n", l->out);
}

void cli_lanes_axis(const cli_lanes *l, double y)
{
    const double length_s = (double)l->n * l->frame_s;
    const double steps[] = {0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 3600};
    size_t k = 0;

    while (k + 1 < sizeof(steps) / sizeof(steps[0]) && steps[k] * l->width / length_s < 50)
        k++;
    for (int i = 0; i * steps[k] <= length_s; i++) {
        const double x = CLI_LANES_LEFT + l->width * i * steps[k] / length_s;
        fprintf(l->out,
                "<path stroke=\"#999\" d=\"M%.1f %.0fv5\"/><text x=\"%.1f\" y=\"%.0f\" "
                "text-anchor=\"middle\">%g%s</text>\n",
                x, y, x, y + 18, i * steps[k], i ? "" : " s");
    }
}

static void text_of(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("<>&\"", *text) || (unsigned char)*text < ' ')
            fprintf(out, "&#%d;", (unsigned char)*text < ' ' ? ' ' : *text);
        else
            fputc(*text, out);
    }
}

static void draw_all(const cli_lanes *l, const char *title, double height, cli_lanes_fn draw)
{
    const double width = CLI_LANES_LEFT + l->width + CLI_LANES_RIGHT;

    fprintf(l->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
            "viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"12\" "
            "fill=\"#222\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
            "<text x=\"%d\" y=\"20\" font-size=\"14\">",
            width, height, width, height, CLI_LANES_LEFT);
    text_of(l->out, title);
    fputs("</text>\n", l->out);
    draw(l);
    fputs("</svg>\n", l->out);
}

bool cli_lanes_write(cli_lanes *lanes, const char *path, const char *title, double height,
                     cli_lanes_fn draw)
{
    char err[LIMNER_IO_ERROR_SIZE], *text = NULL;
    size_t n_bytes = 0;

    lanes->width = cli_lanes_width(lanes->n, lanes->frame_s);
    lanes->out = open_memstream(&text, &n_bytes);
    if (lanes->out)
        draw_all(lanes, title, height, draw);
    if (!lanes->out || fclose(lanes->out) != 0) {
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
