/* SPDX-License-Identifier: Apache-2.0 */
/* The teeth behind one portrait's lips: wherever the photo has the lips, a mouth opened half shows
 * the upper teeth's edge, and no more than a crown, and the lower ones'; small openings show both,
 * of the one the more, the less of the other; no lip bares the lower ones' roots; a photo that
 * shows its own mouth keeps the model's row. And the grain that the inside of a mouth takes from
 * the cheeks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flat_face.h"
#include "render/mouth_grain.h"

enum { S = 256, N_PEOPLE = 30 };

#define SCALE 12.0f

/* Opens the rig on a photo whose lips lie lower than the model's by down_cm: upper, lower; jaw: in
 * the photo. */
static flat_face *open_both(const float down_cm[2], float jaw, uint32_t person)
{
    flat_face *x = calloc(1, sizeof(*x));

    assert_non_null(x);
    open_flat_face(x, S, SCALE);
    x->app.fit.shape[LIMNER_JAW_OPEN] = jaw;
    x->app.teeth_seen = jaw > 0 ? 0.3f : 0;
    for (uint32_t i = 0; i < x->face->lips.n; i++) {
        x->app.residual[2 * x->face->lips.upper[i] + 1] = SCALE * down_cm[0];
        if (down_cm[1] != 0)
            x->app.residual[2 * x->face->lips.lower[i] + 1] = SCALE * down_cm[1];
    }
    for (uint32_t i = 0; person && i < LIMNER_N_IDENTITY; i++)
        x->app.fit.identity[i] = sinf(12.9f * (float)(i + 1) * (float)person);
    open_flat_rig(x);
    return x;
}

static flat_face *open_lips(float by_cm, float jaw)
{
    return open_both((const float[2]){by_cm, 0}, jaw, 0);
}

static void close_lips(flat_face *x)
{
    close_flat_face(x);
    free(x);
}

/* cm of a row's front teeth beyond the middle of its lip. */
static float shown(flat_face *x, limner_face_part row, float jaw)
{
    const bool is_upper = row == LIMNER_PART_TEETH_UPPER;
    const limner_face_contact *lips = x->rig.lips.line;
    const uint16_t lip = (is_upper ? lips->upper : lips->lower)[x->rig.lips.n / 2];
    const limner_face_range *teeth = &x->face->part[row];
    const float down = is_upper ? 1.0f : -1.0f;
    limner_motion m = x->rig.photo;
    float edge = -1e9f;

    m.expression[LIMNER_JAW_OPEN] = jaw;
    limner_rig_express(&x->rig, &m, true);
    for (uint32_t i = teeth->first_vertex; i < teeth->first_vertex + teeth->n_vertices; i++) {
        if (fabsf(x->face->mean[i]) < 0.6f)
            edge = fmaxf(edge, down * x->rig.still[1][i]);
    }
    return (edge - down * x->rig.still[1][lip]) / SCALE;
}

static void an_open_mouth_shows_the_upper_teeth(void **state)
{
    (void)state;
    for (int i = -1; i <= 3; i++) {
        flat_face *x = open_lips(0.1f * (float)i, 0);
        const float cm = shown(x, LIMNER_PART_TEETH_UPPER, 0.5f);

        assert_true(cm > 0.08f && cm < 0.3f);
        close_lips(x);
    }
}

static void an_open_mouth_shows_the_lower_teeth(void **state)
{
    (void)state;
    for (int i = -2; i <= 1; i++) {
        flat_face *x = open_both((const float[2]){0, 0.1f * (float)i}, 0, 0);
        const float cm = shown(x, LIMNER_PART_TEETH_LOWER, 0.5f);

        assert_true(cm > 0.5f && cm < 0.7f);
        close_lips(x);
    }
}

static void small_openings_show_some_of_both(void **state)
{
    float most = 0, least = 1, both = 0;

    (void)state;
    for (uint32_t n = 1; n <= N_PEOPLE; n++) {
        flat_face *x = open_both((const float[2]){0, 0}, 0, n);
        const float upper = shown(x, LIMNER_PART_TEETH_UPPER, 0.12f);
        const float lower = shown(x, LIMNER_PART_TEETH_LOWER, 0.12f);

        assert_true(upper > 0 && upper < 0.32f);
        assert_true(lower > 0.02f && lower < 0.4f);
        both += (lower + upper) / N_PEOPLE;
        most = fmaxf(most, lower - upper);
        least = fminf(least, lower - upper);
        close_lips(x);
    }
    assert_true(most > 0.15f && least < 0.05f);
    assert_true(both > 0.3f && both < 0.5f);
}

/* People's lower lips bare part of a crown; the model's would go down to the roots. */
static void no_lip_bares_the_roots_of_the_lower_teeth(void **state)
{
    const int shapes[2][2] = {{LIMNER_MOUTH_FUNNEL, LIMNER_MOUTH_FUNNEL},
                              {LIMNER_MOUTH_LOWER_DOWN_LEFT, LIMNER_MOUTH_LOWER_DOWN_RIGHT}};
    flat_face *x = open_lips(0, 0);

    (void)state;
    for (int k = 0; k < 2; k++) {
        float before, cm;

        memset(x->rig.photo.expression, 0, sizeof(x->rig.photo.expression));
        before = shown(x, LIMNER_PART_TEETH_LOWER, 0.1f);
        for (int i = 0; i < 2; i++)
            x->rig.photo.expression[shapes[k][i]] = 0.4f;
        cm = shown(x, LIMNER_PART_TEETH_LOWER, 0.1f);
        assert_true(cm > before + 0.1f);
        for (int i = 0; i < 2; i++)
            x->rig.photo.expression[shapes[k][i]] = 1;
        assert_true(shown(x, LIMNER_PART_TEETH_LOWER, 0.1f) > cm);
        assert_true(shown(x, LIMNER_PART_TEETH_LOWER, 0.1f) < 0.75f);
    }
    close_lips(x);
}

/* Highest vertex of the upper teeth, cm: their roots. */
static float roots(const flat_face *x)
{
    const limner_face_range *teeth = &x->face->part[LIMNER_PART_TEETH_UPPER];
    float most = -1e9f;

    for (uint32_t i = teeth->first_vertex; i < teeth->first_vertex + teeth->n_vertices; i++)
        most = fmaxf(most, x->rig.base[x->face->stride + i]);
    return most;
}

static void a_photo_of_an_open_mouth_keeps_the_row(void **state)
{
    flat_face *high = open_lips(0, 0.5f), *low = open_lips(0.9f, 0.5f), *shut = open_lips(0.9f, 0);

    (void)state;
    assert_float_equal(roots(high), roots(low), 1e-5);
    assert_true(roots(shut) < roots(low) - 0.05f);
    close_lips(high);
    close_lips(low);
    close_lips(shut);
}

/* Grain of a cheek whose pixels differ by up to `by` grey levels: its largest share of light. */
static float grain_of(int by)
{
    const float cheek[2][2] = {{40, 64}, {88, 64}};
    limner_mouth_grain g;
    limner_texture t;
    float most = 0, mean = 0;

    assert_int_equal(limner_texture_open(&t, 128, 128), LIMNER_OK);
    for (int32_t i = 0; i < 128 * 128; i++) {
        const int one = i * 7919 % 251 % (by + 1);

        memset(limner_texture_at(&t, i % 128, i / 128), 120 + i / 512 + one, 3);
    }
    limner_mouth_grain_open(&g, &t, cheek);
    limner_texture_close(&t);
    for (int32_t i = 0; i < 4096; i++) {
        const float gain = limner_mouth_grain_at(&g, (float)(i % 64), (float)(i / 64));

        most = fmaxf(most, fabsf(gain - 1));
        mean += gain / 4096;
    }
    assert_float_equal(mean, 1, 0.01);
    return most;
}

static void the_mouth_has_the_picture_s_grain(void **state)
{
    (void)state;
    assert_true(grain_of(0) < 0.006f);          /* shading is no grain */
    assert_in_range((int)(1000 * grain_of(12)), 20, 60);
    assert_in_range((int)(1000 * grain_of(100)), 70, 81);
}

/* Softness of stripes whose brightness goes up and down once in `period` px. */
static float softness_of(float period)
{
    const float lo[2] = {10, 30}, hi[2] = {118, 90};
    limner_texture t;
    float soft;

    assert_int_equal(limner_texture_open(&t, 128, 128), LIMNER_OK);
    for (int32_t i = 0; i < 128 * 128; i++)
        memset(limner_texture_at(&t, i % 128, i / 128),
               128 + (int)(60 * sinf(6.2831853f * (float)(i % 128) / period)), 3);
    soft = limner_mouth_softness(&t, lo, hi);
    limner_texture_close(&t);
    return soft;
}

static void a_blurred_picture_is_soft(void **state)
{
    (void)state;
    assert_float_equal(softness_of(3), 0, 0.01);
    assert_true(softness_of(6) > 0.3f && softness_of(6) < 0.95f);
    assert_true(softness_of(40) > 0.9f);
}

/* What the mouth's inside does not touch stays: the photo's own skin. */
static void the_skin_stays(void **state)
{
    flat_face *x = open_lips(0.3f, 0);
    const uint32_t n = x->rig.n_head;
    float *own = calloc(3 * (size_t)x->face->stride, sizeof(*own));

    (void)state;
    assert_non_null(own);
    limner_face_base(x->face, x->app.fit.identity, own);
    assert_memory_equal(own, x->rig.base, n * sizeof(*own));
    assert_memory_equal(own + x->face->stride, x->rig.base + x->face->stride, n * sizeof(*own));
    free(own);
    close_lips(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_mouth_shows_the_lower_teeth),
        cmocka_unit_test(small_openings_show_some_of_both),
        cmocka_unit_test(an_open_mouth_shows_the_upper_teeth),
        cmocka_unit_test(no_lip_bares_the_roots_of_the_lower_teeth),
        cmocka_unit_test(a_photo_of_an_open_mouth_keeps_the_row),
        cmocka_unit_test(the_mouth_has_the_picture_s_grain),
        cmocka_unit_test(a_blurred_picture_is_soft),
        cmocka_unit_test(the_skin_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
