/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures leave a session later than the sound that moves them, so sound is kept from the start
 * asked for and cut to the first picture when the file is made. */
#include "recorder.h"

#include <stdlib.h>
#include <string.h>

#include "temporary.h"

#define LABEL                                                                                      \
    "Synthetic video made by Limner from one portrait and a voice; the person shown did not say "  \
    "this"

enum { WAV_HEADER_BYTES = 44, LEAST_ROOM = 1024 };

/* Room for n of `size` bytes each; false when there is no memory. */
static bool make_room(void **array, size_t *room, size_t n, size_t size)
{
    size_t more = *room ? *room : LEAST_ROOM;

    if (n <= *room)
        return true;
    while (more < n)
        more *= 2;
    void *grown = realloc(*array, more * size);
    if (!grown)
        return false;
    *array = grown;
    *room = more;
    return true;
}

bool server_recorder_begin(server_recorder *r, limner_blob header, int64_t now)
{
    free(r->header);
    r->header = malloc(header.len_bytes + 1);
    r->is_on = r->header;
    r->is_ending = false;
    r->start = now;
    r->first = r->last = -1;
    r->n_samples = r->n_bytes = r->n_units = r->len_header = 0;
    if (!r->header)
        return false;
    memcpy(r->header, header.bytes, header.len_bytes);
    r->len_header = header.len_bytes;
    return true;
}

void server_recorder_hear(server_recorder *r, int64_t at, const int16_t *pcm, size_t n)
{
    const int64_t most = (int64_t)SERVER_MAX_RECORDING_S * r->rate_hz;
    const int64_t from = at - r->start;

    if (!r->is_on || r->is_ending || from < (int64_t)r->n_samples || from + (int64_t)n > most)
        return;
    const size_t end = (size_t)from + n;
    void *grown = r->pcm;
    if (!make_room(&grown, &r->room_samples, end, sizeof(*r->pcm)))
        return;
    r->pcm = grown;
    memset(r->pcm + r->n_samples, 0, ((size_t)from - r->n_samples) * sizeof(*r->pcm));
    memcpy(r->pcm + from, pcm, n * sizeof(*r->pcm));
    r->n_samples = end;
}

bool server_recorder_wants(const server_recorder *r, int64_t pts)
{
    return r->is_on && pts >= r->start && !(r->is_ending && pts >= r->end);
}

bool server_recorder_wants_key(const server_recorder *r)
{
    return r->first < 0;
}

void server_recorder_see(server_recorder *r, int64_t pts, const limner_io_live_packet *packet)
{
    void *bytes = r->bytes, *unit = r->unit;

    if ((r->first < 0 && !packet->is_key) ||
        !make_room(&bytes, &r->room_bytes, r->n_bytes + packet->len_bytes, 1))
        return;
    r->bytes = bytes;
    if (!make_room(&unit, &r->room_units, r->n_units + 1, sizeof(*r->unit)))
        return;
    r->unit = unit;
    if (r->first < 0)
        r->first = pts;
    memcpy(r->bytes + r->n_bytes, packet->bytes, packet->len_bytes);
    r->n_bytes += packet->len_bytes;
    r->unit[r->n_units++] =
        (limner_io_live_unit){.len_bytes = packet->len_bytes,
                              .frame = ((pts - r->first) * r->fps + r->rate_hz / 2) / r->rate_hz,
                              .is_key = packet->is_key};
    r->last = pts;
}

void server_recorder_end(server_recorder *r, int64_t now)
{
    r->is_ending = true;
    r->end = now;
}

bool server_recorder_is_complete(server_recorder *r, int64_t pts)
{
    const int64_t most = (int64_t)SERVER_MAX_RECORDING_S * r->rate_hz;

    if (r->is_on && ((r->is_ending && pts >= r->end) || pts - r->start >= most ||
                     r->n_bytes > SERVER_MAX_RECORDING_BYTES)) {
        r->is_on = false;
        return true;
    }
    return false;
}

double server_recorder_seconds(const server_recorder *r)
{
    return r->first < 0 ? 0 : (double)(r->last - r->first) / r->rate_hz + 1.0 / r->fps;
}

static void put_le(uint8_t *out, uint32_t v, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

/* The sound of all pictures as a WAV; NULL: no memory. */
static uint8_t *make_wav(const server_recorder *r, size_t *len)
{
    const size_t skipped = (size_t)(r->first - r->start);
    const size_t n = (size_t)(server_recorder_seconds(r) * r->rate_hz);
    const size_t n_there = r->n_samples > skipped ? r->n_samples - skipped : 0;
    uint8_t *b = calloc(1, WAV_HEADER_BYTES + 2 * n);

    if (!b)
        return NULL;
    *len = WAV_HEADER_BYTES + 2 * n;
    memcpy(b, "RIFF....WAVEfmt ", 16);
    put_le(b + 4, (uint32_t)(*len - 8), 4);
    put_le(b + 16, 16, 4);
    put_le(b + 20, 1, 2); /* PCM */
    put_le(b + 22, 1, 2); /* mono */
    put_le(b + 24, r->rate_hz, 4);
    put_le(b + 28, 2 * r->rate_hz, 4);
    put_le(b + 32, 2, 2);
    put_le(b + 34, 16, 2);
    memcpy(b + 36, "data", 4);
    put_le(b + 40, (uint32_t)(2 * n), 4);
    for (size_t i = 0; i < n && i < n_there; i++)
        put_le(b + WAV_HEADER_BYTES + 2 * i, (uint16_t)r->pcm[skipped + i], 2);
    return b;
}

int server_recorder_make(server_recorder *r, uint8_t **bytes, size_t *len_bytes, char *err)
{
    server_temporary wav = {0};
    size_t len_wav = 0, at = 0;
    int failed = -1;

    if (r->first < 0) {
        strcpy(err, "the recording holds no picture");
        return -1;
    }
    for (size_t i = 0; i < r->n_units; i++) {
        r->unit[i].bytes = r->bytes + at;
        at += r->unit[i].len_bytes;
    }
    uint8_t *sound = make_wav(r, &len_wav);
    if (sound && server_temporary_open(&wav, sound, len_wav) == 0) {
        const limner_io_live_file file = {.width_px = r->size_px,
                                          .height_px = r->size_px,
                                          .fps_num = r->fps,
                                          .fps_den = 1,
                                          .header = {r->header, r->len_header},
                                          .unit = r->unit,
                                          .n_units = r->n_units,
                                          .audio_path = wav.path,
                                          .comment = LABEL};
        failed = limner_io_live_file_make(bytes, len_bytes, &file, err);
    } else {
        strcpy(err, "no room for the recording's sound");
    }
    free(sound);
    server_temporary_close(&wav);
    return failed;
}

void server_recorder_clear(server_recorder *r)
{
    free(r->pcm);
    free(r->bytes);
    free(r->unit);
    free(r->header);
    memset(r, 0, sizeof(*r));
}
