/* SPDX-License-Identifier: Apache-2.0 */
/* The skin of a shut upper lid. Most of it is folded away while the eye is open: the strip between
 * edge and fold is drawn out to three times its height, so only its colour is taken from the photo,
 * smoothed, without lashes and fold; where there is none, that of the skin around the eye. A shut
 * lid bulges out of the shadow of its fold, into the light of lid_colour.c. Grain comes from
 * below the eye, in the size in which it shows when the lid is shut. The fold stays as a crease
 * where the photo has it; above it all is the photo's. */
#include "render/lid_skin.h"

#include <stdlib.h>

#include "core/filter.h"
#include "core/smoothstep.h"
#include "render/lid_paint.h"

#define TOP_CM 0.90f                    /* of the window over the edge */
#define SIDE_CM 0.45f                   /* of the window beyond the corners */
#define CORNER_CM 0.28f                 /* skin fades so far inside the corners, ... */
#define CORNER 0.10f                    /* ... and in no more of the eye's width */
#define STROKE_CM 0.13f                 /* half the length of the closing */
#define SOFT_CM 0.16f                   /* deviation of the blur, twice along the lid */
#define FOUND_CM 0.10f                  /* strokes are looked for around a place */
#define STROKE_FROM 2.0f                /* grey levels that make a stroke */
#define STROKE_TO 7.0f
#define EDGE_CM 0.10f                   /* the photo's lashes: no skin up to here, ... */
#define EDGE_END_CM 0.20f               /* ... skin from here */
#define WHOLE_CM 0.48f                  /* below this all is painted, ... */
#define END_CM 0.70f                    /* ... above this nothing */
#define STROKE_WHOLE_CM 0.62f           /* the same of long lashes */
#define STROKE_END_CM 0.86f
#define DARK_FROM 0.72f                 /* of the lid's brightness: lashes and fold, filled ... */
#define DARK_TO 0.88f                   /* ... up to here */
#define BRIGHT_FROM 1.25f               /* and what shines */
#define BRIGHT_TO 1.5f
#define TRUST 0.02f                     /* weight of the colour around where skin is missing */
#define LIT_CM 0.18f                    /* up to here the skin has that light, ... */
#define LIT_END_CM 0.62f                /* ... from here the photo's */
#define LIFT_MAX 3.0f
#define LIFT_LEAST 0.7f
#define TINT 0.8f                       /* place by place this share of the tint, ... */
#define EVEN 0.5f                       /* ... and of the light */
#define USUAL 0.6f                      /* of the open lid, less bright than what it usually is */
#define GRAIN_CM 0.75f                  /* so far below the lower lid grain is taken, ... */
#define GRAIN_DEPTH_CM 0.8f             /* ... back and forth over this depth; ... */
#define GRAIN_MEAN_CM 0.10f             /* ... what differs from the mean around, ... */
#define GRAIN_MOST 14.0f                /* ... and no more than this */
#define LINE_CM 0.08f                   /* of lashes, full up to here ... */
#define LINE_END_CM 0.20f               /* ... and none from here, over the upper lid's edge */
#define FAR_FROM_DEG 22.0f              /* the line fades on the far eye of turned heads */
#define FAR_TO_DEG 32.0f
#define FOLD_FROM_CM 0.20f              /* the photo's fold is looked for from here ... */
#define FOLD_TO_CM 0.62f                /* ... to here; */
#define FOLD_CM 0.40f                   /* where there is none to be seen, here, ... */
#define FOLD_LEAST 0.04f                /* ... and this deep */
#define FOLD_MOST 0.14f
#define FOLD_WIDTH_CM 0.10f             /* of the crease */
#define BULGE 0.05f                     /* light on the lid's middle */
#define ROUND 0.14f                     /* shade at its edge */

enum { N_BINS = 14 };

static float sum_of(const uint8_t *px)
{
    return (float)px[0] + (float)px[1] + (float)px[2];
}

static float sum_at(const limner_lid_paint *k, int32_t i)
{
    return k->in.rgb[0][i] + k->in.rgb[1][i] + k->in.rgb[2][i];
}

static float total(const float rgb[3])
{
    return rgb[0] + rgb[1] + rgb[2];
}

/* ---- the lid's skin ------------------------------------------------------------------------ */

/* Brightness (sum of r, g, b) that `share` of the lid's pixels do not reach. */
static float quantile(const limner_lid_paint *k, float share)
{
    uint32_t count[766] = {0}, n = 0, seen = 0, v = 0;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        if (k->in.height[i] < EDGE_END_CM || k->in.height[i] > TOP_CM ||
            limner_lid_window_past(&k->in, i) > 0)
            continue;
        count[(uint32_t)sum_of(limner_lid_photo(k, i))]++;
        n++;
    }
    for (seen = count[0]; v < 765 && (float)seen < share * (float)n; seen += count[v])
        v++;
    return (float)v;
}

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

/* Lashes are thin, dark and stand across the lid: a closing along its rows fills them from the skin
 * between. rgb: the closing; found: how much it brightened, around each pixel. */
static void close_strokes(limner_lid_paint *k)
{
    const int32_t reach = (int32_t)fmaxf(2, STROKE_CM * k->in.cm + 0.5f);

    for (int c = 0; c < 3; c++) {
        for (int32_t y = 0; y < k->in.h; y++) {
            float *line = k->in.rgb[c] + y * k->in.w, *other = k->in.scratch + y * k->in.w;

            for (int32_t x = 0; x < k->in.w; x++)
                line[x] = limner_lid_photo(k, y * k->in.w + x)[c];
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
        k->in.found[i] = limner_smoothstep(k->in.found[i], STROKE_FROM, STROKE_TO);
}

/* The darkest height of the lid between edge and brow, and how much darker it is than what lies to
 * both sides of it. After close_strokes. */
static void measure_fold(limner_lid_paint *k)
{
    const float step = (FOLD_TO_CM + 0.2f - EDGE_END_CM) / N_BINS;
    float light[N_BINS] = {0}, n[N_BINS] = {0}, best = 0;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const float s = limner_lid_share(k, i), at = (k->in.height[i] - EDGE_END_CM) / step;

        if (s < 0.25f || s > 0.75f || at < 0 || at >= N_BINS)
            continue;
        light[(int)at] += sum_at(k, i);
        n[(int)at]++;
    }
    for (int b = 0; b < N_BINS; b++)
        light[b] /= fmaxf(n[b], 1);
    k->fold_cm = FOLD_CM;
    for (int b = 2; b + 2 < N_BINS; b++) {
        const float h = EDGE_END_CM + ((float)b + 0.5f) * step;
        float under = 0, over = 0, depth;

        for (int j = 0; j < N_BINS; j++) {
            if (j < b)
                under = fmaxf(under, light[j]);
            else
                over = fmaxf(over, light[j]);
        }
        depth = 1 - light[b] / fmaxf(fminf(under, over), 1);
        if (h < FOLD_FROM_CM || h > FOLD_TO_CM || depth <= best)
            continue;
        best = depth;
        k->fold_cm = h;
    }
    k->fold_depth = fminf(fmaxf(best, FOLD_LEAST), FOLD_MOST);
}

/* Blur of deviation `soft` px, more along the lid than across. */
static void soften(const limner_lid_paint *k, float *plane, float soft)
{
    float *scratch = k->in.scratch;

    limner_filter_gauss(plane, plane, scratch, k->in.w, k->in.h, soft);
    for (int32_t y = 0; y < k->in.h; y++) {
        const int32_t reach = (int32_t)(1.5f * soft + 0.5f);
        float *row = plane + y * k->in.w, *sum = scratch;

        sum[0] = 0;
        for (int32_t x = 0; x < k->in.w; x++)
            sum[x + 1] = sum[x] + row[x];
        for (int32_t x = 0; x < k->in.w; x++) {
            const int32_t a = x < reach ? 0 : x - reach;
            const int32_t b = x + reach < k->in.w ? x + reach + 1 : k->in.w;

            row[x] = (sum[b] - sum[a]) / (float)(b - a);
        }
    }
}

/* Skin goes on under dense lashes, over the edge and the fold; all softened. */
static limner_status fill_skin(limner_lid_paint *k)
{
    const float soft = fminf(fmaxf(SOFT_CM * k->in.cm, 0.5f), 16);
    const float bright = fmaxf(1, k->shut[0] + k->shut[1] + k->shut[2]);
    const float level = fmaxf(0.6f * bright, fminf(1.1f * bright, quantile(k, USUAL)));
    limner_status st;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const float light = sum_at(k, i) / level;
        const float skin = limner_smoothstep(k->in.height[i], EDGE_CM, EDGE_END_CM) *
                           limner_smoothstep(light, DARK_FROM, DARK_TO) *
                           (1 - limner_smoothstep(light, BRIGHT_FROM, BRIGHT_TO));

        k->in.scratch[i] = fmaxf(skin, TRUST);
        for (int c = 0; c < 3; c++)
            k->in.rgb[c][i] += (1 - skin) * TRUST / k->in.scratch[i] *
                            (k->shut[c] * level / bright - k->in.rgb[c][i]);
    }
    st = limner_filter_fill(k->in.rgb, 3, k->in.scratch, k->in.w, k->in.h);
    for (int c = 0; c < 3 && st == LIMNER_OK; c++)
        soften(k, k->in.rgb[c], soft);
    return st;
}

/* Share of the lid's own light and tint that a shut lid's replaces: at its edge all, in the hollow
 * under the brow nothing. */
static float lit_share(const limner_lid_paint *k, int32_t i)
{
    return 1 - limner_smoothstep(k->in.height[i], LIT_CM, LIT_END_CM);
}

/* Brings the lid's skin to the light and tint of a shut lid. */
static void lift_skin(limner_lid_paint *k)
{
    float sum[3] = {0}, n = 1e-3f, gain[3];

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const float lit = lit_share(k, i);

        if (k->in.height[i] < 0 || limner_lid_window_past(&k->in, i) > 0)
            continue;
        for (int c = 0; c < 3; c++)
            sum[c] += lit * k->in.rgb[c][i];
        n += lit;
    }
    for (int c = 0; c < 3; c++)
        gain[c] = fminf(LIFT_MAX, fmaxf(LIFT_LEAST, k->shut[c] * n / fmaxf(sum[c], n)));
    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const float lit = lit_share(k, i);
        float light;

        for (int c = 0; c < 3; c++)
            k->in.rgb[c][i] *= 1 + lit * (gain[c] - 1);
        light = EVEN + (1 - EVEN) * sum_at(k, i) / fmaxf(1, total(k->shut));
        for (int c = 0; c < 3; c++)
            k->in.rgb[c][i] += lit * TINT * (k->shut[c] * light - k->in.rgb[c][i]);
    }
}

/* ---- shape and grain ----------------------------------------------------------------------- */

/* Light on the shut lid at pixel i: it bulges, turns away towards its edge and its corners, and the
 * crease is dark. */
static float shape_at(const limner_lid_paint *k, int32_t i)
{
    const float s = fminf(fmaxf(limner_lid_share(k, i), 0), 1), arch = sinf(3.14159265f * s);
    const float gap = limner_lid_gap(k, i);
    const float off_middle = (2 * s - 1) * (2 * s - 1);
    const float fold = k->fold_cm * (1 - 0.45f * off_middle * off_middle);
    const float top = fold + gap * fminf(1, fold / LIMNER_LID_MOVES_CM);
    const float high = fmaxf(0, limner_lid_shut_height(k, i)), off = (high - top) / FOLD_WIDTH_CM;
    const float bulge = BULGE * arch * sinf(3.14159265f * fminf(1, high / fmaxf(top, 0.1f)));
    const float low = ROUND * (1 - limner_smoothstep(high, 0.05f, 0.40f));

    return (1 + bulge - low) * (1 - k->fold_depth * arch * expf(-off * off));
}

/* Grain (mean of r, g, b) of the skin below the eye for pixel i. */
static float grain_at(const limner_lid_paint *k, int32_t i)
{
    const limner_rig *rig = k->in.rig;
    const int r = (int)fmaxf(1, GRAIN_MEAN_CM * k->in.cm + 0.5f);
    const float turn = fmodf(fmaxf(0, limner_lid_shut_height(k, i)), 2 * GRAIN_DEPTH_CM);
    const float depth = turn < GRAIN_DEPTH_CM ? turn : 2 * GRAIN_DEPTH_CM - turn;
    const float down = (k->in.floor[i] + GRAIN_CM + depth) * k->in.cm;
    const float x = limner_lid_window_x(&k->in, i) - down * rig->up[0];
    const float y = limner_lid_window_y(&k->in, i) - down * rig->up[1];
    float mean = 0, grain;

    for (int j = -r; j <= r; j++)
        mean += sum_of(limner_lid_window_photo(&k->in, x + (float)j, y)) +
                sum_of(limner_lid_window_photo(&k->in, x, y + (float)j));
    grain = (sum_of(limner_lid_window_photo(&k->in, x, y)) - mean / (float)(4 * r + 2)) / 3;
    return fminf(fmaxf(grain, -GRAIN_MOST), GRAIN_MOST);
}

/* Light and grain of the shut lid, in proportion to its brightness. */
static void shape_skin(limner_lid_paint *k)
{
    const float below = fmaxf(24, k->below[0] + k->below[1] + k->below[2]) / 3;

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        float light;

        if (k->in.height[i] > STROKE_END_CM || k->in.floor[i] < 0)
            continue;
        light = shape_at(k, i) * (1 + grain_at(k, i) / below);
        for (int c = 0; c < 3; c++)
            k->in.rgb[c][i] *= light;
    }
}

/* ---- output -------------------------------------------------------------------------------- */

/* 1 over the lower lid's line, 0 under it. */
static float upper_part(const limner_lid_paint *k, int32_t i)
{
    return fmaxf(limner_smoothstep(k->in.floor[i], 0, 0.06f),
                 limner_smoothstep(k->in.height[i], -0.02f, 0.02f));
}

/* The upper lid: skin, and the line of lashes on its edge. */
static void write_upper(const limner_lid_paint *k, limner_lid_skin *skin)
{
    const float corner = fminf(CORNER_CM, CORNER * (k->in.to - k->in.from) / k->in.cm);

    for (int32_t i = 0; i < k->in.w * k->in.h; i++) {
        const float h = k->in.height[i], past = limner_lid_window_past(&k->in, i);
        const float low = 1 - limner_smoothstep(h, WHOLE_CM, END_CM);
        const float lashes = k->in.found[i] *
                             (1 - limner_smoothstep(h, STROKE_WHOLE_CM, STROKE_END_CM));
        const float off = fmaxf(0, limner_lid_shut_height(k, i));
        const float line = k->edge * limner_lid_line(k, i, off, LINE_CM, LINE_END_CM);
        /* Towards the corners less comes down: there the photo stays, but for the eye itself. */
        const float moved = fmaxf(1 - limner_smoothstep(past, -corner, corner / 2),
                                  1 - limner_smoothstep(h, 0, 0.06f));
        const float held = limner_glasses_hold(&k->in.rig->glasses, limner_lid_window_x(&k->in, i),
                                               limner_lid_window_y(&k->in, i));
        const float share = fmaxf(fmaxf(low, lashes) * moved, line) * (1 - held) *
                            (1 - limner_smoothstep(past, 0, SIDE_CM)) * upper_part(k, i);
        float rgb[3];

        for (int c = 0; c < 3; c++)
            rgb[c] = k->in.rgb[c][i] + line * (k->lash[c] - k->in.rgb[c][i]);
        limner_lid_write(k, skin, i, rgb, share);
    }
}

static limner_status open_skin(limner_lid_skin *skin, const limner_lid_paint *k)
{
    skin->x = (float)k->in.x0;
    skin->y = (float)k->in.y0;
    return limner_texture_open(&skin->texture, k->in.w, k->in.h);
}

/* Behind the bridge of a turned nose the photo's own edge may stay where it is. */
static float edge_of(const limner_rig *rig, const limner_contact *lid)
{
    const bool is_left = lid == &rig->lids[LIMNER_SIDE_LEFT];

    return 1 - limner_smoothstep(is_left ? rig->photo.yaw : -rig->photo.yaw, FAR_FROM_DEG,
                                 FAR_TO_DEG);
}

static limner_status paint_upper(limner_lid_paint *k, limner_lid_skin *skin)
{
    limner_status st;

    k->edge = edge_of(k->in.rig, k->in.lid);
    limner_lid_measure_skin(k);
    limner_lid_measure_lashes(k);
    close_strokes(k);
    measure_fold(k);
    st = fill_skin(k);
    if (st < 0)
        return st;
    lift_skin(k);
    shape_skin(k);
    write_upper(k, skin);
    return LIMNER_OK;
}

limner_status limner_lid_skin_open(limner_lid_skin *upper, limner_lid_skin *lower,
                                   const limner_rig *rig, const limner_contact *lid,
                                   const limner_texture *person)
{
    limner_lid_paint k;
    limner_status st = limner_lid_window_open(&k.in, rig, lid, person, TOP_CM, SIDE_CM);

    if (st == LIMNER_OK)
        st = open_skin(upper, &k);
    if (st == LIMNER_OK)
        st = open_skin(lower, &k);
    if (st == LIMNER_OK)
        st = paint_upper(&k, upper);
    if (st == LIMNER_OK)
        st = limner_lid_paint_lower(&k, lower);
    if (st == LIMNER_OK) {
        limner_texture_seal(&upper->texture);
        limner_texture_seal(&lower->texture);
    }
    limner_lid_window_close(&k.in);
    return st;
}
