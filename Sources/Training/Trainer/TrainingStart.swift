import Darknet
import Foundation

/// Where a training starts.
public enum TrainingStart: Sendable {
    /// Random weights.
    case scratch
    /// Weights, whole or in part; `isCleared`: as if they had seen nothing, which holds as well where a part starts anew.
    case weights(WeightsFile, isCleared: Bool)
    /// Where an earlier run of the same setup was at its last checkpoint.
    case state(TrainingState)

    /// Goes on from the checkpoint among these files.
    public static func resumed(_ files: TrainingFiles) throws -> TrainingStart {
        guard FileManager.default.fileExists(atPath: files.state) else {
            throw TrainingError(
                .mismatch,
                "\(files.state): no such file, so there is nothing to resume; leave --resume out, or give the --output "
                    + "of the training to go on with")
        }
        return .state(try TrainingState(contentsOf: files.state))
    }

    /// Of the run that is resumed.
    public var seed: UInt64? {
        if case .state(let state) = self { state.header.seed } else { nil }
    }

    /// Images that its weights have seen.
    public var seen: Int { counters.seen }

    public var isFromScratch: Bool {
        if case .scratch = self { true } else { false }
    }

    var weights: WeightsFile? {
        switch self {
        case .scratch: nil
        case .weights(let weights, _): weights
        case .state(let state): state.weights
        }
    }

    var counters: TrainingCounters {
        switch self {
        case .scratch: TrainingCounters()
        case .weights(let weights, let isCleared):
            TrainingCounters(
                seen: isCleared || weights.extent == .partial
                    ? 0 : Int(min(weights.header.seen, UInt64(TrainingCounters.mostSeen))))
        case .state(let state): state.header.counters
        }
    }

    /// Checks that it is one of this network, before that is made of it.
    func check(for config: NetworkConfig, files: TrainingFiles) throws {
        switch self {
        case .scratch: break
        case .weights(let weights, _):
            try weights.check(for: config, origin: "the file of weights")
            guard seen < TrainingCounters.mostSeen else {
                throw TrainingError(
                    .mismatch,
                    "the weights claim to have seen \(weights.header.seen) pictures, which nothing has: their header is "
                        + "damaged or of another program; --clear begins at 0")
            }
        case .state(let state):
            do {
                try state.weights.check(for: config, origin: files.state)
            } catch {
                var told = error
                told.message +=
                    "; --resume goes on with the cfg as it was. To train a changed network, give another --output and "
                    + "what fits of \(files.backup) as WEIGHTS (lookout model partial cuts the first layers out)"
                throw told
            }
        }
    }

    /// Which layers begin with random numbers, in words; `nil`: none, or all as asked for.
    public func newLayers(of config: NetworkConfig) -> String? {
        guard case .weights(let weights, _) = self else { return nil }
        let missing = config.layers.indices.filter { index in
            if case .convolutional = config.layers[index].kind { weights.layers[index] == nil } else { false }
        }
        guard let first = missing.first else { return nil }
        let names =
            missing.count > 3
            ? "\(first) to \(missing[missing.count - 1])" : missing.map(String.init).joined(separator: ", ")
        return
            "starting anew: layer\(missing.count == 1 ? "" : "s") \(names) (the weights hold \(weights.layers.count) of "
            + "\(weights.layers.count + missing.count) convolutions)"
    }
}
