/* SPDX-License-Identifier: Apache-2.0 */
/* fork and exec of $LIMNER_EXE. */
#include "run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"

static char *split(char *text, char **argv)
{
    const char *exe = getenv("LIMNER_EXE");
    int n = 0;

    argv[n++] = (char *)(uintptr_t)(exe ? exe : "limner");
    for (char *at = text; *at && n < RUN_MAX_ARGS - 1;) {
        const char end = *at == '\'' ? *at++ : ' ';
        argv[n++] = at;
        at += strcspn(at, end == ' ' ? " " : "'");
        if (*at)
            *at++ = 0;
        at += strspn(at, " ");
    }
    argv[n] = NULL;
    return text;
}

static void redirect(int to, const char *path, int flags)
{
    const int fd = open(path, flags | O_CREAT, 0666);

    if (fd < 0 || dup2(fd, to) < 0)
        _exit(126);
    close(fd);
}

/* In the child: never returns. */
static void execute(const char *arguments)
{
    char text[4096], *argv[RUN_MAX_ARGS];

    snprintf(text, sizeof(text), "%s", arguments);
    split(text, argv);
    execv(argv[0], argv);
    _exit(126);
}

/* In the child: never returns. */
static void become(const run_setup *setup, const char *arguments)
{
    int ends[2];

    if (chdir(test_folder()) < 0)
        _exit(126);
    redirect(STDIN_FILENO, setup->input ? setup->input : "/dev/null", O_RDONLY);
    redirect(STDERR_FILENO, "stderr.txt", O_WRONLY | O_TRUNC);
    if (setup->is_output_closed) {
        if (pipe(ends) < 0 || dup2(ends[1], STDOUT_FILENO) < 0)
            _exit(126);
        close(ends[0]);
        close(ends[1]);
    } else {
        redirect(STDOUT_FILENO, setup->output ? setup->output : "stdout.txt", O_WRONLY | O_TRUNC);
    }
    if (setup->max_file_bytes) {
        const struct rlimit limit = {(rlim_t)setup->max_file_bytes, (rlim_t)setup->max_file_bytes};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    execute(arguments);
}

static void read_text(const char *name, char *text)
{
    FILE *f = fopen(test_path(name), "rb");
    const size_t n = f ? fread(text, 1, RUN_MAX_TEXT - 1, f) : 0;

    text[n] = 0;
    if (f)
        fclose(f);
}

int run_wait(pid_t child)
{
    int status = -1;

    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

pid_t run_start(const char *arguments)
{
    const run_setup setup = {0};

    test_folder(); /* made by the parent */
    const pid_t child = fork();

    if (child == 0)
        become(&setup, arguments);
    return child;
}

pid_t run_start_between(int in, int out, const char *arguments)
{
    test_folder(); /* made by the parent */
    const pid_t child = fork();

    if (child == 0) {
        if (chdir(test_folder()) < 0 || dup2(in, STDIN_FILENO) < 0 ||
            dup2(out, STDOUT_FILENO) < 0)
            _exit(126);
        close(in);
        close(out);
        execute(arguments);
    }
    return child;
}

void run_limner(run_result *r, const run_setup *setup, const char *arguments)
{
    const run_setup plain = {0};

    test_folder(); /* made by the parent */
    const pid_t child = fork();

    if (child == 0)
        become(setup ? setup : &plain, arguments);
    r->status = run_wait(child);
    r->out[0] = 0;
    if (!setup || (!setup->output && !setup->is_output_closed))
        read_text("stdout.txt", r->out);
    read_text("stderr.txt", r->err);
}

int run_lines(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

void run_expect(const char *arguments, int status, const char *out, const char *err)
{
    static run_result r;

    run_limner(&r, NULL, arguments);
    if (r.status != status)
        fail_msg("limner %s: status %d, expected %d; stderr: %s", arguments, r.status, status,
                 r.err);
    if (out && strcmp(r.out, out) != 0)
        fail_msg("limner %s: stdout '%s', expected '%s'", arguments, r.out, out);
    if (err && strcmp(r.err, err) != 0)
        fail_msg("limner %s: stderr '%s', expected '%s'", arguments, r.err, err);
}

void run_assert_refused(const run_result *result, const char *what)
{
    if (result->status != 1 || run_lines(result->err) != 1 || !strstr(result->err, what) ||
        *result->out)
        fail_msg("status %d, '%s' does not say '%s' in one line", result->status, result->err,
                 what);
    assert_int_equal(test_count("out.mp4"), 0);
}

void run_hash(char hash[32], const run_setup *setup, const char *arguments)
{
    static run_result r;

    run_limner(&r, setup, arguments);
    if (r.status != 0)
        fail_msg("%s: %s", arguments, r.err);
    assert_int_equal(strlen(r.out), 17);
    snprintf(hash, 32, "%.16s", r.out);
}

int run_has_nets(void)
{
    static run_result r;

    run_limner(&r, NULL, "info");
    if (r.status != 0)
        print_message("skipped: %s", r.err);
    if (r.status != 0)
        test_remove_folder();
    return r.status == 0;
}

void run_make_portrait(void)
{
    char arguments[600];

    snprintf(arguments, sizeof(arguments), "portrait '%s' -o demo.portrait -q",
             test_data("../../assets/demo.jpg"));
    run_expect(arguments, 0, "", "");
}

int run_make_inputs(void **state)
{
    (void)state;
    test_wav(test_path("sound.wav"), TEST_PCM, 16, 16000, 1, 1, -1);
    run_make_portrait();
    return 0;
}
