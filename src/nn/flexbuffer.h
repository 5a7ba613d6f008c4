/* SPDX-License-Identifier: Apache-2.0 */
/* Looks up keys in a FlexBuffers map, the form in which custom TFLite operators carry their
 * options. The bytes are hostile input; anything malformed reads as "not there". Format:
 * FlexBuffers' own description in the FlatBuffers documentation; only what such maps use is
 * understood. */
#ifndef LIMNER_NN_FLEXBUFFER_H
#define LIMNER_NN_FLEXBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number (integer or float32) under `key` of the root map. */
bool limner_flex_number(const uint8_t *bytes, size_t len_bytes, const char *key, double *out);
/* The typed integer vector under `key`; false when it has more than `max` elements. */
bool limner_flex_integers(const uint8_t *bytes, size_t len_bytes, const char *key, int32_t *out,
                          size_t max, size_t *n);

#endif
