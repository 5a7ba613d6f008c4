/* SPDX-License-Identifier: Apache-2.0 */
/* Which video format a file name asks for. */
#include <string.h>
#include <strings.h>

#include "io/error.h"
#include "io/media.h"

static const struct {
    const char *ending;
    limner_io_format format;
    bool has_alpha;
} endings[] = {
    {".mp4", LIMNER_IO_MP4, false},         {".m4v", LIMNER_IO_MP4, false},
    {".y4m", LIMNER_IO_Y4M, false},         {".yuv", LIMNER_IO_RAW, false},
    {".mov", LIMNER_IO_MOV_ALPHA, true},    {".webm", LIMNER_IO_WEBM_ALPHA, true},
    {".png", LIMNER_IO_PNG_SEQUENCE, true},
};

int limner_io_format_of(limner_io_format *out, const char *path, bool has_alpha, char *err)
{
    const char *dot = strrchr(path, '.');

    if (strcmp(path, "-") == 0) {
        *out = has_alpha ? LIMNER_IO_WEBM_ALPHA : LIMNER_IO_MP4;
        return 0;
    }
    for (size_t i = 0; dot && i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (strcasecmp(dot, endings[i].ending) != 0)
            continue;
        if (has_alpha && !endings[i].has_alpha)
            return limner_io_fail(err, path,
                                  "%s cannot hold transparency; use .mov, .webm or "
                                  ".png",
                                  endings[i].ending);
        *out = endings[i].format;
        return 0;
    }
    return limner_io_fail(err, path, "its ending names no format that is written; end it in %s",
                          has_alpha ? ".mov, .webm or .png"
                                    : ".mp4, .mov, .webm, .png, .y4m or .yuv");
}

limner_pixel limner_io_format_pixel(limner_io_format format)
{
    const bool is_yuv =
        format == LIMNER_IO_MP4 || format == LIMNER_IO_Y4M || format == LIMNER_IO_RAW;

    return is_yuv ? LIMNER_PIXEL_I420 : LIMNER_PIXEL_RGBA;
}
