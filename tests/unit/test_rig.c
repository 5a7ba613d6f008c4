/* SPDX-License-Identifier: Apache-2.0 */
/* The rig: the photo's own motion puts every vertex where the photo has it; closed lips meet and
 * shut lids touch, although the portrait's residual holds them apart; nothing passes through; the
 * sheet keeps the mesh's depth where that is not too steep. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "render/sheet.h"
#include "shipped_face.h"

enum { S = 512 };

typedef struct fixture {
    limner_face *face;
    limner_appearance app;
    limner_texture photo;
    limner_rig rig;
} fixture;

/* Parts the lines of a contact by `px` at their middle. */
static void part_lines(fixture *x, const limner_face_contact *line, float px)
{
    for (uint32_t i = 0; i < line->n; i++) {
        const float by = px * sinf(3.14159265f * (float)i / (float)(line->n - 1));

        x->app.residual[2 * line->upper[i] + 1] = -by / 2;
        x->app.residual[2 * line->lower[i] + 1] = by / 2;
    }
}

static int setup(void **state)
{
    const limner_view view = {.k = 1, .w = S, .h = S, .right = S, .low = S};
    fixture *x = calloc(1, sizeof(*x));
    limner_fit *fit = &x->app.fit;

    assert_non_null(x);
    x->face = open_shipped_face();
    x->app.size_px = S;
    x->app.n_vertices = x->face->n_vertices;
    x->app.residual = limner_calloc(x->face->n_vertices, 2 * sizeof(float));
    assert_non_null(x->app.residual);
    part_lines(x, &x->face->lips, 9);
    part_lines(x, &x->face->lids[0], 14);       /* a drawn face with large eyes */
    part_lines(x, &x->face->lids[1], -5);       /* and a narrow one */
    fit->rotation[0] = fit->rotation[4] = fit->rotation[8] = 1;
    fit->scale = 15;
    fit->tx = S / 2.0f;
    fit->ty = S / 2.0f;
    fit->shape[LIMNER_JAW_OPEN] = 0.3f;
    fit->shape[LIMNER_EYE_BLINK_LEFT] = 0.2f;
    assert_int_equal(limner_texture_open(&x->photo, S, S), LIMNER_OK);
    assert_int_equal(limner_rig_open(&x->rig, x->face, &x->app, &x->photo, &view), LIMNER_OK);
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    fixture *x = *state;

    limner_rig_close(&x->rig);
    limner_texture_close(&x->photo);
    limner_appearance_close(&x->app);
    limner_face_close(&x->face);
    free(x);
    assert_int_equal(limner_mem_live(), 0);
    return 0;
}

static float widest(const limner_rig *r, const limner_contact *c)
{
    float most = 0;

    for (uint32_t i = 0; i < c->n; i++) {
        const uint32_t u = c->line->upper[i], l = c->line->lower[i];
        const float gap = (r->still[0][u] - r->still[0][l]) * c->up[0] +
                          (r->still[1][u] - r->still[1][l]) * c->up[1];

        assert_true(gap > -0.3f);
        most = fmaxf(most, gap);
    }
    return most;
}

static void own_motion_is_the_photo(void **state)
{
    fixture *x = *state;
    limner_rig *r = &x->rig;
    limner_pose pose;

    limner_pose_make(&pose, &r->pose_frame, &r->photo);
    for (uint32_t i = 0; i < x->face->n_vertices; i++)
        r->freedom[i] = 1;
    limner_rig_express(r, &r->photo, true);
    limner_rig_move(r, &pose, true);
    for (uint32_t i = 0; i < r->n_head; i++) {
        for (int k = 0; k < 3; k++)
            assert_true(fabsf(r->at[k][i] - r->rest[k][i]) < 2e-3f);
    }
}

static void closed_lips_meet(void **state)
{
    fixture *x = *state;
    limner_motion m = x->rig.photo;

    limner_rig_express(&x->rig, &m, false);
    assert_true(widest(&x->rig, &x->rig.lips) > 15);            /* open in the photo */
    m.expression[LIMNER_JAW_OPEN] = 0;
    limner_rig_express(&x->rig, &m, false);
    assert_true(widest(&x->rig, &x->rig.lips) < 0.3f);
    assert_true(limner_rig_mouth_gap(&x->rig) < 0.3f);
}

static void shut_lids_touch(void **state)
{
    fixture *x = *state;
    limner_motion m = x->rig.photo;
    float before;

    limner_rig_express(&x->rig, &m, false);
    before = widest(&x->rig, &x->rig.lids[0]);
    assert_true(before > 10);
    for (int i = 1; i <= 4; i++) {              /* and they close steadily */
        m.expression[LIMNER_EYE_BLINK_LEFT] = 0.2f + 0.2f * (float)i;
        m.expression[LIMNER_EYE_BLINK_RIGHT] = 0.25f * (float)i;
        limner_rig_express(&x->rig, &m, false);
        assert_true(widest(&x->rig, &x->rig.lids[0]) < before);
        before = widest(&x->rig, &x->rig.lids[0]);
    }
    assert_true(before < 0.3f);
    assert_true(widest(&x->rig, &x->rig.lids[1]) < 0.3f);
}

static void wider_mouths_open_further(void **state)
{
    fixture *x = *state;
    limner_motion m = x->rig.photo;
    float last = -1;

    for (int i = 0; i <= 8; i++) {
        m.expression[LIMNER_JAW_OPEN] = 0.1f * (float)i;
        limner_rig_express(&x->rig, &m, false);
        assert_true(limner_rig_mouth_gap(&x->rig) > last);
        last = limner_rig_mouth_gap(&x->rig);
    }
}

/* Depth of the mesh under covered node i. */
static float mesh_depth(const limner_sheet *s, const limner_rig *r, uint32_t i)
{
    float z = 0;

    for (int k = 0; k < 3; k++)
        z += s->bary[3 * i + (uint32_t)k] * r->rest[2][s->corner[3 * i + (uint32_t)k]];
    return z;
}

/* A sheet for a person that fills the picture. */
static void open_sheet(fixture *x, limner_sheet *s)
{
    uint8_t *matte = limner_alloc(S * S, 1), *feather = limner_calloc(S * S, 1);
    const float chin[2] = {S / 2.0f, 0.7f * S}, brow[2] = {S / 2.0f, 0.3f * S};

    assert_true(matte && feather);
    memset(matte, 255, S * S);
    assert_int_equal(limner_sheet_open(s, &x->rig, matte, feather, chin, brow), LIMNER_OK);
    limner_mem_free(matte);
    limner_mem_free(feather);
}

/* Whether a node lies on the canvas, where the sheet shows the photo as it is. */
static bool is_inside(const limner_sheet *s, uint32_t i)
{
    return s->x[i] >= 0 && s->x[i] <= S && s->y[i] >= 0 && s->y[i] <= S;
}

static void sheet_is_as_deep_as_its_slope_allows(void **state)
{
    fixture *x = *state;
    uint32_t n_covered = 0, n_on_mesh = 0;
    limner_sheet s;

    open_sheet(x, &s);
    const float most = LIMNER_SHEET_SLOPE * s.cell[0] + 0.01f;

    for (uint32_t i = 0; i < s.n; i++) {
        const uint32_t nx = (uint32_t)s.nx;

        if (!is_inside(&s, i))
            continue;
        if (i % nx)
            assert_true(fabsf(s.z[i] - s.z[i - 1]) < most);
        if (i >= nx)
            assert_true(fabsf(s.z[i] - s.z[i - nx]) < most);
        if (s.bary[3 * i] + s.bary[3 * i + 1] + s.bary[3 * i + 2] < 0.5f)
            continue;
        n_covered++;
        assert_true(s.z[i] > mesh_depth(&s, &x->rig, i) - most);
        n_on_mesh += fabsf(s.z[i] - mesh_depth(&s, &x->rig, i)) < 2;
    }
    assert_true(n_covered > 500);
    assert_true(2 * n_on_mesh > n_covered);
    limner_sheet_close(&s);
}

/* Moves the sheet as seen from `distance`; returns the height of its highest node. */
static float top_at(fixture *x, limner_sheet *s, float distance)
{
    float *light = limner_calloc(x->face->stride, sizeof(*light)), top = 1e9f;
    limner_motion m = x->rig.photo;
    limner_pose pose;

    assert_non_null(light);
    m.distance = distance;
    limner_pose_make(&pose, &x->rig.pose_frame, &m);
    limner_rig_express(&x->rig, &m, false);
    limner_sheet_move(s, &x->rig, &pose, light);
    limner_mem_free(light);
    for (uint32_t i = 0; i < s->n; i++)
        top = fminf(top, s->at[1][i]);
    return top;
}

static void hair_cut_by_the_picture_goes_on_beyond_it(void **state)
{
    fixture *x = *state;
    limner_sheet s;

    open_sheet(x, &s);
    assert_true(top_at(x, &s, 1) < -0.1f * S);
    for (uint32_t i = 0; i < s.n; i++) {
        assert_true(s.u[i] >= 0 && s.u[i] <= S && s.v[i] >= 0 && s.v[i] <= S);
        if (is_inside(&s, i)) {
            assert_true(fabsf(s.at[0][i] - s.x[i]) < 0.01f && fabsf(s.at[1][i] - s.y[i]) < 0.01f);
            assert_true(fabsf(s.u[i] - s.x[i]) < 0.01f && fabsf(s.v[i] - s.y[i]) < 0.01f);
        }
    }
    assert_true(top_at(x, &s, 0.8f) < top_at(x, &s, 1) - 20);
    assert_true(top_at(x, &s, 1.2f) > top_at(x, &s, 1) + 20);
    limner_sheet_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_motion_is_the_photo),
        cmocka_unit_test(closed_lips_meet),
        cmocka_unit_test(shut_lids_touch),
        cmocka_unit_test(wider_mouths_open_further),
        cmocka_unit_test(sheet_is_as_deep_as_its_slope_allows),
        cmocka_unit_test(hair_cut_by_the_picture_goes_on_beyond_it),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
