import Foundation
import Streams

/// Metrics in Prometheus' text format 0.0.4.
struct MetricsText {
    enum Kind: String { case counter, gauge, histogram }

    private(set) var text = ""

    /// A metric: its help, its type, then what `samples` puts.
    mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: (inout Family) -> Void) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        var family = Family(name: name)
        samples(&family)
        text += family.text
    }

    struct Family {
        fileprivate let name: String
        fileprivate var text = ""

        fileprivate init(name: String) { self.name = name }

        mutating func put(_ value: Int, _ labels: KeyValuePairs<String, String> = [:], suffix: String = "") {
            put(String(value), labels, suffix)
        }

        mutating func put(_ value: Double, _ labels: KeyValuePairs<String, String> = [:], suffix: String = "") {
            put("\(value)", labels, suffix)
        }

        private mutating func put(_ value: String, _ labels: KeyValuePairs<String, String>, _ suffix: String) {
            let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            text += "\(name)\(suffix)\(pairs.isEmpty ? "" : "{\(pairs)}") \(value)\n"
        }

        private static func escaped(_ value: String) -> String {
            var text = String.UnicodeScalarView()
            // By scalars: a quote and the accent that follows it are one character, and not a quote.
            for scalar in value.unicodeScalars {
                switch scalar {
                case "\\", "\"": text += ["\\", scalar]
                case "\n": text += ["\\", "n"]
                default: text.append(scalar)
                }
            }
            return String(text)
        }
    }
}

/// What the streams have counted.
func metricsText(_ streams: [StreamSnapshot], version: String) -> MetricsText {
    var metrics = MetricsText()
    metrics.family("lookout_build_info", .gauge, "The running version.") { $0.put(1, ["version": version]) }
    metrics.add(streams)
    return metrics
}

extension MetricsText {
    fileprivate mutating func add(_ streams: [StreamSnapshot]) {
        each(streams, "lookout_stream_up", .gauge, "Whether pictures arrive.") { $0.state == .up ? 1 : 0 }
        family("lookout_frames_total", .counter, "Frames by what became of them.") { family in
            for stream in streams {
                family.put(stream.frames.analysed, ["stream": stream.name, "outcome": "analysed"])
                for drop in FrameCounts.Drop.allCases {
                    family.put(
                        stream.frames.dropped[drop] ?? 0, ["stream": stream.name, "outcome": drop.rawValue])
                }
            }
        }
        each(streams, "lookout_frames_decoded_total", .counter, "Frames decoded.") { $0.frames.decoded }
        family("lookout_packets_skipped_total", .counter, "Coded frames not decoded, to catch up.") { family in
            for stream in streams {
                for skip in FrameCounts.Skip.allCases {
                    family.put(stream.frames.skipped[skip] ?? 0, ["stream": stream.name, "reason": skip.rawValue])
                }
            }
        }
        each(streams, "lookout_packets_lost_total", .counter, "Packets lost by the network.") { $0.lostPackets }
        each(streams, "lookout_decode_errors_total", .counter, "Packets and frames that could not be decoded.") {
            $0.decodeErrors
        }
        each(streams, "lookout_reconnects_total", .counter, "Connections after the first.") { $0.reconnects }
        family(
            "lookout_last_frame_timestamp_seconds", .gauge, "Capture time of the newest frame, in seconds since 1970."
        ) { family in
            for stream in streams {
                guard let time = stream.lastFrame else { continue }
                family.put(time.timeIntervalSince1970, ["stream": stream.name])
            }
        }
        addInput(streams)
        addLatency(streams)
        family("lookout_detections_total", .counter, "Detections by class.") { family in
            for stream in streams {
                for (name, count) in stream.detections.sorted(by: { $0.key < $1.key }) {
                    family.put(count, ["stream": stream.name, "class": name])
                }
            }
        }
        addSinks(streams)
    }

    private mutating func addInput(_ streams: [StreamSnapshot]) {
        let streams = streams.filter { $0.inputWidth > 0 }
        each(streams, "lookout_stream_input_width_pixels", .gauge, "Width that frames are analysed at.") {
            $0.inputWidth
        }
        each(streams, "lookout_stream_input_height_pixels", .gauge, "Height that frames are analysed at.") {
            $0.inputHeight
        }
    }

    private mutating func addLatency(_ streams: [StreamSnapshot]) {
        family("lookout_capture_to_log_seconds", .histogram, "From a frame's arrival to its record.") { family in
            for stream in streams {
                for (bound, count) in stream.latency.cumulative {
                    family.put(count, ["stream": stream.name, "le": bound], suffix: "_bucket")
                }
                family.put(stream.latency.sum, ["stream": stream.name], suffix: "_sum")
                family.put(stream.latency.count, ["stream": stream.name], suffix: "_count")
            }
        }
    }

    private mutating func addSinks(_ streams: [StreamSnapshot]) {
        let sinks = streams.flatMap { stream in stream.sinks.map { (stream.name, $0) } }
        let families: [(String, Kind, String, (SinkStatus) -> Int)] = [
            ("lookout_sink_up", .gauge, "Whether an output takes what it is given.", { $0.failure == nil ? 1 : 0 }),
            ("lookout_sink_written_total", .counter, "Records or frames written.", { $0.written }),
            ("lookout_sink_lost_total", .counter, "Records or frames that could not be written.", { $0.lost }),
        ]
        for (name, kind, help, value) in families {
            family(name, kind, help) { family in
                for (stream, sink) in sinks {
                    family.put(value(sink), ["stream": stream, "sink": sink.kind.rawValue])
                }
            }
        }
    }

    /// A metric with one value for each stream.
    private mutating func each(
        _ streams: [StreamSnapshot], _ name: String, _ kind: Kind, _ help: String, _ value: (StreamSnapshot) -> Int
    ) {
        family(name, kind, help) { family in
            for stream in streams { family.put(value(stream), ["stream": stream.name]) }
        }
    }
}

extension LatencyHistogram {
    /// How many took at most so many seconds, by rising bound; the last is "+Inf".
    var cumulative: [(bound: String, count: Int)] {
        var sum = 0
        return zip(Self.bounds.map { "\($0)" } + ["+Inf"], counts).map { bound, count in
            sum += count
            return (bound, sum)
        }
    }
}
