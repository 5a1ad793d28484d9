import Darknet
import Foundation
import TestSupport
import Testing

@testable import Training

@Suite("TrainingState") struct TrainerStateTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("a.state")
    }

    private func write() throws -> WeightsFile {
        let config = try TrainerBench.config()
        let weights = try WeightsFile.random(for: config)
        var counters = TrainingCounters(seen: 1234)
        (counters.averageLoss, counters.best) = (0.1 + 0.2, 71.25)
        let header = TrainingState.Header(
            cfg: config.text(), settings: ["a": "b"], dataFingerprint: .max, seed: 7, counters: counters)
        try TrainingState.write(
            header, weights: weights, parameters: 3, optimiser: { [Float](repeating: Float($0) + 0.1, count: $0) },
            to: path)
        return weights
    }

    @Test func comesBackAsItWas() throws {
        let weights = try write()
        let state = try TrainingState(contentsOf: path)
        #expect(state.weights.layers == weights.layers)
        #expect(state.weights.header.seen == 1234)
        #expect(state.optimiser == [[], [1.1], [2.1, 2.1]])
        #expect(state.header.counters.averageLoss == 0.1 + 0.2)
        #expect(state.header.seed == 7 && state.header.dataFingerprint == .max)
    }

    @Test(arguments: [-4, .min, 1 << 62]) func countsThatNothingHasAreRefused(_ seen: Int) throws {
        let header = TrainingState.Header(
            cfg: "", settings: [:], dataFingerprint: 0, seed: 1, counters: TrainingCounters(seen: seen))
        try TrainingState.write(
            header, weights: WeightsFile(layers: [:]), parameters: 0, optimiser: { _ in [] }, to: path)
        #expect(throws: DarknetError.self) { try TrainingState(contentsOf: path) }
    }

    @Test func anyDamageIsFound() throws {
        _ = try write()
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SplitMix64(seed: 3)
        for _ in 0..<300 {
            var bytes = whole
            bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1) << (random.next() % 8)
            try folder.write(bytes, to: "a.state")
            #expect(throws: DarknetError.self) { try TrainingState(contentsOf: path) }
        }
        for length in Array(0..<64) + (0..<50).map({ whole.count - 1 - $0 * 97 }) {
            try folder.write(whole.prefix(length), to: "a.state")
            #expect(throws: DarknetError.self) { try TrainingState(contentsOf: path) }
        }
        try folder.write(whole + [0], to: "a.state")
        #expect(throws: DarknetError.self) { try TrainingState(contentsOf: path) }
        #expect(throws: DarknetError.self) { try TrainingState(contentsOf: folder.file("none")) }
    }
}
