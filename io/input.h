/* SPDX-License-Identifier: Apache-2.0 */
/* A media file opened by libavformat over a limner_io_source. Formats are recognised by content
 * only; playlists and the like that would open other files or addresses are refused. */
#ifndef LIMNER_IO_INPUT_H
#define LIMNER_IO_INPUT_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "io/source.h"

/* How to open what is not just a file. */
typedef struct limner_io_form {
    const char *format;    /* FFmpeg's name of a format without a header; NULL: by content */
    AVDictionary *options; /* of that format; stays the caller's */
    int is_live;           /* a pipe is read forwards as it comes: see limner_io_source */
} limner_io_form;

typedef struct limner_io_input {
    limner_io_source source;
    int64_t position;
    AVFormatContext *format;
    AVIOContext *avio;
} limner_io_input;

/* `out` must stay where it is until closed. */
int limner_io_input_open(limner_io_input *out, const char *path, char *err);
/* The same; `form` is read during the call. */
int limner_io_input_open_as(limner_io_input *out, const char *path, const limner_io_form *form,
                            char *err);
/* Gives the decoder the next packet of stream `index`, or at the end none. 1: given; 0: the end; -1
 * and a sentence. Packets that it refuses are counted and passed over. `packet` is room. */
int limner_io_input_feed(const limner_io_input *in, int index, AVCodecContext *codec,
                         AVPacket *packet, int64_t *n_damaged, const char *name, char *err);
void limner_io_input_close(limner_io_input *in); /* NULL-safe */

#endif
