/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target on the files named on the command line, so that saved inputs are a test
 * everywhere. A libFuzzer program (-fsanitize=fuzzer) is the target without this file. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

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
