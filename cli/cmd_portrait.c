/* SPDX-License-Identifier: Apache-2.0 */
/* limner portrait PHOTO [-o FILE.portrait] [--debug DIR]: makes a portrait, says how well it fits.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "face.h"
#include "io/portrait.h"
#include "outputs.h"
#include "talk.h"

enum { N_LANDMARKS = 478 };

typedef struct cli_debug {
    const char *folder;
    int n_pictures;
    char err[LIMNER_IO_ERROR_SIZE]; /* "" while all goes well */
} cli_debug;

static void keep_picture(void *user, const char *name, const uint8_t *pixels, uint32_t width_px,
                         uint32_t height_px, uint32_t n_channels)
{
    char path[LIMNER_IO_PATH_SIZE];
    cli_debug *d = user;

    if (d->err[0])
        return;
    snprintf(path, sizeof(path), "%s/%02d-%s.png", d->folder, ++d->n_pictures, name);
    limner_io_png_write(path, pixels, (ptrdiff_t)width_px * n_channels, width_px, height_px,
                        n_channels, NULL, d->err);
}

typedef struct cli_fit {
    double rms_px, median_px, worst_px; /* landmark to fitted landmark, crop pixels */
    uint32_t crop_px, photo_width_px, photo_height_px;
    limner_face_box crop;
    limner_motion motion;
    double seconds;
} cli_fit;

/* The distance that half of the landmarks stay below. */
static double median(float *d, int n)
{
    for (int i = 1; i < n; i++) {
        const float v = d[i];
        int k = i;
        for (; k > 0 && d[k - 1] > v; k--)
            d[k] = d[k - 1];
        d[k] = v;
    }
    return d[n / 2];
}

static void measure(cli_fit *fit, const limner_portrait *p)
{
    float seen[N_LANDMARKS][2], fitted[N_LANDMARKS][2], distance[N_LANDMARKS];
    double sum = 0;

    limner_portrait_landmarks(p, seen);
    limner_portrait_fitted_landmarks(p, fitted);
    for (int i = 0; i < N_LANDMARKS; i++) {
        distance[i] = hypotf(seen[i][0] - fitted[i][0], seen[i][1] - fitted[i][1]);
        sum += (double)distance[i] * distance[i];
        fit->worst_px = fmax(fit->worst_px, distance[i]);
    }
    fit->rms_px = sqrt(sum / N_LANDMARKS);
    fit->median_px = median(distance, N_LANDMARKS);
    limner_portrait_geometry(p, &fit->crop_px, &fit->crop, &fit->photo_width_px,
                             &fit->photo_height_px);
    limner_portrait_motion(p, &fit->motion);
}

static void print_json(const cli_fit *f, const cli_args *args)
{
    printf("{\"photo\": ");
    cli_json_text(stdout, args->operand[0]);
    printf(", \"output\": ");
    cli_json_text(stdout, args->output);
    printf(
        ", \"photo_px\": [%u, %u], \"crop_px\": %u, \"crop_in_photo\": [%.2f, %.2f, %.2f, %.2f], "
        "\"fit_px\": {\"median\": %.3f, \"rms\": %.3f, \"max\": %.3f}, \"seconds\": %.3f, "
        "\"yaw\": %.3f, \"pitch\": %.3f, \"roll\": %.3f, \"gaze\": [%.3f, %.3f], "
        "\"expression\": {",
        f->photo_width_px, f->photo_height_px, f->crop_px, f->crop.x_px, f->crop.y_px,
        f->crop.width_px, f->crop.height_px, f->median_px, f->rms_px, f->worst_px, f->seconds,
        f->motion.yaw, f->motion.pitch, f->motion.roll, f->motion.gaze_yaw, f->motion.gaze_pitch);
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        printf("%s\"%s\": %.4f", i ? ", " : "", limner_expression_name(i),
               (double)f->motion.expression[i]);
    printf("}}\n");
}

static void print_text(const cli_fit *f)
{
    printf("photo      %u x %u pixels\n", f->photo_width_px, f->photo_height_px);
    printf("head       %.0f pixels wide at %.0f, %.0f; worked on at %u x %u\n", f->crop.width_px,
           f->crop.x_px, f->crop.y_px, f->crop_px, f->crop_px);
    printf("pose       yaw %.1f, pitch %.1f, roll %.1f degrees\n", f->motion.yaw, f->motion.pitch,
           f->motion.roll);
    printf("fit        landmarks within %.2f pixels (median), %.2f (largest)\n", f->median_px,
           f->worst_px);
    printf("time       %.2f s\n", f->seconds);
}

static int save(const cli_args *args, const limner_portrait *p)
{
    char err[LIMNER_IO_ERROR_SIZE];
    size_t len_bytes = 0;
    void *bytes = NULL;

    const limner_status st = limner_portrait_save(p, &bytes, &len_bytes);
    if (st < 0)
        return cli_fail("the portrait cannot be saved: %s", limner_strerror(st));
    const int failed = limner_io_file_write(args->output, bytes, len_bytes, err);
    limner_free(bytes);
    return failed ? cli_fail("%s", err) : CLI_OK;
}

int cli_portrait(const cli_args *args)
{
    cli_debug debug = {.folder = args->debug};
    cli_fit fit = {0};
    cli_face face;

    if (args->output && strcmp(args->output, "-") == 0 && args->is_json) {
        cli_fail("--json wants standard output, which the portrait takes");
        return CLI_USAGE;
    }
    if (args->output && strcmp(args->output, "-") != 0 && !limner_io_is_portrait(args->output) &&
        !cli_output_is_pipe(args->output)) {
        cli_fail("%s: portraits are known by their ending; end it in .portrait", args->output);
        return CLI_USAGE;
    }
    if (!cli_output_is_apart(args->output, args->operand, 1))
        return CLI_FAILED;
    if (args->debug && mkdir(args->debug, 0777) < 0 && errno != EEXIST)
        return cli_fail("%s: cannot be made a folder: %s", args->debug, strerror(errno));
    const double started = cli_now_s();
    if (!cli_face_open(&face, args, args->operand[0], args->debug ? keep_picture : NULL, &debug))
        return CLI_FAILED;
    fit.seconds = cli_now_s() - started;
    measure(&fit, face.portrait);
    int status = debug.err[0] ? cli_fail("%s", debug.err) : CLI_OK;
    if (status == CLI_OK && args->output)
        status = save(args, face.portrait);
    cli_face_close(&face);
    if (status != CLI_OK)
        return status;
    if (args->is_json)
        print_json(&fit, args);
    else if (!args->is_quiet && !(args->output && strcmp(args->output, "-") == 0))
        print_text(&fit);
    return CLI_OK;
}
