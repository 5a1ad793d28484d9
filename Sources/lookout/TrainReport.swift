import Darknet
import Foundation
import Streams
import Training

/// What a training came to, and what to do with it.
struct TrainReport {
    private let name: String
    private let isDetector: Bool
    private let iteration: Int
    private let counters: TrainingCounters
    private let isDone: Bool
    private let files: TrainingFiles
    private let cfg: String
    private let names: String?

    init(_ trainer: Trainer, isDone: Bool, cfg: String, names: String?) {
        name = trainer.setup.config.name
        isDetector = trainer.setup.config.region != nil
        iteration = trainer.iteration
        counters = trainer.counters
        files = trainer.files
        self.isDone = isDone
        self.cfg = cfg
        self.names = names
    }

    private var weights: String { isDone ? files.final : files.backup }
    private var bestWeights: String? { counters.best == nil ? nil : files.best }

    func text() -> String {
        var text = "\(name): \(iteration) iterations in \(ProgressLine.clock(counters.seconds))"
        if let loss = counters.averageLoss { text += String(format: ", average loss %.3f", loss) }
        text += "\n  weights: \(weights)\n"
        if let best = counters.best, let at = counters.bestIteration {
            text += String(
                format: "  best: \(files.best), \(isDetector ? "AP50" : "top 1") %.2f, iteration \(at)\n", best)
        }
        text += "  curves: \(files.lossPlot)\(bestWeights == nil ? "" : ", \(files.accuracyPlot)"); log: \(files.log)\n"
        return text
            + (isDone
                ? "next: lookout detect PICTURE --cfg \(Self.quoted(cfg)) --weights \(Self.quoted(bestWeights ?? weights))"
                    + (names.map { " --names \(Self.quoted($0))" } ?? "") + "\n"
                : "next: the same command with --resume, without weights, goes on\n")
    }

    /// As a shell takes it for one word.
    private static func quoted(_ path: String) -> String {
        let isPlain = path.allSatisfy { $0.isLetter || $0.isNumber || "/._-+@%,:=".contains($0) }
        return isPlain && !path.isEmpty ? path : "'\(path.replacing("'", with: "'\\''"))'"
    }

    func json() -> String {
        var json = JSONLine()
        json.object { json in
            json.put("network", name)
            json.put("done", isDone)
            json.put("iterations", iteration)
            json.put("seen", counters.seen)
            json.put("seconds", counters.seconds, decimals: 1)
            if let loss = counters.averageLoss { json.put("average_loss", loss, decimals: 6) }
            json.put("weights", weights)
            if let best = counters.best, let at = counters.bestIteration {
                json.object("best") { json in
                    json.put("weights", files.best)
                    json.put("iteration", at)
                    json.put(isDetector ? "ap50" : "top1", best, decimals: 4)
                }
            }
            json.put("state", files.state)
            json.put("log", files.log)
        }
        return String(decoding: json.terminated, as: UTF8.self)
    }
}
