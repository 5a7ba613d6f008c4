/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline: the cast's frames are hashed, noted as motion and handed to the encoder's thread,
 * which puts the sound to them. */
#include "job.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "hash.h"
#include "machine.h"
#include "outputs.h"
#include "role.h"
#include "talk.h"

#define LABEL                                                                                      \
    "Synthetic video made by Limner from one portrait and a voice; the person shown did "          \
    "not say this"
#define LABEL_DRIVEN                                                                               \
    "Synthetic video made by Limner from one portrait and a recorded motion; the person "          \
    "shown did not do this"

/* Up to this size encoding takes less than rendering: one thread for three does it beside the
 * sessions' own. More would only keep those waiting that wait for each other in every frame. */
enum { SMALL_PX = 1280 * 1280 };

typedef struct cli_job {
    const cli_args *args;
    const cli_task *task;
    cli_result *result;
    cli_cast cast;
    limner_io_mix mix; /* of several sounds */
    limner_io_video *video;
    limner_io_motion_writer *motion;
    limner_io_format format;
    limner_settings set;
    cli_progress progress;
    long n_expected;
    float *frame_s; /* [n_frames], room for n_room */
    long n_room;
    double noted_s; /* in the sessions, up to the last frame */
    char err[LIMNER_IO_ERROR_SIZE];
} cli_job;

static int fail_io(const cli_job *j)
{
    return cli_fail("%s", j->err);
}

/* ---- opening ---- */

static int choose_format(cli_job *j)
{
    static const struct {
        const char *name;
        limner_io_format format;
    } names[] = {{"mp4", LIMNER_IO_MP4},         {"mov", LIMNER_IO_MOV_ALPHA},
                 {"webm", LIMNER_IO_WEBM_ALPHA}, {"png", LIMNER_IO_PNG_SEQUENCE},
                 {"y4m", LIMNER_IO_Y4M},         {"raw", LIMNER_IO_RAW}};
    const bool has_alpha = j->args->framing == LIMNER_FRAMING_ALPHA;

    if (!j->args->format) {
        if (limner_io_format_of(&j->format, j->args->output, has_alpha, j->err) < 0) {
            fail_io(j);
            return CLI_USAGE;
        }
        return CLI_OK;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].name, j->args->format) == 0)
            j->format = names[i].format;
    }
    if (has_alpha && limner_io_format_pixel(j->format) != LIMNER_PIXEL_RGBA) {
        cli_fail("--frame alpha: %s cannot hold transparency; use mov, webm or png",
                 j->args->format);
        return CLI_USAGE;
    }
    if (j->format == LIMNER_IO_PNG_SEQUENCE && strcmp(j->args->output, "-") == 0) {
        cli_fail("--format png: a sequence of files cannot go to standard output");
        return CLI_USAGE;
    }
    return CLI_OK;
}

/* What the format's encoder would pass over without a word. */
static int check_encoder(const cli_job *j)
{
    const bool is_h264 = j->format == LIMNER_IO_MP4;

    if (j->args->preset && !is_h264)
        cli_fail("--preset is only for .mp4");
    else if (j->args->crf >= 0 && !is_h264 && j->format != LIMNER_IO_WEBM_ALPHA)
        cli_fail("--crf is only for .mp4 and .webm");
    else
        return CLI_OK;
    return CLI_USAGE;
}

static bool is_pipe(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static int check_pipes(const cli_job *j)
{
    const cli_args *a = j->args;
    int n = is_pipe(j->task->portrait);

    for (int i = 0; i < j->task->n; i++) {
        n += is_pipe(j->task->voice[i]);
        n += is_pipe(j->task->sound[i]);
    }
    if (n > 1) {
        cli_fail(j->task->is_driven
                     ? "only one of PORTRAIT, MOTION and --audio can be standard input"
                     : "only one of PORTRAIT and AUDIO can be standard input");
        return CLI_USAGE;
    }
    if ((is_pipe(a->output) || is_pipe(a->motion_out)) && (a->is_json || a->prints_hash)) {
        cli_fail("--json and --hash want standard output, which the %s takes",
                 is_pipe(a->output) ? "video" : "motion");
        return CLI_USAGE;
    }
    return CLI_OK;
}

/* Before the work: no input is overwritten, and the motion, written last, can be. */
static int check_outputs(const cli_job *j)
{
    const char *inputs[2 + 2 * CLI_MAX_FACES] = {j->task->portrait, j->args->timeline};
    const char *motion_out = j->args->motion_out;
    const bool is_single = j->format != LIMNER_IO_PNG_SEQUENCE;
    size_t n = 2;

    for (int i = 0; i < j->task->n; i++) {
        inputs[n++] = j->task->voice[i];
        inputs[n++] = j->task->sound[i];
    }
    if (is_single && !cli_output_is_apart(j->args->output, inputs, n))
        return CLI_FAILED;
    if (motion_out && (!cli_output_is_apart(motion_out, inputs, n) ||
                       !cli_output_is_possible(motion_out)))
        return CLI_FAILED;
    if (motion_out && strcmp(motion_out, j->args->output) == 0) {
        cli_fail("%s: the video and --motion-out want the same %s; name two", motion_out,
                 is_pipe(motion_out) ? "pipe" : "file");
        return CLI_USAGE;
    }
    return cli_output_is_named(motion_out, "the motion is a CSV file", ".csv") ? CLI_OK : CLI_USAGE;
}

static int encoder_threads(const cli_job *j)
{
    const int n = cli_threads(j->args->threads);
    const bool is_small = j->set.width_px * j->set.height_px <= SMALL_PX;

    return is_small && !j->cast.role[0].drive.is_live ? (n + 2) / 3 : n;
}

static int open_session(cli_job *j)
{
    limner_settings_init(&j->set, sizeof(j->set));
    j->set.fps_num = j->args->fps_num;
    j->set.fps_den = j->args->fps_den;
    j->set.n_threads = (uint32_t)j->args->threads;
    j->set.framing = (limner_framing)j->args->framing;
    j->set.pixel = limner_io_format_pixel(j->format);
    j->set.seed = j->args->seed;
    cli_frame_size(j->args, j->cast.role[0].portrait, &j->set.width_px, &j->set.height_px);
    return cli_cast_begin(&j->cast, j->args, &j->set) ? CLI_OK : CLI_FAILED;
}

/* Where a face is in the photo, -1 the left border .. 1 the right. */
static float place_of(const limner_portrait *p)
{
    limner_face_box crop;
    uint32_t w, h;

    limner_portrait_geometry(p, NULL, &crop, &w, &h);
    const float at = 2 * (crop.x_px + crop.width_px / 2) / (float)w - 1;
    return at < -1 ? -1 : at > 1 ? 1 : at;
}

/* The video's sound: that of the one, or a mix in which each comes from its face's place. NULL when
 * there is none. */
static int find_sound(cli_job *j, const char **path)
{
    const cli_task *t = j->task;
    const char *sounds[CLI_MAX_FACES];
    float place[CLI_MAX_FACES];
    int n = 0;

    for (int i = 0; i < t->n; i++) {
        sounds[n] = t->is_driven ? t->sound[i] : t->voice[i];
        place[n] = t->n > 1 ? place_of(j->cast.role[i].portrait) : 0;
        n += sounds[n] != NULL;
    }
    *path = n ? sounds[0] : NULL;
    if (n < 2)
        return CLI_OK;
    if (limner_io_mix_open(&j->mix, sounds, place, (size_t)n, j->err) < 0)
        return fail_io(j);
    *path = j->mix.path;
    return CLI_OK;
}

static int open_outputs(cli_job *j)
{
    const cli_drive *drive = &j->cast.role[0].drive;
    const char *sound;
    if (find_sound(j, &sound) != CLI_OK)
        return CLI_FAILED;
    const limner_io_video_settings set = {.format = j->format,
                                          .width_px = j->set.width_px,
                                          .height_px = j->set.height_px,
                                          .fps_num = j->set.fps_num,
                                          .fps_den = j->set.fps_den,
                                          .preset = j->args->preset,
                                          .crf = j->args->crf,
                                          .audio_path = sound,
                                          .comment = j->task->is_driven ? LABEL_DRIVEN : LABEL,
                                          .n_threads = encoder_threads(j),
                                          .is_live = drive->is_live};

    if (j->args->motion_out &&
        limner_io_motion_writer_open(&j->motion, set.fps_num, set.fps_den, !drive->is_absolute,
                                     j->err) < 0)
        return fail_io(j);
    return limner_io_video_open(&j->video, j->args->output, &set, j->err) < 0 ? fail_io(j) : CLI_OK;
}

/* ---- running ---- */

static int note_time(cli_job *j)
{
    const long n = j->result->n_frames;

    if (n == j->n_room) {
        const long room = n ? 2 * n : 1024;
        float *more = realloc(j->frame_s, (size_t)room * sizeof(*more));
        if (!more)
            return cli_fail("not enough memory");
        j->frame_s = more;
        j->n_room = room;
    }
    j->frame_s[n] = (float)(j->cast.spent_s - j->noted_s);
    j->noted_s = j->cast.spent_s;
    return CLI_OK;
}

static int take_frame(cli_job *j, const limner_frame *f)
{
    if (note_time(j) != CLI_OK)
        return CLI_FAILED;
    j->result->n_frames++;
    if (j->args->prints_hash || j->args->verify || j->args->is_json)
        j->result->hash = cli_hash_frame(j->result->hash, f);
    if (j->motion &&
        limner_io_motion_writer_add(
            j->motion, j->task->is_driven ? &j->cast.role[0].asked : &f->generated, j->err) < 0)
        return fail_io(j);
    const double started = cli_now_s();
    const int failed = limner_io_video_write(j->video, f, j->err);
    j->result->wait_s += cli_now_s() - started;
    cli_progress_draw(&j->progress, j->result->n_frames, j->n_expected);
    return failed ? fail_io(j) : CLI_OK;
}

static int run_frames(cli_job *j)
{
    limner_frame frame;
    int more, status = CLI_OK;

    while (status == CLI_OK && (more = cli_cast_next(&j->cast, j->args, &frame)) != 0) {
        if (more < 0)
            return CLI_FAILED;
        status = take_frame(j, &frame);
        limner_frame_unref(&frame);
    }
    j->result->render_s = j->cast.spent_s;
    j->result->sound_s = cli_cast_heard_s(&j->cast);
    for (int i = 0; i < j->task->n && j->task->is_driven; i++)
        j->result->motion_s =
            fmax(j->result->motion_s, cli_drive_duration_s(&j->cast.role[i].drive));
    return status;
}

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static void sum_up_times(cli_job *j)
{
    static const double shares[4] = {0.5, 0.95, 0.99, 1};
    const long n = j->result->n_frames;

    qsort(j->frame_s, (size_t)n, sizeof(*j->frame_s), compare_floats);
    for (int i = 0; i < 4 && n > 0; i++)
        j->result->frame_ms[i] = 1e3 * (double)j->frame_s[(long)(shares[i] * (double)(n - 1))];
}

static int finish(cli_job *j)
{
    const double started = cli_now_s();

    if (j->motion && limner_io_motion_writer_close(&j->motion, j->args->motion_out, j->err) < 0)
        return fail_io(j);
    if (limner_io_video_finish(&j->video, j->err) < 0)
        return fail_io(j);
    j->result->finish_s = cli_now_s() - started;
    sum_up_times(j);
    return CLI_OK;
}

/* Faces with a sound or motion, in the order of the command line, then those that idle. */
static int assign_roles(cli_job *j)
{
    const cli_args *a = j->args;

    if (!cli_cast_init(&j->cast, j->task->n + a->idle.n))
        return CLI_FAILED;
    j->cast.is_driven = j->task->is_driven;
    for (int i = 0; i < j->cast.n; i++) {
        cli_role *r = &j->cast.role[i];
        const int k = i - j->task->n;
        r->path = k < 0 ? j->task->voice[i] : NULL;
        r->number = k >= 0 ? a->idle.v[k] : a->faces.n ? a->faces.v[i] : a->face;
    }
    return CLI_OK;
}

static int run(cli_job *j)
{
    const double started = cli_now_s();

    if (assign_roles(j) != CLI_OK || !cli_cast_open(&j->cast, j->args, j->task->portrait))
        return CLI_FAILED;
    j->n_expected = cli_cast_n_frames(&j->cast, j->args);
    j->result->portrait_s = cli_now_s() - started;
    int status = open_session(j);
    if (status == CLI_OK)
        status = open_outputs(j);
    j->result->width_px = j->set.width_px;
    j->result->height_px = j->set.height_px;
    cli_progress_start(&j->progress, j->args->is_quiet);
    if (status == CLI_OK)
        status = run_frames(j);
    cli_progress_clear(&j->progress);
    if (status == CLI_OK)
        status = finish(j);
    j->result->total_s = cli_now_s() - started;
    return status;
}

int cli_job_run(cli_result *out, const cli_args *args, const cli_task *task)
{
    cli_job j = {.args = args, .task = task, .result = out};

    memset(out, 0, sizeof(*out));
    out->hash = CLI_HASH_START;
    int status = check_pipes(&j);
    if (status == CLI_OK)
        status = choose_format(&j);
    if (status == CLI_OK)
        status = check_encoder(&j);
    if (status == CLI_OK)
        status = check_outputs(&j);
    if (status == CLI_OK)
        status = run(&j);
    limner_io_video_abort(&j.video);
    limner_io_motion_writer_close(&j.motion, NULL, NULL);
    limner_io_mix_close(&j.mix);
    cli_cast_close(&j.cast);
    free(j.frame_s);
    return status;
}

/* ---- reporting ---- */

static void print_json(const cli_result *r, const cli_args *a)
{
    printf("{\"output\": ");
    cli_json_text(stdout, a->output);
    printf(", \"width_px\": %u, \"height_px\": %u, \"fps\": %.6g, \"frames\": %ld, "
           "\"%s\": %.4f, \"total_s\": %.3f, \"portrait_s\": %.3f, \"render_s\": %.3f, "
           "\"encoder_wait_s\": %.3f, \"finish_s\": %.3f, \"frame_ms\": {\"p50\": %.2f, "
           "\"p95\": %.2f, \"p99\": %.2f, \"max\": %.2f}, \"hash\": \"%016" PRIx64 "\"}\n",
           r->width_px, r->height_px, (double)a->fps_num / a->fps_den, r->n_frames,
           r->sound_s > 0 ? "sound_s" : "motion_s", r->sound_s > 0 ? r->sound_s : r->motion_s,
           r->total_s, r->portrait_s, r->render_s, r->wait_s, r->finish_s, r->frame_ms[0],
           r->frame_ms[1], r->frame_ms[2], r->frame_ms[3], r->hash);
}

int cli_job_report(const cli_result *r, const cli_args *a)
{
    char hash[17];

    snprintf(hash, sizeof(hash), "%016" PRIx64, r->hash);
    if (a->is_json)
        print_json(r, a);
    else if (a->prints_hash)
        puts(hash);
    cli_note(a->is_quiet || a->is_json,
             "%s: %ld %s, %.2f s of %ux%u video in %.1f s "
             "(%.1f frames/s)",
             strcmp(a->output, "-") == 0 ? "standard output" : a->output, r->n_frames,
             r->n_frames == 1 ? "frame" : "frames",
             (double)r->n_frames * a->fps_den / a->fps_num, r->width_px, r->height_px, r->total_s,
             (double)r->n_frames / r->total_s);
    if (a->prints_frame_times)
        fprintf(stderr, "time per frame: p50 %.2f ms, p95 %.2f ms, p99 %.2f ms, largest %.2f ms\n",
                r->frame_ms[0], r->frame_ms[1], r->frame_ms[2], r->frame_ms[3]);
    if (a->verify && strcmp(a->verify, hash) != 0)
        return cli_fail("--verify: the hash is %s, expected was %s", hash, a->verify);
    return CLI_OK;
}
