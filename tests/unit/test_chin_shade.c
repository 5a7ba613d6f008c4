/* SPDX-License-Identifier: Apache-2.0 */
/* The shade under the chin of a face drawn here, whose neck is darker under the jaw: it follows the
 * jaw, changes nothing at the photo's own motion, and is not invented on an evenly lit neck. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lit_face.h"
#include "render/chin_shade.h"

enum { S = 512, CM = 14 };

#define NECK_CM 9.5f                    /* down from the model's origin: shaded above this, ... */
#define LIT_CM 11.5f                    /* ... lit below this */

static const float skin[3] = {200, 150, 120};

typedef struct fixture {
    lit_face lit;
    limner_chin_shade chin;
} fixture;

static int setup(void **state)
{
    fixture *x = calloc(1, sizeof(*x));

    assert_non_null(x);
    open_lit_face(&x->lit, S, CM);
    for (uint32_t i = 0; i < x->lit.flat.rig.n_head; i++) {
        x->lit.normal[2][i] = x->lit.flat.rig.rest[2][i] > 0 ? 1 : -1;
        x->lit.flat.rig.is_seen[i] = 1;
    }
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    fixture *x = *state;

    limner_chin_shade_close(&x->chin);
    close_lit_face(&x->lit);
    free(x);
    return 0;
}

/* Skin, of which the share `dark` of the light is lost under the jaw. */
static void open_chin(fixture *x, float dark)
{
    for (int32_t i = 0; i < S * S; i++) {
        const float down = ((float)(i / S) - S / 2.0f) / CM;
        const float lost = dark * fminf(1, fmaxf(0, (LIT_CM - down) / (LIT_CM - NECK_CM)));

        for (int k = 0; k < 3; k++)
            limner_texture_at(&x->lit.flat.photo, i % S, i / S)[k] =
                (uint8_t)(skin[k] * (1 - lost));
    }
    assert_int_equal(
        limner_chin_shade_open(&x->chin, &x->lit.flat.rig, x->lit.normal, skin), LIMNER_OK);
}

/* Mean light on the neck when the face has moved down by so much. */
static float light_with(fixture *x, float down_cm)
{
    limner_rig *rig = &x->lit.flat.rig;
    float sum = 0, n = 0;

    for (uint32_t i = 0; i < rig->n_head; i++) {
        const bool is_face = rig->face->vertex_region[i] == LIMNER_REGION_FACE;

        for (int k = 0; k < 3; k++)
            rig->at[k][i] = rig->rest[k][i];
        rig->at[1][i] += is_face ? down_cm * CM : 0;
        x->lit.light[i] = 1;
    }
    limner_chin_shade_apply(&x->chin, rig, x->lit.light);
    for (uint32_t i = 0; i < x->chin.n; i++) {
        const uint32_t v = x->chin.vertex[i].vertex;
        const float down = (rig->rest[1][v] - S / 2.0f) / CM;

        if (down < NECK_CM || down > LIT_CM + 1 || fabsf(rig->rest[0][v] - S / 2.0f) > 2 * CM)
            continue;
        sum += x->lit.light[v];
        n++;
    }
    assert_true(n > 5);
    for (uint32_t i = 0; i < rig->n_head; i++)
        assert_true(rig->face->vertex_region[i] != LIMNER_REGION_FACE || x->lit.light[i] == 1);
    return sum / n;
}

static void the_photos_own_motion_changes_nothing(void **state)
{
    fixture *x = *state;

    open_chin(x, 0.4f);
    assert_true(x->chin.dark > 0.1f);
    assert_true(fabsf(light_with(x, 0) - 1) < 1e-5f);
}

static void the_shade_follows_the_jaw(void **state)
{
    fixture *x = *state;

    open_chin(x, 0.4f);
    assert_true(light_with(x, 1) < 0.95f);
    assert_true(light_with(x, 0.5f) > light_with(x, 1) + 0.01f);
    assert_true(light_with(x, -1) > 1.01f);
}

static void an_evenly_lit_neck_stays_so(void **state)
{
    fixture *x = *state;

    open_chin(x, 0);
    assert_true(light_with(x, 1) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_photos_own_motion_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(the_shade_follows_the_jaw, setup, teardown),
        cmocka_unit_test_setup_teardown(an_evenly_lit_neck_stays_so, setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
