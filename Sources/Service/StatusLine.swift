import Streams

/// The service in a line, for `systemctl status`.
struct StatusLine: CustomStringConvertible {
    let description: String

    init(_ streams: [StreamSnapshot]) {
        let up = streams.count { $0.state == .up }
        let ended = streams.count { $0.state == .ended }
        let decoded = streams.reduce(0) { $0 + $1.frames.decoded }
        // Frames that nobody asked for are not missed.
        let missed = streams.reduce(0) { sum, stream in
            sum + stream.frames.allDropped - stream.frames.dropped[.rate, default: 0]
        }
        var words = "\(up)/\(streams.count) streams up"
        if ended > 0 { words += ", \(ended) ended" }
        let failing = streams.flatMap(\.sinks).count { $0.failure != nil }
        if failing > 0 { words += ", \(failing) \(failing == 1 ? "output fails" : "outputs fail")" }
        if decoded > 0 {
            let permille = (1000 * missed + decoded / 2) / decoded
            words += ", \(permille / 10).\(permille % 10)% dropped"
        }
        description = words
    }
}
