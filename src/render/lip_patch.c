/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and mending the pixels (lip_patch.h). Beside the opening, a pixel that is much darker
 * than the lip further out in its column, or brighter and as little red as a tooth, belongs to the
 * mouth when it is connected with the opening. All of them, and the opening, are filled with the
 * membrane between the pixels around (Laplace's equation). */
#include "render/lip_patch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"

#define ROOM_CM 0.7f                    /* looked at around the lips' line */
#define REACH_CM 0.13f                  /* of what belongs to closed lips, beside their line, */
#define REACH_OPEN_CM 0.28f             /* to an open mouth, */
#define REACH_CORNER_CM 0.5f            /* and to its corners, */
#define CORNER 0.14f                    /* which are this share of the mouth's width */
#define CORNER_SOFT 0.04f               /* they begin to go over into the rest here */
#define NARROW_FROM 0.12f               /* lips that pout narrow the mouth by so much: */
#define NARROW_TO 0.30f                 /* an open photo's corners are mended then */
#define GRAIN_AT_CM 0.25f               /* mended lip has the grain of the lip this far out, */
#define GRAIN_REACH_CM 0.12f            /* half of it nearer and half further, */
#define GRAIN_PX 1.5f                   /* against what lies around by this, */
#define GRAIN_MOST 0.12f                /* no more of its light than this */
#define REF_FROM_CM 0.08f               /* the lip itself is looked for from here ... */
#define REF_TO_CM 0.42f                 /* ... up to here outside the line */
#define LIP_CM 0.12f                    /* so far outside the line there is lip for certain */
#define DARK 0.70f                      /* of the lip's luminance: darker is mouth */
#define TOOTH 1.12f                     /* of the lip's luminance: brighter is tooth ... */
#define TOOTH_RED 0.6f                  /* ... if it is less red than this share of the lip */
#define TOOTH_CM 0.2f                   /* no further from the line */
#define OPEN_CM 0.12f                   /* a photo open this far may show corners and teeth */
#define MIXED_CM 0.05f                  /* soft corners: so much more of them, which taken for lip
                                         * would darken all that is mended there */
#define CLOSE_FROM 0.15f                /* of the photo's opening: the mending begins and ends */
#define CLOSE_TO 0.75f                  /* where this much of it has closed; */
#define PART_CM 0.25f                   /* and where they have parted by this */
#define LINE_GONE 0.92f                 /* share of the line of closed lips that goes with it */
#define LINE_CM 0.06f                   /* half width of the dark line of lips that meet */
#define LINE_DARK 0.5f
#define LINE_LEFT 0.05f                 /* share of it at the edges of parted lips */
#define MEET_CM 0.16f                   /* where lips are closer than this they get it, */
#define MEET_STEPS 64.0f                /* in steps */
#define LINE_WIDTH_LEAST 0.5f           /* of the mouth's: narrower ones squeeze the line no more */
#define LINE_LEAST_PX 1.2f
#define SQUEEZE_STEPS 32.0f

enum { N_REF = 9, N_LEVEL = 31, N_ROUNDS = 240 };

/* The looked-at part of the canvas. */
typedef struct field {
    const limner_photo_mouth *mouth;
    const limner_texture *person;
    float cm;                           /* px */
    float level[2];                     /* luminance of the upper and the lower lip */
    int32_t x0, y0, w, h;
    uint8_t *kind;                      /* [h][w] */
    float *rgb[3];                      /* [h][w] */
    bool is_open;
} field;

enum { KEPT, PERHAPS, MOUTH };          /* kinds */

static float luma(const float rgb[3])
{
    return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
}

static float redness(const float rgb[3])
{
    return (rgb[0] - rgb[1]) / fmaxf(rgb[0] + rgb[1] + rgb[2], 1);
}

/* Place between the corners, and px outside the opening: above the upper line (negative below it)
 * and below the lower. */
typedef struct place {
    float across, above, below;
} place;

static place place_of(const field *f, int32_t x, int32_t y)
{
    const float p[2] = {(float)(f->x0 + x) + 0.5f, (float)(f->y0 + y) + 0.5f};
    limner_mouth_column c;
    float at[2];

    limner_photo_mouth_place(f->mouth, p, at);
    c = limner_photo_mouth_column(f->mouth, at[0]);
    return (place){at[0], c.upper - at[1], at[1] - c.lower};
}

static float beside(const field *f, const place *p)
{
    return fmaxf(fmaxf(p->above, p->below), fmaxf(-p->across, p->across - f->mouth->width_px));
}

static int by_luma(const void *a, const void *b)
{
    const float *p = a, *q = b;

    return p[3] < q[3] ? -1 : p[3] > q[3];
}

/* Colour, and its luminance, d px outside the opening, above or below it. */
static void look(const field *f, float across, float d, bool is_above, float rgbl[4])
{
    const limner_photo_mouth *m = f->mouth;
    const limner_mouth_column c = limner_photo_mouth_column(m, across);
    const float down = is_above ? c.upper - d : c.lower + d;

    limner_texture_sample(f->person, m->origin[0] + across * m->across[0] + down * m->down[0],
                          m->origin[1] + across * m->across[1] + down * m->down[1], rgbl);
    rgbl[3] = luma(rgbl);
}

/* Median luminance of each lip, but for the mouth's corners. */
static void measure_lips(field *f)
{
    float all[N_LEVEL][4];

    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < N_LEVEL; i++) {
            const float part = CORNER + (1 - 2 * CORNER) * (float)i / (N_LEVEL - 1);

            look(f, part * f->mouth->width_px, LIP_CM * f->cm, side == 0, all[i]);
        }
        qsort(all, N_LEVEL, sizeof(all[0]), by_luma);
        f->level[side] = all[N_LEVEL / 2][3];
    }
}

/* The lip's colour in the column of a pixel, above or below the opening: the upper third. */
static void lip_beside(const field *f, const place *p, bool is_above, float rgb[3])
{
    const float across = fminf(f->mouth->width_px, fmaxf(0, p->across));
    float ref[N_REF][4];

    for (int i = 0; i < N_REF; i++)
        look(f, across, f->cm * (REF_FROM_CM + (REF_TO_CM - REF_FROM_CM) * (float)i / (N_REF - 1)),
             is_above, ref[i]);
    qsort(ref, N_REF, sizeof(ref[0]), by_luma);
    memcpy(rgb, ref[2 * N_REF / 3], 3 * sizeof(*rgb));
}

static bool is_corner(const field *f, float across)
{
    const float w = f->mouth->width_px;

    return f->is_open && (across < CORNER * w || across > (1 - CORNER) * w);
}

static bool is_mouth_like(const field *f, const place *p, const float rgb[3])
{
    const float d = beside(f, p);
    const float reach = is_corner(f, p->across) ? REACH_CORNER_CM :
                        f->is_open ? REACH_OPEN_CM : REACH_CM;
    float lip[3];

    if (d > reach * f->cm)
        return false;
    lip_beside(f, p, p->above > p->below, lip);
    if (luma(rgb) < DARK * fminf(luma(lip), f->level[p->above < p->below]))
        return true;
    return f->is_open && d < TOOTH_CM * f->cm && luma(rgb) > TOOTH * luma(lip) &&
           redness(rgb) < TOOTH_RED * redness(lip);
}

static void sort_pixels(field *f)
{
    for (int32_t i = 0; i < f->w * f->h; i++) {
        const place p = place_of(f, i % f->w, i / f->w);
        const uint8_t *px = limner_texture_at(f->person, f->x0 + i % f->w, f->y0 + i / f->w);
        const float rgb[3] = {px[0], px[1], px[2]};
        const bool is_inside = beside(f, &p) <= 0.5f;

        f->kind[i] = is_inside ? MOUTH : is_mouth_like(f, &p, rgb) ? PERHAPS : KEPT;
        for (int k = 0; k < 3; k++)
            f->rgb[k][i] = rgb[k];
    }
}

/* Does one of the eight pixels around i belong to the mouth? The border of the field does not
 * count. */
static bool touches(const field *f, const uint8_t *kind, int32_t i)
{
    for (int32_t dy = -1; dy <= 1; dy++) {
        for (int32_t dx = -1; dx <= 1; dx++) {
            if (kind[i + dy * f->w + dx] == MOUTH)
                return true;
        }
    }
    return false;
}

/* The pixels around belong to it, too: all or those at the corners. was: scratch. */
static void grow(field *f, uint8_t *was, bool at_corners)
{
    memcpy(was, f->kind, (size_t)f->w * (size_t)f->h);
    for (int32_t y = 1; y + 1 < f->h; y++) {
        for (int32_t i = y * f->w + 1; i < (y + 1) * f->w - 1; i++) {
            if (at_corners && !is_corner(f, place_of(f, i % f->w, y).across))
                continue;
            f->kind[i] = touches(f, was, i) ? MOUTH : KEPT;
        }
    }
}

/* What is connected with the opening belongs to it, and the mixed pixels around. was: scratch. */
static void spread(field *f, uint8_t *was)
{
    bool has_changed = true;

    while (has_changed) {
        has_changed = false;
        for (int32_t y = 1; y + 1 < f->h; y++) {
            for (int32_t i = y * f->w + 1; i < (y + 1) * f->w - 1; i++) {
                if (f->kind[i] != PERHAPS || !touches(f, f->kind, i))
                    continue;
                f->kind[i] = MOUTH;
                has_changed = true;
            }
        }
    }
    grow(f, was, false);
    for (int n = (int)(MIXED_CM * f->cm); n > 0; n--)
        grow(f, was, true);
}

/* Fills the mouth's pixels; they start as the nearest kept ones above. */
static void fill(field *f)
{
    for (int32_t y = 1; y + 1 < f->h; y++) {
        for (int32_t i = y * f->w + 1; i < (y + 1) * f->w - 1; i++) {
            for (int k = 0; f->kind[i] == MOUTH && k < 3; k++)
                f->rgb[k][i] = f->rgb[k][i - f->w];
        }
    }
    for (int round = 0; round < N_ROUNDS; round++) {
        for (int32_t y = 1; y + 1 < f->h; y++) {
            for (int32_t i = y * f->w + 1; i < (y + 1) * f->w - 1; i++) {
                for (int k = 0; f->kind[i] == MOUTH && k < 3; k++) {
                    float *v = &f->rgb[k][i];
                    const float mean = (v[-1] + v[1] + v[-f->w] + v[f->w]) / 4;

                    *v += 1.7f * (mean - *v);
                }
            }
        }
    }
}

/* The lip's own grain beside a pixel's place, as a share of its light, around 1. Inside the opening
 * it is that of the lip mirrored at its edge, to and fro: one row of it would make streaks. */
static float grain_at(const field *f, const place *p)
{
    const float across = fminf(f->mouth->width_px, fmaxf(0, p->across));
    const bool is_above = p->above > p->below;
    const float far = fabsf(fmaxf(p->above, p->below)), reach = GRAIN_REACH_CM * f->cm;
    const float back = reach - fabsf(fmodf(far, 2 * reach) - reach);
    const float d = GRAIN_AT_CM * f->cm + back - reach / 2;
    float here[4], side[4][4], mean = 0;

    look(f, across, d, is_above, here);
    look(f, across - GRAIN_PX, d, is_above, side[0]);
    look(f, across + GRAIN_PX, d, is_above, side[1]);
    look(f, across, d - GRAIN_PX, is_above, side[2]);
    look(f, across, d + GRAIN_PX, is_above, side[3]);
    for (int i = 0; i < 4; i++)
        mean += side[i][3] / 4;
    return 1 + fminf(GRAIN_MOST, fmaxf(-GRAIN_MOST, here[3] / fmaxf(mean, 1) - 1));
}

/* Place of `across` between the lips' pairs: the pair before it, and how far to the next. */
static float pair_at(const field *f, const limner_rig *rig, float across)
{
    const limner_face_contact *line = rig->lips.line;
    float before = 0, pair = 0;

    for (uint32_t i = 0; i < rig->lips.n; i++) {
        const uint32_t v = line->upper[i];
        const float p[2] = {rig->rest[0][v], rig->rest[1][v]};
        float at[2];

        limner_photo_mouth_place(f->mouth, p, at);
        if (at[0] > across)
            return i ? pair + (across - before) / fmaxf(at[0] - before, 1e-3f) : 0;
        before = at[0];
        pair = (float)i;
    }
    return pair;
}

static limner_status keep_pixels(limner_lip_patch *p, const field *f, const limner_rig *rig)
{
    for (int32_t i = 0; i < f->w * f->h; i++)
        p->n += f->kind[i] == MOUTH;
    p->pixel = limner_alloc(p->n ? p->n : 1, sizeof(*p->pixel));
    if (!p->pixel)
        return LIMNER_E_NOMEM;
    p->n = 0;
    for (int32_t i = 0; i < f->w * f->h; i++) {
        limner_lip_patch_pixel *out = &p->pixel[p->n];
        const place at = place_of(f, i % f->w, i / f->w);
        const float d = fmaxf(at.above, at.below) / (LINE_CM * f->cm);
        const float end = fminf(at.across, f->mouth->width_px - at.across);
        float grain;

        if (f->kind[i] != MOUTH)
            continue;
        grain = f->is_open ? grain_at(f, &at) : 1;
        out->at = limner_texture_at(f->person, f->x0 + i % f->w, f->y0 + i / f->w);
        memcpy(out->own, out->at, 3);
        for (int k = 0; k < 3; k++)
            out->mended[k] = (uint8_t)lrintf(fminf(255, fmaxf(0, grain * f->rgb[k][i])));
        out->corner = 1 - limner_smoothstep(end / f->mouth->width_px, CORNER_SOFT, CORNER);
        out->pair = pair_at(f, rig, at.across);
        out->line = limner_smoothstep(end, 0, CORNER * f->mouth->width_px);
        out->off = d * d;
        p->n++;
    }
    return LIMNER_OK;
}

/* The part of the canvas around the lips' line; false: there is none to look at. */
static bool place_field(field *f, const limner_rig *rig)
{
    const int32_t room = (int32_t)(ROOM_CM * f->cm) + 2;
    float lo[2] = {1e9f, 1e9f}, hi[2] = {-1e9f, -1e9f};

    for (uint32_t i = 0; i < rig->lips.n; i++) {
        const uint32_t v[2] = {rig->lips.line->upper[i], rig->lips.line->lower[i]};

        for (int k = 0; k < 4; k++) {
            lo[k % 2] = fminf(lo[k % 2], rig->rest[k % 2][v[k / 2]]);
            hi[k % 2] = fmaxf(hi[k % 2], rig->rest[k % 2][v[k / 2]]);
        }
    }
    f->x0 = (int32_t)fmaxf(0, lo[0]) - room;
    f->y0 = (int32_t)fmaxf(0, lo[1]) - room;
    f->x0 = f->x0 < 1 ? 1 : f->x0;
    f->y0 = f->y0 < 1 ? 1 : f->y0;
    f->w = (int32_t)fminf((float)(rig->view.w - 1), hi[0] + (float)room) - f->x0;
    f->h = (int32_t)fminf((float)(rig->view.h - 1), hi[1] + (float)room) - f->y0;
    return f->w > 4 && f->h > 4;
}

limner_status limner_lip_patch_open(limner_lip_patch *p, const limner_rig *rig,
                                    const limner_photo_mouth *mouth, limner_texture *person)
{
    field f = {.mouth = mouth, .person = person, .cm = rig->pose_frame.scale};
    limner_status st = LIMNER_E_NOMEM;
    uint8_t *was;
    size_t n;

    memset(p, 0, sizeof(*p));
    if (!place_field(&f, rig))
        return LIMNER_OK;
    p->photo_open = mouth->open_px;
    p->is_open = f.is_open = mouth->open_px > OPEN_CM * f.cm;
    n = (size_t)f.w * (size_t)f.h;
    was = limner_alloc(n, 1);
    f.kind = limner_alloc(n, 1);
    f.rgb[0] = limner_alloc(3 * n, sizeof(float));
    if (was && f.kind && f.rgb[0]) {
        f.rgb[1] = f.rgb[0] + n;
        f.rgb[2] = f.rgb[1] + n;
        measure_lips(&f);
        sort_pixels(&f);
        spread(&f, was);
        fill(&f);
        st = keep_pixels(p, &f, rig);
    }
    limner_mem_free(was);
    limner_mem_free(f.kind);
    limner_mem_free(f.rgb[0]);
    return st;
}

/* Share of its width that the mouth has lost against the photo, before the head moves. */
static float narrowing(const limner_rig *rig)
{
    const uint16_t a = rig->lips.line->upper[0], b = rig->lips.line->upper[rig->lips.n - 1];
    const float was = hypotf(rig->rest[0][b] - rig->rest[0][a], rig->rest[1][b] - rig->rest[1][a]);
    const float now = hypotf(rig->still[0][b] - rig->still[0][a],
                             rig->still[1][b] - rig->still[1][a]);

    return 1 - now / fmaxf(was, 1);
}

/* How much is mended in the frame, elsewhere and at the corners. Corners of an open photo look
 * right in open mouths, and would come and go if only its own opening had them. */
static void find_shares(const limner_lip_patch *p, const limner_rig *rig, float share[2])
{
    float open = 0, parted;

    for (uint32_t i = 0; i < rig->lips.n; i++)
        open = fmaxf(open, rig->lips.gap[i]);
    parted = limner_smoothstep(open - p->photo_open, 0, PART_CM * rig->pose_frame.scale);
    if (p->is_open) {
        share[1] = fmaxf(limner_smoothstep(1 - open / p->photo_open, CLOSE_FROM, CLOSE_TO),
                         limner_smoothstep(narrowing(rig), NARROW_FROM, NARROW_TO));
        share[0] = fmaxf(share[1], parted);
    } else {
        share[0] = share[1] = LINE_GONE * parted;
    }
}

/* What of the line lips have at each of their pairs: it ends where they part, not with the whole
 * mouth. */
static void find_meet(const limner_rig *rig, float pale, float meet[LIMNER_CONTACT_MAX + 1])
{
    const float to = MEET_CM * rig->pose_frame.scale;

    for (uint32_t i = 0; i <= LIMNER_CONTACT_MAX; i++) {
        const float gap = rig->lips.gap[i < rig->lips.n ? i : rig->lips.n - 1];
        const float closed = 1 - limner_smoothstep(gap, 0, to);
        const float all = pale * LINE_DARK * (LINE_LEFT + (1 - LINE_LEFT) * closed);

        meet[i] = floorf(all * MEET_STEPS + 0.5f) / MEET_STEPS;
    }
}

/* Lips that pout grow taller, and a line drawn on them with them: it is drawn narrower, though no
 * narrower than the picture can hold, and where that does not do, paler. Returns its width over
 * its own; pale: 0..1. */
static float squeeze(const limner_rig *rig, float *pale)
{
    const float width = fminf(1, fmaxf(LINE_WIDTH_LEAST, 1 - narrowing(rig)));
    const float least = fminf(1, LINE_LEAST_PX / (LINE_CM * rig->pose_frame.scale));
    const float by = floorf(width * width * SQUEEZE_STEPS + 0.5f) / SQUEEZE_STEPS;

    *pale = fminf(1, by / least);
    return fmaxf(least, by);
}

/* About exp(-x), x >= 0. */
static float fall_off(float x)
{
    const float y = 1 + x * (0.25f + x * (0.03125f + x * 0.0026f));

    return 1 / (y * y * y * y);
}

void limner_lip_patch_update(limner_lip_patch *p, const limner_rig *rig)
{
    float share[2], meet[LIMNER_CONTACT_MAX + 1], pale;
    const float width = squeeze(rig, &pale), steep = 1 / (width * width);

    find_shares(p, rig, share);
    find_meet(rig, pale, meet);
    if (share[0] == p->share[0] && share[1] == p->share[1] &&
        (share[0] <= 0 || (width == p->width && memcmp(meet, p->meet, sizeof(meet)) == 0)))
        return;
    p->width = width;
    memcpy(p->share, share, sizeof(share));
    memcpy(p->meet, meet, sizeof(meet));
    for (uint32_t i = 0; i < p->n; i++) {
        const limner_lip_patch_pixel *px = &p->pixel[i];
        const int pair = (int)px->pair;
        const float t = px->pair - (float)pair;
        const float line = px->line * fall_off(steep * px->off);
        const float left = 1 - line * (meet[pair] + t * (meet[pair + 1] - meet[pair]));
        const float part = share[0] + px->corner * (share[1] - share[0]);

        for (int k = 0; k < 3; k++)
            px->at[k] = (uint8_t)(px->own[k] + part * (left * px->mended[k] - px->own[k]) + 0.5f);
    }
}

void limner_lip_patch_close(limner_lip_patch *p)
{
    limner_mem_free(p->pixel);
    memset(p, 0, sizeof(*p));
}
