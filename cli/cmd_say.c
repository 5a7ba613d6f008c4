/* SPDX-License-Identifier: Apache-2.0 */
/* limner say PORTRAIT TEXT -o OUT: espeak-ng speaks the text, which then is the sound of an
 * ordinary job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "io/espeak.h"
#include "job.h"
#include "talk.h"

enum { MAX_TEXT_BYTES = 1 << 20 };

/* TEXT, or what stands on standard input; to be freed. */
static char *read_text(const char *text)
{
    const bool is_pipe = strcmp(text, "-") == 0;
    const size_t room = is_pipe ? MAX_TEXT_BYTES + 1 : strlen(text);
    char *out = malloc(room + 1);

    if (!out) {
        cli_fail("not enough memory");
        return NULL;
    }
    if (!is_pipe)
        memcpy(out, text, room);
    const size_t n = is_pipe ? fread(out, 1, room, stdin) : room;
    out[n] = 0;
    if (n <= MAX_TEXT_BYTES)
        return out;
    free(out);
    cli_fail("the text is longer than 1 MiB; give it in parts");
    return NULL;
}

static int speak(const cli_args *args, const char *sound)
{
    const cli_task task = {.portrait = args->operand[0], .voice = &sound, .n = 1};
    cli_result result;
    const int status = cli_job_run(&result, args, &task);

    return status == CLI_OK ? cli_job_report(&result, args) : status;
}

int cli_say(const cli_args *args)
{
    char *text = read_text(args->operand[1]);
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_espeak voice = {0};
    int status = CLI_FAILED;

    if (!text)
        return status;
    if (limner_io_espeak_start(&voice, text, args->voice, (uint32_t)args->speed, 0, err) < 0 ||
        limner_io_espeak_wait(&voice, err) < 0)
        cli_fail("%s", err);
    else
        status = speak(args, voice.path);
    limner_io_espeak_close(&voice);
    free(text);
    return status;
}
