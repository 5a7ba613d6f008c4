/* SPDX-License-Identifier: Apache-2.0 */
/* Faces drawn one over the other: changes add up beside heads, a head covers what is under it, and
 * a place that it has left shows who has moved in. Small pictures of noise and of plain grey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/rng.h"
#include "render/overlap.h"

enum { W = 40, H = 16, SIZE = 4 * W * H };

static const limner_pixel pixels[] = {LIMNER_PIXEL_I420, LIMNER_PIXEL_NV12, LIMNER_PIXEL_RGBA};

typedef struct frame {
    uint8_t bytes[SIZE];
    limner_render_target at;
} frame;

typedef struct scene {
    frame still, under, target, back, own;      /* own: the target before */
    limner_still s;
    uint8_t cover[W * H], matte[W * H], head[W * H];
} scene;

static void lay_out(frame *f, limner_pixel pixel)
{
    const bool is_rgba = pixel == LIMNER_PIXEL_RGBA, is_nv12 = pixel == LIMNER_PIXEL_NV12;

    f->at = (limner_render_target){
        .plane = {f->bytes, f->bytes + W * H, f->bytes + 2 * W * H},
        .stride = {is_rgba ? 4 * W : W, is_nv12 ? W : W / 2, W / 2}, .pixel = pixel};
}

static void fill(frame *f, limner_rng *rng, int lo, int hi)
{
    for (int i = 0; i < SIZE; i++)
        f->bytes[i] = (uint8_t)(lo + (int)(limner_rng_u32(rng) >> 8) % (hi - lo));
}

/* All noise; nothing is the head's. */
static void set_up(scene *x, limner_pixel pixel)
{
    frame *const all[] = {&x->still, &x->under, &x->target, &x->back, &x->own};
    limner_rng rng;

    memset(x, 0, sizeof(*x));
    limner_rng_init(&rng, 9, 0);
    for (int i = 0; i < 5; i++) {
        lay_out(all[i], pixel);
        fill(all[i], &rng, 60 * (i % 2), 60 * (i % 2) + 190);
    }
    memcpy(x->own.bytes, x->target.bytes, SIZE);
    x->s = (limner_still){.at = x->still.at, .w = W, .h = H};
}

static void lay(scene *x)
{
    const limner_overlap_part p = {.still = &x->s, .under = &x->under.at, .target = &x->target.at,
                                   .back = x->back.at, .part = {0, 0, W, H}, .cover = x->cover,
                                   .matte = x->matte, .head = x->head};

    limner_overlap_lay(&p);
}

/* Bytes of the format's planes, all of them. */
static int size_of(limner_pixel pixel)
{
    return pixel == LIMNER_PIXEL_RGBA ? 4 * W * H : W * H;
}

static void beside_heads_changes_add_up(void **state)
{
    static scene x;

    (void)state;
    for (int k = 0; k < 3; k++) {
        set_up(&x, pixels[k]);
        lay(&x);
        for (int i = 0; i < size_of(pixels[k]); i++) {
            const int v = x.own.bytes[i] + x.under.bytes[i] - x.still.bytes[i];

            assert_int_equal(x.target.bytes[i], v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
}

static void where_nothing_moved_nothing_is_laid(void **state)
{
    static scene x;

    (void)state;
    for (int k = 0; k < 3; k++) {
        set_up(&x, pixels[k]);
        memcpy(x.under.bytes, x.still.bytes, SIZE);
        memset(x.matte, 255, sizeof(x.matte));
        memset(x.head, 255, sizeof(x.head));
        lay(&x);
        assert_memory_equal(x.target.bytes, x.own.bytes, SIZE);
    }
}

static void a_head_covers_what_is_under_it(void **state)
{
    static scene x;

    (void)state;
    for (int k = 0; k < 3; k++) {
        set_up(&x, pixels[k]);
        memset(x.cover, 255, sizeof(x.cover));
        lay(&x);
        assert_memory_equal(x.target.bytes, x.own.bytes, SIZE);
    }
}

/* The head has gone, its background shows; another has come there. */
static void a_place_left_shows_who_moved_in(void **state)
{
    static scene x;

    (void)state;
    for (int k = 0; k < 3; k++) {
        set_up(&x, pixels[k]);
        memcpy(x.target.bytes, x.back.bytes, SIZE);
        memset(x.still.bytes, 30, SIZE);
        memset(x.under.bytes, 120, SIZE);
        memset(x.matte, 255, sizeof(x.matte));
        memset(x.head, 255, sizeof(x.head));
        lay(&x);
        for (int i = 0; i < size_of(pixels[k]); i++)
            assert_int_equal(x.target.bytes[i], 120);
    }
}

/* Head and hair cover, and a body that has moved far; one that stays does not. */
static void what_covers_is_head_or_has_moved(void **state)
{
    enum { N = 100 };
    float u[N], v[N], light[N];
    uint8_t head[N * 2], rgba[4 * N], cover[N];
    const limner_overlap o = {.w = N, .h = 2, .head = head};
    const limner_places places = {u, v, light};

    (void)state;
    memset(rgba, 200, sizeof(rgba));
    for (int i = 0; i < N; i++) {
        head[i] = head[N + i] = i < 30 ? 255 : 0;
        u[i] = (float)i + (i >= 60 ? 4.5f : 0.5f);
        v[i] = 0.5f;
    }
    u[90] = 1e5f;                               /* an opening of the face */
    limner_overlap_cover(&o, &places, rgba, 0, 0, 95, cover);
    for (int i = 0; i < N; i++)
        assert_int_equal(cover[i], i < 30 || (i >= 60 && i < 95) ? 200 : 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beside_heads_changes_add_up),
        cmocka_unit_test(where_nothing_moved_nothing_is_laid),
        cmocka_unit_test(a_head_covers_what_is_under_it),
        cmocka_unit_test(a_place_left_shows_who_moved_in),
        cmocka_unit_test(what_covers_is_head_or_has_moved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
