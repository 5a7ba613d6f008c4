/* SPDX-License-Identifier: Apache-2.0 */
/* A face followed through a video. Landmarks of each frame come from one pass of the landmark net
 * on the region of the frame before; the detector is asked where there was none, where the net sees
 * no face there, and at cuts. The first N_CALIBRATE faces tell who it is (face/person.h); pose,
 * expression and gaze of every frame are fitted to that person, from nothing, so that nothing
 * drifts. A face found anew waits for as many: if the person known does not explain them, they tell
 * of another. What is found is made
 * steady (motion/steady.h), and coefficients are told apart (face/unmix.h), with the two frames
 * before and after. */
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "face/person.h"
#include "model.h"
#include "motion/smooth.h"
#include "motion/steady.h"
#include "portrait/detect.h"
#include "portrait/encoder.h"

enum {
    N_BEFORE = LIMNER_STEADY_FRAMES,    /* frames kept after they were given out */
    MAX_WAITING = LIMNER_TRACKER_LAG + 1,
    N_CALIBRATE = 5,
    MOST_LOOKS = 3,                     /* at a face that jumps, in a frame */
    GLANCE = 32                         /* points a side looked at to see a cut */
};

#define MIN_FLAG 0.5f                   /* of the landmark net: a face */
#define JUMP 0.06f                      /* of a face between frames, over the region's side */
#define CUT 36.0f                       /* mean change of a point's brightness, 0..255 */
#define SAME_CM 0.055f                  /* landmarks off by no more, or hardly more than of late:
                                         * the same person. Measured over
                                         * 16 rendered people: 0.02 to 0.04 for oneself, 0.04 to
                                         * 0.2 (one in a hundred below 0.047) for others; real
                                         * videos 0.03 to 0.08 for oneself */
#define HARDLY_MORE 1.4f

typedef struct tracker_slot {
    int64_t pts;
    bool is_found, is_new, is_fitted;
    float landmarks[LIMNER_N_LANDMARK][3];
    limner_face_view *view;             /* of the frame; one of the tracker's until it is fitted */
    limner_fit fit;
    bool has_clue;
    limner_unmix_clue clue;
    float lip_error, aperture[2];
    limner_motion motion;
} tracker_slot;

struct limner_tracker {
    limner_model *model;
    limner_nets_run run;
    limner_found_face *found;           /* [LIMNER_MAX_FACES] */
    limner_face_view *view;             /* [MAX_WAITING], taken in turns */
    unsigned next_view;
    int32_t face;
    int n_smooth;
    limner_region region;               /* of the last frame's face */
    bool has_region, is_finished;
    bool is_known;                      /* who it is, of the faces found last */
    bool has_met;                       /* anyone so far */
    uint8_t glance[GLANCE * GLANCE];    /* brightness of the last frame */
    uint32_t width_px, height_px;       /* of the last frame */
    limner_person *person;              /* met once is_known */
    float gaze[2];                      /* last seen between open lids */
    float usual_cm;                     /* how far landmarks are off of late; 0: not known */
    float pivot_px[2], scale;           /* of the first fitted frame; scale 0: there was none */
    tracker_slot slot[N_BEFORE + MAX_WAITING];
    int n_before, n_slots;              /* slots given out, slots in use */
};

void limner_tracker_settings_init(limner_tracker_settings *set, uint32_t struct_size)
{
    if (!set || struct_size < sizeof(*set))
        return;
    memset(set, 0, sizeof(*set));
    set->struct_size = sizeof(*set);
    set->n_smooth = LIMNER_STEADY_FRAMES;
}

limner_status limner_tracker_open(limner_tracker **out, limner_model *model,
                                  const limner_tracker_settings *set)
{
    limner_tracker *t;
    limner_status st = LIMNER_E_NOMEM;

    if (!out)
        return LIMNER_E_ARG;
    *out = NULL;
    if (!model || (set && (set->struct_size < sizeof(*set) || set->face < 0 ||
                           set->n_smooth > LIMNER_STEADY_FRAMES)))
        return LIMNER_E_ARG;
    if (!model->has_nets)
        return LIMNER_E_STATE;
    t = limner_calloc(1, sizeof(*t));
    if (!t)
        return LIMNER_E_NOMEM;
    t->model = limner_model_ref(model);
    t->face = set ? set->face : 0;
    t->n_smooth = set ? (int)set->n_smooth : LIMNER_STEADY_FRAMES;
    t->found = limner_calloc(LIMNER_MAX_FACES, sizeof(*t->found));
    t->view = limner_alloc(MAX_WAITING, sizeof(*t->view));
    if (t->found && t->view)
        st = limner_nets_run_open(&t->run, &model->nets, NULL);
    if (st == LIMNER_OK)
        st = limner_person_open(&t->person, model->face);
    if (st < 0)
        limner_tracker_close(&t);
    *out = t;
    return st;
}

/* ---- finding ------------------------------------------------------------------------------- */

/* Whether this frame has little to do with the last one. */
static bool is_cut(limner_tracker *t, const limner_image *img)
{
    const bool is_other = img->w != t->width_px || img->h != t->height_px;
    long sum = 0;

    for (uint32_t i = 0; i < GLANCE * GLANCE; i++) {
        const uint32_t x = (uint32_t)((i % GLANCE * 2 + 1) * (uint64_t)img->w / (2 * GLANCE));
        const uint32_t y = (uint32_t)((i / GLANCE * 2 + 1) * (uint64_t)img->h / (2 * GLANCE));
        const uint8_t *p = limner_image_row(img, y) + 3 * (size_t)x;
        const int bright = (p[0] + 2 * p[1] + p[2]) / 4;

        sum += bright > t->glance[i] ? bright - t->glance[i] : t->glance[i] - bright;
        t->glance[i] = (uint8_t)bright;
    }
    t->width_px = img->w;
    t->height_px = img->h;
    return is_other || (float)sum > CUT * GLANCE * GLANCE;
}

/* The face that was followed is the one nearest to where it was. */
static size_t nearest(const limner_tracker *t, size_t n)
{
    size_t best = 0;
    float least = INFINITY;

    for (size_t i = 0; i < n; i++) {
        const limner_region r =
            limner_landmarks_region((const float(*)[3])t->found[i].landmarks);
        const float d = hypotf(r.cx - t->region.cx, r.cy - t->region.cy);

        best = d < least ? i : best;
        least = fminf(d, least);
    }
    return best;
}

/* Looks for the face in the whole frame; its region. The detector gives what does not look human
 * only where there is nothing else. */
static bool detect(limner_tracker *t, const limner_image *img, bool is_followed)
{
    size_t n = 0, which = (size_t)t->face;

    if (limner_detect_faces(&t->run, img, t->found, LIMNER_MAX_FACES, &n) < 0 || n == 0 ||
        limner_face_check(&t->found[0].quality) == LIMNER_FACE_NOT_HUMAN)
        return false;
    if (is_followed)
        which = nearest(t, n);
    if (which >= n)
        return false;
    t->region = limner_landmarks_region((const float(*)[3])t->found[which].landmarks);
    return true;
}

/* The face at the region, which follows it. A face that jumped lies askew in the region where it
 * was, and the net guesses: it is looked at again where it seems to be now. */
static bool look(limner_tracker *t, const limner_image *img, tracker_slot *s)
{
    for (int i = 0; i < MOST_LOOKS; i++) {
        const limner_region last = t->region;

        if (limner_landmarks_run(&t->run, img, &t->region, s->landmarks) < MIN_FLAG)
            return false;
        t->region = limner_landmarks_region((const float(*)[3])s->landmarks);
        if (hypotf(t->region.cx - last.cx, t->region.cy - last.cy) < JUMP * last.side &&
            fabsf(logf(t->region.side / last.side)) < JUMP)
            break;
    }
    return true;
}

static void find(limner_tracker *t, const limner_image *img, tracker_slot *s)
{
    const bool is_other_scene = is_cut(t, img);
    const bool is_followed = t->scale > 0 && !is_other_scene;

    s->is_found = t->has_region && !is_other_scene && look(t, img, s);
    if (!s->is_found) {
        s->is_new = true;
        s->is_found = detect(t, img, is_followed) && look(t, img, s);
    }
    t->has_region = s->is_found;
}

/* ---- fitting ------------------------------------------------------------------------------- */

/* Where the head turns about, in the picture, y down. */
static void pivot_of(float out[2], const limner_fit *fit, const float *pivot)
{
    const float *r = fit->rotation;

    out[0] = fit->scale * (r[0] * pivot[0] + r[1] * pivot[1] + r[2] * pivot[2]) + fit->tx;
    out[1] = fit->ty - fit->scale * (r[3] * pivot[0] + r[4] * pivot[1] + r[5] * pivot[2]);
}

/* Behind closing lids the irises are guessed: there the last gaze seen holds. */
static void write_gaze(limner_tracker *t, tracker_slot *s)
{
    const float *e = s->fit.shape;
    const float lids = (e[LIMNER_EYE_BLINK_LEFT] + e[LIMNER_EYE_BLINK_RIGHT]) / 2;
    const float seen = t->scale > 0 && !s->is_new ? 1 - limner_smoothstep(lids, 0.25f, 0.5f) : 1;

    t->gaze[0] += seen * (s->fit.gaze_yaw - t->gaze[0]);
    t->gaze[1] += seen * (s->fit.gaze_pitch - t->gaze[1]);
    s->motion.gaze_yaw = t->gaze[0];
    s->motion.gaze_pitch = t->gaze[1];
}

static void write_motion(limner_tracker *t, tracker_slot *s)
{
    const limner_fit *fit = &s->fit;
    limner_motion *m = &s->motion;
    float pivot[2];

    memset(m, 0, sizeof(*m));
    write_gaze(t, s);
    pivot_of(pivot, fit, t->model->face->neck_pivot);
    if (t->scale <= 0) {
        t->scale = fit->scale;
        memcpy(t->pivot_px, pivot, sizeof(pivot));
    }
    memcpy(m->expression, fit->shape, sizeof(m->expression));
    m->tongue_up = fit->shape[LIMNER_N_EXPRESSION];
    m->yaw = fit->yaw;
    m->pitch = fit->pitch;
    m->roll = fit->roll;
    m->distance = t->scale / fit->scale;
    m->x = (pivot[0] - t->pivot_px[0]) / fit->scale;
    m->y = (t->pivot_px[1] - pivot[1]) / fit->scale;
}

static limner_status fit_slot(limner_tracker *t, tracker_slot *s)
{
    const limner_status st =
        limner_person_fit(&s->fit, t->person, (const float(*)[3])s->landmarks, s->view);

    s->is_fitted = true;
    if (st == LIMNER_E_POOR_FACE) {
        s->is_found = t->has_region = false;
        return LIMNER_OK;
    }
    if (st == LIMNER_OK) {
        const float off_cm = (float)limner_person_distance(t->person);

        t->usual_cm += (off_cm - t->usual_cm) * (t->usual_cm > 0 ? 0.05f : 1.0f);
        s->lip_error = (float)limner_person_lip_error(t->person);
        limner_person_lids(t->person, s->aperture);
        s->has_clue = limner_person_clues(&s->clue, t->person);
        write_motion(t, s);
    }
    return st;
}

/* Whether a slot's face waits to be told whose it is. */
static bool is_waiting(const tracker_slot *s)
{
    return s->is_found && !s->is_fitted;
}

static int n_faces_waiting(const limner_tracker *t)
{
    int n = 0;

    for (int i = t->n_before; i < t->n_slots; i++)
        n += is_waiting(&t->slot[i]);
    return n;
}

/* Whether as many faces wait as it takes to know someone, or one as long as it may. */
static bool have_waited(const limner_tracker *t)
{
    int first = t->n_before;

    while (first < t->n_slots && !is_waiting(&t->slot[first]))
        first++;
    return n_faces_waiting(t) >= N_CALIBRATE || t->n_slots - first == MAX_WAITING;
}

/* Whether the faces that wait are those of the person known. */
static bool is_same_person(limner_tracker *t)
{
    double sum = 0;
    int n = 0;

    for (int i = t->n_before; i < t->n_slots; i++) {
        tracker_slot *s = &t->slot[i];

        if (!is_waiting(s) ||
            limner_person_fit(&s->fit, t->person, (const float(*)[3])s->landmarks, NULL) !=
                LIMNER_OK)
            continue;
        sum += limner_person_distance(t->person);
        n++;
    }
    return n && sum / n <= (double)fmaxf(SAME_CM, HARDLY_MORE * t->usual_cm);
}

/* Learns the person from the faces that wait. E_POOR_FACE: there is none. */
static limner_status meet(limner_tracker *t)
{
    const float(*landmarks[MAX_WAITING])[3];
    const limner_face_view *views[MAX_WAITING];
    limner_status st;
    int n = 0;

    for (int i = t->n_before; i < t->n_slots; i++)
        if (is_waiting(&t->slot[i])) {
            views[n] = t->slot[i].view;
            landmarks[n++] = (const float(*)[3])t->slot[i].landmarks;
        }
    st = n ? limner_person_meet(t->person, landmarks, views, n) : LIMNER_E_POOR_FACE;
    if (st == LIMNER_OK)
        t->scale = t->usual_cm = 0;     /* place and distance count from here */
    return st;
}

/* Tells who is seen, and fits the faces that wait. */
static limner_status recognise(limner_tracker *t)
{
    limner_status st = LIMNER_OK;

    if (n_faces_waiting(t) && !(t->has_met && is_same_person(t))) {
        st = meet(t);
        t->has_met |= st == LIMNER_OK;
    }
    t->is_known = t->has_met;
    for (int i = t->n_before; i < t->n_slots; i++) {
        tracker_slot *s = &t->slot[i];

        if (is_waiting(s) && st == LIMNER_OK)
            st = fit_slot(t, s);
        s->is_found &= s->is_fitted;
    }
    return st == LIMNER_E_POOR_FACE ? LIMNER_OK : st;
}

/* ---- in and out ---------------------------------------------------------------------------- */

limner_status limner_tracker_push(limner_tracker *t, const limner_photo *frame, int64_t pts)
{
    limner_image img;
    tracker_slot *s;
    limner_status st;

    if (!t || !frame || !frame->rgb)
        return LIMNER_E_ARG;
    if (t->is_finished)
        return LIMNER_E_STATE;
    st = limner_photo_check(frame);
    if (st < 0)
        return st;
    if (t->n_slots - t->n_before == MAX_WAITING)
        return LIMNER_AGAIN;
    s = &t->slot[t->n_slots++];
    memset(s, 0, sizeof(*s));
    s->pts = pts;
    img = limner_photo_view(frame);
    find(t, &img, s);
    if (s->is_found) {
        s->view = &t->view[t->next_view++ % MAX_WAITING];
        limner_face_view_take(s->view, &img, (const float(*)[3])s->landmarks);
    }
    t->is_known &= !(s->is_found && s->is_new);
    if (t->is_known)
        return s->is_found ? fit_slot(t, s) : LIMNER_OK;
    return have_waited(t) ? recognise(t) : LIMNER_OK;
}

limner_status limner_tracker_finish(limner_tracker *t)
{
    if (!t)
        return LIMNER_E_ARG;
    if (t->is_finished)
        return LIMNER_OK;
    t->is_finished = true;
    return t->is_known ? LIMNER_OK : recognise(t);
}

/* Whether slot `to` shows the same face as `from`, next to it, without a break between them. */
static bool is_joined(const limner_tracker *t, int from, int to)
{
    return to >= 0 && to < t->n_slots && t->slot[to].is_found &&
           !t->slot[to > from ? to : from].is_new;
}

/* Clues of the middle slot and its neighbours; beyond the last joined one, that one's again. */
static void unmix(const limner_tracker *t, int at, limner_motion *motion)
{
    const limner_unmix_clue *clue[2 * LIMNER_UNMIX_REACH + 1];

    if (!t->slot[at].has_clue)
        return;
    for (int way = -1; way <= 1; way += 2) {
        int from = at;

        for (int i = 0; i <= LIMNER_UNMIX_REACH; i++) {
            clue[LIMNER_UNMIX_REACH + way * i] = &t->slot[from].clue;
            if (i < t->n_smooth && is_joined(t, from, from + way) && t->slot[from + way].has_clue)
                from += way;
        }
    }
    limner_unmix(motion, t->model->face, clue);
}

static void give(const limner_tracker *t, int at, limner_tracked *out)
{
    const limner_motion *window[2 * LIMNER_STEADY_FRAMES + 1];
    const tracker_slot *s = &t->slot[at];
    int half = 0;

    out->pts = s->pts;
    if (!s->is_found)
        return;
    window[LIMNER_STEADY_FRAMES] = &s->motion;
    while (half < t->n_smooth && is_joined(t, at - half, at - half - 1) &&
           is_joined(t, at + half, at + half + 1)) {
        half++;
        window[LIMNER_STEADY_FRAMES - half] = &t->slot[at - half].motion;
        window[LIMNER_STEADY_FRAMES + half] = &t->slot[at + half].motion;
    }
    out->is_found = 1;
    out->is_new = s->is_new;
    limner_motion_steady(&out->motion, window + LIMNER_STEADY_FRAMES, half);
    unmix(t, at, &out->motion);
    for (int i = 0; i < LIMNER_N_LANDMARK; i++)
        for (int k = 0; k < 2; k++)
            out->landmarks[i][k] = s->landmarks[i][k];
    out->rms_px = s->fit.rms_px;
    out->lip_error = s->lip_error;
    memcpy(out->aperture, s->aperture, sizeof(out->aperture));
    memcpy(out->identity, s->fit.identity, sizeof(out->identity));
}

limner_status limner_tracker_receive(limner_tracker *t, limner_tracked *out)
{
    const tracker_slot *s;
    int n_after;

    if (!t || !out)
        return LIMNER_E_ARG;
    memset(out, 0, sizeof(*out));
    if (t->n_before == t->n_slots)
        return t->is_finished ? LIMNER_EOS : LIMNER_AGAIN;
    s = &t->slot[t->n_before];
    n_after = t->n_slots - t->n_before - 1;
    if (s->is_found && !t->is_finished && (!s->is_fitted || n_after < t->n_smooth))
        return LIMNER_AGAIN;
    give(t, t->n_before, out);
    if (++t->n_before > N_BEFORE) {
        memmove(t->slot, t->slot + 1, (size_t)--t->n_slots * sizeof(*t->slot));
        t->n_before--;
    }
    return LIMNER_OK;
}

void limner_tracker_close(limner_tracker **tracker)
{
    limner_tracker *t;

    if (!tracker || !*tracker)
        return;
    t = *tracker;
    *tracker = NULL;
    limner_nets_run_close(&t->run);
    limner_mem_free(t->found);
    limner_mem_free(t->view);
    limner_person_close(&t->person);
    limner_model_close(&t->model);
    limner_mem_free(t);
}
