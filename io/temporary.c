/* SPDX-License-Identifier: Apache-2.0 */
/* The table of outputs under way. A slot's state is stored after its path is complete (release) and
 * read before (acquire), so that limner_io_remove_temporaries, which a signal handler calls, sees
 * whole paths only. */
#include "io/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/error.h"
#include "io/media.h"
#include "io/stale.h"

enum { MAX_SLOTS = 8, MAX_PATH = 4096, DIGITS = 6, MAX_SUFFIX = 30 };
enum { SLOT_FREE, SLOT_TAKEN, SLOT_FILE, SLOT_FOLDER };

static struct {
    _Atomic int state;
    _Atomic uint32_t n_files; /* of a folder */
    char path[MAX_PATH];
} slots[MAX_SLOTS];

/* PATH/000123.png without stdio: used inside a signal handler. */
static void numbered_path(char *out, const char *folder, uint32_t number)
{
    const size_t n = strlen(folder);

    memcpy(out, folder, n);
    out[n] = '/';
    for (int i = DIGITS; i > 0; i--, number /= 10)
        out[n + (size_t)i] = (char)('0' + number % 10);
    memcpy(out + n + 1 + DIGITS, ".png", 5);
}

static void remove_slot(int slot, int state)
{
    char path[MAX_PATH + 32];

    if (state == SLOT_FILE)
        unlink(slots[slot].path);
    if (state != SLOT_FOLDER)
        return;
    const uint32_t n = atomic_load_explicit(&slots[slot].n_files, memory_order_acquire);
    for (uint32_t i = 1; i <= n; i++) {
        numbered_path(path, slots[slot].path, i);
        unlink(path);
    }
    rmdir(slots[slot].path);
}

void limner_io_remove_temporaries(void)
{
    const int saved = errno;

    for (int i = 0; i < MAX_SLOTS; i++)
        remove_slot(i, atomic_load_explicit(&slots[i].state, memory_order_acquire));
    errno = saved;
}

bool limner_io_name_fits(const char *path)
{
    const char *slash = strrchr(path, '/');

    return strlen(slash ? slash + 1 : path) <= NAME_MAX;
}

/* How much of the path the temporary's name starts with, so that its last part stays as short as
 * file systems want it; whole characters of UTF-8. */
static int kept_length(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t n = strlen(name);

    for (; n > NAME_MAX - MAX_SUFFIX || (n && ((unsigned char)name[n] & 0xC0) == 0x80); n--)
        continue;
    return (int)(name - path) + (int)n;
}

/* A slot with the temporary's path in it, not yet visible to the handler; -1 with a sentence. */
static int take_slot(const char *path, const char *name, char *err)
{
    if (strlen(path) >= MAX_PATH || !limner_io_name_fits(path))
        return limner_io_fail(err, name, "the name is too long");
    for (int i = 0; i < MAX_SLOTS; i++) {
        int expected = SLOT_FREE;
        if (!atomic_compare_exchange_strong(&slots[i].state, &expected, SLOT_TAKEN))
            continue;
        const int kept = kept_length(path);
        const int n = path[kept] ? snprintf(slots[i].path, MAX_PATH, "%.*s.partial-%ld-%d", kept,
                                            path, (long)getpid(), i)
                                 : snprintf(slots[i].path, MAX_PATH, "%s.partial-%ld", path,
                                            (long)getpid());
        if (n > 0 && n < MAX_PATH)
            return i;
        atomic_store(&slots[i].state, SLOT_FREE);
        return limner_io_fail(err, name, "the name is too long");
    }
    return limner_io_fail(err, name, "too many outputs at once");
}

static void release_slot(int slot)
{
    atomic_store_explicit(&slots[slot].state, SLOT_FREE, memory_order_release);
}

static int open_directly(limner_io_temporary *out, const char *path, char *err)
{
    out->slot = -1;
    out->fd = strcmp(path, "-") == 0 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                                     : open(path, O_WRONLY | O_CLOEXEC);
    return out->fd < 0 ? limner_io_fail_write(err, out->name, errno) : 0;
}

int limner_io_temporary_open(limner_io_temporary *out, const char *path, char *err)
{
    struct stat info;

    *out = (limner_io_temporary){.fd = -1, .slot = -1, .name = limner_io_output_name(path)};
    const int exists = strcmp(path, "-") != 0 && stat(path, &info) == 0;
    if (exists && S_ISDIR(info.st_mode))
        return limner_io_fail_write(err, out->name, EISDIR);
    if (strcmp(path, "-") == 0 || (exists && !S_ISREG(info.st_mode)))
        return open_directly(out, path, err);
    const int slot = take_slot(path, out->name, err);
    if (slot < 0)
        return -1;
    limner_io_stale_remove(path, (size_t)kept_length(path));
    out->target = strdup(path);
    atomic_store_explicit(&slots[slot].state, SLOT_FILE, memory_order_release);
    if (out->target)
        out->fd = open(slots[slot].path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out->fd < 0) {
        const int error = out->target ? errno : ENOMEM;
        release_slot(slot);
        free(out->target);
        out->target = NULL;
        return limner_io_fail_write(err, out->name, error);
    }
    limner_io_stale_guard(out->fd);
    out->slot = slot;
    return 0;
}

int limner_io_temporary_open_folder(limner_io_temporary *out, const char *path, char *err)
{
    *out = (limner_io_temporary){.fd = -1, .slot = -1, .name = limner_io_output_name(path)};
    const int slot = take_slot(path, out->name, err);
    if (slot < 0)
        return -1;
    atomic_store(&slots[slot].n_files, 0);
    if (mkdir(slots[slot].path, 0777) < 0) {
        const int error = errno;
        release_slot(slot);
        return limner_io_fail_write(err, out->name, error);
    }
    out->slot = slot;
    atomic_store_explicit(&slots[slot].state, SLOT_FOLDER, memory_order_release);
    return 0;
}

const char *limner_io_temporary_path(const limner_io_temporary *t)
{
    return t->slot < 0 ? NULL : slots[t->slot].path;
}

void limner_io_temporary_count(limner_io_temporary *t, uint32_t n)
{
    atomic_store_explicit(&slots[t->slot].n_files, n, memory_order_release);
}

int limner_io_temporary_write(const limner_io_temporary *t, const void *bytes, size_t n)
{
    const char *at = bytes;

    while (n > 0) {
        const ssize_t done = write(t->fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

int limner_io_temporary_commit(limner_io_temporary *t, char *err)
{
    int error = 0;

    if (t->slot >= 0 && fsync(t->fd) < 0 && errno != EINVAL && errno != ENOTSUP)
        error = errno;
    if (close(t->fd) < 0 && !error)
        error = errno;
    t->fd = -1;
    if (t->slot >= 0 && !error && rename(slots[t->slot].path, t->target) < 0)
        error = errno;
    if (error) {
        limner_io_fail_write(err, t->name, error);
        limner_io_temporary_discard(t);
        return -1;
    }
    if (t->slot >= 0)
        release_slot(t->slot);
    t->slot = -1;
    free(t->target);
    t->target = NULL;
    return 0;
}

void limner_io_temporary_discard(limner_io_temporary *t)
{
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
    if (t->slot >= 0) {
        remove_slot(t->slot, atomic_load(&slots[t->slot].state));
        release_slot(t->slot);
    }
    t->slot = -1;
    free(t->target);
    t->target = NULL;
}
