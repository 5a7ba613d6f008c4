/* SPDX-License-Identifier: Apache-2.0 */
/* Operators (see nn_ops.h). A convolution becomes a product of matrices, LIMNER_NN_CONV_ROWS output
 * pixels at a time: their inputs are copied to rows ("im2col") unless they already are rows. */
#include "nn/nn_ops.h"

#include <float.h>
#include <string.h>

/* Taps of a window that lie inside the map. */
typedef struct taps {
    uint32_t first, end;
} taps;

static taps taps_inside(uint32_t out, uint32_t stride, uint32_t pad, uint32_t kernel,
                        uint32_t size)
{
    const int64_t start = (int64_t)out * stride - pad;
    taps t = { 0, kernel };

    if (start < 0)
        t.first = (uint32_t)-start;
    if (start + kernel > size)
        t.end = (uint32_t)(size - start);
    return t;
}

bool limner_nn_packed_floats(size_t n, size_t k, size_t *floats)
{
    const size_t padded = limner_nn_padded(n);

    if (padded < n || (k && padded > SIZE_MAX / k))
        return false;
    *floats = padded * k;
    return true;
}

size_t limner_nn_padded(size_t n)
{
    return (n + LIMNER_NN_PANEL - 1) / LIMNER_NN_PANEL * LIMNER_NN_PANEL;
}

static void activate(const limner_nn_dsp *dsp, limner_nn_activation act, float *y, size_t n)
{
    if (act == LIMNER_NN_LOGISTIC)
        dsp->logistic(y, y, n);
    else if (act == LIMNER_NN_HARD_SWISH)
        dsp->hard_swish(y, y, n);
}

bool limner_nn_conv_is_direct(const limner_nn_window *win)
{
    const bool is_pointwise = win->kernel_h == 1 && win->kernel_w == 1 && win->stride_y == 1 &&
                              win->stride_x == 1;
    const bool is_whole = win->out_h == 1 && win->out_w == 1 && win->pad_top == 0 &&
                          win->pad_left == 0 && win->kernel_h == win->in_h &&
                          win->kernel_w == win->in_w;

    return is_pointwise || is_whole;
}

/* The inputs of one output pixel as a row: [kernel_h][kernel_w][channels]. */
static void gather(const limner_nn_window *win, uint32_t oy, uint32_t ox, const float *x,
                   float *row)
{
    const taps ty = taps_inside(oy, win->stride_y, win->pad_top, win->kernel_h, win->in_h);
    const taps tx = taps_inside(ox, win->stride_x, win->pad_left, win->kernel_w, win->in_w);
    const size_t tap = win->channels, line = win->kernel_w * tap;
    const size_t left = tx.first * tap, width = (tx.end - tx.first) * tap;
    const size_t x0 = (size_t)ox * win->stride_x + tx.first - win->pad_left;

    for (uint32_t i = 0; i < win->kernel_h; i++, row += line) {
        const size_t y0 = (size_t)oy * win->stride_y + i - win->pad_top;

        if (i < ty.first || i >= ty.end) {
            memset(row, 0, line * sizeof(*row));
            continue;
        }
        memset(row, 0, left * sizeof(*row));
        memcpy(row + left, x + (y0 * win->in_w + x0) * tap, width * sizeof(*row));
        memset(row + left + width, 0, (line - left - width) * sizeof(*row));
    }
}

void limner_nn_conv(const limner_nn_dsp *dsp, const limner_nn_window *win, uint32_t n,
                    const float *packed, const float *bias, const limner_nn_post *post,
                    limner_nn_activation act, const float *x, float *y, float *scratch)
{
    const bool is_direct = limner_nn_conv_is_direct(win);
    const uint32_t k = win->kernel_h * win->kernel_w * win->channels;
    const uint32_t n_rows = win->out_h * win->out_w;
    limner_nn_gemm g = {
        .a_stride = k, .w = packed, .bias = bias, .n = n, .k = k, .post = *post
    };

    for (uint32_t row = 0; row < n_rows; row += g.rows) {
        g.rows = n_rows - row < LIMNER_NN_CONV_ROWS ? n_rows - row : LIMNER_NN_CONV_ROWS;
        g.a = is_direct ? x + (size_t)row * k : scratch;
        g.c = y + (size_t)row * n;
        if (post->residual)
            g.post.residual = post->residual + (size_t)row * post->residual_n;
        for (uint32_t r = 0; !is_direct && r < g.rows; r++)
            gather(win, (row + r) / win->out_w, (row + r) % win->out_w, x,
                   scratch + (size_t)r * k);
        dsp->gemm(&g);
        activate(dsp, act, g.c, (size_t)g.rows * n);
    }
}

/* First and one past the last output column whose taps are all inside. */
static void whole_columns(const limner_nn_window *win, uint32_t *first, uint32_t *end)
{
    uint32_t last;

    *first = (win->pad_left + win->stride_x - 1) / win->stride_x;
    *end = *first;
    if (win->in_w + win->pad_left < win->kernel_w)
        return;
    last = (win->in_w + win->pad_left - win->kernel_w) / win->stride_x;
    if (last >= win->out_w)
        last = win->out_w - 1;
    if (last >= *first)
        *end = last + 1;
}

/* Columns first..end of output row oy, which share their taps tx. */
static void depthwise_run(const limner_nn_dsp *dsp, const limner_nn_window *win,
                          limner_nn_depthwise *d, const limner_nn_depthwise *base, uint32_t oy,
                          uint32_t first, uint32_t end)
{
    const taps ty = taps_inside(oy, win->stride_y, win->pad_top, win->kernel_h, win->in_h);
    const taps tx = taps_inside(first, win->stride_x, win->pad_left, win->kernel_w, win->in_w);
    const size_t y0 = (size_t)oy * win->stride_y + ty.first - win->pad_top;
    const size_t x0 = (size_t)first * win->stride_x + tx.first - win->pad_left;
    const size_t pixel = (size_t)oy * win->out_w + first;

    d->x = base->x + (y0 * win->in_w + x0) * win->channels;
    d->w = base->w + ((size_t)ty.first * win->kernel_w + tx.first) * win->channels;
    d->y = base->y + pixel * win->channels;
    d->pixels = end - first;
    d->taps_y = ty.end - ty.first;
    d->taps_x = tx.end - tx.first;
    if (base->post.residual)
        d->post.residual = base->post.residual + pixel * base->post.residual_n;
    dsp->depthwise(d);
}

void limner_nn_depthwise_conv(const limner_nn_dsp *dsp, const limner_nn_window *win,
                              const float *w, const float *bias, const limner_nn_post *post,
                              limner_nn_activation act, const float *x, float *y)
{
    const limner_nn_depthwise base = {
        .x = x, .x_row = (ptrdiff_t)win->in_w * win->channels,
        .x_step = (ptrdiff_t)win->stride_x * win->channels, .w = w,
        .w_row = (ptrdiff_t)win->kernel_w * win->channels, .bias = bias, .y = y,
        .channels = win->channels, .post = *post
    };
    limner_nn_depthwise d = base;
    uint32_t first, end;

    whole_columns(win, &first, &end);
    for (uint32_t oy = 0; oy < win->out_h; oy++) {
        for (uint32_t ox = 0; ox < win->out_w; ox++) {
            if (ox == first && end > first) {
                depthwise_run(dsp, win, &d, &base, oy, first, end);
                ox = end - 1;
            } else {
                depthwise_run(dsp, win, &d, &base, oy, ox, ox + 1);
            }
        }
        activate(dsp, act, y + (size_t)oy * win->out_w * win->channels,
                 (size_t)win->out_w * win->channels);
    }
}

void limner_nn_conv_transpose(const limner_nn_dsp *dsp, const limner_nn_window *win, uint32_t n,
                              const float *packed, const float *bias, const float *x, float *y,
                              float *scratch)
{
    const size_t line = (size_t)win->kernel_w * n, out_row = win->in_w * line;
    limner_nn_gemm g = {
        .a_stride = win->channels, .w = packed, .bias = bias, .c = scratch, .rows = win->in_w,
        .n = win->kernel_h * win->kernel_w * n, .k = win->channels
    };

    for (uint32_t row = 0; row < win->in_h; row++) {
        g.a = x + (size_t)row * win->in_w * win->channels;
        dsp->gemm(&g);
        for (uint32_t i = 0; i < win->kernel_h; i++, y += out_row)
            for (uint32_t column = 0; column < win->in_w; column++)
                memcpy(y + column * line, scratch + (size_t)column * g.n + i * line,
                       line * sizeof(*y));
    }
}

static void max_row(float *y, const float *x, uint32_t n)
{
    for (uint32_t c = 0; c < n; c++)
        y[c] = x[c] > y[c] ? x[c] : y[c];
}

static void add_row(float *y, const float *x, uint32_t n)
{
    for (uint32_t c = 0; c < n; c++)
        y[c] += x[c];
}

/* One output pixel: starts from `empty` and takes in every tap inside the map. */
static uint32_t pool_pixel(const limner_nn_window *win, uint32_t oy, uint32_t ox, const float *x,
                           float *y, float empty,
                           void (*take)(float *y, const float *x, uint32_t n))
{
    const taps ty = taps_inside(oy, win->stride_y, win->pad_top, win->kernel_h, win->in_h);
    const taps tx = taps_inside(ox, win->stride_x, win->pad_left, win->kernel_w, win->in_w);

    for (uint32_t c = 0; c < win->channels; c++)
        y[c] = empty;
    for (uint32_t i = ty.first; i < ty.end; i++)
        for (uint32_t j = tx.first; j < tx.end; j++) {
            const size_t yi = (size_t)oy * win->stride_y + i - win->pad_top;
            const size_t xj = (size_t)ox * win->stride_x + j - win->pad_left;

            take(y, x + (yi * win->in_w + xj) * win->channels, win->channels);
        }
    return (ty.end - ty.first) * (tx.end - tx.first);
}

void limner_nn_max_pool(const limner_nn_window *win, const float *x, float *y)
{
    for (uint32_t oy = 0; oy < win->out_h; oy++)
        for (uint32_t ox = 0; ox < win->out_w; ox++, y += win->channels)
            pool_pixel(win, oy, ox, x, y, -FLT_MAX, max_row);
}

void limner_nn_average_pool(const limner_nn_window *win, const float *x, float *y)
{
    for (uint32_t oy = 0; oy < win->out_h; oy++)
        for (uint32_t ox = 0; ox < win->out_w; ox++, y += win->channels) {
            const uint32_t n = pool_pixel(win, oy, ox, x, y, 0.0f, add_row);

            for (uint32_t c = 0; c < win->channels; c++)
                y[c] /= (float)n;
        }
}

void limner_nn_add(const float *a, size_t n, const float *b, size_t n_b, float *y)
{
    for (size_t i = 0; i < n; i += n_b)
        for (size_t c = 0; c < n_b; c++)
            y[i + c] = a[i + c] + b[c];
}

void limner_nn_multiply(const float *a, size_t n, const float *b, size_t n_b, float *y)
{
    for (size_t i = 0; i < n; i += n_b)
        for (size_t c = 0; c < n_b; c++)
            y[i + c] = a[i + c] * b[c];
}

void limner_nn_slope(const float *x, size_t n_pixels, uint32_t channels, const float *slope,
                     float *y)
{
    for (size_t p = 0; p < n_pixels; p++, x += channels, y += channels)
        for (uint32_t c = 0; c < channels; c++)
            y[c] = x[c] > 0.0f ? x[c] : x[c] * (slope ? slope[c] : 0.0f);
}

/* Two neighbours of an output coordinate and the second one's weight. */
typedef struct between {
    size_t first, second;
    float weight;
} between;

static between locate(uint32_t i, uint32_t in, uint32_t out, limner_nn_grid grid)
{
    const float scale = grid == LIMNER_NN_GRID_ALIGNED && out > 1
        ? (float)(in - 1) / (float)(out - 1) : (float)in / (float)out;
    float at = grid == LIMNER_NN_GRID_CENTRE ? ((float)i + 0.5f) * scale - 0.5f
                                             : (float)i * scale;
    between b;

    if (at < 0.0f)
        at = 0.0f;
    b.first = (size_t)at;
    if (b.first > in - 1)
        b.first = in - 1;
    b.second = b.first + 1 < in ? b.first + 1 : in - 1;
    b.weight = at - (float)b.first;
    return b;
}

void limner_nn_resize_bilinear(const limner_nn_window *win, limner_nn_grid grid, const float *x,
                               float *y)
{
    const size_t channels = win->channels, row = win->in_w * channels;

    for (uint32_t oy = 0; oy < win->out_h; oy++) {
        const between v = locate(oy, win->in_h, win->out_h, grid);

        for (uint32_t ox = 0; ox < win->out_w; ox++, y += channels) {
            const between h = locate(ox, win->in_w, win->out_w, grid);
            const float *p00 = x + v.first * row + h.first * channels;
            const float *p01 = x + v.first * row + h.second * channels;
            const float *p10 = x + v.second * row + h.first * channels;
            const float *p11 = x + v.second * row + h.second * channels;
            const float w00 = (1 - v.weight) * (1 - h.weight), w01 = (1 - v.weight) * h.weight;
            const float w10 = v.weight * (1 - h.weight), w11 = v.weight * h.weight;

            for (size_t c = 0; c < channels; c++)
                y[c] = w00 * p00[c] + w01 * p01[c] + w10 * p10[c] + w11 * p11[c];
        }
    }
}
