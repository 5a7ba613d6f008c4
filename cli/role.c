/* SPDX-License-Identifier: Apache-2.0 */
/* Feeding the sessions of a cast in step (see role.h). Which voice is the last is known when its
 * sound ends while no other speaks; it is then lengthened to the longest of them all, as the others
 * may have ended within the same frame. */
#include "role.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/portrait.h"
#include "sound.h"
#include "talk.h"

/* An odd number near 2^64 / golden ratio: seeds of neighbouring faces are far apart. */
#define SEED_STEP 0x9E3779B97F4A7C15u

bool cli_cast_init(cli_cast *out, int n)
{
    memset(out, 0, sizeof(*out));
    out->role = calloc((size_t)n, sizeof(*out->role));
    if (!out->role) {
        cli_fail("not enough memory");
        return false;
    }
    out->n = n;
    return true;
}

static bool open_sound(cli_role *r)
{
    char err[LIMNER_IO_ERROR_SIZE];

    if (limner_io_is_portrait(r->path)) {
        cli_fail("%s: is a portrait, not a sound; the portrait comes first, then the sound",
                 r->path);
        return false;
    }
    if (cli_sound_open(&r->audio, r->path, err) < 0) {
        cli_fail("%s", err);
        return false;
    }
    return true;
}

/* Number of a face in timelines. */
static int32_t face_of(const cli_role *r)
{
    return r->number < 0 ? 0 : r->number;
}

static bool open_timeline(cli_cast *c, const char *path)
{
    char err[CLI_TIMELINE_ERROR_SIZE];

    if (cli_timeline_read(&c->timeline, path, err) < 0) {
        cli_fail("%s", err);
        return false;
    }
    for (size_t i = 0; i < c->timeline.n; i++) {
        const int32_t face = c->timeline.key[i].face;
        bool is_there = face < 0;

        for (int k = 0; k < c->n; k++)
            is_there = is_there || face_of(&c->role[k]) == face;
        if (!is_there) {
            cli_fail("%s: key frame %zu: face %d does not move; name it with --face or --idle",
                     path, i + 1, (int)face);
            return false;
        }
    }
    return true;
}

/* Width of the square around the head, in the photo. */
static float width_of(const cli_role *r)
{
    limner_face_box box = {0};

    if (r->portrait)
        limner_portrait_geometry(r->portrait, NULL, &box, NULL, NULL);
    return box.width_px;
}

/* Smaller heads first; of equal ones the first named. */
static void order_roles(cli_cast *c)
{
    for (int i = 0; i < c->n; i++) {
        int at = i;

        for (; at > 0 && width_of(&c->role[c->order[at - 1]]) > width_of(&c->role[i]); at--)
            c->order[at] = c->order[at - 1];
        c->order[at] = i;
    }
}

bool cli_cast_open(cli_cast *c, const cli_args *args, const char *portrait)
{
    limner_portrait *portraits[CLI_MAX_FACES] = {NULL};
    int32_t numbers[CLI_MAX_FACES];

    if (args->timeline && !open_timeline(c, args->timeline))
        return false;
    for (int i = 0; i < c->n; i++) {
        cli_role *r = &c->role[i];
        numbers[i] = r->number;
        r->is_over = !r->path;
        if (r->path && !(c->is_driven ? cli_drive_open(&r->drive, args, r->path) : open_sound(r)))
            return false;
    }
    if (portrait ? !cli_faces_open(&c->models, portraits, numbers, c->n, args, portrait)
                 : !cli_models_open(&c->models, args, false))
        return false;
    for (int i = 0; i < c->n; i++)
        c->role[i].portrait = portraits[i];
    order_roles(c);
    return c->is_driven || cli_models_check_speech(&c->models, args);
}

/* What a face is asked next. */
static limner_status control(cli_cast *c, cli_role *r, const cli_args *args)
{
    const double time_s = (double)r->n_controls++ / CLI_CONTROLS_HZ;
    limner_controls base = args->controls, asked;

    base.is_still = args->is_still;
    cli_timeline_at(&asked, &c->timeline, &base, face_of(r), time_s);
    return limner_session_control(r->session, &asked);
}

bool cli_cast_begin(cli_cast *c, const cli_args *args, const limner_settings *set)
{
    char detail[LIMNER_DETAIL_SIZE] = "";
    limner_status st = LIMNER_OK;

    for (int i = 0; i < c->n && st >= 0; i++) {
        cli_role *r = &c->role[i];
        limner_settings own = *set;
        if (r->audio)
            own.rate_hz = limner_io_audio_rate_hz(r->audio);
        r->rate_hz = own.rate_hz;
        own.seed += SEED_STEP * (uint64_t)(r->number > 0 ? r->number : 0);
        st = limner_session_open(&r->session, c->models.model, r->portrait, &own, detail);
        if (st >= 0)
            st = control(c, r, args);
    }
    if (st < 0)
        cli_fail("%s", *detail ? detail : limner_strerror(st));
    return st >= 0;
}

long cli_cast_n_frames(const cli_cast *c, const cli_args *args)
{
    long most = 0;

    for (int i = 0; i < c->n; i++) {
        const cli_role *r = &c->role[i];
        const double s = r->audio ? limner_io_audio_duration_s(r->audio) : 0;
        const long n = r->audio  ? (long)ceil(s * args->fps_num / args->fps_den)
                       : r->path ? cli_drive_n_frames(&r->drive, args)
                                 : 0;
        most = n > most ? n : most;
    }
    return most;
}

double cli_cast_heard_s(const cli_cast *c)
{
    double most = 0;

    for (int i = 0; i < c->n; i++)
        most = fmax(most, c->role[i].heard_s);
    return most;
}

/* What moves r has ended. */
static void end_role(cli_cast *c, cli_role *r)
{
    bool is_last = true;

    r->is_over = true;
    for (int i = 0; i < c->n; i++)
        is_last = is_last && c->role[i].is_over;
    r->is_last = is_last;
    if (is_last && r->audio)
        r->n_added = llrint((cli_cast_heard_s(c) - r->heard_s) *
                            limner_io_audio_rate_hz(r->audio));
}

/* Fills the empty block; nothing is left in it when the role's end has come. */
static int fill_block(cli_cast *c, cli_role *r)
{
    char err[LIMNER_IO_ERROR_SIZE];

    r->from = r->n_pcm = 0;
    if (!r->is_over) {
        const int64_t n = limner_io_audio_read(r->audio, r->pcm, CLI_BLOCK_SAMPLES, err);
        if (n < 0)
            return cli_fail("%s", err);
        r->n_pcm = (size_t)n;
        r->heard_s += (double)n / limner_io_audio_rate_hz(r->audio);
        if (n > 0)
            return CLI_OK;
        end_role(c, r);
    }
    r->n_pcm = CLI_BLOCK_SAMPLES;
    if (r->is_last && r->n_added < CLI_BLOCK_SAMPLES)
        r->n_pcm = (size_t)r->n_added;
    if (r->is_last)
        r->n_added -= (int64_t)r->n_pcm;
    memset(r->pcm, 0, r->n_pcm * sizeof(*r->pcm));
    return CLI_OK;
}

/* Sample at which the timeline is asked next. */
static int64_t next_change(const cli_role *r)
{
    return r->n_controls * (int64_t)r->rate_hz / CLI_CONTROLS_HZ;
}

/* Sound up to the next change of controls, which is made when it has come. */
static int feed_sound(cli_cast *c, cli_role *r, const cli_args *args)
{
    size_t n, used = 0;

    if (!r->n_pcm && fill_block(c, r) != CLI_OK)
        return CLI_FAILED;
    if (!r->n_pcm) {
        r->is_finished = true;
        return limner_session_finish(r->session) < 0 ? cli_fail("the end is not taken") : CLI_OK;
    }
    n = r->n_pcm;
    if (c->timeline.n) {
        if (next_change(r) == r->n_sent && control(c, r, args) < 0)
            return cli_fail("the controls are not taken");
        if ((int64_t)n > next_change(r) - r->n_sent)
            n = (size_t)(next_change(r) - r->n_sent);
    }
    const double started = cli_now_s();
    const limner_status st = limner_session_send(r->session, r->pcm + r->from, n, &used);
    c->spent_s += cli_now_s() - started;
    if (st < 0)
        return cli_fail("the sound is not taken: %s", limner_strerror(st));
    r->from += used;
    r->n_pcm -= used;
    r->n_sent += (int64_t)used;
    return used ? CLI_OK : cli_fail("rendering stands still; please report this");
}

static int feed_motion(cli_cast *c, cli_role *r, const cli_args *args)
{
    int more = 1;

    if (!r->is_over)
        more = cli_drive_frame(&r->drive, args, r->portrait, r->n_frames, &r->asked, &r->shown);
    if (more < 0)
        return CLI_FAILED;
    if (more == 0)
        end_role(c, r);
    if (r->is_last) {
        r->is_finished = true;
        return limner_session_finish(r->session) < 0 ? cli_fail("the end is not taken") : CLI_OK;
    }
    const limner_status st = limner_session_send_motion(r->session, &r->shown);
    if (st != LIMNER_OK)
        return cli_fail("frame %ld of the motion is not taken: %s", r->n_frames,
                        limner_strerror(st));
    return CLI_OK;
}

/* One face's share of the next frame. */
static int draw_role(cli_cast *c, cli_role *r, const cli_args *args, const limner_frame *under,
                     limner_frame *out)
{
    for (;;) {
        const double started = cli_now_s();
        const limner_status st = limner_session_receive_over(r->session, under, out);
        c->spent_s += cli_now_s() - started;
        if (st == LIMNER_EOS)
            return 0;
        if (st < 0) {
            cli_fail("rendering failed: %s", limner_strerror(st));
            return -1;
        }
        if (st == LIMNER_OK) {
            r->n_frames++;
            return 1;
        }
        if (r->is_finished) {
            cli_fail("rendering stands still; please report this");
            return -1;
        }
        if ((c->is_driven && r->path ? feed_motion(c, r, args) : feed_sound(c, r, args)) != CLI_OK)
            return -1;
    }
}

int cli_cast_next(cli_cast *c, const cli_args *args, limner_frame *out)
{
    limner_frame under = {0};

    for (int i = 0; i < c->n; i++) {
        const int more = draw_role(c, &c->role[c->order[i]], args, i ? &under : NULL, out);
        limner_frame_unref(&under);
        if (more <= 0)
            return more;
        if (i + 1 < c->n)
            under = *out;
    }
    return 1;
}

void cli_cast_close(cli_cast *c)
{
    for (int i = 0; i < c->n; i++) {
        cli_role *r = &c->role[i];
        limner_session_close(&r->session);
        limner_portrait_close(&r->portrait);
        limner_io_audio_close(&r->audio);
        cli_drive_close(&r->drive);
    }
    free(c->role);
    cli_timeline_close(&c->timeline);
    limner_io_models_close(&c->models);
    memset(c, 0, sizeof(*c));
}
