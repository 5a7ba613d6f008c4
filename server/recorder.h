/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps what is seen and heard from a moment on, and makes an MP4 of it. Times are samples on the
 * stage's clock. One thread at a time. */
#ifndef LIMNER_SERVER_RECORDER_H
#define LIMNER_SERVER_RECORDER_H

#include "io/live_encoder.h"
#include "io/live_file.h"

enum { SERVER_MAX_RECORDING_S = 120, SERVER_MAX_RECORDING_BYTES = 96 << 20 };

typedef struct server_recorder {
    uint32_t rate_hz, fps, size_px;
    bool is_on;     /* takes pictures */
    bool is_ending; /* up to `end` only */
    int64_t start, end;
    int64_t first, last; /* of the pictures kept; first < 0: none yet */
    int16_t *pcm;        /* [n_samples] from `start` on */
    size_t n_samples, room_samples;
    uint8_t *bytes; /* [n_bytes]: access units, one after another */
    size_t n_bytes, room_bytes;
    limner_io_live_unit *unit; /* [n_units]; bytes are set when the file is made */
    size_t n_units, room_units;
    uint8_t *header; /* parameter sets */
    size_t len_header;
} server_recorder;

/* From `now` on; what was kept before is dropped. False: no memory. */
bool server_recorder_begin(server_recorder *r, limner_blob header, int64_t now);
/* Samples that lie at `at`; nothing lies between is silence. */
void server_recorder_hear(server_recorder *r, int64_t at, const int16_t *pcm, size_t n);
/* Whether the picture at this time is wanted; the first must be a key frame. */
bool server_recorder_wants(const server_recorder *r, int64_t pts);
bool server_recorder_wants_key(const server_recorder *r);
void server_recorder_see(server_recorder *r, int64_t pts, const limner_io_live_packet *packet);
/* Pictures from `now` on are not wanted any more; it is off once one of them has been seen. */
void server_recorder_end(server_recorder *r, int64_t now);
/* A picture at this time passes; whether the recording is complete now, for its end or a limit. */
bool server_recorder_is_complete(server_recorder *r, int64_t pts);
double server_recorder_seconds(const server_recorder *r);
/* The MP4 (limner_io_live_file_free); 0 or -1. */
int server_recorder_make(server_recorder *r, uint8_t **bytes, size_t *len_bytes, char *err);
void server_recorder_clear(server_recorder *r);

#endif
