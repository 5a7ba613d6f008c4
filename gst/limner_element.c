/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers and events. A session is opened with the first sound after caps, a flush or a break, and
 * closed at the next; its frames carry the time of the sound they show, so that the picture is
 * limner_session_latency_samples late in a live pipeline, which the latency query answers. A gap of
 * at most MAX_GAP is heard as silence, anything else as a new start. */
#include "limner_element.h"

#include <string.h>

#include "limner/version.h"

#define LABEL                                                                                      \
    "Synthetic video made by Limner from one portrait and a voice; the person shown did not say "  \
    "this"
#define MAX_GAP (10 * GST_SECOND)
#define TOLERANCE (40 * GST_MSECOND) /* of time stamps, before a gap is seen */

enum { SILENCE_SAMPLES = 1024, DEFAULT_RATE_HZ = 16000 };

GST_DEBUG_CATEGORY_STATIC(limner_debug);
#define GST_CAT_DEFAULT limner_debug

G_DEFINE_TYPE(GstLimner, gst_limner, GST_TYPE_ELEMENT)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("audio/x-raw, format=(string)F32LE, layout=(string)interleaved, "
                    "channels=(int)1, rate=(int)[8000, 192000]"));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("video/x-raw, format=(string){ I420, NV12, RGBA }, width=(int)[64, 3840], "
                    "height=(int)[64, 3840], framerate=(fraction)[1/1, 120/1], "
                    "pixel-aspect-ratio=(fraction)1/1"));

static void close_session(GstLimner *self)
{
    limner_session_close(&self->session);
    self->start = GST_CLOCK_TIME_NONE;
    self->n_samples = self->n_frames = 0;
}

/* What downstream takes, narrowed to one by the options. */
static GstCaps *choose_caps(GstLimner *self)
{
    const limner_gst_options *o = &self->options;
    GstCaps *caps = gst_pad_get_allowed_caps(self->src);
    gint width, height;

    if (!caps)
        caps = gst_pad_get_pad_template_caps(self->src);
    if (gst_caps_is_empty(caps))
        return caps;
    caps = gst_caps_make_writable(gst_caps_truncate(caps));
    GstStructure *s = gst_caps_get_structure(caps, 0);
    limner_gst_face_size(self, &width, &height);
    gst_structure_fixate_field_nearest_int(s, "width", width);
    if (o->framing != LIMNER_FRAMING_FULL)
        gst_structure_get_int(s, "width", &height);
    gst_structure_fixate_field_nearest_int(s, "height", height);
    gst_structure_fixate_field_nearest_fraction(s, "framerate", o->fps_num, o->fps_den);
    gst_structure_fixate_field_string(s, "format",
                                      o->framing == LIMNER_FRAMING_ALPHA ? "RGBA" : "I420");
    return gst_caps_fixate(caps);
}

/* Agrees with downstream on what a frame is. */
static gboolean negotiate(GstLimner *self)
{
    gst_pad_check_reconfigure(self->src); /* done now */
    GstCaps *caps = choose_caps(self);
    gboolean is_agreed = !gst_caps_is_empty(caps) && gst_video_info_from_caps(&self->video, caps);

    if (is_agreed && GST_VIDEO_INFO_IS_YUV(&self->video)) {
        gst_caps_set_simple(caps, "colorimetry", G_TYPE_STRING, GST_VIDEO_COLORIMETRY_BT709, NULL);
        is_agreed = gst_video_info_from_caps(&self->video, caps);
    }
    is_agreed = is_agreed && gst_pad_set_caps(self->src, caps) && limner_gst_pool_open(self, caps);
    GST_INFO_OBJECT(self, "frames: %" GST_PTR_FORMAT, (void *)caps);
    gst_caps_unref(caps);
    if (!is_agreed)
        GST_ELEMENT_ERROR(self, CORE, NEGOTIATION,
                          ("no video format fits the properties and what follows"), (NULL));
    return is_agreed;
}

static limner_pixel pixel_of(const GstVideoInfo *video)
{
    return GST_VIDEO_INFO_FORMAT(video) == GST_VIDEO_FORMAT_NV12   ? LIMNER_PIXEL_NV12
           : GST_VIDEO_INFO_FORMAT(video) == GST_VIDEO_FORMAT_RGBA ? LIMNER_PIXEL_RGBA
                                                                   : LIMNER_PIXEL_I420;
}

static void tell_latency(GstLimner *self)
{
    const GstClockTime latency = gst_util_uint64_scale_ceil(
        (guint64)limner_session_latency_samples(self->session), GST_SECOND, self->rate_hz);

    GST_OBJECT_LOCK(self);
    const gboolean is_new = latency != self->latency;
    self->latency = latency;
    GST_OBJECT_UNLOCK(self);
    if (is_new)
        gst_element_post_message(GST_ELEMENT(self), gst_message_new_latency(GST_OBJECT(self)));
}

/* Into the metadata of whatever file is made of the frames. */
static void tell_label(GstLimner *self)
{
    GstTagList *label = gst_tag_list_new(GST_TAG_COMMENT, LABEL, NULL);

    gst_tag_list_set_scope(label, GST_TAG_SCOPE_GLOBAL);
    gst_pad_push_event(self->src, gst_event_new_tag(label));
}

static gboolean open_session(GstLimner *self)
{
    char detail[LIMNER_DETAIL_SIZE] = "";
    limner_settings set;

    if (gst_pad_check_reconfigure(self->src) || !self->pool)
        if (!negotiate(self))
            return FALSE;
    limner_settings_init(&set, sizeof(set));
    set.rate_hz = self->rate_hz;
    set.fps_num = (guint32)GST_VIDEO_INFO_FPS_N(&self->video);
    set.fps_den = (guint32)GST_VIDEO_INFO_FPS_D(&self->video);
    set.width_px = (guint32)GST_VIDEO_INFO_WIDTH(&self->video);
    set.height_px = (guint32)GST_VIDEO_INFO_HEIGHT(&self->video);
    set.n_threads = (guint32)self->options.n_threads;
    set.framing = (limner_framing)self->options.framing;
    set.pixel = pixel_of(&self->video);
    set.seed = self->options.seed;
    const limner_status st =
        limner_session_open(&self->session, self->models.model, self->portrait, &set, detail);
    if (st < 0) {
        GST_ELEMENT_ERROR(self, LIBRARY, SETTINGS, ("%s", *detail ? detail : limner_strerror(st)),
                          (NULL));
        return FALSE;
    }
    self->options.has_new_controls = TRUE;
    tell_latency(self);
    tell_label(self);
    return TRUE;
}

static void take_controls(GstLimner *self)
{
    GST_OBJECT_LOCK(self);
    const limner_controls controls = self->options.controls;
    const gboolean are_new = self->options.has_new_controls;
    self->options.has_new_controls = FALSE;
    GST_OBJECT_UNLOCK(self);
    if (are_new && limner_session_control(self->session, &controls) < 0)
        GST_WARNING_OBJECT(self, "controls out of range");
}

static GstFlowReturn send_sound(GstLimner *self, const float *pcm, size_t n)
{
    GstFlowReturn flow = GST_FLOW_OK;

    while (n && flow == GST_FLOW_OK) {
        size_t used = 0;

        if (limner_session_send(self->session, pcm, n, &used) < 0)
            return GST_FLOW_ERROR;
        pcm += used;
        n -= used;
        self->n_samples += used;
        flow = limner_gst_frames_push(self);
    }
    return flow;
}

static GstFlowReturn send_silence(GstLimner *self, GstClockTime duration)
{
    static const float silence[SILENCE_SAMPLES];
    guint64 n = gst_util_uint64_scale(duration, self->rate_hz, GST_SECOND);
    GstFlowReturn flow = GST_FLOW_OK;

    while (n && flow == GST_FLOW_OK) {
        const size_t k = MIN(n, SILENCE_SAMPLES);
        flow = send_sound(self, silence, k);
        n -= k;
    }
    return flow;
}

/* The rest of what the session holds. */
static GstFlowReturn drain(GstLimner *self)
{
    GstFlowReturn flow = GST_FLOW_OK;

    if (self->session) {
        limner_session_finish(self->session);
        flow = limner_gst_frames_push(self);
        close_session(self);
    }
    return flow;
}

static GstClockTime end_of_sound(const GstLimner *self)
{
    return self->start + gst_util_uint64_scale(self->n_samples, GST_SECOND, self->rate_hz);
}

/* A session whose next sample lies at `pts`: the present one, the same after silence, or a new. */
static GstFlowReturn reach(GstLimner *self, GstClockTime pts)
{
    GstFlowReturn flow = GST_FLOW_OK;

    if (self->session && GST_CLOCK_TIME_IS_VALID(pts)) {
        const GstClockTimeDiff gap = GST_CLOCK_DIFF(end_of_sound(self), pts);
        if (gap > (GstClockTimeDiff)TOLERANCE && gap <= (GstClockTimeDiff)MAX_GAP)
            flow = send_silence(self, (GstClockTime)gap);
        else if (ABS(gap) > (GstClockTimeDiff)TOLERANCE)
            flow = drain(self);
    }
    if (flow != GST_FLOW_OK || self->session)
        return flow;
    if (!open_session(self))
        return GST_FLOW_NOT_NEGOTIATED;
    self->start = GST_CLOCK_TIME_IS_VALID(pts) ? pts : self->segment.start;
    return GST_FLOW_OK;
}

static GstFlowReturn chain(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    GstLimner *self = GST_LIMNER(parent);
    const GstClockTime pts = GST_BUFFER_PTS(buffer);
    GstFlowReturn flow;
    GstMapInfo map;

    (void)pad;
    if (!self->rate_hz) {
        gst_buffer_unref(buffer);
        return GST_FLOW_NOT_NEGOTIATED;
    }
    if (GST_CLOCK_TIME_IS_VALID(pts))
        gst_object_sync_values(parent,
                               gst_segment_to_stream_time(&self->segment, GST_FORMAT_TIME, pts));
    flow = reach(self, pts);
    if (flow == GST_FLOW_OK && gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        take_controls(self);
        flow = send_sound(self, (const float *)(const void *)map.data, map.size / sizeof(float));
        gst_buffer_unmap(buffer, &map);
    }
    gst_buffer_unref(buffer);
    return flow;
}

static void forget_lateness(GstLimner *self)
{
    GST_OBJECT_LOCK(self);
    self->earliest = GST_CLOCK_TIME_NONE;
    self->qos_proportion = 1;
    GST_OBJECT_UNLOCK(self);
}

static gboolean take_caps(GstLimner *self, GstEvent *event)
{
    const GstStructure *s;
    GstCaps *caps;
    gint rate;

    gst_event_parse_caps(event, &caps);
    s = gst_caps_get_structure(caps, 0);
    if (!gst_structure_get_int(s, "rate", &rate))
        return FALSE;
    if (self->rate_hz != (guint)rate)
        drain(self);
    self->rate_hz = (guint)rate;
    return self->pool || negotiate(self); /* our caps go before the segment */
}

static gboolean take_gap(GstLimner *self, GstEvent *event)
{
    GstClockTime pts, duration;
    GstFlowReturn flow = GST_FLOW_OK;

    gst_event_parse_gap(event, &pts, &duration);
    if (self->rate_hz && GST_CLOCK_TIME_IS_VALID(duration)) {
        flow = reach(self, pts);
        if (flow == GST_FLOW_OK)
            flow = send_silence(self, MIN(duration, MAX_GAP));
    }
    return flow == GST_FLOW_OK;
}

static gboolean sink_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
    GstLimner *self = GST_LIMNER(parent);
    gboolean is_good = TRUE;

    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS:
        is_good = take_caps(self, event);
        gst_event_unref(event);
        return is_good;
    case GST_EVENT_GAP:
        is_good = take_gap(self, event);
        gst_event_unref(event);
        return is_good;
    case GST_EVENT_SEGMENT:
        drain(self);
        gst_event_copy_segment(event, &self->segment);
        break;
    case GST_EVENT_EOS:
        drain(self);
        break;
    case GST_EVENT_FLUSH_STOP:
        close_session(self);
        gst_segment_init(&self->segment, GST_FORMAT_TIME);
        forget_lateness(self);
        break;
    default:
        break;
    }
    return gst_pad_event_default(pad, parent, event);
}

/* As GstVideoDecoder: after a late frame, twice its lateness is left out to catch up. */
static gboolean src_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
    GstLimner *self = GST_LIMNER(parent);

    if (GST_EVENT_TYPE(event) == GST_EVENT_QOS) {
        GstClockTimeDiff diff;
        GstClockTime stamp;
        gdouble proportion;

        gst_event_parse_qos(event, NULL, &proportion, &diff, &stamp);
        GST_OBJECT_LOCK(self);
        self->qos_proportion = proportion;
        if (!GST_CLOCK_TIME_IS_VALID(stamp))
            self->earliest = GST_CLOCK_TIME_NONE;
        else if (diff > 0)
            self->earliest = stamp + 2 * (GstClockTime)diff;
        else
            self->earliest = stamp > (GstClockTime)-diff ? stamp - (GstClockTime)-diff : 0;
        GST_OBJECT_UNLOCK(self);
    }
    return gst_pad_event_default(pad, parent, event);
}

static gboolean src_query(GstPad *pad, GstObject *parent, GstQuery *query)
{
    GstLimner *self = GST_LIMNER(parent);
    GstClockTime least, most;
    gboolean is_live;

    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY)
        return gst_pad_query_default(pad, parent, query);
    if (!gst_pad_peer_query(self->sink, query))
        return FALSE;
    gst_query_parse_latency(query, &is_live, &least, &most);
    GST_OBJECT_LOCK(self);
    const GstClockTime own = self->latency;
    GST_OBJECT_UNLOCK(self);
    gst_query_set_latency(query, is_live, least + own,
                          GST_CLOCK_TIME_IS_VALID(most) ? most + own : most);
    return TRUE;
}

static GstStateChangeReturn change_state(GstElement *element, GstStateChange change)
{
    GstLimner *self = GST_LIMNER(element);

    if (change == GST_STATE_CHANGE_READY_TO_PAUSED) {
        gst_segment_init(&self->segment, GST_FORMAT_TIME);
        forget_lateness(self);
        self->n_shown = self->n_dropped = 0;
        if (!self->portrait && !limner_gst_face_open(self))
            return GST_STATE_CHANGE_FAILURE;
    }
    const GstStateChangeReturn done =
        GST_ELEMENT_CLASS(gst_limner_parent_class)->change_state(element, change);
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) {
        close_session(self);
        limner_gst_pool_close(self);
        self->rate_hz = 0;
        limner_gst_face_close(self);
    }
    return done;
}

static void finalize(GObject *object)
{
    limner_gst_options_clear(&GST_LIMNER(object)->options);
    G_OBJECT_CLASS(gst_limner_parent_class)->finalize(object);
}

static void gst_limner_class_init(GstLimnerClass *klass)
{
    GObjectClass *object = G_OBJECT_CLASS(klass);
    GstElementClass *element = GST_ELEMENT_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(limner_debug, "limner", 0, "one portrait and a voice");
    object->set_property = limner_gst_property_set;
    object->get_property = limner_gst_property_get;
    object->finalize = finalize;
    limner_gst_properties_install(object);
    element->change_state = change_state;
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    gst_element_class_set_static_metadata(element, "Talking face", "Filter/Converter/Audio/Video",
                                          "One portrait and a voice become a talking face",
                                          "The Limner authors");
}

static void gst_limner_init(GstLimner *self)
{
    self->sink = gst_pad_new_from_static_template(&sink_template, "sink");
    gst_pad_set_chain_function(self->sink, chain);
    gst_pad_set_event_function(self->sink, sink_event);
    gst_element_add_pad(GST_ELEMENT(self), self->sink);
    self->src = gst_pad_new_from_static_template(&src_template, "src");
    gst_pad_set_event_function(self->src, src_event);
    gst_pad_set_query_function(self->src, src_query);
    gst_pad_use_fixed_caps(self->src);
    gst_element_add_pad(GST_ELEMENT(self), self->src);
    limner_gst_options_init(&self->options);
    self->start = self->earliest = GST_CLOCK_TIME_NONE;
}

static gboolean plugin_init(GstPlugin *plugin)
{
    return gst_element_register(plugin, "limner", GST_RANK_NONE, GST_TYPE_LIMNER);
}

#define PACKAGE "limner" /* GST_PLUGIN_DEFINE wants it */
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, limner,
                  "One portrait and a voice become a talking face", plugin_init,
                  LIMNER_VERSION_STRING, "Apache 2.0", "limner", "limner")
