/* SPDX-License-Identifier: Apache-2.0 */
/* Folds on a drawn face of one colour: none at the photo's own expression, a dark furrow where the
 * expression asks for one and nowhere else, never on hair, and gone again without a trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/folds.h"

enum { S = 256, CM = 14, SKIN = 160, HAIR = 30 };

typedef struct fixture {
    limner_texture person;
    uint8_t feather[S * S], before[S * S];
    limner_appearance app;
    limner_rig rig;
    limner_folds folds;
} fixture;

/* Landmarks of a face in the middle of the picture; left ones mirror right ones. */
static const struct {
    uint16_t right, left;
    float x, y;
} drawn[] = {
    {129, 358, 112, 130}, {203, 423, 104, 142}, {206, 426, 98, 154}, {216, 436, 94, 166},
    {212, 432, 92, 178}, {61, 291, 108, 174}, {63, 293, 84, 84}, {105, 334, 100, 80},
    {103, 332, 90, 30}, {67, 297, 106, 26}, {9, 9, 128, 84}, {10, 10, 128, 24},
    {55, 285, 118, 94}, {107, 336, 117, 84}, {108, 337, 118, 70}
};

static uint8_t *pixel_at(fixture *x, float px, float py)
{
    return limner_texture_at(&x->person, (int32_t)px, (int32_t)py);
}

static void place_landmarks(limner_appearance *app)
{
    for (size_t i = 0; i < sizeof(drawn) / sizeof(drawn[0]); i++) {
        app->landmarks[drawn[i].right][0] = drawn[i].x;
        app->landmarks[drawn[i].left][0] = S - drawn[i].x;
        app->landmarks[drawn[i].right][1] = app->landmarks[drawn[i].left][1] = drawn[i].y;
    }
}

static int setup(void **state)
{
    fixture *x = calloc(1, sizeof(*x));

    assert_non_null(x);
    assert_int_equal(limner_texture_open(&x->person, S, S), LIMNER_OK);
    memset(x->feather, 255, sizeof(x->feather));
    for (int32_t i = 0; i < S * S; i++)
        memset(limner_texture_at(&x->person, i % S, i / S), i / S < 46 ? HAIR : SKIN, 4);
    for (int k = 0; k < 3; k++)
        x->app.skin_rgb[k] = SKIN;
    place_landmarks(&x->app);
    x->rig.view = (limner_view){.k = 1, .w = S, .h = S};
    x->rig.pose_frame.scale = CM;
    x->rig.photo.expression[LIMNER_MOUTH_SMILE_RIGHT] = 0.2f;
    assert_int_equal(limner_folds_open(&x->folds, &x->rig, &x->app, x->feather, &x->person),
                     LIMNER_OK);
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    fixture *x = *state;

    limner_folds_close(&x->folds);
    limner_texture_close(&x->person);
    free(x);
    return 0;
}

static bool is_untouched(fixture *x)
{
    for (int32_t i = 0; i < S * S; i++) {
        if (*limner_texture_at(&x->person, i % S, i / S) != (i / S < 46 ? HAIR : SKIN))
            return false;
    }
    return true;
}

static void the_photos_own_expression_has_no_fold(void **state)
{
    fixture *x = *state;
    limner_motion m = x->rig.photo;

    assert_true(x->folds.n > 100);
    limner_folds_update(&x->folds, &x->rig, &m);
    assert_true(is_untouched(x));
    m.expression[LIMNER_MOUTH_SMILE_RIGHT] = 0;
    limner_folds_update(&x->folds, &x->rig, &m);
    assert_true(is_untouched(x));
}

static void a_smile_folds_its_own_side(void **state)
{
    fixture *x = *state;
    limner_motion m = x->rig.photo;

    m.expression[LIMNER_MOUTH_SMILE_LEFT] = 1;
    limner_folds_update(&x->folds, &x->rig, &m);
    assert_in_range(*pixel_at(x, S - 98, 154), SKIN / 2, SKIN - 10);
    assert_int_equal(*pixel_at(x, 98, 154), SKIN);
    limner_folds_update(&x->folds, &x->rig, &x->rig.photo);
    assert_true(is_untouched(x));
}

static void raised_brows_fold_skin_and_not_hair(void **state)
{
    fixture *x = *state;
    limner_motion m = x->rig.photo;

    m.expression[LIMNER_BROW_INNER_UP] = m.expression[LIMNER_BROW_OUTER_UP_LEFT] = 1;
    m.expression[LIMNER_BROW_OUTER_UP_RIGHT] = 1;
    limner_folds_update(&x->folds, &x->rig, &m);
    assert_in_range(*pixel_at(x, 128, 57), SKIN / 2, SKIN - 3);
    for (int32_t i = 0; i < 46 * S; i++)
        assert_int_equal(*limner_texture_at(&x->person, i % S, i / S), HAIR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_photos_own_expression_has_no_fold, setup, teardown),
        cmocka_unit_test_setup_teardown(a_smile_folds_its_own_side, setup, teardown),
        cmocka_unit_test_setup_teardown(raised_brows_fold_skin_and_not_hair, setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
