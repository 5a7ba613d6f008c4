/* SPDX-License-Identifier: Apache-2.0 */
/* limner preview AUDIO -o OUT.svg|OUT.mp4: the motion that limner speak would show, without a
 * portrait. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands.h"
#include "outputs.h"
#include "preview.h"
#include "role.h"
#include "talk.h"

#define LABEL "Synthetic motion of a face model, made by Limner from a voice"

enum { SIZE_PX = 480 };

typedef struct cli_preview {
    const cli_args *args;
    cli_cast cast;
    limner_settings set;
    limner_motion *motion; /* [n], of an SVG; room for n_room */
    size_t n, n_room;
    cli_mesh *mesh;        /* of a video */
    limner_io_video *video;
    char err[LIMNER_IO_ERROR_SIZE];
} cli_preview;

static bool is_plot(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot && strcasecmp(dot, ".svg") == 0;
}

static int keep(cli_preview *p, const limner_motion *m)
{
    if (p->n == p->n_room) {
        const size_t room = p->n ? 2 * p->n : 1024;
        limner_motion *more = realloc(p->motion, room * sizeof(*more));
        if (!more)
            return cli_fail("not enough memory");
        p->motion = more;
        p->n_room = room;
    }
    p->motion[p->n++] = *m;
    return CLI_OK;
}

static int show(cli_preview *p, const limner_motion *m)
{
    limner_frame picture;

    p->n++;
    if (!cli_mesh_draw(p->mesh, m, &picture))
        return CLI_FAILED;
    return limner_io_video_write(p->video, &picture, p->err) < 0 ? cli_fail("%s", p->err) : CLI_OK;
}

static int open_video(cli_preview *p)
{
    limner_io_video_settings set = {.width_px = p->set.width_px, .height_px = p->set.height_px,
                                    .fps_num = p->set.fps_num, .fps_den = p->set.fps_den,
                                    .crf = -1, .audio_path = p->args->operand[0],
                                    .comment = LABEL, .n_threads = p->args->threads};

    if (limner_io_format_of(&set.format, p->args->output, false, p->err) < 0 ||
        limner_io_format_pixel(set.format) != LIMNER_PIXEL_I420) {
        cli_fail("%s: a preview is .svg, .mp4, .y4m or .yuv", p->args->output);
        return CLI_USAGE;
    }
    p->mesh = cli_mesh_open(p->cast.models.model, p->set.width_px);
    if (!p->mesh)
        return CLI_FAILED;
    return limner_io_video_open(&p->video, p->args->output, &set, p->err) < 0
               ? cli_fail("%s", p->err)
               : CLI_OK;
}

static int run_frames(cli_preview *p)
{
    const long n_expected = cli_cast_n_frames(&p->cast, p->args);
    cli_progress progress;
    limner_frame frame;
    int more, status = CLI_OK;

    cli_progress_start(&progress, p->args->is_quiet);
    while (status == CLI_OK && (more = cli_cast_next(&p->cast, p->args, &frame)) != 0) {
        if (more < 0)
            status = CLI_FAILED;
        else
            status = p->mesh ? show(p, &frame.motion) : keep(p, &frame.motion);
        cli_progress_draw(&progress, (long)p->n, n_expected);
    }
    cli_progress_clear(&progress);
    return status;
}

static int finish(cli_preview *p)
{
    const char *sound = p->args->operand[0];

    if (p->video)
        return limner_io_video_finish(&p->video, p->err) < 0 ? cli_fail("%s", p->err) : CLI_OK;
    return cli_preview_plot(p->args->output, strcmp(sound, "-") == 0 ? "standard input" : sound,
                            p->motion, p->n, (double)p->set.fps_den / p->set.fps_num)
               ? CLI_OK
               : CLI_FAILED;
}

static int run(cli_preview *p)
{
    const cli_args *args = p->args;

    if (!cli_cast_init(&p->cast, 1))
        return CLI_FAILED;
    p->cast.role[0].path = args->operand[0];
    p->cast.role[0].number = -1;
    limner_settings_init(&p->set, sizeof(p->set));
    p->set.fps_num = args->fps_num;
    p->set.fps_den = args->fps_den;
    p->set.seed = args->seed;
    p->set.width_px = p->set.height_px = (uint32_t)(args->size ? args->size : SIZE_PX);
    if (!cli_cast_open(&p->cast, args, NULL) || !cli_cast_begin(&p->cast, args, &p->set))
        return CLI_FAILED;
    int status = is_plot(args->output) ? CLI_OK : open_video(p);
    if (status == CLI_OK)
        status = run_frames(p);
    return status == CLI_OK ? finish(p) : status;
}

int cli_run_preview(const cli_args *args)
{
    const char *const inputs[] = {args->operand[0], args->timeline};
    cli_preview p = {.args = args};

    if (is_plot(args->output) && args->size) {
        cli_fail("--size: a plot has a size of its own; leave it out, or write .mp4");
        return CLI_USAGE;
    }
    if (!cli_output_is_apart(args->output, inputs, 2) ||
        (is_plot(args->output) && !cli_output_is_possible(args->output)))
        return CLI_FAILED;
    const int status = run(&p);
    limner_io_video_abort(&p.video);
    if (status == CLI_OK)
        cli_note(args->is_quiet, "%s: %zu frame%s", args->output, p.n, p.n == 1 ? "" : "s");
    cli_mesh_close(p.mesh);
    free(p.motion);
    cli_cast_close(&p.cast);
    return status;
}
