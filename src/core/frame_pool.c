/* SPDX-License-Identifier: Apache-2.0 */
/* One block per buffer; a buffer's flag says whether it is out. `refs` counts the maker and every
 * frame out; its last decrement (acquire-release, so that all writes are seen) frees the pool. */
#include "core/frame_pool.h"

#include <stdatomic.h>
#include <string.h>

#include "core/mem.h"

typedef struct buffer {
    limner_frame_pool *pool;
    uint8_t *bytes;
    atomic_flag is_out;         /* test-and-set acquires, clear releases: pairs with each other */
} buffer;

struct limner_frame_pool {
    atomic_uint refs;
    limner_pixel pixel;
    uint32_t w, h;
    buffer buf[LIMNER_FRAME_POOL_SIZE];
};

static void pool_unref(limner_frame_pool *p)
{
    if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < LIMNER_FRAME_POOL_SIZE; i++)
        limner_mem_free(p->buf[i].bytes);
    limner_mem_free(p);
}

/* Strides are multiples of 64 bytes. Returns the length of all planes. */
static size_t lay_out(limner_pixel pixel, uint32_t w, uint32_t h, size_t offset[3],
                      ptrdiff_t stride[3])
{
    const size_t luma = ((size_t)w + 63) & ~(size_t)63;
    const size_t chroma = ((size_t)w / 2 + 63) & ~(size_t)63;

    memset(offset, 0, 3 * sizeof(*offset));
    memset(stride, 0, 3 * sizeof(*stride));
    if (pixel == LIMNER_PIXEL_RGBA) {
        stride[0] = (ptrdiff_t)(((size_t)w * 4 + 63) & ~(size_t)63);
        return (size_t)stride[0] * h;
    }
    stride[0] = (ptrdiff_t)luma;
    offset[1] = luma * h;
    if (pixel == LIMNER_PIXEL_NV12) {
        stride[1] = (ptrdiff_t)luma;
        return offset[1] + luma * (h / 2);
    }
    stride[1] = stride[2] = (ptrdiff_t)chroma;
    offset[2] = offset[1] + chroma * (h / 2);
    return offset[2] + chroma * (h / 2);
}

limner_status limner_frame_pool_open(limner_frame_pool **out, limner_pixel pixel,
                                     uint32_t width_px, uint32_t height_px)
{
    limner_frame_pool *p = limner_calloc(1, sizeof(*p));
    size_t offset[3];
    ptrdiff_t stride[3];
    const size_t len = lay_out(pixel, width_px, height_px, offset, stride);

    *out = NULL;
    if (!p)
        return LIMNER_E_NOMEM;
    atomic_init(&p->refs, 1);
    p->pixel = pixel;
    p->w = width_px;
    p->h = height_px;
    for (int i = 0; i < LIMNER_FRAME_POOL_SIZE; i++) {
        p->buf[i].pool = p;
        atomic_flag_clear(&p->buf[i].is_out);
        p->buf[i].bytes = limner_alloc(1, len);     /* untouched until it is used */
        if (!p->buf[i].bytes) {
            pool_unref(p);
            return LIMNER_E_NOMEM;
        }
    }
    *out = p;
    return LIMNER_OK;
}

limner_status limner_frame_pool_get(limner_frame_pool *p, limner_frame *out)
{
    size_t offset[3];

    memset(out, 0, sizeof(*out));
    for (int i = 0; i < LIMNER_FRAME_POOL_SIZE; i++) {
        buffer *b = &p->buf[i];

        if (atomic_flag_test_and_set_explicit(&b->is_out, memory_order_acquire))
            continue;
        atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
        lay_out(p->pixel, p->w, p->h, offset, out->stride);
        for (int k = 0; k < 3; k++)
            out->plane[k] = out->stride[k] ? b->bytes + offset[k] : NULL;
        out->width_px = p->w;
        out->height_px = p->h;
        out->pixel = p->pixel;
        out->owner = b;
        return LIMNER_OK;
    }
    return LIMNER_AGAIN;
}

void limner_frame_unref(limner_frame *f)
{
    buffer *b;

    if (!f)
        return;
    b = f->owner;
    memset(f, 0, sizeof(*f));
    if (!b)
        return;
    atomic_flag_clear_explicit(&b->is_out, memory_order_release);
    pool_unref(b->pool);
}

void limner_frame_pool_close(limner_frame_pool **p)
{
    if (!p || !*p)
        return;
    pool_unref(*p);
    *p = NULL;
}
