/* SPDX-License-Identifier: Apache-2.0 */
/* A 64-bit hash of frames, for --hash and --verify: not cryptographic, the same on every machine of
 * the same byte order as the pixels are bytes and motion is IEEE floats. */
#ifndef LIMNER_CLI_HASH_H
#define LIMNER_CLI_HASH_H

#include "limner/limner.h"

#define CLI_HASH_START 0x6c696d6e65720001u /* "limner", version 1 */

/* The hash after this frame's pixels and motion. */
uint64_t cli_hash_frame(uint64_t hash, const limner_frame *f);

#endif
