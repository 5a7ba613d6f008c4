/* SPDX-License-Identifier: Apache-2.0 */
/* Gaze and lids of drawn eyes: almonds in flat skin, with irises where the eyeball has them, under
 * landmarks that see less of it than there is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "face/eye_opening.h"
#include "face/person_eyes.h"
#include "face/person_internal.h"
#include "shipped_face.h"

enum { SIZE = 256, CONTOUR = LIMNER_EYE_CONTOUR, FINE = 3 };

#define PX_PER_CM 18.0
#define HALF_WIDTH 1.5          /* cm, of the opening */
#define HEIGHT 0.5              /* of each lid's arc */
#define DEGREE 57.29577951308232

enum { SKIN = 150, WHITE = 215, IRIS = 70, LASH = 60 };

static const double middle[2][2] = {{3.2, 0.6}, {-3.2, 0.6}};      /* of the eyes, cm, y up */

/* What is drawn: gaze in degrees, shares of the opening that the upper lid leaves. */
typedef struct drawing {
    double gaze[2], open;
    int iris;
} drawing;

typedef struct scene {
    limner_face *face;
    limner_person *person;
    limner_face_view *view;
    bool is_one_eyed;           /* the right eye has no iris to be seen */
    int spread;                 /* of an iris: so much lighter and darker by turns around it */
    uint8_t rgb[SIZE * SIZE * 3];
} scene;

static double lower_lid(double x)
{
    return -HEIGHT * (1 - x * x / (HALF_WIDTH * HALF_WIDTH));
}

static double upper_lid(double x, double open)
{
    return lower_lid(x) * (1 - 2 * open);
}

/* x, y: cm from the eye's middle. */
static int colour_at(const scene *s, const drawing *d, int side, double x, double y)
{
    const int iris = side == 1 && s->is_one_eyed ? WHITE - 4 : d->iris;
    const double depth = (double)s->face->iris_depth_cm, pitch = d->gaze[1] / DEGREE;
    const double dx = x - depth * sin(d->gaze[0] / DEGREE) * cos(pitch);
    const double dy = y + depth * sin(pitch);
    const double lash = y - upper_lid(x, d->open);

    if (fabs(x) > HALF_WIDTH || y < lower_lid(x))
        return SKIN;
    if (fabs(lash) < 0.04)
        return LASH;
    if (lash > 0)
        return SKIN;
    return hypot(dx, dy) < (double)s->face->iris_radius_cm
               ? iris + (sin(5 * atan2(dy, dx)) > 0 ? s->spread : -s->spread)
               : WHITE;
}

static void draw(scene *s, const drawing *d)
{
    for (int j = 0; j < SIZE; j++)
        for (int i = 0; i < SIZE; i++) {
            int sum = 0;

            for (int k = 0; k < FINE * FINE; k++) {
                const double x = (i + (k % FINE + 0.5) / FINE - SIZE / 2) / PX_PER_CM;
                const double y = (SIZE / 2 - j - (k / FINE + 0.5) / FINE) / PX_PER_CM;
                const int side = x > 0 ? 0 : 1;

                sum += colour_at(s, d, side, x - middle[side][0], y - middle[side][1]);
            }
            memset(s->rgb + 3 * (j * SIZE + i), sum / (FINE * FINE), 3);
        }
}

static void put(scene *s, float landmarks[][3], size_t k, double x, double y)
{
    limner_person_frame *f = &s->person->frame;

    f->target[k][0] = PX_PER_CM * x + SIZE / 2;
    f->target[k][1] = PX_PER_CM * y - SIZE / 2;
    landmarks[k][0] = (float)f->target[k][0];
    landmarks[k][1] = (float)-f->target[k][1];
}

/* Landmarks that have the lids open by a share and the gaze where they are told. */
static void mark(scene *s, float landmarks[][3], double open, const double gaze_deg[2])
{
    static const uint16_t lids[2][2][CONTOUR] = {
        {{263, 249, 390, 373, 374, 380, 381, 382, 362},
         {263, 466, 388, 387, 386, 385, 384, 398, 362}},
        {{33, 7, 163, 144, 145, 153, 154, 155, 133}, {33, 246, 161, 160, 159, 158, 157, 173, 133}}};
    static const double ring[LIMNER_EYE_IRIS][2] = {{0, 0}, {1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    const double radius = (double)s->face->iris_radius_cm;

    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
        put(s, landmarks, k, k % 2 ? 6.0 : -6.0, k % 3 ? 6.0 : -6.0);
    for (int side = 0; side < 2; side++) {
        for (int k = 0; k < CONTOUR; k++) {
            const double outwards = side == 0 ? 1 : -1;
            const double x = outwards * HALF_WIDTH * (1 - 2.0 * k / (CONTOUR - 1));

            put(s, landmarks, lids[side][0][k], middle[side][0] + x,
                middle[side][1] + lower_lid(x));
            put(s, landmarks, lids[side][1][k], middle[side][0] + x,
                middle[side][1] + upper_lid(x, open));
        }
        for (size_t k = 0; k < LIMNER_EYE_IRIS; k++)
            put(s, landmarks, limner_eye_opening_iris(side) + k,
                middle[side][0] + radius * ring[k][0], middle[side][1] + radius * ring[k][1]);
    }
    memcpy(s->person->frame.gaze_deg, gaze_deg, sizeof(s->person->frame.gaze_deg));
}

/* Shows a drawing; what the landmarks have: the lids' opening and the gaze. */
static void show(scene *s, const drawing *d, double open, double yaw, double pitch)
{
    static float landmarks[LIMNER_N_LANDMARK][3];
    const double gaze[2] = {yaw, pitch};
    const limner_image img = {.px = s->rgb, .stride = SIZE * 3, .w = SIZE, .h = SIZE,
                              .n_channels = 3};

    mark(s, landmarks, open, gaze);
    draw(s, d);
    assert_true(limner_face_view_take(s->view, &img, (const float(*)[3])landmarks));
}

static const drawing met = {{0, 0}, 1, IRIS};

static void meet(scene *s, const drawing *d)
{
    limner_person_pose *pose = &s->person->frame.pose;

    *pose = (limner_person_pose){.rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1}, .scale = PX_PER_CM};
    pose->shift[0] = SIZE / 2 / PX_PER_CM;
    pose->shift[1] = -SIZE / 2 / PX_PER_CM;
    show(s, d, 1, 0, 0);
    limner_person_eyes_learn(s->person, s->view);
}

static int open_scene(void **state)
{
    scene *s = calloc(1, sizeof(*s));

    assert_non_null(s);
    s->face = open_shipped_face();
    s->view = limner_alloc(1, sizeof(*s->view));
    assert_non_null(s->view);
    assert_int_equal(limner_person_open(&s->person, s->face), LIMNER_OK);
    *state = s;
    return 0;
}

static int close_scene(void **state)
{
    scene *s = *state;

    limner_person_close(&s->person);
    limner_face_close(&s->face);
    limner_mem_free(s->view);
    free(s);
    return 0;
}

static void gaze_is_found_where_landmarks_see_half_of_it(void **state)
{
    static const double asked[6][2] = {{15, 0}, {-15, 0}, {0, 10}, {0, -10}, {8, 6}, {-4, 3}};
    scene *s = *state;

    meet(s, &met);
    assert_true(s->person->eyes.eye[0].is_known && s->person->eyes.eye[1].is_known);
    for (int i = 0; i < 6; i++) {
        const drawing d = {{asked[i][0], asked[i][1]}, 1, IRIS};

        show(s, &d, 1, asked[i][0] / 2, asked[i][1] / 2);
        limner_person_eyes_read(s->person, s->view);
        print_message("%.0f %.0f read as %.1f %.1f\n", asked[i][0], asked[i][1],
                      s->person->eyes.gaze_deg[0], s->person->eyes.gaze_deg[1]);
        assert_true(hypot(s->person->eyes.gaze_deg[0] - asked[i][0],
                          s->person->eyes.gaze_deg[1] - asked[i][1]) < 1.5);
    }
}

/* Painted irises, and those with highlights. */
static void an_iris_unlike_its_rings_is_followed(void **state)
{
    const drawing ahead = {{0, 0}, 1, 110}, d = {{14, 0}, 1, 110};
    scene *s = *state;

    s->spread = 90;
    meet(s, &ahead);
    show(s, &d, 1, 7, 0);
    limner_person_eyes_read(s->person, s->view);
    print_message("14 0 read as %.1f %.1f, seen %.2f\n", s->person->eyes.gaze_deg[0],
                  s->person->eyes.gaze_deg[1], s->person->eyes.seen);
    assert_true(hypot(s->person->eyes.gaze_deg[0] - 14, s->person->eyes.gaze_deg[1]) < 2.5);
    s->spread = 0;
}

static void shut_eyes_are_shut_where_landmarks_have_them_half_open(void **state)
{
    const drawing shut = {{0, 0}, 0, IRIS};
    scene *s = *state;

    meet(s, &met);
    for (int i = 1; i <= 3; i++) {
        show(s, &shut, 0.18 * i, 5, 5);
        limner_person_eyes_read(s->person, s->view);
        for (int side = 0; side < 2; side++)
            assert_true(s->person->eyes.open[side] < 0.05);
    }
}

/* Rolled eyes, and glasses that shine, show no iris. */
static void eyes_wide_open_to_the_landmarks_are_left_open(void **state)
{
    const drawing shut = {{0, 0}, 0, IRIS};
    scene *s = *state;

    meet(s, &met);
    show(s, &shut, 0.9, 30, -20);
    limner_person_eyes_read(s->person, s->view);
    for (int side = 0; side < 2; side++)
        assert_true(s->person->eyes.open[side] > 0.8);
}

static void half_open_eyes_stay_half_open(void **state)
{
    double before = 2;
    scene *s = *state;

    meet(s, &met);
    for (int i = 4; i >= 0; i--) {
        const drawing d = {{0, 0}, 0.25 * i, IRIS};

        show(s, &d, 0.15 + 0.2125 * i, 0, 0);
        limner_person_eyes_read(s->person, s->view);
        for (int side = 0; side < 2; side++) {
            print_message("%.2f read as %.2f\n", d.open, s->person->eyes.open[side]);
            assert_true(fabs(s->person->eyes.open[side] - d.open) < 0.15);
        }
        assert_true(s->person->eyes.open[0] < before);
        before = s->person->eyes.open[0];
    }
}

static void eyes_without_a_visible_iris_are_left_to_the_landmarks(void **state)
{
    const drawing stone = {{0, 0}, 1, WHITE - 8}, turned = {{10, 0}, 1, WHITE - 8};
    scene *s = *state;

    meet(s, &stone);
    assert_false(s->person->eyes.eye[0].is_known || s->person->eyes.eye[1].is_known);
    show(s, &turned, 0.5, 6, 1);
    limner_person_eyes_read(s->person, s->view);
    assert_true(s->person->eyes.gaze_deg[0] == 6 && s->person->eyes.gaze_deg[1] == 1);
    assert_true(s->person->eyes.open[0] == 1);
    const double ratio = s->person->eyes.aperture[0] * HALF_WIDTH / HEIGHT;

    assert_true(ratio > 0.4 && ratio < 0.55);   /* half of the almond's, near its middle */
}

static void an_eye_that_cannot_be_read_shuts_with_the_other(void **state)
{
    drawing d = met;
    scene *s = *state;

    s->is_one_eyed = true;
    meet(s, &d);
    assert_true(s->person->eyes.eye[0].is_known && !s->person->eyes.eye[1].is_known);
    d.open = 0;
    show(s, &d, 0.5, 0, 0);
    limner_person_eyes_read(s->person, s->view);
    assert_true(s->person->eyes.open[0] < 0.05 && s->person->eyes.open[1] < 0.05);
    assert_true(s->person->eyes.aperture[1] < 0.05 * s->person->eyes.eye[1].aperture);
    d.open = 1;
    show(s, &d, 1, 0, 0);
    limner_person_eyes_read(s->person, s->view);
    assert_true(s->person->eyes.open[0] > 0.9 && s->person->eyes.open[1] > 0.9);
    s->is_one_eyed = false;
}

static void without_a_view_the_landmarks_are_the_answer(void **state)
{
    scene *s = *state;

    meet(s, &met);
    show(s, &met, 1, -7, 3);
    limner_person_eyes_read(s->person, NULL);
    assert_true(s->person->eyes.gaze_deg[0] == -7 && s->person->eyes.gaze_deg[1] == 3);
    assert_true(s->person->eyes.open[0] == 1 && s->person->eyes.seen == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaze_is_found_where_landmarks_see_half_of_it),
        cmocka_unit_test(an_iris_unlike_its_rings_is_followed),
        cmocka_unit_test(shut_eyes_are_shut_where_landmarks_have_them_half_open),
        cmocka_unit_test(eyes_wide_open_to_the_landmarks_are_left_open),
        cmocka_unit_test(half_open_eyes_stay_half_open),
        cmocka_unit_test(eyes_without_a_visible_iris_are_left_to_the_landmarks),
        cmocka_unit_test(an_eye_that_cannot_be_read_shuts_with_the_other),
        cmocka_unit_test(without_a_view_the_landmarks_are_the_answer),
    };

    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
