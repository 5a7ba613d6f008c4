/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as a TFLite file; what opens is run once where that is not much work. */
#include <stdint.h>
#include <stdlib.h>

#include "nn/tflite.h"

#define MAX_WORK 2e7

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void run_once(const limner_tflite *m)
{
    limner_tflite_run *run;

    if (limner_tflite_run_open(&run, m, NULL) < 0)
        return;
    for (uint32_t i = 0; i < limner_tflite_n_inputs(m); i++) {
        float *x = limner_tflite_run_input(run, i);

        for (size_t k = 0; k < limner_tflite_input(m, i)->n; k++)
            x[k] = (float)(k % 7) - 3.0f;
    }
    limner_tflite_run_execute(run);
    limner_tflite_run_close(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *why;
    limner_tflite *m;

    if (limner_tflite_open(&m, bytes, n, &why) < 0) {
        if (!why)
            abort();            /* every refusal has a reason */
        return 0;
    }
    if (limner_tflite_work(m) < MAX_WORK)
        run_once(m);
    limner_tflite_close(&m);
    return 0;
}
