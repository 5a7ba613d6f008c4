/* SPDX-License-Identifier: Apache-2.0 */
/* The original sound of a file as packets for a container: copied where the container's players
 * take the codec, else encoded again (AAC, or Opus for WebM). Time 0 is the first sample a decoder
 * gives out, so that the sound starts with the picture whatever the encoder's delay is. */
#ifndef LIMNER_IO_SOUND_H
#define LIMNER_IO_SOUND_H

#include <libavcodec/avcodec.h>

#include "io/media.h"

typedef struct limner_io_sound limner_io_sound;

/* needs_global_header: as the container's format says of itself. 0, or -1 and a sentence in
 * err. */
int limner_io_sound_open(limner_io_sound **out, const char *path, limner_io_format format,
                         int needs_global_header, char *err);
/* What the container is to be told; valid until closed. */
const AVCodecParameters *limner_io_sound_parameters(const limner_io_sound *s);
AVRational limner_io_sound_time_base(const limner_io_sound *s);
/* 1: the next packet (owned by the caller), 0: the end, -1: an error. */
int limner_io_sound_next(limner_io_sound *s, AVPacket *out, char *err);
void limner_io_sound_close(limner_io_sound **s); /* NULL-safe; sets NULL */

#endif
