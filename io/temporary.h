/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs that appear whole or not at all: written beside the target as NAME.partial-PID, renamed
 * over it at the end. Targets that are no regular files (pipes, devices) are written directly.
 * Every temporary under way is listed in a table that a signal handler can walk; what a killed
 * program left is removed when its target is written next (io/stale.h). */
#ifndef LIMNER_IO_TEMPORARY_H
#define LIMNER_IO_TEMPORARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct limner_io_temporary {
    int fd;           /* -1 for a folder */
    int slot;         /* in the table, -1: written directly */
    const char *name; /* for messages */
    char *target;
} limner_io_temporary;

/* Whether the last part of the path is short enough for a file's name. */
bool limner_io_name_fits(const char *path);
/* path "-": standard output. */
int limner_io_temporary_open(limner_io_temporary *out, const char *path, char *err);
/* A folder of numbered files, 000001.png on; see limner_io_temporary_count. */
int limner_io_temporary_open_folder(limner_io_temporary *out, const char *path, char *err);
/* Where it is written now, NULL when directly. */
const char *limner_io_temporary_path(const limner_io_temporary *t);
/* `n` numbered files of a folder exist or may exist. */
void limner_io_temporary_count(limner_io_temporary *t, uint32_t n);
/* Writes all n bytes at the current place; 0, or an errno. */
int limner_io_temporary_write(const limner_io_temporary *t, const void *bytes, size_t n);
/* Flushes to the disk and renames; closes in any case. */
int limner_io_temporary_commit(limner_io_temporary *t, char *err);
/* Removes it and closes; does nothing on one already closed. */
void limner_io_temporary_discard(limner_io_temporary *t);

#endif
