/* SPDX-License-Identifier: Apache-2.0 */
/* From the session's frames to buffers downstream. They are copied into buffers of a pool of our
 * own, as the library's are few; a frame that a sink would throw away is passed over, not drawn. */
#include <string.h>

#include "limner_element.h"

void limner_gst_pool_close(GstLimner *self)
{
    if (self->pool) {
        gst_buffer_pool_set_active(self->pool, FALSE);
        gst_clear_object(&self->pool);
    }
}

gboolean limner_gst_pool_open(GstLimner *self, GstCaps *caps)
{
    limner_gst_pool_close(self);
    self->pool = gst_video_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(self->pool);
    gst_buffer_pool_config_set_params(config, caps, (guint)GST_VIDEO_INFO_SIZE(&self->video), 2, 0);
    return gst_buffer_pool_set_config(self->pool, config) &&
           gst_buffer_pool_set_active(self->pool, TRUE);
}

static GstBuffer *copy_frame(GstLimner *self, const limner_frame *f)
{
    GstBuffer *buffer = NULL;
    GstVideoFrame to;

    if (gst_buffer_pool_acquire_buffer(self->pool, &buffer, NULL) != GST_FLOW_OK ||
        !gst_video_frame_map(&to, &self->video, buffer, GST_MAP_WRITE)) {
        gst_clear_buffer(&buffer);
        return NULL;
    }
    for (guint p = 0; p < GST_VIDEO_FRAME_N_PLANES(&to); p++) {
        const size_t row = (size_t)GST_VIDEO_FRAME_COMP_WIDTH(&to, p) *
                           (size_t)GST_VIDEO_FRAME_COMP_PSTRIDE(&to, p);
        for (gint y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(&to, p); y++)
            memcpy((guint8 *)GST_VIDEO_FRAME_PLANE_DATA(&to, p) +
                       (ptrdiff_t)y * GST_VIDEO_FRAME_PLANE_STRIDE(&to, p),
                   f->plane[p] + y * f->stride[p], row);
    }
    gst_video_frame_unmap(&to);
    return buffer;
}

/* From the session's start to frame n's. */
static GstClockTime frame_time(const GstLimner *self, guint64 n)
{
    return gst_util_uint64_scale(n, (guint64)GST_VIDEO_INFO_FPS_D(&self->video) * GST_SECOND,
                                 (guint64)GST_VIDEO_INFO_FPS_N(&self->video));
}

/* Whether the sink would throw this frame away. */
static gboolean is_late(GstLimner *self, GstClockTime pts)
{
    const GstClockTime running = gst_segment_to_running_time(&self->segment, GST_FORMAT_TIME, pts);

    GST_OBJECT_LOCK(self);
    const GstClockTime earliest = self->earliest;
    GST_OBJECT_UNLOCK(self);
    return GST_CLOCK_TIME_IS_VALID(earliest) && GST_CLOCK_TIME_IS_VALID(running) &&
           running < earliest;
}

/* Counts a frame that was left out and says so on the bus. */
static void tell_drop(GstLimner *self, GstClockTime pts, GstClockTime duration)
{
    const GstClockTime running = gst_segment_to_running_time(&self->segment, GST_FORMAT_TIME, pts);
    GstMessage *m = gst_message_new_qos(
        GST_OBJECT(self), FALSE, running,
        gst_segment_to_stream_time(&self->segment, GST_FORMAT_TIME, pts), pts, duration);

    GST_OBJECT_LOCK(self);
    self->n_dropped++;
    gst_message_set_qos_values(m, GST_CLOCK_DIFF(running, self->earliest), self->qos_proportion,
                               1000000);
    gst_message_set_qos_stats(m, GST_FORMAT_BUFFERS, self->n_shown, self->n_dropped);
    GST_OBJECT_UNLOCK(self);
    gst_element_post_message(GST_ELEMENT(self), m);
}

static GstFlowReturn push_frame(GstLimner *self, const limner_frame *f, GstClockTime pts,
                                GstClockTime duration)
{
    GstBuffer *buffer = copy_frame(self, f);

    if (!buffer) {
        GST_ELEMENT_ERROR(self, RESOURCE, NO_SPACE_LEFT, ("out of memory for frames"), (NULL));
        return GST_FLOW_ERROR;
    }
    GST_BUFFER_PTS(buffer) = pts;
    GST_BUFFER_DURATION(buffer) = duration;
    GST_BUFFER_OFFSET(buffer) = self->n_frames;
    if (!self->n_frames)
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
    GST_OBJECT_LOCK(self);
    self->n_shown++;
    GST_OBJECT_UNLOCK(self);
    return gst_pad_push(self->src, buffer);
}

GstFlowReturn limner_gst_frames_push(GstLimner *self)
{
    GstFlowReturn flow = GST_FLOW_OK;
    limner_status st = LIMNER_OK;

    while (flow == GST_FLOW_OK && st == LIMNER_OK) {
        const GstClockTime begin = frame_time(self, self->n_frames);
        const GstClockTime pts = self->start + begin;
        const GstClockTime duration = frame_time(self, self->n_frames + 1) - begin;
        const gboolean late = is_late(self, pts);
        limner_frame f;

        st = limner_session_receive(self->session, late ? NULL : &f);
        if (st != LIMNER_OK)
            break;
        if (late) {
            tell_drop(self, pts, duration);
        } else {
            flow = push_frame(self, &f, pts, duration);
            limner_frame_unref(&f);
        }
        self->n_frames++;
    }
    return flow;
}
