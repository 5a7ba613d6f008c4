/* SPDX-License-Identifier: Apache-2.0 */
/* Lashes of a shut eye and the lower lid under them. Lashes are a dark line along the edge, in the
 * colour of the photo's own, and strokes that hang from it, longer and leaning outwards away from
 * the nose. Below the line the eye may go on in drawn or large eyes: skin covers it. */
#include "render/lid_paint.h"

#include "core/filter.h"
#include "core/smoothstep.h"

#define EDGE_CM 0.24f                   /* the photo's lashes lie up to here over the edge */
#define LASH_MOST 0.30f                 /* lashes are this dark at least, of the skin below */
#define LASH_FULL 0.92f                 /* share of their colour in the line */
#define LASH_INNER 0.60f                /* of it at the inner corner */
#define HANG_CM 0.07f                   /* full up to here below the edge ... */
#define HANG_INNER_CM 0.14f             /* ... and none from here, near the nose, ... */
#define HANG_OUTER_CM 0.36f             /* ... and at the outer corner */
#define STROKES_PER_CM 7.0f
#define STROKES_DEPTH 0.35f             /* light between strokes, at their ends */
#define STROKES_SHORTER 0.4f
#define LEAN 0.7f                       /* per cm from the eye's middle */
#define REST_CM 0.30f                   /* the eye may go on so far below the lower line; ... */
#define REST_END_CM 0.45f               /* ... below this all is skin */
#define REST_FROM 1.10f                 /* brighter than skin by this factor: eye, ... */
#define REST_TO 1.25f                   /* ... all of it from here */
#define PALE_FROM 0.05f                 /* skin this red tells the white by its colour, ... */
#define PALE_TO 0.10f                   /* ... surely from here */
#define SIDE_CM 0.45f                   /* fades so far beyond the corners */
#define SOFT_CM 0.11f                   /* deviation of the blur */
#define TRUST 0.02f                     /* weight of the colour below where skin is missing */

static float sum_of(const uint8_t *px)
{
    return (float)px[0] + (float)px[1] + (float)px[2];
}

static float sum_at(const limner_lid_paint *k, int32_t i)
{
    return k->in.rgb[0][i] + k->in.rgb[1][i] + k->in.rgb[2][i];
}

void limner_lid_write(const limner_lid_paint *k, limner_lid_skin *skin, int32_t i,
                      const float rgb[3], float share)
{
    uint8_t *px = limner_texture_at(&skin->texture, i % k->in.w, i / k->in.w);

    for (int c = 0; c < 3; c++)
        px[c] = (uint8_t)lrintf(fminf(255, fmaxf(0, rgb[c])));
    px[3] = (uint8_t)lrintf(255 * fminf(1, fmaxf(0, share)));
}

/* Pixels between the corners, from the upper lid's edge to where its lashes end. */
static bool is_edge(const limner_lid_paint *k, int32_t i)
{
    return k->in.height[i] >= 0 && k->in.height[i] <= EDGE_CM &&
           limner_lid_window_past(&k->in, i) <= 0;
}

/* Brightness (sum of r, g, b) that the darkest fifth of the edge's pixels do not exceed. */
static float dark_limit(const limner_lid_paint *k)
{
    uint32_t count[766] = {0}, n = 0, seen, v = 0;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        if (is_edge(k, i)) {
            count[(uint32_t)sum_of(limner_lid_photo(k, i))]++;
            n++;
        }
    }
    for (seen = count[0]; v < 765 && (float)seen < 0.2f * (float)n; seen += count[v])
        v++;
    return (float)v;
}

void limner_lid_measure_lashes(limner_lid_paint *k)
{
    const float limit = dark_limit(k), skin = k->below[0] + k->below[1] + k->below[2];
    float sum[3] = {0}, n = 1e-3f, total;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const uint8_t *px = limner_lid_photo(k, i);

        if (!is_edge(k, i) || sum_of(px) > limit)
            continue;
        for (int c = 0; c < 3; c++)
            sum[c] += px[c];
        n++;
    }
    total = fmaxf(1, (sum[0] + sum[1] + sum[2]) / n);
    for (int c = 0; c < 3; c++)
        k->lash[c] = sum[c] / n * fminf(1, LASH_MOST * skin / total);
}

float limner_lid_line(const limner_lid_paint *k, int32_t i, float out, float full, float end)
{
    const float share = limner_lid_share(k, i);
    const float taper = LASH_INNER + (1 - LASH_INNER) * limner_smoothstep(share, 0, 0.5f);

    return LASH_FULL * taper * (1 - limner_smoothstep(out, full, end)) *
           (1 - limner_smoothstep(limner_lid_window_past(&k->in, i), 0, 0.2f));
}

/* 0..1, the same for the same n. */
static float chance(int32_t n)
{
    uint32_t v = (uint32_t)n * 2654435761u;

    v = (v ^ (v >> 15)) * 2246822519u;
    return (float)((v ^ (v >> 13)) & 0xffff) / 65535;
}

/* The line's share of the lashes that hang over the lower lid, stroke by stroke. */
static float hanging_share(const limner_lid_paint *k, int32_t i, float out)
{
    const float s = limner_lid_window_along(&k->in, i);
    const float middle = 0.4f * (k->in.to - k->in.from) / k->in.cm;
    const float place = (s - LEAN * out * (s - middle)) * STROKES_PER_CM;
    const float at = floorf(place), t = place - at;
    const float stroke = chance((int32_t)at) + t * (chance((int32_t)at + 1) - chance((int32_t)at));
    const float outer = limner_smoothstep(limner_lid_share(k, i), 0, 0.8f);
    const float end = (HANG_INNER_CM + outer * (HANG_OUTER_CM - HANG_INNER_CM)) *
                      (1 - STROKES_SHORTER * stroke);

    return limner_lid_line(k, i, out, HANG_CM, end) *
           (1 - STROKES_DEPTH * limner_smoothstep(out, 0, end) * stroke);
}

/* rgb: the lower lid's skin, continued up to the edge from further below. */
static limner_status fill_lower(limner_lid_paint *k)
{
    const float soft = fminf(fmaxf(SOFT_CM * k->in.cm, 0.5f), 16);
    limner_status st;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        k->in.scratch[i] = fmaxf(limner_smoothstep(-k->in.floor[i], REST_CM, REST_END_CM), TRUST);
        for (int c = 0; c < 3; c++)
            k->in.rgb[c][i] = k->in.scratch[i] > TRUST ? limner_lid_photo(k, i)[c] : k->below[c];
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
static float eye_left(const limner_lid_paint *k, int32_t i)
{
    const uint8_t *px = limner_lid_photo(k, i);
    const float light = sum_of(px) / fmaxf(1, sum_at(k, i));
    const float skin = redness(k->in.rgb[0][i], k->in.rgb[2][i], sum_at(k, i));
    const float pale = skin - redness(px[0], px[2], sum_of(px));

    return fmaxf(limner_smoothstep(light, REST_FROM, REST_TO),
                 limner_smoothstep(pale, 0.3f * skin, 0.6f * skin) *
                     limner_smoothstep(light, 0.75f, 0.9f) *
                     limner_smoothstep(skin, PALE_FROM, PALE_TO));
}

limner_status limner_lid_paint_lower(limner_lid_paint *k, limner_lid_skin *skin)
{
    const limner_status st = fill_lower(k);

    for (int32_t i = 0; st == LIMNER_OK && i < k->in.w * k->in.h; i++) {
        const float out = fmaxf(0, -k->in.floor[i]);
        /* A little into the eye, so that no light shows where the lids meet. */
        const float side = (1 - limner_smoothstep(k->in.floor[i], 0.05f, 0.1f)) *
                           (1 - limner_smoothstep(k->in.height[i], -0.02f, 0.02f));
        const float line = hanging_share(k, i, out) * side;
        const float rest = eye_left(k, i) * side *
                           (1 - limner_smoothstep(out, REST_CM, REST_END_CM)) *
                           (1 - limner_smoothstep(limner_lid_window_past(&k->in, i), 0, SIDE_CM));
        const float share = fmaxf(line, rest);
        float rgb[3];

        for (int c = 0; c < 3; c++)
            rgb[c] = k->in.rgb[c][i] + line / fmaxf(share, 1e-3f) * (k->lash[c] - k->in.rgb[c][i]);
        limner_lid_write(k, skin, i, rgb, share);
    }
    return st;
}
