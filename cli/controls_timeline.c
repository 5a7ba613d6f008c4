/* SPDX-License-Identifier: Apache-2.0 */
/* Key frames to controls. A track is found anew for each time asked: a few thousand comparisons
 * beside the millions of a frame. */
#include "controls_timeline.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(limner_controls, member)

/* Tracks of floats that are blended one by one. */
static const struct {
    size_t offset, n;
} floats[CLI_N_TRACKS] = {
    [CLI_TRACK_DISTANCE] = {AT(distance), 1},
    [CLI_TRACK_POSE] = {AT(yaw), 3},
    [CLI_TRACK_EMOTION] = {AT(emotion), LIMNER_N_EMOTION},
    [CLI_TRACK_HEAD_GAIN] = {AT(head_gain), 1},
    [CLI_TRACK_EXPRESSION_GAIN] = {AT(expression_gain), 1},
    [CLI_TRACK_MOUTH_GAIN] = {AT(mouth_gain), 1},
    [CLI_TRACK_ENERGY] = {AT(energy), 1},
};

static double eased(cli_ease ease, double u)
{
    switch (ease) {
    case CLI_EASE_SMOOTH:
        return u * u * (3 - 2 * u);
    case CLI_EASE_LINEAR:
        return u;
    case CLI_EASE_IN:
        return u * u;
    case CLI_EASE_OUT:
        return u * (2 - u);
    case CLI_EASE_STEP:
        break;
    }
    return 0; /* until the key frame's time has come */
}

static void blend(float *out, const float *from, const float *to, size_t n, float u)
{
    for (size_t i = 0; i < n; i++)
        out[i] = from[i] + u * (to[i] - from[i]);
}

static float *floats_of(const limner_controls *c, size_t offset)
{
    return (float *)((uintptr_t)c + offset);
}

/* What cannot be blended (the camera and a point, natural blinks and a rate) waits for `to`. */
static void blend_track(limner_controls *out, cli_track track, const limner_controls *from,
                        const limner_controls *to, float u)
{
    const size_t at = floats[track].offset, n = floats[track].n;
    const bool is_same_gaze = from->gaze_mode == to->gaze_mode;
    const bool is_rate = from->blink_rate >= 0 && to->blink_rate >= 0;

    switch (track) {
    case CLI_TRACK_GAZE:
        out->gaze_mode = from->gaze_mode;
        blend(&out->gaze_yaw, &from->gaze_yaw, &to->gaze_yaw, 2, is_same_gaze ? u : 0);
        blend(&out->gaze_x, &from->gaze_x, &to->gaze_x, 2, is_same_gaze ? u : 0);
        break;
    case CLI_TRACK_BLINK_RATE:
        blend(&out->blink_rate, &from->blink_rate, &to->blink_rate, 1, is_rate ? u : 0);
        break;
    case CLI_TRACK_STILL:
        out->is_still = from->is_still;
        break;
    default:
        blend(floats_of(out, at), floats_of(from, at), floats_of(to, at), n, u);
    }
}

/* The key frames around time_s that name the track; NULL: there is none. */
static void find(const cli_timeline *t, cli_track track, int32_t face, double time_s,
                 const cli_key **before, const cli_key **after)
{
    *before = *after = NULL;
    for (size_t i = 0; i < t->n && !*after; i++) {
        const cli_key *k = &t->key[i];

        if (!(k->named >> track & 1) || (k->face >= 0 && k->face != face))
            continue;
        if (k->at_s <= time_s)
            *before = k;
        else
            *after = k;
    }
}

void cli_timeline_at(limner_controls *out, const cli_timeline *t, const limner_controls *base,
                     int32_t face, double time_s)
{
    *out = *base;
    for (int track = 0; track < CLI_N_TRACKS; track++) {
        const cli_key *before, *after;
        double from_s, u = 0;

        find(t, (cli_track)track, face, time_s, &before, &after);
        from_s = before ? before->at_s : 0;
        if (after)
            u = eased(after->ease, (time_s - from_s) / (after->at_s - from_s));
        if (before || after)
            blend_track(out, (cli_track)track, before ? &before->controls : base,
                        after ? &after->controls : &before->controls, (float)u);
    }
}

void cli_timeline_close(cli_timeline *t)
{
    free(t->key);
    memset(t, 0, sizeof(*t));
}
