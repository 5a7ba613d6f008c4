/* SPDX-License-Identifier: Apache-2.0 */
/* Temporaries (io/temporary.h) that killed programs have left beside their targets. */
#ifndef LIMNER_IO_STALE_H
#define LIMNER_IO_STALE_H

#include <stddef.h>

/* Says with a lock that the temporary behind fd is being written; it ends with the process. */
void limner_io_stale_guard(int fd);
/* Removes the files START.partial-PID and START.partial-PID-N, START being the first `n` bytes of
 * path, that no living process of that number writes and none has guarded. */
void limner_io_stale_remove(const char *path, size_t n);

#endif
