/* SPDX-License-Identifier: Apache-2.0 */
/* One-line errors of io/: "FILE: what is wrong; what to do". Foreign codes (errno, AVERROR) become
 * words here and do not travel further. */
#ifndef LIMNER_IO_ERROR_H
#define LIMNER_IO_ERROR_H

/* Formats "NAME: ..." into err (LIMNER_IO_ERROR_SIZE bytes, may be NULL); returns -1. */
int limner_io_fail(char *err, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for an errno of opening or reading, with advice. */
int limner_io_fail_read(char *err, const char *name, int error);
/* The same for an errno of creating or writing: disk full, closed pipe, no such folder ... */
int limner_io_fail_write(char *err, const char *name, int error);
/* An AVERROR in words; static or thread-local string. */
const char *limner_io_av_reason(int averror);
/* How a path is called in messages: "-" is standard input or output. */
const char *limner_io_input_name(const char *path);
const char *limner_io_output_name(const char *path);
/* FFmpeg's own log is silenced; called by every open. */
void limner_io_quiet(void);

#endif
