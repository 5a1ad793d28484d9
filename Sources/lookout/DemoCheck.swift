import Foundation
import Media
import Neural
import Streams
import Street

/// What must be so after a demo on any machine. Each problem is a sentence for people.
enum DemoCheck {
    /// - Parameters:
    ///   - path: the log's.
    ///   - frames: rendered.
    ///   - body: takes each frame of the log.
    /// - Returns: also the first frame in which something was found, as the log has it.
    static func problems(
        ofLog path: String, _ summary: RecordingSummary, frames: Int, street: StreetOptions,
        _ body: (LoggedFrame) -> Void = { _ in }
    ) -> (problems: [String], example: String?) {
        var problems: [String] = []
        if summary.decodeErrors > 0 {
            problems.append("\(summary.decodeErrors) damaged packets or pictures in a video that was just made")
        }
        var isSized = true
        let log: LoggedFrames
        do {
            log = try LoggedFrames(contentsOf: path) { frame in
                isSized = isSized && frame.width == street.width && frame.height == street.height
                body(frame)
            }
        } catch {
            return (problems + ["\(error)"], nil)
        }
        if log.count != frames || !log.isInOrder {
            problems.append("the log has \(log.count) frame records that are not the \(frames) pictures in order")
        }
        if !isSized {
            problems.append("the log has pictures of another size than \(street.width)x\(street.height)")
        }
        if let end = log.end {
            if end.decoded != frames || end.analysed != frames || end.dropped != 0 {
                problems.append(
                    "of \(frames) pictures the log counts \(end.decoded) decoded, \(end.analysed) analysed and "
                        + "\(end.dropped) dropped")
            }
        } else {
            problems.append("the log has no stream_end record")
        }
        return (problems, log.example)
    }

    /// Decodes the annotated video.
    static func problems(ofVideo path: String, frames: Int) -> [String] {
        do {
            let source = try VideoSource(path)
            var decoded = 0
            while let item = try source.next() {
                if case .frame = item { decoded += 1 }
            }
            guard decoded == frames, source.decodeErrors == 0 else {
                return ["\(path) has \(decoded) of \(frames) pictures, \(source.decodeErrors) of them damaged"]
            }
            return []
        } catch {
            return ["\(error)"]
        }
    }

    /// Precision and recall against what they must be.
    static func problems(of report: DemoReport) -> [String] {
        guard let exact = report.looks[.fp32]?.score.total else { return ["nothing was looked at in fp32"] }
        guard report.isJudged else { return [] }
        if report.scene.isUsual && exact.objects < DemoModel.usualObjects {
            return [
                "only \(exact.objects) objects were to be found in the usual street; there must be at least "
                    + "\(DemoModel.usualObjects)"
            ]
        }
        let least = report.scene.isUsual ? DemoModel.leastOfUsual : DemoModel.leastOfAny
        let fast = report.looks[.int8]?.score.total
        return [("precision", \DemoScore.Counts.precision), ("recall", \DemoScore.Counts.recall)].flatMap { name, key in
            let value = exact[keyPath: key] ?? 0
            var problems: [String] = []
            if value < least {
                problems.append(String(format: "%@ is %.3f; it must be at least %.2f", name, value, least))
            }
            if let fast {
                let other = fast[keyPath: key] ?? 0
                if other < value - DemoModel.mostLoss {
                    problems.append(
                        String(
                            format: "%@ in int8 is %.3f, more than %.2f below the %.3f in fp32", name, other,
                            DemoModel.mostLoss, value))
                }
            }
            return problems
        }
    }
}
