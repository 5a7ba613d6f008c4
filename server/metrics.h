/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted, and Prometheus' text of it. Counters only grow and are added to from any
 * thread, relaxed: nothing else is ordered by them. */
#ifndef LIMNER_SERVER_METRICS_H
#define LIMNER_SERVER_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef enum server_metric {
    SERVER_N_CONNECTIONS,
    SERVER_N_SESSIONS,
    SERVER_N_REFUSED_FULL,
    SERVER_N_REFUSED_TOKEN,
    SERVER_N_REFUSED_ORIGIN,
    SERVER_N_MESSAGES,
    SERVER_N_BAD_MESSAGES,
    SERVER_N_TOO_LARGE,
    SERVER_N_TOO_MANY,
    SERVER_N_CUT,
    SERVER_N_FRAMES,
    SERVER_N_DROPPED_LATE,
    SERVER_N_DROPPED_SLOW,
    SERVER_N_SOUND_DROPPED,
    SERVER_N_BYTES_SENT,
    SERVER_N_PHOTOS,
    SERVER_N_PHOTOS_REFUSED,
    SERVER_N_SAID,
    SERVER_N_RECORDINGS,
    SERVER_N_LATE_CLIENTS,
    SERVER_N_METRICS
} server_metric;

enum { SERVER_METRICS_TEXT_SIZE = 8192, SERVER_N_BUCKETS = 8 };

typedef struct server_metrics {
    atomic_uint_fast64_t count[SERVER_N_METRICS];
    atomic_uint_fast64_t bucket[SERVER_N_BUCKETS]; /* of how late frames are handed over */
    atomic_uint_fast64_t late_us;                  /* their sum */
    atomic_uint sessions;                          /* now */
} server_metrics;

void server_metrics_add(server_metrics *m, server_metric which, uint64_t n);
void server_metrics_add_frame(server_metrics *m, double late_ms);
/* Length of the text. */
size_t server_metrics_print(server_metrics *m, unsigned max_sessions,
                            char out[SERVER_METRICS_TEXT_SIZE]);

#endif
