/* SPDX-License-Identifier: Apache-2.0 */
/* Light inside the mouth (mouth.h). Teeth of the photo never fit the model's closely enough to
 * stay on them: a photo that shows its mouth keeps it and does without the model's teeth. The
 * portrait's tooth, gum and tongue colours are what the photo would show of front teeth and tongue
 * in good light: they hold at DEPTH_FRONT_CM behind the lips and fall off behind. */
#include "render/mouth.h"

#include <math.h>
#include <string.h>

#include "render/mouth_tissue.h"

#define DEPTH_FRONT_CM 0.1f             /* as light as the very front of the teeth, down to this */
#define FRONT_LEAST_CM 0.22f            /* the front teeth are taken to lie this far in at least */
#define TONGUE_BEHIND_CM 0.2f           /* the tongue lies this much further in, unless put out */
#define TONGUE_FRONT 4.0f               /* times as much as this coefficient says */
#define LIP_DEEP_CM 0.10f               /* the inner lips' own depth */
#define FROM_ABOVE 0.72f                /* share of the light that comes past the upper lip */
#define SKY_GAIN 2.0f                   /* eyes and pictures adapt to what is dark: light s of the
                                         * open sky counts as s GAIN / (1 + s (GAIN - 1)) */
#define TOOTH_HALF 0.30f                /* of the open sky: lights teeth half as well as all of it;
                                         * enamel spreads what it gets, and slits stay dark */
#define SLIT_RED 0.30f                  /* of green and blue lost where no sky is seen */
#define WET_UP 0.35f                    /* the gloss faces up a little */
#define CONTACT_PX 1.5f                 /* gaps below this cannot be drawn sample by sample */
#define LEAST_LIGHT 0.02f
#define LEAST_DEEP 0.10f                /* light that flesh itself lets through: never black */
#define RIM_SHARE 0.25f                 /* of a narrow opening, and ... */
#define RIM_TINY_PX 0.1f                /* ... this, the lips' edges take at most */

/* A triangle's corners, turned away or not (closed: only if not); false: not to be seen. */
static limner_plane *add(limner_drawlist *list, float *const at[3], const uint16_t *t, uint8_t kind,
                         bool is_closed, limner_corners *k, uint16_t order[3])
{
    const uint16_t swapped[3] = {t[0], t[2], t[1]};
    limner_plane *p;

    *k = limner_rig_corners(at, t);
    memcpy(order, swapped, sizeof(swapped));
    p = limner_drawlist_add(list, k, kind);
    if (p || is_closed)
        return p;
    *k = limner_rig_corners(at, swapped);
    memcpy(order, t, sizeof(swapped));
    return limner_drawlist_add(list, k, kind);
}

/* The corners of the lips keep light from what lies deep behind a narrow opening; the grain goes
 * with the upper lip's middle. */
static void find_beside(limner_mouth *m, const limner_rig *rig)
{
    const uint16_t *line = rig->lips.line->upper;
    const uint32_t a = line[0], b = line[rig->lips.n - 1], middle = line[rig->lips.n / 2];
    const float half = hypotf(rig->at[0][b] - rig->at[0][a], rig->at[1][b] - rig->at[1][a]) / 2;
    const float deep = m->deep_px[LIMNER_MOUTH_INSIDE][0];

    m->beside = half * half / fmaxf(half * half + deep * deep, 1);
    m->grain.x = rig->at[0][middle];
    m->grain.y = rig->at[1][middle];
}

/* z of the front of a row of teeth in the model, cm. */
static float front_of(const limner_rig *rig, limner_face_part row)
{
    const limner_face_range *teeth = &rig->face->part[row];
    const float *z = rig->model + 2 * rig->face->stride;
    float front = -1e9f;

    for (uint32_t i = teeth->first_vertex; i < teeth->first_vertex + teeth->n_vertices; i++)
        front = fmaxf(front, z[i]);
    return front;
}

/* How far behind each lip's edge things are taken to lie: the front of the teeth and all that is
 * deeper, a modelled mouth's tongue a little more, the inner lips. A lip that is rolled in lies at
 * the teeth and lets light at them. Returns the depth of the teeth's front in the model, cm. */
static float find_deep(limner_mouth *m, const limner_rig *rig, float tongue_out)
{
    const uint16_t *line[2] = {rig->lips.line->upper, rig->lips.line->lower};
    const float *z = rig->model + 2 * rig->face->stride, cm = rig->pose_frame.scale;
    const float behind = m->own.is_own ? 0 :
                         TONGUE_BEHIND_CM * fmaxf(0, 1 - TONGUE_FRONT * tongue_out);
    const float front = front_of(rig, LIMNER_PART_TEETH_UPPER);

    for (int k = 0; k < 2; k++) {
        const float deep = z[line[k][rig->lips.n / 2]] - front;

        m->deep_px[LIMNER_MOUTH_INSIDE][k] = fmaxf(FRONT_LEAST_CM, deep) * cm;
        m->deep_px[LIMNER_MOUTH_TONGUE][k] = m->deep_px[LIMNER_MOUTH_INSIDE][k] + behind * cm;
        m->deep_px[LIMNER_MOUTH_LIP][k] = LIP_DEEP_CM * cm;
        m->deep_px[LIMNER_MOUTH_TOOTH][k] = m->deep_px[LIMNER_MOUTH_INSIDE][k];
    }
    find_beside(m, rig);
    return front;
}

static void light(limner_mouth *m, const limner_rig *rig, const limner_pose *pose,
                  float tongue_out)
{
    const float *z = rig->model + 2 * rig->face->stride;
    const float *r = pose->turn[LIMNER_POSE_TURNS];
    const limner_face_range *lower = &rig->face->part[LIMNER_PART_TEETH_LOWER];
    /* The lower row swings back with the jaw, out in the open all the same. */
    const float fronts[2] = {find_deep(m, rig, tongue_out) - DEPTH_FRONT_CM,
                             front_of(rig, LIMNER_PART_TEETH_LOWER) - DEPTH_FRONT_CM};

    for (uint32_t j = 0; j < m->n_used; j++) {
        const uint32_t i = m->used[j];
        const float front = fronts[i >= lower->first_vertex &&
                                   i < lower->first_vertex + lower->n_vertices];
        const float *n = m->facing + 3 * (size_t)i;
        const float nz = r[6] * n[0] + r[7] * n[1] + r[8] * n[2];
        const float ny = r[3] * n[0] + r[4] * n[1] + r[5] * n[2];
        const float d = fmaxf(0, front - z[i]) / m->reach[i];
        const float deep = LEAST_DEEP + (1 - LEAST_DEEP) / (1 + d * d * d);
        const float lit = (1 - m->relief[i] * (1 - fabsf(nz))) * deep * m->crown[i];
        float wet = fmaxf(0, WET_UP * ny + sqrtf(1 - WET_UP * WET_UP) * nz);

        wet *= wet;
        wet *= wet;
        wet *= wet;
        wet *= m->gloss[i] * deep * wet;
        /* Light that comes back from deep inside is red. */
        for (int k = 0; k < 3; k++) {
            const float red = k ? 1 - m->red * LIMNER_DEEP_RED * (1 - deep) : 1;
            const float own = m->tint[k][i] * lit * red + wet;

            m->rgb[k][i] = sqrtf(own * own + m->least[k] * m->least[k]);
        }
    }
}

/* Triangle i belongs to a row of teeth that the photo's mouth stands for. */
static bool is_tooth_of_photo(const limner_mouth *m, uint32_t i)
{
    return m->own.is_own && m->own.keep >= 1 && i >= m->first_tooth &&
           i < (m->own.has_lower && !m->own.is_dim ? m->end_tooth : m->first_lower_tooth);
}

/* The opening's place on the canvas: left, top, right, low. */
static void find_box(const limner_rig *rig, float box[4])
{
    box[0] = box[1] = 1e9f;
    box[2] = box[3] = -1e9f;
    for (uint32_t i = 0; i < 2 * rig->lips.n; i++) {
        const uint16_t *line = i < rig->lips.n ? rig->lips.line->upper : rig->lips.line->lower;
        const uint32_t v = line[i % rig->lips.n];

        for (int k = 0; k < 2; k++) {
            box[k] = fminf(box[k], rig->at[k][v] - 1);
            box[2 + k] = fmaxf(box[2 + k], rig->at[k][v] + 1);
        }
    }
}

static bool is_in_box(const limner_rig *rig, const uint16_t *t, const float box[4])
{
    for (int k = 0; k < 2; k++) {
        const float a = rig->at[k][t[0]], b = rig->at[k][t[1]], c = rig->at[k][t[2]];
        const float lo = box[k], hi = box[2 + k];

        if ((a < lo && b < lo && c < lo) || (a > hi && b > hi && c > hi))
            return false;
    }
    return true;
}

void limner_mouth_draw(limner_mouth *m, const limner_rig *rig, const limner_pose *pose,
                       float tongue_out, limner_drawlist *list)
{
    float box[4];

    limner_photo_mouth_update(&m->own, rig, tongue_out);
    light(m, rig, pose, tongue_out);
    find_box(rig, box);
    m->list = list;
    for (uint32_t i = 0; i < m->n_triangles; i++) {
        limner_corners k;
        uint16_t t[3];
        const uint16_t *index = m->index + 3 * (size_t)i;
        const bool is_tongue = i >= m->first_tongue && i < m->end_tongue;
        const bool is_tooth = i >= m->first_tooth && i < m->end_tooth;
        limner_plane *p;

        if (is_tooth_of_photo(m, i) || (!is_tongue && !is_in_box(rig, index, box)))
            continue;
        p = add(list, rig->at, index,
                is_tongue ? LIMNER_MOUTH_TONGUE : is_tooth ? LIMNER_MOUTH_TOOTH :
                i < m->end_tooth ? LIMNER_MOUTH_INSIDE : LIMNER_MOUTH_LIP, is_tooth, &k, t);
        if (!p)
            continue;
        for (int c = 0; c < 3; c++)
            limner_plane_set(p, &k, c, m->rgb[c][t[0]], m->rgb[c][t[1]], m->rgb[c][t[2]]);
    }
}

/* Share of the light that comes in past both lips to what of a kind lies behind their edges, lip[0]
 * below the upper and lip[1] above the lower one (px). */
static float light_past(const limner_mouth *m, const float lip[2], uint8_t kind)
{
    const float *deep = m->deep_px[kind];
    const float a = fmaxf(0, lip[0]), b = fmaxf(0, lip[1]);
    const float sky = m->beside * (FROM_ABOVE * a / sqrtf(a * a + deep[0] * deep[0]) +
                                   (1 - FROM_ABOVE) * b / sqrtf(b * b + deep[1] * deep[1]));
    const float half = TOOTH_HALF * TOOTH_HALF;

    if (kind == LIMNER_MOUTH_TOOTH)
        return sky * sky * (1 + half) / (sky * sky + half);
    return sky * SKY_GAIN / (1 + sky * (SKY_GAIN - 1));
}

/* The photo's own mouth over what is drawn, in the light of the frame over that of the photo. */
static void add_own(const limner_mouth *m, const float now[2], float x, float y, float rgb[3])
{
    float photo[3], was[2] = {0}, share, gain;

    share = limner_photo_mouth_at(&m->own, now, x, y, photo, was);
    if (share <= 0)
        return;
    gain = fminf(1, light_past(m, now, LIMNER_MOUTH_INSIDE) /
                    fmaxf(light_past(m, was, LIMNER_MOUTH_INSIDE), LEAST_LIGHT));
    for (int k = 0; k < 3; k++)
        rgb[k] += share * (gain * (k ? 1 - m->red * SLIT_RED * (1 - gain) : 1) * photo[k] - rgb[k]);
}

/* The opening's edges: lips roll in, moist and red, before the dark begins. Narrow openings are
 * dark, not red: edges take no more than a share of them. */
static void add_rims(const limner_mouth *m, const float now[2], float rgb[3])
{
    for (int side = 0; side < 2; side++) {
        const float width = fminf(m->rim_px[side], RIM_SHARE * (now[0] + now[1]) + RIM_TINY_PX);
        const float t = fminf(1, 1 - now[side] / width);

        for (int k = 0; t > 0 && k < 3; k++)
            rgb[k] += t * t * (m->rim[side][k] - rgb[k]);
    }
}

/* A gap narrower than a pixel would come and go along its length: it fades into a dark line, but
 * for what the photo itself shows. */
static void soften_contact(const limner_mouth *m, const float lip[3], float rgb[3])
{
    const float open = fmaxf(0, lip[1]) / CONTACT_PX, moved = fminf(1, fabsf(lip[1] - lip[2]));
    const float share = moved * (1 - open * open * (3 - 2 * open));

    for (int k = 0; k < 3; k++)
        rgb[k] += share * (m->contact[k] - rgb[k]);
}

void limner_mouth_shade(const limner_mouth *m, const limner_plane *inside, const limner_plane *home,
                        float x, float y, const float lip[3], float rgb[3])
{
    const uint8_t kind = inside ? m->list->kind[inside - m->list->plane] : LIMNER_MOUTH_INSIDE;
    const float now[2] = {lip[0] * lip[1], (1 - lip[0]) * lip[1]};
    const float lit = light_past(m, now, kind);
    const float grain = limner_mouth_grain_at(&m->grain, x, y);

    for (int k = 0; k < 3; k++)
        rgb[k] = grain * lit * (k ? 1 - m->red * SLIT_RED * (1 - lit) : 1) *
                 (inside ? fmaxf(0, limner_plane_at(inside, k, x, y)) : m->dark[k]);
    if (home)
        add_rims(m, now, rgb);
    if (home)
        add_own(m, now, x, y, rgb);
    if (lip[1] < CONTACT_PX)
        soften_contact(m, lip, rgb);
}

bool limner_mouth_is_photo(const limner_mouth *m, const limner_plane *home, float x, float y,
                           const float lip[3])
{
    const float now[2] = {lip[0] * lip[1], (1 - lip[0]) * lip[1]};
    float rgb[3], was[2];

    return home && limner_photo_mouth_at(&m->own, now, x, y, rgb, was) >= 1;
}
