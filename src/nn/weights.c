/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .limner container (doc/weight-format.md): reader and writer.
 *
 * The layout is canonical: payloads follow the table in its order, each at the next multiple of 64,
 * with zero padding and nothing after the last. So a sound file has exactly one place for every
 * byte, and checking "offset equals the expected one" excludes overlap, gaps and hidden data.
 */
#include "nn/weights.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/mem.h"

#define HEADER_BYTES 64u
#define ENTRY_BYTES 128u
#define VERSION 1u
#define BYTE_ORDER_MARK 0x01020304u

static const uint8_t MAGIC[8] = {'L', 'I', 'M', 'N', 'E', 'R', 0x1a, '\n'};

struct limner_weights {
    char kind[LIMNER_WEIGHTS_KIND_BYTES];
    uint32_t n_tensors;
    limner_tensor *tensor;      /* [n_tensors]; names and data point into the caller's bytes */
};

typedef struct pending_tensor {
    char name[LIMNER_WEIGHTS_NAME_BYTES];
    limner_tensor tensor;
} pending_tensor;

struct limner_weights_writer {
    char kind[LIMNER_WEIGHTS_KIND_BYTES];
    uint32_t n_tensors;
    pending_tensor tensor[LIMNER_WEIGHTS_MAX_TENSORS];
};

/* ---- numbers and names --------------------------------------------------------------------- */

size_t limner_dtype_bytes(limner_dtype dtype)
{
    switch (dtype) {
    case LIMNER_DTYPE_F32:
    case LIMNER_DTYPE_I32:
        return 4;
    case LIMNER_DTYPE_F16:
    case LIMNER_DTYPE_I16:
    case LIMNER_DTYPE_U16:
        return 2;
    case LIMNER_DTYPE_I8:
    case LIMNER_DTYPE_U8:
        return 1;
    }
    return 0;
}

static uint32_t get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Eight bytes at a time (Kounavis and Berry 2008, "Novel Table Lookup-Based Algorithms for
 * High-Performance CRC Generation"): table k is of a byte followed by k zero bytes. Building the
 * tables costs less than checking 8 KiB. */
uint32_t limner_crc32c(uint32_t crc, const void *bytes, size_t len_bytes)
{
    const uint8_t *p = bytes, *const end = p + len_bytes;
    uint32_t table[8][256];

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t row = i;
        for (int bit = 0; bit < 8; bit++)
            row = (row >> 1) ^ (row & 1 ? 0x82f63b78u : 0);
        table[0][i] = row;
    }
    for (int k = 1; k < 8; k++)
        for (int i = 0; i < 256; i++)
            table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xff];
    crc = ~crc;
    for (; end - p >= 8; p += 8) {
        const uint32_t a = crc ^ get32(p), b = get32(p + 4);
        crc = table[7][a & 0xff] ^ table[6][(a >> 8) & 0xff] ^ table[5][(a >> 16) & 0xff] ^
              table[4][a >> 24] ^ table[3][b & 0xff] ^ table[2][(b >> 8) & 0xff] ^
              table[1][(b >> 16) & 0xff] ^ table[0][b >> 24];
    }
    for (; p < end; p++)
        crc = table[0][(crc ^ *p) & 0xff] ^ (crc >> 8);
    return ~crc;
}

static uint64_t get64(const uint8_t *p)
{
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static void put64(uint8_t *p, uint64_t v)
{
    put32(p, (uint32_t)v);
    put32(p + 4, (uint32_t)(v >> 32));
}

static bool is_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.' || c == '-';
}

/* A NUL-terminated, zero-padded, non-empty name in a field of `field_bytes`. */
static bool is_name_field(const char *name, size_t field_bytes)
{
    size_t n = 0;

    while (n < field_bytes && name[n])
        n++;
    if (n == 0 || n == field_bytes)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_name_char(name[i]))
            return false;
    return is_zero((const uint8_t *)name + n, field_bytes - n);
}

static size_t align_up(size_t n)
{
    return (n + LIMNER_WEIGHTS_ALIGN - 1) & ~(size_t)(LIMNER_WEIGHTS_ALIGN - 1);
}

/* Fills n_values and len_bytes; false on a bad dtype, rank or dims, or when the size overflows. */
static bool measure(limner_tensor *t)
{
    const size_t value_bytes = limner_dtype_bytes(t->dtype);

    if (value_bytes == 0 || t->rank < 1 || t->rank > LIMNER_WEIGHTS_MAX_RANK)
        return false;
    t->n_values = 1;
    for (uint32_t i = 0; i < LIMNER_WEIGHTS_MAX_RANK; i++) {
        if (t->dims[i] == 0 || (i >= t->rank && t->dims[i] != 1))
            return false;
        if (!limner_size_mul(t->n_values, t->dims[i], &t->n_values))
            return false;
    }
    return limner_size_mul(t->n_values, value_bytes, &t->len_bytes) &&
           t->len_bytes <= LIMNER_MEM_MAX;
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool is_little_endian(void)
{
    const uint32_t one = 1;
    uint8_t first;

    memcpy(&first, &one, 1);
    return first == 1;
}

/* Checks the header; on success *n_tensors is within the limit and the table within the file. */
static limner_status check_header(const uint8_t *p, size_t len_bytes, uint32_t *n_tensors)
{
    if (len_bytes < HEADER_BYTES || memcmp(p, MAGIC, sizeof(MAGIC)) != 0)
        return LIMNER_E_FORMAT;
    if (get32(p + 8) != BYTE_ORDER_MARK || get32(p + 12) != VERSION)
        return LIMNER_E_FORMAT;
    if (get64(p + 16) != len_bytes || limner_crc32c(0, p, 60) != get32(p + 60))
        return LIMNER_E_FORMAT;
    if (!is_name_field((const char *)p + 32, LIMNER_WEIGHTS_KIND_BYTES) || !is_zero(p + 48, 12))
        return LIMNER_E_FORMAT;
    *n_tensors = get32(p + 24);
    if (*n_tensors > LIMNER_WEIGHTS_MAX_TENSORS)
        return LIMNER_E_LIMIT;
    const size_t table_end = align_up(HEADER_BYTES + (size_t)*n_tensors * ENTRY_BYTES);
    if (table_end > len_bytes)
        return LIMNER_E_FORMAT;
    if (limner_crc32c(0, p + HEADER_BYTES, table_end - HEADER_BYTES) != get32(p + 28))
        return LIMNER_E_FORMAT;
    return LIMNER_OK;
}

/* Reads one table entry whose payload must begin at *offset; advances *offset past it. */
static bool read_entry(limner_tensor *t, const uint8_t *file, size_t len_bytes,
                       const uint8_t *entry, size_t *offset)
{
    t->name = (const char *)entry;
    if (!is_name_field(t->name, LIMNER_WEIGHTS_NAME_BYTES) || !is_zero(entry + 108, 20))
        return false;
    t->dtype = (limner_dtype)get32(entry + 64);
    t->rank = get32(entry + 68);
    for (uint32_t i = 0; i < LIMNER_WEIGHTS_MAX_RANK; i++)
        t->dims[i] = get32(entry + 72 + 4 * i);
    if (!measure(t) || get64(entry + 88) != *offset || get64(entry + 96) != t->len_bytes)
        return false;
    if (*offset > len_bytes || t->len_bytes > len_bytes - *offset)
        return false;
    t->data = file + *offset;
    if (limner_crc32c(0, t->data, t->len_bytes) != get32(entry + 104))
        return false;
    const size_t end = *offset + t->len_bytes;
    *offset = align_up(end);
    return *offset <= len_bytes && is_zero(file + end, *offset - end);
}

static bool has_duplicate(const limner_tensor *tensor, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(tensor[i].name, tensor[j].name) == 0)
                return true;
    return false;
}

static limner_status read_table(limner_weights *w, const uint8_t *p, size_t len_bytes)
{
    size_t offset = HEADER_BYTES + (size_t)w->n_tensors * ENTRY_BYTES;
    const size_t table_end = align_up(offset);

    if (!is_zero(p + offset, table_end - offset))
        return LIMNER_E_FORMAT;
    offset = table_end;
    for (uint32_t i = 0; i < w->n_tensors; i++)
        if (!read_entry(&w->tensor[i], p, len_bytes, p + HEADER_BYTES + (size_t)i * ENTRY_BYTES,
                        &offset))
            return LIMNER_E_FORMAT;
    if (offset != len_bytes || has_duplicate(w->tensor, w->n_tensors))
        return LIMNER_E_FORMAT;
    return LIMNER_OK;
}

limner_status limner_weights_open(limner_weights **out, const void *bytes, size_t len_bytes)
{
    limner_status st = LIMNER_E_NOMEM;
    limner_weights *w = NULL;
    uint32_t n_tensors;

    if (!out)
        return LIMNER_E_ARG;
    *out = NULL;
    if (!bytes || (uintptr_t)bytes % 4 != 0)
        return LIMNER_E_ARG;
    if (!is_little_endian())
        return LIMNER_E_FORMAT;
    st = check_header(bytes, len_bytes, &n_tensors);
    if (st < 0)
        return st;
    w = limner_calloc(1, sizeof(*w));
    if (!w)
        return LIMNER_E_NOMEM;
    memcpy(w->kind, (const char *)bytes + 32, sizeof(w->kind));
    w->n_tensors = n_tensors;
    st = LIMNER_E_NOMEM;
    w->tensor = limner_calloc(n_tensors ? n_tensors : 1, sizeof(*w->tensor));
    if (!w->tensor)
        goto fail;
    st = read_table(w, bytes, len_bytes);
    if (st < 0)
        goto fail;
    *out = w;
    return LIMNER_OK;
fail:
    limner_weights_close(&w);
    return st;
}

void limner_weights_close(limner_weights **w)
{
    if (!w || !*w)
        return;
    limner_mem_free((*w)->tensor);
    limner_mem_free(*w);
    *w = NULL;
}

const char *limner_weights_kind(const limner_weights *w)
{
    return w->kind;
}

uint32_t limner_weights_count(const limner_weights *w)
{
    return w->n_tensors;
}

const limner_tensor *limner_weights_at(const limner_weights *w, uint32_t i)
{
    return i < w->n_tensors ? &w->tensor[i] : NULL;
}

static bool has_form(const limner_tensor *t, limner_dtype dtype, uint32_t rank,
                     const uint32_t *dims)
{
    if (t->dtype != dtype || t->rank != rank)
        return false;
    for (uint32_t i = 0; i < rank; i++)
        if (dims[i] && dims[i] != t->dims[i])
            return false;
    return true;
}

const limner_tensor *limner_weights_find(const limner_weights *w, const char *name,
                                         limner_dtype dtype, uint32_t rank, const uint32_t *dims)
{
    for (uint32_t i = 0; i < w->n_tensors; i++)
        if (strcmp(w->tensor[i].name, name) == 0)
            return has_form(&w->tensor[i], dtype, rank, dims) ? &w->tensor[i] : NULL;
    return NULL;
}

const float *limner_weights_numbers(const limner_weights *w, const char *name, uint32_t n,
                                    float limit)
{
    const limner_tensor *t = limner_weights_find(w, name, LIMNER_DTYPE_F32, 1, &n);

    for (uint32_t i = 0; t && i < n; i++)
        if (!(fabsf(((const float *)t->data)[i]) <= limit))
            return NULL;
    return t ? t->data : NULL;
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Copies `text` into a zeroed field; false if it is not a name or does not fit. */
static bool set_name(char *field, size_t field_bytes, const char *text)
{
    const size_t n = text ? strlen(text) : 0;

    if (n == 0 || n >= field_bytes)
        return false;
    memset(field, 0, field_bytes);
    memcpy(field, text, n);
    return is_name_field(field, field_bytes);
}

limner_status limner_weights_writer_open(limner_weights_writer **out, const char *kind)
{
    limner_weights_writer *w;

    if (!out)
        return LIMNER_E_ARG;
    *out = NULL;
    w = limner_calloc(1, sizeof(*w));
    if (!w)
        return LIMNER_E_NOMEM;
    if (!set_name(w->kind, sizeof(w->kind), kind)) {
        limner_weights_writer_close(&w);
        return LIMNER_E_ARG;
    }
    *out = w;
    return LIMNER_OK;
}

limner_status limner_weights_writer_add(limner_weights_writer *w, const char *name,
                                        limner_dtype dtype, uint32_t rank, const uint32_t *dims,
                                        const void *data)
{
    pending_tensor *p;

    if (!w || !dims || !data || rank < 1 || rank > LIMNER_WEIGHTS_MAX_RANK)
        return LIMNER_E_ARG;
    if (w->n_tensors >= LIMNER_WEIGHTS_MAX_TENSORS)
        return LIMNER_E_LIMIT;
    p = &w->tensor[w->n_tensors];
    if (!set_name(p->name, sizeof(p->name), name))
        return LIMNER_E_ARG;
    for (uint32_t i = 0; i < w->n_tensors; i++)
        if (strcmp(w->tensor[i].name, p->name) == 0)
            return LIMNER_E_ARG;
    p->tensor = (limner_tensor){.dtype = dtype, .rank = rank, .data = data};
    for (uint32_t i = 0; i < LIMNER_WEIGHTS_MAX_RANK; i++)
        p->tensor.dims[i] = i < rank ? dims[i] : 1;
    if (!measure(&p->tensor))
        return LIMNER_E_ARG;
    w->n_tensors++;
    return LIMNER_OK;
}

/* Total bytes of the file, 0 when it would be too large. */
static size_t file_bytes(const limner_weights_writer *w)
{
    size_t total = align_up(HEADER_BYTES + (size_t)w->n_tensors * ENTRY_BYTES);

    for (uint32_t i = 0; i < w->n_tensors; i++) {
        if (!limner_size_add(total, align_up(w->tensor[i].tensor.len_bytes), &total) ||
            total > LIMNER_MEM_MAX)
            return 0;
    }
    return total;
}

static void write_entry(uint8_t *entry, const pending_tensor *p, size_t offset)
{
    const limner_tensor *t = &p->tensor;

    memcpy(entry, p->name, sizeof(p->name));
    put32(entry + 64, (uint32_t)t->dtype);
    put32(entry + 68, t->rank);
    for (uint32_t i = 0; i < LIMNER_WEIGHTS_MAX_RANK; i++)
        put32(entry + 72 + 4 * i, t->dims[i]);
    put64(entry + 88, offset);
    put64(entry + 96, t->len_bytes);
    put32(entry + 104, limner_crc32c(0, t->data, t->len_bytes));
}

limner_status limner_weights_writer_finish(limner_weights_writer *w, void **bytes,
                                           size_t *len_bytes)
{
    if (!w || !bytes || !len_bytes)
        return LIMNER_E_ARG;
    *bytes = NULL;
    *len_bytes = 0;
    const size_t total = file_bytes(w);
    if (total == 0)
        return LIMNER_E_LIMIT;
    uint8_t *p = limner_calloc(total, 1);
    if (!p)
        return LIMNER_E_NOMEM;
    size_t offset = align_up(HEADER_BYTES + (size_t)w->n_tensors * ENTRY_BYTES);
    const size_t table_bytes = offset - HEADER_BYTES;
    for (uint32_t i = 0; i < w->n_tensors; i++) {
        const limner_tensor *t = &w->tensor[i].tensor;
        write_entry(p + HEADER_BYTES + (size_t)i * ENTRY_BYTES, &w->tensor[i], offset);
        memcpy(p + offset, t->data, t->len_bytes);
        offset += align_up(t->len_bytes);
    }
    assert(offset == total);
    memcpy(p, MAGIC, sizeof(MAGIC));
    put32(p + 8, BYTE_ORDER_MARK);
    put32(p + 12, VERSION);
    put64(p + 16, total);
    put32(p + 24, w->n_tensors);
    put32(p + 28, limner_crc32c(0, p + HEADER_BYTES, table_bytes));
    memcpy(p + 32, w->kind, sizeof(w->kind));
    put32(p + 60, limner_crc32c(0, p, 60));
    *bytes = p;
    *len_bytes = total;
    return LIMNER_OK;
}

void limner_weights_writer_close(limner_weights_writer **w)
{
    if (!w || !*w)
        return;
    limner_mem_free(*w);
    *w = NULL;
}
