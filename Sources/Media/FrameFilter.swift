import CFFmpeg
import Glibc
import Pipeline

/// A chain of libavfilter filters, one picture out for each picture in. The only owner of its graph.
final class FrameFilter {
    private let graph: UnsafeMutablePointer<AVFilterGraph>
    private let source: UnsafeMutablePointer<AVFilterContext>
    private let sink: UnsafeMutablePointer<AVFilterContext>
    private let subject: String
    /// Unit of the timestamps that come out.
    let timeBase: Rational

    /// - Parameter chain: filters in libavfilter's own words, such as `["yadif=deint=interlaced", "hflip"]`.
    init(_ chain: [String], like frame: Frame, subject: String) throws(MediaError) {
        self.subject = subject
        let graph = try allocated(avfilter_graph_alloc(), "avfilter_graph_alloc")
        graph.pointee.nb_threads = Int32(Processors.codecThreads)
        do {
            let layout = frame.layout
            let aspect = layout.pixelAspect.isPositive ? layout.pixelAspect : Rational(0, 1)
            let arguments =
                "video_size=\(layout.width)x\(layout.height):pix_fmt=\(layout.format)"
                + ":time_base=\(frame.timeBase):pixel_aspect=\(aspect)"
            var source: UnsafeMutablePointer<AVFilterContext>?
            var sink: UnsafeMutablePointer<AVFilterContext>?
            try check(
                avfilter_graph_create_filter(&source, avfilter_get_by_name("buffer"), "in", arguments, nil, graph),
                "avfilter buffer \(arguments)", subject, .unsupported)
            try check(
                avfilter_graph_create_filter(&sink, avfilter_get_by_name("buffersink"), "out", nil, nil, graph),
                "avfilter buffersink", subject, .unsupported)
            let (input, output) = (try allocated(source, "buffer"), try allocated(sink, "buffersink"))
            try Self.link(chain, in: graph, from: input, to: output, subject: subject)
            self.graph = graph
            self.source = input
            self.sink = output
            timeBase = Rational(av_buffersink_get_time_base(output))
        } catch {
            var owned: UnsafeMutablePointer<AVFilterGraph>? = graph
            avfilter_graph_free(&owned)
            throw error
        }
    }

    deinit {
        var owned: UnsafeMutablePointer<AVFilterGraph>? = graph
        avfilter_graph_free(&owned)
    }

    /// Hands in a picture (`nil`: the end) and gives those that are ready, with `timeBase` and `timestamp` set.
    func filter(_ frame: Frame?) throws(MediaError) -> [Frame] {
        if let frame { frame.pointer.pointee.pts = frame.timestamp }
        try check(
            av_buffersrc_add_frame_flags(source, frame?.pointer, Int32(AV_BUFFERSRC_FLAG_KEEP_REF)),
            "av_buffersrc_add_frame", subject, .badData)
        var ready: [Frame] = []
        while true {
            let next = try Frame()
            let status = av_buffersink_get_frame(sink, next.pointer)
            if status == lk_averror(EAGAIN) || status == lk_averror_eof { return ready }
            try check(status, "av_buffersink_get_frame", subject, .badData)
            next.timeBase = timeBase
            next.timestamp = next.pointer.pointee.pts
            ready.append(next)
        }
    }

    private static func link(
        _ chain: [String], in graph: UnsafeMutablePointer<AVFilterGraph>,
        from source: UnsafeMutablePointer<AVFilterContext>, to sink: UnsafeMutablePointer<AVFilterContext>,
        subject: String
    ) throws(MediaError) {
        var outputs: UnsafeMutablePointer<AVFilterInOut>? = avfilter_inout_alloc()
        var inputs: UnsafeMutablePointer<AVFilterInOut>? = avfilter_inout_alloc()
        defer {
            avfilter_inout_free(&outputs)
            avfilter_inout_free(&inputs)
        }
        // Seen from the chain: its open input is fed by `source`, its open output feeds `sink`.
        let (open, closed) = (
            try allocated(outputs, "avfilter_inout_alloc"), try allocated(inputs, "avfilter_inout_alloc")
        )
        open.pointee.name = av_strdup("in")
        open.pointee.filter_ctx = source
        closed.pointee.name = av_strdup("out")
        closed.pointee.filter_ctx = sink
        let description = chain.joined(separator: ",")
        try check(
            avfilter_graph_parse_ptr(graph, description, &inputs, &outputs, nil),
            "avfilter_graph_parse \(description)", subject, .unsupported)
        try check(avfilter_graph_config(graph, nil), "avfilter_graph_config \(description)", subject, .unsupported)
    }
}
