/* SPDX-License-Identifier: Apache-2.0 */
/* Skin is redder than the eye. Along each pair's column the line goes down while the photo is
 * nearer to the eye's redness than to that of the skin below; narrow wedges are taken out, the
 * rest is smoothed by medians. Grey pictures have no redness and stay as they are. */
#include "render/lid_search.h"

#include <math.h>
#include <string.h>

#define SKIN_CM 0.75f                   /* this far below the line there is skin */
#define MOST_CM 0.6f                    /* the lid is not further below than this */
#define EDGE_CM 0.06f
#define LEAST_CONTRAST 0.06f            /* between eye and skin, in redness */
#define STEP_PX 0.5f

enum { N_WEDGE = 2, N_AROUND = 7, N_SMOOTH = 6 };

/* (r - b) over the sum: about 0 for the eye's white, 0.1 to 0.3 for skin. */
static float redness(const limner_texture *photo, float x, float y)
{
    float c[4];

    limner_texture_sample(photo, x, y, c);
    return (c[0] - c[2]) / fmaxf(c[0] + c[1] + c[2], 24);
}

static float median(const float *v, int n)
{
    float s[LIMNER_CONTACT_MAX];

    for (int i = 0; i < n; i++) {
        int j = i;

        for (; j > 0 && s[j - 1] > v[i]; j--)
            s[j] = s[j - 1];
        s[j] = v[i];
    }
    return n ? s[n / 2] : 0;
}

/* Median over pairs of the redness t of the way from the upper to the lower line, or `below` px
 * under the lower one. */
static float typical(const limner_contact *lid, const limner_texture *photo, const float *x,
                     const float *y, float t, float below)
{
    float v[LIMNER_CONTACT_MAX];
    int n = 0;

    for (uint32_t i = lid->n / 5; i < lid->n - lid->n / 5; i++) {
        const uint32_t u = lid->line->upper[i], l = lid->line->lower[i];

        v[n++] = redness(photo, x[u] + t * (x[l] - x[u]) - below * lid->up[0],
                         y[u] + t * (y[l] - y[u]) - below * lid->up[1]);
    }
    return median(v, n);
}

/* Least (sign -1) or most (1) over neighbouring columns. */
static void spread(float *v, int n, float sign)
{
    float w[LIMNER_CONTACT_MAX];

    memcpy(w, v, (size_t)n * sizeof(*v));
    for (int i = 0; i < n; i++)
        for (int k = i < N_WEDGE ? 0 : i - N_WEDGE; k <= i + N_WEDGE && k < n; k++)
            v[i] = sign * fmaxf(sign * v[i], sign * w[k]);
}

static void smooth_line(float *v, int n)
{
    float w[LIMNER_CONTACT_MAX];

    for (int i = 0; i < n; i++) {
        const int from = i < N_AROUND / 2 ? 0 : i - N_AROUND / 2;
        const int to = i + N_AROUND / 2 < n ? i + N_AROUND / 2 + 1 : n;

        w[i] = median(v + from, to - from);
    }
    for (int round = 0; round < N_SMOOTH; round++) {
        memcpy(v, w, (size_t)n * sizeof(*v));
        for (int i = 1; i + 1 < n; i++)
            w[i] = (v[i - 1] + 2 * v[i] + v[i + 1]) / 4;
        w[0] = w[n - 1] = 0;            /* the corners stay */
    }
    memcpy(v, w, (size_t)n * sizeof(*v));
}

void limner_lid_search(const limner_contact *lid, const limner_texture *photo, const float *x,
                       const float *y, float px_per_cm, float *down)
{
    const float eye = typical(lid, photo, x, y, 0.6f, 0);
    const float skin = typical(lid, photo, x, y, 1, SKIN_CM * px_per_cm);
    const float middle = (eye + skin) / 2, most = MOST_CM * px_per_cm;

    memset(down, 0, lid->n * sizeof(*down));
    if (lid->n < N_AROUND || skin - eye < LEAST_CONTRAST)
        return;
    for (uint32_t i = 0; i < lid->n; i++) {
        const uint32_t l = lid->line->lower[i];
        float d = 0;

        while (d < most && redness(photo, x[l] - d * lid->up[0], y[l] - d * lid->up[1]) < middle)
            d += STEP_PX;
        /* No end in sight: no lid. The line itself goes onto the lid's edge. */
        down[i] = d < most && d > STEP_PX ? d + EDGE_CM * px_per_cm : 0;
    }
    /* A narrow wedge is shade on the skin, not the eye. */
    spread(down, (int)lid->n, -1);
    spread(down, (int)lid->n, 1);
    smooth_line(down, (int)lid->n);
}
