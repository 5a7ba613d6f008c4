/* SPDX-License-Identifier: Apache-2.0 */
/* Strips between contact lines (opening.h): two triangles for each two neighbouring pairs. Where
 * the lines have crossed, a triangle turns away and is dropped. */
#include "render/opening.h"

#include <math.h>

#include "core/mem.h"

#define BEHIND_CM 0.3f                  /* the opening lies this far behind the edges */
#define UNDER_PX 0.7f                   /* and reaches this far under them */

/* One corner: pair `pair`, on the lower line or the upper. */
typedef struct corner {
    uint32_t pair;
    bool is_lower;
} corner;

static void add(limner_openings *o, const limner_rig *rig, const limner_contact *c,
                const corner at[3], uint8_t kind, limner_drawlist *list)
{
    float place[3], gap[3], photo[3], home[2][3];
    limner_corners k;
    limner_plane *p;

    for (int n = 0; n < 3; n++) {
        const uint32_t j = at[n].pair;
        const uint32_t v = at[n].is_lower ? c->line->lower[j] : c->line->upper[j];
        const float s = at[n].is_lower ? -UNDER_PX : UNDER_PX;

        k.x[n] = rig->at[0][v] + s * rig->up[0];
        k.y[n] = rig->at[1][v] + s * rig->up[1];
        k.z[n] = rig->at[2][v] - BEHIND_CM * rig->pose_frame.scale;
        home[0][n] = rig->rest[0][v] + s * rig->up[0];
        home[1][n] = rig->rest[1][v] + s * rig->up[1];
        place[n] = at[n].is_lower;
        gap[n] = c->gap[j];
        photo[n] = fmaxf(0, c->photo_gap[j]);
    }
    if (list->n - o->first >= o->max)
        return;
    p = limner_drawlist_add(list, &k, kind);
    if (!p)
        return;
    limner_plane_set(p, &k, 0, place[0], place[1], place[2]);
    limner_plane_set(p, &k, 1, gap[0], gap[1], gap[2]);
    limner_plane_set(p, &k, 2, photo[0], photo[1], photo[2]);
    p = &o->home[list->n - 1 - o->first];
    for (int i = 0; i < 2; i++)
        limner_plane_set(p, &k, i, home[i][0], home[i][1], home[i][2]);
}

/* is_reversed: the line runs from right to left on the canvas. */
static void draw(limner_openings *o, const limner_rig *rig, const limner_contact *c,
                 bool is_reversed, uint8_t kind, limner_drawlist *list)
{
    const float least = 0.05f;

    for (uint32_t i = 0; i + 1 < c->n; i++) {
        const corner q[4] = {{i, false}, {i + 1, false}, {i + 1, true}, {i, true}};
        const corner first[3] = {q[0], q[is_reversed ? 2 : 1], q[is_reversed ? 1 : 2]};
        const corner second[3] = {q[0], q[is_reversed ? 3 : 2], q[is_reversed ? 2 : 3]};

        if (c->gap[i] < least && c->gap[i + 1] < least)
            continue;
        add(o, rig, c, first, kind, list);
        add(o, rig, c, second, kind, list);
    }
}

limner_status limner_openings_open(limner_openings *o, const limner_rig *rig)
{
    o->first = 0;
    o->max = 2 * (rig->lips.n + rig->lids[0].n + rig->lids[1].n);
    o->home = limner_calloc(o->max, sizeof(*o->home));
    return o->home ? LIMNER_OK : LIMNER_E_NOMEM;
}

void limner_openings_close(limner_openings *o)
{
    limner_mem_free(o->home);
    o->home = NULL;
}

void limner_openings_draw(limner_openings *o, const limner_rig *rig, limner_drawlist *list)
{
    o->first = list->n;
    draw(o, rig, &rig->lids[LIMNER_SIDE_LEFT], false, LIMNER_CORE_EYE_LEFT, list);
    draw(o, rig, &rig->lids[LIMNER_SIDE_RIGHT], true, LIMNER_CORE_EYE_RIGHT, list);
    draw(o, rig, &rig->lips, false, LIMNER_CORE_MOUTH, list);
}
