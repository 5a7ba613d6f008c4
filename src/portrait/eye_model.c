/* SPDX-License-Identifier: Apache-2.0 */
/* Iris and sclera completion (see eyes.c). The iris profile is the median colour at each distance
 * from its centre over visible pixels; medians shrug off highlights and lashes. */
#include "portrait/eye_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"

enum { MAX_BINS = 128, N_PLANES = 15, N_STEPS = 21 };

#define LIMBUS_IN 0.92f         /* of the iris radius: pure iris inside, ... */
#define LIMBUS_OUT 1.18f        /* ... pure sclera outside */
#define LIMBUS_STEP 0.12f       /* step to the white that overrides the landmarks, ... */
#define LIMBUS_LARGER 1.12f     /* ... where the iris is larger than they say by this */
#define WHITE_RED 0.55f         /* of the skin's red over green: more is flesh or reflection */
#define WHITE_LUMA 0.65f        /* of the skin's luminance: the least of the white */
#define LASH_SHARE 0.60f        /* sclera pixels darker than this share of the white are lashes */
#define FLESH_RED 0.16f         /* and those redder than it by this share of its luminance flesh */
#define FADE_WIDTHS 0.10f       /* in eye widths: how far a visible pixel's own detail carries */
#define CARRY_RADII 0.45f       /* in iris radii: how far visible shading carries under a lid */
#define GRAIN_RADII 0.25f       /* what is finer than this is an iris's grain */
#define GROW_WIDTHS 0.035f      /* highlights reach so far under lids and lashes, in eye widths */
#define SPOT_IRIS 0.14f         /* highlights are brighter than the clean eye by this much */
#define SPOT_SCLERA 0.12f
#define SPOT_LIMBUS 0.25f
#define SPOT_WHITE 0.7f         /* and than this share of the white */
#define SPOT_PALE 0.40f         /* and their saturation is below this */
#define SPOT_GRAIN_PX 7.0f      /* on irises larger than this, highlights are more than a pixel */
#define SPOT_MAX_SHARE 0.35f    /* of the iris disc: more is no highlight but a bright eye */

limner_status limner_eye_model_open(limner_eye_model *m)
{
    const size_t size = (size_t)m->w * (size_t)m->h;
    float **plane[N_PLANES] = { &m->rgb[0], &m->rgb[1], &m->rgb[2], &m->visible, &m->highlight,
                                &m->clean[0], &m->clean[1], &m->clean[2], &m->model[0],
                                &m->model[1], &m->model[2], &m->weight, &m->edge,
                                &m->spot, &m->low };
    float *at;

    m->block = limner_calloc(size, (N_PLANES + 1) * sizeof(float));
    if (!m->block)
        return LIMNER_E_NOMEM;
    at = m->block;
    for (int i = 0; i < N_PLANES; i++, at += size)
        *plane[i] = at;
    m->scratch = at;
    return LIMNER_OK;
}

void limner_eye_model_close(limner_eye_model *m)
{
    limner_mem_free(m->block);
    memset(m, 0, sizeof(*m));
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

static float luma(float r, float g, float b)
{
    return 0.299f * r + 0.587f * g + 0.114f * b;
}

static float luma_at(float *const plane[3], int i)
{
    return luma(plane[0][i], plane[1][i], plane[2][i]);
}

/* Distance from the iris's centre in iris radii. */
static float iris_distance(const limner_eye_model *m, int i)
{
    const float x = (float)(i % m->w) + 0.5f - m->iris_x, y = (float)(i / m->w) + 0.5f - m->iris_y;

    return sqrtf(x * x + y * y) / m->iris_radius;
}

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* Quantile q of v [n], which is sorted in place; `otherwise` if n is 0. */
static float quantile(float *v, int n, float q, float otherwise)
{
    if (!n)
        return otherwise;
    qsort(v, (size_t)n, sizeof(*v), by_value);
    return v[(int)(q * (float)(n - 1) + 0.5f)];
}

/* ---- the iris's place ---- */

/* Mean brightness of the visible pixels beside the iris at inner..outer (its radii) to the left
 * (side -1) or right (1); < 0: hardly any. */
static float ring_luma(const limner_eye_model *m, float side, float inner, float outer)
{
    const float half = 0.4f * m->iris_radius;
    const int y0 = max_int((int)(m->iris_y - half), 0);
    const int y1 = min_int((int)(m->iris_y + half) + 1, m->h);
    float sum = 0.0f;
    int n = 0;

    for (int y = y0; y < y1; y++)
        for (int x = 0; x < m->w; x++) {
            const float dx = side * ((float)x + 0.5f - m->iris_x) / m->iris_radius;
            const float dy = ((float)y + 0.5f - m->iris_y) / m->iris_radius;
            const float d2 = dx * dx + dy * dy;
            if (dx < 0.0f || d2 < inner * inner || d2 >= outer * outer ||
                m->visible[y * m->w + x] < 1.0f)
                continue;
            sum += luma_at(m->rgb, y * m->w + x);
            n++;
        }
    return n < 4 ? -1.0f : sum / (float)n;
}

/* Where the iris ends to one side, in its radii: the outermost clear step to the white. 0: none. */
static float find_side(const limner_eye_model *m, float side)
{
    float rise[N_STEPS], best = LIMBUS_STEP;
    int at = -1;

    for (int k = 0; k < N_STEPS; k++) {
        const float r = 0.8f + 0.05f * (float)k;
        const float in = ring_luma(m, side, r - 0.15f, r), out = ring_luma(m, side, r, r + 0.15f);
        rise[k] = in < 0.0f || out < 0.0f ? 0.0f : out - in;
        best = fmaxf(best, rise[k]);
    }
    for (int k = 0; k < N_STEPS; k++)
        if (rise[k] > 0.6f * best && (at < 0 || rise[k] > rise[at] || k > at + 2))
            at = k;
    return at < 0 ? 0.0f : 0.8f + 0.05f * (float)at;
}

void limner_eye_model_limbus(limner_eye_model *m)
{
    const float left = find_side(m, -1.0f), right = find_side(m, 1.0f);

    if (fminf(left, right) < LIMBUS_IN || 0.5f * (left + right) < LIMBUS_LARGER)
        return;
    m->iris_x += 0.5f * (right - left) * m->iris_radius;
    m->iris_radius *= 0.5f * (left + right);
}

/* ---- sclera ---- */

static int is_sclera(const limner_eye_model *m, int i)
{
    return m->visible[i] >= 1.0f && m->spot[i] <= 0.0f && iris_distance(m, i) > LIMBUS_OUT;
}

/* Bright, neither red nor blue: the more, the more likely sclera than lid, flesh, shadow, iris. */
static float whiteness(const limner_eye_model *m, int i)
{
    return luma_at(m->rgb, i) - 1.5f * (m->rgb[0][i] - m->rgb[1][i]) -
           2.0f * fmaxf(m->rgb[2][i] - m->rgb[0][i], 0.0f);
}

/* However little of it was seen, the white is less red than the skin around and not much darker. */
static void restrain_white(limner_eye_model *m)
{
    const int size = m->w * m->h;
    float skin[3], level, red;  /* every fifth pixel will do for a median */

    for (int c = 0; c < 3; c++) {
        int n = 0;
        for (int i = 0; i < size; i += 5)
            if (m->visible[i] <= 0.0f)
                m->scratch[n++] = m->rgb[c][i];
        skin[c] = quantile(m->scratch, n, 0.5f, 0.5f);
    }
    level = fmaxf(luma(m->white[0], m->white[1], m->white[2]), 1e-3f);
    red = m->white[0] - m->white[1] -
          WHITE_RED * (skin[0] - skin[1]) * level / luma(skin[0], skin[1], skin[2]);
    if (m->n_white && red > 0.0f) {
        m->white[0] -= 0.66f * red;
        m->white[1] += 0.34f * red;
    }
    if (m->n_white && level < WHITE_LUMA * luma(skin[0], skin[1], skin[2]))
        for (int c = 0; c < 3; c++)
            m->white[c] *= WHITE_LUMA * luma(skin[0], skin[1], skin[2]) / level;
}

void limner_eye_model_white(limner_eye_model *m)
{
    const int size = m->w * m->h;
    float lo, hi, sum[3] = { 0 };
    int n = 0, n_used = 0;

    for (int i = 0; i < size; i++)
        if (is_sclera(m, i))
            m->scratch[n++] = whiteness(m, i);
    lo = quantile(m->scratch, n, 0.60f, 0.0f);
    hi = quantile(m->scratch, n, 0.94f, 0.0f);
    for (int i = 0; i < size; i++) {
        if (!is_sclera(m, i) || whiteness(m, i) < lo || whiteness(m, i) > hi)
            continue;
        for (int c = 0; c < 3; c++)
            sum[c] += m->rgb[c][i];
        n_used++;
    }
    m->n_white = n_used;
    for (int c = 0; c < 3; c++)
        m->white[c] = n_used ? sum[c] / (float)n_used : 0.0f;
    restrain_white(m);
}

/* No white known: a pale colour from the brighter quarter of the surroundings. */
static void guess_white(const limner_eye_model *m, float white[3])
{
    const int size = m->w * m->h;

    for (int c = 0; c < 3; c++) {
        memcpy(m->scratch, m->rgb[c], (size_t)size * sizeof(float));
        white[c] = quantile(m->scratch, size, 0.75f, 0.7f);
    }
    for (int c = 0; c < 3; c++)
        white[c] = 0.6f * luma(white[0], white[1], white[2]) + 0.4f * white[c];
}

/* The sclera everywhere: its fitted shading, and near visible pixels what they differ from it.
 * Lashes, lid edges and the inner corner's flesh are darker or redder than the white: left out. */
static limner_status fill_sclera(const limner_eye_model *m)
{
    const int size = m->w * m->h;
    const float reach = FADE_WIDTHS * m->eye_width;
    float white[3], level;
    limner_status st;

    memcpy(white, m->white, sizeof(white));
    if (m->n_white < 6)
        guess_white(m, white);
    level = fmaxf(luma(white[0], white[1], white[2]), 1e-3f);
    for (int i = 0; i < size; i++) {
        const float l = luma_at(m->rgb, i);
        const float red = (m->rgb[0][i] - m->rgb[1][i]) - (white[0] - white[1]) * l / level;
        const float blue = (m->rgb[2][i] - m->rgb[0][i]) - (white[2] - white[0]) * l / level;
        m->weight[i] = is_sclera(m, i) && l > LASH_SHARE * level &&
                       l < level + 2.0f * SPOT_SCLERA && red < FLESH_RED * level &&
                       blue < FLESH_RED * level ? 1.0f : 0.0f;
    }
    limner_eye_model_fit_white(m, white);
    st = limner_filter_distance(m->highlight, m->weight, m->w, m->h);
    if (st >= 0)
        st = limner_filter_fill(m->clean, 3, m->weight, m->w, m->h);
    for (int i = 0; i < size && st >= 0; i++) {
        const float near = fmaxf(1.0f - m->highlight[i] / reach, 0.0f);
        for (int c = 0; c < 3; c++)
            m->model[c][i] += near * near * (3.0f - 2.0f * near) * m->clean[c][i];
    }
    return st;
}

/* ---- iris ---- */

typedef struct profile {
    int n;                      /* bins of one pixel */
    float rgb[MAX_BINS][3];
} profile;

static float profile_at(const profile *p, float bin, int c)
{
    const float at = fminf(fmaxf(bin - 0.5f, 0.0f), (float)(p->n - 1));
    const int lo = (int)at, hi = lo + 1 < p->n ? lo + 1 : lo;

    return p->rgb[lo][c] + (at - (float)lo) * (p->rgb[hi][c] - p->rgb[lo][c]);
}

/* Median colour of every ring of the visible iris. Rings not seen take the next inner one. In: low,
 * each pixel's distance from the centre in iris radii. */
static void measure_profile(const limner_eye_model *m, profile *p, float bin_px)
{
    const int reach = (int)(LIMBUS_OUT * m->iris_radius) + 2;
    const int x0 = max_int((int)m->iris_x - reach, 0), y0 = max_int((int)m->iris_y - reach, 0);
    const int x1 = min_int((int)m->iris_x + reach, m->w);
    const int y1 = min_int((int)m->iris_y + reach, m->h);

    const int room = m->w * m->h / 3;

    for (int b = 0; b < p->n; b++) {
        int n = 0;
        for (int y = y0; y < y1; y++)
            for (int x = x0; x < x1; x++) {
                const int i = y * m->w + x;
                const float d = m->low[i] * m->iris_radius / bin_px;
                if (d < (float)b - 0.25f || d >= (float)b + 1.25f || m->visible[i] < 1.0f ||
                    m->spot[i] > 0.0f || n >= room)
                    continue;
                for (int c = 0; c < 3; c++)
                    m->scratch[c * room + n] = m->rgb[c][i];
                n++;
            }
        /* Never seen at all: a dark iris, darker than the sclera around it. */
        for (int c = 0; c < 3; c++)
            p->rgb[b][c] = quantile(m->scratch + c * room, n, 0.45f,
                                    b ? p->rgb[b - 1][c] : 0.25f * m->model[c][0]);
    }
}

/* How much of a pixel is iris: 1 inside, 0 outside of the limbus. */
static float iris_share(float distance)
{
    const float t = (LIMBUS_OUT - distance) / (LIMBUS_OUT - LIMBUS_IN);
    const float k = fminf(fmaxf(t, 0.0f), 1.0f);

    return k * k * (3.0f - 2.0f * k);
}

/* What hides under the lids: visible shading fades out, and the grain is that of the iris's other
 * half, above for below. In: clean filled, weight 1 where seen. */
static limner_status mirror_grain(const limner_eye_model *m)
{
    const int size = m->w * m->h;
    const int radius = max_int(1, (int)(GRAIN_RADII * m->iris_radius));
    const float reach = CARRY_RADII * m->iris_radius;
    limner_status st = limner_filter_distance(m->highlight, m->weight, m->w, m->h);

    for (int c = 0; c < 3 && st >= 0; c++) {
        limner_filter_box(m->low, m->clean[c], m->scratch, m->w, m->h, radius);
        limner_filter_box(m->low, m->low, m->scratch, m->w, m->h, radius);
        for (int i = 0; i < size; i++) {
            const int y = (int)(2.0f * m->iris_y - (float)(i / m->w) - 0.5f);
            const int j = y * m->w + i % m->w;
            const float carry = fmaxf(1.0f - m->highlight[i] / reach, 0.0f);
            float grain = 0.0f;
            if (m->weight[i] > 0.0f)
                continue;
            if (y >= 0 && y < m->h && m->weight[j] > 0.0f)
                grain = m->clean[c][j] - m->low[j];
            m->clean[c][i] = carry * m->low[i] + grain;
        }
    }
    return st;
}

/* model = sclera outside, profile + smooth remainder of the visible iris inside. */
static limner_status fill_iris(const limner_eye_model *m, int with_grain)
{
    const float bin_px = fmaxf(1.0f, LIMBUS_OUT * m->iris_radius / (MAX_BINS - 1));
    profile p = { .n = (int)(LIMBUS_OUT * m->iris_radius / bin_px) + 1 };
    const int size = m->w * m->h;
    limner_status st;

    for (int i = 0; i < size; i++)
        m->low[i] = iris_distance(m, i);
    measure_profile(m, &p, bin_px);
    for (int i = 0; i < size; i++) {
        const float d = iris_distance(m, i);
        const int is_iris = m->visible[i] >= 1.0f && m->spot[i] <= 0.0f && d < LIMBUS_OUT;
        float spot = -1.0f;
        for (int c = 0; c < 3; c++) {
            m->clean[c][i] = is_iris ? m->rgb[c][i] -
                                       profile_at(&p, d * m->iris_radius / bin_px, c) : 0.0f;
            spot = fmaxf(spot, m->clean[c][i]);
        }
        m->weight[i] = is_iris && spot < SPOT_IRIS / 2 ? 1.0f : 0.0f;
    }
    st = limner_filter_fill(m->clean, 3, m->weight, m->w, m->h);
    if (st >= 0 && with_grain)
        st = mirror_grain(m);
    for (int i = 0; i < size && st >= 0; i++) {
        const float d = iris_distance(m, i), k = iris_share(d);
        for (int c = 0; c < 3 && k > 0.0f; c++) {
            const float iris = profile_at(&p, d * m->iris_radius / bin_px, c) + m->clean[c][i];
            m->model[c][i] += k * (fminf(fmaxf(iris, 0.0f), 1.0f) - m->model[c][i]);
        }
    }
    return st;
}

/* ---- highlights ---- */

/* How much brighter than the model a pale pixel is, over the least that makes a highlight; < 0 for
 * coloured ones. */
static float spot_excess(const limner_eye_model *m, int i, float pale)
{
    const float r = m->rgb[0][i], g = m->rgb[1][i], b = m->rgb[2][i];
    const float top = fmaxf(r, fmaxf(g, b)), low = fminf(r, fminf(g, b));
    const float d = iris_distance(m, i);
    /* The model is least certain at the limbus. */
    const float limit = d < LIMBUS_IN ? SPOT_IRIS : d < LIMBUS_OUT ? SPOT_LIMBUS : SPOT_SCLERA;

    if (luma(r, g, b) < SPOT_WHITE * luma(m->white[0], m->white[1], m->white[2]))
        return -1.0f;
    return top - low < pale * top ? (luma(r, g, b) - luma_at(m->model, i)) / limit : -1.0f;
}

/* Highlights go on beyond what is safely visible: bright pale pixels next to them join. */
static void grow_spots(const limner_eye_model *m)
{
    const int reach = max_int(2, (int)(GROW_WIDTHS * m->eye_width));
    const int size = m->w * m->h;

    for (int round = 0; round < reach; round++) {
        limner_filter_box(m->low, m->spot, m->scratch, m->w, m->h, 1);
        for (int i = 0; i < size; i++)
            if (m->low[i] > 0.01f && m->spot[i] <= 0.0f &&
                m->edge[i] > -GROW_WIDTHS * m->eye_width && iris_distance(m, i) < LIMBUS_OUT &&
                spot_excess(m, i, SPOT_PALE / 2) > 1.2f)
                m->spot[i] = 1.0f;
    }
    /* Their soft rims belong to them. */
    limner_filter_box(m->low, m->spot, m->scratch, m->w, m->h,
                      max_int(1, (int)(0.012f * m->eye_width + 0.5f)));
    for (int i = 0; i < size; i++)
        m->spot[i] = m->low[i] > 0.01f ? 1.0f : 0.0f;
}

/* spot: bright pale pixels above the model and around them; none if they cover too much. */
static void find_spots(const limner_eye_model *m)
{
    const int size = m->w * m->h;
    const float disc = 3.14159f * m->iris_radius * m->iris_radius;
    int n = 0;

    for (int i = 0; i < size; i++) {
        m->spot[i] = m->visible[i] > 0.0f && spot_excess(m, i, SPOT_PALE) > 1.0f ? 1.0f : 0.0f;
        n += m->spot[i] > 0.0f;
    }
    /* Single pixels and threads are grain. */
    limner_filter_box(m->low, m->spot, m->scratch, m->w, m->h, 1);
    for (int i = 0; i < size && m->iris_radius > SPOT_GRAIN_PX; i++)
        m->spot[i] = m->low[i] > 0.6f ? m->spot[i] : 0.0f;
    if ((float)n > SPOT_MAX_SHARE * disc)
        memset(m->spot, 0, (size_t)size * sizeof(float));
    else
        grow_spots(m);
}

/* highlight: the spots with soft borders; clean: the photo with these replaced. */
static void take_out_spots(const limner_eye_model *m)
{
    limner_filter_box(m->highlight, m->spot, m->scratch, m->w, m->h, 1);
    for (int i = 0; i < m->w * m->h; i++)
        for (int c = 0; c < 3; c++)
            m->clean[c][i] = m->rgb[c][i] + m->highlight[i] *
                             (fminf(m->model[c][i], m->rgb[c][i]) - m->rgb[c][i]);
}

/* Highlights are found against a first model, which the second leaves out. */
limner_status limner_eye_model_run(limner_eye_model *m)
{
    limner_status st = LIMNER_OK;

    for (int round = 0; round < 2 && st >= 0; round++) {
        st = fill_sclera(m);
        if (st >= 0)
            st = fill_iris(m, round);
        if (st >= 0 && round == 0)
            find_spots(m);
    }
    if (st >= 0)
        take_out_spots(m);
    return st;
}
