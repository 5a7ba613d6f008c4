/* SPDX-License-Identifier: Apache-2.0 */
/* What a sound file holds, read to its end; a file that cannot be read fails the test. */
#ifndef LIMNER_TEST_HEARD_H
#define LIMNER_TEST_HEARD_H

#include <stdint.h>

typedef struct heard {
    uint32_t rate_hz;
    double seconds, loudest_s; /* time of the largest sample */
    float loudest;
} heard;

/* At the rate wanted, or the file's own. */
heard hear_at(const char *path, uint32_t rate_hz);
heard hear(const char *path);

#endif
