/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: mapped for reading, written to a temporary name and renamed. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "io/error.h"
#include "io/media.h"
#include "io/source.h"
#include "io/temporary.h"

int limner_io_file_read(limner_io_file *out, const char *path, size_t max_bytes, char *err)
{
    const char *name = limner_io_input_name(path);
    limner_io_source source;

    memset(out, 0, sizeof(*out));
    if (limner_io_source_open(&source, path, err) < 0)
        return -1;
    if ((uint64_t)source.len_bytes > max_bytes) {
        limner_io_source_close(&source);
        return limner_io_fail(err, name, "has %lld bytes, the limit is %zu; give a smaller file",
                              (long long)source.len_bytes, max_bytes);
    }
    void *map = mmap(NULL, (size_t)source.len_bytes, PROT_READ, MAP_PRIVATE, source.fd, 0);
    const int error = errno;
    limner_io_source_close(&source);
    if (map == MAP_FAILED)
        return limner_io_fail_read(err, name, error);
    out->bytes = map;
    out->len_bytes = (size_t)source.len_bytes;
    out->is_mapped = true;
    return 0;
}

void limner_io_file_close(limner_io_file *f)
{
    if (f && f->is_mapped)
        munmap(f->bytes, f->len_bytes);
    if (f)
        memset(f, 0, sizeof(*f));
}

int limner_io_file_write(const char *path, const void *bytes, size_t len_bytes, char *err)
{
    limner_io_temporary t;

    if (limner_io_temporary_open(&t, path, err) < 0)
        return -1;
    const int error = limner_io_temporary_write(&t, bytes, len_bytes);
    if (error) {
        limner_io_fail_write(err, t.name, error);
        limner_io_temporary_discard(&t);
        return -1;
    }
    return limner_io_temporary_commit(&t, err);
}
