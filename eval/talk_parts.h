/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of eval_talk_of; each fills its own fields of a struct that holds NaN everywhere else,
 * and returns 0, or -1: no memory. */
#ifndef LIMNER_EVAL_TALK_PARTS_H
#define LIMNER_EVAL_TALK_PARTS_H

#include "eval/talk.h"

/* Figures of spread say nothing of less than this, rates and spectra of less than the other. */
#define EVAL_SPREAD_MIN_S 2.0
#define EVAL_RATE_MIN_S 4.0

double eval_take_seconds(const eval_take *take);
int eval_talk_head(eval_talk *out, const eval_take *take);
int eval_talk_lips(eval_talk *out, const eval_take *take);
int eval_talk_eyes(eval_talk *out, const eval_take *take);

#endif
