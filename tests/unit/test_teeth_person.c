/* SPDX-License-Identifier: Apache-2.0 */
/* One person's teeth: two people's differ, one person's are the same to the byte and hardly change
 * with the fit's last digits; neighbours touch whoever it is; photos that show their own keep the
 * model's upper row. Their light: falls off from the middle to the premolars, comes from where the
 * portrait's does, and leaves a grey picture grey. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flat_face.h"
#include "render/teeth.h"
#include "render/teeth_light.h"
#include "render/teeth_person.h"
#include "render/teeth_row.h"

enum { N_PEOPLE = 60 };

static limner_face *face;

static int open_face(void **state)
{
    (void)state;
    face = open_shipped_face();
    return 0;
}

static int close_face(void **state)
{
    (void)state;
    limner_face_close(&face);
    return 0;
}

/* Identity number n, each coefficient within one standard deviation and a half. */
static void make_identity(uint32_t n, float identity[LIMNER_N_IDENTITY])
{
    uint32_t seed = 12345 + 7919 * n;

    for (int i = 0; i < LIMNER_N_IDENTITY; i++) {
        seed = seed * 1664525u + 1013904223u;
        identity[i] = 3 * ((float)(seed >> 8) / (float)(1 << 24) - 0.5f);
    }
}

/* The mean face with these teeth [3][stride]; the caller frees. */
static float *make_teeth(const float *identity)
{
    const size_t n = 3 * (size_t)face->stride;
    float *base = malloc(n * sizeof(*base));

    assert_non_null(base);
    memcpy(base, face->mean, n * sizeof(*base));
    assert_int_equal(limner_teeth_prepare(face, base), LIMNER_OK);
    assert_int_equal(limner_teeth_person(face, LIMNER_PART_TEETH_UPPER, identity, base), LIMNER_OK);
    assert_int_equal(limner_teeth_person(face, LIMNER_PART_TEETH_LOWER, identity, base), LIMNER_OK);
    return base;
}

/* Largest distance (cm) of a vertex of the upper teeth in a from that in b. */
static float distance_of(const float *a, const float *b)
{
    const limner_face_range *p = &face->part[LIMNER_PART_TEETH_UPPER];
    float most = 0;

    for (uint32_t i = p->first_vertex; i < p->first_vertex + p->n_vertices; i++) {
        float sum = 0;

        for (uint32_t k = 0; k < 3; k++) {
            const float d = a[k * face->stride + i] - b[k * face->stride + i];

            sum += d * d;
        }
        most = fmaxf(most, sqrtf(sum));
    }
    return most;
}

static void people_differ_and_one_stays_the_same(void **state)
{
    float identity[LIMNER_N_IDENTITY], other[LIMNER_N_IDENTITY];
    float *one, *again, *near, *two;

    (void)state;
    make_identity(1, identity);
    make_identity(2, other);
    one = make_teeth(identity);
    again = make_teeth(identity);
    two = make_teeth(other);
    for (int i = 0; i < LIMNER_N_IDENTITY; i++)
        identity[i] += i % 2 ? 1e-4f : -1e-4f;
    near = make_teeth(identity);
    assert_memory_equal(one, again, 3 * face->stride * sizeof(*one));
    assert_true(distance_of(one, two) > 0.05f && distance_of(one, two) < 0.5f);
    assert_true(distance_of(one, near) < 0.001f);
    free(one);
    free(again);
    free(near);
    free(two);
}

static void traits_are_spread_around_none(void **state)
{
    float identity[LIMNER_N_IDENTITY] = {0}, mean = 0, square = 0;

    (void)state;
    for (uint32_t k = 0; k < 40; k++)
        assert_true(limner_teeth_trait(identity, k) == 0);
    for (uint32_t n = 0; n < N_PEOPLE; n++) {
        make_identity(n, identity);
        for (uint32_t k = 0; k < 40; k++) {
            const float t = limner_teeth_trait(identity, k);

            assert_true(fabsf(t) < 1.5f);
            mean += t / (40 * N_PEOPLE);
            square += t * t / (40 * N_PEOPLE);
        }
    }
    assert_true(fabsf(mean) < 0.1f && square > 0.3f && square < 1);
}

/* How teeth are looked at: heights over their edges, cm, and the head's turn to a side, rad. */
typedef struct look {
    float from, to, yaw;
} look;

static const look contact = {0.1f, 0.9f, 0}, turned = {0.1f, 0.9f, -0.4f}, edge = {0, 0.3f, 0};

/* Gap (cm, across the picture; less than 0: they overlap) between the tooth of a rank and the one
 * before it, on one side. */
static float gap_before(const limner_teeth_row *row, const float *base, uint32_t rank, float side,
                        look at)
{
    const float c = cosf(at.yaw), s = sinf(at.yaw), before = rank ? side : -side;
    float inner = -1e9f, outer = 1e9f;

    for (uint32_t i = 0; i < row->n_vertices; i++) {
        const limner_tooth *t = &row->tooth[row->number[i]];
        const float *v = base + row->first + i;
        const float over = row->up * v[face->stride] - t->edge;
        const float x = side * c * v[0] + s * v[2 * face->stride];

        if (over < at.from || over > at.to)
            continue;
        if (t->rank == (rank ? rank - 1 : 0) && t->side * before > 0)
            inner = fmaxf(inner, x);
        if (t->rank == rank && t->side * side > 0)
            outer = fminf(outer, x);
    }
    return outer - inner;
}

static void front_teeth_touch(void **state)
{
    const limner_face_part parts[2] = {LIMNER_PART_TEETH_UPPER, LIMNER_PART_TEETH_LOWER};

    (void)state;
    for (uint32_t n = 0; n < N_PEOPLE; n++) {
        float identity[LIMNER_N_IDENTITY], *base;

        make_identity(n, identity);
        base = make_teeth(identity);
        for (int k = 0; k < 2; k++) {
            limner_teeth_row row;

            assert_int_equal(limner_teeth_row_open(&row, face, parts[k], base), LIMNER_OK);
            assert_int_equal(row.n, 16);
            for (uint32_t rank = 0; rank < 3; rank++) {
                for (int side = -1; side <= 1; side += 2) {
                    const float to = (float)side;

                    assert_true(gap_before(&row, base, rank, to, contact) < 0.05f);
                    assert_true(k || gap_before(&row, base, rank, to, turned) < 0.02f);
                    assert_true(rank > 1 || gap_before(&row, base, rank, to, edge) < 0.2f);
                }
            }
            limner_teeth_row_close(&row);
        }
        free(base);
    }
}

/* The rig's base of a photo that shows its teeth; the lower row stands higher as one piece. */
static void upper_teeth_that_are_seen_stay_the_model_s(void **state)
{
    flat_face *seen = calloc(1, sizeof(*seen));
    const limner_face_range *upper = &face->part[LIMNER_PART_TEETH_UPPER];
    const limner_face_range *lower = &face->part[LIMNER_PART_TEETH_LOWER];
    const uint32_t y = face->stride + lower->first_vertex;
    float *own = malloc(3 * (size_t)face->stride * sizeof(*own));

    (void)state;
    assert_non_null(seen);
    assert_non_null(own);
    open_flat_face(seen, 256, 12);
    make_identity(3, seen->app.fit.identity);
    seen->app.fit.shape[LIMNER_JAW_OPEN] = 0.5f;
    seen->app.teeth_seen = 0.3f;
    open_flat_rig(seen);
    limner_face_base(face, seen->app.fit.identity, own);
    assert_int_equal(limner_teeth_prepare(face, own), LIMNER_OK);
    assert_int_equal(limner_teeth_person(face, LIMNER_PART_TEETH_LOWER,
                                         seen->app.fit.identity, own), LIMNER_OK);
    for (uint32_t k = 0; k < 3; k++)
        assert_memory_equal(own + k * face->stride + upper->first_vertex,
                            seen->rig.base + k * face->stride + upper->first_vertex,
                            upper->n_vertices * sizeof(*own));
    for (uint32_t i = 0; i < lower->n_vertices; i++) {
        const uint32_t v = lower->first_vertex + i;

        assert_true(own[v] == seen->rig.base[v]);
        assert_float_equal(seen->rig.base[y + i] - own[y + i], seen->rig.base[y] - own[y], 1e-5);
    }
    free(own);
    close_flat_face(seen);
    free(seen);
}

/* What limner_teeth_light_up writes, [stride] each. */
typedef struct lit {
    limner_teeth_light l;
    float *facing, *array[5];
    limner_appearance app;
} lit;

/* Teeth that all face n; light: bands 0 and 1. */
static void light_up(lit *x, const float n[3], const float light[4], float colour)
{
    memset(x, 0, sizeof(*x));
    x->facing = malloc(3 * (size_t)face->stride * sizeof(float));
    assert_non_null(x->facing);
    for (int k = 0; k < 5; k++) {
        x->array[k] = malloc(face->stride * sizeof(float));
        assert_non_null(x->array[k]);
    }
    for (uint32_t i = 0; i < face->stride; i++) {
        memcpy(x->facing + 3 * (size_t)i, n, 3 * sizeof(float));
        for (int k = 0; k < 5; k++)
            x->array[k][i] = 1;
    }
    memcpy(x->app.light, light, 4 * sizeof(float));
    make_identity(5, x->app.fit.identity);
    x->l = (limner_teeth_light){x->facing, colour, x->array[0], x->array[1],
                                {x->array[2], x->array[3], x->array[4]}};
    assert_int_equal(limner_teeth_light_up(&x->l, face, &x->app), LIMNER_OK);
}

static void put_out(lit *x)
{
    free(x->facing);
    for (int k = 0; k < 5; k++)
        free(x->array[k]);
}

/* Mean of an array over the upper teeth of a rank. */
static float mean_of(const float *array, uint32_t rank)
{
    limner_teeth_row row;
    float sum = 0, n = 0;

    assert_int_equal(limner_teeth_row_open(&row, face, LIMNER_PART_TEETH_UPPER, face->mean),
                     LIMNER_OK);
    for (uint32_t i = 0; i < row.n_vertices; i++) {
        if (row.tooth[row.number[i]].rank == rank) {
            sum += array[row.first + i];
            n++;
        }
    }
    limner_teeth_row_close(&row);
    return sum / n;
}

static void light_falls_off_to_the_premolars(void **state)
{
    const float front[3] = {0, 0, 1}, even[4] = {3, 0, 0, 0};
    float was = 0;
    lit x;

    (void)state;
    light_up(&x, front, even, 1);
    was = mean_of(x.array[0], 0);
    for (uint32_t rank = 1; rank < 4; rank++) {
        assert_true(mean_of(x.array[0], rank) < was - 0.02f);
        was = mean_of(x.array[0], rank);
    }
    assert_true(was < 0.72f * mean_of(x.array[0], 0));
    put_out(&x);
}

static void light_comes_from_where_the_portrait_s_does(void **state)
{
    const float right[3] = {0.5f, 0, 0.866f}, left[3] = {-0.5f, 0, 0.866f};
    const float from_right[4] = {2.5f, 0, 1, 0.5f};
    lit a, b;

    (void)state;
    light_up(&a, right, from_right, 1);
    light_up(&b, left, from_right, 1);
    assert_true(mean_of(a.array[0], 0) > 1.05f * mean_of(b.array[0], 0));
    assert_true(mean_of(a.array[1], 0) > 1.5f * mean_of(b.array[1], 0));
    put_out(&a);
    put_out(&b);
}

static void a_grey_picture_s_teeth_stay_grey(void **state)
{
    const float front[3] = {0, 0, 1}, even[4] = {3, 0, 0, 0};
    lit grey, coloured;

    (void)state;
    light_up(&grey, front, even, 0);
    light_up(&coloured, front, even, 1);
    for (uint32_t rank = 0; rank < 4; rank++) {
        assert_float_equal(mean_of(grey.array[4], rank), 1, 1e-6);
        assert_float_equal(mean_of(grey.array[2], rank), 1, 1e-6);
    }
    assert_true(mean_of(coloured.array[4], 2) < mean_of(coloured.array[4], 1) - 0.01f);
    put_out(&grey);
    put_out(&coloured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_differ_and_one_stays_the_same),
        cmocka_unit_test(traits_are_spread_around_none),
        cmocka_unit_test(front_teeth_touch),
        cmocka_unit_test(upper_teeth_that_are_seen_stay_the_model_s),
        cmocka_unit_test(light_falls_off_to_the_premolars),
        cmocka_unit_test(light_comes_from_where_the_portrait_s_does),
        cmocka_unit_test(a_grey_picture_s_teeth_stay_grey),
    };

    return cmocka_run_group_tests(tests, open_face, close_face);
}
