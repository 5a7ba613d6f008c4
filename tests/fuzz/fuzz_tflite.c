/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as a TFLite file; what opens is run once where that is not much work.
 * Built with -fsanitize=fuzzer it is a libFuzzer program; with LIMNER_FUZZ_MAIN it runs the files
 * named on its command line, so that saved inputs are a test everywhere. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

#ifdef LIMNER_FUZZ_MAIN
static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long n = -1;

    if (f && fseek(f, 0, SEEK_END) == 0)
        n = ftell(f);
    if (n >= 0 && fseek(f, 0, SEEK_SET) == 0)
        bytes = malloc((size_t)n + 1);
    if (!bytes || fread(bytes, 1, (size_t)n, f) != (size_t)n) {
        fprintf(stderr, "cannot read %s\n", path);
        n = -1;
    }
    if (n >= 0)
        LLVMFuzzerTestOneInput(bytes, (size_t)n);
    free(bytes);
    if (f)
        fclose(f);
    return n < 0;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= run_file(argv[i]);
    return failed;
}
#endif
