/* SPDX-License-Identifier: Apache-2.0 */
/* Words for everything that can go wrong with a file. */
#include "io/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/error.h>
#include <libavutil/log.h>

#include "io/media.h"

int limner_io_fail(char *err, const char *name, const char *format, ...)
{
    va_list args;

    if (!err)
        return -1;
    int used = snprintf(err, LIMNER_IO_ERROR_SIZE, "%s: ", name);
    if (used < 0 || used >= LIMNER_IO_ERROR_SIZE)
        used = 0;
    va_start(args, format);
    vsnprintf(err + used, (size_t)(LIMNER_IO_ERROR_SIZE - used), format, args);
    va_end(args);
    return -1;
}

int limner_io_fail_read(char *err, const char *name, int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return limner_io_fail(err, name, "there is no such file; check the name");
    case EACCES:
    case EPERM:
        return limner_io_fail(err, name, "reading it is not allowed; check its permissions");
    case EISDIR:
        return limner_io_fail(err, name, "is a folder; give a file");
    case ENOMEM:
        return limner_io_fail(err, name, "not enough memory to read it");
    default:
        return limner_io_fail(err, name, "cannot be read: %s", strerror(error));
    }
}

int limner_io_fail_write(char *err, const char *name, int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return limner_io_fail(err, name, "the disk is full; free some space or write elsewhere");
    case EFBIG:
        return limner_io_fail(err, name,
                              "would become larger than a file may be here; "
                              "write elsewhere or make a shorter video");
    case EPIPE:
        return limner_io_fail(err, name, "the reader has closed the pipe; nothing more is written");
    case ENOENT:
    case ENOTDIR:
        return limner_io_fail(err, name, "its folder does not exist; make it first");
    case EACCES:
    case EPERM:
    case EROFS:
        return limner_io_fail(err, name, "writing there is not allowed; choose another folder");
    case EISDIR:
        return limner_io_fail(err, name, "is a folder; give a file name");
    default:
        return limner_io_fail(err, name, "cannot be written: %s", strerror(error));
    }
}

const char *limner_io_av_reason(int averror)
{
    static _Thread_local char text[AV_ERROR_MAX_STRING_SIZE];

    switch (averror) {
    case AVERROR_INVALIDDATA:
    case AVERROR_EOF:
        return "the data is damaged, cut short or of an unknown format";
    case AVERROR_DECODER_NOT_FOUND:
        return "this FFmpeg has no decoder for it";
    case AVERROR_PATCHWELCOME:
        return "FFmpeg does not support this variant of the format";
    default:
        av_strerror(averror, text, sizeof(text));
        return text;
    }
}

const char *limner_io_input_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

const char *limner_io_output_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard output" : path;
}

void limner_io_quiet(void)
{
    av_log_set_level(AV_LOG_QUIET);
}
