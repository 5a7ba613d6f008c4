/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parametric face (models/face.limner): shape, expression and everything that is known about
 * the mesh: parts, regions, lip and lid contact, weights, landmark embedding.
 *
 * shape = mean + sum_k identity[k] * identity_basis[k] + sum_e expression[e] * sparse_delta[e]
 *
 * Space: centimetres, x to the subject's left (right in the image), y up, z towards the camera.
 * Vertex arrays are planar: x = xyz[i], y = xyz[stride + i], z = xyz[2 * stride + i] with
 * stride = face->stride floats (n_vertices rounded up to 16; the rest is zero).
 * Triangles are counter-clockwise seen from outside. Pose, gaze and projection are the renderer's:
 * the eyeballs do not move here (eyeLook* moves lids only); limner_face_eye_at says where they are.
 * Made by train/face from ICT-FaceKit (MIT); tensors are listed in train/face/README.md.
 */
#ifndef LIMNER_FACE_FACE_MODEL_H
#define LIMNER_FACE_FACE_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include <limner/limner.h>

#define LIMNER_FACE_N_IDENTITY 60
#define LIMNER_FACE_N_EXPRESSION 53  /* ARKit's 52 in the order of limner_expression, ... */
#define LIMNER_FACE_TONGUE_UP 52     /* ... then tongueUp: tip to the alveolar ridge (l n t d) */
#define LIMNER_FACE_N_LANDMARKS 478
#define LIMNER_FACE_N_ANSWER 58
#define LIMNER_FACE_ANSWER_GAZE 53   /* the first of gaze's three */
#define LIMNER_FACE_ANSWER_TURN 56   /* yaw, pitch */
#define LIMNER_FACE_N_ERROR 32
#define LIMNER_FACE_MAX_VERTICES 15000
#define LIMNER_FACE_MAX_TRIANGLES 32000

/* Connected sheets. Vertices and triangles are sorted by part, so each part is one range. */
typedef enum limner_face_part {
    LIMNER_PART_HEAD,        /* skin: face, ears, skull, neck, shoulders, lips, lids */
    LIMNER_PART_MOUTH,       /* socket behind the inner lip (shares the head's lip vertices) */
    LIMNER_PART_EYE_SOCKETS, /* behind the lids (shares the head's lid vertices) */
    LIMNER_PART_GUMS,        /* upper and lower gums, palate, mouth floor */
    LIMNER_PART_TONGUE,
    LIMNER_PART_TEETH_UPPER,
    LIMNER_PART_TEETH_LOWER,
    LIMNER_PART_EYE_LEFT,    /* eyeball with its iris */
    LIMNER_PART_EYE_RIGHT,
    LIMNER_PART_LACRIMAL,    /* caruncle and tear line, both eyes */
    LIMNER_PART_LASHES,      /* ribbons of the lashes, both eyes; seen from both sides */
    LIMNER_PART_COUNT
} limner_face_part;

/* What the surface is, per vertex and per triangle (uint8_t). L, R: the subject's own. */
typedef enum limner_face_region {
    LIMNER_REGION_FACE,      /* facial skin */
    LIMNER_REGION_EARS,
    LIMNER_REGION_NECK,      /* neck and back and top of the head */
    LIMNER_REGION_SHOULDERS,
    LIMNER_REGION_LIP_UPPER, /* outer vermilion */
    LIMNER_REGION_LIP_LOWER,
    LIMNER_REGION_LIP_INNER, /* moist inner roll, mostly hidden when the mouth is closed */
    LIMNER_REGION_LID_UPPER_L,
    LIMNER_REGION_LID_LOWER_L,
    LIMNER_REGION_LID_UPPER_R,
    LIMNER_REGION_LID_LOWER_R,
    LIMNER_REGION_MOUTH_SOCKET,
    LIMNER_REGION_EYE_SOCKET,
    LIMNER_REGION_GUM_UPPER, /* with the palate */
    LIMNER_REGION_GUM_LOWER, /* with the mouth floor */
    LIMNER_REGION_TONGUE,
    LIMNER_REGION_TEETH_UPPER,
    LIMNER_REGION_TEETH_LOWER,
    LIMNER_REGION_SCLERA_L,
    LIMNER_REGION_IRIS_L,    /* iris and pupil disc */
    LIMNER_REGION_SCLERA_R,
    LIMNER_REGION_IRIS_R,
    LIMNER_REGION_LACRIMAL,
    LIMNER_REGION_LASHES,
    LIMNER_REGION_COUNT
} limner_face_region;

typedef enum limner_face_side { LIMNER_SIDE_LEFT, LIMNER_SIDE_RIGHT } limner_face_side;

/* What kind of point a landmark is (uint8_t): how far its place on the mesh can be trusted. */
typedef enum limner_landmark_kind {
    LIMNER_LANDMARK_SKIN,       /* a fixed place on the skin, found by measuring */
    LIMNER_LANDMARK_SILHOUETTE, /* slides along the face's outline (large spread) */
    LIMNER_LANDMARK_LIP_OUTER,  /* vermilion border */
    LIMNER_LANDMARK_LIP_INNER,  /* on a vertex of the lip contact line */
    LIMNER_LANDMARK_LID,        /* on a vertex of the lid margin */
    LIMNER_LANDMARK_IRIS        /* 468..477: centre and four ring points, on the eyeball */
} limner_landmark_kind;

typedef struct limner_face_range {
    uint32_t first_vertex, n_vertices;
    uint32_t first_triangle, n_triangles;
} limner_face_range;

/* A list of vertices; of `n`, in `vertex[]`. Owned by the face. */
typedef struct limner_face_loop {
    uint32_t n;
    const uint16_t *vertex;
} limner_face_loop;

/*
 * Two lines of vertices that touch when shut: upper[i] meets lower[i]. Ordered from the subject's
 * right to the left for the lips, from the inner to the outer corner for a lid. The first and the
 * last pair are one and the same vertex (the corner). A vertex of the lips may come in two or three
 * pairs, one after the other. A lid's first pair is the canthus; the caruncle lies between it and
 * the second pair.
 */
typedef struct limner_face_contact {
    uint32_t n;
    const uint16_t *upper; /* [n] */
    const uint16_t *lower; /* [n] */
} limner_face_contact;

/*
 * How the landmark net answers this renderer's faces (train/face/answer.py): what it sees of a
 * coefficient is not where the model's points go. Head axes, x and y, cm.
 */
typedef struct limner_face_answer {
    const float *shape;    /* [LIMNER_FACE_N_ANSWER][2][478]: moved by a coefficient of 1; ARKit's
                            * in their order (eyeLook*: zero), tongueUp; a gaze of 30 degrees to
                            * the picture's right, down and up of the neutral face's; a head
                            * turned by 30 degrees of yaw and of pitch, beyond the model's turn */
    const float *error;    /* [LIMNER_FACE_N_ERROR][2][478]: errors that come together, one
                            * standard deviation each */
    const float *spread;   /* [2][478]: what else each errs, one standard deviation */
    const float *together; /* [52][52]: mean products of coefficients in recorded and generated
                            * motion, relative to the face at rest */
} limner_face_answer;

/* What a fit of a video's frame mixes up (unmix.h), linear in its clues. */
enum {
    LIMNER_FACE_N_UNMIX = 43,           /* coefficients: the fit's active expressions */
    LIMNER_FACE_N_UNMIX_CLUE = LIMNER_FACE_N_UNMIX + 5,         /* of a frame */
    LIMNER_FACE_N_UNMIX_FRAMES = 5,
    LIMNER_FACE_N_UNMIX_PAIRED = 13,    /* shapes whose products are inputs too */
    LIMNER_FACE_N_UNMIX_IN = LIMNER_FACE_N_UNMIX_FRAMES * LIMNER_FACE_N_UNMIX_CLUE +
                             LIMNER_FACE_N_UNMIX_PAIRED * (LIMNER_FACE_N_UNMIX_PAIRED - 1) / 2 +
                             LIMNER_FACE_N_UNMIX
};

typedef struct limner_face_unmix {
    const float *weight;   /* [LIMNER_FACE_N_UNMIX_IN][LIMNER_FACE_N_UNMIX]: a coefficient's change
                            * by an input of 1 */
    const float *bias;     /* [LIMNER_FACE_N_UNMIX] */
} limner_face_unmix;

/* Deltas of one expression on the vertices it touches; planar: dx = delta[i], dy = delta[n + i]. */
enum { LIMNER_FACE_BLOCK = 8 };        /* vertices that are moved at once */

typedef struct limner_face_delta {
    uint32_t n;
    const uint16_t *vertex; /* [n] ascending */
    const float *delta;     /* [3][n] cm per unit of the coefficient */
    uint32_t n_blocks;
    const uint16_t *block;  /* [n_blocks] ascending: those of eight vertices that it touches, */
    const float *dense;     /* [n_blocks][3][8] the same deltas, 0 between */
} limner_face_delta;

typedef struct limner_face {
    uint32_t n_vertices, n_triangles;
    uint32_t stride;                  /* floats between planes of a vertex array */
    const float *mean;                /* [3][stride] cm */
    const float *identity;            /* [60][3][stride] cm per standard deviation */
    limner_face_delta expression[LIMNER_FACE_N_EXPRESSION];

    const uint16_t *triangle;         /* [n_triangles][3] */
    const float *uv;                  /* [n_vertices][2], 0..1, v up; charts per region */
    const uint8_t *vertex_region;     /* [n_vertices] limner_face_region */
    const uint8_t *triangle_region;   /* [n_triangles] */
    const uint16_t *mirror;           /* [n_vertices] the vertex at the mirrored place (x -> -x) */
    limner_face_range part[LIMNER_PART_COUNT];

    const float *neck_weight;         /* [n_vertices] 1: moves rigidly with the head, 0: stays */
    float neck_pivot[3];              /* cm; the head turns about this point */
    const float *jaw_weight;          /* [n_vertices] 1: rigid with the lower jaw (teeth, gums) */

    limner_face_contact lips;         /* the line where the lips meet, corner to corner */
    limner_face_contact lids[2];      /* [limner_face_side] outer edges of the lid margins */
    limner_face_loop mouth_opening;   /* closed polygon: the visible opening between the lips */
    limner_face_loop lid_opening[2];  /* closed polygon: opening to the eyeball, no caruncle */
    limner_face_loop lip_border;      /* closed polygon: outer border of the vermilion */
    limner_face_loop iris_ring[2];    /* closed polygon: limbus, counter-clockwise from outside */

    const uint16_t *landmark_vertex;  /* [478][3] vertices of the triangle the landmark lies in */
    const float *landmark_bary;       /* [478][3] weights of these, sum 1 */
    const float *landmark_spread_cm;  /* [478] measured scatter, 1 standard deviation */
    const uint8_t *landmark_kind;     /* [478] limner_landmark_kind */

    limner_face_answer answer;
    limner_face_unmix unmix;

    float eye_centre[2][3];           /* of the mean face, cm; identity: limner_face_eye_at */
    float eye_axis[2][3];             /* unit; from the centre to the pupil at rest (gaze 0, 0) */
    const float *eye_centre_identity; /* [2][60][3] cm per standard deviation */
    float eye_radius_cm, iris_radius_cm, iris_depth_cm; /* iris_depth: its plane from the centre */
    void *owner;                      /* private */
} limner_face;

/*
 * Reads a model. Everything is copied: `bytes` need not outlive the call. E_FORMAT if anything in
 * the file is missing or out of range, E_ARG, E_NOMEM; *out is NULL then.
 */
limner_status limner_face_open(limner_face **out, const void *bytes, size_t len_bytes);
void limner_face_close(limner_face **face); /* NULL-safe; sets NULL */

/* Root mean square distance of two people's neutral faces (facial skin), cm, brought to the same
 * place and to a's size. a, b: identities [60], NULL: the mean. NaN when memory runs out. */
float limner_face_distance(const limner_face *face, const float *a, const float *b);

/* Floats in one vertex array: 3 * stride. */
size_t limner_face_xyz_floats(const limner_face *face);

/* Neutral face of a person: out_xyz [3][stride]. identity [60] in standard deviations, or NULL. */
void limner_face_base(const limner_face *face, const float *identity, float *out_xyz);

/*
 * Adds expression to a base (the per-frame path; may work in place). base_xyz, out_xyz [3][stride];
 * expression [53]. Coefficients are used as given; zero ones cost nothing. mouthClose is ARKit's:
 * it closes the lips over an open jaw (mouthClose = jawOpen: shut) and must not exceed jawOpen.
 */
void limner_face_express(const limner_face *face, const float *base_xyz, const float *expression,
                         float *out_xyz);

/* Both at once: limner_face_base, then limner_face_express. Either pointer may be NULL (zeros). */
void limner_face_shape(const limner_face *face, const float *identity, const float *expression,
                       float *out_xyz);

/* Centre of an eyeball of this person: out[3] cm. Expression does not move it. */
void limner_face_eye_at(const limner_face *face, const float *identity, limner_face_side side,
                        float *out);

/* Landmarks of a shape: out [478][3] cm. */
void limner_face_landmarks(const limner_face *face, const float *xyz, float *out);

/* Area-weighted unit vertex normals, outwards: out_normal [3][stride]. */
void limner_face_normals(const limner_face *face, const float *xyz, float *out_normal);

#endif
