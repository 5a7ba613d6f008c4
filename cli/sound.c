/* SPDX-License-Identifier: Apache-2.0 */
/* What ends early by its own length is an error of io/; where only the mark of the end is missing,
 * a broadcast's recording may be meant. */
#include "sound.h"

#include <string.h>

#include "talk.h"

int cli_sound_open(limner_io_audio **out, const char *path, char *err)
{
    if (limner_io_audio_open(out, path, err) < 0)
        return -1;
    if (limner_io_audio_lacks_end(*out))
        cli_note(false,
                 "limner: %s: stops without an end, as if cut short; taken as far as it goes",
                 strcmp(path, "-") == 0 ? "standard input" : path);
    return 0;
}
