/* SPDX-License-Identifier: Apache-2.0 */
/* When each phone of a known text is spoken: forced alignment by pocketsphinx with its US English
 * model (Debian: pocketsphinx-en-us). */
#ifndef LIMNER_EVAL_ALIGN_H
#define LIMNER_EVAL_ALIGN_H

#include <stddef.h>

typedef struct eval_phone {
    char name[8];          /* ARPAbet without stress: "P", "IY"; "SIL" */
    double start_s, end_s;
} eval_phone;

/* *phones to be freed. pcm: mono, 16 kHz. 0; -1 and a sentence in err: built without pocketsphinx,
 * its model is not installed, a word is not in its dictionary, or the sound does not fit the text.
 */
int eval_align(eval_phone **phones, size_t *n_phones, const float *pcm, size_t n_samples,
               const char *text, char *err);
/* Whether this build has pocketsphinx. */
int eval_can_align(void);

#endif
