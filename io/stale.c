/* SPDX-License-Identifier: Apache-2.0 */
/* A temporary is left alone unless two signs agree that it is nobody's: its PID is free, and its
 * lock too (a PID says nothing of another machine or container that shares the folder, a lock
 * nothing where the file system has none). Folders are left alone always. */
#include "io/stale.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK ".partial-"

enum { MAX_FOLDER = 4096 };

void limner_io_stale_guard(int fd)
{
    while (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EINTR)
        continue;
}

/* The PID in a temporary's name, `start` being that of its target; 0 when it is no such name. */
static long pid_of(const char *name, const char *start, size_t n)
{
    char *end;

    if (strncmp(name, start, n) != 0 || strncmp(name + n, MARK, strlen(MARK)) != 0)
        return 0;
    name += n + strlen(MARK);
    if (strspn(name, "0123456789-") != strlen(name) || *name == '-')
        return 0;
    errno = 0;
    const long pid = strtol(name, &end, 10);
    return errno || (*end == '-' && strspn(end + 1, "0123456789") != strlen(end + 1)) ? 0 : pid;
}

static bool is_stale(int folder, const char *name, long pid)
{
    struct stat info;

    if (kill((pid_t)pid, 0) == 0 || errno != ESRCH)
        return false;
    const int fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool is_free =
        fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0;
    close(fd);
    return is_free;
}

void limner_io_stale_remove(const char *path, size_t n)
{
    const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path;
    const size_t n_start = n - (size_t)(start - path);
    const struct dirent *entry;
    char folder[MAX_FOLDER];

    if (snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(start - path) : 1,
                 slash ? path : ".") >= (int)sizeof(folder))
        return;
    DIR *dir = opendir(folder);
    while (dir && (entry = readdir(dir))) {
        const long pid = pid_of(entry->d_name, start, n_start);
        if (pid > 1 && is_stale(dirfd(dir), entry->d_name, pid))
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir)
        closedir(dir);
}
