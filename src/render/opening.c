/* SPDX-License-Identifier: Apache-2.0 */
/* Strips between contact lines (opening.h): two triangles for each two neighbouring pairs. Where
 * the lines have crossed, a triangle turns away and is dropped. */
#include "render/opening.h"

#include <math.h>

#define BEHIND_CM 0.3f                  /* the opening lies this far behind the edges */
#define UNDER_PX 0.7f                   /* and reaches this far under them */

/* One corner: pair `pair`, on the lower line or the upper. */
typedef struct corner {
    uint32_t pair;
    bool is_lower;
} corner;

static void add(const limner_rig *rig, const limner_contact *c, const corner at[3], uint8_t kind,
                limner_drawlist *list)
{
    float place[3], gap[3], photo[3];
    limner_corners k;
    limner_plane *p;

    for (int n = 0; n < 3; n++) {
        const uint32_t j = at[n].pair;
        const uint32_t v = at[n].is_lower ? c->line->lower[j] : c->line->upper[j];
        const float s = at[n].is_lower ? -UNDER_PX : UNDER_PX;

        k.x[n] = rig->at[0][v] + s * rig->up[0];
        k.y[n] = rig->at[1][v] + s * rig->up[1];
        k.z[n] = rig->at[2][v] - BEHIND_CM * rig->pose_frame.scale;
        place[n] = at[n].is_lower;
        gap[n] = c->gap[j];
        photo[n] = fmaxf(0, c->photo_gap[j]);
    }
    p = limner_drawlist_add(list, &k, kind);
    if (!p)
        return;
    limner_plane_set(p, &k, 0, place[0], place[1], place[2]);
    limner_plane_set(p, &k, 1, gap[0], gap[1], gap[2]);
    limner_plane_set(p, &k, 2, photo[0], photo[1], photo[2]);
}

void limner_opening_draw(const limner_rig *rig, const limner_contact *c, bool is_reversed,
                         uint8_t kind, limner_drawlist *list)
{
    const float least = 0.05f;

    for (uint32_t i = 0; i + 1 < c->n; i++) {
        const corner q[4] = {{i, false}, {i + 1, false}, {i + 1, true}, {i, true}};
        const corner first[3] = {q[0], q[is_reversed ? 2 : 1], q[is_reversed ? 1 : 2]};
        const corner second[3] = {q[0], q[is_reversed ? 3 : 2], q[is_reversed ? 2 : 3]};

        if (c->gap[i] < least && c->gap[i + 1] < least)
            continue;
        add(rig, c, first, kind, list);
        add(rig, c, second, kind, list);
    }
}
