/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .limner container: named tensors in one block of bytes (models/x.limner, FILE.portrait).
 *
 * Reading is zero-copy: tensors point into the caller's bytes. A file is hostile input: opening it
 * checks every count, name, offset, length, padding byte and checksum, so that a tensor obtained
 * from limner_weights_find can be used over its full extent. What the numbers mean (index ranges,
 * finite floats) is for the caller to check. Byte-level description: doc/weight-format.md.
 */
#ifndef LIMNER_NN_WEIGHTS_H
#define LIMNER_NN_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

#include <limner/limner.h>

#define LIMNER_WEIGHTS_ALIGN 64      /* every payload starts at a multiple of this in the file */
#define LIMNER_WEIGHTS_MAX_RANK 4
#define LIMNER_WEIGHTS_MAX_TENSORS 1024
#define LIMNER_WEIGHTS_NAME_BYTES 64 /* with the closing NUL */
#define LIMNER_WEIGHTS_KIND_BYTES 16 /* with the closing NUL */

typedef enum limner_dtype {
    LIMNER_DTYPE_F32 = 1,
    LIMNER_DTYPE_F16 = 2,
    LIMNER_DTYPE_I8 = 3,
    LIMNER_DTYPE_U8 = 4,
    LIMNER_DTYPE_I16 = 5,
    LIMNER_DTYPE_U16 = 6,
    LIMNER_DTYPE_I32 = 7
} limner_dtype;

typedef struct limner_tensor {
    const char *name;    /* unique in the file; [A-Za-z0-9_.-], NUL-terminated */
    limner_dtype dtype;
    uint32_t rank;       /* 1..4 */
    uint32_t dims[LIMNER_WEIGHTS_MAX_RANK]; /* slowest first, each >= 1; unused ones are 1 */
    size_t n_values;     /* product of dims */
    size_t len_bytes;    /* n_values * size of one value */
    const void *data;    /* little-endian, at a multiple of 64 from the start of the file */
} limner_tensor;

typedef struct limner_weights limner_weights;               /* immutable; any thread */
typedef struct limner_weights_writer limner_weights_writer; /* one thread */

/*
 * Opens the container in bytes[0 .. len_bytes). `bytes` must outlive *out and be aligned to 4 (64
 * where kernels use aligned loads: limner_alloc and mmap give that). E_ARG: NULL or misaligned;
 * E_FORMAT: not a sound container, or a big-endian host; E_LIMIT: too many tensors; E_NOMEM.
 */
limner_status limner_weights_open(limner_weights **out, const void *bytes, size_t len_bytes);
void limner_weights_close(limner_weights **w); /* NULL-safe; sets NULL */

/* What the container holds: "face", "portrait", "speech" ... Valid as long as `w`. */
const char *limner_weights_kind(const limner_weights *w);
uint32_t limner_weights_count(const limner_weights *w);
/* Tensor `i` in file order, or NULL if i >= count. */
const limner_tensor *limner_weights_at(const limner_weights *w, uint32_t i);

/*
 * The tensor called `name`, or NULL unless it has this dtype, this rank and these dims[rank], where
 * a dim of 0 accepts any size. Valid as long as `w`.
 */
const limner_tensor *limner_weights_find(const limner_weights *w, const char *name,
                                         limner_dtype dtype, uint32_t rank, const uint32_t *dims);

/*
 * The n values of the float32 tensor `name` of rank 1, or NULL unless it is there, of this size and
 * all within +-limit. Valid as long as the bytes.
 */
const float *limner_weights_numbers(const limner_weights *w, const char *name, uint32_t n,
                                    float limit);

/* Bytes of one value, 0 for an unknown dtype. */
size_t limner_dtype_bytes(limner_dtype dtype);

/*
 * Writing: open, add tensors, finish. Data is not copied before finish, so it must stay valid until
 * then. add fails with E_ARG on a bad or duplicate name, dtype, rank or dims and E_LIMIT above the
 * maximum. finish gives one buffer, owned by the caller (limner_mem_free), which
 * limner_weights_open accepts; the writer can be closed afterwards.
 */
limner_status limner_weights_writer_open(limner_weights_writer **out, const char *kind);
limner_status limner_weights_writer_add(limner_weights_writer *w, const char *name,
                                        limner_dtype dtype, uint32_t rank, const uint32_t *dims,
                                        const void *data);
limner_status limner_weights_writer_finish(limner_weights_writer *w, void **bytes,
                                           size_t *len_bytes);
void limner_weights_writer_close(limner_weights_writer **w); /* NULL-safe; sets NULL */

/* CRC-32C (Castagnoli) of len_bytes bytes, continuing from `crc` (0 to begin). */
uint32_t limner_crc32c(uint32_t crc, const void *bytes, size_t len_bytes);

#endif
