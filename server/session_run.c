/* SPDX-License-Identifier: Apache-2.0 */
/* A session's thread: messages in, sound onto the stage as the clock goes, frames when they are
 * due, and in between it sleeps. While the face says or plays something, sound from the client is
 * not heard. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "photo.h"
#include "session_parts.h"

int64_t server_session_now(const server_session *s)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)(t.tv_sec - s->start.tv_sec) * s->hello.rate_hz +
           (int64_t)((double)(t.tv_nsec - s->start.tv_nsec) * 1e-9 * s->hello.rate_hz);
}

static struct timespec time_of(const server_session *s, int64_t at)
{
    const int64_t rate = s->hello.rate_hz;
    struct timespec t = s->start;

    t.tv_sec += (time_t)(at / rate);
    t.tv_nsec += (long)(at % rate * 1000000000 / rate);
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    return t;
}

static void fail(server_session *s, const char *code, const char *why)
{
    server_session_tell(s, server_packet_error(code, why));
}

/* ---- photos ---- */

static void encode_photo(void *user)
{
    server_photo_job *job = user;

    job->portrait = server_photo_encode(job->model, job->item->message.payload,
                                        job->item->message.len_bytes, job->why);
}

/* Takes the item. */
static void begin_photo(server_session *s, server_item *item)
{
    if (s->photo_chore.is_begun) {
        fail(s, "busy", "a photo is being looked at already");
        free(item);
        return;
    }
    s->photo = (server_photo_job){.model = s->shared->model, .item = item};
    if (server_chore_begin(&s->photo_chore, encode_photo, &s->photo)) {
        server_session_tell(s, server_packet_text("{\"type\":\"portrait\",\"state\":\"working\"}"));
        return;
    }
    fail(s, "photo", "no thread to look at it in");
    free(item);
}

static void change_face(server_session *s, limner_portrait *portrait)
{
    if (server_stage_change(&s->stage, portrait, server_session_now(s)) < 0) {
        fail(s, "photo", "not enough memory for another face");
        return;
    }
    s->wants_key = true;
    server_session_tell(s, server_packet_text("{\"type\":\"portrait\",\"state\":\"ready\"}"));
}

static void poll_photo(server_session *s)
{
    if (!server_chore_end(&s->photo_chore, false))
        return;
    server_metrics_add(&s->shared->metrics,
                       s->photo.portrait ? SERVER_N_PHOTOS : SERVER_N_PHOTOS_REFUSED, 1);
    if (s->photo.portrait)
        change_face(s, s->photo.portrait);
    else
        fail(s, "photo", s->photo.why);
    limner_portrait_close(&s->photo.portrait);
    free(s->photo.item);
    s->photo.item = NULL;
}

/* ---- sound ---- */

/* Whether a client may send so many samples more; else it floods. */
static bool has_room(server_session *s, size_t n, int64_t now)
{
    const int64_t most = now + (int64_t)SERVER_FLOOD_S * s->hello.rate_hz;

    if (s->n_sound_taken < now - (int64_t)SERVER_FLOOD_S * s->hello.rate_hz)
        s->n_sound_taken = now; /* it has been silent */
    if (s->n_sound_taken + (int64_t)n > most)
        return false;
    s->n_sound_taken += (int64_t)n;
    return true;
}

static bool is_speaking(const server_session *s)
{
    return s->n_said || server_speaker_is_busy(&s->speaker);
}

static void hear(server_session *s, const server_message *m)
{
    const int64_t now = server_session_now(s);
    const uint8_t *b = m->payload;
    size_t left = m->len_bytes / 2;
    float pcm[SERVER_CHUNK_SAMPLES];

    if (is_speaking(s))
        return;
    if (!has_room(s, left, now)) {
        server_metrics_add(&s->shared->metrics, SERVER_N_SOUND_DROPPED, left);
        return;
    }
    while (left) {
        const size_t n = left < SERVER_CHUNK_SAMPLES ? left : SERVER_CHUNK_SAMPLES;
        for (size_t i = 0; i < n; i++)
            pcm[i] = (float)(int16_t)(uint16_t)(b[2 * i] | b[2 * i + 1] << 8) / 32768;
        server_stage_send_live(&s->stage, now, pcm, n);
        server_session_send_sound(s, server_stage_sound(&s->stage) - (int64_t)n, pcm, n,
                                  s->hello.has_echo);
        b += 2 * n;
        left -= n;
    }
}

/* A piece onto the stage; false: there is none, or the stage takes none before its next frame. */
static bool speak_piece(server_session *s)
{
    char why[LIMNER_IO_ERROR_SIZE];

    if (!s->n_said) {
        const int64_t n =
            server_speaker_read(&s->speaker, s->said, s->hello.rate_hz / SERVER_CHUNKS_HZ, why);
        if (n < 0)
            fail(s, "sound", why);
        s->n_said = n < 0 ? 0 : (size_t)n;
    }
    const size_t used = server_stage_send(&s->stage, s->said, s->n_said);
    if (!used)
        return false;
    server_session_send_sound(s, server_stage_sound(&s->stage) - (int64_t)used, s->said, used,
                              true);
    s->n_said -= used;
    memmove(s->said, s->said + used, s->n_said * sizeof(float));
    return true;
}

static void stop_speech(server_session *s)
{
    server_speaker_stop(&s->speaker);
    s->n_said = 0;
}

/* What the face says itself, a little ahead of the clock. */
static void speak(server_session *s, int64_t now)
{
    const int64_t ahead = now + (int64_t)SERVER_AHEAD_MS * s->hello.rate_hz / 1000;

    while (is_speaking(s) && server_stage_sound(&s->stage) < ahead && speak_piece(s))
        continue;
    if (is_speaking(s) != s->was_busy) {
        s->was_busy = !s->was_busy;
        server_session_tell(s, server_packet_text("{\"type\":\"speaking\",\"on\":%s}",
                                                  s->was_busy ? "true" : "false"));
    }
}

static void start_speech(server_session *s, const server_message *m)
{
    char why[LIMNER_IO_ERROR_SIZE];

    stop_speech(s);
    const int failed = m->kind == SERVER_SAY
                           ? server_speaker_say(&s->speaker, &m->as.say, why)
                           : server_speaker_play(&s->speaker, m->payload, m->len_bytes, why);

    if (failed) {
        fail(s, m->kind == SERVER_SAY ? "say" : "sound", why);
        return;
    }
    server_metrics_add(&s->shared->metrics, SERVER_N_SAID, 1);
    if (m->kind == SERVER_VOICE && limner_io_audio_lacks_end(s->speaker.audio))
        server_session_tell(
            s, server_packet_text("{\"type\":\"note\",\"code\":\"sound\",\"message\":\"the sound "
                                  "stops without an end, as if cut short; it is played as far as "
                                  "it goes\"}"));
}

/* ---- messages ---- */

/* Whether the item is to be freed. */
static bool handle(server_session *s, server_item *item)
{
    const server_message *m = &item->message;

    switch (m->kind) {
    case SERVER_SOUND:
        hear(s, m);
        break;
    case SERVER_PHOTO:
        begin_photo(s, item);
        return false;
    case SERVER_SAY:
    case SERVER_VOICE:
        start_speech(s, m);
        break;
    case SERVER_CONTROLS:
        if (server_stage_control(&s->stage, &m->as.controls) < 0)
            fail(s, "controls", "these controls do not go together");
        break;
    case SERVER_STOP:
        stop_speech(s);
        break;
    case SERVER_DEMO:
        change_face(s, s->shared->demo);
        break;
    case SERVER_RECORD:
        server_session_record(s, m->as.is_on);
        break;
    case SERVER_KEY:
        s->wants_key = true;
        break;
    case SERVER_PING:
        server_session_tell(s, server_packet_text("{\"type\":\"pong\",\"t\":%.17g,\"clock\":%lld}",
                                                  m->as.ping, (long long)server_session_now(s)));
        break;
    case SERVER_HELLO:
        fail(s, "hello", "this connection has a session already");
        break;
    }
    return true;
}

static bool is_stopping(const server_session *s)
{
    return atomic_load_explicit(&s->is_stopping, memory_order_acquire);
}

static void step(server_session *s)
{
    server_item *item;

    while (!is_stopping(s) && (item = server_ring_take(&s->in))) {
        if (handle(s, item))
            free(item);
    }
    poll_photo(s);
    speak(s, server_session_now(s));
    server_session_send_frame(s);
    server_session_send_file(s);
    server_session_report(s);
}

/* Until the next frame, or the next piece of what is being said, or a message. */
static void rest(server_session *s)
{
    const int64_t now = server_session_now(s);
    int64_t until = server_stage_due(&s->stage);

    if (is_speaking(s) && until > now + s->hello.rate_hz / SERVER_CHUNKS_HZ)
        until = now + s->hello.rate_hz / SERVER_CHUNKS_HZ;
    const struct timespec t = time_of(s, until + 1);
    server_ring_wait(&s->in, &t);
}

/* ---- life ---- */

static bool open_all(server_session *s)
{
    limner_settings set;

    limner_settings_init(&set, sizeof(set));
    set.rate_hz = s->hello.rate_hz;
    set.fps_num = s->hello.fps;
    set.width_px = set.height_px = s->hello.size_px;
    set.n_threads = 1;
    set.seed = s->hello.seed;
    set.is_clocked = 1;
    s->speaker.rate_hz = s->hello.rate_hz;
    if (!server_session_open_encoder(s)) {
        fail(s, "codec", "this server cannot encode that");
        return false;
    }
    if (server_stage_open(&s->stage, s->shared->model, s->shared->demo, &set) < 0) {
        fail(s, "memory", "there is no memory for another session");
        return false;
    }
    clock_gettime(CLOCK_MONOTONIC, &s->start);
    return true;
}

static void welcome(server_session *s)
{
    server_session_tell(
        s, server_packet_text(
               "{\"type\":\"welcome\",\"version\":%d,\"server\":\"%s\",\"codec\":\"%s\","
               "\"encoder\":\"%s\",\"size\":%u,\"fps\":%u,\"rate_hz\":%u,\"latency_ms\":%.1f,"
               "\"limits\":{"
               "\"seconds\":%u,\"json_bytes\":%d,\"text_bytes\":%d,\"samples_bytes\":%d,"
               "\"photo_bytes\":%d,\"sound_bytes\":%d,\"speech_s\":%d,\"recording_s\":%d}}",
               SERVER_PROTOCOL_VERSION, s->shared->set->program_version,
               limner_io_live_encoder_codec(s->encoder), limner_io_live_encoder_name(s->encoder),
               s->hello.size_px, s->hello.fps, s->hello.rate_hz,
               1e3 * (double)server_stage_latency(&s->stage) / (double)s->hello.rate_hz,
               s->shared->set->max_seconds, SERVER_MAX_JSON_BYTES, SERVER_MAX_TEXT_BYTES,
               SERVER_MAX_SOUND_BYTES, SERVER_MAX_PHOTO_BYTES, SERVER_MAX_VOICE_BYTES,
               SERVER_MAX_SPEECH_S, SERVER_MAX_RECORDING_S));
}

static void close_all(server_session *s)
{
    if (server_chore_end(&s->photo_chore, true)) {
        limner_portrait_close(&s->photo.portrait);
        free(s->photo.item);
    }
    server_chore_end(&s->file_chore, true);
    limner_io_live_file_free(s->file.bytes);
    server_recorder_clear(&s->recorder);
    server_speaker_stop(&s->speaker);
    limner_io_live_encoder_close(&s->encoder);
    limner_io_live_encoder_close(&s->record_encoder);
    server_stage_close(&s->stage);
}

void *server_session_run(void *session)
{
    server_session *s = session;
    const char *reason;

    if (open_all(s)) {
        const int64_t most = (int64_t)s->shared->set->max_seconds * s->hello.rate_hz;
        welcome(s);
        while (!is_stopping(s)) {
            step(s);
            if (server_session_now(s) > most)
                server_session_stop(s, "time");
            rest(s);
        }
    }
    reason = atomic_load_explicit(&s->reason, memory_order_relaxed);
    server_session_tell(
        s, server_packet_text("{\"type\":\"bye\",\"reason\":\"%s\"}", reason ? reason : "error"));
    close_all(s);
    atomic_store_explicit(&s->is_over, true, memory_order_release); /* pairs with the loop's */
    s->shared->wake(s->shared->loop);
    return NULL;
}
