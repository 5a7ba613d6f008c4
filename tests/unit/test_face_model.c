/* SPDX-License-Identifier: Apache-2.0 */
/* models/face.limner: what the build promises about the shipped face, and its reader. */
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
#include "core/rng.h"
#include "face/face_model.h"
#include "nn/weights.h"

typedef struct fixture {
    uint8_t *bytes;
    size_t len;
    limner_face *face;
    float *xyz, *other;
} fixture;

static uint8_t *read_model(size_t *len)
{
    const char *root = getenv("LIMNER_SOURCE");
    char path[4096];

    snprintf(path, sizeof(path), "%s/models/face.limner", root ? root : ".");
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *len = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = limner_alloc(*len, 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *len, f), *len);
    fclose(f);
    return bytes;
}

static int open_face(void **state)
{
    fixture *x = limner_calloc(1, sizeof(*x));

    x->bytes = read_model(&x->len);
    assert_int_equal(limner_face_open(&x->face, x->bytes, x->len), LIMNER_OK);
    x->xyz = limner_calloc(limner_face_xyz_floats(x->face), sizeof(float));
    x->other = limner_calloc(limner_face_xyz_floats(x->face), sizeof(float));
    *state = x;
    return 0;
}

static int close_face(void **state)
{
    fixture *x = *state;

    limner_face_close(&x->face);
    limner_mem_free(x->bytes);
    limner_mem_free(x->xyz);
    limner_mem_free(x->other);
    limner_mem_free(x);
    return 0;
}

static float coordinate(const limner_face *f, const float *xyz, int axis, uint32_t v)
{
    return xyz[(size_t)axis * f->stride + v];
}

/* Shape of one expression at `value`, into x->xyz. */
static void express_one(fixture *x, int index, float value)
{
    float e[LIMNER_FACE_N_EXPRESSION] = {0};

    e[index] = value;
    limner_face_shape(x->face, NULL, e, x->xyz);
}

/* Largest distance between paired vertices in y and z, cm. */
static float contact_gap(const fixture *x, const limner_face_contact *c)
{
    float most = 0.0f;

    for (uint32_t i = 0; i < c->n; i++) {
        float d[2];
        for (int k = 0; k < 2; k++)
            d[k] = coordinate(x->face, x->xyz, k + 1, c->upper[i]) -
                   coordinate(x->face, x->xyz, k + 1, c->lower[i]);
        most = fmaxf(most, hypotf(d[0], d[1]));
    }
    return most;
}

/* Mean displacement of a region from the mean face along an axis, cm. */
static float region_move(const fixture *x, limner_face_region region, int axis)
{
    double sum = 0.0;
    uint32_t n = 0;

    for (uint32_t v = 0; v < x->face->n_vertices; v++) {
        if (x->face->vertex_region[v] != region)
            continue;
        sum += coordinate(x->face, x->xyz, axis, v) - coordinate(x->face, x->face->mean, axis, v);
        n++;
    }
    assert_true(n > 0);
    return (float)(sum / n);
}

static void mesh_is_within_limits(void **state)
{
    const limner_face *f = ((fixture *)*state)->face;
    uint32_t seen[LIMNER_REGION_COUNT] = {0};

    assert_in_range(f->n_vertices, 8000, LIMNER_FACE_MAX_VERTICES);
    assert_in_range(f->n_triangles, f->n_vertices, LIMNER_FACE_MAX_TRIANGLES);
    assert_int_equal(f->stride % 16, 0);
    for (uint32_t t = 0; t < f->n_triangles; t++) {
        const uint16_t *v = f->triangle + 3 * t;
        assert_true(v[0] != v[1] && v[1] != v[2] && v[2] != v[0]);
        seen[f->triangle_region[t]]++;
    }
    for (int r = 0; r < LIMNER_REGION_COUNT; r++)
        assert_true(seen[r] > 0);
    for (int p = 0; p < LIMNER_PART_COUNT; p++)
        assert_true(f->part[p].n_vertices > 0 && f->part[p].n_triangles > 0);
}

static void normals_point_out_of_the_head(void **state)
{
    fixture *x = *state;
    const limner_face *f = x->face;
    uint32_t n_out = 0, n_face = 0;

    limner_face_normals(f, f->mean, x->other);
    for (uint32_t v = 0; v < f->n_vertices; v++) {
        float outwards = 0.0f;
        if (f->vertex_region[v] != LIMNER_REGION_FACE)
            continue;
        for (int c = 0; c < 3; c++)
            outwards += coordinate(f, x->other, c, v) * coordinate(f, f->mean, c, v);
        n_face++;
        n_out += outwards > 0.0f;
    }
    assert_true(n_face > 1000);
    assert_true(n_out > n_face * 95 / 100);     /* the nostrils are turned inwards */
}

static void left_is_left(void **state)
{
    fixture *x = *state;

    assert_true(x->face->eye_centre[LIMNER_SIDE_LEFT][0] > 2.5f);
    assert_true(x->face->eye_centre[LIMNER_SIDE_RIGHT][0] < -2.5f);
    express_one(x, LIMNER_EYE_BLINK_LEFT, 1.0f);
    assert_true(region_move(x, LIMNER_REGION_LID_UPPER_L, 1) < -0.1f);
    assert_true(fabsf(region_move(x, LIMNER_REGION_LID_UPPER_R, 1)) < 0.01f);
}

static void mean_is_symmetric(void **state)
{
    const limner_face *f = ((fixture *)*state)->face;
    float most = 0.0f;

    for (uint32_t v = 0; v < f->n_vertices; v++) {
        const uint32_t m = f->mirror[v];
        most = fmaxf(most, fabsf(coordinate(f, f->mean, 0, v) + coordinate(f, f->mean, 0, m)));
        most = fmaxf(most, fabsf(coordinate(f, f->mean, 1, v) - coordinate(f, f->mean, 1, m)));
    }
    assert_true(most < 0.05f);
}

static void lips_touch_whoever_it_is(void **state)
{
    fixture *x = *state;
    limner_rng rng;

    limner_rng_init(&rng, 7, 0);
    for (int person = 0; person < 20; person++) {
        float identity[LIMNER_FACE_N_IDENTITY];
        for (int k = 0; k < LIMNER_FACE_N_IDENTITY; k++)
            identity[k] = person ? 0.8f * limner_rng_normal(&rng) : 0.0f;
        limner_face_shape(x->face, identity, NULL, x->xyz);
        assert_true(contact_gap(x, &x->face->lips) < 0.01f);
    }
}

static void lips_close_over_an_open_jaw(void **state)
{
    fixture *x = *state;
    float e[LIMNER_FACE_N_EXPRESSION] = {0};

    e[LIMNER_JAW_OPEN] = 0.6f;
    limner_face_shape(x->face, NULL, e, x->xyz);
    assert_true(contact_gap(x, &x->face->lips) > 1.0f);
    e[LIMNER_MOUTH_CLOSE] = 0.6f;
    limner_face_shape(x->face, NULL, e, x->xyz);
    assert_true(contact_gap(x, &x->face->lips) < 0.01f);
}

static void blink_shuts_the_lids(void **state)
{
    fixture *x = *state;
    const int blink[2] = {LIMNER_EYE_BLINK_LEFT, LIMNER_EYE_BLINK_RIGHT};

    for (int side = 0; side < 2; side++) {
        express_one(x, blink[side], 0.0f);
        assert_true(contact_gap(x, &x->face->lids[side]) > 0.8f);
        express_one(x, blink[side], 1.0f);
        assert_true(contact_gap(x, &x->face->lids[side]) < 0.01f);
    }
}

static void jaw_carries_lower_teeth_and_tongue(void **state)
{
    fixture *x = *state;

    express_one(x, LIMNER_JAW_OPEN, 1.0f);
    assert_true(region_move(x, LIMNER_REGION_TEETH_LOWER, 1) < -2.0f);
    assert_true(region_move(x, LIMNER_REGION_TONGUE, 1) < -1.5f);
    assert_true(fabsf(region_move(x, LIMNER_REGION_TEETH_UPPER, 1)) < 0.001f);
    assert_true(fabsf(region_move(x, LIMNER_REGION_SCLERA_L, 1)) < 0.001f);
}

static void tongue_goes_up_and_out(void **state)
{
    fixture *x = *state;

    express_one(x, LIMNER_FACE_TONGUE_UP, 1.0f);
    assert_true(region_move(x, LIMNER_REGION_TONGUE, 1) > 0.2f);
    assert_true(fabsf(region_move(x, LIMNER_REGION_LIP_UPPER, 1)) < 1e-6f);
    express_one(x, LIMNER_TONGUE_OUT, 1.0f);
    assert_true(region_move(x, LIMNER_REGION_TONGUE, 2) > 1.0f);
}

static void gaze_shapes_leave_the_eyeballs(void **state)
{
    fixture *x = *state;

    express_one(x, LIMNER_EYE_LOOK_DOWN_LEFT, 1.0f);
    assert_true(region_move(x, LIMNER_REGION_LID_UPPER_L, 1) < -0.05f);
    for (int axis = 0; axis < 3; axis++)
        assert_true(region_move(x, LIMNER_REGION_IRIS_L, axis) == 0.0f);
}

/* An adult's: 24 mm wide, an iris of 11.7 mm, which turns about a point 10 to 11 mm behind it. */
static void eyeballs_have_a_human_size(void **state)
{
    const fixture *x = *state;
    const limner_face *f = x->face;
    const float turn = sinf(20.0f / 57.29578f);

    assert_true(fabsf(2.0f * f->eye_radius_cm - 2.4f) < 0.05f);
    assert_true(fabsf(2.0f * f->iris_radius_cm - 1.17f) < 0.01f);
    assert_true(f->iris_depth_cm > 1.0f && f->iris_depth_cm < 1.1f);
    for (int side = 0; side < 2; side++) {
        const float pupil = f->eye_centre[side][2] + f->eye_axis[side][2] * f->eye_radius_cm;
        const uint16_t lid = f->lids[side].upper[f->lids[side].n / 2];

        /* right under the lids */
        assert_true(fabsf(pupil - coordinate(f, f->mean, 2, lid)) < 0.2f);
    }
    assert_true(fabsf(turn * f->iris_depth_cm - 0.36f) < 0.02f); /* way of an iris in 20 degrees */
}

static void eyeballs_are_where_they_are_said_to_be(void **state)
{
    fixture *x = *state;
    const limner_face *f = x->face;

    for (int side = 0; side < 2; side++) {
        const limner_face_range r = f->part[LIMNER_PART_EYE_LEFT + side];
        float centre[3];
        limner_face_eye_at(f, NULL, (limner_face_side)side, centre);
        for (uint32_t v = r.first_vertex; v < r.first_vertex + r.n_vertices; v++) {
            float d2 = 0.0f;
            for (int c = 0; c < 3; c++) {
                const float d = coordinate(f, f->mean, c, v) - centre[c];
                d2 += d * d;
            }
            assert_true(fabsf(sqrtf(d2) - f->eye_radius_cm) < 0.02f);
        }
        for (int c = 0; c < 3; c++) {
            const float pupil = centre[c] + f->eye_axis[side][c] * f->eye_radius_cm;
            assert_true(fabsf(coordinate(f, f->mean, c, r.first_vertex) - pupil) < 0.02f);
        }
    }
}

static void landmarks_are_on_known_places(void **state)
{
    fixture *x = *state;
    float p[LIMNER_FACE_N_LANDMARKS][3];

    limner_face_landmarks(x->face, x->face->mean, &p[0][0]);
    assert_true(p[1][2] > 12.0f && fabsf(p[1][0]) < 0.1f);              /* tip of the nose */
    assert_true(p[152][1] < -7.0f && fabsf(p[152][0]) < 0.1f);          /* chin */
    assert_true(p[263][0] > 4.0f && p[33][0] < -4.0f);                  /* outer corners */
    assert_true(p[473][0] > 2.5f && p[468][0] < -2.5f);                 /* irises */
    assert_true(hypotf(p[13][1] - p[14][1], p[13][2] - p[14][2]) < 0.05f); /* inner lips */
    for (int k = 0; k < LIMNER_FACE_N_LANDMARKS; k++)
        if (x->face->landmark_kind[k] == LIMNER_LANDMARK_SILHOUETTE)
            assert_true(x->face->landmark_spread_cm[k] > 0.1f);
}

static void neck_weight_falls_from_head_to_shoulders(void **state)
{
    const limner_face *f = ((fixture *)*state)->face;

    for (uint32_t v = 0; v < f->n_vertices; v++) {
        if (f->vertex_region[v] == LIMNER_REGION_LIP_UPPER)
            assert_true(f->neck_weight[v] == 1.0f);
        if (f->vertex_region[v] == LIMNER_REGION_SHOULDERS)
            assert_true(f->neck_weight[v] < 0.3f);
        if (f->vertex_region[v] == LIMNER_REGION_TEETH_LOWER)
            assert_true(f->jaw_weight[v] == 1.0f);
    }
}

static void express_may_work_in_place(void **state)
{
    fixture *x = *state;
    float e[LIMNER_FACE_N_EXPRESSION], identity[LIMNER_FACE_N_IDENTITY];

    for (int k = 0; k < LIMNER_FACE_N_EXPRESSION; k++)
        e[k] = 0.01f * (float)k;
    for (int k = 0; k < LIMNER_FACE_N_IDENTITY; k++)
        identity[k] = 0.02f * (float)k;
    limner_face_shape(x->face, identity, e, x->xyz);
    limner_face_base(x->face, identity, x->other);
    limner_face_express(x->face, x->other, e, x->other);
    assert_memory_equal(x->xyz, x->other, limner_face_xyz_floats(x->face) * sizeof(float));
}

/* Offset and length of a tensor's data in the file. */
static uint8_t *tensor_bytes(const fixture *x, uint8_t *copy, const char *name, uint8_t **entry)
{
    for (uint8_t *e = copy + 64;; e += 128) {
        assert_true(e < copy + x->len);
        if (strcmp((const char *)e, name) == 0) {
            uint64_t offset;
            memcpy(&offset, e + 88, 8);
            *entry = e;
            return copy + offset;
        }
    }
}

/* Opens the model with the first two bytes of a tensor replaced and all checksums sound. */
static limner_status opens_with(const fixture *x, const char *name, uint16_t value)
{
    uint8_t *copy = limner_alloc(x->len, 1), *entry;
    uint32_t n_tensors, crc;
    uint64_t size;
    limner_face *face;

    memcpy(copy, x->bytes, x->len);
    uint8_t *data = tensor_bytes(x, copy, name, &entry);
    memcpy(data, &value, 2);
    memcpy(&size, entry + 96, 8);
    crc = limner_crc32c(0, data, size);
    memcpy(entry + 104, &crc, 4);
    memcpy(&n_tensors, copy + 24, 4);
    crc = limner_crc32c(0, copy + 64, (128 * (size_t)n_tensors + 63) / 64 * 64);
    memcpy(copy + 28, &crc, 4);
    crc = limner_crc32c(0, copy, 60);
    memcpy(copy + 60, &crc, 4);
    const limner_status st = limner_face_open(&face, copy, x->len);
    assert_true((st == LIMNER_OK) == (face != NULL));
    limner_face_close(&face);
    limner_mem_free(copy);
    return st;
}

static void indices_out_of_range_are_refused(void **state)
{
    const char *names[] = {"triangle", "mirror", "lips.upper", "lids.left.lower", "mouth_opening",
                           "landmark.vertex", "expression.index", "part", "vertex.region",
                           "triangle.region", "landmark.kind", "expression.start"};
    fixture *x = *state;

    assert_int_equal(opens_with(x, "mirror", x->face->mirror[0]), LIMNER_OK);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(opens_with(x, names[i], 0xfff0), LIMNER_E_FORMAT);
}

static void truncated_models_are_refused(void **state)
{
    fixture *x = *state;
    limner_face *face;

    for (size_t cut = 0; cut < x->len; cut += x->len / 64) {
        assert_int_equal(limner_face_open(&face, x->bytes, cut), LIMNER_E_FORMAT);
        assert_null(face);
    }
}

static void every_failed_allocation_is_survived(void **state)
{
    fixture *x = *state;
    const size_t live = limner_mem_live();
    limner_face *face;
    limner_status st = LIMNER_E_NOMEM;

    for (size_t n = 1; st == LIMNER_E_NOMEM; n++) {
        assert_true(n < 200);
        limner_mem_fail_after(n);
        st = limner_face_open(&face, x->bytes, x->len);
        limner_mem_fail_after(0);
        if (st == LIMNER_E_NOMEM)
            assert_int_equal(limner_mem_live(), live);
    }
    assert_int_equal(st, LIMNER_OK);
    limner_face_close(&face);
    assert_int_equal(limner_mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mesh_is_within_limits),
        cmocka_unit_test(normals_point_out_of_the_head),
        cmocka_unit_test(left_is_left),
        cmocka_unit_test(mean_is_symmetric),
        cmocka_unit_test(lips_touch_whoever_it_is),
        cmocka_unit_test(lips_close_over_an_open_jaw),
        cmocka_unit_test(blink_shuts_the_lids),
        cmocka_unit_test(jaw_carries_lower_teeth_and_tongue),
        cmocka_unit_test(tongue_goes_up_and_out),
        cmocka_unit_test(gaze_shapes_leave_the_eyeballs),
        cmocka_unit_test(eyeballs_have_a_human_size),
        cmocka_unit_test(eyeballs_are_where_they_are_said_to_be),
        cmocka_unit_test(landmarks_are_on_known_places),
        cmocka_unit_test(neck_weight_falls_from_head_to_shoulders),
        cmocka_unit_test(express_may_work_in_place),
        cmocka_unit_test(indices_out_of_range_are_refused),
        cmocka_unit_test(truncated_models_are_refused),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, open_face, close_face);
}
