/* SPDX-License-Identifier: Apache-2.0 */
/* limner speak PORTRAIT AUDIO... -o OUT */
#include "commands.h"
#include "job.h"

int cli_speak(const cli_args *args)
{
    const cli_task task = {
        .portrait = args->operand[0], .voice = args->operand + 1, .n = args->n_operands - 1};
    cli_result result;
    const int status = cli_job_run(&result, args, &task);

    return status == CLI_OK ? cli_job_report(&result, args) : status;
}
