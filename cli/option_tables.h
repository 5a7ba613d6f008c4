/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of options that commands are made of; each ends with a NULL name. */
#ifndef LIMNER_CLI_OPTION_TABLES_H
#define LIMNER_CLI_OPTION_TABLES_H

#include "options.h"

/* Shared by several commands. */
extern const cli_option cli_output_video_options[], cli_control_options[], cli_gains_options[],
    cli_faces_options[], cli_face_options[], cli_checks_options[], cli_machine_options[];

/* Each of the command of its name; voice: of say. */
extern const cli_option cli_drive_options[], cli_voice_options[], cli_pose_options[],
    cli_preview_options[], cli_portrait_options[], cli_track_options[], cli_listen_options[],
    cli_serve_options[], cli_bench_options[], cli_eval_options[];

#endif
