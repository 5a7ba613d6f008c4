/* SPDX-License-Identifier: Apache-2.0 */
/* The element's properties, in one table each for settings and controls. */
#include <string.h>

#include "limner_element.h"

typedef enum property {
    PROP_0, PROP_PORTRAIT, PROP_MODELS, PROP_FACE, PROP_SIZE, PROP_FPS, PROP_THREADS, PROP_FRAMING,
    PROP_SEED, PROP_EMOTION, PROP_STILL, PROP_GAZE, PROP_SHOWN, PROP_DROPPED, PROP_CONTROLS
} property;

/* Controls that are plain numbers: property PROP_CONTROLS + index. */
typedef struct number {
    const char *name, *what;
    size_t offset;
    float least, most, at_start;
} number;

#define NUMBER(name, field, least, most, at_start, what) \
    {name, what, offsetof(limner_controls, field), least, most, at_start}

static const number numbers[] = {
    NUMBER("gaze-yaw", gaze_yaw, -30, 30, 0, "Where to look, degrees to the picture's right"),
    NUMBER("gaze-pitch", gaze_pitch, -30, 30, 0, "Where to look, degrees down"),
    NUMBER("gaze-x", gaze_x, -1, 2, 0.5f, "Point to look at, share of the frame's width"),
    NUMBER("gaze-y", gaze_y, -1, 2, 0.5f, "Point to look at, share of the frame's height"),
    NUMBER("distance", distance, 0.5f, 2, 1, "Distance of the camera, 1 as in the photo"),
    NUMBER("yaw", yaw, -45, 45, 0, "Head turned to the picture's right, degrees"),
    NUMBER("pitch", pitch, -45, 45, 0, "Head nodded down, degrees"),
    NUMBER("roll", roll, -45, 45, 0, "Head tilted to the picture's left, degrees"),
    NUMBER("head-gain", head_gain, 0, 3, 1, "Strength of head motion"),
    NUMBER("expression-gain", expression_gain, 0, 3, 1, "Strength of brows, cheeks, smile"),
    NUMBER("mouth-gain", mouth_gain, 0, 3, 1, "Strength of articulation"),
    NUMBER("energy", energy, 0, 2, 1, "How lively: head, brows, gaze, blinks"),
    NUMBER("blink-rate", blink_rate, -1, 60, -1, "Blinks a minute; below 0: natural"),
};

enum { N_NUMBERS = sizeof(numbers) / sizeof(*numbers) };

static GType framing_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        {LIMNER_FRAMING_CROP, "Head and shoulders, square", "crop"},
        {LIMNER_FRAMING_FULL, "The whole photo, the head moving inside it", "full"},
        {LIMNER_FRAMING_ALPHA, "As crop, transparent background (RGBA)", "alpha"},
        {0, NULL, NULL}};

    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("GstLimnerFraming", values));
    return (GType)type;
}

static GType gaze_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        {LIMNER_GAZE_PHOTO, "gaze-yaw, gaze-pitch beside where the photo looks", "photo"},
        {LIMNER_GAZE_ANGLE, "gaze-yaw, gaze-pitch from the camera", "angle"},
        {LIMNER_GAZE_CAMERA, "Holds the camera", "camera"},
        {LIMNER_GAZE_POINT, "Holds gaze-x, gaze-y", "point"},
        {0, NULL, NULL}};

    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("GstLimnerGaze", values));
    return (GType)type;
}

void limner_gst_properties_install(GObjectClass *klass)
{
    const GParamFlags set = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;
    const GParamFlags live = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                             GST_PARAM_MUTABLE_PLAYING | GST_PARAM_CONTROLLABLE;
    const GParamFlags told = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

#define INSTALL(id, spec) g_object_class_install_property(klass, id, spec)
    INSTALL(PROP_PORTRAIT, g_param_spec_string("portrait", "Portrait",
        "A photo or .portrait file; unset: the demo portrait", NULL, set));
    INSTALL(PROP_MODELS, g_param_spec_string("models", "Models",
        "Folder of the model files; unset: where limner info finds them", NULL, set));
    INSTALL(PROP_FACE, g_param_spec_int("face", "Face",
        "Which face of the photo, 0 the largest; -1: the only one", -1, LIMNER_MAX_FACES, -1, set));
    INSTALL(PROP_SIZE, g_param_spec_int("size", "Size",
        "Longer side of a frame, pixels, made even, where downstream leaves it open; 0: 512, or "
        "the photo's",
        0, LIMNER_MAX_FULL_PX, 0, set));
    INSTALL(PROP_FPS, gst_param_spec_fraction("fps", "Frames/s",
        "Frame rate where downstream leaves it open", 1, 1, 120, 1, 25, 1, set));
    INSTALL(PROP_THREADS, g_param_spec_int("threads", "Threads",
        "Threads that render; 0: one per core", 0, 64, 0, set));
    INSTALL(PROP_FRAMING, g_param_spec_enum("framing", "Framing", "What a frame shows",
        framing_type(), LIMNER_FRAMING_CROP, set));
    INSTALL(PROP_SEED, g_param_spec_uint64("seed", "Seed",
        "Of head motion, blinks and gaze", 0, G_MAXUINT64, 0, set));
    INSTALL(PROP_EMOTION, g_param_spec_string("emotion", "Emotion",
        "A mix, as happy:0.6,surprised:0.2", "", live & ~(GParamFlags)GST_PARAM_CONTROLLABLE));
    INSTALL(PROP_STILL, g_param_spec_boolean("still", "Still",
        "Head and shoulders at rest, lips and eyes alive", FALSE, live));
    INSTALL(PROP_GAZE, g_param_spec_enum("gaze", "Gaze", "What the eyes keep to",
        gaze_type(), LIMNER_GAZE_PHOTO, live));
    INSTALL(PROP_SHOWN, g_param_spec_uint64("shown", "Shown",
        "Frames pushed so far", 0, G_MAXUINT64, 0, told));
    INSTALL(PROP_DROPPED, g_param_spec_uint64("dropped", "Dropped",
        "Frames left out because they came too late", 0, G_MAXUINT64, 0, told));
    for (guint i = 0; i < N_NUMBERS; i++)
        INSTALL(PROP_CONTROLS + i,
                g_param_spec_float(numbers[i].name, numbers[i].name, numbers[i].what,
                                   numbers[i].least, numbers[i].most, numbers[i].at_start, live));
#undef INSTALL
}

void limner_gst_options_init(limner_gst_options *o)
{
    memset(o, 0, sizeof(*o));
    o->face = -1;
    o->fps_num = 25;
    o->fps_den = 1;
    o->emotion = g_strdup("");
    limner_controls_init(&o->controls, sizeof(o->controls));
    o->has_new_controls = TRUE;
}

void limner_gst_options_clear(limner_gst_options *o)
{
    g_free(o->portrait);
    g_free(o->models);
    g_free(o->emotion);
}

/* "happy:0.6,sad:0.2" into the controls; FALSE, and nothing changed, where it is not that. */
static gboolean parse_emotion(limner_controls *c, const char *text)
{
    float mix[LIMNER_N_EMOTION] = {0};
    gchar **parts = g_strsplit(text, ",", LIMNER_N_EMOTION + 1);
    gboolean is_good = TRUE;

    for (gchar **p = parts; *p && **p && is_good; p++) {
        gchar *colon = strchr(*p, ':'), *end = NULL;
        gdouble share = 1;

        if (colon) {
            *colon = 0;
            share = g_ascii_strtod(colon + 1, &end);
            is_good = end != colon + 1 && !*end;
        }
        const int index = limner_emotion_index(g_strstrip(*p));
        is_good = is_good && index >= 0 && share >= 0 && share <= 1;
        if (is_good)
            mix[index] = (float)share;
    }
    g_strfreev(parts);
    if (is_good)
        memcpy(c->emotion, mix, sizeof(mix));
    return is_good;
}

static void set_emotion(GstLimner *self, const char *text)
{
    limner_gst_options *o = &self->options;

    text = text ? text : "";
    if (!parse_emotion(&o->controls, text)) {
        g_warning("limner: emotion \"%s\": a mix is written happy:0.6,surprised:0.2", text);
        return;
    }
    g_free(o->emotion);
    o->emotion = g_strdup(text);
    o->has_new_controls = TRUE;
}

static gfloat *number_of(limner_gst_options *o, guint id)
{
    return (gfloat *)(void *)((guint8 *)&o->controls + numbers[id - PROP_CONTROLS].offset);
}

static void replace(gchar **text, const GValue *value)
{
    g_free(*text);
    *text = g_value_dup_string(value);
}

void limner_gst_property_set(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    GstLimner *self = GST_LIMNER(object);
    limner_gst_options *o = &self->options;

    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_PORTRAIT: replace(&o->portrait, value); break;
    case PROP_MODELS: replace(&o->models, value); break;
    case PROP_FACE: o->face = g_value_get_int(value); break;
    case PROP_SIZE: o->size_px = g_value_get_int(value); break;
    case PROP_FPS:
        o->fps_num = gst_value_get_fraction_numerator(value);
        o->fps_den = gst_value_get_fraction_denominator(value);
        break;
    case PROP_THREADS: o->n_threads = g_value_get_int(value); break;
    case PROP_FRAMING: o->framing = g_value_get_enum(value); break;
    case PROP_SEED: o->seed = g_value_get_uint64(value); break;
    case PROP_EMOTION: set_emotion(self, g_value_get_string(value)); break;
    case PROP_STILL:
        o->controls.is_still = g_value_get_boolean(value) ? 1 : 0;
        o->has_new_controls = TRUE;
        break;
    case PROP_GAZE:
        o->controls.gaze_mode = (guint32)g_value_get_enum(value);
        o->has_new_controls = TRUE;
        break;
    default:
        if (id >= PROP_CONTROLS && id < PROP_CONTROLS + N_NUMBERS) {
            *number_of(o, id) = g_value_get_float(value);
            o->has_new_controls = TRUE;
        } else {
            G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        }
    }
    GST_OBJECT_UNLOCK(self);
}

void limner_gst_property_get(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    GstLimner *self = GST_LIMNER(object);
    limner_gst_options *o = &self->options;

    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_PORTRAIT: g_value_set_string(value, o->portrait); break;
    case PROP_MODELS: g_value_set_string(value, o->models); break;
    case PROP_FACE: g_value_set_int(value, o->face); break;
    case PROP_SIZE: g_value_set_int(value, o->size_px); break;
    case PROP_FPS: gst_value_set_fraction(value, o->fps_num, o->fps_den); break;
    case PROP_THREADS: g_value_set_int(value, o->n_threads); break;
    case PROP_FRAMING: g_value_set_enum(value, o->framing); break;
    case PROP_SEED: g_value_set_uint64(value, o->seed); break;
    case PROP_EMOTION: g_value_set_string(value, o->emotion); break;
    case PROP_STILL: g_value_set_boolean(value, o->controls.is_still != 0); break;
    case PROP_GAZE: g_value_set_enum(value, (gint)o->controls.gaze_mode); break;
    case PROP_SHOWN: g_value_set_uint64(value, self->n_shown); break;
    case PROP_DROPPED: g_value_set_uint64(value, self->n_dropped); break;
    default:
        if (id >= PROP_CONTROLS && id < PROP_CONTROLS + N_NUMBERS)
            g_value_set_float(value, *number_of(o, id));
        else
            G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}
