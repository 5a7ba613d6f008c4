/* SPDX-License-Identifier: Apache-2.0 */
/* The three nets of the portrait encoder (MediaPipe's short-range face detector, 478-point
 * landmarks with attention, person segmentation; Apache-2.0; fetched by tools/fetch-models) and the
 * workspace a thread needs to run them. Nets are immutable and shared; a workspace belongs to
 * one thread at a time. */
#ifndef LIMNER_PORTRAIT_NETS_H
#define LIMNER_PORTRAIT_NETS_H

#include "nn/tflite.h"
#include "portrait/region.h"

typedef struct limner_nets {
    limner_tflite *detector, *landmarks, *segmenter;
} limner_nets;

typedef struct limner_nets_run {
    limner_tflite_run *detector, *landmarks, *segmenter;
    float *sample;              /* [192][192][3]: an input of the landmark net, kept */
    uint8_t *reduced;           /* store of limner_region_reduce */
} limner_nets_run;

/* Contents of the three files, copied as needed. Nets with other inputs or outputs than expected
 * are refused. `why` (may be NULL): static string on failure, else NULL. LIMNER_OK, E_FORMAT,
 * E_LIMIT, E_NOMEM. */
limner_status limner_nets_open(limner_nets *out, const limner_blob *detector,
                               const limner_blob *landmarks, const limner_blob *segmenter,
                               const char **why);
void limner_nets_close(limner_nets *nets);              /* NULL-safe; clears */

/* dsp NULL: the best one for limner_cpu_flags(). The nets must outlive the run. */
limner_status limner_nets_run_open(limner_nets_run *out, const limner_nets *nets,
                                   const limner_nn_dsp *dsp);
void limner_nets_run_close(limner_nets_run *run);       /* NULL-safe; clears */

/* The output of that name and size, one of those limner_nets_open insisted on. */
const float *limner_nets_output(const limner_tflite_run *run, const char *name, size_t n);

#endif
