/* SPDX-License-Identifier: Apache-2.0 */
/* The file is opened anew by its descriptor's name, so that each reader starts at its beginning. */
#include "temporary.h"

#include <fcntl.h>
#include <string.h>

int server_temporary_open(server_temporary *out, const uint8_t *bytes, size_t n)
{
    memset(out, 0, sizeof(*out));
    out->file = tmpfile();
    if (!out->file)
        return -1;
    fcntl(fileno(out->file), F_SETFD, FD_CLOEXEC);
    snprintf(out->path, sizeof(out->path), "/dev/fd/%d", fileno(out->file));
    if (fwrite(bytes, 1, n, out->file) == n && fflush(out->file) == 0)
        return 0;
    server_temporary_close(out);
    return -1;
}

void server_temporary_close(server_temporary *t)
{
    if (t->file)
        fclose(t->file);
    memset(t, 0, sizeof(*t));
}
