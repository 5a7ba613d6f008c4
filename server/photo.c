/* SPDX-License-Identifier: Apache-2.0 */
/* The largest face is taken. What is wrong with a picture is said in the words of io/ and of the
 * library, without the name of the file, which has none here. */
#include "photo.h"

#include <stdio.h>
#include <string.h>

#include "temporary.h"

static limner_portrait *encode(limner_model *model, const limner_io_image *image, char *why)
{
    const limner_photo photo = limner_io_image_photo(image);
    char detail[LIMNER_DETAIL_SIZE] = "";
    limner_portrait_options options;
    limner_portrait *portrait;

    limner_portrait_options_init(&options, sizeof(options));
    options.face = 0;
    options.n_threads = 1;
    const limner_status st = limner_portrait_encode(&portrait, model, &photo, &options, detail);
    if (st < 0)
        snprintf(why, LIMNER_IO_ERROR_SIZE, "%s%s", *detail ? detail : limner_strerror(st),
                 st == LIMNER_E_NO_FACE ? "; give a picture with a face seen from the front"
                 : st == LIMNER_E_STATE ? ": a server that starts with a .portrait takes no photos"
                                        : "");
    return portrait;
}

limner_portrait *server_photo_encode(limner_model *model, const uint8_t *bytes, size_t n,
                                     char why[LIMNER_IO_ERROR_SIZE])
{
    limner_portrait *portrait = NULL;
    server_temporary file;
    limner_io_image image;

    if (server_temporary_open(&file, bytes, n) < 0) {
        strcpy(why, "no temporary file for the picture");
        return NULL;
    }
    if (limner_io_image_read(&image, file.path, why) == 0) {
        portrait = encode(model, &image, why);
        limner_io_image_close(&image);
    } else if (strncmp(why, file.path, strlen(file.path)) == 0) {
        memmove(why, why + strlen(file.path) + 2, strlen(why + strlen(file.path) + 2) + 1);
    }
    server_temporary_close(&file);
    return portrait;
}
