/* SPDX-License-Identifier: Apache-2.0 */
/* Controls over time (--controls): key frames, each with the controls it names and how they are
 * reached from the key frame that named them before; doc/controls.md is the user's view. Controls
 * that no key frame names keep the options' values, which also hold at time 0. */
#ifndef LIMNER_CLI_CONTROLS_TIMELINE_H
#define LIMNER_CLI_CONTROLS_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include "limner/limner.h"

enum {
    CLI_TIMELINE_MAX_BYTES = 1 << 20,
    CLI_TIMELINE_MAX_KEYS = 10000,
    CLI_TIMELINE_MAX_DEPTH = 8, /* of arrays and objects in each other */
    CLI_TIMELINE_MAX_S = 86400,
    CLI_TIMELINE_ERROR_SIZE = 512
};

typedef enum cli_ease { CLI_EASE_SMOOTH, CLI_EASE_LINEAR, CLI_EASE_IN, CLI_EASE_OUT,
                        CLI_EASE_STEP } cli_ease;

/* What a key frame can name; each is a track of its own. */
typedef enum cli_track {
    CLI_TRACK_GAZE, CLI_TRACK_DISTANCE, CLI_TRACK_POSE, CLI_TRACK_EMOTION, CLI_TRACK_HEAD_GAIN,
    CLI_TRACK_EXPRESSION_GAIN, CLI_TRACK_MOUTH_GAIN, CLI_TRACK_ENERGY, CLI_TRACK_BLINK_RATE,
    CLI_TRACK_STILL, CLI_N_TRACKS
} cli_track;

typedef struct cli_key {
    double at_s;
    int32_t face; /* -1: all */
    cli_ease ease;
    uint32_t named; /* bit of each track */
    limner_controls controls; /* those named; within their ranges */
} cli_key;

typedef struct cli_timeline {
    cli_key *key; /* [n], at_s never falls */
    size_t n;
} cli_timeline;

/* 0; -1 with a sentence in err (CLI_TIMELINE_ERROR_SIZE) that names file, line and column. */
int cli_timeline_read(cli_timeline *out, const char *path, char *err);
/* The same from memory; `name` is for err. */
int cli_timeline_parse(cli_timeline *out, const char *name, const char *text, size_t n_bytes,
                       char *err);
/* What `face` (its number, -1: the only one) is asked at time_s; base: the options' values. */
void cli_timeline_at(limner_controls *out, const cli_timeline *t, const limner_controls *base,
                     int32_t face, double time_s);
void cli_timeline_close(cli_timeline *t); /* of zeros: does nothing */

#endif
