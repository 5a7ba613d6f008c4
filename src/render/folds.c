/* SPDX-License-Identifier: Apache-2.0 */
/* A fold (folds.h) is a line through landmarks of the photo: across it a dark furrow with a light
 * ridge on one side or both, along it stronger in the middle. */
#include "render/folds.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"

#define FURROW_CM 0.23f                 /* half width of the dark furrow */
#define RIDGE_CM 0.30f                  /* and of the ridge, whose crest lies ... */
#define CREST_CM 0.38f                  /* ... this far beside the furrow */
#define RIDGE 0.35f                     /* its light over the furrow's dark */
#define FAR_CM 0.9f                     /* beyond this there is nothing */
#define LIPS_CM 0.9f                    /* no nearer to a corner of the mouth */
#define SKIN_FROM 0.25f                 /* log of the luminance over the skin's: further away ... */
#define SKIN_TO 0.5f                    /* ... it is hair, a brow, a glint */
#define LEAST 0.004f                    /* of the light: less is not seen */
#define WARM 1.0f                       /* how much a furrow has of the skin's own colour */

enum { MAX_POINTS = 6, CORNER_LEFT = 291, CORNER_RIGHT = 61 };

/* A point: so far (of) from landmark a to landmark b. */
typedef struct fold_point {
    uint16_t a, b;
    float of;
} fold_point;

typedef struct fold_line {
    uint8_t fold, n;
    int8_t ridge;                       /* 1, -1: side of the ridge (right or left of the way) */
    float dark;                         /* share of the light that it takes at most */
    fold_point point[MAX_POINTS];
} fold_line;

/* Forehead lines lie between the brows' upper edges and the hair (103, 67, 10, 297, 332). */
static const fold_line lines[] = {
    {LIMNER_FOLD_SMILE_LEFT, 5, -1, 0.09f,
     {{358, 358, 0}, {423, 423, 0}, {426, 426, 0}, {436, 436, 0}, {432, 432, 0}}},
    {LIMNER_FOLD_SMILE_RIGHT, 5, 1, 0.09f,
     {{129, 129, 0}, {203, 203, 0}, {206, 206, 0}, {216, 216, 0}, {212, 212, 0}}},
    {LIMNER_FOLD_FOREHEAD, 5, 1, 0.05f,
     {{63, 103, 0.4f}, {105, 67, 0.4f}, {9, 10, 0.45f}, {334, 297, 0.4f}, {293, 332, 0.4f}}},
    {LIMNER_FOLD_FOREHEAD, 5, 1, 0.055f,
     {{63, 103, 0.6f}, {105, 67, 0.6f}, {9, 10, 0.62f}, {334, 297, 0.6f}, {293, 332, 0.6f}}},
    {LIMNER_FOLD_FOREHEAD, 3, 1, 0.04f,
     {{105, 67, 0.8f}, {9, 10, 0.8f}, {334, 297, 0.8f}}},
    {LIMNER_FOLD_FROWN, 3, 1, 0.08f, {{55, 285, 0.24f}, {107, 336, 0.26f}, {108, 337, 0.22f}}},
    {LIMNER_FOLD_FROWN, 3, -1, 0.08f, {{55, 285, 0.76f}, {107, 336, 0.74f}, {108, 337, 0.78f}}}
};

enum { N_LINES = sizeof(lines) / sizeof(lines[0]) };

/* The looked-at part of the canvas. */
typedef struct field {
    const limner_rig *rig;
    const limner_appearance *app;
    const uint8_t *feather;
    limner_texture *person;
    float cm, skin;
    int32_t x0, y0, w, h;
    float (*dark)[LIMNER_N_FOLDS];      /* [h][w] */
} field;

static void landmark_at(const field *f, uint32_t i, float out[2])
{
    out[0] = f->app->landmarks[i][0] * f->rig->view.k + f->rig->view.x;
    out[1] = f->app->landmarks[i][1] * f->rig->view.k + f->rig->view.y;
}

static void point_at(const field *f, const fold_point *p, float out[2])
{
    float a[2], b[2];

    landmark_at(f, p->a, a);
    landmark_at(f, p->b, b);
    for (int k = 0; k < 2; k++)
        out[k] = a[k] + p->of * (b[k] - a[k]);
}

/* Where (0..1) along a way of n points the nearest one to `at` lies; *d: px to its right. */
static float along_way(float (*way)[2], int n, const float at[2], float *d)
{
    float best = 1e9f, where = 0;

    *d = 1e9f;
    for (int i = 0; i + 1 < n; i++) {
        const float x = way[i + 1][0] - way[i][0], y = way[i + 1][1] - way[i][1];
        const float px = at[0] - way[i][0], py = at[1] - way[i][1], len = x * x + y * y + 1e-6f;
        const float t = fminf(1, fmaxf(0, (px * x + py * y) / len));
        const float dx = px - t * x, dy = py - t * y, far = dx * dx + dy * dy;

        if (far >= best)
            continue;
        best = far;
        where = ((float)i + t) / (float)(n - 1);
        *d = copysignf(sqrtf(far), x * py - y * px);
    }
    return where;
}

/* Share of the light that the line takes at a point of the canvas. */
static float dark_at(const field *f, const fold_line *line, float (*way)[2], const float at[2])
{
    float d;
    const float where = along_way(way, line->n, at, &d), cm = d / f->cm;
    const float furrow = cm / FURROW_CM, crest = (line->ridge * cm - CREST_CM) / RIDGE_CM;
    const float ends = limner_smoothstep(where, 0, 0.3f) * limner_smoothstep(1 - where, 0, 0.3f);

    if (fabsf(cm) > FAR_CM)
        return 0;
    return line->dark * ends * (expf(-furrow * furrow) - RIDGE * expf(-crest * crest));
}

static void add_line(field *f, const fold_line *line)
{
    float way[MAX_POINTS][2], lo[2] = {1e9f, 1e9f}, hi[2] = {-1e9f, -1e9f};
    const float room = FAR_CM * f->cm;

    for (int i = 0; i < line->n; i++) {
        point_at(f, &line->point[i], way[i]);
        for (int k = 0; k < 2; k++) {
            lo[k] = fminf(lo[k], way[i][k] - room);
            hi[k] = fmaxf(hi[k], way[i][k] + room);
        }
    }
    for (int32_t y = 0; y < f->h; y++) {
        for (int32_t x = 0; x < f->w; x++) {
            const float at[2] = {(float)(f->x0 + x) + 0.5f, (float)(f->y0 + y) + 0.5f};

            if (at[0] < lo[0] || at[0] > hi[0] || at[1] < lo[1] || at[1] > hi[1])
                continue;
            f->dark[y * f->w + x][line->fold] += dark_at(f, line, way, at);
        }
    }
}

/* 1 on bare skin of the face, away from the lips. */
static float skin_at(const field *f, int32_t x, int32_t y)
{
    const uint8_t *px = limner_texture_at(f->person, x, y);
    const float luma = 0.299f * px[0] + 0.587f * px[1] + 0.114f * px[2];
    const float off = fabsf(logf((luma + 4) / (f->skin + 4)));
    float near = 1e9f, corner[2];

    for (int k = 0; k < 2; k++) {
        landmark_at(f, k ? CORNER_LEFT : CORNER_RIGHT, corner);
        near = fminf(near, hypotf((float)x + 0.5f - corner[0], (float)y + 0.5f - corner[1]));
    }
    return (float)f->feather[y * f->rig->view.w + x] / 255 *
           (1 - limner_smoothstep(off, SKIN_FROM, SKIN_TO)) *
           limner_smoothstep(near, LIPS_CM * f->cm, (LIPS_CM + 0.3f) * f->cm);
}

static limner_status keep_pixels(limner_folds *out, const field *f)
{
    const int32_t n = f->w * f->h;

    for (int pass = 0; pass < 2; pass++) {
        uint32_t at = 0;

        for (int32_t i = 0; i < n; i++) {
            const int32_t x = f->x0 + i % f->w, y = f->y0 + i / f->w;
            float most = 0, skin;

            for (int k = 0; k < LIMNER_N_FOLDS; k++)
                most = fmaxf(most, fabsf(f->dark[i][k]));
            if (most < LEAST)
                continue;
            skin = skin_at(f, x, y);
            if (most * skin < LEAST)
                continue;
            if (pass) {
                limner_fold_pixel *px = &out->pixel[at];

                px->at = limner_texture_at(f->person, x, y);
                memcpy(px->own, px->at, 3);
                for (int k = 0; k < LIMNER_N_FOLDS; k++)
                    px->dark[k] = skin * f->dark[i][k];
            }
            at++;
        }
        if (!pass)
            out->pixel = limner_alloc(at ? at : 1, sizeof(*out->pixel));
        if (!out->pixel)
            return LIMNER_E_NOMEM;
        out->n = at;
    }
    return LIMNER_OK;
}

/* The part of the canvas around all lines. */
static void place_field(field *f)
{
    float lo[2] = {1e9f, 1e9f}, hi[2] = {-1e9f, -1e9f};
    const float room = FAR_CM * f->cm, end[2] = {(float)f->rig->view.w, (float)f->rig->view.h};

    for (int i = 0; i < N_LINES; i++) {
        for (int j = 0; j < lines[i].n; j++) {
            float at[2];

            point_at(f, &lines[i].point[j], at);
            for (int k = 0; k < 2; k++) {
                lo[k] = fmaxf(0, fminf(lo[k], at[k] - room));
                hi[k] = fminf(end[k], fmaxf(hi[k], at[k] + room));
            }
        }
    }
    f->x0 = (int32_t)lo[0];
    f->y0 = (int32_t)lo[1];
    f->w = (int32_t)fmaxf(0, hi[0] - lo[0]);
    f->h = (int32_t)fmaxf(0, hi[1] - lo[1]);
}

limner_status limner_folds_open(limner_folds *out, const limner_rig *rig,
                                const limner_appearance *app, const uint8_t *feather,
                                limner_texture *person)
{
    field f = {.rig = rig, .app = app, .feather = feather, .person = person,
               .cm = rig->pose_frame.scale,
               .skin = 0.299f * app->skin_rgb[0] + 0.587f * app->skin_rgb[1] +
                       0.114f * app->skin_rgb[2]};
    limner_status st;

    memset(out, 0, sizeof(*out));
    for (int k = 0; k < 3; k++)
        out->tone[k] = 1 + WARM * (f.skin / fmaxf(app->skin_rgb[k], 1) - 1);
    place_field(&f);
    f.dark = limner_calloc((size_t)f.w * (size_t)f.h + 1, sizeof(*f.dark));
    if (!f.dark)
        return LIMNER_E_NOMEM;
    for (int i = 0; i < N_LINES; i++)
        add_line(&f, &lines[i]);
    st = keep_pixels(out, &f);
    limner_mem_free(f.dark);
    return st;
}

/* How much of each fold the expression has, 0..1. */
static void weigh(const float e[LIMNER_N_EXPRESSION], float w[LIMNER_N_FOLDS])
{
    w[LIMNER_FOLD_SMILE_LEFT] = e[LIMNER_MOUTH_SMILE_LEFT] + 0.5f * e[LIMNER_NOSE_SNEER_LEFT] +
                                0.4f * e[LIMNER_MOUTH_UPPER_UP_LEFT];
    w[LIMNER_FOLD_SMILE_RIGHT] = e[LIMNER_MOUTH_SMILE_RIGHT] + 0.5f * e[LIMNER_NOSE_SNEER_RIGHT] +
                                 0.4f * e[LIMNER_MOUTH_UPPER_UP_RIGHT];
    w[LIMNER_FOLD_FOREHEAD] = 0.5f * e[LIMNER_BROW_INNER_UP] +
                              0.25f * e[LIMNER_BROW_OUTER_UP_LEFT] +
                              0.25f * e[LIMNER_BROW_OUTER_UP_RIGHT];
    w[LIMNER_FOLD_FROWN] = 0.5f * (e[LIMNER_BROW_DOWN_LEFT] + e[LIMNER_BROW_DOWN_RIGHT]);
}

void limner_folds_update(limner_folds *f, const limner_rig *rig, const limner_motion *m)
{
    float own[LIMNER_N_FOLDS], w[LIMNER_N_FOLDS];
    bool has_changed = false;

    weigh(rig->photo.expression, own);
    weigh(m->expression, w);
    for (int k = 0; k < LIMNER_N_FOLDS; k++) {
        w[k] = fminf(1, fmaxf(0, w[k] - own[k]));
        has_changed = has_changed || w[k] != f->weight[k];
        f->weight[k] = w[k];
    }
    for (uint32_t i = 0; has_changed && i < f->n; i++) {
        const limner_fold_pixel *px = &f->pixel[i];
        float dark = 0;

        for (int k = 0; k < LIMNER_N_FOLDS; k++)
            dark += w[k] * px->dark[k];
        for (int k = 0; k < 3; k++) {
            const float v = (1 - dark * f->tone[k]) * px->own[k] + 0.5f;

            px->at[k] = (uint8_t)(v > 255 ? 255 : v > 0 ? v : 0);
        }
    }
}

void limner_folds_close(limner_folds *f)
{
    limner_mem_free(f->pixel);
    memset(f, 0, sizeof(*f));
}
