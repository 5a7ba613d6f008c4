/* SPDX-License-Identifier: Apache-2.0 */
/* The wire (doc/protocol.md), pure: bytes in, message out, and the other way round. Nothing here
 * knows a socket, a session or a clock. */
#ifndef LIMNER_SERVER_PROTOCOL_H
#define LIMNER_SERVER_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limner/limner.h"

enum {
    SERVER_PROTOCOL_VERSION = 1,
    SERVER_MAX_JSON_BYTES = 16384,
    SERVER_MAX_TEXT_BYTES = 2000, /* to be said */
    SERVER_MAX_TOKEN_BYTES = 64,
    SERVER_MAX_SOUND_BYTES = 65536, /* of one message of samples */
    SERVER_MAX_PHOTO_BYTES = 20 << 20,
    SERVER_MAX_VOICE_BYTES = 20 << 20, /* of a sound file */
    SERVER_WHY_SIZE = 200,
    SERVER_HEADER_BYTES = 16
};

typedef enum server_codec { SERVER_CODEC_AUTO, SERVER_CODEC_H264, SERVER_CODEC_JPEG } server_codec;

typedef struct server_hello {
    char token[SERVER_MAX_TOKEN_BYTES + 1];
    server_codec codec;
    uint32_t size_px; /* 128..1024, even (512) */
    uint32_t fps;     /* 5..40 (25) */
    uint32_t rate_hz; /* of sound in both directions, 8000..48000 (16000) */
    bool has_echo;    /* sound sent is sent back with its place on the clock */
    uint64_t seed;
} server_hello;

typedef struct server_say {
    char text[SERVER_MAX_TEXT_BYTES + 1]; /* UTF-8 */
    char voice[33];                       /* espeak-ng's name */
    uint32_t speed;                       /* words per minute, 80..450 */
} server_say;

typedef enum server_kind {
    SERVER_HELLO,
    SERVER_CONTROLS,
    SERVER_SAY,
    SERVER_STOP,   /* what is said or played ends */
    SERVER_DEMO,   /* the portrait of the start again */
    SERVER_RECORD, /* is_on */
    SERVER_KEY,    /* a key frame is wanted */
    SERVER_PING,
    /* Binary messages: the payload follows the first byte. */
    SERVER_SOUND, /* 'S': samples, signed 16 bits, little endian, mono */
    SERVER_PHOTO, /* 'P': a picture file */
    SERVER_VOICE  /* 'A': a sound file */
} server_kind;

typedef struct server_message {
    server_kind kind;
    union {
        server_hello hello;
        limner_controls controls;
        server_say say;
        bool is_on;
        double ping;
    } as;
    const uint8_t *payload; /* within the bytes that were parsed */
    size_t len_bytes;
} server_message;

/* `now`: the controls so far; those that a message does not name stay. 0, or -1 with a sentence in
 * `why`. The values of a message are within their ranges. */
int server_protocol_parse(server_message *out, const uint8_t *bytes, size_t n, bool is_binary,
                          const limner_controls *now, char why[SERVER_WHY_SIZE]);
/* Most bytes that a message may have which begins with this byte. */
size_t server_protocol_limit(bool is_binary, uint8_t first);

/* What goes to the client before a picture ('V') or samples ('S'). */
void server_protocol_header(uint8_t out[SERVER_HEADER_BYTES], char kind, bool is_key,
                            uint32_t number, int64_t pts_samples);

#endif
