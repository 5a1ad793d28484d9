import Foundation

/// Tells when a training has gone wrong for good, though all its numbers are finite.
///
/// A single batch may well be bad, and healthy detectors begin with losses of hundreds: only what stays bad counts.
struct DivergenceWatch {
    /// The loss over that of the first iteration, at which it is bad.
    static let factor = 100.0
    /// The least loss a picture that is bad.
    static let floor = 1000.0
    /// Iterations in a row that are bad, after which no training comes back.
    static let patience = 50

    private var badIterations = 0

    /// - Parameters:
    ///   - loss: of an iteration, a picture.
    ///   - first: of the first one.
    /// - Returns: what is wrong, in words.
    mutating func problem(loss: Double, first: Double) -> String? {
        badIterations = loss > max(Self.floor, Self.factor * first) ? badIterations + 1 : 0
        guard badIterations >= Self.patience else { return nil }
        return "the loss was \(first) at first and is \(loss), after \(badIterations) iterations as bad"
    }

    /// - Parameter place: the layer that is likely to be where it began.
    static func error(_ problem: String, iteration: Int, place: String?, files: TrainingFiles) -> TrainingError {
        let advice =
            "Lower the learning rate (--learning-rate, a tenth of it), give it a burn_in, and look at what the network "
            + "is shown (--show-batch); anchors in pixels and wrong labels do this too."
        let resume =
            FileManager.default.fileExists(atPath: files.state)
            ? " The last good checkpoint, \(files.state), was left as it was: --resume goes on from it." : ""
        return TrainingError(
            .diverged, "iteration \(iteration): \(problem)\(place.map { ", \($0)" } ?? ""). \(advice)\(resume)")
    }
}
