/* SPDX-License-Identifier: Apache-2.0 */
/* The .portrait file: a limner container (doc/weight-format.md) of kind "portrait" that holds one
 * limner_appearance. Files are hostile input: every size, number and checksum is checked. */
#ifndef LIMNER_PORTRAIT_PORTRAIT_FILE_H
#define LIMNER_PORTRAIT_PORTRAIT_FILE_H

#include "face/appearance.h"
#include "face/face_model.h"

enum { LIMNER_PORTRAIT_VERSION = 1 };

/* One block, to be freed with limner_mem_free. E_NOMEM. */
limner_status limner_appearance_save(const limner_appearance *app, const limner_face *face,
                                     void **bytes, size_t *len_bytes);
/* The bytes are copied. E_FORMAT (damaged, another version, made with another face model),
 * E_NOMEM. *out is cleared on failure. */
limner_status limner_appearance_load(limner_appearance *out, const limner_face *face,
                                     const void *bytes, size_t len_bytes);

#endif
