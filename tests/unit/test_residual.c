/* SPDX-License-Identifier: Apache-2.0 */
/* face/residual: what a fit leaves is spread so that lips, lids and eyeballs meet their landmarks,
 * the upper lip stays above the lower one, and the shoulders stay. */
#include <math.h>

#include "seen_face.h"

static int is_kind(size_t k, int kind)
{
    return face->landmark_kind[k] == kind;
}

/* Mean distance of lip and lid landmarks that are alone on their vertex, pixels. */
static double line_error(const limner_fit *f, const float *residual, const landmarks seen)
{
    float xy[LIMNER_N_LANDMARK][2];
    double sum = 0.0, n = 0.0;

    assert_int_equal(limner_fit_project_landmarks(xy, face, f, residual), LIMNER_OK);
    for (size_t k = 0; k < 468; k++) {
        int is_alone = 1;

        for (size_t i = 0; i < 468; i++)
            is_alone &= i == k || face->landmark_vertex[3 * i] != face->landmark_vertex[3 * k];
        if (!is_alone ||
            !(is_kind(k, LIMNER_LANDMARK_LIP_INNER) || is_kind(k, LIMNER_LANDMARK_LIP_OUTER) ||
              is_kind(k, LIMNER_LANDMARK_LID)))
            continue;
        sum += (double)hypotf(xy[k][0] - seen[k][0], xy[k][1] - seen[k][1]);
        n += 1.0;
    }
    assert_true(n > 50.0);
    return sum / n;
}

static void residual_meets_lips_and_lids(void **state)
{
    float *residual = malloc(face->n_vertices * 2 * sizeof(float));
    limner_rng rng;

    (void)state;
    assert_non_null(residual);
    limner_rng_init(&rng, 5, 7);
    for (int i = 0; i < N_FACES; i++) {
        limner_fit want = truth(&rng, 1.2f), got;
        landmarks seen;

        want.shape[LIMNER_JAW_OPEN] = 0.2f + 0.4f * limner_rng_uniform(&rng);
        want.shape[LIMNER_MOUTH_PUCKER] = 0.5f * limner_rng_uniform(&rng);
        see(&want, seen, 0.5f, &rng);
        assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen), LIMNER_OK);
        assert_int_equal(limner_fit_residual(residual, face, &got, (const float(*)[3])seen),
                         LIMNER_OK);
        assert_true(line_error(&got, NULL, (const float(*)[3])seen) > 0.3);
        assert_true(line_error(&got, residual, (const float(*)[3])seen) < 0.3);
    }
    free(residual);
}

static void residual_keeps_the_upper_lip_above(void **state)
{
    float *residual = malloc(face->n_vertices * 2 * sizeof(float));
    float *px = malloc(face->n_vertices * 3 * sizeof(float));
    limner_rng rng;

    (void)state;
    assert_true(residual && px);
    limner_rng_init(&rng, 6, 7);
    for (int i = 0; i < N_FACES; i++) {
        limner_fit want = truth(&rng, 0.8f), got;
        landmarks seen;

        want.shape[LIMNER_JAW_OPEN] = i % 2 ? 0.03f : 0.0f;
        see(&want, seen, 1.0f, &rng); /* noise makes the landmarks cross */
        assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen), LIMNER_OK);
        assert_int_equal(limner_fit_residual(residual, face, &got, (const float(*)[3])seen),
                         LIMNER_OK);
        assert_int_equal(limner_fit_project_vertices(px, face, &got), LIMNER_OK);
        for (uint32_t k = 0; k < face->lips.n; k++) {
            const uint16_t u = face->lips.upper[k], l = face->lips.lower[k];
            const float dx = px[3 * u] + residual[2 * u] - px[3 * l] - residual[2 * l];
            const float dy =
                px[3 * u + 1] + residual[2 * u + 1] - px[3 * l + 1] - residual[2 * l + 1];

            assert_true(dx * got.rotation[1] - dy * got.rotation[4] > -0.6f);
        }
    }
    free(residual);
    free(px);
}

static void residual_fades_to_zero_at_the_shoulders(void **state)
{
    float *residual = malloc(face->n_vertices * 2 * sizeof(float));
    limner_rng rng;
    limner_fit want, got;
    landmarks seen;

    (void)state;
    assert_non_null(residual);
    limner_rng_init(&rng, 7, 7);
    want = truth(&rng, 1.0f);
    see(&want, seen, 2.0f, &rng);
    assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen), LIMNER_OK);
    assert_int_equal(limner_fit_residual(residual, face, &got, (const float(*)[3])seen), LIMNER_OK);
    for (uint32_t v = 0; v < face->n_vertices; v++) {
        assert_true(isfinite(residual[2 * v]) && isfinite(residual[2 * v + 1]));
        if (face->vertex_region[v] == LIMNER_REGION_SHOULDERS)
            assert_true(hypotf(residual[2 * v], residual[2 * v + 1]) < 1.0f);
    }
    free(residual);
}

static void eyeballs_fill_wide_lids(void **state)
{
    float *residual = malloc(face->n_vertices * 2 * sizeof(float));
    float *px = malloc(face->n_vertices * 3 * sizeof(float));
    limner_rng rng;
    limner_fit want, got;
    landmarks seen;

    (void)state;
    assert_true(residual && px);
    limner_rng_init(&rng, 8, 7);
    want = truth(&rng, 0.0f);
    see(&want, seen, 0.0f, &rng);
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++) { /* eyes of a cartoon, half as large again */
        const size_t middle = k < 473 ? 468 : 473;
        const int is_left = k >= 473 || (k < 468 && face->mean[face->landmark_vertex[3 * k]] > 0);

        if (is_kind(k, LIMNER_LANDMARK_LID) || (k >= 468 && k != middle))
            for (size_t c = 0; c < 2; c++)
                seen[k][c] += 0.5f * (seen[k][c] - seen[is_left ? 473 : 468][c]);
    }
    assert_int_equal(limner_fit_landmarks(&got, face, (const float(*)[3])seen), LIMNER_OK);
    assert_int_equal(limner_fit_residual(residual, face, &got, (const float(*)[3])seen), LIMNER_OK);
    assert_int_equal(limner_fit_project_vertices(px, face, &got), LIMNER_OK);
    for (int side = 0; side < 2; side++) {
        const limner_face_range *eye = &face->part[LIMNER_PART_EYE_LEFT + side];
        const size_t iris = side ? 468 : 473;
        float left = 1e9f, right = -1e9f;

        for (uint32_t v = eye->first_vertex; v < eye->first_vertex + eye->n_vertices; v++) {
            left = fminf(left, px[3 * v] + residual[2 * v]);
            right = fmaxf(right, px[3 * v] + residual[2 * v]);
        }
        for (uint32_t i = 0; i < face->lids[side].n; i++) {
            const uint16_t v = face->lids[side].upper[i];

            assert_true(px[3 * v] + residual[2 * v] > left);
            assert_true(px[3 * v] + residual[2 * v] < right);
        }
        float xy[LIMNER_N_LANDMARK][2];
        assert_int_equal(limner_fit_project_landmarks(xy, face, &got, residual), LIMNER_OK);
        for (size_t k = iris; k < iris + 5; k++)
            assert_true(hypotf(xy[k][0] - seen[k][0], xy[k][1] - seen[k][1]) < 1.5f);
    }
    free(residual);
    free(px);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(residual_meets_lips_and_lids),
        cmocka_unit_test(residual_keeps_the_upper_lip_above),
        cmocka_unit_test(residual_fades_to_zero_at_the_shoulders),
        cmocka_unit_test(eyeballs_fill_wide_lids),
    };

    return cmocka_run_group_tests_name("residual", tests, open_face, close_face);
}
