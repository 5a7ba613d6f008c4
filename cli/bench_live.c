/* SPDX-License-Identifier: Apache-2.0 */
/* Each stream is a clocked session that hears syllables (a burst of noise and a vowel, after a
 * pause) in packets of 10 ms, as a microphone gives them. Workers serve their streams in the order
 * in which frames are due. Measured from the time at which a syllable begins, its first sample not
 * yet sent: until the frame of that time has left the library, and until a frame has left whose
 * lips have opened half way. With --fast the clock does not wait: a frame leaves when it is due,
 * and later by the processor time it took, so that other work on the machine does not count. */
#include "bench_live.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "face.h"
#include "machine.h"
#include "talk.h"

/* The syllables' period is no multiple of a frame's: they begin at any time within one. */
enum { RATE_HZ = 16000, PACKET = 160, PERIOD = 10953, QUIET = 5600, BURST = 160, VOWEL = 3600 };
enum { MAX_WORKERS = 64, DEFAULT_S = 20 };
#define TAU 6.283185307179586
#define SEEN 0.05f      /* lips that open less have not been seen to */
#define WINDOW_S 0.6    /* from a syllable's start, until it must have been seen */

typedef struct shown {
    double due_s, left_s, cost_s;       /* from the start; cost: in the library */
    int64_t pts;
    float opening;                      /* of the lips */
} shown;

typedef struct stream {
    limner_session *session;
    int64_t n_sent, behind, most_behind;        /* samples; behind: silence assumed, by and large */
    int64_t *place;                     /* [n_onsets]: where a syllable lies on the clock */
    shown *frame;                       /* [n_room] */
    long n_frames;
    limner_status st;
} stream;

typedef struct bench {
    const cli_args *args;
    double seconds, period_s, started_s;
    long n_room, n_onsets;
    int n_streams, n_workers;
    stream *streams;
    long rss_kib[2];                    /* after a fifth of the time, and at the end */
} bench;

typedef struct worker {
    pthread_t thread;
    bench *b;
    int first;                          /* its streams: first, first + n_workers, ... */
    double fast_s;                      /* its clock, with --fast */
} worker;

typedef struct spread {
    double p50, p95, p99, most;
    long n;
} spread;

/* ---- sound and clock ---- */

static float pcm[PERIOD + PACKET]; /* a period, and its start again, to be cut anywhere */

static void fill_period(void)
{
    uint32_t noise = 1;

    for (int i = 0; i < BURST; i++) {
        noise = noise * 1664525u + 1013904223u;
        pcm[QUIET + i] = 0.2f * ((float)(noise >> 8) / 8388608 - 1);
    }
    for (int i = 0; i < VOWEL; i++) {
        const double t = (double)i / RATE_HZ, phase = fmod(t * 120, 1);
        pcm[QUIET + BURST + i] = (float)(0.4 * exp(-4 * phase) * sin(TAU * 0.5 * i / VOWEL) *
                                         (sin(TAU * 750 * t) + 0.5 * sin(TAU * 1250 * t)));
    }
}

static double now_s(const worker *w)
{
    return w->b->args->is_fast ? w->fast_s : cli_now_s() - w->b->started_s;
}

static void wait_until(worker *w, double at_s)
{
    if (w->b->args->is_fast) {
        w->fast_s = at_s > w->fast_s ? at_s : w->fast_s;
        return;
    }
    const double at = at_s + w->b->started_s;
    const struct timespec t = {(time_t)at, (long)((at - floor(at)) * 1e9)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        continue;
}

/* What a frame's cost is measured by. */
static double work_s(const worker *w)
{
    struct timespec t;

    if (!w->b->args->is_fast)
        return cli_now_s();
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static long rss_kib(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0;

    if (f && fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* ---- running ---- */

/* What the microphone has given by now. */
static void send_packets(const bench *b, stream *s, int64_t now)
{
    for (; s->n_sent + PACKET <= now; s->n_sent += PACKET) {
        const long k = (long)(s->n_sent / PERIOD);
        const int64_t onset = (int64_t)k * PERIOD + QUIET;

        limner_session_send_live(s->session, now, pcm + s->n_sent % PERIOD, PACKET);
        s->behind = limner_session_sound_samples(s->session) - s->n_sent - PACKET;
        s->most_behind = s->behind > s->most_behind ? s->behind : s->most_behind;
        if (k < b->n_onsets && onset >= s->n_sent && onset < s->n_sent + PACKET)
            s->place[k] = onset + s->behind;
    }
}

static float opening(const limner_motion *m)
{
    return m->expression[LIMNER_JAW_OPEN] - m->expression[LIMNER_MOUTH_CLOSE] +
           0.5f * (m->expression[LIMNER_MOUTH_LOWER_DOWN_LEFT] +
                   m->expression[LIMNER_MOUTH_UPPER_UP_LEFT]);
}

static void take_frame(worker *w, stream *s, double due_s)
{
    const int64_t now = (int64_t)(now_s(w) * RATE_HZ);
    limner_frame f;

    send_packets(w->b, s, now);
    const double before = work_s(w);
    s->st = limner_session_receive_due(s->session, now, &f);
    const double cost = work_s(w) - before;
    if (s->st != LIMNER_OK || s->n_frames == w->b->n_room)
        return;
    s->frame[s->n_frames++] = (shown){due_s, now_s(w) + (w->b->args->is_fast ? cost : 0), cost,
                                      f.pts_samples, opening(&f.generated)};
    limner_frame_unref(&f);
}

/* One worker's streams, each frame at its time, to the end. */
static void *serve(void *arg)
{
    worker *w = arg;
    bench *b = w->b;
    bool is_early = true;

    for (;;) {
        stream *s = NULL;
        int64_t due = INT64_MAX;
        for (int i = w->first; i < b->n_streams; i += b->n_workers) {
            const int64_t d = limner_session_due_samples(b->streams[i].session);
            s = d < due ? &b->streams[i] : s;
            due = d < due ? d : due;
        }
        const double due_s = (double)due / RATE_HZ;
        if (due_s >= b->seconds || s->st < 0)
            return NULL;
        wait_until(w, due_s + 1e-6);
        take_frame(w, s, due_s);
        if (w->first == 0 && is_early && due_s > 0.2 * b->seconds) {
            b->rss_kib[0] = rss_kib();
            is_early = false;
        }
    }
}

static limner_status open_streams(bench *b, const cli_face *face, char *detail)
{
    limner_settings set;
    limner_status st = LIMNER_OK;

    limner_settings_init(&set, sizeof(set));
    set.rate_hz = RATE_HZ;
    set.fps_num = b->args->fps_num;
    set.fps_den = b->args->fps_den;
    cli_frame_size(b->args, face->portrait, &set.width_px, &set.height_px);
    set.n_threads = b->n_streams > 1 || b->args->is_fast ? 1 : (uint32_t)b->args->threads;
    set.is_clocked = 1;
    for (int i = 0; i < b->n_streams && st >= 0; i++) {
        stream *s = &b->streams[i];
        set.seed = (uint64_t)i;
        s->place = calloc((size_t)b->n_onsets, sizeof(*s->place));
        s->frame = malloc((size_t)b->n_room * sizeof(*s->frame));
        st = !s->place || !s->frame
                 ? LIMNER_E_NOMEM
                 : limner_session_open(&s->session, face->models.model, face->portrait, &set,
                                       detail);
        if (st >= 0)    /* touched now, so that no memory grows later */
            memset(s->frame, 1, (size_t)b->n_room * sizeof(*s->frame));
    }
    return st;
}

static limner_status run_streams(bench *b)
{
    worker workers[MAX_WORKERS] = {0};
    limner_status st = LIMNER_OK;
    int n = 0;

    b->started_s = cli_now_s();
    for (; n < b->n_workers; n++) {
        workers[n].b = b;
        workers[n].first = n;
        if (pthread_create(&workers[n].thread, NULL, serve, &workers[n])) {
            st = LIMNER_E_NOMEM;
            break;
        }
    }
    for (int i = 0; i < n; i++)
        pthread_join(workers[i].thread, NULL);
    b->rss_kib[1] = rss_kib();
    for (int i = 0; i < b->n_streams && st >= 0; i++)
        st = b->streams[i].st < 0 ? b->streams[i].st : st;
    return st;
}

/* ---- what was measured ---- */

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* In milliseconds, of seconds; sorts them. */
static spread spread_of(double *v, long n)
{
    if (n == 0)
        return (spread){NAN, NAN, NAN, NAN, 0};
    qsort(v, (size_t)n, sizeof(*v), compare_doubles);
    return (spread){1e3 * v[n / 2], 1e3 * v[n * 95 / 100], 1e3 * v[n * 99 / 100], 1e3 * v[n - 1],
                    n};
}

typedef struct delays {
    double *to_frame, *to_lips;         /* seconds */
    long n_frame, n_lips, n_unseen;
} delays;

/* One syllable, which begins at onset_s and place; *from moves on from syllable to syllable. */
static void add_syllable(delays *d, const stream *s, double onset_s, int64_t place, long *from)
{
    long k = *from, first;
    float most = 0;

    while (k < s->n_frames && s->frame[k].left_s <= onset_s)
        k++;
    *from = first = k;
    for (; k < s->n_frames && s->frame[k].left_s < onset_s + WINDOW_S; k++)
        most = fmaxf(most, s->frame[k].opening);
    if (k == s->n_frames)               /* the end is near */
        return;
    for (k = first; s->frame[k].pts < place; k++)
        continue;
    d->to_frame[d->n_frame++] = s->frame[k].left_s - onset_s;
    const float least = s->frame[first].opening;
    if (most - least < SEEN) {
        d->n_unseen++;
        return;
    }
    for (k = first; s->frame[k].opening < 0.5f * (least + most); k++)
        continue;
    d->to_lips[d->n_lips++] = s->frame[k].left_s - onset_s;
}

typedef struct measured {
    spread to_frame, to_lips, cost, early_cost, late_cost;      /* ms */
    double first_ms, behind_ms, period_ms;
    long n_frames, n_late, n_unseen;
} measured;

static spread cost_of(const bench *b, double *v, double from, double to)
{
    long n = 0;

    for (int i = 0; i < b->n_streams; i++) {
        const stream *s = &b->streams[i];
        for (long k = (long)(from * (double)s->n_frames); k < (long)(to * (double)s->n_frames); k++)
            v[n++] = s->frame[k].cost_s;
    }
    return spread_of(v, n);
}

static int measure(measured *m, const bench *b)
{
    const size_t n = (size_t)b->n_streams * (size_t)b->n_room;
    double *v = malloc(3 * n * sizeof(*v));
    delays d = {.to_frame = v + n, .to_lips = v + 2 * n};

    if (!v)
        return cli_fail("not enough memory");
    *m = (measured){.period_ms = 1e3 * b->period_s};
    for (int i = 0; i < b->n_streams; i++) {
        const stream *s = &b->streams[i];
        long from = 0;
        for (long k = 0; k < b->n_onsets && s->place[k]; k++)
            add_syllable(&d, s, ((double)k * PERIOD + QUIET) / RATE_HZ, s->place[k], &from);
        for (long k = 0; k < s->n_frames; k++)
            m->n_late += s->frame[k].left_s - s->frame[k].due_s > b->period_s;
        m->n_frames += s->n_frames;
        m->first_ms = fmax(m->first_ms, s->n_frames ? 1e3 * s->frame[0].left_s : NAN);
        m->behind_ms = fmax(m->behind_ms, 1e3 * (double)s->most_behind / RATE_HZ);
    }
    m->n_unseen = d.n_unseen;
    m->to_frame = spread_of(d.to_frame, d.n_frame);
    m->to_lips = spread_of(d.to_lips, d.n_lips);
    m->cost = cost_of(b, v, 0, 1);
    m->early_cost = cost_of(b, v, 0.1, 0.2);
    m->late_cost = cost_of(b, v, 0.9, 1);
    free(v);
    return CLI_OK;
}

static void print_spread_json(const char *name, const spread *s)
{
    if (s->n)
        printf(", \"%s\": {\"p50\": %.2f, \"p95\": %.2f, \"p99\": %.2f, \"max\": %.2f, \"n\": %ld}",
               name, s->p50, s->p95, s->p99, s->most, s->n);
}

static void print_json(const measured *m, const bench *b)
{
    char cpu[128];

    cli_cpu_name(cpu, sizeof(cpu));
    printf("{\"version\": \"%s\", \"commit\": \"%s\", \"cpu\": ", limner_version(), cli_commit());
    cli_json_text(stdout, cpu);
    printf(", \"is_fast\": %s, \"streams\": %d, \"seconds\": %g, \"fps\": %.3f, \"size_px\": %d, "
           "\"frames\": %ld, \"late_frames\": %ld, \"period_ms\": %.2f, \"first_frame_ms\": %.2f, "
           "\"behind_ms\": %.2f, \"unseen\": %ld",
           b->args->is_fast ? "true" : "false", b->n_streams, b->seconds, 1 / b->period_s,
           b->args->size ? (int)b->args->size : 512, m->n_frames, m->n_late, m->period_ms,
           m->first_ms, m->behind_ms, m->n_unseen);
    print_spread_json("sound_to_frame_ms", &m->to_frame);
    print_spread_json("sound_to_lips_ms", &m->to_lips);
    print_spread_json("frame_ms", &m->cost);
    print_spread_json("early_frame_ms", &m->early_cost);
    print_spread_json("last_frame_ms", &m->late_cost);
    printf(", \"early_rss_mib\": %.2f, \"last_rss_mib\": %.2f}\n", (double)b->rss_kib[0] / 1024,
           (double)b->rss_kib[1] / 1024);
}

static void print_spread(const char *name, const spread *s)
{
    if (s->n)
        printf("%-34s p50 %6.1f  p95 %6.1f  p99 %6.1f  most %6.1f ms\n", name, s->p50, s->p95,
               s->p99, s->most);
}

static void print_text(const measured *m, const bench *b)
{
    printf("limner %s (%s): %d at %.4g frames/s, %g s%s\n", limner_version(), cli_commit(),
           b->n_streams, 1 / b->period_s, b->seconds,
           b->args->is_fast ? ", clock not waited for" : "");
    print_spread("sound to its frame", &m->to_frame);
    print_spread("sound to lips half open", &m->to_lips);
    printf("%-34s     %6.1f ms\n", "first sound to first frame", m->first_ms);
    print_spread("time for a frame", &m->cost);
    printf("%-34s     %6.1f ms; %ld of %ld frames late by more\n", "a frame's period", m->period_ms,
           m->n_late, m->n_frames);
    print_spread("time for a frame, second tenth", &m->early_cost);
    print_spread("time for a frame, last tenth", &m->late_cost);
    printf("%-34s     %6.1f ms at most; %ld syllables not seen\n", "sound behind the clock",
           m->behind_ms, m->n_unseen);
    printf("%-34s     %6.1f MiB after a fifth of the time, %.1f at the end\n", "memory",
           (double)b->rss_kib[0] / 1024, (double)b->rss_kib[1] / 1024);
}

static void close_streams(bench *b)
{
    for (int i = 0; i < b->n_streams; i++) {
        limner_session_close(&b->streams[i].session);
        free(b->streams[i].place);
        free(b->streams[i].frame);
    }
    free(b->streams);
}

int cli_bench_live(const cli_args *args, const char *photo)
{
    char detail[LIMNER_DETAIL_SIZE] = "";
    bench b = {.args = args, .seconds = args->max_s > 0 ? (double)args->max_s : DEFAULT_S,
               .period_s = (double)args->fps_den / args->fps_num, .n_streams = args->streams};
    const long n_cores = args->threads ? args->threads : sysconf(_SC_NPROCESSORS_ONLN);
    measured m = {0};
    cli_face face;

    fill_period();
    b.n_workers = n_cores < b.n_streams ? (int)n_cores : b.n_streams;
    b.n_workers = b.n_workers < MAX_WORKERS ? b.n_workers : MAX_WORKERS;
    b.n_room = (long)(b.seconds / b.period_s) + 2;
    b.n_onsets = (long)(b.seconds * RATE_HZ / PERIOD) + 1;
    if (!cli_face_open(&face, args, photo, NULL, NULL))
        return CLI_FAILED;
    b.streams = calloc((size_t)b.n_streams, sizeof(*b.streams));
    limner_status st = b.streams ? open_streams(&b, &face, detail) : LIMNER_E_NOMEM;
    if (st >= 0)
        st = run_streams(&b);
    int status = st < 0 ? cli_fail("%s", *detail ? detail : limner_strerror(st)) : measure(&m, &b);
    if (status == CLI_OK && args->is_json)
        print_json(&m, &b);
    else if (status == CLI_OK)
        print_text(&m, &b);
    if (b.streams)
        close_streams(&b);
    cli_face_close(&face);
    return status;
}
