/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus' exposition format, version 0.0.4. */
#include "metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name, *help;
} names[SERVER_N_METRICS] = {
    {"connections_total", "WebSocket connections taken"},
    {"sessions_total", "Sessions opened"},
    {"refused_total{reason=\"full\"}", "Clients turned away"},
    {"refused_total{reason=\"token\"}", NULL},
    {"refused_total{reason=\"origin\"}", NULL},
    {"messages_total", "Messages from clients"},
    {"bad_messages_total", "Messages that break the protocol"},
    {"oversized_messages_total", "Messages beyond their limit"},
    {"excess_messages_total", "Messages dropped because they came too fast"},
    {"cut_connections_total", "Connections that ended in the middle of a message"},
    {"frames_total", "Pictures sent"},
    {"frames_dropped_total{reason=\"late\"}", "Pictures not made"},
    {"frames_dropped_total{reason=\"slow_client\"}", NULL},
    {"sound_dropped_samples_total", "Samples a client did not get or that came too fast"},
    {"sent_bytes_total", "Bytes sent to clients"},
    {"photos_total", "Photos that became portraits"},
    {"photos_refused_total", "Photos that did not"},
    {"said_total", "Texts and sound files spoken"},
    {"recordings_total", "Recordings made"},
    {"slow_clients_total", "Clients sent away because they did not read"},
};

static const double bucket_ms[SERVER_N_BUCKETS] = {1, 2, 5, 10, 20, 40, 80, 160};

typedef struct text {
    char *bytes;
    size_t n;
} text;

__attribute__((format(printf, 2, 3))) static void print(text *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(t->bytes + t->n, SERVER_METRICS_TEXT_SIZE - t->n, format, args);
    va_end(args);
    if (n > 0 && t->n + (size_t)n < SERVER_METRICS_TEXT_SIZE)
        t->n += (size_t)n;
}

void server_metrics_add(server_metrics *m, server_metric which, uint64_t n)
{
    atomic_fetch_add_explicit(&m->count[which], n, memory_order_relaxed);
}

void server_metrics_add_frame(server_metrics *m, double late_ms)
{
    server_metrics_add(m, SERVER_N_FRAMES, 1);
    for (int i = 0; i < SERVER_N_BUCKETS; i++) {
        if (late_ms <= bucket_ms[i])
            atomic_fetch_add_explicit(&m->bucket[i], 1, memory_order_relaxed);
    }
    if (late_ms > 0)
        atomic_fetch_add_explicit(&m->late_us, (uint64_t)(late_ms * 1e3), memory_order_relaxed);
}

static uint64_t value(const atomic_uint_fast64_t *v)
{
    return atomic_load_explicit((atomic_uint_fast64_t *)(uintptr_t)v, memory_order_relaxed);
}

static void print_delays(text *t, server_metrics *m)
{
    const char *name = "limner_frame_delay_seconds";
    const uint64_t n = value(&m->count[SERVER_N_FRAMES]);

    print(t,
          "# HELP %s From when a picture is due to when it is handed to the socket\n"
          "# TYPE %s histogram\n",
          name, name);
    for (int i = 0; i < SERVER_N_BUCKETS; i++)
        print(t, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, 1e-3 * bucket_ms[i],
              value(&m->bucket[i]));
    print(t, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n", name, n,
          name, 1e-6 * (double)value(&m->late_us), name, n);
}

size_t server_metrics_print(server_metrics *m, unsigned max_sessions,
                            char out[SERVER_METRICS_TEXT_SIZE])
{
    text t = {.bytes = out};

    for (int i = 0; i < SERVER_N_METRICS; i++) {
        int n = 0;
        while (names[i].name[n] && names[i].name[n] != '{')
            n++;
        if (names[i].help)
            print(&t, "# HELP limner_%.*s %s\n# TYPE limner_%.*s counter\n", n, names[i].name,
                  names[i].help, n, names[i].name);
        print(&t, "limner_%s %" PRIu64 "\n", names[i].name, value(&m->count[i]));
    }
    print(&t,
          "# HELP limner_sessions Sessions now\n# TYPE limner_sessions gauge\n"
          "limner_sessions %u\n",
          atomic_load_explicit(&m->sessions, memory_order_relaxed));
    print(&t,
          "# HELP limner_sessions_limit Most sessions at a time\n"
          "# TYPE limner_sessions_limit gauge\nlimner_sessions_limit %u\n",
          max_sessions);
    print_delays(&t, m);
    return t.n;
}
