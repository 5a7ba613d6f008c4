/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and sounds become packets. A frame is not made, and counted as dropped, when it is more
 * than a period late (at most SERVER_MOST_PASSED in a row, so that the face moves on the slowest
 * machine) or when SERVER_MOST_PICTURES already wait for the client. As no frame is dropped once it
 * is encoded, the client can decode all that it gets. */
#include <math.h>
#include <stdlib.h>

#include "session_parts.h"

static const limner_blob nothing;

void server_session_tell(server_session *s, server_packet *p)
{
    if (!p)
        return;
    if (p->is_picture)
        atomic_fetch_add_explicit(&s->n_pictures, 1, memory_order_relaxed);
    if (!server_ring_put(&s->out, p, SERVER_RING_SIZE)) {
        if (p->is_picture)
            atomic_fetch_sub_explicit(&s->n_pictures, 1, memory_order_relaxed);
        free(p);
        return;
    }
    s->shared->wake(s->shared->loop);
}

/* ---- sound ---- */

void server_session_send_sound(server_session *s, int64_t at, const float *pcm, size_t n,
                               bool is_heard)
{
    int16_t words[SERVER_CHUNK_SAMPLES];
    server_packet *p = NULL;

    for (size_t i = 0; i < n; i++)
        words[i] = (int16_t)lrintf(32767 * fminf(fmaxf(pcm[i], -1), 1));
    server_recorder_hear(&s->recorder, at, words, n);
    if (!is_heard)
        return;
    if (server_ring_count(&s->out) < SERVER_MOST_SOUNDS)
        p = server_packet_media('S', false, 0, at, nothing, (limner_blob){words, 2 * n});
    if (!p)
        server_metrics_add(&s->shared->metrics, SERVER_N_SOUND_DROPPED, n);
    server_session_tell(s, p);
}

/* ---- pictures ---- */

static bool open_codec(server_session *s, limner_io_live_encoder **out, limner_io_live_codec codec)
{
    const limner_io_live_settings set = {.codec = codec,
                                         .width_px = s->hello.size_px,
                                         .height_px = s->hello.size_px,
                                         .fps_num = s->hello.fps,
                                         .fps_den = 1,
                                         .crf = -1};
    char err[LIMNER_IO_ERROR_SIZE];

    if (limner_io_live_encoder_open(out, &set, err) == 0)
        return true;
    server_log(s->shared, "session %u: %s", s->id, err);
    return false;
}

bool server_session_open_encoder(server_session *s)
{
    static const limner_io_live_codec codecs[] = {[SERVER_CODEC_AUTO] = LIMNER_IO_LIVE_ANY,
                                                  [SERVER_CODEC_H264] = LIMNER_IO_LIVE_H264,
                                                  [SERVER_CODEC_JPEG] = LIMNER_IO_LIVE_JPEG};

    s->wants_key = true;
    return open_codec(s, &s->encoder, codecs[s->hello.codec]);
}

static bool is_h264(const server_session *s)
{
    return limner_io_live_encoder_header(s->encoder).len_bytes > 0;
}

/* Where the packets are not H.264, the recording has an encoder of its own. */
static void record_frame(server_session *s, const limner_frame *f,
                         const limner_io_live_packet *sent)
{
    limner_io_live_packet own;
    char err[LIMNER_IO_ERROR_SIZE];

    if (server_recorder_wants(&s->recorder, f->pts_samples)) {
        if (!s->record_encoder)
            server_recorder_see(&s->recorder, f->pts_samples, sent);
        else if (limner_io_live_encoder_encode(
                     s->record_encoder, f, server_recorder_wants_key(&s->recorder), &own, err) == 0)
            server_recorder_see(&s->recorder, f->pts_samples, &own);
    }
}

static void send_frame(server_session *s, const limner_frame *f)
{
    const bool starts = server_recorder_wants(&s->recorder, f->pts_samples) &&
                        server_recorder_wants_key(&s->recorder);
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_live_packet packet;

    if (limner_io_live_encoder_encode(s->encoder, f, s->wants_key || starts, &packet, err) < 0) {
        server_log(s->shared, "session %u: %s", s->id, err);
        server_session_stop(s, "error");
        return;
    }
    s->wants_key = false;
    server_session_tell(
        s, server_packet_media(is_h264(s) ? 'V' : 'J', packet.is_key, s->n_pictures_sent++,
                               f->pts_samples,
                               packet.is_key ? limner_io_live_encoder_header(s->encoder) : nothing,
                               (limner_blob){packet.bytes, packet.len_bytes}));
    record_frame(s, f, &packet);
}

static void count_frame(server_session *s, int64_t due)
{
    const double late_ms = 1e3 * (double)(server_session_now(s) - due) / (double)s->hello.rate_hz;

    s->report.n_frames++;
    s->report.n_late++;
    s->report.late_ms += late_ms;
    s->report.most_late_ms = fmax(s->report.most_late_ms, late_ms);
    server_metrics_add_frame(&s->shared->metrics, late_ms);
}

/* The rule above: what to count the frame as that is due, or -1: it is made. */
static int find_drop(const server_session *s, int64_t late)
{
    if (atomic_load_explicit(&s->n_pictures, memory_order_relaxed) >= SERVER_MOST_PICTURES)
        return SERVER_N_DROPPED_SLOW;
    if (late > s->hello.rate_hz / s->hello.fps && s->n_passed < SERVER_MOST_PASSED)
        return SERVER_N_DROPPED_LATE;
    return -1;
}

void server_session_send_frame(server_session *s)
{
    const int64_t due = server_stage_due(&s->stage), now = server_session_now(s);
    const int drop = now < due ? -1 : find_drop(s, now - due);
    limner_frame frame;

    if (now < due || server_stage_receive(&s->stage, now, drop < 0 ? &frame : NULL) != LIMNER_OK)
        return;
    s->n_passed = drop == SERVER_N_DROPPED_LATE ? s->n_passed + 1 : 0;
    if (drop >= 0) {
        s->report.n_dropped++;
        server_metrics_add(&s->shared->metrics, (server_metric)drop, 1);
        return;
    }
    const int64_t pts = frame.pts_samples;
    send_frame(s, &frame);
    limner_frame_unref(&frame);
    count_frame(s, due);
    if (server_recorder_is_complete(&s->recorder, pts)) {
        s->file = (server_file_job){.recorder = &s->recorder};
        server_session_send_file(s);
    }
}

/* ---- reports ---- */

/* A client with pictures waiting that takes nothing is not there any more. */
static void check_reader(server_session *s, int64_t now)
{
    const unsigned n = atomic_load_explicit(&s->n_popped, memory_order_relaxed);

    if (n != s->report.n_popped || server_ring_count(&s->out) == 0) {
        s->report.n_popped = n;
        s->report.popped_at = now;
    } else if (now - s->report.popped_at > (int64_t)SERVER_SLOW_S * s->hello.rate_hz) {
        server_log(s->shared, "session %u: the client reads nothing; it is closed", s->id);
        server_metrics_add(&s->shared->metrics, SERVER_N_LATE_CLIENTS, 1);
        server_session_stop(s, "slow");
    }
}

void server_session_report(server_session *s)
{
    const int64_t now = server_session_now(s);
    const double n = s->report.n_late ? s->report.n_late : 1;

    if (now < s->report.next)
        return;
    check_reader(s, now);
    server_session_tell(
        s, server_packet_text("{\"type\":\"stats\",\"clock\":%lld,\"frames\":%llu,"
                              "\"dropped\":%llu,\"fps\":%d,\"late_ms\":%.1f,\"most_late_ms\":%.1f,"
                              "\"recorded_s\":%.1f}",
                              (long long)now, (unsigned long long)s->report.n_frames,
                              (unsigned long long)s->report.n_dropped, s->report.n_late,
                              s->report.late_ms / n, s->report.most_late_ms,
                              s->recorder.is_on ? server_recorder_seconds(&s->recorder) : 0));
    s->report.n_late = 0;
    s->report.late_ms = s->report.most_late_ms = 0;
    s->report.next += s->hello.rate_hz;
    if (s->report.next <= now)
        s->report.next = now + s->hello.rate_hz;
}

/* ---- recordings ---- */

void server_session_record(server_session *s, bool is_on)
{
    if (!is_on) {
        if (s->recorder.is_on)
            server_recorder_end(&s->recorder, server_session_now(s));
        return;
    }
    if (s->recorder.is_on || s->file.recorder) {
        server_session_tell(s, server_packet_error("record", "a recording is under way"));
        return;
    }
    if (!is_h264(s) && !s->record_encoder &&
        !open_codec(s, &s->record_encoder, LIMNER_IO_LIVE_H264)) {
        server_session_tell(s, server_packet_error("record", "this server has no H.264 encoder"));
        return;
    }
    s->recorder.rate_hz = s->hello.rate_hz;
    s->recorder.fps = s->hello.fps;
    s->recorder.size_px = s->hello.size_px;
    if (server_recorder_begin(
            &s->recorder,
            limner_io_live_encoder_header(s->record_encoder ? s->record_encoder : s->encoder),
            server_session_now(s)))
        server_session_tell(s, server_packet_text("{\"type\":\"recording\",\"state\":\"on\"}"));
}

static void make_file(void *user)
{
    server_file_job *job = user;

    if (server_recorder_make(job->recorder, &job->bytes, &job->len_bytes, job->why) < 0)
        job->bytes = NULL;
}

static void forget_file(server_session *s)
{
    limner_io_live_file_free(s->file.bytes);
    s->file = (server_file_job){0};
    server_recorder_clear(&s->recorder);
}

static void tell_made(server_session *s)
{
    if (!s->file.bytes) {
        server_session_tell(s, server_packet_error("record", s->file.why));
        forget_file(s);
        return;
    }
    s->n_file_sent = 0;
    server_metrics_add(&s->shared->metrics, SERVER_N_RECORDINGS, 1);
    server_session_tell(s, server_packet_text("{\"type\":\"recording\",\"state\":\"ready\","
                                              "\"bytes\":%zu,\"seconds\":%.2f}",
                                              s->file.len_bytes,
                                              server_recorder_seconds(&s->recorder)));
}

/* As much as leaves room for pictures and sound. */
static void send_pieces(server_session *s)
{
    while (s->file.bytes && server_ring_count(&s->out) < SERVER_MOST_PICTURES) {
        const size_t left = s->file.len_bytes - s->n_file_sent;
        const size_t n = left < SERVER_FILE_CHUNK ? left : SERVER_FILE_CHUNK;
        server_session_tell(s,
                            server_packet_media('R', n == left, 0, (int64_t)s->n_file_sent, nothing,
                                                (limner_blob){s->file.bytes + s->n_file_sent, n}));
        s->n_file_sent += n;
        if (n == left)
            forget_file(s);
    }
}

void server_session_send_file(server_session *s)
{
    if (!s->file.recorder)
        return;
    if (server_chore_end(&s->file_chore, false)) {
        tell_made(s);
    } else if (!s->file_chore.is_begun && !s->file.bytes) {
        if (server_chore_begin(&s->file_chore, make_file, &s->file))
            return;
        server_session_tell(s, server_packet_error("record", "no thread to make the file in"));
        forget_file(s);
    }
    if (s->file_chore.is_begun) /* what is in `file` is the chore's now */
        return;
    send_pieces(s);
}
