import Darknet
import Foundation
import Neural

extension Trainer {
    /// Everything as it was at the checkpoint.
    func restore(_ state: TrainingState) throws {
        let perValue = optimiser.optimiser.statePerValue
        guard state.optimiser.count == optimiser.slots.count else {
            throw TrainingError(
                .mismatch,
                "\(files.state): has the optimiser's state of \(state.optimiser.count) groups of parameters, the "
                    + "network trains \(optimiser.slots.count); use the cfg it was trained with")
        }
        for (slot, numbers) in zip(optimiser.slots, state.optimiser) {
            guard numbers.count == perValue * slot.parameter.plainCount else {
                throw TrainingError(
                    .mismatch,
                    "\(files.state): has \(numbers.count) numbers of the optimiser for layer \(slot.parameter.layer), which "
                        + "takes \(perValue * slot.parameter.plainCount); use the cfg it was trained with")
            }
            for part in 0..<perValue {
                let begin = part * slot.parameter.plainCount
                try slot.parameter.set(
                    Array(numbers[begin..<begin + slot.parameter.plainCount]), in: slot.plane(part, of: perValue))
            }
        }
    }

    /// Writes what `restore` reads, and Darknet's files.
    ///
    /// The state first: it alone is what a run resumes from, so that no kill, at whatever moment, leaves parts that do not
    /// belong together. Each file is replaced as a whole or stays.
    func save() throws {
        let weights = try network.weightsFile(seen: counters.seen)
        let header = TrainingState.Header(
            cfg: setup.config.text(), settings: setup.settings, dataFingerprint: dataFingerprint, seed: setup.seed,
            counters: counters)
        let perValue = optimiser.optimiser.statePerValue
        try TrainingState.write(
            header, weights: weights, parameters: optimiser.slots.count,
            optimiser: { index in
                let slot = optimiser.slots[index]
                return try (0..<perValue).flatMap { try slot.parameter.plain(slot.plane($0, of: perValue)) }
            }, to: files.state)
        try weights.write(to: files.backup, for: setup.config)
        var record = TrainingRecord(.checkpoint, iteration: iteration)
        record.file = files.state
        journal.add(record)
    }

    /// A checkpoint that cannot be written leaves the one before as it is; the next may fare better.
    func saveOrWarn() {
        do {
            try save()
        } catch {
            journal.warn("no checkpoint: \(error); the one before stays, training goes on", iteration: iteration)
        }
    }

    /// Darknet's `NAME_100.weights` and so on.
    func saveNumbered() {
        do {
            try network.weightsFile(seen: counters.seen).write(to: files.numbered(iteration), for: setup.config)
        } catch {
            journal.warn("\(files.numbered(iteration)) not kept: \(error); training goes on", iteration: iteration)
        }
    }

    /// Keeps the best weights. What goes wrong with judging them costs a figure, not the training, but for a picture that
    /// is to stop it: the checkpoint is then written first.
    func validateNow(stop: () -> Bool) throws {
        guard let validate, counters.validatedIteration != iteration else { return }
        try checkFinite()
        do {
            let weights = try network.weightsFile(seen: counters.seen)
            guard let validation = try validate(weights, stop) else { return }
            counters.validatedIteration = iteration
            for problem in validation.skipped where toldSkipped.insert(problem).inserted {
                journal.warn("left out of validation: \(problem)", iteration: iteration)
            }
            var record = TrainingRecord(.validation, iteration: iteration)
            (record.ap, record.ap50, record.voc07) = (validation.ap, validation.ap50, validation.voc07)
            (record.accuracy, record.accuracy5) = (validation.accuracy, validation.accuracy5)
            record.isBest = false
            if let score = validation.score, score > counters.best ?? -1 { record.isBest = keepBest(weights, score) }
            journal.add(record)
        } catch let error as TrainingError where error.kind == .badPicture {
            saveOrWarn()
            throw error
        } catch {
            counters.validatedIteration = iteration
            journal.warn("no validation: \(error)", iteration: iteration)
        }
    }

    /// Counts the weights as the best once they are kept as such.
    private func keepBest(_ weights: WeightsFile, _ score: Double) -> Bool {
        do {
            try weights.write(to: files.best, for: setup.config)
            (counters.best, counters.bestIteration) = (score, iteration)
            return true
        } catch {
            journal.warn("best weights not kept: \(error); training goes on", iteration: iteration)
            return false
        }
    }

    /// - Throws: `TrainingError.diverged` before anything that is not finite is kept.
    func checkFinite() throws {
        guard let place = network.firstNonFinite() else { return }
        throw divergence("\(place.what) are no longer finite")
    }

    func divergence(_ problem: String) -> TrainingError {
        let name = { (layer: Int) in "layer \(layer) [\(self.setup.config.layers[layer].name)]" }
        let place =
            network.firstNonFinite().map { "first in \(name($0.layer)) (\($0.what))" }
            ?? largestNumbers().map { "most likely in \(name($0.layer)), whose \($0.what) are up to \($0.magnitude)" }
        // `seen` may be within an iteration.
        let batch = setup.config.net.batch
        let number = (counters.seen + batch - 1) / batch
        journal.warn("\(problem)\(place.map { ", \($0)" } ?? "")", iteration: number)
        return DivergenceWatch.error(problem, iteration: number, place: place, files: files)
    }

    /// Of all parameters and their gradients.
    private func largestNumbers() -> (layer: Int, what: String, magnitude: Float)? {
        var largest: (layer: Int, what: String, magnitude: Float)?
        for parameter in network.parameters {
            let kind = parameter.kind.rawValue
            for (what, numbers) in [(kind, parameter.values), ("gradients of \(kind)", parameter.gradient)] {
                let magnitude = numbers.reduce(0) { max($0, abs($1)) }
                if magnitude > largest?.magnitude ?? 0 { largest = (parameter.layer, what, magnitude) }
            }
        }
        return largest
    }
}
