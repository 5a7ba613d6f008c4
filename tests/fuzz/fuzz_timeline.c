/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as a timeline of controls. What is refused is refused with a place in the
 * text; what is taken gives controls that the library takes, at any time, for any face. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/controls_timeline.h"
#include "motion/controls.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(int is_true)
{
    if (!is_true)
        abort();
}

static void check_place(const char *err, const uint8_t *bytes, size_t n)
{
    size_t line, column, n_lines = 1;

    for (size_t i = 0; i < n; i++)
        n_lines += bytes[i] == '\n';
    check(sscanf(err, "fuzz: line %zu, column %zu: ", &line, &column) == 2);
    check(line >= 1 && line <= n_lines && column >= 1 && column <= n + 1);
}

static void check_at(const cli_timeline *t, int32_t face, double time_s)
{
    limner_controls base, c;

    limner_controls_init(&base, sizeof(base));
    cli_timeline_at(&c, t, &base, face, time_s);
    check(limner_controls_check(&base, &c) == LIMNER_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char err[CLI_TIMELINE_ERROR_SIZE] = "";
    cli_timeline t;

    if (n > CLI_TIMELINE_MAX_BYTES)
        return 0;
    if (cli_timeline_parse(&t, "fuzz", (const char *)bytes, n, err) < 0) {
        check(t.n == 0 && !t.key);
        check_place(err, bytes, n);
        return 0;
    }
    check(t.n > 0 && t.n <= CLI_TIMELINE_MAX_KEYS);
    check_at(&t, 0, 0);
    for (size_t i = 0; i < t.n && i < 50; i++) {
        check(i == 0 || t.key[i].at_s >= t.key[i - 1].at_s);
        for (int32_t face = 0; face < 3; face++) {
            check_at(&t, face, t.key[i].at_s);
            check_at(&t, face, t.key[i].at_s * 0.97);
        }
    }
    cli_timeline_close(&t);
    return 0;
}
