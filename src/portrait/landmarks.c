/* SPDX-License-Identifier: Apache-2.0 */
/* 478 landmarks (see landmarks.h), with the pre- and post-processing that MediaPipe publishes with
 * the net: lips and eyes come a second time, finer, and replace the mesh's x and y there; the
 * irises' depth is the mean of their eye's first 16 points. */
#include "portrait/landmarks.h"

#include <math.h>

enum { INPUT_SIZE = 192, N_LIPS = 80, N_EYE = 71, N_LID = 16, N_IRIS = 5 };

/* Mesh indices of the refined points, in the net's order. */
static const uint16_t lips[N_LIPS] = {
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
    76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408,
    62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407
};
/* The net calls left what lies left in its picture: the subject's right eye. */
static const uint16_t eye_in_left[N_EYE] = {
    33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173, 130, 25, 110, 24,
    23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190, 226, 31, 228, 229, 230, 231, 232, 233,
    244, 113, 225, 224, 223, 222, 221, 189, 35, 124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120,
    121, 128, 245, 156, 70, 63, 105, 66, 107, 55, 193
};
static const uint16_t eye_in_right[N_EYE] = {
    263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398, 359, 255, 339,
    254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449, 450, 451,
    452, 453, 464, 342, 445, 444, 443, 442, 441, 413, 265, 353, 276, 283, 282, 295, 372, 340, 346,
    347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336, 285, 417
};

enum { EYE_CORNER_RIGHT = 33, EYE_CORNER_LEFT = 263, FIRST_IRIS = 468 };

static void replace(float out[LIMNER_N_LANDMARK][3], const float *refined, const uint16_t *index,
                    int n)
{
    for (int i = 0; i < n; i++) {
        out[index[i]][0] = refined[2 * i];
        out[index[i]][1] = refined[2 * i + 1];
    }
}

static void put_iris(float out[LIMNER_N_LANDMARK][3], const float *iris, int first,
                     const uint16_t *eye)
{
    float z = 0;

    for (int i = 0; i < N_LID; i++)
        z += out[eye[i]][2] / N_LID;
    for (int i = 0; i < N_IRIS; i++) {
        out[first + i][0] = iris[2 * i];
        out[first + i][1] = iris[2 * i + 1];
        out[first + i][2] = z;
    }
}

/* The net's outputs, in points of its input. */
static void collect(const limner_tflite_run *run, float out[LIMNER_N_LANDMARK][3])
{
    const float *mesh = limner_nets_output(run, "output_mesh_identity", 468 * 3);

    for (int i = 0; i < LIMNER_N_MESH_LANDMARKS; i++)
        for (int d = 0; d < 3; d++)
            out[i][d] = mesh[3 * i + d];
    replace(out, limner_nets_output(run, "output_lips", 2 * N_LIPS), lips, N_LIPS);
    replace(out, limner_nets_output(run, "output_left_eye", 2 * N_EYE), eye_in_left, N_EYE);
    replace(out, limner_nets_output(run, "output_right_eye", 2 * N_EYE), eye_in_right, N_EYE);
    put_iris(out, limner_nets_output(run, "output_left_iris", 2 * N_IRIS), FIRST_IRIS,
             eye_in_left);
    put_iris(out, limner_nets_output(run, "output_right_iris", 2 * N_IRIS), FIRST_IRIS + N_IRIS,
             eye_in_right);
}

float limner_landmarks_run(limner_nets_run *run, const limner_image *img,
                           const limner_region *region, float out[LIMNER_N_LANDMARK][3])
{
    const float radians = region->angle * (3.14159265f / 180.0f);
    const float scale = region->side / INPUT_SIZE, c = cosf(radians), s = sinf(radians);
    float flag;

    limner_region_sample(limner_tflite_run_input(run->landmarks, 0), INPUT_SIZE, img, region, 0.0f,
                         1.0f, false);
    limner_tflite_run_execute(run->landmarks);
    collect(run->landmarks, out);
    for (int i = 0; i < LIMNER_N_LANDMARK; i++) {
        const float u = (out[i][0] - INPUT_SIZE / 2) * scale;
        const float v = (out[i][1] - INPUT_SIZE / 2) * scale;

        out[i][0] = region->cx + u * c - v * s;
        out[i][1] = region->cy + u * s + v * c;
        out[i][2] *= scale;
    }
    flag = *limner_nets_output(run->landmarks, "conv_faceflag", 1);
    return 1.0f / (1.0f + expf(-flag));
}

limner_region limner_landmarks_region(const float landmarks[LIMNER_N_LANDMARK][3])
{
    const float *right = landmarks[EYE_CORNER_RIGHT], *left = landmarks[EYE_CORNER_LEFT];
    float x0 = landmarks[0][0], x1 = x0, y0 = landmarks[0][1], y1 = y0;

    for (int i = 1; i < LIMNER_N_MESH_LANDMARKS; i++) {
        x0 = fminf(x0, landmarks[i][0]);
        x1 = fmaxf(x1, landmarks[i][0]);
        y0 = fminf(y0, landmarks[i][1]);
        y1 = fmaxf(y1, landmarks[i][1]);
    }
    return (limner_region){
        .cx = (x0 + x1) / 2, .cy = (y0 + y1) / 2, .side = 1.5f * fmaxf(x1 - x0, y1 - y0),
        .angle = atan2f(left[1] - right[1], left[0] - right[0]) * (180.0f / 3.14159265f)
    };
}
