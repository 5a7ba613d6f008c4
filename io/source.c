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

/* Pipes already copied, or being read, by path: a pipe can be read only once. */
static struct limner_io_spool {
    char path[256]; /* empty: the place is free */
    int fd;         /* the bytes read so far */
    int pipe_fd;    /* where more come from, -1 when all have been read */
} spools[MAX_SPOOLS];

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

/* Adds what was read from the pipe to its copy; `total` with it. */
static int keep(int to, const char *bytes, size_t n, int64_t total, const char *name, char *err)
{
    if (total > LIMNER_IO_MAX_PIPE_BYTES)
        return limner_io_fail(err, name,
                              "is longer than the limit of 2 GiB for a pipe; "
                              "write it to a file first");
    if (write_all(to, bytes, n) < 0)
        return limner_io_fail(err, name,
                              "cannot be kept in the temporary folder: %s; "
                              "point TMPDIR at one with space",
                              strerror(errno));
    return 0;
}

static ssize_t read_some(int fd, void *bytes, size_t n)
{
    ssize_t got;

    do
        got = read(fd, bytes, n);
    while (got < 0 && errno == EINTR);
    return got;
}

/* Copies all that follows from `from` to `to`, which has `total` bytes. */
static int copy_pipe(int from, int to, int64_t total, const char *name, char *err)
{
    static char buffer[COPY_BYTES];

    for (;;) {
        const ssize_t n = read_some(from, buffer, sizeof(buffer));
        if (n < 0)
            return limner_io_fail_read(err, name, errno);
        if (n == 0)
            return 0;
        total += n;
        if (keep(to, buffer, (size_t)n, total, name, err) < 0)
            return -1;
    }
}

static void forget(struct limner_io_spool *p)
{
    if (p->fd >= 0)
        close(p->fd);
    if (p->pipe_fd >= 0)
        close(p->pipe_fd);
    *p = (struct limner_io_spool){"", -1, -1};
}

static struct limner_io_spool *find_spool(const char *path)
{
    for (int i = 0; i < MAX_SPOOLS; i++) {
        if (strcmp(spools[i].path, path) == 0)
            return &spools[i];
    }
    return NULL;
}

/* A place in the table with nothing read yet. */
static struct limner_io_spool *new_spool(int pipe_fd, const char *path, char *err)
{
    const char *name = limner_io_input_name(path);
    struct limner_io_spool *p = find_spool("");

    if (!p || strlen(path) >= sizeof(p->path)) {
        limner_io_fail(err, name, "one pipe too many; write it to a file first");
        return NULL;
    }
    p->fd = unnamed_file();
    p->pipe_fd = fcntl(pipe_fd, F_DUPFD_CLOEXEC, 0);
    if (p->fd < 0 || p->pipe_fd < 0) {
        limner_io_fail(err, name, "no temporary file to keep it in: %s; set TMPDIR",
                       strerror(errno));
        forget(p);
        return NULL;
    }
    strcpy(p->path, path);
    return p;
}

/* A duplicate of the pipe's whole spool, which is made, or finished, at its first use. */
static int spool(int pipe_fd, const char *path, char *err)
{
    struct limner_io_spool *p = find_spool(path);

    if (!p)
        p = new_spool(pipe_fd, path, err);
    if (!p)
        return -1;
    if (p->pipe_fd >= 0) {
        const int64_t total = lseek(p->fd, 0, SEEK_END);
        if (copy_pipe(p->pipe_fd, p->fd, total, limner_io_input_name(path), err) < 0) {
            forget(p);
            return -1;
        }
        close(p->pipe_fd);
        p->pipe_fd = -1;
    }
    return fcntl(p->fd, F_DUPFD_CLOEXEC, 0);
}

/* The file or pipe itself; -1 with a sentence. */
static int open_path(const char *path, struct stat *info, char *err)
{
    const int is_stdin = strcmp(path, "-") == 0;
    const char *name = limner_io_input_name(path);
    int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return limner_io_fail_read(err, name, errno);
    if (fstat(fd, info) < 0 || S_ISDIR(info->st_mode)) {
        const int error = S_ISDIR(info->st_mode) ? EISDIR : errno;
        close(fd);
        return limner_io_fail_read(err, name, error);
    }
    return fd;
}

/* Takes fd over. */
static int set_live(limner_io_source *out, int fd, const char *path, char *err)
{
    const struct limner_io_spool *p = new_spool(fd, path, err);

    if (!p) {
        close(fd);
        return -1;
    }
    *out = (limner_io_source){.fd = fd, .is_live = 1, .spool = (int)(p - spools)};
    return 0;
}

/* Takes fd over, a regular file. */
static int set_file(limner_io_source *out, int fd, const char *name, char *err)
{
    struct stat info;

    if (fstat(fd, &info) < 0) {
        const int error = errno;
        close(fd);
        return limner_io_fail_read(err, name, error);
    }
    if (info.st_size == 0) {
        close(fd);
        return limner_io_fail(err, name, "is empty (0 bytes); give another file");
    }
    *out = (limner_io_source){.fd = fd, .len_bytes = info.st_size, .spool = -1};
    return 0;
}

static int open_source(limner_io_source *out, const char *path, int is_live, char *err)
{
    const int is_known = find_spool(path) != NULL; /* then it is not opened: it may have ended */
    struct stat info = {0};

    *out = (limner_io_source){.fd = -1, .spool = -1};
    int fd = is_known ? -1 : open_path(path, &info, err);
    if (fd < 0 && !is_known)
        return -1;
    if (!is_known && !S_ISREG(info.st_mode) && is_live)
        return set_live(out, fd, path, err);
    if (is_known || !S_ISREG(info.st_mode)) {
        const int kept = spool(fd, path, err);
        if (fd >= 0)
            close(fd);
        fd = kept;
    }
    return fd < 0 ? -1 : set_file(out, fd, limner_io_input_name(path), err);
}

int limner_io_source_open(limner_io_source *out, const char *path, char *err)
{
    return open_source(out, path, 0, err);
}

int limner_io_source_open_live(limner_io_source *out, const char *path, char *err)
{
    return open_source(out, path, 1, err);
}

int limner_io_is_pipe(const char *path)
{
    struct stat info;
    const int failed = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &info) : stat(path, &info);

    return !failed && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

void limner_io_source_let_go(limner_io_source *s)
{
    if (s->spool >= 0)
        forget(&spools[s->spool]);
    s->spool = -1;
}

int64_t limner_io_source_read_on(limner_io_source *s, void *bytes, size_t n)
{
    const ssize_t got = read_some(s->fd, bytes, n);

    if (got > 0)
        s->len_bytes += got;
    if (got > 0 && s->spool >= 0 &&
        (s->len_bytes > LIMNER_IO_MAX_PIPE_BYTES ||
         write_all(spools[s->spool].fd, bytes, (size_t)got) < 0))
        limner_io_source_let_go(s); /* it may do without going back */
    return got;
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
