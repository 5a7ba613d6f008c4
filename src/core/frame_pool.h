/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed number of picture buffers, handed out by reference. The pool outlives its maker while
 * frames are out: the last reference frees it. Getting and returning are thread-safe. */
#ifndef LIMNER_CORE_FRAME_POOL_H
#define LIMNER_CORE_FRAME_POOL_H

#include "limner/limner.h"

typedef struct limner_frame_pool limner_frame_pool;

enum { LIMNER_FRAME_POOL_SIZE = 8 };

/* LIMNER_FRAME_POOL_SIZE pictures of that size. LIMNER_OK, E_NOMEM. */
limner_status limner_frame_pool_open(limner_frame_pool **out, limner_pixel pixel,
                                     uint32_t width_px, uint32_t height_px);
/* Fills plane, stride, size, pixel and owner of *out (planes are writable until it is handed on).
 * LIMNER_OK, LIMNER_AGAIN when every buffer is out. Given back by limner_frame_unref. */
limner_status limner_frame_pool_get(limner_frame_pool *p, limner_frame *out);
void limner_frame_pool_close(limner_frame_pool **p);    /* NULL-safe; sets NULL */

#endif
