/* SPDX-License-Identifier: Apache-2.0 */
/* limner eval control: every photo by itself, several at once; see control.h. */
#include "eval/control.h"

#include <stdlib.h>

#include "eval/parallel.h"
#include "eval/refusal.h"
#include "io/media.h"

typedef struct control_work {
    const eval_job *job;
    eval_controlled *faces; /* [job->n_paths] */
} control_work;

static void judge(void *user, size_t i)
{
    const control_work *work = user;
    const eval_job *job = work->job;
    eval_controlled *face = &work->faces[i];
    limner_io_image image;

    if (limner_io_image_read(&image, job->paths[i], face->reason) < 0) {
        face->status = LIMNER_E_FORMAT;
        return;
    }
    const limner_photo photo = limner_io_image_photo(&image);
    eval_control_portrait(face, job->model, &photo, job->size_px, eval_control_show, NULL);
    limner_io_image_close(&image);
}

static void tell(void *user, size_t i, size_t n_done)
{
    const control_work *work = user;

    eval_tell(work->job, i, n_done, work->faces[i].reason);
}

/* Whether there is anything to report. */
static int check(const control_work *work, char *err)
{
    size_t n_judged = 0;

    for (size_t i = 0; i < work->job->n_paths; i++) {
        if (work->faces[i].status == LIMNER_E_NOMEM)
            return eval_refuse_memory(err);
        n_judged += work->faces[i].status == LIMNER_OK;
    }
    return n_judged ? 0 : eval_refuse(err, work->job, "pictures", work->faces[0].reason);
}

int eval_control(const eval_job *job, char *err)
{
    control_work work = {job, calloc(job->n_paths + 1, sizeof(*work.faces))};
    int result = -1;

    if (!work.faces)
        return eval_refuse_memory(err);
    eval_parallel(job->n_paths, job->n_threads, judge, tell, &work);
    result = check(&work, err);
    if (result == 0 && eval_control_report(job, work.faces) < 0)
        result = eval_refuse_memory(err);
    for (size_t i = 0; i < job->n_paths; i++)
        eval_controlled_close(&work.faces[i]);
    free(work.faces);
    return result;
}
