/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of inputs that cannot be used: the path and the reason, once. */
#ifndef LIMNER_EVAL_REFUSAL_H
#define LIMNER_EVAL_REFUSAL_H

#include "eval/eval.h"

/* Input i is done, the n_done-th; why it cannot be used, "" when it can. Of an only input nothing
 * is said here: eval_refuse does. */
void eval_tell(const eval_job *job, size_t i, size_t n_done, const char *why);
/* No input can be used: `err` (LIMNER_IO_ERROR_SIZE) receives the sentence, with the first's
 * reason. things: what they are, "pictures". Returns -1. */
int eval_refuse(char *err, const eval_job *job, const char *things, const char *why);
/* The same for want of memory. */
int eval_refuse_memory(char *err);

#endif
