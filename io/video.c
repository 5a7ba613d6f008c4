/* SPDX-License-Identifier: Apache-2.0 */
/* Video out: frames are copied into a ring of LIMNER_IO_N_FRAMES and encoded by a thread of its
 * own, so that rendering and encoding overlap. A failure in the thread is reported by the next
 * call. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/mem.h>

#include "io/error.h"
#include "io/media.h"
#include "io/sink.h"

enum { LIMNER_IO_N_FRAMES = 4 };

struct limner_io_video {
    limner_io_sink *sink;
    const char *name; /* for messages */
    char *path;
    enum AVPixelFormat pixel;
    int width_px, height_px;
    int64_t n_written;
    pthread_t thread;
    int has_thread;

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    AVFrame *ring[LIMNER_IO_N_FRAMES];
    int first, n_queued; /* of the ring */
    int is_ended, is_failed;
    char error[LIMNER_IO_ERROR_SIZE];
};

/* Encodes queued frames until the end is asked for or something fails. */
static void *encode_frames(void *argument)
{
    limner_io_video *v = argument;
    char error[LIMNER_IO_ERROR_SIZE] = "";

    pthread_mutex_lock(&v->lock);
    for (;;) {
        while (v->n_queued == 0 && !v->is_ended)
            pthread_cond_wait(&v->changed, &v->lock);
        if (v->n_queued == 0 || v->is_failed)
            break;
        const AVFrame *frame = v->ring[v->first];
        pthread_mutex_unlock(&v->lock);
        const int failed = v->sink->class->write(v->sink, frame, error);
        pthread_mutex_lock(&v->lock);
        v->first = (v->first + 1) % LIMNER_IO_N_FRAMES;
        v->n_queued--;
        if (failed) {
            v->is_failed = 1;
            memcpy(v->error, error, sizeof(error));
        }
        pthread_cond_signal(&v->changed);
    }
    pthread_mutex_unlock(&v->lock);
    return NULL;
}

static int open_sink(limner_io_video *v, const char *path, const limner_io_video_settings *set,
                     char *err)
{
    switch (set->format) {
    case LIMNER_IO_Y4M:
    case LIMNER_IO_RAW:
        return limner_io_raw_sink_open(&v->sink, path, set, err);
    case LIMNER_IO_PNG_SEQUENCE:
        return limner_io_png_sink_open(&v->sink, path, set, err);
    default:
        return limner_io_mux_sink_open(&v->sink, path, set, err);
    }
}

static int open_ring(limner_io_video *v)
{
    for (int i = 0; i < LIMNER_IO_N_FRAMES; i++) {
        v->ring[i] = av_frame_alloc();
        if (!v->ring[i])
            return -1;
        v->ring[i]->width = v->width_px;
        v->ring[i]->height = v->height_px;
        v->ring[i]->format = v->pixel;
        if (av_frame_get_buffer(v->ring[i], 0) < 0)
            return -1;
    }
    return 0;
}

int limner_io_video_open(limner_io_video **out, const char *path,
                         const limner_io_video_settings *set, char *err)
{
    limner_io_video *v = av_mallocz(sizeof(*v));

    *out = NULL;
    if (!v)
        return limner_io_fail_write(err, limner_io_output_name(path), ENOMEM);
    pthread_mutex_init(&v->lock, NULL);
    pthread_cond_init(&v->changed, NULL);
    v->pixel = limner_io_format_pixel(set->format) == LIMNER_PIXEL_I420 ? AV_PIX_FMT_YUV420P
                                                                        : AV_PIX_FMT_RGBA;
    v->width_px = (int)set->width_px;
    v->height_px = (int)set->height_px;
    v->path = av_strdup(path);
    if (!v->path || open_ring(v) < 0) {
        limner_io_video_abort(&v);
        return limner_io_fail_write(err, limner_io_output_name(path), ENOMEM);
    }
    v->name = limner_io_output_name(v->path);
    if (open_sink(v, v->path, set, err) < 0) {
        limner_io_video_abort(&v);
        return -1;
    }
    const int error = pthread_create(&v->thread, NULL, encode_frames, v);
    if (error) {
        limner_io_video_abort(&v);
        return limner_io_fail(err, path, "no thread to encode in: %s", strerror(error));
    }
    v->has_thread = 1;
    *out = v;
    return 0;
}

/* Waits for a free place in the ring; NULL after a failure. */
static AVFrame *free_frame(limner_io_video *v, char *err)
{
    AVFrame *frame = NULL;

    pthread_mutex_lock(&v->lock);
    while (v->n_queued == LIMNER_IO_N_FRAMES && !v->is_failed)
        pthread_cond_wait(&v->changed, &v->lock);
    if (!v->is_failed)
        frame = v->ring[(v->first + v->n_queued) % LIMNER_IO_N_FRAMES];
    else if (err)
        memcpy(err, v->error, sizeof(v->error));
    pthread_mutex_unlock(&v->lock);
    return frame;
}

static void copy_planes(AVFrame *to, const limner_frame *from)
{
    const int n_planes = to->format == AV_PIX_FMT_RGBA ? 1 : 3;

    for (int p = 0; p < n_planes; p++) {
        const int width = n_planes == 1 ? 4 * to->width : p ? to->width / 2 : to->width;
        const int height = p ? to->height / 2 : to->height;
        const uint8_t *row = from->plane[p];
        for (int y = 0; y < height; y++, row += from->stride[p])
            memcpy(to->data[p] + (ptrdiff_t)y * to->linesize[p], row, (size_t)width);
    }
}

int limner_io_video_write(limner_io_video *v, const limner_frame *frame, char *err)
{
    const enum AVPixelFormat pixel = frame->pixel == LIMNER_PIXEL_I420   ? AV_PIX_FMT_YUV420P
                                     : frame->pixel == LIMNER_PIXEL_RGBA ? AV_PIX_FMT_RGBA
                                                                         : AV_PIX_FMT_NONE;

    if (pixel != v->pixel || (int)frame->width_px != v->width_px ||
        (int)frame->height_px != v->height_px)
        return limner_io_fail(err, v->name,
                              "a frame has another size or pixel format than the "
                              "video");
    AVFrame *to = free_frame(v, err);
    if (!to)
        return -1;
    if (av_frame_make_writable(to) < 0)
        return limner_io_fail_write(err, v->name, ENOMEM);
    copy_planes(to, frame);
    to->pts = v->n_written++;
    pthread_mutex_lock(&v->lock);
    v->n_queued++;
    pthread_cond_signal(&v->changed);
    pthread_mutex_unlock(&v->lock);
    return 0;
}

/* Lets the thread encode what is queued (or drop it) and end. */
static void join(limner_io_video *v, int is_dropped)
{
    if (!v->has_thread)
        return;
    pthread_mutex_lock(&v->lock);
    v->is_ended = 1;
    if (is_dropped)
        v->is_failed = 1;
    pthread_cond_signal(&v->changed);
    pthread_mutex_unlock(&v->lock);
    pthread_join(v->thread, NULL);
    v->has_thread = 0;
}

int limner_io_video_finish(limner_io_video **v, char *err)
{
    limner_io_video *w = *v;
    int failed;

    join(w, 0);
    if (w->is_failed) {
        if (err)
            memcpy(err, w->error, sizeof(w->error));
        failed = -1;
    } else if (w->n_written == 0) {
        failed = limner_io_fail(err, w->name, "the video would have no frames; nothing is written");
    } else {
        failed = w->sink->class->finish(w->sink, err);
    }
    limner_io_video_abort(v);
    return failed;
}

void limner_io_video_abort(limner_io_video **v)
{
    if (!v || !*v)
        return;
    join(*v, 1);
    if ((*v)->sink)
        (*v)->sink->class->close((*v)->sink);
    for (int i = 0; i < LIMNER_IO_N_FRAMES; i++)
        av_frame_free(&(*v)->ring[i]);
    pthread_cond_destroy(&(*v)->changed);
    pthread_mutex_destroy(&(*v)->lock);
    av_free((*v)->path);
    av_freep(v);
}
