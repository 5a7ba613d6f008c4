/* SPDX-License-Identifier: Apache-2.0 */
/* The text goes through a file, so that it can be of any length and start with any character. */
#include "io/espeak.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/error.h"

enum { WAV_HEADER_BYTES = 44, EXIT_NOT_FOUND = 127 };

extern char **environ;

static const char name[] = "espeak-ng";
static const char silent[] = "the text makes no sound; give some words";

static time_t now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* An unnamed file that no other child sees. */
static FILE *open_file(void)
{
    FILE *f = tmpfile();

    if (f)
        fcntl(fileno(f), F_SETFD, FD_CLOEXEC);
    return f;
}

static int spawn(limner_io_espeak *e, uint32_t speed)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    char words[16];
    char *const argv[] = {
        (char *)(uintptr_t)name, "--stdin", "--stdout", "-s", words, "-v", e->voice, NULL};

    snprintf(words, sizeof(words), "%u", speed);
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(e->text), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(e->sound), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int error = posix_spawnp(&e->child, name, &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error)
        e->child = 0;
    return error;
}

int limner_io_espeak_start(limner_io_espeak *out, const char *text, const char *voice,
                           uint32_t speed, uint32_t most_s, char *err)
{
    memset(out, 0, sizeof(*out));
    if (!text[strspn(text, " \t\r\n")])
        return limner_io_fail(err, name, silent);
    snprintf(out->voice, sizeof(out->voice), "%s", voice);
    out->text = open_file();
    out->sound = out->text ? open_file() : NULL;
    if (!out->sound || fputs(text, out->text) < 0 || fflush(out->text) != 0) {
        limner_io_espeak_close(out);
        return limner_io_fail(err, name, "no temporary file for it: %s", strerror(errno));
    }
    rewind(out->text);
    out->most_s = most_s;
    out->ends_s = now_s() + most_s;
    const int error = spawn(out, speed);
    if (!error)
        return 0;
    limner_io_espeak_close(out);
    return limner_io_fail(err, name,
                          "cannot be run (%s); install the package espeak-ng, or give a "
                          "sound file",
                          strerror(error));
}

/* The child has ended. */
static int finish(limner_io_espeak *e, int status, char *err)
{
    e->child = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND)
        return limner_io_fail(err, name,
                              "is not there; install the package espeak-ng, or give a "
                              "sound file");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return limner_io_fail(err, name,
                              "does not speak with the voice '%s'; espeak-ng --voices "
                              "lists them",
                              e->voice);
    fseek(e->sound, 0, SEEK_END);
    if (ftell(e->sound) <= WAV_HEADER_BYTES)
        return limner_io_fail(err, name, silent);
    snprintf(e->path, sizeof(e->path), "/dev/fd/%d", fileno(e->sound));
    return 0;
}

int limner_io_espeak_poll(limner_io_espeak *e, char *err)
{
    int status = 0;
    const pid_t ended = waitpid(e->child, &status, WNOHANG);

    if (ended)
        return finish(e, status, err) < 0 ? -1 : 1;
    if (!e->most_s || now_s() < e->ends_s)
        return 0;
    return limner_io_fail(err, name, "takes longer than %u s; give a shorter text", e->most_s);
}

int limner_io_espeak_wait(limner_io_espeak *e, char *err)
{
    int status = 0;

    while (waitpid(e->child, &status, 0) < 0 && errno == EINTR)
        continue;
    return finish(e, status, err);
}

void limner_io_espeak_close(limner_io_espeak *e)
{
    if (e->child) {
        kill(e->child, SIGKILL);
        while (waitpid(e->child, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (e->text)
        fclose(e->text);
    if (e->sound)
        fclose(e->sound);
    memset(e, 0, sizeof(*e));
}
