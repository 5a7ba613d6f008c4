/* SPDX-License-Identifier: Apache-2.0 */
/* Where a result may go: asked before the work starts, so that nobody waits for what cannot be
 * kept, and no input is lost. Each failure is said on stderr. */
#ifndef LIMNER_CLI_OUTPUTS_H
#define LIMNER_CLI_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>

/* False when `output` is the same regular file as one of the n inputs (NULL: none, "-": a pipe). */
bool cli_output_is_apart(const char *output, const char *const *inputs, size_t n);
/* All of that for several results (NULL: none); nor may two of them want the same file or pipe.
 * CLI_OK, or a status to end with. */
int cli_outputs_check(const char *const *outputs, size_t n_outputs, const char *const *inputs,
                      size_t n_inputs);
/* False when the name promises another kind of file than `ending` (".csv"), of which `what` ("the
 * motion is a CSV file") tells. Names without an ending promise nothing. NULL: none. */
bool cli_output_is_named(const char *path, const char *what, const char *ending);
/* False when a file at `path` cannot be made. Pipes and devices are not opened. */
bool cli_output_is_possible(const char *path);
/* Whether what is written to `path` is read as it comes: a pipe or device, no file. */
bool cli_output_is_pipe(const char *path);

#endif
