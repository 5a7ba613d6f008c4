/* SPDX-License-Identifier: Apache-2.0 */
/* For builds without jansson. */
#include <stdio.h>
#include <string.h>

#include "controls_timeline.h"

int cli_timeline_read(cli_timeline *out, const char *path, char *err)
{
    memset(out, 0, sizeof(*out));
    snprintf(err, CLI_TIMELINE_ERROR_SIZE,
             "%s: this limner was built without jansson, which reads timelines", path);
    return -1;
}
