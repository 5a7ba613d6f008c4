/* SPDX-License-Identifier: Apache-2.0 */
/* A face on a clock that goes on when the face changes. All times are samples on that clock, which
 * starts at 0 with the stage; the caller reads the time. One thread at a time. */
#ifndef LIMNER_SERVER_STAGE_H
#define LIMNER_SERVER_STAGE_H

#include "limner/limner.h"

typedef struct server_stage {
    limner_model *model;
    limner_session *session;
    limner_settings set;
    limner_controls controls;
    int64_t base; /* the session's 0 on the clock */
} server_stage;

/* `model` must outlive it. Statuses as limner_session_open. */
limner_status server_stage_open(server_stage *out, limner_model *model, limner_portrait *portrait,
                                const limner_settings *set);
/* The face becomes another; the clock, the controls and what is set stay. On failure nothing
 * changes. */
limner_status server_stage_change(server_stage *s, limner_portrait *portrait, int64_t now);
limner_status server_stage_control(server_stage *s, const limner_controls *c);
/* As the session's functions of these names. */
size_t server_stage_send(server_stage *s, const float *pcm, size_t n); /* how many it took */
void server_stage_send_live(server_stage *s, int64_t now, const float *pcm, size_t n);
int64_t server_stage_sound(const server_stage *s);
int64_t server_stage_due(const server_stage *s);
int64_t server_stage_latency(const server_stage *s);
/* out NULL: passes over one. out->pts_samples is on the clock. */
limner_status server_stage_receive(server_stage *s, int64_t now, limner_frame *out);
void server_stage_close(server_stage *s);

#endif
