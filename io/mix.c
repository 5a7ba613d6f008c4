/* SPDX-License-Identifier: Apache-2.0 */
/* Several sounds made one (see media.h): each to mono at 48 kHz, placed between left and right with
 * constant power, added. Two passes: the first finds the peak, so that the second can keep all of
 * it within full scale without bending it. The WAV is 16 bits, stereo. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/error.h"
#include "io/media.h"

enum { RATE_HZ = 48000, BLOCK = 4096, MAX_SOUNDS = 32, HEADER_BYTES = 44, FRAME_BYTES = 4 };

#define MAX_FRAMES ((int64_t)1 << 30)   /* what a WAV's 32-bit lengths hold: 6 hours */
#define WIDTH 0.6                       /* of the stage: nobody speaks into one ear only */

typedef struct mixer {
    const char *const *paths;
    size_t n;
    limner_io_audio *audio[MAX_SOUNDS];
    float gain[MAX_SOUNDS][2];
    float block[2 * BLOCK];
} mixer;

static void close_all(mixer *m)
{
    for (size_t i = 0; i < m->n; i++)
        limner_io_audio_close(&m->audio[i]);
}

static int open_all(mixer *m, char *err)
{
    for (size_t i = 0; i < m->n; i++) {
        if (limner_io_audio_open_at(&m->audio[i], m->paths[i], RATE_HZ, err) < 0) {
            close_all(m);
            return -1;
        }
    }
    return 0;
}

/* One sound's next part into the block; the samples there were, -1. */
static int64_t add_sound(mixer *m, size_t i, char *err)
{
    float pcm[BLOCK];
    int64_t there = 0, n = 1;

    while (n > 0 && there < BLOCK) {
        n = limner_io_audio_read(m->audio[i], pcm + there, (size_t)(BLOCK - there), err);
        if (n < 0)
            return -1;
        there += n;
    }
    for (int64_t k = 0; k < there; k++) {
        const float v = isfinite(pcm[k]) ? pcm[k] : 0;
        m->block[2 * k] += m->gain[i][0] * v;
        m->block[2 * k + 1] += m->gain[i][1] * v;
    }
    return there;
}

/* The next block of all sounds: its length, 0 at the end of the longest, -1. */
static int64_t mix_block(mixer *m, char *err)
{
    int64_t longest = 0;

    memset(m->block, 0, sizeof(m->block));
    for (size_t i = 0; i < m->n; i++) {
        const int64_t n = add_sound(m, i, err);
        if (n < 0)
            return -1;
        longest = n > longest ? n : longest;
    }
    return longest;
}

static int find_peak(mixer *m, float *peak, int64_t *n_frames, char *err)
{
    int64_t n;

    *peak = 0;
    *n_frames = 0;
    if (open_all(m, err) < 0)
        return -1;
    while ((n = mix_block(m, err)) > 0) {
        *n_frames += n;
        for (int64_t k = 0; k < 2 * n; k++)
            *peak = fmaxf(*peak, fabsf(m->block[k]));
    }
    close_all(m);
    if (n >= 0 && *n_frames > MAX_FRAMES)
        return limner_io_fail(err, m->paths[0], "is longer than 6 hours with the other sounds; "
                                                "make the video in parts");
    return n < 0 ? -1 : 0;
}

static void put_little(uint8_t *out, uint32_t v, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

static void make_header(uint8_t h[HEADER_BYTES], int64_t n_frames)
{
    const uint32_t n_bytes = (uint32_t)(n_frames * FRAME_BYTES);

    memcpy(h, "RIFF....WAVEfmt ", 16);
    put_little(h + 4, n_bytes + HEADER_BYTES - 8, 4);
    put_little(h + 16, 16, 4);
    put_little(h + 20, 1, 2); /* PCM */
    put_little(h + 22, 2, 2);
    put_little(h + 24, RATE_HZ, 4);
    put_little(h + 28, RATE_HZ * FRAME_BYTES, 4);
    put_little(h + 32, FRAME_BYTES, 2);
    put_little(h + 34, 16, 2);
    memcpy(h + 36, "data", 4);
    put_little(h + 40, n_bytes, 4);
}

static int write_mix(mixer *m, FILE *file, float scale, int64_t n_frames, char *err)
{
    uint8_t bytes[BLOCK * FRAME_BYTES], header[HEADER_BYTES];
    int64_t n;

    make_header(header, n_frames);
    fwrite(header, 1, sizeof(header), file);
    if (open_all(m, err) < 0)
        return -1;
    while ((n = mix_block(m, err)) > 0) {
        for (int64_t k = 0; k < 2 * n; k++)
            put_little(bytes + 2 * k, (uint32_t)lrintf(32767 * scale * m->block[k]), 2);
        fwrite(bytes, FRAME_BYTES, (size_t)n, file);
    }
    close_all(m);
    if (n < 0)
        return -1;
    if (fflush(file) != 0 || ferror(file))
        return limner_io_fail_write(err, "the folder for temporary files", errno);
    return 0;
}

int limner_io_mix_open(limner_io_mix *out, const char *const *paths, const float *place, size_t n,
                       char *err)
{
    mixer m = {.paths = paths, .n = n};
    int64_t n_frames;
    float peak;

    memset(out, 0, sizeof(*out));
    if (n == 0 || n > MAX_SOUNDS)
        return limner_io_fail(err, "mixing", "%zu sounds; 1 to %d are possible", n, MAX_SOUNDS);
    for (size_t i = 0; i < n; i++) {
        const double angle = (WIDTH * (double)place[i] + 1) * 0.78539816339744831;
        m.gain[i][0] = (float)(sqrt(2) * cos(angle));
        m.gain[i][1] = (float)(sqrt(2) * sin(angle));
    }
    if (find_peak(&m, &peak, &n_frames, err) < 0)
        return -1;
    out->file = tmpfile();
    if (!out->file)
        return limner_io_fail_write(err, "the folder for temporary files", errno);
    snprintf(out->path, sizeof(out->path), "/dev/fd/%d", fileno(out->file));
    if (write_mix(&m, out->file, peak > 1 ? 1 / peak : 1, n_frames, err) < 0) {
        limner_io_mix_close(out);
        return -1;
    }
    return 0;
}

void limner_io_mix_close(limner_io_mix *m)
{
    if (m->file)
        fclose(m->file);
    memset(m, 0, sizeof(*m));
}
