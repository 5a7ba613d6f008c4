/* SPDX-License-Identifier: Apache-2.0 */
/* Any picture -> packed sRGB, upright. The first frame counts. Sizes are refused before pixels are
 * allocated: from the header where the format is JPEG or PNG, from the decoder's request for a
 * buffer otherwise. Transparent parts are laid over mid-grey. Colour profiles are not applied. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "io/error.h"
#include "io/image_frame.h"
#include "io/image_header.h"
#include "io/input.h"
#include "io/media.h"

enum { GREY = 128 };

/* What the decoder's callback has to tell. */
typedef struct limner_io_decoding {
    int too_wide, too_high; /* size refused, else 0 */
} limner_io_decoding;

static int is_too_large(int64_t width, int64_t height)
{
    return width > LIMNER_IO_MAX_SIDE_PX || height > LIMNER_IO_MAX_SIDE_PX ||
           width * height > LIMNER_IO_MAX_PIXELS;
}

static int fail_too_large(char *err, const char *name, int64_t width, int64_t height)
{
    return limner_io_fail(err, name,
                          "has %lld x %lld pixels, the limit is %d million and %d a "
                          "side; make it smaller first",
                          (long long)width, (long long)height, LIMNER_IO_MAX_PIXELS / 1000000,
                          LIMNER_IO_MAX_SIDE_PX);
}

static int fail_damaged(char *err, const char *name, int error)
{
    return limner_io_fail(err, name,
                          "is no picture that can be read: %s; save it again as JPEG "
                          "or PNG",
                          limner_io_av_reason(error));
}

int limner_io_get_buffer(AVCodecContext *codec, AVFrame *frame, int flags)
{
    limner_io_decoding *seen = codec->opaque;

    if (is_too_large(frame->width, frame->height)) {
        if (seen) {
            seen->too_wide = frame->width;
            seen->too_high = frame->height;
        }
        return AVERROR(EINVAL);
    }
    return avcodec_default_get_buffer2(codec, frame, flags);
}

/* The decoder of the best picture stream; its index in *index. */
static AVCodecContext *open_decoder(limner_io_input *in, limner_io_decoding *seen, int *index)
{
    const AVCodec *decoder = NULL;

    if (in->format->nb_streams == 0 && avformat_find_stream_info(in->format, NULL) < 0)
        return NULL;
    *index = av_find_best_stream(in->format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (*index < 0)
        return NULL;
    const AVStream *stream = in->format->streams[*index];
    AVCodecContext *codec = avcodec_alloc_context3(decoder);
    if (!codec || avcodec_parameters_to_context(codec, stream->codecpar) < 0) {
        avcodec_free_context(&codec);
        return NULL;
    }
    codec->opaque = seen;
    codec->get_buffer2 = limner_io_get_buffer;
    codec->thread_count = 1;
    /* The TIFF decoder would call every tag it does not know an error. */
    if (codec->codec_id != AV_CODEC_ID_TIFF)
        codec->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
    codec->max_pixels = INT_MAX;
    if (avcodec_open2(codec, decoder, NULL) < 0)
        avcodec_free_context(&codec);
    return codec;
}

/* The first frame of stream `index`; 0, or an AVERROR. */
static int decode_first(AVFormatContext *format, AVCodecContext *codec, int index, AVFrame *frame)
{
    AVPacket *packet = av_packet_alloc();
    int error = packet ? AVERROR(EAGAIN) : AVERROR(ENOMEM);

    while (error == AVERROR(EAGAIN)) {
        const int end = av_read_frame(format, packet);
        int sent = 0;
        if (end < 0)
            avcodec_send_packet(codec, NULL);
        else if (packet->stream_index == index)
            sent = avcodec_send_packet(codec, packet);
        av_packet_unref(packet);
        error = sent < 0 ? sent : avcodec_receive_frame(codec, frame);
    }
    av_packet_free(&packet);
    return error;
}

/* out = the frame as packed RGBA or RGB, not yet turned; NULL when out of memory. */
static uint8_t *to_rgb(const AVFrame *f, int has_alpha)
{
    const enum AVPixelFormat form = has_alpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
    const int n_channels = has_alpha ? 4 : 3;
    const int *matrix =
        sws_getCoefficients(f->colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_ITU601);
    struct SwsContext *sws =
        sws_getContext(f->width, f->height, f->format, f->width, f->height, form,
                       SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND, NULL, NULL, NULL);
    uint8_t *out = NULL;

    if (sws)
        out = malloc((size_t)f->width * (size_t)f->height * (size_t)n_channels + 64);
    if (out) {
        uint8_t *plane[4] = {out};
        const int stride[4] = {f->width * n_channels};
        if (f->color_range == AVCOL_RANGE_JPEG)
            sws_setColorspaceDetails(sws, matrix, 1, matrix, 1, 0, 1 << 16, 1 << 16);
        sws_scale(sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, plane, stride);
    }
    sws_freeContext(sws);
    return out;
}

/* RGBA -> RGB over grey, in place; the block keeps its size. */
static void flatten(uint8_t *pixels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned a = pixels[4 * i + 3];
        for (size_t c = 0; c < 3; c++) {
            const unsigned v = pixels[4 * i + c] * a + GREY * (255 - a);
            pixels[3 * i + c] = (uint8_t)((v + 127) / 255);
        }
    }
}

/* How a stored pixel (column p, row q) moves: x = a p + c q, y = b p + d q, each of -1, 0, 1, the
 * result shifted back to start at 0. */
typedef struct limner_io_turn {
    int a, b, c, d;
} limner_io_turn;

/* EXIF (CIPA DC-008) tag 0x0112, values 1..8: where row 0 and column 0 are seen. */
static const limner_io_turn exif_turn[8] = {
    {1, 0, 0, 1}, {-1, 0, 0, 1}, {-1, 0, 0, -1}, {1, 0, 0, -1},
    {0, 1, 1, 0}, {0, 1, -1, 0}, {0, -1, -1, 0}, {0, -1, 1, 0},
};

static int sign(int32_t v)
{
    return (v > 1 << 15) - (v < -(1 << 15));
}

static limner_io_turn turn_of(const AVFrame *frame, const AVStream *stream)
{
    const AVDictionaryEntry *entry = av_dict_get(frame->metadata, "Orientation", NULL, 0);
    const AVFrameSideData *side = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    const int32_t *m = side ? (const int32_t *)(const void *)side->data
                            : (const int32_t *)(const void *)av_stream_get_side_data(
                                  stream, AV_PKT_DATA_DISPLAYMATRIX, NULL);

    if (entry) {
        const long value = strtol(entry->value, NULL, 10);
        return exif_turn[value >= 1 && value <= 8 ? value - 1 : 0];
    }
    if (m) {
        const limner_io_turn t = {sign(m[0]), sign(m[1]), sign(m[3]), sign(m[4])};
        if (t.a * t.d - t.b * t.c != 0 && t.a * t.b == 0 && t.c * t.d == 0)
            return t;
    }
    return exif_turn[0];
}

/* Takes `pixels` (w x h, 3 channels) over; NULL when out of memory. */
static uint8_t *turn(uint8_t *pixels, uint32_t w, uint32_t h, limner_io_turn t,
                     limner_io_image *out)
{
    out->width_px = t.a ? w : h;
    out->height_px = t.a ? h : w;
    if (t.a == 1 && t.d == 1)
        return pixels;
    uint8_t *turned = malloc((size_t)w * h * 3);
    const ptrdiff_t step_x = 3 * (t.a + (ptrdiff_t)t.b * out->width_px);
    const ptrdiff_t step_y = 3 * (t.c + (ptrdiff_t)t.d * out->width_px);
    const ptrdiff_t x0 = t.a + t.c < 0 ? out->width_px - 1 : 0;
    const ptrdiff_t y0 = t.b + t.d < 0 ? out->height_px - 1 : 0;
    for (uint32_t q = 0; turned && q < h; q++) {
        const uint8_t *from = pixels + (size_t)q * w * 3;
        uint8_t *to = turned + 3 * (y0 * out->width_px + x0) + (ptrdiff_t)q * step_y;
        for (uint32_t p = 0; p < w; p++, from += 3, to += step_x)
            memcpy(to, from, 3);
    }
    free(pixels);
    return turned;
}

int limner_io_image_of_frame(limner_io_image *out, const AVFrame *frame, const AVStream *stream,
                             const char *name, char *err)
{
    const AVPixFmtDescriptor *form = av_pix_fmt_desc_get(frame->format);
    const int has_alpha = form && (form->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL));
    uint8_t *pixels = to_rgb(frame, has_alpha);

    if (pixels && has_alpha)
        flatten(pixels, (size_t)frame->width * (size_t)frame->height);
    if (pixels)
        pixels = turn(pixels, (uint32_t)frame->width, (uint32_t)frame->height,
                      turn_of(frame, stream), out);
    if (!pixels)
        return limner_io_fail_read(err, name, ENOMEM);
    out->rgb = pixels;
    return 0;
}

static int read_frame(limner_io_image *out, limner_io_input *in, const char *name, char *err)
{
    limner_io_decoding seen = {0, 0};
    int index = -1;
    AVCodecContext *codec = open_decoder(in, &seen, &index);
    AVFrame *frame = av_frame_alloc();
    int failed;

    if (!codec || !frame) {
        limner_io_fail(err, name, "holds no picture that can be read; give a JPEG, PNG or WebP");
        failed = LIMNER_IO_NO_PICTURE;
    } else {
        const int error = decode_first(in->format, codec, index, frame);
        if (seen.too_wide)
            failed = fail_too_large(err, name, seen.too_wide, seen.too_high);
        else if (error < 0)
            failed = fail_damaged(err, name, error);
        else if (frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT))
            failed = fail_damaged(err, name, AVERROR_INVALIDDATA);
        else
            failed = limner_io_image_of_frame(out, frame, in->format->streams[index], name, err);
    }
    av_frame_free(&frame);
    avcodec_free_context(&codec);
    return failed;
}

int limner_io_image_read(limner_io_image *out, const char *path, char *err)
{
    const char *name = limner_io_input_name(path);
    limner_io_image_header header;
    limner_io_source source;
    limner_io_input in;

    memset(out, 0, sizeof(*out));
    if (limner_io_source_open(&source, path, err) < 0)
        return -1;
    limner_io_image_header_read(&header, &source);
    limner_io_source_close(&source);
    if (header.width_px && is_too_large(header.width_px, header.height_px))
        return fail_too_large(err, name, header.width_px, header.height_px);
    if (limner_io_image_header_check(&header, name, err) < 0)
        return -1;
    if (header.is_cut_short)
        return limner_io_fail(err, name, "is cut short: its end is missing; copy it again");
    if (limner_io_input_open(&in, path, err) < 0)
        return -1;
    const int failed = read_frame(out, &in, name, err);
    limner_io_input_close(&in);
    return failed;
}

void limner_io_image_close(limner_io_image *img)
{
    if (img)
        free(img->rgb);
    if (img)
        memset(img, 0, sizeof(*img));
}

limner_photo limner_io_image_photo(const limner_io_image *img)
{
    return (limner_photo){img->rgb, (ptrdiff_t)img->width_px * 3, img->width_px, img->height_px};
}
