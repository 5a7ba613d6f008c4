/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of files name them in their reasons, judges do not; see refusal.h. */
#include "eval/refusal.h"

#include <stdio.h>
#include <string.h>

#include "io/media.h"

static void name_input(char *out, size_t size, const char *path, const char *why)
{
    if (strncmp(why, path, strlen(path)) == 0)
        snprintf(out, size, "%s", why);
    else
        snprintf(out, size, "%.500s: %s", path, why);
}

void eval_tell(const eval_job *job, size_t i, size_t n_done, const char *why)
{
    char note[2 * LIMNER_IO_ERROR_SIZE];

    if (!job->progress)
        return;
    name_input(note, sizeof(note), job->paths[i], why);
    job->progress(job->user, n_done, *why && job->n_paths > 1 ? note : NULL);
}

int eval_refuse(char *err, const eval_job *job, const char *things, const char *why)
{
    char reason[2 * LIMNER_IO_ERROR_SIZE];

    if (job->n_paths == 0) {
        snprintf(err, LIMNER_IO_ERROR_SIZE, "there are no %s", things);
        return -1;
    }
    name_input(reason, sizeof(reason), job->paths[0], why);
    if (job->n_paths == 1)
        snprintf(err, LIMNER_IO_ERROR_SIZE, "%.500s", reason);
    else
        snprintf(err, LIMNER_IO_ERROR_SIZE, "none of the %zu %s could be used; the first: %.400s",
                 job->n_paths, things, reason);
    return -1;
}

int eval_refuse_memory(char *err)
{
    snprintf(err, LIMNER_IO_ERROR_SIZE, "not enough memory");
    return -1;
}
