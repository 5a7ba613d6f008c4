/* SPDX-License-Identifier: Apache-2.0 */
/* Lashes are thin, dark and stand across the lid: a closing (maximum, then minimum) along the lid
 * fills them from the skin between. Where lashes are too dense for that, at the edge, and in the
 * fold, which a closing lid smoothes out, the skin around is continued; where there is none, that
 * below the eye. An open eye's lid lies in the shadow of its fold; shut, it is lit much as the skin
 * below the eye, so it is lifted towards that. Grain comes from below the eye, too. Along the edge
 * lashes are painted in the colour of the photo's own dark line. */
#include "render/lid_skin.h"

#include <math.h>
#include <stdlib.h>

#include "core/filter.h"
#include "render/lid_window.h"

#define STROKE_CM 0.13f                 /* half the length of the closing */
#define SOFT_CM 0.11f                   /* deviation of the blur after it */
#define FOUND_CM 0.10f                  /* strokes are looked for around a place */
#define EDGE_CM 0.12f                   /* the photo's lashes: no skin up to here, ... */
#define EDGE_END_CM 0.24f               /* ... skin from here */
#define WHOLE_CM 0.50f                  /* below this all is painted, ... */
#define FOLD_CM 0.95f                   /* ... and much of the fold up to here, ... */
#define TOP_FROM_CM 0.95f               /* ... above this nothing is changed */
#define TOP_TO_CM 1.30f
#define FOLD 0.75f                      /* share painted there */
#define SIDE_CM 0.45f                   /* fades so far beyond the corners */
#define STROKE_FROM 2.0f                /* grey levels that make a stroke */
#define STROKE_TO 7.0f
#define DARK_FROM 0.72f                 /* of the lid's brightness: lashes and fold, filled ... */
#define DARK_TO 0.88f                   /* ... up to here */
#define BRIGHT_FROM 1.25f               /* and what shines */
#define BRIGHT_TO 1.5f
#define BELOW_CM 1.1f                   /* skin below the upper line, lit as a shut lid is */
#define BELOW_TRUST 0.02f               /* its weight where skin is missing */
#define LIFT 0.5f                       /* share of the way to it */
#define TINT 0.30f                       /* share of its tint */
#define LIFT_MAX 1.7f                   /* most a channel is lifted */
#define GRAIN_CM 0.25f                  /* so far below the lower lid grain is taken, ... */
#define GRAIN_DEPTH_CM 0.8f             /* .. over this depth, again and again, ... */
#define GRAIN_FROM_CM 0.25f             /* .. where the lid is not drawn out much, ... */
#define GRAIN_TO_CM 0.55f
#define GRAIN_MEAN_CM 0.08f             /* ... what differs from the mean around, ... */
#define GRAIN_MOST 12.0f                /* ... and no more than this, .. */
#define GRAIN_DENSER 8.0f               /* .. so much denser in height as a shut lid is taller, */
#define GRAIN_ALONG_CM 0.07f            /* .. and so coarse along it */
#define LINE_CM 0.06f                   /* of lashes, full up to here ... */
#define LINE_END_CM 0.13f               /* ... and none from here, over the upper lid's edge */
#define FAR_FROM_DEG 22.0f              /* the line fades on the far eye of turned heads */
#define FAR_TO_DEG 32.0f
#define HANG_CM 0.06f                   /* the same over the lower lid */
#define HANG_END_CM 0.26f
#define REST_CM 0.30f                   /* the eye may go on so far below the lower line; ... */
#define REST_END_CM 0.45f               /* ... below this all is skin */
#define REST_FROM 1.10f                 /* brighter than skin by this factor: eye, ... */
#define REST_TO 1.25f                   /* ... all of it from here */
#define PALE_FROM 0.05f                 /* skin this red tells the white by its colour, ... */
#define PALE_TO 0.10f                   /* ... surely from here */
#define LASH_MOST 0.30f                 /* lashes are this dark at least, of the skin below */
#define LASH_FULL 0.92f                 /* share of their colour in the line */
#define LASH_INNER 0.55f                /* of it at the inner corner */
#define STROKES_PER_CM 13.0f
#define STROKES_DEPTH 0.5f
#define STROKES_SHORTER 0.35f
#define LEAN 0.7f                       /* per cm from the eye's middle */

static float smooth(float a, float b, float v)
{
    float t = (v - a) / (b - a);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

/* One eye: its window and the colours found there. */
typedef struct lid_work {
    limner_lid_window in;
    float below[3], lash[3];            /* skin below the eye, lashes */
    float edge;                         /* share of lashes over the upper lid's edge */
} lid_work;

static float column(const lid_work *k, int32_t i)
{
    return limner_lid_window_x(&k->in, i);
}

static float row(const lid_work *k, int32_t i)
{
    return limner_lid_window_y(&k->in, i);
}

static const uint8_t *person_at(const lid_work *k, float x, float y)
{
    return limner_lid_window_photo(&k->in, x, y);
}

static float sum_of(const uint8_t *px)
{
    return (float)px[0] + (float)px[1] + (float)px[2];
}

/* ---- colours of the photo ------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
    const uint8_t x = *(const uint8_t *)a, y = *(const uint8_t *)b;

    return (x > y) - (x < y);
}

/* below: median colour of the skin below the eye, along the lower lid. */
static void measure_below(lid_work *k)
{
    const limner_face_contact *line = k->in.lid->line;
    const float d = BELOW_CM * k->in.cm;
    uint8_t seen[3][LIMNER_CONTACT_MAX];
    uint32_t n = 0;

    for (; n < k->in.lid->n; n++) {
        const uint32_t v = line->lower[n];
        const uint8_t *px = person_at(k, k->in.rig->rest[0][v] - k->in.rig->up[0] * d,
                                      k->in.rig->rest[1][v] - k->in.rig->up[1] * d);

        for (int c = 0; c < 3; c++)
            seen[c][n] = px[c];
    }
    for (int c = 0; c < 3; c++) {
        qsort(seen[c], n, 1, by_value);
        k->below[c] = seen[c][n / 2];
    }
}

/* Brightness (sum of r, g, b) that `share` of the window's pixels from .. up to cm over the upper
 * lid's edge do not reach. */
static float quantile(const lid_work *k, float from, float to, float share)
{
    uint32_t count[766] = {0}, n = 0, seen = 0, v = 0;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        if (k->in.height[i] < from || k->in.height[i] > to ||
            limner_lid_window_past(&k->in, i) > 0)
            continue;
        count[(uint32_t)sum_of(person_at(k, column(k, i), row(k, i)))]++;
        n++;
    }
    for (seen = count[0]; v < 765 && (float)seen < share * (float)n; seen += count[v])
        v++;
    return (float)v;
}

/* lash: mean of the darkest fifth of the line over the edge, and darker than skin by far. */
static void measure_lashes(lid_work *k)
{
    const float limit = quantile(k, 0, EDGE_END_CM, 0.2f);
    const float skin = k->below[0] + k->below[1] + k->below[2];
    float sum[3] = {0}, n = 1e-3f, total;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const uint8_t *px = person_at(k, column(k, i), row(k, i));

        if (k->in.height[i] < 0 || k->in.height[i] > EDGE_END_CM || sum_of(px) > limit ||
            limner_lid_window_past(&k->in, i) > 0)
            continue;
        for (int c = 0; c < 3; c++)
            sum[c] += px[c];
        n++;
    }
    total = fmaxf(1, (sum[0] + sum[1] + sum[2]) / n);
    for (int c = 0; c < 3; c++)
        k->lash[c] = sum[c] / n * fminf(1, LASH_MOST * skin / total);
}

/* ---- the lid's skin ------------------------------------------------------------------------ */

/* Maximum (sign 1) or minimum (-1) over `reach` px to both sides of a row. */
static void widen_row(float *out, const float *in, int32_t w, int32_t reach, float sign)
{
    for (int32_t x = 0; x < w; x++) {
        const int32_t a = x < reach ? 0 : x - reach, b = x + reach < w ? x + reach : w - 1;
        float best = sign * in[a];

        for (int32_t i = a + 1; i <= b; i++)
            best = fmaxf(best, sign * in[i]);
        out[x] = sign * best;
    }
}

/* rgb: the closing; found: how much it brightened, around each pixel. */
static void close_strokes(lid_work *k)
{
    const int32_t reach = (int32_t)fmaxf(2, STROKE_CM * k->in.cm + 0.5f);

    for (int c = 0; c < 3; c++) {
        for (int32_t y = 0; y < k->in.h; y++) {
            float *line = k->in.rgb[c] + y * k->in.w, *other = k->in.scratch + y * k->in.w;

            for (int32_t x = 0; x < k->in.w; x++)
                line[x] = limner_texture_at(k->in.person, k->in.x0 + x, k->in.y0 + y)[c];
            widen_row(other, line, k->in.w, reach, 1);
            for (int32_t x = 0; x < k->in.w; x++)
                k->in.found[y * k->in.w + x] -= line[x] / 3;
            widen_row(line, other, k->in.w, reach, -1);
            for (int32_t x = 0; x < k->in.w; x++)
                k->in.found[y * k->in.w + x] += line[x] / 3;
        }
    }
    limner_filter_box(k->in.found, k->in.found, k->in.scratch, k->in.w, k->in.h,
                      (int)fmaxf(1, FOUND_CM * k->in.cm));
    for (int32_t i = 0; i < k->in.w * k->in.h; i++)
        k->in.found[i] = smooth(STROKE_FROM, STROKE_TO, k->in.found[i]);
}

static float sum_at(const lid_work *k, int32_t i)
{
    return k->in.rgb[0][i] + k->in.rgb[1][i] + k->in.rgb[2][i];
}

/* Skin goes on under dense lashes, over the edge and the fold; all softened. */
static limner_status fill_skin(lid_work *k)
{
    const float soft = fminf(fmaxf(SOFT_CM * k->in.cm, 0.5f), 16);
    const float below = fmaxf(1, k->below[0] + k->below[1] + k->below[2]);
    const float level = fmaxf(0.6f * below, fminf(1.1f * below, quantile(k, 0.35f, 0.9f, 0.6f)));
    limner_status st;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const float light = sum_at(k, i) / level;
        const float skin = smooth(EDGE_CM, EDGE_END_CM, k->in.height[i]) *
                           smooth(DARK_FROM, DARK_TO, light) *
                           (1 - smooth(BRIGHT_FROM, BRIGHT_TO, light));

        k->in.scratch[i] = fmaxf(skin, BELOW_TRUST);
        for (int c = 0; c < 3; c++)
            k->in.rgb[c][i] += (1 - skin) * BELOW_TRUST / k->in.scratch[i] *
                            (k->below[c] * level / below - k->in.rgb[c][i]);
    }
    st = limner_filter_fill(k->in.rgb, 3, k->in.scratch, k->in.w, k->in.h);
    for (int c = 0; c < 3 && st == LIMNER_OK; c++)
        limner_filter_gauss(k->in.rgb[c], k->in.rgb[c], k->in.scratch, k->in.w, k->in.h, soft);
    return st;
}

/* Lifts the lid's skin towards the skin below the eye; never darkens. */
static void lift_skin(lid_work *k)
{
    const float *below = k->below;
    float sum[3] = {0}, n = 0, gain[3];

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        if (k->in.height[i] < 0 || k->in.height[i] > WHOLE_CM)
            continue;
        for (int c = 0; c < 3; c++)
            sum[c] += k->in.rgb[c][i];
        n++;
    }
    for (int c = 0; c < 3; c++)
        gain[c] = fminf(LIFT_MAX, 1 + LIFT * fmaxf(0, below[c] * n / fmaxf(sum[c], n) - 1));
    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const float low = 1 - smooth(WHOLE_CM, FOLD_CM, k->in.height[i]);
        float light;

        for (int c = 0; c < 3; c++)
            k->in.rgb[c][i] *= 1 + low * (gain[c] - 1);
        light = sum_at(k, i) / fmaxf(1, below[0] + below[1] + below[2]);
        for (int c = 0; c < 3; c++)
            k->in.rgb[c][i] += low * TINT * (below[c] * light - k->in.rgb[c][i]);
    }
}

/* What the skin around (x, y), a little along the lid, differs from its surroundings by, mean of r,
 * g, b. */
static float grain_at(const lid_work *k, float x, float y)
{
    const int r = (int)fmaxf(1, GRAIN_MEAN_CM * k->in.cm + 0.5f);
    const int along = (int)fmaxf(1, GRAIN_ALONG_CM * k->in.cm + 0.5f);
    float mean = 0, sum = 0;

    for (int i = -r - along; i <= r + along; i++)
        for (int j = -r; j <= r; j++)
            mean += sum_of(person_at(k, x + (float)i, y + (float)j));
    for (int i = -along; i <= along; i++)
        sum += sum_of(person_at(k, x + (float)i * k->in.axis[0], y + (float)i * k->in.axis[1]));
    sum = sum / (float)(2 * along + 1) -
          mean / (float)((2 * (r + along) + 1) * (2 * r + 1));
    return fminf(fmaxf(sum / 3, -GRAIN_MOST), GRAIN_MOST);
}

/* Grain of the skin as far below the lower lid as a pixel lies over the upper one, closer together
 * in height: shut, the lid is drawn out. */
static void add_grain(lid_work *k)
{
    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const float over = fmodf(GRAIN_DENSER * fmaxf(0, k->in.height[i]), GRAIN_DEPTH_CM);
        const float down = k->in.floor[i] + GRAIN_CM + over;
        const float grain = grain_at(k, column(k, i) - down * k->in.cm * k->in.rig->up[0],
                                     row(k, i) - down * k->in.cm * k->in.rig->up[1]);

        for (int c = 0; c < 3; c++)
            k->in.rgb[c][i] += smooth(GRAIN_FROM_CM, GRAIN_TO_CM, k->in.height[i]) * grain;
    }
}

/* ---- lashes -------------------------------------------------------------------------------- */

/* 0..1, the same for the same n. */
static float chance(int32_t n)
{
    uint32_t v = (uint32_t)n * 2654435761u;

    v = (v ^ (v >> 15)) * 2246822519u;
    return (float)((v ^ (v >> 13)) & 0xffff) / 65535;
}

/* Share of lashes at pixel i of a line full up to `full` cm off the lid's edge, gone at `end`. */
static float line_share(const lid_work *k, int32_t i, float out, float full, float end)
{
    const float share = limner_lid_window_along(&k->in, i) * k->in.cm /
                        fmaxf(k->in.to - k->in.from, 1);
    const float taper = LASH_INNER + (1 - LASH_INNER) * smooth(0, 0.5f, share);

    return LASH_FULL * taper * (1 - smooth(full, end, out)) *
           (1 - smooth(0, 0.2f, limner_lid_window_past(&k->in, i)));
}

/* The same of the lashes that hang over the lower lid, stroke by stroke; away from the eye's middle
 * they lean outwards. */
static float hanging_share(const lid_work *k, int32_t i, float out)
{
    const float s = limner_lid_window_along(&k->in, i);
    const float middle = 0.4f * (k->in.to - k->in.from) / k->in.cm;
    const float place = (s - LEAN * out * (s - middle)) * STROKES_PER_CM;
    const float at = floorf(place), t = place - at;
    const float stroke = chance((int32_t)at) + t * (chance((int32_t)at + 1) - chance((int32_t)at));
    const float end = HANG_END_CM * (1 - STROKES_SHORTER * stroke);

    return line_share(k, i, out, HANG_CM, end) * (1 - STROKES_DEPTH * smooth(0, end, out) * stroke);
}

static void write_pixel(const lid_work *k, limner_lid_skin *skin, int32_t i, const float rgb[3],
                        float share)
{
    uint8_t *px = limner_texture_at(&skin->texture, i % k->in.w, i / k->in.w);

    for (int c = 0; c < 3; c++)
        px[c] = (uint8_t)lrintf(fminf(255, fmaxf(0, rgb[c])));
    px[3] = (uint8_t)lrintf(255 * share);
}

/* 1 over the lower lid's line, 0 under it. */
static float upper_part(const lid_work *k, int32_t i)
{
    return fmaxf(smooth(0, 0.06f, k->in.floor[i]), smooth(-0.02f, 0.02f, k->in.height[i]));
}

/* The upper lid: skin, and the line of lashes on its edge. */
static void write_upper(const lid_work *k, limner_lid_skin *skin)
{
    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const float h = k->in.height[i], past = limner_lid_window_past(&k->in, i);
        const float low = 1 - smooth(WHOLE_CM, FOLD_CM, h);
        const float fold = FOLD * (1 - smooth(FOLD_CM, TOP_TO_CM, h));
        const float line = k->edge * line_share(k, i, fabsf(h), LINE_CM, LINE_END_CM);
        const float share = fmaxf(fmaxf(low, fold), k->in.found[i]) *
                            (1 - smooth(TOP_FROM_CM, TOP_TO_CM, h)) *
                            (1 - smooth(0, SIDE_CM, past)) * upper_part(k, i);
        float rgb[3];

        for (int c = 0; c < 3; c++)
            rgb[c] = k->in.rgb[c][i] + line * (k->lash[c] - k->in.rgb[c][i]);
        write_pixel(k, skin, i, rgb, share);
    }
}

/* rgb: the lower lid's skin, continued up to the edge from further below. */
static limner_status fill_lower(lid_work *k)
{
    const float soft = fminf(fmaxf(SOFT_CM * k->in.cm, 0.5f), 16);
    limner_status st;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        k->in.scratch[i] = fmaxf(smooth(REST_CM, REST_END_CM, -k->in.floor[i]), BELOW_TRUST);
        for (int c = 0; c < 3; c++)
            k->in.rgb[c][i] = k->in.scratch[i] > BELOW_TRUST
                               ? person_at(k, column(k, i), row(k, i))[c] : k->below[c];
    }
    st = limner_filter_fill(k->in.rgb, 3, k->in.scratch, k->in.w, k->in.h);
    for (int c = 0; c < 3 && st == LIMNER_OK; c++)
        limner_filter_gauss(k->in.rgb[c], k->in.rgb[c], k->in.scratch, k->in.w, k->in.h, soft);
    return st;
}

/* (r - b) over the sum: about 0 for the eye's white, 0.1 to 0.3 for skin. */
static float redness(float r, float b, float sum)
{
    return (r - b) / fmaxf(sum, 24);
}

/* 0..1: pixel i is the eye's white beside the filled skin: brighter, or as bright and pale. */
static float eye_left(const lid_work *k, int32_t i)
{
    const uint8_t *px = person_at(k, column(k, i), row(k, i));
    const float light = sum_of(px) / fmaxf(1, sum_at(k, i));
    const float skin = redness(k->in.rgb[0][i], k->in.rgb[2][i], sum_at(k, i));
    const float pale = skin - redness(px[0], px[2], sum_of(px));

    return fmaxf(smooth(REST_FROM, REST_TO, light),
                 smooth(0.3f * skin, 0.6f * skin, pale) * smooth(0.75f, 0.9f, light) *
                     smooth(PALE_FROM, PALE_TO, skin));
}

/* The lower lid: lashes, and skin where the eye goes on below the line. */
static void write_lower(const lid_work *k, limner_lid_skin *skin)
{
    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const float out = fmaxf(0, -k->in.floor[i]);
        /* A little into the eye, so that no light shows where the lids meet. */
        const float side = (1 - smooth(0.05f, 0.1f, k->in.floor[i])) *
                           (1 - smooth(-0.02f, 0.02f, k->in.height[i]));
        const float line = hanging_share(k, i, out) * side;
        const float rest = eye_left(k, i) * side * (1 - smooth(REST_CM, REST_END_CM, out)) *
                           (1 - smooth(0, SIDE_CM, limner_lid_window_past(&k->in, i)));
        const float share = fmaxf(line, rest);
        float rgb[3];

        for (int c = 0; c < 3; c++)
            rgb[c] = k->in.rgb[c][i] + line / fmaxf(share, 1e-3f) * (k->lash[c] - k->in.rgb[c][i]);
        write_pixel(k, skin, i, rgb, share);
    }
}

static limner_status open_skin(limner_lid_skin *skin, const lid_work *k)
{
    skin->x = (float)k->in.x0;
    skin->y = (float)k->in.y0;
    return limner_texture_open(&skin->texture, k->in.w, k->in.h);
}

/* Behind the bridge of a turned nose the photo's own edge may stay where it is. */
static float edge_of(const limner_rig *rig, const limner_contact *lid)
{
    const bool is_left = lid == &rig->lids[LIMNER_SIDE_LEFT];

    return 1 - smooth(FAR_FROM_DEG, FAR_TO_DEG, is_left ? rig->photo.yaw : -rig->photo.yaw);
}

static limner_status paint(lid_work *k)
{
    limner_status st;

    k->edge = edge_of(k->in.rig, k->in.lid);
    measure_below(k);
    measure_lashes(k);
    close_strokes(k);
    st = fill_skin(k);
    if (st < 0)
        return st;
    lift_skin(k);
    add_grain(k);
    return LIMNER_OK;
}

limner_status limner_lid_skin_open(limner_lid_skin *upper, limner_lid_skin *lower,
                                   const limner_rig *rig, const limner_contact *lid,
                                   const limner_texture *person)
{
    lid_work k;
    limner_status st = limner_lid_window_open(&k.in, rig, lid, person, TOP_TO_CM, SIDE_CM);

    if (st == LIMNER_OK)
        st = open_skin(upper, &k);
    if (st == LIMNER_OK)
        st = open_skin(lower, &k);
    if (st == LIMNER_OK)
        st = paint(&k);
    if (st == LIMNER_OK) {
        write_upper(&k, upper);
        st = fill_lower(&k);
    }
    if (st == LIMNER_OK) {
        write_lower(&k, lower);
        limner_texture_seal(&upper->texture);
        limner_texture_seal(&lower->texture);
    }
    limner_lid_window_close(&k.in);
    return st;
}
