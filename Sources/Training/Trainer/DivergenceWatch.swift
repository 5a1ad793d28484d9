import Foundation

/// Tells when a training has gone wrong for good.
enum DivergenceWatch {
    /// The running average beyond its least at which no training comes back, times and at least.
    static let factor = 1000.0
    static let floor = 1e5

    /// - Returns: what is wrong, in words.
    static func problem(_ counters: TrainingCounters) -> String? {
        guard let average = counters.averageLoss, let least = counters.leastLoss,
            average > floor, average > factor * least
        else { return nil }
        return "the loss has grown from \(least) to \(average)"
    }

    /// - Parameter place: the layer, where one is known to be the first.
    static func error(_ problem: String, iteration: Int, place: String?, files: TrainingFiles) -> TrainingError {
        let advice =
            "Lower the learning rate (--learning-rate, a tenth of it), give it a burn_in, and look at what the network "
            + "is shown (--show-batch); anchors in pixels and wrong labels do this too."
        let resume =
            FileManager.default.fileExists(atPath: files.state)
            ? " The last good checkpoint, \(files.state), was left as it was: --resume goes on from it." : ""
        return TrainingError(
            .diverged, "iteration \(iteration): \(problem)\(place.map { ", first in \($0)" } ?? ""). \(advice)\(resume)"
        )
    }
}
