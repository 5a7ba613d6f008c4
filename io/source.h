/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of an input that can be read at any offset and opened more than once. Regular files are
 * read where they are; standard input and other pipes are first copied into an unnamed temporary
 * file, which stays until the process ends, so that the sound of a pipe can be analysed and then
 * copied into the video. Opening belongs to one thread; reading an open source to any. */
#ifndef LIMNER_IO_SOURCE_H
#define LIMNER_IO_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#define LIMNER_IO_MAX_PIPE_BYTES ((int64_t)1 << 31)

typedef struct limner_io_source {
    int fd;
    int64_t len_bytes;
} limner_io_source;

/* Refuses what cannot be media at once: absent, a folder, no permission, 0 bytes. */
int limner_io_source_open(limner_io_source *out, const char *path, char *err);
/* As pread: bytes read, 0 at the end, -1 with errno. */
int64_t limner_io_source_read(const limner_io_source *s, void *bytes, size_t n, int64_t offset);
void limner_io_source_close(limner_io_source *s); /* NULL-safe */

#endif
