/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a "controls" message. */
#ifndef LIMNER_SERVER_CONTROLS_JSON_H
#define LIMNER_SERVER_CONTROLS_JSON_H

#include <jansson.h>

#include "limner/limner.h"

/* Fields that are not named keep the value that they have. 0, or -1 with a sentence in `why`
 * (SERVER_WHY_SIZE bytes); values are within their ranges. */
int server_controls_read(limner_controls *c, const json_t *object, char *why);

#endif
