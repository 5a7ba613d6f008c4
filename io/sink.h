/* SPDX-License-Identifier: Apache-2.0 */
/* Where finished frames go: a table of three functions per kind of output. A sink is used by the
 * encoder's thread only, once it is open. */
#ifndef LIMNER_IO_SINK_H
#define LIMNER_IO_SINK_H

#include <libavutil/frame.h>

#include "io/media.h"

typedef struct limner_io_sink limner_io_sink;

typedef struct limner_io_sink_class {
    /* frame->pts counts frames. */
    int (*write)(limner_io_sink *sink, const AVFrame *frame, char *err);
    /* Writes the rest and gives the file its name. */
    int (*finish)(limner_io_sink *sink, char *err);
    /* Removes what is not finished; frees the sink. */
    void (*close)(limner_io_sink *sink);
} limner_io_sink_class;

struct limner_io_sink {
    const limner_io_sink_class *class;
};

typedef int (*limner_io_sink_open)(limner_io_sink **out, const char *path,
                                   const limner_io_video_settings *set, char *err);

/* MP4, MOV, WebM. */
int limner_io_mux_sink_open(limner_io_sink **out, const char *path,
                            const limner_io_video_settings *set, char *err);
/* Y4M and raw. */
int limner_io_raw_sink_open(limner_io_sink **out, const char *path,
                            const limner_io_video_settings *set, char *err);
/* A folder's worth of PNG. */
int limner_io_png_sink_open(limner_io_sink **out, const char *path,
                            const limner_io_video_settings *set, char *err);

#endif
