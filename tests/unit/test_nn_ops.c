/* SPDX-License-Identifier: Apache-2.0 */
/* The nets' operators against slow references in double precision, over odd sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/rng.h"
#include "nn/nn_ops.h"
#include "nn/nn_warp.h"

#define TOLERANCE 2e-5

static float *random_floats(limner_rng *rng, size_t n)
{
    float *x = limner_alloc(n, sizeof(*x));

    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = limner_rng_normal(rng);
    return x;
}

static uint32_t out_size(uint32_t in, uint32_t kernel, uint32_t stride, bool is_same,
                         uint32_t *pad)
{
    const uint32_t out = is_same ? (in + stride - 1) / stride : (in - kernel) / stride + 1;
    const int missing = (int)((out - 1) * stride + kernel) - (int)in;

    *pad = is_same && missing > 0 ? (uint32_t)missing / 2 : 0;
    return out;
}

static limner_nn_window window(uint32_t h, uint32_t w, uint32_t channels, uint32_t kernel_h,
                               uint32_t kernel_w, uint32_t stride, bool is_same)
{
    limner_nn_window win = { .in_h = h, .in_w = w, .channels = channels, .kernel_h = kernel_h,
                             .kernel_w = kernel_w, .stride_y = stride, .stride_x = stride };

    win.out_h = out_size(h, kernel_h, stride, is_same, &win.pad_top);
    win.out_w = out_size(w, kernel_w, stride, is_same, &win.pad_left);
    return win;
}

/* x at a window's tap; 0 outside. */
static double tap(const limner_nn_window *win, const float *x, uint32_t oy, uint32_t ox,
                  uint32_t i, uint32_t j, uint32_t c, bool *is_inside)
{
    const int y = (int)(oy * win->stride_y + i) - (int)win->pad_top;
    const int k = (int)(ox * win->stride_x + j) - (int)win->pad_left;

    *is_inside = y >= 0 && k >= 0 && y < (int)win->in_h && k < (int)win->in_w;
    return *is_inside ? x[((size_t)y * win->in_w + (size_t)k) * win->channels + c] : 0;
}

static const struct {
    uint32_t h, w, channels, kernel_h, kernel_w, stride, n;
    bool is_same;
} shapes[] = {
    { 1, 1, 1, 1, 1, 1, 1, true }, { 7, 9, 3, 3, 3, 2, 17, true }, { 8, 6, 5, 5, 3, 1, 16, true },
    { 3, 3, 4, 3, 3, 1, 33, false }, { 9, 9, 2, 2, 2, 2, 3, false },
    { 4, 5, 31, 1, 1, 1, 40, true }, { 2, 2, 3, 5, 5, 1, 2, true }, { 12, 11, 1, 3, 5, 3, 7, true },
    { 10, 13, 6, 1, 1, 2, 9, false }
};

enum { N_SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static double expect_post(double v, const limner_nn_post *post, size_t pixel, uint32_t n)
{
    if (post->residual && n < post->residual_n)
        v += post->residual[pixel * post->residual_n + n];
    return post->slope && !(v > 0) ? v * post->slope[n] : v;
}

static void check_conv(limner_rng *rng, const limner_nn_window *win, uint32_t n, bool is_full)
{
    const uint32_t k = win->kernel_h * win->kernel_w * win->channels;
    const size_t pixels = (size_t)win->out_h * win->out_w;
    float *x = random_floats(rng, (size_t)win->in_h * win->in_w * win->channels);
    float *w = random_floats(rng, (size_t)n * k), *bias = random_floats(rng, n + 16);
    float *residual = random_floats(rng, pixels * n), *slope = random_floats(rng, n + 16);
    float *scratch = limner_alloc((size_t)LIMNER_NN_CONV_ROWS * k, sizeof(*scratch)), *packed;
    float *y = limner_alloc(pixels * n, sizeof(*y));
    const limner_nn_post post = { is_full ? residual : NULL, n > 2 ? n - 1 : n,
                                  is_full ? slope : NULL };
    size_t n_packed;

    assert_true(limner_nn_packed_floats(n, k, &n_packed));
    packed = limner_calloc(n_packed, sizeof(*packed));
    assert_true(packed && y && scratch);
    for (uint32_t j = 0; j < n; j++)
        for (uint32_t i = 0; i < k; i++)
            packed[limner_nn_packed_index(j, i, k)] = w[(size_t)j * k + i];
    limner_nn_conv(limner_nn_dsp_get(0), win, n, packed, bias, &post,
                   is_full ? LIMNER_NN_HARD_SWISH : LIMNER_NN_LINEAR, x, y, scratch);
    for (size_t p = 0; p < pixels; p++)
        for (uint32_t j = 0; j < n; j++) {
            const uint32_t oy = (uint32_t)p / win->out_w, ox = (uint32_t)p % win->out_w;
            double v = bias[j];
            bool is_inside;

            for (uint32_t i = 0; i < k; i++)
                v += (double)w[(size_t)j * k + i] *
                     tap(win, x, oy, ox, i / win->channels / win->kernel_w,
                         i / win->channels % win->kernel_w, i % win->channels, &is_inside);
            v = expect_post(v, &post, p, j);
            if (is_full)
                v *= fmin(fmax(v + 3, 0), 6) / 6;
            assert_float_equal(y[p * n + j], v, TOLERANCE * (1 + fabs(v)));
        }
    limner_mem_free(x);
    limner_mem_free(w);
    limner_mem_free(bias);
    limner_mem_free(residual);
    limner_mem_free(slope);
    limner_mem_free(scratch);
    limner_mem_free(packed);
    limner_mem_free(y);
}

static void conv_matches_reference(void **state)
{
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 1, 0);
    for (int s = 0; s < N_SHAPES; s++) {
        const limner_nn_window win = window(shapes[s].h, shapes[s].w, shapes[s].channels,
                                            shapes[s].kernel_h, shapes[s].kernel_w,
                                            shapes[s].stride, shapes[s].is_same);

        check_conv(&rng, &win, shapes[s].n, false);
        check_conv(&rng, &win, shapes[s].n, true);
    }
}

static void conv_is_direct_only_where_rows_are_ready(void **state)
{
    const limner_nn_window pointwise = window(5, 7, 3, 1, 1, 1, true);
    const limner_nn_window whole = window(3, 3, 8, 3, 3, 1, false);
    const limner_nn_window strided = window(6, 6, 3, 1, 1, 2, true);
    const limner_nn_window padded = window(1, 1, 3, 3, 3, 1, true);

    (void)state;
    assert_true(limner_nn_conv_is_direct(&pointwise));
    assert_true(limner_nn_conv_is_direct(&whole));
    assert_false(limner_nn_conv_is_direct(&strided));
    assert_false(limner_nn_conv_is_direct(&padded));
}

static void check_depthwise(limner_rng *rng, const limner_nn_window *win)
{
    const uint32_t n = win->channels;
    const size_t pixels = (size_t)win->out_h * win->out_w;
    float *x = random_floats(rng, (size_t)win->in_h * win->in_w * n);
    float *w = random_floats(rng, (size_t)win->kernel_h * win->kernel_w * n);
    float *bias = random_floats(rng, n), *residual = random_floats(rng, pixels * n);
    float *slope = random_floats(rng, n), *y = random_floats(rng, pixels * n);
    const limner_nn_post post = { residual, n, slope };

    limner_nn_depthwise_conv(limner_nn_dsp_get(0), win, w, bias, &post, LIMNER_NN_LINEAR, x, y);
    for (size_t p = 0; p < pixels; p++)
        for (uint32_t c = 0; c < n; c++) {
            double v = bias[c];
            bool is_inside;

            for (uint32_t i = 0; i < win->kernel_h; i++)
                for (uint32_t j = 0; j < win->kernel_w; j++)
                    v += (double)w[(i * win->kernel_w + j) * n + c] *
                         tap(win, x, (uint32_t)p / win->out_w, (uint32_t)p % win->out_w, i, j, c,
                             &is_inside);
            v = expect_post(v, &post, p, c);
            assert_float_equal(y[p * n + c], v, TOLERANCE * (1 + fabs(v)));
        }
    limner_mem_free(x);
    limner_mem_free(w);
    limner_mem_free(bias);
    limner_mem_free(residual);
    limner_mem_free(slope);
    limner_mem_free(y);
}

static void depthwise_matches_reference(void **state)
{
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 2, 0);
    for (int s = 0; s < N_SHAPES; s++) {
        const limner_nn_window win = window(shapes[s].h, shapes[s].w, shapes[s].channels,
                                            shapes[s].kernel_h, shapes[s].kernel_w,
                                            shapes[s].stride, shapes[s].is_same);

        check_depthwise(&rng, &win);
    }
}

static void pools_match_reference(void **state)
{
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 3, 0);
    for (int s = 0; s < N_SHAPES; s++) {
        const limner_nn_window win = window(shapes[s].h, shapes[s].w, shapes[s].channels,
                                            shapes[s].kernel_h, shapes[s].kernel_w,
                                            shapes[s].stride, shapes[s].is_same);
        const size_t n = (size_t)win.out_h * win.out_w * win.channels;
        float *x = random_floats(&rng, (size_t)win.in_h * win.in_w * win.channels);
        float *high = random_floats(&rng, n), *mean = random_floats(&rng, n);

        limner_nn_max_pool(&win, x, high);
        limner_nn_average_pool(&win, x, mean);
        for (size_t k = 0; k < n; k++) {
            const uint32_t pixel = (uint32_t)(k / win.channels);
            double most = -INFINITY, sum = 0;
            double count = 0;

            for (uint32_t i = 0; i < win.kernel_h; i++)
                for (uint32_t j = 0; j < win.kernel_w; j++) {
                    bool is_inside;
                    const double v = tap(&win, x, pixel / win.out_w, pixel % win.out_w, i, j,
                                         (uint32_t)(k % win.channels), &is_inside);

                    most = is_inside ? fmax(most, v) : most;
                    sum += v;
                    count += is_inside;
                }
            assert_float_equal(high[k], most, 0);
            assert_float_equal(mean[k], sum / count, TOLERANCE);
        }
        limner_mem_free(x);
        limner_mem_free(high);
        limner_mem_free(mean);
    }
}

static void transposed_conv_matches_reference(void **state)
{
    enum { H = 3, W = 5, C = 7, N = 3, KH = 2, KW = 3, OUT = KH * KW * N };
    const limner_nn_window win = { .in_h = H, .in_w = W, .channels = C, .kernel_h = KH,
                                   .kernel_w = KW };
    float packed[(OUT + 15) / 16 * 16 * C] = { 0 }, bias[(OUT + 15) / 16 * 16] = { 0 };
    float y[H * KH * W * KW * N], scratch[W * OUT], *x, *w;
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 4, 0);
    x = random_floats(&rng, H * W * C);
    w = random_floats(&rng, OUT * C);           /* [kernel row][kernel column][n][c] */
    for (size_t j = 0; j < OUT; j++) {
        bias[j] = (float)(j % N);
        for (size_t i = 0; i < C; i++)
            packed[limner_nn_packed_index(j, i, C)] = w[j * C + i];
    }
    limner_nn_conv_transpose(limner_nn_dsp_get(0), &win, N, packed, bias, x, y, scratch);
    for (int k = 0; k < H * KH * W * KW * N; k++) {
        const int row = k / N / (W * KW), column = k / N % (W * KW);
        const int out = (row % KH * KW + column % KW) * N + k % N;
        double v = k % N;

        for (int c = 0; c < C; c++)
            v += (double)x[(row / KH * W + column / KW) * C + c] * w[out * C + c];
        assert_float_equal(y[k], v, TOLERANCE);
    }
    limner_mem_free(x);
    limner_mem_free(w);
}

static double resized(const float *x, uint32_t n, double at)
{
    const uint32_t first = (uint32_t)fmin(fmax(at, 0), n - 1);
    const uint32_t second = first + 1 < n ? first + 1 : first;
    const double part = fmax(at, 0) - first;

    return x[first] * (1 - part) + x[second] * part;
}

static void resize_matches_reference(void **state)
{
    static const uint32_t sizes[][2] = { { 4, 8 }, { 5, 3 }, { 1, 4 }, { 7, 7 }, { 3, 1 } };
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 5, 0);
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        const uint32_t in = sizes[s][0], out = sizes[s][1];
        const limner_nn_window win = { .in_h = in, .in_w = in, .channels = 1, .out_h = out,
                                       .out_w = out };
        float x[64], y[64], column[8];

        for (uint32_t i = 0; i < in; i++)
            column[i] = limner_rng_normal(&rng);
        for (uint32_t i = 0; i < in * in; i++)          /* rows and columns alike */
            x[i] = column[i / in] + 2 * column[i % in];
        for (int grid = LIMNER_NN_GRID_CORNER; grid <= LIMNER_NN_GRID_ALIGNED; grid++) {
            limner_nn_resize_bilinear(&win, (limner_nn_grid)grid, x, y);
            for (uint32_t k = 0; k < out * out; k++) {
                double v = 0;

                for (int axis = 0; axis < 2; axis++) {
                    const double i = axis ? k % out : k / out;
                    const double at =
                        grid == LIMNER_NN_GRID_CENTRE ? (i + 0.5) * in / out - 0.5
                        : grid == LIMNER_NN_GRID_ALIGNED && out > 1 ? i * (in - 1) / (out - 1)
                                                                    : i * in / out;

                    v += (axis + 1) * resized(column, in, at);
                }
                assert_float_equal(y[k], v, TOLERANCE);
            }
        }
    }
}

static void elementwise_operators_repeat_the_smaller_operand(void **state)
{
    const float a[6] = { 1, -2, 3, -4, 5, -6 }, b[3] = { 10, 20, 30 }, two = 2;
    const float slope[3] = { 0.5f, 0.25f, 0 };
    float y[6];

    (void)state;
    limner_nn_add(a, 6, b, 3, y);
    assert_float_equal(y[4], 25, 0);
    assert_float_equal(y[5], 24, 0);
    limner_nn_multiply(a, 6, &two, 1, y);
    assert_float_equal(y[3], -8, 0);
    limner_nn_multiply(a, 6, a, 6, y);
    assert_float_equal(y[5], 36, 0);
    limner_nn_slope(a, 2, 3, slope, y);
    assert_float_equal(y[1], -0.5, 0);
    assert_float_equal(y[3], -2, 0);
    assert_float_equal(y[4], 5, 0);
    limner_nn_slope(a, 2, 3, NULL, y);
    assert_float_equal(y[1], 0, 0);
}

static void activations_match_libm(void **state)
{
    const limner_nn_dsp *dsp = limner_nn_dsp_get(0);

    (void)state;
    for (double v = -90; v <= 90; v += 0.37) {
        float x = (float)v, y;

        dsp->logistic(&y, &x, 1);
        assert_float_equal(y, 1 / (1 + exp(-(double)x)), 2e-6);
        dsp->hard_swish(&y, &x, 1);
        assert_float_equal(y, x * fmin(fmax((double)x + 3, 0), 6) / 6, 1e-6 * (1 + fabs(v)));
    }
}

/* The box's corners, mapped, must frame the points as the line between two of them is turned. */
static void box_frames_its_points(void **state)
{
    const limner_nn_box box = { .n_points = 4, .point = { 0, 1, 2, 3 }, .left = 0, .right = 1,
                                .scale_x = 1, .scale_y = 1, .out_h = 8, .out_w = 16 };
    /* a rectangle of 4 x 2 around (10, 20), turned by atan2(3, 4); two edge middles, two corners */
    const double c = 0.8, s = 0.6;
    const double at[4][2] = { { -2, 0 }, { 2, 0 }, { 0.5, -1 }, { 1, 1 } };
    float p[12] = { 0 }, m[16];

    (void)state;
    for (int i = 0; i < 4; i++) {
        p[3 * i] = (float)(10 + at[i][0] * c - at[i][1] * s);
        p[3 * i + 1] = (float)(20 + at[i][0] * s + at[i][1] * c);
    }
    limner_nn_box_matrix(&box, p, m);
    for (int k = 0; k < 4; k++) {               /* the cut-out's corners: the rectangle's */
        const double u = k & 1 ? 16 : 0, v = k & 2 ? 8 : 0;
        const double x = k & 1 ? 2 : -2, y = k & 2 ? 1 : -1;
        const float corner[2] = { (float)u, (float)v };
        float out[2];

        limner_nn_transform_points(corner, 1, m, out);
        assert_float_equal(out[0], 10 + x * c - y * s, 1e-4);
        assert_float_equal(out[1], 20 + x * s + y * c, 1e-4);
    }
}

static void cut_out_is_bilinear_and_empty_outside(void **state)
{
    /* shifted by (1.25, -0.5): column j row i of the cut-out shows (j + 1.25, i - 0.5) */
    const float m[16] = { 1, 0, 0, 1.25f, 0, 1, 0, -0.5f, 0, 0, 1, 0, 0, 0, 0, 1 };
    float x[4 * 5], y[4 * 5];

    (void)state;
    for (int i = 0; i < 20; i++)
        x[i] = (float)(100 + i / 5 * 10 + i % 5 * 2);
    limner_nn_cut_out(x, 4, 5, 1, m, y, 4, 5);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 5; j++) {
            const bool is_inside = i >= 1 && j + 1.25 <= 4;

            assert_float_equal(y[5 * i + j],
                               is_inside ? 100 + (i - 0.5) * 10 + (j + 1.25) * 2 : 0, 1e-4);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv_matches_reference),
        cmocka_unit_test(conv_is_direct_only_where_rows_are_ready),
        cmocka_unit_test(depthwise_matches_reference),
        cmocka_unit_test(pools_match_reference),
        cmocka_unit_test(transposed_conv_matches_reference),
        cmocka_unit_test(resize_matches_reference),
        cmocka_unit_test(elementwise_operators_repeat_the_smaller_operand),
        cmocka_unit_test(activations_match_libm),
        cmocka_unit_test(box_frames_its_points),
        cmocka_unit_test(cut_out_is_bilinear_and_empty_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
