/* SPDX-License-Identifier: Apache-2.0 */
/* The TFLite reader on small files made here: graphs compute what a slow reference computes, and
 * everything malformed is refused, with a reason, without a leak and without a read outside the
 * bytes (run under ASan to see that). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"
#include "nn/nn_warp.h"
#include "nn/tflite.h"
#include "tflite_file.h"

enum { CONV = 3, ADD = 0, PAD = 34, PRELU = 54, DEQUANTIZE = 6, MAX_POOL = 17, CUSTOM = 32,
       CONCAT = 2, RESHAPE = 22, MULTIPLY = 18, RESIZE = 23, LOGISTIC = 14, RELU = 19 };
enum { N_GRAPHS = 3, SIDE = 5, CHANNELS = 2, WIDE = 3, TAPS = 3 };
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

static double residual_block_at(const float *x, int row, int column, int n)
{
    double sum = bias[n];

    for (int i = 0; i < TAPS; i++)
        for (int j = 0; j < TAPS; j++)
            for (int c = 0; c < CHANNELS; c++) {
                const int r = row + i - 1, k = column + j - 1;

                if (r >= 0 && k >= 0 && r < SIDE && k < SIDE)
                    sum += (double)weight(n, i, j, c) * x[(r * SIDE + k) * CHANNELS + c];
            }
    if (n < CHANNELS)
        sum += x[(row * SIDE + column) * CHANNELS + n];
    return sum > 0 ? sum : sum * slope[n];
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

static void assert_refused(const file_graph *g, limner_status expected)
{
    limner_tflite *m;

    assert_int_equal(open_graph(g, &m), expected);
}

static void residual_block_matches_reference(void **state)
{
    const file_graph g = residual_block();
    limner_tflite_run *run;
    limner_tflite *m;
    limner_rng rng;
    float x[SIDE * SIDE * CHANNELS];

    (void)state;
    limner_rng_init(&rng, 1, 1);
    assert_int_equal(open_graph(&g, &m), LIMNER_OK);
    memset(file.b, 0xff, sizeof(file.b));       /* the model has copied what it needs */
    assert_int_equal(limner_tflite_n_inputs(m), 1);
    assert_int_equal(limner_tflite_find_output(m, "tj", SIDE * SIDE * WIDE), 0);
    assert_int_equal(limner_tflite_find_output(m, "tj", SIDE * SIDE * WIDE + 1), -1);
    assert_int_equal(limner_tflite_find_output(m, "tk", SIDE * SIDE * WIDE), -1);
    assert_int_equal(limner_tflite_run_open(&run, m, NULL), LIMNER_OK);
    for (int round = 0; round < 3; round++) {
        const float *y;

        for (size_t i = 0; i < SIDE * SIDE * CHANNELS; i++)
            x[i] = limner_rng_normal(&rng);
        memcpy(limner_tflite_run_input(run, 0), x, sizeof(x));
        limner_tflite_run_execute(run);
        y = limner_tflite_run_output(run, 0);
        for (int i = 0; i < SIDE * SIDE * WIDE; i++)
            assert_float_equal(y[i], residual_block_at(x, i / WIDE / SIDE, i / WIDE % SIDE,
                                                       i % WIDE), 1e-5);
    }
    limner_tflite_run_close(&run);
    limner_tflite_close(&m);
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

static void chain_matches_hand_values(void **state)
{
    const file_graph g = chain();
    /* pooled: 5 7 13 15; up to 4 x 4 with centres aligned: 5, 5.5, 6.5, 7 in the first row */
    const double first[8] = { 0, 5, 1, 5.5, 2, 6.5, 3, 7 };
    limner_tflite_run *run;
    limner_tflite *m;
    const float *y;

    (void)state;
    assert_int_equal(open_graph(&g, &m), LIMNER_OK);
    assert_int_equal(limner_tflite_run_open(&run, m, NULL), LIMNER_OK);
    for (int i = 0; i < 16; i++)
        limner_tflite_run_input(run, 0)[i] = (float)i;
    limner_tflite_run_execute(run);
    y = limner_tflite_run_output(run, 0);
    for (int i = 0; i < 8; i++)
        assert_float_equal(y[i], 1 / (1 + exp(-first[i] / 2)), 1e-6);
    limner_tflite_run_close(&run);
    limner_tflite_close(&m);
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

static void attention_matches_its_operators(void **state)
{
    const file_graph g = attention();
    const limner_nn_box box = { .n_points = 4, .point = { 2, 5, 7, 23 }, .left = 2, .right = 5,
                                .angle = 0.125f, .scale_x = 1.5f, .scale_y = 1.25f, .out_h = 3,
                                .out_w = 4 };
    float x[72], m[16], y[24];
    limner_tflite_run *run;
    limner_tflite *t;
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 3, 3);
    for (int i = 0; i < 72; i++)
        x[i] = 5 * limner_rng_uniform(&rng);
    assert_int_equal(open_graph(&g, &t), LIMNER_OK);
    assert_int_equal(limner_tflite_run_open(&run, t, NULL), LIMNER_OK);
    memcpy(limner_tflite_run_input(run, 0), x, sizeof(x));
    limner_tflite_run_execute(run);
    limner_nn_box_matrix(&box, x, m);
    limner_nn_cut_out(x, 6, 6, 2, m, y, 3, 4);
    assert_memory_equal(limner_tflite_run_output(run, 0), y, sizeof(y));
    assert_true(y[10] > 0);             /* some of it lies inside */
    for (int i = 0; i < 72; i++)
        limner_tflite_run_input(run, 0)[i] = i % 2 ? NAN : INFINITY;
    limner_tflite_run_execute(run);     /* harmless */
    limner_tflite_run_close(&run);
    limner_tflite_close(&t);
}

static void bad_boxes_are_refused(void **state)
{
    file_graph g = attention();
    uint8_t bytes[1024];
    const uint8_t *good = g.op[1].custom;
    const size_t n = g.op[1].custom_bytes;

    (void)state;
    assert_true(n <= sizeof(bytes));
    g.op[1].custom = bytes;
    memcpy(bytes, good, n);
    g.tensor[1].dim[1] = g.tensor[1].dim[1] / 2;        /* landmark 23 is not there */
    g.tensor[0].dim[3] = 1;
    assert_refused(&g, LIMNER_E_FORMAT);
    g = attention();
    g.op[1].custom = bytes;
    for (size_t i = 0; i < n; i++) {                    /* any end, any key: no harm */
        limner_tflite *t;

        memcpy(bytes, good, n);
        g.op[1].custom_bytes = i;
        assert_refused(&g, LIMNER_E_FORMAT);
        g.op[1].custom_bytes = n;
        bytes[i] ^= 0x55;
        open_graph(&g, &t);
        limner_tflite_close(&t);
    }
}

static void malformed_graphs_are_refused(void **state)
{
    const file_graph good = residual_block();
    file_graph g;

    (void)state;
#define REFUSED(status, change) \
    do { \
        g = good; \
        change; \
        assert_refused(&g, status); \
    } while (0)
    REFUSED(LIMNER_E_FORMAT, g.n_subgraphs = 2);
    REFUSED(LIMNER_E_FORMAT, g.n_subgraphs = 0);
    REFUSED(LIMNER_E_FORMAT, g.n_ops = 4);                      /* the output is never computed */
    REFUSED(LIMNER_E_FORMAT, g.out = X);
    REFUSED(LIMNER_E_FORMAT, g.out = BIAS);
    REFUSED(LIMNER_E_FORMAT, g.in = BIAS);
    REFUSED(LIMNER_E_FORMAT, g.in = N_TENSORS);
    REFUSED(LIMNER_E_FORMAT, g.in = -1);
    REFUSED(LIMNER_E_FORMAT, g.op[1].in[1] = N_TENSORS);
    REFUSED(LIMNER_E_FORMAT, g.op[1].in[1] = X);                /* weights that are computed */
    REFUSED(LIMNER_E_FORMAT, g.op[1].in[1] = PADS);             /* integer weights */
    REFUSED(LIMNER_E_FORMAT, g.op[1].in[0] = BIAS);             /* a constant as a map */
    REFUSED(LIMNER_E_FORMAT, g.op[1].in[0] = Y);                /* not computed yet */
    REFUSED(LIMNER_E_FORMAT, g.op[1].out = X);                  /* an input is overwritten */
    REFUSED(LIMNER_E_FORMAT, g.op[2].out = SUM);                /* computed twice */
    REFUSED(LIMNER_E_FORMAT, g.op[1].n_in = 2);
    REFUSED(LIMNER_E_FORMAT, g.op[4].n_in = 0);
    REFUSED(LIMNER_E_FORMAT, g.op[1].code = 9);                 /* no such operator here */
    REFUSED(LIMNER_E_FORMAT, g.op[1].code = 1000);              /* an internal number */
    REFUSED(LIMNER_E_FORMAT, g.op[1].code = -3);
    REFUSED(LIMNER_E_FORMAT, g.op[1].code = CUSTOM; g.op[1].custom_name = "Unknown");
    REFUSED(LIMNER_E_FORMAT, g.op[1].options_type = 2);
    REFUSED(LIMNER_E_FORMAT, g.op[1].option[0] = 2);            /* padding */
    REFUSED(LIMNER_E_FORMAT, g.op[1].option[0] = 1);            /* valid: another shape */
    REFUSED(LIMNER_E_FORMAT, g.op[1].option[1] = 0);            /* stride */
    REFUSED(LIMNER_E_FORMAT, g.op[1].option[2] = -1);
    REFUSED(LIMNER_E_FORMAT, g.op[1].option[2] = 0x7fffffff);
    REFUSED(LIMNER_E_FORMAT, g.op[1].option[3] = 1);            /* built-in activation */
    REFUSED(LIMNER_E_FORMAT, g.op[1].option[4] = 2);            /* dilation */
    REFUSED(LIMNER_E_FORMAT, g.op[3].option[0] = 1);
    REFUSED(LIMNER_E_FORMAT, g.tensor[SUM].dim[1] = SIDE + 1);
    REFUSED(LIMNER_E_FORMAT, g.tensor[SUM].dim[3] = WIDE + 1);
    REFUSED(LIMNER_E_FORMAT, g.tensor[X].dim[3] = CHANNELS + 1);
    REFUSED(LIMNER_E_FORMAT, g.tensor[X].dim[0] = 2);
    REFUSED(LIMNER_E_FORMAT, g.tensor[X].dim[1] = 0);
    REFUSED(LIMNER_E_FORMAT, g.tensor[X].dim[1] = -5);
    REFUSED(LIMNER_E_LIMIT, g.tensor[X].dim[1] = 0x7fffffff);
    REFUSED(LIMNER_E_LIMIT, g.tensor[X].dim[1] = g.tensor[X].dim[2] = 60000);
    REFUSED(LIMNER_E_FORMAT, g.tensor[X].n_dims = 3);
    REFUSED(LIMNER_E_FORMAT, g.tensor[X].type = 2);
    REFUSED(LIMNER_E_FORMAT, g.tensor[X].type = 9);
    REFUSED(LIMNER_E_FORMAT, g.tensor[SUM].type = 1);
    REFUSED(LIMNER_E_FORMAT, g.tensor[BIAS].data_bytes -= 4);
    REFUSED(LIMNER_E_FORMAT, g.tensor[BIAS].type = 1);          /* twice the bytes */
    REFUSED(LIMNER_E_FORMAT, g.tensor[HALF_WEIGHTS].data = NULL);
    REFUSED(LIMNER_E_FORMAT, g.tensor[SLOPE].dim[2] = 1; g.tensor[SLOPE].data_bytes = 4);
    REFUSED(LIMNER_E_FORMAT, g.tensor[WIDER].dim[1] = SIDE + 1);
    REFUSED(LIMNER_E_FORMAT, g.tensor[PADS].dim[0] = 2; g.tensor[PADS].data_bytes = 16);
#undef REFUSED
}

static void bad_paddings_are_refused(void **state)
{
    const file_graph g = residual_block();
    const int32_t good = pads[6];

    (void)state;
    pads[6] = -1;
    assert_refused(&g, LIMNER_E_FORMAT);
    pads[6] = 0x7fffffff;
    assert_refused(&g, LIMNER_E_FORMAT);
    pads[6] = good;
}

/* A file may end anywhere, and any byte may be wrong: refused or run, never more. */
static void try_bytes(const uint8_t *bytes, size_t n)
{
    limner_tflite_run *run;
    limner_tflite *m;

    if (limner_tflite_open(&m, bytes, n, NULL) < 0)
        return;
    assert_int_equal(limner_tflite_run_open(&run, m, NULL), LIMNER_OK);
    if (limner_tflite_work(m) < 1e6)
        limner_tflite_run_execute(run);
    limner_tflite_run_close(&run);
    limner_tflite_close(&m);
}

static void truncated_files_are_refused(void **state)
{
    const file_graph g[N_GRAPHS] = { residual_block(), chain(), attention() };

    (void)state;
    for (int k = 0; k < N_GRAPHS; k++) {
        file_write(&file, &g[k]);
        for (size_t n = 0; n < file.n; n++) {
            uint8_t *bytes = malloc(n ? n : 1);         /* its own block: ASan sees its end */
            limner_tflite *m = NULL;

            assert_non_null(bytes);
            memcpy(bytes, file.b, n);
            if (n + 8 < file.n)         /* the last bytes are padding or unused constants */
                assert_true(limner_tflite_open(&m, bytes, n, NULL) < 0);
            else
                try_bytes(bytes, n);
            free(bytes);
        }
    }
}

static void mutated_files_do_no_harm(void **state)
{
    const file_graph g[N_GRAPHS] = { residual_block(), chain(), attention() };
    const size_t live = limner_mem_live();
    static file_bytes whole;
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 2, 2);
    for (int k = 0; k < N_GRAPHS; k++) {
        file_write(&whole, &g[k]);
        for (int round = 0; round < 20000; round++) {
            const uint32_t n_changes = 1 + limner_rng_u32(&rng) % 3;

            memcpy(file.b, whole.b, whole.n);
            for (uint32_t i = 0; i < n_changes; i++) {
                const uint32_t how = limner_rng_u32(&rng);
                uint8_t *p = &file.b[limner_rng_u32(&rng) % whole.n];

                *p = (uint8_t)(how & 1 ? how >> 8 : *p ^ 1u << (how >> 8) % 8);
            }
            try_bytes(file.b, whole.n);
        }
    }
    assert_int_equal(limner_mem_live(), live);
}

static void every_failed_allocation_is_survived(void **state)
{
    const file_graph g = residual_block();
    const size_t live = limner_mem_live();
    limner_status st = LIMNER_E_NOMEM;

    (void)state;
    file_write(&file, &g);
    for (size_t n = 1; st == LIMNER_E_NOMEM && n < 100; n++) {
        limner_tflite_run *run = NULL;
        limner_tflite *m;

        limner_mem_fail_after(n);
        st = limner_tflite_open(&m, file.b, file.n, NULL);
        if (st == LIMNER_OK)
            st = limner_tflite_run_open(&run, m, NULL);
        limner_mem_fail_after(0);
        limner_tflite_run_close(&run);
        limner_tflite_close(&m);
        assert_int_equal(limner_mem_live(), live);
    }
    assert_int_equal(st, LIMNER_OK);
}

static void running_allocates_nothing(void **state)
{
    const file_graph g = residual_block();
    limner_tflite_run *run;
    limner_tflite *m;
    size_t count;

    (void)state;
    assert_int_equal(open_graph(&g, &m), LIMNER_OK);
    assert_int_equal(limner_tflite_run_open(&run, m, NULL), LIMNER_OK);
    count = limner_mem_count();
    limner_tflite_run_execute(run);
    assert_int_equal(limner_mem_count(), count);
    limner_tflite_run_close(&run);
    limner_tflite_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(residual_block_matches_reference),
        cmocka_unit_test(chain_matches_hand_values),
        cmocka_unit_test(attention_matches_its_operators),
        cmocka_unit_test(bad_boxes_are_refused),
        cmocka_unit_test(malformed_graphs_are_refused),
        cmocka_unit_test(bad_paddings_are_refused),
        cmocka_unit_test(truncated_files_are_refused),
        cmocka_unit_test(mutated_files_do_no_harm),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(running_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
