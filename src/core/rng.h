/* SPDX-License-Identifier: Apache-2.0 */
/* PCG32 (O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
 * Algorithms for Random Number Generation", HMC-CS-2014-0905): the same on every machine. */
#ifndef LIMNER_CORE_RNG_H
#define LIMNER_CORE_RNG_H

#include <stdint.h>

typedef struct limner_rng {
    uint64_t state, inc;
} limner_rng;

/* Streams of one seed are independent of each other. */
void limner_rng_init(limner_rng *r, uint64_t seed, uint64_t stream);
uint32_t limner_rng_u32(limner_rng *r);
float limner_rng_uniform(limner_rng *r);                /* [0, 1) */
float limner_rng_normal(limner_rng *r);                 /* mean 0, variance 1; sum of 12 uniforms */

#endif
