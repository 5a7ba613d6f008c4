/* SPDX-License-Identifier: Apache-2.0 */
/* limner eval speech: the clips one beside another, then the report; see eval.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/parallel.h"
#include "eval/refusal.h"
#include "eval/speech_report.h"

typedef struct speech_work {
    const eval_job *job;
    eval_script script;
    limner_portrait *portrait; /* of all; NULL: each clip's own */
    eval_speech_clip *clips;   /* [job->n_paths] */
} speech_work;

static void judge(void *user, size_t i)
{
    speech_work *w = user;

    eval_speech_clip_run(&w->clips[i], w->job, &w->script, w->portrait, w->job->paths[i]);
}

static void tell(void *user, size_t i, size_t n_done)
{
    const speech_work *w = user;

    eval_tell(w->job, i, n_done, w->clips[i].why);
}

static int open_portrait(speech_work *w, char *err)
{
    limner_portrait_options options;
    limner_io_image image;
    char detail[LIMNER_DETAIL_SIZE] = "";

    if (!w->job->portrait)
        return 0;
    if (limner_io_image_read(&image, w->job->portrait, err))
        return -1;
    const limner_photo photo = limner_io_image_photo(&image);
    limner_portrait_options_init(&options, sizeof(options));
    const limner_status st =
        limner_portrait_encode(&w->portrait, w->job->model, &photo, &options, detail);
    limner_io_image_close(&image);
    if (st < 0)
        snprintf(err, LIMNER_IO_ERROR_SIZE, "%s: %s", w->job->portrait,
                 *detail ? detail : limner_strerror(st));
    return st < 0 ? -1 : 0;
}

static size_t count_used(const speech_work *w)
{
    size_t n = 0;

    for (size_t i = 0; i < w->job->n_paths; i++)
        n += !w->clips[i].why[0];
    return n;
}

static int run(speech_work *w, char *err)
{
    if (open_portrait(w, err) ||
        (w->job->transcripts && eval_script_read(&w->script, w->job->transcripts, err)))
        return -1;
    eval_parallel(w->job->n_paths, w->job->n_threads, judge, tell, w);
    if (!count_used(w))
        return eval_refuse(err, w->job, "videos", w->clips[0].why);
    return eval_speech_report(w->job, w->clips) ? eval_refuse_memory(err) : 0;
}

int eval_speech(const eval_job *job, char *err)
{
    speech_work w = {.job = job, .clips = calloc(job->n_paths + 1, sizeof(*w.clips))};
    int bad = -1;

    if (w.clips)
        bad = run(&w, err);
    else
        eval_refuse_memory(err);
    for (size_t i = 0; w.clips && i < job->n_paths; i++)
        eval_speech_clip_close(&w.clips[i]);
    free(w.clips);
    eval_script_close(&w.script);
    limner_portrait_close(&w.portrait);
    return bad;
}
