/* SPDX-License-Identifier: Apache-2.0 */
/* The tracker on what the renderer shows: known motion comes back, stills stay still, loss and cuts
 * are noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <math.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/rng.h"
#include "fixture.h"

enum { SIZE = 384, N_TALK = 100, N_STILL = 30 };

static uint8_t rgb[SIZE * SIZE * 3];
static const limner_photo view = {rgb, SIZE * 3, SIZE, SIZE};

static limner_session *open_session(fixture *fix)
{
    limner_settings set;
    limner_session *s;

    limner_settings_init(&set, sizeof(set));
    set.width_px = set.height_px = SIZE;
    set.pixel = LIMNER_PIXEL_RGBA;
    set.n_threads = 1;
    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, &set, NULL), LIMNER_OK);
    return s;
}

/* Into rgb. */
static void render(limner_session *s, const limner_motion *m)
{
    limner_frame f;

    assert_int_equal(limner_session_send_motion(s, m), LIMNER_OK);
    assert_int_equal(limner_session_receive(s, &f), LIMNER_OK);
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            memcpy(rgb + 3 * (y * SIZE + x), f.plane[0] + y * f.stride[0] + 4 * x, 3);
    limner_frame_unref(&f);
}

static limner_tracker *open_tracker(fixture *fix)
{
    limner_tracker *t;

    assert_int_equal(limner_tracker_open(&t, fix->model, NULL), LIMNER_OK);
    return t;
}

/* Pushes rgb as frame n and takes what is ready; the number of frames taken so far. */
static int follow(limner_tracker *t, int n, limner_tracked *out, int n_out)
{
    limner_tracked next;

    assert_int_equal(limner_tracker_push(t, &view, n), LIMNER_OK);
    while (limner_tracker_receive(t, &next) == LIMNER_OK) {
        assert_int_equal(next.pts, n_out);
        out[n_out++] = next;
    }
    assert_true(n + 1 - n_out <= LIMNER_TRACKER_LAG);
    return n_out;
}

static int drain(limner_tracker *t, limner_tracked *out, int n_out)
{
    limner_tracked last;

    assert_int_equal(limner_tracker_finish(t), LIMNER_OK);
    while (limner_tracker_receive(t, &last) == LIMNER_OK)
        out[n_out++] = last;
    assert_int_equal(limner_tracker_receive(t, &last), LIMNER_EOS);
    return n_out;
}

/* A head that moves as in speech, syllables, three blinks. */
static limner_motion talk(const limner_motion *photo, int n)
{
    const float t = (float)n / 25;
    const int in_blink = n % 33 - 15;
    const float lids = in_blink >= 0 && in_blink < 6 ? 1 - fabsf((float)in_blink - 2.5f) / 3.5f : 0;
    limner_motion m = *photo;

    m.yaw += 4 * sinf(1.9f * t);
    m.pitch += 3 * sinf(2.7f * t + 1);
    m.roll += 3 * sinf(1.3f * t + 2);
    m.expression[LIMNER_JAW_OPEN] = 0.25f * fmaxf(0, sinf(9 * t)) * (1 + sinf(1.7f * t));
    m.expression[LIMNER_EYE_BLINK_LEFT] += (1 - m.expression[LIMNER_EYE_BLINK_LEFT]) * lids;
    m.expression[LIMNER_EYE_BLINK_RIGHT] += (1 - m.expression[LIMNER_EYE_BLINK_RIGHT]) * lids;
    return m;
}

typedef struct compared {
    double sum[2], squares[2], product, error;
    int n;
} compared;

static void compare(compared *c, float want, float got)
{
    const double a = (double)want, b = (double)got;

    c->sum[0] += a;
    c->sum[1] += b;
    c->squares[0] += a * a;
    c->squares[1] += b * b;
    c->product += a * b;
    c->error += (a - b) * (a - b);
    c->n++;
}

static double correlation(const compared *c)
{
    const double covariance = c->product - c->sum[0] * c->sum[1] / c->n;
    const double a = c->squares[0] - c->sum[0] * c->sum[0] / c->n;
    const double b = c->squares[1] - c->sum[1] * c->sum[1] / c->n;

    return covariance / sqrt(a * b);
}

static double rms(const compared *c)
{
    return sqrt(c->error / c->n);
}

/* Coefficients of speech in this portrait's motion, on top of talk. */
static void say(limner_motion *m, int n)
{
    const float t = (float)n / 25;

    for (int side = 0; side < 2; side++) {
        m->expression[LIMNER_MOUTH_LOWER_DOWN_LEFT + side] += 0.25f * fmaxf(0, sinf(9 * t + 0.4f));
        m->expression[LIMNER_MOUTH_UPPER_UP_LEFT + side] += 0.15f * fmaxf(0, sinf(9 * t + 0.4f));
        m->expression[LIMNER_BROW_OUTER_UP_LEFT + side] += 0.3f * fmaxf(0, sinf(1.1f * t));
    }
    m->expression[LIMNER_BROW_INNER_UP] += 0.3f * fmaxf(0, sinf(1.1f * t));
}

static int n_blinks(const limner_motion *m, int n)
{
    int n_found = 0, is_shut = 0;

    for (int i = 0; i < n; i++) {
        const float lids =
            (m[i].expression[LIMNER_EYE_BLINK_LEFT] + m[i].expression[LIMNER_EYE_BLINK_RIGHT]) / 2;
        n_found += !is_shut && lids > 0.5f;
        is_shut = is_shut ? lids > 0.3f : lids > 0.5f;
    }
    return n_found;
}

static void rendered_talk_is_recovered(void **state)
{
    static limner_tracked got[N_TALK];
    static limner_motion want[N_TALK], found[N_TALK];
    fixture *fix = *state;
    limner_session *s = open_session(fix);
    limner_tracker *t = open_tracker(fix);
    compared yaw = {0}, pitch = {0}, roll = {0}, jaw = {0};
    limner_motion photo;
    int n = 0;

    limner_portrait_motion(fix->portrait, &photo);
    for (int i = 0; i < N_TALK; i++) {
        want[i] = talk(&photo, i);
        render(s, &want[i]);
        n = follow(t, i, got, n);
    }
    assert_int_equal(drain(t, got, n), N_TALK);
    for (int i = 0; i < N_TALK; i++) {
        found[i] = got[i].motion;
        assert_true(got[i].is_found);
        assert_int_equal(got[i].is_new, i == 0);
        compare(&yaw, want[i].yaw, found[i].yaw);
        compare(&pitch, want[i].pitch, found[i].pitch);
        compare(&roll, want[i].roll, found[i].roll);
        compare(&jaw, want[i].expression[LIMNER_JAW_OPEN], found[i].expression[LIMNER_JAW_OPEN]);
    }
    print_message("yaw rms %.2f r %.3f, pitch %.2f %.3f, roll %.2f %.3f, jaw r %.3f\n", rms(&yaw),
                  correlation(&yaw), rms(&pitch), correlation(&pitch), rms(&roll),
                  correlation(&roll), correlation(&jaw));
    assert_true(rms(&yaw) < 0.5 && rms(&pitch) < 0.9 && rms(&roll) < 0.5);
    assert_true(correlation(&yaw) > 0.99 && correlation(&roll) > 0.99);
    assert_true(correlation(&pitch) > 0.99);
    assert_true(correlation(&jaw) > 0.99);
    assert_int_equal(n_blinks(found, N_TALK), n_blinks(want, N_TALK));
    limner_tracker_close(&t);
    limner_session_close(&s);
}

static float value(const limner_motion *m, int e)
{
    return m->expression[e];
}

/* What moved comes back, what rested stays. */
static void rendered_expressions_are_recovered(void **state)
{
    static limner_tracked got[N_TALK];
    static limner_motion want[N_TALK];
    fixture *fix = *state;
    limner_session *s = open_session(fix);
    limner_tracker *t = open_tracker(fix);
    double worst = 1, mean = 0;
    float foreign = 0;
    limner_motion photo;
    int n = 0, n_moved = 0;

    limner_portrait_motion(fix->portrait, &photo);
    for (int i = 0; i < N_TALK; i++) {
        want[i] = talk(&photo, i);
        say(&want[i], i);
        render(s, &want[i]);
        n = follow(t, i, got, n);
    }
    assert_int_equal(drain(t, got, n), N_TALK);
    for (int e = 0; e < LIMNER_N_EXPRESSION; e++) {
        compared c = {0};
        float most = 0;

        for (int i = 0; i < N_TALK; i++) {
            compare(&c, value(&want[i], e), value(&got[i].motion, e));
            most = fmaxf(most, value(&got[i].motion, e) - value(&got[0].motion, e));
        }
        if (c.squares[0] / c.n - pow(c.sum[0] / c.n, 2) < 1e-6) {
            if (most > 0.1f)
                print_message("%s rests, found %.2f, ", limner_expression_name(e), (double)most);
            foreign = fmaxf(foreign, most);
            continue;
        }
        print_message("%s r %.3f, ", limner_expression_name(e), correlation(&c));
        worst = fmin(worst, correlation(&c));
        mean += correlation(&c);
        n_moved++;
    }
    mean /= n_moved;
    print_message("mean %.3f, foreign %.2f\n", mean, (double)foreign);
    assert_true(worst > 0.93 && mean > 0.97);
    assert_true(foreign < 0.08f);
    limner_tracker_close(&t);
    limner_session_close(&s);
}

/* Lips that press, then smile, while the head nods far. */
static limner_motion nod(const limner_motion *photo, int n)
{
    const float t = (float)n / 25;
    limner_motion m = *photo;

    m.pitch += 10 * sinf(2.2f * t);
    m.yaw += 4 * sinf(1.3f * t);
    for (int side = 0; side < 2; side++) {
        m.expression[LIMNER_MOUTH_SMILE_LEFT + side] += 0.15f * fmaxf(0, -sinf(4.7f * t));
        m.expression[LIMNER_MOUTH_PRESS_LEFT + side] += 0.15f * fmaxf(0, sinf(4.7f * t));
    }
    return m;
}

/* Shapes of the lips come back beside a nod, which the landmark net takes for a move of the lips,
 * and beside lips that rest unpressed. */
static void faint_lips_are_recovered_in_a_nod(void **state)
{
    static const int shape[] = {LIMNER_MOUTH_SMILE_LEFT, LIMNER_MOUTH_SMILE_RIGHT,
                                LIMNER_MOUTH_PRESS_LEFT, LIMNER_MOUTH_PRESS_RIGHT};
    static limner_tracked got[N_TALK];
    static limner_motion want[N_TALK];
    fixture *fix = *state;
    limner_session *s = open_session(fix);
    limner_tracker *t = open_tracker(fix);
    limner_motion photo;
    double worst = 1;
    int n = 0;

    limner_portrait_motion(fix->portrait, &photo);
    for (int i = 0; i < N_TALK; i++) {
        want[i] = nod(&photo, i);
        render(s, &want[i]);
        n = follow(t, i, got, n);
    }
    assert_int_equal(drain(t, got, n), N_TALK);
    for (size_t k = 0; k < sizeof(shape) / sizeof(*shape); k++) {
        compared c = {0};

        for (int i = 0; i < N_TALK; i++)
            compare(&c, value(&want[i], shape[k]), value(&got[i].motion, shape[k]));
        print_message("%s r %.3f, ", limner_expression_name(shape[k]), correlation(&c));
        worst = fmin(worst, correlation(&c));
    }
    print_message("in a nod\n");
    assert_true(worst > 0.95);
    limner_tracker_close(&t);
    limner_session_close(&s);
}

static void add_noise(const uint8_t *clean, limner_rng *rng)
{
    for (int i = 0; i < SIZE * SIZE * 3; i++) {
        const int v = clean[i] + (int)(7 * limner_rng_uniform(rng)) - 3;
        rgb[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

/* Spread of one angle about its mean over the middle of the take. */
static double jitter(const limner_tracked *got, size_t offset)
{
    compared c = {0};

    for (int i = 0; i < N_STILL; i++) {
        float v;
        memcpy(&v, (const char *)&got[i].motion + offset, sizeof(v));
        compare(&c, 0, v);
    }
    return sqrt(fmax(0, c.squares[1] / c.n - c.sum[1] * c.sum[1] / c.n / c.n));
}

static void head_of_a_noisy_still_does_not_move(void **state)
{
    static uint8_t clean[sizeof(rgb)];
    static limner_tracked got[N_STILL];
    fixture *fix = *state;
    limner_session *s = open_session(fix);
    limner_tracker *t = open_tracker(fix);
    limner_motion photo;
    limner_rng rng;
    int n = 0;

    limner_rng_init(&rng, 1, 1);
    limner_portrait_motion(fix->portrait, &photo);
    render(s, &photo);
    memcpy(clean, rgb, sizeof(clean));
    for (int i = 0; i < N_STILL; i++) {
        add_noise(clean, &rng);
        n = follow(t, i, got, n);
    }
    drain(t, got, n);
    const double yaw = jitter(got, offsetof(limner_motion, yaw));
    const double pitch = jitter(got, offsetof(limner_motion, pitch));
    const double roll = jitter(got, offsetof(limner_motion, roll));
    print_message("jitter yaw %.3f pitch %.3f roll %.3f degrees\n", yaw, pitch, roll);
    assert_true(yaw < 0.05 && pitch < 0.05 && roll < 0.05);
    limner_tracker_close(&t);
    limner_session_close(&s);
}

/* The rendered picture as small as w x h in a corner of a plain frame. */
static void shrink(int w, int h)
{
    static uint8_t whole[sizeof(rgb)];

    memcpy(whole, rgb, sizeof(rgb));
    memset(rgb, 250, sizeof(rgb));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            memcpy(rgb + 3 * (y * SIZE + x), whole + 3 * (y * SIZE / h * SIZE + x * SIZE / w), 3);
}

/* Frames 4..9 are black, frame 14 cuts to a smaller face elsewhere. */
static void losses_and_cuts_are_noticed(void **state)
{
    static limner_tracked got[20];
    fixture *fix = *state;
    limner_session *s = open_session(fix);
    limner_tracker *t = open_tracker(fix);
    limner_motion photo;
    int n = 0;

    limner_portrait_motion(fix->portrait, &photo);
    for (int i = 0; i < 20; i++) {
        if (i >= 4 && i < 10)
            memset(rgb, 0, sizeof(rgb));
        else
            render(s, &photo);
        if (i >= 14)
            shrink(SIZE / 2, SIZE / 2);
        n = follow(t, i, got, n);
    }
    assert_int_equal(drain(t, got, n), 20);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(got[i].is_found, i < 4 || i >= 10);
        assert_int_equal(got[i].is_new, i == 0 || i == 10 || i == 14);
    }
    assert_true(got[4].motion.distance == 0 && got[4].landmarks[0][0] == 0);
    assert_true(fabsf(got[13].motion.distance - 1) < 0.03f);
    assert_true(fabsf(got[19].motion.distance - 2) < 0.15f);
    assert_true(got[19].landmarks[1][0] < SIZE / 2 && got[13].landmarks[1][0] > SIZE / 4);
    assert_memory_equal(got[10].identity, got[0].identity, sizeof(got[0].identity));
    assert_memory_equal(got[19].identity, got[0].identity, sizeof(got[0].identity));
    limner_tracker_close(&t);
    limner_session_close(&s);
}

/* Frames 8..15 cut to a longer face, which no pose or expression explains. */
static void another_person_is_told_apart(void **state)
{
    static limner_tracked got[20];
    const size_t size = sizeof(got[0].identity);
    fixture *fix = *state;
    limner_session *s = open_session(fix);
    limner_tracker *t = open_tracker(fix);
    limner_motion photo;
    int n = 0;

    limner_portrait_motion(fix->portrait, &photo);
    for (int i = 0; i < 20; i++) {
        render(s, &photo);
        if (i >= 8 && i < 16)
            shrink(SIZE / 2, SIZE * 3 / 4);
        n = follow(t, i, got, n);
    }
    assert_int_equal(drain(t, got, n), 20);
    for (int i = 0; i < 20; i++) {
        assert_true(got[i].is_found);
        assert_int_equal(got[i].is_new, i == 0 || i == 8 || i == 16);
        assert_memory_equal(got[i].identity, got[i < 8 ? 0 : i < 16 ? 8 : 16].identity, size);
    }
    assert_memory_not_equal(got[8].identity, got[0].identity, size);
    assert_memory_not_equal(got[16].identity, got[8].identity, size);
    limner_tracker_close(&t);
    limner_session_close(&s);
}

static void a_video_without_a_face_ends_in_order(void **state)
{
    static limner_tracked got[9];
    limner_tracker *t = open_tracker(*state);
    int n = 0;

    memset(rgb, 90, sizeof(rgb));
    for (int i = 0; i < 9; i++)
        n = follow(t, i, got, n);
    assert_int_equal(drain(t, got, n), 9);
    for (int i = 0; i < 9; i++)
        assert_int_equal(got[i].is_found, 0);
    limner_tracker_close(&t);
}

static void senseless_calls_are_refused(void **state)
{
    fixture *fix = *state;
    const size_t live = limner_mem_live();
    limner_tracker_settings set;
    limner_photo photo = view;
    limner_tracked out;
    limner_tracker *t;

    limner_tracker_settings_init(&set, sizeof(set));
    set.face = -1;
    assert_int_equal(limner_tracker_open(&t, fix->model, &set), LIMNER_E_ARG);
    assert_null(t);
    assert_int_equal(limner_tracker_open(&t, NULL, NULL), LIMNER_E_ARG);
    t = open_tracker(fix);
    assert_int_equal(limner_tracker_receive(t, &out), LIMNER_AGAIN);
    photo.width_px = 31;
    assert_int_equal(limner_tracker_push(t, &photo, 0), LIMNER_E_ARG);
    photo.width_px = 1 << 20;
    photo.stride = (ptrdiff_t)3 << 20;
    assert_int_equal(limner_tracker_push(t, &photo, 0), LIMNER_E_LIMIT);
    memset(rgb, 0, sizeof(rgb));
    for (int i = 0; i <= LIMNER_TRACKER_LAG; i++)
        assert_int_equal(limner_tracker_push(t, &view, i), LIMNER_OK);
    assert_int_equal(limner_tracker_push(t, &view, 9), LIMNER_AGAIN);
    assert_int_equal(limner_tracker_finish(t), LIMNER_OK);
    assert_int_equal(limner_tracker_push(t, &view, 9), LIMNER_E_STATE);
    limner_tracker_close(&t);
    limner_tracker_close(&t);
    assert_int_equal(limner_mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rendered_talk_is_recovered),
        cmocka_unit_test(rendered_expressions_are_recovered),
        cmocka_unit_test(faint_lips_are_recovered_in_a_nod),
        cmocka_unit_test(head_of_a_noisy_still_does_not_move),
        cmocka_unit_test(losses_and_cuts_are_noticed),
        cmocka_unit_test(another_person_is_told_apart),
        cmocka_unit_test(a_video_without_a_face_ends_in_order),
        cmocka_unit_test(senseless_calls_are_refused)
    };

    return cmocka_run_group_tests_name("tracker", tests, fixture_open, fixture_close);
}
