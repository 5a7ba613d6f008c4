/* SPDX-License-Identifier: Apache-2.0 */
/* The shared objects behind the public handles. Immutable after opening, counted by reference, so
 * that close order is free: a session holds its portrait and model, a portrait its model. */
#ifndef LIMNER_MODEL_H
#define LIMNER_MODEL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "face/appearance.h"
#include "face/face_model.h"
#include "portrait/nets.h"
#include "motion/lips.h"
#include "speech/encoder.h"

struct limner_model {
    atomic_uint refs;
    limner_face *face;
    limner_nets nets;
    bool has_nets;
    limner_speech_net *speech;          /* NULL where the model was opened without it */
    limner_lips_net *lips;              /* the same */
};

struct limner_portrait {
    atomic_uint refs;
    limner_model *model;
    limner_appearance app;
};

limner_model *limner_model_ref(limner_model *m);
limner_portrait *limner_portrait_ref(limner_portrait *p);

#endif
