/* SPDX-License-Identifier: Apache-2.0 */
/* PCG-XSH-RR 64/32 (O'Neill 2014, section 6.3), see rng.h. Seed and stream are first mixed by
 * SplitMix64 (Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number Generators"), because
 * sequences of one seed whose increments are neighbours are correlated at their start. */
#include "core/rng.h"

static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void limner_rng_init(limner_rng *r, uint64_t seed, uint64_t stream)
{
    r->inc = mix(stream) | 1;
    r->state = mix(seed ^ mix(~stream));
    limner_rng_u32(r);
}

uint32_t limner_rng_u32(limner_rng *r)
{
    uint64_t old = r->state;
    uint32_t x = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t turn = (uint32_t)(old >> 59);

    r->state = old * 6364136223846793005u + r->inc;
    return (x >> turn) | (x << ((32 - turn) & 31));
}

float limner_rng_uniform(limner_rng *r)
{
    return (float)(limner_rng_u32(r) >> 8) * (1.0f / 16777216.0f);
}

float limner_rng_normal(limner_rng *r)
{
    float sum = -6.0f;

    for (int i = 0; i < 12; i++)
        sum += limner_rng_uniform(r);
    return sum;
}
