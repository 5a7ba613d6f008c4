/* SPDX-License-Identifier: Apache-2.0 */
/* A new face is a new session whose 0 lies its latency before now, so that its first frame is due
 * at once and takes the place of the old face's next one. */
#include "stage.h"

#include <string.h>

limner_status server_stage_open(server_stage *out, limner_model *model, limner_portrait *portrait,
                                const limner_settings *set)
{
    memset(out, 0, sizeof(*out));
    out->model = model;
    out->set = *set;
    limner_controls_init(&out->controls, sizeof(out->controls));
    return limner_session_open(&out->session, model, portrait, set, NULL);
}

limner_status server_stage_change(server_stage *s, limner_portrait *portrait, int64_t now)
{
    limner_session *session;
    const limner_status st = limner_session_open(&session, s->model, portrait, &s->set, NULL);

    if (st < 0)
        return st;
    limner_session_close(&s->session);
    s->session = session;
    s->base = now - limner_session_latency_samples(session);
    return limner_session_control(session, &s->controls);
}

limner_status server_stage_control(server_stage *s, const limner_controls *c)
{
    s->controls = *c;
    return limner_session_control(s->session, c);
}

size_t server_stage_send(server_stage *s, const float *pcm, size_t n)
{
    size_t used = 0;

    limner_session_send(s->session, pcm, n, &used);
    return used;
}

void server_stage_send_live(server_stage *s, int64_t now, const float *pcm, size_t n)
{
    limner_session_send_live(s->session, now - s->base, pcm, n);
}

int64_t server_stage_sound(const server_stage *s)
{
    return s->base + limner_session_sound_samples(s->session);
}

int64_t server_stage_due(const server_stage *s)
{
    return s->base + limner_session_due_samples(s->session);
}

int64_t server_stage_latency(const server_stage *s)
{
    return limner_session_latency_samples(s->session);
}

limner_status server_stage_receive(server_stage *s, int64_t now, limner_frame *out)
{
    const limner_status st = limner_session_receive_due(s->session, now - s->base, out);

    if (st == LIMNER_OK && out)
        out->pts_samples += s->base;
    return st;
}

void server_stage_close(server_stage *s)
{
    limner_session_close(&s->session);
}
