/* SPDX-License-Identifier: Apache-2.0 */
/* Models and portraits as public objects: opening, holding and closing; the work is done in face/
 * and portrait/. Reference counts: increments relaxed, the last decrement acquire-release. */
#include "model.h"

#include <string.h>

#include "core/mem.h"
#include "face/fit.h"
#include "motion/generator.h"
#include "portrait/encoder.h"
#include "portrait/portrait_file.h"

limner_model *limner_model_ref(limner_model *m)
{
    atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
    return m;
}

limner_portrait *limner_portrait_ref(limner_portrait *p)
{
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

/* What the caller's struct holds of ours: the first version ended with the nets. */
static bool read_files(limner_model_files *all, const limner_model_files *files)
{
    const size_t first = offsetof(limner_model_files, speech);

    if (!files || files->struct_size < first)
        return false;
    memcpy(all, files, files->struct_size < sizeof(*all) ? files->struct_size : sizeof(*all));
    return all->face.bytes;
}

limner_status limner_model_open(limner_model **out, const limner_model_files *files)
{
    limner_model_files all = {0};
    limner_model *m;
    limner_status st;

    if (!out)
        return LIMNER_E_ARG;
    *out = NULL;
    if (!read_files(&all, files))
        return LIMNER_E_ARG;
    files = &all;
    m = limner_calloc(1, sizeof(*m));
    if (!m)
        return LIMNER_E_NOMEM;
    atomic_init(&m->refs, 1);
    st = limner_face_open(&m->face, files->face.bytes, files->face.len_bytes);
    if (st < 0)
        goto fail;
    m->has_nets = files->detector.bytes && files->landmarks.bytes && files->segmenter.bytes;
    if (m->has_nets) {
        st = limner_nets_open(&m->nets, &files->detector, &files->landmarks, &files->segmenter,
                              NULL);
        if (st < 0)
            goto fail;
    }
    if (files->speech.bytes) {
        st = limner_speech_net_open(&m->speech, files->speech.bytes, files->speech.len_bytes);
        if (st < 0)
            goto fail;
    }
    if (files->motion.bytes) {
        st = limner_lips_net_open(&m->lips, files->motion.bytes, files->motion.len_bytes);
        if (st < 0)
            goto fail;
    }
    *out = m;
    return LIMNER_OK;
fail:
    limner_model_close(&m);
    return st;
}

void limner_model_close(limner_model **model)
{
    limner_model *m;

    if (!model || !*model)
        return;
    m = *model;
    *model = NULL;
    if (atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
        return;
    limner_speech_net_close(&m->speech);
    limner_lips_net_close(&m->lips);
    limner_nets_close(&m->nets);
    limner_face_close(&m->face);
    limner_mem_free(m);
}

void limner_portrait_options_init(limner_portrait_options *opt, uint32_t struct_size)
{
    if (!opt || struct_size < sizeof(*opt))
        return;
    memset(opt, 0, sizeof(*opt));
    opt->struct_size = sizeof(*opt);
    opt->face = -1;
}

static limner_status portrait_new(limner_portrait **out, limner_model *model)
{
    limner_portrait *p = limner_calloc(1, sizeof(*p));

    *out = p;
    if (!p)
        return LIMNER_E_NOMEM;
    atomic_init(&p->refs, 1);
    p->model = limner_model_ref(model);
    return LIMNER_OK;
}

limner_status limner_portrait_encode(limner_portrait **out, limner_model *model,
                                     const limner_photo *photo,
                                     const limner_portrait_options *opt, char *detail)
{
    limner_portrait_options standard;
    limner_portrait *p;
    limner_status st;

    if (detail)
        detail[0] = 0;
    if (!out)
        return LIMNER_E_ARG;
    *out = NULL;
    if (!model || !photo || !photo->rgb || (opt && opt->struct_size < sizeof(*opt)))
        return LIMNER_E_ARG;
    if (!model->has_nets)
        return LIMNER_E_STATE;
    limner_portrait_options_init(&standard, sizeof(standard));
    st = portrait_new(&p, model);
    if (st < 0)
        return st;
    st = limner_encode_photo(&p->app, model->face, &model->nets, photo, opt ? opt : &standard,
                             detail);
    if (st < 0) {
        limner_portrait_close(&p);
        return st;
    }
    *out = p;
    return LIMNER_OK;
}

limner_status limner_photo_faces(limner_model *model, const limner_photo *photo,
                                 limner_face_box faces[LIMNER_MAX_FACES], size_t *n_faces)
{
    if (!n_faces)
        return LIMNER_E_ARG;
    *n_faces = 0;
    if (!model || !photo || !photo->rgb || !faces)
        return LIMNER_E_ARG;
    if (!model->has_nets)
        return LIMNER_E_STATE;
    return limner_encode_faces(&model->nets, photo, faces, n_faces);
}

limner_status limner_portrait_load(limner_portrait **out, limner_model *model, const void *bytes,
                                   size_t len_bytes)
{
    limner_portrait *p;
    limner_status st;

    if (!out)
        return LIMNER_E_ARG;
    *out = NULL;
    if (!model || !bytes)
        return LIMNER_E_ARG;
    st = portrait_new(&p, model);
    if (st < 0)
        return st;
    st = limner_appearance_load(&p->app, model->face, bytes, len_bytes);
    if (st < 0) {
        limner_portrait_close(&p);
        return st;
    }
    *out = p;
    return LIMNER_OK;
}

limner_status limner_portrait_save(const limner_portrait *p, void **bytes, size_t *len_bytes)
{
    if (!p || !bytes || !len_bytes)
        return LIMNER_E_ARG;
    return limner_appearance_save(&p->app, p->model->face, bytes, len_bytes);
}

void limner_portrait_motion(const limner_portrait *p, limner_motion *out)
{
    const limner_fit *fit = &p->app.fit;

    memset(out, 0, sizeof(*out));
    memcpy(out->expression, fit->shape, sizeof(out->expression));
    out->tongue_up = fit->shape[LIMNER_N_EXPRESSION];
    out->yaw = fit->yaw;
    out->pitch = fit->pitch;
    out->roll = fit->roll;
    out->distance = 1;
    out->gaze_yaw = fit->gaze_yaw;
    out->gaze_pitch = fit->gaze_pitch;
}

void limner_portrait_apply(const limner_portrait *p, const limner_motion *generated,
                           limner_motion *out)
{
    limner_motion photo;

    limner_portrait_motion(p, &photo);
    limner_motion_apply(out, &photo, generated);
}

void limner_portrait_geometry(const limner_portrait *p, uint32_t *crop_px,
                              limner_face_box *crop_in_photo, uint32_t *photo_width_px,
                              uint32_t *photo_height_px)
{
    const limner_appearance *a = &p->app;

    if (crop_px)
        *crop_px = a->size_px;
    if (crop_in_photo) {
        crop_in_photo->x_px = -a->photo_tx / a->photo_scale;
        crop_in_photo->y_px = -a->photo_ty / a->photo_scale;
        crop_in_photo->width_px = (float)a->size_px / a->photo_scale;
        crop_in_photo->height_px = crop_in_photo->width_px;
        crop_in_photo->score = 1;
    }
    if (photo_width_px)
        *photo_width_px = a->photo_width_px;
    if (photo_height_px)
        *photo_height_px = a->photo_height_px;
}

float limner_identity_distance(const limner_model *model, const float a[LIMNER_N_IDENTITY],
                               const float b[LIMNER_N_IDENTITY])
{
    return limner_face_distance(model->face, a, b);
}

void limner_portrait_landmarks(const limner_portrait *p, float landmarks[478][2])
{
    for (int i = 0; i < LIMNER_N_LANDMARK; i++)
        for (int k = 0; k < 2; k++)
            landmarks[i][k] = p->app.landmarks[i][k];
}

void limner_portrait_fitted_landmarks(const limner_portrait *p, float landmarks[478][2])
{
    if (limner_fit_project_landmarks(landmarks, p->model->face, &p->app.fit, p->app.residual) < 0)
        memset(landmarks, 0, sizeof(float) * 2 * LIMNER_N_LANDMARK);
}

void limner_portrait_close(limner_portrait **portrait)
{
    limner_portrait *p;

    if (!portrait || !*portrait)
        return;
    p = *portrait;
    *portrait = NULL;
    if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    limner_appearance_close(&p->app);
    limner_model_close(&p->model);
    limner_mem_free(p);
}
