/* SPDX-License-Identifier: Apache-2.0 */
/* The photos or videos that are meant by one name: a folder, a list or a file. */
#ifndef LIMNER_CLI_INPUTS_H
#define LIMNER_CLI_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum cli_media { CLI_PHOTOS, CLI_VIDEOS } cli_media;

typedef struct cli_inputs {
    char **path; /* [n]; of a folder: by name */
    size_t n, room;
} cli_inputs;

/* Says what is wrong (none there, a file of the other kind by its ending) and returns false. */
bool cli_inputs_open(cli_inputs *out, const char *name, cli_media media);
void cli_inputs_close(cli_inputs *in); /* NULL-safe */

#endif
