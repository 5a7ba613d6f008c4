/* SPDX-License-Identifier: Apache-2.0 */
/* limner speak PORTRAIT AUDIO -o OUT */
#include "commands.h"
#include "job.h"

int cli_speak(const cli_args *args)
{
    cli_result result;
    const int status = cli_job_run(&result, args, args->operand[0], args->operand[1]);

    return status == CLI_OK ? cli_job_report(&result, args) : status;
}
