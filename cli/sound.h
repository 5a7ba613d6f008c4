/* SPDX-License-Identifier: Apache-2.0 */
/* Sounds as the commands open them: with words on stderr where there is something to say. */
#ifndef LIMNER_CLI_SOUND_H
#define LIMNER_CLI_SOUND_H

#include "io/media.h"

/* limner_io_audio_open; a file that may be cut short is taken, but said. */
int cli_sound_open(limner_io_audio **out, const char *path, char *err);

#endif
