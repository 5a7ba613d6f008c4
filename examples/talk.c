/* SPDX-License-Identifier: Apache-2.0 */
/* A sound to a face, as fast as it goes: 16 kHz mono 16-bit samples on standard input become a Y4M
 * video on standard output. The library needs neither FFmpeg nor the command.
 *     talk MODEL_DIR NETS_DIR photo.ppm <speech.s16 >talk.y4m */
#include "common.h"

enum { CHUNK_SAMPLES = 640 };       /* 40 ms: always taken once the frames are fetched */

int main(int argc, char **argv)
{
    limner_portrait *portrait = NULL;
    limner_session *s = NULL;
    limner_model *model = NULL;
    limner_settings set;
    float samples[CHUNK_SAMPLES];
    size_t n, n_used;

    if (argc != 4)
        return usage(argv, "MODEL_DIR NETS_DIR photo.ppm <speech.s16 >talk.y4m");
    limner_settings_init(&set, sizeof(set));
    if (!face_open(&model, &portrait, argv) ||
        limner_session_open(&s, model, portrait, &set, NULL) < 0)
        return 1;
    y4m_header(&set);
    while ((n = read_samples(samples, CHUNK_SAMPLES)) > 0) {
        limner_session_send(s, samples, n, &n_used);
        y4m_frames(s);
    }
    limner_session_finish(s);
    y4m_frames(s);
    limner_session_close(&s);
    limner_portrait_close(&portrait);
    limner_model_close(&model);
    return 0;
}
