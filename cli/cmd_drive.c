/* SPDX-License-Identifier: Apache-2.0 */
/* limner drive PORTRAIT MOTION -o OUT */
#include "commands.h"
#include "job.h"

int cli_run_drive(const cli_args *args)
{
    cli_result result;
    const int status =
        cli_job_drive(&result, args, args->operand[0], args->operand[1], args->audio);

    return status == CLI_OK ? cli_job_report(&result, args) : status;
}
