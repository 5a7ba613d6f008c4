/* SPDX-License-Identifier: Apache-2.0 */
/* The motion generator's interface: sound at 16 kHz in, motion frames out, streaming. The motion is
 * portable: it belongs to no portrait. Expression coefficients are relative to a neutral face with
 * closed lips, head pose relative to the head at rest. A generator belongs to one thread at a time;
 * after opening it allocates nothing; its output depends on sound, controls (and the sample at
 * which each was set) and seed only, never on how the sound was cut into pieces. */
#ifndef LIMNER_MOTION_GENERATOR_H
#define LIMNER_MOTION_GENERATOR_H

#include <stdbool.h>

#include "limner/limner.h"
#include "motion/lips.h"
#include "speech/encoder.h"

typedef struct limner_generator limner_generator;

enum { LIMNER_GENERATOR_RATE_HZ = 16000 };

/* `net` is what the mouth listens with, `lips` what it has learned (NULL: gestures alone); both
 * must outlive it; fps 1..120. E_ARG, E_NOMEM. */
limner_status limner_generator_open(limner_generator **out, const limner_speech_net *net,
                                    const limner_lips_net *lips, uint32_t fps_num,
                                    uint32_t fps_den, uint64_t seed);
/* Mono samples at 16 kHz, -1..1. Takes *n_used <= n; stops taking when a bounded number of frames
 * waits to be received: LIMNER_AGAIN when nothing was taken. E_STATE after finish. */
limner_status limner_generator_send(limner_generator *g, const float *pcm, size_t n,
                                    size_t *n_used);
/* No more sound: the remaining frames become due. Frame n is due when the sound up to
 * floor(n * rate * fps_den / fps_num) + latency has come (or the end); n_frames at the end =
 * ceil(duration * fps) (a sound of any length > 0 gives at least one frame). */
limner_status limner_generator_finish(limner_generator *g);
/* From the next sound sent on; what is set before the first sound holds at once from frame 0, later
 * changes are approached smoothly. `c` has passed limner_controls_check, and gaze_yaw, gaze_pitch
 * are beside the photo's own gaze (motion/look.h). E_STATE after finish. */
limner_status limner_generator_control(limner_generator *g, const limner_controls *c);
/* The same from the next frame on, ahead of the sound that was sent already. Not to be mixed with
 * limner_generator_control. E_ARG. */
limner_status limner_generator_control_now(limner_generator *g, const limner_controls *c);
/* LIMNER_OK, LIMNER_AGAIN (send more), LIMNER_EOS. */
limner_status limner_generator_receive(limner_generator *g, limner_motion *out);
/* Look-ahead in samples at 16 kHz. */
int64_t limner_generator_latency_samples(const limner_generator *g);
void limner_generator_close(limner_generator **g);      /* NULL-safe; sets NULL */

/* Absolute motion for a face whose photo has motion `photo`: lips and jaw from a closed-mouth rest
 * (the photo's smile kept in part), brows and lids added to the photo's own, head pose, gaze,
 * distance relative to the photo's. Coefficients clamped to 0..1. */
void limner_motion_apply(limner_motion *out, const limner_motion *photo,
                         const limner_motion *generated);

#endif
