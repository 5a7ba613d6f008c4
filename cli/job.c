/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline: sound is read in blocks, or motion frame by frame, and sent to the session; frames
 * come out, are hashed, noted as motion and handed to the encoder's thread. */
#include "job.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "face.h"
#include "hash.h"
#include "outputs.h"
#include "talk.h"

enum { BLOCK_SAMPLES = 4096 };
#define LABEL                                                                                      \
    "Synthetic video made by Limner from one portrait and a voice; the person shown did "          \
    "not say this"
#define LABEL_DRIVEN                                                                               \
    "Synthetic video made by Limner from one portrait and a recorded motion; the person "          \
    "shown did not do this"

typedef struct cli_job {
    const cli_args *args;
    const char *portrait_path, *audio_path, *motion_path; /* with motion, sound may be NULL */
    cli_result *result;
    cli_face face;
    limner_io_audio *audio; /* what drives: this or */
    cli_drive drive;
    limner_motion asked; /* of the frame under way, when a file drives */
    limner_session *session;
    limner_io_video *video;
    limner_io_motion_writer *motion;
    limner_io_format format;
    limner_settings set;
    cli_progress progress;
    long n_expected;
    float *frame_s; /* [n_frames], room for n_room */
    long n_room;
    double since_frame_s; /* spent in the session since the last frame */
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

static bool is_pipe(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static int check_pipes(const cli_job *j)
{
    const cli_args *a = j->args;

    if (is_pipe(j->portrait_path) + is_pipe(j->audio_path) + is_pipe(j->motion_path) > 1) {
        cli_fail(j->motion_path ? "only one of PORTRAIT, MOTION and --audio can be standard input"
                                : "only one of PORTRAIT and AUDIO can be standard input");
        return CLI_USAGE;
    }
    if (is_pipe(a->output) && (a->is_json || a->prints_hash)) {
        cli_fail("--json and --hash want standard output, which the video takes");
        return CLI_USAGE;
    }
    return CLI_OK;
}

/* Before the work: no input is overwritten, and the motion, written last, can be. */
static int check_outputs(const cli_job *j)
{
    const char *const inputs[] = {j->portrait_path, j->audio_path, j->motion_path};
    const size_t n = sizeof(inputs) / sizeof(inputs[0]);
    const char *motion_out = j->args->motion_out;
    const bool is_single = j->format != LIMNER_IO_PNG_SEQUENCE;

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
    return CLI_OK;
}

static int open_session(cli_job *j)
{
    char detail[LIMNER_DETAIL_SIZE] = "";
    limner_controls controls = j->args->controls;

    limner_settings_init(&j->set, sizeof(j->set));
    if (j->audio)
        j->set.rate_hz = limner_io_audio_rate_hz(j->audio);
    j->set.fps_num = j->args->fps_num;
    j->set.fps_den = j->args->fps_den;
    j->set.n_threads = (uint32_t)j->args->threads;
    j->set.framing = (limner_framing)j->args->framing;
    j->set.pixel = limner_io_format_pixel(j->format);
    j->set.seed = j->args->seed;
    cli_frame_size(j->args, j->face.portrait, &j->set.width_px, &j->set.height_px);
    limner_status st =
        limner_session_open(&j->session, j->face.models.model, j->face.portrait, &j->set, detail);
    controls.is_still = j->args->is_still;
    if (st >= 0)
        st = limner_session_control(j->session, &controls);
    if (st < 0)
        return cli_fail("%s", *detail ? detail : limner_strerror(st));
    return CLI_OK;
}

static int open_outputs(cli_job *j)
{
    const limner_io_video_settings set = {.format = j->format,
                                          .width_px = j->set.width_px,
                                          .height_px = j->set.height_px,
                                          .fps_num = j->set.fps_num,
                                          .fps_den = j->set.fps_den,
                                          .preset = j->args->preset,
                                          .crf = j->args->crf,
                                          .audio_path = j->audio_path,
                                          .comment = j->motion_path ? LABEL_DRIVEN : LABEL,
                                          .n_threads = j->args->threads,
                                          .is_live = j->drive.is_live};

    if (j->args->motion_out &&
        limner_io_motion_writer_open(&j->motion, set.fps_num, set.fps_den, !j->drive.is_absolute,
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
    j->frame_s[n] = (float)j->since_frame_s;
    j->since_frame_s = 0;
    return CLI_OK;
}

static int take_frame(cli_job *j, const limner_frame *f)
{
    if (note_time(j) != CLI_OK)
        return CLI_FAILED;
    j->result->n_frames++;
    if (j->args->prints_hash || j->args->verify || j->args->is_json)
        j->result->hash = cli_hash_frame(j->result->hash, f);
    if (j->motion && limner_io_motion_writer_add(
                         j->motion, j->motion_path ? &j->asked : &f->generated, j->err) < 0)
        return fail_io(j);
    const double started = cli_now_s();
    const int failed = limner_io_video_write(j->video, f, j->err);
    j->result->wait_s += cli_now_s() - started;
    cli_progress_draw(&j->progress, j->result->n_frames, j->n_expected);
    return failed ? fail_io(j) : CLI_OK;
}

/* Takes all frames that are due. `status` becomes the session's last word. */
static int receive_frames(cli_job *j, limner_status *status)
{
    for (;;) {
        limner_frame frame;
        const double started = cli_now_s();
        *status = limner_session_receive(j->session, &frame);
        const double spent = cli_now_s() - started;
        j->since_frame_s += spent;
        j->result->render_s += spent;
        if (*status < 0)
            return cli_fail("rendering failed: %s", limner_strerror(*status));
        if (*status != LIMNER_OK)
            return CLI_OK;
        const int failed = take_frame(j, &frame);
        limner_frame_unref(&frame);
        if (failed)
            return failed;
    }
}

static int send_block(cli_job *j, const float *pcm, size_t n)
{
    while (n > 0) {
        limner_status due;
        size_t used = 0;
        const long n_before = j->result->n_frames;
        const double started = cli_now_s();
        const limner_status st = limner_session_send(j->session, pcm, n, &used);
        j->result->render_s += cli_now_s() - started;
        if (st < 0)
            return cli_fail("the sound is not taken: %s", limner_strerror(st));
        pcm += used;
        n -= used;
        if (receive_frames(j, &due) != CLI_OK)
            return CLI_FAILED;
        if (used == 0 && j->result->n_frames == n_before)
            return cli_fail("rendering stands still; please report this");
    }
    return CLI_OK;
}

static int run_sound(cli_job *j)
{
    static float pcm[BLOCK_SAMPLES];
    int64_t n, total = 0;

    while ((n = limner_io_audio_read(j->audio, pcm, BLOCK_SAMPLES, j->err)) > 0) {
        total += n;
        if (send_block(j, pcm, (size_t)n) != CLI_OK)
            return CLI_FAILED;
    }
    if (n < 0)
        return fail_io(j);
    j->result->sound_s = (double)total / limner_io_audio_rate_hz(j->audio);
    return CLI_OK;
}

static int run_motion(cli_job *j)
{
    limner_status due;
    limner_motion shown;
    int more;

    for (long n = 0; (more = cli_drive_frame(&j->drive, j->args, j->face.portrait, n, &j->asked,
                                             &shown)) > 0;
         n++) {
        const limner_status st = limner_session_send_motion(j->session, &shown);
        if (st != LIMNER_OK)
            return cli_fail("frame %ld of the motion is not taken: %s", n, limner_strerror(st));
        if (receive_frames(j, &due) != CLI_OK)
            return CLI_FAILED;
    }
    j->result->motion_s = cli_drive_duration_s(&j->drive);
    return more < 0 ? CLI_FAILED : CLI_OK;
}

/* The frames that wait for the end. */
static int drain(cli_job *j)
{
    limner_status due = LIMNER_AGAIN;

    if (limner_session_finish(j->session) < 0)
        return cli_fail("the end is not taken; please report this");
    while (due != LIMNER_EOS) {
        const long n_before = j->result->n_frames;
        if (receive_frames(j, &due) != CLI_OK)
            return CLI_FAILED;
        if (due != LIMNER_EOS && j->result->n_frames == n_before)
            return cli_fail("rendering stands still; please report this");
    }
    return CLI_OK;
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

static int open_source(cli_job *j)
{
    if (j->motion_path) {
        if (!cli_drive_open(&j->drive, j->args, j->motion_path))
            return CLI_FAILED;
        j->n_expected = cli_drive_n_frames(&j->drive, j->args);
        return CLI_OK;
    }
    if (cli_is_portrait_file(j->audio_path))
        return cli_fail("%s: is a portrait, not a sound; the portrait comes first, then the sound",
                        j->audio_path);
    if (limner_io_audio_open(&j->audio, j->audio_path, j->err) < 0)
        return fail_io(j);
    j->n_expected =
        (long)ceil(limner_io_audio_duration_s(j->audio) * j->args->fps_num / j->args->fps_den);
    return CLI_OK;
}

static int run(cli_job *j)
{
    const double started = cli_now_s();

    if (open_source(j) != CLI_OK ||
        !cli_face_open(&j->face, j->args, j->portrait_path, NULL, NULL))
        return CLI_FAILED;
    j->result->portrait_s = cli_now_s() - started;
    int status = open_session(j);
    if (status == CLI_OK)
        status = open_outputs(j);
    j->result->width_px = j->set.width_px;
    j->result->height_px = j->set.height_px;
    cli_progress_start(&j->progress, j->args->is_quiet);
    if (status == CLI_OK)
        status = j->motion_path ? run_motion(j) : run_sound(j);
    if (status == CLI_OK)
        status = drain(j);
    cli_progress_clear(&j->progress);
    if (status == CLI_OK)
        status = finish(j);
    j->result->total_s = cli_now_s() - started;
    return status;
}

static int run_and_close(cli_job *j)
{
    memset(j->result, 0, sizeof(*j->result));
    j->result->hash = CLI_HASH_START;
    int status = check_pipes(j);
    if (status == CLI_OK)
        status = choose_format(j);
    if (status == CLI_OK)
        status = check_outputs(j);
    if (status == CLI_OK)
        status = run(j);
    limner_io_video_abort(&j->video);
    limner_io_motion_writer_close(&j->motion, NULL, NULL);
    limner_session_close(&j->session);
    cli_face_close(&j->face);
    limner_io_audio_close(&j->audio);
    cli_drive_close(&j->drive);
    free(j->frame_s);
    return status;
}

int cli_job_run(cli_result *out, const cli_args *args, const char *portrait, const char *audio)
{
    cli_job j = {
        .args = args, .portrait_path = portrait, .audio_path = audio, .result = out};

    return run_and_close(&j);
}

int cli_job_drive(cli_result *out, const cli_args *args, const char *portrait, const char *motion,
                  const char *audio)
{
    cli_job j = {.args = args,
                 .portrait_path = portrait,
                 .audio_path = audio,
                 .motion_path = motion,
                 .result = out};

    return run_and_close(&j);
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
             "%s: %ld frames, %.2f s of %ux%u video in %.1f s "
             "(%.1f frames/s)",
             strcmp(a->output, "-") == 0 ? "standard output" : a->output, r->n_frames,
             (double)r->n_frames * a->fps_den / a->fps_num, r->width_px, r->height_px, r->total_s,
             (double)r->n_frames / r->total_s);
    if (a->prints_frame_times)
        fprintf(stderr, "time per frame: p50 %.2f ms, p95 %.2f ms, p99 %.2f ms, largest %.2f ms\n",
                r->frame_ms[0], r->frame_ms[1], r->frame_ms[2], r->frame_ms[3]);
    if (a->verify && strcmp(a->verify, hash) != 0)
        return cli_fail("--verify: the hash is %s, expected was %s", hash, a->verify);
    return CLI_OK;
}
