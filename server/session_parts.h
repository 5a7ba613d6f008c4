/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a session: session.c lives on the loop's side of the rings, the others in the session's
 * thread: session_run.c turns time and messages into sound and frames, session_send.c frames into
 * packets. */
#ifndef LIMNER_SERVER_SESSION_PARTS_H
#define LIMNER_SERVER_SESSION_PARTS_H

#include "chore.h"
#include "io/live_encoder.h"
#include "recorder.h"
#include "ring.h"
#include "session.h"
#include "speaker.h"
#include "stage.h"

enum {
    SERVER_MOST_ITEMS = 64,      /* in the ring to a session */
    SERVER_MOST_PICTURES = 6,    /* waiting for a client: beyond, none are made */
    SERVER_MOST_SOUNDS = 96,     /* packets of any kind waiting: beyond, no sound is added */
    SERVER_MOST_PASSED = 4,      /* late frames passed over in a row */
    SERVER_CHUNK_SAMPLES = 1024, /* most of sound that is handed on at a time */
    SERVER_CHUNKS_HZ = 50,       /* of sound that is played */
    SERVER_AHEAD_MS = 60,        /* how far it is sent ahead of the clock */
    SERVER_SLOW_S = 10,          /* a client that reads nothing for so long is sent away */
    SERVER_FLOOD_S = 2,          /* sound a client may send ahead of time */
    SERVER_FILE_CHUNK = 32 << 10 /* bytes of a recording at a time */
};

/* What a chore has been given and gives back. */
typedef struct server_photo_job {
    limner_model *model;
    server_item *item;
    limner_portrait *portrait; /* NULL: `why` */
    char why[LIMNER_IO_ERROR_SIZE];
} server_photo_job;

typedef struct server_file_job {
    server_recorder *recorder;
    uint8_t *bytes; /* NULL: `why` */
    size_t len_bytes;
    char why[LIMNER_IO_ERROR_SIZE];
} server_file_job;

struct server_session {
    server_shared *shared;
    server_hello hello;
    uint32_t id;
    pthread_t thread;
    server_ring in, out;
    atomic_bool is_stopping, is_over;
    _Atomic(const char *) reason; /* why it is stopped; static string or NULL */
    atomic_int n_pictures;        /* waiting in `out` */
    atomic_uint n_popped;

    /* The thread's own. */
    struct timespec start; /* 0 on the stage's clock */
    server_stage stage;
    server_speaker speaker;
    float said[SERVER_CHUNK_SAMPLES]; /* the speaker's, not on the stage yet */
    size_t n_said;
    bool was_busy; /* it said something when the client was last told */
    int64_t n_sound_taken;
    limner_io_live_encoder *encoder, *record_encoder; /* the second where the first is no H.264 */
    uint32_t n_pictures_sent;
    bool wants_key;
    int n_passed; /* late frames passed over in a row */
    struct {
        uint64_t n_frames, n_dropped;
        int n_late; /* since the last report */
        double late_ms, most_late_ms;
        int64_t next; /* when the next report is due */
        unsigned n_popped;
        int64_t popped_at;
    } report;
    server_chore photo_chore, file_chore;
    server_photo_job photo;
    server_recorder recorder;
    server_file_job file;
    size_t n_file_sent; /* bytes */
};

/* session_run.c */
void *server_session_run(void *session);
int64_t server_session_now(const server_session *s);

/* session_send.c */
void server_session_tell(server_session *s, server_packet *p); /* takes it; NULL: no memory */
bool server_session_open_encoder(server_session *s);
/* At most SERVER_CHUNK_SAMPLES that lie at `at`; is_heard: for the client too. */
void server_session_send_sound(server_session *s, int64_t at, const float *pcm, size_t n,
                               bool is_heard);
/* Makes and sends the frame that is due, if any. */
void server_session_send_frame(server_session *s);
void server_session_report(server_session *s);
void server_session_record(server_session *s, bool is_on);
/* Makes the file of a recording that is complete, and sends it piece by piece. */
void server_session_send_file(server_session *s);

#endif
