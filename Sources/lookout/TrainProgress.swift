import Darknet
import Foundation
import Pipeline
import Training

/// What is seen of a training while it goes on: one line that is written over, or, where stderr is no terminal, a line
/// now and then. One thread.
final class TrainProgress {
    private let maxBatches: Int
    private let isQuiet: Bool
    private var next = MonotonicTime.now

    init(_ setup: TrainingSetup, isQuiet: Bool) {
        maxBatches = setup.config.net.maxBatches
        self.isQuiet = isQuiet
    }

    func show(_ record: TrainingRecord) {
        switch record.type {
        case .warning: note("warning: \(record.message ?? "")", always: true)
        case .validation: note(Self.text(validation: record))
        case .iteration:
            let now = MonotonicTime.now
            guard !isQuiet, now >= next else { return }
            next = now + (Diagnostics.isTerminal ? 0.2 : 30)
            let line = Self.text(record, maxBatches: maxBatches)
            Diagnostics.write(
                Diagnostics.isTerminal ? "\r\u{1B}[K" + line.prefix(ProgressLine.columns - 1) : "lookout: \(line)\n")
        case .start, .checkpoint, .size, .end: break
        }
    }

    /// On a terminal only: it ends with a line of its own.
    func showValidation(_ done: Int, of count: Int) {
        let now = MonotonicTime.now
        guard !isQuiet, Diagnostics.isTerminal, now >= next else { return }
        next = now + 0.2
        Diagnostics.write("\r\u{1B}[K" + "validation: \(done)/\(count) pictures".prefix(ProgressLine.columns - 1))
    }

    func clear() { if Diagnostics.isTerminal { Diagnostics.write("\r\u{1B}[K") } }

    private func note(_ text: String, always: Bool = false) {
        guard always || !isQuiet else { return }
        clear()
        Diagnostics.note("lookout: \(text)")
    }

    static func text(_ record: TrainingRecord, maxBatches: Int) -> String {
        let number = { (value: Double?, format: String) in value.map { String(format: format, $0) } ?? "-" }
        var text = "\(record.iteration)" + (maxBatches > 0 ? "/\(maxBatches)" : "")
        text += ": loss \(number(record.loss, "%.3f")), average \(number(record.averageLoss, "%.3f"))"
        if let top1 = record.top1 { text += String(format: ", top 1 %.2f", top1) }
        if record.box != nil {
            text += " (box \(number(record.box, "%.2f")), object \(number(record.objectness, "%.2f"))"
            text += ", none \(number(record.noObjectness, "%.2f")), class \(number(record.classes, "%.2f")))"
            text += ", IoU \(number(record.iou, "%.2f")), recall \(number(record.recall, "%.2f"))"
        }
        text += ", rate \(number(record.learningRate, "%.3g")), \(number(record.imagesPerSecond, "%.1f")) images/s"
        if let left = record.secondsLeft { text += ", \(ProgressLine.clock(left)) left" }
        return text
    }

    static func text(validation record: TrainingRecord) -> String {
        let figures = [
            ("AP50", record.ap50), ("AP", record.ap), ("VOC", record.voc07), ("top 1", record.accuracy),
            ("top 5", record.accuracy5),
        ].compactMap { name, value in value.map { String(format: "\(name) %.2f", $0) } }
        return "iteration \(record.iteration): " + figures.joined(separator: ", ")
            + (record.isBest == true ? ", the best so far" : "")
    }
}
