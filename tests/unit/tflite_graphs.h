/* SPDX-License-Identifier: Apache-2.0 */
/* Small graphs for tests of the TFLite reader, of the operators that the nets have, and opening
 * them. Include after cmocka.h. */
#ifndef LIMNER_TESTS_TFLITE_GRAPHS_H
#define LIMNER_TESTS_TFLITE_GRAPHS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/mem.h"
#include "nn/tflite.h"
#include "tflite_file.h"

enum { CONV = 3, ADD = 0, PAD = 34, PRELU = 54, DEQUANTIZE = 6, MAX_POOL = 17, CUSTOM = 32,
       CONCAT = 2, RESHAPE = 22, MULTIPLY = 18, RESIZE = 23, LOGISTIC = 14, RELU = 19 };
enum { SIDE = 5, CHANNELS = 2, WIDE = 3, TAPS = 3 };
enum { X, HALF_WEIGHTS, WEIGHTS, BIAS, SUM, PADS, WIDER, JOINED, SLOPE, Y, N_TENSORS };

/* float16: -1, -0.5, 0, 0.5, 1 */
static const uint16_t halves[5] = { 0xbc00, 0xb800, 0x0000, 0x3800, 0x3c00 };

static uint16_t half_weights[WIDE * TAPS * TAPS * CHANNELS];
static float bias[WIDE], slope[WIDE];
static int32_t pads[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };
static file_bytes file;

static void set_tensor(file_graph *g, int index, int n_dims, const int32_t *dim, int type,
                       const void *data, size_t data_bytes)
{
    file_tensor *t = &g->tensor[index];

    *t = (file_tensor){ .n_dims = n_dims, .type = type, .data = data, .data_bytes = data_bytes };
    memcpy(t->dim, dim, (size_t)n_dims * sizeof(*dim));
    if (g->n_tensors <= index)
        g->n_tensors = index + 1;
}

static float weight(int n, int i, int j, int c)
{
    return (float)((n * 7 + i * 5 + j * 3 + c) % 5 - 2) / 2;
}

/* y = prelu(conv(x) + pad(x)): a residual block as the face detector has them. */
static file_graph residual_block(void)
{
    file_graph g = { .n_subgraphs = 1, .in = X, .out = Y };
    const int32_t map[4] = { 1, SIDE, SIDE, CHANNELS }, wide[4] = { 1, SIDE, SIDE, WIDE };
    const int32_t kernel[4] = { WIDE, TAPS, TAPS, CHANNELS }, one[1] = { WIDE };
    const int32_t slopes[3] = { 1, 1, WIDE }, table[2] = { 4, 2 };

    for (int n = 0; n < WIDE; n++) {
        for (int i = 0; i < TAPS; i++)
            for (int j = 0; j < TAPS; j++)
                for (int c = 0; c < CHANNELS; c++)
                    half_weights[((n * TAPS + i) * TAPS + j) * CHANNELS + c] =
                        halves[(int)(weight(n, i, j, c) * 2) + 2];
        bias[n] = 0.25f * (float)n;
        slope[n] = 0.1f + 0.2f * (float)n;
    }
    set_tensor(&g, X, 4, map, 0, NULL, 0);
    set_tensor(&g, HALF_WEIGHTS, 4, kernel, 1, half_weights, sizeof(half_weights));
    set_tensor(&g, WEIGHTS, 4, kernel, 0, NULL, 0);
    set_tensor(&g, BIAS, 1, one, 0, bias, sizeof(bias));
    set_tensor(&g, SUM, 4, wide, 0, NULL, 0);
    set_tensor(&g, PADS, 2, table, 2, pads, sizeof(pads));
    set_tensor(&g, WIDER, 4, wide, 0, NULL, 0);
    set_tensor(&g, JOINED, 4, wide, 0, NULL, 0);
    set_tensor(&g, SLOPE, 3, slopes, 0, slope, sizeof(slope));
    set_tensor(&g, Y, 4, wide, 0, NULL, 0);
    g.n_ops = 5;
    g.op[0] = (file_op){ .code = DEQUANTIZE, .n_in = 1, .in = { HALF_WEIGHTS }, .out = WEIGHTS };
    g.op[1] = (file_op){ .code = CONV, .n_in = 3, .in = { X, WEIGHTS, BIAS }, .out = SUM,
                         .options_type = 1, .option = { 0, 1, 1, 0, 1, 1 } };
    g.op[2] = (file_op){ .code = PAD, .n_in = 2, .in = { X, PADS }, .out = WIDER };
    g.op[3] = (file_op){ .code = ADD, .n_in = 2, .in = { WIDER, SUM }, .out = JOINED,
                         .options_type = 11 };
    g.op[4] = (file_op){ .code = PRELU, .n_in = 2, .in = { JOINED, SLOPE }, .out = Y };
    return g;
}

static limner_status open_graph(const file_graph *g, limner_tflite **m)
{
    const char *why = "unset";
    const size_t live = limner_mem_live();
    limner_status st;

    file_write(&file, g);
    st = limner_tflite_open(m, file.b, file.n, &why);
    if (st < 0) {
        assert_non_null(why);
        assert_null(*m);
        assert_int_equal(limner_mem_live(), live);
    } else {
        assert_null(why);
    }
    return st;
}

/* x -> max pool, resize up, join with x, reshape, product with a scalar, logistic. */
static file_graph chain(void)
{
    static const int32_t size[2] = { 4, 4 };
    static const float half = 0.5f;
    const int32_t map[4] = { 1, 4, 4, 1 }, pooled[4] = { 1, 2, 2, 1 }, both[4] = { 1, 4, 4, 2 };
    const int32_t row[2] = { 1, 32 }, two[1] = { 2 }, one[1] = { 1 };
    file_graph g = { .n_subgraphs = 1, .in = 0, .out = 8, .n_ops = 6 };

    set_tensor(&g, 0, 4, map, 0, NULL, 0);
    set_tensor(&g, 1, 4, pooled, 0, NULL, 0);
    set_tensor(&g, 2, 1, two, 2, size, sizeof(size));
    set_tensor(&g, 3, 4, map, 0, NULL, 0);
    set_tensor(&g, 4, 4, both, 0, NULL, 0);
    set_tensor(&g, 5, 2, row, 0, NULL, 0);
    set_tensor(&g, 6, 1, one, 0, &half, sizeof(half));
    set_tensor(&g, 7, 2, row, 0, NULL, 0);
    set_tensor(&g, 8, 2, row, 0, NULL, 0);
    g.op[0] = (file_op){ .code = MAX_POOL, .n_in = 1, .in = { 0 }, .out = 1, .options_type = 5,
                         .option = { 1, 2, 2, 2, 2 } };
    g.op[1] = (file_op){ .code = RESIZE, .n_in = 2, .in = { 1, 2 }, .out = 3, .options_type = 15,
                         .option = { 0, 0, 0, 1 } };
    g.op[2] = (file_op){ .code = CONCAT, .n_in = 2, .in = { 0, 3 }, .out = 4, .options_type = 10,
                         .option = { -1 } };
    g.op[3] = (file_op){ .code = RESHAPE, .n_in = 1, .in = { 4 }, .out = 5, .options_type = 17 };
    g.op[4] = (file_op){ .code = MULTIPLY, .n_in = 2, .in = { 6, 5 }, .out = 7,
                         .options_type = 21 };
    g.op[5] = (file_op){ .code = LOGISTIC, .n_in = 1, .in = { 7 }, .out = 8 };
    return g;
}

/* A FlexBuffers map of 4-byte slots: keys in alphabetical order, numbers, or `vector` where the
 * value is NAN. */
static size_t flex_map(file_bytes *f, const char *const *key, const float *value, int n,
                       const int32_t *vector, int n_vector)
{
    size_t key_at[8], keys, map, at;

    f->n = 0;
    for (int i = 0; i < n; i++) {
        key_at[i] = file_take(f, strlen(key[i]) + 1);
        memcpy(f->b + key_at[i], key[i], strlen(key[i]));
    }
    at = file_take(f, 4 + 4 * (size_t)n_vector) + 4;
    file_put32(f, at - 4, n_vector);
    for (int i = 0; i < n_vector; i++)
        file_put32(f, at + 4 * (size_t)i, vector[i]);
    keys = file_take(f, 4 + 4 * (size_t)n) + 4;
    file_put32(f, keys - 4, n);
    for (int i = 0; i < n; i++)
        file_put32(f, keys + 4 * (size_t)i, (int64_t)(keys + 4 * (size_t)i - key_at[i]));
    map = file_take(f, 12 + 4 * (size_t)n) + 12;
    file_put32(f, map - 12, (int64_t)(map - 12 - keys));
    file_put32(f, map - 8, 4);
    file_put32(f, map - 4, n);
    for (int i = 0; i < n; i++) {
        const size_t slot = map + 4 * (size_t)i;
        const size_t type = map + 4 * (size_t)n + (size_t)i;

        if (value[i] != value[i]) {
            file_put32(f, slot, (int64_t)(slot - at));
            f->b[type] = 11 << 2 | 2;
        } else {
            memcpy(f->b + slot, &value[i], 4);
            f->b[type] = 3 << 2 | 2;
        }
    }
    f->n = map + 5 * (size_t)n;
    f->b[f->n] = (uint8_t)(f->n - map);
    f->b[f->n + 1] = 9 << 2 | 2;
    f->b[f->n + 2] = 1;
    return f->n + 3;
}

/* y = the part of the map x [6][6][2] around x's own numbers, read as landmarks [24][3]. */
static file_graph attention(void)
{
    static const char *const keys[] = {
        "left_rotation_idx", "output_height", "output_width", "right_rotation_idx", "scale_x",
        "scale_y", "subset_idxs", "target_rotation_radians"
    };
    static const float values[8] = { 2, 3, 4, 5, 1.5f, 1.25f, NAN, 0.125f };
    static const int32_t points[4] = { 2, 5, 7, 23 };
    static file_bytes box;
    static uint8_t options[sizeof(box.b)];
    const int32_t map[4] = { 1, 6, 6, 2 }, landmarks[3] = { 1, 24, 3 }, matrix[3] = { 1, 4, 4 };
    const int32_t cut[4] = { 1, 3, 4, 2 };
    file_graph g = { .n_subgraphs = 1, .in = 0, .out = 3, .n_ops = 3 };
    const size_t n = flex_map(&box, keys, values, 8, points, 4);

    memcpy(options, box.b, n);
    set_tensor(&g, 0, 4, map, 0, NULL, 0);
    set_tensor(&g, 1, 3, landmarks, 0, NULL, 0);
    set_tensor(&g, 2, 3, matrix, 0, NULL, 0);
    set_tensor(&g, 3, 4, cut, 0, NULL, 0);
    g.op[0] = (file_op){ .code = RESHAPE, .n_in = 1, .in = { 0 }, .out = 1, .options_type = 17 };
    g.op[1] = (file_op){ .code = CUSTOM, .custom_name = "Landmarks2TransformMatrix", .n_in = 1,
                         .in = { 1 }, .out = 2, .custom = options, .custom_bytes = n };
    g.op[2] = (file_op){ .code = CUSTOM, .custom_name = "TransformTensorBilinear", .n_in = 2,
                         .in = { 0, 2 }, .out = 3, .custom = options, .custom_bytes = n };
    return g;
}

#endif
