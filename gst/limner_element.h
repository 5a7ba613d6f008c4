/* SPDX-License-Identifier: Apache-2.0 */
/* The GStreamer element `limner`: sound in, a talking face out. Properties map to limner_settings
 * and limner_controls; what the element adds is GStreamer's own business: caps, time stamps,
 * latency, draining, flushing, dropping late frames. */
#ifndef LIMNER_GST_ELEMENT_H
#define LIMNER_GST_ELEMENT_H

#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdbool.h>

#include "io/models.h"
#include "limner/limner.h"

#define GST_TYPE_LIMNER (gst_limner_get_type())
G_DECLARE_FINAL_TYPE(GstLimner, gst_limner, GST, LIMNER, GstElement)

/* What a user sets, guarded by the object's lock. */
typedef struct limner_gst_options {
    gchar *portrait, *models, *emotion;
    gint face, size_px, fps_num, fps_den, n_threads, framing;
    guint64 seed;
    limner_controls controls;
    gboolean has_new_controls; /* since the session took them */
} limner_gst_options;

struct _GstLimner {
    GstElement parent;
    GstPad *sink, *src;
    limner_gst_options options;

    /* From READY to NULL. */
    limner_io_models models;
    limner_portrait *portrait;

    /* The streaming thread's. */
    limner_session *session;
    GstVideoInfo video;
    GstBufferPool *pool;
    GstSegment segment;
    guint rate_hz;
    GstClockTime start;   /* of the session's sound; NONE: no buffer yet */
    guint64 n_samples;    /* sent to the session */
    guint64 n_frames;     /* received from it or passed over */
    GstFlowReturn flow;

    /* Guarded by the object's lock. */
    GstClockTime latency;
    gdouble qos_proportion;
    GstClockTime earliest; /* running time; frames before it come too late */
    guint64 n_shown, n_dropped;
};

/* limner_properties.c: declares them, and their values at the start. */
void limner_gst_properties_install(GObjectClass *klass);
void limner_gst_options_init(limner_gst_options *o);
void limner_gst_options_clear(limner_gst_options *o);
void limner_gst_property_set(GObject *object, guint id, const GValue *value, GParamSpec *spec);
void limner_gst_property_get(GObject *object, guint id, GValue *value, GParamSpec *spec);

/* limner_face.c: the models and the portrait; on failure an error message on the bus and FALSE. */
gboolean limner_gst_face_open(GstLimner *self);
void limner_gst_face_close(GstLimner *self);
/* The size of frames for the options: square, or the whole photo's. */
void limner_gst_face_size(GstLimner *self, gint *width_px, gint *height_px);

/* limner_frames.c: buffers of the format in self->video; FALSE when there is no memory. */
gboolean limner_gst_pool_open(GstLimner *self, GstCaps *caps);
void limner_gst_pool_close(GstLimner *self);
/* Pushes all frames that the session has. */
GstFlowReturn limner_gst_frames_push(GstLimner *self);

#endif
