/* SPDX-License-Identifier: Apache-2.0 */
/* What the examples share: a face from files, frames as a Y4M video on standard output. */
#ifndef LIMNER_EXAMPLES_COMMON_H
#define LIMNER_EXAMPLES_COMMON_H

#include <limner/limner.h>

/* Says on stderr how argv[0] is called; 2, the status of wrong usage. */
int usage(char **argv, const char *arguments);
/* Opens the face of argv[3], a binary PPM, with the models in argv[1] and the nets in argv[2].
 * Non-zero when that worked; otherwise stderr has said what went wrong. */
int face_open(limner_model **model, limner_portrait **portrait, char **argv);
void y4m_header(const limner_settings *set);
/* Writes the frame and gives it back. */
void y4m_frame(limner_frame *f);
/* The same for all frames that are ready. */
void y4m_frames(limner_session *s);
/* At most n samples of 16 bits from standard input; how many there were. */
size_t read_samples(float *out, size_t n);

#endif
