/* SPDX-License-Identifier: Apache-2.0 */
/* Sound into a session, its frames into a taker; see perform.h. */
#include "eval/perform.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/stage.h"
#include "io/error.h"
#include "io/media.h"

enum { CHUNK_SAMPLES = 1600, RATE_DEN = 1001, SEARCH_S = 5 };

typedef struct player {
    const eval_performing *p;
    limner_session *session;
    eval_taker *taker;
    uint8_t *rgb; /* [size][size][3] */
    limner_motion *generated;
    size_t n_frames;
} player;

static void close_player(player *s)
{
    limner_session_close(&s->session);
    eval_taker_close(&s->taker);
    free(s->rgb);
    free(s->generated);
}

static limner_status open_player(player *s, const eval_performing *p, char *detail)
{
    limner_settings set;
    limner_status st;

    memset(s, 0, sizeof(*s));
    s->p = p;
    s->rgb = malloc((size_t)p->size_px * p->size_px * 3);
    s->generated = malloc((p->n_frames + 1) * sizeof(*s->generated));
    if (!s->rgb || !s->generated)
        return LIMNER_E_NOMEM;
    limner_settings_init(&set, sizeof(set));
    set.rate_hz = EVAL_RATE_HZ;
    set.fps_num = (uint32_t)lrint(p->fps * RATE_DEN);
    set.fps_den = RATE_DEN;
    set.width_px = set.height_px = p->size_px;
    set.pixel = LIMNER_PIXEL_RGBA;
    set.n_threads = 1;
    set.seed = p->seed;
    st = limner_session_open(&s->session, p->model, p->portrait, &set, detail);
    return st < 0 ? st : eval_taker_open(&s->taker, p->model, p->fps);
}

static limner_status show(player *s, const limner_frame *frame)
{
    const uint32_t size_px = s->p->size_px;
    const limner_photo photo = {s->rgb, (ptrdiff_t)size_px * 3, size_px, size_px};

    eval_frame_copy(s->rgb, frame);
    s->generated[s->n_frames] = frame->generated;
    if (s->p->watch)
        s->p->watch(s->p->user, s->n_frames, &photo);
    s->n_frames++;
    return eval_taker_push(s->taker, &photo);
}

/* All frames that are ready, at most those wanted. LIMNER_OK or an error. */
static limner_status receive(player *s)
{
    limner_status st = LIMNER_OK;
    limner_frame frame;

    while (s->n_frames < s->p->n_frames &&
           (st = limner_session_receive(s->session, &frame)) == LIMNER_OK) {
        st = show(s, &frame);
        limner_frame_unref(&frame);
        if (st != LIMNER_OK)
            return st;
    }
    return st == LIMNER_AGAIN || st == LIMNER_EOS ? LIMNER_OK : st;
}

static limner_status play(player *s)
{
    static const float silence[CHUNK_SAMPLES];
    limner_status st = LIMNER_OK;

    for (size_t at = 0; s->n_frames < s->p->n_frames && st >= 0;) {
        const bool is_over = at >= s->p->n_samples;
        const size_t left = is_over ? CHUNK_SAMPLES : s->p->n_samples - at;
        size_t used;

        st = limner_session_send(s->session, is_over ? silence : s->p->pcm + at,
                                 left < CHUNK_SAMPLES ? left : CHUNK_SAMPLES, &used);
        at += used;
        if (st >= 0)
            st = receive(s);
    }
    return st;
}

int eval_perform(eval_performance *out, const eval_performing *p, char *err)
{
    char detail[LIMNER_DETAIL_SIZE] = "";
    limner_status st;
    player s;

    memset(out, 0, sizeof(*out));
    st = open_player(&s, p, detail);
    if (st >= 0)
        st = play(&s);
    if (st >= 0)
        st = eval_taker_finish(&s.taker, &out->take);
    if (st >= 0) {
        out->generated = s.generated;
        s.generated = NULL;
        out->take.pcm = malloc((p->n_samples + 1) * sizeof(*p->pcm));
        st = out->take.pcm ? LIMNER_OK : LIMNER_E_NOMEM;
    }
    close_player(&s);
    if (st < 0) {
        snprintf(err, LIMNER_IO_ERROR_SIZE, "the portrait cannot speak: %s",
                 *detail ? detail : limner_strerror(st));
        eval_performance_close(out);
        return -1;
    }
    memcpy(out->take.pcm, p->pcm, p->n_samples * sizeof(*p->pcm));
    out->take.n_samples = p->n_samples;
    return 0;
}

void eval_performance_close(eval_performance *p)
{
    if (!p)
        return;
    eval_take_close(&p->take);
    free(p->generated);
    p->generated = NULL;
}

/* The largest face; the usual checks. */
static limner_status encode(limner_portrait **out, limner_model *model,
                            const limner_io_image *image, char *detail)
{
    const limner_photo photo = limner_io_image_photo(image);
    limner_portrait_options options;

    limner_portrait_options_init(&options, sizeof(options));
    options.face = 0;
    options.n_threads = 1;
    return limner_portrait_encode(out, model, &photo, &options, detail);
}

int eval_portrait_of_video(limner_portrait **out, limner_model *model, const char *path, char *err)
{
    char detail[LIMNER_DETAIL_SIZE] = "there is no picture in it";
    limner_status st = LIMNER_E_NO_FACE;
    limner_io_video_in *video;
    limner_io_image image;
    double time_s = 0;
    int more = 1;

    *out = NULL;
    if (limner_io_video_in_open(&video, path, err))
        return -1;
    while (st < 0 && st != LIMNER_E_NOMEM && time_s < SEARCH_S &&
           (more = limner_io_video_in_read(video, &image, &time_s, err)) > 0) {
        st = encode(out, model, &image, detail);
        limner_io_image_close(&image);
    }
    limner_io_video_in_close(&video);
    if (more < 0)
        return -1;
    return st < 0 ? limner_io_fail(err, limner_io_input_name(path),
                                   "no frame of its first %d s makes a portrait: %s", SEARCH_S,
                                   detail)
                  : 0;
}
