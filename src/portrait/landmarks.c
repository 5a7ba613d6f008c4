/* SPDX-License-Identifier: Apache-2.0 */
/* 478 landmarks (see landmarks.h), with the pre- and post-processing that MediaPipe publishes with
 * the net: lips and eyes come a second time, finer, and replace the mesh's x and y there; the
 * irises' depth is the mean of their eye's first 16 points. */
#include "portrait/landmarks.h"

#include <math.h>
#include <string.h>

#define LARGE_REGION 768.0f             /* pixels: above, sampling costs more than reducing first */

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

/* The landmark on the other side of the face: found by matching the net's answers to 57 portraits
 * with those to their mirror images. */
static const uint16_t mirror[LIMNER_N_LANDMARK] = {
    0, 1, 2, 248, 4, 5, 6, 249, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 250, 251, 252, 253,
    254, 255, 256, 257, 258, 259, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 270, 271, 272,
    273, 274, 275, 276, 277, 278, 279, 280, 281, 282, 283, 284, 285, 286, 287, 288, 289, 290, 291,
    292, 293, 294, 295, 296, 297, 298, 299, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 310,
    311, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 322, 323, 94, 324, 325, 326, 327, 328,
    329, 330, 331, 332, 333, 334, 335, 336, 337, 338, 339, 340, 341, 342, 343, 344, 345, 346, 347,
    348, 349, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 360, 361, 362, 363, 364, 365, 366,
    367, 368, 369, 370, 371, 372, 373, 374, 375, 376, 377, 378, 379, 151, 152, 380, 381, 382, 383,
    384, 385, 386, 387, 388, 389, 390, 164, 391, 392, 393, 168, 394, 395, 396, 397, 398, 399, 175,
    400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418,
    195, 419, 197, 420, 199, 200, 421, 422, 423, 424, 425, 426, 427, 428, 429, 430, 431, 432, 433,
    434, 435, 436, 437, 438, 439, 440, 441, 442, 443, 444, 445, 446, 447, 448, 449, 450, 451, 452,
    453, 454, 455, 456, 457, 458, 459, 460, 461, 462, 463, 464, 465, 466, 467, 3, 7, 20, 21, 22,
    23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45,
    46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68,
    69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91,
    92, 93, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112,
    113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131,
    132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150,
    153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 165, 166, 167, 169, 170, 171, 172, 173,
    174, 176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193,
    194, 196, 198, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 213, 214, 215, 216,
    217, 218, 219, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235,
    236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 473, 476, 475, 474, 477, 468, 471,
    470, 469, 472
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

/* Runs the net on its input and reads the landmarks, in points of the input. */
static void answer(limner_tflite_run *run, float out[LIMNER_N_LANDMARK][3])
{
    limner_tflite_run_execute(run);
    collect(run, out);
}

/* Points of the input -> pixels of the picture. */
static void place(float out[LIMNER_N_LANDMARK][3], const limner_region *region)
{
    const float radians = region->angle * (3.14159265f / 180.0f);
    const float scale = region->side / INPUT_SIZE, c = cosf(radians), s = sinf(radians);

    for (int i = 0; i < LIMNER_N_LANDMARK; i++) {
        const float u = (out[i][0] - INPUT_SIZE / 2) * scale;
        const float v = (out[i][1] - INPUT_SIZE / 2) * scale;

        out[i][0] = region->cx + u * c - v * s;
        out[i][1] = region->cy + u * s + v * c;
        out[i][2] *= scale;
    }
}

/* View pixels, reduced by `factor` from (x0, y0) of the picture on -> pixels of the picture. */
static void enlarge(float out[LIMNER_N_LANDMARK][3], uint32_t factor, int64_t x0, int64_t y0)
{
    for (int i = 0; i < LIMNER_N_LANDMARK; i++) {
        out[i][0] = out[i][0] * (float)factor + (float)x0;
        out[i][1] = out[i][1] * (float)factor + (float)y0;
        out[i][2] *= (float)factor;
    }
}

float limner_landmarks_run(limner_nets_run *run, const limner_image *img,
                           const limner_region *region, float out[LIMNER_N_LANDMARK][3])
{
    limner_image view = *img;
    limner_region part = *region;
    int64_t x0 = 0, y0 = 0;
    uint32_t factor = 1;

    if (region->side > LARGE_REGION)
        factor = limner_region_reduce(&view, &part, &x0, &y0, run->reduced, img, region,
                                      INPUT_SIZE);
    limner_region_sample(limner_tflite_run_input(run->landmarks, 0), INPUT_SIZE, &view, &part, 0.0f,
                         1.0f, false);
    answer(run->landmarks, out);
    place(out, &part);
    enlarge(out, factor, x0, y0);
    return 1.0f / (1.0f + expf(-*limner_nets_output(run->landmarks, "conv_faceflag", 1)));
}

/* The answer to a region and to its mirror image, averaged. */
static void answer_both_ways(limner_nets_run *run, const limner_image *img,
                             const limner_region *region, float out[LIMNER_N_LANDMARK][3])
{
    float *input = limner_tflite_run_input(run->landmarks, 0);
    float mirrored[LIMNER_N_LANDMARK][3];

    limner_region_sample(run->sample, INPUT_SIZE, img, region, 0.0f, 1.0f, false);
    memcpy(input, run->sample, INPUT_SIZE * INPUT_SIZE * 3 * sizeof(*input));
    answer(run->landmarks, out);
    for (int y = 0; y < INPUT_SIZE; y++)
        for (int x = 0; x < INPUT_SIZE; x++)
            memcpy(input + 3 * (y * INPUT_SIZE + x),
                   run->sample + 3 * (y * INPUT_SIZE + INPUT_SIZE - 1 - x), 3 * sizeof(*input));
    answer(run->landmarks, mirrored);
    for (int i = 0; i < LIMNER_N_LANDMARK; i++) {
        const float *m = mirrored[mirror[i]];

        out[i][0] = (out[i][0] + INPUT_SIZE - m[0]) / 2;
        out[i][1] = (out[i][1] + m[1]) / 2;
        out[i][2] = (out[i][2] + m[2]) / 2;
    }
    place(out, region);
}

void limner_landmarks_mean(limner_nets_run *run, const limner_image *img,
                           const limner_region *region, float out[LIMNER_N_LANDMARK][3])
{
    /* Moved by parts of the side, scaled, turned by degrees; as a set its own mirror image, and
     * with the mean at the region itself. */
    static const struct {
        float x, y, scale, angle;
    } near[4] = {
        { 0.011f, 0.011f, 0.97f, 2 }, { -0.011f, 0.011f, 0.97f, -2 },
        { 0.011f, -0.011f, 1.03f, -2 }, { -0.011f, -0.011f, 1.03f, 2 }
    };
    float part[LIMNER_N_LANDMARK][3];
    limner_image view;
    limner_region base;
    int64_t x0, y0;
    const uint32_t factor = limner_region_reduce(&view, &base, &x0, &y0, run->reduced, img, region,
                                                 INPUT_SIZE);

    memset(out, 0, LIMNER_N_LANDMARK * sizeof(*out));
    for (int k = 0; k < 4; k++) {
        const limner_region r = {
            base.cx + near[k].x * base.side, base.cy + near[k].y * base.side,
            base.side * near[k].scale, base.angle + near[k].angle
        };

        answer_both_ways(run, &view, &r, part);
        for (int i = 0; i < LIMNER_N_LANDMARK; i++)
            for (int d = 0; d < 3; d++)
                out[i][d] += part[i][d] / 4;
    }
    enlarge(out, factor, x0, y0);
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
