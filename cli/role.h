/* SPDX-License-Identifier: Apache-2.0 */
/* The faces of one picture, each with a session of its own and what moves it: a sound, a motion, or
 * nothing (it idles). They are drawn one over the other, frame by frame. The picture lasts as long
 * as the longest sound or motion; after a shorter one there is silence, or its last motion
 * stays. */
#ifndef LIMNER_CLI_ROLE_H
#define LIMNER_CLI_ROLE_H

#include "drive.h"
#include "face.h"
#include "io/media.h"
#include "controls_timeline.h"

enum { CLI_BLOCK_SAMPLES = 4096, CLI_CONTROLS_HZ = 25 /* how often a timeline is asked */ };

typedef struct cli_role {
    int32_t number;         /* of the face in the photo; -1: the only one */
    const char *path;       /* sound or motion; NULL: it idles */
    limner_io_audio *audio; /* what drives: this or */
    cli_drive drive;
    limner_session *session;
    limner_portrait *portrait; /* the cast's */
    limner_motion asked;       /* of the frame under way, when a file drives */
    limner_motion shown;
    float pcm[CLI_BLOCK_SAMPLES]; /* not yet taken: [from .. from + n_pcm) */
    size_t from, n_pcm;
    uint32_t rate_hz;
    int64_t n_sent;     /* samples taken */
    int64_t n_controls; /* times that the timeline was asked */
    double heard_s;  /* of its sound */
    int64_t n_added; /* samples of silence that the last voice still gets */
    long n_frames;
    bool is_over;               /* its sound or motion is, or it never had one */
    bool is_last, is_finished;  /* when it ends, the video does; the session knows */
} cli_role;

typedef struct cli_cast {
    cli_role *role; /* [n] */
    int n;
    int order[CLI_MAX_FACES]; /* roles as they are drawn: larger heads are nearer, over others */
    bool is_driven; /* by motion, not by sound */
    cli_timeline timeline;
    limner_io_models models;
    double spent_s; /* in the sessions */
} cli_cast;

/* Room for n faces; false: it has said that memory is short. */
bool cli_cast_init(cli_cast *out, int n);
/* Opens sounds or motions, then the photo or .portrait (NULL: frames are motions without a
 * picture). Says what is wrong and returns false. */
bool cli_cast_open(cli_cast *c, const cli_args *args, const char *portrait);
/* Sessions for these settings, rate_hz and seed aside: faces of one photo move differently. */
bool cli_cast_begin(cli_cast *c, const cli_args *args, const limner_settings *set);
/* Frames to expect, 0: not known. */
long cli_cast_n_frames(const cli_cast *c, const cli_args *args);
/* The next frame, to be given back. 1; 0: it is over; -1: it has said what is wrong. */
int cli_cast_next(cli_cast *c, const cli_args *args, limner_frame *out);
/* Length of the longest sound so far. */
double cli_cast_heard_s(const cli_cast *c);
void cli_cast_close(cli_cast *c);

#endif
