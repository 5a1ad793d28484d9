// libav for Swift: the headers, and only what Swift cannot import from them.
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Function-like macros: AVERROR(), MKTAG-based error codes and casts of (u)int64.
static inline int lk_averror(int code) { return AVERROR(code); }
static const int lk_averror_eof = AVERROR_EOF;
static const int lk_averror_exit = AVERROR_EXIT;
static const int lk_averror_invaliddata = AVERROR_INVALIDDATA;
static const int lk_averror_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int lk_averror_encoder_not_found = AVERROR_ENCODER_NOT_FOUND;
static const int lk_averror_protocol_not_found = AVERROR_PROTOCOL_NOT_FOUND;
static const int lk_averror_demuxer_not_found = AVERROR_DEMUXER_NOT_FOUND;
static const int lk_averror_http_unauthorized = AVERROR_HTTP_UNAUTHORIZED;
static const int lk_averror_http_forbidden = AVERROR_HTTP_FORBIDDEN;
static const int lk_averror_http_not_found = AVERROR_HTTP_NOT_FOUND;
static const int64_t lk_nopts = AV_NOPTS_VALUE;

// What FFmpeg 6.1 and 7.1 deprecate.
static inline bool lk_frame_is_interlaced(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
    return frame->interlaced_frame != 0;
#endif
}

static inline void lk_frame_mark_progressive(AVFrame *frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    frame->flags &= ~AV_FRAME_FLAG_INTERLACED;
#else
    frame->interlaced_frame = 0;
#endif
}

// Nine numbers; NULL where the stream has no matrix.
static inline const int32_t *lk_stream_display_matrix(const AVStream *stream) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    return data && data->size >= 9 * sizeof(int32_t) ? (const int32_t *)data->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)data : NULL;
#endif
}

// Ends with AV_PIX_FMT_NONE; NULL where the codec takes any.
static inline const enum AVPixelFormat *lk_codec_pixel_formats(const AVCodec *codec) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
    const void *formats = NULL;
    int status = avcodec_get_supported_config(NULL, codec, AV_CODEC_CONFIG_PIX_FORMAT, 0, &formats, NULL);
    return status < 0 ? NULL : (const enum AVPixelFormat *)formats;
#else
    return codec->pix_fmts;
#endif
}

static inline bool lk_frame_is_key(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return (frame->flags & AV_FRAME_FLAG_KEY) != 0;
#else
    return frame->key_frame != 0;
#endif
}

// A number that the decoder hands from a packet to the picture that begins in it; from 1 on, 0 is none.
static inline void lk_tag_packet(AVCodecContext *decoder, AVPacket *packet, int64_t tag) {
#if LIBAVCODEC_VERSION_MAJOR >= 60
    decoder->flags |= AV_CODEC_FLAG_COPY_OPAQUE;
    packet->opaque = (void *)(intptr_t)tag;
#else
    (void)packet;
    decoder->reordered_opaque = tag;
#endif
}

static inline int64_t lk_frame_tag(const AVFrame *frame) {
#if LIBAVCODEC_VERSION_MAJOR >= 60
    return (int64_t)(intptr_t)frame->opaque;
#else
    return frame->reordered_opaque == AV_NOPTS_VALUE ? 0 : frame->reordered_opaque;
#endif
}

// libav tells some losses nowhere but in its log. A context's `opaque`, where it is not NULL, points to their count.
static inline void lk_count(void *counter, int64_t number) {
    if (counter && number > 0) __atomic_fetch_add((int64_t *)counter, number, __ATOMIC_RELAXED);
}
static inline int64_t lk_counted(const int64_t *counter) { return __atomic_load_n(counter, __ATOMIC_RELAXED); }

static inline bool lk_begins(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

static inline void lk_log(void *context, int level, const char *format, va_list arguments) {
    (void)level;
    const AVClass *kind = context ? *(const AVClass **)context : NULL;
    if (!kind) return;
    if (kind == avformat_get_class()) {
        if (!lk_begins(format, "RTP: missed %d packets")) return;
        va_list copy;
        va_copy(copy, arguments);
        lk_count(((AVFormatContext *)context)->opaque, va_arg(copy, int));
        va_end(copy);
    } else if (kind == avcodec_get_class()) {
        // H.264 and HEVC: a picture refers to one that never came.
        if (lk_begins(format, "Frame num gap %d %d") || lk_begins(format, "Could not find ref with POC %d"))
            lk_count(((AVCodecContext *)context)->opaque, 1);
    }
}

// Prints nothing.
static inline void lk_take_log(void) { av_log_set_callback(lk_log); }
