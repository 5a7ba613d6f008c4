/* SPDX-License-Identifier: Apache-2.0 */
/* A media file opened by libavformat over a limner_io_source. Formats are recognised by content
 * only; playlists and the like that would open other files or addresses are refused. */
#ifndef LIMNER_IO_INPUT_H
#define LIMNER_IO_INPUT_H

#include <libavformat/avformat.h>

#include "io/source.h"

typedef struct limner_io_input {
    limner_io_source source;
    int64_t position;
    AVFormatContext *format;
    AVIOContext *avio;
} limner_io_input;

/* `out` must stay where it is until closed. */
int limner_io_input_open(limner_io_input *out, const char *path, char *err);
void limner_io_input_close(limner_io_input *in); /* NULL-safe */

#endif
