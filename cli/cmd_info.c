/* SPDX-License-Identifier: Apache-2.0 */
/* limner info [FILE]: this program, or what it makes of a file. */
#include <string.h>
#include <strings.h>

#include "commands.h"
#include "face.h"
#include "io/portrait.h"
#include "machine.h"
#include "sound.h"
#include "talk.h"

/* ---- the program ---- */

static int info_program(const cli_args *args)
{
    char path[LIMNER_IO_PATH_SIZE], flags[64], cpu[128];
    int status = CLI_OK;

    cli_cpu_flags(flags, sizeof(flags));
    cli_cpu_name(cpu, sizeof(cpu));
    if (args->is_json) {
        printf("{\"version\": \"%s\", \"commit\": \"%s\", \"cpu\": ", limner_version(),
               cli_commit());
        cli_json_text(stdout, cpu);
        printf(", \"cpu_flags\": \"%s\", \"models\": {", flags);
    } else {
        printf("limner     %s (%s)\ncpu        %s\nfeatures   %s\n", limner_version(), cli_commit(),
               cpu, *flags ? flags : "none");
    }
    for (int i = 0; i < LIMNER_IO_N_MODEL_FILES; i++) {
        const bool is_there = limner_io_model_find(i, args->models, path);
        if (args->is_json) {
            printf("%s\"%s\": ", i ? ", " : "", limner_io_model_name(i));
            cli_json_text(stdout, is_there ? path : NULL);
        } else {
            printf("model      %s\n", is_there ? path : limner_io_model_name(i));
        }
        if (!is_there)
            status = CLI_FAILED;
    }
    if (args->is_json)
        printf("}}\n");
    if (status != CLI_OK)
        cli_fail("a model file is not found; run tools/fetch-models, or name its folder with "
                 "--models");
    return status;
}

/* ---- a photo, or the first frame of a video ---- */

/* Of what moves; 0 for a still picture. */
static double seconds_of(const char *path, double *fps)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_video_in *video;

    if (limner_io_video_in_open(&video, path, err) < 0)
        return 0;
    const double seconds = limner_io_video_in_duration_s(video);
    *fps = limner_io_video_in_fps(video);
    limner_io_video_in_close(&video);
    return seconds * *fps > 1.5 ? seconds : 0;
}

static void print_kind(const cli_args *args, const limner_io_image *image, size_t n)
{
    double fps = 0;
    const double seconds = seconds_of(args->operand[0], &fps);
    const char *kind = seconds > 0 ? "video" : "photo", *s = n == 1 ? "" : "s";

    if (args->is_json)
        printf("{\"kind\": \"%s\", \"width_px\": %u, \"height_px\": %u, ", kind, image->width_px,
               image->height_px);
    else
        printf("%s      %u x %u pixels, ", kind, image->width_px, image->height_px);
    if (seconds > 0)
        printf(args->is_json ? "\"fps\": %.6g, \"seconds\": %.4f, " : "%.6g frames/s, %.2f s, ",
               fps, seconds);
    if (args->is_json)
        printf("\"faces\": [");
    else
        printf("%zu face%s%s\n", n, s, seconds > 0 ? " in its first frame" : "");
}

static void print_faces(const cli_args *args, const limner_io_image *image,
                        const limner_face_box *faces, size_t n)
{
    print_kind(args, image, n);
    for (size_t i = 0; i < n; i++) {
        const limner_face_box *f = &faces[i];
        printf(args->is_json
                   ? "%s{\"face\": %zu, \"x_px\": %.1f, \"y_px\": %.1f, \"width_px\": %.1f, "
                     "\"height_px\": %.1f, \"score\": %.3f}"
                   : "%sface %zu     at %.0f, %.0f, %.0f x %.0f pixels, score %.2f\n",
               args->is_json && i ? ", " : "", i, f->x_px, f->y_px, f->width_px, f->height_px,
               f->score);
    }
    if (args->is_json)
        printf("]}\n");
}

static int info_photo(const cli_args *args, const limner_io_image *image)
{
    limner_face_box faces[LIMNER_MAX_FACES];
    const limner_photo photo = limner_io_image_photo(image);
    limner_io_models models;
    size_t n = 0;

    if (!cli_models_open(&models, args, true))
        return CLI_FAILED;
    const limner_status st = limner_photo_faces(models.model, &photo, faces, &n);
    limner_io_models_close(&models);
    if (st < 0)
        return cli_fail("%s: %s", args->operand[0], limner_strerror(st));
    print_faces(args, image, faces, n);
    return CLI_OK;
}

/* ---- a .portrait ---- */

static int info_portrait(const cli_args *args)
{
    uint32_t crop_px, width_px, height_px;
    limner_motion m;
    cli_face face;

    if (!cli_face_open(&face, args, args->operand[0], NULL, NULL))
        return CLI_FAILED;
    limner_portrait_geometry(face.portrait, &crop_px, NULL, &width_px, &height_px);
    limner_portrait_motion(face.portrait, &m);
    printf(args->is_json ? "{\"kind\": \"portrait\", \"width_px\": %u, \"height_px\": %u, "
                           "\"crop_px\": %u, \"yaw\": %.2f, \"pitch\": %.2f, \"roll\": %.2f}\n"
                         : "portrait   of a photo of %u x %u pixels; head at %u pixels\n"
                           "pose       yaw %.1f, pitch %.1f, roll %.1f degrees\n",
           width_px, height_px, crop_px, m.yaw, m.pitch, m.roll);
    cli_face_close(&face);
    return CLI_OK;
}

/* ---- a sound ---- */

static int info_sound(const cli_args *args, limner_io_audio *audio)
{
    static float pcm[4096];
    char err[LIMNER_IO_ERROR_SIZE];
    int64_t n, total = 0;
    float peak = 0;

    while ((n = limner_io_audio_read(audio, pcm, 4096, err)) > 0) {
        for (int64_t i = 0; i < n; i++)
            peak = pcm[i] > peak ? pcm[i] : -pcm[i] > peak ? -pcm[i] : peak;
        total += n;
    }
    if (n < 0)
        return cli_fail("%s", err);
    const uint32_t rate = limner_io_audio_rate_hz(audio);
    printf(args->is_json ? "{\"kind\": \"sound\", \"seconds\": %.4f, \"rate_hz\": %u, "
                           "\"peak\": %.4f}\n"
                         : "sound      %.2f s, %u Hz, peak %.2f\n",
           (double)total / rate, rate, (double)peak);
    return CLI_OK;
}

int cli_info(const cli_args *args)
{
    char err[LIMNER_IO_ERROR_SIZE], unused[LIMNER_IO_ERROR_SIZE];
    limner_io_audio *audio;
    limner_io_image image;
    int status;

    if (args->n_operands == 0)
        return info_program(args);
    if (limner_io_is_portrait(args->operand[0]))
        return info_portrait(args);
    const int picture = limner_io_image_read(&image, args->operand[0], err);
    if (picture == 0) {
        status = info_photo(args, &image);
        limner_io_image_close(&image);
        return status;
    }
    char *why = picture == LIMNER_IO_NO_PICTURE ? err : unused;
    if (cli_sound_open(&audio, args->operand[0], why) == 0) {
        status = info_sound(args, audio);
        limner_io_audio_close(&audio);
        return status;
    }
    return cli_fail("%s", err);
}
