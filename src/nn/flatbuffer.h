/* SPDX-License-Identifier: Apache-2.0 */
/* Read access to a FlatBuffers file that nobody vouches for. Every access is checked against the
 * file's length; the first bad one sets `is_bad`, which stays set, and yields an absent value (0,
 * empty), so that a caller may read on and ask once at the end. Format: FlatBuffers' own
 * "internals" document; integers are little-endian at any alignment. */
#ifndef LIMNER_NN_FLATBUFFER_H
#define LIMNER_NN_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct limner_flat {
    const uint8_t *bytes;
    size_t len_bytes;           /* below 2^31 */
    bool is_bad;
} limner_flat;

/* Absent when at = 0. */
typedef struct limner_flat_table {
    size_t at;                  /* offset of the table in the file */
    size_t vtable;
    size_t vtable_bytes, table_bytes;
} limner_flat_table;

typedef struct limner_flat_vector {
    size_t at;                  /* offset of element 0; 0: absent */
    size_t n;
    size_t element_bytes;
} limner_flat_vector;

uint16_t limner_flat_le16(const uint8_t *p);
uint32_t limner_flat_le32(const uint8_t *p);

/* The root table; the 4 bytes after its offset must be `identifier`. */
limner_flat_table limner_flat_root(limner_flat *f, const char identifier[4]);
/* Field `k` of a table, or the default where the field or the table is absent. */
int32_t limner_flat_i32(limner_flat *f, const limner_flat_table *t, unsigned k, int32_t absent);
uint8_t limner_flat_u8(limner_flat *f, const limner_flat_table *t, unsigned k, uint8_t absent);
limner_flat_table limner_flat_table_at(limner_flat *f, const limner_flat_table *t, unsigned k);
/* A vector of elements of that size, wholly inside the file. */
limner_flat_vector limner_flat_vector_at(limner_flat *f, const limner_flat_table *t, unsigned k,
                                         size_t element_bytes);
/* Elements; an index at or beyond n is bad. Offsets in a vector of tables are 4 bytes. */
int32_t limner_flat_vector_i32(limner_flat *f, const limner_flat_vector *v, size_t index);
limner_flat_table limner_flat_vector_table(limner_flat *f, const limner_flat_vector *v,
                                           size_t index);
/* Copies a string field, cut to size - 1 bytes; "" where absent. */
void limner_flat_string(limner_flat *f, const limner_flat_table *t, unsigned k, char *out,
                        size_t size);

#endif
