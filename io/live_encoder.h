/* SPDX-License-Identifier: Apache-2.0 */
/* Frames -> packets for a wire, one for one and without delay: H.264 (Annex B access units) by the
 * first encoder that opens, or JPEG pictures. No thread of its own beyond what the codec is given;
 * one thread at a time. */
#ifndef LIMNER_IO_LIVE_ENCODER_H
#define LIMNER_IO_LIVE_ENCODER_H

#include "io/media.h"

typedef enum limner_io_live_codec {
    LIMNER_IO_LIVE_ANY, /* H.264, or JPEG where no encoder of it opens */
    LIMNER_IO_LIVE_H264,
    LIMNER_IO_LIVE_JPEG
} limner_io_live_codec;

enum { LIMNER_IO_LIVE_CODEC_SIZE = 16 };

typedef struct limner_io_live_settings {
    limner_io_live_codec codec;
    uint32_t width_px, height_px, fps_num, fps_den;
    int crf;                 /* of H.264; < 0: 21 */
    const char *const *h264; /* FFmpeg's names in the order to be tried, to NULL; NULL: libx264,
                              * libopenh264, h264_vaapi */
} limner_io_live_settings;

typedef struct limner_io_live_packet {
    const uint8_t *bytes; /* valid until the next call */
    size_t len_bytes;
    bool is_key; /* can be decoded by itself, of H.264 after the header */
} limner_io_live_packet;

typedef struct limner_io_live_encoder limner_io_live_encoder;

int limner_io_live_encoder_open(limner_io_live_encoder **out, const limner_io_live_settings *set,
                                char *err);
/* An I420 frame; wants_key: as a key frame. */
int limner_io_live_encoder_encode(limner_io_live_encoder *e, const limner_frame *frame,
                                  bool wants_key, limner_io_live_packet *out, char *err);
/* H.264's parameter sets (Annex B), which go before each key frame; empty for JPEG. */
limner_blob limner_io_live_encoder_header(const limner_io_live_encoder *e);
/* As WebCodecs names it: "avc1.64001e", "jpeg". */
const char *limner_io_live_encoder_codec(const limner_io_live_encoder *e);
/* As FFmpeg names it: "libx264", "mjpeg". Static string. */
const char *limner_io_live_encoder_name(const limner_io_live_encoder *e);
void limner_io_live_encoder_close(limner_io_live_encoder **e); /* NULL-safe; sets NULL */

#endif
