/* SPDX-License-Identifier: Apache-2.0 */
/* The face model as a public mesh, and sessions without a portrait, whose frames are motions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "limner/limner.h"
#include "shipped_file.h"

static limner_model *model;
static limner_mesh_info mesh;
static float *rest, *moved;
static void *face_bytes, *speech_bytes;

static int open_model(void **state)
{
    limner_model_files files = {.struct_size = sizeof(files)};

    (void)state;
    face_bytes = read_shipped_file("models/face.limner", &files.face.len_bytes);
    speech_bytes = read_shipped_file("models/speech.limner", &files.speech.len_bytes);
    files.face.bytes = face_bytes;
    files.speech.bytes = speech_bytes;
    if (limner_model_open(&model, &files) < 0 || limner_mesh_get(model, &mesh) < 0)
        return -1;
    rest = malloc(3 * sizeof(float) * mesh.n_vertices);
    moved = malloc(3 * sizeof(float) * mesh.n_vertices);
    return rest && moved ? 0 : -1;
}

static int close_model(void **state)
{
    (void)state;
    free(rest);
    free(moved);
    limner_model_close(&model);
    limner_mem_free(face_bytes);
    limner_mem_free(speech_bytes);
    return 0;
}

/* How far the vertices of a surface move along axis k, cm, at most. */
static float largest(limner_surface surface, int k)
{
    float most = 0;

    for (uint32_t t = 0; t < mesh.n_triangles; t++) {
        if (limner_mesh_surface(model, t) != surface)
            continue;
        for (int c = 0; c < 3; c++) {
            const size_t at = 3 * (size_t)mesh.triangle[3 * t + c] + k;
            most = fmaxf(most, fabsf(moved[at] - rest[at]));
        }
    }
    return most;
}

static void a_motion_moves_its_own_surface(void **state)
{
    limner_motion m = {.distance = 1};

    (void)state;
    assert_int_equal(limner_mesh_shape(model, &m, rest), LIMNER_OK);
    m.gaze_yaw = 20;
    assert_int_equal(limner_mesh_shape(model, &m, moved), LIMNER_OK);
    assert_true(largest(LIMNER_SURFACE_IRIS, 0) > 0.3f);
    assert_true(largest(LIMNER_SURFACE_TEETH, 0) == 0);
    m = (limner_motion){.distance = 1, .expression[LIMNER_JAW_OPEN] = 1};
    assert_int_equal(limner_mesh_shape(model, &m, moved), LIMNER_OK);
    assert_true(largest(LIMNER_SURFACE_TEETH, 1) > 1 && largest(LIMNER_SURFACE_IRIS, 1) < 1e-4f);
    m = (limner_motion){.distance = 1, .yaw = 30, .gaze_yaw = 30};
    assert_int_equal(limner_mesh_shape(model, &m, moved), LIMNER_OK);
    assert_true(largest(LIMNER_SURFACE_LIPS, 0) > 3);
    assert_int_equal(limner_mesh_shape(model, NULL, moved), LIMNER_E_ARG);
}

static void without_a_portrait_frames_are_motions(void **state)
{
    static float pcm[16000];
    limner_settings set;
    limner_controls c;
    limner_session *s;
    limner_frame f;
    size_t used;
    int n = 0;

    (void)state;
    limner_settings_init(&set, sizeof(set));
    assert_int_equal(limner_session_open(&s, model, NULL, &set, NULL), LIMNER_OK);
    limner_controls_init(&c, sizeof(c));
    c.gaze_mode = LIMNER_GAZE_POINT;
    c.gaze_x = 1, c.gaze_y = 0.5f;
    c.is_still = 1;
    c.yaw = 12;
    assert_int_equal(limner_session_control(s, &c), LIMNER_OK);
    assert_int_equal(limner_session_send(s, pcm, 16000, &used), LIMNER_OK);
    assert_int_equal(used, 16000);
    limner_session_finish(s);
    while (limner_session_receive(s, &f) == LIMNER_OK) {
        assert_true(!f.plane[0] && f.width_px == 0 && !f.owner);
        assert_true(f.pts_samples == 640 * n++);
        assert_true(fabsf(f.generated.yaw - 12) < 0.01f && fabsf(f.motion.yaw - 12) < 0.01f);
        assert_true(n < 10 || fabsf(f.motion.gaze_yaw - 22.6f) < 2.5f);
        limner_frame_unref(&f);
    }
    assert_int_equal(n, 25);
    limner_session_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_motion_moves_its_own_surface),
        cmocka_unit_test(without_a_portrait_frames_are_motions),
    };

    return cmocka_run_group_tests(tests, open_model, close_model);
}
