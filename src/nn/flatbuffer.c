/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded FlatBuffers access (see flatbuffer.h). All sums are of values below 2^32 in size_t of 64
 * bits or, on 32-bit machines, of a length below 2^31 checked by subtraction: none can wrap. */
#include "nn/flatbuffer.h"

#include <string.h>

static const limner_flat_table no_table;
static const limner_flat_vector no_vector;

uint16_t limner_flat_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t limner_flat_le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* True if n bytes at `at` lie in the file; else the file is bad. */
static bool has(limner_flat *f, size_t at, size_t n)
{
    if (at <= f->len_bytes && n <= f->len_bytes - at)
        return true;
    f->is_bad = true;
    return false;
}

/* Where the 4-byte relative offset at `at` points; 0 when that is outside. */
static size_t follow(limner_flat *f, size_t at)
{
    size_t offset;

    if (!has(f, at, 4))
        return 0;
    offset = limner_flat_le32(f->bytes + at);
    if (offset == 0 || offset > f->len_bytes - at) {
        f->is_bad = true;
        return 0;
    }
    return at + offset;
}

static limner_flat_table table_here(limner_flat *f, size_t at)
{
    limner_flat_table t = { .at = at };
    int64_t vtable;

    if (!at || !has(f, at, 4))
        return no_table;
    vtable = (int64_t)at - (int32_t)limner_flat_le32(f->bytes + at);
    if (vtable < 0 || vtable > INT32_MAX || !has(f, (size_t)vtable, 4)) {
        f->is_bad = true;
        return no_table;
    }
    t.vtable = (size_t)vtable;
    t.vtable_bytes = limner_flat_le16(f->bytes + t.vtable);
    t.table_bytes = limner_flat_le16(f->bytes + t.vtable + 2);
    if (t.vtable_bytes < 4 || t.table_bytes < 4 || !has(f, t.vtable, t.vtable_bytes) ||
        !has(f, at, t.table_bytes)) {
        f->is_bad = true;
        return no_table;
    }
    return t;
}

/* Offset of field k, of that size; 0 where absent. */
static size_t field(limner_flat *f, const limner_flat_table *t, unsigned k, size_t size_bytes)
{
    const size_t slot = 4 + 2 * (size_t)k;
    size_t offset;

    if (!t->at || slot + 2 > t->vtable_bytes)
        return 0;
    offset = limner_flat_le16(f->bytes + t->vtable + slot);
    if (offset == 0)
        return 0;
    if (offset > t->table_bytes || size_bytes > t->table_bytes - offset) {
        f->is_bad = true;
        return 0;
    }
    return t->at + offset;
}

limner_flat_table limner_flat_root(limner_flat *f, const char identifier[4])
{
    if (!has(f, 0, 8) || memcmp(f->bytes + 4, identifier, 4) != 0) {
        f->is_bad = true;
        return no_table;
    }
    return table_here(f, follow(f, 0));
}

int32_t limner_flat_i32(limner_flat *f, const limner_flat_table *t, unsigned k, int32_t absent)
{
    const size_t at = field(f, t, k, 4);

    return at ? (int32_t)limner_flat_le32(f->bytes + at) : absent;
}

uint8_t limner_flat_u8(limner_flat *f, const limner_flat_table *t, unsigned k, uint8_t absent)
{
    const size_t at = field(f, t, k, 1);

    return at ? f->bytes[at] : absent;
}

limner_flat_table limner_flat_table_at(limner_flat *f, const limner_flat_table *t, unsigned k)
{
    const size_t at = field(f, t, k, 4);

    return at ? table_here(f, follow(f, at)) : no_table;
}

limner_flat_vector limner_flat_vector_at(limner_flat *f, const limner_flat_table *t, unsigned k,
                                         size_t element_bytes)
{
    size_t at = field(f, t, k, 4);
    limner_flat_vector v = { .element_bytes = element_bytes };

    at = at ? follow(f, at) : 0;
    if (!at || !has(f, at, 4))
        return no_vector;
    v.at = at + 4;
    v.n = limner_flat_le32(f->bytes + at);
    if (v.n > (f->len_bytes - v.at) / element_bytes) {
        f->is_bad = true;
        return no_vector;
    }
    return v;
}

int32_t limner_flat_vector_i32(limner_flat *f, const limner_flat_vector *v, size_t index)
{
    if (index >= v->n || v->element_bytes != 4) {
        f->is_bad = true;
        return 0;
    }
    return (int32_t)limner_flat_le32(f->bytes + v->at + 4 * index);
}

limner_flat_table limner_flat_vector_table(limner_flat *f, const limner_flat_vector *v,
                                           size_t index)
{
    if (index >= v->n || v->element_bytes != 4) {
        f->is_bad = true;
        return no_table;
    }
    return table_here(f, follow(f, v->at + 4 * index));
}

void limner_flat_string(limner_flat *f, const limner_flat_table *t, unsigned k, char *out,
                        size_t size)
{
    const limner_flat_vector v = limner_flat_vector_at(f, t, k, 1);
    const size_t n = v.n < size - 1 ? v.n : size - 1;

    if (n)
        memcpy(out, f->bytes + v.at, n);
    out[n] = 0;
}
