/* SPDX-License-Identifier: Apache-2.0 */
/* Tones are means over some millimetres. Where the photo shows both a place and its mirror image
 * their ratio is taken, and continued over the mesh to where it does not (a front of known
 * vertices spreads, then neighbours are averaged). What is painted must also be worth it: where
 * there is hair, a beard or no contour at all the sheet and the core carry on better. */
#include <math.h>
#include <string.h>

#include "core/smoothstep.h"
#include "render/far_work.h"

#define TONE_CM 0.40f                   /* half the side of the square a tone is the mean of */
#define PERSON_SHARE 0.5f               /* of that square the person covers at least */
#define MOST_GAIN 0.8f                  /* logs farther apart are two things, not one light, ... */
#define UNLIKE_FROM 0.6f                /* ... and from here on the sides begin to be unlike */
#define UNLIKE_TO 1.0f
#define GAIN_FACING 0.50f               /* tones are compared where the photo sees so well */
#define SURE_FACING 0.50f               /* from here on what it shows is this very skin; ... */
#define UNSURE_FROM 0.15f               /* ... elsewhere, if its tone is off by less (log), ... */
#define UNSURE_TO 0.40f                 /* ... and not if it is off by more */
#define CONTOUR_FACING 0.4f            /* seen vertices turned away farther than this make it */
#define CONTOUR_CM 0.5f                 /* compared so far inside and outside of it */
#define CONTOUR_HALF_CM 0.25f
#define CONTOUR_APART_CM 0.42f          /* the face shows no nearer to the place outside */
#define CONTOUR_FROM 0.15f              /* logs of tones: less is no contour, ... */
#define CONTOUR_TO 0.45f                /* ... more is a clear one */
#define OTHER_FROM 0.60f                /* a mirror image that is off the tone around by more ... */
#define OTHER_TO 1.10f                  /* ... is hair */
#define OTHER_SEEN 0.5f                 /* less well seen, it tells little, ... */
#define NOSE_FROM_CM 2.0f               /* ... but on the nose there is nothing better */
#define NOSE_TO_CM 3.0f
#define BRIGHT_FROM 0.20f               /* a mirror image to be made so much brighter (log) ... */
#define BRIGHT_TO 0.45f                 /* ... would not pass for skin */
#define WORTH_FROM 0.30f                /* worth little, a shine of it would only disturb */
#define WORTH_TO 0.75f

enum { TONE_STEPS = 4, SPREAD_ROUNDS = 64, EVEN_ROUNDS = 24, OTHER_ROUNDS = 6 };
/* Until places in the texture are known. */
enum { WORTH = LIMNER_FAR_U, PART = LIMNER_FAR_V };

static float log_ratio(float a, float b)
{
    return logf((a + LIMNER_FAR_DARK) / (b + LIMNER_FAR_DARK));
}

/* Mean colour around a place; false: not the person. */
static bool tone_at(const limner_far_work *w, float x, float y, float half, float out[3])
{
    float sum = 0;

    out[0] = out[1] = out[2] = 0;
    for (int j = -TONE_STEPS; j <= TONE_STEPS; j++) {
        for (int i = -TONE_STEPS; i <= TONE_STEPS; i++) {
            const int32_t px = (int32_t)floorf(x + half * (float)i / TONE_STEPS);
            const int32_t py = (int32_t)floorf(y + half * (float)j / TONE_STEPS);
            const uint8_t *p;

            if (px < 0 || py < 0 || px >= w->photo->w || py >= w->photo->h)
                continue;
            p = limner_texture_at(w->photo, px, py);
            for (int c = 0; c < 3; c++)
                out[c] += (float)p[3] * (float)p[c];
            sum += (float)p[3];
        }
    }
    for (int c = 0; c < 3; c++)
        out[c] /= fmaxf(sum, 1);
    return sum > 255 * PERSON_SHARE * (2 * TONE_STEPS + 1) * (2 * TONE_STEPS + 1);
}

/* Continues value k from known vertices: a front first, then means of those it has reached. */
static void spread(const limner_far_work *w, const uint8_t *is_given, int k)
{
    const uint32_t n = w->rig->n_head;

    memcpy(w->is_known, is_given, n);
    for (int round = 0; round < SPREAD_ROUNDS + EVEN_ROUNDS; round++) {
        bool has_changed = false;

        limner_far_add_neighbours(w, k);
        for (uint32_t i = 0; i < n; i++) {
            if (is_given[i] || w->count[i] <= 0 || (w->is_known[i] && round < SPREAD_ROUNDS))
                continue;
            w->skin->value[i][k] = w->sum[i] / w->count[i];
            has_changed = has_changed || !w->is_known[i];
            w->is_known[i] = 1;
        }
        if (!has_changed && round < SPREAD_ROUNDS)
            round = SPREAD_ROUNDS - 1;
    }
}

static void take_part(const limner_far_work *w)
{
    for (uint32_t i = 0; i < w->rig->n_head; i++)
        w->skin->value[i][WORTH] *= w->skin->value[i][PART];
}

/* On the middle line a place is its own mirror image. */
static void give_middle(const limner_far_work *w, uint8_t *is_gain)
{
    for (uint32_t i = 0; i < w->rig->n_head; i++) {
        if (w->rig->face->mirror[i] != i || !w->rig->is_seen[i] || !w->skin->is_in[i])
            continue;
        memset(&w->skin->value[i][LIMNER_FAR_GAIN], 0, 3 * sizeof(float));
        is_gain[i] = 1;
    }
}

/* Worth falls where the sides are unlike: one has hair there, the other skin. */
static void find_tones(const limner_far_work *w)
{
    uint8_t *is_tone = w->flag[0], *is_gain = w->flag[1], *is_like = w->flag[2];
    const float half = TONE_CM * w->rig->pose_frame.scale;

    for (uint32_t i = 0; i < w->rig->n_head; i++) {
        float *v = w->skin->value[i], other[3], most = 0;

        v[PART] = 1;
        if (!w->skin->is_in[i] || v[LIMNER_FAR_SEEN] < 0.5f || v[LIMNER_FAR_ALPHA] <= 0 ||
            !tone_at(w, v[LIMNER_FAR_OWN_X], v[LIMNER_FAR_OWN_Y], half, v + LIMNER_FAR_TONE))
            continue;
        is_tone[i] = w->facing[2][i] > GAIN_FACING;
        if (v[LIMNER_FAR_OTHER_SEEN] < 0.5f ||
            !tone_at(w, v[LIMNER_FAR_OTHER_X], v[LIMNER_FAR_OTHER_Y], half, other))
            continue;
        for (int c = 0; c < 3; c++) {
            const float gain = log_ratio(v[LIMNER_FAR_TONE + c], other[c]);

            most = fmaxf(most, gain);
            v[LIMNER_FAR_GAIN + c] = fmaxf(gain, -MOST_GAIN);
        }
        is_gain[i] = is_tone[i] && most < MOST_GAIN;
        v[PART] = 1 - limner_smoothstep(most, UNLIKE_FROM, UNLIKE_TO);
        is_like[i] = is_tone[i];
    }
    spread(w, is_like, PART);
    take_part(w);
    give_middle(w, is_gain);
    for (int c = 0; c < 3; c++) {
        spread(w, is_tone, LIMNER_FAR_TONE + c);
        spread(w, is_gain, LIMNER_FAR_GAIN + c);
    }
}

/* How far a tone is off the mirror image's, lit as this side is, in logs. */
static float off_other(const limner_far_work *w, uint32_t i, const float tone[3])
{
    const float *v = w->skin->value[i];
    float other[3], most = 0;

    if (v[LIMNER_FAR_OTHER_SEEN] < 0.5f ||
        !tone_at(w, v[LIMNER_FAR_OTHER_X], v[LIMNER_FAR_OTHER_Y],
                 CONTOUR_HALF_CM * w->rig->pose_frame.scale, other))
        return 0;
    for (int c = 0; c < 3; c++)
        most = fmaxf(most, fabsf(v[LIMNER_FAR_GAIN + c] - log_ratio(tone[c], other[c])));
    return most;
}

/* Whether a place of the photo shows the face. */
static bool is_face_at(const limner_rig *rig, float x, float y, float reach)
{
    for (uint32_t i = 0; i < rig->n_head; i++) {
        const uint8_t region = rig->face->vertex_region[i];

        if (rig->is_seen[i] && hypotf(rig->rest[0][i] - x, rig->rest[1][i] - y) < reach &&
            (region == LIMNER_REGION_FACE || region >= LIMNER_REGION_LIP_UPPER))
            return true;
    }
    return false;
}

/* How clear a contour the face's outline is at a vertex: 0 where what lies beyond has its tone, as
 * a beard that goes on, or hair before the cheek. */
static float contour_at(const limner_far_work *w, uint32_t i, float dx, float dy)
{
    const float half = CONTOUR_HALF_CM * w->rig->pose_frame.scale;
    const float x = w->rig->rest[0][i], y = w->rig->rest[1][i];
    float in[3], out[3], most = 0;

    if (!tone_at(w, x + dx, y + dy, half, out))
        return 1;
    tone_at(w, x - dx, y - dy, half, in);
    for (int c = 0; c < 3; c++)
        most = fmaxf(most, fabsf(log_ratio(in[c], out[c])));
    return limner_smoothstep(most, CONTOUR_FROM, CONTOUR_TO);
}

/* false: what lies beyond is the face again, as beside the nose. */
static bool find_contour_at(const limner_far_work *w, uint32_t i, float *out)
{
    const float cm = w->rig->pose_frame.scale;
    const float n = fmaxf(1e-3f, hypotf(w->facing[0][i], w->facing[1][i]));
    const float dx = CONTOUR_CM * cm * w->facing[0][i] / n;
    const float dy = CONTOUR_CM * cm * w->facing[1][i] / n;
    const float x = w->rig->rest[0][i], y = w->rig->rest[1][i];

    if (is_face_at(w->rig, x + dx, y + dy, CONTOUR_APART_CM * cm))
        return false;
    *out = contour_at(w, i, dx, dy);
    return true;
}

/* Where the photo shows no contour, none is to come out. */
static void weigh_contour(const limner_far_work *w)
{
    uint8_t *is_given = w->flag[0];

    memset(is_given, 0, w->rig->n_head);
    for (uint32_t i = 0; i < w->rig->n_head; i++) {
        float *v = w->skin->value[i];

        v[PART] = 1;
        if (w->skin->is_in[i] && w->rig->is_seen[i] && w->facing[2][i] <= CONTOUR_FACING &&
            v[LIMNER_FAR_ALPHA] > 0)
            is_given[i] = find_contour_at(w, i, &v[PART]);
    }
    spread(w, is_given, PART);
    take_part(w);
}

/* Where the photo shows skin at a grazing angle it may be hair or a drawn outline instead: seen
 * falls where tones are not what the mirror image, lit alike, would have. */
static void doubt_seen(const limner_far_work *w)
{
    const float half = CONTOUR_HALF_CM * w->rig->pose_frame.scale;

    for (uint32_t i = 0; i < w->rig->n_head; i++) {
        float *v = w->skin->value[i], own[3], sure;

        if (!w->skin->is_in[i] || v[LIMNER_FAR_SEEN] <= 0)
            continue;
        tone_at(w, v[LIMNER_FAR_OWN_X], v[LIMNER_FAR_OWN_Y], half, own);
        sure = limner_smoothstep(w->facing[2][i], SURE_FACING, SURE_FACING + 0.3f);
        v[LIMNER_FAR_SEEN] *= fmaxf(sure, 1 - limner_smoothstep(off_other(w, i, own),
                                                                UNSURE_FROM, UNSURE_TO));
    }
    limner_far_soften_seen(w);
}

/* A mirror image hardly seen, to be made much brighter, or not what the tone around makes one
 * expect. */
static void weigh_other(const limner_far_work *w)
{
    const float *x = w->rig->face->mean;

    for (uint32_t i = 0; i < w->rig->n_head; i++) {
        float *v = w->skin->value[i];

        v[PART] = 1;
        if (w->skin->is_in[i] && v[LIMNER_FAR_ALPHA] > 0)
            v[PART] = fmaxf(limner_smoothstep(v[LIMNER_FAR_OTHER_SEEN], 0, OTHER_SEEN),
                            1 - limner_smoothstep(fabsf(x[i]), NOSE_FROM_CM, NOSE_TO_CM)) *
                      (1 - limner_smoothstep(v[LIMNER_FAR_GAIN + 1], BRIGHT_FROM, BRIGHT_TO)) *
                      (1 - limner_smoothstep(off_other(w, i, v + LIMNER_FAR_TONE), OTHER_FROM,
                                             OTHER_TO));
    }
    memset(w->is_known, 1, w->rig->n_head);
    for (int round = 0; round < OTHER_ROUNDS; round++) {
        limner_far_add_neighbours(w, PART);
        for (uint32_t i = 0; i < w->rig->n_head; i++) {
            if (w->count[i] > 0)
                w->skin->value[i][PART] = w->sum[i] / w->count[i];
        }
    }
    take_part(w);
}

/* From what the photo sees well outwards, worth only falls; alpha falls with it. */
static void take_worth(const limner_far_work *w)
{
    bool has_changed = true;

    for (uint32_t i = 0; i < w->rig->n_head; i++)
        w->is_known[i] = w->skin->value[i][LIMNER_FAR_SEEN] > 0.5f;
    while (has_changed) {
        has_changed = false;
        limner_far_add_neighbours(w, WORTH);
        for (uint32_t i = 0; i < w->rig->n_head; i++) {
            float *v = w->skin->value[i];

            if (w->is_known[i] || w->count[i] <= 0)
                continue;
            v[WORTH] = fminf(v[WORTH], w->sum[i] / w->count[i]);
            w->is_known[i] = 1;
            has_changed = true;
        }
    }
    for (uint32_t i = 0; i < w->rig->n_head; i++)
        w->skin->value[i][LIMNER_FAR_ALPHA] *=
            limner_smoothstep(w->skin->value[i][WORTH], WORTH_FROM, WORTH_TO);
}

void limner_far_find_tones(const limner_far_work *w)
{
    for (uint32_t i = 0; i < w->rig->n_head; i++)
        w->skin->value[i][WORTH] = 1;
    find_tones(w);
    doubt_seen(w);
    weigh_contour(w);
    weigh_other(w);
    take_worth(w);
}
