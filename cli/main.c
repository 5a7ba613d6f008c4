/* SPDX-License-Identifier: Apache-2.0 */
/* limner COMMAND ...: finds the command, parses its options by table, runs it. A signal that stops
 * the program first removes the outputs under way, and then stops it as the signal would, so that
 * shells see what happened (status 130 after Ctrl-C). */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "help.h"
#include "io/media.h"
#include "limner/version.h"
#include "options.h"
#include "talk.h"

static void stop(int number)
{
    static const char text[] = "\nlimner: stopped; nothing is left behind\n";

    limner_io_remove_temporaries();
    if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
        number = SIGTERM; /* nobody to tell */
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {0};

    sigemptyset(&action.sa_mask);
    action.sa_handler = SIG_IGN; /* writes say EPIPE and EFBIG instead */
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
    action.sa_handler = stop;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction old;
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

static int help(int argc, char **argv)
{
    if (argc >= 1 && strcmp(argv[0], "--man") == 0) {
        cli_print_manual(stdout);
        return CLI_OK;
    }
    if (argc >= 2 && strcmp(argv[0], "--completion") == 0 &&
        cli_print_completion(stdout, argv[1]) == CLI_OK)
        return CLI_OK;
    if (argc >= 1 && strcmp(argv[0], "help") == 0)
        argc = 0;
    const cli_command *command = argc >= 1 ? cli_command_find(argv[0]) : NULL;
    if (argc >= 1 && !command) {
        cli_fail("there is no command '%s'; limner help lists them", argv[0]);
        return CLI_USAGE;
    }
    if (command)
        cli_help_command(stdout, command);
    else
        cli_help_all(stdout);
    return CLI_OK;
}

static int run(int argc, char **argv)
{
    const cli_command *command = cli_command_find(argv[0]);
    char why[512];
    cli_args args;

    if (!command) {
        cli_fail("there is no command '%s'; limner help lists them", argv[0]);
        return CLI_USAGE;
    }
    cli_args_init(&args);
    const int status = cli_parse(&args, command, argc, argv, why, sizeof(why));
    if (status < 0) {
        cli_help_command(stdout, command);
        return CLI_OK;
    }
    if (status != CLI_OK) {
        cli_fail("%s: %s; see limner %s --help", command->name, why, command->name);
        return status;
    }
    if (args.has_cpumask)
        limner_cpu_set_mask(args.cpumask);
    return command->run(&args);
}

/* A full disk or a closed pipe behind standard output is found out when it is flushed. */
static int flush(int status)
{
    if (fflush(stdout) != 0 && status == CLI_OK)
        return cli_fail("standard output: cannot be written (full, or closed by its reader)");
    return status;
}

/* A portrait's planes come and go by the megabyte: pages that are given back are zeroed anew each
 * time they are asked for again, which took a tenth of the time. */
static void keep_pages(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

int main(int argc, char **argv)
{
    keep_pages();
    if (strcmp(limner_version(), LIMNER_VERSION_STRING) != 0)
        return cli_fail("liblimner is version %s, this program was built for %s; install both anew",
                        limner_version(), LIMNER_VERSION_STRING);
    catch_signals();
    if (argc < 2) {
        cli_help_all(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("limner " LIMNER_VERSION_STRING);
        return flush(CLI_OK);
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0)
        return flush(help(argc - 2, argv + 2));
    return flush(run(argc - 1, argv + 1));
}
