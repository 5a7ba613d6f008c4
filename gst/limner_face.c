/* SPDX-License-Identifier: Apache-2.0 */
/* From the properties `portrait`, `face` and `models` to a portrait in memory. */
#include <string.h>

#include "limner_element.h"

enum { MAX_PORTRAIT_BYTES = 1 << 30, DEFAULT_SIZE_PX = 512, MIN_SIDE_PX = 64 };

static gboolean load(GstLimner *self, const char *path)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_file file;

    if (limner_io_file_read(&file, path, MAX_PORTRAIT_BYTES, err) < 0) {
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
    const limner_photo photo = {image.rgb, (ptrdiff_t)image.width_px * 3, image.width_px,
                                image.height_px};
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
    const bool is_saved = g_str_has_suffix(path, ".portrait");
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
    const guint32 asked = (guint32)self->options.size_px & ~1u;
    guint32 w, h;

    *width_px = *height_px = asked ? (gint)asked : DEFAULT_SIZE_PX;
    if (self->options.framing != LIMNER_FRAMING_FULL)
        return;
    limner_portrait_geometry(self->portrait, NULL, NULL, &w, &h);
    const guint32 longer = MAX(w, h);
    const guint32 size = asked ? asked : MIN(longer, LIMNER_MAX_FULL_PX);
    *width_px = MAX(MIN_SIDE_PX, (gint)((guint64)w * size / longer & ~1ull));
    *height_px = MAX(MIN_SIDE_PX, (gint)((guint64)h * size / longer & ~1ull));
}
