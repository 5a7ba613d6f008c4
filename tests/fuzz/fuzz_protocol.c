/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as a message of a client, text or binary by the first bit; what is taken
 * must lie within the ranges that the protocol promises, what is not must be said in a sentence. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(int is_true)
{
    if (!is_true)
        abort();
}

static int is_within(float v, float low, float high)
{
    return v >= low && v <= high;
}

static void check_controls(const limner_controls *c)
{
    check(is_within(c->gaze_yaw, -30, 30) && is_within(c->gaze_pitch, -30, 30));
    check(is_within(c->gaze_x, -1, 2) && is_within(c->gaze_y, -1, 2) && c->gaze_mode <= 3);
    check(is_within(c->yaw, -45, 45) && is_within(c->pitch, -45, 45) &&
          is_within(c->roll, -45, 45));
    check(is_within(c->distance, 0.5f, 2) && is_within(c->energy, 0, 2) && c->is_still <= 1);
    check(is_within(c->head_gain, 0, 3) && is_within(c->expression_gain, 0, 3) &&
          is_within(c->mouth_gain, 0, 3) && is_within(c->blink_rate, -1, 60));
    for (int i = 0; i < LIMNER_N_EMOTION; i++)
        check(is_within(c->emotion[i], 0, 1));
}

static void check_hello(const server_hello *h)
{
    check(h->size_px >= 128 && h->size_px <= 1024 && h->size_px % 2 == 0);
    check(h->fps >= 5 && h->fps <= 40 && h->rate_hz >= 8000 && h->rate_hz <= 48000);
    check(h->codec <= SERVER_CODEC_JPEG && memchr(h->token, 0, sizeof(h->token)));
}

static void check_say(const server_say *s)
{
    check(memchr(s->text, 0, sizeof(s->text)) && memchr(s->voice, 0, sizeof(s->voice)));
    check(s->text[0] && s->voice[0] && s->voice[0] != '-' && s->speed >= 80 && s->speed <= 450);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const int is_binary = n && bytes[0] & 1;
    limner_controls now;
    char why[SERVER_WHY_SIZE] = "";
    server_message m;

    if (n == 0)
        return 0;
    limner_controls_init(&now, sizeof(now));
    if (server_protocol_parse(&m, bytes + 1, n - 1, is_binary, &now, why) < 0) {
        check(strlen(why) > 5 && memchr(why, 0, sizeof(why)) && m.payload == NULL);
        return 0;
    }
    check((m.kind >= SERVER_SOUND) == is_binary);
    check(!is_binary || (m.payload == bytes + 2 && m.len_bytes == n - 2 && m.len_bytes > 0));
    check(m.kind != SERVER_SOUND || m.len_bytes % 2 == 0);
    if (m.kind == SERVER_CONTROLS)
        check_controls(&m.as.controls);
    if (m.kind == SERVER_HELLO)
        check_hello(&m.as.hello);
    if (m.kind == SERVER_SAY)
        check_say(&m.as.say);
    check(m.kind != SERVER_PING || isfinite(m.as.ping));
    return 0;
}
