/* SPDX-License-Identifier: Apache-2.0 */
/* A picture that a client sent becomes a portrait. */
#ifndef LIMNER_SERVER_PHOTO_H
#define LIMNER_SERVER_PHOTO_H

#include "io/media.h"

/* NULL and a sentence for the client. Any thread; takes about a second. */
limner_portrait *server_photo_encode(limner_model *model, const uint8_t *bytes, size_t n,
                                     char why[LIMNER_IO_ERROR_SIZE]);

#endif
