/* SPDX-License-Identifier: Apache-2.0 */
/* Sounds read in odd pieces. */
#include "heard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "io/media.h"

heard hear_at(const char *path, uint32_t rate_hz)
{
    limner_io_audio *a = NULL;
    heard h = {0};
    char err[LIMNER_IO_ERROR_SIZE];
    float pcm[777];
    int64_t n, total = 0;

    if (limner_io_audio_open_at(&a, path, rate_hz, err) < 0)
        fail_msg("%s", err);
    h.rate_hz = limner_io_audio_rate_hz(a);
    while ((n = limner_io_audio_read(a, pcm, 777, err)) > 0) {
        for (int64_t i = 0; i < n; i++) {
            if (fabsf(pcm[i]) > h.loudest) {
                h.loudest = fabsf(pcm[i]);
                h.loudest_s = (double)(total + i) / h.rate_hz;
            }
        }
        total += n;
    }
    if (n < 0)
        fail_msg("%s", err);
    limner_io_audio_close(&a);
    assert_null(a);
    h.seconds = (double)total / h.rate_hz;
    return h;
}

heard hear(const char *path)
{
    return hear_at(path, 0);
}
