/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and sound in and out, through FFmpeg's libraries (the only user of libav* in the
 * project). Every failure fills `err` (LIMNER_IO_ERROR_SIZE bytes) with one sentence that names the
 * file, what is wrong with it and what to do; functions return 0 or -1. One thread at a time per
 * handle. */
#ifndef LIMNER_IO_MEDIA_H
#define LIMNER_IO_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "limner/limner.h"

#define LIMNER_IO_ERROR_SIZE 512

/* ---- pictures in ---- */

typedef struct limner_io_image {
    uint8_t *rgb; /* packed sRGB, upright (EXIF orientation applied) */
    uint32_t width_px, height_px;
} limner_io_image;

#define LIMNER_IO_MAX_PIXELS 100000000
#define LIMNER_IO_MAX_SIDE_PX 16384

/* Any format FFmpeg reads (first frame of an animation); CMYK, 16-bit, palette, alpha (over
 * neutral grey) become sRGB. path "-": stdin. LIMNER_IO_NO_PICTURE, which is < 0: the file is of a
 * format that is read, but holds none. */
enum { LIMNER_IO_NO_PICTURE = -2 };
int limner_io_image_read(limner_io_image *out, const char *path, char *err);
void limner_io_image_close(limner_io_image *img);
/* The picture as the library takes it; valid as long as the image. */
limner_photo limner_io_image_photo(const limner_io_image *img);
/* PNG by file name; n_channels 1, 3 or 4; written to a temporary name and renamed. `comment`
 * (may be NULL) goes into a text chunk. */
int limner_io_png_write(const char *path, const uint8_t *pixels, ptrdiff_t stride,
                        uint32_t width_px, uint32_t height_px, uint32_t n_channels,
                        const char *comment, char *err);

/* ---- video in ---- */

typedef struct limner_io_video_in limner_io_video_in;

/* Frames without a header, one after another. */
typedef struct limner_io_raw {
    uint32_t width_px, height_px, fps_num, fps_den;
    const char *pixel; /* FFmpeg's name, as "rgb24" or "yuv420p" */
} limner_io_raw;

/* The pictures of a video, of any format FFmpeg reads; a photo is a video of one frame. A pipe
 * ("-": stdin) is read as it comes where its format allows that: Y4M, MJPEG, NUT, Matroska,
 * MPEG-TS; else (an MP4 whose index stands at the end) to its end first. */
int limner_io_video_in_open(limner_io_video_in **out, const char *path, char *err);
/* The same for raw frames; raw NULL: no difference. */
int limner_io_video_in_open_raw(limner_io_video_in **out, const char *path,
                                const limner_io_raw *raw, char *err);
/* Mean frames/s as the container claims, 25 when neither it nor its length says. */
double limner_io_video_in_fps(const limner_io_video_in *v);
/* Seconds as the container claims, < 0 when unknown. */
double limner_io_video_in_duration_s(const limner_io_video_in *v);
/* The next frame, upright (rotation applied), to be closed by the caller, and its time from the
 * first frame on, rising, whatever the frame rate does. 1, 0 at the end, -1. */
int limner_io_video_in_read(limner_io_video_in *v, limner_io_image *image, double *time_s,
                            char *err);
void limner_io_video_in_close(limner_io_video_in **v); /* NULL-safe; sets NULL */

/* ---- sound in ---- */

typedef struct limner_io_audio limner_io_audio;

/* Sound file, or a video's sound; "-": stdin. Decodes to mono float for the analysis at the
 * source's own rate (clamped into 8..192 kHz by resampling), streaming. */
int limner_io_audio_open(limner_io_audio **out, const char *path, char *err);
/* The same at a wanted rate, 8..192 kHz; 0: no difference. */
int limner_io_audio_open_at(limner_io_audio **out, const char *path, uint32_t rate_hz, char *err);
uint32_t limner_io_audio_rate_hz(const limner_io_audio *a);
/* Duration in seconds as the container claims, < 0 when unknown. */
double limner_io_audio_duration_s(const limner_io_audio *a);
/* Whether the file stops without the mark that ends its format (Ogg): it may be cut short. */
bool limner_io_audio_lacks_end(const limner_io_audio *a);
/* Up to n mono samples; 0 at the end, -1 on an error. Damaged packets are skipped and counted. */
int64_t limner_io_audio_read(limner_io_audio *a, float *pcm, size_t n, char *err);
void limner_io_audio_close(limner_io_audio **a);

/* Several sounds as one, for a video: stereo, as long as the longest, each at its place, -1 left ..
 * 1 right, made quieter where they exceed full scale together. */
typedef struct limner_io_mix {
    FILE *file;    /* an unnamed temporary WAV */
    char path[32]; /* its name while the mix is open */
} limner_io_mix;

/* place [n]; path may be read while the mix is open. 0, or -1. */
int limner_io_mix_open(limner_io_mix *out, const char *const *paths, const float *place, size_t n,
                       char *err);
void limner_io_mix_close(limner_io_mix *m); /* of zeros: does nothing */

/* ---- video out ---- */

typedef enum limner_io_format {
    LIMNER_IO_MP4,          /* H.264 (libx264, else OpenH264), AAC */
    LIMNER_IO_MOV_ALPHA,    /* ProRes 4444 with alpha, AAC */
    LIMNER_IO_WEBM_ALPHA,   /* VP9 with alpha, Opus */
    LIMNER_IO_PNG_SEQUENCE, /* NAME-%06d.png */
    LIMNER_IO_Y4M,
    LIMNER_IO_RAW /* planes of each frame, one after another */
} limner_io_format;

typedef struct limner_io_video_settings {
    limner_io_format format;
    uint32_t width_px, height_px, fps_num, fps_den;
    const char *preset;     /* x264's; NULL: the default chosen by measurement */
    int crf;                /* < 0: 18 */
    const char *audio_path; /* its original sound goes into the file; NULL: silent */
    const char *comment;    /* label: who made this synthetic video */
    int n_threads;
    bool is_live; /* each frame goes out as soon as the format can (MP4: one frame later), at some
                   * cost in size */
} limner_io_video_settings;

typedef struct limner_io_video limner_io_video;

/* Format by the path's ending where not given by the caller: see limner_io_format_of. path "-":
 * stdout (MP4 is fragmented then; Y4M and raw are plain). The file appears at `path` only when
 * limner_io_video_finish has succeeded. */
int limner_io_video_open(limner_io_video **out, const char *path,
                         const limner_io_video_settings *set, char *err);
/* Pixel format: I420 for MP4, Y4M and RAW, RGBA for the others. The frame is copied. */
int limner_io_video_write(limner_io_video *v, const limner_frame *frame, char *err);
/* Writes the rest, the sound (cut where it is longer than the video and one frame), renames. */
int limner_io_video_finish(limner_io_video **v, char *err);
/* Gives up: removes the temporary file. NULL-safe. */
void limner_io_video_abort(limner_io_video **v);
/* By ending and framing; -1 and a sentence when unknown. */
int limner_io_format_of(limner_io_format *out, const char *path, bool has_alpha, char *err);

/* What limner_io_video_write takes for this format. */
limner_pixel limner_io_format_pixel(limner_io_format format);

/* ---- files ---- */

/* Whole file, at most max_bytes; mapped or read; free with limner_io_file_close. */
typedef struct limner_io_file {
    void *bytes;
    size_t len_bytes;
    bool is_mapped;
} limner_io_file;
int limner_io_file_read(limner_io_file *out, const char *path, size_t max_bytes, char *err);
void limner_io_file_close(limner_io_file *f);
/* Atomically: temporary name, fsync, rename. */
int limner_io_file_write(const char *path, const void *bytes, size_t len_bytes, char *err);
/* Removes temporary files of outputs under way; safe in a signal handler. */
void limner_io_remove_temporaries(void);

#endif
