/* SPDX-License-Identifier: Apache-2.0 */
/* The motion as curves: head, gaze, mouth, lids, brows and body. Coefficients run from 0 to 1 of
 * their lane, angles from -20 to 20 degrees. */
#include "lanes.h"
#include "preview.h"

enum { HEIGHT = 100, N_LANES = 5, MAX_CURVES = 4 };

static const double ANGLE_DEG = 20;

typedef enum kind { COEFFICIENT, ANGLE, SIGNED } kind;

typedef struct curve {
    const char *name, *colour;
    size_t offset; /* of a float of limner_motion; name NULL: there is none */
} curve;

#define SHAPE(i) (offsetof(limner_motion, expression) + (i) * sizeof(float))

static const struct {
    kind kind;
    curve curve[MAX_CURVES];
} lanes[N_LANES] = {
    {ANGLE, {{"yaw", "#0072b2", offsetof(limner_motion, yaw)},
             {"pitch", "#d0021b", offsetof(limner_motion, pitch)},
             {"roll", "#009e73", offsetof(limner_motion, roll)}}},
    {ANGLE, {{"gaze yaw", "#0072b2", offsetof(limner_motion, gaze_yaw)},
             {"pitch", "#d0021b", offsetof(limner_motion, gaze_pitch)}}},
    {COEFFICIENT, {{"jawOpen", "#009e73", SHAPE(LIMNER_JAW_OPEN)},
                   {"close", "#d0021b", SHAPE(LIMNER_MOUTH_CLOSE)},
                   {"pucker", "#0072b2", SHAPE(LIMNER_MOUTH_PUCKER)},
                   {"smile", "#e69f00", SHAPE(LIMNER_MOUTH_SMILE_LEFT)}}},
    {COEFFICIENT, {{"blink", "#333", SHAPE(LIMNER_EYE_BLINK_LEFT)},
                   {"brows up", "#009e73", SHAPE(LIMNER_BROW_INNER_UP)},
                   {"down", "#d0021b", SHAPE(LIMNER_BROW_DOWN_LEFT)},
                   {"frown", "#0072b2", SHAPE(LIMNER_MOUTH_FROWN_LEFT)}}},
    {SIGNED, {{"breath", "#0072b2", offsetof(limner_motion, breath)},
              {"sway", "#e69f00", offsetof(limner_motion, sway)}}},
};

typedef struct picked {
    const limner_motion *motion;
    kind kind;
    size_t offset;
} picked;

static double value_of(const void *data, size_t i)
{
    const picked *p = data;
    const double v = (double)*(const float *)((uintptr_t)&p->motion[i] + p->offset);

    if (p->kind == COEFFICIENT)
        return v;
    return 0.5 + 0.5 * (p->kind == ANGLE ? v / ANGLE_DEG : v);
}

static void draw(const cli_lanes *l)
{
    double y = CLI_LANES_TOP;

    for (int i = 0; i < N_LANES; i++, y += HEIGHT + CLI_LANES_GAP) {
        cli_lanes_box(l, y, HEIGHT);
        for (int c = 0; c < MAX_CURVES && lanes[i].curve[c].name; c++) {
            const curve *k = &lanes[i].curve[c];
            const picked p = {l->data, lanes[i].kind, k->offset};

            cli_lanes_label(l, y + 18 + 24 * c, k->colour, k->name);
            cli_lanes_curve(l, y, HEIGHT, value_of, &p, k->colour);
        }
    }
    cli_lanes_axis(l, y - CLI_LANES_GAP);
}

bool cli_preview_plot(const char *path, const char *title, const limner_motion *motion, size_t n,
                      double frame_s)
{
    const double height = CLI_LANES_TOP + N_LANES * (HEIGHT + CLI_LANES_GAP) + CLI_LANES_AXIS;
    cli_lanes l = {.n = n, .frame_s = frame_s, .data = motion};

    return cli_lanes_write(&l, path, title, height, draw);
}
