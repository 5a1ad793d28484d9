// libav for Swift: the headers, and only what Swift cannot import from them.
#pragma once
#include <stdbool.h>
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
