/* SPDX-License-Identifier: Apache-2.0 */
/* Plots as inline SVG. Units of the drawing are CSS pixels at its full width; the page may scale
 * it. Colours come from the page's style: the six of Okabe and Ito (Color Universal Design, 2008)
 * that stand out on white or on black; from the seventh curve on they come again, dashed. */
#include "eval/report_internal.h"

#include <math.h>

enum { WIDTH = 560, HEIGHT = 250, LEFT = 62, RIGHT = 14, TOP = 10, BOTTOM = 44 };
enum { N_COLOURS = 6, N_TICKS = 5 };
#define HUGEST 1e30 /* larger values are gaps: differences of them might overflow */

/* One direction of the frame: values low..high become places from..to. */
typedef struct eval_axis {
    double low, high, step;
    double from, to;
} eval_axis;

static bool is_value(double v)
{
    return fabs(v) < HUGEST; /* not for NaN */
}

static double place(const eval_axis *a, double v)
{
    return a->from + (a->to - a->from) * (v - a->low) / (a->high - a->low);
}

/* A step of 1, 2 or 5 times a power of ten, some N_TICKS of them in the range. */
static double round_step(double range)
{
    const double raw = range / N_TICKS, power = pow(10, floor(log10(raw)));
    const double mantissa = raw / power;

    return power * (mantissa <= 1.5 ? 1 : mantissa <= 3.5 ? 2 : mantissa <= 7.5 ? 5 : 10);
}

/* A range that is empty, or nothing to the precision of numbers, becomes one that is not. */
static void set_range(eval_axis *a, double low, double high)
{
    const double least = 1e-9 * fmax(1, fmax(fabs(low), fabs(high)));

    if (low > high)
        low = high = 0.5;
    if (high - low < least) {
        const double half = fmax(0.5 * fabs(low), 0.5);
        low -= half;
        high += half;
    }
    a->low = low;
    a->high = high;
    a->step = round_step(high - low);
}

static void grow_range(double *low, double *high, double v)
{
    if (!is_value(v))
        return;
    *low = fmin(*low, v);
    *high = fmax(*high, v);
}

static void find_ranges(eval_axis *x, eval_axis *y, const eval_curve *curves, size_t n)
{
    double x0 = INFINITY, x1 = -INFINITY, y0 = INFINITY, y1 = -INFINITY;

    for (size_t i = 0; i < n; i++) {
        const eval_curve *c = &curves[i];
        if (c->n) {
            grow_range(&x0, &x1, c->start);
            grow_range(&x0, &x1, c->start + (double)(c->n - 1) * c->step);
        }
        for (size_t k = 0; k < c->n; k++)
            grow_range(&y0, &y1, c->y[k]);
    }
    set_range(x, x0, x1);
    set_range(y, y0, y1);
    y->low = floor(y->low / y->step + 1e-9) * y->step;
    y->high = ceil(y->high / y->step - 1e-9) * y->step;
}

/* Tick lines with their numbers along one axis. */
static void put_ticks(eval_text *t, const eval_axis *a, bool is_x)
{
    const double first = ceil(a->low / a->step - 1e-6);
    const int n = (int)floor(a->high / a->step - first + 1e-6);

    for (int i = 0; i <= n; i++) {
        const double value = (first + i) * a->step + 0.0, at = place(a, value);
        if (is_x)
            eval_text_add(t,
                          "<path class=\"grid\" d=\"M%.1f %dV%d\"/><text x=\"%.1f\" y=\"%d\" "
                          "text-anchor=\"middle\">%g</text>",
                          at, TOP, HEIGHT - BOTTOM, at, HEIGHT - BOTTOM + 16, value);
        else
            eval_text_add(t,
                          "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" "
                          "text-anchor=\"end\">%g</text>",
                          LEFT, at, WIDTH - RIGHT, LEFT - 7, at + 4, value);
    }
}

static void put_stroke(eval_text *t, size_t i)
{
    eval_text_add(t, "<path class=\"s s%zu%s\" d=\"", i % N_COLOURS, i < N_COLOURS ? "" : " d");
}

static void put_curve(eval_text *t, size_t i, const eval_curve *c, const eval_axis *x,
                      const eval_axis *y)
{
    bool is_open = false;

    put_stroke(t, i);
    for (size_t k = 0; k < c->n; k++) {
        const bool is_first = !is_open;
        is_open = is_value(c->y[k]);
        if (!is_open)
            continue;
        eval_text_add(t, "%s%.1f %.1f", is_first ? "M" : "L",
                      place(x, c->start + (double)k * c->step), place(y, c->y[k]));
        if (is_first)
            eval_text_add(t, "h0"); /* a value between two gaps is a dot */
    }
    eval_text_add(t, "\"/>");
}

static void put_axis_titles(eval_text *t, const char *x_title, const char *y_title)
{
    eval_text_add(t, "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
                  (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8);
    eval_text_html(t, x_title);
    eval_text_add(t,
                  "</text><text class=\"axis\" x=\"%d\" y=\"14\" text-anchor=\"middle\" "
                  "transform=\"rotate(-90)\">",
                  -(TOP + HEIGHT - BOTTOM) / 2);
    eval_text_html(t, y_title);
    eval_text_add(t, "</text>");
}

static void put_legend(eval_text *t, const eval_curve *curves, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        eval_text_add(t, "<span class=\"key\"><svg width=\"26\" height=\"10\">");
        put_stroke(t, i);
        eval_text_add(t, "M2 5h22\"/></svg> ");
        eval_text_html(t, curves[i].title);
        eval_text_add(t, "</span> ");
    }
}

void eval_report_plot(eval_report *r, const char *title, const char *x_title, const char *y_title,
                      const eval_curve *curves, size_t n_curves)
{
    eval_axis x = {.from = LEFT, .to = WIDTH - RIGHT}, y = {.from = HEIGHT - BOTTOM, .to = TOP};
    eval_text *t = eval_report_html_part(r);

    if (!t)
        return;
    find_ranges(&x, &y, curves, n_curves);
    eval_text_add(t, "<figure class=\"plot\">\n<figcaption>");
    eval_text_html(t, title);
    eval_text_add(t, "<br>");
    put_legend(t, curves, n_curves);
    eval_text_add(t,
                  "</figcaption>\n<div class=\"scroll\" tabindex=\"0\"><svg viewBox=\"0 0 %d "
                  "%d\" role=\"img\" aria-label=\"",
                  WIDTH, HEIGHT);
    eval_text_html(t, title);
    eval_text_add(t, "\">");
    put_ticks(t, &x, true);
    put_ticks(t, &y, false);
    put_axis_titles(t, x_title, y_title);
    for (size_t i = 0; i < n_curves; i++)
        put_curve(t, i, &curves[i], &x, &y);
    eval_text_add(t, "</svg></div>\n</figure>\n");
}
