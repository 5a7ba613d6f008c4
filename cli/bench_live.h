/* SPDX-License-Identifier: Apache-2.0 */
/* limner bench --live: faces that talk in real time, side by side. */
#ifndef LIMNER_CLI_BENCH_LIVE_H
#define LIMNER_CLI_BENCH_LIVE_H

#include "options.h"

/* `photo`: of the face. Prints what was measured; an exit status. */
int cli_bench_live(const cli_args *args, const char *photo);

#endif
