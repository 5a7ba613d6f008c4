/* SPDX-License-Identifier: Apache-2.0 */
/* All figures of one portrait of eval control: the shots of control_shots.c, the photo's own motion
 * against the photo, and how much of the person is left in frames that move. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/control.h"
#include "eval/picture.h"

limner_status eval_control_show(void *user, eval_stage *stage, const limner_motion *m)
{
    (void)user;
    return eval_stage_show(stage, m);
}

/* The photo's crop at the stage's size, to be freed; NULL: no memory. */
static uint8_t *crop_of(const eval_stage *stage, const limner_photo *photo)
{
    uint8_t *crop = malloc((size_t)stage->size_px * stage->size_px * 3);
    limner_face_box box;

    limner_portrait_geometry(stage->portrait, NULL, &box, NULL, NULL);
    if (crop && eval_crop(crop, stage->size_px, photo, &box) < 0) {
        free(crop);
        crop = NULL;
    }
    return crop;
}

/* The photo's own motion against the photo. */
static limner_status compare_own(double *psnr_db, eval_stage *stage, const limner_photo *photo,
                                 eval_show show, void *user)
{
    limner_motion own;

    limner_portrait_motion(stage->portrait, &own);
    const limner_status st = show(user, stage, &own);
    if (st < 0)
        return st;
    uint8_t *crop = crop_of(stage, photo);
    if (!crop)
        return LIMNER_E_NOMEM;
    *psnr_db = eval_psnr(stage->rgb, crop, NULL, stage->size_px, stage->size_px);
    free(crop);
    return LIMNER_OK;
}

/* The sitter's shape, read from the crop as it is read from the frames. */
static limner_status look_at_crop(eval_controlled *out, const eval_stage *stage,
                                  const limner_photo *photo, bool *has_identity)
{
    uint8_t *crop = crop_of(stage, photo);
    limner_photo view = eval_stage_view(stage);
    limner_tracked look;

    if (!crop)
        return LIMNER_E_NOMEM;
    view.rgb = crop;
    const limner_status st = eval_look(&look, stage->model, &view);
    free(crop);
    *has_identity = st == LIMNER_OK;
    if (st == LIMNER_OK)
        memcpy(out->identity, look.identity, sizeof(out->identity));
    return st == LIMNER_E_NO_FACE ? LIMNER_OK : st;
}

static void compare_identities(eval_controlled *out, const limner_model *model, bool has_identity,
                               const eval_reading *readings, const eval_shot *shots)
{
    int n = 0, n_read = 0;

    for (int k = 0; k < LIMNER_N_IDENTITY && !has_identity; k++)
        out->identity[k] = NAN;
    for (int i = 0; i < EVAL_N_SHOTS; i++) {
        if (!shots[i].is_identity_read)
            continue;
        out->identity_frame[n++] =
            readings[i].has_identity
                ? (double)limner_identity_distance(model, out->identity, readings[i].identity)
                : (double)NAN;
        for (int k = 0; k < LIMNER_N_IDENTITY && readings[i].has_identity; k++)
            out->moved_identity[k] += readings[i].identity[k];
        n_read += readings[i].has_identity;
    }
    for (int k = 0; k < LIMNER_N_IDENTITY; k++)
        out->moved_identity[k] = n_read ? out->moved_identity[k] / (float)n_read : NAN;
    out->identity_change =
        (double)limner_identity_distance(model, out->identity, out->moved_identity);
}

static limner_status read_shots(eval_controlled *out, eval_stage *stage, const limner_photo *photo,
                                eval_show show, void *user)
{
    eval_reading *readings = calloc(EVAL_N_SHOTS, sizeof(*readings));
    eval_shot *shots = calloc(EVAL_N_SHOTS, sizeof(*shots));
    limner_status st = LIMNER_E_NOMEM;
    bool has_identity;
    limner_motion own;

    out->film = calloc(EVAL_N_FILM, EVAL_FILM_PX * EVAL_FILM_PX * 3);
    if (readings && shots && out->film) {
        limner_portrait_motion(stage->portrait, &own);
        out->own_yaw = (double)own.yaw;
        out->own_pitch = (double)own.pitch;
        eval_control_shots(shots, &own);
        st = eval_control_read(readings, shots, stage, show, user, out->film);
    }
    if (st >= 0)
        st = look_at_crop(out, stage, photo, &has_identity);
    if (st >= 0) {
        eval_control_obedience(&out->obedience, shots, readings);
        eval_control_factors(&out->factors, shots, readings);
        compare_identities(out, stage->model, has_identity, readings, shots);
        for (int i = 0; i < EVAL_N_SHOTS; i++) {
            out->n_lost += !readings[i].is_found;
            out->n_new += readings[i].is_new;
        }
    }
    free(readings);
    free(shots);
    return st;
}

void eval_control_portrait(eval_controlled *out, limner_model *model, const limner_photo *photo,
                           uint32_t size_px, eval_show show, void *user)
{
    uint32_t crop_px;
    eval_stage stage;

    memset(out, 0, sizeof(*out));
    out->status = eval_stage_open(&stage, model, photo, size_px, out->reason);
    if (out->status < 0)
        return;
    out->status = read_shots(out, &stage, photo, show, user);
    if (out->status >= 0)
        out->status = compare_own(&out->psnr_size_db, &stage, photo, show, user);
    limner_portrait_geometry(stage.portrait, &crop_px, NULL, NULL, NULL);
    if (out->status >= 0)
        out->status = eval_stage_resize(&stage, crop_px);
    if (out->status >= 0)
        out->status = compare_own(&out->psnr_db, &stage, photo, show, user);
    if (out->status < 0)
        strncat(out->reason, limner_strerror(out->status), sizeof(out->reason) - 1);
    eval_stage_close(&stage);
}

void eval_controlled_close(eval_controlled *c)
{
    if (!c)
        return;
    free(c->film);
    c->film = NULL;
}
