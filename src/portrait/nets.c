/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the three nets and insists on the inputs and outputs that detect.c, landmarks.c and
 * segment.c rely on. */
#include "portrait/nets.h"

#include <string.h>

#include "core/mem.h"

typedef struct expected {
    const char *name;           /* of an output; NULL ends the list */
    size_t n;
} expected;

static const expected detector_outputs[] = {
    { "regressors", 896 * 16 }, { "classificators", 896 }, { NULL, 0 }
};
static const expected landmark_outputs[] = {
    { "output_mesh_identity", 468 * 3 }, { "output_lips", 80 * 2 }, { "output_left_eye", 71 * 2 },
    { "output_right_eye", 71 * 2 }, { "output_left_iris", 5 * 2 }, { "output_right_iris", 5 * 2 },
    { "conv_faceflag", 1 }, { NULL, 0 }
};
static const expected segmenter_outputs[] = { { "activation_10", 256 * 256 }, { NULL, 0 } };

static limner_status open_net(limner_tflite **out, const limner_blob *blob, size_t n_inputs,
                              const expected *outputs, const char **why)
{
    limner_status st = limner_tflite_open(out, blob->bytes, blob->len_bytes, why);

    if (st < 0)
        return st;
    if (limner_tflite_n_inputs(*out) != 1 || limner_tflite_input(*out, 0)->n != n_inputs)
        st = LIMNER_E_FORMAT;
    for (; outputs->name; outputs++)
        if (limner_tflite_find_output(*out, outputs->name, outputs->n) < 0)
            st = LIMNER_E_FORMAT;
    if (st < 0 && why)
        *why = "a net with other inputs or outputs than expected";
    return st;
}

limner_status limner_nets_open(limner_nets *out, const limner_blob *detector,
                               const limner_blob *landmarks, const limner_blob *segmenter,
                               const char **why)
{
    limner_status st;

    memset(out, 0, sizeof(*out));
    st = open_net(&out->detector, detector, 128 * 128 * 3, detector_outputs, why);
    if (st == LIMNER_OK)
        st = open_net(&out->landmarks, landmarks, 192 * 192 * 3, landmark_outputs, why);
    if (st == LIMNER_OK)
        st = open_net(&out->segmenter, segmenter, 256 * 256 * 3, segmenter_outputs, why);
    if (st < 0)
        limner_nets_close(out);
    return st;
}

void limner_nets_close(limner_nets *nets)
{
    if (!nets)
        return;
    limner_tflite_close(&nets->detector);
    limner_tflite_close(&nets->landmarks);
    limner_tflite_close(&nets->segmenter);
}

limner_status limner_nets_run_open(limner_nets_run *out, const limner_nets *nets,
                                   const limner_nn_dsp *dsp)
{
    limner_status st;

    memset(out, 0, sizeof(*out));
    st = limner_tflite_run_open(&out->detector, nets->detector, dsp);
    if (st == LIMNER_OK)
        st = limner_tflite_run_open(&out->landmarks, nets->landmarks, dsp);
    if (st == LIMNER_OK)
        st = limner_tflite_run_open(&out->segmenter, nets->segmenter, dsp);
    out->sample = limner_alloc(192 * 192 * 3, sizeof(*out->sample));
    out->reduced = limner_alloc(LIMNER_REDUCED_PX * LIMNER_REDUCED_PX, 3);
    if (!out->sample || !out->reduced)
        st = LIMNER_E_NOMEM;
    if (st < 0)
        limner_nets_run_close(out);
    return st;
}

void limner_nets_run_close(limner_nets_run *run)
{
    if (!run)
        return;
    limner_tflite_run_close(&run->detector);
    limner_tflite_run_close(&run->landmarks);
    limner_tflite_run_close(&run->segmenter);
    limner_mem_free(run->sample);
    limner_mem_free(run->reduced);
    run->sample = NULL;
    run->reduced = NULL;
}

const float *limner_nets_output(const limner_tflite_run *run, const char *name, size_t n)
{
    return limner_tflite_run_output(run,
        (uint32_t)limner_tflite_find_output(limner_tflite_run_model(run), name, n));
}
