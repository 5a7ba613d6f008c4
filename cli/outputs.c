/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of output names (see outputs.h). Two names are one file when device and inode agree. */
#include "outputs.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "io/error.h"
#include "io/media.h"
#include "io/temporary.h"
#include "talk.h"

static bool find_regular(const char *path, struct stat *info)
{
    return path && strcmp(path, "-") != 0 && stat(path, info) == 0 && S_ISREG(info->st_mode);
}

bool cli_output_is_apart(const char *output, const char *const *inputs, size_t n)
{
    struct stat out, in;

    if (!find_regular(output, &out))
        return true;
    for (size_t i = 0; i < n; i++) {
        if (find_regular(inputs[i], &in) && in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
            cli_fail("%s: is an input and would be overwritten; choose another output", output);
            return false;
        }
    }
    return true;
}

bool cli_output_is_possible(const char *path)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_temporary t;
    struct stat info;

    if (strcmp(path, "-") == 0 ||
        (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
        return true;
    if (limner_io_temporary_open(&t, path, err) < 0) {
        cli_fail("%s", err);
        return false;
    }
    limner_io_temporary_discard(&t);
    return true;
}

bool cli_output_is_named(const char *path, const char *what, const char *ending)
{
    const char *dot = path ? strrchr(path, '.') : NULL;

    if (!dot || strchr(dot, '/') || strcasecmp(dot, ending) == 0)
        return true;
    cli_fail("%s: %s; end it in %s", path, what, ending);
    return false;
}

/* Devices take the results of several, as /dev/null does. */
static bool is_same(const char *a, const char *b)
{
    struct stat x, y;

    if (strcmp(a, b) == 0)
        return strcmp(a, "-") == 0 || stat(a, &x) < 0 || S_ISREG(x.st_mode);
    return find_regular(a, &x) && find_regular(b, &y) && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

int cli_outputs_check(const char *const *outputs, size_t n_outputs, const char *const *inputs,
                      size_t n_inputs)
{
    for (size_t i = 0; i < n_outputs; i++) {
        for (size_t k = 0; k < i && outputs[i]; k++) {
            if (outputs[k] && is_same(outputs[i], outputs[k])) {
                cli_fail("%s: two results would be written there; name two files",
                         limner_io_output_name(outputs[i]));
                return CLI_USAGE;
            }
        }
        if (outputs[i] && (!cli_output_is_apart(outputs[i], inputs, n_inputs) ||
                           !cli_output_is_possible(outputs[i])))
            return CLI_FAILED;
    }
    return CLI_OK;
}

bool cli_output_is_pipe(const char *path)
{
    struct stat info;
    const int failed = strcmp(path, "-") == 0 ? fstat(STDOUT_FILENO, &info) : stat(path, &info);

    return !failed && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}
