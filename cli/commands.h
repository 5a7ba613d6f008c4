/* SPDX-License-Identifier: Apache-2.0 */
/* The commands. Each returns an exit status and has said what went wrong. */
#ifndef LIMNER_CLI_COMMANDS_H
#define LIMNER_CLI_COMMANDS_H

#include "options.h"

int cli_speak(const cli_args *args);
int cli_say(const cli_args *args);
int cli_run_drive(const cli_args *args);
int cli_run_track(const cli_args *args);
int cli_pose(const cli_args *args);
int cli_portrait(const cli_args *args);
int cli_info(const cli_args *args);
int cli_bench(const cli_args *args);
int cli_run_eval(const cli_args *args);
int cli_run_listen(const cli_args *args);
int cli_run_preview(const cli_args *args);
int cli_serve(const cli_args *args);

/* What limner eval judges; ended by NULL. */
extern const char *const cli_judges[];

#endif
