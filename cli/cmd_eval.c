/* SPDX-License-Identifier: Apache-2.0 */
/* limner eval WHAT INPUT: gathers the inputs, lets one of the judges of eval/ go over them, and
 * writes its report: a page, JSON, or the summary in plain text. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "eval/eval.h"
#include "inputs.h"
#include "machine.h"
#include "models.h"
#include "outputs.h"
#include "talk.h"

enum { SIZE_PX = 512, MAX_COMMAND = 4096 };

const char *const cli_judges[] = {"control", "reenact", "speech", "motion", NULL};
static const struct {
    cli_media media;
    int (*run)(const eval_job *job, char *err);
} judges[] = {{CLI_PHOTOS, eval_control},
              {CLI_VIDEOS, eval_reenact},
              {CLI_VIDEOS, eval_speech},
              {CLI_VIDEOS, eval_motion}};

static int judge_of(const cli_args *args)
{
    int i = 0;

    while (strcmp(cli_judges[i], args->operand[0]) != 0)
        i++;
    return i;
}

/* ---- what is said on the way ---- */

typedef struct cli_judging {
    cli_progress bar;
    size_t n_inputs;
    bool is_quiet;
} cli_judging;

static void draw(void *user, size_t n_done, const char *note)
{
    cli_judging *j = user;
    const bool is_shown = j->bar.is_shown;

    if (note) {
        cli_progress_clear(&j->bar);
        cli_note(j->is_quiet, "%s", note);
        j->bar.is_shown = is_shown;
        j->bar.drawn_s = 0;
    }
    cli_progress_draw(&j->bar, (long)n_done, (long)j->n_inputs);
}

/* ---- the report's head ---- */

static void describe_machine(char *out, size_t size)
{
    char cpu[128], flags[64];

    cli_cpu_name(cpu, sizeof(cpu));
    cli_cpu_flags(flags, sizeof(flags));
    snprintf(out, size, "%s, %ld cores, %s", cpu, sysconf(_SC_NPROCESSORS_ONLN),
             *flags ? flags : "no SIMD");
}

/* The command line; words with blanks or quotes in double quotes, as people write them. */
static void describe_command(char *out, size_t size, const cli_args *args)
{
    size_t n = (size_t)snprintf(out, size, "limner");

    for (int i = 0; i < args->argc && n < size; i++) {
        const char *quote = strpbrk(args->argv[i], " \t'\"$&;()<>|*?") ? "\"" : "";
        n += (size_t)snprintf(out + n, size - n, " %s%s%s", quote, args->argv[i], quote);
    }
}

static eval_report *open_report(const cli_args *args)
{
    char title[64], machine[256], command[MAX_COMMAND];

    snprintf(title, sizeof(title), "limner eval %s", args->operand[0]);
    describe_machine(machine, sizeof(machine));
    describe_command(command, sizeof(command), args);
    eval_report *report = eval_report_open(title, limner_version(), cli_commit(), machine, command);
    if (!report)
        cli_fail("not enough memory");
    return report;
}

/* ---- running ---- */

static int judge(const cli_args *args, eval_report *report, const cli_inputs *inputs)
{
    cli_judging judging = {.n_inputs = inputs->n, .is_quiet = args->is_quiet};
    const long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_models models;

    if (!cli_models_open(&models, args, true))
        return CLI_FAILED;
    const eval_job job = {
        .model = models.model,
        .paths = (const char *const *)inputs->path,
        .n_paths = inputs->n,
        .size_px = args->size ? (uint32_t)args->size : SIZE_PX,
        .n_threads = (uint32_t)(args->threads ? args->threads
                                : n_cores > 0 ? n_cores
                                              : 1),
        .max_s = args->max_s,
        .seed = args->seed,
        .n_seeds = (uint32_t)args->seeds,
        .portrait = args->portrait,
        .transcripts = args->transcripts,
        .report = report,
        .progress = draw,
        .user = &judging,
    };
    cli_progress_start(&judging.bar, args->is_quiet);
    judging.bar.unit = judges[judge_of(args)].media == CLI_PHOTOS ? "photos" : "videos";
    const int failed = judges[judge_of(args)].run(&job, err);
    cli_progress_clear(&judging.bar);
    limner_io_models_close(&models);
    return failed ? cli_fail("%s", err) : CLI_OK;
}

static int write_report(const cli_args *args, const eval_report *report)
{
    const bool is_page_on_stdout = args->output && strcmp(args->output, "-") == 0;
    char err[LIMNER_IO_ERROR_SIZE];

    if (args->output && eval_report_html(report, args->output, err) < 0)
        return cli_fail("%s", err);
    if (args->report && eval_report_json(report, args->report, err) < 0)
        return cli_fail("%s", err);
    if (args->is_json)
        return eval_report_json(report, "-", err) < 0 ? cli_fail("%s", err) : CLI_OK;
    if (args->is_quiet || is_page_on_stdout)
        return CLI_OK;
    char *summary = eval_report_summary(report);
    if (summary)
        fputs(summary, stdout);
    free(summary);
    return summary ? CLI_OK : cli_fail("not enough memory");
}

static int run(const cli_args *args, const cli_inputs *inputs)
{
    const char *const others[] = {args->operand[1], args->portrait, args->transcripts};
    const char *const outputs[] = {args->output, args->report, args->is_json ? "-" : NULL};
    int status = cli_outputs_check(outputs, 3, others, 3);

    if (status == CLI_OK)
        status = cli_outputs_check(outputs, 3, (const char *const *)inputs->path, inputs->n);
    if (status != CLI_OK)
        return status;
    if (!cli_output_is_named(args->output, "the page is HTML", ".html"))
        return CLI_USAGE;
    eval_report *report = open_report(args);
    status = report ? judge(args, report, inputs) : CLI_FAILED;
    if (status == CLI_OK)
        status = write_report(args, report);
    eval_report_close(&report);
    return status;
}

static int fail_usage(const char *why)
{
    cli_fail("%s", why);
    return CLI_USAGE;
}

int cli_run_eval(const cli_args *args)
{
    cli_inputs inputs;

    if (strcmp(args->operand[1], "-") == 0)
        return fail_usage("eval: INPUT cannot be standard input");
    if (args->is_json && args->output && strcmp(args->output, "-") == 0)
        return fail_usage("--json wants standard output, which the page takes");
    if (!cli_inputs_open(&inputs, args->operand[1], judges[judge_of(args)].media))
        return CLI_FAILED;
    const int status = run(args, &inputs);
    cli_inputs_close(&inputs);
    return status;
}
