/* SPDX-License-Identifier: Apache-2.0 */
/* limner listen AUDIO: what the speech encoder hears, frame by frame as it comes (--json, --csv) or
 * as one line for each run of a class, and as a picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "io/media.h"
#include "listen_plot.h"
#include "models.h"
#include "outputs.h"
#include "sound.h"
#include "talk.h"

enum { BLOCK_SAMPLES = 4096, FIRST_ROOM = 1024 };
#define FRAME_S 0.02

typedef struct cli_listening {
    const cli_args *args;
    const char *name; /* of the sound, for messages */
    limner_io_audio *audio;
    limner_io_models models;
    limner_listener *listener;
    size_t n_frames;
    limner_heard *kept; /* [n_frames], for the picture */
    size_t room;
    limner_heard run; /* means over the present run of a class */
    size_t n_run, n_voiced;
    cli_progress progress;
} cli_listening;

/* ---- text ---- */

static void print_head(const cli_listening *l)
{
    if (l->args->is_csv) {
        printf("time_s,class,closure,rounding,jaw,loudness_db,level,f0_hz,voicing");
        for (int c = 0; c < LIMNER_SPEECH_N_CLASSES; c++)
            printf(",share_%s", limner_speech_class_name(c));
        putchar('\n');
    } else if (l->args->is_json) {
        printf("{\"sound\": ");
        cli_json_text(stdout, l->name);
        printf(", \"frame_s\": %g, \"classes\": [", FRAME_S);
        for (int c = 0; c < LIMNER_SPEECH_N_CLASSES; c++)
            printf("%s\"%s\"", c ? ", " : "", limner_speech_class_name(c));
        printf("], \"frames\": [");
    } else if (!l->args->is_quiet) {
        printf("  from s    to s  class          closure  rounding   jaw  loudness dB  pitch Hz\n");
    }
}

static void print_frame(const cli_listening *l, size_t i, const limner_heard *h)
{
    const char *name = limner_speech_class_name(cli_heard_class(h));

    if (l->args->is_csv)
        printf("%.2f,%s,%.4f,%.4f,%.4f,%.2f,%.4f,%.1f,%.3f", (double)i * FRAME_S, name,
               h->closure, h->rounding, h->jaw, h->loudness_db, h->level, h->f0_hz, h->voicing);
    else
        printf("%s\n{\"time_s\": %.2f, \"class\": \"%s\", \"closure\": %.4f, \"rounding\": %.4f, "
               "\"jaw\": %.4f, \"loudness_db\": %.2f, \"level\": %.4f, \"f0_hz\": %.1f, "
               "\"voicing\": %.3f, \"share\": [",
               i ? "," : "", (double)i * FRAME_S, name, h->closure, h->rounding, h->jaw,
               h->loudness_db, h->level, h->f0_hz, h->voicing);
    for (int c = 0; c < LIMNER_SPEECH_N_CLASSES; c++)
        printf("%s%.4f", c || l->args->is_csv ? "," : "", h->share[c]);
    fputs(l->args->is_csv ? "\n" : "]}", stdout);
}

static void print_run(const cli_listening *l)
{
    const limner_heard *r = &l->run;
    const double n = (double)l->n_run;
    char pitch[16] = "-";

    if (l->n_voiced)
        snprintf(pitch, sizeof(pitch), "%.0f", (double)r->f0_hz / (double)l->n_voiced);
    printf("%8.2f %7.2f  %-13s %8.2f %9.2f %5.2f %12.1f %9s\n",
           (double)(l->n_frames - l->n_run) * FRAME_S, (double)l->n_frames * FRAME_S,
           limner_speech_class_name(cli_heard_class(r)), (double)r->closure / n,
           (double)r->rounding / n, (double)r->jaw / n, (double)r->loudness_db / n, pitch);
}

/* Adds a frame to the run of its class, or ends that and begins another; h NULL: the end. */
static void follow_run(cli_listening *l, const limner_heard *h)
{
    if (l->n_run && (!h || cli_heard_class(h) != cli_heard_class(&l->run))) {
        print_run(l);
        l->n_run = 0;
    }
    if (!h)
        return;
    if (l->n_run++ == 0) {
        l->run = *h;
        l->n_voiced = h->f0_hz > 0;
        return;
    }
    l->run.closure += h->closure;
    l->run.rounding += h->rounding;
    l->run.jaw += h->jaw;
    l->run.loudness_db += h->loudness_db;
    l->run.f0_hz += h->f0_hz;
    l->n_voiced += h->f0_hz > 0;
}

/* ---- listening ---- */

static int keep(cli_listening *l, const limner_heard *h)
{
    if (!l->args->plot)
        return CLI_OK;
    if (l->n_frames == l->room) {
        const size_t room = l->room ? 2 * l->room : FIRST_ROOM;
        limner_heard *more = realloc(l->kept, room * sizeof(*more));
        if (!more)
            return cli_fail("not enough memory");
        l->kept = more;
        l->room = room;
    }
    l->kept[l->n_frames] = *h;
    return CLI_OK;
}

static int receive(cli_listening *l)
{
    limner_heard h;

    while (limner_listener_receive(l->listener, &h) == LIMNER_OK) {
        if (keep(l, &h) != CLI_OK)
            return CLI_FAILED;
        if (l->n_frames == 0)
            print_head(l);
        if (l->args->is_csv || l->args->is_json)
            print_frame(l, l->n_frames, &h);
        else if (!l->args->is_quiet)
            follow_run(l, &h);
        l->n_frames++;
    }
    return ferror(stdout) ? cli_fail("standard output: cannot be written") : CLI_OK;
}

static int push(cli_listening *l, const float *pcm, size_t n)
{
    while (n > 0) {
        size_t used;

        if (limner_listener_push(l->listener, pcm, n, &used) < 0)
            return cli_fail("the sound is not taken; please report this");
        pcm += used;
        n -= used;
        if (receive(l) != CLI_OK)
            return CLI_FAILED;
    }
    return fflush(stdout) ? cli_fail("standard output: cannot be written") : CLI_OK;
}

static int listen_to_all(cli_listening *l)
{
    static float pcm[BLOCK_SAMPLES];
    char err[LIMNER_IO_ERROR_SIZE];
    int64_t n;

    while ((n = limner_io_audio_read(l->audio, pcm, BLOCK_SAMPLES, err)) > 0) {
        if (push(l, pcm, (size_t)n) != CLI_OK)
            return CLI_FAILED;
    }
    if (n < 0)
        return cli_fail("%s", err);
    limner_listener_finish(l->listener);
    if (receive(l) != CLI_OK)
        return CLI_FAILED;
    if (l->n_frames == 0)
        return cli_fail("%s: holds no sound; give a recording of a voice", l->name);
    if (l->args->is_json)
        puts("\n]}");
    else if (!l->args->is_csv && !l->args->is_quiet)
        follow_run(l, NULL);
    return fflush(stdout) ? cli_fail("standard output: cannot be written") : CLI_OK;
}

static int open_listener(cli_listening *l)
{
    limner_listener_settings set;

    if (!cli_models_open(&l->models, l->args, false) ||
        !cli_models_check_speech(&l->models, l->args))
        return CLI_FAILED;
    limner_listener_settings_init(&set, sizeof(set));
    set.rate_hz = limner_io_audio_rate_hz(l->audio);
    const limner_status st = limner_listener_open(&l->listener, l->models.model, &set);
    return st < 0 ? cli_fail("%s: cannot be listened to: %s", l->name, limner_strerror(st))
                  : CLI_OK;
}

static int listen_and_draw(cli_listening *l)
{
    const char *path = l->args->operand[0], *plot = l->args->plot;
    char err[LIMNER_IO_ERROR_SIZE];

    if (plot && (!cli_output_is_apart(plot, &path, 1) || !cli_output_is_possible(plot)))
        return CLI_FAILED;
    if (cli_sound_open(&l->audio, path, err) < 0)
        return cli_fail("%s", err);
    int status = open_listener(l);
    if (status == CLI_OK)
        status = listen_to_all(l);
    if (status == CLI_OK && plot && !cli_listen_plot(plot, l->name, l->kept, l->n_frames, FRAME_S))
        status = CLI_FAILED;
    return status;
}

int cli_run_listen(const cli_args *args)
{
    cli_listening l = {.args = args};

    l.name = strcmp(args->operand[0], "-") == 0 ? "standard input" : args->operand[0];
    if (args->is_csv && args->is_json) {
        cli_fail("--csv and --json both want standard output; choose one");
        return CLI_USAGE;
    }
    if (!cli_output_is_named(args->plot, "the plot is an SVG", ".svg"))
        return CLI_USAGE;
    if (args->plot && strcmp(args->plot, "-") == 0 &&
        (!args->is_quiet || args->is_csv || args->is_json)) {
        cli_fail("--plot - wants standard output, which the text takes; use --quiet alone");
        return CLI_USAGE;
    }
    const int status = listen_and_draw(&l);
    limner_listener_close(&l.listener);
    limner_io_models_close(&l.models);
    limner_io_audio_close(&l.audio);
    free(l.kept);
    return status;
}
