/* SPDX-License-Identifier: Apache-2.0 */
/* FlexBuffers maps, bounded (see flexbuffer.h). A value is a slot of 1, 2, 4 or 8 bytes; a map, key
 * or vector is reached by subtracting the slot's unsigned content from the slot's place. Before a
 * vector stands its count; before a map stand its key vector's offset, that vector's element
 * width, and the count; behind both, one type byte per element. */
#include "nn/flexbuffer.h"

#include <string.h>

#include "nn/flatbuffer.h"

/* FlexBuffers' types, the upper six bits of a type byte; the lower two are log2 of a width. */
enum {
    FLEX_INT = 1, FLEX_UINT = 2, FLEX_FLOAT = 3, FLEX_MAP = 9, FLEX_VECTOR_INT = 11,
    FLEX_VECTOR_UINT = 12
};

typedef struct slot {
    size_t at;
    size_t width;
    uint8_t type;               /* with the width bits */
} slot;

static uint64_t load(const uint8_t *p, size_t width)
{
    switch (width) {
    case 1: return p[0];
    case 2: return limner_flat_le16(p);
    case 4: return limner_flat_le32(p);
    default: return limner_flat_le32(p) | (uint64_t)limner_flat_le32(p + 4) << 32;
    }
}

static int64_t load_signed(const uint8_t *p, size_t width)
{
    const unsigned shift = (unsigned)(64 - 8 * width);
    const uint64_t sign = (uint64_t)1 << (8 * width - 1);
    const uint64_t v = load(p, width);

    if (shift && v & sign)
        return -(int64_t)(((sign << 1) - 1 - v) + 1);
    return v <= INT64_MAX ? (int64_t)v : -(int64_t)(UINT64_MAX - v) - 1;
}

/* Where the slot's content points back to; false when that is before the start. */
static bool follow_back(const uint8_t *b, size_t at, size_t width, size_t *out)
{
    const uint64_t back = load(b + at, width);

    if (back > at)
        return false;
    *out = at - (size_t)back;
    return true;
}

/* True if the NUL-ended string at `at` is `key`. */
static bool is_key(const uint8_t *b, size_t len, size_t at, const char *key)
{
    const size_t n = strlen(key) + 1;

    return at <= len && n <= len - at && memcmp(b + at, key, n) == 0;
}

static bool find(const uint8_t *b, size_t len, const char *key, slot *out)
{
    size_t root_width, map, width, keys, keys_width, at;
    uint64_t n;

    if (len < 3)
        return false;
    root_width = b[len - 1];
    if ((root_width != 1 && root_width != 2 && root_width != 4) || len < 2 + root_width ||
        b[len - 2] >> 2 != FLEX_MAP)
        return false;
    if (!follow_back(b, len - 2 - root_width, root_width, &map))
        return false;
    width = (size_t)1 << (b[len - 2] & 3);
    if (map < 3 * width)
        return false;
    n = load(b + map - width, width);
    keys_width = (size_t)load(b + map - 2 * width, width);
    if ((keys_width != 1 && keys_width != 2 && keys_width != 4) ||
        n > (len - map) / (width + 1) || !follow_back(b, map - 3 * width, width, &keys) ||
        n > (len - keys) / keys_width)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!follow_back(b, keys + i * keys_width, keys_width, &at) || !is_key(b, len, at, key))
            continue;
        *out = (slot){ map + i * width, width, b[map + (size_t)n * width + i] };
        return true;
    }
    return false;
}

bool limner_flex_number(const uint8_t *bytes, size_t len_bytes, const char *key, double *out)
{
    slot s;
    uint32_t bits;
    float f;

    if (!find(bytes, len_bytes, key, &s))
        return false;
    switch (s.type >> 2) {
    case FLEX_INT:
        *out = (double)load_signed(bytes + s.at, s.width);
        return true;
    case FLEX_UINT:
        *out = (double)load(bytes + s.at, s.width);
        return true;
    case FLEX_FLOAT:
        if (s.width != 4)
            return false;
        bits = limner_flat_le32(bytes + s.at);
        memcpy(&f, &bits, sizeof(f));
        *out = (double)f;
        return true;
    default:
        return false;
    }
}

bool limner_flex_integers(const uint8_t *bytes, size_t len_bytes, const char *key, int32_t *out,
                          size_t max, size_t *n)
{
    size_t at, width;
    uint64_t count;
    slot s;

    if (!find(bytes, len_bytes, key, &s) ||
        (s.type >> 2 != FLEX_VECTOR_INT && s.type >> 2 != FLEX_VECTOR_UINT) ||
        !follow_back(bytes, s.at, s.width, &at))
        return false;
    width = (size_t)1 << (s.type & 3);
    if (at < width)
        return false;
    count = load(bytes + at - width, width);
    if (count > max || count > (len_bytes - at) / width)
        return false;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = bytes + at + i * width;
        const int64_t v = s.type >> 2 == FLEX_VECTOR_INT ? load_signed(p, width)
                                                         : (int64_t)load(p, width);

        if (v < INT32_MIN || v > INT32_MAX)
            return false;
        out[i] = (int32_t)v;
    }
    *n = (size_t)count;
    return true;
}
