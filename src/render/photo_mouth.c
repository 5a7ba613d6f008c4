/* SPDX-License-Identifier: Apache-2.0 */
/* The photo's mouth (photo_mouth.h). A layer reaches from the split to the edge of its lip. Where a
 * lip uncovers more than the photo shows, the upper layer is stretched up to it, less the pixels
 * in which lip and teeth are mixed. A photo of nearly closed lips tells little: there all of it
 * gives way as they part. */
#include "render/photo_mouth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"

#define OWN_CM 0.35f                    /* photos open this far show their own mouth always ... */
#define OWN_TEETH_CM 0.22f              /* ... or this far with teeth in it */
#define OWN_TEETH 0.08f
#define STEP_COST 12.0f                 /* brightness against a split that goes up or down a row */
#define LEAVE_FROM 1.5f                 /* openings over the photo's at which the others leave */
#define LEAVE_TO 2.5f
#define LEAVE_CM 0.05f                  /* and this much over it at least */
#define BARE_FROM 0.5f                  /* of the upper layer's height: where a lip bares that */
#define BARE_TO 1.1f                     /* much more of the skull the photo leaves */
#define BARE_CM 0.1f                    /* least height for this */
#define FOLLOW_FROM 1.0f                /* openings over the photo's from which the upper layer */
#define FOLLOW_TO 1.6f                  /* goes with a lip that sinks, by no more than this: */
#define FOLLOW_CM 0.35f
#define TONGUE_FROM 0.1f                /* a tongue that is put out needs the drawn mouth */
#define TONGUE_TO 0.3f
#define UNDER_PX 0.7f                   /* the opening reaches this far under the lips */
#define SLIDE_PX 1.0f                   /* a lip that moved less far over its layer did not move */
#define MIXED_PX 2.0f                   /* at its edge lip and teeth are mixed */
#define MIRROR 0.6f                     /* share of a layer's height that is used once more */
#define SOFT_PX 0.7f                    /* half width of the upper layer's lower edge */
#define SIDE_CM 0.25f
#define CUT_LIGHT 0.8f                  /* teeth still so bright, over those further up, */
#define CUT_FROM 0.45f                  /* from here to there in the opening, ... */
#define CUT_TO 0.75f
#define CUT_AT 0.95f                    /* ... here, go on behind the lower lip */
#define TOOTH_CM 0.2f                   /* their edge is looked for so far to both sides */
#define DIM_LIGHT 0.5f                  /* of the lower lip's brightness, ... */
#define DARK_LIGHT 0.3f                 /* of the lips': a whole mouth so dark shows no teeth */
#define DIM_LIP_AT 1.25f                /* ... this far down the opening too: darker is shade; */
#define DIM_FROM 1.1f                   /* it leaves between these openings over the photo's */
#define DIM_TO 1.6f
#define THIN_CM 0.16f                   /* lower parts of the opening show lips as well: */
#define FULL_CM 0.32f                   /* from here on it shows itself */
#define LOWER_SHARE 0.18f               /* less of the opening below the split is no layer */

enum { N_ROWS = 24, N_COLUMNS = LIMNER_PHOTO_MOUTH_COLUMNS };

/* The row before row j of the next pair, on the way of least sum. */
static int best_before(const float sum[N_ROWS], int j)
{
    int best = j;

    for (int k = 0; k < N_ROWS; k++) {
        if (sum[k] + STEP_COST * (float)abs(j - k) < sum[best] + STEP_COST * (float)abs(j - best))
            best = k;
    }
    return best;
}

/* Brightness of the photo at place t between the lines of pair i. */
static float light_at(const limner_photo_mouth *m, const limner_rig *rig, uint32_t i, float t)
{
    const uint32_t u = rig->lips.line->upper[i], l = rig->lips.line->lower[i];
    float rgba[4];

    limner_texture_sample(m->photo, rig->rest[0][u] + t * (rig->rest[0][l] - rig->rest[0][u]),
                          rig->rest[1][u] + t * (rig->rest[1][l] - rig->rest[1][u]), rgba);
    return 0.299f * rgba[0] + 0.587f * rgba[1] + 0.114f * rgba[2];
}

/* The darkest way from corner to corner, row by row; sum: least sum of brightness up to each place,
 * where it came from is found again on the way back. Rows next to the upper lip lie in its shadow:
 * they do not count. */
static void find_split(const limner_photo_mouth *m, const limner_rig *rig, float (*sum)[N_ROWS],
                       float *split)
{
    const uint32_t n = rig->lips.n;
    int row = N_ROWS / 2;

    for (uint32_t i = 0; i < n; i++) {
        const float open = rig->lips.photo_gap[i] / fmaxf(m->open_px, 1);

        for (int j = 0; j < N_ROWS; j++) {
            const int k = i ? best_before(sum[i - 1], j) : j;
            const float t = ((float)j + 0.5f) / N_ROWS;

            sum[i][j] = j < N_ROWS / 3 ? 1e6f : fmaxf(0, open) * light_at(m, rig, i, t);
            if (i)
                sum[i][j] += sum[i - 1][k] + STEP_COST * (float)abs(j - k);
        }
    }
    for (int j = 0; n && j < N_ROWS; j++)
        row = sum[n - 1][j] < sum[n - 1][row] ? j : row;
    for (uint32_t i = n; i-- > 0;) {
        split[i] = ((float)row + 0.5f) / N_ROWS;
        row = i ? best_before(sum[i - 1], row) : row;
    }
}

void limner_photo_mouth_place(const limner_photo_mouth *m, const float p[2], float out[2])
{
    const float dx = p[0] - m->origin[0], dy = p[1] - m->origin[1];

    out[0] = dx * m->across[0] + dy * m->across[1];
    out[1] = dx * m->down[0] + dy * m->down[1];
}

/* Height at `across` of a line of n points [n][2] that runs across. */
static float height_at(float (*line)[2], uint32_t n, float across)
{
    uint32_t i = 0;
    float run, t;

    while (i + 2 < n && line[i + 1][0] < across)
        i++;
    run = line[i + 1][0] - line[i][0];
    t = run > 1e-3f ? (across - line[i][0]) / run : 0;
    t = fminf(1, fmaxf(0, t));
    return line[i][1] + t * (line[i + 1][1] - line[i][1]);
}

/* Columns from the pairs of the lips and their split; line [3][n]: scratch. */
static void find_columns(limner_photo_mouth *m, const limner_rig *rig, const float *split,
                         float (*line)[2])
{
    const limner_face_contact *c = rig->lips.line;
    const uint32_t n = rig->lips.n;

    for (int k = 0; k < 2; k++)
        m->origin[k] = rig->rest[k][c->upper[0]];
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t u = c->upper[i], l = c->lower[i];
        const float at[2][2] = {{rig->rest[0][u], rig->rest[1][u]},
                                {rig->rest[0][l], rig->rest[1][l]}};

        limner_photo_mouth_place(m, at[0], line[i]);
        limner_photo_mouth_place(m, at[1], line[2 * n + i]);
        for (int k = 0; k < 2; k++)
            line[n + i][k] = line[i][k] + split[i] * (line[2 * n + i][k] - line[i][k]);
    }
    m->width_px = fmaxf(line[n - 1][0], 1);
    for (int i = 0; i < N_COLUMNS; i++) {
        const float across = m->width_px * (float)i / (N_COLUMNS - 1);
        limner_mouth_column *out = &m->column[i];

        out->upper = height_at(line, n, across);
        out->lower = fmaxf(out->upper, height_at(line + 2 * n, n, across));
        out->split = fminf(out->lower, fmaxf(out->upper, height_at(line + n, n, across)));
    }
}

/* Share of the photo's opening that lies below the split. */
static float share_below(const limner_photo_mouth *m)
{
    float below = 0, all = 1e-3f;

    for (int i = 0; i < N_COLUMNS; i++) {
        below += m->column[i].lower - m->column[i].split;
        all += m->column[i].lower - m->column[i].upper;
    }
    return below / all;
}

/* Are teeth cut off by the lower lip, rather than end above it? */
static bool are_teeth_cut(const limner_photo_mouth *m, const limner_rig *rig)
{
    const uint32_t n = rig->lips.n;
    uint32_t n_cut = 0, n_all = 0;

    for (uint32_t i = n / 4; i < n - n / 4; i++) {
        const float up = fmaxf(light_at(m, rig, i, CUT_FROM), light_at(m, rig, i, CUT_TO));

        n_cut += light_at(m, rig, i, CUT_AT) > CUT_LIGHT * up;
        n_all++;
    }
    return 2 * n_cut > n_all;
}

/* Is what the photo shows below the split as dark as shade, beside its lower lip? */
static bool is_lower_dim(const limner_photo_mouth *m, const limner_rig *rig, const float *split)
{
    const uint32_t n = rig->lips.n;
    float inside = 0, lip = 0;

    for (uint32_t i = n / 4; i < n - n / 4; i++) {
        inside += light_at(m, rig, i, (1 + split[i]) / 2);
        lip += light_at(m, rig, i, 1) + light_at(m, rig, i, DIM_LIP_AT);
    }
    return inside < DIM_LIGHT * lip / 2;
}

/* The lowest point of the model's upper teeth in each column. */
static void find_teeth(limner_photo_mouth *m, const limner_rig *rig)
{
    const float to_column = (N_COLUMNS - 1) / m->width_px;
    const int reach = (int)ceilf(TOOTH_CM * rig->pose_frame.scale * to_column);

    for (int i = 0; i < N_COLUMNS; i++)
        m->column[i].teeth = -1e6f;
    for (uint32_t i = 0; i < m->upper.n; i++) {
        const float p[2] = {rig->rest[0][m->upper.vertex[i]], rig->rest[1][m->upper.vertex[i]]};
        float at[2];
        int k;

        limner_photo_mouth_place(m, p, at);
        k = (int)lrintf(fminf(2 * N_COLUMNS, fmaxf(-N_COLUMNS, at[0] * to_column)));
        for (int j = k - reach < 0 ? 0 : k - reach; j <= k + reach && j < N_COLUMNS; j++)
            m->column[j].teeth = fmaxf(m->column[j].teeth, at[1]);
    }
}

/* Does the photo show nothing but shade between the lips? */
static bool is_all_dark(const limner_photo_mouth *m, const limner_rig *rig)
{
    const uint32_t n = rig->lips.n;
    float inside = 0, lip = 0;

    for (uint32_t i = n / 4; i < n - n / 4; i++) {
        inside += (light_at(m, rig, i, 0.35f) + light_at(m, rig, i, 0.65f)) / 2;
        lip += (light_at(m, rig, i, 1 - DIM_LIP_AT) + light_at(m, rig, i, DIM_LIP_AT)) / 2;
    }
    return inside < DARK_LIGHT * lip;
}

limner_status limner_photo_mouth_open(limner_photo_mouth *m, const limner_rig *rig,
                                      const limner_texture *photo, float teeth_seen)
{
    const limner_contact *c = &rig->lips;
    const float cm = rig->pose_frame.scale;
    float *split = limner_alloc(c->n, sizeof(*split));
    float (*sum)[N_ROWS] = limner_alloc(c->n, sizeof(*sum));
    float (*line)[2] = limner_alloc(3 * (size_t)c->n, sizeof(*line));
    limner_status st = split && sum && line ? LIMNER_OK : LIMNER_E_NOMEM;

    memset(m, 0, sizeof(*m));
    m->photo = photo;
    m->side_px = SIDE_CM * cm;
    m->down[0] = -rig->up[0];
    m->down[1] = -rig->up[1];
    m->across[0] = m->down[1];
    m->across[1] = -m->down[0];
    for (uint32_t i = 0; i < c->n; i++)
        m->open_px = fmaxf(m->open_px, c->photo_gap[i]);
    m->is_dark = teeth_seen <= 0 && is_all_dark(m, rig);
    m->is_own = !m->is_dark &&
                m->open_px > (teeth_seen > OWN_TEETH ? OWN_TEETH_CM : OWN_CM) * cm;
    if (st == LIMNER_OK) {
        find_split(m, rig, sum, split);
        find_columns(m, rig, split, line);
        m->has_lower = share_below(m) > LOWER_SHARE;
        m->is_dim = m->has_lower && is_lower_dim(m, rig, split);
        st = limner_teeth_map_open(&m->upper, rig, LIMNER_PART_TEETH_UPPER);
    }
    if (st == LIMNER_OK)
        st = limner_teeth_map_open(&m->lower, rig, LIMNER_PART_TEETH_LOWER);
    if (st == LIMNER_OK) {
        find_teeth(m, rig);
        m->is_cut = teeth_seen > OWN_TEETH && !m->has_lower && are_teeth_cut(m, rig);
    }
    limner_mem_free(split);
    limner_mem_free(sum);
    limner_mem_free(line);
    return st;
}

void limner_photo_mouth_close(limner_photo_mouth *m)
{
    limner_teeth_map_close(&m->upper);
    limner_teeth_map_close(&m->lower);
}

limner_mouth_column limner_photo_mouth_column(const limner_photo_mouth *m, float across)
{
    const float f = fminf(N_COLUMNS - 1.001f, fmaxf(0, across / m->width_px * (N_COLUMNS - 1)));
    const limner_mouth_column *a = &m->column[(int)f], *b = a + 1;
    const float t = f - (float)(int)f;

    return (limner_mouth_column){a->upper + t * (b->upper - a->upper),
                                 a->split + t * (b->split - a->split),
                                 a->lower + t * (b->lower - a->lower),
                                 a->teeth + t * (b->teeth - a->teeth)};
}

/* How far (px) pair i of the upper lip lies below the place on the skull that it has in the photo
 * (above: negative); height: of the upper layer there. */
static float lip_below(const limner_photo_mouth *m, const limner_rig *rig, uint32_t i,
                       float *height)
{
    const uint32_t v = rig->lips.line->upper[i];
    limner_mouth_column c;
    float p[2], at[2];

    limner_teeth_map_at(&m->upper, rig->at[0][v], rig->at[1][v], p);
    limner_photo_mouth_place(m, p, at);
    c = limner_photo_mouth_column(m, at[0]);
    *height = c.split - c.upper;
    return at[1] - c.upper;
}

/* The model's upper lip sinks a little as the jaw opens; people keep the edge of their teeth bare:
 * the upper layer goes down with it. */
static void follow_lip(limner_photo_mouth *m, const limner_rig *rig, float open)
{
    float height;
    const float below = fmaxf(0, lip_below(m, rig, rig->lips.n / 2, &height));
    const float most = FOLLOW_CM * rig->pose_frame.scale;
    const float by = fminf(below, most) *
                     limner_smoothstep(open / fmaxf(m->open_px, 1), FOLLOW_FROM, FOLLOW_TO);

    for (int k = 0; k < 2; k++)
        m->upper.back[k][0] -= by * m->down[k];
}

/* How much more of the skull the upper lip bares than in the photo, over the upper layer's height
 * there: the mean of three places. */
static float bare_share(const limner_photo_mouth *m, const limner_rig *rig)
{
    const float least = BARE_CM * rig->pose_frame.scale;
    float share = 0;

    for (uint32_t k = 1; k <= 3; k++) {
        float height;
        const float below = lip_below(m, rig, k * rig->lips.n / 4, &height);

        share -= below / fmaxf(height, least);
    }
    return share / 3;
}

void limner_photo_mouth_update(limner_photo_mouth *m, const limner_rig *rig, float tongue_out)
{
    const float least = LEAVE_CM * rig->pose_frame.scale, open = limner_rig_mouth_gap(rig);
    const float out = tongue_out - rig->photo.expression[LIMNER_TONGUE_OUT];
    const float from = m->is_dark ? DIM_FROM : LEAVE_FROM, to = m->is_dark ? DIM_TO : LEAVE_TO;

    m->keep = 1 - limner_smoothstep(out, TONGUE_FROM, TONGUE_TO);
    if (!m->is_own)
        m->keep *= 1 - limner_smoothstep(open,
                                         fmaxf(from * m->open_px, m->open_px + least),
                                         fmaxf(to * m->open_px, m->open_px + 2 * least));
    if (m->keep <= 0)
        return;
    limner_teeth_map_update(&m->upper, rig);
    limner_teeth_map_update(&m->lower, rig);
    follow_lip(m, rig, open);
    m->keep_lower = !m->is_dim ? 1 : 1 - limner_smoothstep(open / fmaxf(m->open_px, 1), DIM_FROM,
                                                           DIM_TO);
    m->keep *= 1 - limner_smoothstep(bare_share(m, rig), BARE_FROM, BARE_TO);
}

/* 0..1: has a lip that lies `by` px further out than in the photo left its layer? */
static float slide_of(float by)
{
    return fminf(1, fmaxf(0, (by - SLIDE_PX) / MIXED_PX));
}

/* How far (px) from a lip's edge a layer can be seen, where a point lies `at` from that edge in the
 * photo and `now` in the frame. */
static float least_from(float at, float now)
{
    return slide_of(now - at) * (UNDER_PX + MIXED_PX) - UNDER_PX;
}

/* How far from its lip's edge the upper layer, `height` high, is looked at there. Where the lip
 * bares more of the skull crowns come out longer: stretched from their edge up, less the mixed
 * pixels, for a mirrored row shows its seam. */
static float stretched(float at, float now, float height)
{
    const float bare = fmaxf(0, now - at), slide = slide_of(bare);
    const float top = slide * fminf(MIXED_PX, height / 2) - (1 - slide) * bare;

    if (at >= height || bare <= 0)
        return at;
    return top + (at + bare) / (height + bare) * (height - top);
}

/* Colour of the photo at a place of its mouth. */
static void look(const limner_photo_mouth *m, float across, float down, float rgb[3])
{
    const float x = fminf(m->width_px + UNDER_PX, fmaxf(-UNDER_PX, across));
    float rgba[4];

    limner_texture_sample(m->photo, m->origin[0] + x * m->across[0] + down * m->down[0],
                          m->origin[1] + x * m->across[1] + down * m->down[1], rgba);
    memcpy(rgb, rgba, 3 * sizeof(*rgb));
}

/* What of a layer shows at a place of column c: less beyond the photo's corners, and, once the lips
 * have moved there, beside them, where the photo's opening is too low to be free of lip. now: as
 * for limner_photo_mouth_at. */
static float within(const limner_photo_mouth *m, const limner_mouth_column *c, const float at[2],
                    const float now[2])
{
    const float beside = fmaxf(-at[0], at[0] - m->width_px);
    const float by = fmaxf(fabsf(at[1] - c->upper - now[0]), fabsf(c->lower - at[1] - now[1]));
    const float moved = slide_of(by);
    const float cm = m->side_px / SIDE_CM;
    const float low = 1 - limner_smoothstep(c->lower - c->upper, THIN_CM * cm, FULL_CM * cm);

    return (1 - moved * low) * (1 - limner_smoothstep(beside, UNDER_PX, UNDER_PX + m->side_px));
}

/* The lower layer begins above the split, behind the upper one: where they meet nothing shows
 * through. A lip that would uncover more of it than the photo shows takes it along. now: px above
 * the lower lip in the frame. */
static float look_lower(const limner_photo_mouth *m, const float at[2], const float now[2],
                        float rgb[3])
{
    const limner_mouth_column c = limner_photo_mouth_column(m, at[0]);
    const float own = c.lower - at[1];
    const float down = c.lower - fmaxf(own, fmaxf(now[1] - SLIDE_PX, least_from(own, now[1])));
    const float share = within(m, &c, at, now) *
                        limner_smoothstep(down, c.split - 3 * SOFT_PX, c.split - SOFT_PX);

    if (share > 0)
        look(m, at[0], down, rgb);
    return share;
}

/* Without a lower layer the upper one reaches down to the lower lip, or goes on, mirrored there, as
 * far as the model's teeth where the lip cuts teeth off. now: px below the upper lip and above the
 * lower in the frame. */
static float look_upper(const limner_photo_mouth *m, const float at[2], const float now[2],
                        float rgb[3])
{
    const limner_mouth_column c = limner_photo_mouth_column(m, at[0]);
    const float low = c.lower - least_from(c.lower - at[1], now[1]), height = c.split - c.upper;
    float edge = c.split, down = at[1], share;

    if (!m->has_lower) {
        edge = m->is_cut ? fmaxf(low + SOFT_PX, c.teeth) : low + SOFT_PX;
        down = down > low ? fmaxf(2 * low - down, low - MIRROR * height) : down;
    }
    share = within(m, &c, at, now) * (1 - limner_smoothstep(at[1], edge - SOFT_PX, edge + SOFT_PX));
    if (share > 0)
        look(m, at[0], c.upper + stretched(down - c.upper, now[0], height), rgb);
    return share;
}

/* Distances from the lips in the photo, of a place that has them at `now` in the frame; the same
 * where no lip has moved. */
static void place_in_photo(const limner_photo_mouth *m, const float at[2], const float now[2],
                           float was[2])
{
    const limner_mouth_column c = limner_photo_mouth_column(m, at[0]);
    const float own[2] = {at[1] - c.upper, c.lower - at[1]};

    for (int k = 0; k < 2; k++) {
        const float by = own[k] - now[k];

        was[k] = fmaxf(0, now[k] + (by > 0 ? fmaxf(0, by - SLIDE_PX) : fminf(0, by + SLIDE_PX)));
    }
}

float limner_photo_mouth_at(const limner_photo_mouth *m, const float now[2], float x, float y,
                            float rgb[3], float was[2])
{
    float p[2], at[2], over[3] = {0}, upper, lower, all;

    if (m->keep <= 0)
        return 0;
    limner_teeth_map_at(&m->upper, x, y, p);
    limner_photo_mouth_place(m, p, at);
    place_in_photo(m, at, now, was);
    upper = look_upper(m, at, now, over);
    if (upper >= 1 || !m->has_lower) {
        memcpy(rgb, over, sizeof(over));
        return m->keep * upper;
    }
    limner_teeth_map_at(&m->lower, x, y, p);
    limner_photo_mouth_place(m, p, at);
    if (upper < 0.5f)
        place_in_photo(m, at, now, was);
    lower = (1 - upper) * m->keep_lower * look_lower(m, at, now, rgb);
    all = upper + lower;
    for (int k = 0; upper > 0 && k < 3; k++)
        rgb[k] = lower > 0 ? (upper * over[k] + lower * rgb[k]) / all : over[k];
    return m->keep * all;
}
