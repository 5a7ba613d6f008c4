/* SPDX-License-Identifier: Apache-2.0 */
/* Every picture of the evaluation set (../shared/data/portraits beside the project, or
 * LIMNER_PORTRAITS): human-like faces are encoded, the photo's own motion returns the photo, the
 * fit meets lips and lids; pictures of several faces, of animals and without a face are refused.
 * Prints one line per picture. Skipped where the set is absent. */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "fixture.h"
#include "io/media.h"
#include "model.h"

enum { MAX_PICTURES = 256, SIDE = 512, MESON_SKIP = 77 };

typedef struct figures {
    double psnr[MAX_PICTURES], lips_px[MAX_PICTURES], lids_px[MAX_PICTURES];
    double encode_s[MAX_PICTURES];
    int n;                              /* encoded */
    int n_human, n_refused_human, n_wrong;
} figures;

static figures all;

/* Landmark indices: outer and inner lip contours, lid margins. */
static const int lips[] = {61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17,
                           84, 181, 91, 146, 78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308,
                           324, 318, 402, 317, 14, 87, 178, 88, 95};
static const int lids[] = {33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144,
                           163, 7, 263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380,
                           374, 373, 390, 249};

static double now_s(void)
{
    struct timespec t;

    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof(*v), by_value);
    return n ? v[n / 2] : 0;
}

/* Root mean square distance of fitted from found landmarks, in pixels of a 512 crop. */
static double distance_px(const limner_portrait *p, const int *index, size_t n)
{
    float lm[478][2], fit[478][2];
    double sum = 0;

    limner_portrait_landmarks(p, lm);
    limner_portrait_fitted_landmarks(p, fit);
    for (size_t i = 0; i < n; i++) {
        const int k = index[i];

        sum += pow(lm[k][0] - fit[k][0], 2) + pow(lm[k][1] - fit[k][1], 2);
    }
    return sqrt(sum / (double)n) * SIDE / p->app.size_px;
}

static double own_motion_psnr(limner_model *model, limner_portrait *p)
{
    const limner_appearance *app = &p->app;
    const float k = (float)app->size_px / SIDE;
    limner_settings set;
    limner_session *s;
    limner_motion m;
    limner_image want;
    limner_frame f;
    double sum = 0;

    limner_settings_init(&set, sizeof(set));
    set.pixel = LIMNER_PIXEL_RGBA;
    set.width_px = set.height_px = SIDE;
    assert_int_equal(limner_session_open(&s, model, p, &set, NULL), LIMNER_OK);
    limner_portrait_motion(p, &m);
    assert_int_equal(limner_session_send_motion(s, &m), LIMNER_OK);
    assert_int_equal(limner_session_receive(s, &f), LIMNER_OK);
    assert_int_equal(limner_image_open(&want, SIDE, SIDE, 3), LIMNER_OK);
    limner_image_warp(&want, &app->photo, (const float[6]){k, 0, 0, 0, k, 0});
    for (uint32_t y = 0; y < SIDE; y++)
        for (uint32_t x = 0; x < SIDE; x++)
            for (uint32_t c = 0; c < 3; c++)
                sum += pow(limner_image_row(&want, y)[x * 3 + c] -
                           f.plane[0][y * f.stride[0] + x * 4 + c], 2);
    limner_image_close(&want);
    limner_frame_unref(&f);
    limner_session_close(&s);
    return 10 * log10(255.0 * 255 * SIDE * SIDE * 3 / fmax(sum, 1));
}

/* What the file's name promises: one human-like face, or one of the errors. */
static limner_status expected(const char *name)
{
    if (!strncmp(name, "two_faces_", 10))
        return LIMNER_E_MANY_FACES;
    if (!strncmp(name, "animal_", 7))
        return LIMNER_E_POOR_FACE;
    return LIMNER_OK;
}

static void look_at(limner_model *model, const char *dir, const char *name)
{
    const limner_status want = expected(name);
    char path[8192], err[LIMNER_IO_ERROR_SIZE], why[LIMNER_DETAIL_SIZE] = "";
    limner_io_image img;
    limner_portrait *p;
    limner_photo photo;
    limner_status st;
    double t;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(limner_io_image_read(&img, path, err), 0);
    photo = limner_io_image_photo(&img);
    t = now_s();
    st = limner_portrait_encode(&p, model, &photo, NULL, why);
    t = now_s() - t;
    limner_io_image_close(&img);
    all.n_human += want == LIMNER_OK;
    all.n_refused_human += want == LIMNER_OK && st != LIMNER_OK;
    all.n_wrong += want != LIMNER_OK && st != want &&
                   !(want == LIMNER_E_POOR_FACE && st == LIMNER_E_NO_FACE);
    if (st < 0) {
        print_message("%-40s refused: %s\n", name, why);
        return;
    }
    all.psnr[all.n] = own_motion_psnr(model, p);
    all.lips_px[all.n] = distance_px(p, lips, sizeof(lips) / sizeof(*lips));
    all.lids_px[all.n] = distance_px(p, lids, sizeof(lids) / sizeof(*lids));
    all.encode_s[all.n] = t;
    print_message("%-40s own motion %5.1f dB, lips %.2f px, lids %.2f px, encoded in %.2f s\n",
                  name, all.psnr[all.n], all.lips_px[all.n], all.lids_px[all.n], t);
    all.n++;
    limner_portrait_close(&p);
}

static void the_evaluation_portraits_hold(void **state)
{
    fixture *fix = *state;
    const char *own = getenv("LIMNER_PORTRAITS"), *source = getenv("LIMNER_SOURCE");
    char dir[4096];
    struct dirent **list;
    int n;

    snprintf(dir, sizeof(dir), "%s%s", own ? own : source ? source : ".",
             own ? "" : "/../shared/data/portraits");
    n = scandir(dir, &list, NULL, alphasort);
    if (n < 0) {
        print_message("skipped: no evaluation portraits beside the project\n");
        exit(MESON_SKIP);
    }
    for (int i = 0; i < n && all.n < MAX_PICTURES; i++) {
        if (strstr(list[i]->d_name, ".jpg"))
            look_at(fix->model, dir, list[i]->d_name);
        free(list[i]);
    }
    free(list);
    print_message("%d of %d human-like faces encoded; medians: own motion %.1f dB, lips %.2f px, "
                  "lids %.2f px, %.2f s\n", all.n, all.n_human, median(all.psnr, all.n),
                  median(all.lips_px, all.n), median(all.lids_px, all.n),
                  median(all.encode_s, all.n));
    assert_int_equal(all.n_wrong, 0);
    assert_true(all.n_human - all.n_refused_human >= 50);
    assert_true(median(all.psnr, all.n) >= 38);
    assert_true(median(all.lips_px, all.n) <= 1.5);
    assert_true(median(all.lids_px, all.n) <= 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_evaluation_portraits_hold)};

    return cmocka_run_group_tests_name("portraits", tests, fixture_open, fixture_close);
}
