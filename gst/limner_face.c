/* SPDX-License-Identifier: Apache-2.0 */
/* From the properties `portrait`, `face` and `models` to a portrait in memory. */
#include <string.h>

#include "io/portrait.h"
#include "limner_element.h"

static gboolean load(GstLimner *self, const char *path)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_file file;

    if (limner_io_file_read(&file, path, LIMNER_IO_MAX_PORTRAIT_BYTES, err) < 0) {
        GST_ELEMENT_ERROR(self, RESOURCE, OPEN_READ, ("%s", err), (NULL));
        return FALSE;
    }
    const limner_status st =
        limner_portrait_load(&self->portrait, self->models.model, file.bytes, file.len_bytes);
    limner_io_file_close(&file);
    if (st < 0)
        GST_ELEMENT_ERROR(self, STREAM, DECODE,
                          ("%s: is damaged or was made by another version of limner", path),
                          ("%s", limner_strerror(st)));
    return st >= 0;
}

static gboolean encode(GstLimner *self, const char *path)
{
    char err[LIMNER_IO_ERROR_SIZE], detail[LIMNER_DETAIL_SIZE] = "";
    limner_portrait_options options;
    limner_io_image image;

    if (limner_io_image_read(&image, path, err) < 0) {
        GST_ELEMENT_ERROR(self, RESOURCE, OPEN_READ, ("%s", err), (NULL));
        return FALSE;
    }
    const limner_photo photo = limner_io_image_photo(&image);
    limner_portrait_options_init(&options, sizeof(options));
    options.face = self->options.face;
    const limner_status st =
        limner_portrait_encode(&self->portrait, self->models.model, &photo, &options, detail);
    limner_io_image_close(&image);
    if (st < 0)
        GST_ELEMENT_ERROR(self, STREAM, DECODE,
                          ("%s: %s", path, *detail ? detail : limner_strerror(st)),
                          ("the property `face` chooses among several"));
    return st >= 0;
}

gboolean limner_gst_face_open(GstLimner *self)
{
    const char *path = self->options.portrait;
    char err[LIMNER_IO_ERROR_SIZE], demo[LIMNER_IO_PATH_SIZE];

    if (!path && limner_io_asset_find("demo.jpg", demo))
        path = demo;
    if (!path) {
        GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("set the property `portrait`"), (NULL));
        return FALSE;
    }
    const bool is_saved = limner_io_is_portrait(path);
    if (limner_io_models_open(&self->models, self->options.models, !is_saved, err) < 0) {
        GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s", err), (NULL));
        return FALSE;
    }
    if (!self->models.file[LIMNER_IO_SPEECH_FILE].bytes) {
        GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND,
                          ("%s: this model file is not found",
                           limner_io_model_name(LIMNER_IO_SPEECH_FILE)),
                          (NULL));
        limner_gst_face_close(self);
        return FALSE;
    }
    if (is_saved ? load(self, path) : encode(self, path))
        return TRUE;
    limner_gst_face_close(self);
    return FALSE;
}

void limner_gst_face_close(GstLimner *self)
{
    limner_portrait_close(&self->portrait);
    limner_io_models_close(&self->models);
    memset(&self->models, 0, sizeof(self->models));
}

void limner_gst_face_size(GstLimner *self, gint *width_px, gint *height_px)
{
    guint32 w, h;

    limner_io_frame_size(self->portrait, (limner_framing)self->options.framing,
                         (guint32)self->options.size_px, &w, &h);
    *width_px = (gint)w;
    *height_px = (gint)h;
}
