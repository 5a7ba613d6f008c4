/* SPDX-License-Identifier: Apache-2.0 */
/* limner pose PORTRAIT -o OUT.png: one frame of the photo's own motion with what the options
 * change. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "commands.h"
#include "face.h"
#include "outputs.h"
#include "talk.h"

#define LABEL "Synthetic picture made by Limner from one portrait"

/* The options' values over the photo's. */
static void apply(limner_motion *m, const cli_args *args)
{
    const float *given = (const float *)(const void *)&args->pose;
    float *value = (float *)(void *)m;

    for (size_t i = 0; i < sizeof(*m) / sizeof(float); i++) {
        if (!isnan(given[i]))
            value[i] = given[i];
    }
    for (int i = 0; i < args->n_settings; i++) {
        const cli_setting *s = &args->setting[i];
        if (s->index == LIMNER_N_EXPRESSION)
            m->tongue_up = s->value;
        else
            m->expression[s->index] = s->value;
    }
}

static int write_picture(const cli_args *args, const limner_frame *f)
{
    char err[LIMNER_IO_ERROR_SIZE];

    if (limner_io_png_write(args->output, f->plane[0], f->stride[0], f->width_px, f->height_px, 4,
                            LABEL, err) < 0)
        return cli_fail("%s", err);
    if (args->is_json) {
        printf("{\"output\": ");
        cli_json_text(stdout, args->output);
        printf(", \"width_px\": %u, \"height_px\": %u}\n", f->width_px, f->height_px);
    }
    return CLI_OK;
}

static int render(limner_session *s, const limner_motion *m, const cli_args *args)
{
    limner_frame frame;
    limner_status st = limner_session_send_motion(s, m);

    if (st >= 0)
        st = limner_session_finish(s);
    if (st >= 0)
        st = limner_session_receive(s, &frame);
    if (st != LIMNER_OK)
        return cli_fail("rendering failed: %s", limner_strerror(st));
    const int status = write_picture(args, &frame);
    limner_frame_unref(&frame);
    return status;
}

/* A PNG under another format's name would mislead. */
static bool has_foreign_ending(const char *path)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".webp", ".gif", ".bmp",  ".tif",
                                          ".tiff", ".mp4", ".mov", ".webm", ".portrait"};
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    }
    return false;
}

static int check_output(const cli_args *args)
{
    if (args->is_json && strcmp(args->output, "-") == 0) {
        cli_fail("--json wants standard output, which the picture takes");
        return CLI_USAGE;
    }
    if (has_foreign_ending(args->output)) {
        cli_fail("%s: the picture is written as PNG; end it in .png", args->output);
        return CLI_USAGE;
    }
    return cli_output_is_apart(args->output, args->operand, 1) ? CLI_OK : CLI_FAILED;
}

int cli_pose(const cli_args *args)
{
    char detail[LIMNER_DETAIL_SIZE] = "";
    limner_session *session = NULL;
    limner_settings set;
    limner_motion motion;
    cli_face face;
    int status = check_output(args);

    if (status != CLI_OK)
        return status;
    if (!cli_face_open(&face, args, args->operand[0], NULL, NULL))
        return CLI_FAILED;
    limner_settings_init(&set, sizeof(set));
    set.n_threads = (uint32_t)args->threads;
    set.framing = (limner_framing)args->framing;
    set.pixel = LIMNER_PIXEL_RGBA;
    cli_frame_size(args, face.portrait, &set.width_px, &set.height_px);
    limner_portrait_motion(face.portrait, &motion);
    apply(&motion, args);
    const limner_status st =
        limner_session_open(&session, face.models.model, face.portrait, &set, detail);
    if (st < 0)
        status = cli_fail("%s", *detail ? detail : limner_strerror(st));
    else
        status = render(session, &motion, args);
    limner_session_close(&session);
    cli_face_close(&face);
    return status;
}
