/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of a talking take: the list of them, and the score of one take beside another. What
 * they mean is defined where they are computed: talk_head.c, talk_lips.c, talk_eyes.c. */
#include <math.h>

#include "eval/talk_parts.h"

#define FIELD(key, title, digits)                                                                  \
    {                                                                                              \
#key, title, offsetof(eval_talk, key), digits                                              \
    }
#define BAND(number, title)                                                                        \
    {                                                                                              \
        "band_" #number, title, offsetof(eval_talk, band) + (number) * sizeof(double), 3           \
    }

/* clang-format off */
const eval_talk_field eval_talk_fields[] = {
    FIELD(seconds, "length, s", 1),
    FIELD(found, "frames with a face, share", 4),
    FIELD(lip_error, "lips off the fitted face's, median, eye distances", 4),
    FIELD(opening_std, "opening, std, eye distances", 4),
    FIELD(opening_p95, "opening, 95th percentile, eye distances", 4),
    FIELD(width_std, "mouth width, std, eye distances", 4),
    FIELD(silent_lip, "silent lip, eye distances", 4),
    FIELD(lip_dynamics, "lip dynamics, px of a 256 px picture", 2),
    FIELD(yaw_std, "yaw, std, deg", 2),
    FIELD(pitch_std, "pitch, std, deg", 2),
    FIELD(roll_std, "roll, std, deg", 2),
    FIELD(yaw_speed, "yaw, rms speed, deg/s", 1),
    FIELD(pitch_speed, "pitch, rms speed, deg/s", 1),
    FIELD(roll_speed, "roll, rms speed, deg/s", 1),
    FIELD(head_motion, "head motion, deg", 2),
    FIELD(head_motion_place, "head motion with place (THEval)", 2),
    BAND(0, "turning below 0.5 Hz, share"),
    BAND(1, "turning at 0.5-1 Hz, share"),
    BAND(2, "turning at 1-2 Hz, share"),
    BAND(3, "turning at 2-4 Hz, share"),
    BAND(4, "turning at 4-8 Hz, share"),
    FIELD(brow_motion, "brow motion, eye distances a frame", 4),
    FIELD(loudness_sync, "opening against loudness, mean difference", 3),
    FIELD(blinks_per_min, "blinks a minute", 1),
    FIELD(blink_ms, "blink length, ms", 0),
    FIELD(n_blinks, "blinks", 0),
    FIELD(gaze_yaw_std, "gaze in the head, yaw, std, deg", 2),
    FIELD(gaze_pitch_std, "gaze in the head, pitch, std, deg", 2),
    FIELD(saccades_per_min, "gaze jumps > 4 deg a minute", 1),
    FIELD(gaze_head_r, "r of gaze in the head with head yaw", 2),
    FIELD(jitter_deg, "jitter of the angles above 6 Hz, rms, deg", 3),
};
/* clang-format on */
const int eval_n_talk_fields = sizeof(eval_talk_fields) / sizeof(eval_talk_fields[0]);

double eval_talk_value(const eval_talk *t, const eval_talk_field *field)
{
    return *(const double *)((const char *)t + field->offset);
}

double eval_take_seconds(const eval_take *take)
{
    return take->fps > 0 ? (double)take->n_frames / take->fps : 0;
}

int eval_talk_of(eval_talk *out, const eval_take *take)
{
    size_t n_found = 0;

    for (int i = 0; i < eval_n_talk_fields; i++)
        *(double *)((char *)out + eval_talk_fields[i].offset) = (double)NAN;
    for (size_t i = 0; i < take->n_frames; i++)
        n_found += take->tracked[i].is_found != 0;
    out->seconds = eval_take_seconds(take);
    out->found = take->n_frames ? (double)n_found / (double)take->n_frames : 0;
    return eval_talk_head(out, take) < 0 || eval_talk_lips(out, take) < 0 ||
                   eval_talk_eyes(out, take) < 0
               ? -1
               : 0;
}

double eval_talk_score(const eval_talk *t, const eval_talk *real)
{
    const double pair[][2] = {
        {t->silent_lip, real->silent_lip},       {t->lip_dynamics, real->lip_dynamics},
        {t->head_motion, real->head_motion},     {t->brow_motion, real->brow_motion},
        {t->loudness_sync, real->loudness_sync}, {t->blinks_per_min, real->blinks_per_min},
    };
    double term[sizeof(pair) / sizeof(pair[0])];
    const size_t n = sizeof(pair) / sizeof(pair[0]);

    for (size_t i = 0; i < n; i++) {
        const double off = fabs(pair[i][0] - pair[i][1]) / pair[i][1];
        /* 0 blinks to compare with tell nothing either. */
        term[i] = pair[i][1] > 0 && !isnan(off) ? fmax(1 - off, 0) : (double)NAN;
    }
    return eval_mean(term, n);
}
