/* SPDX-License-Identifier: Apache-2.0 */
/* face/fit: landmarks made from the face model itself are fitted and compared with what they were
 * made from; then noise, nonsense and lack of memory. Needs models/face.limner. */
#include "face/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "seen_face.h"

static double angle_between(const limner_fit *a, const limner_fit *b)
{
    double trace = 0; /* of a^T b */

    for (int i = 0; i < 9; i++)
        trace += (double)a->rotation[i] * (double)b->rotation[i];
    return acos(fmin((trace - 1.0) / 2.0, 1.0)) * 57.29577951308232;
}

/* Size and nod are partly a matter of identity, so that they cannot be found exactly. */
static void pose_of_a_stranger_is_found(void **state)
{
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 1, 7);
    for (int i = 0; i < N_FACES; i++) {
        limner_fit want = truth(&rng, 0.8f), got;
        landmarks seen;

        see(&want, seen, 0.0f, &rng);
        assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen), LIMNER_OK);
        assert_true(fabsf(got.yaw - want.yaw) < 1.2f);
        assert_true(fabsf(got.pitch - want.pitch) < 2.0f);
        assert_true(fabsf(got.roll - want.roll) < 1.0f);
        assert_true(fabsf(got.scale / want.scale - 1.0f) < 0.06f);
        assert_true(fabsf(got.gaze_yaw) < 3.0f && fabsf(got.gaze_pitch) < 3.0f);
        assert_true(got.rms_px < 1.2f);
    }
}

/* Faces that look ahead while the net has their irises to one side, as it has eyes that look
 * beside the camera: 0.634 of their turn. */
static void who_is_filmed_may_look_beside_the_camera(void **state)
{
    const float net_follows = 0.634f;
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 11, 7);
    for (int i = 0; i < N_FACES; i++) {
        limner_fit want = truth(&rng, 0.5f), filmed, sitting;
        const float gaze_deg = i % 2 ? -18.0f : 18.0f;
        landmarks seen;
        double r[9];

        want.yaw = 0.0f;
        want.gaze_yaw = net_follows * gaze_deg;
        limner_rotation_from_angles(r, 0.0, (double)want.pitch, (double)want.roll);
        for (int k = 0; k < 9; k++)
            want.rotation[k] = (float)r[k];
        see(&want, seen, 0.0f, &rng);
        assert_int_equal(limner_fit_filmed(&filmed, face, (const float(*)[3])seen), LIMNER_OK);
        assert_int_equal(limner_fit_landmarks(&sitting, face, (const float(*)[3])seen), LIMNER_OK);
        assert_true(fabsf(filmed.gaze_yaw - gaze_deg) < 4.0f);
        assert_true(fabsf(sitting.gaze_yaw - gaze_deg) > 8.0f);
        assert_true(fabsf(filmed.yaw) < 1.2f);

        want.gaze_yaw = 0.0f;
        see(&want, seen, 0.0f, &rng);
        assert_int_equal(limner_fit_filmed(&filmed, face, (const float(*)[3])seen), LIMNER_OK);
        assert_int_equal(limner_fit_landmarks(&sitting, face, (const float(*)[3])seen), LIMNER_OK);
        assert_true(filmed.gaze_yaw == sitting.gaze_yaw && filmed.yaw == sitting.yaw);
    }
}

static void pose_and_size_of_a_known_face_are_found(void **state)
{
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 4, 7);
    for (int i = 0; i < N_FACES; i++) {
        limner_fit want = truth(&rng, 0.8f), got;
        landmarks seen;

        want.gaze_yaw = -15.0f + 30.0f * limner_rng_uniform(&rng);
        want.gaze_pitch = -8.0f + 16.0f * limner_rng_uniform(&rng);
        see(&want, seen, 0.0f, &rng);
        got = want;
        assert_int_equal(limner_fit_track(&got, face, (const float(*)[3])seen, &got), LIMNER_OK);
        assert_memory_equal(got.identity, want.identity, sizeof(got.identity));
        assert_true(angle_between(&want, &got) < 0.5);
        assert_true(fabsf(got.scale / want.scale - 1.0f) < 0.005f);
        assert_true(fabsf(got.gaze_yaw - want.gaze_yaw) < 2.5f);
        assert_true(fabsf(got.gaze_pitch - want.gaze_pitch) < 2.5f);
    }
}

static void move_mouth_and_lids(limner_fit *f, limner_rng *rng)
{
    f->shape[LIMNER_JAW_OPEN] = 0.7f * limner_rng_uniform(rng);
    f->shape[LIMNER_MOUTH_SMILE_LEFT] = limner_rng_uniform(rng);
    f->shape[LIMNER_MOUTH_SMILE_RIGHT] = f->shape[LIMNER_MOUTH_SMILE_LEFT];
    f->shape[LIMNER_EYE_BLINK_LEFT] = limner_rng_uniform(rng);
    f->shape[LIMNER_EYE_BLINK_RIGHT] = f->shape[LIMNER_EYE_BLINK_LEFT];
}

/* Largest error of jawOpen, mouthSmile and eyeBlink. */
static float expression_error(const limner_fit *got, const limner_fit *want)
{
    static const int what[] = {LIMNER_JAW_OPEN, LIMNER_MOUTH_SMILE_LEFT, LIMNER_MOUTH_SMILE_RIGHT,
                               LIMNER_EYE_BLINK_LEFT, LIMNER_EYE_BLINK_RIGHT};
    float worst = 0.0f;

    for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++)
        worst = fmaxf(worst, fabsf(got->shape[what[i]] - want->shape[what[i]]));
    return worst;
}

static void expressions_are_found(void **state)
{
    float sum_stranger = 0.0f, sum_known = 0.0f;
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 2, 7);
    for (int i = 0; i < N_FACES; i++) {
        limner_fit want = truth(&rng, 0.6f), stranger, known;
        landmarks seen;

        move_mouth_and_lids(&want, &rng);
        see(&want, seen, 0.0f, &rng);
        assert_int_equal(limner_fit_landmarks(&stranger, face, (const float(*)[3])seen), LIMNER_OK);
        assert_int_equal(limner_fit_track(&known, face, (const float(*)[3])seen, &want), LIMNER_OK);
        for (int e = 0; e < LIMNER_N_SHAPE; e++)
            assert_true(stranger.shape[e] >= 0.0f && stranger.shape[e] <= 1.0f);
        assert_true(expression_error(&stranger, &want) < 0.2f);
        assert_true(expression_error(&known, &want) < 0.15f);
        sum_stranger += expression_error(&stranger, &want) / N_FACES;
        sum_known += expression_error(&known, &want) / N_FACES;
    }
    assert_true(sum_stranger < 0.1f);
    assert_true(sum_known < 0.05f);
}

static void closed_mouth_leaves_the_jaw_shut(void **state)
{
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 3, 7);
    for (int i = 0; i < N_FACES; i++) {
        limner_fit want = truth(&rng, 1.0f), got;
        landmarks seen;

        see(&want, seen, 1.0f, &rng);
        assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen), LIMNER_OK);
        assert_true(got.shape[LIMNER_JAW_OPEN] < 0.05f);
        assert_true(got.shape[LIMNER_MOUTH_CLOSE] <= got.shape[LIMNER_JAW_OPEN] + 0.05f);
    }
}

static void noise_moves_the_pose_little(void **state)
{
    limner_rng rng;
    double worst = 0.0;

    (void)state;
    limner_rng_init(&rng, 9, 7);
    for (int i = 0; i < N_FACES; i++) {
        limner_fit want = truth(&rng, 0.8f), got;
        landmarks seen;

        see(&want, seen, 3.0f, &rng);
        for (size_t k = 0; k < 468; k += 20) /* and some landmarks far off */
            seen[k][0] += 60.0f;
        assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen), LIMNER_OK);
        worst = fmax(worst, angle_between(&want, &got));
        assert_true(fabsf(got.scale / want.scale - 1.0f) < 0.12f);
    }
    assert_true(worst < 5.0);
}

static void turned_heads_up_to_45_degrees_are_fitted(void **state)
{
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 10, 7);
    for (int i = 0; i < N_FACES; i++) {
        limner_fit want = truth(&rng, 0.8f), got;
        double r[9];
        landmarks seen;

        want.yaw = i % 2 ? 45.0f : -45.0f;
        limner_rotation_from_angles(r, (double)want.yaw, (double)want.pitch, (double)want.roll);
        for (int k = 0; k < 9; k++)
            want.rotation[k] = (float)r[k];
        see(&want, seen, 1.0f, &rng);
        assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen), LIMNER_OK);
        assert_true(angle_between(&want, &got) < 3.0);
    }
}

static void size_of_the_crop_does_not_matter(void **state)
{
    limner_rng rng;
    limner_fit want, small, large;
    landmarks seen;

    (void)state;
    limner_rng_init(&rng, 11, 7);
    want = truth(&rng, 0.8f);
    want.shape[LIMNER_JAW_OPEN] = 0.4f;
    see(&want, seen, 1.0f, &rng);
    assert_int_equal(limner_fit_landmarks(&small, face, (const float(*)[3])seen), LIMNER_OK);
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
        for (size_t c = 0; c < 3; c++)
            seen[k][c] *= 2.0f;
    assert_int_equal(limner_fit_landmarks(&large, face, (const float(*)[3])seen), LIMNER_OK);
    assert_true(fabsf(large.scale - 2.0f * small.scale) < 1e-2f);
    for (int e = 0; e < LIMNER_N_SHAPE; e++)
        assert_true(fabsf(large.shape[e] - small.shape[e]) < 1e-3f);
}

static void nonsense_is_a_poor_face(void **state)
{
    limner_rng rng;
    limner_fit got;
    landmarks seen;

    (void)state;
    limner_rng_init(&rng, 12, 7);
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
        for (size_t c = 0; c < 3; c++)
            seen[k][c] = 512.0f * limner_rng_uniform(&rng);
    assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen), LIMNER_E_POOR_FACE);
    memset(seen, 0, sizeof(seen));
    assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen), LIMNER_E_POOR_FACE);
    limner_fit want = truth(&rng, 0.5f);
    const float bad[3] = {NAN, INFINITY, -1e30f};
    for (int i = 0; i < 3; i++) {
        see(&want, seen, 0.0f, &rng);
        seen[100][i] = bad[i];
        assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen),
                         LIMNER_E_POOR_FACE);
        assert_true(got.scale >= 0.0f && got.scale <= 0.0f);
    }
}

static void lack_of_memory_is_reported(void **state)
{
    float *residual = malloc(face->n_vertices * 2 * sizeof(float));
    float xy[LIMNER_N_LANDMARK][2];
    limner_rng rng;
    limner_fit want, got;
    landmarks seen;
    limner_status st = LIMNER_E_NOMEM;
    const size_t live = limner_mem_live();

    (void)state;
    assert_non_null(residual);
    limner_rng_init(&rng, 13, 7);
    want = truth(&rng, 0.5f);
    see(&want, seen, 0.0f, &rng);
    for (size_t n = 1; st == LIMNER_E_NOMEM; n++) {
        limner_mem_fail_after(n);
        st = limner_fit_landmarks(&got, face, (const float(*)[3])seen);
        if (st == LIMNER_OK)
            st = limner_fit_residual(residual, face, &got, (const float(*)[3])seen);
        if (st == LIMNER_OK)
            st = limner_fit_project_landmarks(xy, face, &got, residual);
        limner_mem_fail_after(0);
        assert_int_equal(limner_mem_live(), live);
        assert_true(n < 100);
    }
    assert_int_equal(st, LIMNER_OK);
    free(residual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pose_of_a_stranger_is_found),
        cmocka_unit_test(who_is_filmed_may_look_beside_the_camera),
        cmocka_unit_test(pose_and_size_of_a_known_face_are_found),
        cmocka_unit_test(expressions_are_found),
        cmocka_unit_test(closed_mouth_leaves_the_jaw_shut),
        cmocka_unit_test(noise_moves_the_pose_little),
        cmocka_unit_test(turned_heads_up_to_45_degrees_are_fitted),
        cmocka_unit_test(size_of_the_crop_does_not_matter),
        cmocka_unit_test(nonsense_is_a_poor_face),
        cmocka_unit_test(lack_of_memory_is_reported),
    };

    return cmocka_run_group_tests_name("fit", tests, open_face, close_face);
}
