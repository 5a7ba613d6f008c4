/* SPDX-License-Identifier: Apache-2.0 */
/* Face search (see detect.h). The detector's 896 anchors lie on a 16 x 16 grid, two per cell, and
 * an 8 x 8 grid, six per cell; each predicts a box and six keypoints relative to its cell's centre
 * in input points. */
#include "portrait/detect.h"

#include <math.h>
#include <string.h>

enum {
    INPUT_SIZE = 128, N_ANCHORS = 896, N_FINE = 512, N_VALUES = 16,
    MAX_CANDIDATES = 256, MAX_PER_REGION = 16, MAX_LEVEL = 3, MAX_PASSES = 4
};

#define OVERLAP_SAME 0.3f               /* intersection over union of one face's boxes */
#define OVERLAP_INSIDE 0.5f             /* intersection over the smaller of two found faces */
#define MIN_FLAG 0.5f
#define SETTLED 0.02f                   /* of the eye distance; the least is two passes */
#define CLOSE_LOOK 2.2f                 /* side of the close look over the landmarks' box */
#define LARGE_FACE 0.1f                 /* of the long side */

/* An anchor above the threshold. */
typedef struct candidate {
    float score;
    uint32_t anchor;
} candidate;

/* Keeps the best MAX_CANDIDATES, best first, equal ones in anchor order. */
static size_t collect(const float *logit, candidate *out)
{
    size_t n = 0;

    for (uint32_t k = 0; k < N_ANCHORS; k++) {
        const float score = 1.0f / (1.0f + expf(-logit[k]));
        size_t i;

        if (!(score >= LIMNER_DETECT_MIN_SCORE) ||
            (n == MAX_CANDIDATES && score <= out[n - 1].score))
            continue;
        i = n < MAX_CANDIDATES ? n++ : n - 1;
        for (; i > 0 && out[i - 1].score < score; i--)
            out[i] = out[i - 1];
        out[i] = (candidate){ score, k };
    }
    return n;
}

/* The anchor's prediction in pixels of the picture. */
static limner_detection decode(const float *values, const candidate *c,
                               const limner_region *region)
{
    const bool is_fine = c->anchor < N_FINE;
    const uint32_t grid = is_fine ? 16 : 8;
    const uint32_t cell = is_fine ? c->anchor / 2 : (c->anchor - N_FINE) / 6;
    const float *v = values + (size_t)c->anchor * N_VALUES;
    const float unit = region->side / INPUT_SIZE;
    const float x = region->cx - region->side / 2 +
                    ((float)(cell % grid) + 0.5f) / (float)grid * region->side;
    const float y = region->cy - region->side / 2 +
                    ((float)(cell / grid) + 0.5f) / (float)grid * region->side;
    limner_detection d = {
        .x_px = x + (v[0] - v[2] / 2) * unit, .y_px = y + (v[1] - v[3] / 2) * unit,
        .width_px = v[2] * unit, .height_px = v[3] * unit, .score = c->score
    };

    for (int i = 0; i < LIMNER_N_KEYPOINTS; i++) {
        d.keypoint[i][0] = x + v[4 + 2 * i] * unit;
        d.keypoint[i][1] = y + v[5 + 2 * i] * unit;
    }
    return d;
}

static float area(const limner_detection *d)
{
    return d->width_px * d->height_px;
}

static float intersection(const limner_detection *a, const limner_detection *b)
{
    const float w = fminf(a->x_px + a->width_px, b->x_px + b->width_px) -
                    fmaxf(a->x_px, b->x_px);
    const float h = fminf(a->y_px + a->height_px, b->y_px + b->height_px) -
                    fmaxf(a->y_px, b->y_px);

    return w > 0 && h > 0 ? w * h : 0;
}

static bool is_same(const limner_detection *a, const limner_detection *b)
{
    const float common = intersection(a, b);

    return common > OVERLAP_SAME * (area(a) + area(b) - common);
}

/* d += weight * part, number by number. */
static void add_weighted(limner_detection *d, const limner_detection *part, float weight)
{
    d->x_px += weight * part->x_px;
    d->y_px += weight * part->y_px;
    d->width_px += weight * part->width_px;
    d->height_px += weight * part->height_px;
    for (int i = 0; i < LIMNER_N_KEYPOINTS; i++)
        for (int k = 0; k < 2; k++)
            d->keypoint[i][k] += weight * part->keypoint[i][k];
}

/* The best candidate left, blended by score with all that overlap it; those are used up. */
static limner_detection blend(const float *values, const limner_region *region,
                              const candidate *list, size_t n, size_t best, bool *is_used)
{
    const limner_detection first = decode(values, &list[best], region);
    limner_detection sum = { 0 }, mean = { .score = first.score };
    float total = 0;

    for (size_t i = best; i < n; i++) {
        const limner_detection d = decode(values, &list[i], region);

        if (is_used[i] || (i != best && !is_same(&first, &d)))
            continue;
        is_used[i] = true;
        total += d.score;
        add_weighted(&sum, &d, d.score);
    }
    add_weighted(&mean, &sum, 1.0f / total);
    return mean;
}

/* Runs the detector on a region; its candidates, best first. */
static size_t look(limner_nets_run *run, const limner_image *img, const limner_region *region,
                   candidate list[MAX_CANDIDATES])
{
    limner_region_sample(limner_tflite_run_input(run->detector, 0), INPUT_SIZE, img, region, -1.0f,
                         1.0f, true);
    limner_tflite_run_execute(run->detector);
    return collect(limner_nets_output(run->detector, "classificators", N_ANCHORS), list);
}

size_t limner_detect_region(limner_nets_run *run, const limner_image *img,
                            const limner_region *region, limner_detection *out, size_t max)
{
    const limner_region level = { region->cx, region->cy, region->side, 0 };
    candidate list[MAX_CANDIDATES];
    bool is_used[MAX_CANDIDATES] = { false };
    const float *values;
    size_t n, n_out = 0;

    n = look(run, img, &level, list);
    values = limner_nets_output(run->detector, "regressors", N_ANCHORS * N_VALUES);
    for (size_t i = 0; i < n && n_out < max; i++)
        if (!is_used[i])
            out[n_out++] = blend(values, &level, list, n, i, is_used);
    return n_out;
}

/* ---- all faces of a picture ---------------------------------------------------------------- */

typedef struct search {
    limner_nets_run *run;
    const limner_image *img;
    limner_found_face *found;
    size_t n, max;
} search;

static limner_region region_of(const limner_detection *d)
{
    const float *right = d->keypoint[LIMNER_KEYPOINT_RIGHT_EYE];
    const float *left = d->keypoint[LIMNER_KEYPOINT_LEFT_EYE];

    return (limner_region){
        .cx = d->x_px + d->width_px / 2, .cy = d->y_px + d->height_px / 2,
        .side = 1.5f * fmaxf(d->width_px, d->height_px),
        .angle = atan2f(left[1] - right[1], left[0] - right[0]) * (180.0f / 3.14159265f)
    };
}

/* The landmarks, pass by pass, each on the region of the one before, until they settle. False
 * when the landmark net sees no face in one of them. */
static bool settle(search *s, const limner_detection *d, limner_found_face *face)
{
    float before[LIMNER_N_LANDMARK][3];
    limner_region region = region_of(d);
    limner_face_quality *q = &face->quality;

    q->flag = limner_landmarks_run(s->run, s->img, &region, face->landmarks);
    q->flag_first = q->flag;
    for (int pass = 1; pass < MAX_PASSES && q->flag >= MIN_FLAG; pass++) {
        memcpy(before, face->landmarks, sizeof(before));
        region = limner_landmarks_region(before);
        q->flag = limner_landmarks_run(s->run, s->img, &region, face->landmarks);
        q->agreement = limner_face_agreement(before, face->landmarks);
        if (q->agreement < SETTLED)
            break;
    }
    return q->flag >= MIN_FLAG;
}

/* What the detector says of the face when it is the only thing to see: another opinion, always at
 * the same scale. */
static void look_closely(search *s, limner_found_face *face)
{
    limner_region region = limner_landmarks_region(face->landmarks);
    limner_detection list[MAX_PER_REGION];
    size_t n;

    region.side *= CLOSE_LOOK / 1.5f;
    n = limner_detect_region(s->run, s->img, &region, list, MAX_PER_REGION);
    face->quality.score = 0;
    face->quality.keypoint_error = LIMNER_KEYPOINT_ERROR_NONE;
    for (size_t i = 0; i < n; i++) {
        const float error = limner_face_keypoint_error(list[i].keypoint, face->landmarks);

        if (error < face->quality.keypoint_error) {
            face->detection = list[i];
            face->quality.score = list[i].score;
            face->quality.keypoint_error = error;
        }
    }
}

/* The best score with the picture turned as the landmarks say and by 180 degrees more. */
static void look_at_both_ends(search *s, limner_found_face *face)
{
    limner_region region = limner_landmarks_region(face->landmarks);
    candidate list[MAX_CANDIDATES];

    region.side *= CLOSE_LOOK / 1.5f;
    face->quality.upright = look(s->run, s->img, &region, list) ? list[0].score : 0;
    region.angle += 180;
    face->quality.overturned = look(s->run, s->img, &region, list) ? list[0].score : 0;
}

/* Fills *face in; false when there is none. */
static bool confirm(search *s, const limner_detection *d, limner_found_face *face)
{
    limner_region region;

    memset(face, 0, sizeof(*face));
    face->detection = *d;
    if (!settle(s, d, face))
        return false;
    region = limner_landmarks_region(face->landmarks);
    limner_landmarks_mean(s->run, s->img, &region, face->landmarks);
    look_closely(s, face);
    look_at_both_ends(s, face);
    limner_face_measure(&face->quality, face->landmarks);
    return true;
}

/* The face found before that this one is, or lies in; NULL if it is new. */
static limner_found_face *find_same(const search *s, const limner_detection *d)
{
    for (size_t i = 0; i < s->n; i++) {
        const limner_detection *other = &s->found[i].detection;

        if (intersection(d, other) > OVERLAP_INSIDE * fminf(area(d), area(other)))
            return &s->found[i];
    }
    return NULL;
}

static bool is_human(const limner_found_face *face)
{
    return limner_face_check(&face->quality) != LIMNER_FACE_NOT_HUMAN;
}

static void search_region(search *s, const limner_region *region)
{
    limner_detection list[MAX_PER_REGION];
    const size_t n = limner_detect_region(s->run, s->img, region, list, MAX_PER_REGION);
    limner_found_face face;

    for (size_t i = 0; i < n; i++) {
        limner_found_face *same = find_same(s, &list[i]);

        if ((same && is_human(same)) || !confirm(s, &list[i], &face))
            continue;
        same = find_same(s, &face.detection);
        if (!same && s->n < s->max)
            s->found[s->n++] = face;
        else if (same && face.quality.score > same->quality.score)
            *same = face;
    }
}

/* Crops of 1/level of the long side, each overlapping its neighbours by half. */
static void search_level(search *s, int level)
{
    const float w = (float)s->img->w, h = (float)s->img->h;
    const float side = fmaxf(w, h) / (float)level;
    limner_region region = { w / 2, h / 2, side, 0 };

    if (level == 1) {
        search_region(s, &region);
        return;
    }
    for (float y = 0; y == 0 || y + side / 2 < h; y += side / 2)
        for (float x = 0; x == 0 || x + side / 2 < w; x += side / 2) {
            region.cx = x + side / 2;
            region.cy = y + side / 2;
            search_region(s, &region);
        }
}

/* Squares of the short side along the long one, overlapping by half: for panoramas and scrolls. */
static void search_strip(search *s)
{
    const float w = (float)s->img->w, h = (float)s->img->h;
    const float side = fminf(w, h);
    limner_region region = { side / 2, side / 2, side, 0 };

    for (float at = 0; at + side / 2 < fmaxf(w, h); at += side / 2) {
        *(w > h ? &region.cx : &region.cy) = at + side / 2;
        search_region(s, &region);
    }
}

/* True when a face is so large that smaller ones would be bystanders. */
static bool has_large(const search *s)
{
    const float side = fmaxf((float)s->img->w, (float)s->img->h);

    for (size_t i = 0; i < s->n; i++)
        if (s->found[i].detection.width_px > LARGE_FACE * side)
            return true;
    return false;
}

/* Beside a human face, what does not look human is a mistake; alone it is for the caller. */
static void drop_mistakes(search *s)
{
    size_t n_human = 0;

    for (size_t i = 0; i < s->n; i++)
        n_human += is_human(&s->found[i]);
    for (size_t i = 0; n_human && i < s->n;) {
        if (is_human(&s->found[i]))
            i++;
        else
            s->found[i] = s->found[--s->n];
    }
}

static void sort_by_size(search *s)
{
    for (size_t i = 1; i < s->n; i++) {
        const limner_found_face face = s->found[i];
        size_t k = i;

        for (; k > 0 && area(&s->found[k - 1].detection) < area(&face.detection); k--)
            s->found[k] = s->found[k - 1];
        s->found[k] = face;
    }
}

limner_status limner_detect_faces(limner_nets_run *run, const limner_image *img,
                                  limner_found_face *out, size_t max, size_t *n)
{
    search s = { .run = run, .img = img, .found = out, .max = max };

    *n = 0;
    if (img->n_channels != 3 || !img->w || !img->h)
        return LIMNER_E_ARG;
    for (int level = 1; level <= MAX_LEVEL && !has_large(&s); level++)
        search_level(&s, level);
    if (!s.n && (img->w > MAX_LEVEL * img->h || img->h > MAX_LEVEL * img->w))
        search_strip(&s);
    drop_mistakes(&s);
    sort_by_size(&s);
    *n = s.n;
    return LIMNER_OK;
}
