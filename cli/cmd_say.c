/* SPDX-License-Identifier: Apache-2.0 */
/* limner say PORTRAIT TEXT -o OUT: the espeak-ng program speaks the text into an unnamed temporary
 * file, which then is the sound of an ordinary job. The text goes through a file as well, so that
 * it can be of any length and start with any character. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "job.h"
#include "talk.h"

enum { MAX_TEXT_BYTES = 1 << 20, EXIT_NOT_FOUND = 127 };

extern char **environ;

static FILE *read_text(const char *text)
{
    FILE *out = tmpfile();
    char block[4096];
    size_t n, total = 0;

    if (!out) {
        cli_fail("no temporary file: %s", strerror(errno));
        return NULL;
    }
    if (strcmp(text, "-") != 0) {
        total = strlen(text);
        fwrite(text, 1, total, out);
    } else {
        while (total <= MAX_TEXT_BYTES && (n = fread(block, 1, sizeof(block), stdin)) > 0)
            total += fwrite(block, 1, n, out);
    }
    if (fflush(out) != 0 || ferror(out) || total > MAX_TEXT_BYTES) {
        cli_fail(total > MAX_TEXT_BYTES ? "the text is longer than 1 MiB; give it in parts"
                                        : "the folder for temporary files is full; free some "
                                          "space");
        fclose(out);
        return NULL;
    }
    rewind(out);
    return out;
}

/* The exit status of espeak-ng, text on its standard input, WAV from its standard output; -1 and
 * errno when it could not be started. */
static int run_espeak(const cli_args *args, int text_fd, int sound_fd)
{
    posix_spawn_file_actions_t actions;
    char speed[16];
    char *const argv[] = {
        "espeak-ng", "--stdin", "--stdout", "-s", speed, "-v", (char *)(uintptr_t)args->voice,
        NULL};
    pid_t child;
    int status = -1;

    snprintf(speed, sizeof(speed), "%d", (int)args->speed);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, text_fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, sound_fd, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
    const int error = posix_spawnp(&child, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error) {
        errno = error;
        return -1;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_NOT_FOUND;
}

static int speak_text(const cli_args *args, FILE *text, FILE *sound)
{
    const int status = run_espeak(args, fileno(text), fileno(sound));

    if (status < 0 || status == EXIT_NOT_FOUND)
        return cli_fail("espeak-ng: cannot be run (%s); install the package espeak-ng, or use "
                        "limner speak with a sound file",
                        strerror(status < 0 ? errno : ENOENT));
    if (status != 0)
        return cli_fail("espeak-ng: does not speak with the voice '%s'; espeak-ng --voices lists "
                        "them",
                        args->voice);
    fseek(sound, 0, SEEK_END);
    if (ftell(sound) <= 44) /* a header alone */
        return cli_fail("espeak-ng: the text makes no sound; give some words");
    return CLI_OK;
}

int cli_say(const cli_args *args)
{
    FILE *text = read_text(args->operand[1]);
    FILE *sound = text ? tmpfile() : NULL;
    char path[64];
    int status = CLI_FAILED;

    if (text && !sound)
        cli_fail("no temporary file: %s", strerror(errno));
    if (sound) {
        const char *const voice = path;
        const cli_task task = {.portrait = args->operand[0], .voice = &voice, .n = 1};
        cli_result result;
        status = speak_text(args, text, sound);
        snprintf(path, sizeof(path), "/dev/fd/%d", fileno(sound));
        if (status == CLI_OK)
            status = cli_job_run(&result, args, &task);
        if (status == CLI_OK)
            status = cli_job_report(&result, args);
    }
    if (text)
        fclose(text);
    if (sound)
        fclose(sound);
    return status;
}
