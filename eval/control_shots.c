/* SPDX-License-Identifier: Apache-2.0 */
/* The shots of eval control, and how their frames are read. The tracker first sees the photo's own
 * frame until it holds the person's shape, and again between shots that are far apart; it sees each
 * shot twice, and the second reading counts, so that the region in which it looks is the shot's
 * own, as in a video that holds still. */
#include "eval/control.h"

#include <math.h>
#include <string.h>

#include "eval/picture.h"

enum { N_SETTLE = 2 * LIMNER_TRACKER_LAG, N_REPEAT = 2 };

#define KEEP NAN /* as in the photo */

static const float heads[EVAL_N_HEADS][3] = {
    {20, KEEP, KEEP}, {-20, KEEP, KEEP}, {KEEP, 15, KEEP}, {KEEP, -15, KEEP}, {KEEP, KEEP, 20},
    {KEEP, KEEP, -20}, {10, KEEP, KEEP}, {-10, KEEP, KEEP}, {KEEP, 8, KEEP}, {KEEP, -8, KEEP},
    {KEEP, KEEP, 10}, {KEEP, KEEP, -10}, {15, 10, -10}, {-15, -8, 12}, {12, -10, 8}};
enum { N_HEADS_IN_FILM = 5 };

static const float gazes[EVAL_N_GAZES][2] = {{20, KEEP},  {-20, KEEP}, {KEEP, 12},
                                             {KEEP, -12}, {10, KEEP},  {-10, KEEP}};
enum { N_GAZES_IN_FILM = 3 };

static const float distances[EVAL_N_DISTANCES] = {0.8f, 1.25f, 0.9f, 1.1f};

#define MOST_JAW_OPEN 0.8f

/* Singles whose identity is read, too. */
static const int identity_singles[] = {LIMNER_EYE_BLINK_LEFT,    LIMNER_JAW_OPEN,
                                       LIMNER_MOUTH_PUCKER,      LIMNER_MOUTH_SMILE_LEFT,
                                       LIMNER_BROW_INNER_UP};
enum { N_IDENTITY_SINGLES = sizeof(identity_singles) / sizeof(*identity_singles) };

static bool is_single(int expression)
{
    return strncmp(limner_expression_name(expression), "eyeLook", 7) != 0 &&
           expression != LIMNER_MOUTH_CLOSE && expression != LIMNER_TONGUE_OUT;
}

static eval_shot *add(eval_shot **next, eval_shot_kind kind, const limner_motion *motion)
{
    eval_shot *s = (*next)++;

    *s = (eval_shot){.kind = kind, .motion = *motion};
    return s;
}

static void ask(float *value, float asked)
{
    if (!isnan(asked))
        *value = asked;
}

static void add_poses(eval_shot **next, const limner_motion *own)
{
    for (int i = 0; i < EVAL_N_HEADS; i++) {
        eval_shot *s = add(next, EVAL_SHOT_HEAD, own);

        for (int axis = 0; axis < 3; axis++)
            s->is_asked[axis] = !isnan(heads[i][axis]);
        ask(&s->motion.yaw, heads[i][0]);
        ask(&s->motion.pitch, heads[i][1]);
        ask(&s->motion.roll, heads[i][2]);
        s->is_identity_read = true;
        s->is_in_film = i < N_HEADS_IN_FILM;
    }
    for (int i = 0; i < EVAL_N_GAZES; i++) {
        eval_shot *s = add(next, EVAL_SHOT_GAZE, own);

        for (int axis = 0; axis < 2; axis++)
            s->is_asked[axis] = !isnan(gazes[i][axis]);
        ask(&s->motion.gaze_yaw, gazes[i][0]);
        ask(&s->motion.gaze_pitch, gazes[i][1]);
        s->is_in_film = i < N_GAZES_IN_FILM;
    }
    for (int i = 0; i < EVAL_N_DISTANCES; i++) {
        eval_shot *s = add(next, EVAL_SHOT_DISTANCE, own);

        s->motion.distance = distances[i];
        s->is_in_film = i == 0;
    }
}

static void add_expressions(eval_shot **next, const limner_motion *own)
{
    limner_motion rest = *own;

    memset(rest.expression, 0, sizeof(rest.expression));
    rest.tongue_up = 0;
    add(next, EVAL_SHOT_REST, &rest)->is_in_film = true;
    for (int i = 0; i < EVAL_N_MOUTHS; i++) {
        eval_shot *s = add(next, EVAL_SHOT_MOUTH, &rest);

        s->motion.expression[LIMNER_JAW_OPEN] = MOST_JAW_OPEN * (float)i / (EVAL_N_MOUTHS - 1);
        s->is_in_film = i == EVAL_N_MOUTHS / 2 || i == EVAL_N_MOUTHS - 1;
    }
    for (int k = 0; k < LIMNER_N_EXPRESSION; k++) {
        if (!is_single(k))
            continue;
        eval_shot *s = add(next, EVAL_SHOT_SINGLE, &rest);
        s->motion.expression[k] = 1;
        s->expression = k;
        for (int i = 0; i < N_IDENTITY_SINGLES; i++)
            s->is_identity_read |= identity_singles[i] == k;
    }
}

void eval_control_shots(eval_shot shots[EVAL_N_SHOTS], const limner_motion *own)
{
    eval_shot *next = shots;

    add(&next, EVAL_SHOT_OWN, own)->is_in_film = true;
    add_poses(&next, own);
    eval_shot *shut = add(&next, EVAL_SHOT_LIDS, own);
    shut->motion.expression[LIMNER_EYE_BLINK_LEFT] = 1;
    shut->motion.expression[LIMNER_EYE_BLINK_RIGHT] = 1;
    shut->is_in_film = true;
    add_expressions(&next, own);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Shows the tracker what is on the stage, n times; the last reading. */
static limner_status follow(limner_tracked *out, limner_tracker *tracker, const eval_stage *stage,
                            int n)
{
    const limner_photo view = eval_stage_view(stage);
    limner_status st = LIMNER_OK;
    limner_tracked seen;
    bool is_new = false;

    memset(out, 0, sizeof(*out));
    for (int i = 0; i < n && st >= 0; i++) {
        st = limner_tracker_push(tracker, &view, 0);
        while (st >= 0 && (st = limner_tracker_receive(tracker, &seen)) == LIMNER_OK) {
            *out = seen;
            is_new |= seen.is_new != 0;
        }
    }
    out->is_new = is_new;
    return st < 0 ? st : LIMNER_OK;
}

static limner_status read_identity(eval_reading *r, const eval_stage *stage)
{
    const limner_photo view = eval_stage_view(stage);
    limner_tracked look;
    const limner_status st = eval_look(&look, stage->model, &view);

    r->has_identity = st == LIMNER_OK;
    if (r->has_identity)
        memcpy(r->identity, look.identity, sizeof(r->identity));
    return st == LIMNER_E_NO_FACE ? LIMNER_OK : st;
}

/* A motion is floats only. */
static void set_unknown(limner_motion *m)
{
    const float unknown = NAN;

    for (size_t i = 0; i < sizeof(*m) / sizeof(unknown); i++)
        memcpy((char *)m + i * sizeof(unknown), &unknown, sizeof(unknown));
}

static limner_status read_shot(eval_reading *r, limner_tracker *tracker, const eval_stage *stage,
                               const eval_shot *shot)
{
    limner_tracked seen;
    const limner_status st = follow(&seen, tracker, stage, N_REPEAT);

    memset(r, 0, sizeof(*r));
    if (st < 0)
        return st;
    r->is_found = seen.is_found;
    r->is_new = seen.is_new;
    r->motion = seen.motion;
    if (!r->is_found)
        set_unknown(&r->motion);
    eval_measure_tracked(&r->measures, &seen);
    return shot->is_identity_read ? read_identity(r, stage) : LIMNER_OK;
}

static limner_status keep_picture(uint8_t *film, int place, const eval_stage *stage)
{
    const limner_photo view = eval_stage_view(stage);
    const float side = (float)stage->size_px;
    const limner_face_box all = {.width_px = side, .height_px = side};
    uint8_t *to = film + (size_t)place * EVAL_FILM_PX * EVAL_FILM_PX * 3;

    return eval_crop(to, EVAL_FILM_PX, &view, &all) < 0 ? LIMNER_E_NOMEM : LIMNER_OK;
}

/* Shows the tracker the photo's own frame n times. */
static limner_status settle(limner_tracker *tracker, eval_stage *stage, const eval_shot *own,
                            eval_show show, void *user, int n)
{
    limner_tracked seen;
    const limner_status st = show(user, stage, &own->motion);

    return st < 0 ? st : follow(&seen, tracker, stage, n);
}

/* Shots after which the next one might look like a cut to another scene. */
static bool is_far(const eval_shot *shot)
{
    return shot->kind == EVAL_SHOT_HEAD || shot->kind == EVAL_SHOT_DISTANCE;
}

limner_status eval_control_read(eval_reading readings[EVAL_N_SHOTS],
                                const eval_shot shots[EVAL_N_SHOTS], eval_stage *stage,
                                eval_show show, void *user, uint8_t *film)
{
    limner_tracker_settings set;
    limner_tracker *tracker;
    limner_status st;
    int place = 0;

    limner_tracker_settings_init(&set, sizeof(set));
    set.n_smooth = 0;
    st = limner_tracker_open(&tracker, stage->model, &set);
    if (st >= 0)
        st = settle(tracker, stage, &shots[0], show, user, N_SETTLE);
    for (int i = 0; i < EVAL_N_SHOTS && st >= 0; i++) {
        st = show(user, stage, &shots[i].motion);
        if (st >= 0)
            st = read_shot(&readings[i], tracker, stage, &shots[i]);
        if (st >= 0 && shots[i].is_in_film)
            st = keep_picture(film, place++, stage);
        if (st >= 0 && is_far(&shots[i]))
            st = settle(tracker, stage, &shots[0], show, user, 1);
    }
    limner_tracker_close(&tracker);
    return st;
}
