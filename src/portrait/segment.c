/* SPDX-License-Identifier: Apache-2.0 */
/* Person mask (see segment.h). The net takes 256 x 256 points of 0..1. */
#include "portrait/segment.h"

#include <string.h>

void limner_segment_run(limner_nets_run *run, const limner_image *img,
                        const limner_region *region,
                        float mask[LIMNER_SEGMENT_SIZE][LIMNER_SEGMENT_SIZE])
{
    const size_t n = (size_t)LIMNER_SEGMENT_SIZE * LIMNER_SEGMENT_SIZE;

    limner_region_sample(limner_tflite_run_input(run->segmenter, 0), LIMNER_SEGMENT_SIZE, img,
                         region, 0.0f, 1.0f, true);
    limner_tflite_run_execute(run->segmenter);
    memcpy(mask, limner_nets_output(run->segmenter, "activation_10", n), n * sizeof(float));
}
