/* SPDX-License-Identifier: Apache-2.0 */
/* limner bench: three measurements, each the median of several runs. The end-to-end run happens in
 * a child process once more, whose peak memory the system knows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_live.h"
#include "commands.h"
#include "face.h"
#include "job.h"
#include "machine.h"
#include "talk.h"

enum { N_FRAMES = 250, MAX_RUNS = 99, SOUND_S = 60, SOUND_HZ = 16000 };
#define TAU 6.283185307179586

typedef struct cli_measured {
    double render_fps, speak_fps, portrait_s;
    double peak_mib;   /* of a process that runs speak once */
    double cpu_s;      /* all its threads' work */
    cli_result stages; /* of the median speak */
    int speak_threads;
} cli_measured;

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof(*v), compare_doubles);
    return n % 2 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

/* ---- rendering alone ---- */

/* A head that turns, speaks and blinks, so that everything is drawn. */
static limner_motion moving(const limner_motion *photo, int frame)
{
    const float t = (float)frame / 25;
    limner_motion m = *photo;

    m.yaw += 12 * sinf(1.3f * t);
    m.pitch += 6 * sinf(0.9f * t);
    m.roll += 4 * sinf(0.7f * t);
    m.gaze_yaw += 10 * sinf(0.5f * t);
    m.expression[LIMNER_JAW_OPEN] = 0.3f + 0.3f * sinf(9 * t);
    m.expression[LIMNER_MOUTH_SMILE_LEFT] = m.expression[LIMNER_MOUTH_SMILE_RIGHT] =
        0.3f + 0.3f * sinf(2 * t);
    m.expression[LIMNER_EYE_BLINK_LEFT] = m.expression[LIMNER_EYE_BLINK_RIGHT] =
        frame % 75 < 6 ? 0.9f : 0;
    return m;
}

static int render_once(const cli_face *face, double *fps)
{
    char detail[LIMNER_DETAIL_SIZE] = "";
    limner_session *s = NULL;
    limner_settings set;
    limner_motion photo;
    limner_frame frame;
    int n = 0;

    limner_settings_init(&set, sizeof(set));
    set.n_threads = 1;
    limner_portrait_motion(face->portrait, &photo);
    limner_status st = limner_session_open(&s, face->models.model, face->portrait, &set, detail);
    const double started = cli_now_s();
    while (st >= 0 && n < N_FRAMES) {
        const limner_motion m = moving(&photo, n);
        st = limner_session_send_motion(s, &m);
        while (st >= 0 && (st = limner_session_receive(s, &frame)) == LIMNER_OK) {
            limner_frame_unref(&frame);
            n++;
        }
    }
    *fps = n / (cli_now_s() - started);
    limner_session_close(&s);
    return st < 0 ? cli_fail("rendering failed: %s", *detail ? detail : limner_strerror(st))
                  : CLI_OK;
}

static int measure_portrait_and_render(cli_measured *out, const cli_args *args, const char *photo)
{
    double seconds[MAX_RUNS], fps[MAX_RUNS];

    for (int i = 0; i < args->runs; i++) {
        const double started = cli_now_s();
        cli_face face;
        if (!cli_face_open(&face, args, photo, NULL, NULL))
            return CLI_FAILED;
        seconds[i] = cli_now_s() - started;
        const int status = render_once(&face, &fps[i]);
        cli_face_close(&face);
        if (status != CLI_OK)
            return status;
    }
    out->portrait_s = median(seconds, args->runs);
    out->render_fps = median(fps, args->runs);
    return CLI_OK;
}

/* ---- end to end ---- */

/* A sound for those who name none: a buzz in syllables, as much work as speech. */
static int make_sound(const char *path)
{
    static uint8_t wav[44 + 2 * SOUND_S * SOUND_HZ];
    static const uint8_t head[44] = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0"
                                    "\2\0\x10\0data";
    const uint32_t n_bytes = sizeof(wav) - 44;
    char err[LIMNER_IO_ERROR_SIZE];

    memcpy(wav, head, sizeof(head));
    for (int i = 0; i < 4; i++) {
        wav[4 + i] = (uint8_t)((n_bytes + 36) >> (8 * i));
        wav[40 + i] = (uint8_t)(n_bytes >> (8 * i));
    }
    for (int i = 0; i < SOUND_S * SOUND_HZ; i++) {
        const double t = (double)i / SOUND_HZ, level = fmax(0, sin(TAU * 2.5 * t));
        double v = 0;
        for (int k = 1; k < 20; k++)
            v += sin(TAU * 120 * k * t) / (k + 0.02 * (k - 5) * (k - 5));
        const int sample = (int)(6000 * level * v);
        wav[44 + 2 * i] = (uint8_t)sample;
        wav[45 + 2 * i] = (uint8_t)(sample >> 8);
    }
    return limner_io_file_write(path, wav, sizeof(wav), err) < 0 ? cli_fail("%s", err) : CLI_OK;
}

static double cpu_seconds(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           1e-6 * (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

/* One speak in a child; its peak memory and its work. */
static int measure_memory(cli_measured *out, const cli_args *args, const cli_task *task)
{
    struct rusage before, usage;
    int status = -1;

    fflush(NULL);
    getrusage(RUSAGE_CHILDREN, &before);
    const pid_t child = fork();
    if (child == 0) {
        cli_result result;
        _exit(cli_job_run(&result, args, task));
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        return cli_fail("the run for the peak memory failed");
    getrusage(RUSAGE_CHILDREN, &usage);
    out->peak_mib = (double)usage.ru_maxrss / 1024;
    out->cpu_s = cpu_seconds(&usage) - cpu_seconds(&before);
    return CLI_OK;
}

static int measure_speak(cli_measured *out, const cli_args *given, const char *photo,
                         const char *sound, const char *video)
{
    const cli_task task = {.portrait = photo, .voice = &sound, .n = 1};
    double fps[MAX_RUNS], sorted[MAX_RUNS];
    cli_result results[MAX_RUNS];
    cli_args args = *given;

    args.output = video;
    args.format = "mp4";
    args.is_quiet = true;
    args.is_json = false;
    args.threads = given->threads ? given->threads : 2;
    out->speak_threads = args.threads;
    /* First, while this process is still small: a child starts as a copy of it. */
    int status = measure_memory(out, &args, &task);
    for (int i = 0; i < args.runs && status == CLI_OK; i++) {
        status = cli_job_run(&results[i], &args, &task);
        fps[i] = sorted[i] = (double)results[i].n_frames / results[i].total_s;
    }
    if (status != CLI_OK)
        return status;
    out->speak_fps = median(sorted, args.runs);
    int nearest = 0;
    for (int i = 1; i < args.runs; i++)
        nearest = fabs(fps[i] - out->speak_fps) < fabs(fps[nearest] - out->speak_fps) ? i : nearest;
    out->stages = results[nearest];
    return CLI_OK;
}

/* ---- reporting ---- */

static void print_json(const cli_measured *m, const cli_args *args)
{
    const cli_result *r = &m->stages;
    char flags[64], cpu[128];

    cli_cpu_flags(flags, sizeof(flags));
    cli_cpu_name(cpu, sizeof(cpu));
    printf("{\"version\": \"%s\", \"commit\": \"%s\", \"cpu\": ", limner_version(), cli_commit());
    cli_json_text(stdout, cpu);
    printf(", \"cpu_flags\": \"%s\", \"runs\": %d, \"render_fps_1_thread\": %.2f, "
           "\"speak_fps\": %.2f, \"speak_threads\": %d, \"speak_cpu_s\": %.3f, "
           "\"portrait_s\": %.3f, \"peak_mib\": %.1f, "
           "\"stages\": {\"portrait_s\": %.3f, \"render_s\": %.3f, \"encoder_wait_s\": %.3f, "
           "\"finish_s\": %.3f, \"total_s\": %.3f, \"frames\": %ld}, \"frame_ms\": {\"p50\": %.2f, "
           "\"p95\": %.2f, \"p99\": %.2f}}\n",
           flags, (int)args->runs, m->render_fps, m->speak_fps, m->speak_threads, m->cpu_s,
           m->portrait_s, m->peak_mib, r->portrait_s, r->render_s, r->wait_s, r->finish_s,
           r->total_s, r->n_frames, r->frame_ms[0], r->frame_ms[1], r->frame_ms[2]);
}

static void print_text(const cli_measured *m, const cli_args *args)
{
    const cli_result *r = &m->stages;
    char flags[64], cpu[128];

    cli_cpu_flags(flags, sizeof(flags));
    cli_cpu_name(cpu, sizeof(cpu));
    printf("limner %s (%s), %s, %s; medians of %d\n", limner_version(), cli_commit(), cpu, flags,
           (int)args->runs);
    printf("%-38s %8.1f frames/s\n", "rendering, 1 thread", m->render_fps);
    printf("photo and sound to MP4, %2d threads     %8.1f frames/s\n", m->speak_threads,
           m->speak_fps);
    printf("%-38s %8.2f s for %ld frames\n", "the same in CPU time", m->cpu_s, r->n_frames);
    printf("%-38s %8.2f s\n", "photo to portrait", m->portrait_s);
    printf("%-38s %8.0f MiB\n", "peak memory", m->peak_mib);
    printf("stages of %ld frames: portrait %.2f s, session %.2f s, waiting for the encoder %.2f s, "
           "end of encoding %.2f s, all %.2f s\n",
           r->n_frames, r->portrait_s, r->render_s, r->wait_s, r->finish_s, r->total_s);
    printf("session time per frame: p50 %.2f ms, p95 %.2f ms, p99 %.2f ms\n", r->frame_ms[0],
           r->frame_ms[1], r->frame_ms[2]);
}

int cli_bench(const cli_args *args)
{
    char folder[LIMNER_IO_PATH_SIZE], photo[LIMNER_IO_PATH_SIZE], sound[LIMNER_IO_PATH_SIZE + 16],
        video[LIMNER_IO_PATH_SIZE + 16];
    const char *temporary = getenv("TMPDIR");
    cli_measured m = {0};

    if (args->portrait)
        snprintf(photo, sizeof(photo), "%s", args->portrait);
    else if (!limner_io_asset_find("demo.jpg", photo))
        return cli_fail("the demo portrait is not found; name a photo with --portrait");
    if (args->is_live)
        return cli_bench_live(args, photo);
    snprintf(folder, sizeof(folder), "%s/limner-bench-XXXXXX",
             temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(folder))
        return cli_fail("%s: cannot be made; set TMPDIR", folder);
    snprintf(sound, sizeof(sound), "%s/sound.wav", folder);
    snprintf(video, sizeof(video), "%s/video.mp4", folder);
    int status = args->audio ? CLI_OK : make_sound(sound);
    if (status == CLI_OK)
        status = measure_speak(&m, args, photo, args->audio ? args->audio : sound, video);
    if (status == CLI_OK)
        status = measure_portrait_and_render(&m, args, photo);
    unlink(sound);
    unlink(video);
    rmdir(folder);
    if (status == CLI_OK && args->is_json)
        print_json(&m, args);
    else if (status == CLI_OK)
        print_text(&m, args);
    return status;
}
