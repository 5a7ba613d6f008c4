/* SPDX-License-Identifier: Apache-2.0 */
/* The best sound stream of a file, decoded frame by frame. Damaged packets are skipped and counted;
 * a file that ends well before the length its header promises is an error. */
#ifndef LIMNER_IO_DECODE_H
#define LIMNER_IO_DECODE_H

#include <libavcodec/avcodec.h>

#include "io/input.h"

typedef struct limner_io_decoder {
    limner_io_input input;
    const char *name; /* for messages; the caller's */
    AVStream *stream;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame;    /* the last frame decoded */
    int64_t n_samples; /* decoded so far, at codec->sample_rate */
    int64_t n_damaged; /* packets */
    int is_draining;
} limner_io_decoder;

/* `out` must stay where it is until closed, `path` must outlive it. */
int limner_io_decoder_open(limner_io_decoder *out, const char *path, char *err);
/* 1: decoder->frame holds the next frame; 0: the end; -1: an error. */
int limner_io_decoder_next(limner_io_decoder *d, char *err);
/* Seconds the container promises, < 0 when it does not say. */
double limner_io_decoder_duration_s(const limner_io_decoder *d);
void limner_io_decoder_close(limner_io_decoder *d); /* NULL-safe */

#endif
