/* SPDX-License-Identifier: Apache-2.0 */
/* What limner listen heard, drawn as SVG: level, most likely class, closure, rounding and jaw,
 * pitch, over one axis of time. */
#ifndef LIMNER_CLI_LISTEN_PLOT_H
#define LIMNER_CLI_LISTEN_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "limner/limner.h"

/* The most likely class of a frame. */
int cli_heard_class(const limner_heard *heard);
/* Writes the file; title: what was listened to. Says what is wrong and returns false. */
bool cli_listen_plot(const char *path, const char *title, const limner_heard *heard, size_t n,
                     double frame_s);

#endif
