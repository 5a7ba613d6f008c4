/* SPDX-License-Identifier: Apache-2.0 */
/* What lids do to the eyeball right below them: lashes keep the photo's colour, and a lid opened
 * further than in the photo draws no dark ring. A white eyeball (WHITE) under brown lashes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "render/eyes.h"

enum { SIDE = 64, WHITE = 220 };

static const uint8_t lash[3] = {150, 110, 90};

typedef struct fixture {
    limner_texture layer, photo;
    limner_eyes eyes;
    limner_plane home;
} fixture;

static void fill(limner_texture *t, const uint8_t rgb[3], uint8_t alpha)
{
    assert_int_equal(limner_texture_open(t, SIDE, SIDE), LIMNER_OK);
    for (int i = 0; i < SIDE * SIDE; i++) {
        uint8_t *px = limner_texture_at(t, i % SIDE, i / SIDE);

        memcpy(px, rgb, 3);
        px[3] = alpha;
    }
    limner_texture_seal(t);
}

/* An eye without an iris in sight, everything of it looked up in the middle. */
static void open_eyes(fixture *x)
{
    static const uint8_t white[3] = {WHITE, WHITE, WHITE};
    static const float as_it_is[6] = {1, 0, 0, 0, 1, 0};
    limner_eye_view *v = &x->eyes.eye[0];

    memset(x, 0, sizeof(*x));
    fill(&x->layer, white, 0);
    fill(&x->photo, lash, 255);
    fill(&v->white.texture, white, 255);
    x->eyes.layer = &x->layer;
    x->eyes.photo = &x->photo;
    x->eyes.up[1] = -1;
    v->home[0] = v->home[1] = v->at[0] = v->at[1] = SIDE / 2;
    v->radius = v->radius_at = SIDE / 2;
    v->iris[0] = v->iris[1] = -10 * SIDE;
    v->iris[2] = 1;
    memcpy(v->rigid, as_it_is, sizeof(as_it_is));
    memcpy(v->turned, as_it_is, sizeof(as_it_is));
    v->shadow_px = 4;
    v->lash_px = 10;
    v->px_per_cm = 30;
}

static void close_eyes(fixture *x)
{
    limner_texture_close(&x->layer);
    limner_texture_close(&x->photo);
    limner_eyes_close(&x->eyes);
}

/* Just below the upper lid of an eye opened by so many pixels, 10 in the photo. */
static void look(float rgb[3], const fixture *x, float open_px)
{
    const float lid[3] = {0.02f, open_px, 10};

    limner_eyes_shade(&x->eyes, 0, SIDE / 2, SIDE / 2, lid, &x->home, rgb);
}

static void lashes_keep_their_colour(void **state)
{
    fixture x;
    float rgb[3];

    (void)state;
    open_eyes(&x);
    look(rgb, &x, 10);
    for (int k = 0; k < 3; k++)
        assert_true(fabsf(rgb[k] - (float)lash[k]) < 10);
    close_eyes(&x);
}

static void wide_lids_draw_no_dark_ring(void **state)
{
    fixture x;
    float rgb[3];

    (void)state;
    open_eyes(&x);
    look(rgb, &x, 20);
    for (int k = 0; k < 3; k++)
        assert_true(rgb[k] > 0.9f * (float)lash[k] && rgb[k] < 0.75f * WHITE);
    assert_true(rgb[0] > rgb[1] && rgb[1] > rgb[2]);
    close_eyes(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lashes_keep_their_colour),
        cmocka_unit_test(wide_lids_draw_no_dark_ring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
