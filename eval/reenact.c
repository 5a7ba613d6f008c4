/* SPDX-License-Identifier: Apache-2.0 */
/* limner eval reenact: every clip by itself, several at once; see reenact.h. Pictures are kept of
 * the MAX_FILMS clips with the least gain only, so that memory does not grow with the clips. */
#include "eval/reenact.h"

#include <stdlib.h>

#include "eval/parallel.h"
#include "eval/refusal.h"

enum { MAX_FILMS = 8 };

typedef struct reenact_work {
    const eval_job *job;
    eval_reenacted *clips; /* [job->n_paths] */
    size_t kept[MAX_FILMS + 1], n_kept; /* clips whose films are kept */
} reenact_work;

static void judge(void *user, size_t i)
{
    const reenact_work *work = user;
    const eval_job *job = work->job;

    eval_reenact_clip(&work->clips[i], job->model, job->paths[i], job->size_px, job->max_s,
                      eval_reenact_show, NULL);
}

static void drop_film(eval_reenacted *clip)
{
    free(clip->film);
    clip->film = NULL;
}

/* Of more films than are kept, that of the clip with the most gain goes: whatever the order in
 * which clips are done, the same are left in the end. */
static void keep_film(reenact_work *work, size_t clip)
{
    size_t best = 0;

    work->kept[work->n_kept++] = clip;
    if (work->n_kept <= MAX_FILMS)
        return;
    for (size_t k = 1; k < work->n_kept; k++) {
        const double gain = eval_reenact_gain(&work->clips[work->kept[k]]);
        const double most = eval_reenact_gain(&work->clips[work->kept[best]]);

        if (gain > most || (gain == most && work->kept[k] > work->kept[best]))
            best = k;
    }
    drop_film(&work->clips[work->kept[best]]);
    work->kept[best] = work->kept[--work->n_kept];
}

static void finish_clip(void *user, size_t i, size_t n_done)
{
    reenact_work *work = user;
    eval_reenacted *clip = &work->clips[i];

    if (clip->status == LIMNER_OK)
        keep_film(work, i);
    else
        drop_film(clip);
    eval_tell(work->job, i, n_done, clip->status == LIMNER_OK ? "" : clip->reason);
}

/* Whether there is anything to report. */
static int check(const reenact_work *work, char *err)
{
    size_t n_judged = 0;

    for (size_t i = 0; i < work->job->n_paths; i++) {
        if (work->clips[i].status == LIMNER_E_NOMEM)
            return eval_refuse_memory(err);
        n_judged += work->clips[i].status == LIMNER_OK;
    }
    return n_judged ? 0 : eval_refuse(err, work->job, "videos", work->clips[0].reason);
}

int eval_reenact(const eval_job *job, char *err)
{
    reenact_work work = {.job = job, .clips = calloc(job->n_paths + 1, sizeof(*work.clips))};
    int result = -1;

    if (!work.clips)
        return eval_refuse_memory(err);
    eval_parallel(job->n_paths, job->n_threads, judge, finish_clip, &work);
    result = check(&work, err);
    if (result == 0 && eval_reenact_report(job->report, job->paths, work.clips, job->n_paths) < 0)
        result = eval_refuse_memory(err);
    for (size_t i = 0; i < job->n_paths; i++)
        eval_reenacted_close(&work.clips[i]);
    free(work.clips);
    return result;
}
