/* SPDX-License-Identifier: Apache-2.0 */
/* Texts made from the option tables. */
#ifndef LIMNER_CLI_HELP_H
#define LIMNER_CLI_HELP_H

#include <stdio.h>

#include "options.h"

void cli_help_all(FILE *out);                                 /* limner --help */
void cli_help_command(FILE *out, const cli_command *command); /* limner speak --help */
void cli_print_manual(FILE *out);                             /* limner(1), troff */
int cli_print_completion(FILE *out, const char *shell); /* bash, zsh or fish; an exit status */

#endif
