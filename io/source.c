/* SPDX-License-Identifier: Apache-2.0 */
/* Files and spooled pipes behind one pread. */
#include "io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/error.h"

enum { MAX_SPOOLS = 4, COPY_BYTES = 1 << 16 };

/* Pipes already copied, by path: a pipe can be read only once. */
static struct {
    char path[256];
    int fd;
} spools[MAX_SPOOLS];
static int n_spools;

static int unnamed_file(void)
{
    const char *folder = getenv("TMPDIR");
    char name[4096];

    if (!folder || !*folder)
        folder = "/tmp";
    if (snprintf(name, sizeof(name), "%s/limner-pipe-XXXXXX", folder) >= (int)sizeof(name)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkstemp(name);
    if (fd >= 0) {
        unlink(name);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
}

static int write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        bytes += done;
        n -= (size_t)done;
    }
    return 0;
}

/* Copies everything from `from` to `to`; false with a sentence in err. */
static int copy_pipe(int from, int to, const char *name, char *err)
{
    static char buffer[COPY_BYTES];
    int64_t total = 0;

    for (;;) {
        ssize_t n = read(from, buffer, sizeof(buffer));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return limner_io_fail_read(err, name, errno);
        if (n == 0)
            return 0;
        total += n;
        if (total > LIMNER_IO_MAX_PIPE_BYTES)
            return limner_io_fail(err, name,
                                  "is longer than the limit of 2 GiB for a pipe; "
                                  "write it to a file first");
        if (write_all(to, buffer, (size_t)n) < 0)
            return limner_io_fail(err, name,
                                  "cannot be kept in the temporary folder: %s; "
                                  "point TMPDIR at one with space",
                                  strerror(errno));
    }
}

/* A duplicate of the pipe's spool, made now if this is its first use. */
static int spool(int pipe_fd, const char *path, char *err)
{
    const char *name = limner_io_input_name(path);

    for (int i = 0; i < n_spools; i++) {
        if (strcmp(spools[i].path, path) == 0)
            return fcntl(spools[i].fd, F_DUPFD_CLOEXEC, 0);
    }
    if (n_spools == MAX_SPOOLS || strlen(path) >= sizeof(spools[0].path))
        return limner_io_fail(err, name, "one pipe too many; write it to a file first");
    int fd = unnamed_file();
    if (fd < 0)
        return limner_io_fail(err, name, "no temporary file to keep it in: %s; set TMPDIR",
                              strerror(errno));
    if (copy_pipe(pipe_fd, fd, name, err) < 0) {
        close(fd);
        return -1;
    }
    strcpy(spools[n_spools].path, path);
    spools[n_spools++].fd = fd;
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

int limner_io_source_open(limner_io_source *out, const char *path, char *err)
{
    const int is_stdin = strcmp(path, "-") == 0;
    const char *name = limner_io_input_name(path);
    struct stat info;

    out->fd = -1;
    out->len_bytes = 0;
    int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return limner_io_fail_read(err, name, errno);
    if (fstat(fd, &info) < 0 || S_ISDIR(info.st_mode)) {
        close(fd);
        return limner_io_fail_read(err, name, S_ISDIR(info.st_mode) ? EISDIR : errno);
    }
    if (!S_ISREG(info.st_mode)) {
        int kept = spool(fd, path, err);
        close(fd);
        if (kept < 0)
            return -1;
        fd = kept;
        if (fstat(fd, &info) < 0) {
            close(fd);
            return limner_io_fail_read(err, name, errno);
        }
    }
    if (info.st_size == 0) {
        close(fd);
        return limner_io_fail(err, name, "is empty (0 bytes); give another file");
    }
    out->fd = fd;
    out->len_bytes = info.st_size;
    return 0;
}

int64_t limner_io_source_read(const limner_io_source *s, void *bytes, size_t n, int64_t offset)
{
    ssize_t got;

    do
        got = pread(s->fd, bytes, n, offset);
    while (got < 0 && errno == EINTR);
    return got;
}

void limner_io_source_close(limner_io_source *s)
{
    if (s && s->fd >= 0) {
        close(s->fd);
        s->fd = -1;
    }
}
