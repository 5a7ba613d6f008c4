/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of an input that can be read at any offset and opened more than once. Regular files are
 * read where they are; standard input and other pipes are first copied into an unnamed temporary
 * file, which stays until the process ends, so that the sound of a pipe can be analysed and then
 * copied into the video. A live source is a pipe that is read forwards as it comes; what has been
 * read is kept until the reader lets go of it, so that until then the pipe can be closed and opened
 * anew, plainly. Opening, closing and live reading belong to one thread; other reading to any. */
#ifndef LIMNER_IO_SOURCE_H
#define LIMNER_IO_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#define LIMNER_IO_MAX_PIPE_BYTES ((int64_t)1 << 31)

typedef struct limner_io_source {
    int fd;
    int64_t len_bytes; /* of a live one: read so far */
    int is_live, spool; /* where a live one keeps what was read, -1: it has let go */
} limner_io_source;

/* Refuses what cannot be media at once: absent, a folder, no permission, 0 bytes. */
int limner_io_source_open(limner_io_source *out, const char *path, char *err);
/* The same, live where the path is a pipe: what comes is not known beforehand. */
int limner_io_source_open_live(limner_io_source *out, const char *path, char *err);
/* Whether the path is standard input or a file and no regular file. */
int limner_io_is_pipe(const char *path);
/* A live source: keeps no more of what it reads. */
void limner_io_source_let_go(limner_io_source *s);
/* A live source: what comes next, at most n bytes, waiting for the first. 0 at the end, -1 with
 * errno. */
int64_t limner_io_source_read_on(limner_io_source *s, void *bytes, size_t n);
/* As pread; not of a live one: bytes read, 0 at the end, -1 with errno. */
int64_t limner_io_source_read(const limner_io_source *s, void *bytes, size_t n, int64_t offset);
void limner_io_source_close(limner_io_source *s); /* NULL-safe */

#endif
