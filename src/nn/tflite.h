/* SPDX-License-Identifier: Apache-2.0 */
/* A small reader and runner of TensorFlow Lite files: float32 graphs of the operators that the
 * portrait encoder's nets use (tflite_internal.h lists them). A file is hostile input: every
 * offset, count, shape, buffer and index is checked before use, each operator's output shape is
 * computed and compared with the declared one, and size, memory and work have named limits.
 *
 * A limner_tflite is immutable and may be shared by any threads. Running needs a
 * limner_tflite_run each: one arena, planned at open; running allocates nothing. */
#ifndef LIMNER_NN_TFLITE_H
#define LIMNER_NN_TFLITE_H

#include "limner/limner.h"
#include "nn/nn_dsp.h"

#define LIMNER_TFLITE_MAX_FILE_BYTES ((size_t)64 << 20)
#define LIMNER_TFLITE_MAX_TENSORS 4096u
#define LIMNER_TFLITE_MAX_OPS 4096u
#define LIMNER_TFLITE_MAX_PORTS 16u             /* inputs, and outputs, of the graph */
#define LIMNER_TFLITE_MAX_SIDE 65536u           /* of one dimension */
#define LIMNER_TFLITE_MAX_ELEMENTS ((size_t)1 << 24)    /* of one tensor */
#define LIMNER_TFLITE_MAX_WEIGHT_BYTES ((size_t)128 << 20)
#define LIMNER_TFLITE_MAX_ARENA_BYTES ((size_t)256 << 20)
#define LIMNER_TFLITE_MAX_WORK 4e9              /* multiply-adds of one run */

typedef struct limner_tflite limner_tflite;
typedef struct limner_tflite_run limner_tflite_run;

/* Place and shape of a graph input or output; the name is the file's, cut to 63 bytes. */
typedef struct limner_tflite_port {
    char name[64];
    uint32_t n_dims;            /* 0..4 */
    uint32_t dim[4];
    size_t n;                   /* floats: the product of dim */
} limner_tflite_port;

/* Copies what it needs: `bytes` may be freed afterwards. `why` (may be NULL) receives a static
 * string on failure, NULL on success. LIMNER_OK, E_FORMAT (damaged, or an operator or type that
 * is not supported), E_LIMIT, E_NOMEM. */
limner_status limner_tflite_open(limner_tflite **out, const void *bytes, size_t len_bytes,
                                 const char **why);
void limner_tflite_close(limner_tflite **m);    /* NULL-safe; sets NULL; after all its runs */

uint32_t limner_tflite_n_inputs(const limner_tflite *m);
/* index below n_inputs. Owned by the model. */
const limner_tflite_port *limner_tflite_input(const limner_tflite *m, uint32_t index);
/* Index of the output of that name with n floats, -1 if there is none. */
int limner_tflite_find_output(const limner_tflite *m, const char *name, size_t n);
/* Multiply-adds of one run. */
double limner_tflite_work(const limner_tflite *m);

/* dsp NULL: the best one for limner_cpu_flags(). LIMNER_OK, E_NOMEM. */
limner_status limner_tflite_run_open(limner_tflite_run **out, const limner_tflite *m,
                                     const limner_nn_dsp *dsp);
void limner_tflite_run_close(limner_tflite_run **run);  /* NULL-safe; sets NULL */
const limner_tflite *limner_tflite_run_model(const limner_tflite_run *run);
/* Fill every input before every execute: the memory is used again during it. */
float *limner_tflite_run_input(limner_tflite_run *run, uint32_t index);
void limner_tflite_run_execute(limner_tflite_run *run);
/* Valid until the next execute. */
const float *limner_tflite_run_output(const limner_tflite_run *run, uint32_t index);

#endif
