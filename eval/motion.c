/* SPDX-License-Identifier: Apache-2.0 */
/* How real people move while they talk: every clip is tracked, its figures are taken, and what is
 * left of it is small, so that thousands can be laid together. */
#include "eval/motion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/parallel.h"
#include "eval/refusal.h"
#include "eval/talk_parts.h"

typedef struct motion_work {
    const eval_job *job;
    eval_motion_clip *clips; /* [job->n_paths] */
} motion_work;

static void copy_text(char *out, size_t size, const char *text, size_t n)
{
    const size_t len = n < size - 1 ? n : size - 1;

    memcpy(out, text, len);
    out[len] = '\0';
}

/* "sadtalker/a.mp4" of any path that ends so, and "sadtalker". */
static void name_clip(eval_motion_clip *clip, const char *path)
{
    const char *slash = strrchr(path, '/'), *folder = slash ? slash : path;

    while (folder > path && folder[-1] != '/')
        folder--;
    copy_text(clip->name, sizeof(clip->name), folder, strlen(folder));
    copy_text(clip->source, sizeof(clip->source), slash ? folder : ".",
              slash ? (size_t)(slash - folder) : 1);
}

static int keep_blinks(eval_motion_clip *clip, const eval_take *take)
{
    eval_run *run = malloc((take->n_frames + 1) * sizeof(*run));
    const int n = run ? eval_blinks(run, take->n_frames, take) : -1;

    if (n >= 0)
        clip->blink_ms = malloc(((size_t)n + 1) * sizeof(*clip->blink_ms));
    for (int i = 0; clip->blink_ms && i < n; i++)
        clip->blink_ms[clip->n_blinks++] = 1000 * (double)(run[i].end - run[i].first) / take->fps;
    free(run);
    return clip->blink_ms ? 0 : -1;
}

static int keep_sound(eval_motion_clip *clip, const eval_take *take)
{
    const size_t n = take->n_frames;
    double *opening = malloc((n + 1) * sizeof(*opening));
    double *loudness = malloc((n + 1) * sizeof(*loudness));
    int st = opening && loudness ? 0 : -1;

    if (st == 0)
        eval_take_series(opening, take, EVAL_OPENING);
    for (int k = 0; st == 0 && k < EVAL_N_SHIFTS; k++) {
        st = eval_take_loudness(loudness, NULL, take, (k - EVAL_N_SHIFTS / 2) * EVAL_SHIFT_S);
        clip->sound_r[k] = eval_pearson(opening, loudness, n);
    }
    free(opening);
    free(loudness);
    return st;
}

static int keep(eval_motion_clip *clip, const eval_take *take)
{
    if (eval_talk_of(&clip->talk, take) < 0)
        return -1;
    if (clip->talk.seconds >= EVAL_RATE_MIN_S && eval_head_spectrum(clip->power, take) < 0)
        return -1;
    return keep_blinks(clip, take) < 0 || keep_sound(clip, take) < 0 ? -1 : 0;
}

static void judge(void *user, size_t i)
{
    const motion_work *work = user;
    const eval_job *job = work->job;
    eval_motion_clip *clip = &work->clips[i];
    eval_take take;

    name_clip(clip, job->paths[i]);
    if (eval_take_of_video(&take, job->model, job->paths[i], job->max_s, clip->reason) < 0)
        return;
    if (keep(clip, &take) < 0)
        snprintf(clip->reason, sizeof(clip->reason), "not enough memory");
    else if (!(clip->talk.found > 0))
        snprintf(clip->reason, sizeof(clip->reason), "no face found in any of its frames");
    eval_take_close(&take);
}

static void tell(void *user, size_t i, size_t n_done)
{
    const motion_work *work = user;

    eval_tell(work->job, i, n_done, work->clips[i].reason);
}

static int check(const motion_work *work, char *err)
{
    for (size_t i = 0; i < work->job->n_paths; i++) {
        if (!*work->clips[i].reason)
            return 0;
    }
    return eval_refuse(err, work->job, "videos", work->clips[0].reason);
}

int eval_motion(const eval_job *job, char *err)
{
    motion_work work = {job, calloc(job->n_paths + 1, sizeof(*work.clips))};

    if (!work.clips)
        return eval_refuse_memory(err);
    eval_parallel(job->n_paths, job->n_threads, judge, tell, &work);
    int st = check(&work, err);
    if (st == 0 && eval_motion_report(job->report, work.clips, job->n_paths) < 0)
        st = eval_refuse_memory(err);
    for (size_t i = 0; i < job->n_paths; i++)
        free(work.clips[i].blink_ms);
    free(work.clips);
    return st;
}
