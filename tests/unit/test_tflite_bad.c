/* SPDX-License-Identifier: Apache-2.0 */
/* The TFLite reader on malformed files made here: all are refused, with a reason, without a leak
 * and without a read outside the bytes (run under ASan to see that). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"
#include "nn/tflite.h"
#include "tflite_graphs.h"

enum { N_GRAPHS = 3 };

static void assert_refused(const file_graph *g, limner_status expected)
{
    limner_tflite *m;

    assert_int_equal(open_graph(g, &m), expected);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_boxes_are_refused),
        cmocka_unit_test(malformed_graphs_are_refused),
        cmocka_unit_test(bad_paddings_are_refused),
        cmocka_unit_test(truncated_files_are_refused),
        cmocka_unit_test(mutated_files_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
