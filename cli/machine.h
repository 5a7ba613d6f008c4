/* SPDX-License-Identifier: Apache-2.0 */
/* What this program runs on and was built from. */
#ifndef LIMNER_CLI_MACHINE_H
#define LIMNER_CLI_MACHINE_H

#include <stddef.h>

/* "sse4.1 avx2"; "" when there is none. */
void cli_cpu_flags(char *out, size_t size);
/* As the system calls it, "unknown" when it does not say. */
void cli_cpu_name(char *out, size_t size);
/* n, or one per core for 0. */
int cli_threads(int n);
/* The commit built from, "unknown" outside git. */
const char *cli_commit(void);

#endif
