/* SPDX-License-Identifier: Apache-2.0 */
/* liblimner: one portrait and a voice become a talking face.
 *
 *     limner_model *model;  limner_portrait *portrait;  limner_session *s;
 *     limner_settings set;  limner_frame f;  size_t used;
 *     limner_model_open(&model, &files);                       (weights, mapped by the caller)
 *     limner_portrait_encode(&portrait, model, &photo, NULL, NULL);
 *     limner_settings_init(&set, sizeof(set));
 *     limner_session_open(&s, model, portrait, &set, NULL);
 *     while (more sound)  {
 *         limner_session_send(s, pcm, n, &used);
 *         while (limner_session_receive(s, &f) == LIMNER_OK) { show(&f); limner_frame_unref(&f); }
 *     }
 *
 * Samples in, pictures out: the library opens no file, no socket and no device.
 * Threads: a model and a portrait are immutable and may be used by any number of
 * threads and sessions at once; a session belongs to one thread at a time;
 * limner_frame_unref may be called from any thread.
 * Conventions: angles in degrees, right-handed, x to the subject's left (the picture's right),
 * y up, z to the camera; the subject looking into the camera is 0, 0, 0. yaw > 0 turns to the
 * picture's right, pitch > 0 looks down, roll > 0 tilts the head's top to the picture's left. */
#ifndef LIMNER_LIMNER_H
#define LIMNER_LIMNER_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define LIMNER_API
#elif defined(__GNUC__)
#define LIMNER_API __attribute__((visibility("default")))
#else
#define LIMNER_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* < 0 failed, 0 done, > 0 normal but not done. Values never move. */
typedef enum limner_status {
    LIMNER_OK = 0,
    LIMNER_AGAIN = 1,           /* queue full or empty: turn to the other side */
    LIMNER_EOS = 2,             /* finished and drained */
    LIMNER_E_ARG = -1,          /* an argument is out of its range */
    LIMNER_E_NOMEM = -2,        /* out of memory */
    LIMNER_E_FORMAT = -3,       /* a file's bytes are not what they claim to be */
    LIMNER_E_LIMIT = -4,        /* larger than a named limit */
    LIMNER_E_STATE = -5,        /* the call does not fit now */
    LIMNER_E_NO_FACE = -6,      /* no human-like face in the picture */
    LIMNER_E_MANY_FACES = -7,   /* several faces: choose one */
    LIMNER_E_POOR_FACE = -8     /* a face, but too small, turned away, cut off or not human-like */
} limner_status;

LIMNER_API const char *limner_strerror(limner_status st);       /* static string */
LIMNER_API const char *limner_version(void);                    /* static string, of the library */

/* ---- machine ------------------------------------------------------------------------------- */

enum {
    LIMNER_CPU_SSE41 = 1 << 0,
    LIMNER_CPU_AVX2 = 1 << 1,           /* with FMA3 and F16C */
    LIMNER_CPU_AVX512 = 1 << 2,         /* F, BW, DQ, VL; the OS saves the state */
    LIMNER_CPU_NEON = 1 << 8
};

/* Features of this machine that are used, and-ed with the mask. */
LIMNER_API uint32_t limner_cpu_flags(void);
/* Set before opening models and sessions; ~0u: everything (the default). For tests. */
LIMNER_API void limner_cpu_set_mask(uint32_t mask);

/* ---- motion -------------------------------------------------------------------------------- */

/* Apple ARKit's blendshapes, ARKit's order. Left and right are the subject's. */
typedef enum limner_expression {
    LIMNER_EYE_BLINK_LEFT, LIMNER_EYE_LOOK_DOWN_LEFT, LIMNER_EYE_LOOK_IN_LEFT,
    LIMNER_EYE_LOOK_OUT_LEFT, LIMNER_EYE_LOOK_UP_LEFT, LIMNER_EYE_SQUINT_LEFT,
    LIMNER_EYE_WIDE_LEFT, LIMNER_EYE_BLINK_RIGHT, LIMNER_EYE_LOOK_DOWN_RIGHT,
    LIMNER_EYE_LOOK_IN_RIGHT, LIMNER_EYE_LOOK_OUT_RIGHT, LIMNER_EYE_LOOK_UP_RIGHT,
    LIMNER_EYE_SQUINT_RIGHT, LIMNER_EYE_WIDE_RIGHT, LIMNER_JAW_FORWARD, LIMNER_JAW_LEFT,
    LIMNER_JAW_RIGHT, LIMNER_JAW_OPEN, LIMNER_MOUTH_CLOSE, LIMNER_MOUTH_FUNNEL,
    LIMNER_MOUTH_PUCKER, LIMNER_MOUTH_LEFT, LIMNER_MOUTH_RIGHT, LIMNER_MOUTH_SMILE_LEFT,
    LIMNER_MOUTH_SMILE_RIGHT, LIMNER_MOUTH_FROWN_LEFT, LIMNER_MOUTH_FROWN_RIGHT,
    LIMNER_MOUTH_DIMPLE_LEFT, LIMNER_MOUTH_DIMPLE_RIGHT, LIMNER_MOUTH_STRETCH_LEFT,
    LIMNER_MOUTH_STRETCH_RIGHT, LIMNER_MOUTH_ROLL_LOWER, LIMNER_MOUTH_ROLL_UPPER,
    LIMNER_MOUTH_SHRUG_LOWER, LIMNER_MOUTH_SHRUG_UPPER, LIMNER_MOUTH_PRESS_LEFT,
    LIMNER_MOUTH_PRESS_RIGHT, LIMNER_MOUTH_LOWER_DOWN_LEFT, LIMNER_MOUTH_LOWER_DOWN_RIGHT,
    LIMNER_MOUTH_UPPER_UP_LEFT, LIMNER_MOUTH_UPPER_UP_RIGHT, LIMNER_BROW_DOWN_LEFT,
    LIMNER_BROW_DOWN_RIGHT, LIMNER_BROW_INNER_UP, LIMNER_BROW_OUTER_UP_LEFT,
    LIMNER_BROW_OUTER_UP_RIGHT, LIMNER_CHEEK_PUFF, LIMNER_CHEEK_SQUINT_LEFT,
    LIMNER_CHEEK_SQUINT_RIGHT, LIMNER_NOSE_SNEER_LEFT, LIMNER_NOSE_SNEER_RIGHT,
    LIMNER_TONGUE_OUT,
    LIMNER_N_EXPRESSION         /* 52 */
} limner_expression;

/* ARKit's name ("jawOpen") of coefficient `index`, NULL when out of range; static string. */
LIMNER_API const char *limner_expression_name(int index);
/* Index of the coefficient of that name, -1 when there is none. */
LIMNER_API int limner_expression_index(const char *name);

/* One instant of a face, absolute, as the renderer takes it. */
typedef struct limner_motion {
    float expression[LIMNER_N_EXPRESSION];  /* 0..1 */
    float tongue_up;            /* 0..1: tip at the teeth ridge (l, n, t, d) */
    float yaw, pitch, roll;     /* head, degrees, relative to the camera */
    float x, y, z;              /* head translation, cm of the face model */
    float distance;             /* camera distance over the photo's: 1 the same, > 1 farther */
    float gaze_yaw, gaze_pitch; /* degrees, relative to the camera */
    float breath;               /* -1..1: the chest's rise */
    float sway;                 /* -1..1: the shoulders' lean to the picture's right */
} limner_motion;

/* What a user asks of the generator. All may change while streaming, and does so smoothly. */
typedef enum limner_emotion {
    LIMNER_HAPPY, LIMNER_SAD, LIMNER_SURPRISED, LIMNER_ANGRY, LIMNER_AFRAID, LIMNER_DISGUSTED,
    LIMNER_CONTEMPT, LIMNER_N_EMOTION
} limner_emotion;

LIMNER_API const char *limner_emotion_name(int index);          /* "happy"; NULL out of range */
LIMNER_API int limner_emotion_index(const char *name);          /* -1 when there is none */

typedef enum limner_gaze_mode {
    LIMNER_GAZE_PHOTO,          /* gaze_yaw, gaze_pitch beside where the photo looks */
    LIMNER_GAZE_ANGLE,          /* gaze_yaw, gaze_pitch from the camera, wherever the photo looks */
    LIMNER_GAZE_CAMERA,         /* holds the camera: no glances away */
    LIMNER_GAZE_POINT           /* holds gaze_x, gaze_y */
} limner_gaze_mode;

typedef struct limner_controls {
    uint32_t struct_size;               /* set by limner_controls_init */
    float gaze_yaw, gaze_pitch;         /* degrees, -30..30: see gaze_mode; 0, 0 */
    float distance;                     /* 0.5..2, 1 as in the photo */
    float yaw, pitch, roll;             /* degrees, -45..45, added to the generated head pose */
    float emotion[LIMNER_N_EMOTION];    /* 0..1 each, mixable */
    float head_gain;                    /* 0..3, of generated head motion */
    float expression_gain;              /* 0..3, of brows, cheeks, smile */
    float mouth_gain;                   /* 0..3, of articulation */
    float blink_rate;                   /* blinks per minute, 0..60; < 0: natural */
    uint32_t is_still;                  /* 1: head and shoulders at rest, lips and eyes alive */
    float energy;                       /* 0..2: how lively: head, brows, gaze, blinks; 1 natural */
    uint32_t gaze_mode;                 /* limner_gaze_mode */
    float gaze_x, gaze_y;               /* -1..2: a point in shares of the frame, 0, 0 its upper
                                         * left corner, as if the picture were life size on a pane
                                         * 60 cm before the eyes */
} limner_controls;

/* Fills the first struct_size bytes with what nobody asked for; a struct without the fields that
 * came later stays valid. */
LIMNER_API void limner_controls_init(limner_controls *c, uint32_t struct_size);

/* ---- model --------------------------------------------------------------------------------- */

typedef struct limner_model limner_model;   /* weights; read-only, any thread */

typedef struct limner_blob {
    const void *bytes;
    size_t len_bytes;
} limner_blob;

/* Contents of the model files. The bytes are not copied: they must outlive the model, its
 * portraits, its sessions and its listeners. The three nets may be empty where only saved portraits
 * are used, speech where nothing speaks or listens. */
typedef struct limner_model_files {
    uint32_t struct_size;               /* sizeof(limner_model_files) */
    limner_blob face;                   /* models/face.limner */
    limner_blob detector;               /* face_detection_short_range.tflite */
    limner_blob landmarks;              /* face_landmark_with_attention.tflite */
    limner_blob segmenter;              /* selfie_segmentation.tflite */
    limner_blob speech;                 /* models/speech.limner */
    limner_blob motion;                 /* models/motion.limner; empty: coarser, later lips */
} limner_model_files;

/* LIMNER_OK, E_ARG (no face file), E_NOMEM, E_FORMAT (a file is damaged or not what it should be),
 * E_LIMIT (a net larger than any that is known). */
LIMNER_API limner_status limner_model_open(limner_model **out, const limner_model_files *files);
LIMNER_API void limner_model_close(limner_model **model);       /* NULL-safe; sets NULL */

#define LIMNER_N_IDENTITY 60

/* How far two people's faces are apart (limner_tracked.identity): root mean square over the skin,
 * cm, brought to the same place and to a's size. NaN when memory runs out. */
LIMNER_API float limner_identity_distance(const limner_model *model,
                                          const float a[LIMNER_N_IDENTITY],
                                          const float b[LIMNER_N_IDENTITY]);

/* ---- mesh ---------------------------------------------------------------------------------- */

/* The face model itself, for programs that draw a motion without a portrait. */
typedef struct limner_mesh_info {
    uint32_t n_vertices, n_triangles;
    const uint16_t *triangle;           /* [n_triangles][3], of the model; counter-clockwise as
                                         * seen from outside */
} limner_mesh_info;

typedef enum limner_surface {
    LIMNER_SURFACE_SKIN, LIMNER_SURFACE_LIPS, LIMNER_SURFACE_MOUTH, LIMNER_SURFACE_TONGUE,
    LIMNER_SURFACE_TEETH, LIMNER_SURFACE_SCLERA, LIMNER_SURFACE_IRIS, LIMNER_SURFACE_LASHES
} limner_surface;

LIMNER_API limner_status limner_mesh_get(const limner_model *model, limner_mesh_info *out);
/* What triangle number `triangle` shows. */
LIMNER_API limner_surface limner_mesh_surface(const limner_model *model, uint32_t triangle);
/* The mean face in a motion (a frame's `generated`, or an absolute one): xyz [n_vertices][3], cm, x
 * to the picture's right, y up, z to the camera. Distance, breath and sway are not in it.
 * LIMNER_OK, E_ARG, E_NOMEM. */
LIMNER_API limner_status limner_mesh_shape(const limner_model *model, const limner_motion *m,
                                           float *xyz);

/* ---- portrait ------------------------------------------------------------------------------ */

typedef struct limner_portrait limner_portrait;     /* one face; read-only, any thread */

/* Packed sRGB, 3 bytes a pixel, upright; rows `stride` bytes apart; read during the call only. */
typedef struct limner_photo {
    const uint8_t *rgb;
    ptrdiff_t stride;
    uint32_t width_px, height_px;       /* 32..16384 each, at most 100 million pixels */
} limner_photo;

typedef struct limner_face_box {
    float x_px, y_px, width_px, height_px;      /* in the photo */
    float score;                                /* 0..1 */
} limner_face_box;

#define LIMNER_MAX_FACES 32
#define LIMNER_DETAIL_SIZE 256

/* A picture made on the way, for people who debug: name is "matte" or "fit"; pixels are sRGB or
 * grey (n_channels 3 or 1), rows packed, valid during the call only. */
typedef void (*limner_debug_fn)(void *user, const char *name, const uint8_t *pixels,
                                uint32_t width_px, uint32_t height_px, uint32_t n_channels);

typedef struct limner_portrait_options {
    uint32_t struct_size;               /* set by limner_portrait_options_init */
    int32_t face;                       /* which face, 0 the largest; -1: the only one, or fail */
    uint32_t is_forced;                 /* 1: take a poor face (E_POOR_FACE) too */
    uint32_t n_threads;                 /* 1..64; 0: one per core (0) */
    limner_debug_fn debug;              /* NULL: none */
    void *debug_user;
} limner_portrait_options;

LIMNER_API void limner_portrait_options_init(limner_portrait_options *opt, uint32_t struct_size);

/* Photo -> portrait. `opt` may be NULL. `detail` (LIMNER_DETAIL_SIZE bytes, may be NULL) receives
 * a sentence on what was wrong. LIMNER_OK, E_ARG, E_NOMEM, E_LIMIT, E_NO_FACE, E_MANY_FACES,
 * E_POOR_FACE, E_STATE (the model has no nets). The portrait keeps the model alive. */
LIMNER_API limner_status limner_portrait_encode(limner_portrait **out, limner_model *model,
                                                const limner_photo *photo,
                                                const limner_portrait_options *opt, char *detail);
/* Faces of a photo, largest first; *n_faces is at most LIMNER_MAX_FACES, 0 where there are none.
 * LIMNER_OK, E_ARG, E_NOMEM, E_LIMIT, E_STATE (the model has no nets). */
LIMNER_API limner_status limner_photo_faces(limner_model *model, const limner_photo *photo,
                                            limner_face_box faces[LIMNER_MAX_FACES],
                                            size_t *n_faces);
/* A saved portrait. The bytes are copied. The portrait keeps the model alive. LIMNER_OK, E_ARG,
 * E_NOMEM, E_FORMAT (damaged, or of another version), E_LIMIT. */
LIMNER_API limner_status limner_portrait_load(limner_portrait **out, limner_model *model,
                                              const void *bytes, size_t len_bytes);
/* The saved form, to be freed with limner_free. LIMNER_OK, E_ARG, E_NOMEM. */
LIMNER_API limner_status limner_portrait_save(const limner_portrait *p, void **bytes,
                                              size_t *len_bytes);
LIMNER_API void limner_free(void *bytes);                       /* NULL-safe */
/* The motion at which the frame equals the photo. */
LIMNER_API void limner_portrait_motion(const limner_portrait *p, limner_motion *out);
/* A motion relative to a neutral face (a frame's `generated`, a recorded take beside its neutral)
 * as this portrait shows it, absolute, for limner_session_send_motion: lips and jaw from a closed
 * mouth (the photo's smile kept in part), brows and lids added to the photo's own, pose, gaze and
 * distance relative to the photo's. `out` may be `generated`. */
LIMNER_API void limner_portrait_apply(const limner_portrait *p, const limner_motion *generated,
                                      limner_motion *out);
/* Working square of the crop and its place in the photo; photo size. Any may be NULL. */
LIMNER_API void limner_portrait_geometry(const limner_portrait *p, uint32_t *crop_px,
                                         limner_face_box *crop_in_photo, uint32_t *photo_width_px,
                                         uint32_t *photo_height_px);
/* 478 landmarks of the photo in pixels of the crop square, [478][2]. */
LIMNER_API void limner_portrait_landmarks(const limner_portrait *p, float landmarks[478][2]);
/* The same landmarks where the fitted face puts them (after the residual warp), [478][2]. */
LIMNER_API void limner_portrait_fitted_landmarks(const limner_portrait *p,
                                                 float landmarks[478][2]);
LIMNER_API void limner_portrait_close(limner_portrait **p);     /* NULL-safe; sets NULL */

/* ---- tracker ------------------------------------------------------------------------------- */

/* Follows one face through a video; one thread at a time. Frames go in, motions come out a few
 * frames later (at most LIMNER_TRACKER_LAG), one for each frame, in order. The person's shape is
 * taken from the first frames with a face and kept, so that pose and expression of all frames
 * compare. */
typedef struct limner_tracker limner_tracker;

#define LIMNER_TRACKER_LAG 5

typedef struct limner_tracker_settings {
    uint32_t struct_size;               /* set by limner_tracker_settings_init */
    int32_t face;                       /* which face where several are, 0 the largest (0) */
    uint32_t n_smooth;                  /* frames before and after that go into what is said of a
                                         * frame, 0..2 (2); 0: each frame by itself */
} limner_tracker_settings;

typedef struct limner_tracked {
    int64_t pts;                        /* as it was pushed */
    uint32_t is_found;                  /* 0: there is no face in the frame; the rest is 0 then */
    uint32_t is_new;                    /* 1: the face was looked for anew: first frame, after a
                                         * loss, after a cut */
    limner_motion motion;               /* absolute: pose and gaze relative to the camera, x, y and
                                         * distance relative to the first frame with the face */
    float landmarks[478][2];            /* pixels of the frame, as seen, not smoothed */
    float rms_px;                       /* of the landmarks from the fitted face */
    float lip_error;                    /* mean distance of the lips' landmarks from the fitted
                                         * face's, over the distance of the eyes */
    float identity[LIMNER_N_IDENTITY];  /* the person's shape, in standard deviations of the face
                                         * model's population; the same until another is seen */
    float aperture[2];                  /* opening of the lids over the eye's width, left and right,
                                         * not smoothed: of the landmarks, and less where the
                                         * picture shows lids where these have an eye */
} limner_tracked;

LIMNER_API void limner_tracker_settings_init(limner_tracker_settings *set, uint32_t struct_size);
/* `set` may be NULL. The model is held. LIMNER_OK, E_ARG, E_NOMEM, E_STATE (it has no nets). */
LIMNER_API limner_status limner_tracker_open(limner_tracker **out, limner_model *model,
                                             const limner_tracker_settings *set);
/* The next frame, read during the call only; pts in any unit. LIMNER_OK, LIMNER_AGAIN (not taken:
 * receive first), E_ARG, E_LIMIT, E_NOMEM, E_STATE after finish. */
LIMNER_API limner_status limner_tracker_push(limner_tracker *t, const limner_photo *frame,
                                             int64_t pts);
LIMNER_API limner_status limner_tracker_finish(limner_tracker *t);      /* no more will come */
/* LIMNER_OK, LIMNER_AGAIN (push more), LIMNER_EOS (finished and drained). */
LIMNER_API limner_status limner_tracker_receive(limner_tracker *t, limner_tracked *out);
LIMNER_API void limner_tracker_close(limner_tracker **t);       /* NULL-safe; sets NULL */

/* ---- listener ------------------------------------------------------------------------------ */

/* What a mouth does, heard in the sound of its voice, in any language: what the motion is made
 * from, for people who tune voices and for other programs. One thread at a time. Frames of 20 ms,
 * each known LIMNER_LISTENER_LAG_MS after its middle at the latest. */
typedef struct limner_listener limner_listener;

#define LIMNER_LISTENER_LAG_MS 80

/* Articulatory classes shared by all languages; examples in IPA. Values never move. */
typedef enum limner_speech_class {
    LIMNER_SPEECH_SILENCE,
    LIMNER_SPEECH_CLOSURE,              /* p b m */
    LIMNER_SPEECH_LABIODENTAL,          /* f v */
    LIMNER_SPEECH_DENTAL,               /* th */
    LIMNER_SPEECH_ALVEOLAR,             /* t d n */
    LIMNER_SPEECH_LATERAL,              /* l */
    LIMNER_SPEECH_SIBILANT,             /* s z */
    LIMNER_SPEECH_POSTALVEOLAR,         /* sh ch */
    LIMNER_SPEECH_VELAR,                /* k g ng h and what is behind them */
    LIMNER_SPEECH_RHOTIC,               /* English r */
    LIMNER_SPEECH_ROUNDED_GLIDE,        /* w */
    LIMNER_SPEECH_SPREAD,               /* i, y as in yes */
    LIMNER_SPEECH_MID,                  /* e */
    LIMNER_SPEECH_OPEN,                 /* a */
    LIMNER_SPEECH_SCHWA,
    LIMNER_SPEECH_ROUNDED_OPEN,         /* o */
    LIMNER_SPEECH_ROUNDED_CLOSE,        /* u */
    LIMNER_SPEECH_ROUNDED_FRONT,        /* German ue, oe */
    LIMNER_SPEECH_N_CLASSES
} limner_speech_class;

LIMNER_API const char *limner_speech_class_name(int index);     /* "closure"; NULL out of range */

typedef struct limner_listener_settings {
    uint32_t struct_size;               /* set by limner_listener_settings_init */
    uint32_t rate_hz;                   /* of the sound pushed, 8000..192000 (16000) */
} limner_listener_settings;

typedef struct limner_heard {
    int64_t pts_samples;                /* start of its 20 ms, in samples since opening */
    float share[LIMNER_SPEECH_N_CLASSES];       /* probability of each class; they sum to 1 */
    float closure;                      /* 0..1: lips pressed together */
    float rounding;                     /* 0 spread .. 1 rounded and forward */
    float jaw;                          /* 0 shut .. 1 as low as for an open vowel */
    float loudness_db;                  /* A-weighted, 0: mean square 1; -100 and more */
    float level;                        /* 0: 30 dB below the voice's loud parts .. 1: them */
    float f0_hz;                        /* pitch, 60..1000; 0 where there is no voice */
    float voicing;                      /* 0..1: how periodic the sound is */
} limner_heard;

LIMNER_API void limner_listener_settings_init(limner_listener_settings *set,
                                              uint32_t struct_size);
/* `set` may be NULL. The model is held. LIMNER_OK, E_ARG, E_NOMEM, E_STATE (the model was opened
 * without models/speech.limner). */
LIMNER_API limner_status limner_listener_open(limner_listener **out, limner_model *model,
                                              const limner_listener_settings *set);
/* Mono, -1..1 (values beyond, and NaN, are clamped). Takes *n_used <= n samples, keeps no pointer.
 * LIMNER_OK, LIMNER_AGAIN (nothing taken: receive first), E_ARG, E_STATE after finish. */
LIMNER_API limner_status limner_listener_push(limner_listener *l, const float *pcm, size_t n,
                                              size_t *n_used);
LIMNER_API limner_status limner_listener_finish(limner_listener *l);    /* no more will come */
/* LIMNER_OK, LIMNER_AGAIN (push more), LIMNER_EOS (finished and drained; a frame for every 20 ms
 * begun has come out), E_ARG. */
LIMNER_API limner_status limner_listener_receive(limner_listener *l, limner_heard *out);
LIMNER_API void limner_listener_close(limner_listener **l);     /* NULL-safe; sets NULL */

/* ---- session ------------------------------------------------------------------------------- */

typedef struct limner_session limner_session;       /* one face talking; one thread at a time */

typedef enum limner_framing {
    LIMNER_FRAMING_CROP,        /* square, head and shoulders */
    LIMNER_FRAMING_FULL,        /* the whole photo, the head moving inside it */
    LIMNER_FRAMING_ALPHA        /* as crop, background transparent: needs LIMNER_PIXEL_RGBA */
} limner_framing;

typedef enum limner_pixel {
    LIMNER_PIXEL_I420,          /* BT.709, limited range; planes Y, U, V */
    LIMNER_PIXEL_NV12,          /* the same; planes Y, UV */
    LIMNER_PIXEL_RGBA           /* sRGB, straight (not premultiplied) alpha; one plane */
} limner_pixel;

#define LIMNER_MAX_CROP_PX 2048     /* a side of a frame */
#define LIMNER_MAX_FULL_PX 3840     /* the same for FRAMING_FULL */

typedef struct limner_settings {
    uint32_t struct_size;               /* set by limner_settings_init */
    uint32_t rate_hz;                   /* of the audio sent, 8000..192000 (16000) */
    uint32_t fps_num, fps_den;          /* 1..120 frames/s (25/1) */
    uint32_t width_px, height_px;       /* even, from 64 on (512); square unless FULL, where the
                                         * photo's size, made even, shows it unresampled */
    uint32_t n_threads;                 /* 1..64; 0: one per core (0) */
    limner_framing framing;
    limner_pixel pixel;
    uint64_t seed;                      /* of head motion, blinks and gaze */
    uint32_t is_clocked;                /* 1: frames leave on time (0), see below */
} limner_settings;

/* Fills the first struct_size bytes; a struct without the fields that came later stays valid. */
LIMNER_API void limner_settings_init(limner_settings *set, uint32_t struct_size);

typedef struct limner_frame {
    const uint8_t *plane[3];
    ptrdiff_t stride[3];                /* bytes */
    uint32_t width_px, height_px;
    limner_pixel pixel;
    int64_t pts_samples;                /* start of the frame, in samples since opening */
    limner_motion motion;               /* what the frame shows, absolute */
    limner_motion generated;            /* before it was fitted to this portrait: expression and
                                         * head relative to a neutral face, fit for any other */
    void *owner;                        /* the reference; leave alone */
} limner_frame;

/* The portrait and the model are held: they may be closed while the session lives. portrait NULL:
 * frames hold a motion and no picture, for what draws it itself (limner_mesh_shape). `detail` as in
 * limner_portrait_encode. LIMNER_OK, E_ARG, E_NOMEM, E_LIMIT (more threads than are possible),
 * E_STATE (clocked, and the model was opened without models/speech.limner). */
LIMNER_API limner_status limner_session_open(limner_session **out, limner_model *model,
                                             limner_portrait *portrait,
                                             const limner_settings *set, char *detail);
/* Mono, -1..1 (values beyond, and NaN, are clamped). Takes *n_used <= n samples, keeps no pointer.
 * LIMNER_OK, LIMNER_AGAIN (nothing taken: receive first), E_STATE after finish, and where the model
 * was opened without models/speech.limner. */
LIMNER_API limner_status limner_session_send(limner_session *s, const float *pcm, size_t n,
                                             size_t *n_used);
/* Instead of sound: the next frame's motion, absolute. A session takes one or the other. LIMNER_OK,
 * LIMNER_AGAIN (not taken: receive first), E_ARG (a value that is not finite, or a distance of 0 or
 * less), E_STATE (after sound or finish, or clocked). */
LIMNER_API limner_status limner_session_send_motion(limner_session *s, const limner_motion *m);
LIMNER_API limner_status limner_session_finish(limner_session *s);      /* no more will come */
/* From the next sound sent on; clocked: from the next frame on. E_ARG when a value is out of its
 * range. */
LIMNER_API limner_status limner_session_control(limner_session *s, const limner_controls *c);
/* LIMNER_OK: the caller owns one reference. LIMNER_AGAIN: send more, or return frames.
 * LIMNER_EOS: finished and drained. E_ARG, E_NOMEM, E_STATE (clocked). `out` NULL passes over a
 * frame, at a hundredth of its cost. */
LIMNER_API limner_status limner_session_receive(limner_session *s, limner_frame *out);
/* For several faces of one photo in one picture, a session each, all FULL, of one size and pixel
 * format: as receive, but what this face changes in the photo is added to `under`, a frame of
 * another session, which stays as it is. Its head covers what has moved there: the nearest person
 * is drawn last. NULL: the photo. E_ARG: a frame that does not fit. */
LIMNER_API limner_status limner_session_receive_over(limner_session *s, const limner_frame *under,
                                                     limner_frame *out);
LIMNER_API void limner_frame_unref(limner_frame *f);            /* NULL-safe; clears *f */
/* Sound needed beyond a frame's own time before it can be shown, in samples. A sound is first seen
 * in the next frame: at most this and a frame's period after it was sent. */
LIMNER_API int64_t limner_session_latency_samples(const limner_session *s);

/* A clocked session. The library has no clock: `now` is the caller's, in samples since the session
 * was opened (seconds * rate_hz), and what comes out depends on the calls and their `now` alone.
 * - Frame n is due at pts_samples + limner_session_latency_samples, not before, and then at once:
 *   for sound that has not come by then silence is assumed, and what comes later is laid after that
 *   silence. Without sound the face idles. Nothing jumps: it is one motion all the time.
 * - limner_session_send takes sound ahead of its time, up to a second, and shows all of it. Whoever
 *   plays it too plays each sample limner_session_latency_samples after its place on the clock.
 * - limner_session_send_live is for sound that is recorded as it is sent. Assumed silence delays
 *   it, as much as it was late; to catch up, the oldest part of what is sent is left out as soon as
 *   the delay would exceed LIMNER_MAX_BEHIND_MS, and as much as the delay in the next pause (0.2 s
 *   below -40 dB).
 * Where no sound is late or left out, the frames are those of an unclocked session. */
#define LIMNER_MAX_BEHIND_MS 200

/* The next frame, when it is due. LIMNER_OK, LIMNER_AGAIN (not due; or return frames), LIMNER_EOS,
 * E_ARG, E_STATE (not clocked; limner_session_receive: clocked). A caller who is late gets the
 * frames one by one, and may pass over some (`out` NULL). */
LIMNER_API limner_status limner_session_receive_due(limner_session *s, int64_t now_samples,
                                                    limner_frame *out);
/* When the next frame is due. */
LIMNER_API int64_t limner_session_due_samples(const limner_session *s);
/* As send, for sound recorded up to now_samples; always takes all. LIMNER_OK, E_ARG, E_STATE. */
LIMNER_API limner_status limner_session_send_live(limner_session *s, int64_t now_samples,
                                                  const float *pcm, size_t n);
/* Where the next sample sent will lie: samples sent and silence assumed, less what was left out. */
LIMNER_API int64_t limner_session_sound_samples(const limner_session *s);
LIMNER_API void limner_session_close(limner_session **s);       /* NULL-safe; sets NULL */

#ifdef __cplusplus
}
#endif

#endif
