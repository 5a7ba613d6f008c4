/* SPDX-License-Identifier: Apache-2.0 */
/* Moving highlights on a face drawn here: brown skin under even light with a white gloss where its
 * normal faces a light. The gloss is found, belongs to the light and not to the skin when the head
 * turns, and is not invented where there is none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lit_face.h"
#include "render/shine.h"

enum { S = 320, CM = 14 };

static const float skin[3] = {150, 110, 90};
static const float from_left[3] = {-0.42f, 0.25f, 0.87f};       /* the normal that shines most */

typedef struct fixture {
    lit_face lit;
    float *turned[3], *diffuse;
    limner_shine shine;
} fixture;

static int setup(void **state)
{
    fixture *x = calloc(1, sizeof(*x));

    assert_non_null(x);
    open_lit_face(&x->lit, S, CM);
    for (int k = 0; k < 3; k++)
        x->turned[k] = vertex_values(&x->lit.flat);
    x->diffuse = vertex_values(&x->lit.flat);
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    fixture *x = *state;

    limner_shine_close(&x->shine);
    close_lit_face(&x->lit);
    for (int k = 0; k < 3; k++)
        free(x->turned[k]);
    free(x->diffuse);
    free(x);
    return 0;
}

static float gloss_at(const fixture *x, uint32_t i)
{
    float c = 0;

    for (int k = 0; k < 3; k++)
        c += from_left[k] * x->lit.normal[k][i];
    return powf(fmaxf(0, c), 24);
}

/* Paints the photo around each vertex, the farther ones first, and fits. */
static void open_shine(fixture *x, float white, float tone)
{
    const limner_rig *rig = &x->lit.flat.rig;
    const limner_face *face = x->lit.flat.face;
    float *all = calloc(3 * face->stride, sizeof(float));
    float *xyz = calloc(3 * face->stride, sizeof(float));

    assert_non_null(all);
    assert_non_null(xyz);
    limner_face_base(face, NULL, xyz);
    limner_face_normals(face, xyz, all);
    for (uint32_t i = 0; i < rig->n_head; i++) {
        const int32_t px = (int32_t)rig->rest[0][i], py = (int32_t)rig->rest[1][i];
        float gloss;

        for (int k = 0; k < 3; k++)
            x->lit.normal[k][i] = all[(size_t)k * face->stride + i];
        x->diffuse[i] = x->lit.light[i] = 1;
        x->lit.flat.rig.is_seen[i] = x->lit.normal[2][i] > 0;
        gloss = gloss_at(x, i);
        for (int32_t j = 0; x->lit.normal[2][i] > 0 && j < 81; j++) {
            const int32_t qx = px + j % 9 - 4, qy = py + j / 9 - 4;

            for (int k = 0; qx >= 0 && qy >= 0 && qx < S && qy < S && k < 3; k++)
                limner_texture_at(&x->lit.flat.photo, qx, qy)[k] =
                    (uint8_t)(skin[k] * (1 + tone * gloss) + white * gloss);
        }
    }
    free(all);
    free(xyz);
    assert_int_equal(limner_shine_open(&x->shine, rig, x->lit.normal, x->diffuse, skin), LIMNER_OK);
}

/* The light of the frame with the head turned by yaw degrees. */
static void turn(fixture *x, float yaw)
{
    const float c = cosf(yaw * 3.14159265f / 180), s = sinf(yaw * 3.14159265f / 180);

    for (uint32_t i = 0; i < x->lit.flat.rig.n_head; i++) {
        x->turned[0][i] = c * x->lit.normal[0][i] + s * x->lit.normal[2][i];
        x->turned[1][i] = x->lit.normal[1][i];
        x->turned[2][i] = c * x->lit.normal[2][i] - s * x->lit.normal[0][i];
        x->lit.light[i] = 1;
    }
    limner_shine_add(&x->shine, x->turned, x->lit.light);
}

static float largest_change(const fixture *x)
{
    float most = 0;

    for (uint32_t i = 0; i < x->lit.flat.rig.n_head; i++)
        most = fmaxf(most, fabsf(x->lit.light[i] - 1));
    return most;
}

/* Mean place across the face (cm) of what gains (sign 1) or loses (-1). */
static float middle_of_change(const fixture *x, float sign)
{
    float sum = 0, n = 1e-6f;

    for (uint32_t i = 0; i < x->lit.flat.rig.n_head; i++) {
        const float change = fmaxf(0, sign * (x->lit.light[i] - 1));

        sum += change * (x->lit.flat.rig.rest[0][i] - S / 2.0f) / CM;
        n += change;
    }
    return sum / n;
}

static void the_photos_own_pose_adds_nothing(void **state)
{
    fixture *x = *state;

    open_shine(x, 80, 0);
    limner_shine_add(&x->shine, x->lit.normal, x->lit.light);
    assert_true(x->shine.lobe[0].from < x->shine.lobe[0].to);
    assert_true(largest_change(x) < 1e-6f);
}

static void the_light_is_found(void **state)
{
    fixture *x = *state;
    const limner_shine_lobe *lobe = &x->shine.lobe[0];
    float cosine = 0;

    open_shine(x, 80, 0);
    assert_true(lobe->from < lobe->to);
    for (int k = 0; k < 3; k++)
        cosine += lobe->half[k] * from_left[k];
    assert_true(cosine > cosf(0.2f));
    assert_true(x->shine.tint[0] < 0.97f && x->shine.tint[2] > 1.03f);
}

/* A light at the left shines on skin that turns towards it. */
static void turning_moves_the_highlight_to_the_lights_side(void **state)
{
    fixture *x = *state;

    open_shine(x, 80, 0);
    turn(x, 20);
    assert_true(largest_change(x) > 0.1f);
    assert_true(middle_of_change(x, 1) < middle_of_change(x, -1) - 2);
    turn(x, -20);
    assert_true(middle_of_change(x, 1) > middle_of_change(x, -1) + 2);
}

static void a_matte_face_gets_none(void **state)
{
    fixture *x = *state;

    open_shine(x, 0, 0);
    turn(x, 20);
    assert_true(largest_change(x) == 0);
    for (int k = 0; k < 3; k++)
        assert_true(x->shine.tint[k] == 1);
}

/* Paler skin is not gloss: its colour does not fade. */
static void coloured_light_counts_less_than_white(void **state)
{
    fixture *x = *state;
    float white;

    open_shine(x, 60, 0);
    turn(x, 20);
    white = largest_change(x);
    limner_shine_close(&x->shine);
    open_shine(x, 0, 60.0f / 117);
    turn(x, 20);
    assert_true(largest_change(x) < 0.6f * white);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_photos_own_pose_adds_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(the_light_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(turning_moves_the_highlight_to_the_lights_side, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_matte_face_gets_none, setup, teardown),
        cmocka_unit_test_setup_teardown(coloured_light_counts_less_than_white, setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
